"""What holds for every command: no argument is empty, and a mistake is told without the words of
the libraries.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any, TypeAlias

import typer
from typer.core import TyperGroup

from service.cli.support.io import stop
from service.cli.support.streams import leave_quietly
from service.exit_codes import USAGE

Context: TypeAlias = Any
"""click's own, which is of one module or another by the version of typer."""


class CommandLine(TyperGroup):
    """All commands. An empty argument ends each of them: no name of ours is empty, and a path that
    is would be the current folder. A shell makes one of a variable that is not set.
    """

    def parse_args(self, ctx: Context, args: list[str]) -> list[str]:
        """Refuse an empty argument; else go on."""
        for name in () if ctx.resilient_parsing else self._empty(ctx, args):
            stop(USAGE, f"{name} is empty; is a variable of the shell not set?")
        return super().parse_args(ctx, args)

    def invoke(self, ctx: Context) -> object:
        """Run a command; a usage error is told as we would, and nothing to a
        reader who left.
        """
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            leave_quietly()  # typer would end with 1
        except typer.BadParameter as error:
            error.message = error.message.removeprefix("Value error, ")
            raise

    def _empty(self, ctx: Context, args: Sequence[str]) -> Iterator[str]:
        """Return the names of options and arguments that are empty."""
        command: object = self
        for word in args:
            found = command.get_command(ctx, word) if isinstance(command, TyperGroup) else None
            if found is None:
                break
            command = found
        parameters = getattr(command, "params", [])
        with_value = {
            name for each in parameters if not getattr(each, "is_flag", False) for name in each.opts
        }
        places = [each.metavar or each.name for each in parameters if each.name in each.opts]
        for before, word in pairwise(["", *args]):
            name, is_joined, value = word.partition("=")
            if is_joined and not value and name in with_value:
                yield name
            elif not word:
                yield before if before in with_value else " or ".join(places) or "an argument"
