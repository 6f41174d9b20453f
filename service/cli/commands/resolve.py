"""`tweet-embed resolve`: an article in, the article out."""

import asyncio
import os
from collections import Counter
from typing import TYPE_CHECKING, Annotated

import typer

from service.cli.support.flags import InputFile, InputFormat, OutputFile, with_options
from service.cli.support.io import check_target, diff_of, read_text, stop, write_data
from service.core.article import DEFAULT, Options
from service.core.model import Format
from service.exit_codes import USAGE
from service.settings import Settings, SettingsError

if TYPE_CHECKING:
    from service.core.article import Article, Result

FORMATS = {"auto": None, "html": Format.HTML, "text": Format.TEXT, "markdown": Format.MARKDOWN}
"""What `--format` may be in this version."""


OUTPUTS = ("auto", "html", "text")


def read_format(word: str) -> Format | None:
    """Read a format as clients name it, None for `auto`; a usage error for any other."""
    if word not in FORMATS:
        message = f"{word!r} is not one of {', '.join(FORMATS)}"
        raise typer.BadParameter(message, param_hint="--format")
    return FORMATS[word]


def read_article(file: str, content_format: Format | None) -> str:
    """Read an article. What nobody calls one, an archive or an editor's JSON, ends the command:
    HTML that is written into its values would break it.
    """
    from service.backfill.sources.files import KINDS, ending_of
    from service.core.detect.format_sniffing import is_structured_text

    if content_format is None and ending_of(file) in KINDS:
        stop(
            USAGE,
            f"{file}: an archive of many articles by its name: tweet-embed backfill {file}; or say"
            " with --format what the one article in it is",
        )
    content = read_text(file)
    if content_format is None and is_structured_text(content):
        stop(
            USAGE,
            "the article is an editor's JSON, into whose strings no HTML may be written; give the"
            " texts in it, each by itself, or say with --format what it is",
        )
    return content


def check_output(output: str, content: str, content_format: Format | None) -> None:
    """Refuse what no article can come out as; a usage error."""
    from service.core.detect.format_sniffing import sniff_format

    if output not in OUTPUTS:
        message = f"{output!r} is not one of {', '.join(OUTPUTS)}"
        raise typer.BadParameter(message, param_hint="--output")
    if output == "html" and (content_format or sniff_format(content)) is Format.MARKDOWN:
        message = "html of Markdown is not supported yet"
        raise typer.BadParameter(message, param_hint="--output")


@with_options
def resolve(
    file: InputFile = "-",
    *,
    written_as: InputFormat = "auto",
    output: Annotated[
        str,
        typer.Option(help="How it is to come out: auto, html (of text or HTML) or text."),
    ] = "auto",
    deadline_ms: Annotated[
        int | None,
        typer.Option(
            min=0,
            max=30_000,
            help="How long to wait for X, in milliseconds; 0 asks the cache alone.",
            show_default=False,
        ),
    ] = None,
    json: Annotated[
        bool,
        typer.Option(
            "--json",
            help="Write the whole result as JSON, as POST /v1/resolve answers it.",
        ),
    ] = False,
    diff: Annotated[
        bool,
        typer.Option("--diff", help="Write what would change as a unified diff."),
    ] = False,
    out: OutputFile = "-",
    options: Options = DEFAULT,
) -> None:
    """Resolve the tweets and links of an article.

    What became of them is told on standard error. Trouble at X is no failure: the article comes out
    with that mention as it was.
    """
    if json and diff:
        message = "--json and --diff do not go together"
        raise typer.BadParameter(message)
    from service.core.article import Article
    from service.serialize import as_json, resolved

    content_format = read_format(written_as)
    content = read_article(file, content_format)
    check_target(out)
    check_output(output, content, content_format)
    try:
        settings = Settings.from_env(os.environ)
        patience = settings.deadline_ms if deadline_ms is None else deadline_ms
        result = asyncio.run(
            _resolve(
                settings,
                Article(
                    content=content,
                    format=content_format,
                    output=output,
                    deadline_ms=patience,
                    options=options,
                ),
            ),
        )
    except SettingsError as error:
        stop(USAGE, str(error))
    if json:
        write_data(as_json(resolved(result)) + b"\n", out)
    elif diff:
        write_data(
            "".join(
                diff_of(content, result.content, file, out=out),
            ).encode("utf-8", "surrogateescape"),  # the bytes of a file's name, whatever they are
            out,
        )
    else:
        write_data(result.content.encode(), out)
    typer.echo(_summary(result), err=True)


async def _resolve(settings: Settings, article: "Article") -> "Result":
    from service.app import open_resolver

    async with open_resolver(settings.without_remote_sources()) as resolve_article:
        return await resolve_article(article)


def _summary(result: "Result") -> str:
    embeds = Counter(
        f"{embed.state}{f' ({embed.reason})' if embed.reason else ''}" for embed in result.embeds
    )
    links = Counter(link.state.value for link in result.links)
    told = [f"{count} {state}" for state, count in embeds.items()] or ["none"]
    told_links = [f"{count} {state}" for state, count in links.items()] or ["none"]
    changed = "changed" if result.changed else "unchanged"
    return f"{changed}; tweets: {', '.join(told)}; links: {', '.join(told_links)}" + (
        "" if result.complete else "; ask again later"
    )
