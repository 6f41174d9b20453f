"""`tweet-embed detect`: what a text mentions. No network, no change."""

from typing import Annotated, Any

import typer

from service.cli.commands.resolve import read_article, read_format
from service.cli.support.flags import InputFile, InputFormat
from service.cli.support.io import printable, write_data


def detect(
    file: InputFile = "-",
    *,
    written_as: InputFormat = "auto",
    json: Annotated[
        bool,
        typer.Option("--json", help="Write JSON, as POST /v1/detect answers it."),
    ] = False,
) -> None:
    """List the tweets and links that an article mentions, by its text alone."""
    from service.core.detect import detect as detect_in
    from service.serialize import as_json, detected

    content_format = read_format(written_as)
    found = detected(detect_in(read_article(file, content_format), content_format))
    write_data(as_json(found) + b"\n" if json else _listing(found).encode(), "-")


def _listing(found: dict[str, Any]) -> str:
    """Lay out what was found as lines of columns: where, how it is written, the tweet, its author,
    its day, its addresses.
    """
    rows = [
        (
            f"{each['start']}-{each['end']}",
            each["form"],
            each["tweet_id"] or "-",
            f"@{each['author_handle']}" if each["author_handle"] else "-",
            each["date"] or "-",
            " ".join(each["urls"]) or "-",
        )
        for each in found["embeds"]
    ]
    rows += [
        (f"{each['start']}-{each['end']}", "link", "-", "-", "-", each["url"])
        for each in found["links"]
    ]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = [
        "  ".join(
            cell.ljust(width) for cell, width in zip(map(printable, row), widths, strict=True)
        ).rstrip()
        for row in rows
    ]
    count = f"{found['format']}; tweets: {len(found['embeds'])}; links: {len(found['links'])}"
    return "\n".join([count, *lines]) + "\n"
