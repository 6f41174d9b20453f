"""Folders with what folders have: links, rooms that are locked, files where folders should be. The
counts add up, and nothing leads out.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from archives import LINK, TARGET, report, run
from rest import DEMO

BEFORE, AFTER = f"<p>see {LINK} x</p>", f"<p>see {TARGET} x</p>"
PLAIN = "<p>nothing</p>"


def make(folder: Path, **pages: str) -> Path:
    """Write pages; `sub__a` is sub/a.html."""
    for name, content in pages.items():
        path = folder / (name.replace("__", "/") + ".html")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    return folder


def bound(*arguments: str | Path) -> "subprocess.CompletedProcess[str]":
    """Run a command in a process that permissions bind, whoever starts it."""
    powerless = [] if os.geteuid() else ["setpriv", "--bounding-set=-dac_override,-dac_read_search"]
    command = [*powerless, sys.executable, "-m", "service", *map(str, arguments)]
    environment = os.environ | {"TWEET_EMBED_RECORDED": str(DEMO / "recorded")}
    # our own command
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def summary(path: Path) -> dict[str, int]:
    """Return the articles of a report's last line, by what became of them, and see that they add
    up.
    """
    told = report(path)[-1]["summary"]
    assert isinstance(told, dict)
    counts = {
        each: told[each] for each in ("changed", "unchanged", "failed", "skipped", "unreadable")
    }
    assert sum(counts.values()) == told["articles"]
    return {each: count for each, count in counts.items() if count}


@pytest.mark.parametrize("flags", [["--in-place"], ["--dry-run"], ["--to", "to"]])
def test_a_folder_that_cannot_be_looked_into_is_told_and_the_rest_is_done(
    flags: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    folder = make(tmp_path / "p", a=BEFORE, locked__b=BEFORE, z__c=BEFORE)
    (folder / "locked").chmod(0)
    try:
        result = bound("backfill", folder, *flags, "--report", "r")
    finally:
        (folder / "locked").chmod(0o755)

    assert result.returncode == 1, result.stderr
    assert "skipped: locked: Permission denied" in result.stderr
    assert summary(tmp_path / "r") == {"changed": 2, "skipped": 1}
    if "--dry-run" not in flags:
        done = folder if "--in-place" in flags else tmp_path / "to"
        assert [(done / each).read_text() for each in ("a.html", "z/c.html")] == [AFTER, AFTER]
    assert (folder / "locked" / "b.html").read_text() == BEFORE


def test_a_source_that_cannot_be_looked_into_is_refused(tmp_path: Path) -> None:
    folder = make(tmp_path / "p", a=BEFORE)
    folder.chmod(0)
    try:
        result = bound("backfill", folder)
    finally:
        folder.chmod(0o755)

    assert (result.returncode, result.stderr) == (2, f"tweet-embed: {folder}: Permission denied\n")


def test_links_are_not_followed_and_the_counts_add_up(tmp_path: Path) -> None:
    folder = make(tmp_path / "p", a=BEFORE, b=PLAIN, sub__c=BEFORE, sub__d=PLAIN)
    outside = make(tmp_path / "outside", x=BEFORE)
    (folder / "away").symlink_to(outside)
    (folder / "away.html").symlink_to(outside / "x.html")
    (folder / "inner.html").symlink_to("a.html")
    (folder / "sub" / "up.html").symlink_to(folder / "b.html")
    (folder / "latest").symlink_to("sub")
    (folder / "nowhere.html").symlink_to("missing.html")
    (folder / "image.png").symlink_to(outside / "image.png")
    result = run("backfill", folder, "--in-place", "--report", tmp_path / "r")

    assert result.exit_code == 1
    assert "9 articles: 2 changed, 4 unchanged, 3 failed" in result.stderr
    assert summary(tmp_path / "r") == {"changed": 2, "unchanged": 4, "skipped": 3}
    told = {str(each["file"]): each for each in report(tmp_path / "r")[:-1]}
    assert {name for name, each in told.items() if each["status"] == "skipped"} == {
        "away",
        "away.html",
        "nowhere.html",
    }
    assert told["inner.html"]["note"] == "a symbolic link to a.html"
    assert "skipped: away: a symbolic link to a folder that is not read here" in result.stderr
    assert (outside / "x.html").read_text() == BEFORE


def test_a_link_to_an_article_of_the_same_folder_is_no_failure(tmp_path: Path) -> None:
    folder = make(tmp_path / "p", a=BEFORE, sub__c=BEFORE)
    (folder / "sub" / "inner.html").symlink_to("../a.html")
    (folder / "latest").symlink_to("sub")
    result = run("backfill", folder, "--in-place")

    assert (result.exit_code, (folder / "sub" / "inner.html").is_symlink()) == (0, True)
    assert "3 articles: 2 changed, 1 unchanged, 0 failed" in result.stderr
    assert (folder / "a.html").read_text() == AFTER


@pytest.mark.parametrize("limit", ["1", "2", "3", "9"])
def test_the_counts_of_a_part_add_up_too(limit: str, tmp_path: Path) -> None:
    folder = make(tmp_path / "p", a=PLAIN, c=BEFORE)
    (folder / "b.html").symlink_to("/nowhere")
    run("backfill", folder, "--limit", limit, "--report", tmp_path / "r")

    assert sum(summary(tmp_path / "r").values()) == min(3, int(limit))


def test_what_ends_early_is_counted_as_one_article(tmp_path: Path) -> None:
    (tmp_path / "a.xml").write_text(
        f"<rss><item><content:encoded>{LINK}</content:encoded></item><item>",
    )
    run("backfill", tmp_path / "a.xml", "--report", tmp_path / "r")

    assert summary(tmp_path / "r") == {"changed": 1, "unreadable": 1}


def test_no_link_in_the_destination_is_followed(tmp_path: Path) -> None:
    folder = make(tmp_path / "p", a=BEFORE, sub__b=BEFORE, sub__deep__c=PLAIN, z=PLAIN)
    outside = make(tmp_path / "outside", mine="mine")
    to = make(tmp_path / "to", z="old")
    (to / "sub").symlink_to("../outside")
    (to / "a.html").symlink_to(outside / "mine.html")
    result = run("backfill", folder, "--to", to, "--restart", "--report", tmp_path / "r")

    assert result.exit_code == 1
    assert {each.name: each.read_text() for each in outside.iterdir()} == {"mine.html": "mine"}
    assert [(to / each).read_text() for each in ("a.html", "z.html")] == [AFTER, PLAIN]
    assert f"skipped: sub/b.html: {to / 'sub'} is a symbolic link" in result.stderr
    assert "skipped: sub/deep/c.html: " in result.stderr
    assert summary(tmp_path / "r") == {"changed": 1, "unchanged": 1, "skipped": 2}
    (to / "sub").unlink()
    assert run("backfill", folder, "--to", to).exit_code == 0
    assert (to / "sub" / "b.html").read_text() == AFTER


def test_a_file_where_a_folder_should_be_is_told_and_the_rest_is_done(tmp_path: Path) -> None:
    folder = make(tmp_path / "p", a=BEFORE, sub__b=BEFORE, z=BEFORE)
    to = tmp_path / "to"
    (to / "a.html").mkdir(parents=True)
    (to / "sub").write_text("a file")
    result = run("backfill", folder, "--to", to, "--restart")

    assert result.exit_code == 1
    assert "skipped: a.html: " in result.stderr
    assert "skipped: sub/b.html: " in result.stderr
    assert ((to / "sub").read_text(), (to / "z.html").read_text()) == ("a file", AFTER)


def test_links_within_a_folder_are_links_in_its_copy(tmp_path: Path) -> None:
    folder = make(tmp_path / "p", a=BEFORE, sub__c=BEFORE)
    (folder / "sub" / "inner.html").symlink_to(folder / "a.html")
    for _ in range(2):
        assert run("backfill", folder, "--to", tmp_path / "to").exit_code == 0

    link = tmp_path / "to" / "sub" / "inner.html"
    assert (link.readlink(), link.read_text()) == (Path("../a.html"), AFTER)
    assert run("backfill", folder, "--in-place", "--backup", tmp_path / "b").exit_code == 0
    assert run("restore", tmp_path / "b", folder).exit_code == 0
    assert (folder / "a.html").read_text() == BEFORE


def test_an_empty_name_is_not_this_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As a shell has it where a variable is not set."""
    (tmp_path / "a.html").write_text(f"<p>{LINK}</p>", encoding="utf-8")
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "b.html").write_text(f"<p>{LINK} x</p>", encoding="utf-8")
    kept = tmp_path / "kept.jsonl"
    assert run("backfill", tmp_path / "b", "--in-place", "--backup", kept).exit_code == 0
    monkeypatch.chdir(tmp_path)
    before = sorted(tmp_path.rglob("*"))
    told = [
        run("backfill", "", "--in-place"),
        run("backfill", "b", "--to", ""),
        run("restore", kept, ""),
    ]

    assert [each.exit_code for each in told] == [2, 2, 2]
    assert all("is empty; is a variable" in each.stderr for each in told)
    assert sorted(tmp_path.rglob("*")) == before
    assert (tmp_path / "a.html").read_text(encoding="utf-8") == f"<p>{LINK}</p>"
