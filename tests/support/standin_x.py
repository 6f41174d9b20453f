"""A stand-in for X: a small website over real sockets and TLS, reached the way an operator's egress
proxy is.

    with StandIn() as x:
        x.tweet("1989999000000000000", "moctsyria", "وزارة", "نص", lang="ar", dir="rtl")
        x.code("gmGJ1TR9Ve", "https://x.com/moctsyria/status/1989999000000000000/photo/1")
        x.fault["oembed"] = "500"

It is an HTTP CONNECT proxy that ends the TLS of t.co, publish.x.com and publish.twitter.com itself,
with certificates of a throw-away authority, and answers as docs/x-behaviour.md 1 to 5 says. Whoever
has `x.env` in the environment reaches it; a connection to any other host is refused and noted in
`x.refused`. `python tests/support/standin_x.py` runs it alone.

`x.held` is what waits for its answer until it is taken out again: tweet ids, codes, hosts, "tco" or
"oembed".

`x.sites` holds further websites by host. `x.fault` is keyed by what is the closest: a code or tweet
id, a host, then "tco" or "oembed". Its values are names of FAULTS, an `Answer`, or "legacy":
publish.twitter.com answers itself, as it did until 2026. All of it can be changed while it runs.
"""

import asyncio
import atexit
import contextlib
import functools
import re
import shutil
import ssl
import tempfile
import threading
import time
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Protocol, Self
from urllib.parse import parse_qs, urlsplit

import trustme
from standin_answers import (
    FAULTS,
    Answer,
    KnownTweet,
    answer_of_oembed,
    answer_of_tco,
    english_date,
)

CANARIES = (
    ("20", "jack", "jack", "just setting up my twttr"),
    ("463440424141459456", "Interior", "US Department of the Interior", "Sunsets"),
)
"""Tweets that X shows to everybody, and that stand for years."""
OEMBED_HOSTS = ("publish.x.com", "publish.twitter.com")


class Asked(NamedTuple):
    """A request as it came in; header names in lower case, repeated ones joined by a comma."""

    host: str
    path: str  # with its query
    headers: dict[str, str]


@functools.cache
def _authority() -> tuple[trustme.CA, str]:
    """One throw-away authority a process, and a file with its certificate that lasts as long."""
    authority = trustme.CA()
    folder = tempfile.mkdtemp(prefix="standin-x-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    path = Path(folder) / "ca.pem"
    authority.cert_pem.write_to_path(path)
    return authority, str(path)


@functools.cache
def _tls(host: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    _authority()[0].issue_cert(host).configure_cert(context)
    return context


def _query(query: str) -> dict[str, str]:
    """Return the last value of each name in a query."""
    return {name: values[-1] for name, values in parse_qs(query, keep_blank_values=True).items()}


def _names(asked: Asked) -> tuple[str, str, str]:
    """Return what a request is for, from the closest on: its code or tweet id, host and kind."""
    parts = urlsplit(asked.path)
    if asked.host == "t.co":
        return parts.path[1:], asked.host, "tco"
    found = re.search(r"/status(?:es)?/([0-9]+)", _query(parts.query).get("url", ""))
    return found[1] if found else "", asked.host, "oembed"


class Site(Protocol):
    """Another website at a host of its own, such as the Internet Archive's."""

    def answer(self, asked: Asked) -> Answer:
        """Answer a request."""


class StandIn:
    """X, on this machine. A context manager; starts in a thread of its own and leaves nothing
    behind.
    """

    def __init__(self, oembed_hosts: tuple[str, ...] = OEMBED_HOSTS) -> None:
        """`oembed_hosts` answer as X's oEmbed endpoints do; publish.twitter.com sends on to
        publish.x.com.
        """
        self.asked: list[Asked] = []
        self.refused: list[str] = []
        self.fault: dict[str, str | Answer] = {}
        self.delay_s = 0.0  # before each answer
        self.held: set[str] = set()
        self.most_at_once = 0
        self.connections = 0
        self.ca_path = _authority()[1]
        self.proxy_url = ""
        self.sites: dict[str, Site] = {}
        self._oembed_hosts = oembed_hosts
        self._tweets: dict[str, KnownTweet] = {}
        self._codes: dict[str, str] = {}
        for known in CANARIES:
            self.tweet(*known)
        self._at_once = 0
        self._tasks: set[asyncio.Task[Any]] = set()

    @property
    def open_connections(self) -> int:
        """Return how many connections have not ended."""
        return len(self._tasks)

    @property
    def env(self) -> dict[str, str]:
        """What to set in the environment so that X is this one."""
        proxy = {
            "HTTPS_PROXY": self.proxy_url,
            "https_proxy": self.proxy_url,
            "NO_PROXY": "",
            "no_proxy": "",
        }
        return proxy | {"SSL_CERT_FILE": self.ca_path}

    def tweet(
        self,
        id: str,  # noqa: A002
        handle: str,
        name: str,
        text_html: str,
        *,
        lang: str | None = "en",
        dir: str | None = "ltr",  # noqa: A002
        date: str | dict[str, str] | None = None,
        reply: bool = False,
    ) -> None:
        """Let there be a tweet; `text_html` as X writes it into `<p>`. `date`: by `lang`, or one
        for all, or the snowflake's in English.
        """
        dates = date if isinstance(date, dict) else {"": date or english_date(id)}
        self._tweets[id] = KnownTweet(
            id,
            handle,
            name,
            text_html,
            lang,
            dir,
            {"": dates.get("en") or english_date(id), **dates},
            reply,
        )

    def code(self, code: str, target: str) -> None:
        """Let t.co/CODE lead somewhere."""
        self._codes[code] = target

    def forget(self, name: str) -> None:
        """Delete a tweet or a code."""
        self._tweets.pop(name, None)
        self._codes.pop(name, None)

    # --- what X answers ---

    def answer(self, asked: Asked) -> Answer:
        """Answer a request, as it does over the wire."""
        if asked.host in self.sites:
            return self.sites[asked.host].answer(asked)
        parts = urlsplit(asked.path)
        query = _query(parts.query)
        name, _, kind = _names(asked)
        fault = self.fault.get(name, self.fault.get(asked.host, self.fault.get(kind)))
        if fault is not None and fault != "legacy":
            return FAULTS[fault] if isinstance(fault, str) else fault
        if kind == "tco":
            return answer_of_tco(self._codes.get(name), asked.headers.get("user-agent", ""))
        if asked.host == "publish.twitter.com" and fault is None:
            return Answer(302, [("Location", f"https://publish.x.com{asked.path}")])
        return (
            answer_of_oembed(self._tweets.get(name), query)
            if parts.path == "/oembed"
            else FAULTS["not_found"]
        )

    # --- the wire ---

    def __enter__(self) -> Self:
        """Start; `proxy_url` is known from here on."""
        ready = threading.Event()
        self._thread = threading.Thread(
            target=lambda: asyncio.run(self._serve(ready)),
            name="stand-in for X",
        )
        self._thread.start()
        ready.wait()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop, whatever is still connected."""
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()

    async def _serve(self, ready: threading.Event) -> None:
        self._loop = asyncio.get_running_loop()
        self._stop = asyncio.Event()
        server = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        self.proxy_url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        ready.set()
        await self._stop.wait()
        server.close()
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.sleep(0)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        # A client may leave at any moment; a cancelled task is the stop of the whole.
        with contextlib.suppress(
            OSError,
            EOFError,
            ssl.SSLError,
            asyncio.LimitOverrunError,
            asyncio.CancelledError,
        ):
            await self._tunnel(reader, writer)
        writer.transport.abort()
        with contextlib.suppress(OSError, ssl.SSLError, asyncio.CancelledError):
            await writer.wait_closed()
        self._tasks.discard(task)

    async def _tunnel(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        target = (await reader.readuntil(b"\r\n\r\n")).split()[1].decode()
        host, _, port = target.rpartition(":")
        if host not in {"t.co", *self._oembed_hosts, *self.sites} or port != "443":
            self.refused.append(target)
            writer.write(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")
            await writer.drain()
            return
        writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        await writer.drain()
        await writer.start_tls(_tls(host))
        self.connections += 1
        while True:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
            headers: dict[str, str] = {}
            for line in filter(None, head[1:]):
                name, _, value = line.partition(":")
                headers[name.lower()] = ", ".join(
                    filter(None, [headers.get(name.lower()), value.strip()]),
                )
            asked = Asked(host, head[0].split()[1], headers)
            self.asked.append(asked)
            self._at_once += 1
            self.most_at_once = max(self.most_at_once, self._at_once)
            try:
                answer = self.answer(asked)
                await asyncio.sleep(self.delay_s)
                while not self.held.isdisjoint(_names(asked)):  # noqa: ASYNC110 - any thread's
                    await asyncio.sleep(0.005)
                if answer.hang:
                    await self._stop.wait()
                await self._send(answer, writer)
            finally:
                self._at_once -= 1
            if answer.raw is not None and answer.closes:
                return

    @staticmethod
    async def _send(answer: Answer, writer: asyncio.StreamWriter) -> None:
        sent = answer.bytes()
        if not answer.pause_s:
            writer.write(sent)
            await writer.drain()
            return
        for position in range(len(sent)):
            writer.write(sent[position : position + 1])
            await writer.drain()
            await asyncio.sleep(answer.pause_s)


if __name__ == "__main__":
    with StandIn() as alone:
        alone.tweet("20", "jack", "jack", "just setting up my twttr", date="March 21, 2006")
        for variable, value in alone.env.items():
            print(f"export {variable}={value}")  # noqa: T201
        with contextlib.suppress(KeyboardInterrupt):
            while True:
                time.sleep(3600)
