"""uvicorn's protocol with bounds: how long a request's head may take and how long it may be.

uvicorn has none of them (https://www.uvicorn.org/settings/#timeouts): half a head would hold a
connection for ever. One timer a connection looks whether its time is up; to begin and to cancel one
for each request costs more than reading it.
"""

import asyncio
from functools import partial
from typing import Any
from urllib.parse import unquote

import httptools
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from service.cli.support.exchange import Exchange

_SLOW = b"408 Request Timeout", b"The head of the request did not arrive in time."
_LONG = b"431 Request Header Fields Too Large", b"The head of the request is too long."


class BoundedProtocol(HttpToolsProtocol):
    """A connection whose requests' heads arrive within bounds, or that is closed."""

    def __init__(self, *, read_timeout_s: float, max_header_bytes: int, **rest: Any) -> None:  # noqa: ANN401 - uvicorn's own
        """As uvicorn's own; a head takes `read_timeout_s` and `max_header_bytes` at most."""
        super().__init__(**rest)
        self._read_timeout_s = read_timeout_s
        self._max_header_bytes = max_header_bytes
        self._due: float | None = None  # the loop's time; None while a request is served
        self._timer: asyncio.TimerHandle | None = None
        self._awaits_head = True
        self._arrived = 0  # bytes since the head began, while it is not whole
        self._is_refused = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Expect a head."""
        super().connection_made(transport)
        self._due = self.loop.time() + self._read_timeout_s
        self._look()

    def connection_lost(self, exc: Exception | None) -> None:
        """Expect nothing more."""
        if self._timer is not None:
            self._timer.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read on, if the head is still within its bounds."""
        if self._is_refused:
            return
        is_first = not self._arrived
        self._most_head_bytes = self._arrived + len(data)
        if self._awaits_head:
            self._arrived += len(data)
        super().data_received(data)
        if self._is_refused or not self._awaits_head or not self._arrived:
            return
        if self._arrived > self._max_header_bytes:
            self._refuse(_LONG)
        elif is_first and not self._is_busy():
            self._due = self.loop.time() + self._read_timeout_s

    def on_headers_complete(self) -> None:
        """Serve the request, if its head was not too long: as uvicorn does, by our exchange."""
        self._awaits_head = False
        self._due = None
        if self._most_head_bytes > self._max_header_bytes and self._is_long():
            self._refuse(_LONG)
            return
        scope, parser = self.scope, self.parser
        scope["method"] = parser.get_method().decode("ascii")
        scope["http_version"] = version = parser.get_http_version()
        address = httptools.parse_url(self.url)
        path = address.path.decode("ascii")
        scope["path"] = self.root_path + (unquote(path) if "%" in path else path)
        scope["raw_path"] = self.root_path.encode("ascii") + address.path
        scope["query_string"] = address.query or b""
        before = self.cycle
        self.cycle = Exchange(
            scope=scope,
            transport=self.transport,
            flow=self.flow,
            logger=self.logger,
            access_logger=self.access_logger,
            access_log=False,
            default_headers=self.server_state.default_headers,
            message_event=asyncio.Event(),
            expect_100_continue=self.expect_100_continue,
            keep_alive=version != "1.0" and parser.should_keep_alive(),
            on_response=self.on_response_complete,
        )
        if before is None or before.response_complete:
            self._start_asgi_task(self.cycle, self.app)
        else:  # it came before the answer to the one before
            self.flow.pause_reading()
            self.pipeline.appendleft((self.cycle, self.app))

    def on_body(self, body: bytes) -> None:
        """Take a piece of the body."""
        if not self._is_refused:
            super().on_body(body)

    def on_message_complete(self) -> None:
        """Expect the next head."""
        self._awaits_head, self._arrived = True, 0
        if not self._is_refused:
            super().on_message_complete()

    def on_response_complete(self) -> None:
        """Serve the next request, or wait for it."""
        self.server_state.total_requests += 1
        if self.transport.is_closing():
            return
        self.flow.resume_reading()
        if self.pipeline:
            self._start_asgi_task(*self.pipeline.pop())
        else:
            self._due = self.loop.time() + self.timeout_keep_alive

    def shutdown(self) -> None:
        """End: tell the application, which then answers the requests under way."""
        super().shutdown()
        stop = self.app_state.get("stop")
        if stop is not None:
            stop()

    def _is_busy(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    def _is_long(self) -> bool:
        """Return whether the head is too long: each header with its colon, space and line end."""
        lengths = (len(name) + len(value) + 4 for name, value in self.headers)
        return len(self.url) + sum(lengths) > self._max_header_bytes

    def _look(self) -> None:
        """Close the connection if its time is up; else look again when it may be."""
        now = self.loop.time()
        if self._due is not None and self._due <= now:
            self._refuse(_SLOW if self._arrived else None)
            return
        soonest = min(self._read_timeout_s, self.timeout_keep_alive)  # of what is set meanwhile
        wait_s = soonest if self._due is None else min(soonest, self._due - now)
        self._timer = self.loop.call_later(wait_s, self._look)

    def _refuse(self, told: tuple[bytes, bytes] | None) -> None:
        """Close the connection, with an answer where somebody began to ask."""
        self._is_refused = True
        if told is not None and not self._is_busy():
            status, text = told
            self.transport.write(
                b"HTTP/1.1 " + status + b"\r\ncontent-type: text/plain; charset=utf-8\r\n"
                b"content-length: %d\r\nconnection: close\r\n\r\n" % len(text) + text,
            )
        self.transport.close()


def bounded_protocol(read_timeout_s: float, max_header_bytes: int) -> Any:  # noqa: ANN401 - uvicorn wants a class; processes want what can be pickled
    """Return what uvicorn makes its connections by."""
    return partial(
        BoundedProtocol, read_timeout_s=read_timeout_s, max_header_bytes=max_header_bytes
    )
