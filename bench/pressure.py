"""The service under pressure, over real sockets, beside a control without it.

    python bench/pressure.py slow      [--sockets 2000] [--seconds 30]
    python bench/pressure.py endless   [--mebibytes 200]
    python bench/pressure.py stop      [--rounds 50] [--workers 1]
    python bench/pressure.py overload  [--times 10] [--seconds 20]

`slow`: how long real articles take while so many sockets hold half a head, half a body, or an
answer that they do not read, each opened again as it is closed. `endless`: how much of a chunked
body was sent when the 413 came. `stop`: SIGTERM amid requests, again and again: what became of
those that were sent before it, and how long the end took. `overload`: articles with unknown tweets
arrive so many times as often as the places for them allow: how long accepted and refused take.

Times are printed beside what is wished for; the exit code is 1 where something was lost, unanswered
or answered as it should not be.
"""

# our own commands, and choices that are no secret

import argparse
import asyncio
import http.client
import itertools
import json
import os
import random
import resource
import select
import signal
import socket
import statistics
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "tests" / "support"), str(ROOT)]

from arrivals import refuser, send
from served import RECORDED, serving
from standin_x import StandIn
from wrk import cpu_s

HOST = "127.0.0.1"
MIB = 1024 * 1024
KNOWN = "https://x.com/demo_harbour/status/2034906551094185985"
FIRST_ID = 1989 * 10**15
JSON_HEAD = "POST /v1/resolve HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
SPARE_FILES = 200
"""Open files that a process needs besides its sockets."""
NUMBERS = itertools.count()


def p99(times: Iterable[float]) -> float:
    """Return the 99th percentile in milliseconds."""
    ordered = sorted(times)
    return ordered[int(len(ordered) * 0.99)] * 1000


def told(times: list[float]) -> str:
    """Write how long so many took."""
    half = statistics.median(times) * 1000
    return f"{len(times):>6}   p50 {half:7.1f} ms   p99 {p99(times):7.1f} ms"


def resolving(content: str, **more: str) -> bytes:
    """Write a request of `/v1/resolve`."""
    body = json.dumps({"content": content, **more}).encode()
    return f"{JSON_HEAD}Content-Length: {len(body)}\r\n\r\n".encode() + body


def article(tweet: str) -> bytes:
    """Write a request for an article that was never sent before."""
    return resolving(f"<p>Night {next(NUMBERS)} on the pier.</p>\n<p>{tweet}</p>", format="html")


LONG_ANSWER = resolving("&" * 50_000, format="text", output="html")
"""Its answer is five times as long, more than the kernel takes."""


def want_files(sockets: int) -> None:
    """Allow this process and the service so many sockets, or end the program."""
    wanted = sockets + SPARE_FILES
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if most != resource.RLIM_INFINITY and most < wanted:
        sys.exit(f"{sockets} sockets want {wanted} open files, `ulimit -Hn` is {most}")
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))


async def answer_of(port: int, request: bytes) -> tuple[int, dict[str, str], float]:
    """Send a request on a connection of its own; return status, headers and seconds."""
    began = time.perf_counter()
    reader, writer = await asyncio.open_connection(HOST, port)
    try:
        writer.write(request)
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        headers = dict(line.lower().split(": ", 1) for line in head[1:] if line)
        await reader.readexactly(int(headers["content-length"]))
    finally:
        writer.close()
    return int(head[0].split()[1]), headers, time.perf_counter() - began


# --- slow sockets ---


@dataclass
class SlowSockets:
    """Sockets that hold what they began. `closed` counts by kind how many the service ended."""

    port: int
    many: int
    closed: Counter[str] = field(default_factory=Counter)
    open: int = 0
    _held: dict[int, asyncio.Event] = field(default_factory=dict)
    _poll: select.poll = field(default_factory=select.poll)

    async def hold(self) -> None:
        """Keep them all open until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._watch_readers())
            for number in range(self.many):
                kind = ("head", "body", "reader")[number % 3]
                group.create_task(self._hold_one(kind))
                if number % 50 == 0:
                    await asyncio.sleep(0.01)

    async def _hold_one(self, kind: str) -> None:
        loop = asyncio.get_running_loop()
        while True:
            with socket.socket() as one:
                one.setblocking(False)  # noqa: FBT003 - Python's own
                if kind == "reader":
                    # as from far away: over loopback the kernel takes megabytes
                    one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
                    one.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, 1400)
                await loop.sock_connect(one, (HOST, self.port))
                self.open += 1
                try:
                    await self._begin(loop, one, kind)
                finally:
                    self.open -= 1
            self.closed[kind] += 1

    async def _begin(self, loop: asyncio.AbstractEventLoop, one: socket.socket, kind: str) -> None:
        """Send what is begun, and wait for the end of the connection."""
        try:
            if kind == "head":
                await loop.sock_sendall(one, b"GET /livez HTTP/1.1\r\nHo")
            elif kind == "body":
                await loop.sock_sendall(one, f"{JSON_HEAD}Content-Length: 99\r\n\r\n{{".encode())
            else:
                await loop.sock_sendall(one, LONG_ANSWER)
                hung_up = asyncio.Event()
                self._held[one.fileno()] = hung_up
                self._poll.register(one, select.POLLHUP | select.POLLERR)
                try:
                    await hung_up.wait()
                finally:
                    self._poll.unregister(one)
                return
            while await loop.sock_recv(one, 4096):
                pass
        except OSError:
            pass

    async def _watch_readers(self) -> None:
        """Wake who reads nothing: the connection is gone, and nothing else tells."""
        while True:
            await asyncio.sleep(0.5)
            for number, _ in self._poll.poll(0):
                self._held[number].set()


async def save_on(port: int, seconds: float) -> list[float]:
    """Save an article 40 times a second; return the seconds that each took."""
    took: list[float] = []
    until = time.perf_counter() + seconds
    while time.perf_counter() < until:
        status, _, spent = await answer_of(port, article(KNOWN))
        if status != http.HTTPStatus.OK:
            sys.exit(f"an article was answered with {status}")
        took.append(spent)
        await asyncio.sleep(max(0.0, 0.025 - spent))
    return took


async def slow(port: int, pid: int, many: int, seconds: float) -> bool:
    """Print how long articles take without and with slow sockets."""
    await save_on(port, 1)
    before = await save_on(port, seconds / 2)
    sockets = SlowSockets(port, many)
    holding = asyncio.create_task(sockets.hold())
    while sockets.open < many * 0.95:  # noqa: ASYNC110 - they come and go
        await asyncio.sleep(0.05)
    await save_on(port, 1)
    at_most = memory_mib(pid)
    during: list[float] = []
    for _ in range(max(1, round(seconds / 5))):
        during += await save_on(port, min(5.0, seconds))
        at_most = max(at_most, memory_mib(pid))
    holding.cancel()
    await asyncio.gather(holding, return_exceptions=True)
    await asyncio.sleep(1)
    after = await save_on(port, seconds / 2)
    print(f"without               {told(before + after)}")
    print(f"with {many:>5} slow ones  {told(during)}   (wished for: p99 250 ms)")
    ended = ", ".join(f"{count} {kind}" for kind, count in sorted(sockets.closed.items()))
    print(f"ended by the service: {ended or 'none'}; memory at most {at_most:.0f} MiB")
    return True


def memory_mib(pid: int) -> float:
    """Return what a process holds in memory (`proc_pid_statm(5)`)."""
    pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / MIB


# --- an endless body ---


def endless(port: int, mebibytes: int) -> bool:
    """Print how much was sent, at the pace at which it is read, when the answer came."""
    sent, piece = 0, b"10000\r\n" + b" " * 65536 + b"\r\n"
    with socket.create_connection((HOST, port), timeout=30) as connection:
        connection.sendall(f"{JSON_HEAD}Transfer-Encoding: chunked\r\n\r\n".encode())
        while sent < mebibytes * MIB:
            connection.sendall(piece)
            sent += 65536
            if select.select([connection], [], [], 0.02)[0]:
                break
        response = http.client.HTTPResponse(connection)
        response.begin()
    print(
        f"{mebibytes} MiB in chunks: {response.status} after {sent / MIB:.2f} MiB"
        " (wished for: 413 after 2.1 MiB)"
    )
    # the status has a name: Content Too Large
    return response.status == 413 and sent <= 2.1 * MIB  # noqa: PLR2004


# --- SIGTERM ---


@dataclass
class Caller:
    """Somebody who sends one article after the other, on one connection or on one for each."""

    port: int
    tweets: Callable[[], str]
    keeps: bool
    outcomes: list[tuple[float, str]] = field(default_factory=list)
    """When a request was sent whole, and its status, or `lost`."""

    def run(self) -> None:
        """Go on until nobody listens."""
        connection = http.client.HTTPConnection(HOST, self.port, timeout=30)
        while True:
            try:
                connection.connect() if connection.sock is None else None
            except OSError:
                return
            try:
                body = article(self.tweets()).partition(b"\r\n\r\n")[2]
                connection.request(
                    "POST", "/v1/resolve", body, {"Content-Type": "application/json"}
                )
                sent = time.perf_counter()
            except OSError:  # closed before it was sent
                connection.close()
                continue
            try:
                response = connection.getresponse()
                response.read()
                self.outcomes.append((sent, str(response.status)))
            except (OSError, http.client.HTTPException):
                self.outcomes.append((sent, "lost"))
                connection.close()
            if not self.keeps:
                connection.close()


def stop(rounds: int, workers: int) -> bool:
    """Print what became of the requests that were sent before SIGTERM, over so many rounds."""
    outcomes: Counter[str] = Counter()
    later: Counter[str] = Counter()
    ends: list[float] = []
    with StandIn() as x:
        ids = itertools.count(FIRST_ID)
        for known in range(FIRST_ID, FIRST_ID + rounds * 1000):
            x.tweet(str(known), "keeper", "Keeper", "Wind and water")
        for _ in range(rounds):
            x.delay_s = 0.0
            served = serving("--workers", str(workers), **x.env, TWEET_EMBED_UPSTREAM_RATE="0")
            with served as (port, process):
                known = f"https://x.com/keeper/status/{next(ids)}"
                asyncio.run(answer_of(port, article(known)))
                x.delay_s = 0.3
                callers = [Caller(port, lambda: known, number % 2 == 0) for number in range(8)]  # noqa: B023 - used up within the round
                callers += [
                    Caller(port, lambda: f"https://x.com/keeper/status/{next(ids)}", number == 0)
                    for number in range(4)
                ]
                threads = [threading.Thread(target=each.run) for each in callers]
                for thread in threads:
                    thread.start()
                time.sleep(random.uniform(0.3, 1.0))  # noqa: S311 - when, is no secret
                term = time.perf_counter()
                process.send_signal(signal.SIGTERM)
                process.communicate(timeout=30)
                ends.append(time.perf_counter() - term)
                for thread in threads:
                    thread.join()
            for sent, outcome in itertools.chain.from_iterable(one.outcomes for one in callers):
                (outcomes if sent < term else later)[outcome] += 1
    print(f"SIGTERM {rounds} times, {outcomes.total()} requests sent before it: {dict(outcomes)}")
    print(f"sent after it: {dict(later)}")
    print(
        f"the end took {statistics.median(ends):.2f} s, {max(ends):.2f} s at most (wished for: 8)"
    )
    return set(outcomes) == {"200"}


# --- overload ---


def overload(port: int, pid: int, times: float, seconds: float) -> bool:
    """Print how long articles take that X is asked about: nearly as many as there are places for,
    and so many times as many, with known ones among them; and how long the same crowd takes at a
    server that refuses everything.
    """
    each_second, same = PLACES / X_TAKES_S, FIRST_ID
    ids = itertools.count(FIRST_ID + 1, round(each_second * times * seconds))
    send(port, 10, 0.5, same)
    send(port, each_second * NORMAL, 1, next(ids))
    with refuser() as bare:
        control = send(bare, each_second * times, seconds, same)
    normal = send(port, each_second * NORMAL, seconds, next(ids), same)
    before = cpu_s(pid)
    crowd = send(port, each_second * times, seconds, next(ids), same)
    cpu_part = (cpu_s(pid) - before) / seconds
    usual = [spent for status, _, spent in normal.new if status == http.HTTPStatus.OK]
    accepted = [spent for status, _, spent in crowd.new if status == http.HTTPStatus.OK]
    refused = [one for one in crowd.new if one[0] != http.HTTPStatus.OK]
    ratio = statistics.median(accepted) / statistics.median(usual), p99(accepted) / p99(usual)
    print(
        f"{each_second:.0f} articles a second could be answered, X takes {X_TAKES_S * 1000:.0f} ms;"
        f" normal is {NORMAL:.0%} of that"
    )
    print(f"normal    {told(usual)}   of {len(normal.new)}")
    print(
        f"accepted  {told(accepted)}   p50 {ratio[0]:.2f}, p99 {ratio[1]:.2f} times normal (wished"
        f" for: 2)   of {len(crowd.new)}, {times:g} times as many as could be"
    )
    print(f"refused   {told([spent for *_, spent in refused])}   (wished for: 20 ms)")
    print(f"known     {told([spent for *_, spent in crowd.same])}")
    print(
        f"control   {told([spent for *_, spent in control.new])}   all refused, by next to nothing"
    )
    late = ", ".join(f"{p99(one.late):.1f}" for one in (control, normal, crowd))
    print(f"left late by (p99) {late} ms; the service took {cpu_part:.0%} of a processor")
    statuses = Counter(status for status, *_ in crowd.new)
    print(f"statuses: {dict(statuses)}; known ones {dict(Counter(one[0] for one in crowd.same))}")
    return (
        {status for status, *_ in crowd.same} == {200}
        and set(statuses) <= {200, 503}
        and all(says_when for _, says_when, _ in refused)
    )


PLACES = 8
X_TAKES_S = 0.2
NORMAL = 0.9
"""Which part of what can be answered arrives when all is well: of more some is refused."""


def main() -> None:
    """Put one kind of pressure on, and print."""
    options = argparse.ArgumentParser(description=str(__doc__).split("\n", 1)[0])
    options.add_argument("kind", choices=["slow", "endless", "stop", "overload"])
    options.add_argument("--sockets", type=int, default=2000)
    options.add_argument("--seconds", type=float, default=20.0)
    options.add_argument("--mebibytes", type=int, default=200)
    options.add_argument("--rounds", type=int, default=50)
    options.add_argument("--workers", type=int, default=1)
    options.add_argument("--times", type=float, default=10.0)
    asked = options.parse_args()
    if asked.kind == "slow":
        want_files(asked.sockets)
        with serving(**RECORDED) as (port, service):
            is_well = asyncio.run(slow(port, service.pid, asked.sockets, asked.seconds))
    elif asked.kind == "endless":
        with serving(**RECORDED) as (port, _):
            is_well = endless(port, asked.mebibytes)
    elif asked.kind == "stop":
        is_well = stop(asked.rounds, asked.workers)
    else:
        with StandIn() as x:
            for number in range(round(PLACES / X_TAKES_S * asked.times * asked.seconds) * 3 + 2):
                x.tweet(str(FIRST_ID + number), "keeper", "Keeper", "Wind and water")
            x.delay_s = X_TAKES_S
            limits = {"TWEET_EMBED_MAX_IN_FLIGHT": str(PLACES), "TWEET_EMBED_UPSTREAM_RATE": "0"}
            with serving(**x.env, **limits) as (port, service):
                is_well = overload(port, service.pid, asked.times, asked.seconds)
    sys.exit(0 if is_well else 1)


if __name__ == "__main__":
    main()
