"""Figures and other elements around one embed: Ghost, Instant Articles, CKEditor, WordPress
(docs/interface.md 2, `card`, `oembed`, `block`; docs/x-behaviour.md 3.3).
"""

import html
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, replace

from service.core.detect.in_text import resolve_overlaps
from service.core.detect.insertion_point import InsertionPoints
from service.core.detect.quotation_parts import holds_more, holds_more_than_address
from service.core.html.document import OBJECT, HtmlDocument
from service.core.html.elements import Element
from service.core.mentions import Mention, NotPlaceable
from service.core.model import Form, Reason, Span, TweetRef
from service.core.oembed.response import read_blockquote
from service.core.urls.tweet_urls import read_permalink

_FORMS = {
    "kg-embed-card": Form.CARD,
    "op-social": Form.CARD,
    "op-interactive": Form.CARD,
    "media": Form.OEMBED,
    "wp-block-embed": Form.BLOCK,
}
_INSTANT_ARTICLES = frozenset({"op-social", "op-interactive"})
_STAY = frozenset({Form.BLOCKQUOTE, Form.AMP, Form.URL})
_WRAPPERS = frozenset({"div", "figure"})
_MOST_INSIDE = 8
_MOST_PIECES = 64


class EnclosedMention:
    """Mentions, to be looked up by the element they stand in."""

    def __init__(self, mentions: list[Mention]) -> None:
        """Sort `mentions` by where they stand."""
        self._mentions = sorted(mentions, key=lambda one: one.span)
        self._starts = [one.span.start for one in self._mentions]

    def of(self, element: Element) -> list[Mention]:
        """Return the disjoint mentions that stand in an element; none if there are many."""
        first, last = (
            bisect_left(self._starts, element.open_end),
            bisect_left(self._starts, element.limit),
        )
        if last - first > _MOST_INSIDE:
            return []
        return resolve_overlaps(
            [one for one in self._mentions[first:last] if one.span.end <= element.limit],
        )


def with_body(
    page: HtmlDocument,
    inside: EnclosedMention,
    mention: Mention,
    element: Element,
) -> Mention | None:
    """Add to an embed that is one element the blockquote that it holds: the tweet's own words.

    None where more than that stands in the element: then the blockquote is the mention, and none
    where words alone do.
    """
    if (
        element.close_start is None
        or element.close_start == element.open_end
        or mention.form in {Form.IFRAME, Form.SHORTCODE}
    ):
        return mention
    found = inside.of(element)
    reads_alone = len(found) == 1 and element.tag in _WRAPPERS and found[0].form in _STAY
    if reads_alone and holds_more(page.source, element, found[0].span):
        return None
    if _shows_others(page, element, mention, found):
        return None
    found = [one for one in found if one.form is Form.BLOCKQUOTE]
    if len(found) != 1:
        return mention
    (body,) = found
    if body.tweet is not None and body.tweet != mention.tweet:
        return mention
    return replace(mention, body=body.span, targets=(), urls=())


def _shows_others(
    page: HtmlDocument, element: Element, mention: Mention, found: list[Mention]
) -> bool:
    """Return whether an element shows words that are not its tweet's; `found` stand in it."""
    if mention.form is Form.CARD and element.tag == "div":
        return _shows_unlinked(page, element)
    spans = [one.span for one in found]
    return (
        mention.form is Form.OEMBED
        and element.tag in _WRAPPERS
        and _shows_words(page, element, mention.tweet, spans)
    )


def _shows_words(
    page: HtmlDocument, element: Element, tweet: TweetRef | None, spans: list[Span]
) -> bool:
    """Return whether an element shows words that stand neither in a link to its tweet nor in one of
    `spans`, or holds a quotation beside these.
    """
    quoted = page.source.find("<blockquote", element.open_end, element.limit)
    if quoted >= 0 and not any(span.start <= quoted < span.end for span in spans):
        return True
    first = bisect_left(page.run_starts, element.start)
    for number, run in enumerate(page.runs[first : first + _MOST_INSIDE + 1]):
        if run.start >= element.limit:
            return False
        if number == _MOST_INSIDE or len(run.pieces) > _MOST_PIECES:
            return True
        for piece in run.pieces:
            if any(span.start <= piece.start < span.end for span in spans):
                continue
            link = page.nearest(piece.element, "a")
            leads = read_permalink(page.elements[link].attrs.get("href", "")) if link >= 0 else None
            if leads != tweet and page.visible([piece]).text.replace(OBJECT, "").strip():
                return True
    return False


def _shows_unlinked(page: HtmlDocument, element: Element) -> bool:
    """Return whether a card shows words outside of links: all that Substack writes into one leads
    to the tweet, or where that does.
    """
    return any(
        page.nearest(piece.element, "a") < 0 and page.visible([piece]).text.strip()
        for run in page.runs_in(element)[:_MOST_PIECES]
        for piece in run.pieces[:_MOST_PIECES]
        if piece.kind == "text"
    )


def cards(places: InsertionPoints, inside: EnclosedMention) -> Iterator[Mention]:
    """Return the figures that hold exactly one embed."""
    elements = places.page.elements
    figures = [
        (number, form)
        for number, element in enumerate(elements)
        if element.tag == "figure" and element.close_start is not None and not element.hidden
        for form in [next((_FORMS[token] for token in element.classes if token in _FORMS), None)]
        if form is not None
    ]
    starts = [elements[number].start for number, _ in figures]
    for number, form in figures:
        element = elements[number]
        if bisect_left(starts, element.limit) - bisect_left(starts, element.start) > 1:
            continue  # a figure in a figure: the inner one is it
        found = inside.of(element)
        held = _held(found[0], element) if len(found) == 1 else None
        if not found and not _INSTANT_ARTICLES.isdisjoint(element.classes):
            held = _in_frame(places, number)
        if held is None or (form is Form.OEMBED and held.form is not Form.OEMBED):
            continue
        yield _around(places, element, form, held)


@dataclass(frozen=True, slots=True)
class _Held:
    """The one embed in a figure: where it stands, the element it is or stands in, and its mention
    if it is one.
    """

    form: Form
    tweet: TweetRef
    span: Span
    element: Element
    mention: Mention | None = None


def _held(mention: Mention, element: Element) -> _Held | None:
    return (
        _Held(mention.form, mention.tweet, mention.span, element, mention)
        if mention.tweet
        else None
    )


def _around(places: InsertionPoints, element: Element, form: Form, held: _Held) -> Mention:
    """Make the mention of a figure. It stays around an embed that reads well by itself, and around
    one that is not all it holds.

    A `wp-block-embed` that shows the bare address is left to the CMS.
    """
    source, span = places.page.source, Span(element.start, element.end)
    inner = held.mention or Mention(
        held.span,
        form,
        places.of(held.element, held.span)[0],
        held.tweet,
    )
    body = inner.span if inner.form is Form.BLOCKQUOTE else inner.body
    told = replace(inner, span=span, form=form, body=body, links=())
    addresses = (
        _addresses(source, inner.span) if form is Form.BLOCK and inner.form is Form.URL else ()
    )
    if addresses:
        caption, point = _caption(places, element), places.of(element, span)[0]
        if holds_more_than_address(source, element.open_end, element.limit, caption):
            point = NotPlaceable(Reason.MIXED)
        return replace(told, insertion_point=point, flat=None, addresses=addresses, caption=caption)
    if form is Form.BLOCK or inner.form in _STAY or holds_more(source, element, inner.span):
        return replace(told, part=inner.span)
    return replace(told, insertion_point=places.of(element, span)[0], flat=None, part=None)


def _caption(places: InsertionPoints, element: Element) -> Span | None:
    captions = places.captions
    at = bisect_left(captions, (element.open_end, 0))
    return Span(*captions[at]) if at < len(captions) and captions[at][1] <= element.limit else None


def _addresses(source: str, span: Span) -> tuple[Span, ...]:
    """Return where the address itself stands in what shows it, if it shows nothing else."""
    return (span,) if read_permalink(html.unescape(source[span.start : span.end])) else ()


def _in_frame(places: InsertionPoints, number: int) -> _Held | None:
    """Read Instant Articles' blockquote within an `iframe`, whose content HTML takes for raw
    text.
    """
    elements, source = places.page.elements, places.page.source
    frames = []
    for inner in elements[number + 1 : number + 1 + _MOST_INSIDE]:
        if inner.start >= elements[number].limit:
            break
        if inner.tag == "iframe" and inner.close_start is not None:
            frames.append(inner)
    if len(frames) != 1:
        return None
    (frame,) = frames
    tweet = read_blockquote(source[frame.open_end : frame.close_start])
    return (
        _Held(Form.IFRAME, tweet.permalink, Span(frame.start, frame.end), frame) if tweet else None
    )
