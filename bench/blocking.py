"""What one article costs the others: how long `/livez` and a cached article of 8 kB take beside a
hostile body of the largest size that is let in.

    python bench/blocking.py [--size 2097152] [--seconds 8] [--at-once 1] [--only WORD]
        [--names FILE] [--list]

The service runs as it is served, one worker. From a process of its own,
50 times a second each, `/livez` is asked and an article of 8 kB resolved, whose three tweets are
known and whose paragraphs are new; a request is timed from when it was due, so that what it waits
for another one counts. Meanwhile hostile bodies are sent, `--at-once` at a time, each another one.
`control` is without them. All times are milliseconds; `took` is how long the hostile ones took,
`MiB` the memory of the server and the most that the process for long bodies has held.
"""

import argparse
import asyncio
import http.client
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import ExitStack
from pathlib import Path
from typing import cast

from hostile_bodies import BODIES, articles, request_of
from new_articles import known_tweets, new_articles, tell
from servers import Place, Server
from standin_x import StandIn

PER_SECOND = 50
TWEETS = 3
LENGTH = b"content-length:"


class Prober:
    """Sends what is due when it is due, over as many connections as that takes."""

    def __init__(self, port: int, seconds: float) -> None:
        """Probe the service at a port of this machine."""
        self._port = port
        self._seconds = seconds
        self._idle: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []
        self.took: dict[str, list[float]] = {"livez": [], "cached": []}
        self.errors = 0

    async def run(self) -> None:
        """Probe, and wait for every answer."""
        loop = asyncio.get_running_loop()
        began = loop.time() + 0.05
        articles = new_articles(known_tweets(TWEETS))
        asked = []
        for number in range(int(self._seconds * PER_SECOND)):
            due = began + number / PER_SECOND
            await asyncio.sleep(max(0.0, due - loop.time()))
            asked.append(asyncio.create_task(self._ask("livez", b"GET /livez", b"", due)))
            body = articles.body(int(due * 1000) % 1_000_000_000)
            asked.append(
                asyncio.create_task(
                    self._ask("cached", b"POST /v1/resolve", body, due + 0.5 / PER_SECOND)
                )
            )
        await asyncio.gather(*asked)

    async def _ask(self, name: str, line: bytes, body: bytes, due: float) -> None:
        loop = asyncio.get_running_loop()
        await asyncio.sleep(max(0.0, due - loop.time()))
        try:
            stream = (
                self._idle.pop()
                if self._idle
                else await asyncio.open_connection("127.0.0.1", self._port)
            )
            reader, writer = stream
            writer.write(
                line
                + b" HTTP/1.1\r\nHost: probe\r\nContent-Type: application/json\r\n"
                + b"Content-Length: %d\r\n\r\n" % len(body)
                + body
            )
            head = (await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 120)).lower()
            length = next(int(one[15:]) for one in head.split(b"\r\n") if one[:15] == LENGTH)
            await reader.readexactly(length)
            self.took[name].append(loop.time() - due)
            self.errors += head.split(b" ", 2)[1] != b"200"
            self._idle.append(stream)
        except (OSError, EOFError, TimeoutError, StopIteration):
            self.errors += 1


def told(took: list[float]) -> dict[str, float]:
    """Return percentiles in milliseconds."""
    cuts = statistics.quantiles(took, n=100, method="inclusive")
    return {
        name: round(value * 1000, 1)
        for name, value in (("p50", cuts[49]), ("p99", cuts[98]), ("max", max(took)))
    }


def probe(port: int, seconds: float) -> None:
    """Probe and print what came back, as one JSON object."""
    prober = Prober(port, seconds)
    asyncio.run(prober.run())
    print(
        json.dumps(
            {name: told(took) for name, took in prober.took.items()} | {"errors": prober.errors}
        )
    )


def send(port: int, body: bytes) -> int:
    """Send a body and read the answer; return its status, 0 if there was none."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    try:
        connection.request("POST", "/v1/resolve", body, {"Content-Type": "application/json"})
        response = connection.getresponse()
        response.read()
    except (OSError, http.client.HTTPException):
        return 0
    else:
        return response.status
    finally:
        connection.close()


class Hostile:
    """Sends hostile bodies one after the other, until told to stop."""

    def __init__(self, port: int, bodies: list[bytes]) -> None:
        """Send each of the bodies once."""
        self._port, self._bodies = port, bodies
        self._stop = threading.Event()
        self.took: list[float] = []
        self.statuses: set[int] = set()

    def run(self) -> None:
        """Send until stopped or out of bodies."""
        while self._bodies and not self._stop.is_set():
            began = time.perf_counter()
            self.statuses.add(send(self._port, self._bodies.pop()))
            self.took.append(time.perf_counter() - began)

    def stop(self) -> None:
        """Send no more."""
        self._stop.set()


def memory_mib(process: int) -> tuple[int, int]:
    """Return the memory of a server, and the most that a process begun by it has held (proc(5))."""

    def read(number: int, name: str) -> int:
        status = Path(f"/proc/{number}/status").read_text(encoding="ascii")
        return int(status.partition(f"{name}:")[2].split()[0]) // 1024

    tasks = Path(f"/proc/{process}/task").glob("*/children")
    children = [int(each) for told in tasks for each in told.read_text("ascii").split()]
    return read(process, "VmRSS"), max((read(each, "VmHWM") for each in children), default=0)


def measure(server: Server, bodies: list[bytes], seconds: float, at_once: int) -> dict[str, object]:
    """Probe the service while the bodies are sent, and say what came back."""
    port = server.port
    hostile = Hostile(port, bodies)
    threads = [threading.Thread(target=hostile.run) for _ in range(at_once if bodies else 0)]
    command = [sys.executable, __file__, "--probe", str(port), "--seconds", str(seconds)]
    prober = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    for thread in threads:
        thread.start()
    out, _ = prober.communicate(timeout=seconds + 150)
    hostile.stop()
    memory = memory_mib(server.process_id)
    for thread in threads:
        thread.join()
    shown = dict(json.loads(out))
    longest = max(hostile.took, default=0.0)
    return shown | {
        "sent": len(hostile.took),
        "took": longest,
        "status": sorted(hostile.statuses),
        "memory": memory,
    }


def print_row(name: str, row: dict[str, object]) -> None:
    """Print a line of the table."""
    cells = ""
    for kind in ("livez", "cached"):
        times = cast("dict[str, float]", row[kind])
        cells += "".join(f"{times[part]:>8.1f}" for part in ("p50", "p99", "max")) + "  "
    took = float(str(row["took"])) * 1000
    print(
        f"{name:<52}{cells}{took:>8.0f} {row['sent']:>4} {row['status']}"
        f" MiB {row['memory']} errors {row['errors']}",
        flush=True,
    )


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description=str(__doc__).split("\n", 1)[0])
    options.add_argument("--size", type=int, default=2 * 1024 * 1024)
    options.add_argument("--seconds", type=float, default=8.0)
    options.add_argument("--at-once", type=int, default=1)
    options.add_argument("--only", default="")
    options.add_argument("--names", type=Path, help="only the kinds that a file names, one a line")
    options.add_argument("--list", action="store_true", help="name the kinds, and measure none")
    options.add_argument("--probe", type=int, help=argparse.SUPPRESS)
    asked = options.parse_args()
    if asked.probe:
        probe(asked.probe, asked.seconds)
        return
    every = articles()
    wanted = asked.names.read_text("utf-8").splitlines() if asked.names else (*BODIES, *every)
    unknown = [name for name in wanted if name not in BODIES.keys() | every]
    if unknown:
        options.error(f"no kinds of body: {', '.join(unknown)}; --list names them")
    names = [name for name in wanted if asked.only in name]
    if asked.list:
        print("\n".join(names))
        return
    tweets = known_tweets(TWEETS)
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        x = stack.enter_context(StandIn())
        tell(x, tweets)
        place = Place(Path(folder), x, tweets)
        server = stack.enter_context(
            place.service(TWEET_EMBED_LOG_LEVEL="error", TWEET_EMBED_MAX_MENTIONS="200")
        )
        os.sched_setaffinity(server.process_id, os.sched_getaffinity(0))
        titles = "".join(f"{each:>26}" for each in ("/livez p50 p99 max", "cached p50 p99 max"))
        print(f"{'':<52}{titles}    took sent")
        print_row("control", measure(server, [], asked.seconds, 0))
        for name in names:
            room = asked.size - 200
            if name in BODIES:
                bodies = [BODIES[name](room - number) for number in range(20)]
            else:
                written_in, build = every[name]
                bodies = []
                for number in range(20):
                    content = build(room)
                    while len(body := request_of(written_in, f"{content}\n{number}")) > asked.size:
                        content = build(int(len(content) * asked.size / len(body)) - 100)
                    bodies.append(body)
            print_row(name, measure(server, bodies, asked.seconds, asked.at_once))
        print_row("control", measure(server, [], asked.seconds, 0))


if __name__ == "__main__":
    main()
