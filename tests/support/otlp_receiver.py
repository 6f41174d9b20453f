"""A receiver of OTLP over HTTP, as a collector is one: spans in protobuf, decoded."""

import gzip
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)
from opentelemetry.proto.trace.v1.trace_pb2 import Span


class OtlpReceiver:
    """Listens at a free port of this machine until it is left."""

    def __init__(self) -> None:
        self.spans: list[Span] = []
        self.resources: list[dict[str, str]] = []
        self.bodies: list[bytes] = []
        self._arrived = threading.Condition()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                assert self.path == "/v1/traces"
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if self.headers.get("Content-Encoding") == "gzip":
                    body = gzip.decompress(body)
                receiver.take(body)
                answer = ExportTraceServiceResponse().SerializeToString()
                self.send_response(200)
                self.send_header("Content-Type", "application/x-protobuf")
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def env(self) -> dict[str, str]:
        """Return the standard variables of a program that sends its spans here."""
        address = f"http://127.0.0.1:{self._server.server_address[1]}"
        return {"OTEL_EXPORTER_OTLP_ENDPOINT": address, "OTEL_BSP_SCHEDULE_DELAY": "50"}

    def take(self, body: bytes) -> None:
        told = ExportTraceServiceRequest.FromString(body)
        with self._arrived:
            self.bodies.append(body)
            for each in told.resource_spans:
                attributes = each.resource.attributes
                self.resources.append({one.key: one.value.string_value for one in attributes})
                self.spans += [span for scope in each.scope_spans for span in scope.spans]
            self._arrived.notify_all()

    def await_span(self, wanted: Callable[[Span], bool]) -> Span:
        """Return a span that was sent, waiting for it up to three minutes."""
        with self._arrived:
            assert self._arrived.wait_for(lambda: any(map(wanted, self.spans)), 180), self.spans
            return next(filter(wanted, self.spans))


def attributes_of(span: Span) -> dict[str, str | int]:
    """Return the attributes of a span, as strings and numbers."""
    return {each.key: each.value.string_value or each.value.int_value for each in span.attributes}
