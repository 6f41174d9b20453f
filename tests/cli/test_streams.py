"""The standard streams of the command line: whatever they are, one line and no traceback."""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from rest import DEMO, ON_RECORDED

ROOT = Path(__file__).resolve().parents[2]
SERVICE = (sys.executable, "-m", "service")
ARABIC = DEMO / "articles" / "arabic.txt"


def shell(
    line: str,
    *arguments: str,
    environment: Sequence[tuple[str, str]] = (),
) -> subprocess.CompletedProcess[bytes]:
    """Run a line of bash; `$@` is the command, its exit code that of the first in a pipe."""
    return subprocess.run(
        ["/bin/bash", "-c", f"{line}; exit ${{PIPESTATUS[0]}}", "bash", *SERVICE, *arguments],
        env=os.environ | ON_RECORDED | dict(environment),
        capture_output=True,
        check=False,
        timeout=300,
    )


def one_line(done: subprocess.CompletedProcess[bytes]) -> str:
    told = done.stderr.decode()
    assert "Traceback" not in told
    assert told.count("\n") == 1
    return told


def test_a_reader_that_left_is_no_trouble() -> None:
    done = shell('"$@" | true', "detect", str(ARABIC), "--json")
    assert b"Traceback" not in done.stderr
    assert done.returncode in {0, 141}


def test_a_reader_that_left_before_the_first_word_is_told_by_the_code_alone() -> None:
    gone, out = os.pipe()
    os.close(gone)
    done = subprocess.run(
        [*SERVICE, "resolve", str(ARABIC)],
        env=os.environ | ON_RECORDED,
        stdout=out,
        stderr=subprocess.PIPE,
        check=False,
        timeout=300,
    )
    os.close(out)
    assert (done.returncode, done.stderr) == (141, b"")


@pytest.mark.parametrize("arguments", [["config", "show"], ["resolve", str(ARABIC)], ["--help"]])
def test_a_full_disk_is_told(arguments: list[str]) -> None:
    done = shell('"$@" >/dev/full', *arguments)
    assert done.returncode == 1
    told = done.stderr.decode()
    assert "No space left on device" in told
    assert "Traceback" not in told


def test_a_closed_input_is_told() -> None:
    done = shell('"$@" <&-', "resolve")
    assert done.returncode == 2
    assert one_line(done) == "tweet-embed: standard input is closed\n"


def test_a_closed_output_is_told() -> None:
    done = shell('"$@" >&-', "resolve", str(ARABIC))
    assert done.returncode == 1
    assert "standard output is closed" in one_line(done)


def test_an_output_in_another_encoding_gets_escapes() -> None:
    done = shell('"$@"', "demo", "--once", environment=[("PYTHONIOENCODING", "ascii")])
    assert (done.returncode, b"Traceback" in done.stderr) == (0, False)
    assert b"\\u06" in done.stdout


def test_a_diff_for_a_terminal_cannot_steer_it(tmp_path: Path) -> None:
    article = tmp_path / "a.txt"
    article.write_text("\x1b[31mred\x1b[0m https://t.co/Rk2Ys9Mf4A end")
    steered = shell('"$@"', "resolve", str(article), "--diff").stdout
    assert b"\x1b[31mred" in steered  # a pipe gets every byte: `patch` needs them
    line = 'script -qec "$(printf "%q " "$@")" /dev/null'
    shown = shell(line, "resolve", str(article), "--diff", environment=[("NO_COLOR", "1")]).stdout
    assert b"\\x1b[31mred" in shown
    assert b"\x1b[31mred" not in shown
