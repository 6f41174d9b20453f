"""Detection in HTML, block markup included."""

from service.core.addresses import find_addresses, read_permalink, read_short_link
from service.core.detect.blockquotes import blockquotes, with_words
from service.core.detect.blocks import BlockDelimiters
from service.core.detect.flattened import flattened
from service.core.detect.lone import lone_addresses
from service.core.detect.mention import Detection, LinkMention, Mention
from service.core.detect.paragraphs import html_paragraphs
from service.core.detect.text import divided, outermost
from service.core.model import Format, Permalink, Span
from service.core.page import Page


def detect_html(source: str) -> Detection:
    """Find mentions and links in an HTML article whose CRLFs are single line feeds."""
    page = Page(source)
    blocks = BlockDelimiters(page)
    anchors, links = _links(page)
    embeds: list[Mention] = list(blockquotes(page, anchors, blocks))
    page.close({one.span.start: one.span.end for one in embeds if one.shell.unclosed})
    for paragraph in html_paragraphs(page, blocks):
        embeds.extend(flattened(paragraph))
        embeds.extend(lone_addresses(paragraph, page))
    chosen = [with_words(page, one, links) if one.targets == () else one for one in outermost(embeds)]
    return divided(Format.HTML, chosen, links)


def _links(page: Page) -> tuple[list[tuple[int, Permalink]], list[LinkMention]]:
    """Give the `a` elements that lead to tweets, and every address in an `href` and in running text, in order.

    A run of text ends at every tag, comment or reference.
    """
    anchors: list[tuple[int, Permalink]] = []
    links: list[LinkMention] = []
    for number, element in enumerate(page.elements):
        if element.tag not in {"a", "area"} or element.hidden or "href" not in element.attrs:
            continue
        href = element.attrs["href"]
        target = read_permalink(href) or read_short_link(href)
        if isinstance(target, Permalink):
            anchors.append((number, target))
        place = page.value_span(element, "href") if target else None
        if target and place:
            quoted = page.source[place[0] - 1] in "'\""
            links.append(LinkMention(Span(*place), href.strip(), target, in_href=True, quoted=quoted))
    for run in page.runs:
        for piece in run.pieces:
            if piece.kind == "text" and not page.hidden(piece.element):
                links.extend(
                    LinkMention(Span(piece.start + one.start, piece.start + one.end), one.address, one.target)
                    for one in find_addresses(page.source[piece.start : piece.end])
                )
    return anchors, sorted(links, key=lambda link: link.span)
