"""Passages resolved by what is in memory alone: without waiting, and so without a task; and
remembered, for such a result depends on nothing else.
"""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, TypeVar

from service.cache.memory import CACHE_ONLY
from service.candidates.finder import Candidates
from service.core.article import Options
from service.core.rewrite.verbatim import VerbatimPassage
from service.pipeline.concurrency import one_by_one, run_at_once
from service.pipeline.known_answers import (
    CandidatesElsewhere,
    KnownAnswers,
    LinksInMemory,
    NotInMemoryError,
    TweetsInMemory,
    UsedAnswer,
)
from service.pipeline.mention_resolver import MentionResolver
from service.pipeline.passage_memory import (
    PassageKey,
    PassageMemory,
    Remembered,
    VerbatimMemory,
    WrittenPassage,
)
from service.pipeline.passage_resolver import (
    Passage,
    PassageResult,
    PassageWork,
    resolve_passage,
)
from service.pipeline.reading_memory import ReadingMemory
from service.pipeline.resolution import ResolveContext
from service.pipeline.verbatim_resolver import VerbatimTweet, resolve_verbatim

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class MemoryResolver:
    """Resolve passages by the answers in memory; `candidates` are the sources that memory cannot
    stand for.
    """

    links: LinksInMemory
    tweets: TweetsInMemory
    candidates: Candidates
    passages: PassageMemory
    verbatim: VerbatimMemory
    readings: ReadingMemory

    def remembered(self, key: PassageKey) -> WrittenPassage | None:
        """Return a passage as it was written before, if all it was made of is as it was."""
        before = self.passages.get(key)
        return before.result if before is not None else None

    def verbatim_tweet(
        self, passage: VerbatimPassage, options: Options
    ) -> Remembered[VerbatimTweet] | None:
        """Return what becomes of a passage that looks like a tweet; None where the general way is
        to be taken. Raise `NotInMemoryError` where memory does not know the tweet.
        """
        tweet_key = passage, options
        tweet = self.verbatim.get(tweet_key)
        if tweet is None:
            context = ResolveContext(CACHE_ONLY, options)
            result, used = self._known(lambda known: resolve_verbatim(passage, known, context))
            if result is None:
                return None
            tweet = Remembered(result, used)
            self.verbatim.put(tweet_key, tweet)
        return tweet

    def resolve(
        self, passage: Passage, context: ResolveContext
    ) -> tuple[PassageWork, tuple[UsedAnswer, ...]] | None:
        """Resolve a passage; return its work and the answers that were used, None if something
        would have to be waited for.
        """
        if context.explain or passage.mentions > context.max_mentions:
            return None
        return self.at_once(lambda resolver: resolve_passage(passage, resolver, context))

    def remember(
        self, key: PassageKey, result: PassageResult, mentions: int, used: tuple[UsedAnswer, ...]
    ) -> None:
        """Remember a written passage, for which `mentions` were resolved."""
        self.passages.put(key, Remembered(WrittenPassage(result, mentions), used))

    def at_once(
        self, work: Callable[[MentionResolver], Coroutine[Any, Any, T]]
    ) -> tuple[T, tuple[UsedAnswer, ...]] | None:
        """Do work with a resolver that knows memory alone; return what came of it and the answers
        that were used, None if something would have to be waited for.
        """
        try:
            return self._known(work)
        except NotInMemoryError:
            return None

    def _known(
        self, work: Callable[[MentionResolver], Coroutine[Any, Any, T]]
    ) -> tuple[T, tuple[UsedAnswer, ...]]:
        known = KnownAnswers(self.links, self.tweets)
        candidates = CandidatesElsewhere(self.candidates)
        done = run_at_once(work(MentionResolver(known.follow, known.fetch, candidates, one_by_one)))
        return done, tuple(known.used)
