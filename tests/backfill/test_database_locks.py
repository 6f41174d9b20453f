"""Our own locks: one run at a time on a column, or one on each part of it, also after connections
were lost.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from archives import LINK, TARGET, Silent, run
from databases import LOCK_WAIT_S, WHOLE, Database, cut, database_of, run_with_edits

from service.backfill.archive_errors import GuardError, UsageError
from service.backfill.database.advisory_locks import LOOK_EVERY_S, ColumnLock
from service.backfill.database.connection import open_database, read_address
from service.backfill.plan import Shard


def another_run(database: Database) -> tuple[int, str]:
    """Run the command on the same column beside the first one, with a checkpoint and a backup of
    its own.
    """
    own = (
        "--state",
        str(database.folder / "other"),
        "--backup",
        str(database.folder / "c.jsonl"),
        "--in-place",
    )
    result = run(
        "backfill",
        database.url,
        "--table",
        "posts",
        "--column",
        "content",
        *own,
    )
    assert "Traceback" not in result.stderr
    return result.exit_code, result.stderr


@contextmanager
def locking(database: Database) -> Iterator[Callable[[Shard], None]]:
    """Return what locks the column as another run does, until the end of the block."""
    opened = open_database(read_address(database.url), LOCK_WAIT_S)
    with ExitStack() as stack:
        stack.callback(opened.engine.dispose)

        def take(shard: Shard) -> None:
            for left in reversed(range(50)):
                try:
                    stack.callback(ColumnLock(opened, "posts.content", shard).close)
                except UsageError:  # a server may take a while to see that a connection is gone
                    assert left
                    time.sleep(0.1)
                else:
                    return

        yield take


class AfterChange(Silent):
    """Does something after some of the changes."""

    def __init__(self, do: dict[int, Callable[[], object]]) -> None:
        self._do = do
        self._writing = False

    # the way of a progress
    def step(self, name: str, total: int, unit: str = "") -> None:  # noqa: ARG002
        self._writing = name == "rewrite"

    def advance(self, done: int) -> None:
        if self._writing and done in self._do:
            self._do.pop(done)()


def lose_connections(database: Database) -> None:
    with database.engine.connect() as connection:
        cut(connection)


@pytest.mark.parametrize("kind", ["postgresql", "mysql"])
def test_a_lock_lost_with_a_connection_is_taken_again(
    kind: str,
    request: pytest.FixtureRequest,
    tmp_path: Path,
) -> None:
    with database_of(kind, request, tmp_path) as database:
        database.make(articles={number: f"{LINK} {number}" for number in range(1, 10)})
        seen: list[tuple[int, str]] = []
        doing = AfterChange(
            {2: lambda: lose_connections(database), 4: lambda: seen.append(another_run(database))},
        )

        assert run_with_edits(database, lambda *_: None, progress=doing) == 0
        assert seen[0][0] == 2
        assert "another run is at work on it" in seen[0][1]
        assert another_run(database)[0] == 0


def test_a_lock_is_missed_though_its_connection_alone_was_lost(postgres: Database) -> None:
    postgres.make(articles={number: f"{LINK} {number}" for number in range(1, 10)})
    seen: list[tuple[int, str]] = []

    def lose() -> None:
        postgres.ask("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'")
        time.sleep(1.5 * LOOK_EVERY_S)

    doing = AfterChange({2: lose, 4: lambda: seen.append(another_run(postgres))})
    assert run_with_edits(postgres, lambda *_: None, progress=doing) == 0
    assert seen[0][0] == 2


@pytest.mark.parametrize("kind", ["postgresql", "mysql"])
def test_a_lock_that_another_run_has_meanwhile_stops_it(
    kind: str,
    request: pytest.FixtureRequest,
    tmp_path: Path,
) -> None:
    with database_of(kind, request, tmp_path) as database, locking(database) as take:
        database.make(articles={number: f"{LINK} {number}" for number in range(1, 10)})

        def lose() -> None:
            lose_connections(database)
            take(Shard())

        told = (
            r"posts\.content: our lock was lost with a connection, and another run is at work on it"
            r" now; wait for its end, then run"
        )
        with pytest.raises(GuardError, match=told):
            run_with_edits(database, lambda *_: None, progress=AfterChange({2: lose}))
        assert database.contents() == {
            number: f"{TARGET if number < 3 else LINK} {number}" for number in range(1, 10)
        }


def test_a_part_and_the_whole_keep_out_of_each_others_way(database: Database) -> None:
    """Two parts do not."""
    database.make(articles={1: LINK})

    def is_refused(shard: Shard = WHOLE) -> bool:
        try:
            assert run_with_edits(database, shard=shard) == 0
        except UsageError as error:
            assert "another run is at work on it" in str(error)  # noqa: PT017 - or it is not
            return True
        return False

    with locking(database) as take:
        take(Shard())
        assert is_refused(Shard(1, 2))
        assert is_refused()
    with locking(database) as take:
        take(Shard(1, 2))
        assert is_refused()
        if database.kind != "sqlite":  # there is no lock but the one on its file
            assert is_refused(Shard(1, 2))
        assert not is_refused(Shard(2, 2))
        assert is_refused()
    assert not is_refused()
