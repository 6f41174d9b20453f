"""A small load generator: keep-alive HTTP/1.1 over loopback, a fixed number of connections for a
fixed time.

Run as a process of its own, so that it does not share an interpreter with what it measures:

    python bench/load.py HOST PORT PATH BODY_FILE CONNECTIONS SECONDS

prints one JSON object: requests, seconds, per_second, p50_ms, p99_ms, and errors (answers other
than 200).
"""

import asyncio
import json
import statistics
import sys
import time
from pathlib import Path

HEAD_END = b"\r\n\r\n"


class Caller(asyncio.Protocol):
    """One connection: sends the request, reads the whole answer, sends it again, until told to
    stop.
    """

    def __init__(self, request: bytes, until: float) -> None:
        """`request` is sent as it is; no new one is sent after `until` (`time.perf_counter`)."""
        self.request = request
        self.until = until
        self.took: list[float] = []
        self.errors = 0
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._buffer = b""
        self._missing = -1
        self._status = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Start."""
        self.transport: asyncio.Transport = transport  # type: ignore[assignment]
        self._send()

    def data_received(self, data: bytes) -> None:
        """Collect one answer; its length is what `Content-Length` says."""
        if self._missing < 0:
            self._buffer += data
            head, end, rest = self._buffer.partition(HEAD_END)
            if not end:
                return
            lines = head.lower().split(b"\r\n")
            self._status = lines[0].split(b" ", 2)[1]
            length = next(int(line[15:]) for line in lines if line.startswith(b"content-length:"))
            self._missing, data = length, rest
        self._missing -= len(data)
        if self._missing == 0:
            now = time.perf_counter()
            self.took.append(now - self._sent)
            self.errors += self._status != b"200"
            if now < self.until:
                self._send()
            else:
                self.transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        """Note the end, wanted or not."""
        self.errors += exc is not None
        if not self.done.done():
            self.done.set_result(None)

    def _send(self) -> None:
        self._buffer = b""
        self._missing = -1
        self._sent = time.perf_counter()
        self.transport.write(self.request)


async def load(
    host: str,
    port: int,
    path: str,
    body: bytes,
    connections: int,
    seconds: float,
) -> dict[str, float]:
    """Put the load on, and say what came back."""
    head = (
        f"POST {path} HTTP/1.1\r\nHost: {host}:{port}\r\nContent-Type:"
        f" application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    request = head.encode() + body
    loop = asyncio.get_running_loop()
    started = time.perf_counter()
    callers = [
        (await loop.create_connection(lambda: Caller(request, started + seconds), host, port))[1]
        for _ in range(connections)
    ]
    await asyncio.wait_for(asyncio.gather(*(caller.done for caller in callers)), seconds + 10)
    took = time.perf_counter() - started
    times = sorted(each for caller in callers for each in caller.took)
    return {
        "requests": len(times),
        "seconds": round(took, 3),
        "per_second": round(len(times) / took, 1),
        "p50_ms": round(statistics.median(times) * 1000, 3),
        "p99_ms": round(times[int(len(times) * 0.99)] * 1000, 3),
        "errors": sum(caller.errors for caller in callers),
    }


def main() -> None:
    """Read the command line, run, print."""
    host, port, path, body, connections, seconds = sys.argv[1:]
    report = asyncio.run(
        load(host, int(port), path, Path(body).read_bytes(), int(connections), float(seconds)),
    )
    sys.stdout.write(json.dumps(report) + "\n")


if __name__ == "__main__":
    main()
