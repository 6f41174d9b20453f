"""Passages resolved by what is in memory alone: without waiting, and so without a task; and
remembered, for such a result depends on nothing else.
"""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, TypeVar

from service.candidates.finder import Candidates
from service.core.article import Article, Options
from service.core.model import Format
from service.core.rewrite.verbatim import read_verbatim
from service.pipeline.known_answers import (
    CandidatesElsewhere,
    KnownAnswers,
    LooksUpLinks,
    LooksUpTweets,
    NotInMemoryError,
    UsedAnswer,
)
from service.pipeline.mention_resolver import MentionResolver
from service.pipeline.passage_memory import PassageKey, PassageMemory, WrittenPassage
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

    links: LooksUpLinks
    tweets: LooksUpTweets
    candidates: Candidates
    memory: PassageMemory

    def remembered(self, key: PassageKey, article: Article) -> WrittenPassage | None:
        """Return a passage as it was written before, if all it was made of is as it was; or as it
        is written where it is a tweet of memory, letter for letter.
        """
        if article.explain:
            return None
        written = self.memory.get(key)
        if written is None and key.format is Format.HTML and key.output != "text":
            written = self._verbatim(key, article.options)
            if written is not None:
                self.memory.put(key, written)
        return written

    def resolve(
        self, passage: Passage, article: Article, context: ResolveContext, max_mentions: int
    ) -> tuple[PassageWork, tuple[UsedAnswer, ...]] | None:
        """Resolve a passage; return its work and the answers that were used, None if something
        would have to be waited for.
        """
        if article.explain or passage.mentions > max_mentions:
            return None
        return self._at_once(
            lambda resolver: resolve_passage(passage, resolver, context, max_mentions)
        )

    def remember(
        self, key: PassageKey, passage: Passage, result: PassageResult, used: tuple[UsedAnswer, ...]
    ) -> None:
        """Remember a written passage."""
        self.memory.put(key, WrittenPassage(result, used, passage.mentions))

    def _verbatim(self, key: PassageKey, options: Options) -> WrittenPassage | None:
        passage = read_verbatim(key.content)
        if passage is None:
            return None
        done = self._at_once(
            lambda resolver: resolve_verbatim(key.content, passage, resolver, options)
        )
        result, used = done or (None, ())
        if result is None:
            return None
        return WrittenPassage(result, used, 1 + len(result.embeds[0].links))

    def _at_once(
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
