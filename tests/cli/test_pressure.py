"""The service under pressure: slow and endless callers, too many at once, and its own end."""

import http.client
import json
import os
import select
import signal
import socket
import statistics
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
from served import RECORDED, connect, serving
from standin_x import StandIn

from service.cli.commands.serve import GRACE_S
from service.cli.support.loopback import ask

TWEETS = [f"https://x.com/a/status/19899990000000000{number:02}" for number in range(20)]


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    limits = {"TWEET_EMBED_READ_TIMEOUT": "1", "TWEET_EMBED_MAX_HEADER_BYTES": "4096"}
    with serving(**RECORDED, **limits) as (port, _):
        yield port


def await_asked(x: StandIn, times: int) -> None:
    """Wait until so many questions are before X at once."""
    until = time.perf_counter() + 180
    while x.most_at_once < times:
        assert time.perf_counter() < until
        time.sleep(0.02)


def everything(connection: socket.socket) -> bytes:
    parts = []
    try:
        while part := connection.recv(65536):
            parts.append(part)
    except ConnectionResetError:
        pass
    return b"".join(parts)


def resolve(port: int, content: str, **more: object) -> tuple[int, dict[str, Any], float]:
    began = time.perf_counter()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=180)
    try:
        body = json.dumps({"content": content, **more}).encode()
        connection.request("POST", "/v1/resolve", body, {"Content-Type": "application/json"})
        response = connection.getresponse()
        told = json.loads(response.read())
        for name in ("retry-after", "connection"):
            told[name] = response.headers[name]
        return response.status, told, time.perf_counter() - began
    finally:
        connection.close()


# --- slow and long heads ---


def is_open(connection: socket.socket) -> bool:
    """Return whether the service has neither answered nor closed it."""
    return not select.select([connection], [], [], 0)[0]


def test_half_heads_are_closed_and_others_are_served_meanwhile(port: int) -> None:
    halves = [connect(port) for _ in range(300)]
    for number, half in enumerate(halves):
        half.sendall((b"", b"GET /livez HT", b"GET /livez HTTP/1.1\r\nHost: a\r\n")[number % 3])
    meanwhile = []
    for _ in range(5):  # on a busy machine an answer may take as long as a half head may
        halves.append(connect(port))
        resolve(port, "a")
        meanwhile.append(is_open(halves[-1]))
    told = [everything(half) for half in halves]

    assert any(meanwhile)
    assert {text[:12] for text in told} == {b"", b"HTTP/1.1 408"}
    for half in halves:
        half.close()


def test_a_head_that_drips_is_closed_too(port: int) -> None:
    with connect(port) as connection:
        began = time.perf_counter()
        connection.settimeout(0.2)
        connection.sendall(b"GET /livez HTTP/1.1\r\n")
        with pytest.raises((BrokenPipeError, ConnectionResetError)):  # noqa: PT012 - which of the sends meets the close
            while time.perf_counter() - began < 8:
                connection.sendall(b"X-A: b\r\n")
                time.sleep(0.1)


@pytest.mark.parametrize(
    "head",
    [
        b"GET /livez HTTP/1.1\r\nHost: a\r\nX: " + b"a" * 5000 + b"\r\n\r\n",
        b"GET /" + b"a" * 5000 + b" HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET /livez HTTP/1.1\r\nHost: a\r\n" + b"A: b\r\n" * 1000 + b"\r\n",
        b"GET /livez HTTP/1.1\r\nHost: a\r\nX: " + b"a" * 5000,
        b"POST /v1/resolve HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\nX: "
        + b"a" * 5000
        + b"\r\n\r\n123456789",
    ],
    ids=["header", "address", "many", "unfinished", "body"],
)
def test_a_head_that_is_too_long_is_refused(port: int, head: bytes) -> None:
    with connect(port) as connection:
        connection.sendall(head)

        assert everything(connection)[:12] == b"HTTP/1.1 431"
    told = ask("127.0.0.1", port, "GET", "/metrics", timeout_s=180)[1]
    assert b'tweet_embed_http_requests_total{route="other",status="431"}' in told


def test_a_head_of_lawful_length_is_served_again_and_again(port: int) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=180)
    for _ in range(5):
        connection.request("GET", "/livez", headers={"X": "a" * 3500})
        response = connection.getresponse()
        assert (response.status, response.read()) == (200, b'{"status":"up"}')
    connection.close()


def test_a_body_that_is_too_slow_is_told(port: int) -> None:
    with connect(port) as connection:
        connection.sendall(
            b"POST /v1/resolve HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
            b"Content-Length: 99\r\n\r\n{"
        )
        told = everything(connection)

    assert told.startswith(b"HTTP/1.1 408")
    assert b'"code":"timeout"' in told


# --- too many at once ---


def test_more_than_may_be_at_work_are_refused_at_once_but_not_what_is_known() -> None:
    with StandIn() as x:
        for tweet in TWEETS:
            x.tweet(tweet.rpartition("/")[2], "a", "A", "Words")
        limits = {"TWEET_EMBED_MAX_IN_FLIGHT": "4", "TWEET_EMBED_UPSTREAM_RATE": "0"}
        with serving(**x.env, **limits) as (port, _), ThreadPoolExecutor(8) as pool:
            assert resolve(port, TWEETS[0], deadline_ms=30_000)[0] == 200
            x.held.add("oembed")
            waiting = [
                pool.submit(resolve, port, tweet, deadline_ms=30_000) for tweet in TWEETS[1:5]
            ]
            await_asked(x, 4)
            usual = statistics.median(resolve(port, "a")[2] for _ in range(10))
            refused = [resolve(port, tweet) for tweet in TWEETS[5:15]]
            known = resolve(port, TWEETS[0])
            x.held.clear()
            done = [one.result()[0] for one in waiting]
            again = resolve(port, TWEETS[15], deadline_ms=30_000)

    assert {(status, told["code"], told["retry-after"]) for status, told, _ in refused} == {
        (503, "overloaded", "1"),
    }
    # 20 ms, and what the machine itself takes for anything now
    assert statistics.median(seconds for *_, seconds in refused) < 0.02 + 3 * usual
    assert (known[0], done, again[0]) == (200, [200] * 4, 200)


# --- slow readers ---


def ask_for(
    connection: socket.socket, content: str, *, lines: int = 0, more: str = "", output: str = "auto"
) -> None:
    """Send an article to /v1/resolve, or so many of them as NDJSON."""
    asked = {"content": content, "format": "text", "output": output}
    body = json.dumps(asked).encode() + b"\n"
    kind = "application/x-ndjson" if lines else "application/json"
    body *= lines or 1
    connection.sendall(
        f"POST /v1/resolve HTTP/1.1\r\nHost: a\r\nContent-Type: {kind}\r\n{more}"
        f"Content-Length: {len(body)}\r\n\r\n".encode()
        + body
    )


@contextmanager
def slow(port: int) -> Iterator[socket.socket]:
    """Connect with next to no room for an answer, so that what is not read stays at the service."""
    with socket.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.settimeout(180)
        connection.connect(("127.0.0.1", port))
        yield connection


def callers_of(port: int) -> set[int]:
    """Return the ports of those whose connections the service still has, as the kernel says."""
    lines = Path("/proc/net/tcp").read_text(encoding="ascii").splitlines()[1:]
    local, over = f"0100007F:{port:04X}", {"06", "0A"}  # waiting out its time, or listening
    each = (line.split() for line in lines)
    return {
        int(remote.partition(":")[2], 16)
        for _, here, remote, state, *_ in each
        if here == local and state not in over
    }


UNREAD: list[dict[str, Any]] = [
    {"content": "a" * 1_900_000},  # the kernel holds the answer whole
    {"content": "a" * 1_900_000, "more": "Connection: close\r\n"},
    {"content": "&" * 1_900_000, "output": "html"},  # five times as long, and too much for it
    {"content": "a" * 150_000, "lines": 12},
]


def is_given_up(port: int, asked: dict[str, Any]) -> bool:
    """Ask, read no more than the beginning, and wait until the service has left."""
    with slow(port) as connection:
        own = connection.getsockname()[1]
        assert own in callers_of(port)
        ask_for(connection, **asked)
        connection.recv(100)
        until = time.perf_counter() + 180
        while own in callers_of(port):
            assert time.perf_counter() < until
            time.sleep(0.05)
        with pytest.raises(ConnectionResetError):
            [*iter(lambda: connection.recv(1_000_000), b"")]
    return True


def test_answers_that_nobody_reads_are_given_up(port: int) -> None:
    with ThreadPoolExecutor(len(UNREAD)) as pool:
        given_up = [pool.submit(is_given_up, port, asked) for asked in UNREAD]

    assert all(each.result() for each in given_up)


def test_slow_readers_of_many_articles_keep_nobody_out_and_get_the_rest() -> None:
    with StandIn() as x:
        x.tweet(TWEETS[0].rpartition("/")[2], "a", "A", "Words")
        with (
            serving(**x.env, TWEET_EMBED_MAX_IN_FLIGHT="2") as (port, _),
            slow(port) as one,
            slow(port) as other,
        ):
            for each in (one, other):  # five times as long as what is sent: too much for the kernel
                ask_for(each, "&" * 150_000, lines=12, more="Connection: close\r\n", output="html")
            parts = [one.recv(100_000), other.recv(100_000)]
            until = time.perf_counter() + 180
            while (found := resolve(port, TWEETS[0], deadline_ms=30_000))[0] == 503:  # at work
                assert time.perf_counter() < until
                time.sleep(0.05)
            rest = everything(one)

    assert found[1]["embeds"][0]["state"] == "embedded"
    assert all(part.startswith(b"HTTP/1.1 200") for part in parts)
    assert (parts[0] + rest).count(b'"line":') == 12
    assert rest.endswith(b"0\r\n\r\n")


@pytest.mark.long
def test_a_slow_reader_who_reads_gets_the_whole_answer(port: int) -> None:
    began, got = time.perf_counter(), 0
    with slow(port) as connection:
        ask_for(connection, "a" * 300_000, more="Connection: close\r\n")
        while piece := connection.recv(8192):
            got += len(piece)
            time.sleep(0.1)

    assert got > 300_000
    assert time.perf_counter() - began > 3  # longer than nothing may be taken


# --- the end ---


@pytest.mark.parametrize("workers", ["1", "2"])
def test_who_waits_for_x_when_the_service_ends_is_answered_at_once(workers: str) -> None:
    with StandIn() as x, serving("--workers", workers, **x.env) as (port, process):
        x.delay_s = 30.0
        with ThreadPoolExecutor(6) as pool, connect(port) as half, connect(port) as head:
            half.sendall(
                b"POST /v1/resolve HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
                b"Content-Length: 99\r\n\r\n{"
            )
            head.sendall(b"GET /livez HTTP/1.1\r\n")
            waiting = [pool.submit(resolve, port, each, deadline_ms=20_000) for each in TWEETS[:5]]
            await_asked(x, 5)
            began = time.perf_counter()
            process.send_signal(signal.SIGTERM)
            answers = [one.result() for one in waiting]
            answered = time.perf_counter() - began
            refused = everything(half)
            process.communicate(timeout=180)
            ended = time.perf_counter() - began

    assert [status for status, *_ in answers] == [200] * 5
    for _, told, _ in answers:
        states = [(each["state"], each["reason"]) for each in told["embeds"]]
        assert states == [("deferred", "deadline")]
        assert told["connection"] == "close"
    assert refused.startswith(b"HTTP/1.1 503")
    assert b'"code":"stopping"' in refused
    assert answered < GRACE_S  # not after the time that the rest is given
    assert ended < 15  # neither X's 30 s nor the callers' 20 s are waited for


@pytest.mark.parametrize("workers", ["1", pytest.param("2", marks=pytest.mark.long)])
def test_what_was_sent_before_the_signal_is_answered(workers: str) -> None:
    body = json.dumps({"content": "a"}).encode()
    head = (
        b"POST /v1/resolve HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
        b"Content-Length: %d\r\n\r\n" % len(body)
    )
    with ExitStack() as stack:
        port, process = stack.enter_context(serving("--workers", workers, **RECORDED))
        kept, half = (stack.enter_context(connect(port)) for _ in range(2))
        kept.sendall(head + body)
        while not kept.recv(65536).endswith(b"}"):
            pass
        half.sendall(head)
        processes = [process.pid, *(children_of(process.pid) if workers == "2" else ())]
        signal_all(processes, signal.SIGSTOP)  # as where the processor is somebody else's
        half.sendall(body)
        new = [stack.enter_context(connect(port)) for _ in range(400)]
        for each in (kept, *new):
            each.sendall(head + body)
        process.send_signal(signal.SIGTERM)
        signal_all(processes, signal.SIGCONT)
        answers = [everything(each) for each in (kept, half, *new)]

    assert {answer[:12] for answer in answers} == {b"HTTP/1.1 200"}


def children_of(pid: int) -> list[int]:
    """Return the processes that one has begun (proc(5))."""
    tasks = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(each) for told in tasks for each in told.read_text("ascii").split()]


def signal_all(processes: list[int], number: int) -> None:
    for each in processes:
        os.kill(each, number)


def test_a_reader_who_takes_no_answer_does_not_hold_up_the_end() -> None:
    with serving(**RECORDED) as (port, process), connect(port) as slow:
        body = json.dumps({"content": "a" * 1_900_000}).encode()
        slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        slow.sendall(
            b"POST /v1/resolve HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
            + f"Content-Length: {len(body)}\r\n\r\n".encode()
            + body
        )
        slow.recv(100)
        began = time.perf_counter()
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=180)

        assert time.perf_counter() - began < 8
