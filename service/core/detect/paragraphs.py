"""Paragraphs and lines: the units in which flattened tweets and lone addresses stand, in HTML and
in plain text alike.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TypeAlias

from service.core.detect.visible_run import VisibleRun
from service.core.html.document import (
    LINE_BREAK,
    OBJECT,
    HtmlDocument,
    InlineRun,
    VisibleText,
)
from service.core.html.wordpress_blocks import BlockDelimiters
from service.core.mentions import (
    InsertionPoint,
    NotPlaceable,
    Range,
    ReplaceContent,
    SplitParagraph,
)
from service.core.text.attribution import FoundAttribution, find_attributions
from service.core.text.dates import find_date
from service.core.text.escaping import INVISIBLE
from service.core.vocabulary import HANDLE

_LINE_END = re.compile("[\n\r\u2028]")
_UNSEEN = "".join(
    character
    for character in map(chr, range(0x10000))
    if INVISIBLE.match(character) or character.isspace()
)
_HANDLE_LAST = re.compile(rf"[(（][@＠]{HANDLE.pattern}[)）]\Z")
_LINES = frozenset({"p", "div"})
"""Elements that editors make of lines."""
_LONGEST_HANDLE = 24  # in its brackets
_LONGEST_END = 30
_LONGEST_GAP = 200
_NEAR = 2000
_NOTHING = re.compile(r"(?>(?:\s|<!--\s*/?wp:[^<>]*-->)*)")
_FURTHEST_BACK = (
    1500  # characters: a tweet's own blank lines, when it is flattened, part paragraphs
)


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
        if (dated := _with_date_behind(stretch, run, blocks)) is not None:
            yield from _told(*dated)
            continue
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


_Group: TypeAlias = tuple[list[Range], InsertionPoint, Range | None]


def _with_date_behind(
    stretch: VisibleRun, run: InlineRun, blocks: BlockDelimiters
) -> tuple[VisibleRun, list[_Group]] | None:
    """Return a paragraph that ends in the handle of an attribution together with the next one that
    holds nothing but its date: text of which each line was made an element. None for any other.
    """
    page, text = stretch.page, stretch.visible.text
    if page is None or not {")", "）"}.intersection(text[-_LONGEST_END:]) or run.container < 0:
        return None
    trimmed = _trimmed(text, 0, len(text))
    if trimmed is None or not _ends_in_handle(text, trimmed):
        return None
    behind = _line_behind(page, run)
    if behind is None:
        return None
    both = stretch.with_line(behind)
    lines = list(_lines(both.visible.text, 0, len(both.visible.text), LINE_BREAK))
    found = find_attributions(both.readable)
    opens = lines[0][0] if _is_first(page, run) else -1  # an attribution there closes nothing
    one = found[-1] if found else None
    if one is None or not one.dash or one.end != lines[-1][1] or one.start == opens:
        return None
    own, following = page.elements[run.container], page.elements[behind.container]
    content = both.visible.source(lines[0][0], lines[-1][1])
    point, _ = paragraph_place(page, run, (content[0], own.limit), blocks)
    if own.tag != "p" or not isinstance(point, SplitParagraph) or point.delimiters is not None:
        return both, [(lines, NotPlaceable(), None)]  # but where the words stand in others before
    point = replace(point, content=content, span=(point.span[0], following.end))
    return both, [(lines, point, None)]


def _is_first(page: HtmlDocument, run: InlineRun) -> bool:
    """Return whether nothing shows before a run, which is at the beginning of the article."""
    before = page.runs[: bisect_left(page.run_starts, run.start)] if run.start < _NEAR else [run]
    return not any(page.visible(one.pieces).text.strip() for one in before)


def _line_behind(page: HtmlDocument, run: InlineRun) -> InlineRun | None:
    """Return what shows in the element right behind the one of a run, where both are lines that
    hold nothing else; None where no such stands there.
    """
    own = page.elements[run.container]
    first = bisect_right(page.run_starts, run.start)
    last = bisect_left(page.run_starts, own.end + _LONGEST_GAP)
    shown = (one for one in page.runs[first:last] if page.visible(one.pieces).text.strip())
    behind = next(shown, None)
    if behind is None or behind.container < 0 or page.hidden(behind.container):
        return None
    one = page.elements[behind.container]
    ends = own.close_start is not None and one.close_start is not None
    if not ends or own.tag not in _LINES or (one.tag, one.parent) != (own.tag, own.parent):
        return None
    is_alone = behind.start <= one.open_end and one.limit <= behind.end
    return behind if is_alone and _NOTHING.fullmatch(page.source, own.end, one.start) else None


def _told(
    stretch: VisibleRun,
    groups: Iterable[_Group],
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
        if last and _ends_in_handle(text, last[-1]) and find_date(text, group[0][0]):
            last += group
            continue
        if last:
            yield last
        last = group
    if last:
        yield last


def _ends_in_handle(text: str, line: Range) -> bool:
    start, end = line
    return _HANDLE_LAST.search(text, max(start, end - _LONGEST_HANDLE), end) is not None


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
