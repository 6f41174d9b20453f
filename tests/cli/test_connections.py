"""A connection, byte by byte: heads within bounds, and answers that leave at once."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import uvicorn
from uvicorn.protocols.http.flow_control import FlowControl
from uvicorn.server import ServerState

from service.api.bodies.models import Problem
from service.cli.support.bounded_protocol import MOST_WAITING, BoundedProtocol, bounded_protocol
from service.cli.support.exchange import LONG, Exchange

pytestmark = pytest.mark.anyio

SOON_S = 0.1
ASK = b"POST /echo HTTP/1.1\r\nhost: a\r\ncontent-length: 2\r\n\r\n"


class Wire(asyncio.Transport):
    """What is written, piece by piece; None is the end."""

    def __init__(self) -> None:
        super().__init__()
        self.written: list[bytes | None] = []

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.written.append(bytes(data))

    def close(self) -> None:
        self.written.append(None)

    def is_closing(self) -> bool:
        return None in self.written

    def pause_reading(self) -> None:
        pass

    resume_reading = pause_reading


@pytest.fixture
def wire() -> Wire:
    return Wire()


def _exchange(wire: Wire, method: str = "GET", *, keep_alive: bool = True) -> Exchange:
    return Exchange(
        scope={"method": method},  # type: ignore[typeddict-item]
        transport=wire,
        flow=FlowControl(wire),
        logger=None,  # type: ignore[arg-type]
        access_logger=None,  # type: ignore[arg-type]
        access_log=False,
        default_headers=[(b"date", b"now")],
        message_event=asyncio.Event(),
        expect_100_continue=False,
        keep_alive=keep_alive,
        on_response=lambda: None,
    )


async def _begin(
    exchange: Exchange, headers: dict[str, str] | None = None, status: int = 200
) -> None:
    sent = [(name.encode(), value.encode()) for name, value in (headers or {}).items()]
    await exchange.send({"type": "http.response.start", "status": status, "headers": sent})


async def _go_on(exchange: Exchange, body: bytes, *, more: bool = False) -> None:
    await exchange.send({"type": "http.response.body", "body": body, "more_body": more})


def _length(body: bytes) -> dict[str, str]:
    return {"content-length": str(len(body))}


@pytest.mark.parametrize("body", [b"", b"{}", b"a" * (LONG - 1)])
async def test_head_and_body_are_one_write(wire: Wire, body: bytes) -> None:
    exchange = _exchange(wire)
    await _begin(exchange, _length(body))
    assert wire.written == []
    await _go_on(exchange, body)

    head = b"HTTP/1.1 200 OK\r\ndate: now\r\ncontent-length: %d\r\n\r\n" % len(body)
    assert wire.written == [head + body]


async def test_a_long_body_is_not_copied(wire: Wire) -> None:
    body = b"a" * LONG
    exchange = _exchange(wire)
    await _begin(exchange, _length(body))
    await _go_on(exchange, body)

    assert [len(each or b"") for each in wire.written][1:] == [LONG]


async def test_a_piece_of_a_stream_does_not_wait_for_the_next(wire: Wire) -> None:
    exchange = _exchange(wire)
    await _begin(exchange)
    for body, more in ((b"one", True), (b"", True), (b"2" * LONG, True), (b"", False)):
        await _go_on(exchange, body, more=more)

    head = b"HTTP/1.1 200 OK\r\ndate: now\r\ntransfer-encoding: chunked\r\n\r\n"
    assert wire.written == [
        head + b"3\r\none\r\n",
        b"10000\r\n" + b"2" * LONG + b"\r\n",
        b"0\r\n\r\n",
    ]


@pytest.mark.parametrize(("method", "status"), [("HEAD", 200), ("GET", 204), ("GET", 304)])
async def test_an_answer_without_a_body_has_a_head_alone(
    wire: Wire, method: str, status: int
) -> None:
    exchange = _exchange(wire, method)
    await _begin(exchange, status=status)
    await _go_on(exchange, b"")

    [head] = wire.written
    assert head is not None
    assert head.endswith(b"date: now\r\n\r\n")


@pytest.mark.parametrize("says", [{}, {"connection": "close"}])
async def test_the_last_answer_says_so_once(wire: Wire, says: dict[str, str]) -> None:
    exchange = _exchange(wire, keep_alive=bool(says))
    await _begin(exchange, _length(b"") | says)
    await _go_on(exchange, b"")

    head, end = wire.written
    assert head is not None
    assert head.count(b"connection: close\r\n") == 1
    assert end is None


async def test_who_has_left_gets_nothing(wire: Wire) -> None:
    exchange = _exchange(wire)
    exchange.disconnected = True
    await _begin(exchange)
    await _go_on(exchange, b"")

    assert wire.written == []


@pytest.mark.parametrize("value", ["a\r\nb: c", "a\nb", "a\rb", "a\0"])
async def test_no_header_breaks_the_head(wire: Wire, value: str) -> None:
    with pytest.raises(RuntimeError, match="control character"):
        await _begin(_exchange(wire), {"etag": value})

    assert wire.written == []


@pytest.mark.parametrize("told", [b"", b"abc"])
async def test_an_answer_is_as_long_as_its_head_says(wire: Wire, told: bytes) -> None:
    exchange = _exchange(wire)
    await _begin(exchange, _length(told))
    with pytest.raises(RuntimeError, match="as long as"):
        await _go_on(exchange, b"ab")


async def test_nothing_follows_the_end(wire: Wire) -> None:
    exchange = _exchange(wire)
    await _begin(exchange)
    await _go_on(exchange, b"a")
    with pytest.raises(RuntimeError, match="after the end"):
        await _go_on(exchange, b"b")


@asynccontextmanager
async def _connection(
    keep_alive_s: float = 30.0, read_timeout_s: float = 30.0, state: ServerState | None = None
) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """A connection to an app that answers with what it is sent, at once or, where that ends on
    `!`, after three times `SOON_S`; at `/fields` with the names in the head, at any other path but
    `/echo` with the path.
    """

    async def echo(scope: Any, receive: Any, send: Any) -> None:  # noqa: ANN401
        message = await receive()
        body = message["body"]
        while message["more_body"]:
            message = await receive()
            body += message["body"]
        await asyncio.sleep(SOON_S * 3 if body.endswith(b"!") else 0)
        if scope["path"] == "/fields":
            body = b",".join(name for name, _ in scope["headers"])
        elif scope["path"] != "/echo":
            body = scope["path"].encode()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": body})

    config = uvicorn.Config(echo, timeout_keep_alive=keep_alive_s, log_config=None)  # type: ignore[arg-type]
    make = bounded_protocol(read_timeout_s, 1000)
    state = ServerState() if state is None else state
    server = await asyncio.get_running_loop().create_server(
        lambda: make(config=config, server_state=state, app_state={}), "127.0.0.1", 0
    )
    async with server, asyncio.timeout(180):
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        try:
            yield reader, writer
        finally:
            writer.close()
            while state.connections:  # noqa: ASYNC110 - the other end tells nobody
                await asyncio.sleep(0)


async def _read_so_far(state: ServerState) -> None:
    """Wait until the head of a request was read, and with it what was sent with it."""
    connections: Any = state.connections
    while not any(each.cycle for each in connections):  # noqa: ASYNC110 - it tells nobody
        await asyncio.sleep(0)


def _bodies(answers: bytes) -> list[bytes]:
    return [each.split(b"\r\n")[1] for each in answers.split(b"\r\n\r\n")[1::2]]


async def test_requests_sent_at_once_are_answered_in_turn() -> None:
    async with _connection(keep_alive_s=SOON_S) as (reader, writer):
        writer.write(ASK + b"1!" + ASK + b"22" + ASK + b"3!")

        assert _bodies(await reader.read()) == [b"1!", b"22", b"3!"]


@pytest.mark.parametrize("piece", [10_000, 1_000_000])
async def test_so_many_requests_are_answered_as_may_wait_for_others(piece: int) -> None:
    sent = ASK + b"1!" + (ASK + b"22") * 2000
    async with _connection() as (reader, writer):
        for start in range(0, len(sent), piece):
            writer.write(sent[start : start + piece])
            await asyncio.sleep(0)
        answers = await reader.read()

        first, *others = _bodies(answers)
        assert (first, set(others)) == (b"1!", {b"22"})
        assert MOST_WAITING <= len(others) < MOST_WAITING * 2
        assert answers.count(b"connection: close") == 1


@asynccontextmanager
async def _held(wire: Wire) -> AsyncIterator[BoundedProtocol]:
    """A connection whose requests are answered at the end."""
    told = asyncio.Event()

    async def wait(_: object, __: object, send: Any) -> None:  # noqa: ANN401
        await told.wait()
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body"})

    config = uvicorn.Config(wait, log_config=None)
    make = bounded_protocol(30.0, 1000)
    protocol = make(config=config, server_state=ServerState(), app_state={})
    protocol.connection_made(wire)
    yield protocol
    protocol.pipeline.clear()
    told.set()
    await asyncio.gather(*protocol.tasks)
    protocol.connection_lost(None)


async def test_no_more_requests_are_kept_than_may_wait(wire: Wire) -> None:
    async with _held(wire) as protocol:
        for _ in range(3):
            protocol.data_received((ASK + b"22") * 200)
        assert len(protocol.pipeline) == MOST_WAITING


async def test_who_left_gets_nothing_of_several_answers_either(wire: Wire) -> None:
    async with _held(wire) as protocol:
        protocol.data_received((ASK + b"22") * 2)
        protocol.connection_lost(ConnectionResetError())

    assert wire.written == [None]


@pytest.mark.parametrize(
    "behind", [b"\0\0\r\n\r\n", b"GET /a HTTP/1.1\r\na: %b\r\n\r\n" % (b"b" * 1000)]
)
async def test_what_is_refused_does_not_take_the_answers_before_along(behind: bytes) -> None:
    async with _connection() as (reader, writer):
        writer.write(ASK + b"1!" + ASK + b"22" + behind)

        assert _bodies(await reader.read()) == [b"1!", b"22"]


async def test_a_connection_without_a_request_ends() -> None:
    loop = asyncio.get_running_loop()
    async with _connection(keep_alive_s=SOON_S) as (reader, writer):
        for body in (b"11", b"22"):
            asked = loop.time()
            writer.write(ASK + body)
            await reader.readuntil(b"0\r\n\r\n")

        assert await reader.read() == b""
        assert loop.time() - asked > SOON_S * 0.9


async def test_a_request_at_work_is_not_cut() -> None:
    async with _connection(SOON_S / 2, SOON_S / 2) as (reader, writer):
        writer.write(ASK + b"1!")

        assert _bodies(await reader.read()) == [b"1!"]


@pytest.mark.parametrize("before", [b"", ASK + b"11"])
async def test_half_a_head_has_its_time(before: bytes) -> None:
    async with _connection(read_timeout_s=SOON_S) as (reader, writer):
        if before:
            writer.write(before)
            await reader.readuntil(b"0\r\n\r\n")
        writer.write(ASK[:20])

        assert (await reader.read()).startswith(b"HTTP/1.1 408 ")


@pytest.mark.parametrize("cut", [len(ASK) - 1, len(ASK) + 1, len(ASK) + 2, None])
async def test_a_long_head_is_not_served_behind_another_either(cut: int | None) -> None:
    long = b"POST / HTTP/1.1\r\ncontent-length: 2\r\na: %b\r\n\r\n22" % (b"b" * 1000)
    sent = ASK + b"11" + long
    async with _connection() as (reader, writer):
        writer.write(sent[:cut])
        await asyncio.sleep(0 if cut is None else SOON_S / 2)  # two pieces are read one by one
        writer.write(sent[len(sent) if cut is None else cut :])

        assert (await reader.read()).count(b"HTTP/1.1 200") <= 1


WISH = ASK.replace(
    b"\r\n\r\n",
    b"\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMA\r\n\r\n",
)
CHUNKED = b"POST %b HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n2\r\n11\r\n0\r\n"
LAST = b"GET /last HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n"


@pytest.mark.parametrize("piece", [1, 40, len(WISH) + 1, len(WISH) + 2, 1000])
async def test_a_wish_for_another_protocol_is_overlooked(piece: int) -> None:
    sent = WISH + b"11" + WISH.replace(b"h2c", b"websocket") + b"22" + ASK + b"33" + LAST
    async with _connection() as (reader, writer):
        for start in range(0, len(sent), piece):
            writer.write(sent[start : start + piece])
            await asyncio.sleep(0)

        assert _bodies(await reader.read()) == [b"11", b"22", b"33", b"/last"]


async def test_a_head_that_wishes_for_another_protocol_keeps_its_other_fields() -> None:
    sent = WISH.replace(b"/echo", b"/fields").replace(b"Upgrade,", b"Upgrade, close,")
    async with _connection() as (reader, writer):
        writer.write(sent + b"11" + LAST)

        answers = await reader.read()
        assert b"connection: close" in answers
        assert _bodies(answers) == [b"host,content-length,connection"]


async def test_fields_behind_a_body_are_dropped() -> None:
    async with _connection() as (reader, writer):
        writer.write(CHUNKED % b"/fields" + b"authorization: Bearer a\r\n\r\n" + LAST)

        assert _bodies(await reader.read()) == [b"host,transfer-encoding", b"/last"]


@pytest.mark.parametrize(
    "endless", [b"a: b\r\n" * 300, b"a: " + b"b" * 1500, b"a" * 1500], ids=["many", "long", "name"]
)
async def test_fields_behind_a_body_have_bounds(endless: bytes) -> None:
    state = ServerState()
    async with _connection(state=state) as (reader, writer):
        writer.write(CHUNKED % b"/echo")
        await _read_so_far(state)  # what comes with the body is read with it
        writer.write(endless)

        assert (await reader.read()).startswith(b"HTTP/1.1 431 ")


async def test_what_stands_behind_the_length_of_a_chunk_has_bounds() -> None:
    state = ServerState()
    async with _connection(state=state) as (reader, writer):
        writer.write(CHUNKED.partition(b"2\r\n")[0] % b"/echo" + b"2;")
        await _read_so_far(state)
        writer.write(b"a" * 1500)

        assert (await reader.read()).startswith(b"HTTP/1.1 431 ")


async def test_http_1_0_is_answered_without_chunks() -> None:
    async with _connection() as (reader, writer):
        writer.write(ASK.replace(b"1.1", b"1.0") + b"11")
        head, _, body = (await reader.read()).partition(b"\r\n\r\n")

        assert b"transfer-encoding" not in head
        assert b"connection: close" in head
        assert body == b"11"


@pytest.mark.parametrize(
    "hosts",
    [
        b"",
        b"host: a\r\nHost: a\r\n",
        b"host: a/b\r\n",
        b"host: a b\r\n",
        b"host: u@a\r\n",
        b"host: a:b\r\n",
        b"host: a, b\r\nhost: c\r\n",
    ],
)
async def test_a_request_names_its_host_once(hosts: bytes) -> None:
    async with _connection() as (reader, writer):
        writer.write(b"GET /a HTTP/1.1\r\n%b\r\n" % hosts + LAST)

        answers = await reader.read()
        assert answers.startswith(b"HTTP/1.1 400 ")
        assert answers.count(b"x-request-id") == 1


@pytest.mark.parametrize(
    ("version", "hosts"),
    [
        (b"1.0", b""),
        (b"1.1", b"host:\r\n"),
        (b"1.1", b"Host: [::1]:8080\r\n"),
        (b"1.1", b"HOST: xn--bcher-kva.example.:80\r\n"),
        (b"1.1", b"host: sub_domain.example\r\n"),
    ],
)
async def test_a_host_is_named_as_it_may_be(version: bytes, hosts: bytes) -> None:
    async with _connection() as (reader, writer):
        writer.write(b"GET /a HTTP/%b\r\n%bconnection: close\r\n\r\n" % (version, hosts))

        assert (await reader.read()).startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize(
    ("target", "path"),
    [
        (b"http://a", b"/"),
        (b"http://a?b=c", b"/"),
        (b"http://a/b", b"/b"),
        (b"//a/b", b"//a/b"),
        (b"*", b"*"),
    ],
)
async def test_an_address_is_read_as_it_may_be_written(target: bytes, path: bytes) -> None:
    async with _connection() as (reader, writer):
        writer.write(LAST.replace(b"/last", target))

        assert _bodies(await reader.read()) == [path]


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400),
        (b"CONNECT a:80 HTTP/1.1\r\nhost: a\r\n\r\n", 400),
        (b"GET /a HTTP/1.1\r\ncontent-length: -1\r\n\r\n", 400),
        (b"GET /a HTTP/2.0\r\nhost: a\r\n\r\n", 400),
        (CHUNKED.replace(b": chunked", b": gzip, chunked") % b"/echo" + b"\r\n", 400),
        (CHUNKED.replace(b"11\r\n", b"111") % b"/echo", 400),
        (b"GET /a HTTP/1.1\r\na: %b\r\n\r\n" % (b"b" * 1000), 431),
        (b"GET /a", 408),
    ],
)
async def test_who_is_refused_before_a_request_is_there_reads_a_problem(
    sent: bytes, status: int
) -> None:
    async with _connection(read_timeout_s=SOON_S if status == 408 else 30.0) as (reader, writer):
        writer.write(sent)
        head, _, body = (await reader.read()).partition(b"\r\n\r\n")

        told = Problem.model_validate_json(body)
        assert head.startswith(b"HTTP/1.1 %d " % status)
        assert b"content-type: application/problem+json" in head
        assert b"x-request-id: %b\r\n" % told.request_id.encode() in head
        assert told.status == status
