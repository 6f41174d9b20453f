"""What the service writes on standard error: every line in the one form that is asked for."""

import asyncio
import http.client
import json
import logging
import os
import re
import signal
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from ports import free_port
from served import RECORDED, starting

from service.cli.support.logging import JsonLogFormatter, LineHandler

TEXT = re.compile(
    r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z (DEBUG|INFO|WARNING|ERROR|CRITICAL) [a-z_.]+: .+\n"
)
FACTS = {"timestamp", "level", "logger", "event"}


def everything_happens(workers: str, log_format: str, keys: Path) -> list[str]:
    """Run a service through its life and its callers' worst; return the lines that it wrote."""
    keys.write_text("cms a-key-of-mine\n")
    settings = {
        "TWEET_EMBED_LOG_FORMAT": log_format,
        "TWEET_EMBED_LOG_LEVEL": "debug",
        "TWEET_EMBED_ACCESS_LOG": "true",
        "TWEET_EMBED_API_KEYS_FILE": str(keys),
        "TWEET_EMBED_CACHE_PATH": str(keys.with_name("cache.sqlite")),
        "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1",
        "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc",
    }
    port = free_port()
    how = ("--workers", workers, "--port", str(port))
    with starting(*how, **RECORDED, **settings) as process:
        lines: list[str] = []
        assert process.stderr is not None
        reading = threading.Thread(target=lines.extend, args=[process.stderr])
        reading.start()
        until = time.monotonic() + 180
        while not any("running on" in line for line in lines):
            assert time.monotonic() < until, "".join(lines)
            time.sleep(0.05)
        for sent in (b"this is no HTTP\r\n\r\n", b"GET /livez HTTP/1.1\r\nHost: a\r\n"):
            with socket.create_connection(("127.0.0.1", port), timeout=180) as broken:
                broken.sendall(sent)
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=180)
        connection.request("GET", "/version?a=%0aforged")
        connection.getresponse().read()
        connection.close()
        keys.write_text("wrong\n")
        process.send_signal(signal.SIGHUP)
        while sum("the keys stay as they were" in line for line in lines) < int(workers):
            assert time.monotonic() < until, "".join(lines)
            time.sleep(0.05)
        process.terminate()
        process.wait(180)
        reading.join(180)
    return lines


@pytest.mark.parametrize(("workers", "log_format"), [("2", "json"), ("1", "text")])
def test_every_line_is_in_the_form_that_is_asked_for(
    tmp_path: Path, workers: str, log_format: str
) -> None:
    lines = everything_happens(workers, log_format, tmp_path / "keys")

    if log_format == "json":
        told = [json.loads(line) for line in lines]
        assert all(each.keys() >= FACTS for each in told)
        loggers = {each["logger"] for each in told}
    else:
        assert [line for line in lines if TEXT.fullmatch(line) is None] == []
        loggers = {line.split()[2].rstrip(":") for line in lines}
    assert {"uvicorn.error", "tweet_embed", "tweet_embed.access"} <= loggers
    assert not any("forged" in line for line in lines)


# --- how lines are written ---


@pytest.fixture
def packets() -> Iterator[tuple[LineHandler, socket.socket]]:
    """A handler, and what it writes: each call of the kernel is a packet."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    theirs.settimeout(0)
    handler = LineHandler()
    handler.setFormatter(JsonLogFormatter())
    with ours, theirs, os.fdopen(os.dup(ours.fileno()), "w") as stream:
        handler.setStream(stream)
        yield handler, theirs


def record(event: str, told: dict[str, object] | None = None) -> logging.LogRecord:
    made = logging.LogRecord("tweet_embed", logging.INFO, "", 0, event, (), None)
    if told is not None:
        made.told = told
    return made


def read(packets: socket.socket) -> list[str]:
    read: list[str] = []
    while True:
        try:
            read.append(packets.recv(65536).decode("ascii"))
        except BlockingIOError:
            return read


def test_lines_of_requests_are_written_together_and_never_in_pieces(
    packets: tuple[LineHandler, socket.socket],
) -> None:
    handler, theirs = packets

    async def requests() -> list[str]:
        for number in range(60):
            handler.handle(record(str(number), {"route": "/oembed"}))
        before = read(theirs)
        await asyncio.sleep(0)
        return before

    before = asyncio.run(requests())
    written = before + read(theirs)

    assert len(written) < 5
    assert all(each.endswith("\n") and len(each) <= 4096 for each in written)
    lines = [json.loads(line)["event"] for line in "".join(written).splitlines()]
    assert lines == [str(number) for number in range(60)]


def test_what_is_no_request_is_written_at_once_behind_those_before(
    packets: tuple[LineHandler, socket.socket],
) -> None:
    handler, theirs = packets

    async def events() -> list[str]:
        handler.handle(record("first", {}))
        handler.handle(record("failed"))
        return read(theirs)

    written = asyncio.run(events())
    handler.handle(record("without a loop", {}))

    told = "".join(written + read(theirs)).splitlines()
    assert [json.loads(line)["event"] for line in told] == ["first", "failed", "without a loop"]


def test_any_fact_is_written_in_ascii(packets: tuple[LineHandler, socket.socket]) -> None:
    facts: dict[str, object] = {"big": 10**30, "name": "\u202eمفتاح\x85", "at": Path("/a")}
    handler, theirs = packets
    for each in (facts, facts | {"half": "\ud800"}):
        handler.handle(record("a", each))
        (line,) = read(theirs)

        assert json.loads(line).items() >= (each | {"at": "/a"}).items()
