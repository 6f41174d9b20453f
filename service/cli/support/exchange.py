"""A request and its answer on a connection: uvicorn's own, whose answer is written at once.

uvicorn writes head and body one after the other, each as it comes: two calls of the kernel, two
packets, and two looks of the reader. The head is held back here until there is a piece of the body,
as ASGI wants it (https://asgi.readthedocs.io/en/stable/specs/www.html, "Response Start").
"""

from collections.abc import Iterable
from typing import Any, Final

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, RequestResponseCycle

LONG: Final = 65_536
"""Bytes from which on writing twice is cheaper than copying."""

_END: Final = b"\r\n"
_TEXT: Final = bytes({9, *range(32, 256)} - {127})
"""What stands in a line of a head: no control character but the tab (RFC 9110, 5.5)."""
_BARE: Final = frozenset({204, 304})
"""Answers without a body (RFC 9112, 6.3)."""


class Exchange(RequestResponseCycle):
    """A request and its answer."""

    _head = b""
    _ends_with_connection = False

    async def send(self, message: Any) -> None:  # noqa: ANN401 - uvicorn's unions
        """Take the head of the answer, or write a piece of its body once the reader keeps up."""
        if self.flow.write_paused and not self.disconnected:
            await self.flow.drain()
        if self.disconnected:
            return
        if not self.response_started:
            self._head = self._begin(message["status"], message["headers"])
            self.response_started = True
            self.waiting_for_100_continue = False
        elif self.response_complete:
            message = "more is sent after the end of the answer"
            raise RuntimeError(message)
        else:
            self._write(message.get("body", b""), is_last=not message.get("more_body", False))

    def _begin(self, status: int, headers: Iterable[tuple[bytes, bytes]]) -> bytes:
        """Return a head as it is written, and keep how the end of the body will be known."""
        lines = [STATUS_LINE[status]]
        says_close = False
        for name, value in (*self.default_headers, *headers):
            if name == b"content-length":
                self.chunked_encoding = False
                self.expected_content_length = int(value)
            elif name == b"connection" and b"close" in value.lower():
                says_close, self.keep_alive = True, False
            lines.append(b"%b: %b\r\n" % (name, value))
        if not self.keep_alive and not says_close:
            lines.append(b"connection: close\r\n")
        if self.chunked_encoding is None and status not in _BARE and self.scope["method"] != "HEAD":
            if self.scope.get("http_version") == "1.0":  # knows no chunks (RFC 9112, 6.1)
                self._ends_with_connection = True
            else:
                self.chunked_encoding = True
                lines.append(b"transfer-encoding: chunked\r\n")
        lines.append(_END)
        head = b"".join(lines)
        if head.translate(None, _TEXT) != _END * len(lines):
            message = "a header of the answer has a control character in it"
            raise RuntimeError(message)
        return head

    def _write(self, body: bytes, *, is_last: bool) -> None:
        """Write a piece of the body, behind the head if that is not written yet."""
        if self.scope["method"] == "HEAD":
            body, self.expected_content_length = b"", 0
        elif self.chunked_encoding:
            body = b"%x\r\n%b\r\n" % (len(body), body) if body else b""
            if is_last:
                body += b"0\r\n\r\n"
        elif not self._ends_with_connection:
            self.expected_content_length -= len(body)
            if self.expected_content_length < 0 or (is_last and self.expected_content_length):
                message = "the answer is not as long as its head says"
                raise RuntimeError(message)
        head, self._head = self._head, b""
        if head and len(body) >= LONG:
            self.transport.write(head)
            head = b""
        if written := head + body:
            self.transport.write(written)
        if is_last:
            self.response_complete = True
            self.message_event.set()
            if not self.keep_alive:
                self.transport.close()
            self.on_response()
