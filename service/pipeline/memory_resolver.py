"""Passages resolved by what is in memory alone: without waiting, and so without a task; and
remembered, for such a result depends on nothing else.
"""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, TypeVar

from service.candidates.finder import Candidates
from service.core.article import Article
from service.core.model import Format
from service.core.rewrite.verbatim import read_verbatim
from service.core.rewrite.widget_script import scripts_stay
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
from service.pipeline.resolution import ResolveContext, one_by_one, run_at_once
from service.pipeline.verbatim_resolver import resolve_verbatim

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

    def remembered(self, key: PassageKey, article: Article) -> WrittenPassage | None:
        """Return a passage as it was written before, if all it was made of is as it was; or as it
        is written where it is a tweet of memory, letter for letter.
        """
        if article.explain:
            return None
        before = self.passages.get(key)
        if before is not None:
            return before.result
        if key.format is not Format.HTML or key.output == "text":
            return None
        if not scripts_stay(key.content, key.options):  # X's script is written with the article
            return None
        return self._verbatim(key)

    def resolve(
        self, passage: Passage, article: Article, context: ResolveContext, max_mentions: int
    ) -> tuple[PassageWork, tuple[UsedAnswer, ...]] | None:
        """Resolve a passage; return its work and the answers that were used, None if something
        would have to be waited for.
        """
        if article.explain or passage.mentions > max_mentions:
            return None
        return self.at_once(
            lambda resolver: resolve_passage(passage, resolver, context, max_mentions)
        )

    def remember(
        self, key: PassageKey, passage: Passage, result: PassageResult, used: tuple[UsedAnswer, ...]
    ) -> None:
        """Remember a written passage."""
        self.passages.put(key, Remembered(WrittenPassage(result, passage.mentions), used))

    def _verbatim(self, key: PassageKey) -> WrittenPassage | None:
        """Return a passage as it is written where it is a tweet of memory, letter for letter."""
        passage = read_verbatim(key.content)
        if passage is None:
            return None
        tweet_key = passage, key.options
        tweet = self.verbatim.get(tweet_key)
        if tweet is None:
            done = self.at_once(lambda resolver: resolve_verbatim(passage, resolver, key.options))
            result, used = done or (None, ())
            if result is None:
                return None
            tweet = Remembered(result, used)
            self.verbatim.put(tweet_key, tweet)
        passage_result = tweet.result.written_for(key.content)
        if passage_result is None:
            return None
        written = WrittenPassage(passage_result, tweet.result.mentions)
        self.passages.put(key, Remembered(written, tweet.used))
        return written

    def at_once(
        self, work: Callable[[MentionResolver], Coroutine[Any, Any, T]]
    ) -> tuple[T, tuple[UsedAnswer, ...]] | None:
        """Do work with a resolver that knows memory alone; return what came of it and the answers
        that were used, None if something would have to be waited for.
        """
        known = KnownAnswers(self.links, self.tweets)
        candidates = CandidatesElsewhere(self.candidates)
        try:
            done = run_at_once(
                work(MentionResolver(known.follow, known.fetch, candidates, one_by_one))
            )
        except NotInMemoryError:
            return None
        return done, tuple(known.used)
