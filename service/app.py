"""Where the parts are put together and taken down again. This room knows everyone and decides nothing."""

import datetime as dt
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx

from service.cache.adapters import LinkShelf, TweetKey, TweetShelf
from service.cache.entries import Held
from service.cache.memory import FOREVER, Patience, Remembered
from service.cache.sqlite import MEMORY, ForeignStoreError
from service.cache.store import Store
from service.core.model import Absent, Permalink, ServedFrom, ShortLink, State, Target, Tweet, Why
from service.core.sanitize.allowlist import LANGUAGES
from service.metrics import Metrics
from service.pipeline.article_resolver import Resolver
from service.pipeline.mention_resolver import Settler
from service.settings import Settings, SettingsError
from service.upstream.client import X, open_client

_LINKS_SHARE = 0.2  # of the memory for answers; the rest is for tweets, five times as large
_STORE_SHARE = 0.25  # of the memory, for a store that is in memory too


@dataclass(frozen=True, slots=True)
class Tweets:
    """Tweets as memory and X know them; what was taken down is gone, whoever still knows it."""

    remembered: Remembered[TweetKey, Tweet | Absent]
    store: Store

    async def __call__(self, key: TweetKey, patience: Patience = FOREVER) -> Held[Tweet | Absent]:
        """Answer for a tweet, in a language. Raises as `Remembered` does."""
        if (taken_down := self._taken_down(key[0])) is not None:
            return taken_down
        held = await self.remembered(key, patience)
        return self._taken_down(key[0]) or held  # it may have been taken down meanwhile

    def _taken_down(self, tweet: Permalink) -> Held[Tweet | Absent] | None:
        at = self.store.taken_down_at(tweet.id)
        if at is None:
            return None
        return Held(Absent(State.GONE, Why.TAKEDOWN), ServedFrom.CACHE, dt.datetime.fromtimestamp(at, dt.UTC))

    def forget(self, tweet_id: str) -> None:
        """Drop a tweet from memory, in every language."""
        for lang in (None, *LANGUAGES):
            self.remembered.forget((Permalink(tweet_id), lang))


@dataclass(frozen=True, slots=True)
class Parts:
    """The service, put together."""

    resolver: Resolver
    tweets: Tweets
    links: Remembered[ShortLink, Target]
    x: X
    store: Store
    metrics: Metrics


@asynccontextmanager
async def put_together(settings: Settings, transport: httpx.AsyncBaseTransport | None = None) -> AsyncIterator[Parts]:
    """Give the parts of a service that works by `settings`, and close what they hold afterwards. `transport` stands in for the network.

    Raises `SettingsError` for settings that cannot be used.
    """
    memory = settings.cache_memory_mb * 1024 * 1024
    metrics = Metrics()
    async with open_client(settings, transport) as client:
        try:
            store = Store(settings.cache_path, memory_bytes=int(memory * _STORE_SHARE))
        except ForeignStoreError as error:
            message = f"TWEET_EMBED_CACHE_PATH: {settings.cache_path!r} is not allowed: {error}"
            raise SettingsError(message) from None
        if settings.cache_path == MEMORY:
            memory = int(memory * (1 - _STORE_SHARE))
        x = X(
            client,
            endpoints=settings.oembed_endpoints,
            shorteners=settings.shorteners,
            concurrency=settings.upstream_concurrency,
            rate=settings.upstream_rate,
            meter=metrics.upstream,
        )

        async def fetch(key: TweetKey) -> Tweet | Absent:
            return await x.fetch(*key)

        links: Remembered[ShortLink, Target] = Remembered(
            x.expand,
            lifetime=settings.link_lifetime,
            max_bytes=int(memory * _LINKS_SHARE),
            shelf=LinkShelf(store, settings.shorteners),
            meter=metrics.link_lookup,
            stale_s=settings.ttl_stale,
        )
        tweets: Remembered[TweetKey, Tweet | Absent] = Remembered(
            fetch,
            lifetime=settings.tweet_lifetime,
            max_bytes=int(memory * (1 - _LINKS_SHARE)),
            shelf=TweetShelf(store),
            meter=metrics.tweet_lookup,
            stale_s=settings.ttl_stale,
        )
        known = Tweets(tweets, store)
        store.on_takedown = known.forget
        metrics.watch(x.exchanges, store)
        resolver = Resolver(Settler(links, known), max_mentions=settings.max_mentions, count=metrics.embed)
        try:
            yield Parts(resolver, known, links, x, store, metrics)
        finally:
            await resolver.close()
            await links.close()
            await tweets.close()
            await x.close()
            await store.close()


@asynccontextmanager
async def assemble(settings: Settings, transport: httpx.AsyncBaseTransport | None = None) -> AsyncIterator[Resolver]:
    """Give a resolver alone; the rest as `put_together`."""
    async with put_together(settings, transport) as parts:
        yield parts.resolver
