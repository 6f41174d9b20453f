"""What goes wrong with a database: keys of every size, locks of others, locks of ours, wrong
conditions. One line, the right exit code.
"""

import subprocess
import sys
import uuid
from pathlib import Path

import pytest
from archives import LINK, TARGET, Silent, lines, report, run
from databases import KEYED, KINDS, LOCK_WAIT_S, Database, database_of, run_with_edits
from sqlalchemy import text

from service.backfill.archive_errors import GuardError
from service.backfill.database.restore_rows import DatabaseRestorer
from service.backfill.plan import Stop

LOCKED = r"locked by somebody else for over 0.2 s; run the same command again to go on"
WRONG = (
    ("no such", {"postgresql": "syntax error", "mysql": "syntax", "sqlite": "syntax error"}),
    (
        "nobody = 1",
        {
            "postgresql": 'column "nobody" does not exist',
            "mysql": "Unknown column 'nobody'",
            "sqlite": "no such column: nobody",
        },
    ),
    ("id = 1) -- it", {"postgresql": "syntax error", "mysql": "syntax", "sqlite": "syntax error"}),
)


@pytest.mark.parametrize(
    ("kind", "type_of_key", "keys"),
    [
        ("postgresql", "bigint", [1, 2, 6, 1 << 31, 1 << 62]),
        ("postgresql", "bigint", [-(1 << 63), -(1 << 31), -1]),
        ("postgresql", "char(5)", ["a", "abcde", "bc"]),
        ("postgresql", "varchar(5)", ["a", "a ", "É"]),
        ("postgresql", "smallint", [1, 2]),
        ("postgresql", "bytea", [b"\x00", b"\xff"]),
        ("mysql", "bigint unsigned", [1, 1 << 31, 1 << 62, (1 << 64) - 1]),
        ("mysql", "char(5)", ["a", "abcde"]),
        ("mysql", "uuid", [str(uuid.UUID(int=number << 90)) for number in (3, 1)]),
        ("sqlite", "bigint", [-(1 << 63), 1, (1 << 63) - 1]),
        ("sqlite", "text", ["1", "b"]),
    ],
)
def test_keys_of_every_type_and_size(
    kind: str,
    type_of_key: str,
    keys: list[object],
    request: pytest.FixtureRequest,
    tmp_path: Path,
) -> None:
    with database_of(kind, request, tmp_path) as database:
        database.ask(f"CREATE TABLE posts (id {type_of_key} PRIMARY KEY, content text)")
        for key in keys:
            database.ask("INSERT INTO posts VALUES (:id, :c)", id=key, c=LINK)

        assert database.backfill("--in-place")[0] == 0
        assert list(database.contents().values()) == [TARGET] * len(keys)
        code, told = database.restore()
        assert code == 0, told
        assert f"{len(keys)} restored" in told
        assert list(database.contents().values()) == [LINK] * len(keys)


def test_a_key_that_is_not_what_its_column_says(sqlite: Database) -> None:
    sqlite.make("id bigint PRIMARY KEY, content text", {1: LINK})
    sqlite.ask("INSERT INTO posts VALUES ('b', :c)", c=LINK)
    code, told = sqlite.backfill("--in-place")

    assert code == 2
    assert (
        "--key: posts.id is 'b' in one row, which is not of the column's type; name another" in told
    )


def test_a_key_of_fractions_is_refused(postgres: Database) -> None:
    postgres.make("id numeric PRIMARY KEY, content text", {1: LINK})
    code, told = postgres.backfill("--in-place")

    assert code == 2
    assert "--key: posts.id is NUMERIC; name a column of whole numbers, text or UUIDs" in told


def test_keys_of_a_backup_that_the_column_can_no_longer_hold(database: Database) -> None:
    database.make("id varchar(30) PRIMARY KEY, content text")
    for key in ("1", "b", str(1 << 63)):
        database.ask("INSERT INTO posts VALUES (:id, :c)", id=key, c=LINK)
    assert database.backfill("--in-place")[0] == 0
    database.ask("DROP TABLE posts")
    database.make(articles={1: TARGET})
    code, told = database.restore()

    assert code == 1
    assert "posts.content, id b: no longer there" in told
    assert f"posts.content, id {1 << 63}: no longer there" in told
    assert "1 restored" in told
    assert database.contents() == {1: LINK}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "columns",
    [
        KEYED,
        pytest.param(
            "id integer PRIMARY KEY, content text, words varchar(9) DEFAULT 'x', CHECK (id > 0)",
            marks=pytest.mark.long,
            id="more",
        ),
    ],
)
def test_a_table_locked_from_the_start_stops_everything_with_a_line(
    columns: str,
    kind: str,
    request: pytest.FixtureRequest,
    tmp_path: Path,
) -> None:
    lock = {
        "postgresql": "LOCK TABLE posts IN ACCESS EXCLUSIVE MODE",
        "mysql": "LOCK TABLES posts WRITE",
        "sqlite": "BEGIN EXCLUSIVE",
    }
    with database_of(kind, request, tmp_path) as database:
        database.make(columns, {1: LINK})
        assert database.backfill("--in-place")[0] == 0
        database.ask("UPDATE posts SET content = :c", c=LINK + " again")
        with database.engine.connect() as connection:
            connection.execute(text(lock[kind]))
            restore = DatabaseRestorer(
                database.folder / "b.jsonl", database.url, Stop(), LOCK_WAIT_S
            )
            for act in (
                lambda: run_with_edits(database),
                lambda: run_with_edits(database, in_place=False),
                restore,
            ):
                with pytest.raises(GuardError, match=LOCKED) as stopped:
                    act()
                assert "may not be written" not in str(stopped.value)
            connection.rollback()
            if kind == "mysql":
                connection.execute(text("UNLOCK TABLES"))

        assert database.backfill("--in-place")[0] == 0


@pytest.mark.parametrize("kind", ["postgresql", "mysql"])
def test_the_right_to_write_behind_a_lock_is_told_as_a_lock(
    kind: str,
    request: pytest.FixtureRequest,
    tmp_path: Path,
) -> None:
    lock = {"postgresql": "LOCK TABLE posts IN SHARE MODE", "mysql": "LOCK TABLES posts READ"}[kind]
    with database_of(kind, request, tmp_path) as database:
        database.make(articles={1: LINK})
        with database.engine.connect() as connection:
            connection.execute(text(lock))
            with pytest.raises(GuardError, match=LOCKED) as stopped:
                run_with_edits(database)
            assert "may not be written" not in str(stopped.value)
            connection.rollback()
            if kind == "mysql":
                connection.execute(text("UNLOCK TABLES"))


@pytest.mark.parametrize("where", WRONG, ids=lambda each: each[0])
def test_a_wrong_condition_is_usage_and_told_in_the_words_of_the_database(
    where: tuple[str, dict[str, str]],
    database: Database,
) -> None:
    database.make(articles={1: LINK})
    for more in ((), ("--in-place",)):
        code, told = database.backfill("--where", where[0], *more)

        assert code == 2, told
        assert told.startswith("tweet-embed: --where: ")
        assert where[1][database.kind] in told
        assert len(told.splitlines()) == 1
    assert {each.name for each in database.folder.iterdir()} <= {"a.db"}


def test_a_condition_may_end_in_a_comment(database: Database) -> None:
    database.make(articles={1: LINK, 2: LINK})

    assert "1 article: 1 would change" in database.backfill("--where", "id = 2 -- the second")[1]


def test_a_condition_that_fails_at_a_row_is_usage_too(postgres: Database) -> None:
    postgres.make(articles={1: LINK, 2: LINK})
    code, told = postgres.backfill("--where", "1 / (id - 2) < 1")

    assert code == 2
    assert told == "tweet-embed: --where: division by zero\n"


def test_a_backup_of_files_is_refused_with_a_line_and_nothing_else(
    sqlite: Database,
    tmp_path: Path,
) -> None:
    """In a process of its own: what complains when it is thrown away does so at the end of one."""
    sqlite.make(articles={1: LINK})
    (tmp_path / "a.jsonl").write_bytes(lines(*[LINK] * 60))  # more than are looked at together
    backup = tmp_path / "backup.jsonl"
    assert run("backfill", tmp_path / "a.jsonl", "--in-place", "--backup", backup).exit_code == 0
    command = [sys.executable, "-m", "service", "restore", str(backup), sqlite.url]
    # our own command
    done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert done.returncode == 2
    assert (
        done.stderr
        == f"tweet-embed: {backup}: a backup of files; name the file or folder that it is of\n"
    )


def test_the_backup_of_a_database_is_not_looked_for_in_a_file(
    sqlite: Database, tmp_path: Path
) -> None:
    sqlite.make(articles={1: LINK})
    (tmp_path / "a.jsonl").write_bytes(lines(LINK))
    backup = tmp_path / "backup.jsonl"
    column = ("--table", "posts", "--column", "content")
    assert run("backfill", sqlite.url, *column, "--in-place", "--backup", backup).exit_code == 0
    told = run("restore", backup, tmp_path / "a.jsonl")

    assert told.exit_code == 2
    assert told.stderr == (
        f"tweet-embed: {backup}: a backup of posts.content in a database; give the database's"
        " address\n"
    )


def test_originals_are_told_of_only_where_there_are_some(database: Database) -> None:
    database.make(articles={1: LINK})

    class Told(Silent):
        """Remembers what is said."""

        def __init__(self) -> None:
            self.lines: list[str] = []

        def say(self, line: str) -> None:
            self.lines.append(line)

    told = Told()
    assert (
        run_with_edits(
            database,
            lambda connection, _: connection.execute(text("DELETE FROM posts")),
            progress=told,
        )
        == 0
    )
    assert not [line for line in told.lines if "originals" in line]
    assert not (database.folder / "b.jsonl").exists()


@pytest.mark.parametrize("script", ["keep", "once"])
def test_rows_without_content_have_their_lines_in_a_report(script: str, database: Database) -> None:
    database.make(articles={1: LINK, 2: None, 3: "", 4: "words"})
    code, told = database.backfill(
        "--in-place",
        "--script",
        script,
        "--report",
        str(database.folder / "r"),
    )

    assert code == 0
    assert "4 articles: 1 changed, 3 unchanged, 0 failed" in told
    assert [(line["id"], line["status"]) for line in report(database.folder / "r")[:-1]] == [
        ("1", "changed"),
        ("2", "unchanged"),
        ("3", "unchanged"),
        ("4", "unchanged"),
    ]
    assert database.contents() == {1: TARGET, 2: None, 3: "", 4: "words"}
