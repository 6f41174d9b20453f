"""Restore a database from a backup: every original goes into its row again, unless somebody has
edited the row since.
"""

import hashlib
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import replace
from itertools import groupby
from operator import itemgetter
from pathlib import Path

from service.backfill.archive_errors import RowLockedError, RowRefusedError, UsageError
from service.backfill.database.advisory_locks import ColumnLock
from service.backfill.database.archive import TOGETHER
from service.backfill.database.column import Column, find_column
from service.backfill.database.connection import OpenDatabase, open_database, read_address
from service.backfill.database.rows import Rows
from service.backfill.job import LOCK_WAIT_S, Selection
from service.backfill.plan import Shard, Stop, in_groups
from service.backfill.safety.backup import BackupIndex, read_about, read_original
from service.backfill.steps.restore_files import (
    DAMAGED,
    RestoreResult,
    first_original,
    lost_lines,
)


class DatabaseRestorer:
    """Puts originals back, row by row, each in a transaction of its own."""

    def __init__(
        self, backup: Path, address: str, stop: Stop, lock_wait_s: float = LOCK_WAIT_S
    ) -> None:
        """Know where they are. Nothing is opened yet."""
        self._path, self._address, self._stop = backup, address, stop
        self._lock_wait_s = lock_wait_s
        self.done = RestoreResult()

    def __call__(self) -> RestoreResult:
        """Restore. Raises `UsageError`, `GuardError`, `OSError`, `StoppedError`; the command can be
        run again.
        """
        with ExitStack() as stack:
            index = BackupIndex(self._path)
            stack.callback(index.close)
            self.done.refused += lost_lines(index)
            database = open_database(read_address(self._address), self._lock_wait_s)
            stack.callback(database.engine.dispose)
            stack.enter_context(database.one_line(database.name))
            for name, articles in groupby(index.articles(), key=itemgetter(0)):
                self._column(database, index, name, (subject for _, subject in articles))
        return self.done

    def _column(
        self,
        database: OpenDatabase,
        index: BackupIndex,
        name: str,
        subjects: Iterable[str],
    ) -> None:
        with ExitStack() as stack:
            rows: Rows | None = None
            for some in in_groups(subjects, TOGETHER):
                if rows is None:
                    column = self._found(database, index, name)
                    lock = ColumnLock(database, column.name, Shard())
                    stack.callback(lock.close)
                    rows = Rows(database, column, None, lock)
                    stack.callback(rows.close)
                now = rows.read_many(some)
                for subject in some:
                    self._stop.check()
                    self._row(rows, index, subject, now.get(subject))

    def _found(self, database: OpenDatabase, index: BackupIndex, name: str) -> Column:
        at = index.first_sound(name)
        if at is None:
            message = f"{self._path}: every original in it is damaged; nothing was done"
            raise UsageError(message)
        about = read_about(self._path, at)
        if "column" not in about:
            message = f"{self._path}: a backup of files; name the file or folder that it is of"
            raise UsageError(message)
        table = ".".join(filter(None, (about["schema"], about["table"])))
        column = find_column(database.engine, Selection(table, about["column"], about["key"]))
        return replace(column, meta=about["meta"])

    def _row(self, rows: Rows, index: BackupIndex, subject: str, raw: bytes | None) -> None:
        where = f"{rows.name}, id {subject}"
        if raw is None:
            self.done.refused.append(f"{where}: no longer there")
            return
        originals = index.of(rows.name, subject)
        found = hashlib.sha256(raw).hexdigest()
        original = first_original(originals, found)
        if original is None:
            if any(each.before_sum == found for each in originals):
                self.done.already += 1
            else:
                self.done.refused.append(f"{where}: edited since; it was left alone")
            return
        if not original.sound:
            self.done.refused.append(f"{where}: {DAMAGED}")
            return
        try:
            if rows.replace(subject, raw, read_original(self._path, original.at)):
                self.done.restored += 1
            else:
                self.done.refused.append(f"{where}: edited this very moment; it was left alone")
        except (RowRefusedError, RowLockedError) as error:
            self.done.refused.append(f"{where}: {error}")
