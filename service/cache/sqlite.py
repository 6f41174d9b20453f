"""The tables of the store, in SQLite: plain statements, nothing that waits. Every value is bound,
every row has a checksum.
"""

import os
import sqlite3
import zlib
from collections.abc import Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from service.cache import candidate_tables
from service.cache.codec import POLICY
from service.core.errors import TweetEmbedError

SCHEMA: Final = 2
_WITHOUT_CANDIDATES: Final = 1
_BEYOND_IDS: Final = 2**63
APPLICATION: Final = 0x74774545  # "twEE": that a file is ours
MEMORY: Final = ":memory:"
_HEAD_BYTES: Final = 100
_NO_ROOM: Final = frozenset({sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR})
TWEET: Final = "tweet"
LINK: Final = "link"

_TABLES: Final = """
CREATE TABLE answers (
  kind TEXT NOT NULL, subject TEXT NOT NULL, lang TEXT NOT NULL, policy INTEGER NOT NULL,
  checked_at REAL NOT NULL, fresh_until REAL NOT NULL, body TEXT NOT NULL, sum INTEGER NOT NULL,
  PRIMARY KEY (kind, subject, lang)
) WITHOUT ROWID;
CREATE TABLE history (
  tweet_id TEXT NOT NULL, at REAL NOT NULL, state TEXT NOT NULL, reason TEXT NOT NULL,
  PRIMARY KEY (tweet_id, at)
) WITHOUT ROWID;
CREATE TABLE takedowns (
  number INTEGER PRIMARY KEY, tweet_id TEXT NOT NULL UNIQUE, at REAL NOT NULL
);
"""
_KEEP: Final = """
INSERT INTO answers SELECT
  :kind, :subject, :lang, :policy, :checked_at, :fresh_until, :body, :sum
WHERE NOT EXISTS (SELECT 1 FROM takedowns WHERE :kind = 'tweet' AND tweet_id = :subject)
ON CONFLICT (kind, subject, lang) DO UPDATE SET
  policy = excluded.policy, checked_at = excluded.checked_at, fresh_until = excluded.fresh_until,
  body = excluded.body, sum = excluded.sum
WHERE excluded.checked_at >= answers.checked_at OR answers.policy <> excluded.policy
"""
_NOTE: Final = """
INSERT OR IGNORE INTO history SELECT :tweet_id, :at, :state, :reason
WHERE (:state, :reason) IS NOT (
  SELECT state, reason FROM history WHERE tweet_id = :tweet_id AND at <= :at
  ORDER BY at DESC LIMIT 1
)
"""


class StorePathError(TweetEmbedError):
    """No store may be at this path; whatever is there is left as it is. The message says why."""


class ForeignStoreError(StorePathError):
    """The file is a store of a later version, or somebody else's. It is left as it is."""


@dataclass(frozen=True, slots=True)
class Row:
    """An answer as stored. `lang` is "" where none was asked for; times are Unix seconds; `state`
    is the tweet's, for its history, `author` its handle, for the index.
    """

    kind: str
    subject: str
    lang: str
    checked_at: float
    fresh_until: float
    body: str
    state: str = ""
    author: str = ""

    @property
    def sum(self) -> int:
        """Its checksum."""
        return zlib.crc32(
            f"{self.kind} {self.subject} {self.lang} {self.checked_at!r} {self.body}".encode(),
        )


@dataclass(frozen=True, slots=True)
class StateChange:
    """One entry of a tweet's history: since when (Unix seconds) it has been in this state."""

    at: float
    state: str
    reason: str


def connect(path: str, *, busy_s: float, make: bool = True) -> sqlite3.Connection:
    """Open a store, made if there is none and `make` allows it. Writes wait `busy_s` seconds.

    Only this user can read a file that is made. Raise `StorePathError` where no store may be, or
    none is, and `sqlite3.Error` or `OSError` where it fails.
    """
    if path != MEMORY:
        _check_place(path, make=make)
    connection = sqlite3.connect(
        path,
        timeout=busy_s,
        isolation_level=None,
        check_same_thread=False,
    )
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("PRAGMA secure_delete = ON")  # deleted words are overwritten with zeros
        connection.execute("PRAGMA trusted_schema = OFF")
        _make(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def _check_place(path: str, *, make: bool) -> None:
    """Look at what is at `path` without touching it; make an empty file that is ours alone."""
    place = Path(path)
    if not place.parent.is_dir():
        message = f"there is no folder {str(place.parent)!r}; make it first"
        raise StorePathError(message)
    if place.exists() and not (place.is_file() or place.is_dir()):
        message = "it is no regular file"  # of /dev/null the rights would be taken from all others
        raise StorePathError(message)
    try:
        with place.open("rb") as file:
            head = file.read(_HEAD_BYTES)
    except FileNotFoundError:
        if not make:
            message = "there is no store yet"
            raise StorePathError(message) from None
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        return
    except IsADirectoryError:
        message = "it is a folder"
        raise StorePathError(message) from None
    if head and not _is_ours(place, head):
        message = "it is no store of tweet-embed, and is left as it is"
        raise ForeignStoreError(message)
    for suffix in ("", "-wal", "-shm"):
        part = Path(path + suffix)
        with suppress(OSError):  # somebody else's, or gone
            if part.stat().st_mode & 0o077:
                part.chmod(0o600)


def _is_ours(place: Path, head: bytes) -> bool:
    """Return whether a file is a store, by its head (sqlite.org/fileformat2.html, 1.3).

    A store that was being made when its process was killed says so in its log alone.
    """
    if not head.startswith(b"SQLite format 3\0") or len(head) < _HEAD_BYTES:
        return False
    application = int.from_bytes(head[68:72], "big")
    if application != 0:
        return application == APPLICATION
    try:
        with closing(sqlite3.connect(f"{place.absolute().as_uri()}?mode=ro", uri=True)) as made:
            tables = made.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]
            told = made.execute("PRAGMA application_id").fetchone()[0]
    except sqlite3.Error as error:
        if getattr(error, "sqlite_errorcode", 0) & 0xFF in _NO_ROOM:
            raise  # nobody can look into it now
        return False
    return bool(told == APPLICATION) or tables == 0


def empty_log(connection: sqlite3.Connection) -> bool:
    """Write the log back into the file and empty it; return False while somebody reads it."""
    busy = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
    return not busy


def forget_half(connection: sqlite3.Connection) -> None:
    """Delete the older half of the answers, and half of the index of their authors."""
    middle = connection.execute(
        "SELECT checked_at FROM answers ORDER BY checked_at"
        " LIMIT 1 OFFSET (SELECT count(*) / 2 FROM answers)",
    ).fetchone()
    purge(connection, middle[0] if middle else 0.0)
    candidate_tables.forget_half(connection)


def _make(connection: sqlite3.Connection) -> None:
    application, version = (
        connection.execute(f"PRAGMA {name}").fetchone()[0]
        for name in ("application_id", "user_version")
    )
    if (application, version) == (APPLICATION, SCHEMA):
        return
    connection.execute("BEGIN IMMEDIATE")
    try:
        application, version = (
            connection.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("application_id", "user_version")
        )
        empty = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0] == 0
        if (application, version) != (APPLICATION, SCHEMA):  # else another worker was quicker
            if (application, version) == (APPLICATION, _WITHOUT_CANDIDATES):
                statements = candidate_tables.TABLES + candidate_tables.FROM_ANSWERS
            elif empty:
                statements = _TABLES + candidate_tables.TABLES
            else:
                message = f"it is a store of another version of tweet-embed (schema {version})"
                raise ForeignStoreError(message)  # noqa: TRY301 - rolled back like any other
            for statement in statements.split(";\n"):
                connection.execute(statement)
            connection.execute(f"PRAGMA application_id = {APPLICATION}")
            connection.execute(f"PRAGMA user_version = {SCHEMA}")
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


def write(connection: sqlite3.Connection, rows: Sequence[Row]) -> None:
    """Keep answers, all or none of them. An older one does not replace a newer one; what was taken
    down does not come back.
    """
    connection.execute("BEGIN IMMEDIATE")
    try:
        for row in rows:
            connection.execute(_KEEP, _values(row))
            if row.state and not is_taken_down(connection, row.subject):
                add_history(connection, row.subject, StateChange(row.checked_at, row.state, ""))
            if row.author and int(row.subject) < _BEYOND_IDS:
                candidate_tables.add_author(connection, row.author, row.subject)
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


def _values(row: Row) -> dict[str, str | float]:
    return {
        "kind": row.kind,
        "subject": row.subject,
        "lang": row.lang,
        "checked_at": row.checked_at,
        "fresh_until": row.fresh_until,
        "body": row.body,
        "policy": POLICY,
        "sum": row.sum,
    }


def take_down(connection: sqlite3.Connection, tweet_id: str, at: float) -> int:
    """Forget a tweet's answers and remember that it was taken down; on the disk when this returns.
    Gives how many were forgotten.
    """
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("BEGIN IMMEDIATE")
    try:
        connection.execute(
            "INSERT OR IGNORE INTO takedowns (tweet_id, at) VALUES (?, ?)",
            (tweet_id, at),
        )
        add_history(connection, tweet_id, StateChange(at, "gone", "takedown"))
        forgotten = connection.execute(
            "DELETE FROM answers WHERE kind = 'tweet' AND subject = ?",
            (tweet_id,),
        ).rowcount
        candidate_tables.forget_candidate(connection, tweet_id)
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")
    connection.execute("PRAGMA synchronous = NORMAL")
    return forgotten


def add_history(connection: sqlite3.Connection, tweet_id: str, change: StateChange) -> None:
    """Add an entry to a tweet's history, if it says something new."""
    told = {"at": change.at, "state": change.state, "reason": change.reason}
    connection.execute(_NOTE, {"tweet_id": tweet_id, **told})


def recall(connection: sqlite3.Connection, kind: str, subject: str, lang: str) -> Row | None:
    """Read one answer; None if there is none of this policy, or it is damaged."""
    found = connection.execute(
        "SELECT checked_at, fresh_until, body, sum FROM answers WHERE kind = ? AND subject = ? AND"
        " lang = ? AND policy = ?",
        (kind, subject, lang, POLICY),
    ).fetchone()
    return None if found is None else _row(kind, subject, lang, *found)


def all_answers(
    connection: sqlite3.Connection,
    subject: str | None = None,
    *,
    until: float | None = None,
) -> Iterator[Row]:
    """Read every sound answer: of one tweet, or those checked at `until` or before, or all."""
    condition, values = "1", list[str | float]()
    if subject is not None:
        condition, values = "kind = 'tweet' AND subject = ?", [subject]
    elif until is not None:
        condition, values = "checked_at <= ?", [until]
    # of constants
    query = (
        "SELECT kind, subject, lang, checked_at, fresh_until, body, sum"  # noqa: S608
        f" FROM answers WHERE policy = {POLICY} AND {condition}"
    )
    for found in connection.execute(query, values):
        row = _row(*found)
        if row is not None:
            yield row


def history(
    connection: sqlite3.Connection,
    tweet_id: str | None = None,
) -> Iterator[tuple[str, StateChange]]:
    """Read the history of a tweet, or of all, in order."""
    query = (
        "SELECT tweet_id, at, state, reason FROM history"
        " WHERE :tweet_id IS NULL OR tweet_id = :tweet_id ORDER BY tweet_id, at"
    )
    for found in connection.execute(query, {"tweet_id": tweet_id}):
        yield found[0], StateChange(*found[1:])


def takedowns(connection: sqlite3.Connection, after: int = 0) -> list[tuple[int, str, float]]:
    """Read what was taken down since entry `after`: its number, the tweet, when."""
    return connection.execute(
        "SELECT number, tweet_id, at FROM takedowns WHERE number > ? ORDER BY number",
        (after,),
    ).fetchall()


def is_taken_down(connection: sqlite3.Connection, tweet_id: str) -> bool:
    """Return whether a tweet was taken down."""
    return (
        connection.execute("SELECT 1 FROM takedowns WHERE tweet_id = ?", (tweet_id,)).fetchone()
        is not None
    )


def purge(connection: sqlite3.Connection, until: float) -> int:
    """Delete the answers checked at `until` or before; histories and takedowns stay. Gives how
    many.
    """
    return connection.execute("DELETE FROM answers WHERE checked_at <= ?", (until,)).rowcount


def counts(connection: sqlite3.Connection) -> dict[str, int]:
    """Count what is there."""
    queries = {
        "tweets": "SELECT count(DISTINCT subject) FROM answers WHERE kind = 'tweet'",
        "links": "SELECT count(*) FROM answers WHERE kind = 'link'",
        "histories": "SELECT count(DISTINCT tweet_id) FROM history",
        "takedowns": "SELECT count(*) FROM takedowns",
        "candidates": "SELECT count(*) FROM candidates",
    }
    return {name: int(connection.execute(query).fetchone()[0]) for name, query in queries.items()}


def _row(
    kind: object,
    subject: object,
    lang: object,
    checked_at: object,
    fresh_until: object,
    body: object,
    told: object,
) -> Row | None:
    """Make a row of what was read, None if it is not what was written."""
    texts = (kind, subject, lang, body)
    if not all(isinstance(each, str) for each in texts) or not all(
        isinstance(each, float) for each in (checked_at, fresh_until)
    ):
        return None
    # looked at above
    row = Row(kind, subject, lang, checked_at, fresh_until, body)  # type: ignore[arg-type]
    try:
        return row if row.sum == told else None
    except UnicodeEncodeError:
        return None
