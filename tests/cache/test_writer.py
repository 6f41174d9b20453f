"""What is kept is written a little later, many rows at once: whatever comes in between, nothing is
lost, and nothing that was taken down comes back.
"""

import asyncio
import sqlite3
import threading
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from store_rows import ID, row, run, words_of

from service.cache import candidate_tables
from service.cache.sqlite import MEMORY, TWEET
from service.cache.store import Store
from service.cache.writer import MOST_WAITING, TOGETHER_S
from service.candidates.source import SourceName
from service.candidates.store_ledger import StoreLedger


def words_in(store: Store, number: int = 0) -> bool:
    return store.recall(TWEET, str(int(ID) + number)) is not None


def remove_all(folder: Path) -> None:
    for part in folder.iterdir():
        part.unlink()


async def comes(what: Callable[[], bool]) -> None:
    """Wait until something is so, of itself."""
    until = time.monotonic() + 30
    while not what():
        assert time.monotonic() < until, "it never comes to it"
        await asyncio.sleep(0.01)


PLACES = ("file", MEMORY)


def place_of(kind: str, folder: Path) -> str:
    return kind if kind == MEMORY else str(folder / "c.db")


@pytest.mark.parametrize("kind", PLACES)
def test_it_is_written_without_being_asked_for(kind: str, tmp_path: Path) -> None:
    async def story(store: Store) -> None:
        store.keep(row(1))
        await comes(lambda: words_in(store, 1))
        store.keep(row(2))
        await comes(lambda: words_in(store, 2))
        for number in range(250):
            store.keep(row(number))
        await comes(lambda: all(words_in(store, number) for number in range(250)))

    run(place_of(kind, tmp_path), story)


@pytest.mark.parametrize("kind", PLACES)
def test_a_takedown_forgets_what_waits_and_counts_it(kind: str, tmp_path: Path) -> None:
    async def story(store: Store) -> None:
        store.keep(row(1))
        await store.flush()
        store.keep(row(1, at=time.time() + 1))
        store.keep(replace(row(1), lang="de"))
        store.keep(row(2))
        receipt = await store.take_down(row(1).subject)
        assert receipt.forgotten == 2
        store.keep(row(1, at=time.time() + 2))  # X answered meanwhile
        await store.flush()
        assert (store.answers(row(1).subject), words_in(store, 2)) == ([], True)
        assert store.unwritten_ids("ab") == set()
        assert [each.state for each in store.history(row(1).subject)] == ["embedded", "gone"]

    run(place_of(kind, tmp_path), story)
    kept = b"".join(each.read_bytes() for each in tmp_path.iterdir())
    assert b"words 1" not in kept


def test_a_takedown_that_a_round_of_writing_came_before_counts_too(tmp_path: Path) -> None:
    async def story(store: Store) -> None:
        store.keep(row(1))
        await store.flush()
        store.keep(row(2))
        may_go = threading.Event()
        store._writer.submit(may_go.wait)  # noqa: SLF001
        round_of_writing = asyncio.ensure_future(store.flush())
        await asyncio.sleep(0)
        takedown = asyncio.ensure_future(store.take_down(row(1).subject))
        await asyncio.sleep(0)
        may_go.set()
        await round_of_writing
        assert (await takedown).forgotten == 1

    run(tmp_path / "c.db", story)


def test_another_worker_brings_nothing_back_that_was_taken_down(tmp_path: Path) -> None:
    async def story(store: Store) -> None:
        other = Store(str(tmp_path / "c.db"))
        other.keep(row(1))
        await store.take_down(row(1).subject)
        await other.flush()
        assert other.answers(row(1).subject) == []
        await other.close()

    run(tmp_path / "c.db", story)
    kept = b"".join(each.read_bytes() for each in tmp_path.iterdir())
    assert b"words 1" not in kept


def test_what_was_locked_is_written_when_it_is_looked_at_again(tmp_path: Path) -> None:
    async def story(store: Store) -> None:
        await store.flush()
        store._opened.writer.execute("PRAGMA busy_timeout = 1")  # noqa: SLF001
        with closing(sqlite3.connect(tmp_path / "c.db", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            store.keep(row(1))
            await comes(lambda: store.trouble is not None)
            other.execute("ROLLBACK")

        def is_there() -> bool:
            store.look_again()
            return words_in(store, 1)

        await comes(is_there)

    run(tmp_path / "c.db", story)


@pytest.mark.parametrize("kind", PLACES)
def test_what_is_kept_without_a_loop_or_behind_one_that_ended_is_written(
    kind: str, tmp_path: Path
) -> None:
    store = Store(place_of(kind, tmp_path))

    async def kept() -> None:
        store.keep(row(1))

    asyncio.run(kept())
    store.keep(row(2))

    async def story() -> None:
        store.keep(row(3))
        await comes(lambda: all(words_in(store, number) for number in (1, 2, 3)))
        await store.close()

    asyncio.run(story())


def test_what_comes_after_the_end_is_not_written_and_troubles_nobody(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def story() -> None:
        for kind in PLACES:
            store = Store(place_of(kind, tmp_path))
            store.keep(row(1))
            await store.close()
            store.keep(row(2))
        await asyncio.sleep(2 * TOGETHER_S)

    asyncio.run(story())
    assert caplog.text == ""
    assert words_of(tmp_path / "c.db", 1)
    assert not words_of(tmp_path / "c.db", 2)


def test_a_file_replaced_meanwhile_gets_what_waits(tmp_path: Path) -> None:
    path = tmp_path / "c.db"

    async def story(store: Store) -> None:
        await store.take_down(row(2).subject)
        store.keep(row(1))
        store.keep(row(2))
        remove_all(tmp_path)
        store._looked_at = 0.0  # noqa: SLF001
        store.look_again()
        await comes(lambda: words_in(store, 1))
        assert not words_in(store, 2)

    run(path, story)
    assert words_of(path, 1)


def test_more_than_may_wait_behind_a_lock_costs_the_oldest(tmp_path: Path) -> None:
    async def story(store: Store) -> None:
        store._opened.writer.execute("PRAGMA busy_timeout = 1")  # noqa: SLF001
        with closing(sqlite3.connect(tmp_path / "c.db", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            for number in range(MOST_WAITING):
                store.keep(row(number))
            locked = asyncio.ensure_future(store.flush())
            store.keep(row(MOST_WAITING))
            await locked
            other.execute("ROLLBACK")
        await store.flush()
        assert words_in(store, MOST_WAITING)
        assert words_in(store, MOST_WAITING - 1)
        assert not words_in(store, 0)

    run(tmp_path / "c.db", story)


def test_what_x_has_just_shown_is_a_candidate_before_it_is_written(tmp_path: Path) -> None:
    async def story(store: Store) -> None:
        ledger = StoreLedger(store)
        imported = candidate_tables.CandidateRow("ab", row(1).subject, "import")
        await store.write_now(lambda db: candidate_tables.add_candidates(db, [imported]))
        with closing(sqlite3.connect(tmp_path / "c.db", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            store.keep(row(1))
            store.keep(replace(row(2), author="AB"))
            store.keep(row(3))
            store.keep(replace(row(4), author="cd"))
            await asyncio.sleep(2 * TOGETHER_S)  # one round of writing waits for the other
            store.keep(row(5))
            began = time.monotonic()
            known = ledger.known("ab", int(ID), int(ID) + 8)
            assert ledger.known("ab", int(ID), int(ID) + 1) == known[:1]
            assert time.monotonic() - began < 1.0
            other.execute("ROLLBACK")
        named = [(each.source, int(each.tweet_id) - int(ID)) for each in known]
        index = SourceName.INDEX
        assert named == [(SourceName.IMPORT, 1), (index, 2), (index, 3), (index, 5)]
        await store.flush()
        assert ledger.known("ab", int(ID), int(ID) + 8) == known
        assert store.unwritten_ids("ab") == set()

    run(tmp_path / "c.db", story)
