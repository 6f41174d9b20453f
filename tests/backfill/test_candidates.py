"""Flattened tweets of an archive, recovered from what stands whole in its other articles."""

import json
import sqlite3
from pathlib import Path

import pytest
import standin_archive
import standin_search
from archives import lines, run
from standin_archive import Archive
from standin_search import Search
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


def test_what_was_decided_with_other_sources_is_decided_again(archive: Path) -> None:
    state = archive.parent / "state"
    backfill(archive, "--dry-run", "--state", state, "--sources", "import")
    assert ("flattened", "unidentified", None) in tweets(archive)
    backfill(archive, "--dry-run", "--state", state)

    assert ("flattened", "embedded", "index") in tweets(archive)


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


# --- earlier versions of WordPress posts ---

POSTS = """
CREATE TABLE wp_posts (ID INTEGER PRIMARY KEY, post_parent INTEGER, post_type TEXT,
  post_status TEXT, post_modified_gmt TEXT, post_content TEXT);
CREATE TABLE wp_postmeta (meta_id INTEGER PRIMARY KEY, post_id INTEGER, meta_key TEXT,
  meta_value TEXT);
"""
OTHER = "1988200000000000000"


@pytest.fixture
def site(tmp_path: Path, x: StandIn) -> Path:
    x.tweet(ID, "Ada_L", "Ada", WORDS)
    x.tweet(OTHER, "Bob", "Bob", "A bridge was opened by the mayor today")
    path = tmp_path / "wp.sqlite3"
    other = f"<p>A bridge was opened by the mayor today — Bob (@Bob) {DAY}</p>"
    answer = INTACT.replace("Ada_L", "Bob").replace(ID, OTHER)
    with sqlite3.connect(path) as database:
        database.executescript(POSTS)
        database.executemany(
            "INSERT INTO wp_posts VALUES (?, ?, ?, ?, '2025-12-01', ?)",
            [
                (1, 0, "post", "publish", FLAT),
                (2, 1, "revision", "inherit", f"<p>Before.</p>\n{INTACT}"),
                (3, 0, "post", "publish", FLAT),
                (4, 0, "post", "publish", other),
                (5, 0, "oembed_cache", "publish", answer),
            ],
        )
        database.executemany(
            "INSERT INTO wp_postmeta (post_id, meta_key, meta_value) VALUES (?, ?, ?)",
            [
                (1, "_oembed_0123", "{{unknown}}"),
                (1, "_oembed_time_0123", "1700000000"),
                (1, "_edit_lock", "x.com"),
            ],
        )
    return path


def backfill_site(site: Path, *flags: str | Path) -> Result:
    where = site.parent / "report.jsonl"
    online = {"TWEET_EMBED_RECORDED": "", "TWEET_EMBED_UPSTREAM_RATE": "0"}
    flags = ("--preset", "wordpress", "--report", where, *flags)
    return run("backfill", f"sqlite:///{site}", *flags, environment=online)


def test_earlier_versions_of_posts_name_their_tweets(site: Path) -> None:
    assert backfill_site(site, "--in-place").exit_code == 0
    rows = (site.parent / "report.jsonl").read_text(encoding="utf-8").splitlines()

    assert [
        (row["id"], tweet["found_by"], tweet["confidence"])
        for row in map(json.loads, rows)
        for tweet in row.get("tweets", ())
    ] == [("1", "revision", 1.0), ("3", "revision", 0.9), ("4", "revision", 0.9)]


def test_revisions_are_read_only_where_they_are_named(site: Path) -> None:
    assert backfill_site(site, "--in-place", "--sources", "index").exit_code == 0

    assert {found_by for _, _, found_by in tweets(site)} == {None}


def test_what_a_cms_kept_is_known_after_it_was_cleared(
    site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TWEET_EMBED_CACHE_PATH", str(site.parent / "store.sqlite3"))
    with sqlite3.connect(site) as database:
        database.execute("UPDATE wp_postmeta SET meta_value = ? WHERE meta_id = 1", (INTACT,))
        database.execute("DELETE FROM wp_posts WHERE ID = 2")
    assert backfill_site(site, "--in-place").exit_code == 0
    with sqlite3.connect(site) as database:
        left = database.execute("SELECT count(*) FROM wp_postmeta WHERE meta_key LIKE '_oembed%'")
        assert left.fetchone() == (0,)
        database.execute("INSERT INTO wp_posts SELECT 9, 0, 'post', 'publish', '', ?", (FLAT,))
    assert backfill_site(site, "--in-place").exit_code == 0

    assert ("flattened", "embedded", "index") in tweets(site)


# --- sources that ask somebody ---


def test_a_backfill_waits_for_its_sources_and_tells_the_bill(
    tmp_path: Path, x: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    search = x.sites[standin_search.HOST] = Search("AAAA")
    search.post(ID, "ada_l", WORDS)
    x.tweet(ID, "Ada_L", "Ada", WORDS)
    for name, value in (("CACHE_PATH", str(tmp_path / "store")), ("X_API_TOKEN", "AAAA")):
        monkeypatch.setenv(f"TWEET_EMBED_{name}", value)
    archive = tmp_path / "a.jsonl"
    archive.write_bytes(lines(FLAT, FLAT, "<p>nothing</p>"))
    dry = backfill(archive, "--sources", "index,x_api", "--offline")
    told = backfill(archive, "--in-place", "--sources", "index,x_api")

    assert "x_api" not in dry.stderr
    assert (
        "x_api: at most 2 look-ups, 3 s or more; about $0.01 if each finds one post" in told.stderr
    )
    assert "found without a code, by: 2 x_api" in told.stderr
    assert "x_api: 1 posts, $0.01" in told.stderr
    assert search.bill == 1
    summary = json.loads((tmp_path / "report.jsonl").read_text().splitlines()[-1])["summary"]
    assert (summary["found_by"], summary["spent"]) == ({"x_api": 2}, {"x_api": 1})


def test_an_articles_address_leads_to_its_snapshot(
    tmp_path: Path, x: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = x.sites[standin_archive.HOST] = Archive()
    archive.page("https://news.example/a?b=1&c=2", "20251120031501", INTACT)
    x.tweet(ID, "Ada_L", "Ada", WORDS)
    for name, value in (("CACHE_PATH", str(tmp_path / "store")), ("CONTACT", "ed@news.example")):
        monkeypatch.setenv(f"TWEET_EMBED_{name}", value)
    source = tmp_path / "a.xml"
    source.write_text(
        "<rss><item><link>https://news.example/a?b=1&amp;c=2</link>"
        f"<content:encoded><![CDATA[{FLAT}]]></content:encoded></item></rss>"
    )
    result = backfill(source, "--in-place", "--sources", "snapshot")

    assert result.exit_code == 0
    assert tweets(source) == [("flattened", "embedded", "snapshot")]


@pytest.mark.parametrize("name", ["a.jsonl", "a.csv"])
def test_a_field_tells_an_articles_address(
    name: str, tmp_path: Path, x: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = x.sites[standin_archive.HOST] = Archive()
    for key, value in (("CACHE_PATH", str(tmp_path / "store")), ("CONTACT", "ed@news.example")):
        monkeypatch.setenv(f"TWEET_EMBED_{key}", value)
    flat = f"{WORDS} — Ada (@Ada_L) {DAY}"
    rows = {
        "a.jsonl": json.dumps({"content": flat, "link": "https://news.example/a"}) + "\n",
        "a.csv": f'link,content\nhttps://news.example/a,"{flat}"\n',
    }
    (tmp_path / name).write_text(rows[name])
    backfill(tmp_path / name, "--sources", "snapshot", "--url-field", "link")

    assert archive.asked == ["/web/20251111id_/https://news.example/a"]


def test_an_export_keeps_the_answers_of_x_that_wordpress_had(tmp_path: Path, x: StandIn) -> None:
    x.tweet(ID, "Ada_L", "Ada", WORDS)
    source = tmp_path / "a.xml"
    meta = (
        "<wp:postmeta><wp:meta_key><![CDATA[_oembed_{}]]></wp:meta_key>"
        "<wp:meta_value><![CDATA[{}]]></wp:meta_value></wp:postmeta>\n"
    )
    kept = meta.format("time_0a1b", 1) + meta.format("0a1b", INTACT)
    item = f"<item><wp:post_id>{{}}</wp:post_id><content:encoded><![CDATA[{FLAT}]]>"
    items = (item.format(1) + "</content:encoded>" + kept, item.format(2) + "</content:encoded>")
    source.write_text(f"<rss>{''.join(f'{each}</item>' for each in items)}</rss>")
    backfill(source, "--in-place")

    rows = (tmp_path / "report.jsonl").read_text(encoding="utf-8").splitlines()
    assert [
        (row["id"], tweet["found_by"], tweet["confidence"])
        for row in map(json.loads, rows)
        for tweet in row.get("tweets", ())
    ] == [("1", "revision", 1.0), ("2", "revision", 0.9)]
