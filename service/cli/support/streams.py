"""The standard streams of a command: closed ones, full disks, readers that left, odd encodings."""

import io
import os
import sys
from typing import NoReturn

FAILED = 1
READER_LEFT = 141
"""Exit code of a command whose output nobody reads to the end: 128 and the number of SIGPIPE."""


def prepare_streams() -> None:
    """Make the streams safe to use.

    A descriptor that is closed is opened on nothing, or the next file would get its number and be
    written into. Characters that the output's encoding lacks are written as escapes.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # gets the lowest free number: this one
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def flush_output() -> None:
    """Write out what waits, while there is still somebody to tell of trouble."""
    if sys.stdout is not None:
        sys.stdout.flush()


def leave_quietly() -> NoReturn:
    """End: whoever read the output has seen enough."""
    _discard_output()
    sys.exit(READER_LEFT)


def stop_writing(error: OSError) -> NoReturn:
    """End with one line on what went wrong with a file or the output."""
    _discard_output()
    where = f"{error.filename}: " if error.filename else "the output: "
    if sys.stderr is not None:
        sys.stderr.write(f"tweet-embed: {where}{error.strerror or error}\n")
    sys.exit(FAILED)


def _discard_output() -> None:
    """Send what still waits in the buffer nowhere, for the interpreter would try it once more."""
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, 1)
    os.close(nothing)
