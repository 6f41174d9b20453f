"""wrk (https://github.com/wg/wrk) put on a server of this machine, every request another one.

    with Requests([get("/oembed?url=…"), get("/oembed?url=…"), …]) as requests:
        told = requests.put_on(port, seconds=2.0)

The requests are sent in their order and from the first again after the last; the next round goes on
where this one ended. Wherever `COUNTER` stands in a request, the request's number is sent in its
place, so that none is ever sent twice. One thread of wrk on one processor, so that the server has
another.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

COUNTER = "@COUNTER@"
DIGITS = 9
"""Digits of a number that is sent, leading zeros and all: `COUNTER` is as long."""
FIRST = 1_000_000
"""The first number that is sent; a bench may use those before for itself."""

LUA = """
local requests, number = {}, 0
function init(args)
  local file = assert(io.open(args[1], "rb"))
  for size in function() return file:read("*n", "*l") end do
    local pieces = {}
    for piece in (file:read(size) .. "@COUNTER@"):gmatch("(.-)@COUNTER@") do
      pieces[#pieces + 1] = piece
    end
    requests[#requests + 1] = pieces
  end
  number = tonumber(args[2]) - 1
end
function request()
  number = number + 1
  return table.concat(requests[number % #requests + 1], string.format("%09d", number))
end
function done(summary, latency)
  local lost = summary.errors
  io.write(string.format(
    '\\n{"requests":%d,"seconds":%f,"p50_ms":%f,"p99_ms":%f,"errors":%d}\\n',
    summary.requests, summary.duration / 1e6, latency:percentile(50) / 1e3,
    latency:percentile(99) / 1e3,
    lost.connect + lost.read + lost.write + lost.status + lost.timeout))
end
"""


class Told(NamedTuple):
    """One round: answers, answers a second, latencies, processor time of the server for an answer,
    and how many requests were not answered with 2xx.
    """

    requests: int
    per_second: float
    p50_ms: float
    p99_ms: float
    cpu_us: float
    errors: int


def get(path: str, *headers: str) -> bytes:
    """Write a GET."""
    return _head(f"GET {path}", headers)


def post(path: str, body: bytes, *headers: str) -> bytes:
    """Write a POST of JSON."""
    length = f"Content-Length: {len(body)}"
    return _head(f"POST {path}", ("Content-Type: application/json", length, *headers)) + body


def _head(call: str, headers: Sequence[str]) -> bytes:
    return "\r\n".join([f"{call} HTTP/1.1", "Host: 127.0.0.1", *headers, "", ""]).encode()


def want_wrk() -> None:
    """End the program, naming the Debian package, where there is no wrk."""
    if shutil.which("wrk") is None:
        sys.exit("no wrk: apt-get install wrk")


def cpu_s(pid: int) -> float:
    """Return the seconds of processor time that a process has taken (`proc_pid_stat(5)`)."""
    stat = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(stat[11]) + int(stat[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def on_processor(number: int) -> Iterator[None]:
    """Let the processes that are started in the block stay on one of the processors."""
    processors = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {sorted(processors)[number % len(processors)]})
    try:
        yield
    finally:
        os.sched_setaffinity(0, processors)


class Requests:
    """Requests in a file that wrk reads. A context manager."""

    def __init__(self, requests: Sequence[bytes]) -> None:
        """Take the requests, each whole: head and body."""
        self._requests = requests
        self._next = FIRST

    def __enter__(self) -> Self:
        """Write the file."""
        self._folder = tempfile.TemporaryDirectory()
        self._file = Path(self._folder.name) / "requests"
        self._script = Path(self._folder.name) / "requests.lua"
        self._file.write_bytes(b"".join(b"%d\n%b" % (len(each), each) for each in self._requests))
        self._script.write_text(LUA, encoding="utf-8")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Remove it."""
        self._folder.cleanup()

    def put_on(self, port: int, pid: int, *, seconds: float, connections: int = 16) -> Told:
        """Load the server at a port of this machine; `pid` is its process."""
        command = ["wrk", "-t1", f"-c{connections}", f"-d{max(1, round(seconds))}s"]
        command += ["-s", str(self._script), f"http://127.0.0.1:{port}/"]
        before = cpu_s(pid)
        with on_processor(1):
            done = subprocess.run(
                [*command, "--", str(self._file), str(self._next)],
                capture_output=True,
                check=True,
                timeout=seconds + 60,
            )
        told = json.loads(done.stdout.splitlines()[-1])
        self._next += told["requests"] + connections  # and those under way at the end
        return Told(
            told["requests"],
            told["requests"] / told["seconds"],
            told["p50_ms"],
            told["p99_ms"],
            (cpu_s(pid) - before) * 1e6 / max(1, told["requests"]),
            told["errors"],
        )
