"""What goes on behind an answer, so that the next call knows more: what a deadline cut short is
asked for, by keys alone, so that what is held while X is waited for is no article; and what the
sources of candidates may know is searched for.
"""

import asyncio
from collections.abc import Awaitable, Iterator, Sequence
from contextlib import suppress
from functools import partial
from typing import Final

from service.cache.memory import BACKGROUND, DeferredError
from service.core.errors import UpstreamError
from service.core.model import LinkState, ShortLink, Tweet, TweetLink, TweetRef
from service.core.urls.tweet_urls import read_permalink, read_short_link
from service.pipeline.concurrency import gather_all
from service.pipeline.mention_resolver import MentionResolver
from service.pipeline.passage_resolver import Passage, resolve_passage
from service.pipeline.resolution import ResolveContext, Unfinished

MOST_UNFINISHED: Final = 200
"""Articles whose unfinished questions are asked behind the answer at the same time; what is over is
left to the next call.
"""
AT_ONCE: Final = 10
"""Questions of one article that are waited for at the same time."""
MOST_SEARCHING: Final = 200
"""Articles whose tweets are searched for behind the answer at the same time."""
MOST_SEARCHING_CHARACTERS: Final = 1_000_000
"""Characters of those articles: what is held while they are searched for grows with them."""


class BackgroundWork:
    """Tasks behind the answers, as many at a time as there is room for."""

    def __init__(self, resolver: MentionResolver) -> None:
        """Do nothing yet. `resolver` asks."""
        self._resolver = resolver
        self._asking: set[asyncio.Task[None]] = set()
        self._searching: dict[int, asyncio.Task[None]] = {}
        self._searching_characters = 0

    def go_on(self, passages: Sequence[Passage], context: ResolveContext) -> None:
        """Finish what the deadline of a call cut short, or what has to be searched for."""
        if context.cut_short and not context.deadline.cache_only:
            if len(self._asking) < MOST_UNFINISHED:
                task = asyncio.create_task(_ask(self._resolver, context.unfinished))
                self._asking.add(task)
                task.add_done_callback(self._asking.discard)
        elif context.searches:
            self._search_once(passages, context)

    async def close(self) -> None:
        """Stop all of it."""
        tasks = [*self._asking, *self._searching.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _search_once(self, passages: Sequence[Passage], context: ResolveContext) -> None:
        """Ask the sources of candidates, once an article at a time."""
        key = hash((*(one.content for one in passages), context.article))
        characters = sum(len(one.text) for one in passages)
        if (
            key in self._searching
            or len(self._searching) >= MOST_SEARCHING
            or self._searching_characters + characters > MOST_SEARCHING_CHARACTERS
        ):
            return
        self._searching_characters += characters
        task = asyncio.create_task(_search(self._resolver, passages, context))
        self._searching[key] = task
        task.add_done_callback(partial(self._searched, key, characters))

    def _searched(self, key: int, characters: int, _: "asyncio.Task[None]") -> None:
        del self._searching[key]
        self._searching_characters -= characters


async def _search(
    resolver: MentionResolver, passages: Sequence[Passage], context: ResolveContext
) -> None:
    """Resolve passages once more, with the sources of candidates that take long."""
    patient = context.waiting_for_sources(BACKGROUND)
    await gather_all([resolve_passage(one, resolver, patient) for one in passages])


async def _ask(resolver: MentionResolver, unfinished: Unfinished) -> None:
    """Ask, with patience, for what was not answered in time, and for what that leads to."""
    questions = _questions(resolver, unfinished)

    async def ask_each() -> None:
        for question in questions:
            with suppress(UpstreamError, DeferredError):  # the next call meets it again
                await question

    await gather_all([ask_each() for _ in range(AT_ONCE)])


def _questions(resolver: MentionResolver, unfinished: Unfinished) -> Iterator[Awaitable[None]]:
    for link, wanted in unfinished.links.items():
        yield _follow(resolver, link, wanted)
    for tweet, lang in unfinished.tweets:
        yield _fetch(resolver, tweet, lang)


async def _follow(
    resolver: MentionResolver, link: ShortLink, wanted: set[tuple[str | None, str | None]]
) -> None:
    target = (await resolver.follow(link, BACKGROUND)).value
    tweet = read_permalink(target.url or "") if target.state is LinkState.RESOLVED else None
    if tweet is None:
        return
    for lang, handle in wanted:
        if handle is None or tweet.handle is None or handle.lower() == tweet.handle.lower():
            await _fetch(resolver, tweet, lang)


async def _fetch(resolver: MentionResolver, tweet: TweetRef, lang: str | None) -> None:
    shown = (await resolver.fetch((tweet, lang), BACKGROUND)).value
    if isinstance(shown, Tweet):
        for piece in shown.pieces:
            link = read_short_link(piece.href) if isinstance(piece, TweetLink) else None
            if link is not None:
                await resolver.follow(link, BACKGROUND)
