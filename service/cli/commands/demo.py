"""`tweet-embed demo`: the service on recorded answers of X, two articles through its own REST API,
before and after shown.

Needs no internet. The articles, and what X answered, are in `service/demo/`.
"""

import asyncio
import json
import socket
import sys
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from service.cli.commands.serve import listen, server_options
from service.cli.support.io import stop
from service.cli.support.loopback import ask
from service.exit_codes import FAILED
from service.settings import Settings

HOST, PORT = "127.0.0.1", 8080
WAIT_S = 10.0
INTERRUPTED = 130
"""Exit code of a command that Ctrl-C ended before its time: 128 and the number of SIGINT."""
PIPE_WIDTH = 160
"""Columns where the output is no terminal."""


@dataclass(frozen=True, slots=True)
class DemoSample:
    """An article of the demo, and what must become of it."""

    file: str
    title: str
    embeds: tuple[tuple[str, str], ...]
    links: tuple[str, ...] = ()


SAMPLES = (
    DemoSample(
        "arabic.txt",
        "An Arabic article in plain text: the CMS flattened its tweet into one line",
        (("flattened", "embedded"),),
    ),
    DemoSample(
        "page.html",
        "An English article in HTML: a tweet that lost its class, a bare address, a t.co link, a"
        " deleted tweet",
        (("blockquote", "embedded"), ("url", "embedded"), ("url", "gone")),
        ("resolved",),
    ),
)


def demo(
    once: Annotated[  # noqa: FBT002 - a flag
        bool,
        typer.Option("--once", help="Show it and stop; exit 0 if all came out as it should."),
    ] = False,
    host: Annotated[str, typer.Option(help="Address to listen at.")] = HOST,
    port: Annotated[
        int | None,
        typer.Option(
            min=0,
            max=65535,
            help="Port to listen at; 0 is any free one.  [default: 8080, with --once any]",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Show what the service does, on recorded answers of X; then keep serving, to be tried by
    hand.
    """
    if once and sys.stdout is None:
        stop(FAILED, "standard output is closed")
    with (
        resources.as_file(resources.files("service.demo")) as folder,
        listen(host, (0 if once else PORT) if port is None else port) as listener,
    ):
        try:
            fine = asyncio.run(_run(folder, listener, once=once))
        except KeyboardInterrupt:
            raise typer.Exit(INTERRUPTED if once else 0) from None
        if not fine:
            stop(FAILED, "the demo did not come out as it should")


async def _run(folder: Path, listener: socket.socket, *, once: bool) -> bool:
    import uvicorn

    from service.api import create_app

    host, port = listener.getsockname()[:2]
    settings = Settings(host=host, port=port, recorded=folder / "recorded", log_level="warning")
    shown = f"[{host}]" if ":" in host else host
    server = uvicorn.Server(uvicorn.Config(create_app(settings), **server_options(settings)))
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    while not server.started and not serving.done():  # noqa: ASYNC110 - uvicorn has no event for it
        await asyncio.sleep(0.01)
    console = _Console(highlight=False, soft_wrap=True)
    if not console.is_terminal:
        console.width = PIPE_WIDTH
    fine = is_told = False
    try:
        console.print(f"tweet-embed is serving at http://{shown}:{port}, on recorded answers of X.")
        fine = all(
            [
                await asyncio.to_thread(
                    _show, console, folder / "articles" / sample.file, sample, (host, port)
                )
                for sample in SAMPLES
            ],
        )
        if not once:
            console.print(
                "Try it (Ctrl-C ends it; --once does not wait):\n\n"
                f"  http://{shown}:{port}/ in a browser: paste an article, or take a sample.\n\n"
                f"  curl -s http://{shown}:{port}/v1/resolve"
                " -H 'Content-Type: application/json' \\\n"
                """    -d '{"content": "<p>https://x.com/demo_harbour/status/2034906551094185985</p>"}'\n\n"""
                f"  http://{shown}:{port}/docs describes the rest.",
            )
        is_told = True
    finally:
        if once or not is_told:
            server.should_exit = True
        await serving
    return fine


class _Console(Console):
    """What is shown; a reader who left is told to whoever called, not by an exit of rich's own."""

    def on_broken_pipe(self) -> None:
        raise BrokenPipeError


def _show(console: Console, file: Path, sample: DemoSample, at: tuple[str, int]) -> bool:
    """Send one article and show what came back. False if that is not what should have come."""
    before = file.read_bytes().decode()
    answer = _resolve(at, before, None)
    again = _resolve(at, answer["content"], answer["format"])
    embeds, links = answer["embeds"], answer["links"]
    console.print(f"\n=== {sample.title} ===\n", style="bold")
    spans = sorted((each["start"], each["end"]) for each in embeds + links)
    console.print(
        f"BEFORE: {sample.file}, {len(before)} characters. The marked places mean a tweet or hide"
        " an address.\n",
        style="bold",
    )
    console.print(_marked(before, spans, "yellow"))
    took = f"{answer['format']}, {len(answer['content'])} characters, {answer['elapsed_ms']} ms"
    rest = (
        "is as it was"
        if Path(sample.file).suffix == f".{answer['format']}"
        else "is the same text, in paragraphs"
    )
    console.print(f"\nAFTER: {took}. What is not marked {rest}.\n", style="bold")
    console.print(_marked(answer["content"], _written(answer), "green"))
    console.print("\nWhat became of each place:\n", style="bold")
    console.print(_states(embeds, links))
    twice = not again["changed"] and again["content"] == answer["content"]
    console.print(
        f"\nThe answer, sent once more, {'comes back as it is' if twice else 'CHANGED'}.\n",
    )
    told = (
        tuple((each["form"], each["state"]) for each in embeds),
        tuple(each["state"] for each in links),
    )
    return twice and told == (sample.embeds, sample.links)


def _resolve(at: tuple[str, int], content: str, written_as: str | None) -> dict[str, Any]:
    body = json.dumps({"content": content, "format": written_as or "auto"}).encode()
    status, answer = ask(*at, "POST", "/v1/resolve", body, timeout_s=WAIT_S)
    if status != 200:  # noqa: PLR2004 - OK
        stop(
            FAILED,
            f"POST /v1/resolve answers {status}: {answer[:500].decode('utf-8', 'replace')}",
        )
    return dict(json.loads(answer))


def _written(answer: dict[str, Any]) -> list[tuple[int, int]]:
    """Where in the answer's content the embeds and the links' targets stand."""
    content, place, spans = answer["content"], 0, []
    written = [
        (each["start"], each["html"]) for each in answer["embeds"] if each["state"] == "embedded"
    ]
    written += [(each["start"], each["target"]) for each in answer["links"] if each["target"]]
    for _, text in sorted(written):
        found = max(content.find(text, place), content.find(text.replace("&", "&amp;"), place))
        if found >= 0:
            place = found + len(text)
            spans.append((found, place))
    return spans


def _marked(content: str, spans: list[tuple[int, int]], colour: str) -> Text:
    """Put the places of a text in `[[ ]]`, in colour on a terminal."""
    marked, place = Text(), 0
    for start, end in spans:
        marked.append(content[place:start]).append("[[", f"bold {colour}").append(
            content[start:end],
            colour,
        ).append("]]", f"bold {colour}")
        place = end
    return marked.append(content[place:].rstrip("\n"))


def _states(embeds: list[dict[str, Any]], links: list[dict[str, Any]]) -> Table:
    """One row for each place: what was found there, what became of it, and what it is."""
    table = Table(box=None, pad_edge=False)
    for heading in ("place", "form", "state", "written by", "tweet, or target of a link"):
        table.add_column(heading, overflow="fold", no_wrap=heading != "tweet, or target of a link")
    for each in embeds:
        state = each["state"] + (f" ({each['reason']})" if each["reason"] else "")
        handle = f"@{each['author_handle']}" if each["author_handle"] else "-"
        table.add_row(
            f"{each['start']}-{each['end']}",
            each["form"],
            state,
            handle,
            each["tweet_id"] or "-",
        )
        for link in each["links"]:
            table.add_row(
                "",
                "  its link",
                link["state"],
                "",
                f"{link['url']} -> {link['target'] or '-'}",
            )
    for each in links:
        table.add_row(
            f"{each['start']}-{each['end']}",
            "link",
            each["state"],
            "",
            f"{each['url']} -> {each['target'] or '-'}",
        )
    return table
