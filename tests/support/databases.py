"""Databases to work on: PostgreSQL, MariaDB and SQLite, each a real one, with editors who go on
writing.
"""

import io
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest
import sqlalchemy
from archives import LINK, TARGET, Silent, run
from database_servers import Server
from sqlalchemy import Connection, Engine, text

from service.backfill.job import BackfillJob, Selection
from service.backfill.plan import Plan, Shard, Stop
from service.backfill.run import BackfillRun, RunContext
from service.backfill.safety.candidate_notes import CandidateNotes
from service.backfill.settle import Settle, settle
from service.core.article import Article, Result
from service.core.model import Format

KINDS = ("postgresql", "mysql", "sqlite")
KEYED = "id integer PRIMARY KEY, content text, date timestamp NULL"


@dataclass
class Database:
    """A database of the kind, with a table `posts`, and an administrator's connection to it."""

    kind: str
    url: str
    engine: Engine
    folder: Path
    server: Server | None = None

    def ask(self, sql: str, **values: object) -> list[tuple[object, ...]]:
        """Do something as the administrator; give the rows, if any."""
        with self.engine.begin() as connection:
            result = connection.execute(text(sql), values)
            return [tuple(row) for row in result] if result.returns_rows else []

    def make(
        self,
        columns: str = KEYED,
        articles: dict[int, str | None] | None = None,
        table: str = "posts",
    ) -> None:
        """Make a table, and put articles into its columns `id` and `content`."""
        self.ask(f"CREATE TABLE {table} ({columns})")
        for number, content in (articles or {}).items():
            self.ask(
                f"INSERT INTO {table} (id, content) VALUES (:id, :content)",  # noqa: S608
                id=number,
                content=content,
            )

    def contents(self, table: str = "posts") -> dict[object, object]:
        """Return all articles."""
        return {row[0]: row[1] for row in self.ask(f"SELECT id, content FROM {table}")}  # noqa: S608

    def backfill(self, *arguments: str) -> tuple[int, str]:
        """Run the command; give its exit code and what it says."""
        table = (
            ()
            if {"--table", "--preset"} & set(arguments)
            else ("--table", "posts", "--column", "content")
        )
        own = (
            "--state",
            str(self.folder / "state"),
            *(("--backup", str(self.folder / "b.jsonl")) if "--in-place" in arguments else ()),
        )
        result = run("backfill", self.url, *table, *own, *arguments)
        assert "Traceback" not in result.stderr
        return result.exit_code, result.stderr

    def restore(self) -> tuple[int, str]:
        """Run the way back."""
        result = run("restore", self.folder / "b.jsonl", self.url)
        return result.exit_code, result.stderr


@contextmanager
def database_of(kind: str, request: pytest.FixtureRequest, folder: Path) -> Iterator[Database]:
    server: Server | None = None
    folder = folder / kind
    folder.mkdir()
    if kind == "sqlite":
        place = folder / "a.db"
        sqlite3.connect(place).close()
        url, plain = f"sqlite:{place}", f"sqlite:///{place}"
    else:
        server = request.getfixturevalue({"postgresql": "postgresql", "mysql": "mariadb"}[kind])
        assert server is not None
        url = server.new_database()
        plain = url.replace("postgresql:", "postgresql+psycopg:").replace(
            "mysql:",
            "mysql+pymysql:",
        )
    engine = sqlalchemy.create_engine(plain)
    try:
        yield Database(kind, url, engine, folder, server)
    finally:
        engine.dispose()


@pytest.fixture(params=KINDS)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    with database_of(request.param, request, tmp_path) as made:
        yield made


@pytest.fixture
def mysql(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    with database_of("mysql", request, tmp_path) as made:
        yield made


@pytest.fixture
def postgres(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    with database_of("postgresql", request, tmp_path) as made:
        yield made


@pytest.fixture
def sqlite(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    with database_of("sqlite", request, tmp_path) as made:
        yield made


WHOLE = Shard()
LOCK_WAIT_S = 0.2
"""What a statement waits for a lock here; MySQL rounds it up to a second."""


def run_with_edits(
    database: Database,
    edit: Callable[[Connection, int], object] = lambda *_: None,
    *,
    rounds: int = 100,
    progress: Silent | None = None,
    in_place: bool = True,
    shard: Shard = WHOLE,
) -> int:
    """Run a backfill in which somebody edits each time an article is resolved: between its reading
    and its writing. It waits for a lock for `LOCK_WAIT_S`.
    """
    times = [0]

    @asynccontextmanager
    async def resolver(_: CandidateNotes) -> AsyncIterator[Settle]:
        async def resolve(article: Article) -> Result:
            times[0] += 1
            if times[0] <= rounds:
                with database.engine.begin() as connection:
                    edit(connection, times[0])
            return Result(
                article.content.replace(LINK, TARGET),
                Format.HTML,
                changed=True,
                complete=True,
                script=None,
                elapsed_ms=0.0,
            )

        yield partial(settle, resolve=resolve)

    job = BackfillJob(
        source=database.url,
        in_place=in_place,
        lock_wait_s=LOCK_WAIT_S,
        selection=Selection("posts", "content"),
        state=database.folder / "state",
        backup=database.folder / "b.jsonl" if in_place else None,
        report=database.folder / "r.jsonl",
        plan=Plan(shard=shard),
    )
    seen = progress or Silent()
    around = RunContext(
        resolver=resolver,
        rate=0,
        stop=Stop(),
        progress=seen,
        pipe_in=io.BytesIO(),
        pipe_out=io.BytesIO(),
    )
    work = BackfillRun(job, around)
    try:
        return work()
    finally:
        work.close()


def cut(connection: Connection) -> None:
    """End all connections to this database but this one."""
    if connection.dialect.name == "postgresql":
        connection.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name ="
                " 'tweet-embed'",
            ),
        )
        return
    own, database = connection.execute(text("SELECT connection_id(), database()")).one()
    for number, name in connection.execute(
        text("SELECT id, db FROM information_schema.processlist"),
    ).all():
        if number != own and name == database:
            connection.execute(text(f"KILL {number}"))
