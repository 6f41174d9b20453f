"""Answers as bytes on a connection: what is HTTP/1.1 is read, what is not ends it, and no answer is
ever taken for that to another request.
"""

import asyncio
import base64
import socket
from collections.abc import Awaitable, Callable
from typing import TypeVar

import httpx
import pytest
from standin_answers import Answer
from standin_x import StandIn

from service.settings import Settings
from service.upstream.client import open_client
from service.upstream.http.http_connection import HttpConnection
from service.upstream.http.transport import HttpClient

R = TypeVar("R")
ADDRESS = httpx.URL("https://t.co/a")
HEAD = b"HTTP/1.1 200 OK\r\n"
EARLY = b"HTTP/1.1 103 Early Hints\r\nLink: </a>; rel=preload\r\n\r\n"


def using(use: Callable[[HttpClient], Awaitable[R]]) -> R:
    async def run() -> R:
        async with open_client(Settings()) as client, asyncio.timeout(180):
            return await use(client)

    return asyncio.run(run())


async def ended(x: StandIn) -> None:
    """Wait until no connection to X is left, and both sides know."""
    while x.open_connections:  # noqa: ASYNC110 - it is a number of another thread
        await asyncio.sleep(0.005)
    await asyncio.sleep(0.02)


async def get(client: HttpClient) -> tuple[int, bytes]:
    response = await client.send(ADDRESS, {})
    try:
        return response.status_code, await response.aread()
    finally:
        await response.aclose()


@pytest.mark.parametrize(
    ("raw", "body"),
    [
        (HEAD + b"Content-Length: 2\r\n\r\nhi", b"hi"),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n1\r\nh\r\n1;x=y\r\ni\r\n0\r\n\r\n", b"hi"),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\nExpires: never\r\n\r\n", b"hi"),
        (HEAD + b"\r\nhi", b"hi"),  # until the end of the connection
        (HEAD + b"Content-Length: 0\r\n\r\n", b""),
        (b"HTTP/1.0 200 OK\r\n\r\nhi", b"hi"),
        (EARLY + EARLY + HEAD + b"Content-Length: 2\r\n\r\nhi", b"hi"),
    ],
)
def test_a_body_ends_where_its_head_says(x: StandIn, raw: bytes, body: bytes) -> None:
    x.fault["a"] = Answer(raw=raw)
    assert using(get) == (200, body)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"HTTP/1.1 200",
        b"HTTP/2 200\r\n\r\n",
        b"SSH-2.0-x\r\n\r\n",
        HEAD + b"Content-Length: 3\r\n\r\nhi",
        HEAD + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\nhi!",
        HEAD + b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\nhi",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\nhi\r\n0\r\n\r\n",
        HEAD + b"No colon\r\n\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n",
        EARLY,
        EARLY * 3000,
        HEAD + b"X: " + b"x" * 200_000 + b"\r\n\r\n",
    ],
)
def test_what_is_no_whole_answer_is_an_error(x: StandIn, raw: bytes) -> None:
    x.fault["a"] = Answer(raw=raw)
    with pytest.raises(httpx.TransportError):
        using(get)


@pytest.mark.parametrize(
    "head",
    [
        HEAD + b"X: " + b"x" * 120_000 + b"\r\n\r\n",
        b"HTTP/1.1 200 " + b"x" * 120_000 + b"\r\n\r\n",
        EARLY.replace(b"</a>", b"<%s>" % (b"a" * 40_000)) * 3 + HEAD + b"\r\n",
    ],
    ids=["header", "status", "interim"],
)
def test_a_head_is_too_long_however_it_comes(head: bytes) -> None:
    async def ask() -> None:
        ours, theirs = socket.socketpair()
        with theirs:
            theirs.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 2 * len(head))
            theirs.setblocking(False)  # noqa: FBT003
            assert theirs.send(head) == len(head)  # is there before it is asked for: one piece
            _, connection = await asyncio.get_running_loop().create_connection(
                HttpConnection, sock=ours
            )
            await connection.exchange(b"GET / HTTP/1.1\r\n\r\n")

    with pytest.raises(httpx.RemoteProtocolError, match="too long"):
        asyncio.run(ask())


def test_a_connection_is_used_again(x: StandIn) -> None:
    x.code("a", "https://example.org/")

    async def thrice(client: HttpClient) -> None:
        for _ in range(3):
            assert (await get(client))[0] == 301

    using(thrice)
    assert x.connections == 1


OK = HEAD + b"Content-Length: 2\r\n\r\nhi"


@pytest.mark.parametrize("closes", [True, False])
@pytest.mark.parametrize("more", [b"", OK, b"\r\n\r\nno", HEAD])
def test_no_answer_is_taken_for_that_to_the_next_request(
    x: StandIn,
    more: bytes,
    closes: bool,  # noqa: FBT001
) -> None:
    async def twice(client: HttpClient) -> list[tuple[int, bytes]]:
        x.fault["a"] = Answer(raw=OK + more, closes=closes)
        first = await get(client)
        x.fault["a"] = Answer(402)
        if more or closes:
            await ended(x)
        return [first, await get(client)]

    assert using(twice) == [(200, b"hi"), (402, b"")]
    assert x.connections == (2 if more or closes else 1)


def test_what_comes_unasked_ends_a_connection(x: StandIn) -> None:
    late = Answer(raw=OK + OK, closes=False, pause_s=0.002)

    async def twice(client: HttpClient) -> list[int]:
        x.fault["a"] = late
        first = await get(client)
        await ended(x)
        x.fault["a"] = Answer(402)
        return [first[0], (await get(client))[0]]

    assert using(twice) == [200, 402]
    assert x.connections == 2


def test_who_leaves_before_the_answer_takes_the_connection_along(x: StandIn) -> None:
    async def leave(client: HttpClient) -> int:
        x.fault["a"] = "hang"
        asking = asyncio.create_task(get(client))
        while not x.asked:  # noqa: ASYNC110 - it is a list of another thread
            await asyncio.sleep(0.005)
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        x.fault["a"] = "402"
        return (await get(client))[0]

    assert using(leave) == 402
    assert x.connections == 2


@pytest.mark.parametrize(
    "answer",
    [Answer(200, body=b"x" * 1000, pause_s=0.01), Answer(200, [("Connection", "close")], b"hi")],
)
def test_a_connection_whose_answer_is_not_read_or_that_is_to_end_is_not_used_again(
    x: StandIn, answer: Answer
) -> None:
    async def look(client: HttpClient) -> int:
        x.fault["a"] = answer
        response = await client.send(ADDRESS, {})
        if not answer.pause_s:
            await response.aread()
        await response.aclose()
        x.fault["a"] = "402"
        return (await get(client))[0]

    assert using(look) == 402
    assert x.connections == 2


def test_a_body_nobody_reads_waits_at_the_other_side() -> None:
    many = 8 << 20

    async def read_late() -> int:
        loop = asyncio.get_running_loop()
        ours, theirs = socket.socketpair()
        with theirs:
            theirs.setblocking(False)  # noqa: FBT003
            _, connection = await loop.create_connection(HttpConnection, sock=ours)
            head = HEAD + b"Content-Length: %d\r\n\r\n" % many
            sending = asyncio.create_task(loop.sock_sendall(theirs, head + bytes(many)))
            await connection.exchange(b"GET / HTTP/1.1\r\n\r\n")
            await asyncio.sleep(0.1)
            assert not sending.done()
            whole = sum([len(chunk) async for chunk in connection.body()])
            await sending
            connection.close()
        return whole

    assert asyncio.run(read_late()) == many


def test_a_header_of_two_lines_is_not_sent(x: StandIn) -> None:
    async def inject(client: HttpClient) -> None:
        await client.send(ADDRESS, {"x-a": "b\r\nx-c: d"})

    with pytest.raises(httpx.LocalProtocolError):
        using(inject)
    assert x.asked == []


# --- the proxy ---


@pytest.mark.parametrize(
    "reply",
    [
        b"",
        b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n\r\nand more",
        b"no HTTP\r\n\r\n",
        b"x" * 20_000,
    ],
)
def test_a_proxy_that_does_not_let_through_is_an_error(
    x: StandIn, monkeypatch: pytest.MonkeyPatch, reply: bytes
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        monkeypatch.setenv("https_proxy", f"http://ada:s%40cret@127.0.0.1:{port}")

        async def refuse(client: HttpClient) -> bytes:
            asking = asyncio.create_task(get(client))
            listener.setblocking(False)  # noqa: FBT003
            loop = asyncio.get_running_loop()
            connected, _ = await loop.sock_accept(listener)
            with connected:
                head = await loop.sock_recv(connected, 4096)
                await loop.sock_sendall(connected, reply)
            with pytest.raises(httpx.ConnectError) as raised:
                await asking
            assert "cret" not in str(raised.value)
            return head

        head = using(refuse)
    assert head.startswith(b"CONNECT t.co:443 HTTP/1.1\r\nHost: t.co:443\r\n")
    assert b"Basic " + base64.b64encode(b"ada:s@cret") in head
    assert x.asked == []
