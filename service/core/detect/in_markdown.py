"""Detection in Markdown: what its HTML twin holds, brought back to where it stands in the
article.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import compress

from service.core.detect.in_html import detect_html
from service.core.detect.in_text import assign_links
from service.core.html.document import VisibleText
from service.core.markdown.blocks import read_blocks
from service.core.markdown.inline import InlineParser
from service.core.markdown.lines import Destination, ParagraphLines, read_definitions
from service.core.markdown.outline import Block, Container, Kind, Outline
from service.core.markdown.source_map import HtmlSourceMap, SourceMapBuilder, destination
from service.core.mentions import (
    Detection,
    FlattenedText,
    InsertionPoint,
    LinkMention,
    Mention,
    NotPlaceable,
    ReplaceContent,
    ReplaceElement,
    SplitParagraph,
)
from service.core.model import Form, Format, Span
from service.core.urls.tweet_urls import read_permalink, read_short_link

_MAY_SIGN = re.compile("[(（][^()（）]{0,12}[@＠]|&[#A-Za-z]")  # what every attribution holds
_SIGN = re.compile(rf"[/{{\[<]|{_MAY_SIGN.pattern}")  # and all that is looked for
_CODE = 4  # columns of white space that make a line code
_ON_LINES = frozenset({Form.URL, Form.SHORTCODE})
_BR = re.compile(r"[ \t]*<br[ \t]*/?>", re.IGNORECASE)
_WORDS = 12  # blocks before an attribution that may hold its words
_CELL_END = re.compile(r"(?<!\\)\|")


def detect_markdown(text: str) -> Detection:
    """Find mentions and links in Markdown whose CRLFs are single line feeds."""
    text = text.replace("\r", "\n")
    outline = read_blocks(text)
    telling = _telling_blocks(text, outline)
    back = _SourceMapper(text, outline, build_source_map(text, outline, telling))
    found = detect_html(back.twin.html)
    embeds = list(_apart(back.mention(one) for one in found.embeds))
    links = back.links([*found.links, *(link for one in found.embeds for link in one.links)])
    return assign_links(Format.MARKDOWN, embeds, links)


def read_source_map(text: str) -> HtmlSourceMap:
    """Return the HTML twin of Markdown whose CRLFs are single line feeds."""
    text = text.replace("\r", "\n")
    return build_source_map(text, read_blocks(text))


def _telling_blocks(text: str, outline: Outline) -> list[bool]:
    """Tell which blocks could hold an address, an attribution or a shortcode, or the words before
    an attribution; a quote is told as a whole.
    """
    telling = [
        block.kind is Kind.HTML or _SIGN.search(text, block.start, block.end) is not None
        for block in outline.blocks
    ]
    quotes: set[int] = set()
    roots = [next(_path(outline, block.container), -1) for block in outline.blocks]
    words = 0  # blocks that may hold the words of the attribution found last, going backwards
    for number in range(len(telling) - 1, -1, -1):
        block = outline.blocks[number]
        if telling[number] and _MAY_SIGN.search(text, block.start, block.end):
            words = _WORDS
        elif words:
            words -= 1
            telling[number] = True
        if telling[number] and roots[number] >= 0 and outline.containers[roots[number]].quote:
            quotes.add(roots[number])
    return [one or root in quotes for one, root in zip(telling, roots, strict=True)]


def build_source_map(
    text: str,
    outline: Outline,
    telling: Sequence[bool] | None = None,
) -> HtmlSourceMap:
    """Write the article's twin in HTML: its blocks in order, those alone that are `telling` if that
    is given, and where reference definitions lead at the end.
    """
    twin = HtmlSourceMap(text)
    definitions: dict[str, Destination] = {}
    begins = {
        id(block): read_definitions(ParagraphLines.of(text, block.lines), definitions)
        for block in outline.blocks
        if block.kind is Kind.TEXT and text[block.start] == "["
    }
    opened: list[int] = []
    for block in compress(outline.blocks, telling) if telling is not None else outline.blocks:
        path = list(_path(outline, block.container))
        same = 0
        while same < min(len(opened), len(path)) and opened[same] == path[same]:
            same += 1
        _close_containers(twin, outline, opened[same:])
        for number in path[same:]:
            start = outline.containers[number].start
            twin.made("<blockquote>" if outline.containers[number].quote else "<ul><li>", start)
        opened = path
        _write_block(twin, outline, block, definitions, begins.get(id(block), 0))
    _close_containers(twin, outline, opened)
    for found in definitions.values():
        if not (read_permalink(found.written) or read_short_link(found.written)):
            continue
        twin.made('\n<p><a href="', found.start)
        twin.made(destination(found.written), found.start, found.end)
        twin.made('">x</a></p>', found.end)
    twin.seal()
    return twin


def _path(outline: Outline, container: int) -> Iterator[int]:
    """Return the containers around a block, outermost first."""
    around = []
    while container >= 0:
        around.append(container)
        container = outline.containers[container].parent
    return reversed(around)


def _close_containers(twin: HtmlSourceMap, outline: Outline, numbers: list[int]) -> None:
    for number in reversed(numbers):
        end = outline.containers[number].end
        twin.made("</blockquote>" if outline.containers[number].quote else "</li></ul>", end)


def _write_block(
    twin: HtmlSourceMap,
    outline: Outline,
    block: Block,
    definitions: dict[str, Destination],
    begins: int,
) -> None:
    text, start, end = twin.source, block.start, block.end
    if block.kind is Kind.CODE:
        twin.made("<pre>x</pre>\n", start, end)
    elif block.kind is Kind.HTML:
        for line_start, line_end in block.lines:
            twin.raw(line_start, min(line_end + 1, len(text)))
        if not twin.stretches[-1].html.endswith("\n"):
            twin.made("\n", end)
    elif block.kind is Kind.TABLE:
        twin.made("<table>", start)
        for line in block.lines:
            _write_row(twin, line, definitions)
        twin.made("</table>\n", end)
    else:
        lines = ParagraphLines.of(text, block.lines)
        if begins >= len(lines.text):
            return
        loose = block.container < 0 or outline.containers[block.container].quote
        tag = "h2" if block.kind is Kind.HEADING else "p" if loose else ""
        twin.made(f"<{tag}>" if tag else "\n", lines.place(begins))
        InlineParser(twin, lines, definitions).write(begins)
        twin.made(f"</{tag}>\n" if tag else "\n\n", end)


def _write_row(
    twin: HtmlSourceMap,
    line: tuple[int, int],
    definitions: dict[str, Destination],
) -> None:
    start, end = line
    if _SIGN.search(twin.source, start, end) is None:
        return
    twin.made("<tr>", start)
    at = start
    while at < end:
        border = _CELL_END.search(twin.source, at, end)
        stop = border.start() if border else end
        twin.made("<td>", at)
        InlineParser(twin, ParagraphLines.of(twin.source, [(at, stop)]), definitions).write(0)
        twin.made("</td>", stop)
        at = stop + 1
    twin.made("</tr>", end)


@dataclass(slots=True)
class _SourceMapper:
    """The way back from the twin's mentions and links to the article's."""

    text: str
    outline: Outline
    twin: HtmlSourceMap
    _shown: dict[int, VisibleText] = field(default_factory=dict)
    _block_starts: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
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
            part=self._part(one.part),
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
        line = self.text.rfind("\n", 0, place) + 1
        before = self.text[line:place].expandtabs(4)
        return line > 0 and len(before) >= _CODE and before.isspace()

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

    def _part(self, span: Span | None) -> Span | None:
        return Span(*self._stretch(span.start, span.end)) if span is not None else None

    def links(self, links: list[LinkMention]) -> list[LinkMention]:
        """Bring links back, each once: an autolink is a link and its text, a definition the link of
        every use.
        """
        found: dict[tuple[int, int], LinkMention] = {}
        for link in sorted(links, key=lambda each: not each.in_href):
            place = self._stretch(link.span.start, link.span.end)
            stretch = self.twin.stretch_at(link.span.start)
            markdown = stretch is not None and stretch.written is not SourceMapBuilder.RAW
            url = (
                self.text[slice(*place)]
                if markdown and not link.in_href and "\\" not in self.text[slice(*place)]
                else link.url
            )
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
            starts = [self.twin.start(place) for place in seen.starts]
            shown = self._shown[id(seen)] = VisibleText(
                seen.text,
                starts,
                [self.twin.end(place) for place in seen.ends],
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
            fits = self._fills(outer, self._stretch(one.span.start, one.span.end)) and (
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
        opening = self.twin.stretch_at(point.span[0])
        if raw or (opening is not None and opening.written is SourceMapBuilder.RAW):
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
        for number in _path(self.outline, block.container if block else -1):
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
            for number in _path(self.outline, blocks[0].container)
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


def _apart(embeds: Iterable[Mention]) -> Iterator[Mention]:
    """Return mentions in order, the backslash between two lines with the first."""
    end = 0
    for one in sorted(embeds, key=lambda each: each.span):
        if one.span.start < end:
            # behind the backslash and the line feed
            one = replace(one, span=Span(min(one.span.end, end + 1), one.span.end))  # noqa: PLW2901
        yield one
        end = max(end, one.span.end)
