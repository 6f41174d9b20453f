"""Shells complete the command line, with the script that `tweet-embed completion` writes."""

import os
import pty
import re
import select
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest
from rest import DEMO

CASES = [
    ("tweet-embed ser", "tweet-embed serve "),
    ("tweet-embed resolve --format m", "tweet-embed resolve --format markdown "),
    ("tweet-embed resolve art", "tweet-embed resolve article.html "),
]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Return a folder with an article, and with the command on the path of `environment`."""
    command = tmp_path / "bin" / "tweet-embed"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m service "$@"\n')
    command.chmod(0o755)
    (tmp_path / "article.html").touch()
    return tmp_path


def environment(home: Path) -> dict[str, str]:
    return os.environ | {
        "HOME": str(home),
        "PATH": f"{home}/bin:{os.environ['PATH']}",
        "PS1": "ready> ",
        "PYTHONPATH": str(DEMO.parent.parent),
        "TERM": "dumb",
    }


class Terminal:
    """A shell at a terminal of its own, at which somebody types."""

    def __init__(self, home: Path, words: Sequence[str]) -> None:
        self._pid, self._terminal = pty.fork()
        if not self._pid:
            os.chdir(home)
            os.execvpe(words[0], [*words], environment(home))  # noqa: S606 - that is the point
        self.shown = ""

    def press(self, keys: str, wanted: str) -> None:
        """Type, and wait until the shell shows what is wanted (a pattern)."""
        start = len(self.shown)
        os.write(self._terminal, keys.encode())
        self.wait_for(wanted, start)

    def wait_for(self, wanted: str, start: int = 0) -> None:
        until = time.monotonic() + 180
        while re.search(wanted, self.shown[start:]) is None:
            assert time.monotonic() < until, self.shown[start:]
            if select.select([self._terminal], [], [], 0.1)[0]:
                self.shown += os.read(self._terminal, 65536).decode()

    def close(self) -> None:
        os.close(self._terminal)
        os.waitpid(self._pid, 0)


def type_in(home: Path, words: Sequence[str], setup: str) -> None:
    """Begin each command in a shell, press Tab, and see what then stands there."""
    terminal = Terminal(home, words)
    try:
        terminal.wait_for("ready> ")
        terminal.press(f"{setup}; echo set''up\n", "setup(.|\n)*ready> ")
        for begun, whole in CASES:
            terminal.press(f"{begun}\t", re.escape(whole))
            terminal.press("\x15\n", "ready> ")
    finally:
        terminal.close()


@pytest.mark.skipif(shutil.which("bash") is None, reason="wants the Debian package bash")
def test_bash_completes_commands_values_and_files(home: Path) -> None:
    setup = "source <(tweet-embed completion bash)"
    type_in(home, ["bash", "--norc", "--noprofile", "-i"], setup)


@pytest.mark.long
@pytest.mark.skipif(shutil.which("zsh") is None, reason="wants the Debian package zsh")
def test_zsh_completes_commands_values_and_files(home: Path) -> None:
    setup = "autoload -U compinit; compinit -u -D; source <(tweet-embed completion zsh)"
    type_in(home, ["zsh", "-f", "-i"], setup)


@pytest.mark.long
@pytest.mark.skipif(shutil.which("fish") is None, reason="wants the Debian package fish")
def test_fish_completes_commands_values_and_files(home: Path) -> None:
    asked = "; ".join(f'complete -C "{begun}"' for begun, _ in CASES)
    done = subprocess.run(
        ["fish", "--no-config", "-c", f"tweet-embed completion fish | source; {asked}"],  # noqa: S607
        env=environment(home),
        cwd=home,
        capture_output=True,
        text=True,
        check=True,
        timeout=300,
    )

    words = [line.split("\t")[0] for line in done.stdout.splitlines()]
    assert words == [whole.split()[-1] for _, whole in CASES]


def test_a_shell_that_is_not_known_is_told(home: Path) -> None:
    done = subprocess.run(
        [home / "bin" / "tweet-embed", "completion", "tcsh"],
        env=environment(home),
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )

    assert done.returncode == 2
    assert "tcsh" in done.stderr
    assert "bash" in done.stderr
