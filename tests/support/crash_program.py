"""Kills a backfill, or fails its disk, at chosen moments, starts it again, and looks whether every
promise held.

    python crash_program.py SHAPE HOW COUNT SEED [workers]

With `workers` it is they who look and resolve, from the first article on. Each round is a forked
child of this process, which has everything imported: a round takes a tenth of a second. Prints the
rounds done.
"""

import errno
import hashlib
import io
import json
import os
import random
import shutil
import signal
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import redirect_stderr, suppress
from pathlib import Path
from typing import Any

from workers_at_once import AtOnce

import service.app
import service.backfill.steps.restore_files  # so that it is there in every child
import service.backfill.workers.process_pool
import service.upstream.recorded
from service.cli import app

TWEET = "https://x.com/demo_harbour/status/2034906551094185985"
LINK = "https://t.co/Rk2Ys9Mf4A"
TARGET = "https://harbourlights.example/hours?season=spring"
RECORDED = Path(service.__file__).parent / "demo" / "recorded"
CALLS = ("write", "fsync", "replace", "open", "ftruncate", "unlink", "fchmod", "copy_file_range")
GUARD, KILLED = 4, -signal.SIGKILL


def article(number: int) -> str:
    """Every third has a tweet and a link, every third a link, every third nothing."""
    return (
        f"<p>{number}: see {LINK} and</p>\n<p>{TWEET}</p>",
        f"<p>{number}: see {LINK}</p>",
        f"<p>{number}: nothing</p>",
    )[number % 3]


class Failing:
    """Counts the calls that change a disk; the chosen one ends the process, or fails, and then
    every later one.
    """

    def __init__(self, at: int, how: str) -> None:
        self.at, self.how, self.count = at, how, 0
        self.failed = False

    def __call__(self, call: Callable[..., Any], name: str) -> Callable[..., Any]:
        def called(*args: Any, **named: Any) -> Any:  # noqa: ANN401 - whatever the call takes
            self.count += 1
            if self.count == self.at or self.failed:
                if self.how == "kill":
                    if name == "write":  # a part of it was written
                        call(args[0], bytes(args[1])[: len(args[1]) // 2])
                    os.kill(os.getpid(), signal.SIGKILL)
                self.failed = True
                if name in {"write", "fsync", "ftruncate", "copy_file_range", "execute"}:
                    if name == "write":
                        call(args[0], bytes(args[1])[: len(args[1]) // 2])
                    if name == "execute":
                        message = "database or disk is full"
                        raise sqlite3.OperationalError(message)
                    number = errno.ENOSPC if self.how == "full" else errno.EIO
                    raise OSError(number, os.strerror(number))
            return call(*args, **named)

        return called

    def install(self) -> None:
        for name in CALLS:
            vars(os)[name] = self(getattr(os, name), name)
        failing = self

        class Connection(sqlite3.Connection):
            # whatever sqlite3 takes
            def execute(self, sql: str, *values: Any) -> sqlite3.Cursor:  # noqa: ANN401
                run = super().execute
                return (
                    failing(run, "execute")(sql, *values) if sql == "COMMIT" else run(sql, *values)
                )

        connect = sqlite3.connect
        vars(sqlite3)["connect"] = lambda *args, **named: connect(
            *args,
            **named,
            factory=Connection,
        )


def run(
    folder: Path,
    arguments: list[str],
    failing: Failing | None = None,
    kill_after_s: float | None = None,
) -> int:
    """Run a command in a child; give its exit code, or the signal that ended it, negative."""
    child = os.fork()
    if child == 0:
        code = 99
        with suppress(BaseException):
            os.chdir(folder)
            log = os.open(folder / "log", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
            os.dup2(log, 1)
            os.dup2(log, 2)
            if failing:
                failing.install()
            try:
                app(arguments, standalone_mode=True)
            except SystemExit as ended:
                code = int(ended.code or 0)
        os._exit(code)
    if kill_after_s is not None:
        time.sleep(kill_after_s)
        os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status)


class Shape:
    """An archive, how it is changed, and how it is looked at."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.source = "posts" if name == "folder" else "posts.jsonl"
        self.to = "out.jsonl" if name == "to" else None

    def make(self, folder: Path) -> None:
        if self.name == "folder":
            for number in range(9):
                path = folder / "posts" / str(number % 2) / f"{number}.html"
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(article(number))
            return
        lines = (
            json.dumps({"id": number, "content": article(number), "x": "\u00e9"})
            for number in range(30)
        )
        (folder / "posts.jsonl").write_text("".join(line + "\r\n" for line in lines))

    def arguments(self) -> list[str]:
        where = ["--to", self.to] if self.to else ["--in-place", "--backup", "backup.jsonl"]
        return ["backfill", self.source, *where, "--report", "report.jsonl"]

    def look(self, folder: Path) -> dict[str, bytes]:
        root = folder / (self.to or self.source)
        if root.is_file():
            return {"": root.read_bytes()}
        return (
            {
                str(each.relative_to(root)): each.read_bytes()
                for each in sorted(root.rglob("*.*"))
                if each.is_file()
            }
            if root.exists()
            else {}
        )


def check(
    shape: Shape,
    folder: Path,
    old: dict[str, bytes],
    new: dict[str, bytes],
    changed: int,
    first: list[str],
) -> None:
    """After the run that went through."""
    assert shape.look(folder) == new, "not as it should be"
    assert not list(folder.rglob("*.part")), "something half written is left"
    report = [
        json.loads(line) for line in first or (folder / "report.jsonl").read_text().splitlines()
    ]
    assert report[-1]["summary"]["failed"] == 0
    assert [line["status"] for line in report[:-1]].count("changed") == changed, (
        "an article is missing in the report"
    )
    if shape.to:
        return
    lines = [json.loads(line) for line in (folder / "backup.jsonl").read_text().splitlines()]
    assert len(lines) == len({(line["file"], line["n"]) for line in lines}) == changed, (
        f"{len(lines)} originals of {changed}"
    )
    assert all(
        hashlib.sha256(line["before"].encode()).hexdigest() == line["before_sha256"]
        for line in lines
    )
    assert run(folder, [*shape.arguments(), "--report", "again.jsonl"]) == 0
    assert shape.look(folder) == new, "changed twice"
    assert run(folder, ["restore", "backup.jsonl", shape.source]) == 0
    assert shape.look(folder) == old, "not restored"


def one_round(
    shape: Shape,
    old: dict[str, bytes],
    new: dict[str, bytes],
    changed: int,
    failing: Failing | None,
    kill_after_s: float,
) -> int:
    """Fail once, look, run again, look."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shape.make(folder)
        code = run(folder, shape.arguments(), failing, None if failing else kill_after_s)
        found = shape.look(folder)
        report = folder / "report.jsonl"
        first = (
            report.read_text().splitlines()
            if code == 0 or (report.exists() and found == new)
            else []
        )
        log = (folder / "log").read_text() if (folder / "log").exists() else ""
        before = {} if shape.to else old
        for file in {*before, *found}:
            if file.endswith(".part"):
                # begun beside the file, and swept away by the next run, which `check` sees
                continue
            assert found.get(file) in {before.get(file), new[file]}, f"{file} is torn"
        if failing and failing.how != "kill":
            assert code in {0, GUARD}, f"exit code {code}\n{log}"
            assert "Traceback" not in log, log
        again = run(folder, shape.arguments())
        assert again == 0, f"exit code {again}\n{(folder / 'log').read_text()}"
        check(shape, folder, old, new, changed, first)
        return code


def _warm_up(shape: Shape) -> None:
    """Import, once for all children, what is imported when it is needed."""
    with (
        tempfile.TemporaryDirectory() as name,
        redirect_stderr(io.StringIO()),
        suppress(SystemExit),
    ):
        shape.make(Path(name))
        os.chdir(name)
        app(shape.arguments())
    os.chdir("/")


def main(shape_name: str, how: str, count: int, seed: int, *, workers: bool) -> None:
    """Do the rounds."""
    if workers:
        vars(service.backfill.workers.process_pool)["ProcessPool"] = AtOnce
    os.environ["TWEET_EMBED_RECORDED"] = str(RECORDED)
    os.environ["NO_COLOR"] = "1"
    shape = Shape(shape_name)
    chance = random.Random(seed)  # noqa: S311 - no secret
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shape.make(folder)
        old = shape.look(folder) if not shape.to else {}
        _warm_up(shape)
        began = time.monotonic()
        assert run(folder, shape.arguments()) == 0, (folder / "log").read_text()
        took = time.monotonic() - began
        new = shape.look(folder)
        changed = json.loads((folder / "report.jsonl").read_text().splitlines()[-1])["summary"][
            "changed"
        ]
        calls = 0
        if how != "random":
            shutil.rmtree(folder)
            folder.mkdir()
            shape.make(folder)
            read, write = os.pipe()
            counted = Failing(0, "kill")
            at_exit = os._exit
            vars(os)["_exit"] = lambda code: (
                os.write(write, str(counted.count).encode()),
                at_exit(code),
            )
            run(folder, shape.arguments(), counted)
            vars(os)["_exit"] = at_exit
            calls = int(os.read(read, 20))
    rounds = (
        [0] * count
        if how == "random"
        else sorted(chance.sample(range(1, calls + 1), min(count, calls)))
    )
    ended: dict[int, int] = {}
    for at in rounds:
        moment = chance.uniform(0, took * 1.1)
        try:
            code = one_round(
                shape,
                old,
                new,
                changed,
                None if how == "random" else Failing(at, how),
                moment,
            )
        except AssertionError as error:
            print(f"{shape_name} {how}: call {at} of {calls}, moment {moment:.4f}: {error}")  # noqa: T201
            sys.exit(1)
        ended[code] = ended.get(code, 0) + 1
    print(json.dumps({"rounds": len(rounds), "calls": calls, "ended": ended}))  # noqa: T201


if __name__ == "__main__":
    main(
        sys.argv[1],
        sys.argv[2],
        int(sys.argv[3]),
        int(sys.argv[4]),
        workers="workers" in sys.argv[5:],
    )
