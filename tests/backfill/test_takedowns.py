"""A tweet that is taken down while a backfill is under way, or rests: nothing of it is written."""

import json
import os
import sqlite3
import subprocess
import sys
import time
from contextlib import ExitStack, closing
from pathlib import Path

import pytest
from archives import LINK, TARGET, TWEET, lines, run
from databases import Database
from rest import ON_RECORDED
from sqlalchemy import text
from test_destinations import killed
from test_read_only import read_only

WORDS = b"Spring hours from today"
ID = TWEET.rpartition("/")[2]
RAW = lines(f"<p>{TWEET}</p>", f"<p>{LINK}</p>")
TAKEDOWN = json.dumps({"kind": "takedown", "id": ID, "at": 1.0}).encode()


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the place of the store that commands work with."""
    monkeypatch.setenv("TWEET_EMBED_CACHE_PATH", str(tmp_path / "store.sqlite"))
    return tmp_path / "store.sqlite"


def test_what_was_decided_before_a_takedown_is_decided_again(place: Path) -> None:
    source, to = place.parent / "a.jsonl", place.parent / "b.jsonl"
    state = place.parent / ".b.jsonl.tweet-embed-state"
    source.write_bytes(RAW)
    killed("backfill", source, "--to", to)
    assert WORDS in state.read_bytes()
    assert run("cache", "import", "-", stdin=TAKEDOWN).exit_code == 0
    result = run("backfill", source, "--to", to, "--max-failures", "0")

    assert result.exit_code == 0, result.stderr
    assert "to resolve: 0 articles" in result.stderr  # the link's is not decided again
    assert "tweets: 1 gone" in result.stderr
    assert TARGET.encode() in to.read_bytes()
    left = {each.name for each in place.parent.iterdir() if WORDS in each.read_bytes()}
    assert not left


def test_a_takedown_while_rows_are_written_takes_the_tweet_out_again(
    place: Path, postgres: Database
) -> None:
    postgres.make(articles={1: f"<p>{TWEET}</p>", 2: f"<p>{LINK}</p>"})
    command = [sys.executable, "-m", "service", "backfill", postgres.url, "--in-place"]
    own = ["--table", "posts", "--column", "content", "--state", str(postgres.folder / "state")]
    with ExitStack() as stack:
        editor = stack.enter_context(postgres.engine.connect())
        editor.execute(text("SELECT * FROM posts WHERE id = 2 FOR UPDATE"))
        process = stack.enter_context(
            subprocess.Popen(
                [*command, *own],
                cwd=postgres.folder,
                env=os.environ | ON_RECORDED | {"TWEET_EMBED_CACHE_PATH": str(place)},
                stderr=subprocess.PIPE,
            )
        )
        until = time.monotonic() + 180
        while WORDS.decode() not in str(postgres.contents()[1]) and time.monotonic() < until:
            time.sleep(0.05)
        assert run("cache", "import", "-", stdin=TAKEDOWN).exit_code == 0
        editor.rollback()
        told = process.communicate(timeout=180)[1]

    assert process.returncode == 0, told
    assert WORDS.decode() not in str(postgres.contents()[1])
    assert postgres.contents()[2] == f"<p>{TARGET}</p>"


def test_a_takedown_by_import_leaves_no_word_in_the_log_or_in_damaged_copies(place: Path) -> None:
    (place.parent / "a.jsonl").write_bytes(RAW)
    assert run("backfill", place.parent / "a.jsonl").exit_code == 0
    place.with_name("store.sqlite.damaged-1").write_bytes(WORDS)
    with closing(sqlite3.connect(place)) as reader:  # with it open the log stays
        reader.execute("SELECT count(*) FROM answers").fetchone()
        assert WORDS in place.read_bytes()
        assert run("cache", "import", "-", stdin=TAKEDOWN).exit_code == 0
        left = {each.name for each in place.parent.iterdir() if WORDS in each.read_bytes()}
    assert not left


@pytest.mark.parametrize("how", ["read-only", "locked"])
def test_a_store_that_cannot_be_used_still_tells_what_is_taken_down(
    how: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.jsonl").write_bytes(RAW)
    place = tmp_path / "p" / "store.sqlite"
    place.parent.mkdir()
    monkeypatch.setenv("TWEET_EMBED_CACHE_PATH", str(place))
    assert run("cache", "import", "-", stdin=TAKEDOWN).exit_code == 0
    with ExitStack() as stack:
        if how == "locked":
            somebody = stack.enter_context(closing(sqlite3.connect(place, isolation_level=None)))
            somebody.execute("PRAGMA locking_mode = EXCLUSIVE")
            somebody.execute("BEGIN EXCLUSIVE")
        else:
            stack.enter_context(read_only(place.parent))
        result = run("backfill", tmp_path / "a.jsonl", "--to", "-")

    assert result.exit_code == 0, result.stderr
    assert WORDS not in result.stdout_bytes
    assert "tweets: 1 gone" in result.stderr
