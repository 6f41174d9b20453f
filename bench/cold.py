"""What the service adds where nothing is known: articles whose tweet X has to be asked about, 50 ms
for each answer, beside a bare client that asks the same.

    python bench/cold.py [--delay-ms 50] [--seconds 4] [--in-flight 1,16,100] [--rounds 1]

An article is 8 kB of HTML with one flattened tweet, none sent before: its t.co code is
followed, and the tweet that it leads to asked for. So the chain is two answers of X, one after the
other, and the ideal is `in flight / chain`. X is the tests' stand-in over TLS, in a process of its
own, reached as an operator's egress proxy is. The bare client (asyncio, httptools) asks the same
two addresses and does nothing with the answers; `ceiling` is what it gets from a stand-in that does
not wait, in chains a second: the stand-in is no bottleneck where that is well above the ideal.
"""

import argparse
import asyncio
import contextlib
import json
import os
import ssl
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from urllib.parse import quote

import httptools
import uvloop
from new_articles import KnownTweet, flattened_only, known_tweets, tell
from servers import Server, free_port, running
from standin_x import StandIn
from wrk import cpu_s

from service.upstream.http.dialling import Tunnel

MOST_ARTICLES = 30_000
HOSTS = ("t.co", "publish.x.com")


@dataclass(frozen=True, slots=True)
class Seen:
    """One round: chains a second, and their times in milliseconds."""

    per_second: float
    p50_ms: float
    p99_ms: float
    cpu_us: float = 0.0


class BareConnection(asyncio.Protocol):
    """A connection that reads one answer after the other, and keeps nothing of them."""

    def __init__(self) -> None:
        """Wait for a transport."""
        self._done: asyncio.Future[None]
        self._parser: httptools.HttpResponseParser

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        self._transport: asyncio.Transport = transport  # type: ignore[assignment]

    def data_received(self, data: bytes) -> None:
        """Read."""
        self._parser.feed_data(data)

    def on_message_complete(self) -> None:
        """Hand on."""
        self._done.set_result(None)

    async def get(self, host: str, path: str) -> None:
        """Ask, and wait for the whole answer."""
        self._done = asyncio.get_running_loop().create_future()
        self._parser = httptools.HttpResponseParser(self)
        lines = f"GET {path} HTTP/1.1", f"Host: {host}", "User-Agent: bench", "", ""
        self._transport.write("\r\n".join(lines).encode())
        await self._done

    def close(self) -> None:
        """Close."""
        self._transport.abort()


async def closed_loop(
    in_flight: int, seconds: float, work: Callable[[int], Awaitable[None]]
) -> Seen:
    """Do a work over and over, so many at the same time, its numbers from 0 on; the first of each
    is not counted, for it connects.
    """
    took: list[float] = []
    numbers = count()
    ready, began, until = asyncio.Barrier(in_flight), 0.0, 0.0

    async def one(place: int) -> None:
        nonlocal began, until
        await asyncio.sleep(place * 0.002)
        await work(next(numbers))
        await ready.wait()
        began = began or time.perf_counter()  # uvloop's own clock has whole milliseconds
        until = began + seconds
        while (started := time.perf_counter()) < until:
            await work(next(numbers))
            took.append(time.perf_counter() - started)

    await asyncio.gather(*map(one, range(in_flight)))
    cuts = statistics.quantiles(took, n=100, method="inclusive")
    return Seen(len(took) / (time.perf_counter() - began), cuts[49] * 1000, cuts[98] * 1000)


async def bare(proxy: str, ca: str, tweets: list[KnownTweet], in_flight: int, s: float) -> Seen:
    """Ask the chain of each tweet, and nothing else."""
    tls = ssl.create_default_context(cafile=ca)
    idle: dict[str, list[BareConnection]] = {host: [] for host in HOSTS}
    tunnel = Tunnel(proxy)

    async def get(host: str, path: str) -> None:
        if idle[host]:
            connection = idle[host].pop()
        else:
            connected = await tunnel(host)
            _, connection = await asyncio.get_running_loop().create_connection(
                BareConnection, sock=connected, ssl=tls, server_hostname=host
            )
        await connection.get(host, path)
        idle[host].append(connection)

    async def chain(number: int) -> None:
        tweet = tweets[number % len(tweets)]
        await get("t.co", f"/{tweet.code}")
        await get("publish.x.com", f"/oembed?url={quote(tweet.url, safe='')}&omit_script=true")

    seen = await closed_loop(in_flight, s, chain)
    for connection in (*idle["t.co"], *idle["publish.x.com"]):
        connection.close()
    return seen


async def served(server: Server, bodies: Callable[[int], bytes], in_flight: int, s: float) -> Seen:
    """Have the service resolve an article after the other."""
    idle: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []

    async def resolve(number: int) -> None:
        stream = idle.pop() if idle else await asyncio.open_connection("127.0.0.1", server.port)
        reader, writer = stream
        body = bodies(number)
        head = f"POST /v1/resolve HTTP/1.1\r\nHost: a\r\nContent-Length: {len(body)}\r\n"
        writer.write(f"{head}Content-Type: application/json\r\n\r\n".encode() + body)
        told = (await reader.readuntil(b"\r\n\r\n")).lower()
        length = told.partition(b"content-length: ")[2].partition(b"\r")[0]
        answer = await reader.readexactly(int(length))
        if b'"state":"embedded"' not in answer:
            message = f"an article did not come out as it should: {answer[-1500:]!r}"
            raise RuntimeError(message)
        idle.append(stream)

    before = cpu_s(server.process_id)
    began = time.perf_counter()
    seen = await closed_loop(in_flight, s, resolve)
    cpu_us = (
        (cpu_s(server.process_id) - before) / (time.perf_counter() - began) / seen.per_second * 1e6
    )
    for _, writer in idle:
        writer.close()
    return Seen(seen.per_second, seen.p50_ms, seen.p99_ms, cpu_us)


def stand_in(delay_s: float, known: int) -> None:
    """Be X until standard input ends; tells where, first."""
    uvloop.install()
    with StandIn() as x:
        tell(x, known_tweets(known))
        x.delay_s = delay_s
        x.asked = _Nothing()  # type: ignore[assignment]
        print(json.dumps(x.env), flush=True)
        sys.stdin.read()


class _Nothing(list[object]):
    def append(self, _: object) -> None:
        """Keep nothing: a bench asks a hundred thousand times."""


@contextlib.contextmanager
def x_beside(delay_s: float, known: int) -> Iterator[dict[str, str]]:
    """Run the stand-in in a process of its own; yields the environment that leads to it."""
    command = [sys.executable, __file__, "--stand-in", str(delay_s), "--tweets", str(known)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None  # noqa: S101
        assert process.stdin is not None  # noqa: S101
        yield dict(json.loads(process.stdout.readline()))
        process.stdin.close()


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description=str(__doc__).split("\n", 1)[0])
    options.add_argument("--delay-ms", type=float, default=50)
    options.add_argument("--seconds", type=float, default=4)
    options.add_argument("--in-flight", default="1,16,100")
    options.add_argument("--rounds", type=int, default=1)
    options.add_argument("--tweets", type=int, default=MOST_ARTICLES)
    options.add_argument("--stand-in", type=float, help=argparse.SUPPRESS)
    asked = options.parse_args()
    if asked.stand_in is not None:
        stand_in(asked.stand_in, asked.tweets)
        return
    numbers = [int(each) for each in asked.in_flight.split(",")]
    with x_beside(0, 1000) as env:
        proxy, ca = env["HTTPS_PROXY"], env["SSL_CERT_FILE"]
        ceiling = uvloop.run(bare(proxy, ca, known_tweets(1000), max(numbers), asked.seconds))
    chain_ms = 2 * asked.delay_ms
    print(f"chain {chain_ms:.0f} ms; ceiling of the stand-in: {ceiling.per_second:.0f} chains/s")
    tweets = known_tweets(asked.tweets)
    with x_beside(asked.delay_ms / 1000, asked.tweets) as env:
        for in_flight in numbers:
            for _ in range(asked.rounds):
                compare(env, tweets, in_flight, asked.seconds, chain_ms)


def compare(
    env: dict[str, str], tweets: list[KnownTweet], in_flight: int, seconds: float, chain_ms: float
) -> None:
    """Measure the bare client and a service that knows nothing, and print both."""
    control = uvloop.run(bare(env["HTTPS_PROXY"], env["SSL_CERT_FILE"], tweets, in_flight, seconds))
    settings = {
        "UPSTREAM_RATE": "0",
        "UPSTREAM_CONCURRENCY": "100",
        "MAX_IN_FLIGHT": "1000",
        "DEADLINE_MS": "10000",
        "LOG_LEVEL": "error",
    }
    os.environ.pop("TWEET_EMBED_RECORDED", None)  # X is asked here
    named = {f"TWEET_EMBED_{name}": value for name, value in settings.items()}
    port = free_port()
    command = [sys.executable, str(Path(__file__).parent / "serve_with.py"), str(port)]
    with (
        tempfile.TemporaryDirectory() as folder,
        running(command, port, env | named, Path(folder)) as server,
    ):
        ours = uvloop.run(served(server, flattened_only(tweets).body, in_flight, seconds))
    ideal = in_flight / chain_ms * 1000
    for name, seen in (("bare", control), ("service", ours)):
        over = (seen.p50_ms / chain_ms - 1) * 100
        print(
            f"{in_flight:>4} in flight  {name:<8} {seen.per_second:>7.1f} articles/s"
            f" ({seen.per_second / ideal:5.1%} of the ideal)   p50 {seen.p50_ms:7.1f} ms"
            f" ({over:+5.1f} % of the chain)   p99 {seen.p99_ms:7.1f} ms  "
            f" {seen.cpu_us:5.0f} us CPU",
            flush=True,
        )
    over, share = ours.p50_ms / control.p50_ms - 1, ours.per_second / control.per_second
    print(f"{in_flight:>4} in flight  beside the bare client: p50 {over:+.1%}, {share:.1%} of it")


if __name__ == "__main__":
    main()
