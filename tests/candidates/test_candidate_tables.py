import sqlite3
from collections.abc import Iterator

import pytest

from service.cache import candidate_tables as tables
from service.cache.candidate_tables import CandidateRow

ROW = CandidateRow("ada_l", "1988177428548464647", "index")


@pytest.fixture
def connection() -> Iterator[sqlite3.Connection]:
    opened = sqlite3.connect(":memory:", isolation_level=None)
    opened.executescript(tables.TABLES)
    opened.execute("CREATE TABLE takedowns (number INTEGER PRIMARY KEY, tweet_id TEXT UNIQUE, at)")
    yield opened
    opened.close()


def test_a_candidate_is_found_by_handle_and_range(connection: sqlite3.Connection) -> None:
    imported = CandidateRow("ada_l", ROW.tweet_id, "import")
    assert tables.add_candidates(connection, [ROW, ROW, imported]) == 2

    found = tables.candidates_between(connection, "ada_l", 1988033932293046272, 1988396320158646271)
    assert found == [imported, ROW]
    assert tables.candidates_between(connection, "ada_l", 1988396320158646272, 2**63 - 1) == []
    assert tables.candidates_between(connection, "bob", 0, 2**63 - 1) == []
    assert tables.count_candidates(connection) == {"index": 1, "import": 1}
    assert tables.count_handles(connection) == 1


def test_a_taken_down_tweet_is_no_candidate(connection: sqlite3.Connection) -> None:
    tables.add_candidates(connection, [ROW])
    connection.execute("INSERT INTO takedowns VALUES (1, ?, 0)", (ROW.tweet_id,))
    tables.forget_candidate(connection, ROW.tweet_id)

    assert tables.add_candidates(connection, [ROW]) == 0
    assert list(tables.all_candidates(connection)) == []


def test_candidates_are_forgotten_by_source_or_handle(connection: sqlite3.Connection) -> None:
    other = CandidateRow("bob", "1988177428548464648", "import")
    tables.add_candidates(connection, [ROW, other])

    assert tables.forget_candidates(connection, "import", "ada_l") == 0
    assert tables.forget_candidates(connection, "import", None) == 1
    assert tables.forget_candidates(connection, None, "ada_l") == 1


def test_a_budget_is_never_overrun(connection: sqlite3.Connection) -> None:
    granted = [tables.spend(connection, "x_api", "2025-11-11", 10, 25) for _ in range(3)]

    assert granted == [True, True, False]
    assert tables.spent(connection, "x_api", "2025-11-11") == 20
    assert not tables.spend(connection, "x_api", "2025-11-12", 30, 25)
    tables.give_back(connection, "x_api", "2025-11-11", 9)
    assert tables.spend(connection, "x_api", "2025-11-11", 10, 25)
    assert tables.spend(connection, "x_api", "2025-11-12", 10, 25)


def test_turns_are_a_gap_apart(connection: sqlite3.Connection) -> None:
    assert [tables.take_turn(connection, "wayback", 100, 2.5) for _ in range(3)] == [
        100,
        102.5,
        105,
    ]
    assert tables.take_turn(connection, "snapshot", 100, 2.5) == 100
    assert tables.take_turn(connection, "wayback", 200, 2.5) == 200


def test_a_pause_grows_until_an_answer(connection: sqlite3.Connection) -> None:
    ends = []
    for now in (0, 1000, 2000):
        tables.pause(connection, "wayback", now, 100)
        ends.append(tables.paused_until(connection, "wayback"))

    assert ends == [100, 1200, 2400]
    assert tables.take_turn(connection, "wayback", 2399, 1) is None
    assert tables.take_turn(connection, "wayback", 2400, 1) == 2400
    tables.add_search(connection, "wayback", "ada_l 2025-11-11", 9000)
    tables.pause(connection, "wayback", 5000, 100)
    assert tables.paused_until(connection, "wayback") == 5100
    for now in range(10_000, 60_000, 1000):
        tables.pause(connection, "wayback", now, 3600)
    assert tables.paused_until(connection, "wayback") == 59_000 + tables.LONGEST_PAUSE_S


def test_a_search_counts_for_its_time(connection: sqlite3.Connection) -> None:
    tables.add_search(connection, "wayback", "ada_l 2025-11-11", 500)

    assert tables.is_searched(connection, "wayback", "ada_l 2025-11-11", 499)
    assert not tables.is_searched(connection, "wayback", "ada_l 2025-11-11", 500)
    assert not tables.is_searched(connection, "x_api", "ada_l 2025-11-11", 0)
