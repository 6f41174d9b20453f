"""A service in trouble: a small real HTTP server that answers whatever a test wants, or nothing.

with FaultyService() as service:
    service.answer = FAULTS["hang"]
"""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple, Self

import pytest
from standin_answers import FAULTS, Answer

NOTHING_FOUND = {
    "content": "",
    "format": "html",
    "changed": True,
    "complete": True,
    "script": None,
    "elapsed_ms": 1,
    "embeds": [],
    "links": [],
}
"""The body of an answer to POST /v1/resolve."""


def said(value: object, status: int = 200, *headers: tuple[str, str]) -> Answer:
    """Return an answer in JSON."""
    return Answer(
        status, [("Content-Type", "application/json"), *headers], json.dumps(value).encode()
    )


class Asked(NamedTuple):
    """A request as it came in; header names in lower case."""

    path: str  # with its query
    headers: dict[str, str]
    body: bytes


class FaultyService:
    """A context manager; `url` is where it is, `asked` what it was asked.

    `answers` is what it says, by path without its query; `answer` is for every other path.
    """

    def __init__(self) -> None:
        self.answer: Answer = FAULTS["500"]
        self.answers: dict[str, Answer] = {}
        self.asked: list[Asked] = []
        self._stop = threading.Event()

    def __enter__(self) -> Self:
        """Start, in a thread of its own."""
        owner = self

        class Handler(BaseHTTPRequestHandler):
            def _meet(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length", 0)))
                owner.asked.append(
                    Asked(
                        self.path,
                        {name.lower(): value for name, value in self.headers.items()},
                        body,
                    )
                )
                answer = owner.answers.get(self.path.partition("?")[0], owner.answer)
                if answer.hang:
                    owner._stop.wait()
                    return
                self.close_connection = True
                try:
                    self._send(answer)
                except OSError:  # who asked has left
                    return

            def _send(self, answer: Answer) -> None:
                for number, byte in enumerate(answer.bytes()):
                    self.wfile.write(bytes((byte,)))
                    if answer.pause_s and number and owner._stop.wait(answer.pause_s):
                        return

            do_GET = do_POST = _meet  # noqa: N815 - the base class looks for these names

            # as the base class has it
            def log_message(self, format: str, *args: object) -> None:  # noqa: A002
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, name="faulty service"
        )
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop, whatever is still connected."""
        self._stop.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def url(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"


@pytest.fixture
def faulty() -> Iterator[FaultyService]:
    with FaultyService() as started:
        yield started
