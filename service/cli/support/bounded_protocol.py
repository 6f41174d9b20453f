"""uvicorn's protocol with bounds: how long a request's head may take and how long it may be.

uvicorn has none of them (https://www.uvicorn.org/settings/#timeouts): half a head would hold a
connection for ever.
"""

import asyncio
from functools import partial
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from service.cli.support.joined_writes import JoinedWrites

_SLOW = b"408 Request Timeout", b"The head of the request did not arrive in time."
_LONG = b"431 Request Header Fields Too Large", b"The head of the request is too long."


class BoundedProtocol(HttpToolsProtocol):
    """A connection whose requests' heads arrive within bounds, or that is closed."""

    def __init__(self, *, read_timeout_s: float, max_header_bytes: int, **rest: Any) -> None:  # noqa: ANN401 - uvicorn's own
        """As uvicorn's own; a head takes `read_timeout_s` and `max_header_bytes` at most."""
        super().__init__(**rest)
        self._read_timeout_s = read_timeout_s
        self._max_header_bytes = max_header_bytes
        self._head_timer: asyncio.TimerHandle | None = None
        self._awaits_head = True
        self._arrived = 0  # bytes since the head began, while it is not whole
        self._is_refused = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Expect a head."""
        super().connection_made(JoinedWrites(transport, self.loop.call_soon))
        self._head_timer = self.loop.call_later(self._read_timeout_s, self._give_up)

    def connection_lost(self, exc: Exception | None) -> None:
        """Expect nothing more."""
        self._disarm()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read on, if the head is still within its bounds."""
        if self._is_refused:
            return
        if self._awaits_head:
            self._arrived += len(data)
        super().data_received(data)
        if self._is_refused or not self._awaits_head or not self._arrived:
            return
        if self._arrived > self._max_header_bytes:
            self._refuse(_LONG)
        elif self._head_timer is None and not self._is_busy():
            self._head_timer = self.loop.call_later(self._read_timeout_s, self._give_up)

    def on_headers_complete(self) -> None:
        """Serve the request, if its head was not too long."""
        self._awaits_head = False
        self._disarm()
        # each header with its colon, space and line end
        head_bytes = len(self.url) + sum(len(name) + len(value) + 4 for name, value in self.headers)
        if head_bytes > self._max_header_bytes:
            self._refuse(_LONG)
            return
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Take a piece of the body."""
        if not self._is_refused:
            super().on_body(body)

    def on_message_complete(self) -> None:
        """Expect the next head."""
        self._awaits_head, self._arrived = True, 0
        if not self._is_refused:
            super().on_message_complete()

    def shutdown(self) -> None:
        """End: tell the application, which then answers the requests under way."""
        super().shutdown()
        stop = self.app_state.get("stop")
        if stop is not None:
            stop()

    def _is_busy(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    def _disarm(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _give_up(self) -> None:
        self._head_timer = None
        if not self._is_busy():
            self._refuse(_SLOW if self._arrived else None)

    def _refuse(self, told: tuple[bytes, bytes] | None) -> None:
        """Close the connection, with an answer where somebody began to ask."""
        self._is_refused = True
        self._disarm()
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
