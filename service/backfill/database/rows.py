"""The rows of a column: in pages, one by one, and one replaced if it is still what was read."""

import hashlib
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any, TypeVar

import sqlalchemy
from sqlalchemy import Connection, Engine, LargeBinary, Row, Select, types
from sqlalchemy.dialects import mysql
from sqlalchemy.exc import DBAPIError

from service.backfill.archive_errors import (
    BackfillError,
    RowLockedError,
    RowRefusedError,
    UsageError,
)
from service.backfill.database.advisory_locks import ColumnLock, release
from service.backfill.database.column import Column
from service.backfill.database.connection import OpenDatabase
from service.backfill.database.earlier_versions import earlier_versions
from service.backfill.database.error_codes import (
    DatabaseFault,
    advice,
    fault_of,
    locked_for,
    said,
)
from service.backfill.database.row_layout import RowLayout, bytes_of
from service.backfill.database.wordpress import forget_embeds
from service.backfill.plan import Plan
from service.backfill.safety.checkpoint import ArticleRecord
from service.backfill.sources.byte_prefilter import has_trace
from service.backfill.sources.layout import ContentSpan, RawRecord, ScanProgress
from service.backfill.sources.protocol import Document, EarlierVersion
from service.core.model import Format

PAGE = 200
"""Rows read at a time."""
_PAUSES_S = (0.2, 0.5, 1, 2, 4)
"""Before each further try, after a connection was lost."""

T = TypeVar("T")


class Rows:
    """A column of a table, as a source with one document. `format` is how its articles are written,
    None to tell from each.
    """

    many = False
    living = True

    def __init__(
        self,
        database: OpenDatabase,
        column: Column,
        written_in: Format | None,
        lock: ColumnLock | None = None,
    ) -> None:
        """Know where it is; nothing is asked yet. `lock` is held whenever something is."""
        self.name = column.name
        self.column = column
        self.layout = RowLayout(written_in)
        self._database, self._engine, self._lock = database, database.engine, lock
        self._alone = self._engine.execution_options(isolation_level="AUTOCOMMIT")
        self._kept: dict[Engine, Connection] = {}
        self._table = sqlalchemy.table(
            sqlalchemy.quoted_name(column.table, quote=True),
            *(
                sqlalchemy.column(
                    sqlalchemy.quoted_name(each, quote=True),
                    column.key_kind.type if each == column.key else None,
                )
                for each in self._names()
            ),
            schema=column.schema and sqlalchemy.quoted_name(column.schema, quote=True),
        )
        self._key, self._content = self._table.c[column.key], self._table.c[column.content]

    def close(self) -> None:
        """Close its connections."""
        while self._kept:
            release(self._kept.popitem()[1])

    def documents(self) -> Iterator[Document]:
        """Return the one."""
        yield self.document(self.name)

    def document(self, name: str) -> Document:
        """Return the one."""
        return Document(name, None)

    @contextmanager
    def opened(self, document: Document) -> Iterator["Rows"]:  # noqa: ARG002 - there is one
        """Nothing is held open: each question is a transaction of its own, so that nobody waits for
        us.
        """
        yield self

    def check(self) -> None:
        """See whether the rows that are meant can be asked for. Raises `UsageError` where `where`
        is wrong, `GuardError`.
        """
        self._rows(self._chosen(self._key).limit(0))

    def earlier_versions(self) -> Iterator[EarlierVersion]:
        """Return what WordPress keeps of posts from before; other tables keep nothing."""
        column = self.column
        if not column.meta:
            return iter(())
        return earlier_versions(
            column.table, column.meta, column.schema, lambda query: self._rows(query, chosen=False)
        )

    def size(self) -> int:
        """Count the rows."""
        return int(self._rows(self._chosen(sqlalchemy.func.count()))[0][0])

    def regions(self, tally: ScanProgress, plan: Plan) -> Iterator[RawRecord]:
        """Return the rows of the plan's shard by their keys in order."""
        date = self.column.date
        for row in self._pages():
            tally.at += 1
            name = self._named(row[0])
            if not plan.shard.has(name) and plan.shard.count > 1:
                continue
            tally.articles += 1
            raw, trouble = bytes_of(row[1])
            if plan.every or has_trace(raw):
                cell = ContentSpan(
                    0,
                    len(raw),
                    name,
                    str(row[2]) if date and row[2] is not None else None,
                    trouble=trouble,
                )
                yield RawRecord(_number(name), tally.at, raw, cell)

    def blocks(self, plan: Plan, *, counted: bool) -> None:
        """Return none: pages are read one after the other."""

    def read(self, entries: Sequence[ArticleRecord]) -> list[bytes | None]:
        """Return what rows hold now, nothing where one is NULL, None where it is no longer
        there.
        """
        now = dict(self._contents(entry.id or "" for entry in entries))
        return [
            bytes_of(now[name])[0] if (name := entry.id or "") in now else None for entry in entries
        ]

    def descriptor(self) -> None:
        """Return none: it is no file."""

    def read_many(self, names: Iterable[str]) -> dict[str, bytes]:
        """Return what rows hold now, by their keys, to be replaced; those that are no longer there,
        or NULL, are left out.
        """
        return {
            name: bytes_of(content)[0]
            for name, content in self._contents(names)
            if content is not None
        }

    def may_replace(self) -> None:
        """See whether rows may be written at all: databases look at the right before they look for
        rows. Raises `DBAPIError`.
        """
        nothing = (
            self._table.update().where(sqlalchemy.false()).values({self._content: self._content})
        )

        def change(connection: Connection) -> None:
            with connection.begin() as transaction:
                connection.execute(nothing)
                transaction.rollback()

        self._tried(change, self._engine)

    def replace(self, name: str, before: bytes, after: bytes) -> bool:
        """Replace what a row holds, if that is `before` to the byte, and be sure that it lasts;
        else tell so.

        Raises `RowRefusedError`, `RowLockedError`, `GuardError`.
        """
        key = self.column.key_kind.read(name)
        update = (
            self._table.update()
            .where(self._key == key, self._is(before))
            .values({self._content: after.decode()})
        )
        now = sqlalchemy.select(self._content).where(self._key == key)

        def change(connection: Connection) -> bool:
            with connection.begin():
                if connection.execute(update).rowcount != 1:
                    return False
                if bytes_of(connection.execute(now).scalar_one_or_none())[0] != after:
                    message = "the database makes something else of it (a trigger?); it was left"
                    raise RowRefusedError(message)
                if self.column.meta:
                    forget_embeds(connection, self.column.meta, key)
                return True

        # Where the connection was lost, nobody knows whether the change was made: the second try
        # finds out.
        tried = [False]

        def once(connection: Connection) -> bool:
            again, tried[0] = tried[0], True
            if change(connection):
                return True
            found = self.read_many([name]).get(name)
            if found == before:
                message = "the database leaves it as it is (a trigger, or a policy of its rows?)"
                raise RowRefusedError(message)
            return again and found == after

        try:
            return self._tried(once, self._engine)
        except DBAPIError as error:
            raise self._trouble(error) from error

    def _trouble(self, error: DBAPIError) -> BackfillError:
        """Return what an error says of a row that could not be written: that alone, or all."""
        match fault_of(error):
            case DatabaseFault.REFUSED:
                return RowRefusedError(
                    f"the database will not have it: {said(error)}{advice(error)}"
                )
            case DatabaseFault.LOCKED:
                return RowLockedError(locked_for(self._database.lock_wait_s))
            case DatabaseFault.LOST if self._answers():
                return RowRefusedError(
                    f"the connection is lost whenever it is written ({said(error)}): is it longer"
                    " than the server takes at once (max_allowed_packet)?"
                )
        return self._database.stopped(error, self.name)

    def _named(self, key: object) -> str:
        """Write a key. Raises `UsageError`: in SQLite, a column may hold what is not of its
        type.
        """
        try:
            return self.column.key_kind.write(key)
        except TypeError:
            place = f"{self.column.table}.{self.column.key}"
            message = (
                f"--key: {place} is {key!r:.40} in one row, which is not of the column's type; name"
                " another"
            )
            raise UsageError(message) from None

    def _names(self) -> list[str]:
        column = self.column
        return list(dict.fromkeys(filter(None, (column.key, column.content, column.date))))

    def _contents(self, names: Iterable[str]) -> list[tuple[str, object]]:
        key = self.column.key_kind
        wanted = []
        for name in names:
            with suppress(ValueError):  # no key can be that: a row with it cannot be there
                wanted.append(key.read(name))
        query: Select[*tuple[Any, ...]] = sqlalchemy.select(self._key, self._content).where(
            self._key.in_(wanted),
        )
        return [(key.write(name), content) for name, content in self._rows(query, chosen=False)]

    def _chosen(self, *what: sqlalchemy.ColumnElement[Any]) -> Select[*tuple[Any, ...]]:
        query: Select[*tuple[Any, ...]] = sqlalchemy.select(*what).select_from(self._table)
        if self.column.where is None:
            return query
        # On a line of its own: a comment in it must not hide what follows.
        return query.where(sqlalchemy.literal_column(f"({self.column.where}\n)", types.Boolean))

    def _pages(self) -> Iterator[Row[*tuple[Any, ...]]]:
        date: sqlalchemy.ColumnElement[Any] = (
            self._table.c[self.column.date] if self.column.date else sqlalchemy.null()
        )
        query = self._chosen(self._key, self._content, date).order_by(self._key).limit(PAGE)
        last: object = None
        while True:
            page = query if last is None else query.where(self._key > last)
            rows = self._rows(page)
            yield from rows
            if len(rows) < PAGE:
                return
            last = rows[-1][0]

    def _rows(
        self,
        query: Select[*tuple[Any, ...]],
        *,
        chosen: bool = True,
    ) -> Sequence[Row[*tuple[Any, ...]]]:
        """Ask. `chosen` says that `where` is in the question: then what is wrong with that is
        it.
        """
        try:
            return self._tried(lambda connection: connection.execute(query).all(), self._alone)
        except DBAPIError as error:
            if (
                chosen
                and self.column.where is not None
                and fault_of(error) in {None, DatabaseFault.REFUSED}
            ):
                message = f"--where: {said(error)}"
                raise UsageError(message) from None
            raise self._database.stopped(error, self.name) from None

    def _answers(self) -> bool:
        """Return whether the database answers a question that has nothing to do with an article."""
        try:
            self._tried(lambda connection: connection.execute(sqlalchemy.select(1)), self._alone)
        except DBAPIError:
            return False
        return True

    def _is(self, content: bytes) -> sqlalchemy.ColumnElement[bool]:
        """Return whether a row holds these bytes: what is equal for a collation (case, accents,
        spaces at the end) is not equal here.
        """
        kind = self._engine.dialect.name
        if (
            kind == "mysql"
        ):  # by a digest: what is sent at once may not be long (max_allowed_packet)
            text = sqlalchemy.cast(self._content, mysql.CHAR(charset="utf8mb4"))
            return sqlalchemy.func.sha2(text, 256) == hashlib.sha256(content).hexdigest()
        held: sqlalchemy.ColumnElement[bytes] = (
            sqlalchemy.func.convert_to(
                sqlalchemy.cast(self._content, types.Text), "UTF8", type_=LargeBinary
            )
            if kind == "postgresql"
            else sqlalchemy.cast(self._content, LargeBinary)
        )
        return held == sqlalchemy.bindparam("before", content, LargeBinary)

    def _tried(self, act: Callable[[Connection], T], engine: Engine) -> T:
        """Act, and again on a new connection where one was lost. Raises `DBAPIError`, and
        `GuardError` as `ColumnLock.hold`.
        """
        pauses = iter(_PAUSES_S)
        while True:
            try:
                if self._lock:
                    self._lock.hold()
                with self._connected(engine) as connection:
                    return act(connection)
            except DBAPIError as error:
                pause = next(pauses, None)
                if fault_of(error) is not DatabaseFault.LOST or pause is None:
                    raise
                if self._lock:
                    self._lock.doubt()
                time.sleep(pause)

    @contextmanager
    def _connected(self, engine: Engine) -> Iterator[Connection]:
        """Return a connection, which is kept, in no transaction, for the next time: a new one wants
        several round trips for each row.
        """
        connection = self._kept.pop(engine, None) or engine.connect()
        try:
            yield connection
        except BaseException:
            connection.close()
            raise
        self._kept[engine] = connection


def _number(name: str) -> int:
    """Return a number to a row that it keeps whatever rows come and go: its key, or a digest of it
    (62 bits).
    """
    if name.isdecimal() and name.isascii() and int(name) < 1 << 62:
        return int(name)
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8]) >> 2
