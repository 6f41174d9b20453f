"""How fast an article whose tweets are all known comes back: every row beside its yardstick, in one
run.

    python bench/resolve_speed.py [--quick] [--only served cpu prices memory]

Served rows: `POST /v1/resolve` under load from wrk, in turns with a bare FastAPI app that reads the
same bodies into pydantic models and writes them back (`echo_app.py`); one worker each, the servers
on one processor and wrk on another where there are two. Every request is another article: no
paragraph and no source of a tweet was sent before in the run. What is known is X's answers alone,
learnt beforehand from the tests' stand-in. Look at the ratios; what disturbs the machine disturbs
both sides.
"""

import argparse
import asyncio
import shutil
import statistics
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from new_articles import (
    ARTICLE_BYTES,
    TWEETS,
    KnownTweet,
    Workload,
    known_tweets,
    new_articles,
    saved_again,
    tell,
    without_tweets,
)
from otlp_receiver import OtlpReceiver
from pipeline_cpu import cpu_rows
from servers import PREFIX, Place, Server
from standin_x import StandIn
from wrk import Requests, Told

CONNECTIONS = 16
KEY = "bench-key-of-the-price-table"
MISSES = [
    f'tweet_embed_cache_lookups_total{{kind="{kind}",layer="memory",result="{result}"}}'
    for kind in ("tweet", "link")
    for result in ("miss", "stale")
]
ENDPOINT = "OTEL_EXPORTER_OTLP_ENDPOINT"
EMBEDDED = 'tweet_embed_embeds_total{state="embedded"}'

WORKLOADS: dict[str, tuple[Callable[[list[KnownTweet]], Workload], int]] = {
    "cached, every article new": (new_articles, TWEETS),
    "saved again, one paragraph changed": (saved_again, TWEETS),
    "nothing to do": (lambda _: without_tweets(), 0),
}
"""The served rows: what is sent, and how many tweets each body holds."""

PRICES: dict[str, tuple[tuple[str, ...], dict[str, str]]] = {
    "nothing": (("--no-metrics",), {}),
    "metrics": ((), {}),
    "metrics, log": ((), {f"{PREFIX}ACCESS_LOG": "true"}),
    "metrics, keys, rate limit": ((), {f"{PREFIX}API_KEYS": KEY, f"{PREFIX}API_RATE": "100000"}),
    "metrics, spans": ((), {ENDPOINT: ""}),
}
"""What is switched on beside the service itself: flags of `serve_with.py`, and its environment."""


@dataclass(frozen=True, slots=True)
class Size:
    """How much of everything is measured."""

    rounds: int
    seconds: int
    tweets: int
    cpu_articles: int
    memory_articles: int


FULL = Size(rounds=7, seconds=3, tweets=300, cpu_articles=100, memory_articles=100_000)
QUICK = Size(rounds=1, seconds=1, tweets=6, cpu_articles=5, memory_articles=500)


@dataclass(slots=True)
class Rounds:
    """The rounds of one contestant."""

    loads: list[Told] = field(default_factory=list)

    def median(self, name: str) -> float:
        """Return the median of a figure."""
        return float(statistics.median(getattr(load, name) for load in self.loads))

    def told(self) -> str:
        """Write what was seen."""
        half, most = self.median("p50_ms"), self.median("p99_ms")
        errors = sum(load.errors for load in self.loads)
        return (
            f"{self.median('per_second'):>7.0f} requests/s {self.median('cpu_us'):>6.0f} us CPU"
            f"   p50 {half:6.2f} ms   p99 {most:6.2f} ms   p99/p50 {most / half:4.1f}"
            f"   errors {errors}"
        )


def served_rows(place: Place, size: Size) -> Iterator[str]:
    """Measure each workload in turns with the yardstick."""
    with (
        place.service() as service,
        place.service("--no-memos") as forgetful,
        place.echo() as echo,
    ):
        contestants = {"service": service, "memos off": forgetful}
        for name, (make, tweets) in WORKLOADS.items():
            workload = make(place.tweets)
            rounds = {who: Rounds() for who in ("echo", *contestants)}
            with (
                Requests(workload.requests("/v1/resolve")) as articles,
                Requests(workload.requests("/echo")) as same,
            ):
                for turn in range(size.rounds + 1):
                    told = {"echo": same.put_on(echo.port, echo.process_id, seconds=size.seconds)}
                    for who, server in contestants.items():
                        told[who] = _seen(server, articles, size.seconds, tweets)
                    if turn:  # the first warms up
                        for who, load in told.items():
                            rounds[who].loads.append(load)
            yield f"{name}: {len(workload.body(0))} bytes"
            for who, seen in rounds.items():
                yield f"  {who:<10} {seen.told()}"
            for who in contestants:
                yield f"  {who:<10} {_ratio(rounds[who], rounds['echo'])} of the echo"


def price_rows(place: Place, size: Size) -> Iterator[str]:
    """Measure what log, limit, spans and metrics cost, in turns: one service for each."""
    workload = new_articles(place.tweets)
    with (
        OtlpReceiver() as receiver,
        ExitStack() as stack,
        Requests(workload.requests("/v1/resolve", f"Authorization: Bearer {KEY}")) as articles,
    ):
        spans = {ENDPOINT: receiver.env[ENDPOINT]}
        servers = {
            name: stack.enter_context(
                place.service(*flags, **(spans if ENDPOINT in environment else environment))
            )
            for name, (flags, environment) in PRICES.items()
        }
        rounds = {name: Rounds() for name in servers}
        for turn in range(size.rounds + 1):
            for name, server in servers.items():
                load = articles.put_on(server.port, server.process_id, seconds=size.seconds)
                if turn:  # the first warms up
                    rounds[name].loads.append(load)
    yield "price of what is switched on"
    for name, told in rounds.items():
        yield f"  {name:<28} {told.told()}   {_ratio(told, rounds['nothing'])} of nothing"


def memory_rows(place: Place, size: Size) -> Iterator[str]:
    """Send different articles, and write how much memory the process holds on the way."""
    workload = new_articles(place.tweets)
    steps = 10
    with place.service() as service, Requests(workload.requests("/v1/resolve")) as articles:
        yield f"memory after {size.memory_articles:,} different articles"
        yield f"  after {0:>7}: {service.memory_mib():.0f} MiB"
        sent = 0
        while sent < size.memory_articles:
            due = sent + size.memory_articles // steps
            while sent < due:
                load = articles.put_on(service.port, service.process_id, seconds=size.seconds)
                sent += load.requests
            yield f"  after {sent:>7}: {service.memory_mib():.0f} MiB"


def _seen(server: Server, articles: Requests, seconds: int, tweets: int) -> Told:
    """Put load on the service, and see by its metrics that every tweet was embedded, and that
    nothing was to be learnt.
    """
    before, missed = server.count(EMBEDDED), [server.count(each) for each in MISSES]
    load = articles.put_on(server.port, server.process_id, seconds=seconds)
    embedded = server.count(EMBEDDED) - before
    if [server.count(each) for each in MISSES] != missed:
        message = "something was not known beforehand"
        raise RuntimeError(message)
    if not 0 <= embedded - tweets * load.requests <= 2 * tweets * CONNECTIONS:
        message = f"{load.requests} articles of {tweets} tweets, but {embedded} were embedded"
        raise RuntimeError(message)
    return load


def _ratio(ours: Rounds, theirs: Rounds) -> str:
    pairs = zip(ours.loads, theirs.loads, strict=True)
    ratios = sorted(one.per_second / other.per_second for one, other in pairs)
    cpu = theirs.median("cpu_us") / ours.median("cpu_us")
    return (
        f"{statistics.median(ratios):.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f}; by CPU {cpu:.2f})"
    )


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description=str(__doc__).split("\n", 1)[0])
    options.add_argument("--quick", action="store_true", help="a look whether it runs")
    options.add_argument(
        "--only",
        nargs="+",
        default=["served", "cpu", "prices", "memory"],
        choices=["served", "cpu", "prices", "memory"],
    )
    asked = options.parse_args()
    size = QUICK if asked.quick else FULL
    if shutil.which("wrk") is None and asked.only != ["cpu"]:
        sys.exit("no wrk: apt-get install wrk")
    print(
        f"{ARTICLE_BYTES} bytes an article, {TWEETS} tweets, {CONNECTIONS} connections,"
        f" {size.rounds} rounds of {size.seconds} s; medians",
        flush=True,
    )
    sections = {"served": served_rows, "prices": price_rows, "memory": memory_rows}
    with tempfile.TemporaryDirectory() as folder, StandIn() as x:
        tweets = known_tweets(size.tweets)
        tell(x, tweets)
        place = Place(Path(folder), x, tweets)
        for name in asked.only:
            if name == "cpu":
                lines = iter(asyncio.run(cpu_rows(size.rounds, size.cpu_articles)))
            else:
                lines = sections[name](place, size)
            for line in lines:
                print(line, flush=True)


if __name__ == "__main__":
    main()
