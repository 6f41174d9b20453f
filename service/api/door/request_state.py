"""One request on its way through the door: its id, its place among those at work, its body as it
arrives, and its answer.
"""

import asyncio
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from random import getrandbits
from typing import NoReturn, cast
from urllib.parse import quote

from fastapi import Request
from starlette.types import Message, Receive, Scope, Send

from service.api.door.places import Places
from service.api.door.stopping import StopSignal
from service.api.problems import MEDIA_TYPE, ProblemError, as_json
from service.core.errors import TweetEmbedError
from service.request_context import REQUEST_ID, TRACE_ID, read_traceparent

LINGER_S = 2.0
"""After a refusal the rest of a body is read and dropped for this long at most, so that the caller
gets to read the answer.
"""
OTHER = "other"
"""The route of a request to no path of ours, in metrics and log."""
CLIENT_GONE = 499
"""The status of a request whose caller left before an answer, as nginx logs it; never sent."""

_PROVIDER_PATHS = frozenset({"/oembed", "/iframely"})
_RANDOM_BITS = 0xFFFFFFFF_FFFF_0FFF_3FFF_FFFFFFFFFFFF
_VERSION_4 = 0x00000000_0000_4000_8000_000000000000
_REQUEST_ID = re.compile(rb"[!-~]{1,128}")


class ClientGoneError(TweetEmbedError):
    """The caller hung up; nobody is left to answer."""


@dataclass(slots=True)
class RequestLimits:
    """What all requests of a process share: bounds, and how many are at work."""

    max_body_bytes: int
    places: Places
    stop: StopSignal
    logs: bool


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


def new_id() -> bytes:
    """Return a random UUID (RFC 9562, 5.4). It is no secret: `uuid.uuid4` asks the kernel for it,
    and takes three times as long.
    """
    digits = f"{getrandbits(128) & _RANDOM_BITS | _VERSION_4:032x}"
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}".encode()


def _say_close(headers: list[tuple[bytes, bytes]]) -> None:
    """Add that the connection ends with this answer (RFC 9112, 9.6), unless it stands there."""
    if not any(name == b"connection" for name, _ in headers):
        headers.append((b"connection", b"close"))


def _state_of(request: Request) -> "RequestState":
    return cast("RequestState", request.scope["state"]["visit"])


class RequestState:
    """One request on its way through the door."""

    def __init__(self, scope: Scope, receive: Receive, send: Send, limits: RequestLimits) -> None:
        """Read its head; `receive` and `send` are the server's."""
        self.path: str = scope["path"]
        self._root_path: str = scope.get("root_path", "")
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
            request_id = new_id()
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
        self._has_place = self._has_place or self.limits.places.take()
        return self._has_place

    def free_place(self) -> None:
        """Release the place."""
        if self._has_place:
            self.limits.places.give_back()
            self._has_place = False

    def end(self) -> None:
        """Release its place and the server's side, whose scope holds this: nothing of a request is
        left to the garbage collector.
        """
        self.free_place()
        del self._receive, self._send

    async def read_body(self) -> bytes:
        """Read the body to its end."""
        task = cast("asyncio.Task[object]", asyncio.current_task())
        stop = self.limits.stop
        cancelled = task.cancelling()
        stop.begin_wait(task)
        try:
            message = await self.receive()
            if message.get("more_body", False):
                message = await self._read_rest(message)
        except asyncio.CancelledError:
            if stop.end_wait(task) or task.uncancel() > cancelled:
                raise  # somebody else's
            self._refuse_late()
        finally:
            stop.end_wait(task)
        if message["type"] == "http.disconnect":
            raise ClientGoneError
        return cast("bytes", message.get("body", b""))

    async def _read_rest(self, message: Message) -> Message:
        """Read what follows the first piece of a body; return the whole as one message."""
        parts = [message.get("body", b"")]
        while message.get("more_body", False):
            message = await self.receive()
            if message["type"] == "http.disconnect":
                return message
            parts.append(message.get("body", b""))
        return {"type": "http.request", "body": b"".join(parts)}

    def _refuse_late(self) -> NoReturn:
        """Keep why the body was not waited for."""
        stop = self.limits.stop
        if stop.is_set:
            raise ProblemError(
                503,
                "stopping",
                "The service ends, and the body has not arrived whole.",
                headers={"Connection": "close", "Retry-After": "1"},
            )
        raise ProblemError(
            408,
            "timeout",
            f"The body did not arrive within {stop.wait_s:.0f} s.",
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
            if self.limits.stop.is_near:
                _say_close(message["headers"])
        else:
            self.sent_bytes += len(message.get("body", b""))
        if message["type"] == "http.response.body" and not message.get("more_body", False):
            self.free_place()  # the work is done; how slowly it is read does not count
        elif self._has_place and message["type"] == "http.response.body":
            await self._send_piece(message)
            return
        await self._send(message)

    async def _send_piece(self, message: Message) -> None:
        """Pass a piece of an answer on. While its reader is waited for, others have the place."""
        self.free_place()
        await self._send(message)
        await self.limits.places.take_again()
        self._has_place = True

    async def answer(self, problem: ProblemError) -> None:
        """Answer with a problem; where the body was refused, drop a little more of it before
        hanging up.
        """
        if self.started:
            raise problem
        # the provider's errors have no `type`
        is_provider = self.path.removeprefix(self._root_path) in _PROVIDER_PATHS
        members = problem.members(quote(self.path), self.request_id)
        if is_provider:
            members = {"error": problem.status, "message": problem.detail}
        body = as_json(members)
        headers = {
            "content-type": "application/json" if is_provider else MEDIA_TYPE,
            "content-length": str(len(body)),
            **problem.headers,
        }
        # the status has a name: Content Too Large
        refused = problem.status == 413 and not self._expects  # noqa: PLR2004
        await self.send_whole(problem.status, headers, body, more_body=refused)
        if refused:
            await self._linger()
            await self.send({"type": "http.response.body", "body": b"", "more_body": False})

    async def send_whole(
        self,
        status: int,
        headers: Mapping[str, str],
        body: bytes = b"",
        *,
        more_body: bool = False,
    ) -> None:
        """Send an answer that is known whole."""
        sent = [
            (name.lower().encode("ascii"), value.encode("latin-1"))
            for name, value in headers.items()
        ]
        await self.send({"type": "http.response.start", "status": status, "headers": sent})
        await self.send({"type": "http.response.body", "body": body, "more_body": more_body})

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
