"""Several workers: what they count is told as one, whichever answers."""

import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from prometheus_client.mmap_dict import MmapedDict
from prometheus_client.parser import text_string_to_metric_families
from rest import DEMO
from served import RECORDED, serving

from service.worker_metrics import FOLDER_VARIABLE, WorkerMetricsFolder, summed_text

HEAD = (
    b"POST /v1/resolve HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
    b"Content-Length: 16\r\n\r\n"
)
COUNTED = "tweet_embed_http_requests_total"
LABELS = {"route": "/version", "status": "200"}


class Workers:
    """A service of two workers, asked over a new connection each time."""

    def __init__(self, port: int, process: "subprocess.Popen[str]") -> None:
        self.port = port
        self.process = process

    def ask(self, path: str) -> str:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=180)
        try:
            connection.request("GET", path)
            return connection.getresponse().read().decode()
        finally:
            connection.close()

    def samples(self, name: str) -> list[tuple[dict[str, str], float]]:
        """Return the labels and the value of each sample of a name, as some worker tells them."""
        return [
            (sample.labels, sample.value)
            for family in text_string_to_metric_families(self.ask("/metrics"))
            for sample in family.samples
            if sample.name == name
        ]

    def value(self, name: str, labels: dict[str, str]) -> float:
        return next((value for each, value in self.samples(name) if each == labels), 0.0)

    def pids(self) -> set[int]:
        """Return the processes of the workers that count."""
        told = {int(labels["pid"]) for labels, _ in self.samples("process_cpu_seconds_total")}
        return told - {self.process.pid}

    def folder(self) -> Path:
        """Return where they count, as their environment says."""
        (worker, *_) = self.pids()
        environ = Path(f"/proc/{worker}/environ").read_text(encoding="utf-8")
        return Path(re.search(rf"{FOLDER_VARIABLE}=([^\0]+)", environ)[1])  # type: ignore[index]

    def counted_by(self, pid: int) -> float:
        """Return how many answers of /version one worker counted itself."""
        values = MmapedDict.read_all_values_from_file(str(self.folder() / f"counter_{pid}.db"))
        return float(
            sum(value for key, value, *_ in values if COUNTED in key and "/version" in key)
        )

    def ask_until_both_counted(self) -> int:
        """Send requests until each worker had some, and all are counted; return how many."""
        before, asked = self.value(COUNTED, LABELS), 0
        for _ in range(50):
            with ThreadPoolExecutor(8) as pool:
                list(pool.map(self.ask, ["/version"] * 8))
            asked += 8
            if all(self.counted_by(pid) for pid in self.pids()):
                break
        else:
            pytest.fail("one worker alone was asked")
        # who is answered may look before the worker has counted it
        wait_until(lambda: self.value(COUNTED, LABELS) >= before + asked)
        return asked


def wait_until(true: object, seconds: float = 60) -> None:
    until = time.monotonic() + seconds
    while not true():  # type: ignore[operator]
        assert time.monotonic() < until
        time.sleep(0.05)


@pytest.fixture(scope="module")
def workers() -> Iterator[Workers]:
    with serving("--workers", "2", **RECORDED) as (port, process):
        running = Workers(port, process)
        wait_until(lambda: len(running.pids()) == 2)
        yield running


def test_what_both_counted_adds_up_whichever_answers(workers: Workers) -> None:
    before = workers.value(COUNTED, LABELS)
    asked = workers.ask_until_both_counted()
    by_each = [workers.counted_by(pid) for pid in workers.pids()]

    assert min(by_each) > 0
    for _ in range(12):
        assert workers.value(COUNTED, LABELS) == before + asked == sum(by_each)
        assert workers.value("tweet_embed_http_request_seconds_count", {"route": "/version"}) == (
            before + asked
        )


def test_gauges_are_those_of_all_workers(workers: Workers) -> None:
    assert {value for _, value in workers.samples("tweet_embed_build_info")} == {1.0}
    assert {labels["host"] for labels, _ in workers.samples("tweet_embed_breaker")} == {
        "t.co",
        *("publish.x.com", "publish.twitter.com"),
    }

    body = b'{"content": "a"}'
    halves = [socket.create_connection(("127.0.0.1", workers.port), timeout=180) for _ in range(6)]
    for half in halves:
        half.sendall(HEAD + body[:5])
    wait_until(lambda: workers.value("tweet_embed_http_in_flight", {}) >= 7.0)
    seen = [workers.value("tweet_embed_http_in_flight", {}) for _ in range(12)]
    for half in halves:
        half.sendall(body[5:])
        assert half.recv(12) == b"HTTP/1.1 200"
        half.close()

    assert min(seen) == 7.0  # the six, and the question itself
    wait_until(lambda: workers.value("tweet_embed_http_in_flight", {}) == 1.0)


def test_each_process_is_told_with_its_parent(workers: Workers) -> None:
    told = {int(labels["pid"]) for labels, _ in workers.samples("process_resident_memory_bytes")}

    assert len(told) == 3
    for pid in told - {workers.process.pid}:
        assert f"\nPPid:\t{workers.process.pid}\n" in Path(f"/proc/{pid}/status").read_text()
    memory = [value for _, value in workers.samples("process_resident_memory_bytes")]
    assert min(memory) > 10_000_000


def test_a_worker_that_is_killed_leaves_its_counts_and_nothing_else(workers: Workers) -> None:
    workers.ask_until_both_counted()
    total = workers.value(COUNTED, LABELS)
    folder = workers.folder()
    killed, other = sorted(workers.pids())
    assert workers.counted_by(killed) > 0
    os.kill(killed, signal.SIGKILL)

    wait_until(lambda: not [*folder.glob(f"*_{killed}.db")])
    wait_until(lambda: len(workers.pids()) == 2 and killed not in workers.pids())
    assert workers.value(COUNTED, LABELS) == total
    assert other in workers.pids()
    wait_until(lambda: workers.value("tweet_embed_http_in_flight", {}) == 1.0)


def test_the_folder_goes_with_the_service(workers: Workers) -> None:
    folder = workers.folder()
    assert folder.stat().st_mode & 0o777 == 0o700
    workers.process.terminate()
    workers.process.communicate(timeout=180)

    assert not folder.exists()


# --- the folder itself ---

HOLD = """
import sys
from pathlib import Path
from service.worker_metrics import WorkerMetricsFolder
folder = WorkerMetricsFolder(Path(sys.argv[1]))
print(folder.path, flush=True)
sys.stdin.read()
"""
COUNT = """
import sys
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
registry = CollectorRegistry()
counter = Counter("a", "Some.", ["route"], registry=registry)
histogram = Histogram("b", "More.", ["route"], buckets=(1, 2), registry=registry)
gauge = Gauge("c", "Now.", multiprocess_mode="livesum", registry=registry)
for number in range(int(sys.argv[1])):
    counter.labels("/x").inc()
    counter.labels("/" + "y" * number).inc(0.5)
    histogram.labels("/x").observe(number)
    gauge.inc()
"""


def run(program: str, *arguments: str, **environment: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", program, *arguments],
        env=os.environ | environment,
        cwd=DEMO.parent.parent,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def path_told_by(process: "subprocess.Popen[str]") -> Path:
    assert process.stdout is not None
    return Path(process.stdout.readline().strip())


def test_a_folder_whose_parent_was_killed_is_swept_and_a_living_one_is_not(tmp_path: Path) -> None:
    with run(HOLD, str(tmp_path)) as killed, run(HOLD, str(tmp_path)) as living:
        left, kept = (path_told_by(each) for each in (killed, living))
        assert left.is_dir()
        killed.kill()
        killed.wait(180)
        with WorkerMetricsFolder(tmp_path) as folder:
            assert {*tmp_path.iterdir()} == {folder.path, kept}
        assert [*tmp_path.iterdir()] == [kept]
        living.communicate(timeout=180)


def test_sums_are_the_same_however_many_workers_have_ended(tmp_path: Path) -> None:
    def sums(folder: Path) -> list[str]:
        lines = summed_text(folder).decode().splitlines()
        return sorted(line for line in lines if line[0] in "ab")

    with WorkerMetricsFolder(tmp_path) as folder:
        for number in (3, 5, 8):
            with run(COUNT, str(number), **{FOLDER_VARIABLE: str(folder.path)}) as process:
                process.communicate(timeout=180)
            before, files = sums(folder.path), len([*folder.path.glob("*.db")])
            folder.keep_only([])

            assert sums(folder.path) == before
            assert len([*folder.path.glob("*.db")]) == 2 < files
        assert 'a_total{route="/x"} 16.0' in before
        assert 'b_bucket{le="1.0",route="/x"} 6.0' in before
        assert "c " not in summed_text(folder.path).decode()
