"""What is written for a mention once X has answered: the embed and the edit for its place, or why it is left as it is."""

from dataclasses import dataclass, replace

from service.core.detect.mention import Mention
from service.core.model import Form, Look, SafeHtml, State, TroubleError, Tweet, Why
from service.core.oembed import read_blockquote, read_look
from service.core.prove import CERTAIN, Proof, agree
from service.core.render import render_blockquote
from service.core.sanitize import is_within_allow_list
from service.core.splice import Edit, set_in_place, widened


@dataclass(frozen=True, slots=True)
class Composed:
    """What becomes of a mention: the embed's HTML where there is one, and the edit where something is to be written."""

    state: State
    reason: Why | None = None
    html: SafeHtml | None = None
    edit: Edit | None = None
    confidence: float | None = None


def look_of(text: str, mention: Mention) -> Look:
    """Give how the article's own embed is to look; X's default where it is none, and always without tracking (`dnt`)."""
    if mention.form is not Form.BLOCKQUOTE:
        return Look()
    return replace(read_look(text[mention.span.start : mention.span.end]), dnt=True)


def compose(text: str, mention: Mention, tweet: Tweet, look: Look, proof: Proof | None) -> Composed:
    """Decide what is written for a mention of `tweet`. `proof` is there where the words had to prove it."""
    confidence = proof.confidence if proof else CERTAIN
    if not mention.shell.place:
        return Composed(State.KEPT, Why.PLACE, confidence=confidence)
    fragment = text[mention.span.start : mention.span.end]
    if mention.form is Form.BLOCKQUOTE and is_within_allow_list(fragment):
        written = read_blockquote(fragment)
        if written is not None and agree(written, tweet):
            return Composed(State.EMBEDDED, Why.INTACT, SafeHtml(fragment), confidence=confidence)
    try:
        html = render_blockquote(tweet, look)
    except TroubleError as trouble:
        return Composed(State.FAILED, trouble.reason, confidence=confidence)
    cut = _cut(mention, proof)
    if cut is None:
        return Composed(State.KEPT, Why.MIXED, confidence=confidence)
    return Composed(State.EMBEDDED, None, html, set_in_place(mention.shell, cut, html), confidence)


def compose_absent(text: str, mention: Mention, state: State, reason: Why | None) -> Composed:
    """Decide what is written for a tweet that is gone or protected: the article's own words stay, as a blockquote of the allow-list."""
    stated = mention.form is Form.BLOCKQUOTE and mention.tweet is not None
    fragment = text[mention.span.start : mention.span.end]
    written = read_blockquote(fragment) if stated and mention.shell.place else None
    if written is None:
        return Composed(state, reason)
    if is_within_allow_list(fragment):
        return Composed(state, reason, SafeHtml(fragment), confidence=CERTAIN)
    try:
        html = render_blockquote(written, look_of(text, mention))
    except TroubleError:
        return Composed(state, reason, confidence=CERTAIN)
    return Composed(state, reason, html, set_in_place(mention.shell, mention.shell.content, html), CERTAIN)


def _cut(mention: Mention, proof: Proof | None) -> tuple[int, int] | None:
    """Give the characters that the embed replaces; None if they are not to be had without harm to what stands around."""
    flat = mention.flat
    if flat is None or proof is None:
        return (mention.span.start, mention.span.end) if mention.shell.whole is None else _lone(mention)
    if mention.form is Form.BLOCKQUOTE:
        return mention.shell.content
    if mention.shell.whole is not None and mention.shell.reopen is None:  # a blockquote: all of it, or nothing
        return mention.shell.content if not flat.visible.text[: proof.start].strip() else None
    start, end = flat.visible.source(proof.start, proof.end)
    return widened(flat, (start, end))


def _lone(mention: Mention) -> tuple[int, int]:
    """Give the characters of a lone address, the whole content if it is all of its paragraph."""
    span = mention.span.start, mention.span.end
    return mention.shell.content if span == mention.shell.whole else span
