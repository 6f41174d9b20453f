"""A command in a process of its own that tells of every statement it sends to a database, as it
sends it; killed at any one of them.

The process is forked from one that has everything imported, and is `tweet-embed` otherwise:
SQLAlchemy's own events tell.
"""

import os
import re
import signal
import struct
import sys
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from sqlalchemy import Connection, Engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection, DBAPICursor
from sqlalchemy.pool import ConnectionPoolEntry, Pool

from service.cli import app

BEGIN, SCAN, RESOLVE, REWRITE = "begin", "scan", "resolve", "rewrite"
STEPS = (SCAN, RESOLVE, REWRITE)
_PAGE, _READ, _GROUP, _WRITE, _MISSED, _WRITTEN = b"p", b"r", b"g", b"w", b"m", b"d"
_STEP_OF = {
    _PAGE: SCAN,
    _READ: RESOLVE,
    _GROUP: REWRITE,
    _WRITE: REWRITE,
    _MISSED: REWRITE,
    _WRITTEN: REWRITE,
}
_COUNTED = {_PAGE: SCAN, _READ: RESOLVE, _WRITE: REWRITE}
_MARK = struct.Struct("=cd")
_TABLE = re.compile(r"(?:FROM|UPDATE) [\"`]posts[\"`]")


@dataclass(slots=True)
class Told:
    """What a process told before it ended. `code` is its exit code, or the signal that ended it,
    negative.
    """

    code: int = 0
    step: str = BEGIN
    writing: bool = False
    """Whether it ended between an UPDATE of a row and the end of its transaction."""
    count: Counter[str] = field(default_factory=Counter)
    missed: int = 0
    """Rows that no longer held what was read when they were to be written."""
    writes: list[tuple[float, float]] = field(default_factory=list)
    """When each transaction that writes a row began and ended."""


def run(
    folder: Path,
    arguments: list[str],
    *,
    until: tuple[str, int] | None = None,
    delay_s: float = 0.0,
) -> Told:
    """Run a command; kill it `delay_s` after the so many-th statement of a step, or where that step
    is over already.
    """
    ours, theirs = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(ours)
        _be(folder, arguments, theirs)
    os.close(theirs)
    told, rest = Told(), b""
    killed = until is None
    while data := os.read(ours, 1 << 16):
        whole = (len(rest) + len(data)) // _MARK.size * _MARK.size
        data = rest + data
        data, rest = data[:whole], data[whole:]
        for mark, at in _MARK.iter_unpack(data):
            _take(told, mark, at)
        if until and not killed and _is_there(told, *until):
            time.sleep(delay_s)
            os.kill(child, signal.SIGKILL)
            killed = True
    os.close(ours)
    _, status = os.waitpid(child, 0)
    told.code = os.waitstatus_to_exitcode(status)
    return told


def _take(told: Told, mark: bytes, at: float) -> None:
    told.step = _STEP_OF[mark]
    if mark in _COUNTED:
        told.count[_COUNTED[mark]] += 1
    told.missed += mark == _MISSED
    if mark == _WRITE:
        told.writing = True
        told.writes.append((at, at))
    elif mark == _WRITTEN:
        told.writing = False
        told.writes[-1] = (told.writes[-1][0], at)


def _is_there(told: Told, step: str, count: int) -> bool:
    return told.count[step] >= count or (
        told.step in STEPS and STEPS.index(told.step) > STEPS.index(step)
    )


def _be(folder: Path, arguments: list[str], descriptor: int) -> None:
    """Be the command. Does not return."""
    code = 99
    with suppress(BaseException):
        os.chdir(folder)
        log = os.open(folder / "log", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        os.dup2(log, 1)
        os.dup2(log, 2)
        _tell(descriptor)
        try:
            app(arguments, standalone_mode=True)
        except SystemExit as ended:
            code = int(ended.code or 0)
    os._exit(code)


def _meant(statement: str, parameters: int) -> bytes | None:
    """Return what a statement is for, if it is about articles."""
    if not _TABLE.search(statement):
        return None
    if statement.startswith("UPDATE"):
        return _WRITE if parameters else None  # without any it only asks whether it may
    if " IN (" in statement:
        return _READ if _is_resolving() else _GROUP
    return _PAGE if " LIMIT " in statement else None


def _is_resolving() -> bool:
    """Return whether it is the second step that asks: it and the third ask alike."""
    frame: FrameType | None = sys._getframe()  # noqa: SLF001 - nothing else knows
    while frame is not None:
        if frame.f_code.co_filename.endswith("/steps/resolve_articles.py"):
            return True
        frame = frame.f_back
    return False


def _tell(descriptor: int) -> None:
    """Return of every statement of this process from now on."""
    writing = False

    def mark(what: bytes) -> None:
        os.write(descriptor, _MARK.pack(what, time.monotonic()))

    def before(
        _: Connection,
        __: DBAPICursor,
        statement: str,
        parameters: dict[str, object],
        *___: object,
    ) -> None:
        nonlocal writing
        if what := _meant(statement, len(parameters or ())):
            writing = what == _WRITE
            mark(what)

    def after(_: Connection, cursor: DBAPICursor, *__: object) -> None:
        if writing and cursor.rowcount == 0:
            mark(_MISSED)

    def given_back(_: DBAPIConnection, __: ConnectionPoolEntry) -> None:
        nonlocal writing
        if writing:
            writing = False
            mark(_WRITTEN)

    event.listen(Engine, "before_cursor_execute", before)
    event.listen(Engine, "after_cursor_execute", after)
    event.listen(Pool, "checkin", given_back)
