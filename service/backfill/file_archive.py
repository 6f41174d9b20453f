"""Files as an archive: what is refused before it begins, what is locked, and where it is
written.
"""

import os
from contextlib import ExitStack
from pathlib import Path
from typing import BinaryIO, cast

from service.backfill.archive_errors import UsageError
from service.backfill.job import (
    BACKUP_ENDING,
    PIPE,
    STATE_ENDING,
    BackfillJob,
    check_writable,
)
from service.backfill.plan import Progress, Stop, part_path
from service.backfill.safety.atomic_files import lock_below, signature, sweep
from service.backfill.safety.backup import Backup, check_backup
from service.backfill.safety.checkpoint import Checkpoint, Status
from service.backfill.sources.compression import check_packing, packing_of
from service.backfill.sources.files import FileSource
from service.backfill.steps.write_files import REPLACED, WRITTEN, FileWriter


class FileArchive:
    """A file, a folder or a pipe."""

    rounds = 1

    def __init__(
        self,
        job: BackfillJob,
        stop: Stop,
        progress: Progress,
        pipes: tuple[BinaryIO, BinaryIO],
    ) -> None:
        """Open and lock it; `pipes` are standard input and output. Raises `UsageError`,
        `UnreadableError`, `OSError`.
        """
        self._job, self._stop, self._progress, self._out = job, stop, progress, pipes[1]
        self._stack = ExitStack()
        try:
            self._check_flags()
            if job.source != PIPE and job.writes:
                self._lock(Path(job.source).resolve())
            self.source = FileSource(
                job.source,
                job.content_field,
                job.id_field,
                pipes[0],
                job.url_field,
                in_place=job.in_place,
                check=stop.check,
            )
            self._stack.callback(self.source.close)
            self._check_places()
            job.check_own_files(self.source.path, self.state_path(), self._backup_path())
            if job.writes:
                written = job.destination or (self.source.path if job.in_place else None)
                if written is not None:
                    check_writable(written if self.source.many else written.parent)
            check_backup(self._backup_path())
        except BaseException:
            self._stack.close()
            raise
        self.name = str(self.source.path or PIPE)

    def close(self) -> None:
        """Close and unlock it."""
        self._stack.close()

    def state_path(self) -> Path | None:
        """Return the place beside what is written."""
        job = self._job
        beside = job.destination or (self.source.path if job.in_place else None)
        if job.state or not job.writes or beside is None:
            return job.state
        return part_path(beside.parent, f".{beside.name}", STATE_ENDING, job.plan.shard)

    def _backup_path(self) -> Path | None:
        """Return the place beside what is replaced."""
        job, source = self._job, self.source.path
        if job.backup or not (job.writes and job.in_place) or source is None:
            return job.backup
        return part_path(source.parent, source.name, BACKUP_ENDING, job.plan.shard)

    def looks_for(self) -> str:
        """Return in which members or columns."""
        return f"{self._job.content_field} {self._job.id_field}"

    def begin(self, state: Checkpoint) -> None:
        """Refuse to overwrite what is not this job's own."""
        job, to = self._job, self._job.destination
        if to and job.writes and not job.restart:
            if self.source.many:
                foreign = to.exists() and any(to.iterdir()) and state.recall("to") != str(to)
            else:
                own = {state.recall(WRITTEN), state.recall(REPLACED)}
                foreign = to.exists() and signature(to.stat()) not in own
            if foreign:
                message = (
                    f"{to}: is there already, and not, or no longer, as this job wrote it; remove"
                    " it, or overwrite it with --restart"
                )
                raise UsageError(message)
        if (
            job.in_place
            and job.writes
            and self.source.path
            and self.source.many
            and job.plan.shard.count == 1
        ):
            for folder, _, _ in os.walk(self.source.path):
                sweep(Path(folder))

    def write(self, state: Checkpoint) -> None:
        """Write into the source itself, to another place, or down a pipe."""
        job = self._job
        rewriting = FileWriter(self.source, state, job.plan, self._stop, self._progress)
        if job.in_place and self.source.path is not None:
            if not state.count(Status.CHANGED):
                return
            backup = Backup(cast("Path", self._backup_path()))
            try:
                rewriting.in_place(backup)
            finally:
                backup.close()
            if not backup.is_empty:
                self._progress.say(
                    f"originals are in {backup.path}; tweet-embed restore {backup.path}"
                    f" {job.source} brings them back",
                )
        elif job.destination is None:
            rewriting.pipe(self._out)
        else:
            state.keep("to", str(job.destination))
            state.save()
            rewriting.to(job.destination)

    def _lock(self, path: Path) -> None:
        try:
            for each in lock_below(path, shared=self._job.plan.shard.count > 1):
                self._stack.callback(os.close, each)
        except FileNotFoundError:
            pass  # told as what it is when it is opened
        except OSError as error:
            message = f"{path}: {error.strerror}"
            raise UsageError(message) from None

    def _check_flags(self) -> None:
        job = self._job
        wrong = None
        if any(
            (
                job.selection.table,
                job.selection.column,
                job.selection.key,
                job.selection.where,
                job.selection.preset,
            ),
        ):
            wrong = (
                "--table, --column, --key, --where and --preset are for databases; of files,"
                " --field names the content"
            )
        elif job.in_place and job.to is not None:
            wrong = "--to and --in-place do not go together"
        elif job.in_place and job.source == PIPE:
            wrong = "a pipe cannot be replaced; use --to"
        elif job.backup and not job.in_place:
            wrong = "--backup goes with --in-place; with --to the source stays as it is"
        if wrong:
            raise UsageError(wrong)

    def _check_places(self) -> None:
        source, to = self.source.path, self._job.destination
        wrong = None
        if self._job.to == PIPE and self.source.many:
            wrong = "a folder cannot be written to a pipe"
        elif source and self._job.in_place and not self.source.many:
            wrong = self._not_in_place(source)
        elif to and not to.parent.is_dir():
            wrong = f"{to}: there is no folder {to.parent}; make it first"
        elif to and to.exists() and not (to.is_file() or to.is_dir()):
            wrong = f"{to}: no regular file; --to - writes to standard output"
        elif to and source:
            wrong = _no_destination(to, source, folder=self.source.many)
        if wrong is None and to and (endings := self.source.endings_beside(to.name)):
            wrong = (
                f"{to}: articles are written in the form they come in; the name is to end in"
                f" {' or '.join(endings)}"
            )
        if wrong:
            raise UsageError(wrong)
        if to and not self.source.many:
            check_packing(packing_of(to.name))

    def _not_in_place(self, source: Path) -> str | None:
        if self._job.plan.shard.count > 1:
            return (
                "shards of one file each want a --to of their own; in order, the parts make the"
                " whole"
            )
        if source.stat().st_nlink > 1 and self._job.writes:
            return f"{source}: has other names (hard links), which would lose it; use --to"
        return None


def _no_destination(to: Path, source: Path, *, folder: bool) -> str | None:
    """Return what is wrong with a destination, if anything."""
    if to == source:
        return "--to is the source itself; that is --in-place"
    if folder and (to.is_relative_to(source) or source.is_relative_to(to)):
        return "--to is inside the source, or the source inside it"
    if folder and to.exists() and not to.is_dir():
        return f"{to}: no folder"
    return f"{to}: a folder; name a file" if not folder and to.is_dir() else None
