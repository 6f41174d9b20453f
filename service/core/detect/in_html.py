"""Detection in HTML, block markup included."""

from bisect import bisect_left, bisect_right
from dataclasses import replace

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
from service.core.detect.leftovers import Leftovers
from service.core.detect.overlaps import trim_overlaps
from service.core.detect.paragraphs import html_paragraphs
from service.core.html.document import HtmlDocument
from service.core.html.elements import RAW_TEXT
from service.core.html.wordpress_blocks import BlockDelimiters
from service.core.mentions import (
    Detection,
    LinkMention,
    Mention,
    Range,
    ReplaceElement,
    SplitParagraph,
)
from service.core.model import Form, Format


def detect_html(source: str) -> Detection:
    """Find mentions and links in an HTML article whose CRLFs are single line feeds."""
    page = HtmlDocument(source)
    blocks = BlockDelimiters(page)
    anchors, links = find_links(page)
    embeds: list[Mention] = list(blockquotes(page, anchors, blocks))
    page.close({one.span.start: one.span.end for one in embeds if one.unclosed})
    for paragraph in html_paragraphs(page, blocks):
        embeds.extend(flattened(paragraph))
        embeds.extend(standalone_urls(paragraph, page))
        embeds.extend(shortcodes(paragraph))
    embeds.extend(empty_links(page, blocks))
    stated = _elements(page, blocks, [page.elements[number].start for number, _ in anchors], embeds)
    stated.extend(one for one in embeds if one.form is Form.SHORTCODE and one.is_placeable)
    embeds = [*trim_overlaps(embeds, stated), *stated]
    neighbours = Neighbours(page, blocks, embeds)
    embeds = [neighbours.joined(one) for one in embeds]
    leftovers = Leftovers(page)
    opened = [one.start for one in page.elements if one.tag in RAW_TEXT and not one.is_closed]
    chosen = [
        replace(_with_words(page, one, links), leftovers=leftovers.within(*_reach(one)))
        for one in MarkedFrames(page, blocks).widened(resolve_overlaps(embeds))
        if not _swallows(one, opened)
    ]
    return assign_links(Format.HTML, chosen, links)


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


def _swallows(one: Mention, opened: list[int]) -> bool:
    """Return whether an embed would take the start tag of an element along that nobody closed and
    whose content is raw text: what was text would become live. `opened` are such, in order.
    """
    start, end = _reach(one)
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
