"""What detection found in each article, in the checkpoint: a run that was stopped does not detect
anything again.

A checkpoint from before there were such notes gets their table when it is opened. What other code
found is forgotten: it may have found something else.
"""

import hashlib
import sqlite3
from collections.abc import Iterable, Sequence, Sized
from pathlib import Path
from typing import NamedTuple

import service.core

_TABLE = """
CREATE TABLE IF NOT EXISTS detection (
  file TEXT NOT NULL, n INTEGER NOT NULL, sum TEXT NOT NULL, found TEXT NOT NULL,
  PRIMARY KEY (file, n)
) WITHOUT ROWID
"""


def sql_marks(values: Sized) -> str:
    """Return the placeholders of an SQL list of so many values."""
    return ", ".join("?" * len(values))


class DetectionNote(NamedTuple):
    """What was found in the content with the SHA-256 `sum`, as `detection_codec.py` writes it; ""
    where that was nothing of interest.
    """

    file: str
    n: int
    sum: str
    found: str


class DetectionNotes:
    """Notes in an open checkpoint, in one transaction with the articles they are about."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        """Make their table if there is none."""
        self._db = connection
        self._db.execute(_TABLE)

    def add(self, notes: Iterable[DetectionNote]) -> None:
        """Note what was found in articles, each time anew."""
        self._db.executemany(
            "INSERT OR REPLACE INTO detection VALUES (?, ?, ?, ?)",
            notes,
        )

    def find(self, file: str, n: int) -> DetectionNote | None:
        """Return the note about an article, if there is one."""
        return self.within(file, n, n).get(n)

    def within(self, file: str, first: int, last: int) -> dict[int, DetectionNote]:
        """Return the notes about articles of a document by their numbers, `first` to `last`."""
        rows = self._db.execute(
            "SELECT n, sum, found FROM detection WHERE file = ? AND n BETWEEN ? AND ?",
            (file, first, last),
        )
        return {n: DetectionNote(file, n, content_sum, found) for n, content_sum, found in rows}

    def of_some(self, file: str, numbers: Sequence[int]) -> dict[int, DetectionNote]:
        """Return the notes about some articles of a document."""
        marks = sql_marks(numbers)
        rows = self._db.execute(
            f"SELECT n, sum, found FROM detection WHERE file = ? AND n IN ({marks})",  # noqa: S608
            (file, *numbers),
        )
        return {n: DetectionNote(file, n, content_sum, found) for n, content_sum, found in rows}

    def forget(self) -> None:
        """Forget them all."""
        self._db.execute("DELETE FROM detection")


def detector() -> str:
    """Return which code detects: a digest of all that what is found depends on."""
    root = Path(service.core.__path__[0])
    digest = hashlib.sha256()
    for path in sorted(root.rglob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()
