"""Articles that were read before, for those that come again with some words changed."""

import sys
from collections.abc import Collection, Sequence
from typing import Final

from cachetools import LRUCache

from service.core.detect.earlier_reading import EarlierReading, read_changed
from service.core.detect.sections import read_passages_around_sections
from service.core.html.cdata import CDATA_MARKS
from service.core.mentions import Range
from service.pipeline.concurrency import LONG_TEXT
from service.pipeline.seen_before import MOST_SEEN, SeenBefore

_SHORTEST: Final = 4_000
"""Characters of an article below which looking for what changed saves nothing."""
_ENDS: Final = 400
"""Characters at an article's beginning and end by either of which it is known again."""
_ENTRY_BYTES: Final = 2_500
_PASSAGE_BYTES: Final = 120


class ReadingMemory:
    """Readings of articles, those used last, in at most `max_bytes`; never any, if that is 0."""

    def __init__(self, max_bytes: int) -> None:
        """Remember nothing yet."""
        self._held: LRUCache[str, EarlierReading] = LRUCache(max_bytes, getsizeof=_half_bytes)
        self._seen = SeenBefore(2 * MOST_SEEN)  # an article by both of its ends

    def __len__(self) -> int:
        """Return how many beginnings and ends of articles are known."""
        return len(self._held)

    def read_passages(self, source: str, further: Collection[int] = ()) -> Sequence[Range] | None:
        """Return the passages of an HTML article as `read_passages_around_sections` does: only what
        changed is read where an article like it was read before.
        """
        if further or not self._held.maxsize or not _SHORTEST <= len(source) < LONG_TEXT:
            return read_passages_around_sections(source, further)
        ends = source[:_ENDS], source[-_ENDS:]
        for known_by in ends:
            if known_by in self._held:
                read = read_changed(source, self._held[known_by])
                if read is not None:
                    return read
        passages = read_passages_around_sections(source)
        if passages and CDATA_MARKS[0] not in source and self._seen.note(*map(hash, ends)):
            self._remember(ends, EarlierReading(source, passages))
        return passages

    def _remember(self, ends: tuple[str, str], reading: EarlierReading) -> None:
        if 2 * _half_bytes(reading) <= self._held.maxsize:
            self._held[ends[0]] = self._held[ends[1]] = reading


def _half_bytes(reading: EarlierReading) -> int:
    """Return half of about how many bytes a reading holds, for it is held twice."""
    passages = len(reading.passages) * _PASSAGE_BYTES
    return (_ENTRY_BYTES + sys.getsizeof(reading.source) + passages) // 2
