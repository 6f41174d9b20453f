"""A stretch of a file that moves on: for what is looked through from one end to the other.

Nothing is mapped into memory: a file that somebody cuts off meanwhile would end the process
(SIGBUS, mmap(2)); here it ends earlier.
"""

import os
import re
from typing import BinaryIO, Final

from service.backfill.archive_errors import UnreadableError
from service.backfill.sources.layout import MOST_BYTES

_PIECE: Final = 64 * 1024
"""Bytes read at a time; each is searched several times, so they stay in the processor's cache."""
_LONGEST_MATCH: Final = 4096


class FileWindow:
    """The bytes `data` of an open file, from the place `start` in it on; `keep` is the place from
    which on nothing is let go, if there is one. The file's own position stays.
    """

    def __init__(self, file: BinaryIO | None, start: int = 0, data: bytes = b"") -> None:
        """Begin at a place of the file, with nothing read; without a file, `data` is all there
        is.
        """
        self._descriptor = None if file is None else file.fileno()
        self.start = start
        self.data = data
        self.keep: int | None = None

    def read_on(self, at: int) -> bool:
        """Read a further piece, and let go of what is before the place `at`, but for what is kept;
        return whether there was any. Raises `UnreadableError` where that is too much, `OSError`.
        """
        first = at if self.keep is None else min(at, self.keep)
        kept = self.data[first - self.start :]
        if len(kept) > MOST_BYTES:
            message = (
                f"what begins at byte {first} is longer than {MOST_BYTES} bytes; all from there on"
                " was left as it is"
            )
            raise UnreadableError(message)
        size = max(_PIECE, len(kept))  # so what is long is not copied often
        at = self.start + len(self.data)
        piece = b"" if self._descriptor is None else os.pread(self._descriptor, size, at)
        self.data, self.start = kept + piece, first
        return bool(piece)

    def between(self, start: int, end: int) -> bytes:
        """Return the bytes from one place to another, which are kept."""
        return self.data[start - self.start : end - self.start]

    def search(self, pattern: re.Pattern[bytes], at: int) -> tuple[re.Match[bytes], int] | None:
        """Return the first match from the place `at` on, and its place. One is at most 4 KiB."""
        while (match := pattern.search(self.data, at - self.start)) is None:
            at = max(at, self.start + len(self.data) - _LONGEST_MATCH)
            if not self.read_on(at):
                return None
        return match, self.start + match.start()

    def find(self, sought: bytes, at: int) -> int:
        """Return the first place from `at` on where these bytes stand; -1 if there is none."""
        while (found := self.data.find(sought, at - self.start)) < 0:
            at = max(at, self.start + len(self.data) - len(sought) + 1)
            if not self.read_on(at):
                return -1
        return self.start + found
