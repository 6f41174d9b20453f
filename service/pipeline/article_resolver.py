"""The way of an article, from end to end.

1. detect: the article's text to passages (`article_reading.py`), and mentions of tweets and links
   in each (`core/detect`), no network;
2. resolve: short links to where they lead, flattened tweets to the id that their words must prove
   (`mention_resolver.py`, `core/verify.py`);
3. fetch: a tweet's id to its words, from memory or X (`cache/memory.py`, `upstream/client.py`);
4. sanitize and render: the words to HTML of the allow-list (`core/rewrite/decide.py`,
   `core/render/blockquote.py`, `core/sanitize/sanitizer.py`);
5. splice: the HTML into the passage, every other character as it was (`core/rewrite/edits.py`), and
   the passages into the article (`article_part.py`).

A passage is written in the first of these ways that will do, and all of them write the same: as it
was written before (`passage_memory.py`); as a tweet that it is letter for letter
(`verbatim_resolver.py`); by what memory knows of X (`memory_resolver.py`); with X asked. What would
come out otherwise a second time stays as it was (`passage_check.py`).

Trouble with X is the state of a mention, never an error of the call (docs/interface.md, promise 1).
"""

import logging
import time
from collections.abc import Callable, Sequence

from service.cache.memory import Deadline
from service.core.article import Article, Result
from service.core.detect.sections import read_passages_around_sections
from service.core.html.newlines import Newlines
from service.core.mentions import Range
from service.core.model import Format, State
from service.pipeline.article_part import ArticlePart, joined, may_be_known_now, unproved
from service.pipeline.article_reading import look_for_passages
from service.pipeline.background_work import BackgroundWork
from service.pipeline.concurrency import gather_all, in_thread_if_long
from service.pipeline.known_answers import NotInMemoryError
from service.pipeline.memory_resolver import MemoryResolver
from service.pipeline.mention_resolver import MentionResolver
from service.pipeline.passage_check import checked, is_surely_stable
from service.pipeline.passage_memory import PassageKey
from service.pipeline.passage_resolver import (
    Passage,
    describe_fault,
    read_passage,
    resolve_passage,
    write_passage,
)
from service.pipeline.resolution import FAILED_RETRY_S, ResolveContext
from service.pipeline.verbatim_resolver import ask_verbatim, verbatim_passage

_log = logging.getLogger(__name__)


class ArticleResolver:
    """`await resolver(article)` returns the article with its tweets whole, whatever X does."""

    def __init__(
        self,
        mention_resolver: MentionResolver,
        *,
        max_mentions: int,
        count: Callable[[State], None] = lambda _: None,
        memory: MemoryResolver | None = None,
    ) -> None:
        """Resolve mentions by `mention_resolver`; what an article has beyond `max_mentions` is left
        as it is. `count` is told what became of each embed. `memory` resolves what
        needs no waiting.
        """
        self._mentions = mention_resolver
        self._count = count
        self._max_mentions = max_mentions
        self._memory = memory
        self._read_passages = (
            memory.readings.read_passages if memory else read_passages_around_sections
        )
        self._background = BackgroundWork(mention_resolver)

    async def __call__(self, article: Article) -> Result:
        """Resolve an article. Raises nothing that X, or the article, could cause; a fault of our
        own gives the article back as it was.
        """
        began = time.perf_counter()
        try:
            return await self._resolved(article, began)
        # docs/interface.md, promise 1: the article comes back; the fault is told in the log,
        # without the article's words
        except Exception as error:  # noqa: BLE001
            _log.error(
                "an article was left as it is, for a fault of ours: %s", describe_fault(error)
            )
            return Result(
                content=article.content,
                format=article.format or Format.TEXT,
                changed=False,
                complete=False,
                script=None,
                elapsed_ms=(time.perf_counter() - began) * 1000,
                retry_after_s=FAILED_RETRY_S,
            )

    async def close(self) -> None:
        """Stop what goes on behind the answers."""
        await self._background.close()

    async def _resolved(self, article: Article, began: float) -> Result:
        deadline = Deadline.for_ms(article.deadline_ms)
        written_in, places = await self._passages_of(article)
        if not places:
            return _nothing_to_do(article, written_in, began)
        parts: Sequence[ArticlePart] = await self._read(article, written_in, places)
        if self._are_over_the_limit(parts, places):
            parts = await self._read(article, written_in, [(0, len(article.content))])
        context = None
        if any(part.result is None for part in parts):
            context = ResolveContext.of(article, deadline, self._max_mentions)
            await self._write(parts, article, context)
        if further := unproved(parts, context.lacking if context else ()):
            context = context or ResolveContext.of(article, deadline, self._max_mentions)
            parts = await self._with_words_before(parts, further, article, context)
        result = joined(article, written_in, parts, context, began)
        for embed in result.embeds:
            self._count(embed.state)
        return result

    async def _passages_of(self, article: Article) -> tuple[Format, Sequence[Range]]:
        """Return the format of an article, and where its passages stand."""
        content, known = article.content, article.detection
        if known is not None:
            return known.format, [place for place, _ in known.passages]
        return await in_thread_if_long(
            content,
            look_for_passages,
            content,
            article.format,
            article.options,
            (),
            self._read_passages,
        )

    def _are_over_the_limit(self, parts: Sequence[ArticlePart], places: Sequence[Range]) -> bool:
        """Return whether an article of passages at some places has to be resolved in one, for what
        is beyond the limit is told by the order of all mentions in it.
        """
        return len(places) > 1 and sum(part.mentions for part in parts) > self._max_mentions

    async def _read(
        self,
        article: Article,
        written_in: Format,
        places: Sequence[Range],
        *,
        wider: bool = False,
    ) -> list[ArticlePart]:
        """Return the passages of an article: as they were written before, as a tweet of memory,
        read, or (`verbatim`) to be read only if X does not show the tweet that they look like. Of
        one with more mentions than are resolved, no more passages than tell so.
        """
        known = dict(article.detection.passages) if article.detection and not wider else {}
        parts = []
        mentions = 0
        for start, end in places:
            source = article.content[start:end]
            part = ArticlePart(
                (start, end), PassageKey.of(source, written_in, article, wider=wider)
            )
            if not self._write_from_memory(part, article):
                found = known.get((start, end))
                if found is not None:
                    part.passage = Passage(source, Newlines(source), found)
                elif part.verbatim is None:
                    part.passage = await in_thread_if_long(
                        source, read_passage, source, written_in, wider=wider
                    )
                part.mentions = part.passage.mentions if part.passage else 1
            parts.append(part)
            mentions += part.mentions
            if len(places) > 1 and mentions > self._max_mentions:
                break
        return parts

    def _write_from_memory(self, part: ArticlePart, article: Article) -> bool:
        """Write a passage as it was written before, or as the tweet of memory that it is letter for
        letter; return whether that could be.
        """
        key, memory = part.key, self._memory
        if memory is None or article.explain:
            return False
        before = memory.remembered(key)
        if before is not None:
            part.mentions, part.result = before.mentions, before.result
            return True
        verbatim = verbatim_passage(key.content, article) if key.format is Format.HTML else None
        if verbatim is None:
            return False
        try:
            tweet = memory.verbatim_tweet(verbatim, article.options)
        except NotInMemoryError:
            part.verbatim = verbatim
            return False
        part.result = tweet.result.written_for(key.content) if tweet else None
        if tweet is None or part.result is None:
            return False
        part.mentions = tweet.result.mentions
        memory.remember(key, part.result, part.mentions, tweet.used)
        return True

    async def _write(
        self, parts: Sequence[ArticlePart], article: Article, context: ResolveContext
    ) -> None:
        """Resolve and write the passages that are not written yet."""
        waiting = [
            part
            for part in parts
            if part.result is None and not await self._write_at_once(part, article, context)
        ]
        if waiting:
            await gather_all([self._write_in_time(part, article, context) for part in waiting])
            again = [part for part in waiting if may_be_known_now(part, context)]
            await gather_all([self._write_in_time(part, article, context) for part in again])
            self._background.go_on([part.passage for part in waiting if part.passage], context)

    async def _write_at_once(
        self, part: ArticlePart, article: Article, context: ResolveContext
    ) -> bool:
        """Resolve and write a passage by what memory knows of X; return whether that is all it
        takes.
        """
        passage, memory = part.passage, self._memory
        if passage is None or memory is None or part.verbatim is not None:
            return False
        done = memory.resolve(passage, context)
        if done is None:
            return False
        work, used = done
        written = await in_thread_if_long(passage.text, write_passage, passage, work, article)
        if is_surely_stable(passage, work, written):
            part.result = written
            memory.remember(part.key, written, passage.mentions, used)
        else:  # what it is made of besides cannot be told by the answers that were used
            part.result = await checked(passage, written, article, self._mentions, context)
        return True

    async def _write_in_time(
        self, part: ArticlePart, article: Article, context: ResolveContext
    ) -> None:
        """Resolve and write a passage, X being asked as long as the deadline allows."""
        key, resolver = part.key, self._mentions
        if part.verbatim is not None:
            resolver = resolver.asking_once()
            verbatim, part.verbatim = part.verbatim, None
            part.result = await ask_verbatim(verbatim, key.content, resolver, context)
            if part.result is not None:
                return
        if part.passage is None:
            part.passage = await in_thread_if_long(
                key.content, read_passage, key.content, key.format, wider=key.wider
            )
        passage = part.passage
        work = await resolve_passage(passage, resolver, context)
        written = await in_thread_if_long(passage.text, write_passage, passage, work, article)
        if not is_surely_stable(passage, work, written):
            written = await checked(passage, written, article, self._mentions, context)
        part.result = written

    async def _with_words_before(
        self,
        parts: Sequence[ArticlePart],
        further: Sequence[int],
        article: Article,
        context: ResolveContext,
    ) -> Sequence[ArticlePart]:
        """Return the parts of an article, those with the attributions at `further` read anew, with
        the elements before that may hold words of their tweets (docs/decisions/0036).
        """
        form, content = parts[0].key.format, article.content
        known = {part.place: part for part in parts}
        places: Sequence[Range] = list(known)
        if places != [(0, len(content))]:
            _, places = await in_thread_if_long(
                content, look_for_passages, content, form, article.options, further
            )
        again = [one for one in places if any(one[0] <= at < one[1] for at in further)]
        wider = await self._read(article, form, again, wider=True)
        known |= {part.place: part for part in wider}
        read = [known[place] for place in places if place in known]
        if self._are_over_the_limit(read, places):
            return parts
        await self._write(wider, article, context)
        return read


def _nothing_to_do(article: Article, written_in: Format, began: float) -> Result:
    """Return the result of an article without a trace of a tweet."""
    return Result(
        content=article.content,
        format=written_in,
        changed=False,
        complete=True,
        script=None,
        elapsed_ms=(time.perf_counter() - began) * 1000,
    )
