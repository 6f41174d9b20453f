"""Store what exports of tweets name: ids, authors and days, a few thousand at a time."""

import sqlite3
from collections.abc import Callable, Iterable
from itertools import islice
from pathlib import Path
from typing import Final, NamedTuple

from service.cache.candidate_tables import CandidateRow, add_candidates
from service.candidates.imports.reader import read_path
from service.candidates.source import Named, SourceName

AT_ONCE: Final = 5000


class TakenIn(NamedTuple):
    """How many tweets were in exports, and of how many nothing was known before."""

    tweets: int
    new: int


def take_in(
    connection: sqlite3.Connection,
    paths: Iterable[Path],
    handle: str | None,
    refuse: Callable[[str, str], None],
) -> TakenIn:
    """Note the tweets of exports. What is taken in again changes nothing.

    `handle` is whose they are where nothing tells. `refuse` is told each row that is left out: its
    place, and why. Raises `OSError`, `ValueError` for an export that cannot be read, and
    `sqlite3.Error`; what came before it is kept.
    """
    rows = (row for path in paths for row in read_path(path, handle))
    tweets = new = 0
    while group := list(islice(rows, AT_ONCE)):
        for row in group:
            if row.refused is not None:
                refuse(row.place, row.refused)
        named = [row.named for row in group if row.named is not None]
        tweets += len(named)
        new += _add(connection, named)
    return TakenIn(tweets, new)


def _add(connection: sqlite3.Connection, named: list[Named]) -> int:
    found = (CandidateRow(each.handle, each.tweet_id, SourceName.IMPORT) for each in named)
    connection.execute("BEGIN IMMEDIATE")
    try:
        new = add_candidates(connection, found)
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")
    return new
