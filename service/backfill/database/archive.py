"""A column of a database as an archive: originals to the backup, then each row replaced in a
transaction of its own.
"""

import hashlib
import re
import time
from contextlib import ExitStack
from pathlib import Path

from sqlalchemy.exc import DBAPIError

from service.backfill.archive_errors import GuardError, RowLockedError, RowRefusedError, UsageError
from service.backfill.counts import counted
from service.backfill.database.advisory_locks import ColumnLock
from service.backfill.database.column import find_column
from service.backfill.database.connection import open_database, read_address
from service.backfill.database.error_codes import AGAIN, DatabaseFault, fault_of, said
from service.backfill.database.rows import Rows
from service.backfill.job import BACKUP_ENDING, STATE_ENDING, BackfillJob
from service.backfill.plan import Progress, Stop, in_groups, part_path
from service.backfill.safety.backup import Backup, check_backup
from service.backfill.safety.checkpoint import ArticleRecord, Checkpoint, Status
from service.core.model import Format

TOGETHER = 50
"""Originals that go to the backup, and to the disk, at once, before the rows they come from are
changed one by one.
"""
_MOST_LOCKED = 3
"""Rows in a row that are found locked: then it is not a row that is locked, but the table."""
_ODD = re.compile(r"[^\w.-]+")


class DatabaseArchive:
    """A column of a table."""

    rounds = 5

    def __init__(self, job: BackfillJob, stop: Stop, progress: Progress) -> None:
        """Open the database, find the column, lock it. Raises `UsageError`, `OSError`."""
        self._job, self._stop, self._progress = job, stop, progress
        self._stack = ExitStack()
        try:
            _check_flags(job)
            url = read_address(job.source)
            self._database = database = open_database(url, job.lock_wait_s)
            self._stack.callback(database.engine.dispose)
            with database.one_line(database.name):
                column = find_column(database.engine, job.selection)
            self.name = f"{database.name} {column.name}"
            lock: ColumnLock | None = None
            if job.writes:
                with database.one_line(self.name):
                    lock = ColumnLock(database, column.name, job.plan.shard)
                self._stack.callback(lock.close)
            # A classic post of WordPress is HTML even where there is no tag in it: `&amp;` is an
            # ampersand there.
            written_in = Format.HTML if column.meta and job.plan.format is None else job.plan.format
            self.source = Rows(database, column, written_in, lock)
            self._stack.callback(self.source.close)
            self._beside = (
                Path(url.database or "").resolve()
                if url.get_backend_name() == "sqlite"
                else Path(url.database or "database").absolute()
            )
            self.source.check()
            if job.writes:
                self._check_right()
            job.check_own_files(self._beside, self.state_path(), self._backup_path())
            if job.writes:
                check_backup(self._backup_path())
        except BaseException:
            self._stack.close()
            raise

    def close(self) -> None:
        """Close and unlock it."""
        self._stack.close()

    def state_path(self) -> Path | None:
        """Return the place beside a database that is a file, else in the working folder."""
        if self._job.state or not self._job.writes:
            return self._job.state
        return self._own_file(".", STATE_ENDING)

    def looks_for(self) -> str:
        """Return which rows are read."""
        column = self.source.column
        return f"{column.key} {column.where}"

    def begin(self, state: Checkpoint) -> None:
        """Nothing is overwritten that was not read before."""

    def write(self, state: Checkpoint) -> None:
        """Replace what is still as it was read; what is not is open again."""
        self._progress.step("rewrite", state.count(Status.CHANGED))
        if not state.count(Status.CHANGED):
            return
        column = self.source.column
        about = {
            "table": column.table,
            "schema": column.schema,
            "column": column.content,
            "key": column.key,
            "meta": column.meta,
        }
        backup = Backup(self._backup_path(), about)
        try:
            _RowWriter(self.source, state, backup, self._job, self._stop, self._progress)()
        finally:
            state.save()
            backup.close()
        if not backup.is_empty:
            self._progress.say(
                f"originals are in {backup.path}; tweet-embed restore {backup.path} DATABASE brings"
                " them back",
            )

    def _backup_path(self) -> Path:
        return self._job.backup or self._own_file("", BACKUP_ENDING)

    def _own_file(self, dot: str, ending: str) -> Path:
        name = _ODD.sub("_", f"{self._beside.name}.{self.source.column.name}")
        return part_path(self._beside.parent, f"{dot}{name}", ending, self._job.plan.shard)

    def _check_right(self) -> None:
        try:
            self.source.may_replace()
        except DBAPIError as error:
            if fault_of(error) in {DatabaseFault.LOCKED, DatabaseFault.LOST, DatabaseFault.FULL}:
                raise self._database.stopped(error, self.name) from None
            message = f"{self.name}: may not be written: {said(error)}"
            raise UsageError(message) from None


class _RowWriter:
    """Writes all that is changed, once."""

    def __init__(
        self,
        rows: Rows,
        state: Checkpoint,
        backup: Backup,
        job: BackfillJob,
        stop: Stop,
        progress: Progress,
    ) -> None:
        self._rows, self._state, self._backup, self._stop, self._progress = (
            rows,
            state,
            backup,
            stop,
            progress,
        )
        self._most_failures = job.plan.max_failures
        self._done = self._failures = self._locked = 0

    def __call__(self) -> None:
        for some in in_groups(self._state.changes(self._rows.name), TOGETHER):
            now = self._rows.read_many([entry.id or "" for entry, _ in some])
            waiting = [
                (entry, raw, after)
                for entry, after in some
                if (raw := self._to_change(entry, now.get(entry.id or ""))) is not None
            ]
            if waiting:
                self._backup.sync()
            for entry, raw, after in waiting:
                self._stop.check()
                self._replace(entry, raw, after)
            self._done += len(some) - len(waiting)
            self._progress.advance(self._done)

    def _to_change(self, entry: ArticleRecord, raw: bytes | None) -> bytes | None:
        """Return what a row holds, which is in the backup from now on; None if it is changed
        already, edited, or no longer there.
        """
        if raw is None:
            self._state.drop(entry)
            return None
        found = hashlib.sha256(raw).hexdigest()
        if found == entry.before_sum:
            self._backup.add(entry, raw)
            return raw
        if found != entry.after_sum:
            self._again(entry)
        return None

    def _replace(self, entry: ArticleRecord, raw: bytes, after: bytes) -> None:
        began = time.monotonic()
        try:
            if self._rows.replace(entry.id or "", raw, after):
                self._done += 1
            else:
                self._again(entry)
            self._locked = 0
        except RowRefusedError as error:
            self._failed(entry, str(error))
        except RowLockedError as error:
            self._locked += 1
            self._failed(entry, str(error))
            if self._locked >= _MOST_LOCKED:
                message = f"{self._rows.name}: {self._locked} rows in a row are {error}; {AGAIN}"
                raise GuardError(message) from None
        else:
            # Editors wait at most for one of our writes: after each, theirs have as much time.
            time.sleep(time.monotonic() - began)
        self._progress.advance(self._done)

    def _again(self, entry: ArticleRecord) -> None:
        """Have an article that was edited meanwhile read, resolved and written anew."""
        entry.status, entry.outcome.errors = (
            Status.OPEN,
            ["edited again and again meanwhile; it was left alone, the next run looks at it"],
        )
        self._state.put(entry)

    def _failed(self, entry: ArticleRecord, why: str) -> None:
        entry.status, entry.after_sum, entry.outcome.errors = Status.FAILED, entry.before_sum, [why]
        self._state.put(entry)
        self._failures += 1
        if self._most_failures and self._failures >= self._most_failures:
            message = (
                f"{counted(self._failures, 'article')} failed (--max-failures): {why};"
                f" see to it, then {AGAIN}"
            )
            raise GuardError(message)


def _check_flags(job: BackfillJob) -> None:
    wrong = None
    if job.to is not None:
        wrong = "--to is for files; a database is changed with --in-place"
    elif job.content_field is not None or job.id_field != "id":
        wrong = "--field and --id-field are for files; of a database, --column and --key name them"
    elif job.backup and not job.in_place:
        wrong = "--backup goes with --in-place"
    if wrong:
        raise UsageError(wrong)
