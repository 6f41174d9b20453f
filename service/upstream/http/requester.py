"""Send a request to a host and read its whole answer: the one place where requests are sent, and
where every limit is kept.
"""

import asyncio
import random
import re
import time
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final, Generic, TypeVar, cast
from urllib.parse import urljoin

import httpx

from service.core.errors import UpstreamError
from service.core.model import Reason
from service.request_context import REQUEST_PRIORITY, RequestPriority
from service.upstream.http.circuit_breaker import CircuitBreaker, Permit, RetryBudget
from service.upstream.http.rate_limiter import RateLimiter
from service.upstream.http.retry_after import read_retry_after
from service.upstream.http.transport import HttpClient

R = TypeVar("R")

MAX_ADDRESS: Final = 8192
REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
MOST_TRIES: Final = 3
_NO_HEADERS: Final[Mapping[str, str]] = {}
FIRST_PAUSE_S: Final = 0.25
_PASSING: Final = frozenset({502, 503, 504})  # statuses that a moment later may be gone
_GZIP: Final = 31  # zlib's wbits for a gzip header and trailer
_ABSOLUTE: Final = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Response:
    """What a host answered, whole and within bounds. `locations` are its `Location` headers as
    sent.
    """

    address: str
    status: int
    headers: httpx.Headers
    locations: Sequence[str]
    body: bytes

    def to_error(self, now: float) -> UpstreamError:
        """Return what a status means that tells nothing of the thing asked for. `now` is Unix
        time.
        """
        if self.status == HTTPStatus.TOO_MANY_REQUESTS:
            why = Reason.RATE_LIMITED
        elif self.status in {
            HTTPStatus.UNAUTHORIZED,
            HTTPStatus.PAYMENT_REQUIRED,
            HTTPStatus.FORBIDDEN,
        }:
            why = Reason.BLOCKED
        else:
            why = (
                Reason.UPSTREAM_ERROR
                if self.status >= HTTPStatus.INTERNAL_SERVER_ERROR
                else Reason.NONSENSE
            )
        return UpstreamError(why, read_retry_after(self.headers.get("retry-after"), now))

    def location(self) -> str:
        """Where a redirect leads: the address as sent if it is absolute. `UpstreamError` unless
        there is exactly one.
        """
        if len(self.locations) != 1 or not self.locations[0]:
            raise UpstreamError(Reason.NONSENSE)
        try:
            return (
                self.locations[0]
                if _ABSOLUTE.match(self.locations[0])
                else urljoin(self.address, self.locations[0])
            )
        except ValueError:
            raise UpstreamError(Reason.NONSENSE) from None


Meter = Callable[[str, str, float], None]
"""Takes note of an exchange: host, outcome in one word, seconds."""


def unmetered(host: str, outcome: str, seconds: float) -> None:
    """Take note of nothing."""


@dataclass(frozen=True, slots=True)
class _Request(Generic[R]):
    url: httpx.URL
    read: Callable[[Response], R]
    wire_bytes: int
    body_bytes: int
    headers: Mapping[str, str]
    tries: int


class Requester:
    """Questions to the hosts of a closed list, through a client that `net.door` opened.

    Each ends `deadline_s` seconds after its turn came, repetitions included, from the look-up of
    the name to the last byte.
    """

    def __init__(
        self,
        client: HttpClient,
        hosts: Iterable[str],
        *,
        places: int,
        rate: float,
        deadline_s: float,
        meter: Meter = unmetered,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """At most `places` at a time and `rate` a second (0: no limit), whatever for. `clock` is
        that of the breakers.
        """
        self._client = client
        self._deadline_s = deadline_s
        self._meter = meter
        self._pace = RateLimiter(rate, places)
        self._probes: set[asyncio.Task[Any]] = set()
        self.budget = RetryBudget()
        self.breakers = {host: CircuitBreaker(host, clock=clock) for host in sorted(set(hosts))}

    async def get(
        self,
        address: str,
        read: Callable[[Response], R],
        *,
        wire_bytes: int,
        body_bytes: int,
        headers: Mapping[str, str] = _NO_HEADERS,
        tries: int = MOST_TRIES,
    ) -> R:
        """Ask, and read the answer: `read` gives what it says, or raises `UpstreamError` for what
        is no answer.

        Raises that, and `UpstreamError` for whatever else comes between. A host in trouble is not
        asked: who waits is told at once, and one question goes to it on the side when it is time to
        see whether it is back. It is asked at most `tries` times, with `headers` besides our own.
        """
        url = self._listed(address)
        question = _Request(url, read, wire_bytes, body_bytes, headers, tries)
        breaker = self.breakers[question.url.host]
        permit = breaker.permit()
        if permit is Permit.PROBE and not REQUEST_PRIORITY.get().background:
            probe = asyncio.create_task(self._probe(breaker, question))
            self._probes.add(probe)
            probe.add_done_callback(self._probes.discard)
            permit = Permit.DENY
        if permit is Permit.DENY:
            self._meter(question.url.host, "left_alone", 0.0)
            raise breaker.refusal()
        try:
            return await self._repeat(breaker, question, probing=permit is Permit.PROBE)
        finally:
            if permit is Permit.PROBE:
                breaker.end_probe()

    async def close(self) -> None:
        """Stop what goes on on the side."""
        for probe in self._probes:
            probe.cancel()
        await asyncio.gather(*self._probes, return_exceptions=True)

    async def _probe(self, breaker: CircuitBreaker, question: _Request[Any]) -> None:
        REQUEST_PRIORITY.set(RequestPriority(background=True))
        try:
            await self._repeat(breaker, question, probing=True)
        except UpstreamError:
            pass  # the breaker knows
        finally:
            breaker.end_probe()

    async def _repeat(self, breaker: CircuitBreaker, question: _Request[R], *, probing: bool) -> R:
        """Ask once; again only where that may help, within the deadline and the budget."""
        until: float | None = None
        for number in range(1, MOST_TRIES + 1):
            async with self._pace:
                if not probing and breaker.level:
                    raise breaker.refusal()
                if until is None:
                    until = asyncio.get_running_loop().time() + self._deadline_s
                    self.budget.earn()
                try:
                    return await self._once(breaker, question, until)
                except _PassingError as passing:
                    trouble = passing.trouble
            # spreads, hides nothing
            pause_s = FIRST_PAUSE_S * 2 ** (number - 1) * random.random()  # noqa: S311
            late = asyncio.get_running_loop().time() + pause_s >= until
            last = number >= question.tries or probing or late or breaker.level
            if last or not self.budget.spend():
                break
            await asyncio.sleep(pause_s)
        raise trouble

    async def _once(self, breaker: CircuitBreaker, question: _Request[R], until: float) -> R:
        """Send one request and read its answer. Raises `_PassingError` for a trouble that may have
        passed a moment later.
        """
        started = time.perf_counter()
        status = 0
        outcome = "abandoned"
        try:
            answer = await self._send(question, until)
            status = answer.status
            said = question.read(answer)
        except UpstreamError as trouble:
            outcome = trouble.reason.value
            breaker.failed(trouble)
            if trouble.retry_after_s is None and (
                trouble.reason is Reason.UNREACHABLE or status in _PASSING
            ):
                raise _PassingError(trouble) from None
            raise
        else:
            outcome = "answered"
            breaker.succeeded()
            return said
        finally:
            self._meter(question.url.host, outcome, time.perf_counter() - started)

    async def _send(self, question: _Request[Any], until: float) -> Response:
        headers = {"accept-encoding": "identity, gzip", **question.headers}
        try:
            async with asyncio.timeout_at(until):
                response = await self._client.send(question.url, headers)
                try:
                    body = await _read_body(response, question.wire_bytes, question.body_bytes)
                finally:
                    await response.aclose()
        except (TimeoutError, httpx.TimeoutException):
            raise UpstreamError(Reason.TIMEOUT) from None
        except (httpx.TransportError, OSError):
            raise UpstreamError(Reason.UNREACHABLE) from None
        return Response(
            str(question.url),
            response.status_code,
            response.headers,
            response.headers.get_list("location"),
            body,
        )

    def _listed(self, address: str) -> httpx.URL:
        """Parse an address once, and refuse it unless it is https at a host of the closed list and
        nothing in it can be read twice.
        """
        try:
            url = httpx.URL(address)
        except (httpx.InvalidURL, ValueError):
            raise UpstreamError(Reason.NONSENSE) from None
        plain = (
            len(address) <= MAX_ADDRESS
            and address.isascii()
            and address.isprintable()
            and " " not in address
            and "\\" not in address
        )
        if not (
            plain
            and url.scheme == "https"
            and not url.userinfo
            and url.port is None
            and url.host in self.breakers
        ):
            raise UpstreamError(Reason.NONSENSE)
        return url


class _PassingError(Exception):
    def __init__(self, trouble: UpstreamError) -> None:
        super().__init__(trouble.reason)
        self.trouble = trouble


async def _read_body(response: httpx.Response, wire_bytes: int, body_bytes: int) -> bytes:
    """Read a body, at most so many bytes of it as sent and as unpacked; more is nonsense.

    httpx would unpack a whole chunk before anybody can look at its size, so the bytes are taken
    raw; and only gzip is asked for, whose unpacking can be bounded (docs/decisions/0012).
    """
    codings = [
        coding.lower()
        for coding in response.headers.get_list("content-encoding", split_commas=True)
        if coding.lower() != "identity"
    ]
    if codings not in ([], ["gzip"]):
        raise UpstreamError(Reason.NONSENSE)
    unpacker = zlib.decompressobj(_GZIP) if codings else None
    taken = 0
    body = bytearray()
    async for chunk in cast("httpx.AsyncByteStream", response.stream):
        taken += len(chunk)
        try:
            body += (
                chunk
                if unpacker is None
                else unpacker.decompress(chunk, body_bytes + 1 - len(body))
            )
        except zlib.error:
            raise UpstreamError(Reason.NONSENSE) from None
        if taken > wire_bytes or len(body) > body_bytes:
            raise UpstreamError(Reason.NONSENSE)
    if unpacker is not None and taken and not (unpacker.eof and not unpacker.unused_data):
        raise UpstreamError(Reason.NONSENSE)
    return bytes(body)
