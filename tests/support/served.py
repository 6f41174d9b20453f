"""The service as an operator runs it: a process with a socket."""

import http.client
import json
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from rest import DEMO

RECORDED = {"TWEET_EMBED_RECORDED": str(DEMO / "recorded")}
"""Settings of a service that asks no network: the demo's answers of X."""


@contextmanager
def serving(*arguments: str, **environment: str) -> Iterator[tuple[int, "subprocess.Popen[str]"]]:
    """Run `tweet-embed serve` at a free port; yield the port that it says, and the process."""
    with starting("--port", "0", *arguments, **environment) as process:
        yield await_running(process), process


@contextmanager
def starting(*arguments: str, **environment: str) -> Iterator["subprocess.Popen[str]"]:
    """Run `tweet-embed serve`, and wait for nothing."""
    settings = {"TWEET_EMBED_LOG_FORMAT": "json"} | environment
    command = [sys.executable, "-m", "service", "serve", *arguments]
    with subprocess.Popen(
        command,
        env=os.environ | settings,
        cwd=DEMO.parent.parent,
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.terminate()


def await_running(process: "subprocess.Popen[str]") -> int:
    """Read what a service logs until it says that all its workers serve; return the port."""
    assert process.stderr is not None
    for line in process.stderr:
        running = re.search(r"running on http://127\.0\.0\.1:([0-9]+)", line)
        if running is not None:
            return int(running[1])
    pytest.fail("the service did not start")


def connect(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=180)


def await_listening(port: int) -> None:
    """Wait until somebody listens."""
    for _ in range(600):  # half a minute: two processes import at once on a busy machine
        try:
            connect(port).close()
        except ConnectionRefusedError:
            time.sleep(0.05)
        else:
            return
    pytest.fail("nobody listens")


def resolve(port: int, *tweet_ids: str) -> list[dict[str, Any]]:
    """Send an article with these tweets to /v1/resolve; return what became of each."""
    content = "\n\n".join(f"<p>https://x.com/i/status/{each}</p>" for each in tweet_ids)
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=180)
    try:
        body = json.dumps({"content": content, "format": "html", "deadline_ms": 20_000})
        connection.request("POST", "/v1/resolve", body, {"Content-Type": "application/json"})
        response = connection.getresponse()
        answer = json.loads(response.read())
    finally:
        connection.close()
    assert response.status == http.HTTPStatus.OK, answer
    embeds: list[dict[str, Any]] = answer["embeds"]
    return embeds
