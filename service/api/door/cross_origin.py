"""Pages of other origins that may call (https://fetch.spec.whatwg.org/#http-cors-protocol)."""

from collections.abc import Sequence
from typing import cast

from starlette.datastructures import Headers
from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

_METHODS = ("GET", "HEAD", "POST", "DELETE")
_HEADERS = (
    "Authorization",
    "Content-Type",
    "If-None-Match",
    "Prefer",
    "X-Request-ID",
    "Traceparent",
)
_EXPOSED = ("ETag", "Retry-After", "X-Request-ID")
_PREFLIGHT = "preflight"


class CrossOriginMiddleware(CORSMiddleware):
    """Starlette's, which leaves preflights to the door, to be counted and logged as all is."""

    def __init__(self, app: ASGIApp, origins: Sequence[str]) -> None:
        """Let pages of `origins` call `app`."""
        super().__init__(
            app,
            allow_origins=origins,
            allow_methods=_METHODS,
            allow_headers=_HEADERS,
            expose_headers=_EXPOSED,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request; keep the answer to a preflight in its state."""
        if scope["type"] == "http" and scope["method"] == "OPTIONS":
            headers = Headers(scope=scope)
            if "origin" in headers and "access-control-request-method" in headers:
                state = scope.setdefault("state", {})
                state[_PREFLIGHT] = self.preflight_response(headers)
                await self.app(scope, receive, send)
                return
        await super().__call__(scope, receive, send)


def preflight_of(scope: Scope) -> ASGIApp | None:
    """Return the answer to a preflight; None if it is none."""
    return cast("ASGIApp | None", scope["state"].get(_PREFLIGHT))
