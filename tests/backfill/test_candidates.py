"""Flattened tweets of an archive, recovered from what stands whole in its other articles."""

import json
import sqlite3
from pathlib import Path

import pytest
from archives import lines, run
from standin_x import StandIn
from typer.testing import Result

DAY = "November 11, 2025"
ID = "1988177428548464647"
WORDS = "Rain again, and no umbrella in sight"
FLAT = f"<p>Before.</p>\n<p>{WORDS} — Ada (@Ada_L) {DAY}</p>\n<p>After.</p>"
INTACT = (
    f'<blockquote class="twitter-tweet"><p lang="en" dir="ltr">{WORDS}</p>&mdash; Ada (@Ada_L) '
    f'<a href="https://twitter.com/Ada_L/status/{ID}">{DAY}</a></blockquote>'
)


@pytest.fixture
def archive(tmp_path: Path, x: StandIn) -> Path:
    x.tweet(ID, "Ada_L", "Ada", WORDS)
    path = tmp_path / "a.jsonl"
    path.write_bytes(lines(FLAT, INTACT, FLAT))
    return path


def backfill(archive: Path, *flags: str | Path) -> Result:
    online = {"TWEET_EMBED_RECORDED": "", "TWEET_EMBED_UPSTREAM_RATE": "0"}
    where = archive.parent / "report.jsonl"
    return run("backfill", archive, "--report", where, *flags, environment=online)


def tweets(archive: Path) -> list[tuple[str, str, str | None]]:
    rows = (archive.parent / "report.jsonl").read_text(encoding="utf-8").splitlines()
    return [
        (tweet["form"], tweet["state"], tweet["found_by"])
        for row in map(json.loads, rows)
        for tweet in row.get("tweets", ())
    ]


def test_an_intact_tweet_settles_flattened_ones_of_other_articles(
    archive: Path, x: StandIn
) -> None:
    result = backfill(archive, "--in-place")

    assert result.exit_code == 0
    assert tweets(archive) == [
        ("flattened", "embedded", "index"),
        ("blockquote", "embedded", "markup"),
        ("flattened", "embedded", "index"),
    ]
    assert len([each for each in x.asked if "oembed" in each.path]) == 1


def test_what_the_service_learnt_serves_a_backfill_without_the_network(
    archive: Path, x: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TWEET_EMBED_CACHE_PATH", str(archive.parent / "store.sqlite3"))
    assert backfill(archive, "--dry-run").exit_code == 0
    asked = len(x.asked)
    other = archive.parent / "b.jsonl"
    other.write_bytes(lines(FLAT))
    result = backfill(other, "--in-place", "--offline")

    assert result.exit_code == 0
    assert f"status/{ID}" in other.read_text()
    assert len(x.asked) == asked


def test_a_checkpoint_of_before_goes_on(archive: Path) -> None:
    state = archive.parent / "state"
    assert backfill(archive, "--dry-run", "--state", state).exit_code == 0
    with sqlite3.connect(state) as database:
        database.execute("DROP TABLE candidate")
    assert backfill(archive, "--in-place", "--state", state).exit_code == 0


def test_sources_are_named_for_one_run(archive: Path) -> None:
    result = backfill(archive, "--in-place", "--sources", "import")

    assert result.exit_code == 0
    assert ("flattened", "unidentified", None) in tweets(archive)


def test_an_import_serves_the_archive(
    tmp_path: Path, x: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    x.tweet(ID, "Ada_L", "Ada", WORDS)
    monkeypatch.setenv("TWEET_EMBED_CACHE_PATH", str(tmp_path / "store.sqlite3"))
    export = tmp_path / "tweets.jsonl"
    export.write_text(json.dumps({"id": ID, "author": {"username": "Ada_L"}}) + "\n")
    assert run("index", "import", export).exit_code == 0
    archive = tmp_path / "a.jsonl"
    archive.write_bytes(lines(FLAT))
    result = backfill(archive, "--in-place")

    assert result.exit_code == 0
    assert tweets(archive) == [("flattened", "embedded", "import")]
