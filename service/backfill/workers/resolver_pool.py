"""A resolver over workers: they find, prove and write; this process alone asks X, remembers, and
keeps to the rate.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

from service.backfill.archive_errors import GuardError
from service.backfill.workers.child import CandidateQuestion, Question, UpstreamTrouble
from service.backfill.workers.process_pool import ProcessPool, Worker
from service.cache.entries import CachedAnswer
from service.cache.memory import FOREVER, Deadline, DeferredError
from service.candidates.finder import Candidate, Candidates, Standing
from service.core.article import Article, Resolve, Result
from service.core.errors import UpstreamError
from service.core.model import ShortLink, State
from service.pipeline.mention_resolver import Fetch, Follow

_BUSY = 0.5
"""The part of the time that this process must have been at work for workers to pay: where X sets
the pace they would not.
"""


class ResolverPool:
    """`await pool(article)` resolves here at first, and by workers once it pays. Raises
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
        self._workers, self._resolve, self._follow, self._fetch = workers, resolve, follow, fetch
        self._candidates = candidates
        self._max_mentions, self._count = max_mentions, count
        self._began = time.process_time(), time.perf_counter()
        self._loop = asyncio.get_running_loop()
        self._waiting: dict[int, asyncio.Future[Result]] = {}
        self._answering: set[asyncio.Task[None]] = set()
        self._listening: list[Worker] = []

    async def __call__(self, article: Article) -> Result:
        """Resolve an article."""
        worker = self._worker()
        if worker is None:
            return await self._resolve(article)
        number = self._workers.number()
        future: asyncio.Future[Result] = self._loop.create_future()
        self._waiting[number] = future
        worker.under_way.add(number)
        try:
            names = self._candidates.names
            worker.send("resolve", number, article, self._max_mentions, names)
            result: Result = await future
        finally:
            del self._waiting[number]
        for embed in result.embeds:
            self._count(embed.state)
        return result

    async def close(self) -> None:
        """Hear no more of the workers."""
        for worker in self._listening:
            self._loop.remove_reader(worker.connection.fileno())
        self._listening.clear()
        for task in self._answering:
            task.cancel()
        await asyncio.gather(*self._answering, return_exceptions=True)

    def _worker(self) -> Worker | None:
        if not self._listening:
            busy_s, whole_s = (
                time.process_time() - self._began[0],
                time.perf_counter() - self._began[1],
            )
            if not self._workers.begin(busy_s if busy_s >= whole_s * _BUSY else -1.0):
                return None
            self._listening = list(self._workers.members)
            for worker in self._listening:
                self._loop.add_reader(worker.connection.fileno(), self._hear, worker)
        return self._workers.free()

    def _hear(self, worker: Worker) -> None:
        try:
            kind, *rest = worker.receive()
        except GuardError as error:
            self._loop.remove_reader(worker.connection.fileno())
            self._listening.remove(worker)
            for number in worker.under_way & self._waiting.keys():
                if not self._waiting[number].done():
                    self._waiting[number].set_exception(error)
            return
        if kind == "ask":
            task = self._loop.create_task(self._answer(worker, *rest))
            self._answering.add(task)
            task.add_done_callback(self._answering.discard)
        elif kind == "done" and (future := self._waiting.get(rest[0])) and not future.done():
            future.set_result(rest[1])

    async def _answer(
        self, worker: Worker, number: int, question: Question | CandidateQuestion
    ) -> None:
        if isinstance(question, CandidateQuestion):
            outcome: Any = await self._look_for(question)
        else:
            outcome = await self._ask_x(question)
        with suppress(GuardError):  # told to those who wait for it
            worker.send("answer", number, outcome)

    async def _look_for(self, question: CandidateQuestion) -> tuple[Candidate, ...] | Standing:
        if question.name is None:
            return await self._candidates.known(question.clue)
        return await self._candidates.search(question.name, question.clue, wait=question.wait)

    async def _ask_x(self, question: Question) -> CachedAnswer[Any] | UpstreamTrouble:
        patience = (
            FOREVER if question.left_s is None else Deadline(self._loop.time() + question.left_s)
        )
        if question.cache_only or question.background:
            patience = Deadline(
                patience.until,
                cache_only=question.cache_only,
                background=question.background,
            )
        try:
            if isinstance(question.of, ShortLink):
                return await self._follow(question.of, patience)
            return await self._fetch(question.of, patience)
        except UpstreamError as trouble:
            return UpstreamTrouble(trouble.reason, retry_after_s=trouble.retry_after_s)
        except DeferredError as deferred:
            return UpstreamTrouble(deferred.reason, deferred=True)
        # told in the log by who met it; the article is left as it is, as it would be here
        except Exception:  # noqa: BLE001
            return UpstreamTrouble(None)


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
) -> AsyncIterator[Resolve]:
    """Return a pool, and close it afterwards."""
    pool = ResolverPool(
        workers, resolve, follow, fetch, candidates, max_mentions=max_mentions, count=count
    )
    try:
        yield pool
    finally:
        await pool.close()
