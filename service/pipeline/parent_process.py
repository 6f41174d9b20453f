"""Articles resolved in a child process, which asks its parent what X says: the questions, which
cross between the two, the lookups of the child, and the answers of the parent.

X is asked by one process alone, which keeps to the rate and remembers; its children find, prove and
write.
"""

import asyncio
import math
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, Generic, TypeVar

from service.cache.adapters import TweetKey
from service.cache.entries import CachedAnswer, CacheEntry
from service.cache.memory import FOREVER, Deadline, DeferredError
from service.candidates.clue import Clue
from service.candidates.finder import Candidate, Candidates, Standing
from service.candidates.source import LOCAL, SourceName
from service.core.errors import UpstreamError
from service.core.model import (
    LinkTarget,
    Reason,
    ServedFrom,
    ShortLink,
    State,
    Tweet,
    TweetRef,
    UnavailableTweet,
)
from service.pipeline.article_resolver import ArticleResolver
from service.pipeline.memory_resolver import MemoryResolver
from service.pipeline.mention_resolver import Fetch, Follow, MentionResolver
from service.pipeline.passage_memory import PassageMemory, VerbatimMemory
from service.pipeline.reading_memory import ReadingMemory

K = TypeVar("K")
V = TypeVar("V")

_VERBATIM_BYTES: Final = 4 * 1024 * 1024
"""The memory for tweets that stand in articles letter for letter."""
REMEMBERED_S: Final = 1.0
"""How long an answer is used again without asking: a tweet that is taken down meanwhile is so
within that time.
"""


@dataclass(frozen=True, slots=True)
class Question:
    """Where a short link leads, or what a tweet says (in a language); the deadline is a caller's,
    `left_s` in seconds, None for none.
    """

    of: ShortLink | tuple[TweetRef, str | None]
    left_s: float | None
    cache_only: bool
    background: bool


@dataclass(frozen=True, slots=True)
class CandidateQuestion:
    """What is known of a clue or, with `name`, how a source stands that may be asked about it:
    `wait` has it asked.
    """

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
        """Return the exception that a lookup in this process would raise."""
        if self.reason is None:
            return RuntimeError("asking failed in an unforeseen way")
        return (
            DeferredError(self.reason)
            if self.deferred
            else UpstreamError(self.reason, self.retry_after_s)
        )


AskParent = Callable[[Question | CandidateQuestion], Awaitable[Any]]
"""Hands a question to the parent, and returns what its `Answerer` returned."""


def asking_resolver(
    sources: Mapping[SourceName, float],
    ask: AskParent,
    *,
    max_mentions: int,
    count: Callable[[State], None] = lambda _: None,
    clock: Callable[[], float] = time.monotonic,
) -> ArticleResolver:
    """Return a resolver of articles that knows nothing itself and hands on what it wants to know;
    `sources` may be asked, each with the seconds that a search of it takes. What it was answered
    within the last moment, by `clock` (seconds), needs no waiting.
    """
    links = _ParentLookup[ShortLink, LinkTarget](ask, clock)
    tweets = _ParentLookup[TweetKey, Tweet | UnavailableTweet](ask, clock)
    candidates = _ParentCandidates(sources, ask)
    return ArticleResolver(
        MentionResolver(links, tweets, candidates),
        max_mentions=max_mentions,
        count=count,
        memory=MemoryResolver(
            links,
            tweets,
            candidates,
            PassageMemory(0),
            VerbatimMemory(_VERBATIM_BYTES),
            ReadingMemory(0),
        ),
    )


class _ParentLookup(Generic[K, V]):
    """Answers of the parent, each used again for a moment."""

    def __init__(self, ask: AskParent, clock: Callable[[], float]) -> None:
        self._ask = ask
        self._clock = clock
        self._answers: dict[K, CacheEntry[V]] = {}
        self._since = 0.0

    async def __call__(self, key: K, deadline: Deadline) -> CachedAnswer[V]:
        held = self.held(key)
        if held is not None:
            return held.held
        now = asyncio.get_running_loop().time()
        left_s = None if math.isinf(deadline.until) else deadline.until - now
        of: Any = key
        question = Question(of, left_s, deadline.cache_only, deadline.background)
        outcome: CachedAnswer[V] = _answer(await self._ask(question))
        again = (
            replace(outcome, served_from=ServedFrom.CACHE)
            if outcome.served_from is ServedFrom.UPSTREAM
            else outcome
        )
        if (before := self._answers.get(key)) is not None:
            before.is_held = False
        self._answers[key] = CacheEntry(key, math.inf, math.inf, again, 0)
        return outcome

    def held(self, key: K, /) -> CacheEntry[V] | None:
        """Return an answer that is to be used again."""
        self._forget_in_time()
        return self._answers.get(key)

    def is_current(self, entry: CacheEntry[V], /) -> bool:
        """Return whether it is to be used still."""
        self._forget_in_time()
        return entry.is_held

    def _forget_in_time(self) -> None:
        now = self._clock()
        if now - self._since > REMEMBERED_S:
            for entry in self._answers.values():
                entry.is_held = False
            self._answers.clear()
            self._since = now


class _ParentCandidates:
    """The sources of candidates, which the parent asks."""

    def __init__(self, sources: Mapping[SourceName, float], ask: AskParent) -> None:
        self.names = tuple(sources)
        self._sources = sources
        self._ask = ask

    async def known(self, clue: Clue) -> tuple[Candidate, ...]:
        known: tuple[Candidate, ...] = _answer(await self._ask(CandidateQuestion(clue)))
        return known

    async def search(self, name: SourceName, clue: Clue, *, wait: bool) -> Standing:
        if name in LOCAL:
            return Standing.SEARCHED
        standing: Standing = _answer(await self._ask(CandidateQuestion(clue, name, wait)))
        return standing

    def estimate_s(self, name: SourceName) -> float:
        return self._sources[name]


# the child's side of `Answerer`
def _answer(outcome: Any) -> Any:  # noqa: ANN401 - what was asked for
    if isinstance(outcome, UpstreamTrouble):
        raise outcome.error()
    return outcome


@dataclass(frozen=True, slots=True)
class Answerer:
    """Answers a child's questions by what this process knows or asks."""

    follow: Follow
    fetch: Fetch
    candidates: Candidates

    async def __call__(self, question: Question | CandidateQuestion) -> Any:  # noqa: ANN401
        """Return the answer, or `UpstreamTrouble`. Raises nothing."""
        # told in the log by who met it; the article is left as it is, as it would be here
        try:
            if isinstance(question, CandidateQuestion):
                return await self._look_for(question)
            return await self._ask_x(question)
        except UpstreamError as trouble:
            return UpstreamTrouble(trouble.reason, retry_after_s=trouble.retry_after_s)
        except DeferredError as deferred:
            return UpstreamTrouble(deferred.reason, deferred=True)
        except Exception:  # noqa: BLE001
            return UpstreamTrouble(None)

    async def _look_for(self, question: CandidateQuestion) -> tuple[Candidate, ...] | Standing:
        if question.name is None:
            return await self.candidates.known(question.clue)
        return await self.candidates.search(question.name, question.clue, wait=question.wait)

    async def _ask_x(self, question: Question) -> CachedAnswer[Any]:
        now = asyncio.get_running_loop().time()
        deadline = FOREVER if question.left_s is None else Deadline(now + question.left_s)
        if question.cache_only or question.background:
            deadline = Deadline(
                deadline.until,
                cache_only=question.cache_only,
                background=question.background,
            )
        if isinstance(question.of, ShortLink):
            return await self.follow(question.of, deadline)
        return await self.fetch(question.of, deadline)
