"""The way from mentions and links in the HTML of a Markdown article back to where they stand."""

import html
import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from service.core.html.document import VisibleText
from service.core.markdown.outline import Block, Container, Kind, Outline
from service.core.markdown.source_map import HtmlSourceMap
from service.core.mentions import (
    FlattenedText,
    InsertionPoint,
    Leftover,
    LinkMention,
    Mention,
    Neighbour,
    NotPlaceable,
    QuotationParts,
    ReplaceContent,
    ReplaceElement,
    SplitParagraph,
    WiderWords,
)
from service.core.model import Form, Span

_CODE = 4  # columns of white space that make a line code
_MARGIN = 1_000  # characters that are looked at before a place
_ON_LINES = frozenset({Form.URL, Form.SHORTCODE})
_BR = re.compile(r"[ \t]*<br[ \t]*/?>", re.IGNORECASE)


def path_of(outline: Outline, container: int) -> Iterator[int]:
    """Return the containers around a block, outermost first."""
    around = []
    while container >= 0:
        around.append(container)
        container = outline.containers[container].parent
    return reversed(around)


@dataclass(slots=True)
class SourceMapper:
    """The way back from the twin's mentions and links to the article's."""

    text: str
    outline: Outline
    twin: HtmlSourceMap
    _shown: dict[int, VisibleText] = field(default_factory=dict)
    _block_starts: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Note where the blocks begin."""
        self._block_starts = [block.start for block in self.outline.blocks]

    def mention(self, one: Mention) -> Mention:
        """Bring a mention back. What a reader sees in it stays as the twin shows it."""
        point = self._insertion_point(one)
        fills = isinstance(
            one.insertion_point,
            ReplaceElement | SplitParagraph,
        ) and one.span == Span(*one.insertion_point.span)
        if fills and isinstance(point, ReplaceElement | SplitParagraph):
            span = Span(*point.span)
        else:
            span = Span(*self._stretch(one.span.start, one.span.end))
            if isinstance(point, SplitParagraph) and not point.reopen and one.form in _ON_LINES:
                span = self._with_hard_breaks(span)
        if isinstance(point, SplitParagraph) and not point.reopen and self._is_indented(span.start):
            point = NotPlaceable()
        return replace(
            one,
            span=span,
            insertion_point=point,
            flat=self._flat(one.flat),
            parts=self._parts(one.parts),
            neighbours=tuple(map(self._neighbour, one.neighbours)),
            wider=self._wider(one.wider),
            part=self._part(one.part),
            leftovers=self._leftovers(one.leftovers),
            body=self._part(one.body),
            caption=self._part(one.caption),
            addresses=tuple(
                Span(*self._stretch(address.start, address.end)) for address in one.addresses
            ),
        )

    def _is_indented(self, place: int) -> bool:
        """Return whether a line of a paragraph is indented like code, as the content of admonitions
        and footnotes is: an embed at the margin would end them.
        """
        before = self.text[max(0, place - _MARGIN) : place]
        _, line_end, indent = before.rpartition("\n")
        begins = bool(line_end) or place > _MARGIN
        return begins and indent.isspace() and len(indent.expandtabs(4)) >= _CODE

    def _with_hard_breaks(self, span: Span) -> Span:
        """Widen a line to the backslashes that break it off from those around (CommonMark 6.7), and
        to a `br` behind it.
        """
        start, end = span.start, span.end
        block = self._block_at(start)
        line = self.text.rfind("\n", 0, start) + 1
        if block is None:
            return span
        if tag := _BR.match(self.text, end, block.end):
            return Span(start, tag.end())
        if self.text[line:start].strip(" \t"):
            return span
        if line - 2 >= block.start and self.text[line - 2] == "\\":
            start = line - 2
        if self.text.startswith("\\\n", end) and end + 2 < block.end:
            end += 1
        return Span(start, end)

    def _parts(self, parts: QuotationParts | None) -> QuotationParts | None:
        """Bring the parts of a quotation back; what is no raw HTML, or stands in a quote or a list,
        cannot be cut.
        """
        flat = self._flat(parts.words) if parts is not None else None
        if parts is None or flat is None:
            return None
        raw = self.twin.is_raw(parts.opening[0])
        place = self._stretch(*parts.opening)
        free = bool(raw) and self._outer(self._block_at(place[0]), place) is None
        return QuotationParts(
            flat,
            tuple(
                replace(cut, span=self._stretch(*cut.span), is_clean=cut.is_clean and free)
                for cut in parts.cuts
            ),
            place,
            self._stretch(*parts.closing) if parts.closing else None,
            parts.in_one_block,
        )

    def _wider(self, one: WiderWords | None) -> WiderWords | None:
        """Bring the words of elements before an attribution's own back."""
        flat = self._flat(one.flat) if one is not None else None
        if one is None or flat is None:
            return None
        neighbours = tuple(map(self._neighbour, one.neighbours))
        return WiderWords(flat, neighbours, self._leftovers(one.leftovers))

    def _leftovers(self, leftovers: tuple[Leftover, ...]) -> tuple[Leftover, ...]:
        return tuple(replace(each, start=self.twin.start(each.start)) for each in leftovers)

    def _neighbour(self, one: Neighbour) -> Neighbour:
        """Bring an element before an attribution back. In a quote, a list and a table there is no
        place for an embed between blank lines; delimiters around Markdown are no block.
        """
        span = self._stretch(*one.span)
        block = self._block_at(span[0])
        flowing = block is not None and block.kind not in {Kind.TABLE, Kind.HEADING}
        raw = block is not None and block.kind is Kind.HTML
        free = flowing and self._outer(block, span) is None
        in_block, is_place = one.in_block and raw, one.is_place and free
        return replace(one, span=span, in_block=in_block, is_place=is_place)

    def _part(self, span: Span | None) -> Span | None:
        return Span(*self._stretch(span.start, span.end)) if span is not None else None

    def links(self, links: list[LinkMention]) -> list[LinkMention]:
        """Bring links back, each once: an autolink is a link and its text, a definition the link of
        every use.
        """
        found: dict[tuple[int, int], LinkMention] = {}
        for link in sorted(links, key=lambda each: not each.in_href):
            place = self._stretch(link.span.start, link.span.end)
            markdown = self.twin.is_raw(link.span.start) is False
            url = link.url
            if markdown and not link.in_href:
                written, address = self.text[slice(*place)], html.unescape(url)
                url = written if written.replace("&amp;", "&") == address else address
            found.setdefault(place, replace(link, span=Span(*place), url=url, markdown=markdown))
        return list(_disjoint(found.values()))

    def _stretch(self, start: int, end: int) -> tuple[int, int]:
        if start >= end:
            place = self.twin.start(start)
            return place, place
        first, last = self.twin.start(start), self.twin.end(end)
        return first, max(first, last)

    def _flat(self, flat: FlattenedText | None) -> FlattenedText | None:
        if flat is None:
            return None
        shown = self._shown.get(id(flat.visible))
        if shown is None:
            seen = flat.visible
            shown = self._shown[id(seen)] = VisibleText(
                seen.text, self.twin.starts_of(seen.starts), self.twin.ends_of(seen.ends)
            )
        inlines = None
        if flat.inlines is not None:
            inlines = tuple(
                replace(
                    one,
                    start=self.twin.start(one.start),
                    end=self.twin.end(one.end),
                    shows_from=self.twin.start(one.shows_from) if one.shows_from >= 0 else -1,
                    shows_to=self.twin.end(one.shows_to),
                )
                for one in flat.inlines
            )
        return replace(flat, visible=shown, inlines=inlines)

    def _insertion_point(self, one: Mention) -> InsertionPoint:
        """Return what an embed takes the place of.

        In raw HTML that is what it would be in HTML. A paragraph goes whole or in part, a quote
        only whole; in a list item and a table there is no place for an embed between blank lines.
        """
        point = one.insertion_point
        if isinstance(point, NotPlaceable):
            return point
        content = self._stretch(*point.content)
        span = None if isinstance(point, ReplaceContent) else self._stretch(*point.span)
        block = self._block_at(content[0])
        raw = block is not None and block.kind is Kind.HTML
        in_block = (isinstance(point, ReplaceElement) and point.in_block) or (
            isinstance(point, SplitParagraph) and point.delimiters is not None
        )
        if not raw and in_block and block is not None:
            span = content  # block delimiters around Markdown are no block
        outer = self._outer(block, span or content)
        in_quote = False
        if outer is not None:
            goes = one.part or one.span
            fits = self._fills(outer, self._stretch(goes.start, goes.end)) and (
                one.form is not Form.FLATTENED or raw or not isinstance(point, SplitParagraph)
            )
            in_quote = outer.quote and fits
            span = (outer.start, outer.end) if in_quote else span
        flowing = block is None or block.kind not in {Kind.TABLE, Kind.HEADING}
        if not flowing or (outer is not None and not in_quote):
            return NotPlaceable()
        if isinstance(point, ReplaceContent):
            return ReplaceContent(content) if span is None else ReplaceElement(content, span)
        span = span or content
        if raw or self.twin.is_raw(point.span[0]):
            return replace(point, content=content, span=span)
        if isinstance(point, SplitParagraph) and not in_quote:
            return SplitParagraph(content, span, reopen="")
        beside = isinstance(point, ReplaceElement) and point.beside
        return ReplaceElement(content, span, beside=beside)

    def _block_at(self, place: int) -> Block | None:
        """Return the block around a place, or the next one: a quote begins before its words."""
        number = max(0, bisect_right(self._block_starts, place) - 1)
        blocks = self.outline.blocks[number : number + 2]
        return next((block for block in blocks if place < block.end), None)

    def _outer(self, block: Block | None, around: tuple[int, int]) -> Container | None:
        """Return the outermost container around a block that is more than the mention itself."""
        for number in path_of(self.outline, block.container if block else -1):
            container = self.outline.containers[number]
            if not (around[0] <= container.start and container.end <= around[1]):
                return container
        return None

    def _fills(self, container: Container, place: tuple[int, int]) -> bool:
        """Return whether a stretch is all that a quote holds, no list in between."""
        first = bisect_right(self._block_starts, container.start - 1)
        last = bisect_right(self._block_starts, container.end) - 1
        if last < first:
            return False
        blocks = self.outline.blocks[first : last + 1]
        quotes = all(
            self.outline.containers[number].quote
            for number in path_of(self.outline, blocks[0].container)
        )
        return quotes and place[0] <= blocks[0].start and blocks[-1].end <= place[1]


def _disjoint(links: Iterable[LinkMention]) -> Iterator[LinkMention]:
    """Return links in order without the text of an autolink that shows less than it leads to
    (`<https://t.co/CODE.>`).
    """
    end = 0
    for link in sorted(links, key=lambda each: (each.span.start, -each.span.end)):
        if link.span.start >= end:
            yield link
            end = link.span.end
