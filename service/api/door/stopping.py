"""Bodies that have not arrived whole, and what ends the wait for them: their own time, or the end
of the service. Who waits for X when it ends is answered with what is known.
"""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any


class StopSignal:
    """Whether the service is about to end. Calling it ends every wait that it knows of.

    One timer serves all waits: they are of one length, so the first to begin is the first to be
    due. A wait that ends by itself costs two entries in a dictionary.
    """

    def __init__(self, wait_s: float) -> None:
        """Begin with a service that runs; a wait takes `wait_s` at most."""
        self.is_near = False
        self.is_set = False
        self.on_stop: Callable[[], Coroutine[Any, Any, None]] | None = None
        self.wait_s = wait_s
        self._due: dict[asyncio.Task[Any], float] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    def announce(self) -> None:
        """Let connections be closed once their request is answered: the end is near."""
        self.is_near = True

    def __call__(self) -> None:
        """End the waits; a second call does nothing. Wants the event loop of the service."""
        if self.is_set:
            return
        self.announce()
        self.is_set = True
        while self._due:
            self._end_first()
        if self.on_stop is not None:
            task = asyncio.create_task(self.on_stop())
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    def begin_wait(self, task: asyncio.Task[Any]) -> None:
        """Cancel the task that waits when its time is up; at once if the service ends already."""
        loop = task.get_loop()
        self._due[task] = loop.time() + self.wait_s
        if self.is_set:
            self._end_first()
        elif self._timer is None:
            self._timer = loop.call_later(self.wait_s, self._end_due, loop)

    def end_wait(self, task: asyncio.Task[Any]) -> bool:
        """Forget a wait; return whether it ended by itself, not by being cancelled from here."""
        return self._due.pop(task, None) is not None

    def _end_first(self) -> None:
        task = next(iter(self._due))
        del self._due[task]
        task.cancel()

    def _end_due(self, loop: asyncio.AbstractEventLoop) -> None:
        self._timer = None
        now = loop.time()
        while self._due and (due := next(iter(self._due.values()))) <= now:
            self._end_first()
        if self._due:
            self._timer = loop.call_later(due - now, self._end_due, loop)
