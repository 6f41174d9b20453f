"""The passages of an article that is like one read before but for some words: what changed is read,
with the pieces right beside it, and what stands elsewhere is as it was.

What is read is a part that begins and ends where nothing is open, so it means the same by itself
(`core/detect/passages.py`). Only a passage may reach over a border: where one touches the first or
the last piece of the part, or one of before lies across a border, the article is read as a whole.
"""

import re
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Self

from service.core.detect.passages import PARAGRAPHS, passages_of, read_blocks
from service.core.mentions import Range
from service.core.text.prefilter import Traces

_ENDS: Final = re.compile("</(?:p|h[1-6])>")


@dataclass(frozen=True, slots=True)
class EarlierReading:
    """An article as it was read: its blocks that stand in nothing, by their starts and their ends,
    1 for each that is a run of plain paragraphs, and its passages.
    """

    source: str
    starts: Sequence[int]
    ends: Sequence[int]
    are_paragraphs: bytes
    passages: Sequence[Range]

    @classmethod
    def of(cls, source: str, passages: Sequence[Range]) -> Self | None:
        """Return the reading of an article; None if it was read as a whole."""
        blocks = read_blocks(source)
        if blocks is None:
            return None
        return cls(
            source,
            array("Q", (start for start, _, _ in blocks)),
            array("Q", (end for _, end, _ in blocks)),
            bytes(tag == PARAGRAPHS for _, _, tag in blocks),
            passages,
        )

    def begin_before(self, place: int) -> int:
        """Return where the last block or plain paragraph begins that begins before a place; 0 if
        none does.
        """
        number = bisect_left(self.starts, place) - 1
        if number < 0:
            return 0
        start = self.starts[number]
        if not self.are_paragraphs[number]:
            return start
        stop = min(place, self.ends[number])
        return max(start, *(self.source.rfind(mark, start, stop) for mark in ("<p", "<h")))

    def end_behind(self, place: int) -> int:
        """Return where the first block or plain paragraph ends that ends behind a place; the
        article's end if none does.
        """
        number = bisect_right(self.ends, place)
        if number == len(self.ends):
            return len(self.source)
        end = self.ends[number]
        if not self.are_paragraphs[number]:
            return end
        closes = _ENDS.search(self.source, max(self.starts[number], place), end)
        return closes.end() if closes else end


def read_changed(source: str, before: EarlierReading) -> Sequence[Range] | None:
    """Return the passages of an article as `read_passages` does, by those of one that is like it;
    None if it has to be read as a whole.
    """
    was = before.source
    same = _common_start(was, source)
    same_behind = _common_end(was, source, min(len(was), len(source)) - same)
    first = before.begin_before(before.begin_before(same))
    last = before.end_behind(before.end_behind(len(was) - same_behind))
    moved = len(source) - len(was)
    if (last + moved - first) * 2 > len(source):  # reading it all costs little more
        return None
    if any(start < border < end for start, end in before.passages for border in (first, last)):
        return None
    part = source[first : last + moved]
    blocks = read_blocks(part)
    if blocks is None:
        return None
    read = passages_of(part, Traces(part), blocks)
    changed = [(first + start, first + end) for start, end in read]
    if changed and (
        (first and changed[0][0] == first) or (last < len(was) and changed[-1][1] == last + moved)
    ):
        return None
    return [
        *(place for place in before.passages if place[1] <= first),
        *changed,
        *((start + moved, end + moved) for start, end in before.passages if start >= last),
    ]


def _common_start(one: str, other: str) -> int:
    """Return how many characters two texts begin with are the same."""
    same, differs = 0, min(len(one), len(other)) + 1
    while differs - same > 1:
        middle = (same + differs) // 2
        if one[same:middle] == other[same:middle]:
            same = middle
        else:
            differs = middle
    return same


def _common_end(one: str, other: str, most: int) -> int:
    """Return how many characters two texts end with are the same, of `most` at most."""
    same, differs = 0, most + 1
    while differs - same > 1:
        middle = (same + differs) // 2
        if (
            one[len(one) - middle : len(one) - same]
            == other[len(other) - middle : len(other) - same]
        ):
            same = middle
        else:
            differs = middle
    return same
