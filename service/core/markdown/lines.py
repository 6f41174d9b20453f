"""The lines of a paragraph of Markdown as one text, and the reference definitions it may begin with
(CommonMark 4.7).
"""

import re
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass

GAP = r"[ \t]*+(?:\n[ \t]*+)?"
TITLE = (
    r"(?:\"(?>(?:[^\"\\]|\\.){0,1000})\"|'(?>(?:[^'\\]|\\.){0,1000})'"
    r"|\((?>(?:[^()\\]|\\.){0,1000})\))"
)
BARE = r"(?>(?:[^\s()\\]|\\\S?+|\((?>(?:[^\s()\\]|\\\S?+|\([^\s()]{0,500}+\)){0,500})\)){0,2000})"
_DEFINITION = re.compile(
    rf"\[(?P<label>(?>(?:[^\[\]\\]|\\.){{1,999}}))\]:{GAP}"
    rf"(?:<(?P<angled>(?>(?:[^<>\n\\]|\\.){{0,2000}}))>|(?P<bare>(?![\s<]){BARE}))"
    rf"(?:(?=\s){GAP}{TITLE}[ \t]*+(?=\n|\Z)|[ \t]*+(?=\n|\Z))\n?",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Destination:
    """Where a link leads, as written, and where that stands in the article."""

    written: str
    start: int
    end: int


Definitions = Mapping[str, Destination]


@dataclass(frozen=True, slots=True)
class ParagraphLines:
    """Stretches of the article as one text with line feeds between them."""

    text: str
    _begins: list[int]
    _places: list[int]

    @classmethod
    def of(cls, source: str, lines: list[tuple[int, int]]) -> "ParagraphLines":
        """Join the lines."""
        begins = [0]
        for start, end in lines[:-1]:
            begins.append(begins[-1] + end - start + 1)
        return cls(
            "\n".join(source[start:end] for start, end in lines),
            begins,
            [start for start, _ in lines],
        )

    def place(self, at: int) -> int:
        """Return where in the article a character stands."""
        number = bisect_right(self._begins, at) - 1
        return self._places[number] + at - self._begins[number]

    def end(self, at: int) -> int:
        """Return where in the article the character before `at` ends."""
        return self.place(at - 1) + 1 if at else self.place(0)


def label_of(written: str) -> str:
    """Return a link label in the form in which labels are compared (CommonMark 4.7)."""
    return " ".join(written.split()).casefold()


def read_definitions(lines: ParagraphLines, known: dict[str, Destination]) -> int:
    """Take the reference definitions at the beginning of a paragraph into `known`; give where the
    paragraph goes on.
    """
    at = 0
    while (match := _DEFINITION.match(lines.text, at)) and match["label"].strip():
        group = "angled" if match["angled"] is not None else "bare"
        found = Destination(
            match[group],
            lines.place(match.start(group)),
            lines.end(match.end(group)),
        )
        known.setdefault(label_of(match["label"]), found)
        at = match.end()
    return at
