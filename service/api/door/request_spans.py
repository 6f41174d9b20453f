"""The span of each request, where the operator's environment asks for spans; otherwise nothing of
this is in the way of a request.
"""

import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING

from starlette.types import ASGIApp, Receive, Scope, Send

from service.request_context import TRACE_ID, read_traceparent

if TYPE_CHECKING:
    from service.tracing import Tracing

_ENDPOINTS = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
_PROTOCOLS = ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL")
_PROTOCOL = "http/protobuf"
_log = logging.getLogger("tweet_embed")


class RequestSpanMiddleware:
    """Makes a span of each request, and tells what became of it."""

    def __init__(self, app: ASGIApp, tracing: "Tracing") -> None:
        """Stand before `app`, the `RequestMiddleware`."""
        self.app = app
        self.tracing = tracing

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        given = [value for name, value in scope["headers"] if name == b"traceparent"]
        parent = read_traceparent(given[0]) if len(given) == 1 else None
        method, state = scope["method"], scope.setdefault("state", {})
        with self.tracing.of_request(method, parent) as span:
            TRACE_ID.set(f"{span.get_span_context().trace_id:032x}")
            try:
                await self.app(scope, receive, send)
            finally:
                visit = state["visit"]
                self.tracing.end_request(span, method, visit.route, visit.status)


def open_tracing(environ: Mapping[str, str]) -> "Tracing | None":
    """Return what makes spans, if the environment asks for them and they can be made; log why not
    where they cannot. Close it with `aclose`.
    """
    if not _is_wanted(environ):
        return None
    protocol = next((environ[name] for name in _PROTOCOLS if environ.get(name)), _PROTOCOL)
    if protocol != _PROTOCOL:
        _log.warning("no spans are sent: the protocol is %s, not http/protobuf", protocol)
        return None
    try:
        from service.tracing import Tracing  # noqa: PLC0415 - an extra
    except ImportError:
        _log.warning("no spans are sent: the extra otel is not installed")
        return None
    return Tracing()


def _is_wanted(environ: Mapping[str, str]) -> bool:
    """Return whether an endpoint is named, or the exporter by its name."""
    if environ.get("OTEL_SDK_DISABLED", "").strip().lower() == "true":
        return False
    exporter = environ.get("OTEL_TRACES_EXPORTER", "").strip().lower()
    if exporter:
        return exporter == "otlp"
    return any(environ.get(name, "").strip() for name in _ENDPOINTS)
