"""A table of articles in a real database, which writes down itself all that happens to them, and an
editor who saves all the while.

A trigger keeps every change of a row: what stood there, what stands there now, and whether it was a
save, for the editor counts his saves in a column of their own. So nobody has to be believed:
neither the backfill, nor its backup, nor the editor.
"""

import json
import os
import random
import signal
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy
from archives import LINK, TARGET, TWEET
from sqlalchemy import Connection, Engine, text

OTHER_LINK = "https://t.co/Pw5Jn1Gc8E"
OTHER_TWEET = "https://x.com/demo_harbour/status/1786064274525081603"
SHAPES = 6
SHARED = 4
"""Every so many-th row is one that the editor saves; the others nobody touches but the backfill."""
REACH = 60
"""How far before the backfill the editor likes to save: what it has read by then, and has not
written.
"""
WAIT_S = 10.0
"""How long a save may wait for the database before it is lost."""
_KINDS = {"postgresql": "postgresql+psycopg", "mysql": "mysql+pymysql", "sqlite": "sqlite+pysqlite"}
_TABLES = {
    "postgresql": (
        "CREATE TABLE {} (id integer PRIMARY KEY, content text, saves integer NOT NULL DEFAULT 0)",
        (
            "CREATE TABLE history (n bigserial PRIMARY KEY, id integer, saved integer, was text,"
            " now text)"
        ),
        (
            "CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO"
            " history (id, saved, was, now) VALUES (NEW.id, NEW.saves - OLD.saves, OLD.content,"
            " NEW.content); RETURN NULL; END $$"
        ),
        "CREATE TRIGGER noted AFTER UPDATE ON posts FOR EACH ROW EXECUTE FUNCTION note()",
    ),
    "mysql": (
        (
            "CREATE TABLE {} (id integer PRIMARY KEY, content mediumtext, saves integer NOT NULL"
            " DEFAULT 0)"
        ),
        (
            "CREATE TABLE history (n bigint AUTO_INCREMENT PRIMARY KEY, id integer, saved integer,"
            " was mediumtext, now mediumtext)"
        ),
        (
            "CREATE TRIGGER noted AFTER UPDATE ON posts FOR EACH ROW INSERT INTO history (id,"
            " saved, was, now) VALUES (NEW.id, NEW.saves - OLD.saves, OLD.content, NEW.content)"
        ),
    ),
    "sqlite": (
        "CREATE TABLE {} (id integer PRIMARY KEY, content text, saves integer NOT NULL DEFAULT 0)",
        (
            "CREATE TABLE history (n integer PRIMARY KEY, id integer, saved integer, was text, now"
            " text)"
        ),
        (
            "CREATE TRIGGER noted AFTER UPDATE ON posts BEGIN INSERT INTO history (id, saved, was,"
            " now) VALUES (NEW.id, NEW.saves - OLD.saves, OLD.content, NEW.content); END"
        ),
    ),
}
_BYTES = {
    "postgresql": "convert_to({}, 'UTF8')",
    "mysql": "CAST({} AS BINARY)",
    "sqlite": "CAST({} AS BLOB)",
}


def article(number: int, shape: int | None = None) -> str:
    """A third has a tweet and links, a third links, a third nothing; with line ends, emoji and
    entities as editors leave them.
    """
    return (
        (
            f"<p>{number}: &eacute;&nbsp;see {LINK} &amp;"
            f" {OTHER_LINK}</p>\r\n<p>{TWEET}</p>\r\n<p>😀</p>"
        ),
        f"<p>{number}: an @ &lt;and&gt; nothing\r\nelse&hellip; 🚢</p>",
        f"<p>{number}: <a href='{LINK}'>x</a> und “{OTHER_LINK}” ß</p>",
        f"<P>{number} é</P>\n<p>{OTHER_TWEET}</p>\n<p>{LINK}</p>",
        f"{number}: nothing at all",
        f"{number}: {LINK} 🙂\r\n& {OTHER_LINK}",
    )[number % SHAPES if shape is None else shape]


@dataclass(frozen=True, slots=True)
class Change:
    """A change of a row, by a save or by the backfill."""

    id: int
    saved: bool
    was: bytes
    now: bytes


class Newsroom:
    """The database behind a URL as `tweet-embed` takes it. Nothing is held open: a process can be
    forked at any time.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self.kind = url.partition(":")[0]
        self._path = url.removeprefix("sqlite:")

    def engine(self) -> Engine:
        """Open it, for one process."""
        if self.kind == "sqlite":
            return sqlalchemy.create_engine(
                "sqlite+pysqlite://",
                creator=lambda: sqlite3.connect(self._path, isolation_level=None, timeout=WAIT_S),
                poolclass=sqlalchemy.NullPool,
            )
        return sqlalchemy.create_engine(
            _KINDS[self.kind] + self.url.removeprefix(self.kind),
            **({"connect_args": {"charset": "utf8mb4"}} if self.kind == "mysql" else {}),
        )

    @contextmanager
    def transaction(self, engine: Engine) -> Iterator[Connection]:
        """Begin as one who is going to write."""
        with engine.connect() as connection:
            if self.kind == "sqlite":
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            yield connection
            connection.commit()

    def make(self, articles: dict[int, str], table: str = "posts") -> None:
        """Make the table, with these articles."""
        engine = self.engine()
        with self.transaction(engine) as connection:
            for statement in _TABLES[self.kind][: None if table == "posts" else 1]:
                connection.exec_driver_sql(
                    statement.format(table) if "{}" in statement else statement,
                )
            if table == "posts":
                connection.exec_driver_sql("CREATE INDEX of_row ON history (id)")
            rows = [{"id": number, "content": content} for number, content in articles.items()]
            connection.execute(
                text(f"INSERT INTO {table} (id, content) VALUES (:id, :content)"),  # noqa: S608
                rows,
            )
        engine.dispose()

    def contents(self) -> dict[int, bytes]:
        """Return all articles, to the byte."""
        return {
            int(row[0]): bytes(row[1])
            for row in self.ask(f"SELECT id, {self._bytes('content')} FROM posts ORDER BY id")  # noqa: S608
        }

    def history(self) -> list[Change]:
        """Return all changes since the table was made, in their order."""
        question = (
            f"SELECT id, saved, {self._bytes('was')}, {self._bytes('now')} FROM history ORDER BY n"  # noqa: S608
        )
        return [
            Change(int(row[0]), bool(row[1]), bytes(row[2]), bytes(row[3]))
            for row in self.ask(question)
        ]

    def ask(self, question: str) -> list[Any]:
        """Ask something."""
        engine = self.engine()
        with engine.connect() as connection:
            rows = list(connection.execute(text(question)))
        engine.dispose()
        return rows

    def _bytes(self, column: str) -> str:
        return _BYTES[self.kind].format(column)


class Editor:
    """One who saves rows for as long as the process lives, and logs each save once it is
    committed.
    """

    def __init__(self, room: Newsroom, count: int, log: Path, seed: int) -> None:
        self._room, self._count, self._log = room, count, log
        self._chance = random.Random(seed)  # noqa: S311 - no secret
        self._number = 0
        self._going = True

    def begin(self) -> int:
        """Begin, in a process of its own; give its id."""
        child = os.fork()
        if child:
            return child
        code = 1
        signal.signal(signal.SIGTERM, self._stop)
        descriptor = os.open(self._log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        try:
            self._engine = self._room.engine()
            while self._going:
                os.write(descriptor, (json.dumps(self._save()) + "\n").encode())
                time.sleep(self._chance.uniform(0, 0.05))
            code = 0
        # a save that is lost is told, whatever the reason
        except Exception as error:  # noqa: BLE001
            os.write(descriptor, (json.dumps({"error": str(error)}) + "\n").encode())
        finally:
            os._exit(code)

    def _stop(self, *_: object) -> None:
        self._going = False

    def _save(self) -> dict[str, object]:
        """Open a row, change its text, save it: in one transaction that holds the row."""
        row, how = self._choose(), self._chance.random()
        earlier = self._ours(row) if how > 0.9 else None
        began = time.monotonic()
        with self._room.transaction(self._engine) as connection:
            held = "" if self._room.kind == "sqlite" else " FOR UPDATE"
            was = str(
                connection.execute(
                    text(f"SELECT content FROM posts WHERE id = :id{held}"),  # noqa: S608
                    {"id": row},
                ).scalar_one(),
            )
            now = self._changed(row, was, how, earlier)
            save = text("UPDATE posts SET content = :now, saves = saves + 1 WHERE id = :id")
            connection.execute(save, {"now": now, "id": row})
        ended = time.monotonic()
        return {"id": row, "text": now, "began": began, "ms": 1000 * (ended - began)}

    def _choose(self) -> int:
        """Choose a row: any of his, or one that the backfill is about to come to."""
        first = 1
        if self._chance.random() < 0.5:
            with self._engine.connect() as connection:
                last = text("SELECT id FROM history WHERE saved = 0 ORDER BY n DESC LIMIT 1")
                first = connection.execute(last).scalar() or 1
        last_of_all = self._count if first == 1 else min(self._count, first + REACH)
        return max(SHARED, self._chance.randint(first, last_of_all) // SHARED * SHARED)

    def _ours(self, row: int) -> str | None:
        """Return what stood in a row before the backfill last changed it."""
        with self._engine.connect() as connection:
            question = text(
                "SELECT was FROM history WHERE id = :id AND saved = 0 ORDER BY n DESC LIMIT 1",
            )
            found = connection.execute(question, {"id": row}).scalar()
        return None if found is None else str(found)

    def _changed(self, row: int, was: str, how: float, earlier: str | None) -> str:
        """Add to it, write it anew, put the target of one of two links by hand, or take back what
        the backfill did.
        """
        self._number += 1
        mark = f"\r\n<p>Save {self._number}</p>"
        if earlier is not None and earlier != was:
            return earlier
        if how > 0.7 and f" {LINK} " in was and OTHER_LINK in was:
            return was.replace(f" {LINK} ", f" {TARGET} ", 1)
        if how > 0.4:
            return article(row, self._chance.randrange(SHAPES)) + mark
        return was + mark
