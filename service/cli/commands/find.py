"""`tweet-embed find`: the candidates for a tweet by its author and day, and what each is worth."""

import asyncio
import datetime as dt
import json
import os
from typing import TYPE_CHECKING, Annotated, Any

import typer

from service.cli.support.flags import read_handle
from service.cli.support.io import read_text, stop
from service.exit_codes import FAILED, USAGE
from service.settings import Settings, SettingsError

if TYPE_CHECKING:
    from service.core.article import EmbedResult


def find(
    file: Annotated[
        str | None,
        typer.Argument(
            metavar="FILE|-",
            help="The words of the tweet, in UTF-8; - is standard input. Without it candidates are"
            " listed and none is proved.",
        ),
    ] = None,
    *,
    handle: Annotated[str, typer.Option(help="Who wrote it.", callback=read_handle)],
    day: Annotated[
        dt.datetime,
        typer.Option(
            formats=["%Y-%m-%d"], metavar="YYYY-MM-DD", help="The UTC day of its attribution."
        ),
    ],
) -> None:
    """Look for a tweet by its author and day in every source that TWEET_EMBED_SOURCES names.

    Each candidate is a line of JSON on standard output: its id, which source named it, what X shows
    for it, and why it was refused. What came of it is told on standard error; exit 1 if no tweet is
    proved.
    """
    words = None if file is None else read_text(file).strip()
    try:
        settings = Settings.from_env(os.environ)
        embed = asyncio.run(_find(settings, handle, day.date(), words))
    except SettingsError as error:
        stop(USAGE, str(error))
    if embed is None:
        stop(USAGE, "these are no words of a tweet with an author and a day")
    for line in _lines(embed):
        typer.echo(json.dumps(line, ensure_ascii=False))
    told = f"{embed.state.value}{f' ({embed.reason.value})' if embed.reason else ''}"
    found = f": {embed.tweet_id}, found by {embed.found_by}" if embed.tweet_id else ""
    typer.echo(f"{told}{found}", err=True)
    if embed.found_by is None:
        raise typer.Exit(FAILED)


async def _find(
    settings: Settings, handle: str, day: dt.date, words: str | None
) -> "EmbedResult | None":
    from service.app import open_service
    from service.core.article import Article
    from service.core.model import Form, Format

    quotation = f"{words or _NO_WORDS} — {handle} (@{handle}) {day:%B} {day.day}, {day.year}"
    article = Article(
        quotation,
        Format.TEXT,
        deadline_ms=_PATIENCE_MS,
        explain=True,
        wait_for_sources=True,
    )
    async with open_service(settings) as service:
        result = await service.resolver(article)
    return next((each for each in result.embeds if each.form is Form.FLATTENED), None)


def _lines(embed: "EmbedResult") -> list[dict[str, Any]]:
    from service.serialize import considered

    return [considered(each) for each in embed.considered or ()]


_NO_WORDS = "(no words of the tweet are known, so that nothing can be proved)"
_PATIENCE_MS = 3_600_000
