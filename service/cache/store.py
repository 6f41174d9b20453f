"""The store as the service uses it: read at once, written behind by a thread of its own, and never
a reason to fail.

A read costs some microseconds, a hop to a thread many times that (docs/decisions/0007), so reads
happen where they are asked for, and do not wait for a lock. Writes may wait, so they go to one
thread, many in one transaction.
"""

import asyncio
import logging
import os
import sqlite3
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar

from service.cache import sqlite
from service.cache.recovery import (
    LOCKED,
    code_of,
    describe_error,
    identity,
    is_damage,
    saved_takedowns,
)
from service.cache.sqlite import MEMORY, Row, StateChange

T = TypeVar("T")

BUSY_S: Final = 2.0
"""How long a write waits for another process. It is tried again later; nobody waits for it."""
LOOK_S: Final = 0.5
"""How often it is looked whether another worker has taken a tweet down, or the file was put aside.
"""
MOST_WAITING: Final = 10_000
_log = logging.getLogger("tweet_embed.store")


@dataclass(frozen=True, slots=True)
class Receipt:
    """A takedown: which tweet, since when (Unix seconds), how many answers were forgotten, and
    whether the disk knows of it.
    """

    tweet_id: str
    at: float
    forgotten: int
    on_disk: bool


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
        """Open it. A file that cannot be used is put aside if it is damaged, and the store is in
        memory if that does not help.

        `memory_bytes` bounds a store in memory. Raises `ForeignStoreError` for a file that is
        something else.
        """
        self.path = path
        self.trouble: str | None = None
        """What is wrong with the file, in a few words; None if all is well."""
        self.on_takedown: Callable[[str], None] = lambda _: None
        self._memory_bytes = memory_bytes
        self._clock = clock
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="store")
        self._waiting: deque[Row] = deque(maxlen=MOST_WAITING)
        self._draining = False
        self._taken_down: dict[str, float] = {}
        self._last_number = 0
        self._looked_at = 0.0
        self._open()

    @property
    def on_disk(self) -> bool:
        """Whether it is in a file."""
        return self._reader is not self._writer

    # --- reading, at once ---

    def recall(self, kind: str, subject: str, lang: str = "") -> Row | None:
        """Return what is stored; None if there is nothing, or nothing that can be read."""
        return self._read(lambda: sqlite.recall(self._reader, kind, subject, lang), None)

    def answers(self, tweet_id: str) -> list[Row]:
        """Return every stored answer about a tweet, one for each language asked for."""
        return self._read(lambda: list(sqlite.all_answers(self._reader, tweet_id)), [])

    def history(self, tweet_id: str) -> list[StateChange]:
        """Return each change of a tweet's state."""
        return self._read(
            lambda: [change for _, change in sqlite.history(self._reader, tweet_id)],
            [],
        )

    def taken_down_at(self, tweet_id: str) -> float | None:
        """Return when a tweet was taken down, by this worker or another; None if it was not."""
        now = time.monotonic()
        if now - self._looked_at >= LOOK_S:
            self._looked_at = now
            self._look()
        return self._taken_down.get(tweet_id)

    def counts(self) -> dict[str, int]:
        """Count what is there."""
        return self._read(lambda: sqlite.counts(self._reader), {})

    # --- writing, behind ---

    def keep(self, row: Row) -> None:
        """Keep an answer, soon."""
        self._waiting.append(row)
        if not self.on_disk:
            self._drain()
        elif not self._draining:
            self._draining = True
            self._thread.submit(self._drain)

    async def flush(self) -> None:
        """Wait until all that was to be kept is written, or could not be."""
        if self.on_disk:
            await asyncio.wrap_future(self._thread.submit(self._drain))

    async def take_down(self, tweet_id: str) -> Receipt:
        """Forget a tweet and remember that it was taken down; on the disk when this returns, if the
        receipt says so.
        """
        at = self._taken_down.setdefault(tweet_id, self._clock())
        self.on_takedown(tweet_id)
        forgotten, on_disk = 0, self.on_disk
        work = self._thread.submit(
            self._write,
            lambda: sqlite.take_down(self._writer, tweet_id, at),
        )
        try:
            forgotten = await asyncio.wrap_future(work)
        except sqlite3.Error as error:
            self._trouble(error)
            on_disk = False
        _log.info(
            "tweet %s was taken down",
            tweet_id,
            extra={"told": {"tweet_id": tweet_id, "on_disk": on_disk}},
        )
        return Receipt(tweet_id, at, forgotten, on_disk)

    async def close(self) -> None:
        """Write what is to be written, and close."""
        await self.flush()
        self._thread.shutdown()
        with suppress(sqlite3.Error):
            self._reader.close()
            self._writer.close()

    # --- trouble ---

    def _open(self) -> None:
        if self.path != MEMORY:
            for attempt in (1, 2):
                try:
                    self._file = identity(self.path)
                    self._writer = sqlite.connect(self.path, busy_s=BUSY_S)
                    self._reader = sqlite.connect(self.path, busy_s=BUSY_S)
                    self._reader.execute("PRAGMA busy_timeout = 0")
                    self._file = identity(self.path)
                    self._restore_takedowns()
                except (sqlite3.Error, OSError) as error:
                    self.trouble = describe_error(error)
                    if attempt == 1 and is_damage(error) and self._set_aside():
                        continue
                    _log.error(
                        "the store %s cannot be used (%s): going on from memory",
                        self.path,
                        self.trouble,
                    )
                    break
                else:
                    return
        self._file = None
        self._reader = self._writer = sqlite.connect(MEMORY, busy_s=0)
        page = self._writer.execute("PRAGMA page_size").fetchone()[0]
        self._writer.execute(f"PRAGMA max_page_count = {max(64, self._memory_bytes // page)}")
        self._restore_takedowns()

    def _restore_takedowns(self) -> None:
        """Bring what this process knows to be taken down, and what the file does, together."""
        self._last_number = 0
        mine = dict(self._taken_down)
        self._learn_takedowns()
        for tweet_id in mine.keys() - {known for _, known, _ in sqlite.takedowns(self._reader)}:
            sqlite.take_down(self._writer, tweet_id, mine[tweet_id])
        self._version = self._data_version()

    def _set_aside(self) -> bool:
        """Put a damaged file out of the way, unless another worker did; what it knows to be taken
        down is saved from it.
        """
        for connection in {
            id(each): each
            for each in (getattr(self, "_reader", None), getattr(self, "_writer", None))
            if each
        }.values():
            with suppress(sqlite3.Error):
                connection.close()
        known = getattr(self, "_file", None)
        if known is not None and identity(self.path) != known:
            return True
        for tweet_id, at in saved_takedowns(self.path):
            self._taken_down.setdefault(tweet_id, at)
        stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime()) + f"-{os.getpid()}"
        try:
            for suffix in ("", "-wal", "-shm"):
                part = Path(self.path + suffix)
                if part.exists():
                    part.rename(f"{self.path}.damaged-{stamp}{suffix}")
        except OSError as error:
            self.trouble = describe_error(error)
            return False
        _log.error(
            "the store %s is damaged: set aside as %s.damaged-%s, begun anew",
            self.path,
            self.path,
            stamp,
        )
        return True

    def _reopen(self) -> None:
        self._set_aside()
        self.trouble = None
        self._open()

    def _trouble(self, error: Exception) -> None:
        """Take note of what went wrong; the answer is served all the same."""
        told = describe_error(error)
        if told != self.trouble:
            _log.error("the store %s: %s; going on from memory", self.path, told)
        self.trouble = told
        if is_damage(error) and self.on_disk:
            self._thread.submit(lambda: None).result()  # what it does now
            self._reopen()

    def _read(self, read: Callable[[], T], otherwise: T) -> T:
        try:
            return read()
        except sqlite3.Error as error:
            if code_of(error) not in LOCKED:
                self._trouble(error)
            return otherwise

    def _write(self, write: Callable[[], T]) -> T:
        """Write; a store in memory that is full makes room by forgetting its older half."""
        try:
            return write()
        except sqlite3.OperationalError as error:
            if self.on_disk or code_of(error) != sqlite3.SQLITE_FULL:
                raise
        middle = self._writer.execute(
            "SELECT checked_at FROM answers ORDER BY checked_at LIMIT 1 OFFSET (SELECT count(*) / 2"
            " FROM answers)",
        ).fetchone()
        sqlite.purge(self._writer, middle[0] if middle else 0.0)
        return write()

    def _drain(self) -> None:
        """Write all that waits. Runs in the store's thread, or in place where the store is in
        memory.
        """
        self._draining = False
        rows: list[Row] = []
        try:
            while self._waiting:
                rows.append(self._waiting.popleft())
            if rows:
                self._write(lambda: sqlite.write(self._writer, rows))
                self._settled()
        except sqlite3.Error as error:
            if is_damage(error) and self.on_disk:
                self._damaged = error
            if self._damaged is error or code_of(error) in LOCKED:  # they may be written yet
                self._waiting.extendleft(reversed(rows))
            told = describe_error(error)
            if told != self.trouble:
                _log.error(
                    "the store %s: %s; what is learnt meanwhile stays in memory",
                    self.path,
                    told,
                )
            self.trouble = told

    _damaged: sqlite3.Error | None = None

    def _settled(self) -> None:
        if self.trouble is not None and self.on_disk:
            _log.info("the store %s can be written again", self.path)
            self.trouble = None

    def _look(self) -> None:
        """Notice what other workers did."""
        if self._damaged is not None:
            error, self._damaged = self._damaged, None
            self._trouble(error)
        elif self._file is not None and identity(self.path) != self._file:
            self._thread.submit(lambda: None).result()
            self._reopen()
        else:
            version = self._read(self._data_version, self._version)
            if version != self._version:
                self._version = version
                self._read(self._learn_takedowns, None)

    def _data_version(self) -> int:
        return int(self._reader.execute("PRAGMA data_version").fetchone()[0])

    def _learn_takedowns(self) -> None:
        for number, tweet_id, at in sqlite.takedowns(self._reader, self._last_number):
            self._last_number = number
            self._taken_down[tweet_id] = at
            self.on_takedown(tweet_id)
