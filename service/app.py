"""The composition of the service: every part made by its settings, and closed again in reverse
order.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Self

import httpx

from service.cache.adapters import LinkBackend, TweetBackend, TweetKey
from service.cache.memory import SingleFlightCache
from service.cache.sqlite import MEMORY, StorePathError
from service.cache.store import Store
from service.cache.tweet_lookup import TweetLookup
from service.candidates.finder import CandidateFinder
from service.candidates.opening import open_candidates
from service.core.article import Resolve
from service.core.model import LinkTarget, ShortLink, Tweet, UnavailableTweet
from service.metrics import Metrics
from service.pipeline.address_resolver import AddressResolver
from service.pipeline.article_resolver import ArticleResolver
from service.pipeline.memory_resolver import MemoryResolver
from service.pipeline.mention_resolver import MentionResolver
from service.pipeline.passage_memory import AddressMemory, PassageMemory, VerbatimMemory
from service.pipeline.reading_memory import ReadingMemory
from service.settings import Settings, SettingsError
from service.upstream.client import XClient, open_client
from service.upstream.http.environment import wrong_variables
from service.upstream.http.requester import Meter
from service.upstream.http.transport import HttpClient

_STORE_SHARE = 0.25  # of all memory, for a store that is in memory too
_PASSAGES_SHARE = 0.5  # of the rest, for what was written
_LINKS_SHARE = 0.2  # of the memory for answers; the rest is for tweets, five times as large


@dataclass(frozen=True, slots=True)
class _MemoryShares:
    """How many bytes each part may hold of the memory that the settings allow: the store, X's
    answers, and what was written, in passages, for tweets letter for letter, and for addresses; and
    articles that were read.
    """

    store: int
    links: int
    tweets: int
    passages: int
    verbatim: int
    addresses: int
    readings: int

    @classmethod
    def of(cls, settings: Settings, *, remembers_passages: bool) -> Self:
        memory = settings.cache_memory_mb * 1024 * 1024
        store = int(memory * _STORE_SHARE)
        if settings.cache_path == MEMORY:
            memory = int(memory * (1 - _STORE_SHARE))
        written = int(memory * _PASSAGES_SHARE) if remembers_passages else 0
        answers = int(memory * (1 - _PASSAGES_SHARE))
        return cls(
            store=store,
            links=int(answers * _LINKS_SHARE),
            tweets=int(answers * (1 - _LINKS_SHARE)),
            passages=written // 3,
            verbatim=written // 3,
            addresses=written // 6,
            readings=written // 6,
        )


@dataclass(frozen=True, slots=True)
class Service:
    """The service, put together."""

    resolver: ArticleResolver
    addresses: AddressResolver
    tweets: TweetLookup
    links: SingleFlightCache[ShortLink, LinkTarget]
    x: XClient
    store: Store
    metrics: Metrics
    candidates: CandidateFinder

    async def stop_waiting(self) -> None:
        """Ask X nothing from now on; who waits for it is answered with what is known."""
        await asyncio.gather(self.links.close(), self.tweets.remembered.close())


@asynccontextmanager
async def open_service(
    settings: Settings,
    transport: httpx.AsyncBaseTransport | None = None,
    *,
    metrics: Metrics | None = None,
    exchanged: Meter | None = None,
    remembers_passages: bool = True,
) -> AsyncIterator[Service]:
    """Return the parts of a service that works by `settings`, and close what they hold afterwards.
    `transport` stands in for the network, `metrics` are counted in place of new ones, `exchanged`
    takes note of exchanges with other hosts besides them. Unless it `remembers_passages`, every
    article is read and written as if it had never come before.

    Raises `SettingsError` for settings that cannot be used.
    """
    shares = _MemoryShares.of(settings, remembers_passages=remembers_passages)
    metrics = Metrics() if metrics is None else metrics
    meter = metrics.upstream if exchanged is None else _both(metrics.upstream, exchanged)
    async with AsyncExitStack() as stack:
        client, store = await _open_places(settings, transport, stack, shares.store)
        x = XClient(
            client,
            endpoints=settings.oembed_endpoints,
            shorteners=settings.shorteners,
            # recorded answers are no endpoint that could have moved
            canaries=None if settings.recorded is not None else settings.canaries,
            concurrency=settings.upstream_concurrency,
            rate=settings.upstream_rate,
            meter=meter,
        )
        stack.push_async_callback(x.close)

        async def fetch(key: TweetKey) -> Tweet | UnavailableTweet:
            return await x.fetch(*key)

        links: SingleFlightCache[ShortLink, LinkTarget] = SingleFlightCache(
            x.expand,
            lifetime=settings.link_lifetime,
            max_bytes=shares.links,
            shelf=LinkBackend(store, settings.shorteners),
            meter=metrics.link_lookup,
            stale_s=settings.ttl_stale,
        )
        tweets: SingleFlightCache[TweetKey, Tweet | UnavailableTweet] = SingleFlightCache(
            fetch,
            lifetime=settings.tweet_lifetime,
            max_bytes=shares.tweets,
            shelf=TweetBackend(store),
            meter=metrics.tweet_lookup,
            stale_s=settings.ttl_stale,
        )
        stack.push_async_callback(tweets.close)
        stack.push_async_callback(links.close)
        known = TweetLookup(tweets, store)
        store.takedowns.on_takedown = known.forget
        await stack.enter_async_context(metrics.watching(x.requester, store))
        candidates = await stack.enter_async_context(
            open_candidates(settings, store, meter, transport)
        )
        mention_resolver = MentionResolver(links, known, candidates)
        memory = MemoryResolver(
            links,
            known,
            candidates,
            PassageMemory(shares.passages),
            VerbatimMemory(shares.verbatim),
            ReadingMemory(shares.readings),
        )
        resolver = ArticleResolver(
            mention_resolver,
            max_mentions=settings.max_mentions,
            count=metrics.embed,
            memory=memory,
        )
        stack.push_async_callback(resolver.close)
        addresses = AddressResolver(
            mention_resolver, memory, AddressMemory(shares.addresses), metrics.embed
        )
        yield Service(resolver, addresses, known, links, x, store, metrics, candidates)


async def _open_places(
    settings: Settings,
    transport: httpx.AsyncBaseTransport | None,
    stack: AsyncExitStack,
    memory_bytes: int,
) -> tuple[HttpClient, Store]:
    """Open the way out and the store; `stack` closes them. Raises `SettingsError` with a line for
    each setting that is wrong.
    """
    wrong: list[str] = []
    client: HttpClient | None = None
    try:
        client = await stack.enter_async_context(open_client(settings, transport))
    except SettingsError as error:
        wrong.append(str(error))
    try:
        store = Store(settings.cache_path, memory_bytes=memory_bytes)
    except StorePathError as error:
        wrong.append(f"TWEET_EMBED_CACHE_PATH: {settings.cache_path!r} is not allowed: {error}")
        raise SettingsError("\n".join(wrong)) from None
    stack.push_async_callback(store.close)
    if client is None:
        raise SettingsError("\n".join(wrong))
    return client, store


def wrong_environment() -> list[str]:
    """Return a line for each variable that is no setting of ours and by which X cannot be asked."""
    return list(wrong_variables())


def _both(one: Meter, other: Meter) -> Meter:
    def take_note(host: str, outcome: str, seconds: float) -> None:
        one(host, outcome, seconds)
        other(host, outcome, seconds)

    return take_note


@asynccontextmanager
async def open_resolver(settings: Settings) -> AsyncIterator[Resolve]:
    """Return what resolves articles, for a Python program: `result = await resolve(article)`.

    Raise `SettingsError` for settings that cannot be used.
    """
    async with open_service(settings) as service:
        yield service.resolver
