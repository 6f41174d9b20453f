"""What X answered, remembered: in memory, bounded by bytes, one question at a time for each key.

A later version puts a store on disk beneath: `_recall` is where it is read when memory does not know, `_remember` where
it is written. Nothing above this module would change.
"""

import asyncio
import datetime as dt
import logging
import math
import random
import sys
import time
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass, fields, is_dataclass
from enum import Enum
from typing import Final, Generic, Self, TypeVar

from cachetools import LRUCache

from service.core.model import ServedFrom, TroubleError, Why

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

JITTER: Final = 0.10
"""Lifetimes are stretched by up to this part at random, so that what was asked together does not fall due together."""
LONGEST_RETRY_AFTER_S: Final = 3600.0
MAX_FAILURES: Final = 10_000
MAX_FLIGHTS: Final = 1000
STALE_S: Final = 30 * 86400.0

_ENTRY_BYTES: Final = 600  # of an entry without its key and value, with room; test_memory.py holds the sum to it
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a caller waits for X: until an event-loop time (seconds), for ever, or not at all (`cache_only`: nothing is asked)."""

    until: float = math.inf
    cache_only: bool = False

    @classmethod
    def for_ms(cls, milliseconds: float) -> Self:
        """From now on this long; 0 is the cache alone (contract, section 4). Wants a running event loop."""
        if milliseconds <= 0:
            return cls(cache_only=True)
        return cls(until=asyncio.get_running_loop().time() + milliseconds / 1000)


FOREVER: Final = Patience()
CACHE_ONLY: Final = Patience(cache_only=True)


@dataclass(frozen=True, slots=True)
class Held(Generic[V]):
    """An answer of X: where it was served from, when X gave it, and until when it counts as fresh (both UTC)."""

    value: V
    served_from: ServedFrom
    checked_at: dt.datetime
    fresh_until: dt.datetime | None = None


class DeferredError(Exception):
    """No answer for this caller now; ask again later. `reason` is `deadline` or `cache_only`."""

    def __init__(self, reason: Why) -> None:
        """Say why."""
        super().__init__(reason.value)
        self.reason = reason


def weigh(value: object) -> int:
    """Bytes a frozen value holds, roughly: strings, tuples and dataclasses with all they hold; shared things count nothing."""
    if value is None or isinstance(value, Enum | bool):
        return 0
    size = sys.getsizeof(value)
    if isinstance(value, tuple):
        return size + sum(map(weigh, value))
    if is_dataclass(value):
        return size + sum(weigh(getattr(value, each.name)) for each in fields(value))
    return size


@dataclass(frozen=True, slots=True)
class _Entry(Generic[V]):
    fresh_until: float
    stale_until: float
    held: Held[V]  # as served while fresh: made once, for the hit path is the common one
    size: int


@dataclass(frozen=True, slots=True)
class _Failure:
    """A trouble as remembered. Each caller gets an exception of its own; a shared one would gather every caller's traceback."""

    reason: Why
    until: float
    retry_at: float | None

    def error(self, now: float) -> TroubleError:
        return TroubleError(self.reason, None if self.retry_at is None else max(0.0, self.retry_at - now))


class Remembered(Generic[K, V]):
    """`await remembered(key, patience)` gives X's answer for a key: from memory while fresh, else by asking.

    - However many ask for a key at the same time, it is asked once. Who is cancelled, or loses patience, does not stop it.
    - An answer past its time is asked anew, and stands in as `stale` while that fails or lasts too long.
    - A failure is remembered for its own short time, beside the answers: it never replaces one.

    Raises `TroubleError` if X could not be asked, `DeferredError` if the caller's patience did not suffice; neither while
    an answer is held that is not older than `stale_s` past its time. What else `ask` raises, its callers see as it is.
    """

    def __init__(
        self,
        ask: Callable[[K], Awaitable[V]],
        *,
        lifetime: Callable[[V | TroubleError], float],
        max_bytes: int,
        size: Callable[[V], int] = weigh,
        stale_s: float = STALE_S,
        max_flights: int = MAX_FLIGHTS,
        clock: Callable[[], float] = time.time,
        chance: Callable[[], float] = random.random,
    ) -> None:
        """Remember what `ask` says for as long as `lifetime` says (seconds), in at most `max_bytes` by the measure of `size`.

        `max_flights` bounds the questions under way; a further one waits for its turn as long as its caller has patience.
        `clock` is the time of day (Unix seconds), `chance` a number from 0 to 1.
        """
        self._ask = ask
        self._lifetime = lifetime
        self._size = size
        self._stale_s = stale_s
        self._clock = clock
        self._chance = chance
        self._answers: LRUCache[K, _Entry[V]] = LRUCache(max_bytes, getsizeof=lambda entry: entry.size)
        self._failures: LRUCache[K, _Failure] = LRUCache(MAX_FAILURES)
        self._flights: dict[K, asyncio.Task[Held[V] | _Failure]] = {}
        self._places = asyncio.Semaphore(max_flights)
        self._closed = False

    async def __call__(self, key: K, patience: Patience = FOREVER) -> Held[V]:
        """Answer for `key`."""
        now = self._clock()
        entry = self._recall(key)
        if entry is not None and now < entry.fresh_until:
            return entry.held
        outcome: Held[V] | TroubleError | DeferredError
        if patience.cache_only:
            outcome = DeferredError(Why.CACHE_ONLY)
        else:
            outcome = self._recall_failure(key, now) or await self._fetch(key, patience)
        if isinstance(outcome, Held):
            return outcome
        if entry is not None and now < entry.stale_until:
            return Held(entry.held.value, ServedFrom.STALE, entry.held.checked_at, entry.held.fresh_until)
        raise outcome

    async def close(self) -> None:
        """Stop every question under way and ask none from now on; who waits for one is deferred."""
        self._closed = True
        flights = list(self._flights.values())
        for flight in flights:
            flight.cancel()
        await asyncio.gather(*flights, return_exceptions=True)

    async def _fetch(self, key: K, patience: Patience) -> Held[V] | TroubleError | DeferredError:
        until = None if math.isinf(patience.until) else patience.until
        if key not in self._flights:
            try:
                async with asyncio.timeout_at(until):
                    await self._places.acquire()  # does not wait while there is a place
            except TimeoutError:
                return DeferredError(Why.DEADLINE)
            known = self._learnt(key)  # by others, if this one had to wait for its place
            if self._closed or known is not None or key in self._flights:
                self._places.release()
                if self._closed or known is not None:
                    return known or DeferredError(Why.DEADLINE)
            else:
                self._take_off(key)
        flight = self._flights[key]
        # asyncio.wait leaves the flight alone when the waiter is cancelled or its time is up.
        await asyncio.wait({flight}, timeout=None if until is None else max(0.0, until - asyncio.get_running_loop().time()))
        if not flight.done() or flight.cancelled():
            return DeferredError(Why.DEADLINE)
        landed = flight.result()
        return landed if isinstance(landed, Held) else landed.error(self._clock())

    def _learnt(self, key: K) -> Held[V] | TroubleError | None:
        now = self._clock()
        entry = self._recall(key)
        return entry.held if entry is not None and now < entry.fresh_until else self._recall_failure(key, now)

    def _take_off(self, key: K) -> None:
        flight = self._flights[key] = asyncio.create_task(self._fly(key), name=f"ask {key}")
        flight.add_done_callback(lambda task: self._land(key, task))

    async def _fly(self, key: K) -> Held[V] | _Failure:
        try:
            value = await self._ask(key)
        except TroubleError as trouble:
            return self._remember_failure(key, trouble)
        return self._remember(key, value)

    def _land(self, key: K, flight: asyncio.Task[Held[V] | _Failure]) -> None:
        del self._flights[key]
        self._places.release()
        if not flight.cancelled() and (error := flight.exception()) is not None:
            _log.error("asking X about %s failed in an unforeseen way", key, exc_info=error)  # all who waited may have gone

    def _recall(self, key: K) -> _Entry[V] | None:
        return self._answers.get(key)

    def _recall_failure(self, key: K, now: float) -> TroubleError | None:
        failure = self._failures.get(key)
        return failure.error(now) if failure is not None and now < failure.until else None

    def _remember(self, key: K, value: V) -> Held[V]:
        now = self._clock()
        fresh_until = now + self._lifetime(value) * (1 + JITTER * self._chance())
        checked_at, fresh_at = (dt.datetime.fromtimestamp(moment, dt.UTC) for moment in (now, fresh_until))
        held = Held(value, ServedFrom.CACHE, checked_at, fresh_at)
        entry = _Entry(fresh_until, fresh_until + self._stale_s, held, _ENTRY_BYTES + weigh(key) + self._size(value))
        self._answers.pop(key, None)
        if entry.size <= self._answers.maxsize:
            self._answers[key] = entry
        return Held(value, ServedFrom.UPSTREAM, checked_at, fresh_at)

    def _remember_failure(self, key: K, trouble: TroubleError) -> _Failure:
        now = self._clock()
        wait = None if trouble.retry_after_s is None else min(trouble.retry_after_s, LONGEST_RETRY_AFTER_S)
        lifetime = max(self._lifetime(trouble) * (1 + JITTER * self._chance()), wait or 0.0)
        failure = _Failure(trouble.reason, now + lifetime, None if wait is None else now + wait)
        self._failures[key] = failure
        return failure
