"""Sockets to hosts of the closed list: straight to an address that was checked, or through the
proxy of the environment.
"""

import asyncio
import base64
import re
import socket
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote, urlsplit

import httpx

from service.upstream.http.dns import DnsCache, NameRefusedError
from service.upstream.http.public_addresses import is_public

HTTPS: Final = 443
MOST_ATTEMPTS: Final = 3
ATTEMPT_S: Final = 2.0
"""How long one of several addresses may take to answer before the next is tried."""
_MOST_REPLY_BYTES: Final = 8 * 1024
_PROXY_PORT: Final = 80
_END: Final = b"\r\n\r\n"
_ACCEPTED: Final = re.compile(rb"HTTP/1\.[01] 2\d\d\b")

Dial = Callable[[str, int], Awaitable[tuple[socket.socket, str]]]
"""Connects to an IP address and a port; the peer is told as the socket sees it. Raises
`OSError`.
"""
Connect = Callable[[str], Awaitable[socket.socket]]
"""Connects to a host. Raises `httpx.ConnectError`."""


async def dial(address: str, port: int) -> tuple[socket.socket, str]:
    """Connect over the system's sockets."""
    connecting = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET)
    try:
        connecting.setblocking(False)  # noqa: FBT003 - its own signature
        await asyncio.get_running_loop().sock_connect(connecting, (address, port))
        return connecting, str(connecting.getpeername()[0])
    except BaseException:
        connecting.close()
        raise


class CheckedDialler:
    """Connects to hosts of the list, port 443, at addresses that `DnsCache` let through."""

    def __init__(self, hosts: Iterable[str], names: DnsCache, dial: Dial = dial) -> None:
        """`dial` makes the connection, given an address; by default over the system's sockets."""
        self._hosts = frozenset(hosts)
        self._names = names
        self._dial = dial

    async def __call__(self, host: str) -> socket.socket:
        """Connect to a host by name; `httpx.ConnectError` if that is refused or fails."""
        if host not in self._hosts:
            message = f"{host} is not on the list"
            raise httpx.ConnectError(message)
        try:
            addresses = await self._names.addresses(host)
        except NameRefusedError as error:
            raise httpx.ConnectError(str(error)) from None
        failed = host
        for address in addresses[:MOST_ATTEMPTS]:
            try:
                async with asyncio.timeout(ATTEMPT_S):
                    connected, peer = await self._dial(address, HTTPS)
            except OSError as error:  # TimeoutError is one
                failed = f"{host}: {error}"
                continue
            if is_public(peer):
                return connected
            connected.close()
            failed = f"{host} was answered from elsewhere"
        raise httpx.ConnectError(failed)


@dataclass(frozen=True, slots=True)
class Tunnel:
    """Connects to hosts through an HTTP proxy, which looks names up itself (RFC 9110, 9.3.6)."""

    address: str

    async def __call__(self, host: str) -> socket.socket:
        """Connect to a host by name; `httpx.ConnectError` if the proxy refuses or is not there."""
        parts = urlsplit(self.address)
        lines = [f"CONNECT {host}:{HTTPS} HTTP/1.1", f"Host: {host}:{HTTPS}"]
        if parts.username is not None:
            who = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
            lines.append(f"Proxy-Authorization: Basic {base64.b64encode(who.encode()).decode()}")
        asking = "\r\n".join([*lines, "", ""]).encode()
        connected: socket.socket | None = None
        try:
            connected = await _dial_by_name(parts.hostname or "", parts.port or _PROXY_PORT)
            reply = await _ask(connected, asking)
        except BaseException as error:
            if connected is not None:
                connected.close()
            if not isinstance(error, OSError):
                raise
            message = f"the proxy is not there: {error}"
            raise httpx.ConnectError(message) from None
        if _ACCEPTED.match(reply) is None or not reply.endswith(_END):
            connected.close()
            message = f"the proxy does not let {host} through"
            raise httpx.ConnectError(message)
        return connected


async def _dial_by_name(host: str, port: int) -> socket.socket:
    """Connect to a proxy, at the first of its addresses that answers."""
    loop = asyncio.get_running_loop()
    failed = OSError("it has no address")
    for *_, place in (await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM))[:MOST_ATTEMPTS]:
        try:
            return (await dial(str(place[0]), port))[0]
        except OSError as error:
            failed = error
    raise failed


async def _ask(connected: socket.socket, asking: bytes) -> bytes:
    """Send a head and return the head that comes back, as far as it comes."""
    loop = asyncio.get_running_loop()
    await loop.sock_sendall(connected, asking)
    reply = b""
    while _END not in reply and len(reply) < _MOST_REPLY_BYTES:
        more = await loop.sock_recv(connected, _MOST_REPLY_BYTES)
        if not more:
            break
        reply += more
    return reply
