"""The first and last code of every request: its id, the size of its body, and an answer whatever
went wrong behind.

Plain ASGI, because it stands before every request.
"""

import asyncio
import logging
import re
import time
import uuid
from dataclasses import dataclass
from typing import cast
from urllib.parse import quote

from fastapi import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.api.problems import MEDIA_TYPE, ProblemError, as_json
from service.api.stopping import StopSignal
from service.app import Service
from service.core.errors import TweetEmbedError
from service.metrics import Metrics
from service.request_context import REQUEST_ID, TRACE_ID, read_traceparent
from service.settings import Settings

BODY_PART = 3
"""A body may take so many times as long to arrive as a head."""
LINGER_S = 2.0
"""After a refusal the rest of a body is read and dropped for this long at most, so that the caller
gets to read the answer.
"""

_PROVIDER_PATHS = ("/oembed", "/iframely")
_REQUEST_ID = re.compile(rb"[!-~]{1,128}")

log = logging.getLogger("tweet_embed")
access_log = logging.getLogger("tweet_embed.access")
OTHER = "other"
"""The route of a request to no path of ours, in metrics and log."""
CLIENT_GONE = 499
"""The status of a request whose caller left before an answer, as nginx logs it; never sent."""


class ClientGoneError(TweetEmbedError):
    """The caller hung up; nobody is left to answer."""


@dataclass(slots=True)
class _Limits:
    """What all requests of a process share: bounds, and how many are at work."""

    max_body_bytes: int
    body_wait_s: float
    max_in_flight: int
    stop: StopSignal
    logs: bool
    in_flight: int = 0


class RequestMiddleware:
    """Returns a request its id, counts its body as it arrives, and turns every exception into a
    problem.
    """

    def __init__(self, app: ASGIApp, settings: Settings, stop: StopSignal) -> None:
        """Stand before `app`; a body of more than `max_body_bytes` is answered with 413 without
        being read to its end. `stop` is the end of the service.
        """
        self.app = app
        self.limits = _Limits(
            settings.max_body_bytes,
            settings.read_timeout * BODY_PART,
            settings.max_in_flight,
            stop,
            settings.access_log,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        if scope["method"] == "HEAD":  # the same as GET, without the body (RFC 9110, 9.3.2)
            scope = {**scope, "method": "GET"}
            send = _without_body(send)
        visit = _RequestState(scope, receive, send, self.limits)
        metrics = _metrics_of(scope)
        if metrics is not None:
            metrics.http_began()
        try:
            visit.check_length()
            await self.app(scope, visit.receive, visit.send)
        except ClientGoneError:
            pass
        except ProblemError as problem:
            await visit.answer(problem)
        except Exception:
            log.exception("request %s failed", visit.request_id)
            if visit.started:  # too late to say so: the connection ends in the middle of the answer
                raise
            await visit.answer(
                ProblemError(
                    500,
                    "internal",
                    "The service failed; the operator's log has the request_id.",
                ),
            )
        finally:
            visit.free_place()
            route = visit.route = getattr(scope.get("route"), "path", OTHER)
            seconds = time.perf_counter() - visit.began
            if metrics is not None:
                metrics.http_ended(route, visit.status, seconds)
            if self.limits.logs:
                self._log_request(scope, visit, route, seconds)

    @staticmethod
    def _log_request(scope: Scope, visit: "_RequestState", route: str, seconds: float) -> None:
        """Write the line of a request: neither its address, nor a key, nor a word of a body."""
        key = scope["state"].get("key")
        told = {
            "method": scope["method"],
            "route": route,
            "status": visit.status,
            "ms": round(seconds * 1000, 1),
            "bytes": visit.sent_bytes,
            "key": key,
        }
        access_log.info(
            "%s %s %d %.1f ms %d bytes, key %s",
            *(*told.values(),),
            extra={"told": told},
        )


def _metrics_of(scope: Scope) -> Metrics | None:
    service = getattr(scope["app"].state, "service", None)
    return None if service is None else cast("Service", service).metrics


def _without_body(send: Send) -> Send:
    async def send_head(message: Message) -> None:
        if message["type"] == "http.response.body":
            message = {**message, "body": b""}
        await send(message)

    return send_head


async def read_body(request: Request) -> bytes:
    """Read the whole body of a request. Raises `ClientGoneError`, or `ProblemError`: 408 if it is
    too slow, 413 if it is too long, 503 if the service ends before it is whole.
    """
    return await _state_of(request).read_body()


def has_place(request: Request) -> bool:
    """Take one of the places that there are for requests at work, and return whether there was one.

    Without one a request is answered from the cache alone, or refused by `overloaded`. The place is
    free again once the answer is on its way.
    """
    return _state_of(request).take_place()


def overloaded() -> ProblemError:
    """Return the refusal of a request that found no place."""
    return ProblemError(
        503,
        "overloaded",
        "As many requests are at work as this service takes.",
        headers={"Retry-After": "1"},
    )


def _state_of(request: Request) -> "_RequestState":
    return cast("_RequestState", request.scope["state"]["visit"])


class _RequestState:
    """One request on its way through the door."""

    def __init__(self, scope: Scope, receive: Receive, send: Send, limits: _Limits) -> None:
        self.path: str = scope["path"]
        self.limits = limits
        self.limit = limits.max_body_bytes
        self.started = False
        self.began = time.perf_counter()
        self.status = CLIENT_GONE
        self.route = OTHER
        self.sent_bytes = 0
        self._has_place = False
        self._receive = receive
        self._send = send
        self._received = 0
        self._length: bytes | None = None
        self._expects = False
        request_id: bytes | None = None
        traceparent: bytes | None = None
        for name, value in scope["headers"]:
            if name == b"x-request-id":
                request_id = value
            elif name == b"content-length":
                self._length = value
            elif name == b"expect":
                self._expects = True
            elif name == b"traceparent":  # more than one is none
                traceparent = value if traceparent is None else b""
        if request_id is None or _REQUEST_ID.fullmatch(request_id) is None:
            request_id = str(uuid.uuid4()).encode()
        self.request_id = request_id.decode("ascii")
        self._added = [(b"x-request-id", request_id), (b"x-content-type-options", b"nosniff")]
        state = scope.setdefault("state", {})
        state["request_id"], state["visit"] = self.request_id, self
        REQUEST_ID.set(self.request_id)  # each request is a task of its own
        if traceparent is not None and (told := read_traceparent(traceparent)) is not None:
            TRACE_ID.set(told.trace_id)

    def check_length(self) -> None:
        """Refuse at once what says itself that it is too long. A length that is no number is the
        server's to refuse.
        """
        if (
            self._length is not None
            and self._length.isdigit()
            and int(self._length[:20]) > self.limit
        ):
            raise self._too_large()

    def take_place(self) -> bool:
        """Take a place for the work, if there is one."""
        if not self._has_place and self.limits.in_flight < self.limits.max_in_flight:
            self.limits.in_flight += 1
            self._has_place = True
        return self._has_place

    def free_place(self) -> None:
        """Release the place."""
        if self._has_place:
            self.limits.in_flight -= 1
            self._has_place = False

    async def read_body(self) -> bytes:
        """Read the body to its end."""
        parts: list[bytes] = []
        limits = self.limits
        try:
            async with asyncio.timeout(limits.body_wait_s) as wait:
                with limits.stop.ending(wait):
                    while True:
                        message = await self.receive()
                        if message["type"] == "http.disconnect":
                            raise ClientGoneError
                        parts.append(message.get("body", b""))
                        if not message.get("more_body", False):
                            return parts[0] if len(parts) == 1 else b"".join(parts)
        except TimeoutError:
            pass
        if limits.stop.is_set:
            raise ProblemError(
                503,
                "stopping",
                "The service ends, and the body has not arrived whole.",
                headers={"Connection": "close", "Retry-After": "1"},
            )
        raise ProblemError(
            408,
            "timeout",
            f"The body did not arrive within {limits.body_wait_s:.0f} s.",
            headers={"Connection": "close"},
        )

    async def receive(self) -> Message:
        """Take the next piece of the body, and count it."""
        message = await self._receive()
        if message["type"] == "http.request":
            self._received += len(message.get("body", b""))
            if self._received > self.limit:
                raise self._too_large()
        return message

    async def send(self, message: Message) -> None:
        """Pass an answer on, with the request's id."""
        if message["type"] == "http.response.start":
            self.started = True
            self.status = message["status"]
            message["headers"] = [*message.get("headers", ()), *self._added]
        else:
            self.sent_bytes += len(message.get("body", b""))
        if message["type"] == "http.response.body" and not message.get("more_body", False):
            self.free_place()  # the work is done; how slowly it is read does not count
        await self._send(message)

    async def answer(self, problem: ProblemError) -> None:
        """Answer with a problem; where the body was refused, drop a little more of it before
        hanging up.
        """
        if self.started:
            raise problem
        is_provider = self.path.endswith(_PROVIDER_PATHS)  # its errors have no `type`
        members = problem.members(quote(self.path), self.request_id)
        if is_provider:
            members = {"error": problem.status, "message": problem.detail}
        body = as_json(members)
        headers = {
            "content-type": "application/json" if is_provider else MEDIA_TYPE,
            "content-length": str(len(body)),
            **problem.headers,
        }
        start = [
            (name.lower().encode("ascii"), value.encode("latin-1"))
            for name, value in headers.items()
        ]
        await self.send({"type": "http.response.start", "status": problem.status, "headers": start})
        # the status has a name: Content Too Large
        refused = problem.status == 413 and not self._expects  # noqa: PLR2004
        await self.send({"type": "http.response.body", "body": body, "more_body": refused})
        if refused:
            await self._linger()
            await self.send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _linger(self) -> None:
        """Read and drop at most `limit` bytes. A socket closed on unread bytes is reset, and the
        answer may be lost with it.
        """
        dropped = 0
        try:
            async with asyncio.timeout(LINGER_S):
                while dropped <= self.limit:
                    message = await self._receive()
                    dropped += len(message.get("body", b""))
                    if message["type"] != "http.request" or not message.get("more_body", False):
                        return
        except TimeoutError:
            return

    def _too_large(self) -> ProblemError:
        detail = f"The body is longer than the {self.limit} bytes allowed here."
        return ProblemError(413, "too_large", detail, headers={"Connection": "close"})
