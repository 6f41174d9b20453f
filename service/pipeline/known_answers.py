"""X's answers that are in memory, for what can be resolved without waiting; what is looked at is
noted, so that a result made of them can be told to be out of date.
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

from service.cache.adapters import TweetKey
from service.cache.entries import CachedAnswer, CacheEntry
from service.cache.memory import Deadline
from service.candidates.clue import Clue
from service.candidates.finder import Candidate, Candidates, Standing
from service.candidates.source import SourceName
from service.core.errors import TweetEmbedError
from service.core.model import LinkTarget, ShortLink, Tweet, UnavailableTweet

K = TypeVar("K", bound=Hashable)
K_contra = TypeVar("K_contra", bound=Hashable, contravariant=True)
V = TypeVar("V")


class AnswersInMemory(Protocol[K_contra, V]):
    """What memory knows of X."""

    def held(self, key: K_contra, /) -> CacheEntry[V] | None:
        """Return the answer for a key that is in memory and fresh; None if there is none."""

    def is_current(self, entry: CacheEntry[V], /) -> bool:
        """Return whether what `held` returned is so still: the same answer, fresh, of a tweet that
        is not taken down.
        """


LinksInMemory = AnswersInMemory[ShortLink, LinkTarget]
TweetsInMemory = AnswersInMemory[TweetKey, Tweet | UnavailableTweet]


class NotInMemoryError(TweetEmbedError):
    """Something would have to be waited for, or asked of somebody else than memory."""


@dataclass(frozen=True, slots=True)
class UsedAnswer:
    """An answer that was looked at, and where."""

    memory: AnswersInMemory[Any, Any]
    entry: CacheEntry[Any]


@dataclass(slots=True)
class KnownAnswers:
    """Answers of memory alone. `used` are those that were given."""

    links: LinksInMemory
    tweets: TweetsInMemory
    used: list[UsedAnswer] = field(default_factory=list)

    async def follow(self, link: ShortLink, deadline: Deadline) -> CachedAnswer[LinkTarget]:
        """Return where a link leads. Raise `NotInMemoryError` if that is not known."""
        del deadline
        return self._noted(self.links, link)

    async def fetch(
        self, key: TweetKey, deadline: Deadline
    ) -> CachedAnswer[Tweet | UnavailableTweet]:
        """Return what X says of a tweet. Raise `NotInMemoryError` if that is not known."""
        del deadline
        return self._noted(self.tweets, key)

    def _noted(self, memory: AnswersInMemory[K, V], key: K) -> CachedAnswer[V]:
        entry = memory.held(key)
        if entry is None:
            raise NotInMemoryError
        self.used.append(UsedAnswer(memory, entry))
        return entry.held


@dataclass(frozen=True, slots=True)
class CandidatesElsewhere:
    """The sources of candidates, none of which is memory."""

    candidates: Candidates

    @property
    def names(self) -> tuple[SourceName, ...]:
        """The sources that may be asked, in order."""
        return self.candidates.names

    async def known(self, clue: Clue) -> tuple[Candidate, ...]:
        """Raise `NotInMemoryError`."""
        del clue
        raise NotInMemoryError

    async def search(self, name: SourceName, clue: Clue, *, wait: bool) -> Standing:
        """Raise `NotInMemoryError`."""
        del name, clue, wait
        raise NotInMemoryError

    def estimate_s(self, name: SourceName) -> float:
        """Return what the sources do."""
        return self.candidates.estimate_s(name)


def are_current(used: Sequence[UsedAnswer]) -> bool:
    """Return whether all of some answers are still what memory says."""
    return all(one.memory.is_current(one.entry) for one in used)
