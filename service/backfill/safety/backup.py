"""The backup: the original of every article that is changed, on the disk before the change. Lines
are only ever added.
"""

import hashlib
import json
import os
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from service.backfill.archive_errors import UsageError
from service.backfill.safety.atomic_files import naming, sync_folder, write_all
from service.backfill.safety.checkpoint import ArticleRecord

_HEAD = b'{"file": '
_WORDS = b', "before": "'
_WRONG = (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError)
"""What comes of reading a line that is none of a backup."""
_BUFFER = 1024 * 1024
_TABLE = (
    "CREATE TABLE line (file TEXT, subject TEXT, n INTEGER, before_sum TEXT, after_sum TEXT, at"
    " INTEGER, sound INTEGER, met INTEGER DEFAULT 0)"
)


def subject_of(name: str | None, n: int) -> str:
    """Return which article of a document this is: by its id, where it tells one, else by its
    number.
    """
    return f"#{n}" if name is None else name


@dataclass(frozen=True, slots=True)
class Original:
    """A line of the backup as the index knows it. `n` is where the article stood, `at` where the
    line begins. It is `sound` if the original in it has the sum that was written down with it.
    """

    n: int
    before_sum: str
    after_sum: str
    at: int
    sound: bool = True


class BackupIndex:
    """Which originals a backup holds; in a file of SQLite's own that goes away with the process, so
    that memory stays flat.
    """

    def __len__(self) -> int:
        """Return how many articles it holds originals of."""
        query = "SELECT count(*) FROM (SELECT DISTINCT file, subject FROM line)"
        return int(self._db.execute(query).fetchone()[0])

    def __init__(self, path: Path) -> None:
        """Read the whole backup. Raises `UsageError` for a file that is none. A last line that was
        cut off is not sound, and not before `end`.
        """
        self._db = sqlite3.connect("", isolation_level=None)
        self._db.execute("PRAGMA journal_mode=OFF")
        self._db.execute(_TABLE)
        self._db.execute("CREATE INDEX by_subject ON line (file, subject)")
        self._db.execute("BEGIN")
        self.end = 0
        self.lost: list[int] = []
        """The numbers of lines that are too damaged to tell of what article they are."""
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
                    self._add_damaged(line)  # a run that was killed left it so, or it was cut later
                    break
                if not self._add_line(line) and not self._add_damaged(line):
                    if number == 1:
                        message = f"{path}: line 1 is no line of a backup"
                        raise UsageError(message)
                    self.lost.append(number)
                self.end += len(line)

    def add(self, file: str, subject: str, original: Original) -> None:
        """Know one more."""
        self._db.execute(
            "INSERT INTO line (file, subject, n, before_sum, after_sum, at, sound)"
            " VALUES (?,?,?,?,?,?,?)",
            (
                file,
                subject,
                original.n,
                original.before_sum,
                original.after_sum,
                original.at,
                original.sound,
            ),
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

    def first_sound(self, file: str) -> int | None:
        """Return where the first line of a document begins that is sound, None if none is."""
        query = "SELECT min(at) FROM line WHERE file = ? AND sound"
        found: int | None = self._db.execute(query, (file,)).fetchone()[0]
        return found

    def meet_all(self, file: str) -> bool:
        """Note that all articles of a document were come across; return whether there are any."""
        found = self._db.execute("UPDATE line SET met = 1 WHERE file = ?", (file,))
        return found.rowcount > 0

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
            "SELECT n, before_sum, after_sum, at, sound FROM line"  # noqa: S608
            f" WHERE file = ? AND subject = ? AND {which} ORDER BY at"
        )
        return [
            Original(n, before_sum, after_sum, at, bool(sound))
            for n, before_sum, after_sum, at, sound in self._db.execute(question, (file, subject))
        ]

    def _add_line(self, line: bytes) -> bool:
        """Know what a line tells; return False where it is none of a backup."""
        try:
            told: dict[str, Any] = json.loads(line)
            before = told["before"].encode("utf-8", "surrogatepass")
            self._add_told(told, sound=hashlib.sha256(before).hexdigest() == told["before_sha256"])
        except _WRONG:
            return False
        return True

    def _add_damaged(self, line: bytes) -> bool:
        """Know of what article a line is whose words are damaged or cut off; return False where it
        does not tell.
        """
        try:
            self._add_told(json.loads(line[: line.index(_WORDS)] + b"}"), sound=False)
        except _WRONG:
            return False
        return True

    def _add_told(self, told: dict[str, Any], *, sound: bool) -> None:
        """Know the line at `end`. Raises as what reads it does."""
        file, n, name = told["file"], told["n"], told["id"]
        sums = told["before_sha256"], told["after_sha256"]
        if type(n) is not int or not all(
            isinstance(each, str) for each in (file, *sums, "" if name is None else name)
        ):
            raise TypeError(told)
        self.add(file, subject_of(name, n), Original(n, *sums, self.end, sound))


def check_backup(path: Path | None) -> None:
    """See, before hours go by, that a file is a backup, if it is there. Raises `UsageError`,
    `OSError`.
    """
    if path is not None and path.exists():
        BackupIndex(path).close()


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
        known = [
            each for each in self._index.of(entry.file, subject) if each.n == entry.n and each.sound
        ]
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
        with naming(self.path):
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
        with naming(self.path):
            write_all(self._descriptor, b"".join(self._lines))
        self._end += self._buffered
        self._lines, self._buffered = [], 0
