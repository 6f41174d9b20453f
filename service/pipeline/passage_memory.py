"""Written passages, remembered by their source, the options, and the answers of X they were made
of: a passage that comes again costs a look at these.
"""

import sys
from collections.abc import Hashable
from dataclasses import dataclass
from typing import Final

from cachetools import LRUCache

from service.core.article import Article, Options
from service.core.model import Format
from service.pipeline.known_answers import UsedAnswer, are_current
from service.pipeline.passage_resolver import PassageResult

MOST_SEEN: Final = 20_000
"""Passages that came once, of which no more is known than that."""

_ENTRY_BYTES: Final = 1_200
_EMBED_BYTES: Final = 1_400
_ANSWER_BYTES: Final = 160


@dataclass(frozen=True, slots=True)
class PassageKey:
    """All that a written passage depends on besides X's answers."""

    content: str
    format: Format
    output: str
    options: Options

    @classmethod
    def of(cls, content: str, written_in: Format, article: Article) -> "PassageKey":
        """Return that of a passage of an article."""
        return cls(content, written_in, article.output, article.options)


@dataclass(frozen=True, slots=True)
class WrittenPassage:
    """A result, the answers of X it was made of, and how many mentions and links were resolved."""

    result: PassageResult
    used: tuple[UsedAnswer, ...]
    mentions: int


class PassageMemory:
    """Written passages, those used last, in at most `max_bytes`. One is remembered when it comes
    the second time: most come once, and would only be in the way.
    """

    def __init__(self, max_bytes: int) -> None:
        """Remember nothing yet; never anything, if `max_bytes` is 0."""
        self._written: LRUCache[Hashable, WrittenPassage] = LRUCache(max_bytes, getsizeof=_size)
        self._seen: set[int] = set()

    def __len__(self) -> int:
        """Return how many passages are remembered."""
        return len(self._written)

    def get(self, key: PassageKey) -> WrittenPassage | None:
        """Return a written passage; None if there is none, or an answer it was made of is not the
        answer any more.
        """
        written = self._written.get(key)
        if written is None:
            return None
        if not are_current(written.used):
            del self._written[key]
            return None
        return written

    def clear(self) -> None:
        """Forget all of them."""
        self._written.clear()

    def put(self, key: PassageKey, written: WrittenPassage) -> None:
        """Remember a written passage that came before, unless it is too long for that."""
        seen = hash(key)
        if seen not in self._seen:
            if len(self._seen) >= MOST_SEEN:
                self._seen.clear()
            self._seen.add(seen)
            return
        if _size(written) <= self._written.maxsize:
            self._written[key] = written


def _size(written: WrittenPassage) -> int:
    """Return about how many bytes a written passage holds, its key included: the source is as long
    as what was written, or shorter.
    """
    result = written.result
    embeds = sum(2 * sys.getsizeof(one.html or "") + _EMBED_BYTES for one in result.embeds)
    return (
        _ENTRY_BYTES
        + 2 * sys.getsizeof(result.content)
        + embeds
        + len(result.links) * _EMBED_BYTES // 2
        + len(written.used) * _ANSWER_BYTES
    )
