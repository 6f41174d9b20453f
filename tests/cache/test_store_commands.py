"""The commands that work with the store's file, where that is locked, damaged or none: one line and
an exit code, and the file as it was.
"""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from archives import TWEET, lines, run

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
