"""What is written for a mention once X has answered: the embed and the edit for its place, or why
it is left as it is.
"""

from dataclasses import dataclass, replace
from itertools import pairwise

from service.core.article import DEFAULT, Options
from service.core.errors import UpstreamError
from service.core.html.document import LINE_BREAK
from service.core.mentions import Mention, NotPlaceable, Range, ReplaceContent, ReplaceElement
from service.core.model import EmbedStyle, Form, Reason, SafeHtml, State, Tweet, UnavailableTweet
from service.core.oembed.response import read_blockquote, read_style
from service.core.render.blockquote import render_blockquote
from service.core.render.messages import messages
from service.core.render.variants import (
    render_amp,
    render_link,
    render_quote,
    render_tombstone,
    with_consent,
    without_consent,
)
from service.core.rewrite.edits import (
    Edit,
    Placeable,
    expand_to_inline_boundary,
    removed,
    set_in_place,
)
from service.core.sanitize.sanitizer import accept_existing
from service.core.urls.tweet_links import host_of
from service.core.verify import CERTAIN, Proof, texts_match

_X_HOSTS = frozenset({"x.com", "www.x.com", "mobile.x.com", "m.x.com"})
_MAY_STAY = frozenset({Form.BLOCKQUOTE, Form.CARD, Form.OEMBED, Form.BLOCK})
"""Forms in which a blockquote within the allow-list stays where it is, and what is around it."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What becomes of a mention: the embed's HTML where there is one, and the edit where something
    is to be written.
    """

    state: State
    reason: Reason | None = None
    html: SafeHtml | None = None
    edit: Edit | None = None
    confidence: float | None = None


def effective_style(text: str, mention: Mention, options: Options) -> EmbedStyle:
    """Return how an embed is to look: as the caller asks, else as the article's own embed says,
    else X's default.

    A link has no look of its own that could come in again, so for `link` only the caller
    counts.
    """
    own = mention.style or EmbedStyle(dnt=False)
    if options.render == "link":
        own = EmbedStyle(dnt=False)
    elif body := _body(text, mention):
        own = read_style(body)
    return EmbedStyle(
        theme=options.theme or own.theme,
        lang=options.lang or own.lang,
        align=options.align or own.align,
        max_width=options.max_width or own.max_width,
        hide_media=options.hide_media or own.hide_media,
        hide_thread=options.hide_thread or own.hide_thread,
        dnt=options.dnt or own.dnt,
        media_only=own.media_only,
    )


def decide(
    text: str,
    mention: Mention,
    tweet: Tweet,
    style: EmbedStyle,
    proof: Proof | None,
    options: Options = DEFAULT,
) -> Decision:
    """Decide what is written for a mention of `tweet`. `proof` is there where the words had to
    prove it.
    """
    confidence = proof.confidence if proof else CERTAIN
    if mention.form is Form.BLOCK and mention.part is None and options.render == "blockquote":
        return Decision(
            State.KEPT,
            Reason.BLOCK,
            edit=_canonical_block(text, mention, tweet),
            confidence=confidence,
        )
    point = mention.insertion_point
    if isinstance(point, NotPlaceable):
        return Decision(State.KEPT, point.reason, confidence=confidence)
    own = _intact(_body(text, mention), tweet) if options.intact == "keep" else None
    if (
        own is not None
        and mention.body
        and options.render == "blockquote"
        and mention.form in _MAY_STAY
    ):
        return Decision(State.EMBEDDED, Reason.INTACT, own, confidence=confidence)
    try:
        html = _rendering(own, tweet, style, options)
    except UpstreamError as trouble:
        return Decision(State.FAILED, trouble.reason, confidence=confidence)
    if html == text[mention.span.start : mention.span.end]:
        return Decision(State.EMBEDDED, Reason.INTACT, html, confidence=confidence)
    edit = _put(text, mention, proof, html)
    return (
        Decision(State.EMBEDDED, None, html, edit, confidence)
        if edit
        else Decision(State.KEPT, Reason.MIXED, confidence=confidence)
    )


def _body(text: str, mention: Mention) -> str:
    """Return the blockquote with the tweet's own words, as it stands in the article; empty where
    there is none.
    """
    span = mention.body or (mention.span if mention.form is Form.BLOCKQUOTE else None)
    return text[span.start : span.end] if span else ""


def _intact(body: str, tweet: Tweet) -> SafeHtml | None:
    """Pass the article's own embed if it is within the allow-list and its words agree with the
    tweet's.
    """
    own = accept_existing(without_consent(body))
    written = read_blockquote(own) if own is not None else None
    return own if written is not None and texts_match(written, tweet) else None


def _rendering(own: SafeHtml | None, tweet: Tweet, style: EmbedStyle, options: Options) -> SafeHtml:
    """Write a tweet as the caller asks. An intact blockquote stays byte for byte, in `consent`
    within its wrapper.
    """
    if options.render == "link":
        return render_link(tweet)
    if options.render == "amp":
        return render_amp(tweet, style)
    embed = own or render_blockquote(tweet, style)
    return (
        with_consent(embed, messages(style.lang, tweet.lang))
        if options.render == "consent"
        else embed
    )


def decide_unavailable(
    text: str,
    mention: Mention,
    absent: UnavailableTweet,
    style: EmbedStyle,
    options: Options = DEFAULT,
) -> Decision:
    """Decide what is written for a tweet that is gone or protected, where the markup or the address
    states the tweet.

    `keep`: the article's own words stay, as a blockquote of the allow-list; after a takedown it
    acts as `tombstone`.
    """
    left = Decision(absent.state, absent.reason, confidence=CERTAIN)
    point = mention.insertion_point
    cut = None if isinstance(point, NotPlaceable) else _cut(mention, point, None)
    if isinstance(point, NotPlaceable) or cut is None:
        return left
    body = _body(text, mention)
    written = read_blockquote(body) if body else None
    if options.gone == "remove":
        return replace(left, edit=removed(point, cut))
    try:
        if options.gone == "tombstone" or absent.reason is Reason.TAKEDOWN:
            html = render_tombstone(messages(style.lang, written.lang if written else None))
        elif written is not None:
            html = accept_existing(without_consent(body)) or render_blockquote(written, style)
        else:
            return left
    except UpstreamError:
        return left
    stays = html == body and mention.form in _MAY_STAY
    return replace(left, html=html, edit=None if stays else _put(text, mention, None, html))


def decide_quote(text: str, mention: Mention, proof: Proof) -> Decision | None:
    """Write the article's own words of a flattened tweet as a quotation, where `proof` tells which
    they are though not whose they are.
    """
    flat = mention.flat
    if flat is None or not mention.is_placeable:
        return None
    shown = flat.visible.text.replace(LINE_BREAK, "\n")
    try:
        html = render_quote(
            shown[proof.start : flat.attribution_start],
            shown[flat.attribution_start : flat.attribution_end],
        )
    except UpstreamError:
        return None
    edit = _put(text, mention, proof, html)
    return Decision(State.UNIDENTIFIED, None, html, edit) if edit else None


def _put(text: str, mention: Mention, proof: Proof | None, html: SafeHtml) -> Edit | None:
    """Return the edit that puts `html` in a mention's place; None if that would harm what stands
    around.

    A block with delimiters becomes a block of raw HTML, its caption inside.
    """
    point = mention.insertion_point
    cut = None if isinstance(point, NotPlaceable) else _cut(mention, point, proof)
    if isinstance(point, NotPlaceable) or cut is None:
        return None
    edit = set_in_place(point, cut, html)
    if mention.caption is not None and mention.part is None:
        caption = text[mention.caption.start : mention.caption.end]
        edit = replace(edit, text=edit.text.replace(html, f"<figure>{html}{caption}</figure>", 1))
    return edit


def _canonical_block(text: str, mention: Mention, tweet: Tweet) -> Edit | None:
    """Return the edit that makes the address of a block canonical, wherever it stands in it;
    None if it is.

    x.com stays; every other host becomes twitter.com, which every version of WordPress embeds.
    """
    stays_x = host_of(mention.urls[0] if mention.urls else "") in _X_HOSTS
    host = "x.com" if stays_x else "twitter.com"
    address = f"https://{host}/{tweet.permalink.path}"
    places = [span for span in mention.addresses if text[span.start : span.end] != address]
    if not places:
        return None
    between = [text[before.end : after.start] for before, after in pairwise(places)]
    written = address + "".join(part + address for part in between)
    return Edit(places[0].start, places[-1].end, written, block=False)


def _cut(mention: Mention, point: Placeable, proof: Proof | None) -> Range | None:
    """Return the characters that the embed replaces; None if they are not to be had without harm to
    what stands around.
    """
    flat = mention.flat
    span = (mention.span.start, mention.span.end)
    part = (mention.part.start, mention.part.end) if mention.part else None
    if flat is not None and proof is None:
        # an element or a shortcode amid other words of its paragraph
        return expand_to_inline_boundary(flat, part or span)
    if part is not None:
        return part
    if flat is None or proof is None:
        whole = not isinstance(point, ReplaceContent) and span == point.span
        return point.content if whole else span
    if mention.form is Form.BLOCKQUOTE:
        return point.content
    if isinstance(point, ReplaceElement):  # a quotation: all of it, or nothing
        return point.content if not flat.visible.text[: proof.start].strip() else None
    return expand_to_inline_boundary(flat, flat.visible.source(proof.start, proof.end))
