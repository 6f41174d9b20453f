"""Processor time of an article's way through the service, in this process and without HTTP, beside
that of whole-document beautifulsoup4, and of micawber, on the same articles.
"""

import asyncio
import importlib
import importlib.util
import statistics
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
from bs4 import BeautifulSoup

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "support")]

from new_articles import (
    TWEETS,
    KnownTweet,
    Workload,
    bare_addresses,
    known_tweets,
    new_articles,
    saved_again,
    tell,
)
from standin_x import Asked, StandIn
from wrk import FIRST

from service.app import Service, open_service
from service.cache.adapters import TweetKey
from service.cache.memory import SingleFlightCache
from service.cache.tweet_lookup import TweetLookup
from service.core.article import Article, Resolve
from service.core.model import (
    Format,
    LinkState,
    LinkTarget,
    ShortLink,
    State,
    Tweet,
    UnavailableTweet,
)
from service.core.oembed.response import read_oembed
from service.pipeline.article_resolver import ArticleResolver
from service.pipeline.memory_resolver import MemoryResolver
from service.pipeline.mention_resolver import MentionResolver
from service.pipeline.passage_memory import PassageMemory, VerbatimMemory
from service.pipeline.reading_memory import ReadingMemory
from service.settings import Settings

_ROOM = 64 * 1024 * 1024

Work = Callable[[str], Awaitable[None]]


class InMemoryX(httpx.AsyncBaseTransport):
    """The stand-in's answers without a socket."""

    def __init__(self, x: StandIn) -> None:
        """Answer as `x` does."""
        self._x = x

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Answer at once."""
        path = request.url.raw_path.decode("ascii")
        answer = self._x.answer(Asked(request.url.host, path, dict(request.headers)))
        body = httpx.ByteStream(answer.body)
        return httpx.Response(answer.status, headers=answer.headers, stream=body)


class HandedIn:
    """X's answers handed to the pipeline as bytes: what it does itself with what it never met."""

    def __init__(
        self, x: StandIn, told: list[KnownTweet], service: Service, settings: Settings
    ) -> None:
        """Know nothing yet, but have X's answers about `told` at hand. All but X is that of
        `service`.
        """
        self._targets = {tweet.code: _location(x, tweet.code) for tweet in told}
        self._answers = {tweet.id: _oembed(x, tweet.url) for tweet in told}
        links: SingleFlightCache[ShortLink, LinkTarget] = SingleFlightCache(
            self._expand, lifetime=settings.link_lifetime, max_bytes=_ROOM
        )
        tweets: SingleFlightCache[TweetKey, Tweet | UnavailableTweet] = SingleFlightCache(
            self._fetch, lifetime=settings.tweet_lifetime, max_bytes=_ROOM
        )
        known = TweetLookup(tweets, service.store)
        self.resolver = ArticleResolver(
            MentionResolver(links, known, service.candidates),
            max_mentions=settings.max_mentions,
            memory=MemoryResolver(
                links,
                known,
                service.candidates,
                PassageMemory(_ROOM),
                VerbatimMemory(_ROOM),
                ReadingMemory(_ROOM),
            ),
        )

    async def _expand(self, link: ShortLink) -> LinkTarget:
        return LinkTarget(LinkState.RESOLVED, self._targets[link.code], (link.url,))

    async def _fetch(self, key: TweetKey) -> Tweet | UnavailableTweet:
        tweet, _ = key
        return read_oembed(tweet.id, self._answers[tweet.id])


def _location(x: StandIn, code: str) -> str:
    return dict(x.answer(Asked("t.co", f"/{code}", {})).headers)["location"]


def _oembed(x: StandIn, url: str) -> bytes:
    return x.answer(Asked("publish.x.com", f"/oembed?url={quote(url, safe='')}", {})).body


@dataclass(frozen=True, slots=True)
class Row:
    """Our microseconds an article beside another's, of the same articles, by round."""

    name: str
    ours: list[float]
    theirs: list[float]

    def __str__(self) -> str:
        """Write the medians, and the ratio of each round."""
        ratios = sorted(b / a for a, b in zip(self.ours, self.theirs, strict=True))
        return (
            f"{self.name:<33} {statistics.median(self.ours):>7.0f} us beside"
            f" {statistics.median(self.theirs):>7.0f} us: {statistics.median(ratios):6.1f} times"
            f" ({ratios[0]:.1f} to {ratios[-1]:.1f})"
        )


async def cpu_rows(rounds: int, articles: int, known: int = 60) -> list[str]:
    """Measure `rounds` times `articles` articles of each row in turns; return lines to print.

    `known` tweets are in memory before.
    """
    x = StandIn()  # its answers alone; nothing listens
    pool = known_tweets(known + TWEETS * articles * (rounds + 1))
    tell(x, pool)
    learnt, unknown = pool[:known], pool[known:]
    settings = Settings(ttl_embedded=86_400, ttl_link=86_400, upstream_rate=1e6)
    transport = InMemoryX(x)
    async with (
        open_service(settings, transport) as usual,
        open_service(settings, transport, remembers_passages=False) as forgetful,
    ):
        new, bare = new_articles(learnt), bare_addresses(learnt)
        handed_in = HandedIn(x, unknown, usual, settings)
        for number in range(len(new.templates)):
            for workload in (new, bare, saved_again(learnt)):
                await _resolved(usual.resolver, workload.article(number))
                await _resolved(forgetful.resolver, workload.article(number))
        contests: list[tuple[str, Workload, Work, Work]] = [
            ("saved again", saved_again(learnt), _of(usual.resolver), _by_beautifulsoup),
            ("every article new", new, _of(usual.resolver), _by_beautifulsoup),
            ("every article new, memos off", new, _of(forgetful.resolver), _by_beautifulsoup),
            ("cold", new_articles(unknown), _of(handed_in.resolver), _by_beautifulsoup),
            ("cold, X asked", new_articles(unknown), _of(usual.resolver), _by_beautifulsoup),
        ]
        lines = []
        if importlib.util.find_spec("micawber") is None:
            lines.append("micawber is not installed: pip install micawber")
        else:
            micawber = _micawber(learnt)
            contests.append(("bare addresses", bare, _of(usual.resolver), micawber))
        rows = [Row(f"pipeline CPU, {name}", [], []) for name, *_ in contests]
        for turn in range(rounds + 1):
            numbers = range(FIRST + turn * articles, FIRST + (turn + 1) * articles)
            for row, (_, workload, ours, theirs) in zip(rows, contests, strict=True):
                texts = [workload.article(number) for number in numbers]
                pair = await _microseconds(ours, texts), await _microseconds(theirs, texts)
                if turn:  # the first round warms up
                    row.ours.append(pair[0])
                    row.theirs.append(pair[1])
    return [*map(str, rows), *lines]


async def _microseconds(work: Work, texts: list[str]) -> float:
    began = time.process_time()
    for text in texts:
        await work(text)
    return (time.process_time() - began) / len(texts) * 1e6


def _of(resolver: Resolve) -> Work:
    async def work(text: str) -> None:
        await _resolved(resolver, text)

    return work


async def _resolved(resolver: Resolve, text: str) -> None:
    result = await resolver(Article(text, Format.HTML, deadline_ms=30_000))
    became = [each.state for each in result.embeds]
    if became != [State.EMBEDDED] * TWEETS:
        message = f"the article did not come out as it should: {became}"
        raise RuntimeError(message)


async def _by_beautifulsoup(text: str) -> None:
    """Parse the whole document, select, replace and write it, as a service without positions."""
    soup = BeautifulSoup(text, "html.parser")
    found = [
        element
        for element in soup.select("blockquote.twitter-tweet, p")
        if element.name == "blockquote"
        or "/status/" in (shown := element.get_text())
        or "(@" in shown
    ]
    for element in found:
        if element.parent is not None and not element.find_parent("blockquote"):
            embed = soup.new_tag("blockquote", attrs={"class": "twitter-tweet"})
            embed.string = "The words of the tweet, as X gave them."
            element.replace_with(embed)
    str(soup)


def _micawber(tweets: list[KnownTweet]) -> Work:
    micawber = importlib.import_module("micawber")

    class Known(micawber.Provider):  # type: ignore[misc, name-defined]
        """A provider that is asked once for each tweet, before the measurement."""

        def request(self, url: str, **_: Any) -> dict[str, Any]:  # noqa: ANN401 - its own
            return {"type": "rich", "html": f"<blockquote>{url}</blockquote>", "url": url}

    registry = micawber.ProviderRegistry(micawber.cache.Cache())
    registry.register(r"https?://twitter\.com/\w+/status/[0-9]+", Known("https://publish.x.com"))
    for tweet in tweets:
        registry.request(tweet.url)

    async def work(text: str) -> None:
        if micawber.parse_html(text, registry).count("<blockquote>") != TWEETS:
            message = "micawber did not find the tweets"
            raise RuntimeError(message)

    return work


def main() -> None:
    """Print the rows."""
    for line in asyncio.run(cpu_rows(rounds=5, articles=100)):
        print(line)


if __name__ == "__main__":
    main()
