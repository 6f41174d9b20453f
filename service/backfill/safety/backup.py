"""The backup: the original of every article that is changed, on the disk before the change. Lines
are only ever added.
"""

import json
import os
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from service.backfill.archive_errors import UsageError
from service.backfill.safety.atomic_files import sync_folder, write_all
from service.backfill.safety.checkpoint import ArticleRecord

_HEAD = b'{"file": '
_BUFFER = 1024 * 1024
_TABLE = (
    "CREATE TABLE line (file TEXT, subject TEXT, n INTEGER, before_sum TEXT, after_sum TEXT, at"
    " INTEGER, met INTEGER DEFAULT 0)"
)


def subject_of(name: str | None, n: int) -> str:
    """Return which article of a document this is: by its id, where it tells one, else by its
    number.
    """
    return f"#{n}" if name is None else name


@dataclass(frozen=True, slots=True)
class Original:
    """A line of the backup as the index knows it. `n` is where the article stood, `at` where the
    line begins.
    """

    n: int
    before_sum: str
    after_sum: str
    at: int


class BackupIndex:
    """Which originals a backup holds; in a file of SQLite's own that goes away with the process, so
    that memory stays flat.
    """

    def __len__(self) -> int:
        """Return how many articles it holds originals of."""
        query = "SELECT count(*) FROM (SELECT DISTINCT file, subject FROM line)"
        return int(self._db.execute(query).fetchone()[0])

    def __init__(self, path: Path) -> None:
        """Read the whole backup. Raises `UsageError` for a file that is none; a last line that was
        cut off does not count.
        """
        self._db = sqlite3.connect("", isolation_level=None)
        self._db.execute("PRAGMA journal_mode=OFF")
        self._db.execute(_TABLE)
        self._db.execute("CREATE INDEX by_subject ON line (file, subject)")
        self._db.execute("BEGIN")
        self.end = 0
        try:
            self._read(path)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Forget it all."""
        self._db.close()

    def _read(self, path: Path) -> None:
        with path.open("rb") as file:
            for number, line in enumerate(file, 1):
                if not line.endswith(b"\n") and _HEAD.startswith(line[: len(_HEAD)]):
                    break  # written by a run that was killed meanwhile
                self._add_line(path, number, line)
                self.end += len(line)

    def add(self, file: str, subject: str, original: Original) -> None:
        """Know one more."""
        self._db.execute(
            "INSERT INTO line (file, subject, n, before_sum, after_sum, at) VALUES (?,?,?,?,?,?)",
            (file, subject, original.n, original.before_sum, original.after_sum, original.at),
        )

    def of(self, file: str, subject: str) -> list[Original]:
        """Return the originals of an article, the oldest first."""
        return self._originals(file, subject, "1")

    def of_one_at(self, n: int, file: str, subject: str) -> list[Original]:
        """Return those of the article at place `n`. Articles may share an id; but places shift, so
        else those of whose place none was met.
        """
        return self._originals(file, subject, f"n = {n:d}") or self._originals(
            file,
            subject,
            "NOT met",
        )

    def meet(self, file: str, subject: str, n: int | None = None) -> None:
        """Note that an article was come across, at that place, or at any."""
        self._db.execute(
            "UPDATE line SET met = 1 WHERE file = ? AND subject = ? AND n = coalesce(?, n)",
            (file, subject, n),
        )

    def articles(self) -> Iterator[tuple[str, str]]:
        """Return all articles, as file and subject, those of one file together."""
        return self._db.execute(
            "SELECT file, subject FROM line GROUP BY file, subject ORDER BY file, min(at)",
        )

    def unmet(self) -> Iterator[tuple[str, str]]:
        """Return the articles that were not, as file and subject."""
        return self._db.execute("SELECT DISTINCT file, subject FROM line WHERE NOT met ORDER BY at")

    def _originals(self, file: str, subject: str, which: str) -> list[Original]:
        # our own
        question = (
            "SELECT n, before_sum, after_sum, at FROM line"  # noqa: S608
            f" WHERE file = ? AND subject = ? AND {which} ORDER BY at"
        )
        return [Original(*row) for row in self._db.execute(question, (file, subject))]

    def _add_line(self, path: Path, number: int, line: bytes) -> None:
        try:
            told: dict[str, Any] = json.loads(line)
            original = Original(told["n"], told["before_sha256"], told["after_sha256"], self.end)
            self.add(told["file"], subject_of(told["id"], told["n"]), original)
        except (ValueError, KeyError, TypeError):
            message = f"{path}: line {number} is no line of a backup"
            raise UsageError(message) from None


def read_original(path: Path, at: int) -> bytes:
    """Return the original bytes from the line that begins at `at`."""
    before: str = read_about(path, at)["before"]
    return before.encode()


def read_about(path: Path, at: int) -> dict[str, Any]:
    """Return all that the line tells that begins at `at`."""
    with path.open("rb") as file:
        file.seek(at)
        return dict(json.loads(file.readline()))


class Backup:
    """A backup being written. What it holds already, from a run that was killed, is not written
    again.
    """

    def __init__(self, path: Path, about: dict[str, str | None] | None = None) -> None:
        """Open or make it; `about` is told in every line, too. Raises `OSError`, `UsageError`."""
        self.path = path
        self._about = about or {}
        self._made = not path.exists()
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        self._index = BackupIndex(path)
        self._end = self._index.end
        os.ftruncate(self._descriptor, self._end)
        self._lines: list[bytes] = []
        self._buffered = 0
        os.fsync(self._descriptor)
        sync_folder(path.parent)

    def add(self, entry: ArticleRecord, before: bytes) -> None:
        """Take the original of an article; `sync` makes it last. Raises `OSError`."""
        subject = subject_of(entry.id, entry.n)
        before_sum, after_sum = str(entry.before_sum), str(entry.after_sum)
        known = [each for each in self._index.of(entry.file, subject) if each.n == entry.n]
        if known and (known[-1].before_sum, known[-1].after_sum) == (before_sum, after_sum):
            return
        told = {
            "file": entry.file,
            "n": entry.n,
            "id": entry.id,
            "before_sha256": before_sum,
            "after_sha256": after_sum,
            "before": before.decode(),
            **self._about,
        }
        line = json.dumps(told, ensure_ascii=False).encode() + b"\n"
        self._index.add(
            entry.file,
            subject,
            Original(entry.n, before_sum, after_sum, self._end + self._buffered),
        )
        self._lines.append(line)
        self._buffered += len(line)
        if self._buffered > _BUFFER:
            self._write()

    def sync(self) -> None:
        """Put all on the disk. Raises `OSError`."""
        if self._lines:
            self._write()
        os.fsync(self._descriptor)

    @property
    def is_empty(self) -> bool:
        """Whether there is no original in it, on the disk."""
        return not self._end

    def close(self) -> None:
        """Close; what was not written is not needed. One that was made for nothing is taken
        away.
        """
        os.close(self._descriptor)
        self._index.close()
        if self._made and self.is_empty:
            self.path.unlink(missing_ok=True)

    def _write(self) -> None:
        write_all(self._descriptor, b"".join(self._lines))
        self._end += self._buffered
        self._lines, self._buffered = [], 0
