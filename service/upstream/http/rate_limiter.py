"""Limit the requests to X: how many at a time and how many a second, for all work of the process.
Requests that a client waits for go first.
"""

import asyncio
from collections import deque
from dataclasses import dataclass
from types import TracebackType

from service.request_context import REQUEST_PRIORITY, RequestPriority


@dataclass(slots=True, eq=False)
class _Waiter:
    priority: RequestPriority
    turn: "asyncio.Future[None]"


class RateLimiter:
    """`async with pace:` is one turn: at most `places` at a time, `per_second` after a burst of one
    second's worth; 0 is no limit.
    """

    def __init__(self, per_second: float, places: int) -> None:
        """Begin with every place free."""
        self._gap = 1 / per_second if per_second > 0 else 0.0
        self._next = float("-inf")
        self._free = places
        self._waiting: deque[_Waiter] = deque()
        self._alarm: asyncio.TimerHandle | None = None

    async def __aenter__(self) -> None:
        """Wait for a turn: before those of the background, behind those who came earlier."""
        waiter = _Waiter(REQUEST_PRIORITY.get(), asyncio.get_running_loop().create_future())
        self._waiting.append(waiter)
        self._admit()
        try:
            await waiter.turn
        except asyncio.CancelledError:
            if waiter in self._waiting:
                self._waiting.remove(waiter)
            elif not waiter.turn.cancelled():
                self._leave()
            raise

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Leave the place to the next."""
        self._leave()

    def _leave(self) -> None:
        self._free += 1
        self._admit()

    def _admit(self) -> None:
        loop = asyncio.get_running_loop()
        while self._waiting and self._free and self._alarm is None:
            now = loop.time()
            turn = max(self._next, now - max(0.0, 1 - self._gap))
            if turn > now:
                self._alarm = loop.call_at(turn, self._wake)
                return
            waiter = next(
                (each for each in self._waiting if not each.priority.background),
                self._waiting[0],
            )
            self._waiting.remove(waiter)
            if waiter.turn.done():  # cancelled, and not yet told
                continue
            self._next = turn + self._gap
            self._free -= 1
            waiter.turn.set_result(None)

    def _wake(self) -> None:
        self._alarm = None
        self._admit()
