"""The ledger of searches in the service's own store."""

import datetime as dt
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from service.cache import candidate_tables as tables
from service.cache.candidate_tables import CandidateRow
from service.cache.store import Store, StoreWriteError
from service.candidates.clue import digest
from service.candidates.ledger import KnownId, LedgerError
from service.candidates.source import Named, SourceName

T = TypeVar("T")

_SOURCES = frozenset(SourceName)


@dataclass(frozen=True, slots=True)
class StoreLedger:
    """Reads at once, as the store does; what writes waits for the disk. `clock` is Unix time.

    Of a question only a digest is kept: it may hold words, or the address, of an article.
    """

    store: Store
    clock: Callable[[], float] = time.time

    def known(self, handle: str, lowest: int, highest: int) -> list[KnownId]:
        """Return the ids known of a handle within a range, and who named each. What X has just
        shown is among them: what is not written yet is looked through, and no lock waited for.
        """
        shown = self.store.unwritten_ids(handle)  # first: what is written meanwhile is in the rows
        nothing = list[CandidateRow]()
        rows = self.store.read(
            lambda connection: tables.candidates_between(connection, handle, lowest, highest),
            nothing,
        )
        shown -= {row.tweet_id for row in rows}  # whoever named it before has found it
        return [
            KnownId(SourceName(row.source), row.tweet_id, row.article)
            for row in rows
            if row.source in _SOURCES  # another version may know others
        ] + [
            KnownId(SourceName.INDEX, tweet_id, "")
            for tweet_id in sorted(shown)
            if lowest <= int(tweet_id) <= highest
        ]

    def is_taken_down(self, tweet_id: str) -> bool:
        """Return whether a tweet was taken down, and so is no candidate."""
        return self.store.taken_down_at(tweet_id) is not None

    def is_searched(self, source: SourceName, question: str) -> bool:
        """Return whether a source was asked this, and its answer still holds."""
        now, asked = self.clock(), digest(question)
        return self.store.read(
            lambda connection: tables.is_searched(connection, source, asked, now),
            otherwise=False,
        )

    def paused_s(self, source: SourceName) -> float:
        """Return for how many seconds a source is left alone still; 0 where it may be asked."""
        until = self.store.read(lambda connection: tables.paused_until(connection, source), 0.0)
        return max(0.0, until - self.clock())

    async def take_turn(self, source: SourceName, gap_s: float) -> float | None:
        """Reserve the next request; return the seconds until it, None while left alone."""
        now = self.clock()
        turn = await self._write(
            lambda connection: tables.take_turn(connection, source, now, gap_s)
        )
        return None if turn is None else max(0.0, turn - now)

    async def set_aside(self, source: SourceName, amount: int, most: int) -> str | None:
        """Set an amount aside out of the UTC day's; return the day, None where less is left."""
        day = f"{dt.datetime.fromtimestamp(self.clock(), dt.UTC):%Y-%m-%d}"
        granted = await self._write(
            lambda connection: tables.spend(connection, source, day, amount, most)
        )
        return day if granted else None

    async def give_back(self, source: SourceName, day: str, amount: int) -> None:
        """Release what was set aside on a day and not used."""
        await self._write(lambda connection: tables.give_back(connection, source, day, amount))

    async def pause(self, source: SourceName, seconds: float) -> None:
        """Leave a source alone, longer each time until it answers again."""
        now = self.clock()
        await self._write(lambda connection: tables.pause(connection, source, now, seconds))

    async def rest(self, source: SourceName, seconds: float) -> None:
        """Leave a source alone for so many seconds, however often that was so before."""
        until = self.clock() + seconds
        await self._write(lambda connection: tables.pause_until(connection, source, until))

    async def record(
        self, source: SourceName, question: str, named: Sequence[Named], keep_s: float
    ) -> None:
        """Write down what a source was asked and named; it counts for `keep_s` seconds."""
        asked = digest(question)
        article = asked if source is SourceName.SNAPSHOT else ""
        rows = [CandidateRow(each.handle, each.tweet_id, source, article) for each in named]
        until = self.clock() + keep_s
        await self._write(
            lambda connection: tables.record_search(connection, source, asked, until, rows)
        )

    async def _write(self, write: Callable[..., T]) -> T:
        try:
            return await self.store.write_now(write)
        except StoreWriteError as error:
            raise LedgerError(str(error)) from None


def posts_of(store: Store) -> int:
    """Return how many posts of X's search were paid for, or are set aside, on all days."""
    return store.read(lambda connection: tables.spent_ever(connection, SourceName.X_API), 0)
