"""The passages of an article that is like one read before but for some words: what changed is read,
with the pieces right beside it, and what stands elsewhere is as it was.

What is read is a part that begins and ends where nothing is open, so it means the same by itself
(`core/detect/passages.py`). Only a passage may reach over a border: one of before that touches it
is read too, and where a new one touches the first or the last piece of the part, the article is
read as a whole.
"""

import re
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from functools import cached_property
from typing import Final

from service.core.detect.passages import PARAGRAPHS, passages_of, read_blocks
from service.core.mentions import Range
from service.core.text.prefilter import Traces

_ENDS: Final = re.compile("</(?:p|h[1-6])>")


class EarlierReading:
    """An article as it was read, by passages; its blocks are looked up when one like it comes."""

    def __init__(self, source: str, passages: Sequence[Range]) -> None:
        """Remember what `read_passages` returned."""
        self.source = source
        self.passages = passages

    @cached_property
    def _blocks(self) -> tuple[Sequence[int], Sequence[int], bytes]:
        """The starts and the ends of the blocks that stand in nothing, and 1 for each that is a run
        of plain paragraphs.
        """
        blocks = read_blocks(self.source) or []
        return (
            array("Q", (start for start, _, _ in blocks)),
            array("Q", (end for _, end, _ in blocks)),
            bytes(tag == PARAGRAPHS for _, _, tag in blocks),
        )

    def begin_before(self, place: int) -> int:
        """Return where the last block or plain paragraph begins that begins before a place; 0 if
        none does.
        """
        starts, ends, are_paragraphs = self._blocks
        number = bisect_left(starts, place) - 1
        if number < 0:
            return 0
        start = starts[number]
        if not are_paragraphs[number]:
            return start
        stop = min(place, ends[number])
        return max(start, *(self.source.rfind(mark, start, stop) for mark in ("<p", "<h")))

    def end_behind(self, place: int) -> int:
        """Return where the first block or plain paragraph ends that ends behind a place; the
        article's end if none does.
        """
        starts, ends, are_paragraphs = self._blocks
        number = bisect_right(ends, place)
        if number == len(ends):
            return len(self.source)
        end = ends[number]
        if not are_paragraphs[number]:
            return end
        closes = _ENDS.search(self.source, max(starts[number], place), end)
        return closes.end() if closes else end


def read_changed(source: str, before: EarlierReading) -> Sequence[Range] | None:
    """Return the passages of an article as `read_passages` does, by those of one that is like it;
    None if it has to be read as a whole.
    """
    was = before.source
    same = _common_start(was, source)
    same_behind = _common_end(was, source, min(len(was), len(source)) - same)
    if (len(source) - same - same_behind) * 2 > len(source):  # another article that begins alike
        return None
    first = before.begin_before(before.begin_before(same))
    last = before.end_behind(before.end_behind(len(was) - same_behind))
    for start, end in reversed(before.passages):
        if start <= first < end:  # one at the border could reach over it
            first = before.begin_before(start)
    for start, end in before.passages:
        if start < last <= end:
            last = before.end_behind(end)
    moved = len(source) - len(was)
    if (last + moved - first) * 2 > len(source):  # reading it all costs little more
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
