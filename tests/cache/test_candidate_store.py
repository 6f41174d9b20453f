"""The index of tweets by author within the store: filled by answers, emptied by takedowns."""

import asyncio
import sqlite3
from contextlib import closing
from functools import partial
from pathlib import Path

from service.cache import candidate_tables as tables
from service.cache import sqlite
from service.cache.adapters import tweet_row
from service.cache.candidate_tables import CandidateRow
from service.cache.entries import StoredAnswer
from service.cache.store import Store
from service.core.model import Tweet, TweetRef, TweetText

ID = "1988177428548464647"
TWEET = Tweet(ID, "Ada", "Ada_L", (TweetText("Rain again"),), "en", "ltr", "November 11, 2025")
ROW = tweet_row((TweetRef(ID), None), StoredAnswer(TWEET, 1000.0, 2000.0))


def known(connection: sqlite3.Connection) -> list[CandidateRow]:
    return list(tables.all_candidates(connection))


def test_an_answer_of_x_is_in_the_index(tmp_path: Path) -> None:
    with closing(sqlite.connect(str(tmp_path / "store"), busy_s=1)) as connection:
        sqlite.write(connection, [ROW])

        assert known(connection) == [CandidateRow("ada_l", ID, "index")]
        assert sqlite.counts(connection)["candidates"] == 1


def test_what_a_source_found_stays_its_find(tmp_path: Path) -> None:
    with closing(sqlite.connect(str(tmp_path / "store"), busy_s=1)) as connection:
        tables.add_candidates(connection, [CandidateRow("ada_l", ID, "wayback")])
        sqlite.write(connection, [ROW])

        assert known(connection) == [CandidateRow("ada_l", ID, "wayback")]


def test_a_takedown_takes_it_out_of_the_index(tmp_path: Path) -> None:
    with closing(sqlite.connect(str(tmp_path / "store"), busy_s=1)) as connection:
        sqlite.write(connection, [ROW])
        sqlite.take_down(connection, ID, 3000.0)
        sqlite.write(connection, [ROW])
        tables.add_candidates(connection, [CandidateRow("ada_l", ID, "import")])

        assert known(connection) == []


def test_a_store_of_before_is_opened_with_its_answers_in_the_index(tmp_path: Path) -> None:
    path = str(tmp_path / "store")
    other = "1988200000000000000"
    with closing(sqlite.connect(path, busy_s=1)) as connection:
        sqlite.write(connection, [ROW])
        sqlite.take_down(connection, other, 3000.0)
        connection.execute("DROP INDEX candidates_by_id")
        for table in ("candidates", "searches", "sources", "spending"):
            connection.execute(f"DROP TABLE {table}")
        connection.execute("PRAGMA user_version = 1")
    with closing(sqlite.connect(path, busy_s=1)) as connection:
        assert known(connection) == [CandidateRow("ada_l", ID, "index")]
        assert sqlite.recall(connection, sqlite.TWEET, ID, "") is not None
        assert sqlite.is_taken_down(connection, other)
        assert connection.execute("PRAGMA user_version").fetchone() == (sqlite.SCHEMA,)
    asyncio.run(Store(path).close())


def test_a_store_in_memory_makes_room_in_its_index() -> None:
    store = Store(":memory:", memory_bytes=1024 * 1024)
    try:
        for number in range(0, 100_000, 1000):
            rows = [CandidateRow("a", str((number + each) << 22), "index") for each in range(1000)]
            asyncio.run(store.write_now(partial(tables.add_candidates, rows=rows)))
        count = store.counts()["candidates"]
    finally:
        asyncio.run(store.close())

    assert 1000 <= count < 100_000
