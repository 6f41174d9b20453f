"""`tweet-embed index`: which tweets are known by author and day, from exports that somebody has."""

import json
from pathlib import Path
from typing import Annotated

import typer

from service.cli.support.cache_file import open_store, read_settings
from service.cli.support.flags import read_handle
from service.cli.support.io import printable, stop
from service.cli.support.left_out import LeftOut, Verbose
from service.exit_codes import FAILED, USAGE
from service.setting_values import SOURCES

index = typer.Typer(
    name="index",
    no_args_is_help=True,
    help="Look after the index of tweets by author and day, in the store at"
    " TWEET_EMBED_CACHE_PATH.",
)


@index.command(name="import")
def import_(
    paths: Annotated[
        list[str],
        typer.Argument(
            metavar="PATH",
            help="X's archive of an account (zip or folder), JSON of X's API, twarc or snscrape,"
            " or a table with ids.",
        ),
    ],
    *,
    handle: Annotated[
        str | None,
        typer.Option(
            help="Whose tweets they are, where the export does not tell.", callback=read_handle
        ),
    ] = None,
    verbose: Verbose = False,
) -> None:
    """Note the ids and authors of the tweets in exports; nothing else of them is kept.

    What is taken in again changes nothing. Retweets and spoiled ids are left out, and counted by
    reason. Where no tweet is found among the rows, the exit code is 1.
    """
    from service.candidates.imports.take_in import take_in

    settings = read_settings()
    for each in paths:
        if not Path(each).exists():
            stop(USAGE, f"{printable(each)}: no such file or folder")

    left_out = LeftOut(verbose=verbose)
    with open_store(settings, make=True) as connection:
        try:
            taken = take_in(connection, map(Path, paths), handle, left_out.add)
        except OSError as error:
            stop(FAILED, printable(f"{error.filename}: {error.strerror}"))
        except ValueError as error:
            stop(FAILED, printable(str(error)))
    left_out.sum_up()
    typer.echo(
        f"{taken.new:,} tweet{'s' * (taken.new != 1)} new in the index,"
        f" {left_out.count:,} row{'s' * (left_out.count != 1)} left out",
        err=True,
    )
    if left_out.count and not taken.tweets:
        raise typer.Exit(FAILED)


@index.command()
def stats() -> None:
    """Write how many tweets are known, of how many authors and from which source, as JSON."""
    from service.cache import candidate_tables as tables

    with open_store(read_settings()) as connection:
        told = {
            "tweets": tables.count_tweets(connection),
            "handles": tables.count_handles(connection),
            "sources": tables.count_candidates(connection),
        }
    typer.echo(json.dumps(told))


@index.command()
def forget(
    *,
    handle: Annotated[
        str | None, typer.Option(help="What is known of this author.", callback=read_handle)
    ] = None,
    source: Annotated[
        str | None,
        typer.Option(help=f"What came from this source: {', '.join(SOURCES)}."),
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="All of it.")] = False,
) -> None:
    """Delete from the index what is known of an author, from a source, or all.

    Stored answers of X and takedowns stay; a source that is asked may be asked again.
    """
    from service.cache import candidate_tables as tables

    if everything == (handle is not None or source is not None):
        message = "say --handle, --source or both, or --all"
        raise typer.BadParameter(message)
    if source is not None and source not in SOURCES:
        message = f"{source!r} is not one of {', '.join(SOURCES)}"
        raise typer.BadParameter(message, param_hint="--source")
    name = handle.lower() if handle else None
    with open_store(read_settings()) as connection:
        count = tables.forget_candidates(connection, source, name)
    typer.echo(f"{count:,} entries deleted", err=True)
