"""What a deadline cut short, to be asked for behind the answer: keys alone, so that what is held
while X is waited for is no article.
"""

from collections.abc import Awaitable, Iterator
from contextlib import suppress
from typing import Final

from service.cache.memory import BACKGROUND, DeferredError
from service.core.errors import UpstreamError
from service.core.model import LinkState, ShortLink, Tweet, TweetLink, TweetRef
from service.core.urls.tweet_urls import read_permalink, read_short_link
from service.pipeline.concurrency import gather_all
from service.pipeline.mention_resolver import MentionResolver
from service.pipeline.resolution import Unfinished

AT_ONCE: Final = 10
"""Questions of one article that are waited for at the same time."""


async def ask_on(resolver: MentionResolver, unfinished: Unfinished) -> None:
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
