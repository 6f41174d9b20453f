"""Write to a store behind the answers: many rows in one transaction, on disk in one thread.

Nothing here is called on the event loop for a store on disk, but for `keep`, `unwritten_ids` and
the futures that `submit` returns. A store in memory is written there: nobody else can hold it.
"""

import asyncio
import sqlite3
from collections import Counter, deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from threading import Lock, RLock
from typing import Final, TypeVar

from service.cache import sqlite
from service.cache.recovery import LOCKED, OpenStore, code_of, delete_set_aside, is_damage
from service.cache.sqlite import TWEET, Row
from service.cache.takedown_index import TakedownIndex

T = TypeVar("T")

MOST_WAITING: Final = 10_000
"""Answers that wait to be written; past that the oldest is not written."""
TOGETHER_S: Final = 0.1
"""Seconds for which answers are gathered: who waits for an article goes first, and a transaction
costs as much as several rows.
"""
MOST_TOGETHER: Final = 100
"""Rows of a transaction: what is gathered beyond that goes to the next."""
_SCRUBS: Final = 3


class Writer:
    """Writes answers and takedowns to the store that `opened` leads to.

    `told` hears how each round of writing went: an error, or None if all is well.
    """

    def __init__(
        self,
        path: str,
        takedowns: TakedownIndex,
        told: Callable[[sqlite3.Error | None], None],
    ) -> None:
        """Have nothing to write yet."""
        self.opened: OpenStore
        self._path = path
        self._takedowns = takedowns
        self._told = told
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="store")
        self._one_at_a_time = RLock()  # where a file fails, thread and loop may both be at it
        self._rows_moved = Lock()  # held for microseconds
        self._waiting: deque[Row] = deque(maxlen=MOST_WAITING)
        self._in_hand: list[Row] = []
        self._forgotten: Counter[str] = Counter()
        self._closed = False
        self._due_on: asyncio.AbstractEventLoop | None = None  # the loop that has a timer set
        self._timer: asyncio.TimerHandle | None = None
        self._words_in_log = True  # of tweets that were taken down, in the write-ahead log

    def submit(self, work: Callable[[], T]) -> "Future[T]":
        """Do something behind all that is being written."""
        return self._thread.submit(work)

    def keep(self, row: Row) -> None:
        """Write an answer, soon."""
        with self._rows_moved:
            self._waiting.append(row)
        self.wake()

    def unwritten_ids(self, author: str) -> set[str]:
        """Return the tweets of an author (a handle in lower case) that X has shown and the store
        does not hold yet.
        """
        with self._rows_moved:
            rows = (*self._waiting, *self._in_hand)
        return {row.subject for row in rows if row.author and row.author.lower() == author}

    def wake(self) -> None:
        """Write what waits, soon."""
        if self._closed:
            return
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            self._begin()
            return
        if len(self._waiting) == MOST_TOGETHER:
            self._begin()
        if loop is self._due_on:
            return
        self._due_on = loop
        self._stop_timer()
        self._timer = loop.call_later(TOGETHER_S, self._begin)

    def scrub_soon(self) -> None:
        """Note that somebody else took a tweet down, whose words may be in the log."""
        self._words_in_log = True

    @property
    def is_behind(self) -> bool:
        """Whether something is not written: an answer, a takedown, or the last traces of one."""
        return bool(
            self._waiting or self._in_hand or self._takedowns.unwritten or self._words_in_log
        )

    def drain(self) -> None:
        """Write all that waits, takedowns first. Runs in the thread; in memory, on the loop."""
        self._due_on = None
        with self._one_at_a_time:
            try:
                for tweet_id in list(self._takedowns.unwritten):
                    self._write_takedown(tweet_id)
                while self._take_rows():
                    self._write_rows()
                self._scrub()
            except sqlite3.Error as error:
                if code_of(error) in LOCKED or is_damage(error):
                    self._put_back()  # they may be written yet
                self._told(error)
            else:
                self._told(None)
            finally:
                self._in_hand = []

    def take_down(self, tweet_id: str) -> int:
        """Write a takedown that the index knows, and return how many answers were forgotten.

        When this returns the disk holds it, and no file holds the tweet's words. Raise
        `sqlite3.Error` where that could not be done; it is tried again later.
        """
        with self._one_at_a_time:
            if self.opened.on_disk:
                delete_set_aside(self._path)
            self._write_takedown(tweet_id)
            forgotten = self._forgotten.pop(tweet_id)
            self._scrub()
            return forgotten

    def change(self, change: Callable[[sqlite3.Connection], T]) -> T:
        """Make a change in one transaction: all of it or none."""

        def in_transaction(writer: sqlite3.Connection) -> T:
            writer.execute("BEGIN IMMEDIATE")
            try:
                result = change(writer)
            except BaseException:
                if writer.in_transaction:
                    writer.execute("ROLLBACK")
                raise
            writer.execute("COMMIT")
            return result

        with self._one_at_a_time:
            return self.write(in_transaction)

    def write(self, write: Callable[[sqlite3.Connection], T]) -> T:
        """Write; a store in memory that is full makes room by forgetting its older half."""
        writer = self.opened.writer
        try:
            return write(writer)
        except sqlite3.OperationalError as error:
            if self.opened.on_disk or code_of(error) != sqlite3.SQLITE_FULL:
                raise
        sqlite.forget_half(writer)
        return write(writer)

    def close(self) -> None:
        """Wait for the thread, and end it. What is kept from now on is not written."""
        self._closed = True
        self._stop_timer()
        self._thread.shutdown()

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()

    def _begin(self) -> None:
        if self.opened.on_disk:
            self._thread.submit(self.drain)
        else:
            self.drain()

    def _take_rows(self) -> list[Row]:
        with self._rows_moved:
            most = min(len(self._waiting), MOST_TOGETHER)
            self._in_hand = [self._waiting.popleft() for _ in range(most)]
        return self._in_hand

    def _put_back(self) -> None:
        with self._rows_moved:
            room = MOST_WAITING - len(self._waiting)
            self._waiting.extendleft(self._in_hand[: -room - 1 : -1])

    def _write_rows(self) -> None:
        try:
            self.write(partial(sqlite.write, rows=self._in_hand))
        except sqlite3.OperationalError as error:
            if self.opened.on_disk or code_of(error) != sqlite3.SQLITE_FULL:
                raise
        else:
            return
        too_large: sqlite3.Error | None = None
        for row in self._in_hand:  # together they are more than the room that was made
            try:
                self.write(partial(sqlite.write, rows=[row]))
            except sqlite3.OperationalError as error:
                too_large = error
        if too_large is not None:
            self._told(too_large)

    def _write_takedown(self, tweet_id: str) -> None:
        """Write a takedown, and note how many answers were forgotten: those that wait, too."""
        at, stored = self._takedowns.known[tweet_id], set[str]()

        def write(writer: sqlite3.Connection) -> int:
            stored.update(row.lang for row in sqlite.all_answers(writer, tweet_id))
            return sqlite.take_down(writer, tweet_id, at)

        forgotten = self.write(write)
        unwritten = {row.lang for row in self._drop(tweet_id)} - stored
        self._forgotten[tweet_id] += forgotten + len(unwritten)
        self._takedowns.written([tweet_id])
        self._words_in_log = True

    def _drop(self, tweet_id: str) -> list[Row]:
        with self._rows_moved:
            dropped, others = list[Row](), list[Row]()
            for row in self._waiting:
                of_it = (row.kind, row.subject) == (TWEET, tweet_id)
                (dropped if of_it else others).append(row)
            self._waiting = deque(others, MOST_WAITING)
        return dropped

    def _scrub(self) -> None:
        """Take the words of tweets that were taken down out of the log.

        SQLite empties the log only while nobody reads it (sqlite.org/wal.html, "Checkpointing").
        """
        if not self._words_in_log or not self.opened.on_disk:
            return
        if not self._takedowns.known:
            self._words_in_log = False
            return
        for _ in range(_SCRUBS):
            if sqlite.empty_log(self.opened.writer):
                self._words_in_log = False
                return
