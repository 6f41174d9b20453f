"""A process that looks at regions and resolves articles for another one, and asks that one what it
wants to know of X.

What it is told: `look NUMBER PIECES PLAN`, `resolve NUMBER ARTICLE MAX_MENTIONS`, `answer NUMBER
OUTCOME`. What it tells: `ready`, `done NUMBER VALUE`, `ask NUMBER QUESTION`. It ends when the other
one does, whatever it is at.
"""

import asyncio
import itertools
import math
import os
import threading
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection
from typing import Any, Generic, TypeVar

from service.backfill.inspect import inspect_region
from service.cache.entries import CachedAnswer
from service.cache.memory import Deadline, DeferredError
from service.candidates.clue import Clue
from service.candidates.finder import Candidate, Standing
from service.candidates.source import LOCAL, SourceName
from service.core.article import Article
from service.core.errors import UpstreamError
from service.core.model import (
    LinkTarget,
    Reason,
    ServedFrom,
    ShortLink,
    Tweet,
    TweetRef,
    UnavailableTweet,
)
from service.pipeline.article_resolver import ArticleResolver
from service.pipeline.mention_resolver import MentionResolver

K = TypeVar("K")
V = TypeVar("V")

REMEMBERED_S = 1.0
"""How long an answer is used again without asking: a tweet that is taken down meanwhile is so
within that time.
"""


@dataclass(frozen=True, slots=True)
class Question:
    """Where a short link leads, or what a tweet says (in a language); the patience is a caller's,
    `left_s` in seconds, None for ever.
    """

    of: ShortLink | tuple[TweetRef, str | None]
    left_s: float | None
    cache_only: bool
    background: bool


@dataclass(frozen=True, slots=True)
class CandidateQuestion:
    """What is known of a clue or, with `name`, how a source stands that may be asked about it."""

    clue: Clue
    name: SourceName | None = None
    wait: bool = False


@dataclass(frozen=True, slots=True)
class UpstreamTrouble:
    """That there is no answer, and why: `deferred`, or X was in trouble, or (without a reason)
    something unforeseen.
    """

    reason: Reason | None
    deferred: bool = False
    retry_after_s: float | None = None

    def error(self) -> Exception:
        """Make it what a caller expects."""
        if self.reason is None:
            return RuntimeError("asking failed in an unforeseen way")
        return (
            DeferredError(self.reason)
            if self.deferred
            else UpstreamError(self.reason, self.retry_after_s)
        )


class _ParentLookup(Generic[K, V]):
    """Answers of the other process, each used again for a moment."""

    def __init__(
        self,
        ask: Callable[[Question], Awaitable[CachedAnswer[Any] | UpstreamTrouble]],
    ) -> None:
        self._ask = ask
        self._answers: dict[K, CachedAnswer[V]] = {}
        self._since = 0.0

    async def __call__(self, key: K, patience: Deadline) -> CachedAnswer[V]:
        now = asyncio.get_running_loop().time()
        if now - self._since > REMEMBERED_S:
            self._answers.clear()
            self._since = now
        held = self._answers.get(key)
        if held is not None:
            return held
        left_s = None if math.isinf(patience.until) else patience.until - now
        of: Any = key
        outcome = await self._ask(Question(of, left_s, patience.cache_only, patience.background))
        if isinstance(outcome, UpstreamTrouble):
            raise outcome.error()
        from_cache = outcome.served_from is ServedFrom.UPSTREAM
        self._answers[key] = (
            replace(outcome, served_from=ServedFrom.CACHE) if from_cache else outcome
        )
        return outcome


class _ParentCandidates:
    """The sources of candidates, which the other process asks."""

    def __init__(
        self, names: tuple[SourceName, ...], ask: Callable[[CandidateQuestion], Awaitable[Any]]
    ) -> None:
        self.names = names
        self._ask = ask

    async def known(self, clue: Clue) -> tuple[Candidate, ...]:
        known: tuple[Candidate, ...] = await self._ask(CandidateQuestion(clue))
        return known

    async def search(self, name: SourceName, clue: Clue, *, wait: bool) -> Standing:
        if name in LOCAL:
            return Standing.SEARCHED
        standing: Standing = await self._ask(CandidateQuestion(clue, name, wait))
        return standing

    def estimate_s(self, name: SourceName) -> float:
        del name
        return 0.0  # a backfill waits


class _ServedArticle:
    """Does what it is told, and tells what came of it."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._loop = asyncio.get_running_loop()
        self._asked: dict[int, asyncio.Future[Any]] = {}
        self._numbers = itertools.count()
        self._tasks: set[asyncio.Task[None]] = set()
        self._follow = _ParentLookup[ShortLink, LinkTarget](self._ask)
        self._fetch = _ParentLookup[tuple[TweetRef, str | None], Tweet | UnavailableTweet](
            self._ask
        )

    def take(self, message: tuple[Any, ...]) -> None:
        kind, number, *rest = message
        if kind == "look":
            pieces, plan = rest
            _tell(
                self._connection,
                "done",
                number,
                [inspect_region(piece, plan) for piece in pieces],
            )
        elif kind == "resolve":
            task = self._loop.create_task(self._resolve(number, *rest))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        elif number in self._asked:
            self._asked.pop(number).set_result(rest[0])

    async def _resolve(
        self, number: int, article: Article, max_mentions: int, names: tuple[SourceName, ...]
    ) -> None:
        candidates = _ParentCandidates(names, self._ask)
        mentions = MentionResolver(self._follow, self._fetch, candidates)
        result = await ArticleResolver(mentions, max_mentions=max_mentions)(article)
        _tell(self._connection, "done", number, result)

    async def _ask(self, question: Question | CandidateQuestion) -> Any:  # noqa: ANN401
        number = next(self._numbers)
        self._asked[number] = self._loop.create_future()
        _tell(self._connection, "ask", number, question)
        return await self._asked[number]


# what `process_pool.py` knows
def _tell(connection: Connection, *message: Any) -> None:  # noqa: ANN401
    try:
        connection.send(message)
    except OSError:  # the other process has ended, and so does this one
        os._exit(0)


def _listen(
    connection: Connection,
    loop: asyncio.AbstractEventLoop,
    take: Callable[[tuple[Any, ...]], None],
) -> None:
    """Read all the time; when there is nothing more to come, the other process has ended, and so
    does this one.
    """
    try:
        while True:
            loop.call_soon_threadsafe(take, connection.recv())
    finally:
        os._exit(0)


async def _serve(connection: Connection) -> None:
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(_give_up)
    serving = _ServedArticle(connection)
    threading.Thread(target=_listen, args=(connection, loop, serving.take), daemon=True).start()
    _tell(connection, "ready")
    await asyncio.Event().wait()


def _give_up(_: asyncio.AbstractEventLoop, told: dict[str, Any]) -> None:
    """End on a fault of our own; name it without what it says, for that may be an article's."""
    fault = told.get("exception")
    os.write(2, f"tweet-embed: a worker met {type(fault).__name__}\n".encode())
    os._exit(70)


def main(descriptor: int) -> None:
    """Serve the process at the other end of a socket."""
    asyncio.run(_serve(Connection(descriptor)))
