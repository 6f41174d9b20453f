"""The way of an article, from end to end.

1. detect: the article's text to passages, and mentions of tweets and links in them
   (`core/detect`), no network;
2. resolve: short links to where they lead, flattened tweets to the id that their words must prove
   (`mention_resolver.py`, `core/verify.py`);
3. fetch: a tweet's id to its words, from memory or X (`cache/memory.py`, `upstream/client.py`);
4. sanitize and render: the words to HTML of the allow-list (`core/rewrite/decide.py`,
   `core/render/blockquote.py`, `core/sanitize/sanitizer.py`);
5. splice: the HTML into the article, every other character as it was (`core/rewrite/edits.py`).

Trouble with X is the state of a mention, never an error of the call (docs/interface.md, promise 1).
"""

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

from service.cache.memory import BACKGROUND, Deadline
from service.core.article import Article, Result
from service.core.html.newlines import Newlines
from service.core.mentions import Range
from service.core.model import Format, State
from service.pipeline.article_part import ArticlePart, joined, may_be_known_now, unproved
from service.pipeline.article_reading import look_for_passages
from service.pipeline.concurrency import gather_all, in_thread_if_long
from service.pipeline.known_answers import NotInMemoryError, asked_once
from service.pipeline.memory_resolver import MemoryResolver
from service.pipeline.mention_resolver import MentionResolver
from service.pipeline.passage_memory import PassageKey
from service.pipeline.passage_resolver import (
    Passage,
    PassageResult,
    PassageWork,
    awakens,
    is_settled,
    lacks_words,
    read_passage,
    resolve_passage,
    untouched,
    where,
    write_passage,
)
from service.pipeline.resolution import FAILED_RETRY_S, ResolveContext
from service.pipeline.unfinished import ask_on
from service.pipeline.verbatim_resolver import ask_verbatim, verbatim_passage

MOST_CARRIED_ON = 200
"""Articles whose unfinished work goes on behind the answer at the same time; what is over is left
to the next call.
"""
MOST_SEARCHING = 200
"""Articles whose tweets are searched for behind the answer at the same time."""
MOST_SEARCHING_CHARACTERS = 1_000_000
"""Characters of those articles: what is held while they are searched for grows with them."""

_log = logging.getLogger(__name__)


class ArticleResolver:
    """`await resolver(article)` gives the article back with its tweets whole, whatever X does."""

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
        self._carried_on: set[asyncio.Task[None]] = set()
        self._searching_characters = 0
        self._searching: dict[int, asyncio.Task[None]] = {}

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
            _log.error("an article was left as it is, for a fault of ours: %s", where(error))
            return Result(
                content=article.content,
                format=article.format or Format.TEXT,
                changed=False,
                complete=False,
                script=None,
                elapsed_ms=(time.perf_counter() - began) * 1000,
                retry_after_s=FAILED_RETRY_S,
            )

    async def _resolved(self, article: Article, began: float) -> Result:
        deadline = Deadline.for_ms(article.deadline_ms)
        known = article.detection
        written_in, places = (
            await in_thread_if_long(
                article.content,
                look_for_passages,
                article.content,
                article.format,
                article.options,
            )
            if known is None
            else (known.format, [place for place, _ in known.passages])
        )
        if not places:
            return _nothing_to_do(article, written_in, began)
        parts: Sequence[ArticlePart] = await self._read(article, written_in, places)
        if len(parts) > 1 and sum(part.mentions for part in parts) > self._max_mentions:
            parts = await self._read(article, written_in, [(0, len(article.content))])
        context = None
        if any(part.result is None for part in parts):
            context = ResolveContext.of(article, deadline)
            await self._write(parts, article, context)
        if further := unproved(parts, context.lacking if context else ()):
            context = context or ResolveContext.of(article, deadline)
            parts = await self._with_words_before(parts, further, article, context)
        result = joined(article, written_in, parts, context, began)
        for embed in result.embeds:
            self._count(embed.state)
        return result

    async def _write(
        self, parts: Sequence[ArticlePart], article: Article, context: ResolveContext
    ) -> None:
        """Resolve and write the passages that are not written yet."""
        unwritten = [part for part in parts if part.result is None]
        waiting = [
            part for part in unwritten if not await self._is_written_at_once(part, article, context)
        ]
        if waiting:
            await gather_all([self._finish(part, article, context) for part in waiting])
            again = [part for part in waiting if may_be_known_now(part, context)]
            await gather_all([self._finish(part, article, context) for part in again])
            self._go_on([part.passage for part in waiting if part.passage], context)

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
        looked = (content, form, article.options, further)
        known = {part.place: part for part in parts}
        places: Sequence[Range] = list(known)
        if places != [(0, len(content))]:
            _, places = await in_thread_if_long(content, look_for_passages, *looked)
        again = [one for one in places if any(one[0] <= at < one[1] for at in further)]
        wider = await self._read(article, form, again, wider=True)
        known |= {part.place: part for part in wider}
        read = [known[place] for place in places]
        if len(read) > 1 and sum(part.mentions for part in read) > self._max_mentions:
            return parts
        await self._write(wider, article, context)
        return read

    async def _read(
        self,
        article: Article,
        written_in: Format,
        places: Sequence[Range],
        *,
        wider: bool = False,
    ) -> list[ArticlePart]:
        """Return the passages of an article, each read, or as it was written before."""
        known = dict(article.detection.passages) if article.detection and not wider else {}
        parts = []
        for start, end in places:
            source = article.content[start:end]
            part = ArticlePart(
                (start, end), PassageKey.of(source, written_in, article, wider=wider)
            )
            if not self._is_remembered(part, article):
                found = known.get((start, end))
                if found is not None:
                    part.passage = Passage(source, Newlines(source), found)
                elif part.asked is None:
                    part.passage = await in_thread_if_long(
                        source, read_passage, source, written_in, wider=wider
                    )
                part.mentions = part.passage.mentions if part.passage else 1
            parts.append(part)
        return parts

    def _is_remembered(self, part: ArticlePart, article: Article) -> bool:
        """Write a passage as it was written before, or as the tweet of memory that it is letter for
        letter; return whether it is written.
        """
        key, memory = part.key, self._memory
        if memory is None or article.explain:
            return False
        before = memory.remembered(key)
        if before is not None:
            part.mentions, part.result = before.mentions, before.result
            return True
        part.asked = verbatim_passage(key.content, article) if key.format is Format.HTML else None
        if part.asked is None:
            return False
        try:
            tweet = memory.verbatim_tweet(part.asked, article.options)
        except NotInMemoryError:
            return False
        part.asked = None
        part.result = tweet.result.written_for(key.content) if tweet else None
        if tweet is None or part.result is None:
            return False
        part.mentions = tweet.result.mentions
        memory.remember(key, part.result, part.mentions, tweet.used)
        return True

    async def _is_written_at_once(
        self, part: ArticlePart, article: Article, context: ResolveContext
    ) -> bool:
        """Write a passage, if memory alone resolves it; return whether it is written."""
        passage, memory = part.passage, self._memory
        if passage is None or memory is None or part.asked is not None:
            return False
        done = memory.resolve(passage, article, context, self._max_mentions)
        if done is None:
            return False
        written = await in_thread_if_long(passage.text, write_passage, passage, done[0], article)
        if _is_final(passage, done[0], written):
            part.result = written
            memory.remember(part.key, written, passage.mentions, done[1])
        else:  # what it is made of besides cannot be told by the answers that were used
            part.result = await self._look_again(passage, written, article, context)
        return True

    async def _finish(self, part: ArticlePart, article: Article, context: ResolveContext) -> None:
        """Resolve and write a passage, whatever it takes."""
        passage, source, mentions = part.passage, part.key.content, self._mentions
        if part.asked is not None:
            mentions = replace(
                mentions, follow=asked_once(mentions.follow), fetch=asked_once(mentions.fetch)
            )
            asked, part.asked = part.asked, None
            part.result = await ask_verbatim(asked, source, mentions, context)
            if part.result is not None:
                return
        if passage is None:
            key = part.key
            passage = await in_thread_if_long(
                source, read_passage, source, key.format, wider=key.wider
            )
            part.passage = passage
        work = await resolve_passage(passage, mentions, context, self._max_mentions)
        written = await in_thread_if_long(passage.text, write_passage, passage, work, article)
        part.result = (
            written
            if _is_final(passage, work, written)
            else await self._look_again(passage, written, article, context)
        )

    async def _look_again(
        self, passage: Passage, written: PassageResult, article: Article, context: ResolveContext
    ) -> PassageResult:
        """Return a written passage; as it was before if it would come out otherwise the second
        time, or if something in it came to life.
        """
        if awakens(passage, written):
            return untouched(passage, written)
        content, form = written.content, written.format
        _, found = await in_thread_if_long(
            content, look_for_passages, content, form, article.options
        )
        places, whole = list(found), (0, len(content))
        for start, end in places:
            source = content[start:end]
            again = await in_thread_if_long(source, read_passage, source, form, wider=True)
            work = await resolve_passage(again, self._mentions, context, self._max_mentions)
            second = await in_thread_if_long(again.text, write_passage, again, work, article)
            if second.content != source:
                return untouched(passage, written)
            if any(map(lacks_words, second.embeds)) and whole not in places:
                places.append(whole)  # where the words may stand that are lacking
        return written

    def _go_on(self, passages: Sequence[Passage], context: ResolveContext) -> None:
        """Finish behind the answer what the deadline cut short, or what has to be searched for."""
        if context.cut_short and not context.deadline.cache_only:
            if len(self._carried_on) < MOST_CARRIED_ON:
                task = asyncio.create_task(ask_on(self._mentions, context.unfinished))
                self._carried_on.add(task)
                task.add_done_callback(self._carried_on.discard)
        elif context.searches:
            self._search_on(passages, context)

    async def close(self) -> None:
        """Stop what goes on behind the answers."""
        tasks = [*self._carried_on, *self._searching.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _search_on(self, passages: Sequence[Passage], context: ResolveContext) -> None:
        """Ask the sources of candidates behind the answer, once an article at a time."""
        key = hash((*(one.content for one in passages), context.article))
        characters = sum(len(one.text) for one in passages)
        if (
            key in self._searching
            or len(self._searching) >= MOST_SEARCHING
            or self._searching_characters + characters > MOST_SEARCHING_CHARACTERS
        ):
            return
        self._searching_characters += characters
        task = asyncio.create_task(self._search(passages, context))
        self._searching[key] = task
        task.add_done_callback(partial(self._searched, key, characters))

    def _searched(self, key: int, characters: int, _: "asyncio.Task[None]") -> None:
        del self._searching[key]
        self._searching_characters -= characters

    async def _search(self, passages: Sequence[Passage], context: ResolveContext) -> None:
        """Resolve passages once more, for the next call, with the sources of candidates that take
        long.
        """
        further = ResolveContext(
            BACKGROUND, context.options, context.article, waits_for_sources=True
        )
        await gather_all(
            [resolve_passage(one, self._mentions, further, self._max_mentions) for one in passages],
        )


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


def _is_final(passage: Passage, work: PassageWork, written: PassageResult) -> bool:
    """Return whether a passage as written needs no second look."""
    return written.content == passage.content or is_settled(passage, work, written)
