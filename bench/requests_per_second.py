"""Requests per second of `POST /v1/resolve`, beside those of a bare FastAPI app, in one run.

    python bench/requests_per_second.py [--rounds 5] [--seconds 2] [--connections 16]

The article is 8 kB of HTML with three tweets in it (a blockquote, a bare address, a flattened one),
everything about them in memory. The yardstick (`echo_app.py`) reads the same body into pydantic
models and writes it back. Both run under uvicorn with uvloop and httptools, one process each; the
load comes from a third process (`load.py`) to one of them at a time, in turns, and medians are
told: what disturbs the machine disturbs both. Look at the ratio; the figures themselves are this
machine's.
"""

import argparse
import http.client
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

BENCH = Path(__file__).resolve().parent
DEMO = BENCH.parent / "service" / "demo"
ARTICLE_BYTES = 8 * 1024
TWEETS = 3
FILLER = (
    "The keeper wrote every morning what the night had been: wind, water, the ships that passed and"
    " the ones that did not. "
)


def article() -> str:
    """Write the article: paragraphs around three tweets of the demo, to just under
    `ARTICLE_BYTES`.
    """
    page = (DEMO / "articles" / "page.html").read_text(encoding="utf-8").split("\n")
    flattened = (DEMO / "articles" / "arabic.txt").read_text(encoding="utf-8").split("\n\n")[3]
    tweets = [page[2], page[4], f"<p>{flattened}</p>"]
    room = ARTICLE_BYTES - len("\n".join(tweets).encode())
    paragraph = f"<p>{FILLER * 4}</p>"
    paragraphs = [paragraph] * (room // (len(paragraph) + 1))
    for place, tweet in zip((1, len(paragraphs) // 2, len(paragraphs)), tweets, strict=True):
        paragraphs.insert(place, tweet)
    return "\n".join(paragraphs)


def ask(port: int, path: str, body: bytes) -> dict[str, object]:
    """Send one request; raise if it is not answered with 200."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("POST", path, body, {"Content-Type": "application/json"})
        response = connection.getresponse()
        answer = response.read()
        if response.status != http.HTTPStatus.OK:
            message = f"{path} answers {response.status}"
            raise RuntimeError(message)
        return dict(json.loads(answer))
    finally:
        connection.close()


@contextmanager
def serving(command: list[str], port: int, environment: dict[str, str]) -> Iterator[None]:
    """Run a server until the block ends."""
    # our own command
    server = subprocess.Popen(command, env=os.environ | environment, cwd=BENCH)
    try:
        for _ in range(200):
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                time.sleep(0.1)
        yield
    finally:
        server.terminate()
        server.wait(20)


def free_port() -> int:
    """Find a port that nobody listens at."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def load(port: int, path: str, body: Path, connections: int, seconds: float) -> dict[str, float]:
    """Put the load on from another process."""
    command = [
        sys.executable,
        str(BENCH / "load.py"),
        "127.0.0.1",
        str(port),
        path,
        str(body),
        str(connections),
        str(seconds),
    ]
    # our own command
    done = subprocess.run(command, check=True, capture_output=True, timeout=seconds + 30)
    return dict(json.loads(done.stdout))


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description=str(__doc__).split("\n", 1)[0])
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--seconds", type=float, default=2.0)
    options.add_argument("--connections", type=int, default=16)
    asked = options.parse_args()
    body = json.dumps({"content": article(), "format": "html"}, ensure_ascii=False).encode()
    ports = {"/v1/resolve": free_port(), "/echo": free_port()}
    uvicorn = [
        sys.executable,
        "-m",
        "uvicorn",
        "echo_app:app",
        "--no-access-log",
        "--log-level",
        "warning",
        "--loop",
        "uvloop",
        "--http",
        "httptools",
    ]
    service = [sys.executable, "-m", "service", "serve", "--port", str(ports["/v1/resolve"])]
    environment = {
        "PYTHONPATH": str(BENCH.parent),
        "TWEET_EMBED_RECORDED": str(DEMO / "recorded"),
        "TWEET_EMBED_LOG_LEVEL": "warning",
        "TWEET_EMBED_TTL_EMBEDDED": "1d",
    }
    with (
        tempfile.TemporaryDirectory() as folder,
        serving(service, ports["/v1/resolve"], environment),
        serving([*uvicorn, "--port", str(ports["/echo"])], ports["/echo"], {}),
    ):
        file = Path(folder) / "body.json"
        file.write_bytes(body)
        ask(ports["/v1/resolve"], "/v1/resolve", body)
        answer = ask(ports["/v1/resolve"], "/v1/resolve", body)
        embeds = answer["embeds"]
        if (
            not isinstance(embeds, list)
            or [(each["state"], each["served_from"]) for each in embeds]
            != [("embedded", "cache")] * TWEETS
        ):
            sys.exit(f"the article did not come out as it should: {embeds}")
        rounds: dict[str, list[dict[str, float]]] = {path: [] for path in ports}
        for path, port in ports.items():
            load(port, path, file, asked.connections, 0.5)  # to warm both up
        for _ in range(asked.rounds):
            for path, port in ports.items():
                rounds[path].append(load(port, path, file, asked.connections, asked.seconds))
    print(
        f"{len(body)} bytes in, {TWEETS} tweets, {asked.connections} connections, {asked.rounds}"
        f" rounds of {asked.seconds} s; medians",
    )
    for path, told in rounds.items():
        median = {
            name: statistics.median(each[name] for each in told)
            for name in ("per_second", "p50_ms", "p99_ms")
        }
        errors = sum(each["errors"] for each in told)
        rate, half, most = median["per_second"], median["p50_ms"], median["p99_ms"]
        print(
            f"{path:<12} {rate:>8.0f} requests/s   p50 {half:.2f} ms   p99 {most:.2f} ms   errors"
            f" {errors}",
        )
    pairs = zip(rounds["/v1/resolve"], rounds["/echo"], strict=True)
    ratios = sorted(ours["per_second"] / bare["per_second"] for ours, bare in pairs)
    print(
        f"ratio        {statistics.median(ratios):>8.2f} of the bare FastAPI app ({ratios[0]:.2f}"
        f" to {ratios[-1]:.2f})",
    )


if __name__ == "__main__":
    main()
