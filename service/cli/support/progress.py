"""How far a long command is: one bar on a terminal, plain lines on a pipe. On standard error,
both.
"""

import os
import sys
import time
from typing import Literal, Self

import typer

from service.cli.support.io import printable

Wish = Literal["auto", "on", "off"]

_LINE_EVERY_S = 30.0
_DRAWN_EVERY_S = 0.1


class PlainProgress:
    """Writes the steps, and every half minute how far one is."""

    def __init__(self, *, quiet: bool = False, every_s: float = _LINE_EVERY_S) -> None:
        """`quiet` leaves out how far; what is said is said."""
        self._quiet, self._every_s = quiet, every_s
        self._name, self._total, self._unit = "", 0, ""
        self._next = 0.0

    def __enter__(self) -> Self:
        """Begin."""
        return self

    def __exit__(self, *_: object) -> None:
        """End."""

    def step(self, name: str, total: int, unit: str = "") -> None:
        """Begin a step; `unit` is what is counted."""
        self._name, self._total, self._unit = name, total, unit and f" {unit}"
        self._next = time.monotonic() + self._every_s

    def advance(self, done: int) -> None:
        """Show how far it is."""
        if not self._quiet and time.monotonic() >= self._next:
            self._next = time.monotonic() + self._every_s
            of_all, share = (
                (f" of {self._total:,}", f" ({100 * done // self._total} %)")
                if self._total
                else ("", "")
            )
            self.say(f"{self._name}: {done:,}{of_all}{self._unit}{share}")

    def say(self, line: str) -> None:
        """Write a line."""
        typer.echo(printable(line), err=True)


class ProgressBar(PlainProgress):
    """Shows one bar, for the step under way."""

    def __init__(self) -> None:
        """Make it."""
        super().__init__(quiet=True)
        from rich.console import Console
        from rich.progress import (
            BarColumn,
            Progress,
            TaskProgressColumn,
            TextColumn,
            TimeRemainingColumn,
        )

        self._console = Console(stderr=True, highlight=False)
        columns = (
            TextColumn("{task.description:8}"),
            BarColumn(),
            TaskProgressColumn(),
            TimeRemainingColumn(),
        )
        # without a thread that draws it: a backfill forks (`backfill/workers/process_pool.py`)
        self._progress = Progress(
            *columns, console=self._console, transient=True, auto_refresh=False
        )
        self._next = 0.0
        self._task = self._progress.add_task("", total=None, visible=False)

    def __enter__(self) -> Self:
        """Begin to show it."""
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Take it away."""
        self._progress.stop()

    # a share has none
    def step(self, name: str, total: int, unit: str = "") -> None:  # noqa: ARG002
        """Begin a step."""
        self._progress.reset(self._task, description=name, total=total or None, visible=True)
        self._progress.refresh()

    def advance(self, done: int) -> None:
        """Move it, and draw it now and then."""
        self._progress.update(self._task, completed=done)
        if time.monotonic() >= self._next:
            self._next = time.monotonic() + _DRAWN_EVERY_S
            self._progress.refresh()

    def say(self, line: str) -> None:
        """Write a line above it."""
        self._console.print(printable(line), markup=False, soft_wrap=True)


def progress(wish: Wish) -> PlainProgress:
    """Return what the operator is to see: a bar on a terminal, elsewhere a line now and then, for
    control codes in a file help nobody; with `off` only what is said.
    """
    drawn = os.environ.get("TERM") not in {"dumb", "unknown"}
    if drawn and wish != "off" and sys.stderr is not None and sys.stderr.isatty():
        return ProgressBar()
    return PlainProgress(quiet=wish == "off")
