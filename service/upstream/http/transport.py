"""The one way to the network: an HTTP client that reaches the hosts of a closed list at public
addresses, and nothing else.

A host of the list is looked up once; the connection goes to the very address that was checked,
while SNI and `Host` keep the name. Behind a proxy of the environment the proxy looks names up and
judges addresses; the list holds all the same.
"""

import contextlib
import http.cookiejar
import re
import ssl
import urllib.request
from collections.abc import AsyncIterator, Iterable, Iterator
from typing import Any, Final
from urllib.parse import urlsplit

import httpcore
import httpx

from service import __version__
from service.upstream.http.dns import DnsCache, NameRefusedError
from service.upstream.http.public_addresses import is_public

# nothing that looks like a browser: t.co answers those with a page (docs/x-behaviour.md 1.1)
_PROXY_HOST: Final = re.compile(r"[A-Za-z0-9._-]+|[0-9A-Fa-f:.]+(?:%\w+)?")
USER_AGENT: Final = f"tweet-embed/{__version__}"
HTTPS: Final = 443
MOST_ATTEMPTS: Final = 3
ATTEMPT_S: Final = 2.0
"""How long one of several addresses may take to answer before the next is tried."""
KEPT_S: Final = 5.0
_IDLE: Final = 20


class CheckedBackend(httpcore.AsyncNetworkBackend):
    """Connects to hosts of the list, port 443, at addresses that `DnsCache` let through."""

    def __init__(
        self,
        hosts: Iterable[str],
        names: DnsCache,
        inner: httpcore.AsyncNetworkBackend | None = None,
    ) -> None:
        """`inner` makes the connection, given an address; by default over the system's sockets."""
        self._hosts = frozenset(hosts)
        self._names = names
        self._inner = inner or httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's own signature
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Connect to a host by name; `httpcore.ConnectError` if that is refused or fails."""
        if host not in self._hosts or port != HTTPS:
            message = f"{host}:{port} is not on the list"
            raise httpcore.ConnectError(message)
        try:
            addresses = await self._names.addresses(host)
        except NameRefusedError as error:
            raise httpcore.ConnectError(str(error)) from None
        wait_s = ATTEMPT_S if timeout is None else min(timeout, ATTEMPT_S)
        failed: Exception | None = None
        for address in addresses[:MOST_ATTEMPTS]:
            try:
                stream = await self._inner.connect_tcp(
                    address,
                    port,
                    wait_s,
                    local_address,
                    socket_options,
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failed = error
                continue
            peer = stream.get_extra_info("server_addr")
            if peer and is_public(str(peer[0])):
                return stream
            await stream.aclose()
            failed = httpcore.ConnectError(f"{host} was answered from elsewhere")
        raise failed or httpcore.ConnectError(host)

    async def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's own signature
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Refuse: there is nothing behind a file."""
        del timeout, socket_options
        raise httpcore.ConnectError(path)

    async def sleep(self, seconds: float) -> None:
        """Wait, as httpcore's retries would; there are none."""
        await self._inner.sleep(seconds)


class CheckedTransport(httpx.AsyncBaseTransport):
    """httpcore's pool over a `CheckedBackend`, as httpx wants a transport."""

    def __init__(
        self,
        backend: httpcore.AsyncNetworkBackend,
        tls: ssl.SSLContext,
        connections: int,
    ) -> None:
        """Hold at most `connections`."""
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=tls,
            network_backend=backend,
            max_connections=connections,
            max_keepalive_connections=connections,
            keepalive_expiry=KEPT_S,
            http1=True,
            http2=False,  # t.co answered 404 over HTTP/2 (docs/x-behaviour.md 1.1)
        )

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request; `httpx.TransportError` for whatever goes wrong on the way."""
        with _as_transport_error():
            answer = await self._pool.handle_async_request(
                httpcore.Request(
                    method=request.method,
                    url=httpcore.URL(
                        scheme=request.url.raw_scheme,
                        host=request.url.raw_host,
                        port=request.url.port,
                        target=request.url.raw_path,
                    ),
                    headers=request.headers.raw,
                    content=request.stream,
                    extensions=request.extensions,
                ),
            )
        return httpx.Response(
            answer.status,
            headers=answer.headers,
            stream=_Stream(answer),
            extensions=answer.extensions,
        )

    async def aclose(self) -> None:
        """Close every connection."""
        await self._pool.aclose()


class _Stream(httpx.AsyncByteStream):
    def __init__(self, answer: httpcore.Response) -> None:
        self._answer = answer

    async def __aiter__(self) -> AsyncIterator[bytes]:
        with _as_transport_error():
            async for chunk in self._answer.aiter_stream():
                yield chunk

    async def aclose(self) -> None:
        await self._answer.aclose()


@contextlib.contextmanager
def _as_transport_error() -> Iterator[None]:
    try:
        yield
    except httpcore.TimeoutException as error:
        raise httpx.ReadTimeout(str(error)) from error
    except (
        httpcore.NetworkError,
        httpcore.ProtocolError,
        httpcore.ProxyError,
        httpcore.UnsupportedProtocol,
    ) as error:
        raise httpx.NetworkError(str(error)) from error


def create_http_client(
    hosts: Iterable[str],
    *,
    connections: int,
    deadline_s: float,
    transport: httpx.AsyncBaseTransport | None = None,
    backend: httpcore.AsyncNetworkBackend | None = None,
) -> httpx.AsyncClient:
    """Open a client that reaches `hosts` over https and nothing else; close it with `aclose`.

    It honours `HTTPS_PROXY`, `ALL_PROXY`, `NO_PROXY`, `SSL_CERT_FILE` and `SSL_CERT_DIR`.
    `transport` stands in for the network, `backend` for what connects to checked hosts. Raises
    `OSError` or `ValueError` for an environment that cannot be used.
    """
    listed = frozenset(hosts)
    mounts: dict[str, httpx.AsyncBaseTransport] = {}
    if transport is None:
        tls = httpx.create_ssl_context()
        by_proxy: dict[str, httpx.AsyncBaseTransport] = {}
        limits = httpx.Limits(
            max_connections=connections,
            max_keepalive_connections=_IDLE,
            keepalive_expiry=KEPT_S,
        )
        for host in sorted(listed):
            address = _proxy_of(host)
            if address is not None:
                if address not in by_proxy:
                    by_proxy[address] = httpx.AsyncHTTPTransport(
                        verify=tls,
                        trust_env=False,
                        limits=limits,
                        proxy=httpx.Proxy(
                            address,
                            ssl_context=tls if address.lower().startswith("https:") else None,
                        ),
                    )
                mounts[f"https://{host}"] = by_proxy[address]
        transport = CheckedTransport(
            backend or CheckedBackend(listed, DnsCache()),
            tls,
            connections,
        )
    return httpx.AsyncClient(
        transport=transport,
        mounts=mounts,
        headers={"user-agent": USER_AGENT},
        cookies=http.cookiejar.CookieJar(http.cookiejar.DefaultCookiePolicy(allowed_domains=[])),
        timeout=httpx.Timeout(deadline_s, pool=None),
        follow_redirects=False,
        event_hooks={"response": [_set_location_aside]},
        trust_env=False,
    )


def _proxy_of(host: str) -> str | None:
    """Return the proxy through which the environment wants a host to be asked; None if it is asked
    directly. Raise `ValueError` for an address that no proxy can have; its password is not told.
    """
    proxies = urllib.request.getproxies()
    address = proxies.get("https") or proxies.get("all")
    if not address or urllib.request.proxy_bypass(host):
        return None
    address = address if "://" in address else f"http://{address}"
    try:
        parts = urlsplit(address)
        host_name, port = parts.hostname, parts.port
    except ValueError:
        host_name, port = None, None
    if host_name is None or _PROXY_HOST.fullmatch(host_name) is None or port == 0:
        message = "the proxy's address is none, such as http://proxy.example:3128"
        raise ValueError(message)
    return address


async def _set_location_aside(response: httpx.Response) -> None:
    """Keep httpx from reading `Location`: it does so even where it does not follow, and fails on
    what it cannot parse.
    """
    response.extensions["locations"] = response.headers.get_list("location")
    response.headers.pop("location", None)
