"""What the sources of a backfill share: where articles stand in the bytes of a document, and what
can be wrong with them.
"""

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, NamedTuple, Protocol

from service.backfill.archive_errors import UnreadableError
from service.core.model import Format

BOM = b"\xef\xbb\xbf"
_MARKS = {
    b"\xff\xfe\0\0": "UTF-32",
    b"\0\0\xfe\xff": "UTF-32",
    b"\xff\xfe": "UTF-16",
    b"\xfe\xff": "UTF-16",
}
"""Byte order marks; the longer first."""
MOST_BYTES = 256 * 1024 * 1024
"""The longest line, record or item that is read as one; what is longer is no article but a file
that is something else.
"""


@dataclass(frozen=True, slots=True)
class ContentSpan:
    """Where in a region the article's content stands (offsets in `RawRecord.raw`), and what else
    the region tells of it.

    `url` is the article's public address, `earlier` what the region keeps of it from before, as
    HTML. `content` is the content itself, where it was read in passing. `note` is for the operator;
    `trouble` says why it cannot be read after all.
    """

    start: int
    end: int
    id: str | None = None
    date: str | None = None
    note: str | None = None
    trouble: str | None = None
    url: str | None = None
    earlier: tuple[str, ...] = ()
    content: str | None = None


@dataclass(frozen=True, slots=True)
class RawRecord:
    """The bytes that hold one article: a line, a record, an item, a file. `n` is its number in the
    document, `start` its byte offset.

    Of a row of a table `n` comes from its key, `start` counts the rows before it, and `cell` tells
    what `Layout.find` would.
    """

    n: int
    start: int
    raw: bytes
    cell: ContentSpan | None = None


@dataclass(frozen=True, slots=True)
class FileBlock:
    """Whole records of a file, `size` bytes from `start`, that can be looked at apart. `first` and
    `last` are the numbers of its lines, 0 where they were not counted.
    """

    start: int
    size: int
    first: int = 0
    last: int = 0

    def read(self, descriptor: int) -> bytes:
        """Read it from an open file. Raises `OSError`."""
        parts, at = [], self.start
        while at < self.start + self.size:
            part = os.pread(descriptor, self.start + self.size - at, at)
            if not part:
                break
            parts.append(part)
            at += len(part)
        return b"".join(parts)


class FileCell(NamedTuple):
    """A cell of an open file, `size` bytes from `start`, with its SHA-256: read where it is wanted,
    maybe by another process.
    """

    descriptor: int
    start: int
    size: int
    sum: str | None

    def in_file(self, descriptor: int) -> "FileCell":
        """Return it for a process that knows the file by another number."""
        return self._replace(descriptor=descriptor)

    def read(self) -> bytes | None:
        """Return its bytes; None if they are others by now. Raises `OSError`."""
        raw = FileBlock(self.start, self.size).read(self.descriptor)
        return raw if hashlib.sha256(raw).hexdigest() == self.sum else None


@dataclass(slots=True)
class ScanProgress:
    """How far a reading has come: articles met, bytes read, and of a block its lines."""

    articles: int = 0
    at: int = 0
    lines: int = 0


class Layout(Protocol):
    """How an article stands in the bytes of a region. One object for each document."""

    @property
    def unit(self) -> str:
        """What `RawRecord.n` counts, "" where that tells nobody anything."""

    @property
    def format(self) -> Format | None:
        """How its articles are written, None to tell from each."""

    def find(self, raw: bytes) -> ContentSpan | None:
        """Find the content in a region; None if the article has none. Raises `UnreadableError`."""

    def decode(self, raw: bytes) -> str:
        """Read the bytes of a cell. Raises `UnreadableError`."""

    def encode(self, content: str, raw: bytes) -> bytes:
        """Write content as the bytes of a cell, in the manner of the old ones `raw`. Raises
        `UnreadableError` if that cannot be.
        """


class FileLayout(Layout, Protocol):
    """How articles stand in a kind of file."""

    def regions(self, file: BinaryIO, tally: ScanProgress, *, every: bool) -> Iterator[RawRecord]:
        """Return the regions in order: all, or those with any trace of a tweet, and those that
        do not look like an article at all.

        Raises `UnreadableError` where it cannot go on.
        """


class BlockLayout(Layout, Protocol):
    """How articles stand in a kind of file that can be looked at block by block."""

    def in_block(self, data: bytes, tally: ScanProgress, *, every: bool) -> Iterator[RawRecord]:
        """Return the regions of a block as `regions` does; the first line has the number 0."""


def other_encoding(head: bytes) -> str | None:
    """Return which encoding the first bytes of a document tell of, if it is one that is not
    read, and what to do.
    """
    for mark, name in _MARKS.items():
        if head.startswith(mark):
            return f"{name}; convert it (iconv -f {name.lower()} -t utf-8) or leave it out"
    return None


def utf8(raw: bytes) -> str:
    """Decode, or say where the bytes are no UTF-8."""
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        message = (
            f"not UTF-8 at byte {error.start} of the article; convert it (iconv -f latin1 -t utf-8)"
            " or leave it out"
        )
        raise UnreadableError(message) from None
