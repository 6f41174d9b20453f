"""One run at a time for each column, or for each shard of it: by the database's own advisory locks,
which end with the connection.
"""

import contextlib
import hashlib
import os
import time
from pathlib import Path
from typing import Any

import sqlalchemy
from sqlalchemy import Connection, Select, func
from sqlalchemy.exc import DBAPIError

from service.backfill.archive_errors import GuardError, UsageError
from service.backfill.database.connection import OpenDatabase, whole_seconds
from service.backfill.database.error_codes import AGAIN
from service.backfill.plan import Shard
from service.backfill.safety.atomic_files import lock

LOOK_EVERY_S = 1.0
"""How often, at most, a run looks whether its lock is still there."""
_PAUSE_S = 0.1
_PARTS = 256
"""Locks for shards in MySQL. Where more run at once, two may have the same one, and the later is
refused.
"""

_Question = Select[tuple[Any]]


class ColumnLock:
    """The lock of a run on a column. It goes with its connection, which may be lost: `hold` looks,
    and takes it again.
    """

    def __init__(self, database: OpenDatabase, column: str, shard: Shard) -> None:
        """Take it. Raises `UsageError` if another run has it, `OSError`, `DBAPIError`."""
        self._engine, self._wait_s = database.engine, database.lock_wait_s
        self._name = f"{database.name}, {column}"
        self._connection: Connection | None = None
        self._file: int | None = None
        self._sure_until = 0.0
        kind, url = self._engine.dialect.name, database.url
        if kind == "sqlite":
            self._file = lock(Path(url.database or "").resolve(), shared=shard.count > 1)
            return
        subject = f"{url.database}\n{column}"
        self._questions = (
            _of_postgresql(subject, shard)
            if kind == "postgresql"
            else _of_mysql(subject, shard, self._wait_s)
        )
        if not self._take():
            message = f"{self._name}: another run is at work on it; wait for its end, or stop it"
            raise UsageError(message)

    def hold(self) -> None:
        """Take it again where it was lost. Raises `GuardError` if another run has it meanwhile,
        `DBAPIError`.
        """
        if self._file is not None or time.monotonic() < self._sure_until:
            return
        if not self._is_there():
            until = (
                time.monotonic() + self._wait_s
            )  # so long may a server take to see that the one who had it, we, is gone
            while not self._take():
                if time.monotonic() > until:
                    why = (
                        "our lock was lost with a connection, and another run is at work on it now"
                    )
                    message = f"{self._name}: {why}; wait for its end, then {AGAIN}"
                    raise GuardError(message)
                time.sleep(_PAUSE_S)
        self._sure_until = time.monotonic() + LOOK_EVERY_S

    def doubt(self) -> None:
        """Look next time at once: a connection was lost."""
        self._sure_until = 0.0

    def close(self) -> None:
        """Release it."""
        if self._file is not None:
            os.close(self._file)
        if self._connection is not None:
            release(self._connection)

    def _is_there(self) -> bool:
        if self._connection is None:
            return False
        try:
            self._connection.execute(sqlalchemy.select(1))
        except DBAPIError:
            release(self._connection)
            self._connection = None
            return False
        return True

    def _take(self) -> bool:
        connection = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        try:
            if all(connection.execute(question).scalar_one() for question in self._questions):
                self._connection = connection
        finally:
            if self._connection is None:
                release(connection)
        return self._connection is not None


def _of_postgresql(subject: str, shard: Shard) -> list[_Question]:
    """Return what has to be answered with yes, one after the other: shards share the lock on the
    whole, and have one each.
    """
    whole, part = (
        int.from_bytes(hashlib.sha256(f"{subject}{each}".encode()).digest()[:8], signed=True)
        for each in ("", f"\n{shard}")
    )
    if shard.count == 1:
        return [sqlalchemy.select(func.pg_try_advisory_lock(whole))]
    return [
        sqlalchemy.select(func.pg_try_advisory_lock_shared(whole)),
        sqlalchemy.select(func.pg_try_advisory_lock(part)),
    ]


def _of_mysql(subject: str, shard: Shard, wait_s: float) -> list[_Question]:
    """Return the same where no lock is shared: who takes that of a part has that of the whole
    meanwhile.

    So a run on the whole, which keeps that, sees all parts that are taken, and no more can be.
    """
    whole = f"tweet-embed:{hashlib.sha256(subject.encode()).hexdigest()[:32]}"
    parts = [f"{whole}:{number}" for number in range(_PARTS)]
    if shard.count == 1:
        all_free = sqlalchemy.and_(*(func.is_free_lock(each) for each in parts))
        return [sqlalchemy.select(func.get_lock(whole, 0)), sqlalchemy.select(all_free)]
    return [
        sqlalchemy.select(func.get_lock(whole, whole_seconds(wait_s))),
        sqlalchemy.select(func.get_lock(parts[shard.number % _PARTS], 0)),
        sqlalchemy.select(func.release_lock(whole)),
    ]


def release(connection: Connection) -> None:
    """Close a connection for good, and with it the lock; it may have been lost long ago."""
    with contextlib.suppress(DBAPIError):
        connection.invalidate()
    connection.close()
