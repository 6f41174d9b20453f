"""The way of an article, from end to end.

1. detect: the article's text to mentions of tweets and links (`core/detect`), no network;
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
import math
import time
import traceback
from bisect import bisect_right
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import ParamSpec, TypeVar

from service.cache.memory import BACKGROUND, Deadline
from service.core.article import Article, EmbedResult, LinkResult, Result
from service.core.detect import Detection, LinkMention, Mention, detect_normalized
from service.core.html.newlines import Newlines
from service.core.model import Format, LinkState, Reason, ShortLink, Span, State
from service.core.rewrite.apply import Expansion, Rewriting, Rewritten, rewrite
from service.core.rewrite.edits import Edit
from service.core.rewrite.widget_script import SCRIPTS, script_behind, script_edits
from service.pipeline.mention_resolver import MentionResolver
from service.pipeline.resolution import (
    FAILED_RETRY_S,
    ArticleIdentity,
    ResolveContext,
    ResolvedMention,
    gather_all,
    retry_after_s,
)

MOST_CARRIED_ON = 200
"""Articles whose unfinished work goes on behind the answer at the same time; what is over is left
to the next call.
"""
MOST_CARRIED_CHARACTERS = 4_000_000
"""Characters of articles whose work goes on behind the answer: what it holds grows with them."""
LONG_ARTICLE = 50_000
"""Characters from which an article is read and written in a thread: it takes long enough for other
requests to be felt by them.
"""

MOST_SEARCHING = 200
"""Articles whose tweets are searched for behind the answer at the same time."""

P = ParamSpec("P")
R = TypeVar("R")
_log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Work:
    """An article under way: its mentions resolved, and its links, each with the number of the
    mention it was found in, if any.
    """

    mentions: list[ResolvedMention]
    links: list[tuple[LinkMention, int | None, LinkResult]]


class ArticleResolver:
    """`await resolver(article)` gives the article back with its tweets whole, whatever X does."""

    def __init__(
        self,
        mention_resolver: MentionResolver,
        *,
        max_mentions: int,
        count: Callable[[State], None] = lambda _: None,
    ) -> None:
        """Resolve mentions by `mention_resolver`; what an article has beyond `max_mentions` is left
        as it is. `count` is told what became of each embed.
        """
        self._mentions = mention_resolver
        self._count = count
        self._max_mentions = max_mentions
        self._carried_on: set[asyncio.Task[None]] = set()
        self._carried_characters = 0
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
            _log.error("an article was left as it is, for a fault of ours: %s", _where(error))
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
        newlines = Newlines(article.content)
        found = await _aside(newlines.text, detect_normalized, newlines.text, article.format)
        context = ResolveContext(
            Deadline.for_ms(article.deadline_ms),
            article.options,
            ArticleIdentity(article.url, article.key),
            explain=article.explain,
            waits_for_sources=article.wait_for_sources,
        )
        work = await self._resolve_all(newlines.text, found, context)
        if (
            context.cut_short
            and not context.deadline.cache_only
            and len(self._carried_on) < MOST_CARRIED_ON
            and self._carried_characters + len(newlines.text) <= MOST_CARRIED_CHARACTERS
        ):
            self._carried_characters += len(newlines.text)
            task = asyncio.create_task(self._carry_on(newlines.text, found, context))
            self._carried_on.add(task)
            task.add_done_callback(partial(self._carried, len(newlines.text)))
        elif context.searches:
            self._search_on(newlines.text, found, context)
        written, embeds, links = await _aside(
            newlines.text, _written, article, found, newlines, work
        )
        for embed in embeds:
            self._count(embed.state)
        complete = all(map(_is_complete, embeds)) and not any(one.is_open for one in links)
        return Result(
            content=written.content,
            format=written.format,
            changed=written.content != article.content,
            complete=complete,
            script=SCRIPTS[article.options.render]
            if any(embed.state is State.EMBEDDED for embed in embeds)
            else None,
            elapsed_ms=(time.perf_counter() - began) * 1000,
            embeds=tuple(embeds),
            links=tuple(links),
            retry_after_s=None if complete else retry_after_s(context),
        )

    async def close(self) -> None:
        """Stop what goes on behind the answers."""
        tasks = [*self._carried_on, *self._searching.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _carried(self, characters: int, task: "asyncio.Task[None]") -> None:
        self._carried_on.discard(task)
        self._carried_characters -= characters

    def _search_on(self, text: str, found: Detection, context: ResolveContext) -> None:
        """Ask the sources of candidates behind the answer, once an article at a time."""
        key = hash((text, context.article))
        if key in self._searching or len(self._searching) >= MOST_SEARCHING:
            return
        task = asyncio.create_task(self._carry_on(text, found, context))
        self._searching[key] = task
        task.add_done_callback(lambda _: self._searching.pop(key, None))

    async def _resolve_all(self, text: str, found: Detection, context: ResolveContext) -> _Work:
        allowed = found.embeds[: self._max_mentions]
        mentions = await gather_all([self._mention(text, one, context) for one in allowed])
        mentions += [
            _left_alone(one, State.KEPT, Reason.LIMIT) for one in found.embeds[self._max_mentions :]
        ]
        links = sorted(
            (
                *((link, None) for link in found.links),
                *((link, number) for number, one in enumerate(mentions) for link in one.links),
            ),
            key=lambda each: each[0].span,
        )
        room = max(0, self._max_mentions - len(allowed))
        followed = await gather_all(
            [self._mentions.link(link.url, link.target, context) for link, _ in links[:room]],
        )
        followed += [
            LinkResult(link.url, LinkState.FAILED, reason=Reason.LIMIT) for link, _ in links[room:]
        ]
        return _Work(
            mentions,
            [(*link, result) for link, result in zip(links, followed, strict=True)],
        )

    async def _mention(
        self,
        text: str,
        mention: Mention,
        context: ResolveContext,
    ) -> ResolvedMention:
        """Resolve a mention. A fault of our own costs this one mention, and is told in the log."""
        try:
            return await self._mentions.mention(text, mention, context)
        # as above: the fault is one of this mention
        except Exception as error:  # noqa: BLE001
            _log.error("a mention was left as it is, for a fault of ours: %s", _where(error))
            return _left_alone(mention, State.FAILED, Reason.INTERNAL)

    async def _carry_on(self, text: str, found: Detection, context: ResolveContext) -> None:
        """Finish, for the next call, what the deadline cut short: the same questions, asked to the
        end, and the sources of candidates that take long.
        """
        further = ResolveContext(
            BACKGROUND, context.options, context.article, waits_for_sources=True
        )
        await self._resolve_all(text, found, further)


def _where(error: Exception) -> str:
    """Name a fault and where it arose; not what it says, for that may be the article's."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    return (
        f"{type(error).__name__} in {last.name}, line {last.lineno} of {Path(last.filename).name}"
    )


def _left_alone(mention: Mention, state: State, reason: Reason) -> ResolvedMention:
    start, end = mention.span.start, mention.span.end
    embed = EmbedResult(start, end, mention.form, state, reason, text=mention.text)
    return ResolvedMention(embed, mention.span)


async def _aside(text: str, work: Callable[P, R], *arguments: P.args, **named: P.kwargs) -> R:
    """Do work on a text: here, or in a thread where the text is long enough to hold up others."""
    if len(text) < LONG_ARTICLE:
        return work(*arguments, **named)
    return await asyncio.to_thread(work, *arguments, **named)


def _written(
    article: Article,
    found: Detection,
    newlines: Newlines,
    work: _Work,
) -> tuple[Rewritten, list[EmbedResult], list[LinkResult]]:
    """Write the article, and tell what became of every embed and link, with its place in the
    article as sent.
    """
    expansions = [
        Expansion(link, result.target, beside)
        for link, beside, result in work.links
        if result.target
        and result.state is LinkState.RESOLVED
        and isinstance(link.target, ShortLink)
        if article.options.links == "expand" or (article.options.links == "href" and link.in_href)
    ]
    decisions = [one.decision for one in work.mentions]
    embedded = {
        number
        for number, one in enumerate(decisions)
        if one is not None and one.state is State.EMBEDDED
    }
    edits = {
        number: Span(one.edit.start, one.edit.end)
        for number, one in enumerate(decisions)
        if one is not None and one.edit and one.edit.block
    }

    def scripts(left_out: Collection[int]) -> list[Edit]:
        spans = sorted(span for number, span in edits.items() if number not in left_out)
        asked = bool(embedded.difference(left_out))
        return script_edits(newlines.text, found.format, spans, article.options, asked=asked)

    def write(scripts: list[Edit]) -> Rewritten:
        content, output = article.content, article.output
        return rewrite(
            Rewriting(content, newlines, found, decisions, expansions, scripts, output),
        )

    first = scripts(())
    written = write(first)
    if written.left_out and (then := scripts(written.left_out)) != first:
        written = write(then)  # scripts that were to go with an embed that found no place
    embeds = []
    for number, one in enumerate(work.mentions):
        embed = one.embed
        if embed is None:
            continue
        if number in written.left_out:
            embed = replace(
                embed,
                start=one.span.start,
                end=one.span.end,
                state=State.KEPT,
                reason=written.left_out[number],
                html=None,
            )
        start, end = newlines.back(embed.start), newlines.back(embed.end)
        embeds.append(
            embed
            if (start, end) == (embed.start, embed.end)
            else replace(embed, start=start, end=end),
        )
    links = [
        LinkResult(
            url=result.url,
            state=result.state,
            target=result.target,
            raw_target=result.raw_target,
            hops=result.hops,
            start=newlines.back(link.span.start),
            end=newlines.back(link.span.end),
            reason=result.reason,
        )
        for link, beside, result in work.links
        if beside not in written.left_out
    ]
    embeds = _outermost(embeds)
    if (
        found.format is Format.TEXT
        and written.format is Format.HTML
        and any(embed.state is State.EMBEDDED for embed in embeds)
    ):
        written = replace(written, content=script_behind(written.content, article.options))
    return written, embeds, _outside(links, embeds)


def _outermost(embeds: list[EmbedResult]) -> list[EmbedResult]:
    """Leave out what stands inside a tweet that was written: its words turned out to reach further
    than its mention.
    """
    kept: list[EmbedResult] = []
    for embed in sorted(embeds, key=lambda one: (one.start, -one.end)):
        if not kept or embed.start >= kept[-1].end:
            kept.append(embed)
        elif embed.state is State.EMBEDDED and kept[-1].state is not State.EMBEDDED:
            kept[-1] = embed
    return kept


def _outside(links: list[LinkResult], embeds: list[EmbedResult]) -> list[LinkResult]:
    """Leave out the links that went with an embed whose words turned out to reach further than its
    mention.
    """
    covered = [
        (embed.start, embed.end) for embed in embeds if embed.html or embed.state is State.EMBEDDED
    ]
    kept = []
    for link in links:
        number = bisect_right(covered, (link.start or 0, math.inf)) - 1
        if number < 0 or (link.start or 0) >= covered[number][1]:
            kept.append(link)
    return kept


def _is_complete(embed: EmbedResult) -> bool:
    return embed.state not in {State.DEFERRED, State.FAILED} and not any(
        one.is_open for one in embed.links
    )
