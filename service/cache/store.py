"""The store of the service: reads are made at once, writes behind the answers; a failure of it is
told in the log, and fails no request.

A read of SQLite takes some microseconds and a hop to a thread many times that
(docs/decisions/0007), so reads happen where they are asked for, and do not wait for a lock.
Writes may wait, so a `Writer` has a thread. A file that is found damaged is set aside and begun
anew in that thread; meanwhile nothing is known.
"""

import asyncio
import logging
import sqlite3
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final, TypeVar

from service.cache import sqlite
from service.cache.recovery import (
    LOCKED,
    OpenStore,
    code_of,
    describe_error,
    identity,
    is_damage,
    open_file,
    open_memory,
    saved_takedowns,
    set_aside,
)
from service.cache.sqlite import MEMORY, Row, StateChange
from service.cache.takedown_index import TakedownIndex
from service.cache.writer import Writer
from service.core.errors import TweetEmbedError

T = TypeVar("T")

BUSY_S: Final = 2.0
"""Seconds that a write waits for another process. It is tried again later; nobody waits for it."""
LOOK_S: Final = 0.5
"""Seconds between two looks whether another worker took a tweet down, or the file was replaced."""
_log = logging.getLogger("tweet_embed.store")


@dataclass(frozen=True, slots=True)
class Receipt:
    """A takedown: which tweet, since when (Unix seconds), how many answers were forgotten, and
    whether the disk holds it.
    """

    tweet_id: str
    at: float
    forgotten: int
    on_disk: bool


class StoreWriteError(TweetEmbedError):
    """A change could not be written now."""


class Store:
    """Answers, histories and takedowns, in a file that the workers of one machine share, or in this
    process's memory alone.
    """

    def __init__(
        self,
        path: str,
        *,
        memory_bytes: int = 16 * 1024 * 1024,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Open it. A store of ours that is damaged is set aside, and where no file can be used the
        store is in memory, of at most `memory_bytes`.

        Raise `StorePathError` where no store may be: the path names a folder, something that is no
        store, or a place in a folder that is not there.
        """
        self.path = path
        self.trouble: str | None = None
        """What is wrong with the file, in a few words; None if all is well."""
        self.takedowns = TakedownIndex()
        self._memory_bytes = memory_bytes
        self._clock = clock
        self._writer = Writer(path, self.takedowns, self._note)
        self._last_number = 0
        self._version = -1
        self._looked_at = float("-inf")
        self._reopening = False
        self._retired: list[OpenStore] = []
        self._opened = self._writer.opened = self._open()
        self._look()

    @property
    def on_disk(self) -> bool:
        """Whether it is in a file."""
        return self._opened.on_disk

    # --- reading, at once ---

    def recall(self, kind: str, subject: str, lang: str = "") -> Row | None:
        """Return what is stored; None if there is nothing, or nothing that can be read."""
        return self.read(lambda reader: sqlite.recall(reader, kind, subject, lang), None)

    def answers(self, tweet_id: str) -> list[Row]:
        """Return every stored answer about a tweet, one for each language asked for."""
        return self.read(lambda reader: list(sqlite.all_answers(reader, tweet_id)), [])

    def history(self, tweet_id: str) -> list[StateChange]:
        """Return each change of a tweet's state."""
        return self.read(
            lambda reader: [change for _, change in sqlite.history(reader, tweet_id)],
            [],
        )

    def taken_down_at(self, tweet_id: str) -> float | None:
        """Return when a tweet was taken down, by this worker or another; None if it was not."""
        self.look_again()
        return self.takedowns.at(tweet_id)

    def unwritten_ids(self, author: str) -> set[str]:
        """Return the tweets of an author (a handle in lower case) that X has just shown, and that
        no query finds yet.
        """
        return self._writer.unwritten_ids(author)

    def counts(self) -> dict[str, int]:
        """Count what is there."""
        return self.read(sqlite.counts, {})

    def read(self, query: Callable[[sqlite3.Connection], T], otherwise: T) -> T:
        """Return what a query finds; `otherwise` where the file cannot be read now."""
        if self._reopening:
            return otherwise
        try:
            return query(self._opened.reader)
        except sqlite3.Error as error:
            if code_of(error) not in LOCKED:
                self._note(error)
            return otherwise

    # --- writing, behind ---

    def keep(self, row: Row) -> None:
        """Keep an answer, soon."""
        self._writer.keep(row)

    async def flush(self) -> None:
        """Wait until all that was to be kept is written, or could not be."""
        if not self._writer.is_behind:
            return
        if self.on_disk:
            await asyncio.wrap_future(self._writer.submit(self._writer.drain))
        else:
            self._writer.drain()

    async def write_now(self, change: Callable[[sqlite3.Connection], T]) -> T:
        """Make a change, all or none of it; it is written when this returns.

        Raise `StoreWriteError` where it could not be.
        """
        self.look_again()
        work = partial(self._writer.change, change)
        try:
            if not self.on_disk:
                return work()
            return await asyncio.wrap_future(self._writer.submit(work))
        except sqlite3.Error as error:
            if code_of(error) not in LOCKED:
                self._note(error)
            raise StoreWriteError(describe_error(error)) from None

    async def take_down(self, tweet_id: str) -> Receipt:
        """Forget a tweet and remember that it was taken down.

        It is so in this process at once. The receipt says whether the disk holds it; where it
        does not, it is written as soon as it can be.
        """
        at = self.takedowns.add(tweet_id, self._clock())
        forgotten, on_disk = 0, self.on_disk
        try:
            forgotten = (
                await asyncio.wrap_future(
                    self._writer.submit(lambda: self._writer.take_down(tweet_id)),
                )
                if on_disk
                else self._writer.take_down(tweet_id)
            )
        except sqlite3.Error as error:
            self._note(error)
            on_disk = False
        on_disk = on_disk and tweet_id not in self.takedowns.unwritten
        _log.info(
            "tweet %s was taken down",
            tweet_id,
            extra={"told": {"tweet_id": tweet_id, "on_disk": on_disk}},
        )
        return Receipt(tweet_id, at, forgotten, on_disk)

    async def close(self) -> None:
        """Write what is to be written, and close."""
        await self.flush()
        self._writer.close()
        for opened in (self._opened, *self._retired):
            opened.close()

    # --- trouble ---

    def _open(self) -> OpenStore:
        """Open the file, or a store in memory where that fails."""
        if self.path != MEMORY:
            for attempt in (1, 2):
                try:
                    return open_file(self.path, busy_s=BUSY_S)
                except (sqlite3.Error, OSError) as error:
                    self.trouble = describe_error(error)
                    if attempt == 1 and is_damage(error) and self._set_aside():
                        self.trouble = None
                        continue
                    _log.error(
                        "the store %s cannot be used (%s): going on from memory",
                        self.path,
                        self.trouble,
                    )
                    self._save_takedowns()
                    break
        return open_memory(self._memory_bytes)

    def _set_aside(self) -> bool:
        """Put a damaged store out of the way; what it knows to be taken down is saved from it."""
        self._save_takedowns()
        return set_aside(self.path)

    def _save_takedowns(self) -> None:
        for tweet_id, at in saved_takedowns(self.path):
            self.takedowns.restore(tweet_id, at)

    def _note(self, error: sqlite3.Error | None) -> None:
        """Take note of how reading or writing went; the answer is served all the same."""
        if error is None:
            if self.trouble is not None and self.on_disk and not self._reopening:
                _log.info("the store %s can be written again", self.path)
                self.trouble = None
            return
        told = describe_error(error)
        if told != self.trouble:
            _log.error("the store %s: %s; going on from memory", self.path, told)
        self.trouble = told
        if is_damage(error) and self.on_disk:
            self._begin_anew(damaged=True)

    def _begin_anew(self, *, damaged: bool) -> None:
        """Open the file again in the writer's thread, set aside first if it is damaged."""
        if self._reopening:
            return
        self._reopening = True
        self._writer.submit(lambda: self._reopen(damaged=damaged))

    def _reopen(self, *, damaged: bool) -> None:
        before = self._opened
        if damaged and identity(self.path) == before.file:  # else another worker was quicker
            self._set_aside()
        try:
            self._opened = self._writer.opened = self._open()
        except sqlite.StorePathError as error:
            _log.error("the store %s: %s; going on from memory", self.path, error)
            self._opened = self._writer.opened = open_memory(self._memory_bytes)
            self.trouble = str(error)
        else:
            self.trouble = None if self._opened.on_disk else self.trouble
        self._retired.append(before)  # the event loop may still be reading it
        self.takedowns.write_again()
        self._last_number, self._version = 0, -1
        self._reopening = False
        self._writer.drain()

    def look_again(self) -> None:
        """Hear of what other workers did, once in a while."""
        now = time.monotonic()
        if now - self._looked_at >= LOOK_S:
            self._looked_at = now
            self._look()

    def _look(self) -> None:
        """Notice what other workers did, and try again what could not be written."""
        if self._reopening:
            return
        if self._opened.file is not None and identity(self.path) != self._opened.file:
            self._begin_anew(damaged=False)
            return
        version = self.read(_data_version, self._version)
        if version != self._version:
            self._version = version
            self.read(self._learn_takedowns, None)
        if self.on_disk and self._writer.is_behind:
            self._writer.wake()
        while self._retired:
            self._retired.pop().close()

    def _learn_takedowns(self, reader: sqlite3.Connection) -> None:
        found = sqlite.takedowns(reader, self._last_number)
        self.takedowns.learn((tweet_id, at) for _, tweet_id, at in found)
        self._last_number = max([self._last_number, *(number for number, _, _ in found)])
        if found:
            self._writer.scrub_soon()


def _data_version(reader: sqlite3.Connection) -> int:
    return int(reader.execute("PRAGMA data_version").fetchone()[0])
