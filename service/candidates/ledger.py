"""What is remembered between searches: questions, turns, pauses, money spent.

It outlasts the process and is shared by all of them, so that a kill repeats nothing that was
answered and no number of workers asks faster, or for more, than one would.
"""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from service.candidates.source import Named, SourceName
from service.core.errors import TweetEmbedError


class KnownId(NamedTuple):
    """An id that a source named; `article` is that of which an earlier version stated it, or ""."""

    source: SourceName
    tweet_id: str
    article: str


class LedgerError(TweetEmbedError):
    """Nothing can be written down now, so nothing may be asked."""


class Ledger(Protocol):
    """Where searches are written down. What writes raises `LedgerError` where it could not."""

    def known(self, handle: str, lowest: int, highest: int) -> Sequence[KnownId]:
        """Return the ids known of a handle within a range, and who named each."""

    def is_taken_down(self, tweet_id: str) -> bool:
        """Return whether a tweet was taken down, and so is no candidate."""

    def is_searched(self, source: SourceName, question: str) -> bool:
        """Return whether a source was asked this, and its answer still holds."""

    def paused_s(self, source: SourceName) -> float:
        """Return for how many seconds a source is left alone still; 0 where it may be asked."""

    async def take_turn(self, source: SourceName, gap_s: float) -> float | None:
        """Reserve the next request; return the seconds until it, None while left alone."""

    async def set_aside(self, source: SourceName, amount: int, most: int) -> str | None:
        """Set an amount aside out of the UTC day's; return the day, None where less is left."""

    async def give_back(self, source: SourceName, day: str, amount: int) -> None:
        """Release what was set aside on a day and not used."""

    async def pause(self, source: SourceName, seconds: float) -> None:
        """Leave a source alone, longer each time until it answers again."""

    async def rest(self, source: SourceName, seconds: float) -> None:
        """Leave a source alone for so many seconds, however often that was so before."""

    async def record(
        self, source: SourceName, question: str, named: Sequence[Named], keep_s: float
    ) -> None:
        """Write down what a source was asked and named; it counts for `keep_s` seconds."""
