"""The tweets that an archive states, by author, in the checkpoint: there its flattened ones are.

A checkpoint from before there were such notes gets their table when it is opened.
"""

import sqlite3
from collections.abc import Iterable, Iterator

from service.cache.candidate_tables import CandidateRow
from service.candidates.ledger import KnownId
from service.candidates.source import SourceName

_TABLE = """
CREATE TABLE IF NOT EXISTS candidate (
  handle TEXT NOT NULL, tweet_id INTEGER NOT NULL, source TEXT NOT NULL, article TEXT NOT NULL,
  PRIMARY KEY (handle, tweet_id, source, article)
) WITHOUT ROWID
"""
_MOST_OF_A_DAY = 200
_BEYOND_IDS = 2**63
_AT_ONCE = 5000


def article_key(file: str, article_id: str | None) -> str | None:
    """Return how an article is named in the notes; None where nothing tells it from others."""
    return None if article_id is None else f"{file} {article_id}"


class CandidateNotes:
    """Notes in an open checkpoint, in one transaction with the articles they were seen in."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        """Make their table if there is none."""
        self._db = connection
        self._db.execute(_TABLE)

    def add(self, rows: Iterable[CandidateRow]) -> None:
        """Note tweets, each once."""
        self._db.executemany(
            "INSERT OR IGNORE INTO candidate VALUES (?, ?, ?, ?)",
            (
                (row.handle, int(row.tweet_id), row.source, row.article)
                for row in rows
                if int(row.tweet_id) < _BEYOND_IDS
            ),
        )

    def known(self, handle: str, lowest: int, highest: int) -> list[KnownId]:
        """Return what was noted of a handle within a range of ids."""
        query = (
            "SELECT source, tweet_id, article FROM candidate"
            " WHERE handle = ? AND tweet_id BETWEEN ? AND ? ORDER BY tweet_id, source LIMIT ?"
        )
        found = self._db.execute(query, (handle, lowest, highest, _MOST_OF_A_DAY))
        return [
            KnownId(SourceName(source), str(tweet_id), article)
            for source, tweet_id, article in found
        ]

    def groups(self) -> Iterator[list[CandidateRow]]:
        """Return all of them, some thousands at a time; none may be added meanwhile."""
        rows = self._db.execute("SELECT handle, tweet_id, source, article FROM candidate")
        while group := [
            CandidateRow(handle, str(tweet_id), source, article)
            for handle, tweet_id, source, article in rows.fetchmany(_AT_ONCE)
        ]:
            yield group
