"""What is written for a mention once X has answered: the embed and the edit for its place, or why
it is left as it is.
"""

from dataclasses import dataclass, replace

from service.core.article import DEFAULT, Options
from service.core.errors import UpstreamError
from service.core.html.document import LINE_BREAK
from service.core.mentions import Mention, NotPlaceable
from service.core.model import (
    EmbedStyle,
    Form,
    Reason,
    SafeHtml,
    State,
    Tweet,
    UnavailableTweet,
)
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
from service.core.rewrite.edits import Edit
from service.core.rewrite.embed_block import canonical_block
from service.core.rewrite.embed_edits import (
    beside_leftovers,
    put_above_caption,
    put_in_place,
    range_to_replace,
    removed,
    with_anchors,
    without_empty_frames,
)
from service.core.rewrite.intact import intact_embed
from service.core.rewrite.split import (
    Way,
    cut_of_words,
    split_edits,
    tweet_alone,
    way_around,
    way_inside,
    way_over,
)
from service.core.sanitize.sanitizer import accept_existing
from service.core.verify import CERTAIN, Proof

_MAY_STAY = frozenset({Form.BLOCKQUOTE, Form.CARD, Form.OEMBED, Form.BLOCK})
"""Forms in which a blockquote within the allow-list stays where it is, and what is around it."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What becomes of a mention: the embed's HTML where there is one, and the edit where something
    is to be written. `further` are edits that go with it: tags of an element that was split.
    """

    state: State
    reason: Reason | None = None
    html: SafeHtml | None = None
    edit: Edit | None = None
    confidence: float | None = None
    further: tuple[Edit, ...] = ()


@dataclass(frozen=True, slots=True)
class EmbedRequest:
    """A mention of the article `text`, and how its embed is to look and to be written."""

    text: str
    mention: Mention
    style: EmbedStyle
    options: Options = DEFAULT

    @property
    def blockquote(self) -> str:
        """The blockquote with the tweet's own words, as it stands in the article; empty where there
        is none.
        """
        return _blockquote(self.text, self.mention)


def effective_style(text: str, mention: Mention, options: Options) -> EmbedStyle:
    """Return how an embed is to look: as the caller asks, else as the article's own embed says,
    else X's default.

    A link has no look of its own that could come in again, so for `link` only the caller
    counts.
    """
    own = mention.style or EmbedStyle(dnt=False)
    if options.render == "link":
        own = EmbedStyle(dnt=False)
    elif body := _blockquote(text, mention):
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


def decide(request: EmbedRequest, tweet: Tweet, proof: Proof | None) -> Decision:
    """Decide what is written for a mention of `tweet`. `proof` is there where the words had to
    prove it.
    """
    return _beside_leftovers(request, _decide_found(request, tweet, proof))


def decide_unavailable(request: EmbedRequest, absent: UnavailableTweet) -> Decision:
    """Decide what is written for a tweet that is gone or protected, where the markup or the address
    states the tweet.

    `keep`: the article's own words stay, as a blockquote of the allow-list; after a takedown it
    acts as `tombstone`.
    """
    decision = _beside_leftovers(request, _decide_gone(request, absent))
    edit = decision.edit
    if edit is not None and not edit.text and not decision.further:
        edit = without_empty_frames(request.text, edit)
    return replace(decision, edit=edit)


def _beside_leftovers(request: EmbedRequest, decision: Decision) -> Decision:
    """Add what would be lost with the element that an embed takes the place of."""
    mention, options = request.mention, request.options
    edit, point = decision.edit, mention.insertion_point
    if edit is None or not edit.block or not mention.leftovers:
        return decision
    content = (0, edit.end) if isinstance(point, NotPlaceable) else point.content
    shows_to = mention.body.end if mention.body else content[1]
    edit = beside_leftovers(
        edit,
        decision.html or "",
        mention.leftovers,
        shows=(max(edit.start, content[0], _shows_from(mention)), shows_to),
        keep_x_script=options.script == "keep" and options.render != "consent",
    )
    further = tuple(with_anchors(each, mention.leftovers) for each in decision.further)
    return replace(decision, edit=edit, further=further)


def _shows_from(mention: Mention) -> int:
    """Return where the words of a tweet begin; 0 where that is not known."""
    if mention.body is not None:
        return mention.body.start
    words = mention.parts.words if mention.parts else mention.flat
    visible = words.visible if words else None
    blank = len(visible.text) - len(visible.text.lstrip()) if visible else 0
    return visible.starts[blank] if visible and blank < len(visible.starts) else 0


def _decide_found(request: EmbedRequest, tweet: Tweet, proof: Proof | None) -> Decision:
    mention = request.mention
    confidence = proof.confidence if proof else CERTAIN
    if (
        mention.form is Form.BLOCK
        and mention.part is None
        and request.options.render == "blockquote"
    ):
        edit = canonical_block(request.text, mention, tweet)
        return Decision(State.KEPT, Reason.BLOCK, edit=edit, confidence=confidence)
    if mention.neighbours and proof is not None:
        return _decide_cut(request, way_over(mention.neighbours, proof), tweet, confidence)
    if isinstance(mention.insertion_point, NotPlaceable):
        return Decision(State.KEPT, mention.insertion_point.reason, confidence=confidence)
    cut = cut_of_words(mention, tweet)
    if mention.parts is not None and (cut is None or not cut.is_whole):
        is_ordinary = mention.form is Form.FLATTENED
        way = way_inside(mention, cut) if is_ordinary else way_around(mention, cut)
        return _decide_cut(request, way, tweet, confidence)
    return _decide_whole(request, tweet, proof)


def _decide_whole(request: EmbedRequest, tweet: Tweet, proof: Proof | None) -> Decision:
    """Decide what is written for a tweet that is all that its mention holds."""
    text, mention, options = request.text, request.mention, request.options
    confidence = proof.confidence if proof else CERTAIN
    own = intact_embed(request.blockquote, tweet) if options.intact == "keep" else None
    if (
        own is not None
        and mention.body
        and options.render == "blockquote"
        and mention.form in _MAY_STAY
    ):
        return Decision(State.EMBEDDED, Reason.INTACT, own, confidence=confidence)
    try:
        html = render_tweet(own, tweet, request.style, options)
    except UpstreamError as trouble:
        return Decision(State.FAILED, trouble.reason, confidence=confidence)
    if html == text[mention.span.start : mention.span.end]:
        return Decision(State.EMBEDDED, Reason.INTACT, html, confidence=confidence)
    if captioned := put_above_caption(mention, html):
        return Decision(State.EMBEDDED, None, html, captioned[0], confidence, captioned[1])
    edit = put_in_place(mention, proof, html)
    return (
        Decision(State.EMBEDDED, None, html, edit, confidence)
        if edit
        else Decision(State.KEPT, Reason.MIXED, confidence=confidence)
    )


def _decide_cut(
    request: EmbedRequest, way: Way | Reason, tweet: Tweet, confidence: float
) -> Decision:
    """Decide what is written for a tweet that is cut out of an element in which more stands, or
    stands over several; a reason where there is no way to cut it out.
    """
    if isinstance(way, Reason):
        return Decision(State.KEPT, way, confidence=confidence)
    try:
        html = render_tweet(None, tweet, request.style, request.options)
    except UpstreamError as trouble:
        return Decision(State.FAILED, trouble.reason, confidence=confidence)
    edit, further = way(html)
    return Decision(State.EMBEDDED, None, html, edit, confidence, further)


def _blockquote(text: str, mention: Mention) -> str:
    span = mention.body or (mention.span if mention.form is Form.BLOCKQUOTE else None)
    return text[span.start : span.end] if span else ""


def render_tweet(
    own: SafeHtml | None, tweet: Tweet, style: EmbedStyle, options: Options
) -> SafeHtml:
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


def _decide_gone(request: EmbedRequest, absent: UnavailableTweet) -> Decision:
    text, mention = request.text, request.mention
    left = Decision(absent.state, absent.reason, confidence=CERTAIN)
    point = mention.insertion_point
    whole = None if isinstance(point, NotPlaceable) else range_to_replace(mention, point, None)
    cut = cut_of_words(mention, None)
    unclear = mention.parts is not None and (cut is None or not cut.is_clean)
    if isinstance(point, NotPlaceable) or whole is None or unclear:
        return left
    cut = None if cut is None or cut.is_whole else cut
    body = tweet_alone(text, mention, cut) if cut else request.blockquote
    if request.options.gone == "remove":
        html: SafeHtml | None = None
    else:
        html = _instead(request, body, absent)
        if html is None:
            return left
    if cut is not None:
        edit, further = split_edits(mention, cut, html or "")
        return replace(left, html=html, edit=edit, further=further)
    stays = html is not None and html == body and mention.form in _MAY_STAY
    if not stays and (captioned := put_above_caption(mention, html or "")):
        return replace(left, html=html, edit=captioned[0], further=captioned[1])
    if html is None:
        return replace(left, edit=removed(point, whole))
    return replace(left, html=html, edit=None if stays else put_in_place(mention, None, html))


def _instead(request: EmbedRequest, body: str, absent: UnavailableTweet) -> SafeHtml | None:
    """Return what stands for a tweet that is gone: a tombstone, or the article's own words of it;
    None where these are not its own.
    """
    style, tweet = request.style, request.mention.tweet
    written = read_blockquote(body) if body else None
    try:
        if request.options.gone == "tombstone" or absent.reason is Reason.TAKEDOWN:
            return render_tombstone(messages(style.lang, written.lang if written else None))
        if written is None or (tweet is not None and written.id != tweet.id):
            return None
        return accept_existing(without_consent(body)) or render_blockquote(written, style)
    except UpstreamError:
        return None


def decide_quote(mention: Mention, proof: Proof) -> Decision | None:
    """Quote the article's words of a flattened tweet: `proof` tells which, though not whose."""
    flat = mention.flat
    if flat is None or not mention.is_placeable or mention.neighbours:
        return None
    shows = flat.visible.text
    others = shows[: proof.start] + shows[flat.attribution_end :]
    if (mention.form is Form.BLOCKQUOTE or mention.parts is not None) and others.strip():
        return None  # what else stands in the quotation would be lost
    shown = flat.visible.text.replace(LINE_BREAK, "\n")
    try:
        html = render_quote(
            shown[proof.start : flat.attribution_start],
            shown[flat.attribution_start : flat.attribution_end],
        )
    except UpstreamError:
        return None
    edit = put_in_place(mention, proof, html)
    return Decision(State.UNIDENTIFIED, None, html, edit) if edit else None
