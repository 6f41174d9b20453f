"""A cache of X's answers in memory: bounded by bytes, one request at a time for each key, above a
layer on disk if there is one.
"""

import asyncio
import datetime as dt
import logging
import math
import random
import time
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass
from typing import Final, Generic, Self, TypeVar, cast

from cachetools import Cache, LRUCache

from service.cache.entries import (
    CacheBackend,
    CachedAnswer,
    CachedFailure,
    CacheEntry,
    StoredAnswer,
    approximate_size,
)
from service.core.errors import TweetEmbedError, UpstreamError
from service.core.model import Reason, ServedFrom
from service.request_context import REQUEST_PRIORITY, RequestPriority

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

JITTER: Final = 0.10
"""Lifetimes are stretched by up to this part at random, so that what was asked together does not
fall due together.
"""
MAX_FAILURES: Final = 10_000
MAX_FETCHES: Final = 1000
STALE_S: Final = 30 * 86400.0
_USES: Final = 16
"""After so many uses that were no look-up an answer is looked up, and so not the next to go."""

_ENTRY_BYTES: Final = (
    600  # of an entry without its key and value, with room; test_memory.py holds the sum to it
)
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Deadline:
    """How long a caller waits for X: until an event-loop time (seconds), for ever, or not at all
    (`cache_only`: nothing is asked).

    `background`: nobody waits for what is asked now, so others go first.
    """

    until: float = math.inf
    cache_only: bool = False
    background: bool = False

    @classmethod
    def for_ms(cls, milliseconds: float) -> Self:
        """From now on this long; 0 is the cache alone (docs/interface.md 6). Wants a running event
        loop.
        """
        if milliseconds <= 0:
            return cls(cache_only=True)
        return cls(until=asyncio.get_running_loop().time() + milliseconds / 1000)


FOREVER: Final = Deadline()
CACHE_ONLY: Final = Deadline(cache_only=True)
BACKGROUND: Final = Deadline(background=True)


class DeferredError(TweetEmbedError):
    """No answer for this caller now; ask again later. `reason` is `deadline` or `cache_only`."""

    def __init__(self, reason: Reason) -> None:
        """Keep why."""
        super().__init__(reason.value)
        self.reason = reason


def _unmetered(layer: str, result: str) -> None:
    """Take note of nothing."""


class _Answers(LRUCache[K, CacheEntry[V]]):
    """Answers, of which each knows whether it is among them: whatever takes one out ends here."""

    def __delitem__(self, key: K) -> None:
        Cache.__getitem__(self, key).is_held = False
        super().__delitem__(key)


class SingleFlightCache(Generic[K, V]):
    """`await remembered(key, patience)` gives X's answer for a key: from memory while fresh, else
    by asking.

    - However many ask for a key at the same time, it is asked once. Who is cancelled, or loses
      patience, does not stop it.
    - An answer past its time is served at once, as `stale`, and asked anew behind the answer; a
      caller who would wait for ever (the background) waits for the new one, and gets the stale one
      only if that fails.
    - What memory does not know is taken from the shelf; what is learnt goes there too.
    - A failure is remembered for its own short time, beside the answers: it never replaces one.

    Raises `UpstreamError` if X could not be asked, `DeferredError` if the caller's patience did not
    suffice; neither while an answer is held that is not older than `stale_s` past its time. What
    else `ask` raises, its callers see as it is.
    """

    def __init__(  # noqa: PLR0913 - each is one knob of a cache
        self,
        ask: Callable[[K], Awaitable[V]],
        *,
        lifetime: Callable[[V | UpstreamError], float],
        max_bytes: int,
        shelf: CacheBackend[K, V] | None = None,
        meter: Callable[[str, str], None] = _unmetered,
        stale_s: float = STALE_S,
        max_fetches: int = MAX_FETCHES,
        clock: Callable[[], float] = time.time,
        chance: Callable[[], float] = random.random,
    ) -> None:
        """Remember what `ask` says for as long as `lifetime` says (seconds), in at most
        `max_bytes`.

        `max_fetches` bounds the questions under way; a further one waits for its turn as long as
        its caller has patience. `meter` takes note of where each call found its answer: layer and
        result. `clock` is the time of day (Unix seconds), `chance` a number from 0 to 1.
        """
        self._ask = ask
        self._lifetime = lifetime
        self._shelf = shelf
        self._meter = meter
        self._stale_s = stale_s
        self._clock = clock
        self._chance = chance
        self._answers: _Answers[K, V] = _Answers(max_bytes, getsizeof=lambda entry: entry.size)
        self._failures: LRUCache[K, CachedFailure] = LRUCache(MAX_FAILURES)
        self._fetches: dict[K, asyncio.Task[CachedAnswer[V] | CachedFailure]] = {}
        self._priorities: dict[K, RequestPriority] = {}
        self._places = asyncio.Semaphore(max_fetches)
        self._closed = False

    async def __call__(self, key: K, patience: Deadline = FOREVER) -> CachedAnswer[V]:
        """Answer for `key`."""
        now = self._clock()
        entry = self._answers.get(key)
        if entry is not None and now < entry.fresh_until:
            self._meter("memory", "hit")
            return entry.held
        entry = self._recall(key, now)
        if entry is not None and now < entry.fresh_until:
            self._meter("store", "hit")
            return entry.held
        stale = self._stale(entry) if entry is not None and now < entry.stale_until else None
        self._meter("memory", "miss" if stale is None else "stale")
        outcome: CachedAnswer[V] | UpstreamError | DeferredError
        if patience.cache_only:
            outcome = DeferredError(Reason.CACHE_ONLY)
        elif stale is not None and not math.isinf(patience.until):
            await self._renew(key, now)
            return stale
        else:
            outcome = self._recall_failure(key, now) or await self._fetch(key, patience)
        if isinstance(outcome, CachedAnswer):
            return outcome
        if stale is not None:
            return stale
        raise outcome

    def held(self, key: K) -> CacheEntry[V] | None:
        """Return the answer in memory, if it is fresh. Nothing is asked."""
        try:
            entry = self._answers[key]
        except KeyError:
            return None
        if self._clock() >= entry.fresh_until:
            return None
        self._meter("memory", "hit")
        return entry

    def is_current(self, entry: CacheEntry[V]) -> bool:
        """Return whether what `held` returned is the answer still, and fresh: as good as looking it
        up again, in a tenth of the time.
        """
        if not entry.is_held or self._clock() >= entry.fresh_until:
            return False
        entry.uses += 1
        if entry.uses % _USES == 0:
            self._answers.get(cast("K", entry.key))  # so that it counts as used
        self._meter("memory", "hit")
        return True

    def forget(self, key: K) -> None:
        """Drop what is in memory for a key."""
        self._answers.pop(key, None)
        self._failures.pop(key, None)

    async def close(self) -> None:
        """Stop every question under way and ask none from now on; who waits for one is deferred."""
        self._closed = True
        fetches = list(self._fetches.values())
        for task in fetches:
            task.cancel()
        await asyncio.gather(*fetches, return_exceptions=True)

    async def _fetch(
        self,
        key: K,
        patience: Deadline,
    ) -> CachedAnswer[V] | UpstreamError | DeferredError:
        until = None if math.isinf(patience.until) else patience.until
        if key in self._fetches:
            self._priorities[key].background &= patience.background
        else:
            try:
                if self._places.locked():
                    async with asyncio.timeout_at(until):
                        await self._places.acquire()
                else:
                    await self._places.acquire()  # does not wait: there is a place
            except TimeoutError:
                return DeferredError(Reason.DEADLINE)
            known = self._learnt(key)  # by others, if this one had to wait for its place
            if self._closed or known is not None or key in self._fetches:
                self._places.release()
                if self._closed or known is not None:
                    return known or DeferredError(Reason.DEADLINE)
            else:
                self._start_fetch(key, RequestPriority(patience.background))
        task = self._fetches[key]
        # asyncio.wait leaves the task alone when the waiter is cancelled or its time is up.
        await asyncio.wait(
            {task},
            timeout=None if until is None else max(0.0, until - asyncio.get_running_loop().time()),
        )
        if not task.done() or task.cancelled():
            return DeferredError(Reason.DEADLINE)
        landed = task.result()
        return landed if isinstance(landed, CachedAnswer) else landed.error(self._clock())

    def _learnt(self, key: K) -> CachedAnswer[V] | UpstreamError | None:
        now = self._clock()
        entry = self._answers.get(key)
        return (
            entry.held
            if entry is not None and now < entry.fresh_until
            else self._recall_failure(key, now)
        )

    async def _renew(self, key: K, now: float) -> None:
        """Ask anew behind the answer, if there is room for it and no failure is remembered."""
        if (
            key in self._fetches
            or self._closed
            or self._places.locked()
            or self._recall_failure(key, now) is not None
        ):
            return
        await self._places.acquire()  # does not wait: there is a place
        self._start_fetch(key, RequestPriority(background=True))

    def _start_fetch(self, key: K, priority: RequestPriority) -> None:
        self._priorities[key] = priority
        task = self._fetches[key] = asyncio.create_task(self._run_fetch(key, priority))
        task.add_done_callback(lambda _: self._finish_fetch(key))

    async def _run_fetch(
        self,
        key: K,
        priority: RequestPriority,
    ) -> CachedAnswer[V] | CachedFailure:
        REQUEST_PRIORITY.set(priority)
        try:
            value = await self._ask(key)
            return self._remember(key, value)
        except UpstreamError as trouble:
            return self._remember_failure(key, trouble)
        # A fault of our own must not be met again at once by every article that has this tweet.
        except Exception:  # noqa: BLE001
            _log.exception("asking X about %s failed in an unforeseen way", key)
            return self._remember_failure(key, UpstreamError(Reason.INTERNAL))

    def _finish_fetch(self, key: K) -> None:
        del self._fetches[key], self._priorities[key]
        self._places.release()

    def _recall(self, key: K, now: float) -> CacheEntry[V] | None:
        """Look in memory and, since that is nothing fresh, on the shelf: another worker may have
        asked.
        """
        entry = self._answers.get(key)
        kept = self._shelf.recall(key) if self._shelf is not None else None
        if kept is None or (
            entry is not None and kept.checked_at <= entry.held.checked_at.timestamp()
        ):
            return entry
        # A clock set back, or a lifetime made shorter since, must not keep it fresh for longer than
        # it would be now.
        fresh_until = min(kept.fresh_until, now + self._lifetime(kept.value) * (1 + JITTER))
        return self._hold(key, kept.value, min(kept.checked_at, now), fresh_until)

    def _recall_failure(self, key: K, now: float) -> UpstreamError | None:
        failure = self._failures.get(key)
        return failure.error(now) if failure is not None and now < failure.until else None

    def _remember(self, key: K, value: V) -> CachedAnswer[V]:
        now = self._clock()
        fresh_until = now + self._lifetime(value) * (1 + JITTER * self._chance())
        if self._shelf is not None:
            self._shelf.keep(key, StoredAnswer(value, now, fresh_until))
        held = self._hold(key, value, now, fresh_until).held
        return CachedAnswer(value, ServedFrom.UPSTREAM, held.checked_at, held.fresh_until)

    def _hold(self, key: K, value: V, checked: float, fresh_until: float) -> CacheEntry[V]:
        """Hold an answer in memory, if it is not too big for it."""
        checked_at, fresh_at = (
            dt.datetime.fromtimestamp(moment, dt.UTC) for moment in (checked, fresh_until)
        )
        held = CachedAnswer(value, ServedFrom.CACHE, checked_at, fresh_at)
        entry = CacheEntry(
            key,
            fresh_until,
            fresh_until + self._stale_s,
            held,
            _ENTRY_BYTES + approximate_size(key) + approximate_size(value),
        )
        self._answers.pop(key, None)
        if entry.size <= self._answers.maxsize:
            self._answers[key] = entry
        return entry

    @staticmethod
    def _stale(entry: CacheEntry[V]) -> CachedAnswer[V]:
        return CachedAnswer(
            entry.held.value,
            ServedFrom.STALE,
            entry.held.checked_at,
            entry.held.fresh_until,
        )

    def _remember_failure(self, key: K, trouble: UpstreamError) -> CachedFailure:
        now = self._clock()
        wait = trouble.retry_after_s
        lifetime = max(self._lifetime(trouble) * (1 + JITTER * self._chance()), wait or 0.0)
        failure = CachedFailure(
            trouble.reason,
            now + lifetime,
            None if wait is None else now + wait,
        )
        self._failures[key] = failure
        return failure
