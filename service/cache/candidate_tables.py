"""The store's tables of candidates: ids known by handle, what was searched, at what cost.

Plain statements over an open connection, as in `sqlite.py`. An id is a number here: a UTC day is a
range.
"""

import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

MOST_OF_A_DAY: Final = 200
"""Candidates of one handle and day that are looked at.
"""
LONGEST_PAUSE_S: Final = 86_400.0

TABLES: Final = """
CREATE TABLE candidates (
  handle TEXT NOT NULL, tweet_id INTEGER NOT NULL, source TEXT NOT NULL, article TEXT NOT NULL,
  PRIMARY KEY (handle, tweet_id, source, article)
) WITHOUT ROWID;
CREATE INDEX candidates_by_id ON candidates (tweet_id);
CREATE TABLE searches (
  source TEXT NOT NULL, question TEXT NOT NULL, until REAL NOT NULL,
  PRIMARY KEY (source, question)
) WITHOUT ROWID;
CREATE TABLE sources (
  source TEXT PRIMARY KEY, next_at REAL NOT NULL DEFAULT 0,
  paused_until REAL NOT NULL DEFAULT 0, strikes INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
CREATE TABLE spending (
  source TEXT NOT NULL, day TEXT NOT NULL, amount INTEGER NOT NULL, PRIMARY KEY (source, day)
) WITHOUT ROWID;
"""
FROM_ANSWERS: Final = """
INSERT OR IGNORE INTO candidates
SELECT lower(json_extract(body, '$.author_handle')), CAST(subject AS INTEGER), 'index', ''
FROM answers WHERE kind = 'tweet' AND json_valid(body)
  AND json_extract(body, '$.author_handle') <> '' AND length(subject) < 20
  AND subject NOT IN (SELECT tweet_id FROM takedowns);
"""
"""Fills the index of a store from before there was one with what its answers tell."""
_ADD: Final = """
INSERT OR IGNORE INTO candidates SELECT :handle, :tweet_id, :source, :article
WHERE NOT EXISTS (SELECT 1 FROM takedowns WHERE tweet_id = CAST(:tweet_id AS TEXT))
"""
_ADD_AUTHOR: Final = """
INSERT OR IGNORE INTO candidates SELECT :handle, :tweet_id, 'index', ''
WHERE NOT EXISTS (SELECT 1 FROM takedowns WHERE tweet_id = CAST(:tweet_id AS TEXT))
AND NOT EXISTS (SELECT 1 FROM candidates WHERE handle = :handle AND tweet_id = :tweet_id)
"""
_SPEND: Final = """
INSERT INTO spending VALUES (:source, :day, :amount)
ON CONFLICT (source, day) DO UPDATE SET amount = amount + excluded.amount
WHERE amount + excluded.amount <= :most
"""
_PAUSE: Final = """
INSERT INTO sources (source, paused_until, strikes) VALUES (:source, :now + :seconds, 1)
ON CONFLICT (source) DO UPDATE SET strikes = strikes + 1,
  paused_until = max(paused_until, :now + min(:seconds * (1 << min(strikes, 10)), :longest))
"""
_PAUSE_UNTIL: Final = """
INSERT INTO sources (source, paused_until) VALUES (:source, :until)
ON CONFLICT (source) DO UPDATE SET paused_until = max(paused_until, excluded.paused_until)
"""
_TURN: Final = """
INSERT INTO sources (source, next_at) VALUES (:source, :now)
ON CONFLICT (source) DO UPDATE SET next_at = max(next_at, :now - :gap) + :gap
WHERE paused_until <= :now RETURNING next_at
"""


@dataclass(frozen=True, slots=True)
class CandidateRow:
    """An id that a source named for a handle (in lower case).

    `article` is the address or key of the article of which an earlier version stated it, "" for
    what no article stated.
    """

    handle: str
    tweet_id: str
    source: str
    article: str = ""


def add_candidates(connection: sqlite3.Connection, rows: Iterable[CandidateRow]) -> int:
    """Add what is not known yet and was not taken down; return how many were."""
    before = connection.total_changes
    values = (
        {
            "handle": row.handle,
            "tweet_id": int(row.tweet_id),
            "source": row.source,
            "article": row.article,
        }
        for row in rows
    )
    connection.executemany(_ADD, values)
    return connection.total_changes - before


def add_author(connection: sqlite3.Connection, handle: str, tweet_id: str) -> None:
    """Add what an answer of X tells, unless a source named it before: then it was its find."""
    connection.execute(_ADD_AUTHOR, {"handle": handle.lower(), "tweet_id": int(tweet_id)})


def candidates_between(
    connection: sqlite3.Connection, handle: str, lowest: int, highest: int
) -> list[CandidateRow]:
    """Return what is known of a handle within a range of ids."""
    query = (
        "SELECT tweet_id, source, article FROM candidates"
        " WHERE handle = ? AND tweet_id BETWEEN ? AND ? "
        "ORDER BY tweet_id, source LIMIT ?"
    )
    found = connection.execute(query, (handle, lowest, highest, MOST_OF_A_DAY))
    return [CandidateRow(handle, str(each[0]), *each[1:]) for each in found]


def forget_candidate(connection: sqlite3.Connection, tweet_id: str) -> None:
    """Delete an id, whoever named it."""
    connection.execute("DELETE FROM candidates WHERE tweet_id = CAST(? AS INTEGER)", (tweet_id,))


def forget_candidates(
    connection: sqlite3.Connection, source: str | None, handle: str | None
) -> int:
    """Delete what a source named, of a handle, or all; None is every one. Return how many."""
    if handle is None:
        connection.execute(
            "DELETE FROM searches WHERE :source IS NULL OR source = :source", {"source": source}
        )
    return connection.execute(
        "DELETE FROM candidates WHERE (:source IS NULL OR source = :source)"
        " AND (:handle IS NULL OR handle = :handle)",
        {"source": source, "handle": handle},
    ).rowcount


def forget_half(connection: sqlite3.Connection) -> None:
    """Delete the older half of the tweets in the index, to make room."""
    connection.execute(
        "DELETE FROM candidates WHERE source = 'index' AND tweet_id <= (SELECT tweet_id"
        " FROM candidates ORDER BY tweet_id LIMIT 1 OFFSET (SELECT count(*) / 2 FROM candidates))"
    )


def count_candidates(connection: sqlite3.Connection) -> dict[str, int]:
    """Count the ids of each source."""
    return dict(
        connection.execute(
            "SELECT source, count(DISTINCT tweet_id) FROM candidates GROUP BY source"
        ).fetchall()
    )


def count_tweets(connection: sqlite3.Connection) -> int:
    """Count the different tweets."""
    return int(connection.execute("SELECT count(DISTINCT tweet_id) FROM candidates").fetchone()[0])


def count_handles(connection: sqlite3.Connection) -> int:
    """Count the different handles."""
    return int(connection.execute("SELECT count(DISTINCT handle) FROM candidates").fetchone()[0])


def all_candidates(connection: sqlite3.Connection) -> Iterator[CandidateRow]:
    """Return every candidate, by handle."""
    query = "SELECT handle, tweet_id, source, article FROM candidates"
    for handle, tweet_id, source, article in connection.execute(query):
        yield CandidateRow(handle, str(tweet_id), source, article)


def is_searched(connection: sqlite3.Connection, source: str, question: str, now: float) -> bool:
    """Return whether a source was asked this, and its answer still holds. `now` is Unix time."""
    query = "SELECT 1 FROM searches WHERE source = ? AND question = ? AND until > ?"
    return connection.execute(query, (source, question, now)).fetchone() is not None


def add_search(connection: sqlite3.Connection, source: str, question: str, until: float) -> None:
    """Remember that a source was asked this."""
    connection.execute(
        "INSERT OR REPLACE INTO searches VALUES (?, ?, ?)", (source, question, until)
    )
    connection.execute("UPDATE sources SET strikes = 0 WHERE source = ?", (source,))


def record_search(
    connection: sqlite3.Connection,
    source: str,
    question: str,
    until: float,
    rows: Iterable[CandidateRow],
) -> None:
    """Remember a search and what it named, in one."""
    add_candidates(connection, rows)
    add_search(connection, source, question, until)


def paused_until(connection: sqlite3.Connection, source: str) -> float:
    """Return until when a source is left alone, as Unix time; 0 where it is not."""
    found = connection.execute(
        "SELECT paused_until FROM sources WHERE source = ?", (source,)
    ).fetchone()
    return 0.0 if found is None else float(found[0])


def pause(connection: sqlite3.Connection, source: str, now: float, seconds: float) -> None:
    """Leave a source alone for so many seconds, twice as many each time until it answers again."""
    values = {"source": source, "now": now, "seconds": seconds, "longest": LONGEST_PAUSE_S}
    connection.execute(_PAUSE, values)


def pause_until(connection: sqlite3.Connection, source: str, until: float) -> None:
    """Leave a source alone until a Unix time, however often that was so before."""
    connection.execute(_PAUSE_UNTIL, {"source": source, "until": until})


def take_turn(
    connection: sqlite3.Connection, source: str, now: float, gap_s: float
) -> float | None:
    """Reserve the next request to a source, `gap_s` after the one before.

    Return its Unix time, None while the source is left alone.
    """
    found = connection.execute(_TURN, {"source": source, "now": now, "gap": gap_s}).fetchone()
    return None if found is None else float(found[0])


def spend(connection: sqlite3.Connection, source: str, day: str, amount: int, most: int) -> bool:
    """Set an amount aside out of a day's; return False, and set none, where there is less left."""
    if amount > most:
        return False
    values = {"source": source, "day": day, "amount": amount, "most": most}
    return connection.execute(_SPEND, values).rowcount == 1


def give_back(connection: sqlite3.Connection, source: str, day: str, amount: int) -> None:
    """Release what was set aside and not used."""
    connection.execute(
        "UPDATE spending SET amount = max(0, amount - ?) WHERE source = ? AND day = ?",
        (amount, source, day),
    )


def spent(connection: sqlite3.Connection, source: str, day: str) -> int:
    """Return what of a day's amount is used or set aside."""
    found = connection.execute(
        "SELECT amount FROM spending WHERE source = ? AND day = ?", (source, day)
    ).fetchone()
    return 0 if found is None else int(found[0])


def spent_ever(connection: sqlite3.Connection, source: str) -> int:
    """Return what is used or set aside of the amounts of all days."""
    query = "SELECT coalesce(sum(amount), 0) FROM spending WHERE source = ?"
    return int(connection.execute(query, (source,)).fetchone()[0])
