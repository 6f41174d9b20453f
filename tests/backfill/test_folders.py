"""Folders with what folders have: links, rooms that are locked, files where folders should be. The counts add up, and nothing leads out."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from archives import LINK, TARGET, report
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
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)  # noqa: S603 - our own command


def summary(path: Path) -> dict[str, int]:
    """Give the articles of a report's last line, by what became of them, and see that they add up."""
    told = report(path)[-1]["summary"]
    assert isinstance(told, dict)
    counts = {each: told[each] for each in ("changed", "unchanged", "failed", "skipped", "unreadable")}
    assert sum(counts.values()) == told["articles"]
    return {each: count for each, count in counts.items() if count}


@pytest.mark.parametrize("flags", [["--in-place"], ["--dry-run"], ["--to", "to"]])
def test_a_folder_that_cannot_be_looked_into_is_told_and_the_rest_is_done(
    flags: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
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
