"""Living databases: PostgreSQL, MariaDB and SQLite, each a real one, with editors who go on
writing.
"""

import uuid
from pathlib import Path

import pytest
import sql_tracer
from archives import LINK, TARGET, TWEET, Silent, report, run
from databases import KEYED, KINDS, Database, cut, database_of, run_with_edits
from rest import DEMO
from sqlalchemy import Connection, text

from service.backfill.database.column import find_column
from service.backfill.database.connection import open_database, read_address
from service.backfill.database.rows import Rows
from service.backfill.job import Selection

ARTICLES = {
    1: f"<p>a &amp; b\r\n{LINK} x 😀</p>",
    2: "nothing here",
    3: f"<p>é</p>\n<p>{TWEET}</p>\n",
    4: None,
    5: "an @ and nothing else",
}
SECRET = "-".join(["hush"] * 2)


def test_rows_are_changed_once_and_restored_to_the_byte(database: Database) -> None:
    database.make(articles=ARTICLES)
    before = database.contents()
    assert database.backfill()[0] == 0
    assert database.contents() == before

    code, told = database.backfill("--in-place", "--report", str(database.folder / "r.jsonl"))
    after = database.contents()

    assert code == 0, told
    assert "5 articles: 2 changed, 3 unchanged, 0 failed" in told
    assert after[1] == f"<p>a &amp; b\r\n{TARGET} x 😀</p>"
    assert str(after[3]).startswith('<p>é</p>\n<blockquote class="twitter-tweet"')
    assert {number: after[number] for number in (2, 4, 5)} == {
        number: before[number] for number in (2, 4, 5)
    }
    told_of = report(database.folder / "r.jsonl")
    assert [
        (line.get("file"), line.get("id"), line.get("status"))
        for line in told_of[:-1]
        if line["status"] == "changed"
    ] == [
        ("posts.content", "1", "changed"),
        ("posts.content", "3", "changed"),
    ]

    assert (
        database.backfill("--in-place") == (0, told.replace("2 changed, 3", "0 changed, 5"))
        or database.contents() == after
    )
    code, told = database.restore()
    assert (code, database.contents()) == (0, before), told
    assert "2 restored" in told
    assert database.restore()[0] == 0


def test_restore_refuses_what_was_edited_or_deleted_since(database: Database) -> None:
    database.make(articles={number: f"{LINK} <b>{number}</b>" for number in (1, 2, 3)})
    assert database.backfill("--in-place")[0] == 0
    database.ask("UPDATE posts SET content = 'edited' WHERE id = 1")
    database.ask("DELETE FROM posts WHERE id = 2")
    code, told = database.restore()

    assert code == 1
    assert "posts.content, id 1: edited since; it was left alone" in told
    assert "posts.content, id 2: no longer there" in told
    assert database.contents() == {1: "edited", 3: f"{LINK} <b>3</b>"}


def test_what_an_editor_saves_between_reading_and_writing_is_kept_and_resolved(
    database: Database,
) -> None:
    database.make(articles={1: f"{LINK} old"})
    code = run_with_edits(
        database,
        lambda connection, _: connection.execute(text(f"UPDATE posts SET content = '{LINK} new'")),  # noqa: S608
        rounds=1,
    )

    assert code == 0
    assert database.contents() == {1: f"{TARGET} new"}
    assert database.restore()[0] == 0
    assert database.contents() == {1: f"{LINK} new"}


def test_nobody_waits_for_our_connections_between_two_questions(database: Database) -> None:
    """They are kept, but in no transaction: somebody may even alter the table."""
    patience = {
        "postgresql": "SET lock_timeout = '3s'",
        "mysql": "SET lock_wait_timeout = 3",
        "sqlite": "PRAGMA busy_timeout = 3000",
    }
    database.make(articles={1: f"{LINK} old"})

    def edit(connection: Connection, time: int) -> None:
        connection.execute(text(patience[database.kind]))
        connection.execute(text(f"ALTER TABLE posts ADD COLUMN c{time} integer"))
        if time == 1:
            connection.execute(text(f"UPDATE posts SET content = '{LINK} new'"))  # noqa: S608

    assert run_with_edits(database, edit) == 0
    assert database.contents() == {1: f"{TARGET} new"}


def test_what_is_edited_again_and_again_is_left_alone_and_told(database: Database) -> None:
    database.make(articles={1: f"{LINK} 0"})
    code = run_with_edits(
        database,
        lambda connection, time: connection.execute(
            text(f"UPDATE posts SET content = '{LINK} {time}'"),  # noqa: S608
        ),
    )

    assert code == 1
    assert database.contents() == {1: f"{LINK} 5"}
    told = report(database.folder / "r.jsonl")[0]
    assert (told["status"], told["errors"]) == (
        "skipped",
        ["edited again and again meanwhile; it was left alone, the next run looks at it"],
    )


def test_a_row_deleted_meanwhile_is_no_trouble(database: Database) -> None:
    database.make(articles={1: LINK, 2: f"{LINK} x"})

    assert (
        run_with_edits(
            database,
            lambda connection, _: connection.execute(text("DELETE FROM posts WHERE id = 1")),
        )
        == 0
    )
    assert database.contents() == {2: f"{TARGET} x"}


@pytest.mark.parametrize("kind", KINDS)
def test_only_the_very_bytes_that_were_read_are_replaced(
    kind: str,
    request: pytest.FixtureRequest,
    tmp_path: Path,
) -> None:
    """Collations call texts equal that an editor made different: in case, in accents, in spaces at
    the end.
    """
    with database_of(kind, request, tmp_path) as database:
        if kind == "postgresql":
            database.ask(
                "CREATE COLLATION blind (provider = icu, locale = 'und-u-ks-level1', deterministic"
                " = false)",
            )
        collation = {
            "postgresql": "COLLATE blind",
            "mysql": "COLLATE utf8mb4_general_ci",
            "sqlite": "COLLATE NOCASE",
        }[kind]
        database.make(f"id integer PRIMARY KEY, content text {collation}", {1: "Resume  "})
        opened = open_database(read_address(database.url), 5)
        rows = Rows(opened, find_column(opened.engine, Selection("posts", "content")), None)

        assert [
            rows.replace("1", old.encode(), b"x")
            for old in ("resume  ", "Resumé  ", "Resume", "Resume ", "")
        ] == [False] * 5
        assert database.contents() == {1: "Resume  "}
        assert rows.replace("1", b"Resume  ", "é😀\r\n".encode())
        assert database.contents() == {1: "é😀\r\n"}
        rows.close()
        opened.engine.dispose()


@pytest.mark.parametrize(
    ("columns", "arguments", "why"),
    [
        (
            KEYED,
            ("--table", "post", "--column", "content"),
            "there is no table 'post'; there is: posts",
        ),
        (
            KEYED,
            (
                '--table=posts"; DROP TABLE posts; --',
                "--table",
                'posts"; DROP TABLE posts',
                "--column",
                "content",
            ),
            "there is no table",
        ),
        (
            KEYED,
            ("--table", "posts", "--column", "body"),
            "there is no column 'body' in posts; there is: content, date, id",
        ),
        (KEYED, ("--table", "posts", "--column", "date"), "articles are text"),
        (
            KEYED,
            ("--table", "posts", "--column", "content", "--key", "date"),
            "is not unique by itself",
        ),
        (
            KEYED,
            ("--table", "posts", "--column", "content", "--key", "uid"),
            "there is no column 'uid' in posts",
        ),
        (
            "id integer, n integer, content text, PRIMARY KEY (id, n)",
            (),
            "the primary key of posts is made of id, n; name one column",
        ),
        ("id integer, content text", (), "posts has no primary key; name one column"),
        (
            "id integer UNIQUE, content text",
            ("--table", "posts", "--column", "content", "--key", "id"),
            "may be NULL",
        ),
        (KEYED, ("--table", "posts"), "wants --table and --column"),
        (KEYED, ("--preset", "wordpress"), "no table of posts of a WordPress in it"),
        (
            KEYED,
            ("--table", "posts", "--column", "content", "--to", "x.jsonl"),
            "--to is for files",
        ),
        (
            KEYED,
            ("--table", "posts", "--column", "content", "--field", "html"),
            "--field and --id-field are for files",
        ),
        (KEYED, ("--table", "posts", "--column", "content", "--where", "no such"), "syntax"),
    ],
)
def test_what_cannot_begin_is_one_clear_line(
    columns: str,
    arguments: tuple[str, ...],
    why: str,
    database: Database,
) -> None:
    database.make(columns)
    code, told = database.backfill(*arguments)

    assert code == 2, told
    assert why in told
    assert database.contents() == {}


def test_odd_names_and_conditions(database: Database) -> None:
    quote = "`" if database.kind == "mysql" else '"'
    table, content, key = (f"{quote}{name}{quote}" for name in ("or der", "50% :of select", "k-ey"))
    written = content.replace(
        ":of",
        "\\:of",
    )  # a colon before a name is a parameter of the tests' own SQL
    database.ask(
        f"CREATE TABLE {table} ({key} varchar(50) PRIMARY KEY, {written} text, flag varchar(20))",
    )
    for name in ("a", "b'", "ü%", "9"):
        flag = "5%:x" if name != "9" else "no"
        database.ask(f"INSERT INTO {table} VALUES (:k, :c, :f)", k=name, c=f"{LINK} x", f=flag)  # noqa: S608
    names = (
        "--table",
        "or der",
        "--column",
        "50% :of select",
        "--where",
        "flag LIKE '5%:x' OR flag = 'x%'",
    )
    code, told = database.backfill(*names, "--in-place")

    assert code == 0, told
    assert "3 articles: 3 changed" in told
    assert {row[0]: row[1] for row in database.ask(f"SELECT {key}, {written} FROM {table}")} == {  # noqa: S608
        "a": f"{TARGET} x",
        "b'": f"{TARGET} x",
        "ü%": f"{TARGET} x",
        "9": f"{LINK} x",
    }
    assert database.restore()[0] == 0


def test_keys_that_are_no_numbers(postgres: Database, mysql: Database) -> None:
    ids = [uuid.UUID(int=number << 90) for number in (3, 1, 2)]
    postgres.ask("CREATE TABLE posts (id uuid PRIMARY KEY, content text)")
    mysql.ask("CREATE TABLE posts (id binary(16) PRIMARY KEY, content mediumtext)")
    for one in ids:
        postgres.ask("INSERT INTO posts VALUES (:id, :c)", id=one, c=LINK)
        mysql.ask("INSERT INTO posts VALUES (:id, :c)", id=one.bytes, c=LINK)
    for database in (postgres, mysql):
        assert database.backfill("--in-place")[0] == 0
        assert set(database.contents().values()) == {TARGET}
        assert database.restore()[0] == 0
        assert set(database.contents().values()) == {LINK}


def test_many_pages_shards_limits_and_dates(database: Database) -> None:
    database.make(articles={})
    with database.engine.begin() as connection:
        for number in range(1, 451):
            connection.execute(
                text("INSERT INTO posts VALUES (:id, :content, :date)"),
                {
                    "id": number,
                    "content": f"{LINK} {number}" if number % 150 == 0 else "no",
                    "date": f"20{10 + number // 50}-05-01 00:00:00",
                },
            )

    assert "450 articles: 3 would change" in database.backfill()[1]
    assert "160 articles: 1 would change" in database.backfill("--limit", "160")[1]
    assert "2 would change" in database.backfill("--since", "2014-01-01")[1]
    counts = [
        int(database.backfill("--shard", f"{number}/3")[1].split("scan: ")[1].split()[0])
        for number in (1, 2, 3)
    ]
    assert sum(counts) == 450
    assert all(count > 100 for count in counts)


def test_a_second_run_at_the_same_time_is_refused(database: Database) -> None:
    database.make(articles={1: LINK})
    seen: list[tuple[int, str]] = []

    def another(_: Connection, __: int) -> None:
        own = (
            "--state",
            str(database.folder / "other"),
            "--backup",
            str(database.folder / "c.jsonl"),
            "--in-place",
        )
        result = run("backfill", database.url, "--table", "posts", "--column", "content", *own)
        seen.append((result.exit_code, result.stderr))

    assert run_with_edits(database, another, rounds=1) == 0
    assert seen[0][0] == 2
    assert "another run is at work on it" in seen[0][1]
    assert database.backfill("--in-place")[0] == 0


@pytest.mark.parametrize("kind", ["postgresql", "mysql"])
def test_a_connection_lost_in_the_middle_is_made_again(
    kind: str,
    request: pytest.FixtureRequest,
    tmp_path: Path,
) -> None:
    with database_of(kind, request, tmp_path) as database:
        database.make(articles={number: f"{LINK} {number}" for number in range(1, 30)})

        assert (
            run_with_edits(
                database,
                lambda connection, time: None if time % 10 else cut(connection),
            )
            == 0
        )
        assert database.contents() == {number: f"{TARGET} {number}" for number in range(1, 30)}


@pytest.mark.parametrize("kind", ["postgresql", "mysql"])
def test_a_connection_lost_between_two_changes_is_made_again(
    kind: str,
    request: pytest.FixtureRequest,
    tmp_path: Path,
) -> None:
    with database_of(kind, request, tmp_path) as database:
        database.make(articles={number: f"{LINK} {number}" for number in range(1, 30)})

        class Cutting(Silent):
            """Cuts the connections after every tenth change."""

            writing = False
            times = 0

            # the way of a progress
            def step(self, name: str, total: int, unit: str = "") -> None:  # noqa: ARG002
                self.writing = name == "rewrite"

            def advance(self, done: int) -> None:
                if self.writing and done % 10 == 9:
                    self.times += 1
                    with database.engine.connect() as connection:
                        cut(connection)

        cutting = Cutting()
        assert run_with_edits(database, lambda *_: None, progress=cutting) == 0
        assert cutting.times >= 3
        assert database.contents() == {number: f"{TARGET} {number}" for number in range(1, 30)}
        assert database.restore()[0] == 0
        assert database.contents() == {number: f"{LINK} {number}" for number in range(1, 30)}


@pytest.mark.long  # it waits as long as the command does
@pytest.mark.parametrize("kind", KINDS)
def test_a_locked_table_stops_the_command_and_it_goes_on(
    kind: str,
    request: pytest.FixtureRequest,
    tmp_path: Path,
) -> None:
    with database_of(kind, request, tmp_path) as database:
        database.make(articles={1: LINK})
        lock = {
            "postgresql": "LOCK TABLE posts",
            "mysql": "LOCK TABLES posts WRITE",
            "sqlite": "BEGIN EXCLUSIVE",
        }[kind]
        with database.engine.connect() as connection:
            connection.execute(text(lock))
            code, told = database.backfill("--in-place")
            connection.rollback()
            if kind == "mysql":
                connection.execute(text("UNLOCK TABLES"))

        assert code == 4, told
        assert "locked by somebody else for over 5 s" in told
        assert database.contents() == {1: LINK}
        assert database.backfill("--in-place")[0] == 0


def test_a_server_that_is_not_there(postgres: Database, mysql: Database, sqlite: Database) -> None:
    for database, port in ((postgres, ":1/"), (mysql, ":1/")):
        url = database.engine.url.set(port=1, password=SECRET, drivername=database.kind)
        result = run(
            "backfill",
            url.render_as_string(hide_password=False),
            "--table",
            "posts",
            "--column",
            "content",
        )

        assert result.exit_code == 2
        assert f"{port}" in result.stderr
        assert "cannot be opened" in result.stderr
        assert SECRET not in result.stderr
    result = run(
        "backfill",
        f"sqlite:{sqlite.folder}/none.db",
        "--table",
        "posts",
        "--column",
        "content",
    )
    assert (result.exit_code, "none.db: no such file" in result.stderr) == (2, True)
    assert not (sqlite.folder / "none.db").exists()


def test_a_user_who_may_only_read(postgres: Database, mysql: Database, sqlite: Database) -> None:
    postgres.make(articles={1: LINK})
    mysql.make(articles={1: LINK})
    sqlite.make(articles={1: LINK})
    name = f"reader_{postgres.engine.url.database}"
    postgres.ask(f"CREATE USER {name}")
    postgres.ask(f"GRANT SELECT ON posts TO {name}")
    mysql.ask(f"CREATE USER {name}@'127.0.0.1'")
    mysql.ask(f"GRANT SELECT ON {mysql.engine.url.database}.* TO {name}@'127.0.0.1'")
    for database in (postgres, mysql):
        url = database.engine.url.set(username=name, drivername=database.kind).render_as_string(
            hide_password=False,
        )
        arguments = (
            "--table",
            "posts",
            "--column",
            "content",
            "--state",
            str(database.folder / "s"),
        )
        assert "1 would change" in run("backfill", url, *arguments).stderr
        result = run(
            "backfill",
            url,
            *arguments,
            "--in-place",
            "--backup",
            str(database.folder / "b"),
        )

        assert result.exit_code == 2
        assert "may not be written" in result.stderr
        assert database.contents() == {1: LINK}


def test_an_emoji_that_the_column_cannot_hold_leaves_the_article_whole(
    mysql: Database,
    tmp_path: Path,
) -> None:
    """Without strict mode, which this server is told to do without, the text would be cut off
    there.
    """
    mysql.ask("SET GLOBAL sql_mode = ''")
    try:
        mysql.make(
            "id integer PRIMARY KEY, content text CHARACTER SET utf8mb3",
            {1: f"<p>{TWEET}</p> end", 2: f"{LINK} é"},
        )
        recorded = tmp_path / "recorded"
        (recorded / "oembed").mkdir(parents=True)
        answer = (DEMO / "recorded" / "oembed" / "2034906551094185985.json").read_text(
            encoding="utf-8",
        )
        (recorded / "oembed" / "2034906551094185985.json").write_text(
            answer.replace("Spring hours", "Spring 😀 hours"),
            encoding="utf-8",
        )
        own = (
            "--table",
            "posts",
            "--column",
            "content",
            "--state",
            str(tmp_path / "s"),
            "--backup",
            str(tmp_path / "b"),
            "--in-place",
        )
        result = run(
            "backfill",
            mysql.url,
            *own,
            environment={"TWEET_EMBED_RECORDED": str(recorded)},
        )

        assert result.exit_code == 1, result.stderr
        assert "failed: posts.content, id 1: the database will not have it" in result.stderr
        assert "convert the column to utf8mb4" in result.stderr
        assert mysql.contents()[1] == f"<p>{TWEET}</p> end"
    finally:
        mysql.ask("SET GLOBAL sql_mode = DEFAULT")


def test_text_of_sqlite_that_is_none(sqlite: Database) -> None:
    sqlite.make(articles={1: f"{LINK} x"})
    sqlite.ask(
        "INSERT INTO posts (id, content) VALUES (2, CAST(x'e940' AS TEXT)), (3, x'4041'), (4, 5)",
    )
    before = sqlite.ask("SELECT id, hex(content), typeof(content) FROM posts WHERE id > 1")
    code, told = sqlite.backfill("--in-place")

    assert code == 1
    assert "id 2: not UTF-8 at byte 0" in told
    assert "id 3: a BLOB where text should be" in told
    assert sqlite.ask("SELECT content FROM posts WHERE id = 1") == [(f"{TARGET} x",)]
    assert sqlite.ask("SELECT id, hex(content), typeof(content) FROM posts WHERE id > 1") == before


def test_a_password_is_written_nowhere(postgres: Database) -> None:
    postgres.make(articles={1: LINK})
    url = postgres.engine.url.set(password=SECRET, drivername="postgresql").render_as_string(
        hide_password=False,
    )
    own = (
        "--state",
        str(postgres.folder / "s"),
        "--backup",
        str(postgres.folder / "b"),
        "--report",
        str(postgres.folder / "r"),
    )
    result = run("backfill", url, "--table", "posts", "--column", "content", "--in-place", *own)

    assert result.exit_code == 0, result.stderr
    assert SECRET not in result.stderr + result.stdout
    assert not [each for each in postgres.folder.iterdir() if SECRET.encode() in each.read_bytes()]


def test_a_password_may_stand_in_a_file_of_the_client(mysql: Database) -> None:
    mysql.make(articles={1: LINK})
    name = f"cms_{mysql.engine.url.database}"
    mysql.ask(f"CREATE USER {name}@'127.0.0.1' IDENTIFIED BY '{SECRET}'")
    mysql.ask(f"GRANT ALL ON {mysql.engine.url.database}.* TO {name}@'127.0.0.1'")
    (mysql.folder / "my.cnf").write_text(f"[client]\nuser = {name}\npassword = {SECRET}\n")
    place = f"mysql://127.0.0.1:{mysql.engine.url.port}/{mysql.engine.url.database}"
    arguments = ("--table", "posts", "--column", "content")

    assert (
        "1 would change"
        in run("backfill", f"{place}?read_default_file={mysql.folder}/my.cnf", *arguments).stderr
    )
    assert (
        "cannot be opened" in run("backfill", place.replace("//", f"//{name}@"), *arguments).stderr
    )


@pytest.mark.parametrize(
    "wish", [("--table", "posts", "--column", "content"), ("--preset=wordpress",)]
)
def test_an_address_of_mysql_without_a_database_is_told(
    wish: tuple[str, ...], mysql: Database
) -> None:
    url = mysql.engine.url.set(database="", drivername="mysql")
    result = run("backfill", url.render_as_string(hide_password=False), *wish)

    assert result.exit_code == 2
    assert result.stderr.endswith(
        "names no database; it stands behind the host: mysql://HOST/NAME\n"
    )


def test_rows_to_resolve_are_read_in_groups(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TWEET_EMBED_RECORDED", str(DEMO / "recorded"))
    articles = {number: f"{LINK} {number}" for number in range(1, 121)}
    database.make(articles=dict(articles))
    database.ask("DELETE FROM posts WHERE id = 7")
    told = sql_tracer.run(
        database.folder,
        ["backfill", database.url, "--table", "posts", "--column", "content", "--in-place"],
    )

    assert told.code == 0
    assert told.count[sql_tracer.RESOLVE] == 3  # 119 rows, 50 at once
    assert database.contents() == {
        number: f"{TARGET} {number}" for number in articles if number != 7
    }


def test_of_rows_read_together_one_edited_one_deleted_and_one_emptied_meanwhile(
    database: Database,
) -> None:
    database.make(articles={number: f"{LINK} {number}" for number in range(1, 6)})

    def edit(connection: Connection, time: int) -> None:
        if time == 1:
            connection.execute(text(f"UPDATE posts SET content = '{LINK} new' WHERE id = 3"))  # noqa: S608
            connection.execute(text("DELETE FROM posts WHERE id = 4"))
            connection.execute(text("UPDATE posts SET content = NULL WHERE id = 5"))

    assert run_with_edits(database, edit) == 0
    assert database.contents() == {
        1: f"{TARGET} 1",
        2: f"{TARGET} 2",
        3: f"{TARGET} new",
        5: None,
    }
