"""What the service writes on standard error: every line in the one form that is asked for."""

import http.client
import json
import re
import signal
import socket
import threading
import time
from pathlib import Path

import pytest
from served import RECORDED, serving

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
    with serving("--workers", workers, **RECORDED, **settings) as (port, process):
        lines: list[str] = []
        assert process.stderr is not None
        reading = threading.Thread(target=lines.extend, args=[process.stderr])
        reading.start()
        until = time.monotonic() + 60
        if workers == "2":  # they say that they run before they do
            while sum("startup complete" in line for line in lines) < int(workers):
                assert time.monotonic() < until, "".join(lines)
                time.sleep(0.05)
        for sent in (b"this is no HTTP\r\n\r\n", b"GET /livez HTTP/1.1\r\nHost: a\r\n"):
            with socket.create_connection(("127.0.0.1", port), timeout=5) as broken:
                broken.sendall(sent)
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        connection.request("GET", "/version?a=%0aforged")
        connection.getresponse().read()
        connection.close()
        keys.write_text("wrong\n")
        process.send_signal(signal.SIGHUP)
        while sum("the keys stay as they were" in line for line in lines) < int(workers):
            assert time.monotonic() < until, "".join(lines)
            time.sleep(0.05)
        process.terminate()
        process.wait(20)
        reading.join(20)
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
