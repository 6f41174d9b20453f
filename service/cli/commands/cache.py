"""`tweet-embed cache`: the store of the service, looked at and looked after from the command
line.
"""

import asyncio
import json
import sqlite3
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from service.cli.support.cache_file import open_store, read_settings
from service.cli.support.flags import OutputFile
from service.cli.support.io import (
    BLOCK,
    blocks_of,
    check_target,
    is_replaced,
    open_lines,
    spooled,
    stop,
    write_blocks,
)
from service.cli.support.left_out import LeftOut, Verbose
from service.exit_codes import FAILED, USAGE
from service.setting_values import BadValueError, read_duration
from service.settings import Settings, SettingsError

if TYPE_CHECKING:
    from service.cache.sqlite import Row

cache = typer.Typer(
    name="cache",
    no_args_is_help=True,
    help="Look after the store at TWEET_EMBED_CACHE_PATH.",
)

_TOLD_EVERY_S = 1.0
MOST_TROUBLES = 20
"""A refresh ends when X has been in trouble so many times in a row."""


def _age(text: str) -> float:
    try:
        return read_duration(text)
    except BadValueError as error:
        raise typer.BadParameter(str(error)) from None


@cache.command()
def stats() -> None:
    """Write how much is stored, as JSON, and whether the file is sound."""
    from service.cache.recovery import is_damage
    from service.cache.sqlite import counts

    settings = read_settings()
    with open_store(settings) as connection:
        told: dict[str, Any] = {
            "path": settings.cache_path,
            "bytes": Path(settings.cache_path).stat().st_size,
        }
        try:
            told |= counts(connection)
            told["sound"] = connection.execute("PRAGMA quick_check(1)").fetchone()[0] == "ok"
        except sqlite3.DatabaseError as error:
            if not is_damage(error):
                raise
            told["sound"] = False
    typer.echo(json.dumps(told))
    if not told["sound"]:
        raise typer.Exit(FAILED)


@cache.command()
def export(
    out: OutputFile = "-",
) -> None:
    """Write all that is stored, one JSON object a line: answers, links, histories, takedowns,
    candidates.
    """
    from service.cache.dump import dump

    settings, count = read_settings(), 0

    def blocks(connection: sqlite3.Connection) -> Iterator[bytes]:
        nonlocal count
        block = bytearray()
        for line in dump(connection):
            count += 1
            block += json.dumps(line, ensure_ascii=False).encode() + b"\n"
            if len(block) >= BLOCK:
                yield bytes(block)
                block.clear()
        yield bytes(block)

    check_target(out)
    with ExitStack() as stack:
        with open_store(settings) as connection:
            connection.execute("BEGIN")
            if is_file := is_replaced(out):
                write_blocks(blocks(connection), out)
            else:  # who reads slowly must not hold the store, nor see half of a damaged one
                folder = Path(settings.cache_path).parent
                file = stack.enter_context(spooled(blocks(connection), folder))
        if not is_file:
            write_blocks(blocks_of(file), out)
    typer.echo(f"{count} lines", err=True)


@cache.command(name="import")
def import_(
    file: Annotated[
        str,
        typer.Argument(metavar="FILE|-", help="What `export` wrote; - is standard input."),
    ] = "-",
    *,
    verbose: Verbose = False,
) -> None:
    """Take in what `export` wrote. Newer answers stay, what was taken down stays down; lines that
    cannot be read are left out, and counted by reason.
    """
    from service.cache.dump import take_in
    from service.cache.recovery import forget_words

    settings, taken = read_settings(), 0
    left_out = LeftOut(verbose=verbose)
    with (
        open_lines(file, Path(settings.cache_path).parent) as lines,
        open_store(settings, make=True) as connection,
    ):
        for number, line in enumerate(lines, 1):
            if line.strip():
                try:
                    take_in(connection, line.decode().removesuffix("\n"))
                    taken += 1
                except (ValueError, KeyError, TypeError, RecursionError) as error:
                    detail, why = _why_not(error)
                    left_out.add(f"line {number}{detail}", why)
                except sqlite3.Error as error:
                    stop(FAILED, f"{settings.cache_path}: {error}, at line {number}")
        forget_words(connection, settings.cache_path)
    left_out.sum_up()
    typer.echo(
        f"{taken:,} line{'s' * (taken != 1)} taken in, {left_out.count:,} left out", err=True
    )
    if left_out.count:
        raise typer.Exit(FAILED)


def _why_not(error: Exception) -> tuple[str, str]:
    """Return where in a line it is not what `export` writes, and in plain words why."""
    if isinstance(error, json.JSONDecodeError):
        return f", character {error.pos + 1}", "no JSON"
    if isinstance(error, KeyError):
        return "", f"no member {error.args[0]!r}"
    if isinstance(error, ValueError) and error.args:
        return f", {error.args[0]!r}"[:200], "a value that may not stand there"
    return "", "not what `cache export` writes"


@cache.command()
def refresh(
    older_than: Annotated[
        str,
        typer.Option(
            "--older-than",
            metavar="AGE",
            help="Ask anew what was last asked this long ago.",
        ),
    ] = "30d",
) -> None:
    """Ask X anew about stored tweets, as gently as its rate allows; write one JSON object a line
    for each that died or changed.
    """
    from service.cache.sqlite import TWEET, all_answers

    settings, until = read_settings(), time.time() - _age(older_than)
    with open_store(settings) as connection:
        rows = [row for row in all_answers(connection, until=until) if row.kind == TWEET]
    try:
        troubles = asyncio.run(_refresh(settings, rows))
    except SettingsError as error:
        stop(USAGE, str(error))
    if troubles:
        raise typer.Exit(FAILED)


async def _refresh(settings: Settings, rows: "list[Row]") -> int:
    from service.app import open_service
    from service.cache.adapters import tweet_row
    from service.cache.codec import read_answer
    from service.cache.entries import StoredAnswer
    from service.core.errors import UpstreamError
    from service.core.model import TweetRef, UnavailableTweet
    from service.request_context import REQUEST_PRIORITY, RequestPriority

    counted = {"asked": 0, "died": 0, "changed": 0, "failed": 0}
    in_a_row, told_at = 0, 0.0
    REQUEST_PRIORITY.set(RequestPriority(background=True))
    async with open_service(settings) as parts:
        for number, row in enumerate(rows, 1):
            if parts.store.taken_down_at(row.subject) is not None:
                continue
            counted["asked"] += 1
            try:
                before = read_answer(row.subject, row.body)
                handle = None if isinstance(before, UnavailableTweet) else before.author_handle
                after = await parts.x.fetch(TweetRef(row.subject, handle), row.lang or None)
            except UpstreamError as trouble:
                counted["failed"] += 1
                in_a_row += 1
                if in_a_row >= MOST_TROUBLES:
                    typer.echo(
                        f"tweet-embed: X is in trouble ({trouble.reason.value});"
                        f" {len(rows) - number} left unasked",
                        err=True,
                    )
                    break
                await asyncio.sleep(min(trouble.retry_after_s or 0.0, 60.0))
                continue
            except ValueError:
                continue
            in_a_row = 0
            now = time.time()
            parts.store.keep(
                tweet_row(
                    (TweetRef(row.subject), row.lang or None),
                    StoredAnswer(after, now, now + settings.tweet_lifetime(after)),
                ),
            )
            if after != before:
                what = (
                    "died"
                    if isinstance(after, UnavailableTweet)
                    and not isinstance(before, UnavailableTweet)
                    else "changed"
                )
                counted[what] += 1
                state = after.state.value if isinstance(after, UnavailableTweet) else "embedded"
                typer.echo(
                    json.dumps(
                        {"id": row.subject, "lang": row.lang or None, "what": what, "state": state},
                    ),
                )
            if sys.stderr.isatty() and time.monotonic() - told_at > _TOLD_EVERY_S:
                told_at = time.monotonic()
                typer.echo(f"\r{number} of {len(rows)}", nl=False, err=True)
    typer.echo(", ".join(f"{count} {name}" for name, count in counted.items()), err=True)
    return counted["failed"]


@cache.command()
def purge(
    older_than: Annotated[
        str | None,
        typer.Option("--older-than", metavar="AGE", help="Only what was last asked this long ago."),
    ] = None,
    *,
    everything: Annotated[bool, typer.Option("--all", help="Every answer.")] = False,
) -> None:
    """Delete stored answers. Histories and takedowns stay."""
    from service.cache import sqlite

    if (older_than is None) != everything:
        message = "say --older-than AGE or --all"
        raise typer.BadParameter(message)
    until = float("inf") if older_than is None else time.time() - _age(older_than)
    with open_store(read_settings()) as connection:
        typer.echo(f"{sqlite.purge(connection, until)} answers deleted", err=True)
