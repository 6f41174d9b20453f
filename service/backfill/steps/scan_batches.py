"""Have the regions of an archive inspected in batches, in this process or by workers; the results
come back in the order of the regions.
"""

import time
from collections import deque
from collections.abc import Callable

from service.backfill.inspect import Inspection, ScanItem, inspect_region
from service.backfill.plan import Plan
from service.backfill.workers.process_pool import ProcessPool

_BYTES = 512 * 1024
_PIECES = 200
_LOOK_EVERY_S = 0.2
_EACH = 3
"""Batches for each worker at the same time: one it is at, and some that wait for it."""


class Batches:
    """Looks at pieces, and hands what was seen to `take`."""

    def __init__(
        self,
        workers: ProcessPool,
        plan: Plan,
        take: Callable[[Inspection], None],
        check: Callable[[], None],
    ) -> None:
        """Begin. `check` is called while there is nothing to do but wait."""
        self._workers, self._plan, self._take, self._check = workers, plan, take, check
        self._spent_s = 0.0
        self._batch: list[ScanItem] = []
        self._bytes = 0
        self._sent: deque[int] = deque()
        self._done: dict[int, list[Inspection]] = {}

    def add(self, piece: ScanItem) -> None:
        """Take a piece to look at, now or soon. Raises `GuardError` if a worker died."""
        self._batch.append(piece)
        self._bytes += len(piece.region.raw)
        if not self._workers.begin(self._spent_s):
            self._hand_on(self._look())
        elif self._bytes >= _BYTES or len(self._batch) >= _PIECES:
            self._send()

    def finish(self) -> None:
        """Look at all that is left. Raises as `add`."""
        if self._batch:
            self._send()
        while self._sent:
            self._hear(_LOOK_EVERY_S)

    def _look(self) -> list[Inspection]:
        """Look here, at all that has come together."""
        began = time.perf_counter()
        pieces, self._batch, self._bytes = self._batch, [], 0
        seen = [inspect_region(piece, self._plan) for piece in pieces]
        self._spent_s += time.perf_counter() - began
        return seen

    def _send(self) -> None:
        """Return it to a worker; where all have enough to do, or are still beginning, do it
        here.
        """
        self._hear(0)
        number = self._workers.number()
        worker = self._workers.free()
        if worker is None or len(worker.under_way) >= _EACH:
            self._done[number] = self._look()
        else:
            worker.under_way.add(number)
            worker.send("look", number, self._batch, self._plan)
            self._batch, self._bytes = [], 0
        self._sent.append(number)
        self._hear(0)

    def _hear(self, timeout_s: float) -> None:
        self._check()
        for _, message in self._workers.heard(timeout_s):
            if message[0] == "done":
                self._done[message[1]] = message[2]
        while self._sent and self._sent[0] in self._done:
            self._hand_on(self._done.pop(self._sent.popleft()))

    def _hand_on(self, seen: list[Inspection]) -> None:
        for each in seen:
            self._take(each)
