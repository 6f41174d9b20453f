"""Passages resolved by what is in memory alone: without waiting, and so without a task; and
remembered, for such a result depends on nothing else.
"""

from dataclasses import dataclass

from service.candidates.finder import Candidates
from service.core.article import Article
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
        """Return a passage as it was written before, if all it was made of is as it was."""
        return None if article.explain else self.memory.get(key)

    def resolve(
        self, passage: Passage, article: Article, context: ResolveContext, max_mentions: int
    ) -> tuple[PassageWork, tuple[UsedAnswer, ...]] | None:
        """Resolve a passage; return its work and the answers that were used, None if something
        would have to be waited for.
        """
        if article.explain or passage.mentions > max_mentions:
            return None
        known = KnownAnswers(self.links, self.tweets)
        candidates = CandidatesElsewhere(self.candidates)
        resolver = MentionResolver(known.follow, known.fetch, candidates, one_by_one)
        try:
            work = run_at_once(resolve_passage(passage, resolver, context, max_mentions))
        except NotInMemoryError:
            return None
        return work, tuple(known.used)

    def remember(
        self, key: PassageKey, passage: Passage, result: PassageResult, used: tuple[UsedAnswer, ...]
    ) -> None:
        """Remember a written passage."""
        self.memory.put(key, WrittenPassage(result, used, passage.mentions))
