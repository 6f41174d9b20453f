"""What an operator sees: nothing written unasked, clear lines, exit codes, reports, refusals, and
the way back.
"""

import fcntl
import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest
from archives import LINK, TARGET, TWEET, lines, report, run
from standin_x import StandIn
from zstandard_packing import zstd

ARCHIVE = lines("nothing", f"<p>see {LINK} x</p>", f"<p>a</p>\n<p>{TWEET}</p>")


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    path = tmp_path / "a.jsonl"
    path.write_bytes(ARCHIVE)
    return path


@pytest.mark.parametrize(
    "flags",
    [
        [],
        ["--dry-run"],
        ["--in-place", "--dry-run"],
        ["--in-place", "--diff"],
        ["--in-place", "--check"],
    ],
)
def test_nothing_is_written_unasked(flags: list[str], archive: Path) -> None:
    result = run("backfill", archive, *flags)

    assert result.exit_code == (3 if "--check" in flags else 0)
    assert "2 would change, 1 unchanged, 0 failed" in result.stderr
    assert [each.name for each in archive.parent.iterdir()] == ["a.jsonl"]
    assert archive.read_bytes() == ARCHIVE
    assert (f"-<p>see {LINK} x</p>\n" in result.stdout) == ("--diff" in flags)
    assert (f"+<p>see {TARGET} x</p>\n" in result.stdout) == ("--diff" in flags)


@pytest.mark.parametrize(
    ("wishes", "why"),
    [
        ("--in-place --report a.jsonl", "a.jsonl: that is the source"),
        ("--to b.jsonl --report-html ./b.jsonl", "b.jsonl: that is where --to writes"),
        ("--report r --report-html ./r", "r: named twice"),
        ("--in-place --state s --backup s", "s: named twice"),
        ("--report there/r", "there/r: there is no such folder"),
        ("--report pipe", "pipe: no regular file"),
        ("--to pipe", "no regular file; --to - writes to standard output"),
        ("--in-place --report linked.jsonl", "linked.jsonl: that is the source"),
        (
            "--in-place --report-html a.jsonl.tweet-embed-backup.jsonl",
            "a.jsonl.tweet-embed-backup.jsonl: named twice",
        ),
        (
            "--in-place --report .a.jsonl.tweet-embed-state",
            ".a.jsonl.tweet-embed-state: named twice",
        ),
        ("--report .", ".: a folder; name a file"),
        ("--in-place --backup .", ".: a folder; name a file"),
        ("--to - --report -", "--to and --report cannot go to standard output together"),
        (
            "--diff --report-html -",
            "--diff and --report-html cannot go to standard output together",
        ),
        (
            "--report - --report-html -",
            "--report and --report-html cannot go to standard output together",
        ),
    ],
)
def test_its_own_files_must_be_others(
    archive: Path,
    monkeypatch: pytest.MonkeyPatch,
    wishes: str,
    why: str,
) -> None:
    monkeypatch.chdir(archive.parent)
    os.mkfifo("pipe")
    Path("linked.jsonl").symlink_to(archive)
    before = archive.read_bytes()
    result = run("backfill", archive.name, *wishes.split())

    assert (result.exit_code, archive.read_bytes()) == (2, before)
    assert why in result.stderr
    assert sorted(each.name for each in archive.parent.iterdir()) == [
        archive.name,
        "linked.jsonl",
        "pipe",
    ]
    assert Path("pipe").is_fifo()


def test_a_report_is_no_article(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a.html").write_text("<p>a</p>")
    result = run("backfill", ".", "--report-html", "a.html")

    assert (result.exit_code, Path("a.html").read_text()) == (2, "<p>a</p>")
    assert "a.html: would be an article among those in" in result.stderr
    assert run("backfill", ".", "--report", "report.jsonl").exit_code == 0


def test_reports_go_down_a_pipe(archive: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(archive.parent)
    told = [
        json.loads(line)
        for line in run("backfill", archive.name, "--report", "-").stdout.splitlines()
    ]
    page = run("backfill", archive.name, "--check", "--to", "-", "--report-html", "-").stdout

    assert [each.get("status") for each in told] == ["unchanged", "changed", "changed", None]
    assert page.startswith("<!doctype html>")
    assert page.endswith("</html>\n")
    assert [each.name for each in archive.parent.iterdir()] == [archive.name]


def test_a_missing_packer_is_told_before_the_work(
    archive: Path,
    monkeypatch: pytest.MonkeyPatch,
    x: StandIn,
) -> None:
    monkeypatch.setitem(sys.modules, zstd.__name__, None)
    archive.write_bytes(lines("https://t.co/abcdefghij x"))
    result = run(
        "backfill",
        archive,
        "--to",
        archive.parent / "b.jsonl.zst",
        environment={"TWEET_EMBED_RECORDED": ""},
    )

    assert (result.exit_code, x.asked) == (2, [])
    assert "pip install '.[zstd]'" in result.stderr


def test_a_wrong_field_stops_before_the_work(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(lines(LINK, LINK))
    told = run("backfill", tmp_path / "a.jsonl", "--field", "body")
    assert told.exit_code == 2
    assert "no member 'body'; there is: " in told.stderr
    assert "(see --field)" in told.stderr


def test_a_field_that_some_records_lack_is_no_wrong_one(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(b'{"id": 0, "title": "x"}\n' + lines(LINK))
    assert run("backfill", tmp_path / "a.jsonl", "--field", "content").exit_code in {0, 1}


def test_a_database_file_is_told_its_address(tmp_path: Path) -> None:
    place = tmp_path / "site.db"
    with closing(sqlite3.connect(place)) as made:
        made.execute("CREATE TABLE posts (content TEXT)")
        made.commit()
    told = run("backfill", place)
    assert told.exit_code == 2
    assert f"its address is sqlite:{place}" in told.stderr


def test_a_destination_that_cannot_be_written_is_told_before_the_work(archive: Path) -> None:
    told = run("backfill", archive, "--to", "/proc/out.jsonl")
    assert told.exit_code == 2
    assert "cannot be written in" in told.stderr
    assert "scan" not in told.stderr


def test_a_restore_onto_the_wrong_source_says_so(tmp_path: Path) -> None:
    one, other = tmp_path / "one.jsonl", tmp_path / "other.jsonl"
    one.write_bytes(lines(*[f"see {LINK} x"] * 30))
    other.write_bytes(b'{"id": "another", "content": "nothing in it"}\n')
    backup = tmp_path / "b.jsonl"
    assert run("backfill", one, "--in-place", "--backup", backup).exit_code == 0
    told = run("restore", backup, other)
    assert told.exit_code == 1
    assert "is it the right source?\n0 restored, 0 were as before, 30 left alone" in told.stderr


def test_the_scan_tells_what_there_is(archive: Path) -> None:
    told = run("backfill", archive, "--rate", "2/s").stderr

    assert (
        "scan: 3 articles; mentions: link 1, url 1; to resolve: 2 articles with 1 different tweet"
        " and 1 short link" in told
    )
    assert "at most 1 s at 2/s" in told


def test_the_report_has_a_line_for_every_article(archive: Path, tmp_path: Path) -> None:
    assert run("backfill", archive, "--in-place", "--report", tmp_path / "r.jsonl").exit_code == 0
    told = report(tmp_path / "r.jsonl")

    assert [(line["n"], line["id"], line["status"]) for line in told[:-1]] == [
        (1, "a0", "unchanged"),
        (2, "a1", "changed"),
        (3, "a2", "changed"),
    ]
    assert told[2]["embeds"] == {"embedded": 1}
    assert told[1]["before_sha256"] != told[1]["after_sha256"]
    summary = told[-1]["summary"]
    assert isinstance(summary, dict)
    assert (summary["articles"], summary["changed"], summary["failed"]) == (3, 2, 0)


@pytest.mark.parametrize(
    "arguments",
    [
        ["sqlite:///a.db"],
        ["postgresql+psycopg://localhost/a"],
        ["mysql://h/a"],
        ["A", "--report-html", "A"],
        ["A", "--report-html", "no/such/folder/r.html"],
        ["A", "--table", "t"],
        ["A", "--preset", "wordpress"],
        ["A", "--in-place", "--to", "B"],
        ["-", "--in-place"],
        ["missing.jsonl"],
        ["a.doc"],
        ["A", "--to", "A"],
        ["A", "--to", "B", "--backup", "C"],
        ["A", "--shard", "3/2"],
        ["A", "--rate", "fast"],
        ["A", "--since", "yesterday"],
        ["A", "--in-place", "--shard", "1/2"],
        ["A", "--in-place", "--backup", "no/such/folder/b.jsonl"],
        ["A", "--in-place", "--backup", "A"],
        ["A", "--to", "."],
        [".", "--to", "-"],
        [".", "--to", "below"],
        ["A", "--format", "pdf"],
    ],
)
def test_what_cannot_begin_is_one_clear_line(
    arguments: list[str],
    archive: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(archive.parent)
    (archive.parent / "a.doc").write_bytes(b"x")
    result = run(
        "backfill",
        *(each.replace("A", "a.jsonl") if each == "A" else each for each in arguments),
    )

    assert result.exit_code == 2
    assert "Traceback" not in result.stderr
    assert archive.read_bytes() == ARCHIVE


def test_a_foreign_destination_is_not_overwritten(archive: Path, tmp_path: Path) -> None:
    to = tmp_path / "b.jsonl"
    to.write_text("precious")
    assert run("backfill", archive, "--to", to).exit_code == 2
    assert to.read_text() == "precious"
    assert run("backfill", archive, "--to", to, "--restart").exit_code == 0
    assert run("backfill", archive, "--to", to).exit_code == 0
    to.write_text("edited")
    assert run("backfill", archive, "--to", to).exit_code == 2


def test_a_second_run_on_the_same_archive_is_refused(archive: Path) -> None:
    with archive.open("rb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        result = run("backfill", archive, "--in-place")
        again = run("restore", archive, archive)

    assert (result.exit_code, again.exit_code) == (2, 2)
    assert "another run is at work" in result.stderr
    assert archive.read_bytes() == ARCHIVE


def test_bad_lines_are_told_and_passed_through_and_the_rest_is_done(tmp_path: Path) -> None:
    bad = (
        b'{"content": "@ cut off\n{"content": "latin \xe4 @"}\n["@"]\n{"text": "@"}\n{"content":'
        b' ["@"]}\n{"content": "\\ud800 @"}\n'
    )
    (tmp_path / "a.jsonl").write_bytes(bad + ARCHIVE)
    result = run("backfill", tmp_path / "a.jsonl", "--in-place")

    assert result.exit_code == 1
    assert (
        (tmp_path / "a.jsonl")
        .read_bytes()
        .startswith(bad + b'{"id": "a0", "content": "nothing"}\n')
    )
    for place, why in enumerate(
        (
            "no JSON",
            "not UTF-8 at byte 19",
            "no JSON object",
            "no member 'content'",
            "is no string",
            "surrogate",
        ),
        1,
    ):
        assert f"unreadable: line {place}: " in result.stderr
        assert why in result.stderr
    assert "2 changed, 1 unchanged, 6 failed" in result.stderr


@pytest.mark.parametrize(
    ("name", "raw", "why"),
    [
        ("a.jsonl.gz", b"\x1f\x8b\x08\0\0\0\0\0\0\x03\xab\x56", "cut off"),
        ("a.jsonl.gz", b"plain", "damaged"),
        ("a.xml", b"<rss><item><content:encoded><![CDATA[@ ", "does not end"),
        ("a.xml", b"<rss><item>@<item></item></rss>", "does not end before the next one"),
        ("a.xml", b"<html></html>", "is it a WordPress export?"),
        ("a.xml", b'<?xml version="1.0" encoding="ISO-8859-1"?><item></item>', "ISO-8859-1"),
        ("a.json", b'{"db":[{"data":{"posts":[{"html":"@"}', "does not end"),
        ("a.json", b'{"title": "x"}', "is it a Ghost export?"),
        ("a.csv", b'id,content\n1,"@ never closed\n2,@\n', "never closed"),
        ("a.csv", b"id,content\n1,2,@\n", "3 fields where the header has 2"),
    ],
)
def test_what_is_damaged_is_told_and_left_as_it_is(
    name: str,
    raw: bytes,
    why: str,
    tmp_path: Path,
) -> None:
    (tmp_path / name).write_bytes(raw)
    result = run("backfill", tmp_path / name, "--in-place")

    assert result.exit_code == 1
    assert why in result.stderr
    assert (tmp_path / name).read_bytes() == raw


def test_a_missing_column_is_told_with_those_there_are(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("id,body\n")

    assert (
        "no column 'content'; there is: id, body (see --field)"
        in run("backfill", tmp_path / "a.csv").stderr
    )


def test_a_wrong_file_in_a_folder_does_not_stop_the_rest(tmp_path: Path) -> None:
    folder = tmp_path / "p"
    folder.mkdir()
    (folder / "a.txt").write_bytes(b"\xff\xfea\0")
    (folder / "b.txt").write_bytes(b"caf\xe9 @")
    (folder / "c.txt").write_text(f"{LINK} x")
    result = run("backfill", folder, "--in-place")

    assert result.exit_code == 1
    assert "a.txt: UTF-16" in result.stderr
    assert "b.txt: not UTF-8 at byte 3" in result.stderr
    assert (folder / "c.txt").read_text() == f"{TARGET} x"


def test_a_field_of_20_megabytes(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(
        'id,x,content\n1,"' + ('word ""x"" ' * 100 + "\n") * 19_000 + f'",{LINK} x\n2,,{LINK} x\n',
    )
    result = run("backfill", tmp_path / "a.csv", "--in-place")

    assert result.exit_code == 0, result.stderr
    assert (tmp_path / "a.csv").read_text().count(TARGET) == 2


def test_an_article_with_a_failure_is_left_for_the_next_run(archive: Path, tmp_path: Path) -> None:
    nothing = tmp_path / "recorded"
    (nothing / "oembed").mkdir(parents=True)
    (nothing / "oembed" / "2034906551094185985.json").write_text('{"status": 500}')
    result = run(
        "backfill",
        archive,
        "--in-place",
        environment={"TWEET_EMBED_RECORDED": str(nothing)},
    )

    assert result.exit_code == 1
    assert "failed: line 3, id a2: upstream_error" in result.stderr
    assert run("backfill", archive, "--in-place").exit_code == 0
    assert TARGET.encode() in archive.read_bytes() or b"twitter-tweet" in archive.read_bytes()


def test_too_many_failures_stop_it_resumable(tmp_path: Path) -> None:
    (tmp_path / "oembed").mkdir()
    (tmp_path / "oembed" / "2034906551094185985.json").write_text('{"status": 500}')
    archive = tmp_path / "a.jsonl"
    archive.write_bytes(lines(*[f"<p>{TWEET}</p>"] * 50))
    result = run(
        "backfill",
        archive,
        "--in-place",
        "--max-failures",
        "3",
        environment={"TWEET_EMBED_RECORDED": str(tmp_path)},
    )

    assert result.exit_code == 4
    assert "3 articles failed (--max-failures)" in result.stderr
    assert "50 articles: 0 to change, 0 unchanged, 3 failed, 47 not done yet" in result.stderr
    assert run("backfill", archive, "--in-place").exit_code == 0
    assert archive.read_bytes().count(b"twitter-tweet") == 50


def test_offline_asks_nothing(archive: Path, x: StandIn) -> None:
    result = run(
        "backfill",
        archive,
        "--in-place",
        "--offline",
        environment={"TWEET_EMBED_RECORDED": ""},
    )

    assert result.exit_code == 1
    assert "cache_only" in result.stderr
    assert (archive.read_bytes(), x.asked) == (ARCHIVE, [])


def test_each_tweet_and_link_is_asked_once(tmp_path: Path, x: StandIn) -> None:
    x.tweet("20", "jack", "jack", "just setting up my twttr", date="March 21, 2006")
    x.code("abcdefghij", "https://example.org/a")
    archive = tmp_path / "a.jsonl"
    archive.write_bytes(
        lines(*["<p>https://x.com/jack/status/20</p><p>https://t.co/abcdefghij x</p>"] * 60),
    )
    result = run(
        "backfill",
        archive,
        "--in-place",
        "--rate",
        "0",
        environment={"TWEET_EMBED_RECORDED": ""},
    )

    assert result.exit_code == 0, result.stderr
    assert len(x.asked) == 2
    assert archive.read_bytes().count(b"https://example.org/a") == 60


def test_limit_since_and_shards(tmp_path: Path) -> None:
    archive = tmp_path / "a.jsonl"
    rows = [
        json.dumps({"content": f"{LINK} x", "date": f"20{year}-05-01"}) + "\n"
        for year in range(10, 20)
    ]
    archive.write_text("".join(rows))
    assert run("backfill", archive, "--to", tmp_path / "l", "--limit", "3").exit_code == 0
    assert run("backfill", archive, "--to", tmp_path / "s", "--since", "2017-05-01").exit_code == 0
    assert [TARGET in line for line in (tmp_path / "l").read_text().splitlines()] == [True] * 3 + [
        False,
    ] * 7
    assert [TARGET in line for line in (tmp_path / "s").read_text().splitlines()] == [False] * 7 + [
        True,
    ] * 3
    parts = []
    for number in (1, 2, 3):
        told = run(
            "backfill",
            archive,
            "--to",
            tmp_path / f"p{number}",
            "--shard",
            f"{number}/3",
        ).stderr
        parts.append((tmp_path / f"p{number}").read_text())
        assert told.startswith(f"scan: {parts[-1].count(chr(10))} articles")
    assert "".join(parts) == "".join(rows).replace(LINK, TARGET)


@pytest.mark.parametrize(
    ("name", "raw"),
    [
        ("a.csv", f'id,content\n"\x1b[31mred",{LINK} x\n'),
        ("a.jsonl", json.dumps({"id": "\x1b[31mred", "content": f"{LINK} x"})),
    ],
)
def test_an_id_cannot_steer_the_terminal(name: str, raw: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(raw)
    result = run("backfill", tmp_path / name, "--diff")

    assert "id \\x1b[31mred" in result.stdout
    assert "\x1b" not in result.stdout + result.stderr


@pytest.mark.parametrize(
    ("name", "raw"),
    [("a.jsonl", "{%s}"), ("a.json", '{"db":[{"data":{"posts":[{%s}]}}]}')],
)
@pytest.mark.parametrize("number", ["1e999999", "1.50", "12345678901234567890123"])
def test_an_id_that_is_a_number_is_told_as_it_is_written(
    name: str,
    raw: str,
    number: str,
    tmp_path: Path,
) -> None:
    (tmp_path / name).write_text(raw % f'"id": {number}, "content": "{LINK} x"')
    run("backfill", tmp_path / name, "--field", "content", "--report", tmp_path / "r")

    assert report(tmp_path / "r")[0]["id"] == number


@pytest.mark.parametrize("flags", [[], ["--report", "r"]])
def test_articles_without_a_date_are_told_of_where_one_is_asked_for(
    flags: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    dates = ('"date": "2010-01-01", ', '"date": "2020-01-01", ', '"date": "some day", ', "")
    (tmp_path / "a.jsonl").write_text(
        "".join(f'{{{date}"content": "{LINK} x"}}\n' for date in dates),
    )

    assert (
        "; 3 left out by --since, 2 of them tell no date"
        in run("backfill", "a.jsonl", "--since", "2015-01-01", *flags).stderr
    )
    assert "tell no date" not in run("backfill", "a.jsonl", *flags).stderr


@pytest.mark.parametrize("source", ["mongodb://me:secret@host/db", "oracle://me:secret@host/db"])
def test_who_names_another_database_is_told_which_there_are(source: str) -> None:
    result = run("backfill", source, "--table", "t")

    assert result.exit_code == 2
    assert (
        f"{source.partition(':')[0]}:// is not read; of databases, these are: postgresql, "
        in result.stderr
    )
    assert "secret" not in result.stderr


def test_restore_refuses_what_somebody_edited_since(archive: Path, tmp_path: Path) -> None:
    assert run("backfill", archive, "--in-place", "--backup", tmp_path / "b.jsonl").exit_code == 0
    rows = archive.read_bytes().splitlines(keepends=True)
    rows[1] = rows[1].replace(b" x", b" edited")
    archive.write_bytes(b"".join([lines("new first"), *rows]))
    result = run("restore", tmp_path / "b.jsonl", archive)

    assert result.exit_code == 1
    assert "line 3, id a1: edited since" in result.stderr
    assert archive.read_bytes() == b"".join(
        [lines("new first"), rows[0], rows[1], ARCHIVE.splitlines(keepends=True)[2]],
    )


def test_articles_that_share_an_id_are_restored_each_for_itself(tmp_path: Path) -> None:
    contents = (
        f"<p>{TARGET}</p>",
        f"<p>{LINK}</p>",
        "<p>none</p>",
        f"<p>{LINK}</p>",
        f"<p>{TWEET}</p>",
        f"<p>{TARGET}</p>",
    )
    before = "".join(json.dumps({"id": 1, "content": each}) + "\n" for each in contents)
    archive, backup = tmp_path / "a.jsonl", tmp_path / "b.jsonl"
    archive.write_text(before)
    assert run("backfill", archive, "--in-place", "--backup", backup).exit_code == 0
    result = run("restore", backup, archive)

    assert (result.exit_code, archive.read_text()) == (0, before), result.stderr
    assert "3 restored" in result.stderr
    assert run("restore", backup, archive).exit_code == 0


def test_articles_are_restored_where_they_stand_now(archive: Path, tmp_path: Path) -> None:
    assert run("backfill", archive, "--in-place", "--backup", tmp_path / "b.jsonl").exit_code == 0
    archive.write_bytes(lines("new").replace(b"a0", b"b") + archive.read_bytes())
    result = run("restore", tmp_path / "b.jsonl", archive)

    assert (result.exit_code, archive.read_bytes()) == (
        0,
        lines("new").replace(b"a0", b"b") + ARCHIVE,
    ), result.stderr


def test_a_file_that_changes_between_scan_and_writing_is_left_alone(
    tmp_path: Path,
    x: StandIn,
) -> None:
    x.code("abcdefghij", "https://example.org/a")
    x.held.add("tco")
    folder = tmp_path / "p"
    folder.mkdir()
    (folder / "a.txt").write_text("https://t.co/abcdefghij x")
    environment = os.environ | {"TWEET_EMBED_RECORDED": ""}
    command = [sys.executable, "-m", "service", "backfill", str(folder), "--in-place"]
    # our own command
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) as process:
        until = time.monotonic() + 180
        while not x.asked and time.monotonic() < until:
            time.sleep(0.05)
        (folder / "a.txt").write_text("an editor's text, https://t.co/abcdefghij x")
        x.held.clear()
        told = process.communicate(timeout=180)[1]

    assert process.returncode == 1, told
    assert "skipped: a.txt: somebody changed it meanwhile" in told
    assert (folder / "a.txt").read_text() == "an editor's text, https://t.co/abcdefghij x"


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_stops_it_cleanly_and_it_goes_on(
    number: signal.Signals,
    code: int,
    tmp_path: Path,
    x: StandIn,
) -> None:
    x.code("abcdefghij", "https://example.org/a")
    x.held.add("tco")
    archive = tmp_path / "a.jsonl"
    archive.write_bytes(before := lines("https://t.co/abcdefghij x"))
    command = [sys.executable, "-m", "service", "backfill", str(archive), "--in-place"]
    with subprocess.Popen(
        command,
        env=os.environ | {"TWEET_EMBED_RECORDED": ""},
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        until = time.monotonic() + 180
        while not x.asked and time.monotonic() < until:
            time.sleep(0.05)
        process.send_signal(number)
        told = process.communicate(timeout=180)[1]

    assert process.returncode == code, told
    assert "nothing is half done: run the same command again to go on" in told
    assert archive.read_bytes() == before
    x.held.clear()
    assert (
        run("backfill", archive, "--in-place", environment={"TWEET_EMBED_RECORDED": ""}).exit_code
        == 0
    )
