"""Standard input and output of a command that ends where it is asked to, though whoever is at the
other end does nothing at all.
"""

import io
import os
import select
import stat
import sys
from collections.abc import Callable
from typing import BinaryIO

from service.cli.support.io import stop
from service.exit_codes import FAILED, USAGE

_LOOK_EVERY_S = 0.2


class StoppablePipe(io.FileIO):
    """A descriptor that is read and written without a buffer; `check` is called while it waits, and
    raises to end that.
    """

    def __init__(self, descriptor: int, mode: str, check: Callable[[], None]) -> None:
        """Leave the descriptor open at the end. Raise `OSError` if it is none."""
        super().__init__(descriptor, mode, closefd=False)
        self._check = check
        whole = stat.S_ISREG(os.fstat(descriptor).st_mode)
        # so many bytes a pipe that is ready takes without waiting (POSIX, write, {PIPE_BUF})
        self._most = sys.maxsize if whole else select.PIPE_BUF

    def read(self, size: int | None = -1, /) -> bytes:
        """Read what is there, at most `size` bytes; none at the end."""
        while not select.select([self], [], [], _LOOK_EVERY_S)[0]:
            self._check()
        return super().read(size) or b""

    def write(self, data: "bytes | bytearray | memoryview", /) -> int:  # type: ignore[override]
        """Write all of it."""
        left = memoryview(data)
        while left:
            while not select.select([], [self], [], _LOOK_EVERY_S)[1]:
                self._check()
            left = left[super().write(left[: self._most]) or 0 :]
        return len(data)


def standard_input(check: Callable[[], None], *, wanted: bool) -> BinaryIO:
    """Return standard input; end the command where it is `wanted`, and closed."""
    if sys.stdin is None:
        if wanted:
            stop(USAGE, "standard input is closed")
        return io.BytesIO()
    return _stoppable(sys.stdin.buffer, "r", check)


def standard_output(check: Callable[[], None], *, wanted: bool) -> BinaryIO:
    """Return standard output; end the command where it is `wanted`, and closed."""
    if sys.stdout is None:
        if wanted:
            stop(FAILED, "standard output is closed")
        return io.BytesIO()
    return _stoppable(sys.stdout.buffer, "w", check)


def _stoppable(stream: BinaryIO, mode: str, check: Callable[[], None]) -> BinaryIO:
    try:
        return StoppablePipe(stream.fileno(), mode, check)
    except io.UnsupportedOperation:  # one that somebody put into its place, in memory
        return stream
