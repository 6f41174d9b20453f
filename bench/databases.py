"""A backfill of each database, beside a plain loop of `SELECT` and `UPDATE` over the same rows, in
one run.

    python bench/databases.py [--databases postgresql mariadb sqlite] [--archives 12000:0.02 500:1]
    [--bytes 4000] [--rounds 3]

Starts a PostgreSQL and a MariaDB of its own (those of the tests; one that is not installed is named
and left out), each as it comes, so that what is committed is on the disk; SQLite is a file. An
archive is ARTICLES:SHARE, made up as in `backfill.py`; the share has a tweet and a short link, and
the answers of X are the recorded ones of the demo.

`backfill` is the command as a process, from its start to its end, on a fresh copy of the table.
`loop` reads key and content of the same rows, in pages as large, by the same driver, and writes
what the backfill made of them: each row by its key in a transaction of its own, and nothing else.
They run in turns, medians are told. What they leave in the table is compared, to the byte.

The backfill does what the loop does not: it looks for tweets, renders them, keeps a checkpoint, has
originals on the disk before a row is changed, reads a row again before that, and compares its bytes
as it writes. Two parts of its time are told, as they do not grow with that work: `start`, the
command on an empty table, and `pause`, what it leaves to editors: after each write as long as that
took. The pause is measured, by counting in the process how long its `time.sleep` takes.

Left out: X (a first run waits for it most of its time), a network in between (every round trip then
costs more), and editors. Look at the ratios; the figures themselves are this machine's, and its
disk's.
"""

# all SQL is its own

import argparse
import contextlib
import os
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "tests" / "support"), str(ROOT)]

import psycopg
import pymysql
import pytest
import sqlalchemy
from backfill import made_up
from database_servers import start_mariadb, start_postgresql

from service.backfill.database.rows import PAGE

# The command, and on the last line of what it says, how long it slept.
COUNTED = """
import atexit, sys, time
from service.cli import main
slept, sleep = [0.0], time.sleep
def counted(seconds):
    began = time.perf_counter()
    sleep(seconds)
    slept[0] += time.perf_counter() - began
time.sleep = counted
atexit.register(lambda: print(slept[0], file=sys.stderr))
main()
"""


@dataclass(frozen=True)
class Database:
    """A database: its address for the command, and how its driver connects, each statement a
    transaction of its own.
    """

    url: str
    connect: Callable[[], Any]
    text: str
    """The type of a column that articles fit into."""
    mark: str = "%s"
    """How the driver writes a parameter."""
    settle: tuple[str, ...] = ()
    """What has a new table on the disk, so that nobody pays for it later."""

    def ask(self, *statements: str) -> list[tuple[Any, ...]]:
        """Do something; give the rows of the last statement."""
        with contextlib.closing(self.connect()) as connection:
            cursor = connection.cursor()
            for statement in statements:
                cursor.execute(statement)
            return list(cursor.fetchall()) if cursor.description else []

    def fill(self, articles: Iterator[str]) -> None:
        """Make the table of which every run gets a copy."""
        self.ask(
            "DROP TABLE IF EXISTS origin",
            f"CREATE TABLE origin (id integer PRIMARY KEY, content {self.text})",
        )
        with contextlib.closing(self.connect()) as connection:
            cursor = connection.cursor()
            cursor.execute("BEGIN")
            cursor.executemany(
                f"INSERT INTO origin VALUES ({self.mark}, {self.mark})",  # noqa: S608
                list(enumerate(articles)),
            )
            cursor.execute("COMMIT")

    def copy(self, *, empty: bool = False) -> None:
        """Make `posts` anew."""
        self.ask(
            "DROP TABLE IF EXISTS posts",
            f"CREATE TABLE posts (id integer PRIMARY KEY, content {self.text})",
        )
        self.ask(f"INSERT INTO posts SELECT * FROM origin{' WHERE id < 0' if empty else ''}")  # noqa: S608
        for statement in self.settle:
            self.ask(statement)


def backfill(database: Database, folder: Path) -> tuple[float, float]:
    """Run the command; give the seconds it takes, and those of them that it leaves to editors."""
    own = [
        "--state",
        str(folder / "state"),
        "--backup",
        str(folder / "backup.jsonl"),
        "--rate",
        "0",
    ]
    command = [
        sys.executable,
        "-c",
        COUNTED,
        "backfill",
        database.url,
        "--table",
        "posts",
        "--column",
        "content",
        "--in-place",
        *own,
    ]
    began = time.perf_counter()
    done = subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    took = time.perf_counter() - began
    if done.returncode:
        message = f"backfill ended with {done.returncode}: {done.stderr}"
        raise RuntimeError(message)
    for file in folder.iterdir():
        file.unlink()
    return took, float(done.stderr.splitlines()[-1])


def loop(database: Database, changes: dict[int, str]) -> float:
    """Read all rows, and write those; give the seconds it takes."""
    began = time.perf_counter()
    with contextlib.closing(database.connect()) as connection:
        cursor = connection.cursor()
        read = f"SELECT id, content FROM posts WHERE id > {database.mark} ORDER BY id LIMIT {PAGE}"  # noqa: S608
        write = f"UPDATE posts SET content = {database.mark} WHERE id = {database.mark}"  # noqa: S608
        page = [(-1, "")]
        while page:
            cursor.execute(read, (page[-1][0],))
            page = cursor.fetchall()
            for number, _ in page:
                if number in changes:
                    cursor.execute(write, (changes[number], number))
    return time.perf_counter() - began


@contextlib.contextmanager
def postgresql() -> Iterator[Database]:
    """Start one."""
    with start_postgresql() as server:
        url = server.new_database()
        yield Database(
            url,
            lambda: psycopg.connect(url, autocommit=True),
            "text",
            settle=("VACUUM ANALYZE posts", "CHECKPOINT"),
        )


@contextlib.contextmanager
def mariadb() -> Iterator[Database]:
    """Start one."""
    with start_mariadb() as server:
        url = server.new_database()
        at = sqlalchemy.make_url(url)

        def connect() -> Any:  # noqa: ANN401 - drivers have no common type
            return pymysql.connect(
                host=at.host,
                port=at.port,
                user=at.username,
                database=at.database,
                charset="utf8mb4",
                autocommit=True,
            )

        yield Database(
            url,
            connect,
            "mediumtext",
            settle=("ANALYZE TABLE posts", "FLUSH TABLES posts FOR EXPORT"),
        )


@contextlib.contextmanager
def sqlite() -> Iterator[Database]:
    """Make a file."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "site.db"
        yield Database(
            f"sqlite:{place}",
            lambda: sqlite3.connect(place, isolation_level=None),
            "text",
            "?",
        )


KINDS = {"postgresql": postgresql, "mariadb": mariadb, "sqlite": sqlite}


def measure(
    kind: str,
    database: Database,
    archive: tuple[int, float],
    size: int,
    rounds: int,
) -> None:
    """Run both in turns, and print."""
    articles, share = archive
    database.fill(made_up(articles, size, share))
    origin = dict(database.ask("SELECT id, content FROM origin"))
    starts, ours, pauses, loops = [], [], [], []
    changes: dict[int, str] = {}
    with tempfile.TemporaryDirectory() as name:
        for _ in range(rounds):
            database.copy(empty=True)
            starts.append(backfill(database, Path(name))[0])
            database.copy()
            took, pause = backfill(database, Path(name))
            ours.append(took)
            pauses.append(pause)
            after = dict(database.ask("SELECT id, content FROM posts"))
            changes = {
                number: content for number, content in after.items() if content != origin[number]
            }
            database.copy()
            loops.append(loop(database, changes))
            if dict(database.ask("SELECT id, content FROM posts")) != after:
                sys.exit(f"{kind}: the two did not write the same")
    print(
        f"{kind}: {articles} articles of {size} bytes, {share:.0%} with a tweet and a link,"
        f" {len(changes)} changed; medians of {rounds}",
    )
    for what, times in (("backfill", ours), ("loop", loops)):
        seconds = statistics.median(times)
        print(
            f"  {what:9} {seconds:7.2f} s {articles / seconds:8.0f} articles/s"
            f" {len(changes) / seconds:7.0f} changed/s",
        )
    start, pause = statistics.median(starts), statistics.median(pauses)
    part = statistics.median(pause / one for pause, one in zip(pauses, ours, strict=True))
    print(f"  of the backfill: start {start:.2f} s; pause {pause:.2f} s ({part:.0%})")
    rounds_of = list(zip(ours, pauses, loops, strict=True))
    whole = statistics.median(one / other for one, _, other in rounds_of)
    less = statistics.median((one - pause) / other for one, pause, other in rounds_of)
    least = statistics.median((one - pause - start) / other for one, pause, other in rounds_of)
    print(
        f"  backfill takes {whole:.2f} of the time of the loop; {less:.2f} without the pause;"
        f" {least:.2f} without that and the start",
        flush=True,
    )


def archive_of(told: str) -> tuple[int, float]:
    """Read ARTICLES:SHARE."""
    articles, _, share = told.partition(":")
    return int(articles), float(share)


def main() -> None:
    """Measure."""
    options = argparse.ArgumentParser(description=str(__doc__).split("\n", 1)[0])
    options.add_argument("--databases", nargs="+", choices=KINDS, default=list(KINDS))
    options.add_argument(
        "--archives",
        nargs="+",
        type=archive_of,
        default=[(12_000, 0.02), (500, 1.0)],
        metavar="ARTICLES:SHARE",
    )
    options.add_argument("--bytes", type=int, default=4000)
    options.add_argument("--rounds", type=int, default=3)
    asked = options.parse_args()
    os.environ["TWEET_EMBED_RECORDED"] = str(ROOT / "service" / "demo" / "recorded")
    os.environ["PYTHONPATH"] = str(ROOT)
    for kind in asked.databases:
        try:
            with KINDS[kind]() as database:
                for archive in asked.archives:
                    measure(kind, database, archive, asked.bytes, asked.rounds)
        except pytest.skip.Exception as missing:  # how the tests' own parts say it
            print(f"{kind}: left out: {missing.msg}", flush=True)


if __name__ == "__main__":
    main()
