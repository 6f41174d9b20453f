"""Resolve articles in worker processes, which detect, verify and rewrite. This process alone asks
X, keeps the cache, and holds to the rate limit.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

from service.backfill.archive_errors import GuardError
from service.backfill.plan import Plan
from service.backfill.settle import Settle, Settled, Unsettled, settle
from service.backfill.workers.process_pool import ProcessPool, Worker
from service.candidates.finder import Candidates
from service.core.article import Resolve
from service.core.model import State
from service.pipeline.mention_resolver import Fetch, Follow
from service.pipeline.parent_process import Answerer, CandidateQuestion, Question


class ResolverPool:
    """`await pool(article, plan)` settles by workers where there are any, else here. Raises
    `GuardError` if one of them died.
    """

    def __init__(
        self,
        workers: ProcessPool,
        resolve: Resolve,
        follow: Follow,
        fetch: Fetch,
        candidates: Candidates,
        *,
        max_mentions: int,
        count: Callable[[State], None] = lambda _: None,
    ) -> None:
        """`resolve` does it here; the rest is what it is made of. Wants a running event loop."""
        self._workers, self._resolve = workers, resolve
        self._answerer = Answerer(follow, fetch, candidates)
        self._max_mentions, self._count = max_mentions, count
        self._loop = asyncio.get_running_loop()
        self._waiting: dict[int, asyncio.Future[Settled]] = {}
        self._outbox: dict[Worker, list[tuple[int, Unsettled]]] = {}
        self._answering: set[asyncio.Task[None]] = set()
        self._listening = list(workers.members)
        for worker in self._listening:
            self._loop.add_reader(worker.connection.fileno(), self._hear, worker)

    async def __call__(self, work: Unsettled, plan: Plan) -> Settled:
        """Settle an article."""
        worker = self._workers.free()
        if worker is None:
            return await settle(work, plan, self._resolve)
        number = self._workers.number()
        future: asyncio.Future[Settled] = self._loop.create_future()
        self._waiting[number] = future
        worker.under_way.add(number)
        if not self._outbox:
            self._loop.call_soon(self._send, plan)
        self._outbox.setdefault(worker, []).append((number, work))
        try:
            settled = await future
        finally:
            del self._waiting[number]
        for state, count in settled.embeds.items():
            for _ in range(count):
                self._count(State(state))
        return settled

    def _send(self, plan: Plan) -> None:
        """Send each worker what came together for it in this turn of the loop."""
        outbox, self._outbox = self._outbox, {}
        names = self._answerer.candidates.names
        for worker, works in outbox.items():
            try:
                descriptor = works[0][1].descriptor
                if descriptor is not None:  # the same for all: the source is one file
                    worker.lend(descriptor)
                worker.send("settle", works, plan, self._max_mentions, names)
            except GuardError as error:
                self._lose(worker, error)

    def _lose(self, worker: Worker, error: GuardError) -> None:
        """Fail those who wait for a worker that is dead."""
        for number in worker.under_way & self._waiting.keys():
            if not self._waiting[number].done():
                self._waiting[number].set_exception(error)

    async def close(self) -> None:
        """Hear no more of the workers."""
        for worker in self._listening:
            self._loop.remove_reader(worker.connection.fileno())
        self._listening.clear()
        for task in self._answering:
            task.cancel()
        await asyncio.gather(*self._answering, return_exceptions=True)

    def _hear(self, worker: Worker) -> None:
        try:
            kind, *rest = worker.receive()
        except GuardError as error:
            self._loop.remove_reader(worker.connection.fileno())
            self._listening.remove(worker)
            self._lose(worker, error)
            return
        if kind == "ask":
            task = self._loop.create_task(self._answer(worker, *rest))
            self._answering.add(task)
            task.add_done_callback(self._answering.discard)
        elif kind == "settled":
            for number, settled in rest[0]:
                if (future := self._waiting.get(number)) and not future.done():
                    future.set_result(settled)

    async def _answer(
        self, worker: Worker, number: int, question: Question | CandidateQuestion
    ) -> None:
        outcome = await self._answerer(question)
        with suppress(GuardError):  # told to those who wait for it
            worker.send("answer", number, outcome)


@asynccontextmanager
async def pooled(
    workers: ProcessPool,
    resolve: Resolve,
    follow: Follow,
    fetch: Fetch,
    candidates: Candidates,
    *,
    max_mentions: int,
    count: Callable[[State], None],
) -> AsyncIterator[Settle]:
    """Return a pool, and close it afterwards."""
    pool = ResolverPool(
        workers, resolve, follow, fetch, candidates, max_mentions=max_mentions, count=count
    )
    try:
        yield pool
    finally:
        await pool.close()
