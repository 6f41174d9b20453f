"""Pipes at whose other end nobody moves, closed ones, and files that are none."""

import gzip
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from archives import LINK, TARGET, lines, run
from rest import ON_RECORDED

from service.backfill.plan import Stop, StoppedError
from service.backfill.sources.files import FileSource
from service.cli.support.pipes import StoppablePipe

RAW = lines(f"see {LINK} x")


@pytest.fixture
def stop() -> Stop:
    """Return the wish to stop, which comes in a moment."""
    stop = Stop()
    threading.Timer(0.1, lambda: setattr(stop, "number", signal.SIGTERM)).start()
    return stop


@pytest.mark.parametrize(
    "use",
    [
        lambda ends, check: StoppablePipe(ends[0], "r", check).read(10),
        lambda ends, check: StoppablePipe(ends[1], "w", check).write(b"x" * 1_000_000),
    ],
    ids=["read", "write"],
)
def test_who_waits_for_the_other_end_is_stopped(
    use: Callable[[tuple[int, int], Callable[[], None]], object], stop: Stop
) -> None:
    ends = os.pipe()
    try:
        with pytest.raises(StoppedError):
            use(ends, stop.check)
    finally:
        for end in ends:
            os.close(end)


def test_a_pipe_gets_every_byte() -> None:
    (reading, writing), data = os.pipe(), os.urandom(300_000)
    with os.fdopen(reading, "rb") as out:
        got: list[bytes] = []
        reader = threading.Thread(target=lambda: got.append(out.read()))
        reader.start()
        StoppablePipe(writing, "w", lambda: None).write(data)
        os.close(writing)
        reader.join()
    assert got == [data]


def test_unpacking_is_stopped(tmp_path: Path, stop: Stop) -> None:
    stop.number = signal.SIGINT
    (tmp_path / "a.jsonl.gz").write_bytes(gzip.compress(RAW))
    with pytest.raises(StoppedError), (tmp_path / "a.jsonl.gz").open("rb") as pipe:
        FileSource(str(tmp_path / "a.jsonl.gz"), None, "id", pipe, in_place=False, check=stop.check)


@pytest.mark.parametrize(
    ("line", "code", "says"),
    [
        ('"$@" backfill - --to b.jsonl <&-', 2, "tweet-embed: standard input is closed\n"),
        ('"$@" backfill a.jsonl --to - >&-', 1, "tweet-embed: standard output is closed\n"),
        ('"$@" backfill a.jsonl --to b.jsonl <&- >&-', 0, "1 article: 1 changed"),
    ],
)
def test_closed_streams(line: str, code: int, says: str, tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(RAW)
    done = subprocess.run(
        ["/bin/sh", "-c", line, "sh", sys.executable, "-m", "service"],
        cwd=tmp_path,
        env=os.environ | ON_RECORDED,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, says in done.stderr) == (code, True), done.stderr
    if not code:
        assert (tmp_path / "b.jsonl").read_bytes() == RAW.replace(LINK.encode(), TARGET.encode())


@pytest.mark.parametrize("flags", [(), ("--to", "b.jsonl")])
def test_what_is_no_regular_file_is_refused_unread(
    flags: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    os.mkfifo("a.jsonl")
    for place in ("a.jsonl", "/dev/zero"):
        result = run("backfill", place, *flags)

        assert result.exit_code == 2
        assert f"{place}: no regular file; a pipe is read from standard input" in result.stderr
