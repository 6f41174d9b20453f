"""Where the parts are put together and taken down again. This room knows everyone and decides nothing."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx

from service.core.model import Absent, Permalink, ShortLink, Target, Tweet
from service.memory import Remembered
from service.resolve import Resolver
from service.settings import Settings
from service.settle import Settler
from service.upstream import X, open_client

_LINKS_SHARE = 0.2  # of the memory for answers; the rest is for tweets, five times as large


@asynccontextmanager
async def assemble(settings: Settings, transport: httpx.AsyncBaseTransport | None = None) -> AsyncIterator[Resolver]:
    """Give a resolver that works by `settings`, and close what it holds afterwards. `transport` stands in for the network.

    Raises `SettingsError` for settings that cannot be used.
    """
    memory = settings.cache_memory_mb * 1024 * 1024
    async with open_client(settings, transport) as client:
        x = X(client, endpoints=settings.oembed_endpoints, concurrency=settings.upstream_concurrency, rate=settings.upstream_rate)

        async def fetch(key: tuple[Permalink, str | None]) -> Tweet | Absent:
            return await x.fetch(*key)

        links: Remembered[ShortLink, Target] = Remembered(
            x.expand,
            lifetime=settings.link_lifetime,
            max_bytes=int(memory * _LINKS_SHARE),
            stale_s=settings.ttl_stale,
        )
        tweets: Remembered[tuple[Permalink, str | None], Tweet | Absent] = Remembered(
            fetch, lifetime=settings.tweet_lifetime, max_bytes=int(memory * (1 - _LINKS_SHARE)), stale_s=settings.ttl_stale
        )
        resolver = Resolver(Settler(links, tweets), max_mentions=settings.max_mentions)
        try:
            yield resolver
        finally:
            await resolver.close()
            await links.close()
            await tweets.close()
