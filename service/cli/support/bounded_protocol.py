"""uvicorn's protocol with bounds: how long a request's head may take and how long it may be.

uvicorn has none of them (https://www.uvicorn.org/settings/#timeouts): half a head would hold a
connection for ever. One timer a connection looks whether its time is up; to begin and to cancel one
for each request costs more than reading it. Fields behind a body (RFC 9112, 7.1.2) are dropped, and
count as a head does.

No other protocol is spoken: a wish for one is overlooked, as RFC 9110, 7.8 allows. The parser takes
what follows such a head for another protocol's, a body too, so the head is read again without it.
Java's own client wishes for HTTP/2 with every first request.
"""

import asyncio
import logging
import re
from collections.abc import Iterable
from functools import partial
from typing import Any, cast
from urllib.parse import unquote

import httptools
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from service.api.door.request_state import OTHER, new_id
from service.api.problems import MEDIA_TYPE, ProblemError, as_json
from service.cli.support.exchange import Exchange

_SLOW = ProblemError(408, "timeout", "The head of the request did not arrive in time.")
_LONG = ProblemError(431, "head_too_large", "The head of the request is too long.")
_BAD = ProblemError(400, "bad_http", "This is no request of HTTP/1.1.")
_NO_HOST = ProblemError(400, "bad_http", "A request of HTTP/1.1 names its host in one line, Host.")
_CODED = ProblemError(400, "bad_http", "Send the body chunked at most, in no other coding.")
_SPOKEN = frozenset({"1.0", "1.1"})
_HOST = re.compile(rb"(?:[\w.~!$&'()*+,;=%-]*|\[[0-9A-Fa-fv:.]+\])(?::[0-9]*)?", re.ASCII)
"""What names a host, or nothing (RFC 9110, 7.2)."""

MOST_WAITING = 100
"""Requests of a connection that may wait for the answers before theirs; no more are read."""

_UPGRADE = frozenset({b"upgrade", b"http2-settings"})
_log = logging.getLogger("tweet_embed.serve")


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
        self._arrived = 0  # bytes since a head began, or since the last piece of a body
        self._is_refused = False
        self._answering: Exchange | None = None  # uvicorn knows the last of several alone
        self._plain_head: bytes | None = None  # one that was read and wished for another protocol

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Expect a head."""
        super().connection_made(transport)
        self._due = self.loop.time() + self._read_timeout_s
        self._look()

    def connection_lost(self, exc: Exception | None) -> None:
        """Expect nothing more, and tell who answers."""
        if self._timer is not None:
            self._timer.cancel()
        if self._answering is not None and not self._answering.response_complete:
            self._answering.disconnected = True
            self._answering.message_event.set()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read on, if the head is still within its bounds."""
        if self._is_refused:
            return
        is_first = not self._arrived
        self._most_head_bytes = self._arrived + len(data)
        self._arrived += len(data)
        try:
            self._read(data)
        except httptools.HttpParserError:
            _log.info("a request that cannot be read was refused")
            self._refuse(_BAD)
        if self._is_refused or not self._arrived:
            return
        if self._arrived > self._max_header_bytes:
            self._refuse(_LONG)
        elif is_first and self._awaits_head and not self._is_busy():
            self._due = self.loop.time() + self._read_timeout_s

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a field of the head, as uvicorn does; one behind the body is dropped."""
        if self._awaits_head:
            name = name.lower()
            if name == b"expect" and value.lower() == b"100-continue":
                self.expect_100_continue = True
            self.headers.append((name, value))

    def on_headers_complete(self) -> None:
        """Serve the request, if its head was not too long: as uvicorn does, by our exchange."""
        if self._is_refused:
            return
        if self._most_head_bytes > self._max_header_bytes and self._is_long():
            self._refuse(_LONG)
            return
        scope, parser = self.scope, self.parser
        method, version = parser.get_method(), parser.get_http_version()
        fault = _fault_of(self.headers, version)
        if fault is not None:
            self._refuse(fault)
            return
        if parser.should_upgrade():
            if method == b"CONNECT":  # this is no proxy
                self._refuse(_BAD)
            else:
                self._plain_head = _without_upgrade(method, self.url, version, self.headers)
            return
        scope["method"] = method.decode("ascii")
        scope["http_version"] = version
        address = httptools.parse_url(self.url)
        raw_path = address.path or b"/"  # http://host is the same as http://host/
        path = raw_path.decode("ascii")
        scope["path"] = self.root_path + (unquote(path) if "%" in path else path)
        scope["raw_path"] = self.root_path.encode("ascii") + raw_path
        scope["query_string"] = address.query or b""
        self._awaits_head, self._arrived, self._due = False, 0, None
        before = self.cycle
        self.cycle = exchange = Exchange(
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
            self._answering = exchange
            self._start_asgi_task(exchange, self.app)
        else:  # it came before the answer to the one before
            self.flow.pause_reading()
            self.pipeline.appendleft((self.cycle, self.app))
            if len(self.pipeline) >= MOST_WAITING:
                self.cycle.keep_alive = False

    def on_body(self, body: bytes) -> None:
        """Take a piece of the body."""
        self._arrived = 0
        if not self._is_refused:
            super().on_body(body)

    def on_message_complete(self) -> None:
        """Expect the next head."""
        if self._plain_head is not None:
            return
        self._awaits_head, self._arrived = True, 0
        if not self._is_refused:
            super().on_message_complete()
            self._is_refused = len(self.pipeline) >= MOST_WAITING

    def on_response_complete(self) -> None:
        """Serve the next request, or wait for it."""
        self.server_state.total_requests += 1
        if self.transport.is_closing():
            return
        self.flow.resume_reading()
        if self.pipeline:
            exchange, app = self.pipeline.pop()
            self._answering = cast("Exchange", exchange)
            self._start_asgi_task(exchange, app)
        else:
            self._due = self.loop.time() + self.timeout_keep_alive

    def shutdown(self) -> None:
        """End: tell the application, which then answers the requests under way."""
        super().shutdown()
        stop = self.app_state.get("stop")
        if stop is not None:
            stop()

    def _read(self, data: bytes) -> None:
        """Have the parser read; a head that wished for another protocol is read once more."""
        rest: bytes | memoryview = data
        while True:
            try:
                self.parser.feed_data(rest)
            except httptools.HttpParserUpgrade as end:
                head, self._plain_head = self._plain_head, None
                if head is None:
                    return
                self.parser = httptools.HttpRequestParser(self)  # the other expects no more
                self.parser.set_dangerous_leniencies(lenient_data_after_close=True)  # as uvicorn's
                self.parser.feed_data(head)
                rest = memoryview(rest)[end.args[0] :]
            else:
                return

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
            self._refuse(_SLOW if self._arrived and self._awaits_head else None)
            return
        soonest = min(self._read_timeout_s, self.timeout_keep_alive)  # of what is set meanwhile
        wait_s = soonest if self._due is None else min(soonest, self._due - now)
        self._timer = self.loop.call_later(wait_s, self._look)

    def _refuse(self, problem: ProblemError | None) -> None:
        """Close the connection, with an answer where somebody asks and has none yet. Requests that
        came whole before are answered first.
        """
        self._is_refused = True
        if self._awaits_head and self._is_busy():
            self.cycle.keep_alive = False
            return
        if problem is not None and self._is_unanswered():
            metrics = self.app_state.get("metrics")
            if metrics is not None and self._awaits_head:  # else it is counted as a request
                metrics.http_began()
                metrics.http_ended(OTHER, problem.status, 0.0)
            request_id = new_id()
            told = as_json(problem.members("", request_id.decode("ascii")))
            head = STATUS_LINE[problem.status] + (
                b"content-type: %b\r\ncontent-length: %d\r\nx-request-id: %b\r\n"
                b"connection: close\r\n\r\n" % (MEDIA_TYPE.encode(), len(told), request_id)
            )
            self.transport.write(head + told)
        self.transport.close()

    def _is_unanswered(self) -> bool:
        """Return whether an answer can be written: to what no exchange has begun to answer."""
        return self._awaits_head or not (self.pipeline or self.cycle.response_started)


def _fault_of(headers: Iterable[tuple[bytes, bytes]], version: str) -> ProblemError | None:
    """Return why a head that could be read is not served: a version that is not spoken, no host or
    two (before HTTP/1.1 it need not name any), a coding of the body that is not read (RFC 9112, 3.2
    and 6.1).
    """
    if version not in _SPOKEN:
        return _BAD
    hosts = []
    for name, value in headers:
        if name == b"host":
            hosts.append(value)
        elif name == b"transfer-encoding" and value.lower() != b"chunked":
            return _CODED
    if len(hosts) == 1:
        return None if _HOST.fullmatch(hosts[0]) else _NO_HOST
    return None if version == "1.0" and not hosts else _NO_HOST


def _without_upgrade(
    method: bytes, url: bytes, version: str, headers: Iterable[tuple[bytes, bytes]]
) -> bytes:
    """Write a head without its wish for another protocol."""
    lines = [b"%b %b HTTP/%b" % (method, url, version.encode())]
    for name, value in headers:
        kept = value
        if name == b"connection":
            tokens = (token.strip() for token in value.split(b","))
            kept = b", ".join(each for each in tokens if each.lower() not in _UPGRADE)
        if name not in _UPGRADE and kept:
            lines.append(b"%b: %b" % (name, kept))
    return b"\r\n".join([*lines, b"", b""])


def bounded_protocol(read_timeout_s: float, max_header_bytes: int) -> Any:  # noqa: ANN401 - uvicorn wants a class; processes want what can be pickled
    """Return what uvicorn makes its connections by."""
    return partial(
        BoundedProtocol, read_timeout_s=read_timeout_s, max_header_bytes=max_header_bytes
    )
