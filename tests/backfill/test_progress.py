"""How far a backfill is: a bar where one is wanted, lines elsewhere, and numbers that say what they
count.
"""

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from archives import LINK
from archives import lines as written
from rest import DEMO
from sampling import sampled

from service.cli.support.progress import PlainProgress, ProgressBar


def told(*arguments: str | Path, **environment: str) -> str:
    """Run a backfill with its standard error on a pipe; give what it said there."""
    command = [sys.executable, "-m", "service", "backfill", *map(str, arguments)]
    around = (
        os.environ
        | {"TWEET_EMBED_RECORDED": str(DEMO / "recorded"), "COLUMNS": "100"}
        | environment
    )
    # our own command
    return subprocess.run(command, env=around, capture_output=True, text=True, check=True).stderr


@pytest.mark.parametrize("wish", sampled(["on", "auto", "off"], "on"))
def test_no_control_code_goes_into_a_file(wish: str, tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(written(f"see {LINK} x"))
    said = told(tmp_path / "a.jsonl", "--progress", wish, TERM="xterm")

    assert "\x1b" not in said
    assert "1 article: 1 would change" in said


@pytest.mark.parametrize(
    ("wish", "kind"),
    sampled(
        [("on", "xterm"), ("auto", "xterm"), ("on", "dumb")], ("auto", "xterm"), ("on", "dumb")
    ),
)
def test_a_terminal_gets_a_bar_where_one_can_be_drawn(
    wish: str,
    kind: str,
    tmp_path: Path,
) -> None:
    (tmp_path / "a.jsonl").write_bytes(written(f"see {LINK} x"))
    command = f"{sys.executable} -m service backfill {tmp_path / 'a.jsonl'} --progress {wish}"
    shown = subprocess.run(
        ["/usr/bin/script", "-qec", command, "/dev/null"],
        env=os.environ | {"TWEET_EMBED_RECORDED": str(DEMO / "recorded"), "TERM": kind},
        capture_output=True,
        text=True,
        check=True,
    ).stdout

    assert ("\x1b" in shown, "resolve " in shown) == (kind != "dumb", kind != "dumb")


def test_a_bar_is_drawn_without_a_thread(capsys: pytest.CaptureFixture[str]) -> None:
    """A thread would be there while workers are forked."""
    before = threading.active_count()
    with ProgressBar() as bar:
        bar.step("scan", 2000, "bytes")
        bar.advance(1000)
        bar.say("halfway")

        assert threading.active_count() == before
    assert "halfway" in capsys.readouterr().err


def test_lines_say_what_they_count(capsys: pytest.CaptureFixture[str]) -> None:
    lines = PlainProgress(every_s=0)
    for name, total, unit in (
        ("scan", 2000, "bytes"),
        ("scan", 0, "files"),
        ("resolve", 40, "articles"),
    ):
        lines.step(name, total, unit)
        lines.advance(10)

    assert (
        capsys.readouterr().err
        == "scan: 10 of 2,000 bytes (0 %)\nscan: 10 files\nresolve: 10 of 40 articles (25 %)\n"
    )
