"""What was made of X's answers, remembered by all that it depends on besides them: what comes again
costs a look at these.
"""

import sys
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Final, Generic, NamedTuple, TypeVar

from cachetools import LRUCache

from service.core.article import Article, EmbedResult, Options
from service.core.model import Format
from service.core.rewrite.verbatim import VerbatimPassage
from service.pipeline.known_answers import UsedAnswer, are_current
from service.pipeline.passage_resolver import PassageResult
from service.pipeline.seen_before import SeenBefore
from service.pipeline.verbatim_resolver import VerbatimTweet

_ENTRY_BYTES: Final = 1_200
_EMBED_BYTES: Final = 1_400
_ANSWER_BYTES: Final = 160

K = TypeVar("K", bound=Hashable)
R = TypeVar("R")


class PassageKey(NamedTuple):
    """All that a written passage depends on besides X's answers. `wider` tells that it was read
    with the wider words of its mentions.
    """

    content: str
    format: Format
    output: str
    options: Options
    wider: bool = False

    @classmethod
    def of(
        cls, content: str, written_in: Format, article: Article, *, wider: bool = False
    ) -> "PassageKey":
        """Return that of a passage of an article."""
        return cls(content, written_in, article.output, article.options, wider)


@dataclass(frozen=True, slots=True)
class WrittenPassage:
    """A result, and how many mentions and links were resolved for it."""

    result: PassageResult
    mentions: int


@dataclass(frozen=True, slots=True)
class Remembered(Generic[R]):
    """A result, and the answers of X it was made of."""

    result: R
    used: tuple[UsedAnswer, ...]


class ResultMemory(Generic[K, R]):
    """Results, those used last, in at most `max_bytes`; never any, if that is 0."""

    def __init__(self, max_bytes: int, size: Callable[[R], int]) -> None:
        """Remember nothing yet. `size` is how many bytes a result holds, its key included."""
        self._size = size
        self._held: LRUCache[K, Remembered[R]] = LRUCache(max_bytes, getsizeof=self._bytes)

    def __len__(self) -> int:
        """Return how many results are remembered."""
        return len(self._held)

    def get(self, key: K) -> Remembered[R] | None:
        """Return a result; None if there is none, or an answer it was made of is not the answer any
        more.
        """
        try:
            remembered = self._held[key]
        except KeyError:
            return None
        if not are_current(remembered.used):
            del self._held[key]
            return None
        return remembered

    def put(self, key: K, remembered: Remembered[R]) -> None:
        """Remember a result, unless it is too long for that."""
        if self._bytes(remembered) <= self._held.maxsize:
            self._held[key] = remembered

    def clear(self) -> None:
        """Forget all of them."""
        self._held.clear()

    def _bytes(self, remembered: Remembered[R]) -> int:
        return self._size(remembered.result) + len(remembered.used) * _ANSWER_BYTES


class PassageMemory(ResultMemory[PassageKey, WrittenPassage]):
    """Written passages. One is remembered when it comes the second time: most come once, and would
    only be in the way.
    """

    def __init__(self, max_bytes: int) -> None:
        """Remember nothing yet."""
        super().__init__(max_bytes, _passage_bytes)
        self._seen = SeenBefore()

    def put(self, key: PassageKey, remembered: Remembered[WrittenPassage]) -> None:
        """Remember a written passage that came before, unless it is too long for that."""
        if self._seen.note(hash(key)):
            super().put(key, remembered)


VerbatimKey = tuple[VerbatimPassage, Options]
"""What a passage says of a tweet, and how it is to be written."""


class VerbatimMemory(ResultMemory[VerbatimKey, VerbatimTweet]):
    """Tweets that stood somewhere letter for letter: in another article only what is around them is
    another.
    """

    def __init__(self, max_bytes: int) -> None:
        """Remember nothing yet."""
        super().__init__(max_bytes, _tweet_bytes)


class AddressMemory(ResultMemory[tuple[str, Options], EmbedResult]):
    """Embeds for an address alone, by the address and how they are to be written."""

    def __init__(self, max_bytes: int) -> None:
        """Remember nothing yet."""
        super().__init__(max_bytes, lambda embed: _ENTRY_BYTES + _embed_bytes(embed))


def _passage_bytes(written: WrittenPassage) -> int:
    """Return about how many bytes a written passage holds, its key included: the source is as long
    as what was written, or shorter.
    """
    result = written.result
    return (
        _ENTRY_BYTES
        + 2 * sys.getsizeof(result.content)
        + sum(map(_embed_bytes, result.embeds))
        + len(result.links) * _EMBED_BYTES // 2
    )


def _tweet_bytes(tweet: VerbatimTweet) -> int:
    """Return about how many bytes a tweet holds, its key included: its words stand in its HTML."""
    return _ENTRY_BYTES + 2 * sys.getsizeof(tweet.html) + _EMBED_BYTES


def _embed_bytes(embed: EmbedResult) -> int:
    return 2 * sys.getsizeof(embed.html or "") + _EMBED_BYTES
