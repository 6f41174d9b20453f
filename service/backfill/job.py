"""A backfill as the operator asked for it, and what a kind of archive has to be able to do for
it.
"""

import os
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from service.backfill.archive_errors import UsageError
from service.backfill.plan import Plan
from service.backfill.safety.checkpoint import Checkpoint
from service.backfill.sources.folder import FORMATS
from service.backfill.sources.protocol import Source

PIPE = "-"
OUTPUT = Path(PIPE)
"""Where a report goes that is for standard output."""
DATABASE_EXTRA = "databases need more packages; in a checkout of tweet-embed: pip install '.[sql]'"
DATABASES = ("postgresql", "postgres", "mysql", "mariadb", "sqlite")
LOCK_WAIT_S = 5.0
"""How long a statement waits for a lock that somebody else holds."""
STATE_ENDING, BACKUP_ENDING = ".tweet-embed-state", ".tweet-embed-backup.jsonl"


@dataclass(frozen=True, slots=True)
class Selection:
    """Which column of which table, as given: `where` is SQL of the operator's own, `preset` knows
    all of it.
    """

    table: str | None = None
    column: str | None = None
    key: str | None = None
    where: str | None = None
    preset: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BackfillJob:
    """A command as given. `to` is a path, `-`, or None."""

    source: str
    to: str | None = None
    in_place: bool = False
    dry_run: bool = False
    check: bool = False
    content_field: str | None = None
    id_field: str = "id"
    url_field: str = "url"
    selection: Selection = Selection()
    lock_wait_s: float = LOCK_WAIT_S
    state: Path | None = None
    restart: bool = False
    backup: Path | None = None
    report: Path | None = None
    report_html: Path | None = None
    plan: Plan = field(default_factory=Plan)

    @property
    def writes(self) -> bool:
        """Whether anything but checkpoint and report is written."""
        return not (self.dry_run or self.check) and (self.in_place or self.to is not None)

    @property
    def destination(self) -> Path | None:
        """Where to write, if it is a place on the disk."""
        return None if self.to is None or self.to == PIPE else Path(self.to).resolve()

    def check_own_files(self, source: Path | None, state: Path | None, backup: Path | None) -> None:
        """See, before hours go by, that what is to be written at the end can be, and costs nothing
        that is there. Raises `UsageError`.

        `state` and `backup` are where they will be: as given, or by default.
        """
        taken = [(source, "that is the source"), (self.destination, "that is where --to writes")]
        reports = [
            path for path in (self.report, self.report_html) if path is not None and path != OUTPUT
        ]
        for path in (*filter(None, (state, backup)), *reports):
            if path in {self.state, self.backup, *reports}:
                _check_place(path)
            for other, why in taken:
                if other is not None and _is_same(path, other):
                    message = f"{path}: {why}"
                    raise UsageError(message)
                if (
                    other is not None
                    and other.is_dir()
                    and path.suffix.lower() in FORMATS
                    and path.resolve().is_relative_to(other)
                ):
                    message = (
                        f"{path}: would be an article among those in {other}; name a place outside"
                    )
                    raise UsageError(message)
            taken.append((path, "named twice; each file of a backfill's own is another one"))

    def check_output(self, *, shown: bool) -> None:
        """See that no two things are to go to standard output; `shown` says that differences do.
        Raises `UsageError`.
        """
        wishes = {
            "--to": self.writes and self.to == PIPE,
            "--diff": shown,
            "--report": self.report == OUTPUT,
            "--report-html": self.report_html == OUTPUT,
        }
        if len(both := [flag for flag, is_wanted in wishes.items() if is_wanted]) > 1:
            message = f"{' and '.join(both)} cannot go to standard output together; name a file"
            raise UsageError(message)


def _check_place(path: Path) -> None:
    """See that there can be a file of our own in a place, as far as the disk tells beforehand.
    Raises `UsageError`.
    """
    folder = path.resolve().parent
    wrong = None
    if not folder.is_dir():
        wrong = "there is no such folder"
    elif path.is_dir():
        wrong = "a folder; name a file"
    elif path.exists() and not path.is_file():
        wrong = "no regular file; name another"
    elif not os.access(path if path.exists() else folder, os.W_OK):
        wrong = "may not be written" if path.exists() else "nothing can be written in its folder"
    if wrong:
        message = f"{path}: {wrong}"
        raise UsageError(message)


def check_writable(folder: Path) -> None:
    """See that a file can be written in a folder, or in the nearest one above that is there.

    A file is made and removed: permissions alone do not tell of a read-only disk. Raise
    `UsageError` where it cannot.
    """
    there = next(each for each in (folder, *folder.parents) if each.exists())
    try:
        tempfile.TemporaryFile(dir=there).close()
    except OSError as error:
        message = f"{folder}: cannot be written in ({error.strerror}); nothing was begun"
        raise UsageError(message) from None


def _is_same(one: Path, other: Path) -> bool:
    """Return whether two paths are, or would be, one file: by its name, or by another name of
    it.
    """
    return one.resolve() == other.resolve() or (
        one.exists() and other.exists() and one.samefile(other)
    )


def is_database(source: str) -> bool:
    """Return whether a source is the address of a database."""
    scheme, colon, _ = source.partition(":")
    return bool(colon) and scheme.partition("+")[0] in DATABASES


def refuse_other_databases(source: str) -> None:
    """Raise `UsageError`, with those that are read, for the address of another database. The
    address is not told: a password may be in it.
    """
    scheme, colon, _ = source.partition("://")
    if colon and not Path(source).exists():
        message = f"{scheme}:// is not read; of databases, these are: {', '.join(DATABASES)}"
        raise UsageError(message)
    if not colon and _is_sqlite(Path(source)):
        message = f"{source} is a SQLite database; its address is sqlite:{source}"
        raise UsageError(message)


def _is_sqlite(path: Path) -> bool:
    """Return whether a file begins as every SQLite database does (sqlite.org/fileformat2.html)."""
    if not path.is_file():  # a pipe keeps whoever opens it waiting
        return False
    try:
        with path.open("rb") as file:
            return file.read(16) == b"SQLite format 3\0"
    except OSError:
        return False


class Archive(Protocol):
    """A place with articles, opened and locked for one run."""

    name: str
    """Which it is, for the checkpoint: another source has another name. No password in it."""
    rounds: int
    """How often what was found changed at the last moment is asked about and written again."""

    @property
    def source(self) -> Source:
        """Where its articles are read."""

    def state_path(self) -> Path | None:
        """Return the place of the checkpoint; None keeps it until the process ends only."""

    def looks_for(self) -> str:
        """Return which part of it is looked at; what was decided about another part does not
        count.
        """

    def begin(self, state: Checkpoint) -> None:
        """Look whether what would be overwritten is this job's own, and take away what a killed run
        left. Raises `UsageError`.
        """

    def write(self, state: Checkpoint) -> None:
        """Write what the checkpoint holds. What turns out to have been changed meanwhile is open
        again, or skipped.

        Raises `OSError`, `StoppedError`, `GuardError`.
        """

    def close(self) -> None:
        """Close and unlock everything."""
