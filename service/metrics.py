"""What is counted, for Prometheus. The label sets are fixed: nothing that a caller or X sends
becomes a label.
"""

import asyncio
import platform
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest

from service import __version__
from service.cache.store import Store
from service.core.model import State
from service.upstream.http.requester import Requester
from service.worker_metrics import summed_text

MEDIA_TYPE = CONTENT_TYPE_PLAIN_0_0_4
_HTTP_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
LOOK_S = 1.0
"""How often a worker among several writes down how it is."""
_SECONDS = (0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 8)


class _Tally:
    """A plain number in front of a counter, which costs a lock and several calls each time."""

    def __init__(self, counter: Counter) -> None:
        self._counter = counter
        self._more = 0

    def add(self) -> None:
        """Count one."""
        self._more += 1

    def flush(self) -> None:
        """Let the counter know."""
        if self._more:
            self._counter.inc(self._more)
            self._more = 0


class Metrics:
    """The counters of a process, or of one worker among several."""

    def __init__(self, shared: Path | None = None) -> None:
        """Begin at nought, in a registry of their own. `shared` is the folder in which several
        workers count, the one that Prometheus' client found in its environment.
        """
        self._shared = shared
        self._watched: list[tuple[Gauge, Callable[[], float]]] = []
        self._registry = CollectorRegistry(auto_describe=True)
        self._upstream = Counter(
            "tweet_embed_upstream_requests",
            "Requests to X by host and outcome.",
            ["host", "outcome"],
            registry=self._registry,
        )
        self._seconds = Histogram(
            "tweet_embed_upstream_seconds",
            "Duration of requests to X.",
            ["host"],
            buckets=_SECONDS,
            registry=self._registry,
        )
        self._cache = Counter(
            "tweet_embed_cache_lookups",
            "Lookups by kind, layer and result.",
            ["kind", "layer", "result"],
            registry=self._registry,
        )
        self._embeds = Counter(
            "tweet_embed_embeds",
            "Embeds of articles by state.",
            ["state"],
            registry=self._registry,
        )
        self._http = Counter(
            "tweet_embed_http_requests",
            "Requests to the service by route and status.",
            ["route", "status"],
            registry=self._registry,
        )
        self._http_seconds = Histogram(
            "tweet_embed_http_request_seconds",
            "Duration of requests to the service.",
            ["route"],
            buckets=_HTTP_SECONDS,
            registry=self._registry,
        )
        self._in_flight = 0
        in_flight = Gauge(
            "tweet_embed_http_in_flight",
            "Requests to the service under way.",
            multiprocess_mode="livesum",
            registry=self._registry,
        )
        build = Gauge(
            "tweet_embed_build_info",
            "1, with what is running.",
            ["version", "python"],
            multiprocess_mode="livemax",
            registry=self._registry,
        )
        build.labels(__version__, platform.python_version()).set(1)
        ProcessCollector(registry=self._registry)
        self._show_in_flight = None if shared is None else in_flight.set
        if shared is None:
            in_flight.set_function(lambda: self._in_flight)
        self._tallies: list[_Tally] = []
        self._lookups = {
            (kind, layer, result): self._adder(self._cache.labels(kind, layer, result))
            for kind in ("tweet", "link")
            for layer, result in (
                ("memory", "hit"),
                ("memory", "stale"),
                ("memory", "miss"),
                ("store", "hit"),
            )
        }
        self._requests: dict[tuple[str, int], tuple[Callable[[], None], Histogram]] = {}
        self._states = {state: self._adder(self._embeds.labels(state.value)) for state in State}

    def http_began(self) -> None:
        """Count a request to the service that is under way."""
        self._in_flight += 1
        if self._show_in_flight is not None:
            self._show_in_flight(self._in_flight)

    def http_ended(self, route: str, status: int, seconds: float) -> None:
        """Count a request to the service: the pattern of its path, never the path itself."""
        self._in_flight -= 1
        if self._show_in_flight is not None:
            self._show_in_flight(self._in_flight)
        counted = self._requests.get((route, status))
        if counted is None:
            requests = self._adder(self._http.labels(route, status))
            counted = self._requests[route, status] = requests, self._http_seconds.labels(route)
        add, took = counted
        add()
        took.observe(seconds)

    def upstream(self, host: str, outcome: str, seconds: float) -> None:
        """Count an exchange with a host of the closed list."""
        self._upstream.labels(host, outcome).inc()
        if seconds:
            self._seconds.labels(host).observe(seconds)

    def tweet_lookup(self, layer: str, result: str) -> None:
        """Count where an answer about a tweet was found."""
        self._lookups["tweet", layer, result]()

    def link_lookup(self, layer: str, result: str) -> None:
        """Count where the target of a link was found."""
        self._lookups["link", layer, result]()

    def embed(self, state: State) -> None:
        """Count what became of an embed."""
        self._states[state]()

    @asynccontextmanager
    async def watching(self, requester: Requester, store: Store) -> AsyncIterator[None]:
        """Show breakers, the retry budget and the store: as they are whenever they are asked for;
        of several workers, as they were a second ago.
        """
        breaker = Gauge(
            "tweet_embed_breaker",
            "0 closed, 1 half open, 2 open.",
            ["host"],
            multiprocess_mode="livemax",
            registry=self._registry,
        )
        for host, each in requester.breakers.items():
            # bound early on purpose
            self._watch(breaker.labels(host), lambda each=each: each.level)  # type: ignore[misc]
        saved = Gauge(
            "tweet_embed_retries_saved",
            "Repetitions the retry budget allows now.",
            multiprocess_mode="livesum",
            registry=self._registry,
        )
        self._watch(saved, lambda: requester.budget.saved)
        degraded = Gauge(
            "tweet_embed_store_degraded",
            "1 while the store's file cannot be used.",
            multiprocess_mode="livemax",
            registry=self._registry,
        )
        self._watch(degraded, lambda: float(store.trouble is not None))
        looking = None if self._shared is None else asyncio.create_task(self._keep_looking())
        try:
            yield
        finally:
            if looking is not None:
                looking.cancel()

    def _adder(self, counter: Counter) -> Callable[[], None]:
        """Return what counts one: at once where other workers tell the sum, else when read."""
        if self._shared is not None:
            return counter.inc
        self._tallies.append(_Tally(counter))
        return self._tallies[-1].add

    def _watch(self, gauge: Gauge, value: Callable[[], float]) -> None:
        if self._shared is None:
            gauge.set_function(value)
        else:
            self._watched.append((gauge, value))

    async def _keep_looking(self) -> None:
        while True:
            self._look()
            await asyncio.sleep(LOOK_S)

    def _look(self) -> None:
        for gauge, value in self._watched:
            gauge.set(value())

    def text(self) -> bytes:
        """Write them as Prometheus reads them; of several workers, those of all."""
        if self._shared is None:
            for tally in self._tallies:
                tally.flush()
            return generate_latest(self._registry)
        self._look()
        return summed_text(self._shared)
