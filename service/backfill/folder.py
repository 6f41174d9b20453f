"""A folder of files, each one article; and how a file is an article: all but its front matter and a byte order mark."""

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from service.backfill.layout import MOST_BYTES, Cell, Region, Tally, UnreadableError, utf8
from service.core.model import Format

FORMATS = {
    ".html": Format.HTML,
    ".htm": Format.HTML,
    ".md": Format.MARKDOWN,
    ".markdown": Format.MARKDOWN,
    ".txt": Format.TEXT,
}

_FRONT = re.compile(
    rb"(?:\xef\xbb\xbf)?(?:---[ \t]*\r?\n(?:(?!(?:---|\.\.\.)[ \t]*\r?(?:\n|\Z)).*\n)*+(?:---|\.\.\.)[ \t]*(?:\r?\n|\Z)"
    rb"|\+\+\+[ \t]*\r?\n(?:(?!\+\+\+[ \t]*\r?(?:\n|\Z)).*\n)*+\+\+\+[ \t]*(?:\r?\n|\Z))?"
)
_UTF16 = (b"\xff\xfe", b"\xfe\xff")


class WholeFile:
    """One article, the file's name its name. `format` is that of the file's suffix."""

    unit = ""

    def __init__(self, name: str) -> None:
        """Tell the format from the name."""
        self.format: Format | None = FORMATS.get(os.path.splitext(name)[1].lower())  # noqa: PTH122 - a name, no path

    def regions(self, file: BinaryIO, tally: Tally, *, every: bool) -> Iterator[Region]:  # noqa: ARG002 - one is soon looked at
        """Give the file."""
        raw = file.read(MOST_BYTES + 1)
        if len(raw) > MOST_BYTES:
            message = f"longer than {MOST_BYTES} bytes"
            raise UnreadableError(message)
        tally.articles += 1
        yield Region(1, 0, raw)

    def find(self, raw: bytes) -> Cell | None:
        """Find the body: what follows the front matter."""
        if raw.startswith(_UTF16):
            message = "UTF-16; convert it (iconv -f utf-16 -t utf-8) or leave it out"
            raise UnreadableError(message)
        front = _FRONT.match(raw)
        start = front.end() if front else 0
        utf8(raw)
        return Cell(start, len(raw)) if start < len(raw) else None

    def decode(self, raw: bytes) -> str:
        """Read the body."""
        return utf8(raw)

    def encode(self, content: str, raw: bytes) -> bytes:  # noqa: ARG002 - a file has one manner
        """Write the body."""
        return content.encode()


def files(folder: Path, under: str = "") -> Iterator[tuple[str, str | None]]:
    """Give the names of all article files below a folder, in order, and why one is left alone, None if it is not.

    Hidden files and folders are passed over; no symbolic link is followed. A folder that cannot be looked into is left alone as a whole.
    """
    try:
        with os.scandir(folder / under) as entries:
            listed = sorted(entries, key=lambda entry: entry.name)
    except OSError as error:
        yield under, str(error.strerror)
        return
    for entry in listed:
        name = f"{under}/{entry.name}" if under else entry.name
        if entry.name.startswith("."):
            continue
        if not _is_text(entry.name):
            yield name.encode("utf-8", "backslashreplace").decode(), "its name is not UTF-8"
            continue
        if entry.is_dir(follow_symlinks=False):
            yield from files(folder, name)
        elif os.path.splitext(entry.name)[1].lower() in FORMATS:  # noqa: PTH122 - a name, no path
            if entry.is_symlink():
                yield name, "a symbolic link, which is not followed"
            elif entry.is_file(follow_symlinks=False):
                yield name, "has other names (hard links), which would lose it" if entry.stat().st_nlink > 1 else None


def _is_text(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True
