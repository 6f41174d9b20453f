"""Servers for the benches: the service on a store that was filled from the tests' stand-in for X,
and the yardstick, one process each, one worker each, on one processor.
"""

import http.client
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

BENCH = Path(__file__).resolve().parent
ROOT = BENCH.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "support")]

from new_articles import KnownTweet, bare_addresses, new_articles
from standin_x import StandIn
from wrk import on_processor

PREFIX = "TWEET_EMBED_"


@dataclass(frozen=True, slots=True)
class Server:
    """A server that runs."""

    port: int
    process_id: int

    def url(self, path: str) -> str:
        """Return the address of a path."""
        return f"http://127.0.0.1:{self.port}{path}"

    def ask(self, method: str, path: str, body: bytes = b"", key: str = "") -> bytes:
        """Return the answer to one request; raise if it is not answered with 200."""
        headers = {"Content-Type": "application/json"}
        if key:
            headers["Authorization"] = f"Bearer {key}"
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(method, path, body, headers)
            response = connection.getresponse()
            answer = response.read()
        finally:
            connection.close()
        if response.status != http.HTTPStatus.OK:
            message = f"{path} answers {response.status}: {answer[:300]!r}"
            raise RuntimeError(message)
        return answer

    def count(self, metric: str) -> int:
        """Read one of the service's counters."""
        lines = self.ask("GET", "/metrics").decode().splitlines()
        return int(float(next(line.split()[-1] for line in lines if line.startswith(metric))))

    def memory_mib(self) -> float:
        """Read how much memory the process holds (VmRSS, proc(5)), in MiB."""
        status = Path(f"/proc/{self.process_id}/status").read_text(encoding="ascii")
        line = next(line for line in status.splitlines() if line.startswith("VmRSS:"))
        return int(line.split()[1]) / 1024


@dataclass(frozen=True, slots=True)
class Place:
    """Where servers run: a folder for their files, and an X."""

    folder: Path
    x: StandIn
    tweets: list[KnownTweet]

    @contextmanager
    def service(self, *flags: str, **environment: str) -> Iterator[Server]:
        """Run the service with X's answers about every tweet in memory; it asks for nothing more.

        `flags` are those of `serve_with.py`.
        """
        known = {
            f"{PREFIX}CACHE_PATH": str(self.folder / "store"),
            f"{PREFIX}TTL_EMBEDDED": "1d",
            f"{PREFIX}TTL_LINK": "1d",
            f"{PREFIX}UPSTREAM_RATE": "1000",
        }
        port = free_port()
        command = [sys.executable, str(BENCH / "serve_with.py"), str(port), *flags]
        with running(command, port, self.x.env | known | environment, self.folder) as server:
            self._fill(server, environment.get(f"{PREFIX}API_KEYS", ""))
            yield server

    @contextmanager
    def echo(self) -> Iterator[Server]:
        """Run the yardstick, a bare FastAPI app."""
        port = free_port()
        command = [
            *(sys.executable, "-m", "uvicorn", "echo_app:app", "--port", str(port)),
            *("--no-access-log", "--log-level", "warning"),
            *("--loop", "uvloop", "--http", "httptools"),
        ]
        with running(command, port, {}, self.folder) as server:
            yield server

    def _fill(self, server: Server, key: str) -> None:
        """Have the service learn every tweet, and see that an article is resolved from memory."""
        for workload in (new_articles(self.tweets), bare_addresses(self.tweets)):
            for number in range(len(workload.templates)):
                content = workload.article(number)
                wanted = {"content": content, "format": "html", "deadline_ms": 30_000}
                server.ask("POST", "/v1/resolve", json.dumps(wanted).encode(), key)
        before = len(self.x.asked)
        answer = json.loads(
            server.ask("POST", "/v1/resolve", new_articles(self.tweets).body(0), key)
        )
        became = [(each["state"], each["served_from"]) for each in answer["embeds"]]
        if became != [("embedded", "cache")] * 3 or len(self.x.asked) != before:
            message = f"the article did not come out as it should: {answer['embeds']}"
            raise RuntimeError(message)


def free_port() -> int:
    """Find a port that nobody listens at."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@contextmanager
def running(
    command: list[str], port: int, environment: dict[str, str], folder: Path
) -> Iterator[Server]:
    """Run a server until the block ends; what it logs goes to a file."""
    with (folder / f"{port}.log").open("wb") as log:
        with on_processor(0):
            process = subprocess.Popen(
                command, env=os.environ | environment, cwd=BENCH, stderr=log, stdout=log
            )
        try:
            _wait(lambda: _listens(port), process, Path(log.name))
            yield Server(port, process.pid)
        finally:
            process.terminate()
            process.wait(20)


def _wait(is_ready: Callable[[], bool], process: "subprocess.Popen[bytes]", log: Path) -> None:
    for _ in range(300):
        if is_ready():
            return
        if process.poll() is not None:
            break
        time.sleep(0.1)
    message = f"the server did not start: {log.read_text(encoding='utf-8')[-2000:]}"
    raise RuntimeError(message)


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True
