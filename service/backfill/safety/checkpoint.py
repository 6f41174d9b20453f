"""The checkpoint: what became of each article, decided and kept, in SQLite. After a kill the next
run goes on with it.
"""

import os
import sqlite3
from array import array
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from service.backfill.archive_errors import UsageError
from service.backfill.safety.article_outcome import ArticleOutcome
from service.backfill.safety.candidate_notes import CandidateNotes
from service.backfill.safety.detection_notes import DetectionNotes, sql_marks

_APPLICATION = 0x74774246  # "twBF": that a file is ours
_SCHEMA = 1
_TABLES = """
CREATE TABLE job (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE article (
  place INTEGER PRIMARY KEY, file TEXT NOT NULL, n INTEGER NOT NULL, start INTEGER NOT NULL,
  size INTEGER NOT NULL, id TEXT, status TEXT NOT NULL, before_sum TEXT, after_sum TEXT,
  after BLOB, told TEXT NOT NULL, run INTEGER NOT NULL,
  UNIQUE (file, n)
);
CREATE INDEX open ON article (status, place);
CREATE TABLE mention (kind TEXT NOT NULL, subject TEXT NOT NULL, PRIMARY KEY (kind, subject))
  WITHOUT ROWID;
"""
_PUT = """
INSERT INTO article
  (file, n, start, size, id, status, before_sum, after_sum, after, told, run)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (file, n) DO UPDATE SET start = excluded.start, size = excluded.size, id = excluded.id,
  status = excluded.status, before_sum = excluded.before_sum, after_sum = excluded.after_sum,
  after = excluded.after, told = excluded.told, run = excluded.run
"""
_CHANGES_AT_ONCE = 50
_COLUMNS = "place, file, n, start, size, id, status, before_sum, after_sum, told"


class Status(StrEnum):
    """What became of an article."""

    OPEN = "open"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    FAILED = "failed"
    SKIPPED = "skipped"
    UNREADABLE = "unreadable"


DECIDED = frozenset({Status.CHANGED, Status.UNCHANGED})
TROUBLES = frozenset({Status.FAILED, Status.SKIPPED, Status.UNREADABLE})


@dataclass(slots=True)
class ArticleRecord:
    """An article in which there is something, or with which there is. `start` and `size` are its
    cell's bytes; sums are SHA-256 of them.
    """

    file: str
    n: int
    start: int = 0
    size: int = 0
    id: str | None = None
    status: Status = Status.OPEN
    before_sum: str | None = None
    after_sum: str | None = None
    after: bytes | None = None
    outcome: ArticleOutcome = field(default_factory=ArticleOutcome)
    place: int | None = None


class Checkpoint:
    """An open checkpoint. Nobody else can open it meanwhile. `path` None keeps it until the process
    ends only.

    Raises `sqlite3.Error` where the disk fails; `UsageError` at the start for a file that is no
    checkpoint, or in use.
    """

    def __init__(self, path: Path | None) -> None:
        """Open or make it."""
        self.path = path
        try:
            if path is not None:  # new articles are in it: only this user may read it
                os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
            self._db = sqlite3.connect(path or "", isolation_level=None)
        except (sqlite3.OperationalError, OSError) as error:
            message = f"{path}: cannot be written ({error}); name another place with --state"
            raise UsageError(message) from None
        try:
            self._db.execute("PRAGMA page_size=16384")  # an article stands in one page
            # what is deleted is not overwritten in its place: it goes with the room, see `finish`
            self._db.execute("PRAGMA secure_delete=FAST")
            self._db.execute("PRAGMA locking_mode=EXCLUSIVE")
            self._db.execute("PRAGMA busy_timeout=0")
            self._db.execute("PRAGMA synchronous=FULL")
            self._db.execute("BEGIN EXCLUSIVE")
            application = self._db.execute("PRAGMA application_id").fetchone()[0]
            version = self._db.execute("PRAGMA user_version").fetchone()[0]
            tables = self._db.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]
        except sqlite3.DatabaseError as error:
            self._db.close()
            if "locked" in str(error):
                message = (
                    f"{path}: another run is at work with this checkpoint; wait for its end, or"
                    " stop it"
                )
            elif "file is not a database" in str(error) or "malformed" in str(error):
                message = (
                    f"{path}: no checkpoint of a backfill; move it away, or name another with"
                    " --state"
                )
            else:
                message = f"{path}: cannot be written ({error}); name another place with --state"
            raise UsageError(message) from None
        if tables and (application, version) != (_APPLICATION, _SCHEMA):
            self._db.close()
            message = (
                f"{path}: no checkpoint of this version of backfill; move it away, or name another"
                " with --state"
            )
            raise UsageError(message)
        if not tables:
            for statement in (
                *filter(str.strip, _TABLES.split(";\n")),
                f"PRAGMA application_id={_APPLICATION}",
                f"PRAGMA user_version={_SCHEMA}",
            ):
                self._db.execute(statement)
        self.candidates = CandidateNotes(self._db)
        self.detections = DetectionNotes(self._db)
        self.run = int(self.recall("run") or 0) + 1
        self.keep("run", str(self.run))
        self.save()

    def save(self) -> None:
        """Make all so far last."""
        if self._db.in_transaction:  # else the disk failed, and that was told
            self._db.execute("COMMIT")
        self._db.execute("BEGIN EXCLUSIVE")

    def close(self) -> None:
        """Close, without what was not saved."""
        self._db.close()

    def keep(self, name: str, value: str) -> None:
        """Keep a word about the job."""
        self._db.execute(
            "INSERT INTO job VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            (name, value),
        )

    def recall(self, name: str) -> str | None:
        """Return a word about the job, None if none is kept."""
        row = self._db.execute("SELECT value FROM job WHERE name = ?", (name,)).fetchone()
        return None if row is None else str(row[0])

    def forget(self) -> None:
        """Forget all articles."""
        self._db.execute("DELETE FROM article")
        self._db.execute("DELETE FROM mention")
        self._db.execute("DELETE FROM job WHERE name = 'learned'")
        self.detections.forget()

    def finish(self) -> None:
        """Forget all articles, make that last, and give the room back that they took."""
        self.forget()
        self._db.execute("COMMIT")
        with suppress(sqlite3.Error):  # a full disk: the next run takes the room again
            self._db.execute("VACUUM")
        self._db.execute("BEGIN EXCLUSIVE")

    def is_begun(self) -> bool:
        """Return whether a run before this one has written something down."""
        return any(
            self._db.execute(f"SELECT EXISTS (SELECT 1 FROM {table})").fetchone()[0]  # noqa: S608
            for table in ("article", "detection")
        )

    def find(self, file: str, n: int) -> ArticleRecord | None:
        """Return what is known of an article, without its new bytes."""
        row = self._db.execute(
            f"SELECT {_COLUMNS} FROM article WHERE file = ? AND n = ?",  # noqa: S608
            (file, n),
        ).fetchone()
        return None if row is None else _entry(row)

    def within(self, file: str, first: int, last: int) -> dict[int, ArticleRecord]:
        """Return what is known of articles of a document by their numbers, `first` to `last`."""
        rows = self._db.execute(
            f"SELECT {_COLUMNS} FROM article WHERE file = ? AND n BETWEEN ? AND ?",  # noqa: S608
            (file, first, last),
        )
        return {entry.n: entry for entry in map(_entry, rows)}

    def put(self, *entries: ArticleRecord) -> None:
        """Write what is known of articles."""
        self._db.executemany(
            _PUT,
            [
                (
                    entry.file,
                    entry.n,
                    entry.start,
                    entry.size,
                    entry.id,
                    entry.status.value,
                    entry.before_sum,
                    entry.after_sum,
                    entry.after,
                    entry.outcome.to_json(),
                    self.run,
                )
                for entry in entries
            ],
        )

    def after(self, entry: ArticleRecord) -> bytes | None:
        """Return the new bytes of a changed article."""
        row = self._db.execute(
            "SELECT after FROM article WHERE place = ?",
            (entry.place,),
        ).fetchone()
        return None if row is None else row[0]

    def drop(self, entry: ArticleRecord) -> None:
        """Forget an article that is no longer there."""
        self._db.execute("DELETE FROM article WHERE file = ? AND n = ?", (entry.file, entry.n))

    def reopen(self, which: Callable[[ArticleRecord], bool]) -> int:
        """Have decided articles decided again, and overwrite what was to be written of them; return
        how many.
        """
        some = [entry for entry in self.all() if entry.status in DECIDED and which(entry)]
        self._db.execute("PRAGMA secure_delete=ON")
        for entry in some:
            entry.status, entry.after_sum = Status.OPEN, None
            entry.outcome.tweets, entry.outcome.embeds = [], {}
            self.put(entry)
        self._db.execute("PRAGMA secure_delete=FAST")
        self.save()
        return len(some)

    def give_up(self) -> None:
        """Leave what is open still as it is."""
        self._db.execute(
            "UPDATE article SET status = ? WHERE status = ?",
            (Status.SKIPPED.value, Status.OPEN.value),
        )

    def met(self, entry: ArticleRecord, start: int, size: int) -> None:
        """Note that an article that was decided before is still there."""
        self._db.execute(
            "UPDATE article SET start = ?, size = ?, run = ? WHERE place = ?",
            (start, size, self.run, entry.place),
        )

    def mention(self, subjects: Iterable[tuple[str, str]]) -> None:
        """Count tweets, links and the like by their kinds, each once."""
        self._db.executemany("INSERT OR IGNORE INTO mention VALUES (?, ?)", subjects)

    def mentions(self, kind: str) -> int:
        """Return how many different ones there are."""
        return int(
            self._db.execute("SELECT count(*) FROM mention WHERE kind = ?", (kind,)).fetchone()[0],
        )

    def subjects(self, kind: str) -> list[str]:
        """Return what was counted of a kind."""
        found = self._db.execute("SELECT subject FROM mention WHERE kind = ?", (kind,))
        return [subject for (subject,) in found]

    def drop_unmet(self) -> None:
        """Forget articles that are no longer there."""
        self._db.execute("DELETE FROM article WHERE run <> ?", (self.run,))

    def count(self, status: Status) -> int:
        """Count articles."""
        return int(
            self._db.execute(
                "SELECT count(*) FROM article WHERE status = ?",
                (status.value,),
            ).fetchone()[0],
        )

    def all(self, status: Status | None = None) -> Iterator[ArticleRecord]:
        """Return the articles in the order they were found, without their new bytes. They may be
        written meanwhile.
        """
        place = -1
        wanted = "" if status is None else " AND status = ?"
        values = () if status is None else (status.value,)
        while rows := self._db.execute(
            # our own names
            f"SELECT {_COLUMNS} FROM article WHERE place > ?{wanted} ORDER BY place LIMIT 500",  # noqa: S608
            (place, *values),
        ).fetchall():
            place = rows[-1][0]
            yield from map(_entry, rows)

    def changes(self, file: str) -> Iterator[tuple[ArticleRecord, bytes]]:
        """Return the changed articles of a document by their places in it, with their new bytes."""
        ordered = array("q")  # sorted once: it may be all of a large archive
        ordered.extend(
            place
            for (place,) in self._db.execute(
                "SELECT place FROM article WHERE file = ? AND status = 'changed' ORDER BY start",
                (file,),
            )
        )
        for at in range(0, len(ordered), _CHANGES_AT_ONCE):
            some = ordered[at : at + _CHANGES_AT_ONCE]
            rows = self._db.execute(
                f"SELECT {_COLUMNS}, after FROM article WHERE place IN ({sql_marks(some)})"  # noqa: S608
                " AND status = 'changed' ORDER BY start",
                tuple(some),
            ).fetchall()
            yield from ((_entry(row[:-1]), row[-1]) for row in rows)


def _entry(row: tuple[Any, ...]) -> ArticleRecord:
    place, file, n, start, size, name, status, before_sum, after_sum, told = row
    return ArticleRecord(
        file,
        n,
        start,
        size,
        name,
        Status(status),
        before_sum,
        after_sum,
        None,
        ArticleOutcome.from_json(told),
        place,
    )
