"""A service without a network: what X says, and the time of day, are values that tests change."""

from typing import Self

from articles import LOST, MAY, NOVEMBER

from service.cache.memory import SingleFlightCache
from service.cache.sqlite import MEMORY
from service.cache.store import Store
from service.cache.tweet_lookup import TweetLookup
from service.candidates.finder import NoCandidates
from service.core.article import Result
from service.core.errors import UpstreamError
from service.core.model import (
    LinkState,
    LinkTarget,
    Reason,
    ShortLink,
    State,
    Tweet,
    TweetRef,
    TweetText,
    UnavailableTweet,
)
from service.pipeline.article_resolver import ArticleResolver
from service.pipeline.memory_resolver import MemoryResolver
from service.pipeline.mention_resolver import MentionResolver
from service.pipeline.passage_memory import PassageMemory, VerbatimMemory
from service.pipeline.reading_memory import ReadingMemory


class World:
    """What X says, and the time of day; both change."""

    def __init__(self) -> None:
        self.now = 1_000.0
        self.tweets: dict[str, Tweet | UnavailableTweet] = {
            NOVEMBER: Tweet(NOVEMBER, "N", "moctsyria", (TweetText("one"),), None, None, ""),
            MAY: Tweet(
                MAY,
                "US Department of the Interior",
                "Interior",
                (TweetText("Sunsets don't get much better"),),
                "en",
                "ltr",
                "May 5, 2014",
            ),
            LOST: UnavailableTweet(State.GONE),
        }
        self.codes = {
            "YuKy2rcjyU": f"https://twitter.com/Interior/status/{MAY}/photo/1",
            "LeadsToMay": f"https://twitter.com/Interior/status/{MAY}",
            "abcdefghij": "https://example.org/a?x=1",
        }

    async def fetch(self, key: tuple[TweetRef, str | None]) -> Tweet | UnavailableTweet:
        known = self.tweets.get(key[0].id)
        if known is None:
            raise UpstreamError(Reason.TIMEOUT)
        return known

    async def follow(self, link: ShortLink) -> LinkTarget:
        target = self.codes.get(link.code)
        return LinkTarget(LinkState.RESOLVED, target) if target else LinkTarget(LinkState.DEAD)


class Newsroom:
    """A service over a world, which remembers passages or not: `async with` has it closed."""

    def __init__(self, world: World, *, remembers: bool) -> None:
        def remembered(ask: object) -> SingleFlightCache:  # type: ignore[type-arg]
            return SingleFlightCache(
                ask,  # type: ignore[arg-type]
                lifetime=lambda _: 100.0,
                max_bytes=10_000_000,
                clock=lambda: world.now,
                chance=lambda: 0.0,
            )

        self.store = Store(MEMORY, memory_bytes=1_000_000)
        links = remembered(world.follow)
        tweets = TweetLookup(remembered(world.fetch), self.store)
        self.store.takedowns.on_takedown = tweets.forget
        self.passages = PassageMemory(5_000_000)
        self.verbatim = VerbatimMemory(5_000_000)
        self.readings = ReadingMemory(5_000_000)
        memory = MemoryResolver(
            links, tweets, NoCandidates(), self.passages, self.verbatim, self.readings
        )
        self.resolver = ArticleResolver(
            MentionResolver(links, tweets),
            max_mentions=20,
            memory=memory if remembers else None,
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.store.close()


def compared(result: Result) -> Result:
    """Return a result without what the true time of day tells: of a takedown, and of the call."""
    embeds = (one if one.fresh_until else one._replace(checked_at=None) for one in result.embeds)
    return result._replace(elapsed_ms=0.0, embeds=tuple(embeds))
