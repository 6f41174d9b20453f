"""A Markdown article written as HTML, its twin, and the way back from each character of the twin to
the article.
"""

import re
from bisect import bisect_right
from dataclasses import dataclass, field
from enum import Enum, auto

_REFERENCE = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_ESCAPED = {"<": "&lt;", ">": "&gt;", "&": "&amp;", '"': "&quot;"}


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


@dataclass(slots=True)
class HtmlSourceMap:
    """Stretches of HTML in order; `html` and the look-ups hold once `seal` was called."""

    source: str
    stretches: list[MappedSpan] = field(default_factory=list)
    html: str = ""
    _starts: list[int] = field(default_factory=list)

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

    def seal(self) -> None:
        """Join the stretches."""
        self.stretches = [stretch for stretch in self.stretches if stretch.html]
        at = 0
        for stretch in self.stretches:
            self._starts.append(at)
            at += len(stretch.html)
        self.html = "".join(stretch.html for stretch in self.stretches)

    def stretch_at(self, place: int) -> MappedSpan | None:
        """Return the stretch that a character of the twin belongs to."""
        return (
            self.stretches[bisect_right(self._starts, place) - 1]
            if self.stretches and place < len(self.html)
            else None
        )

    def start(self, place: int) -> int:
        """Return where in the article the character at `place` begins."""
        number = bisect_right(self._starts, place) - 1
        if number < 0 or place >= len(self.html):
            return len(self.source)
        stretch = self.stretches[number]
        return (
            stretch.start
            if stretch.written is SourceMapBuilder.MADE
            else stretch.start + place - self._starts[number]
        )

    def end(self, place: int) -> int:
        """Return where in the article the character before `place` ends."""
        number = bisect_right(self._starts, place - 1) - 1
        if number < 0:
            return 0
        stretch = self.stretches[number]
        return (
            stretch.end
            if stretch.written is SourceMapBuilder.MADE
            else stretch.start + place - self._starts[number]
        )


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
