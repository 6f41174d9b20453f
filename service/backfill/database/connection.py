"""How a database is opened: its address, its driver, and what every connection is told before its
first question.
"""

import math
import sqlite3
import urllib.parse
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy
from sqlalchemy import Engine, event
from sqlalchemy.engine import URL
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.pool import ConnectionPoolEntry

from service.backfill.archive_errors import GuardError, UsageError
from service.backfill.database.error_codes import DatabaseFault, fault_of, said, stopped
from service.backfill.job import DATABASE_EXTRA

_CONNECT_S = 10
_DRIVERS = {
    "postgresql": "postgresql+psycopg",
    "postgres": "postgresql+psycopg",
    "mysql": "mysql+pymysql",
    "mariadb": "mysql+pymysql",
    "sqlite": "sqlite+pysqlite",
}


@dataclass(frozen=True, slots=True)
class OpenDatabase:
    """A database that is open, its address, and how many seconds a statement waits for a lock that
    somebody else holds. MySQL counts whole ones.
    """

    engine: Engine
    url: URL
    lock_wait_s: float

    @property
    def name(self) -> str:
        """Which it is, without user and password."""
        return name_of(self.url)

    def stopped(self, error: DBAPIError, name: str) -> GuardError:
        """Return, in one line, why nothing more can be done with the column of that name."""
        return stopped(error, name, self.lock_wait_s)

    @contextmanager
    def one_line(self, name: str) -> Iterator[None]:
        """Let no error of the database through but as a `GuardError`."""
        try:
            yield
        except DBAPIError as error:
            raise self.stopped(error, name) from None


def read_address(address: str) -> URL:
    """Read `postgresql://…`, `mysql://…`, `sqlite:PATH` or `sqlite:///PATH`, and choose the driver.
    Raises `UsageError`.
    """
    scheme, _, rest = address.partition(":")
    kind, _, driver = scheme.partition("+")
    if kind == "sqlite" and not rest.startswith("//"):
        rest = "///" + rest
    if driver and f"{_DRIVERS[kind].partition('+')[0]}+{driver}" != _DRIVERS[kind]:
        message = f"{scheme}: the driver is {_DRIVERS[kind].partition('+')[2]}; write {kind}:"
        raise UsageError(message)
    try:
        return sqlalchemy.make_url(f"{_DRIVERS[kind]}:{rest}")
    except (ArgumentError, ValueError):
        message = (
            f"{scheme}: no address of a database; write {kind}://user@host/name"
            if kind != "sqlite"
            else "write sqlite:FILE"
        )
        raise UsageError(message) from None


def name_of(url: URL) -> str:
    """Return which database an address means, without user and password."""
    if url.get_backend_name() == "sqlite":
        return f"sqlite:{Path(url.database or '').resolve()}"
    place = f"{url.host or 'localhost'}:{url.port}" if url.port else url.host or "localhost"
    return f"{url.get_backend_name()}://{place}/{url.database or ''}"


def open_database(url: URL, lock_wait_s: float) -> OpenDatabase:
    """Open a database and see that it answers. Raises `UsageError`, `GuardError` where somebody has
    locked it.
    """
    kind = url.get_backend_name()
    try:
        engine = (
            _sqlite(url, lock_wait_s)
            if kind == "sqlite"
            else sqlalchemy.create_engine(url, **_arguments(kind))
        )
    except ImportError:
        raise UsageError(DATABASE_EXTRA) from None

    @event.listens_for(engine, "connect")
    def settle(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
        if isinstance(connection, sqlite3.Connection):
            connection.text_factory = _text
        cursor = connection.cursor()
        for statement in _settings(kind, lock_wait_s):
            cursor.execute(statement)
        cursor.close()
        if kind == "postgresql":
            connection.commit()

    try:
        with engine.connect() as connection:
            connection.execute(
                sqlalchemy.text(
                    "SELECT count(*) FROM sqlite_master" if kind == "sqlite" else "SELECT 1",
                ),
            )
    except DBAPIError as error:
        engine.dispose()
        if fault_of(error) is DatabaseFault.LOCKED:
            raise stopped(error, name_of(url), lock_wait_s) from None
        message = f"{name_of(url)}: cannot be opened: {said(error)}"
        raise UsageError(message) from None
    if kind == "mysql" and engine.dialect.default_schema_name is None:
        engine.dispose()
        message = f"{name_of(url)}: names no database; it stands behind the host: mysql://HOST/NAME"
        raise UsageError(message)
    return OpenDatabase(engine, url, lock_wait_s)


def whole_seconds(seconds: float) -> int:
    """Return seconds as MySQL counts them: whole ones, at least one."""
    return max(1, math.ceil(seconds))


def _settings(kind: str, lock_wait_s: float) -> tuple[str, ...]:
    """Return what a connection is told first."""
    if kind == "postgresql":
        return (f"SET lock_timeout = {math.ceil(lock_wait_s * 1000)}",)
    if kind == "sqlite":
        return ()
    wait = whole_seconds(lock_wait_s)
    # A character that the column cannot hold is to be an error: without STRICT_ALL_TABLES the text
    # is cut off there.
    return (
        "SET SESSION sql_mode = CONCAT(@@SESSION.sql_mode, ',STRICT_ALL_TABLES')",
        f"SET SESSION lock_wait_timeout = {wait}, innodb_lock_wait_timeout = {wait}",
    )


def _arguments(kind: str) -> dict[str, object]:
    own = (
        {"application_name": "tweet-embed", "client_encoding": "utf8"}
        if kind == "postgresql"
        else {"charset": "utf8mb4"}
    )
    return {"connect_args": {"connect_timeout": _CONNECT_S, **own}, "pool_pre_ping": True}


def _sqlite(url: URL, lock_wait_s: float) -> Engine:
    path = Path(url.database or "")
    if not path.is_file():
        message = f"{path}: no such file"
        if Path("/", path).is_file():
            message += f"; three slashes begin a relative path: write sqlite:/{path}"
        raise UsageError(message)
    # mode=rw: a file that is not there, or no longer, is not made anew.
    place = f"file:{urllib.parse.quote(str(path.resolve()))}?mode=rw"
    return sqlalchemy.create_engine(
        "sqlite+pysqlite://",
        creator=lambda: sqlite3.connect(
            place,
            uri=True,
            timeout=lock_wait_s,
            check_same_thread=False,
        ),
        poolclass=sqlalchemy.QueuePool,
    )


def _text(raw: bytes) -> str:
    """Read text of SQLite, which may be no UTF-8: what is not comes out as lone surrogates, and is
    told where the row is read.
    """
    return raw.decode("utf-8", "surrogateescape")
