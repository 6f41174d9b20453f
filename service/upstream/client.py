"""X, asked over HTTPS: what is asked of t.co, the oEmbed endpoints and listed shorteners, and what
their answers mean.

How hosts are reached, and how gently, is `service/upstream/http/`.
"""

import re
import time
from collections.abc import Callable, Iterable, Sequence
from http import HTTPStatus
from typing import Final
from urllib.parse import quote, urlencode, urlsplit

import httpx

from service.core.errors import UpstreamError
from service.core.model import (
    LinkState,
    LinkTarget,
    Reason,
    ShortLink,
    State,
    Tweet,
    TweetRef,
    UnavailableTweet,
)
from service.core.oembed.response import read_oembed
from service.core.urls.safety import is_safe_address
from service.core.urls.tweet_urls import read_short_link
from service.core.vocabulary import SHORT_LINK_HOSTS
from service.settings import MAX_CONCURRENCY, Settings, SettingsError
from service.upstream.http.environment import wrong_variables
from service.upstream.http.requester import (
    MAX_ADDRESS,
    REDIRECTS,
    Meter,
    Requester,
    Response,
    unmetered,
)
from service.upstream.http.transport import HttpClient, create_http_client
from service.upstream.living_endpoints import LivingEndpoints
from service.upstream.recorded import recorded_transport
from service.upstream.responses import is_not_authorized, read_shell, read_warning

T_CO: Final = "t.co"
DEADLINE_S: Final = 8.0
_BARE = re.compile(r"[ \"<>`{}]")  # what a browser percent-encodes (WHATWG URL 1.3)
MAX_HOPS: Final = 5
MAX_REDIRECTS: Final = 2  # of an oEmbed endpoint
T_CO_BODY_BYTES: Final = 64 * 1024
WIRE_BYTES: Final = 256 * 1024
BODY_BYTES: Final = 1024 * 1024

_WEB_PORTS: Final = frozenset({None, 80, 443})


def hosts_of(endpoints: Sequence[str], shorteners: Sequence[str]) -> frozenset[str]:
    """Return the closed list: every host that is ever contacted."""
    return frozenset({T_CO, *shorteners, *(httpx.URL(endpoint).host for endpoint in endpoints)})


def open_client(
    settings: Settings,
    transport: httpx.AsyncBaseTransport | None = None,
) -> HttpClient:
    """Open the client that `XClient` asks through; use it as a context manager. A `transport`, or
    recorded answers, stand in for the network.

    Raises `SettingsError` if the environment's proxy or certificates cannot be used, with a line
    for each variable.
    """
    if transport is None and settings.recorded is not None:
        transport = recorded_transport(settings.recorded)
    hosts = hosts_of(settings.oembed_endpoints, settings.shorteners)
    return open_listed_client(hosts, transport)


def open_listed_client(
    hosts: Iterable[str],
    transport: httpx.AsyncBaseTransport | None = None,
) -> HttpClient:
    """Open a client that reaches these hosts and no others; use it as a context manager.

    Raises `SettingsError` if the environment's proxy or certificates cannot be used, with a line
    for each variable.
    """
    if transport is None and (wrong := list(wrong_variables())):
        raise SettingsError("\n".join(wrong))
    return create_http_client(hosts, transport=transport)


class XClient:
    """X itself, over a client that `open_client` opened: t.co, the oEmbed endpoints and listed
    shorteners, and no other host.
    """

    def __init__(  # noqa: PLR0913 - what a client of X may be asked to keep to
        self,
        client: HttpClient,
        *,
        endpoints: Sequence[str],
        shorteners: Sequence[str] = (),
        concurrency: int = 10,
        rate: float = 0,
        canaries: Sequence[str] | None = None,
        deadline_s: float = DEADLINE_S,
        meter: Meter = unmetered,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Ask through `client`; at most `concurrency` exchanges at a time and `rate` a second (0:
        no limit). `clock` is Unix time.

        A tweet's death is believed of an endpoint that lives: `canaries` are ids of tweets that
        one shows then, None believes all. Every exchange ends after `deadline_s` seconds; `meter`
        takes note of each.
        """
        self._endpoints = tuple(endpoints)
        self._shorteners = frozenset(shorteners)
        self._clock = clock
        self._living = LivingEndpoints(canaries, self._shows)
        self.requester = Requester(
            client,
            hosts_of(endpoints, shorteners),
            places=min(concurrency, MAX_CONCURRENCY),
            rate=rate,
            deadline_s=deadline_s,
            meter=meter,
        )

    async def close(self) -> None:
        """Stop what goes on on the side."""
        await self._living.close()
        await self.requester.close()

    async def expand(self, link: ShortLink) -> LinkTarget:
        """Follow a short link to the first address that is neither t.co, pic.* nor a listed
        shortener; that one is not contacted (docs/x-behaviour.md 1.6).

        The target is as sent, but for what a browser would percent-encode. `hops` are the addresses
        asked on the way, the link's own first.
        """
        asked: list[str] = []
        following: str | None = link.url
        while following is not None and following not in asked and len(asked) < MAX_HOPS:
            asked.append(following)
            address = await self._hop(following)
            if address is None:
                return LinkTarget(LinkState.DEAD, hops=tuple(asked))
            address = _BARE.sub(lambda match: f"%{ord(match[0]):02X}", address)
            if (behind := read_warning(address)) is not None:
                return (
                    LinkTarget(LinkState.UNSAFE, behind, tuple(asked))
                    if _may_be_target(behind)
                    else _refused(asked)
                )
            host = _host(address)
            if host in SHORT_LINK_HOSTS:
                short = read_short_link(address)
                following = None if short is None else short.url
            elif host in self._shorteners and address != following:
                following = _as_asked(address)
            else:
                return (
                    LinkTarget(LinkState.RESOLVED, address, tuple(asked))
                    if _may_be_target(address)
                    else _refused(asked)
                )
        return _refused(asked)

    async def fetch(self, tweet: TweetRef, lang: str | None) -> Tweet | UnavailableTweet:
        """Ask the oEmbed endpoints in order until one answers that is to be believed.

        Raise `UpstreamError` with the first trouble if none does; `suspect` is that of an endpoint
        which says that the tweet is gone or protected, and shows no tweet at all.
        """
        first: UpstreamError | None = None
        for endpoint in self._endpoints:
            try:
                answer = await self._oembed(endpoint, tweet, lang)
            except UpstreamError as trouble:
                first = first or trouble
                continue
            if isinstance(answer, Tweet):
                self._living.showed(endpoint)
                return answer
            if await self._living.lives(endpoint):
                return answer
            first = first or UpstreamError(Reason.SUSPECT)
        raise first or UpstreamError(Reason.UNREACHABLE)

    async def lives(self) -> bool:
        """Return whether some oEmbed endpoint is to be believed when it says that a tweet is gone,
        asked for a canary if need be.
        """
        for endpoint in self._endpoints:
            if await self._living.lives(endpoint):
                return True
        return False

    async def _shows(self, endpoint: str, tweet_id: str) -> bool:
        try:
            return isinstance(await self._oembed(endpoint, TweetRef(tweet_id), None), Tweet)
        except UpstreamError:
            return False

    async def _hop(self, address: str) -> str | None:
        """Ask t.co, or a listed shortener, where one address leads; None if it says 404. A
        shortener's page is where it leads itself.
        """

        def read(answer: Response) -> str | None:
            if answer.status in REDIRECTS:
                return answer.location()
            if answer.status == HTTPStatus.OK:
                if _host(address) in self._shorteners:
                    return address
                if (target := read_shell(answer.body)) is not None:
                    return target
            if answer.status == HTTPStatus.NOT_FOUND:
                return None
            raise answer.to_error(self._clock())

        return await self.requester.get(
            address,
            read,
            wire_bytes=T_CO_BODY_BYTES,
            body_bytes=T_CO_BODY_BYTES,
        )

    async def _oembed(
        self,
        endpoint: str,
        tweet: TweetRef,
        lang: str | None,
    ) -> Tweet | UnavailableTweet:
        """Ask one endpoint, redirects to hosts of the closed list followed, and return its
        answer.
        """

        def read(answer: Response) -> Tweet | UnavailableTweet | str:
            if answer.status in REDIRECTS:
                return answer.location()
            if answer.status == HTTPStatus.OK:
                return read_oembed(tweet.id, answer.body)
            if answer.status == HTTPStatus.FORBIDDEN and is_not_authorized(answer.body):
                return UnavailableTweet(State.PROTECTED)
            if answer.status == HTTPStatus.NOT_FOUND:
                return UnavailableTweet(State.GONE)
            raise answer.to_error(self._clock())

        parameters = {"url": tweet.url, "omit_script": "true", "dnt": "true"} | (
            {} if lang is None else {"lang": lang}
        )
        query = urlencode(parameters, quote_via=quote, safe="")
        address = f"{endpoint}{'&' if '?' in endpoint else '?'}{query}"
        asked: list[str] = []
        while address not in asked and len(asked) <= MAX_REDIRECTS:
            asked.append(address)
            said = await self.requester.get(
                address,
                read,
                wire_bytes=WIRE_BYTES,
                body_bytes=BODY_BYTES,
            )
            if not isinstance(said, str):
                return said
            address = said
        raise UpstreamError(Reason.NONSENSE)


def _refused(asked: Sequence[str]) -> LinkTarget:
    """Return up on a chain that leads nowhere safe: its target is the last good address, which was
    the last one asked.
    """
    return LinkTarget(LinkState.REFUSED, asked[-1], tuple(asked[:-1]))


def _may_be_target(address: str) -> bool:
    return len(address) <= MAX_ADDRESS and is_safe_address(address)


def _as_asked(address: str) -> str | None:
    """Write a shortener's address as it is asked: over https, whatever it says; None if it has
    userinfo or a port of its own.
    """
    try:
        parts = urlsplit(address)
        plain = (
            parts.scheme.lower() in {"http", "https"}
            and "@" not in parts.netloc
            and parts.port in _WEB_PORTS
        )
    except ValueError:
        return None
    if not plain or not _may_be_target(address):
        return None
    return parts._replace(scheme="https", netloc=_host(address), fragment="").geturl()


def _host(address: str) -> str:
    """Read the host of an address in lower case, "" if it has none that can be read."""
    try:
        return (urlsplit(address).hostname or "").removesuffix(".")
    except ValueError:
        return ""
