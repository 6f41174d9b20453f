"""The trace of a request: taken from the caller, told in the log, sent as spans, kept from X."""

import asyncio
import http.client
import json
import re
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status
from otlp_receiver import OtlpReceiver, attributes_of
from rest import DEMO
from served import RECORDED, serving
from standin_x import StandIn

from service.api.door.request_spans import open_tracing
from service.request_context import read_traceparent

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
PARENT = "00f067aa0ba902b7"
TRACEPARENT = f"00-{TRACE}-{PARENT}-01"
TWEET = "1989999000000000000"
SECRET = "one-key-to-keep"  # noqa: S105 - that is the point


def ask(
    port: int, method: str, path: str, body: object = None, **headers: str
) -> tuple[int, dict[str, str], bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=180)
    try:
        sent = None if body is None else json.dumps(body)
        more = {"Content-Type": "application/json"} if sent else {}
        connection.request(method, path, sent, more | headers)
        response = connection.getresponse()
        return response.status, dict(response.headers), response.read()
    finally:
        connection.close()


# --- the header ---


@pytest.mark.parametrize(
    ("header", "trace_id"),
    [
        (TRACEPARENT, TRACE),
        (f" \t{TRACEPARENT} ", TRACE),
        (f"00-{TRACE}-{PARENT}-00", TRACE),
        (f"cc-{TRACE}-{PARENT}-01-what-comes-later", TRACE),
        (f"cc-{TRACE}-{PARENT}-01", TRACE),
        (f"00-{TRACE}-{PARENT}-01-more", None),
        (f"cc-{TRACE}-{PARENT}-01.more", None),
        (f"ff-{TRACE}-{PARENT}-01", None),
        (f"00-{TRACE.upper()}-{PARENT}-01", None),
        (f"00-{'0' * 32}-{PARENT}-01", None),
        (f"00-{TRACE}-{'0' * 16}-01", None),
        (f"00-{TRACE}-{PARENT}-1", None),
        (f"00-{TRACE}-{PARENT}", None),
        ("", None),
    ],
)
def test_a_traceparent_is_read_as_the_standard_says(header: str, trace_id: str | None) -> None:
    found = read_traceparent(header.encode())

    assert (None if found is None else found.trace_id) == trace_id


# --- the log ---


def logged_requests(*headers: dict[str, str], **environment: str) -> list[dict[str, str]]:
    """Send a request with each of the headers; return the lines that the service logs of them."""
    lines = []
    with serving(**RECORDED, TWEET_EMBED_ACCESS_LOG="true", **environment) as (port, process):
        for each in headers:
            ask(port, "GET", "/version", **each)
        assert process.stderr is not None
        for line in process.stderr:
            if '"tweet_embed.access"' in line:
                lines.append(json.loads(line))
            if len(lines) == len(headers):
                break
    return lines


def test_the_trace_stands_in_the_request_log() -> None:
    told, other = logged_requests({"traceparent": TRACEPARENT}, {"traceparent": "00-nonsense"})

    assert told["trace_id"] == TRACE
    assert "trace_id" not in other


# --- spans ---


@pytest.fixture(scope="module")
def receiver() -> Iterator[OtlpReceiver]:
    with OtlpReceiver() as receiver:
        yield receiver


@pytest.fixture(scope="module")
def x() -> Iterator[StandIn]:
    with StandIn() as standin:
        standin.tweet(TWEET, "a", "A", "Words of a tweet")
        yield standin


@pytest.fixture(scope="module")
def port(receiver: OtlpReceiver, x: StandIn) -> Iterator[int]:
    with serving(**x.env, **receiver.env, TWEET_EMBED_API_KEYS=SECRET) as (port, _):
        yield port


def test_a_request_and_what_it_asks_of_x_are_spans_of_the_callers_trace(
    port: int, receiver: OtlpReceiver
) -> None:
    content = f"<p>https://x.com/a/status/{TWEET}</p>"
    headers = {"traceparent": TRACEPARENT, "Authorization": f"Bearer {SECRET}"}
    assert ask(port, "POST", "/v1/resolve", {"content": content}, **headers)[0] == 200

    span = receiver.await_span(lambda each: each.name == "POST /v1/resolve")
    below = receiver.await_span(lambda each: each.parent_span_id == span.span_id)
    assert (span.trace_id.hex(), span.parent_span_id.hex()) == (TRACE, PARENT)
    assert span.kind == Span.SPAN_KIND_SERVER
    assert attributes_of(span) == {
        "http.request.method": "POST",
        "http.route": "/v1/resolve",
        "http.response.status_code": 200,
    }
    assert below.trace_id.hex() == TRACE
    assert below.kind == Span.SPAN_KIND_CLIENT
    assert attributes_of(below) == {
        "http.request.method": "GET",
        "server.address": "publish.x.com",
        "server.port": 443,
    }
    assert span.start_time_unix_nano <= below.start_time_unix_nano
    assert below.start_time_unix_nano < below.end_time_unix_nano <= span.end_time_unix_nano
    assert receiver.resources[0]["service.name"] == "tweet-embed"


def test_x_is_told_nothing_of_the_trace(port: int, x: StandIn) -> None:
    headers = {"traceparent": TRACEPARENT, "Authorization": f"Bearer {SECRET}"}
    ask(port, "GET", f"/oembed?url=https://x.com/a/status/{TWEET}", **headers)
    assert x.asked
    for asked in x.asked:
        assert TRACE not in str(asked)
        assert not {"traceparent", "tracestate", "baggage"} & asked.headers.keys()


def test_no_address_key_or_word_is_in_a_span(port: int, receiver: OtlpReceiver) -> None:
    ask(port, "GET", f"/oembed?url=https://x.com/a/status/{TWEET}&key=not-{SECRET}")
    receiver.await_span(lambda each: each.name == "GET /oembed")

    for body in receiver.bodies:
        for word in (TWEET, SECRET, "Words", "status/"):
            assert word.encode() not in body


def test_a_request_without_a_trace_begins_one(port: int, receiver: OtlpReceiver) -> None:
    assert ask(port, "HEAD", "/livez")[0] == 200
    assert ask(port, "GET", "/no/such/path", traceparent="00-nonsense")[0] == 404

    span = receiver.await_span(lambda each: each.name == "HEAD /livez")
    assert span.parent_span_id == b""
    assert span.trace_id.hex() not in {TRACE, "0" * 32}
    nowhere = receiver.await_span(lambda each: each.name == "GET other")
    assert nowhere.parent_span_id == b""
    assert attributes_of(nowhere)["http.response.status_code"] == 404


def test_what_x_refuses_is_an_error_of_its_span(
    port: int, receiver: OtlpReceiver, x: StandIn
) -> None:
    x.fault["oembed"] = "429"
    content = "<p>https://x.com/a/status/1988000000000000000</p>"
    ask(port, "POST", "/v1/resolve", {"content": content}, Authorization=f"Bearer {SECRET}")
    x.fault.clear()

    span = receiver.await_span(lambda each: each.status.code == Status.STATUS_CODE_ERROR)
    assert attributes_of(span)["error.type"] == "rate_limited"


def test_the_sampler_of_the_environment_counts_and_the_log_has_the_trace_all_the_same(
    receiver: OtlpReceiver,
) -> None:
    before = len(receiver.spans)
    off = {"OTEL_TRACES_SAMPLER": "always_off", "OTEL_SERVICE_NAME": "mine"}
    (line,) = logged_requests({}, **receiver.env, **off)

    assert re.fullmatch("[0-9a-f]{32}", line["trace_id"])
    assert [span for span in receiver.spans[before:] if span.name == "GET /version"] == []


def test_a_receiver_that_answers_nobody_holds_up_neither_requests_nor_the_end() -> None:
    env = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1", "OTEL_BSP_SCHEDULE_DELAY": "50"}
    with serving(**RECORDED, **env) as (port, process):
        began = time.perf_counter()
        for _ in range(20):
            assert ask(port, "GET", "/livez")[0] == 200
        assert time.perf_counter() - began < 10  # what sends spans would wait for each
        process.terminate()
        began = time.perf_counter()
        process.communicate(timeout=180)
        assert time.perf_counter() - began < 8  # it would try for ten seconds and more


# --- whether there are spans ---

ENDPOINT = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1"}


@pytest.mark.parametrize(
    ("environment", "is_on"),
    [
        ({}, False),
        ({"OTEL_SERVICE_NAME": "a"}, False),
        (ENDPOINT | {"OTEL_SDK_DISABLED": "true"}, False),
        (ENDPOINT | {"OTEL_TRACES_EXPORTER": "none"}, False),
        (ENDPOINT | {"OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"}, False),
        (ENDPOINT, True),
        (ENDPOINT | {"OTEL_TRACES_EXPORTER": "otlp"}, True),
        (ENDPOINT | {"OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf"}, True),
        ({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://127.0.0.1:1/v1/traces"}, True),
        ({"OTEL_TRACES_EXPORTER": "otlp"}, True),
    ],
)
def test_the_environment_says_whether_there_are_spans(
    environment: dict[str, str],
    is_on: bool,  # noqa: FBT001
    caplog: pytest.LogCaptureFixture,
) -> None:
    tracing = open_tracing(environment)
    if tracing is not None:
        asyncio.run(tracing.aclose())

    assert (tracing is not None) is is_on
    refused = [each.getMessage() for each in caplog.records if each.name == "tweet_embed"]
    assert refused == (
        ["no spans are sent: the protocol is grpc, not http/protobuf"]
        if environment.get("OTEL_EXPORTER_OTLP_PROTOCOL") == "grpc"
        else []
    )


WITHOUT = """
import sys
import fastapi
before = set(sys.modules)
from service.api.application import create_app
create_app()
new = set(sys.modules) - before
print(*sorted(name for name in new if name.startswith(("opentelemetry", "service.tracing"))))
sys.modules["opentelemetry.sdk"] = None  # as where the extra is not installed
from service.api.door.request_spans import open_tracing
print(open_tracing({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1"}))
"""


def test_without_spans_nothing_of_it_is_loaded() -> None:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", WITHOUT],
        env={"PATH": "", **RECORDED},
        cwd=DEMO.parent.parent,
        capture_output=True,
        text=True,
        check=True,
        timeout=300,
    )

    assert done.stdout.splitlines() == ["", "None"]
    assert done.stderr == "no spans are sent: the extra otel is not installed\n"
