"""Have the regions of an archive inspected in batches, in this process or by workers; the results
come back in the order of the regions.
"""

import time
from collections import deque
from collections.abc import Callable

from service.backfill.inspect import (
    BlockItem,
    InspectedRegions,
    ScanItem,
    inspect_block,
    inspect_region,
)
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
        take: Callable[[InspectedRegions], None],
        check: Callable[[], None],
        expected_s: float,
    ) -> None:
        """Begin. `check` is called while there is nothing to do but wait; `expected_s` is how many
        seconds it will take one process, where that is known.
        """
        self._workers, self._plan, self._take, self._check = workers, plan, take, check
        self._spent_s = expected_s
        self._batch: list[ScanItem] = []
        self._bytes = 0
        self._sent: deque[int] = deque()
        self._done: dict[int, InspectedRegions] = {}

    def add(self, piece: ScanItem) -> None:
        """Take a piece to look at, now or soon. Raises `GuardError` if a worker died."""
        self._batch.append(piece)
        self._bytes += len(piece.region.raw)
        if not self._workers.begin(self._spent_s):
            self._take(self._look())
        elif self._bytes >= _BYTES or len(self._batch) >= _PIECES:
            self._send()

    def add_block(self, item: BlockItem, descriptor: int) -> None:
        """Take a block of an open file to look at, now or soon. Raises as `add`."""
        self._check()
        if not self._workers.begin(self._spent_s):
            self._take(self._look_at(item, descriptor))
            return
        self._hear(0)
        number = self._workers.number()
        worker = self._workers.free()
        if worker is None or len(worker.under_way) >= _EACH:
            self._done[number] = self._look_at(item, descriptor)
        else:
            worker.under_way.add(number)
            worker.lend(descriptor)
            worker.send("search", number, item, self._plan)
        self._sent.append(number)
        self._hear(0)

    def finish(self) -> None:
        """Look at all that is left. Raises as `add`."""
        if self._batch:
            self._send()
        while self._sent:
            self._hear(_LOOK_EVERY_S)

    def _look_at(self, item: BlockItem, descriptor: int) -> InspectedRegions:
        """Look here, at a block."""
        began = time.perf_counter()
        looked = inspect_block(item, item.block.read(descriptor), self._plan)
        self._spent_s += time.perf_counter() - began
        return looked

    def _look(self) -> InspectedRegions:
        """Look here, at all that has come together."""
        began = time.perf_counter()
        pieces, self._batch, self._bytes = self._batch, [], 0
        seen = [inspect_region(piece, self._plan) for piece in pieces]
        self._spent_s += time.perf_counter() - began
        return InspectedRegions(seen)

    def _send(self) -> None:
        """Hand it to a worker; where all have enough to do, or are still beginning, do it
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
            self._take(self._done.pop(self._sent.popleft()))
