"""The command line (docs/interface.md 7). Data goes to standard output, everything else to standard
error.

A command imports what it works with when it runs: the healthcheck of a container, twice a minute,
needs no web framework.
"""

from typing import Annotated

import typer

from service import __version__
from service.cli.commands.backfill import backfill
from service.cli.commands.cache import cache
from service.cli.commands.completion import completion
from service.cli.commands.config import config
from service.cli.commands.demo import demo
from service.cli.commands.detect import detect
from service.cli.commands.find import find
from service.cli.commands.healthcheck import healthcheck
from service.cli.commands.index import index
from service.cli.commands.openapi import openapi
from service.cli.commands.resolve import resolve
from service.cli.commands.restore import restore
from service.cli.commands.serve import serve
from service.cli.support.command_line import CommandLine
from service.cli.support.streams import (
    flush_output,
    leave_quietly,
    prepare_streams,
    stop_writing,
)

app = typer.Typer(
    cls=CommandLine,
    no_args_is_help=True,
    pretty_exceptions_enable=False,  # they print local variables, and those are articles
    context_settings={"help_option_names": ["-h", "--help"]},
)
for command in (
    serve,
    resolve,
    detect,
    backfill,
    restore,
    find,
    demo,
    openapi,
    completion,
    healthcheck,
):
    app.command()(command)
for group in (cache, config, index):
    app.add_typer(group)


def _show_version(wanted: bool) -> None:  # noqa: FBT001 - typer calls it with the flag
    if wanted:
        typer.echo(f"tweet-embed {__version__}")
        raise typer.Exit


@app.callback()
def tweet_embed(
    version: Annotated[  # noqa: FBT002 - a flag
        bool,
        typer.Option(
            "--version",
            callback=_show_version,
            is_eager=True,
            help="Show the version and exit.",
        ),
    ] = False,
) -> None:
    """Turn an article's tweets into safe embed HTML and its t.co links into their targets; leave
    the rest as it is.
    """


def main() -> None:
    """Run the command line. Trouble with the standard streams is a line, or silence, and a code."""
    prepare_streams()
    try:
        app(prog_name="tweet-embed")
        flush_output()
    except BrokenPipeError:
        leave_quietly()
    except OSError as error:
        stop_writing(error)
