"""Spans for OpenTelemetry: one of each request, and one of each exchange with another host below
it. They tell routes, hosts and outcomes; never an address, a key or a word of an article.

This is imported where the operator wants spans, and not otherwise: the extra `otel` brings the
library.
"""

import asyncio
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http import HTTPStatus
from typing import Final

from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Span, SpanContext, SpanKind, StatusCode, TraceFlags

from service import __version__
from service.request_context import TraceParent

NAME: Final = "tweet-embed"
FLUSH_S: Final = 1.0
"""At the end of the service: how long spans may take that have not left yet."""
_HTTPS: Final = 443
_NO_TROUBLE: Final = frozenset({"answered", "abandoned"})


class Tracing:
    """What makes spans, and sends them as the environment says."""

    def __init__(self) -> None:
        """Read the variables `OTEL_…`
        (https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/).
        """
        resource = Resource.create({"service.version": __version__})
        if str(resource.attributes["service.name"]).startswith("unknown_service"):
            resource = resource.merge(Resource({"service.name": NAME}))
        self._provider = TracerProvider(resource=resource, shutdown_on_exit=False)
        self._provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
        self._tracer = self._provider.get_tracer(NAME, __version__)

    @contextmanager
    def of_request(self, method: str, parent: TraceParent | None) -> Iterator[Span]:
        """Make the span of a request, below the caller's if it told one. Exchanges that begin
        within have spans below it.
        """
        above = None
        if parent is not None:
            told = SpanContext(
                int(parent.trace_id, 16),
                int(parent.span_id, 16),
                is_remote=True,
                trace_flags=TraceFlags(parent.flags),
            )
            above = trace.set_span_in_context(trace.NonRecordingSpan(told))
        with self._tracer.start_as_current_span(
            method,
            above,
            SpanKind.SERVER,
            {"http.request.method": method},
            record_exception=False,  # its text may quote what was sent
            set_status_on_exception=False,
        ) as span:
            yield span

    @staticmethod
    def end_request(span: Span, method: str, route: str, status: int) -> None:
        """Record what is known of a request at its end."""
        span.update_name(f"{method} {route}")
        span.set_attributes({"http.route": route, "http.response.status_code": status})
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            span.set_attribute("error.type", str(status))
            span.set_status(StatusCode.ERROR)

    def exchanged(self, host: str, outcome: str, seconds: float) -> None:
        """Make the span of an exchange with a host, which ends now."""
        if not seconds:
            return  # the host was left alone
        ended = time.time_ns()
        span = self._tracer.start_span(
            "GET",
            kind=SpanKind.CLIENT,
            attributes={
                "http.request.method": "GET",
                "server.address": host,
                "server.port": _HTTPS,
            },
            start_time=ended - int(seconds * 1e9),
        )
        if outcome not in _NO_TROUBLE:
            span.set_attribute("error.type", outcome)
            span.set_status(StatusCode.ERROR)
        span.end(ended)

    async def aclose(self) -> None:
        """Send what has not been sent, if that takes no longer than `FLUSH_S`."""
        loop, ended = asyncio.get_running_loop(), asyncio.Event()

        def shut_down() -> None:
            self._provider.shutdown()
            with suppress(RuntimeError):  # the loop has ended meanwhile
                loop.call_soon_threadsafe(ended.set)

        threading.Thread(target=shut_down, daemon=True).start()
        with suppress(TimeoutError):
            async with asyncio.timeout(FLUSH_S):
                await ended.wait()
