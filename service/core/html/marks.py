"""The tags and comments of an HTML article, one after the other: as turbohtml's tokenizer sees
them, which sees what the tree dropped or moved, and as the tree does where that saw text.

They are read once, with what stands between them (`document.py`), and none is kept: all of them
take more room than the tree.
"""

import re
import sys
from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

import turbohtml
from turbohtml import TokenType

from service.core.html.cdata import is_hidden_mark
from service.core.html.elements import Element

Mark: TypeAlias = tuple[int, int, str, bool]
"""A tag or a comment: start, end, tag (empty for a comment), whether it is an end tag."""

_TEXT, _REFERENCE_IN_TEXT = TokenType.TEXT, TokenType.CHARACTER_REFERENCE
_COMMENT, _END_TAG = TokenType.COMMENT, TokenType.END_TAG


@dataclass(frozen=True, slots=True)
class HtmlComment:
    """An HTML comment, delimiters included."""

    start: int
    end: int
    text: str


class Marks:
    """The tags and comments of an article."""

    def __init__(self, source: str, tags: str, elements: list[Element]) -> None:
        """Take the article, what a parser reads of it (of the same length), and the elements that
        it found.
        """
        self._source = source
        self._tags = tags
        self._elements = elements
        self.comments: list[HtmlComment] = []
        """Those that were read."""
        self.end_tags = array("I")
        """Where those begin that were read."""

    def read(self) -> Iterator[Mark]:
        """Return every tag and comment in source order, and the end of the article as a block's."""
        missed = _MissedTags(self._elements)
        for mark in self._read_tokens():
            if missed.next < mark[0]:
                yield from self._noted(missed.before(mark[0]))
            if missed.next == mark[0]:
                missed.pass_by()
            if mark[3]:
                self.end_tags.append(mark[0])
            yield mark
        yield from self._noted(missed.before(sys.maxsize))
        yield len(self._source), len(self._source), "html", True

    def _noted(self, marks: Iterator[Mark]) -> Iterator[Mark]:
        """Return marks, and note the end tags among them."""
        for mark in marks:
            if mark[3]:
                self.end_tags.append(mark[0])
            yield mark

    def _read_tokens(self) -> Iterator[Mark]:
        """Return the tags and comments that the tokenizer sees."""
        line_end = re.compile("[\r\n]" if "\r" in self._source else "\n")
        lines = [0, *(match.end() for match in line_end.finditer(self._source))]
        token: turbohtml.Token | None = None
        for token in turbohtml.tokenize(
            self._tags,
            resolve_references=False,
            capture_source=True,
            capture_attributes=False,
        ):
            kind = token.type
            if kind is _TEXT or kind is _REFERENCE_IN_TEXT:
                continue
            start = lines[token.line - 1] + token.col
            written = token.source or token.data or ""
            tag = token.tag or ""
            if kind is _COMMENT and is_hidden_mark(self._source, self._tags, start):
                tag = "hr"  # what is in a section stands by itself
            elif kind is _COMMENT and written.startswith("<!--"):
                self.comments.append(HtmlComment(start, start + len(written), written))
                if written[4:].lstrip().startswith(("wp:", "/wp:")):
                    tag = "hr"  # a block delimiter ends a line as a rule does
            yield start, start + len(written), tag, kind is _END_TAG
        last = (
            lines[token.line - 1] + token.col + len(token.source or token.data or "")
            if token is not None
            else 0
        )
        if last < len(self._source):  # a tag that the end of the article cut off: no text
            yield last, len(self._source), "hr", True


class _MissedTags:
    """The tags of elements that the tokenizer did not see: what it took for text (after
    `<svg><style>`, say) and the tree knows to be tags; for places asked in rising order.
    """

    def __init__(self, elements: list[Element]) -> None:
        self._elements = elements
        starts = [one.start for one in elements]
        closes = [one.close_start for one in elements if one.close_start is not None]
        self._places = sorted([*starts, *closes], reverse=True)
        self.next = self._places[-1] if self._places else sys.maxsize

    def pass_by(self) -> None:
        """Leave out the tag at the next place: it was seen."""
        waiting, place = self._places, self.next
        while waiting and waiting[-1] == place:
            waiting.pop()
        self.next = waiting[-1] if waiting else sys.maxsize

    def before(self, end: int) -> Iterator[Mark]:
        """Return those before a place, in order."""
        while self.next < end:
            yield self._marks[self.next]
            self.pass_by()

    @cached_property
    def _marks(self) -> dict[int, Mark]:
        marks: dict[int, Mark] = {}
        for one in self._elements:
            marks.setdefault(one.start, (one.start, one.open_end, one.tag, False))
            if one.close_start is not None:
                marks.setdefault(one.close_start, (one.close_start, one.end, one.tag, True))
        return marks


class Around:
    """Returns which element stands innermost around a place, for places asked in rising order."""

    def __init__(self, elements: list[Element]) -> None:
        self._elements = elements
        starts = [one.start for one in elements]
        self._waiting = (
            iter(range(len(starts)))
            if starts == sorted(starts)
            else iter(sorted(range(len(starts)), key=starts.__getitem__))
        )
        self._open: list[tuple[int, int]] = []  # limit and number
        self._step()

    def _step(self) -> None:
        self._number = next(self._waiting, -1)
        found = self._number >= 0
        self._next = self._elements[self._number].open_end if found else sys.maxsize

    def at(self, place: int) -> int:
        """Return the number of the element, -1 if there is none."""
        opened = self._open
        while self._next <= place:
            number, element = self._number, self._elements[self._number]
            self._step()
            if element.limit > place:
                while opened and opened[-1][0] <= element.start:
                    opened.pop()
                opened.append((element.limit, number))
        while opened and opened[-1][0] <= place:
            opened.pop()
        return opened[-1][1] if opened else -1
