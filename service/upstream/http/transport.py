"""The one way to the network: an HTTP client that reaches the hosts of a closed list at public
addresses, and nothing else.

A host of the list is looked up once; the connection goes to the very address that was checked,
while SNI and `Host` keep the name. Behind a proxy of the environment the proxy looks names up and
judges addresses; the list holds all the same.
"""

import asyncio
import ssl
from collections.abc import Iterable, Mapping
from functools import partial
from typing import Final, Self

import httpx

from service import __version__
from service.upstream.http.dialling import CheckedDialler, Connect, Tunnel
from service.upstream.http.dns import DnsCache
from service.upstream.http.environment import proxy_of
from service.upstream.http.http_connection import HttpConnection, answer_of, request_of

# nothing that looks like a browser: t.co answers those with a page (docs/x-behaviour.md 1.1)
USER_AGENT: Final = f"tweet-embed/{__version__}"
KEPT_S: Final = 5.0
_IDLE: Final = 20


class KeptConnections(httpx.AsyncBaseTransport):
    """Connections to each host, made by `connect` when there is none to spare, and kept for
    `KEPT_S` seconds after an exchange. Whoever asks bounds how many exchanges there are at once.
    """

    def __init__(self, connect: Connect, tls: ssl.SSLContext) -> None:
        """Speak TLS by `tls` over the sockets of `connect`."""
        self._connect = connect
        self._tls = tls
        self._idle: dict[str, list[HttpConnection]] = {}
        self._open: set[HttpConnection] = set()
        self._sweep: asyncio.TimerHandle | None = None

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request, once; `httpx.TransportError` for whatever goes wrong on the way."""
        data = request_of(request)
        idle = self._idle.setdefault(request.url.host, [])
        while idle and not idle[-1].is_open:
            idle.pop()
        connection = idle.pop() if idle else await self._begin(request.url.host)
        try:
            await connection.exchange(data)
        except BaseException:  # a cancelled one too: its answer would be the next one's
            connection.close()
            raise
        return answer_of(connection, partial(self._keep, idle))

    async def aclose(self) -> None:
        """Close every connection."""
        for connection in list(self._open):
            connection.close()
        if self._sweep is not None:
            self._sweep.cancel()
        await asyncio.sleep(0)  # asyncio takes leave of a transport in its next turn

    async def _begin(self, host: str) -> HttpConnection:
        connected = await self._connect(host)
        try:
            _, connection = await asyncio.get_running_loop().create_connection(
                HttpConnection, sock=connected, ssl=self._tls, server_hostname=host
            )
        except BaseException as error:
            connected.close()
            if isinstance(error, OSError):  # TLS errors are
                raise httpx.ConnectError(str(error)) from None
            raise
        self._open.add(connection)
        connection.on_lost = self._open.discard
        return connection

    def _keep(self, idle: list[HttpConnection], connection: HttpConnection) -> None:
        """Put a connection back; one whose answer is not whole is closed."""
        if not connection.is_reusable:
            connection.close()
            return
        loop = asyncio.get_running_loop()
        connection.idle_since = loop.time()
        idle.append(connection)
        if self._sweep is None:
            self._sweep = loop.call_later(KEPT_S, self._close_old)

    def _close_old(self) -> None:
        loop = asyncio.get_running_loop()
        oldest = loop.time() - KEPT_S
        for idle in self._idle.values():
            for connection in idle:
                if connection.idle_since <= oldest:
                    connection.close()
            idle[:] = [connection for connection in idle if connection.is_open]
        any_left = any(self._idle.values())
        self._sweep = loop.call_later(KEPT_S, self._close_old) if any_left else None


class HttpClient:
    """Sends requests as httpx writes them, each through the transport of its host. It follows no
    redirect and keeps no cookie; `headers` go with every request.
    """

    def __init__(
        self,
        transport: httpx.AsyncBaseTransport,
        proxied: Mapping[str, httpx.AsyncBaseTransport],
    ) -> None:
        """Ask the hosts of `proxied` through its transports, all others through `transport`."""
        self.headers = httpx.Headers(
            {"accept": "*/*", "connection": "keep-alive", "user-agent": USER_AGENT}
        )
        self._transport = transport
        self._proxied = proxied

    async def __aenter__(self) -> Self:
        """Begin; nothing is connected yet."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close every connection."""
        for transport in {self._transport, *self._proxied.values()}:
            await transport.aclose()

    async def send(self, url: httpx.URL, headers: Mapping[str, str]) -> httpx.Response:
        """Ask for an address; the answer's body is still to be read, and the answer to be closed.
        Raises `httpx.TransportError`.
        """
        all_headers = self.headers.copy()
        all_headers.update(headers)
        request = httpx.Request("GET", url, headers=all_headers)
        transport = self._proxied.get(url.host, self._transport)
        return await transport.handle_async_request(request)


def create_http_client(
    hosts: Iterable[str],
    *,
    transport: httpx.AsyncBaseTransport | None = None,
    connect: Connect | None = None,
) -> HttpClient:
    """Open a client that reaches `hosts` over https and nothing else; use it as a context manager.

    It honours `HTTPS_PROXY`, `ALL_PROXY`, `NO_PROXY`, `SSL_CERT_FILE` and `SSL_CERT_DIR`.
    `transport` stands in for the network, `connect` for what connects to checked hosts. Raises
    `OSError` or `ValueError` for an environment that cannot be used, as `wrong_variables` tells.
    """
    listed = frozenset(hosts)
    proxied: dict[str, httpx.AsyncBaseTransport] = {}
    if transport is None:
        tls = httpx.create_ssl_context()
        tls.set_alpn_protocols(["http/1.1"])  # t.co answered 404 over HTTP/2 (x-behaviour.md 1.1)
        by_proxy: dict[str, httpx.AsyncBaseTransport] = {}
        for host in sorted(listed):
            address = proxy_of(host)
            if address is not None:
                if address not in by_proxy:
                    by_proxy[address] = _through(address, tls)
                proxied[host] = by_proxy[address]
        transport = KeptConnections(connect or CheckedDialler(listed, DnsCache()), tls)
    return HttpClient(transport, proxied)


def _through(address: str, tls: ssl.SSLContext) -> httpx.AsyncBaseTransport:
    """Return the transport through a proxy: ours for plain HTTP, httpx' own for TLS and SOCKS."""
    if address.lower().startswith("http:"):
        return KeptConnections(Tunnel(address), tls)
    return httpx.AsyncHTTPTransport(
        verify=tls,
        trust_env=False,
        limits=httpx.Limits(max_keepalive_connections=_IDLE, keepalive_expiry=KEPT_S),
        proxy=httpx.Proxy(
            address, ssl_context=tls if address.lower().startswith("https:") else None
        ),
    )
