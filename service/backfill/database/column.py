"""Which column of which table: names as given, checked against the schema, never pasted into
SQL.
"""

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy
from sqlalchemy import Engine, Inspector, types
from sqlalchemy.dialects import postgresql
from sqlalchemy.engine.interfaces import ReflectedColumn

from service.backfill.archive_errors import UsageError
from service.backfill.database import wordpress
from service.backfill.job import Selection
from service.backfill.sources.json_spans import is_text
from service.backfill.sources.jsonl import DATES

_MOST_NAMES = 20


@dataclass(frozen=True, slots=True)
class Key:
    """How a key is written as text, in the checkpoint and the backup, and read again: `TypeError`,
    `ValueError` where it is none.

    `type` is what the database is told that a key is. To tell from the keys it is asked about would
    be wrong: 1 is an INTEGER, 2^62 is not.
    """

    write: Callable[[object], str]
    read: Callable[[str], object]
    type: types.TypeEngine[Any]


def _hex(value: object) -> str:
    if not isinstance(value, bytes):
        raise TypeError(value)
    return value.hex()


def _whole(value: object) -> str:
    if not isinstance(value, int):
        raise TypeError(value)
    return str(value)


def _text(value: object) -> str:
    """Write text: SQLite may hold NULL or bytes in such a column, or text that is no UTF-8."""
    if not isinstance(value, str) or not is_text(value):
        raise TypeError(value)
    return value


def _read_whole(text: str) -> int:
    number = int(text)
    if not -(1 << 63) <= number < 1 << 63:
        raise ValueError(text)
    return number


_KEYS: dict[type, tuple[Callable[[object], str], Callable[[str], object]]] = {
    int: (_whole, _read_whole),
    str: (_text, str),
    uuid.UUID: (str, uuid.UUID),
    bytes: (_hex, bytes.fromhex),
}


@dataclass(frozen=True, slots=True)
class Column:
    """A column with articles, the one that tells its rows apart, and the one that tells their
    dates. All are in the schema.

    `where` is SQL of the operator's own; `meta` is the table of WordPress' that holds what its
    posts' embeds once were.
    """

    schema: str | None
    table: str
    content: str
    key: str
    key_kind: Key
    date: str | None = None
    where: str | None = None
    meta: str | None = None

    @property
    def name(self) -> str:
        """`table.column`, for people."""
        return ".".join(filter(None, (self.schema, self.table, self.content)))


def find_column(engine: Engine, selection: Selection) -> Column:
    """Find what is meant. Raises `UsageError` where it is not there, or no good."""
    schema = sqlalchemy.inspect(engine)
    if selection.preset is not None:
        selection = wordpress.selection(schema, selection)
    if selection.table is None or selection.column is None:
        message = (
            "a database wants --table and --column (and --key, if it is not the primary key), or"
            " --preset wordpress"
        )
        raise UsageError(message)
    space, table = _table(schema, selection.table)
    columns = {each["name"]: each for each in schema.get_columns(table, space)}
    content = _column(columns, selection.column, table)
    if (wrong := _wrong_with(engine, content)) is not None:
        message = f"--column: {table}.{content['name']} is {wrong}"
        raise UsageError(message)
    key = _key(schema, space, table, columns, selection.key)
    return Column(
        schema=space,
        table=table,
        content=content["name"],
        key=key["name"],
        key_kind=_kind(key, table),
        date=(
            wordpress.DATE
            if selection.preset
            else next((each for each in DATES if each in columns), None)
        ),
        where=selection.where,
        meta=wordpress.meta(table) if selection.preset else None,
    )


def _table(schema: Inspector, name: str) -> tuple[str | None, str]:
    """Return schema and name of a table; of `a.b` the first may be the schema."""
    tables = schema.get_table_names()
    if name in tables:
        return None, name
    space, dot, rest = name.partition(".")
    if dot and space in schema.get_schema_names() and rest in schema.get_table_names(space):
        return space, rest
    message = f"--table: there is no table {name!r}; there is: {_listed(tables)}"
    raise UsageError(message)


def _column(columns: dict[str, ReflectedColumn], name: str, table: str) -> ReflectedColumn:
    if name not in columns:
        message = f"there is no column {name!r} in {table}; there is: {_listed(list(columns))}"
        raise UsageError(message)
    return columns[name]


def _wrong_with(engine: Engine, content: ReflectedColumn) -> str | None:
    """Return what a column is that can hold no article, or none that is written; None if it can."""
    kind = content["type"]
    while isinstance(kind, postgresql.DOMAIN):
        kind = kind.data_type
    if not isinstance(kind, types.String):
        return f"{kind}; articles are text"
    if isinstance(kind, types.CHAR) and engine.dialect.name == "postgresql":
        return f"{kind}, which is filled up with spaces; make it TEXT"
    return "computed by the database, and cannot be written" if content.get("computed") else None


def _key(
    schema: Inspector,
    space: str | None,
    table: str,
    columns: dict[str, ReflectedColumn],
    wanted: str | None,
) -> ReflectedColumn:
    """Return the column that tells the rows apart."""
    primary = schema.get_pk_constraint(table, space)["constrained_columns"]
    if wanted is None:
        if len(primary) == 1:
            return columns[primary[0]]
        what = (
            f"the primary key of {table} is made of {', '.join(primary)}"
            if primary
            else f"{table} has no primary key"
        )
        message = f"{what}; name one column that is unique and never NULL with --key"
        raise UsageError(message)
    column = _column(columns, wanted, table)
    unique: list[Sequence[str | None]] = [
        primary,
        *(each["column_names"] for each in schema.get_unique_constraints(table, space)),
    ]
    unique += [each["column_names"] for each in schema.get_indexes(table, space) if each["unique"]]
    if [wanted] not in unique:
        message = f"--key: {table}.{wanted} is not unique by itself; rows could not be told apart"
        raise UsageError(message)
    if column["nullable"] and [wanted] != primary:
        message = f"--key: {table}.{wanted} may be NULL; rows could not be told apart"
        raise UsageError(message)
    return column


def _kind(key: ReflectedColumn, table: str) -> Key:
    try:
        python_type = key["type"].python_type
        write, read = _KEYS[python_type]
        if getattr(key["type"], "unsigned", False):
            read = int
        return Key(write, read, types.BigInteger() if python_type is int else key["type"])
    except (NotImplementedError, KeyError):
        message = (
            f"--key: {table}.{key['name']} is {key['type']}; name a column of whole numbers, text"
            " or UUIDs"
        )
        raise UsageError(message) from None


def _listed(names: list[str]) -> str:
    return (
        ", ".join(sorted(names)[:_MOST_NAMES])
        + (f" and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else "")
        or "none"
    )
