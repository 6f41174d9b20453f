"""Articles in and out of the command line, byte for byte: no newline is translated, no BOM dropped,
no file half written.
"""

import codecs
import difflib
import os
import re
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from itertools import chain
from pathlib import Path
from typing import IO, Final, NoReturn

import typer

from service.backfill.safety.atomic_files import AtomicFileWriter, naming
from service.exit_codes import FAILED, USAGE

BLOCK: Final = 256 * 1024
"""Bytes of a large file that are held at once."""
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
    name = _name(source)
    try:
        raw = sys.stdin.buffer.read() if source == "-" else Path(source).read_bytes()
    except OSError as error:
        stop(USAGE, f"{name}: {error.strerror}")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        _stop_at(name, error.start)


@contextmanager
def open_lines(source: str, folder: Path) -> Iterator[Iterable[bytes]]:
    """Open a file, or standard input if it is `-`, for its lines, however large it is. Ends the
    command as `read_text` does, before the first line: what cannot be read twice is copied to an
    unnamed file in `folder`.
    """
    name = _name(source)
    with ExitStack() as stack:
        file: IO[bytes] = sys.stdin.buffer
        if source != "-":
            try:
                file = stack.enter_context(Path(source).open("rb"))
            except OSError as error:
                stop(USAGE, f"{name}: {error.strerror}")
        if source == "-" or not Path(source).is_file():
            file = stack.enter_context(spooled(blocks_of(file), folder))
        with naming(Path(name)):
            _check_utf_8(blocks_of(file), name)
            file.seek(0)
        yield file


def _name(source: str) -> str:
    if source != "-":
        return source
    if sys.stdin is None:
        stop(USAGE, "standard input is closed")
    return "standard input"


def blocks_of(file: IO[bytes]) -> Iterator[bytes]:
    """Read to the end, block by block."""
    return iter(lambda: file.read(BLOCK), b"")


def _check_utf_8(blocks: Iterable[bytes], name: str) -> None:
    decoder, at = codecs.getincrementaldecoder("utf-8")(), 0
    for block in chain(blocks, (b"",)):
        begun = len(decoder.getstate()[0])  # bytes of a character that the last block began
        try:
            decoder.decode(block, final=not block)
        except UnicodeDecodeError as error:
            _stop_at(name, at - begun + error.start)
        at += len(block)


def _stop_at(name: str, byte: int) -> NoReturn:
    stop(FAILED, f"{name}: not UTF-8 at byte {byte}; convert it (iconv -f latin1 -t utf-8)")


@contextmanager
def spooled(blocks: Iterable[bytes], folder: Path) -> Iterator[IO[bytes]]:
    """Write blocks to an unnamed file in `folder`, and yield it for reading: all are there before
    anybody sees the first. Raises `OSError` that names the folder where there is no room.
    """
    place = folder if folder.is_dir() else None
    with tempfile.TemporaryFile(prefix="tweet-embed-", dir=place) as file:
        with naming(folder):
            file.writelines(blocks)
            file.seek(0)
        yield file


def check_target(target: str) -> None:
    """See that a file can be written there, before it is made: in a folder, and no folder itself.
    Ends the command where it cannot.
    """
    if target != "-" and Path(target).is_dir():
        stop(USAGE, f"{target}: a folder; name a file")
    folder = Path(target).resolve().parent
    if target != "-" and not folder.is_dir():
        stop(USAGE, f"{target}: there is no folder {folder}; make it first")


def is_replaced(target: str) -> bool:
    """Return whether a file is written there whole or not at all: no pipe, no device."""
    return target != "-" and (Path(target).is_file() or not Path(target).exists())


def write_data(data: bytes, target: str) -> None:
    """Write to a file, or to standard output if it is `-`. A file is replaced whole or not at all;
    a link stays a link.
    """
    write_blocks((data,), target)


def write_blocks(blocks: Iterable[bytes], target: str) -> None:
    """Write as `write_data` does, block by block. Where the blocks end with an error a file stays
    as it was.
    """
    if target == "-" and sys.stdout is None:
        stop(FAILED, "standard output is closed")
    if target == "-":
        sys.stdout.buffer.writelines(blocks)
        sys.stdout.buffer.flush()
        return
    check_target(target)
    path = Path(target).resolve()
    writer = None
    try:
        if not is_replaced(target):
            with path.open("wb") as out:
                out.writelines(blocks)
            return
        writer = AtomicFileWriter(path, path if path.exists() else None)
        for block in blocks:
            writer.write(block)
        writer.finish()
        writer.commit()
    except BaseException as error:
        if writer is not None:
            writer.abandon()
        if not isinstance(error, OSError):
            raise
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
