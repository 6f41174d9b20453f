"""The commands that work with the store's file, where that is locked, damaged or none: one line and
an exit code, and the file as it was.
"""

import json
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from archives import TWEET, lines, run
from store_rows import ID, row

from service.cache import sqlite
from service.cache.codec import write_answer
from service.cli.support.io import BLOCK
from service.core.model import Tweet, TweetText
from service.core.oembed.normalize import canonical_tweet

COMMANDS = (
    *("cache stats", "cache export", "cache refresh", "cache purge --all", "cache import -"),
    *("index stats", "index forget --all"),
)


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the place of a store with a tweet in it."""
    monkeypatch.setenv("TWEET_EMBED_CACHE_PATH", str(tmp_path / "s.sqlite"))
    (tmp_path / "a.jsonl").write_bytes(lines(f"<p>{TWEET}</p>"))
    assert run("backfill", tmp_path / "a.jsonl").exit_code == 0
    return tmp_path / "s.sqlite"


@pytest.fixture
def exported(store: Path) -> bytes:
    """Return what is in it."""
    result = run("cache", "export")
    assert (result.exit_code, store.exists()) == (0, True)
    return result.stdout_bytes


def ends_well(command: str, stdin: bytes) -> tuple[int, str]:
    """Run a command; give its exit code and what it says."""
    result = run(*command.split(), stdin=stdin)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.stderr


@pytest.mark.long  # each waits ten seconds for its turn
@pytest.mark.parametrize("command", ["cache purge --all", "cache import -", "index forget --all"])
def test_a_locked_store_is_told(command: str, store: Path, exported: bytes) -> None:
    with closing(sqlite3.connect(store, isolation_level=None)) as somebody:
        somebody.execute("BEGIN EXCLUSIVE")
        code, told = ends_well(command, exported)

    assert code == 1
    assert f"tweet-embed: {store}: database is locked" in told


@pytest.mark.parametrize("command", COMMANDS)
def test_a_damaged_store_is_told(command: str, store: Path, exported: bytes) -> None:
    pages = bytearray(store.read_bytes())
    pages[4096:] = b"\xa5" * (len(pages) - 4096)
    store.write_bytes(pages)
    code, told = ends_well(command, exported)

    assert code == 1
    assert "malformed" in told or command == "cache stats"
    assert store.read_bytes()[4096:8192] == b"\xa5" * 4096


def test_a_backfill_goes_on_beside_a_store_that_is_locked(store: Path) -> None:
    with closing(sqlite3.connect(store, isolation_level=None)) as somebody:
        somebody.execute("BEGIN EXCLUSIVE")
        code, told = ends_well(f"backfill {store.parent / 'a.jsonl'} --check", b"")

    assert code == 3, told


@pytest.mark.parametrize("what", ["somebody else's", "newer", "no folder"])
def test_a_backfill_tells_of_a_store_that_is_none_before_the_work(
    what: str, store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if what == "newer":
        with closing(sqlite3.connect(store)) as newer:
            newer.execute("PRAGMA user_version = 99")
    elif what == "no folder":
        monkeypatch.setenv("TWEET_EMBED_CACHE_PATH", str(store.parent / "no" / "s.sqlite"))
    else:
        store.write_bytes(b"their words\n" * 1000)
    before = store.read_bytes()
    code, told = ends_well(f"backfill {store.parent / 'a.jsonl'} --check", b"")

    assert (code, store.read_bytes()) == (2, before)
    assert "TWEET_EMBED_CACHE_PATH: " in told
    assert "scan:" not in told


def test_a_candidate_of_a_source_of_another_version_ends_no_search(store: Path) -> None:
    named = {"kind": "candidate", "handle": "demo_harbour", "source": "oracle", "article": None}
    line = json.dumps(named | {"id": TWEET.rpartition("/")[2]}).encode()
    assert ends_well("cache import -", line)[0] == 0
    told = ends_well("find --handle demo_harbour --day 2026-03-20", b"Spring hours from today")[1]
    assert (store.exists(), "unidentified" in told) == (True, True)


def test_of_a_damaged_store_nothing_is_exported(store: Path, tmp_path: Path) -> None:
    with closing(sqlite3.connect(store)) as many:
        many.execute(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 9000)"
            " INSERT INTO history SELECT 10000 + i, i, 'gone', '' FROM n"
        )
        many.commit()
        root = many.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'answers'")
        page, size = root.fetchone()[0], many.execute("PRAGMA page_size").fetchone()[0]
    with store.open("r+b") as file:
        file.seek((page - 1) * size)
        file.write(b"\xa5" * size)
    (tmp_path / "out").write_bytes(b"as it was")

    result = run("cache", "export")
    assert (result.exit_code, result.stdout_bytes) == (1, b"")
    assert "malformed" in result.stderr
    assert run("cache", "export", "-o", tmp_path / "out").exit_code == 1
    assert (tmp_path / "out").read_bytes() == b"as it was"
    assert not list(tmp_path.glob(".tweet-embed-*"))


@pytest.mark.parametrize("way", ["a file", "a pipe"])
def test_what_is_imported_is_read_block_by_block(
    way: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TWEET_EMBED_CACHE_PATH", str(tmp_path / "s.sqlite"))
    takedown = b'{"kind": "takedown", "id": "10%d", "at": 1.0}'
    other, wrong = '{"kind": "ü%s"}\r\n'.encode() % ("ü" * 47).encode(), 3 * BLOCK // 100
    sound = takedown % 1 + b"\n" + other * wrong + b"\n" + takedown % 2
    (tmp_path / "broken").write_bytes(sound + b"\xc3")
    (tmp_path / "sound").write_bytes(sound)

    def take_in(name: str) -> tuple[int, str]:
        stdin = (tmp_path / name).read_bytes() if way == "a pipe" else b""
        result = run("cache", "import", "-" if way == "a pipe" else tmp_path / name, stdin=stdin)
        return result.exit_code, result.stderr

    code, told = take_in("broken")
    assert (code, f"not UTF-8 at byte {len(sound)};" in told) == (1, True), told
    assert not (tmp_path / "s.sqlite").exists()
    code, told = take_in("sound")
    assert (code, f"2 lines taken in, {wrong:,} left out" in told) == (1, True), told
    assert "line 2, " in told
    assert json.loads(run("cache", "stats").stdout)["takedowns"] == 2


@pytest.mark.long
def test_a_large_store_is_exported_and_imported_in_little_memory(tmp_path: Path) -> None:
    def store_of(name: str) -> dict[str, str]:
        return os.environ | {"TWEET_EMBED_CACHE_PATH": str(tmp_path / name)}

    with closing(sqlite.connect(str(tmp_path / "a.sqlite"), busy_s=0)) as store:
        for number in range(2000):
            sqlite.write(store, [replace(row(number), body=body_of(number))])

    def peak(*arguments: str, name: str = "a.sqlite") -> int:
        """Return the most memory that a command held, in MiB."""
        program = (
            "import resource, sys; from service.cli import app\n"
            "try: app(sys.argv[1:])\n"
            "except SystemExit as end: assert not end.code, end.code\n"
            "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024, file=sys.stderr)"
        )
        done = subprocess.run(
            [sys.executable, "-c", program, *arguments],
            env=store_of(name),
            capture_output=True,
            check=True,
        )
        return int(done.stderr.split()[-1])

    little = peak("cache", "stats")
    assert peak("cache", "export", "-o", str(tmp_path / "out")) < little + 16
    assert (tmp_path / "out").stat().st_size > 40 * 1024 * 1024
    assert peak("cache", "import", str(tmp_path / "out"), name="b.sqlite") < little + 16


def body_of(number: int) -> str:
    words = f"{number} " + "words " * 4000
    tweet = Tweet(str(int(ID) + number), "A", "ab", (TweetText(words),))
    return write_answer(canonical_tweet(tweet))
