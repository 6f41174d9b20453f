"""Paragraphs and lines: the units in which flattened tweets and lone addresses stand, in HTML and in plain text alike."""

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass

from service.core.detect.blocks import BlockDelimiters
from service.core.detect.mention import Inline, Shell
from service.core.elements import Element
from service.core.page import LINE_BREAK, Page, Piece, Run, Visible

_DEEPEST = 64  # levels of inline elements
_LINE_END = re.compile("[\n\r\u2028]")


@dataclass(frozen=True, slots=True)
class Paragraph:
    """What shows in a paragraph, its lines (trimmed, none blank) as offsets into it, and what stands around."""

    visible: Visible
    lines: tuple[tuple[int, int], ...]
    shell: Shell
    container: int = -1
    pieces: tuple[Piece, ...] = ()
    page: Page | None = None
    reach: tuple[int, int] = (0, 0)

    @property
    def readable(self) -> str:
        """The text with `<br>` as a line feed."""
        return self.visible.text.replace(LINE_BREAK, "\n")

    def inlines(self) -> tuple[Inline, ...] | None:
        """Give the inline elements in it, outermost first; None if they are nested too deep to be looked at."""
        if self.page is None:
            return ()
        numbers: set[int] = set()
        for piece in self.pieces:
            for depth, number in enumerate(self.page.ancestors(piece.element)):
                if number == self.container or number in numbers:
                    break
                if depth > _DEEPEST:
                    return None
                numbers.add(number)
        elements = [self.page.elements[number] for number in sorted(numbers)]
        return tuple(self._inline(element) for element in elements)

    def _inline(self, element: Element) -> Inline:
        starts, text = self.visible.starts, self.visible.text
        first, last = bisect_left(starts, element.open_end), bisect_left(starts, element.limit)
        while first < last and text[first].isspace():
            first += 1
        while last > first and text[last - 1].isspace():
            last -= 1
        end = element.end if element.close_start is not None else element.limit
        shows_from, shows_to = self.visible.source(first, last)
        within = self.reach[0] <= element.start and end <= self.reach[1]
        return Inline(element.start, end, shows_from if within else -1, shows_to)  # -1: it shows more, elsewhere


def text_paragraphs(text: str) -> Iterator[Paragraph]:
    """Give the paragraphs of plain text: lines up to a blank one."""
    for lines in _by_blank_lines(text, 0, len(text)):
        start, end = lines[0][0], lines[-1][1]
        places = list(range(start, end + 1))
        visible = Visible(text[start:end], places[:-1], places[1:])
        yield Paragraph(visible, tuple((a - start, b - start) for a, b in lines), Shell(content=(start, end)))


def html_paragraphs(page: Page, blocks: BlockDelimiters) -> Iterator[Paragraph]:
    """Give the paragraphs of an HTML article: a `p`, or text in another container up to a blank line, that holds a trace of a tweet."""
    for run in page.runs:
        if page.hidden(run.container) or not _TRACE.search(page.source, run.start, run.end):
            continue
        visible = page.visible(run.pieces)
        if run.container >= 0 and page.elements[run.container].tag == "p":
            lines = tuple(_lines(visible.text, 0, len(visible.text), LINE_BREAK))
            if lines:
                shell = _paragraph_shell(page, run, visible.source(lines[0][0], lines[-1][1]), blocks)
                yield Paragraph(visible, lines, shell, run.container, tuple(run.pieces), page, (run.start, run.end))
            continue
        place = page.block_may_stand(run.container)
        for group in _by_blank_lines(visible.text, 0, len(visible.text)):
            shell = Shell(content=visible.source(group[0][0], group[-1][1]), place=place)
            yield Paragraph(visible, tuple(group), shell, run.container, tuple(run.pieces), page, (run.start, run.end))


_TRACE = re.compile(r"@|t\.co/|twitter|x\.com/|/status", re.IGNORECASE)


def _paragraph_shell(page: Page, run: Run, content: tuple[int, int], blocks: BlockDelimiters) -> Shell:
    element = page.elements[run.container]
    if element.limit < content[0]:  # text that a stray tag threw out of its `p`
        return Shell(content=content, place=False)
    end = element.end if element.close_start is not None else max(element.end, content[1])
    place = page.block_may_stand(element.parent)
    reopen = page.source[element.start : element.open_end]
    delimiters = blocks.around(element.start, end)
    if delimiters is None:
        return Shell(content, (element.start, end), reopen, place=place)
    return Shell(content, (delimiters[0].start, delimiters[1].end), reopen, delimiters[0].text, delimiters[1].text, place=place)


def _lines(text: str, start: int, end: int, breaks: str) -> Iterator[tuple[int, int]]:
    """Give the lines between `breaks`, trimmed, without blank ones."""
    for match in re.finditer(f"[^{breaks}]+", text[start:end]):
        trimmed = _trimmed(text, start + match.start(), start + match.end())
        if trimmed:
            yield trimmed


def _trimmed(text: str, start: int, end: int) -> tuple[int, int] | None:
    line = text[start:end]
    head = len(line) - len(line.lstrip())
    return (start + head, end - (len(line) - len(line.rstrip()))) if head < len(line) else None


def _by_blank_lines(text: str, start: int, end: int) -> Iterator[list[tuple[int, int]]]:
    """Give the lines in groups: a line without anything in it, not even a `<br>`, ends a group."""
    group: list[tuple[int, int]] = []
    at = start
    while at < end:
        match = _LINE_END.search(text, at, end)
        stop, after = (match.start(), match.end()) if match else (end, end)
        trimmed = _trimmed(text, at, stop)
        if trimmed:
            group.append(trimmed)
        elif group and not (match and match[0] == LINE_BREAK) and (at == start or text[at - 1] != LINE_BREAK):
            yield group
            group = []
        at = after
    if group:
        yield group
