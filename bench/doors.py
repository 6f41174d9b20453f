"""Requests per second of the doors that a CMS calls, everything known, beside npm's iframely.

    npm install --prefix DIR --ignore-scripts iframely
    NODE_MODULES=DIR/node_modules python bench/doors.py [--tweets 2000] [--rounds 5] [--seconds 2]

All answer the same tweets from their caches, every request another tweet, one process each on one
processor, loaded by wrk on another, in turns; medians are told. iframely answers `GET /oembed`; the
service that too, plain and with an access log or with a key and a limit, and `GET /iframely`,
`POST /v1/embeds` of three addresses, and `POST /v1/resolve` of an article with three tweets in it,
of 2 kB (two dozen lines of news) and of 8 kB, new as a whole, or saved again with another first
paragraph. Each of these counts as three calls of iframely, which leaves its caller the reading and
writing of the article: the longer it is, the more of that. The same article without its tweets is
the control: what taking it in and giving it back costs alone, which no finding can be faster than.

iframely is a copy in a temporary folder whose Twitter plugin asks a stand-in for X on this machine;
it has its own cache (node-cache, without a bound, so ours has room for all) and loads no list of
domains. Look at the ratios; the figures
themselves are this machine's.
"""

# the stand-in of the tests, and our own commands

import argparse
import http.client
import json
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import IO, Any, NamedTuple
from urllib.parse import parse_qsl, quote, urlsplit

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "tests" / "support"), str(ROOT)]

from ports import free_port
from served import serving
from standin_answers import KnownTweet, answer_of_oembed, english_date
from standin_x import StandIn
from wrk import COUNTER, Requests, Told, get, on_processor, post, want_wrk

FIRST_ID = 1989 * 10**15
STEP = 10**11
"""Tweets some 24 seconds apart."""
BATCH = 100
OF_AN_ARTICLE = 3
ARTICLES = 500
ARTICLE_BYTES = (2 * 1024, 8 * 1024)
KINDS = (("new", True, True), ("saved", False, True), ("no tweet", True, False))
"""Of articles: the name, whether no paragraph was sent before, whether there are tweets."""
WORDS = "the keeper wrote every morning what the night had been wind water ships that passed"
ENDPOINT = '"https://publish.twitter.com/oembed"'
"""What iframely's plugin asks."""
THEIRS = "iframely's GET /oembed"
KEY = "a-key-of-the-bench"
KEY_HEADER = f"Authorization: Bearer {KEY}"
SETTINGS = {
    "TWEET_EMBED_LOG_LEVEL": "info",
    "TWEET_EMBED_TTL_EMBEDDED": "1d",
    "TWEET_EMBED_UPSTREAM_RATE": "0",
    "TWEET_EMBED_CACHE_PATH": ":memory:",
    "TWEET_EMBED_CACHE_MEMORY_MB": "512",
}
VARIANTS = {
    "": {},
    ", log": {"TWEET_EMBED_ACCESS_LOG": "true"},
    ", key and limit": {"TWEET_EMBED_API_KEYS": KEY, "TWEET_EMBED_API_RATE": "999999"},
}
"""The service with what operators may want."""


class Tweet(NamedTuple):
    """A tweet that the stand-in knows."""

    id: str
    text: str

    @property
    def url(self) -> str:
        """Its address, as iframely's plugin takes it too."""
        return f"https://twitter.com/keeper/status/{self.id}"


def tweets_of(many: int) -> list[Tweet]:
    """Make tweets, each with other words."""
    words = WORDS.split()
    return [
        Tweet(
            str(FIRST_ID + number * STEP),
            f"Night {number}: "
            + " ".join(words[(number * 7 + place * place) % len(words)] for place in range(18)),
        )
        for number in range(many)
    ]


def three_of(number: int, tweets: list[Tweet]) -> list[Tweet]:
    """Choose the tweets of an article."""
    return [tweets[(number + place * 701) % len(tweets)] for place in range(OF_AN_ARTICLE)]


def article(
    number: int, tweets: list[Tweet], size: int, *, is_new: bool, has_tweets: bool = True
) -> str:
    """Write an article of so many bytes with three tweets: as an address, as X's markup, as an
    address again. No paragraph of a new one was sent before; of one that is saved again the first
    alone is new. The control has other words where the tweets were.
    """
    three = three_of(number, tweets)
    quoted = (
        f'<blockquote class="twitter-tweet"><p lang="en" dir="ltr">{three[1].text}</p>&mdash;'
        f' Keeper (@keeper) <a href="{three[1].url}">{english_date(three[1].id)}</a></blockquote>'
    )
    parts = [f"<p>{three[0].url}</p>", quoted, f"<p>{three[2].url}</p>"] if has_tweets else []
    room = size - sum(map(len, parts))
    paragraphs: list[str] = []
    while room > 0:
        page = COUNTER if is_new or not paragraphs else f"{len(paragraphs) * 31:09}"
        paragraphs.append(f"<p>Page {page} of book {number}: {(WORDS + ', ') * 4}</p>")
        room -= len(paragraphs[-1]) + 1
    for place, part in zip((1, len(paragraphs) // 2, len(paragraphs)), parts, strict=False):
        paragraphs.insert(place, part)
    return "\n".join(paragraphs)


# --- iframely ---


@contextmanager
def plain_oembed(tweets: list[Tweet]) -> Iterator[int]:
    """Answer X's oEmbed without TLS, for iframely; yield the port."""
    known = {
        each.id: KnownTweet(
            each.id,
            "keeper",
            "Keeper",
            each.text,
            "en",
            "ltr",
            date={"": english_date(each.id)},
            reply=False,
        )
        for each in tweets
    }

    class Endpoint(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            query = dict(parse_qsl(urlsplit(self.path).query))
            answer = answer_of_oembed(known.get(query["url"].rpartition("/")[2]), query)
            self.wfile.write(answer.bytes())

        def log_message(self, *_: object) -> None:
            """Log nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Endpoint) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


@contextmanager
def iframely(modules: Path, x_port: int) -> Iterator[tuple[int, int]]:
    """Run a copy of iframely; yield its port, once it listens, and its process."""
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "iframely"
        shutil.copytree(modules / "iframely", place)
        (Path(folder) / "node_modules").symlink_to(modules.resolve())
        (place / "node_modules").mkdir(exist_ok=True)  # it looks for plugins there
        plugin = place / "plugins" / "domains" / "twitter.com" / "twitter.status.js"
        text = plugin.read_text(encoding="utf-8")
        if text.count(ENDPOINT) != 1:
            sys.exit(f"this iframely asks another address than {ENDPOINT}")
        plugin.write_text(text.replace(ENDPOINT, f'"http://127.0.0.1:{x_port}/oembed"'))
        (place / "config.local.js").write_text(
            "export default {DEBUG: false, RICH_LOG_ENABLED: false, SKIP_IFRAMELY_RENDERS: true,"
            f" baseAppUrl: 'http://127.0.0.1:{port}', relativeStaticUrl: '/r', host: '127.0.0.1',"
            f" port: {port}, CACHE_ENGINE: 'node-cache', WHITELIST_URL: null}}\n"
        )
        command, environment = ["node", "server.js"], os.environ | {"NODE_ENV": "production"}
        quiet = subprocess.DEVNULL
        with on_processor(0):
            server = subprocess.Popen(command, cwd=place, env=environment, stdout=quiet)
        try:
            await_listener(port)
            yield port, server.pid
        finally:
            server.terminate()
            server.wait(20)


def await_listener(port: int) -> None:
    """Wait until somebody listens at a port of this machine, for half a minute at most."""
    for _ in range(300):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    sys.exit(f"nobody listens at port {port}")


def drop(stream: IO[str]) -> None:
    """Read a log, so that its pipe never fills."""
    with suppress(ValueError):  # closed at the end
        for _ in stream:
            pass


# --- asking ---


def ask(port: int, request: bytes) -> dict[str, Any]:
    """Send one request as wrk will; return the JSON of its answer, or end the program."""
    with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
        connection.sendall(request)
        response = http.client.HTTPResponse(connection)
        response.begin()
        body = response.read()
    if response.status != http.HTTPStatus.OK:
        sys.exit(f"{request.splitlines()[0]!r} is answered with {response.status}: {body[:300]!r}")
    return dict(json.loads(body))


def learn(ours: Iterable[int], theirs: int | None, tweets: list[Tweet]) -> None:
    """Let every server ask about every tweet, and see that it knows them."""
    addresses = [each.url for each in tweets]
    batches = [addresses[at : at + BATCH] for at in range(0, len(addresses), BATCH)]
    for port in ours:
        for again in (False, True):
            for batch in batches:
                asked = {"urls": batch, "deadline_ms": 0 if again else 30_000}
                told = ask(port, embeds_of(asked))["embeds"]
                if {(each["state"], each["tweet_id"] in each["html"]) for each in told} != {
                    ("embedded", True),
                }:
                    sys.exit(f"not every tweet is known: {told[0]}")
    if theirs is not None:
        with ThreadPoolExecutor(8) as pool:
            pages = pool.map(lambda each: ask(theirs, oembed_of(each)), tweets)
            if not all(each.id in page["html"] for each, page in zip(tweets, pages, strict=True)):
                sys.exit("iframely does not know every tweet")


def oembed_of(tweet: Tweet, path: str = "/oembed") -> bytes:
    """Write the request of a consumer; whoever wants no key ignores this one."""
    return get(f"{path}?url={quote(tweet.url, safe='')}&format=json", KEY_HEADER)


def embeds_of(body: dict[str, Any]) -> bytes:
    """Write a request of `/v1/embeds`."""
    return post("/v1/embeds", json.dumps(body).encode(), KEY_HEADER)


def three_addresses(number: int, tweets: list[Tweet]) -> bytes:
    """Write a request of `/v1/embeds` for the three tweets of an article."""
    return embeds_of({"urls": [each.url for each in three_of(number, tweets)]})


def whole_article(content: str) -> bytes:
    """Write a request of `/v1/resolve`."""
    return post("/v1/resolve", json.dumps({"content": content, "format": "html"}).encode())


# --- measuring ---


class Door(NamedTuple):
    """What is measured: where, the requests, and how many calls of iframely one stands for."""

    name: str
    server: tuple[int, int]  # port and process
    requests: list[bytes]
    calls: int = 1


def article_doors(
    server: tuple[int, int], tweets: list[Tweet], many: Sequence[int]
) -> Iterator[Door]:
    """Make those of articles, of every length and kind; what is saved again was sent before."""
    for size in ARTICLE_BYTES:
        for kind, is_new, has_tweets in KINDS:
            articles = [
                article(each, tweets, size, is_new=is_new, has_tweets=has_tweets) for each in many
            ]
            requests = [whole_article(each) for each in articles]
            if not is_new:
                for each in requests:
                    ask(server[0], each)
            yield Door(f"POST /v1/resolve, {size // 1024} kB {kind}", server, requests, 3)


def measure(doors: Sequence[Door], rounds: int, seconds: float) -> dict[str, list[Told]]:
    """Load each in turns, after a short round that is not counted."""
    told: dict[str, list[Told]] = {door.name: [] for door in doors}
    with ExitStack() as stack:
        loads = [stack.enter_context(Requests(door.requests)) for door in doors]
        for number in range(rounds + 1):
            for door, load in zip(doors, loads, strict=True):
                one = load.put_on(*door.server, seconds=seconds if number else 1)
                if one.errors:
                    sys.exit(f"{door.name}: {one.errors} requests were not answered with 200")
                if number:
                    told[door.name].append(one)
    return told


def line_of(door: Door, rounds: list[Told], theirs: list[Told]) -> str:
    """Write the medians of a door, and its ratio to iframely, by answers and by processor time."""
    rate, half, most, cpu = (
        statistics.median(getattr(one, name) for one in rounds)
        for name in ("per_second", "p50_ms", "p99_ms", "cpu_us")
    )
    line = (
        f"{door.name:<31} {rate:>6.0f} requests/s  p50 {half:6.2f} ms  p99 {most:6.2f} ms"
        f"  {cpu:5.0f} us of processor"
    )
    if not theirs:
        return line
    pairs = list(zip(rounds, theirs, strict=True))
    by_rate = sorted(door.calls * ours.per_second / peer.per_second for ours, peer in pairs)
    by_cpu = statistics.median(door.calls * peer.cpu_us / ours.cpu_us for ours, peer in pairs)
    return (
        f"{line}  {statistics.median(by_rate):5.2f} times iframely ({by_rate[0]:.2f} to"
        f" {by_rate[-1]:.2f}), {by_cpu:.2f} by processor"
    )


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description=str(__doc__).split("\n", 1)[0])
    options.add_argument("--tweets", type=int, default=2000)
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--seconds", type=float, default=2.0)
    asked = options.parse_args()
    want_wrk()
    modules = Path(os.environ.get("NODE_MODULES", ROOT / "node_modules"))
    tweets = tweets_of(asked.tweets)
    with StandIn() as x, ExitStack() as stack:
        for each in tweets:
            x.tweet(each.id, "keeper", "Keeper", each.text)
        ours: dict[str, tuple[int, int]] = {}
        for name, settings in VARIANTS.items():
            with on_processor(0):
                port, service = stack.enter_context(serving(**x.env, **SETTINGS, **settings))
            ours[name] = port, service.pid
            threading.Thread(target=drop, args=[service.stderr], daemon=True).start()
        theirs = None
        if (modules / "iframely").is_dir() and shutil.which("node"):
            theirs = stack.enter_context(
                iframely(modules, stack.enter_context(plain_oembed(tweets)))
            )
        learn([port for port, _ in ours.values()], theirs and theirs[0], tweets)
        simple = [oembed_of(each) for each in tweets]
        doors = [Door(f"GET /oembed{name}", server, simple) for name, server in ours.items()]
        plain, many = ours[""], range(min(len(tweets), ARTICLES))
        doors += [
            Door("GET /iframely", plain, [oembed_of(each, "/iframely") for each in tweets]),
            Door("POST /v1/embeds", plain, [three_addresses(each, tweets) for each in many], 3),
        ]
        doors += article_doors(plain, tweets, many)
        if theirs is not None:
            doors.append(Door(THEIRS, theirs, simple))
        told = measure(doors, asked.rounds, asked.seconds)
    print(
        f"{asked.tweets} tweets, {OF_AN_ARTICLE} an article,"
        f" {asked.rounds} rounds of {asked.seconds:g} s; medians"
    )
    for door in doors:
        print(line_of(door, told[door.name], told.get(THEIRS, [])))
    if theirs is None:
        print(f"no iframely in {modules}: npm install iframely, and set NODE_MODULES")


if __name__ == "__main__":
    main()
