"""One HTTP/1.1 connection, one exchange at a time, read by httptools as its bytes arrive
(RFC 9112).

httpcore under httpx does the same in pure Python, at six times the cost, and its pool looks at
every connection for every request (docs/decisions/0025).
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable
from typing import Any, Final, cast

import httptools
import httpx

MOST_HEAD_BYTES: Final = 100 * 1024
"""Of a head, those of interim answers before it included."""
MOST_FRAMING_BYTES: Final = 1024 * 1024
"""Of sizes of chunks and trailers around a body."""
MOST_WAITING_BYTES: Final = 64 * 1024
"""Of a body that nobody has taken yet; from there on the other side has to wait."""
_FIRST_FINAL: Final = 200


class HttpConnection(asyncio.Protocol):
    """The client's end. `is_open` until either side closes; `on_lost` is told of that."""

    def __init__(self) -> None:
        """Wait for a transport, as asyncio's protocols do."""
        self.is_open = False
        self.on_lost: Callable[[HttpConnection], None] = lambda _: None
        self.idle_since = 0.0
        self.status = 0
        self.headers: list[tuple[bytes, bytes]] = []
        self._transport: asyncio.Transport
        self._parser: httptools.HttpResponseParser | None = None
        self._changed: asyncio.Future[None] | None = None
        self._is_paused = self._is_whole = self._has_head = self._has_length = False
        self._begin()

    async def exchange(self, request: bytes) -> None:
        """Send a request and wait for the head of its answer: `status`, `headers`. Raises
        `httpx.TransportError`.
        """
        self._begin()
        self._parser = httptools.HttpResponseParser(self)
        self._transport.write(request)
        while not self._has_head:
            await self._news()

    async def body(self) -> AsyncIterator[bytes]:
        """Yield the body as it arrives. Raises `httpx.TransportError`."""
        while True:
            if self._chunks:
                chunk = self._chunks.popleft()
                self._waiting_bytes -= len(chunk)
                if self._is_paused and self._waiting_bytes < MOST_WAITING_BYTES:
                    self._is_paused = False
                    self._transport.resume_reading()
                yield chunk
            elif self._is_whole:
                return
            else:
                await self._news()

    @property
    def is_reusable(self) -> bool:
        """Whether another exchange may follow: this one is whole, and both sides want to go on."""
        return self.is_open and self._is_whole and self._keeps and self._fault is None

    def close(self) -> None:
        """Close at once, whatever is under way."""
        self.is_open = False
        self._transport.abort()

    # --- what asyncio calls ---

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        self._transport = cast("asyncio.Transport", transport)
        self.is_open = True

    def data_received(self, data: bytes) -> None:
        """Read what came; what comes unasked ends the connection."""
        if self._parser is None or self._is_whole:
            self._fail("an answer came that nobody asked for")
            return
        self._taken += len(data)
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade):
            self._fail("what came is no HTTP/1.1")
            return
        most = MOST_FRAMING_BYTES if self._has_head else MOST_HEAD_BYTES
        if self._taken - self._body_bytes > most:
            self._fail("a head is too long")
        elif self._waiting_bytes > MOST_WAITING_BYTES and not self._is_paused:
            self._is_paused = True
            self._transport.pause_reading()
        self._wake()

    def connection_lost(self, exc: Exception | None) -> None:
        """Take note of the end, which is that of a body without a length too (RFC 9112, 6.3)."""
        self.is_open = False
        if exc is None and self._has_head and not self._has_length and self._fault is None:
            self._is_whole = True
        elif not self._is_whole:
            self._fail("the connection ended in the middle of an answer")
        self._wake()
        self.on_lost(self)

    # --- what httptools calls ---

    def on_message_begin(self) -> None:
        """Refuse a second answer to one request."""
        if self._is_whole:
            self._fail("a second answer came")

    def on_status(self, status: bytes) -> None:
        """Count the words of a status."""
        self._head_bytes += len(status)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Keep a header; trailers are not read."""
        if not self._has_head:
            self._head_bytes += len(name) + len(value)
            self.headers.append((name, value))

    def on_headers_complete(self) -> None:
        """Read the head; an interim answer is passed by (RFC 9110, 15.2)."""
        if self._parser is None or self._is_whole:
            return
        if self._head_bytes > MOST_HEAD_BYTES:  # all of which came at once
            self._fail("a head is too long")
            return
        self.status = self._parser.get_status_code()
        if self.status < _FIRST_FINAL:
            self.headers = []
            return
        self._has_head = True
        self._keeps = self._parser.should_keep_alive()
        names = {name.lower() for name, _ in self.headers}
        self._has_length = bool(names & {b"content-length", b"transfer-encoding"})

    def on_body(self, body: bytes) -> None:
        """Keep a piece of the body; what comes behind the whole is nobody's."""
        if self._is_whole:
            return
        self._chunks.append(body)
        self._body_bytes += len(body)
        self._waiting_bytes += len(body)

    def on_message_complete(self) -> None:
        """Take note that the answer is whole, if it is one."""
        self._is_whole = self._has_head

    # --- the rest ---

    def _begin(self) -> None:
        self.headers = []
        self._chunks: deque[bytes] = deque()
        self._taken = self._head_bytes = self._body_bytes = self._waiting_bytes = 0
        self._has_head = self._is_whole = self._keeps = self._has_length = False
        self._is_paused = False
        self._fault: str | None = None

    async def _news(self) -> None:
        """Wait until something has changed."""
        if self._fault is None and not self.is_open:
            self._fault = "the connection has ended"
        if self._fault is not None:
            raise httpx.RemoteProtocolError(self._fault)
        self._changed = asyncio.get_running_loop().create_future()
        await self._changed

    def _wake(self) -> None:
        if self._changed is not None and not self._changed.done():
            self._changed.set_result(None)

    def _fail(self, fault: str) -> None:
        self._fault = self._fault or fault
        self.close()
        self._wake()


def request_of(request: httpx.Request) -> bytes:
    """Write a request without a body. Raises `httpx.LocalProtocolError` for a header that would be
    read as more than one.
    """
    lines: list[bytes] = [b"%s %s HTTP/1.1" % (request.method.encode(), request.url.raw_path)]
    lines += [b"%s: %s" % header for header in request.headers.raw]
    if any(b"\r" in line or b"\n" in line or b"\0" in line for line in lines):
        message = "a header holds the end of a line"
        raise httpx.LocalProtocolError(message)
    return b"\r\n".join((*lines, b"", b""))


def answer_of(connection: HttpConnection, done: Callable[[HttpConnection], Any]) -> httpx.Response:
    """Return the answer whose head has come; `done` is told when nobody wants more of it."""
    return httpx.Response(
        connection.status,
        headers=connection.headers,
        stream=_Body(connection, done),
    )


class _Body(httpx.AsyncByteStream):
    def __init__(self, connection: HttpConnection, done: Callable[[HttpConnection], Any]) -> None:
        self._connection = connection
        self._done: Callable[[HttpConnection], Any] | None = done

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self._connection.body()

    async def aclose(self) -> None:
        if self._done is not None:
            done, self._done = self._done, None
            done(self._connection)
