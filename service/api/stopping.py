"""The end of the service, told to the requests under way: who waits for X is answered with what is
known, whose body has not arrived is refused.
"""

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any


class StopSignal:
    """Whether the service is about to end. Calling it ends every wait that it knows of."""

    def __init__(self) -> None:
        """Begin with a service that runs."""
        self.is_set = False
        self.on_stop: Callable[[], Coroutine[Any, Any, None]] | None = None
        self._waits: set[asyncio.Timeout] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    def __call__(self) -> None:
        """End the waits; a second call does nothing. Wants the event loop of the service."""
        if self.is_set:
            return
        self.is_set = True
        now = asyncio.get_running_loop().time()
        for wait in self._waits:
            wait.reschedule(now)
        if self.on_stop is not None:
            task = asyncio.create_task(self.on_stop())
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    @contextmanager
    def ending(self, wait: asyncio.Timeout) -> Iterator[None]:
        """Let the signal end a wait that is under way."""
        if self.is_set:
            wait.reschedule(asyncio.get_running_loop().time())
        self._waits.add(wait)
        try:
            yield
        finally:
            self._waits.discard(wait)
