"""One run at a time for each column (and shard): by the database's own advisory locks, which end with the connection."""

import contextlib
import hashlib
import os
from contextlib import ExitStack
from pathlib import Path

import sqlalchemy
from sqlalchemy import Connection, Engine
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError

from service.backfill.database.engine import name_of
from service.backfill.files import lock
from service.backfill.layout import UsageError
from service.backfill.plan import Shard


def lock_column(stack: ExitStack, engine: Engine, url: URL, column: str, shard: Shard) -> None:
    """Lock a column until the stack is closed, or the process ends. Raises `UsageError` if another run has it, `OSError`."""
    if engine.dialect.name == "sqlite":
        stack.callback(os.close, lock(Path(url.database or "").resolve(), shared=shard.count > 1))
        return
    mark = hashlib.sha256(f"{url.database}\n{column}\n{shard}".encode())
    number = int.from_bytes(mark.digest()[:8], signed=True)
    question = {
        "postgresql": sqlalchemy.select(sqlalchemy.func.pg_try_advisory_lock(number)),
        "mysql": sqlalchemy.select(sqlalchemy.func.get_lock(f"tweet-embed:{mark.hexdigest()[:32]}", 0)),
    }[engine.dialect.name]
    connection = engine.connect().execution_options(isolation_level="AUTOCOMMIT")
    stack.callback(release, connection)
    if not connection.execute(question).scalar_one():
        message = f"{name_of(url)}, {column}: another run is at work on it; wait for its end, or stop it"
        raise UsageError(message)


def release(connection: Connection) -> None:
    """Close a connection for good, and with it the lock; it may have been lost long ago."""
    with contextlib.suppress(DBAPIError):
        connection.invalidate()
    connection.close()
