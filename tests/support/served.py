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
    settings = {"TWEET_EMBED_LOG_FORMAT": "json"} | environment
    command = [sys.executable, "-m", "service", "serve", "--port", "0", *arguments]
    with subprocess.Popen(
        command,
        env=os.environ | settings,
        cwd=DEMO.parent.parent,
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stderr is not None
            for line in process.stderr:
                running = re.search(r"running on http://127\.0\.0\.1:([0-9]+)", line)
                if running is not None:
                    break
            else:
                pytest.fail("the service did not start")
            yield int(running[1]), process
        finally:
            process.terminate()


def connect(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=180)


def await_listening(port: int) -> None:
    """Wait until somebody listens: uvicorn tells the port before its worker processes do."""
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
