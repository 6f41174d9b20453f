"""A folder of files, each one article; and how a file is an article: all but its front matter and a
byte order mark.
"""

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from service.backfill.archive_errors import UnreadableError
from service.backfill.sources.layout import (
    MOST_BYTES,
    ContentSpan,
    RawRecord,
    ScanProgress,
    other_encoding,
    utf8,
)
from service.backfill.sources.protocol import Document
from service.core.model import Format

FORMATS = {
    ".html": Format.HTML,
    ".htm": Format.HTML,
    ".md": Format.MARKDOWN,
    ".markdown": Format.MARKDOWN,
    ".txt": Format.TEXT,
}

_FRONT = re.compile(
    rb"(?:\xef\xbb\xbf)?(?:---[ \t]*\r?\n(?>(?:(?!(?:---|\.\.\.)["
    rb" \t]*\r?(?:\n|\Z)).*\n)*)(?:---|\.\.\.)[ \t]*(?:\r?\n|\Z)"
    rb"|\+\+\+[ \t]*\r?\n(?>(?:(?!\+\+\+[ \t]*\r?(?:\n|\Z)).*\n)*)\+\+\+[ \t]*(?:\r?\n|\Z))?",
)


class TextFile:
    """One article, the file's name its name. `format` is that of the file's suffix."""

    unit = ""

    def __init__(self, name: str) -> None:
        """Take the format from the name."""
        # a name, no path
        self.format: Format | None = FORMATS.get(os.path.splitext(name)[1].lower())  # noqa: PTH122

    # one is soon looked at
    def regions(self, file: BinaryIO, tally: ScanProgress, *, every: bool) -> Iterator[RawRecord]:  # noqa: ARG002
        """Return the file."""
        raw = file.read(MOST_BYTES + 1)
        if len(raw) > MOST_BYTES:
            message = f"longer than {MOST_BYTES} bytes"
            raise UnreadableError(message)
        tally.articles += 1
        yield RawRecord(1, 0, raw)

    def find(self, raw: bytes) -> ContentSpan | None:
        """Find the body: what follows the front matter."""
        if message := other_encoding(raw):
            raise UnreadableError(message)
        front = _FRONT.match(raw)
        start = front.end() if front else 0
        utf8(raw)
        return ContentSpan(start, len(raw)) if start < len(raw) else None

    def decode(self, raw: bytes) -> str:
        """Read the body."""
        return utf8(raw)

    def encode(self, content: str, raw: bytes) -> bytes:  # noqa: ARG002 - a file has one manner
        """Write the body."""
        return content.encode()


def documents(root: Path, under: str = "", *, in_place: bool) -> Iterator[Document]:
    """Return all article files of a folder, in order; of what is left alone, why. `root` is a real
    path.

    Hidden files and folders are passed over. No symbolic link is followed: one to what is read here
    in its own place is the same as that, any other to an article or a folder is left alone. A
    folder that cannot be looked into is left alone as a whole. `in_place`: they are to be replaced,
    which a file with several names would not survive.
    """
    try:
        with os.scandir(root / under) as entries:
            listed = sorted(entries, key=lambda entry: entry.name)
    except OSError as error:
        yield Document(under, root / under, str(error.strerror))
        return
    for entry in listed:
        name = f"{under}/{entry.name}" if under else entry.name
        if entry.name.startswith("."):
            continue
        if not _is_text(entry.name):
            yield Document(
                name.encode("utf-8", "backslashreplace").decode(),
                root / name,
                "its name is not UTF-8",
            )
        elif entry.is_symlink():
            yield from _linked(root, name)
        elif entry.is_dir(follow_symlinks=False):
            yield from documents(root, name, in_place=in_place)
        elif _is_article(name) and entry.is_file(follow_symlinks=False):
            yield Document(name, root / name, _why_left(entry) if in_place else None)


def _why_left(entry: "os.DirEntry[str]") -> str | None:
    try:
        return (
            "has other names (hard links), which would lose it"
            if entry.stat(follow_symlinks=False).st_nlink > 1
            else None
        )
    except OSError as error:
        return str(error.strerror)


def _linked(root: Path, name: str) -> Iterator[Document]:
    """Return a link as a document, if it leads to an article or a folder that is not read here
    in its own place, or has an article's name.
    """
    target = Path(os.path.realpath(root / name))
    inside = target.is_relative_to(root)
    own = target.relative_to(root).as_posix() if inside else ""
    met = inside and _is_text(own) and not any(part.startswith(".") for part in Path(own).parts)
    if os.path.isdir(target):  # noqa: PTH112 - it is False where nobody may look
        if not met:
            yield Document(
                name,
                root / name,
                "a symbolic link to a folder that is not read here, which is not followed",
            )
    elif _is_article(name):
        if met and _is_article(own) and os.path.isfile(target):  # noqa: PTH113 - as above
            yield Document(name, root / name, f"a symbolic link to {own}", same_as=own)
        else:
            yield Document(
                name,
                root / name,
                "a symbolic link to what is not read here, which is not followed",
            )


def _is_article(name: str) -> bool:
    return os.path.splitext(name)[1].lower() in FORMATS  # noqa: PTH122 - a name, no path


def _is_text(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True
