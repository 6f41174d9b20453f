"""Articles in and out of the command line, byte for byte: no newline is translated, no BOM dropped,
no file half written.
"""

import difflib
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

import typer

from service.backfill.safety.atomic_files import AtomicFileWriter
from service.exit_codes import FAILED, USAGE

_LINE = re.compile(r"[^\n]*\n|[^\n]+")
_COLOURS = {"+": "\x1b[32m", "-": "\x1b[31m", "@": "\x1b[36m"}


def stop(code: int, message: str) -> NoReturn:
    """End the command with one line on standard error, or one for each of several troubles."""
    for line in message.splitlines():
        typer.echo(f"tweet-embed: {line}", err=True)
    raise typer.Exit(code)


def read_text(source: str) -> str:
    """Read a file, or standard input if it is `-`. Ends the command if it cannot be read (2) or is
    not UTF-8 (1).
    """
    name = "standard input" if source == "-" else source
    if source == "-" and sys.stdin is None:
        stop(USAGE, "standard input is closed")
    try:
        raw = sys.stdin.buffer.read() if source == "-" else Path(source).read_bytes()
    except OSError as error:
        stop(USAGE, f"{name}: {error.strerror}")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        stop(
            FAILED,
            f"{name}: not UTF-8 at byte {error.start}; convert it (iconv -f latin1 -t utf-8)",
        )


def check_target(target: str) -> None:
    """See that a file can be written there, before it is made: in a folder, and no folder itself.
    Ends the command where it cannot.
    """
    if target != "-" and Path(target).is_dir():
        stop(USAGE, f"{target}: a folder; name a file")
    folder = Path(target).resolve().parent
    if target != "-" and not folder.is_dir():
        stop(USAGE, f"{target}: there is no folder {folder}; make it first")


def write_data(data: bytes, target: str) -> None:
    """Write to a file, or to standard output if it is `-`. A file is replaced whole or not at all;
    a link stays a link.
    """
    if target == "-" and sys.stdout is None:
        stop(FAILED, "standard output is closed")
    if target == "-":
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
        return
    check_target(target)
    path = Path(target).resolve()
    writer = None
    try:
        if path.exists() and not path.is_file():
            path.write_bytes(data)  # a device, a pipe: nothing that could be replaced
            return
        writer = AtomicFileWriter(path, path if path.exists() else None)
        writer.write(data)
        writer.finish()
        writer.commit()
    except OSError as error:
        if writer is not None:
            writer.abandon()
        stop(FAILED, f"{target}: {error.strerror}")


def printable(text: str) -> str:
    """One line of text that cannot steer a terminal: control, bidi and other unprintable characters
    as escapes.
    """
    return "".join(
        each if each.isprintable() else each.encode("unicode_escape").decode("ascii")
        for each in text
    )


def diff_of(before: str, after: str, name: str, *, out: str = "-") -> Iterator[str]:
    """Write a unified diff for the file `out`, `-` being standard output. Lines end at LF alone, so
    that no CR is lost; a last line without one is marked as `diff` marks it.

    On a terminal what could steer it is written as escapes; elsewhere every byte is as it is, so
    that `patch` can take it.
    """
    on_terminal = out == "-" and sys.stdout is not None and sys.stdout.isatty()
    colour = on_terminal and not os.environ.get("NO_COLOR")  # no-color.org
    for line in difflib.unified_diff(_LINE.findall(before), _LINE.findall(after), name, name):
        shown = line.removesuffix("\n")
        if on_terminal:
            shown = "\t".join(map(printable, shown.split("\t")))
        if colour and line[0] in _COLOURS:
            shown = f"{_COLOURS[line[0]]}{shown}\x1b[0m"
        yield shown + ("\n" if line.endswith("\n") else "\n\\ No newline at end of file\n")
