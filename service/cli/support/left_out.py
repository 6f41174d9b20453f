"""Rows and lines that a command leaves out: summed up by reason, for a file may have a million."""

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Annotated, Final

import typer

from service.cli.support.io import printable

NAMED: Final = 3
"""Places of one reason that are named without being asked for."""

Verbose = Annotated[
    bool,
    typer.Option("-v", "--verbose", help="Name all that is left out, on standard error."),
]
"""What the commands that leave something out take."""


@dataclass(slots=True)
class _Alike:
    count: int = 0
    places: list[str] = field(default_factory=list)


class LeftOut:
    """What was left out, by reason: how much, and the places of the first few. If `verbose`, each
    is told on standard error at once.
    """

    def __init__(self, *, verbose: bool) -> None:
        """Begin with nothing."""
        self.count = 0
        self._verbose = verbose
        self._by_reason: dict[str, _Alike] = defaultdict(_Alike)

    def add(self, place: str, why: str) -> None:
        """Take note of one. `why` is one of a few reasons."""
        self.count += 1
        alike = self._by_reason[why]
        alike.count += 1
        if self._verbose:
            typer.echo(f"tweet-embed: {printable(place)}: {printable(why)}", err=True)
        elif len(alike.places) < NAMED:
            alike.places.append(place)

    def sum_up(self) -> None:
        """Write on standard error how many there were of each reason."""
        for why, alike in self._by_reason.items():
            typer.echo(f"tweet-embed: {alike.count:,} left out: {printable(why)}", err=True)
            for place in alike.places:
                typer.echo(f"  {printable(place)}", err=True)
            more = alike.count - len(alike.places)
            if more and not self._verbose:
                typer.echo(f"  and {more:,} more; --verbose names each", err=True)
