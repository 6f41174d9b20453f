"""Paragraphs and lines: the units in which flattened tweets and lone addresses stand, in HTML and
in plain text alike.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import islice

from service.core.html.document import (
    LINE_BREAK,
    OBJECT,
    HtmlDocument,
    InlineNode,
    InlineRun,
    VisibleText,
)
from service.core.html.elements import NO_BLOCK_INSIDE, Element
from service.core.html.wordpress_blocks import BlockDelimiters
from service.core.mentions import (
    InlineContext,
    InsertionPoint,
    NotPlaceable,
    Range,
    ReplaceContent,
    SplitParagraph,
)
from service.core.sanitize.allowlist import LINK
from service.core.text.attribution import FoundAttribution, find_attributions
from service.core.text.dates import find_date
from service.core.text.escaping import INVISIBLE
from service.core.urls.tweet_urls import read_permalink, read_short_link
from service.core.vocabulary import HANDLE

_DEEPEST = 64  # levels of inline elements
_LINE_END = re.compile("[\n\r\u2028]")
_UNSEEN = "".join(
    character
    for character in map(chr, range(0x10000))
    if INVISIBLE.match(character) or character.isspace()
)
_HANDLE_LAST = re.compile(rf"[(（][@＠]{HANDLE.pattern}[)）]\Z")
_FURTHEST_BACK = (
    1500  # characters: a tweet's own blank lines, when it is flattened, part paragraphs
)


class VisibleRun:
    """What shows between two block boundaries of a page, or all of a plain text; its paragraphs are
    parts of it.
    """

    def __init__(
        self,
        visible: VisibleText,
        page: HtmlDocument | None = None,
        run: InlineRun | None = None,
    ) -> None:
        """Take what shows; `page` and `run` where it is HTML."""
        self.visible = visible
        self.page = page
        self.container = run.container if run else -1
        self._pieces = run.pieces if run else []
        self._reach = (run.start, run.end) if run else (0, 0)

    @cached_property
    def readable(self) -> str:
        """The text with `<br>` as a line feed."""
        return self.visible.text.replace(LINE_BREAK, "\n")

    @cached_property
    def is_own_link(self) -> bool:
        """Whether it is the paragraph that we write for a tweet as a link."""
        if self.page is None or self.container < 0:
            return False
        return LINK in self.page.elements[self.container].classes

    @cached_property
    def _piece_starts(self) -> list[int]:
        return [piece.start for piece in self._pieces]

    def text_pieces(self, start: int, end: int) -> list[InlineNode]:
        """Return the pieces of text that the characters `start` to `end` come from."""
        first, last = self.visible.source(start, end)
        begins = max(0, bisect_right(self._piece_starts, first) - 1)
        found = self._pieces[begins : bisect_left(self._piece_starts, last)]
        return [piece for piece in found if piece.kind == "text" and first < piece.end]

    def hrefs(self, start: int, end: int) -> list[str]:
        """Return where the links lead that the characters `start` to `end` stand in, in order, each
        once.
        """
        if self.page is None or start >= end:
            return []
        found: dict[str, None] = {}
        for piece in self.text_pieces(start, end):
            for around in islice(self.page.ancestors(piece.element), _DEEPEST):
                if around == self.container:
                    break
                if self.page.elements[around].tag == "a":
                    found[self.page.elements[around].attrs.get("href", "").strip()] = None
                    break
        return list(found)

    @cached_property
    def is_in_another(self) -> bool:
        """Whether all of it stands in a button, say, or in a link that leads to no tweet."""
        if self.page is None or not self._pieces:
            return False
        first, last = self._pieces[0], self._pieces[-1]
        for number in islice(self.page.ancestors(first.element), _DEEPEST):
            if number == self.container:
                break
            around = self.page.elements[number]
            if around.tag in NO_BLOCK_INSIDE and last.start < around.limit:
                href = around.attrs.get("href", "") if around.tag == "a" else ""
                return not (href and (read_permalink(href) or read_short_link(href)))
        return False

    @cached_property
    def inlines(self) -> tuple[InlineContext, ...] | None:
        """The inline elements in it, outermost first; None if they are nested too deep to be looked
        at.
        """
        if self.page is None:
            return ()
        numbers: set[int] = set()
        for piece in self._pieces:
            for depth, number in enumerate(self.page.ancestors(piece.element)):
                if number == self.container or number in numbers:
                    break
                if depth > _DEEPEST:
                    return None
                numbers.add(number)
        elements = [self.page.elements[number] for number in sorted(numbers)]
        return tuple(self._inline(element) for element in elements)

    def _inline(self, element: Element) -> InlineContext:
        starts, text = self.visible.starts, self.visible.text
        first, last = bisect_left(starts, element.open_end), bisect_left(starts, element.limit)
        while first < last and text[first].isspace():
            first += 1
        while last > first and text[last - 1].isspace():
            last -= 1
        end = element.end if element.close_start is not None else element.limit
        shows_from, shows_to = self.visible.source(first, last)
        within = self._reach[0] <= element.start and end <= self._reach[1]
        return InlineContext(
            element.start,
            end,
            shows_from if within else -1,
            shows_to,
        )  # -1: it shows more, elsewhere


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph: its lines (trimmed, none blank) and attributions as offsets into its stretch,
    and what stands around.

    `element` is where the `p` stands that it is, with the delimiters of its block. `back` is where
    the words of a tweet that ends in this paragraph may begin at the earliest: in the paragraphs
    before.
    """

    stretch: VisibleRun
    lines: tuple[tuple[int, int], ...]
    insertion_point: InsertionPoint
    element: Range | None = None
    found: tuple[FoundAttribution, ...] = ()
    back: int = 0

    @property
    def visible(self) -> VisibleText:
        """What shows in the whole stretch."""
        return self.stretch.visible


def text_paragraphs(text: str) -> Iterator[Paragraph]:
    """Return the paragraphs of plain text: lines up to a blank one."""
    stretch = VisibleRun(VisibleText(text, range(len(text)), range(1, len(text) + 1)))
    groups = _groups(text)
    yield from _told(
        stretch,
        ((group, ReplaceContent((group[0][0], group[-1][1])), None) for group in groups),
    )


def html_paragraphs(page: HtmlDocument, blocks: BlockDelimiters) -> Iterator[Paragraph]:
    """Return the paragraphs of an HTML article: a `p`, or text in another container up to a blank
    line, that holds a trace of a tweet.
    """
    for run in page.traced_runs():
        if page.hidden(run.container):
            continue
        visible = page.visible(run.pieces)
        stretch = VisibleRun(visible, page, run)
        if run.container >= 0 and page.elements[run.container].tag == "p":
            lines = list(_lines(visible.text, 0, len(visible.text), LINE_BREAK))
            if lines:
                content = visible.source(lines[0][0], lines[-1][1])
                point, element = paragraph_place(page, run, content, blocks)
                yield from _told(stretch, [(lines, point, element)])
            continue
        place = page.block_may_stand(run.container) and blocks.embed_may_stand(run.start, run.end)
        groups = _groups(visible.text)
        yield from _told(
            stretch,
            (
                (
                    group,
                    ReplaceContent(visible.source(group[0][0], group[-1][1]))
                    if place
                    else NotPlaceable(),
                    None,
                )
                for group in groups
            ),
        )


def _told(
    stretch: VisibleRun,
    groups: Iterable[tuple[list[Range], InsertionPoint, Range | None]],
) -> Iterator[Paragraph]:
    """Make paragraphs of groups of lines, each with its attributions and how far back its first
    tweet may begin.
    """
    text = stretch.readable
    before: list[int] = []  # where the paragraphs begin that no attribution has ended yet
    for lines, point, element in groups:
        first, last = lines[0][0], lines[-1][1]
        found: tuple[FoundAttribution, ...] = ()
        if "@" in text[first:last] or "＠" in text[first:last]:
            found = tuple(
                replace(one, start=one.start + first, end=one.end + first)
                for one in find_attributions(text[first:last])
                if OBJECT not in text[one.start + first : one.end + first]
            )
        before.append(first)
        if found:
            back = before[bisect_left(before, first - _FURTHEST_BACK)]
            yield Paragraph(stretch, tuple(lines), point, element, found, back)
            before.clear()
            if text[found[-1].end : last].strip():
                before.append(found[-1].end)
        else:
            yield Paragraph(stretch, tuple(lines), point, element, back=first)


def paragraph_place(
    page: HtmlDocument,
    run: InlineRun,
    content: Range,
    blocks: BlockDelimiters,
) -> tuple[InsertionPoint, Range | None]:
    """Return what an embed takes the place of where `content` is what shows in a `p`, and the `p`
    with the delimiters of its block; None for the latter where it is not all there.
    """
    element = page.elements[run.container]
    # Text that a stray tag threw out of its `p`, or a `p` that a block delimiter cuts in two.
    if element.limit < content[0] or run.start > element.open_end or run.end < element.limit:
        return NotPlaceable(), None
    end = element.end if element.close_start is not None else max(element.end, content[1])
    delimiters = blocks.around(element.start, end)
    span = (delimiters[0].start, delimiters[1].end) if delimiters else (element.start, end)
    if not page.block_may_stand(element.parent) or not blocks.embed_may_stand(element.start, end):
        return NotPlaceable(), span
    reopen = page.source[element.start : element.open_end]
    around = (delimiters[0].text, delimiters[1].text) if delimiters else None
    return SplitParagraph(content, span, reopen, around), span


def _lines(text: str, start: int, end: int, breaks: str) -> Iterator[tuple[int, int]]:
    """Return the lines between `breaks`, trimmed, without blank ones."""
    for match in re.finditer(f"[^{breaks}]+", text[start:end]):
        trimmed = _trimmed(text, start + match.start(), start + match.end())
        if trimmed:
            yield trimmed


def _trimmed(text: str, start: int, end: int) -> tuple[int, int] | None:
    """Leave out white space and invisible characters at both ends of a line; None if nothing is
    left.
    """
    line = text[start:end]
    bare = line.strip()
    if not bare.isascii():
        bare = bare.strip(_UNSEEN)
    head = line.index(bare)
    return (start + head, start + head + len(bare)) if bare else None


def _groups(text: str) -> Iterator[list[tuple[int, int]]]:
    """Return the lines in groups, up to blank ones. A blank line between the handle of an
    attribution and its date parts nothing.
    """
    last: list[tuple[int, int]] = []
    for group in _by_blank_lines(text, 0, len(text)):
        if (
            last
            and _HANDLE_LAST.search(text, max(last[-1][0], last[-1][1] - 24), last[-1][1])
            and find_date(text, group[0][0])
        ):
            last += group
            continue
        if last:
            yield last
        last = group
    if last:
        yield last


def _by_blank_lines(text: str, start: int, end: int) -> Iterator[list[tuple[int, int]]]:
    """Return the lines in groups: a line without anything in it, not even a `<br>`, ends a
    group.
    """
    group: list[tuple[int, int]] = []
    at = start
    while at < end:
        match = _LINE_END.search(text, at, end)
        stop, after = (match.start(), match.end()) if match else (end, end)
        trimmed = _trimmed(text, at, stop)
        if trimmed:
            group.append(trimmed)
        elif (
            group
            and not (match and match[0] == LINE_BREAK)
            and (at == start or text[at - 1] != LINE_BREAK)
        ):
            yield group
            group = []
        at = after
    if group:
        yield group
