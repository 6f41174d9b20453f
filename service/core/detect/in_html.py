"""Detection in HTML, block markup included."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import replace

from service.core.detect.bare_address import read_bare_address
from service.core.detect.finders.blockquotes import blockquotes, with_words
from service.core.detect.finders.embed_elements import embeds as embeds_of
from service.core.detect.finders.figures import EnclosedMention, cards, with_body
from service.core.detect.finders.flattened import flattened
from service.core.detect.finders.gutenberg import embed_blocks
from service.core.detect.finders.links import find_links
from service.core.detect.finders.marked_frames import MarkedFrames
from service.core.detect.finders.neighbours import Neighbours
from service.core.detect.finders.shortcodes import shortcodes
from service.core.detect.finders.standalone_urls import empty_links, standalone_urls
from service.core.detect.in_text import assign_links, resolve_overlaps
from service.core.detect.insertion_point import InsertionPoints
from service.core.detect.later_part import WHOLE, later_part
from service.core.detect.leftovers import Leftovers
from service.core.detect.overlaps import trim_overlaps
from service.core.detect.paragraphs import html_paragraphs
from service.core.html.document import HtmlDocument
from service.core.html.elements import OPAQUE
from service.core.html.open_values import has_open_value
from service.core.html.wordpress_blocks import BlockDelimiters
from service.core.mentions import (
    Detection,
    LinkMention,
    Mention,
    Range,
    ReplaceElement,
    SplitParagraph,
    WiderWords,
)
from service.core.model import Form, Format, Span

_MOST_READINGS = 3
"""Readings of an article in which elements that nobody closed end with their mentions. One that is
nested too deep for the parser is read once: where these end, what was too deep is so no longer, and
in the next reading it is other ones that nobody closed.
"""
_OF_WORDS = frozenset({Form.FLATTENED, Form.BLOCKQUOTE})


def detect_html(source: str, *, wider: bool) -> Detection:
    """Find mentions and links in an HTML article whose CRLFs are single line feeds; with their
    wider words, if asked for.
    """
    if (alone := read_bare_address(source)) is not None:
        return alone
    page = HtmlDocument(source)
    chosen, links = _read(page, wider=wider)
    if page.is_cut:  # nobody knows what its elements hold
        chosen = [one.without_place() for one in chosen]
    broken_at = 0 if page.is_cut else page.broken_at
    is_read_once = page.is_cut or any(one.is_too_deep for one in page.elements)
    ended: list[Mention] = []
    for _ in range(_MOST_READINGS):
        opened = [one for one in chosen if one.unclosed and not _meets(one.span, ended)]
        if not opened or is_read_once:
            break
        part = later_part(page, min(one.span.start for one in opened))
        del page  # before the next one is read
        # What follows an element that ends with its mention stands as if it had an end tag.
        ended = sorted([*ended, *opened], key=lambda one: one.span)
        again = _with_ends(source, ended)
        page = HtmlDocument(part.of(again))
        behind = _read(page, wider=wider)
        if _lies_in(part.joint, chosen, links, *behind):
            part, page = WHOLE, HtmlDocument(again)
            behind = _read(page, wider=wider)
        chosen, links = _joined(part.joint, ended, (chosen, links), behind)
    chosen.sort(key=lambda one: one.span)
    links.sort(key=lambda one: one.span)
    return replace(assign_links(Format.HTML, chosen, links), broken_at=broken_at)


def _lies_in(place: int, *found: Sequence[Mention] | Sequence[LinkMention]) -> bool:
    """Return whether a place lies within one of mentions or links."""
    return any(one.span.start < place < one.span.end for some in found for one in some)


def _joined(
    joint: int,
    ended: list[Mention],
    before: tuple[list[Mention], list[LinkMention]],
    behind: tuple[list[Mention], list[LinkMention]],
) -> tuple[list[Mention], list[LinkMention]]:
    """Return the mentions and links that were found `before`, up to a place, and `behind` it with
    some mentions `ended`, and these with the links in them.
    """
    (chosen, links), (chosen_behind, links_behind) = before, behind
    embeds = list(ended)
    embeds += [one for one in chosen if one.span.start < joint and not _meets(one.span, ended)]
    embeds += [
        one for one in chosen_behind if one.span.start >= joint and not _meets(one.span, ended)
    ]
    inside = [one for one in links if one.span.start < joint or _meets(one.span, ended)]
    inside += [
        one for one in links_behind if one.span.start >= joint and not _meets(one.span, ended)
    ]
    return embeds, inside


def _with_ends(source: str, ended: list[Mention]) -> str:
    """Return a source of the same length, with a rule in place of each mention: as an embed does,
    it ends a paragraph and leaves nothing open.
    """
    parts: list[str] = []
    at = 0
    for one in ended:
        room = one.span.end - one.span.start - 1
        parts += (source[at : one.span.start], "<hr".ljust(room), ">")
        at = one.span.end
    return "".join((*parts, source[at:]))


def _meets(span: Span, ended: list[Mention]) -> bool:
    """Return whether a span meets one of some mentions, which are disjoint and in order."""
    number = bisect_left(ended, span.end, key=lambda one: one.span.start) - 1
    return number >= 0 and ended[number].span.end > span.start


def _read(page: HtmlDocument, *, wider: bool) -> tuple[list[Mention], list[LinkMention]]:
    """Return the mentions of a page, disjoint, and its links."""
    blocks = BlockDelimiters(page)
    anchors, links = find_links(page)
    embeds: list[Mention] = list(blockquotes(page, anchors, blocks))
    for paragraph in html_paragraphs(page, blocks):
        embeds.extend(flattened(paragraph))
        embeds.extend(standalone_urls(paragraph, page))
        embeds.extend(shortcodes(paragraph))
    embeds.extend(empty_links(page, blocks))
    stated = _elements(page, blocks, [page.elements[number].start for number, _ in anchors], embeds)
    stated.extend(one for one in embeds if one.form is Form.SHORTCODE and one.is_placeable)
    frames = MarkedFrames(page, blocks)
    embeds = frames.told([*trim_overlaps(embeds, stated), *stated])
    neighbours = Neighbours(page, blocks, embeds)
    embeds = [neighbours.joined(_with_words(page, one, links)) for one in embeds]
    if wider:
        embeds = [neighbours.with_wider_words(one) for one in embeds]
    leftovers = Leftovers(page)
    opened = [one.start for one in page.elements if one.tag in OPAQUE and not one.is_closed]
    open_tags = [one.start for one in page.elements if has_open_value(page, one)] if embeds else []
    chosen = [
        replace(
            one,
            leftovers=leftovers.within(*_reach(one), of_words=one.form in _OF_WORDS),
            wider=_with_leftovers(one.wider, leftovers, opened, open_tags),
        )
        for one in frames.widened(resolve_overlaps(embeds))
        if not _swallows(_reach(one), opened, open_tags)
    ]
    return chosen, links


def _elements(
    page: HtmlDocument,
    blocks: BlockDelimiters,
    anchors: list[int],
    known: list[Mention],
) -> list[Mention]:
    """Return the mentions that are elements and blocks, `known` being all others."""
    places = InsertionPoints(page, blocks)
    inside = EnclosedMention(known)
    read = (
        with_body(page, inside, mention, element) for mention, element in embeds_of(places, anchors)
    )
    found = [one for one in read if one is not None]
    found.extend(cards(places, EnclosedMention([*known, *found])))
    found.extend(embed_blocks(page, blocks, places.captions))
    return found


def _with_leftovers(
    wider: WiderWords | None, leftovers: Leftovers, opened: list[int], open_tags: list[int]
) -> WiderWords | None:
    """Add what would be lost with the elements of wider words; None if no embed may take these."""
    if wider is None or _swallows(wider.neighbours[0].span, opened, open_tags):
        return None
    return replace(wider, leftovers=leftovers.within(*wider.neighbours[0].span, of_words=True))


def _swallows(reach: Range, opened: list[int], open_tags: list[int]) -> bool:
    """Return whether an embed would take the start tag of an element along that nobody closed and
    whose content is text: that would become live. Or a tag that took in what stands behind it.
    `opened` and `open_tags` are such, in order.
    """
    start, end = reach
    if bisect_left(open_tags, start) < bisect_left(open_tags, end):
        return True
    return bisect_right(opened, start) < bisect_left(opened, end)


def _reach(one: Mention) -> Range:
    """Return as much of the article as an embed may take the place of."""
    if one.neighbours:
        return one.neighbours[0].span
    point = one.insertion_point
    whole = isinstance(point, ReplaceElement | SplitParagraph)
    span = point.span if isinstance(point, ReplaceElement | SplitParagraph) and whole else None
    if span is None:
        return one.span.start, one.span.end
    return min(span[0], one.span.start), max(span[1], one.span.end)


def _with_words(page: HtmlDocument, one: Mention, links: list[LinkMention]) -> Mention:
    """Add what the words of a blockquote tell, be it the mention itself or inside it."""
    if one.targets:
        return one
    return (
        replace(with_words(page, replace(one, span=one.body), links), span=one.span)
        if one.body
        else with_words(page, one, links)
    )
