"""X, asked over HTTPS. The only module that sends requests.

Where a later version adds to it: retries and a breaker around `X._exchange`; a check of the addresses a name resolves to,
as a network backend beneath the client of `open_client`; shorteners beyond t.co in `X.expand`.
"""

import asyncio
import http.cookiejar
import re
import time
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final, Protocol
from urllib.parse import urljoin, urlsplit

import httpx

from service import __version__
from service.core.addresses import is_safe_address, read_short_link
from service.core.answers import is_not_authorized, read_retry_after, read_shell, read_warning
from service.core.model import Absent, LinkState, Permalink, ShortLink, State, Target, TroubleError, Tweet, Why
from service.core.oembed import read_oembed
from service.recorded import recorded_transport
from service.settings import MAX_CONCURRENCY, Settings, SettingsError

T_CO: Final = "t.co"
USER_AGENT: Final = f"tweet-embed/{__version__}"  # nothing that looks like a browser: t.co answers those with a page (upstream.md 1.1)
DEADLINE_S: Final = 8.0
_BARE = re.compile(r"[ \"<>`{}]")  # what a browser percent-encodes (WHATWG URL 1.3)
MAX_HOPS: Final = 5
MAX_REDIRECTS: Final = 2  # of an oEmbed endpoint
MAX_ADDRESS: Final = 8192
T_CO_BODY_BYTES: Final = 64 * 1024
WIRE_BYTES: Final = 256 * 1024
BODY_BYTES: Final = 1024 * 1024

_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_SHORT_HOSTS: Final = frozenset({T_CO, "pic.twitter.com", "pic.x.com"})
_OLD_OEMBED_HOST: Final = "publish.twitter.com"
_GZIP: Final = 31  # zlib's wbits for a gzip header and trailer
_ABSOLUTE: Final = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)


class Upstream(Protocol):
    """What the rest of the service knows of X."""

    async def expand(self, link: ShortLink) -> Target:
        """Tell where a short link leads; `TroubleError` if X could not be asked."""

    async def fetch(self, tweet: Permalink, lang: str | None) -> Tweet | Absent:
        """Tell what a tweet says, its date in `lang` (one of X's codes, or None); `TroubleError` if X could not be asked."""


def open_client(settings: Settings, transport: httpx.AsyncBaseTransport | None = None) -> httpx.AsyncClient:
    """Open the client that `X` asks through; close it with `aclose`.

    It honours `HTTPS_PROXY`, `ALL_PROXY`, `NO_PROXY` and `SSL_CERT_FILE`, unless a `transport` is given or the settings name recorded
    answers. Raises `SettingsError` if one of these cannot be used.
    """
    if transport is None and settings.recorded is not None:
        transport = recorded_transport(settings.recorded)
    try:
        return httpx.AsyncClient(
            transport=transport,
            headers={"user-agent": USER_AGENT},
            cookies=http.cookiejar.CookieJar(http.cookiejar.DefaultCookiePolicy(allowed_domains=[])),
            timeout=httpx.Timeout(DEADLINE_S, pool=None),
            limits=httpx.Limits(max_connections=MAX_CONCURRENCY, max_keepalive_connections=MAX_CONCURRENCY, keepalive_expiry=5),
            http2=False,  # t.co answered 404 over HTTP/2 (upstream.md 1.1)
            follow_redirects=False,
            event_hooks={"response": [_set_location_aside]},
            trust_env=True,
        )
    except (OSError, ValueError, ImportError, httpx.InvalidURL) as error:
        message = f"HTTPS_PROXY, ALL_PROXY, NO_PROXY, SSL_CERT_FILE or SSL_CERT_DIR cannot be used: {error}"
        raise SettingsError(message) from error


async def _set_location_aside(response: httpx.Response) -> None:
    """Keep httpx from reading `Location`: it does so even where it does not follow, and fails on what it cannot parse."""
    response.extensions["locations"] = response.headers.get_list("location")
    response.headers.pop("location", None)


@dataclass(frozen=True, slots=True)
class _Answer:
    address: str
    status: int
    headers: httpx.Headers
    locations: Sequence[str]
    body: bytes

    def trouble(self, now: float) -> TroubleError:
        """Say what a status means that tells nothing of the thing asked for."""
        if self.status == HTTPStatus.TOO_MANY_REQUESTS:
            why = Why.RATE_LIMITED
        elif self.status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.PAYMENT_REQUIRED, HTTPStatus.FORBIDDEN}:
            why = Why.BLOCKED
        else:
            why = Why.UPSTREAM_ERROR if self.status >= HTTPStatus.INTERNAL_SERVER_ERROR else Why.NONSENSE
        return TroubleError(why, read_retry_after(self.headers.get("retry-after"), now))

    def location(self) -> str:
        """Where a redirect leads: the address as sent if it is absolute. `TroubleError` unless there is exactly one."""
        if len(self.locations) != 1 or not self.locations[0]:
            raise TroubleError(Why.NONSENSE)
        try:
            return self.locations[0] if _ABSOLUTE.match(self.locations[0]) else urljoin(self.address, self.locations[0])
        except ValueError:
            raise TroubleError(Why.NONSENSE) from None


class X:
    """X itself, over a client that `open_client` opened: t.co and the oEmbed endpoints, and no other host.

    Every exchange ends after `deadline_s` seconds, from connecting to the last byte, and is bounded in size, compressed and not.
    """

    def __init__(
        self,
        client: httpx.AsyncClient,
        *,
        endpoints: Sequence[str],
        concurrency: int = 10,
        rate: float = 0,
        deadline_s: float = DEADLINE_S,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Ask through `client`; at most `concurrency` exchanges at a time and `rate` a second (0: no limit). `clock` is Unix time."""
        self._client = client
        self._endpoints = tuple(endpoints)
        self._hosts = frozenset({T_CO, *(httpx.URL(endpoint).host for endpoint in endpoints)})
        self._places = asyncio.Semaphore(min(concurrency, MAX_CONCURRENCY))
        self._pace = _Pace(rate)
        self._deadline_s = deadline_s
        self._clock = clock

    async def expand(self, link: ShortLink) -> Target:
        """Follow a short link to the first address that is neither t.co nor pic.*; that one is not contacted.

        The target is as X sent it, but for what a browser would percent-encode. `hops` are the addresses asked on the
        way, the link's own first.
        """
        asked: list[str] = []
        while link.url not in asked and len(asked) < MAX_HOPS:
            asked.append(link.url)
            address = await self._hop(link.url)
            if address is None:
                return Target(LinkState.DEAD, hops=tuple(asked))
            address = _BARE.sub(lambda match: f"%{ord(match[0]):02X}", address)
            if (behind := read_warning(address)) is not None:
                return Target(LinkState.UNSAFE, behind, tuple(asked)) if _may_be_target(behind) else _refused(asked)
            if _host(address) not in _SHORT_HOSTS:
                return Target(LinkState.RESOLVED, address, tuple(asked)) if _may_be_target(address) else _refused(asked)
            following = read_short_link(address)
            if following is None:
                break
            link = following
        return _refused(asked)

    async def fetch(self, tweet: Permalink, lang: str | None) -> Tweet | Absent:
        """Ask the oEmbed endpoints in order until one answers. The first trouble is raised if none does."""
        first: TroubleError | None = None
        absent: Absent | None = None
        for endpoint in self._endpoints:
            try:
                answer = await self._oembed(endpoint, tweet, lang)
                if answer.status == HTTPStatus.OK:
                    return read_oembed(tweet.id, answer.body)
                if answer.status == HTTPStatus.FORBIDDEN and is_not_authorized(answer.body):
                    return Absent(State.PROTECTED)
                if answer.status != HTTPStatus.NOT_FOUND:
                    raise answer.trouble(self._clock())
                absent = Absent(State.GONE)
                if httpx.URL(answer.address).host != _OLD_OEMBED_HOST:
                    return absent
                # The old host once answered 404 for every x.com address (upstream.md 3.1): its word counts if no other endpoint doubts it.
            except TroubleError as trouble:
                first = first or trouble
        if absent is None or first is not None:
            raise first or TroubleError(Why.UNREACHABLE)
        return absent

    async def _hop(self, address: str) -> str | None:
        """Ask t.co where one link leads; None if it says 404."""
        answer = await self._exchange(address, wire_bytes=T_CO_BODY_BYTES, body_bytes=T_CO_BODY_BYTES)
        if answer.status in _REDIRECTS:
            return answer.location()
        if answer.status == HTTPStatus.OK and (target := read_shell(answer.body)) is not None:
            return target
        if answer.status == HTTPStatus.NOT_FOUND:
            return None
        raise answer.trouble(self._clock())

    async def _oembed(self, endpoint: str, tweet: Permalink, lang: str | None) -> _Answer:
        """Ask one endpoint, redirects to hosts of the closed list followed."""
        parameters = {"url": tweet.url, "omit_script": "true", "dnt": "true"} | ({} if lang is None else {"lang": lang})
        address = str(httpx.URL(endpoint).copy_merge_params(parameters))
        asked: list[str] = []
        while address not in asked and len(asked) <= MAX_REDIRECTS:
            asked.append(address)
            answer = await self._exchange(address, wire_bytes=WIRE_BYTES, body_bytes=BODY_BYTES)
            if answer.status not in _REDIRECTS:
                return answer
            address = answer.location()
        raise TroubleError(Why.NONSENSE)

    async def _exchange(self, address: str, *, wire_bytes: int, body_bytes: int) -> _Answer:
        """One request and its whole answer. The one place where a request is sent, and where the closed list is held."""
        url = self._listed(address)
        request = self._client.build_request("GET", url, headers={"accept-encoding": "identity, gzip"})
        async with self._places:
            await self._pace.wait()
            try:
                async with asyncio.timeout(self._deadline_s):
                    response = await self._client.send(request, stream=True, follow_redirects=False)
                    try:
                        body = await _read_body(response, wire_bytes, body_bytes)
                    finally:
                        await response.aclose()
            except (TimeoutError, httpx.TimeoutException):
                raise TroubleError(Why.TIMEOUT) from None
            except (httpx.TransportError, OSError):
                raise TroubleError(Why.UNREACHABLE) from None
        return _Answer(address, response.status_code, response.headers, response.extensions.get("locations", ()), body)

    def _listed(self, address: str) -> httpx.URL:
        """Parse an address once, and refuse it unless it is https at a host of the closed list and nothing in it can be read twice."""
        try:
            url = httpx.URL(address)
        except (httpx.InvalidURL, ValueError):
            raise TroubleError(Why.NONSENSE) from None
        plain = len(address) <= MAX_ADDRESS and address.isascii() and address.isprintable() and " " not in address and "\\" not in address
        if not (plain and url.scheme == "https" and not url.userinfo and url.port is None and url.host in self._hosts):
            raise TroubleError(Why.NONSENSE)
        return url


class _Pace:
    """Spaces requests: `per_second`, after a burst of at most one second's worth."""

    def __init__(self, per_second: float) -> None:
        self._gap = 1 / per_second if per_second > 0 else 0.0
        self._next = float("-inf")

    async def wait(self) -> None:
        now = asyncio.get_running_loop().time()
        turn = max(self._next, now - max(0.0, 1 - self._gap))
        self._next = turn + self._gap
        if turn > now:
            await asyncio.sleep(turn - now)


async def _read_body(response: httpx.Response, wire_bytes: int, body_bytes: int) -> bytes:
    """Read a body, at most so many bytes of it as sent and as unpacked; more is nonsense.

    httpx would unpack a whole chunk before anybody can look at its size, so the bytes are taken raw; and only gzip is
    asked for, whose unpacking can be bounded (reliability.md 0.5).
    """
    codings = [
        coding.lower() for coding in response.headers.get_list("content-encoding", split_commas=True) if coding.lower() != "identity"
    ]
    if codings not in ([], ["gzip"]):
        raise TroubleError(Why.NONSENSE)
    unpacker = zlib.decompressobj(_GZIP) if codings else None
    taken = 0
    body = bytearray()
    async for chunk in response.aiter_raw():
        taken += len(chunk)
        try:
            body += chunk if unpacker is None else unpacker.decompress(chunk, body_bytes + 1 - len(body))
        except zlib.error:
            raise TroubleError(Why.NONSENSE) from None
        if taken > wire_bytes or len(body) > body_bytes:
            raise TroubleError(Why.NONSENSE)
    if unpacker is not None and taken and not (unpacker.eof and not unpacker.unused_data):
        raise TroubleError(Why.NONSENSE)
    return bytes(body)


def _refused(asked: Sequence[str]) -> Target:
    """Give up on a chain that leads nowhere safe: its target is the last good address, which was the last one asked."""
    return Target(LinkState.REFUSED, asked[-1], tuple(asked[:-1]))


def _may_be_target(address: str) -> bool:
    return len(address) <= MAX_ADDRESS and is_safe_address(address)


def _host(address: str) -> str:
    """Read the host of an address in lower case, "" if it has none that can be read."""
    try:
        return (urlsplit(address).hostname or "").removesuffix(".")
    except ValueError:
        return ""
