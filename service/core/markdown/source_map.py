"""A Markdown article written as HTML, its twin, and the way back from each character of the twin to
the article.
"""

import re
from array import array
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto

_REFERENCE = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_ESCAPED = {"<": "&lt;", ">": "&gt;", "&": "&amp;", '"': "&quot;"}


_MOST = 50_000
"""Stretches in one block: nobody writes so many."""


class SourceMapBuilder(Enum):
    """How a stretch of the twin stands in the article."""

    RAW = auto()  # as it is, as HTML
    TEXT = auto()  # as it is, as Markdown
    MADE = auto()  # otherwise


@dataclass(slots=True)
class MappedSpan:
    """Some HTML of the twin, and where in the article it comes from."""

    html: str
    start: int
    end: int
    written: SourceMapBuilder = SourceMapBuilder.MADE


def _places() -> "array[int]":
    return array("I")


@dataclass(slots=True)
class HtmlSourceMap:
    """Stretches of HTML in order: those of the block that is being written, while it is; of all
    before it nothing but their places is kept. `html` and the look-ups hold once `seal` was called.
    `is_cut` tells that a block has more than are read, and what stands behind is missing.
    """

    source: str
    stretches: list[MappedSpan] = field(default_factory=list)
    html: str = ""
    is_cut: bool = False
    _blocks: list[str] = field(default_factory=list)
    _length: int = 0
    _starts: "array[int]" = field(default_factory=_places)  # in the twin
    _origins: "tuple[array[int], array[int]]" = field(
        default_factory=lambda: (_places(), _places())
    )
    _written: list[SourceMapBuilder] = field(default_factory=list)

    def has_room(self) -> bool:
        """Return whether the block that is being written may grow, and note it if it may not."""
        self.is_cut = self.is_cut or len(self.stretches) >= _MOST
        return len(self.stretches) < _MOST

    def raw(self, start: int, end: int) -> None:
        """Add HTML that stands in the article."""
        if start < end:
            self.stretches.append(
                MappedSpan(self.source[start:end], start, end, SourceMapBuilder.RAW),
            )

    def made(self, html: str, start: int, end: int | None = None) -> MappedSpan:
        """Add HTML for a stretch of Markdown (or for a place between two characters of it)."""
        stretch = MappedSpan(html, start, start if end is None else end)
        self.stretches.append(stretch)
        return stretch

    def text(self, start: int, end: int) -> None:
        """Add text as it stands in the article; what HTML would read otherwise is escaped."""
        at = start
        for match in re.finditer(r"[<>]|&", self.source[start:end]):
            place = start + match.start()
            if place < at:
                continue
            if not self.has_room():
                return
            reference = _REFERENCE.match(self.source, place, end) if match[0] == "&" else None
            self._plain(at, place)
            if reference:
                self._plain(place, reference.end())
                at = reference.end()
            else:
                self.made(_ESCAPED[match[0]], place, place + 1)
                at = place + 1
        self._plain(at, end)

    def _plain(self, start: int, end: int) -> None:
        if start < end:
            self.stretches.append(
                MappedSpan(self.source[start:end], start, end, SourceMapBuilder.TEXT),
            )

    def end_block(self) -> None:
        """Take the stretches as they are now."""
        block = [stretch for stretch in self.stretches if stretch.html]
        self._blocks.append("".join([stretch.html for stretch in block]))
        begins, ends = self._origins
        for stretch in block:
            self._starts.append(self._length)
            self._length += len(stretch.html)
            begins.append(stretch.start)
            ends.append(stretch.end)
            self._written.append(stretch.written)
        self.stretches.clear()

    def seal(self) -> None:
        """Join the stretches."""
        self.end_block()
        self.html = "".join(self._blocks)
        self._blocks.clear()

    def is_raw(self, place: int) -> bool | None:
        """Return whether a character of the twin stands in the article as it does there, as HTML;
        None behind the end.
        """
        if place >= len(self.html):
            return None
        return self._written[bisect_right(self._starts, place) - 1] is SourceMapBuilder.RAW

    def start(self, place: int) -> int:
        """Return where in the article the character at `place` begins."""
        number = bisect_right(self._starts, place) - 1
        if number < 0 or place >= len(self.html):
            return len(self.source)
        begins = self._origins[0][number]
        if self._written[number] is SourceMapBuilder.MADE:
            return begins
        return begins + place - self._starts[number]

    def end(self, place: int) -> int:
        """Return where in the article the character before `place` ends."""
        number = bisect_right(self._starts, place - 1) - 1
        if number < 0:
            return 0
        if self._written[number] is SourceMapBuilder.MADE:
            return self._origins[1][number]
        return self._origins[0][number] + place - self._starts[number]

    def starts_of(self, places: Iterable[int]) -> Sequence[int]:
        """Return where in the article the characters at some places begin."""
        found, first, last, shift = _places(), 0, 0, 0
        for place in places:
            if first <= place < last:
                found.append(place + shift)
            else:
                found.append(self.start(place))
                first, last, shift = self._unchanged_at(place)
        return found

    def ends_of(self, places: Iterable[int]) -> Sequence[int]:
        """Return where in the article the characters before some places end."""
        found, first, last, shift = _places(), 0, 0, 0
        for place in places:
            if first < place <= last:
                found.append(place + shift)
            else:
                found.append(self.end(place))
                first, last, shift = self._unchanged_at(place - 1)
        return found

    def _unchanged_at(self, place: int) -> tuple[int, int, int]:
        """Return the stretch around a place and how far its characters stand from those of the
        article; an empty one where they are others there.
        """
        number = bisect_right(self._starts, place) - 1
        if number < 0 or place >= len(self.html) or self._written[number] is SourceMapBuilder.MADE:
            return 0, 0, 0
        first = self._starts[number]
        last = self._starts[number + 1] if number + 1 < len(self._starts) else len(self.html)
        return first, last, self._origins[0][number] - first


def escaped(text: str) -> str:
    """Write text as HTML."""
    return "".join(_ESCAPED.get(character, character) for character in text)


def destination(written: str) -> str:
    r"""Read a link's destination, backslashes resolved and references left, and give it as the
    value of an attribute.
    """
    plain = re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", written)
    parts: list[str] = []
    at = 0
    for match in _REFERENCE.finditer(plain):
        parts += (escaped(plain[at : match.start()]), match[0])
        at = match.end()
    return "".join((*parts, escaped(plain[at:])))
