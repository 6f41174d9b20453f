"""Articles that arrive so many times a second, whatever becomes of those before: sent by a process
of their own, so that who measures does not share an interpreter with what answers.

    python bench/arrivals.py send PORT EACH_SECOND SECONDS FIRST_ID [SAME_ID]
    python bench/arrivals.py refuse

`send` asks `/v1/resolve` about another tweet each time, on a new connection each, and ten times a
second about the tweet SAME_ID; it prints JSON: of each answer status, whether it says Retry-After,
and seconds from the connection to the last byte, and how late requests left. `refuse` tells its
port and answers everything with 503 at once, from as little Python as there can be: what `send`
measures of it is the machine, and itself.
"""

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

import uvloop

HOST = "127.0.0.1"
SAME_EACH_SECOND = 10
REFUSAL = (
    b"HTTP/1.1 503 Service Unavailable\r\ncontent-type: application/problem+json\r\n"
    b"retry-after: 1\r\nconnection: close\r\ncontent-length: 2\r\n\r\n{}"
)
Answer = tuple[int, bool, float]
"""Status, whether it says Retry-After, seconds."""


@dataclass(frozen=True, slots=True)
class Arrived:
    """What became of the requests: of those about new tweets, and of those about the same one.
    `late` is how many seconds after their time they were sent.
    """

    new: list[Answer]
    same: list[Answer]
    late: list[float]


def send(
    port: int, each_second: float, seconds: float, first_id: int, same_id: int | None = None
) -> Arrived:
    """Send from a process of its own, and wait for every answer."""
    given = [str(each) for each in (port, each_second, seconds, first_id, same_id or "")]
    # -E: an output without a buffer would lose what the pipe has no room for
    command = [sys.executable, "-E", __file__, "send", *given]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True, timeout=seconds + 90)
    return Arrived(**json.loads(done.stdout))


@contextmanager
def refuser() -> Iterator[int]:
    """Run the server that refuses everything; yield its port."""
    command = [sys.executable, __file__, "refuse"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            yield int(cast("IO[str]", server.stdout).readline())
        finally:
            server.terminate()


class _Call(asyncio.Protocol):
    """One request on a connection of its own, which the service is asked to close."""

    def __init__(self, tweet_id: int, number: int) -> None:
        self._tweet_id, self._number = tweet_id, number
        self._read = bytearray()
        self.began = time.perf_counter()
        self.answered: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        content = (
            f"<p>Night {self._number} on the pier.</p>\\n"
            f"<p>https://x.com/keeper/status/{self._tweet_id}</p>"
        )
        body = f'{{"content": "{content}", "format": "html"}}'
        head = (
            "POST /v1/resolve HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
            f"Connection: close\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        cast("asyncio.Transport", transport).write(f"{head}{body}".encode())

    def data_received(self, data: bytes) -> None:
        self._read += data

    def connection_lost(self, exc: Exception | None) -> None:
        del exc
        spent = time.perf_counter() - self.began
        head = bytes(self._read).partition(b"\r\n\r\n")[0].lower()
        status = int(head[9:12]) if head else 0
        self.answered.set_result((status, b"\r\nretry-after:" in head, spent))


async def _arrive(
    port: int, ids: Iterator[int], each_second: float, many: int, late: list[float]
) -> list[Answer]:
    loop, calls = asyncio.get_running_loop(), []
    began = time.perf_counter()
    for number in range(many):
        due = began + number / each_second
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        late.append(time.perf_counter() - due)
        call = _Call(next(ids), number)
        calls.append(call)
        connecting = loop.create_task(loop.create_connection(lambda made=call: made, HOST, port))  # type: ignore[misc]
        connecting.add_done_callback(lambda done: done.exception())
    return [await call.answered for call in calls]


async def _send(port: int, each_second: float, seconds: float, first: int, same: str) -> Arrived:
    late: list[float] = []
    one_after_the_other = iter(range(first, first + round(each_second * seconds)))
    again = iter([int(same)] * round(SAME_EACH_SECOND * seconds) if same else [])
    new, known = await asyncio.gather(
        _arrive(port, one_after_the_other, each_second, round(each_second * seconds), late),
        _arrive(port, again, SAME_EACH_SECOND, round(SAME_EACH_SECOND * seconds) * bool(same), []),
    )
    return Arrived(new, known, late)


class _Refusing(asyncio.Protocol):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        if data.endswith(b"}"):
            self._transport.write(REFUSAL)
            self._transport.close()


async def _refuse() -> None:
    server = await asyncio.get_running_loop().create_server(_Refusing, HOST, 0, backlog=2048)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


def main() -> None:
    """Do what the first argument says."""
    if sys.argv[1] == "refuse":
        uvloop.run(_refuse())
        return
    port, each_second, seconds, first, same = sys.argv[2:]
    told = uvloop.run(_send(int(port), float(each_second), float(seconds), int(first), same))
    print(json.dumps({"new": told.new, "same": told.same, "late": told.late}))


if __name__ == "__main__":
    sys.path[:0] = [str(Path(__file__).resolve().parent)]
    main()
