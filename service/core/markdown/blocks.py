"""The blocks of a Markdown article and where they stand (CommonMark 0.31, section 4 and 5, with
GFM's tables and front matter).

One pass over the lines, linear in their length. What a block holds is told by its stretches: each
line's characters without the marks of the quotes and list items around it.
"""

import re
from collections.abc import Iterator

from service.core.markdown.outline import Block, Container, Kind, Outline
from service.core.markdown.patterns import (
    CLOSING_MARKS,
    FENCE,
    FENCE_END,
    FRONT,
    HEADING,
    LONE_TAG,
    MARKER,
    RAW,
    RULE,
    SPACE,
    UNDERLINE,
)
from service.core.markdown.tables import table_at

_CODE = 4  # columns of white space that make a line code
_MAY_BEGIN = frozenset(" \t>#`~*-_+=<0123456789")
"""What the first line of anything but a paragraph begins with; a table's second one, too."""
_MAY_MARK = frozenset("-+*0123456789")  # a list item begins so
_MOST_BLOCKS = 200_000
"""Blocks and containers that are read: nobody writes so many."""
_SPARSE = 20
"""Characters for each of them in a text that is long enough to hold more than so many."""
_DEEPEST = 24  # containers in one another; deeper marks are read as text


def read_blocks(text: str) -> Outline:
    """Read the blocks of a Markdown text whose CRLFs are single line feeds, as many as there is
    room for (docs/decisions/0039). Never raises, on any string.
    """
    reader = _Reader(text)
    front = FRONT.match(text)
    at = front.end() if front else 0
    most = max(_MOST_BLOCKS, len(text) // _SPARSE)
    while at < len(text) and len(reader.blocks) + len(reader.containers) <= most:
        end = text.find("\n", at)
        end = len(text) if end < 0 else end
        reader.line(at, end)
        at = end + 1
    return Outline(list(_finished(text, reader.blocks)), reader.containers, is_cut=at < len(text))


class _Reader:
    """Takes the lines one by one and keeps what is open."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.blocks: list[Block] = []
        self.containers: list[Container] = []
        self.open: list[int] = []
        self.leaf: Block | None = None
        self.until: re.Pattern[str] | None = None  # what ends the open block of raw HTML
        self.fence = ""  # what the open code block was opened with; empty for an indented one
        self.at = self.end = self.column = self.owed = (
            0  # owed: columns of a tab that was read in part
        )

    def line(self, start: int, end: int) -> None:
        """Read the line `start` to `end`."""
        if not self.open and self._is_plain(start, end):
            return
        self.at, self.end, self.column, self.owed = start, end, 0, 0
        matched = self._match()
        whole = matched == len(self.open)
        if (
            whole
            and self.leaf is not None
            and self.leaf.kind in {Kind.CODE, Kind.HTML}
            and self._goes_on(self.leaf)
        ):
            self._seen()
            return
        leaf = self.leaf if self.leaf is not None and self.leaf.kind is Kind.TEXT else None
        opened = self._open_containers(matched, leaf if whole else None)
        width, at = self._indent()
        if at >= end:
            if not opened:
                self._close(matched)
            self.leaf = None
            return
        if opened:
            leaf = None
        if leaf is not None and (
            width >= _CODE or not self._starts(leaf, at, whole=whole)
        ):  # also where its marks are missing: lazy (5.1)
            leaf.lines.append((at, end))
            self._seen()
            return
        if not opened:
            self._close(matched)
        self.leaf = None
        self._begin(width, at, leaf if whole else None)
        self._seen()

    def _is_plain(self, start: int, end: int) -> bool:
        """Take a line that can only be of a paragraph outside of all containers, or end one; False
        if it may be anything else.
        """
        leaf = self.leaf
        if leaf is not None and leaf.kind is not Kind.TEXT:
            return False
        if start == end:
            self.leaf = None
        elif self.text[start] in _MAY_BEGIN:
            return False
        elif leaf is None:
            self._add(Block(Kind.TEXT, -1, [(start, end)]))
        else:
            leaf.lines.append((start, end))
        return True

    def _match(self) -> int:
        """Pass the marks of the open containers, and tell how many are there."""
        width, at = self._indent()
        for number, one in enumerate(self.open):
            container = self.containers[one]
            if container.quote:
                if width >= _CODE or at >= self.end or self.text[at] != ">":
                    return number
                self._pass_quote(at)
                width, at = self._indent()
            elif at >= self.end:
                if container.first < 0:
                    return number
            elif width >= container.indent:
                self._pass(container.indent)
                width, at = self._indent()
            else:
                return number
        return len(self.open)

    def _goes_on(self, leaf: Block) -> bool:
        """Take a line into open code or raw HTML; False if it ended before this line."""
        width, at = self._indent()
        if leaf.kind is Kind.HTML:
            if self.until is None and at >= self.end:
                self.leaf = None
                return False
            if self.open:
                leaf.lines.append((self.at, self.end))
            else:
                leaf.end_at(self.end)
            if self.until is not None and self.until.search(self.text, self.at, self.end):
                self.leaf = None
            return True
        if self.fence:
            closing = FENCE_END.match(self.text, at, self.end) if width < _CODE else None
            if closing and closing[1][0] == self.fence[0] and len(closing[1]) >= len(self.fence):
                self.leaf = None
            leaf.end_at(self.end)
            return True
        if width >= _CODE or at >= self.end:
            return True  # nobody asks where indented code ends
        self.leaf = None
        return False

    def _open_containers(self, matched: int, leaf: Block | None) -> bool:
        opened = False
        while len(self.open if opened else self.open[:matched]) < _DEEPEST:
            width, at = self._indent()
            if width >= _CODE or at >= self.end:
                break
            quote = self.text[at] == ">"
            marker = (
                None
                if quote or self.text[at] not in _MAY_MARK or RULE.match(self.text, at, self.end)
                else MARKER.match(self.text, at, self.end)
            )
            if not quote and marker is None:
                break
            if marker and leaf is not None and not opened:
                empty = SPACE.match(self.text, marker.end(), self.end).end() >= self.end  # type: ignore[union-attr]
                if (
                    empty
                    or (marker[0][0].isdigit() and int(marker[0][:-1]) != 1)
                    or self._underlines(leaf, at)
                ):
                    break
            if not opened:
                self._close(matched)
                opened = True
            self.open.append(len(self.containers))
            self.containers.append(
                Container(quote, at, self.end, self.open[-2] if len(self.open) > 1 else -1),
            )
            if quote:
                self._pass_quote(at)
            else:
                self._pass_marker(width, marker.end() - at if marker else 1)
        if opened:
            self.leaf = None
        return opened

    def _underlines(self, leaf: Block, at: int) -> bool:
        return bool(leaf.lines) and UNDERLINE.match(self.text, at, self.end) is not None

    def _pass_marker(self, width: int, length: int) -> None:
        self._pass(width)
        self.at += length
        self.column += length
        spaces, at = self._indent()
        padding = 1 if at >= self.end or spaces > _CODE else spaces
        self.containers[self.open[-1]].indent = width + length + padding
        self._pass(min(padding, spaces))

    def _starts(self, leaf: Block, at: int, *, whole: bool) -> bool:
        """Return whether a line ends the paragraph before it."""
        text, end = self.text, self.end
        if whole and self._underlines(leaf, at):
            return True
        character = text[at]
        if character == "<":
            return any(begins.match(text, at, end) for begins, _ in RAW)
        pattern = {"#": HEADING, "`": FENCE, "~": FENCE, "*": RULE, "-": RULE, "_": RULE}.get(
            character,
        )
        return pattern is not None and pattern.match(text, at, end) is not None

    def _begin(self, width: int, at: int, leaf: Block | None) -> None:
        text, end = self.text, self.end
        container = self.open[-1] if self.open else -1
        if leaf is not None and self._underlines(leaf, at):
            leaf.kind = Kind.HEADING
            return
        if width >= _CODE:
            self.fence = ""
            self._add(Block(Kind.CODE, container, [(at, end)]))
        elif text[at] in "`~" and (fence := FENCE.match(text, at, end)):
            self.fence = fence[1]
            self._add(Block(Kind.CODE, container, [(at, end)], fenced=True))
        elif text[at] == "#" and (heading := HEADING.match(text, at, end)):
            marked = text.find("#", heading.end(), end) >= 0
            closing = CLOSING_MARKS.search(text[heading.end() : end]) if marked else None
            self.blocks.append(
                Block(
                    Kind.HEADING,
                    container,
                    [(heading.end(), heading.end() + closing.start() if closing else end)],
                ),
            )
        elif text[at] not in "*-_" or not RULE.match(text, at, end):
            for begins, until in RAW if text[at] == "<" else ():
                if begins.match(text, at, end):
                    self._add_html(container, at, until)
                    return
            if text[at] == "<" and LONE_TAG.match(text, at, end):
                self._add_html(container, at, None)
            else:
                self._add(Block(Kind.TEXT, container, [(at, end)]))

    def _add_html(self, container: int, at: int, until: re.Pattern[str] | None) -> None:
        self.until = until
        self._add(Block(Kind.HTML, container, [(at, self.end)]))
        if until is not None and until.search(self.text, at, self.end):
            self.leaf = None

    def _add(self, block: Block) -> None:
        self.leaf = block
        self.blocks.append(block)

    def _seen(self) -> None:
        """Note that the open containers go on to here."""
        for number in self.open:
            container = self.containers[number]
            container.end = self.end
            if container.first < 0:
                container.first = len(self.blocks) - 1

    def _close(self, number: int) -> None:
        if number < len(self.open):
            del self.open[number:]
            self.leaf = None

    def _indent(self) -> tuple[int, int]:
        """Return the columns of white space here, and where it ends."""
        at = SPACE.match(self.text, self.at, self.end).end()  # type: ignore[union-attr]
        if "\t" not in self.text[self.at : at]:
            return self.owed + at - self.at, at
        column = self.column
        for character in self.text[self.at : at]:
            column += 4 - column % 4 if character == "\t" else 1
        return self.owed + column - self.column, at

    def _pass(self, columns: int) -> None:
        """Go past so many columns of white space."""
        while columns > 0:
            if self.owed:
                self.owed -= 1
            elif self.text[self.at] == "\t":
                self.owed = 3 - self.column % 4
                self.column += 1 + self.owed
                self.at += 1
            else:
                self.at += 1
                self.column += 1
            columns -= 1

    def _pass_quote(self, at: int) -> None:
        width, _ = self._indent()
        self._pass(width)
        self.at = at + 1
        self.column += 1
        if self._indent()[0]:
            self._pass(1)


def _finished(text: str, blocks: list[Block]) -> Iterator[Block]:
    """Trim text, and part tables from the paragraphs before them."""
    for block in blocks:
        if block.kind in {Kind.TEXT, Kind.HEADING}:
            start, end = block.lines[-1]
            block.lines[-1] = start, start + len(text[start:end].rstrip())
            row = table_at(text, block.lines) if block.kind is Kind.TEXT else None
            if row is not None:
                if row:
                    yield Block(Kind.TEXT, block.container, block.lines[:row])
                yield Block(Kind.TABLE, block.container, block.lines[row:])
                continue
        yield block
