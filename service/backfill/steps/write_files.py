"""The third step of a backfill: write documents with the changed articles in place of the old ones.
Everything is decided by now; this only copies bytes.
"""

import hashlib
import os
from collections.abc import Callable, Iterable
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import BinaryIO, TypeAlias

from service.backfill.archive_errors import EditedError, GuardError, UnreadableError, UsageError
from service.backfill.safety.atomic_files import (
    SHORTER,
    AtomicFileWriter,
    signature,
    sync_folder,
)
from service.backfill.safety.backup import Backup
from service.backfill.safety.checkpoint import TROUBLES, ArticleRecord, Status
from service.backfill.sources.compression import packer, packing_of
from service.backfill.sources.files import FileSource
from service.backfill.sources.protocol import Document
from service.backfill.steps.archive_step import ArchiveStep

WRITTEN = "written"
"""The word under which the checkpoint holds the signature of the single file that this job wrote.
"""

REPLACED = "replaced"
"""That of the file before: until the new one has the name, which a kill may prevent, it is there.
"""

_CHUNK = 8 * 1024 * 1024
_NEAR = 32 * 1024
"""Bytes between two changes that are read and written with them."""
_TOGETHER = 256 * 1024
Copy: TypeAlias = Callable[[int, int, int], None]
"""Copies bytes of an open file: its descriptor, from, to."""
_IN_THE_WAY = (FileExistsError, IsADirectoryError, NotADirectoryError)
"""A file where a folder should be, or a folder where a file should be."""


def splice(
    file: BinaryIO,
    bounds: tuple[int, int],
    changes: Iterable[tuple[ArticleRecord, bytes]],
    write: Callable[[bytes], object],
    before: Callable[[ArticleRecord, bytes], None],
    look: Callable[[int], None],
    copy: Copy | None = None,
) -> int:
    """Copy the bytes within `bounds` with each changed cell's new ones in place of its old ones;
    give how many were not new already.

    `before` is told each original, `look` the place now and then; `copy` copies bytes of an open
    file to where `write` writes, if it can be had. Raises `EditedError` where a cell is neither as
    it was nor as it will be.
    """
    at, end = bounds
    count = 0
    new = _Written(write)
    copied = partial(copy, file.fileno()) if copy else partial(_copy_by, file, write)
    for entry, after in changes:
        if entry.start - at > _NEAR:
            new.flush()
            _copy(at, entry.start, copied, look)
            at = entry.start
        file.seek(at)
        between = file.read(entry.start - at)
        raw = file.read(entry.size)
        found = hashlib.sha256(raw).hexdigest()
        if found == entry.before_sum:
            before(entry, raw)
            new.add(between, after)
            count += 1
        elif found == entry.after_sum:
            new.add(between, raw)
        else:
            message = (
                "somebody changed it meanwhile; it was left alone, the next run looks at it again"
            )
            raise EditedError(message)
        at = entry.start + entry.size
        look(at)
    new.flush()
    _copy(at, end, copied, look)
    return count


class _Written:
    """Bytes that are written together: most of them are few."""

    def __init__(self, write: Callable[[bytes], object]) -> None:
        self._write = write
        self._parts: list[bytes] = []
        self._size = 0

    def add(self, *parts: bytes) -> None:
        self._parts += parts
        self._size += sum(map(len, parts))
        if self._size > _TOGETHER:
            self.flush()

    def flush(self) -> None:
        if self._parts:
            self._write(b"".join(self._parts))
            self._parts, self._size = [], 0


def _copy(
    start: int, end: int, copied: Callable[[int, int], None], look: Callable[[int], None]
) -> None:
    while start < end:
        stop = min(end, start + _CHUNK)
        copied(start, stop)
        start = stop
        look(start)


def _copy_by(file: BinaryIO, write: Callable[[bytes], object], start: int, end: int) -> None:
    file.seek(start)
    while start < end:
        data = file.read(min(_CHUNK, end - start))
        if not data:
            raise EditedError(SHORTER)
        write(data)
        start += len(data)


class FileWriter(ArchiveStep[FileSource]):
    """Writes what a checkpoint holds: into the source itself, to another place, or down a pipe."""

    def in_place(self, backup: Backup | None) -> None:
        """Replace each document that changes. Raises `OSError`, `StoppedError`, `GuardError` if the
        one document was edited meanwhile.
        """
        self._progress.step("rewrite", self._state.count(Status.CHANGED))
        done = 0
        for document in self._changed():
            self._stop.check()
            try:
                done += self._replace(document, document.path, backup)
            except (EditedError, FileNotFoundError, PermissionError) as error:
                self._left(document, _why(error))
            self._progress.advance(done)

    def to(self, destination: Path) -> None:
        """Write every document anew below, or at, `destination`. Raises as `in_place`."""
        if not self._source.many:
            self._progress.step("rewrite", 1)
            try:
                self._replace(Document("", self._source.path), destination, None)
            except EditedError as error:
                message = f"{self._source.name}: {error}"
                raise GuardError(message) from None
            return
        self._progress.step("rewrite", 0)
        for document in self._source.documents():
            self._stop.check()
            if not self._plan.shard.has(document.name) or (
                document.left_alone and not document.same_as
            ):
                continue
            target = destination / document.name
            try:
                stay_inside(destination, target.parent)
                make_folder(target.parent)
                if document.same_as:
                    make_link(target, destination / document.same_as)
                else:
                    self._replace(document, target, None)
            except (
                EditedError,
                UnreadableError,
                FileNotFoundError,
                PermissionError,
                *_IN_THE_WAY,
            ) as error:
                self._left(document, _why(error))

    def pipe(self, out: BinaryIO) -> None:
        """Write the one document to a pipe. Raises as `in_place`."""
        if self._source.many:
            message = "a folder cannot be written to a pipe"
            raise UsageError(message)
        self._progress.step("rewrite", 1)
        with self._source.opened(self._source.document("")) as reading:
            try:
                splice(
                    reading.file,
                    reading.bounds(self._plan),
                    self._state.changes(""),
                    out.write,
                    lambda *_: None,
                    self._look,
                )
            except EditedError as error:
                message = f"{self._source.name}: {error}; what was written is not whole"
                raise GuardError(message) from None
            out.flush()

    def _changed(self) -> Iterable[Document]:
        last = None
        for entry in self._state.all(Status.CHANGED):
            if entry.file != last and self._source.path is not None:
                last = entry.file
                yield self._source.document(entry.file)

    def _replace(self, document: Document, target: Path | None, backup: Backup | None) -> int:
        """Write a document to `target`: a new file, complete and on the disk, then the name. Gives
        how many articles were changed.
        """
        assert target is not None  # noqa: S101 - a pipe is never replaced
        like = document.path if document.path and document.path.is_file() else None
        with self._source.opened(document) as reading:
            told = self._source.stat() or (
                os.fstat(reading.file.fileno()) if document.path else None
            )
            bounds = reading.bounds(self._plan)
            new = AtomicFileWriter(target, like)
            try:
                with closing(packer(packing_of(target.name), new.write)) as out:
                    keep = backup.add if backup else lambda *_: None
                    count = splice(
                        reading.file,
                        bounds,
                        self._state.changes(document.name),
                        out.write,
                        keep,
                        self._look,
                        None if packing_of(target.name) else new.copy,
                    )
                if not count and target == document.path:
                    return 0
                written = new.finish()
                if backup:
                    backup.sync()
                if told and document.path and signature(document.path.stat()) != signature(told):
                    message = (
                        "somebody changed it meanwhile; it was left alone, the next run looks at it"
                        " again"
                    )
                    raise EditedError(message)
                if not self._source.many:
                    there = signature(target.stat()) if target.exists() else ""
                    self._state.keep(REPLACED, there)
                    self._state.keep(WRITTEN, signature(written))
                    self._state.save()
                new.commit()
                return count
            finally:
                new.abandon()

    def _look(self, _: int) -> None:
        self._stop.check()

    def _left(self, document: Document, why: str) -> None:
        """Note that a document of a folder stays as it is, or is not written to where it should
        be.
        """
        entry = self._state.find(document.name, 1) or ArticleRecord(document.name, 1)
        if entry.status not in TROUBLES:
            entry.status, entry.after_sum, entry.outcome.errors = (
                Status.SKIPPED,
                entry.before_sum,
                [why],
            )
            self._state.put(entry)


def make_folder(folder: Path) -> None:
    """Make a folder that lasts, and those above it."""
    if not folder.is_dir():
        make_folder(folder.parent)
        folder.mkdir(exist_ok=True)
        sync_folder(folder.parent)


def stay_inside(root: Path, folder: Path) -> None:
    """See that no link on the way down from `root` leads elsewhere. Raises `EditedError`."""
    for each in (folder, *folder.parents):
        if each == root:
            return
        if each.is_symlink():
            message = f"{each} is a symbolic link, which is not followed; remove it"
            raise EditedError(message)


def make_link(place: Path, target: Path) -> None:
    """Make a symbolic link to another place in the same folder, or one below it, in place of what
    has its name. Raises `OSError`.
    """
    way = os.path.relpath(target, place.parent)
    if place.is_symlink() and os.readlink(place) == way:  # noqa: PTH115 - as it was written
        return
    place.unlink(missing_ok=True)
    place.symlink_to(way)
    sync_folder(place.parent)


def _why(error: Exception) -> str:
    return str(error.strerror) if isinstance(error, OSError) else str(error)
