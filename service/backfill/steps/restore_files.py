"""Restore files from a backup: every original goes into its place again, unless somebody has edited
the article since.
"""

import hashlib
import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from service.backfill.archive_errors import EditedError, UnreadableError, UsageError
from service.backfill.counts import place_of
from service.backfill.plan import Plan, Stop
from service.backfill.safety.atomic_files import AtomicFileWriter, signature
from service.backfill.safety.backup import (
    BackupIndex,
    Original,
    read_about,
    read_original,
    subject_of,
)
from service.backfill.safety.checkpoint import ArticleRecord
from service.backfill.sources.compression import packer
from service.backfill.sources.files import FileReading, FileSource
from service.backfill.sources.layout import ContentSpan, RawRecord, ScanProgress
from service.backfill.sources.protocol import Document
from service.backfill.steps.write_files import splice

DAMAGED = "its original in the backup is damaged; it was left alone"


@dataclass(slots=True)
class RestoreResult:
    """Counts, what was left alone, a line each, and what may be the reason of it all."""

    restored: int = 0
    already: int = 0
    refused: list[str] = field(default_factory=list)
    hint: str = ""


class Restorer:
    """Puts originals back, document by document, each replaced whole or not at all."""

    def __init__(self, backup: Path, source: FileSource, stop: Stop) -> None:
        """Read the backup. Raises `UsageError`, `OSError`."""
        self._path, self._source, self._stop = backup, source, stop
        self._index = BackupIndex(backup)
        self.done = RestoreResult()

    def __call__(self) -> RestoreResult:
        """Restore. Raises `UsageError`, `OSError`, `StoppedError`; the command can be run again."""
        try:
            self._check_kind()
            return self._restored()
        finally:
            self._index.close()

    def _check_kind(self) -> None:
        """See that it is a backup of files. Raises `UsageError`."""
        name = next((file for file, _ in self._index.articles()), None)
        at = None if name is None else self._index.first_sound(name)
        if at is not None and "column" in read_about(self._path, at):
            message = f"{self._path}: a backup of {name} in a database; give the database's address"
            raise UsageError(message)

    def _restored(self) -> RestoreResult:
        self.done.refused += lost_lines(self._index)
        for document in self._source.documents():
            self._stop.check()
            if document.left_alone:
                if self._index.meet_all(document.name):
                    self.done.refused.append(f"{document.name}: {document.left_alone}")
                continue
            try:
                self._document(document)
            except (EditedError, UnreadableError) as error:
                self.done.refused.append(f"{document.name or self._source.name}: {error}")
            except (FileNotFoundError, PermissionError) as error:
                if not self._source.many:
                    raise
                if self._index.meet_all(document.name):
                    self.done.refused.append(f"{document.name}: {error.strerror}")
        for file, subject in self._index.unmet():
            where = ", ".join(
                filter(None, (file, "" if subject == "#1" and file else f"article {subject}")),
            )
            self.done.refused.append(f"{where}: no longer there")
        if len(self.done.refused) == len(self._index) and not (
            self.done.restored or self.done.already
        ):
            self.done.hint = (
                f"no article of the backup is in {self._source.name}: is it the right source?"
            )
        return self.done

    def _document(self, document: Document) -> None:
        assert document.path is not None  # noqa: S101 - a pipe is no source of a restore
        with self._source.opened(document) as reading:
            file = reading.file
            told = self._source.stat() or os.fstat(file.fileno())
            changes = list(self._changes(document, reading))
            if not changes:
                return
            new = AtomicFileWriter(document.path, document.path)
            try:
                out = packer(self._source.packing, new.write)
                originals = ((entry, read_original(self._path, at)) for entry, at in changes)
                count = splice(
                    file,
                    (0, file.seek(0, 2)),
                    originals,
                    out.write,
                    lambda *_: None,
                    lambda _: self._stop.check(),
                )
                out.close()
                new.finish()
                if signature(document.path.stat()) != signature(told):
                    message = (
                        "somebody changed it meanwhile; it was left alone, run the command again"
                    )
                    raise EditedError(message)
                new.commit()
                self.done.restored += count
            finally:
                new.abandon()

    def _changes(
        self,
        document: Document,
        reading: FileReading,
    ) -> Iterator[tuple[ArticleRecord, int]]:
        """Return the articles to restore, as the splice wants them, with the places of their
        originals in the backup.
        """
        layout = reading.layout
        edited: set[str] = set()
        for region, cell in self._cells(reading):
            self._index.meet(document.name, subject_of(cell.id, region.n), region.n)
        for region, cell in self._cells(reading):
            subject = subject_of(cell.id, region.n)
            originals = self._index.of_one_at(region.n, document.name, subject)
            if not originals:
                continue
            raw = region.raw[cell.start : cell.end]
            found = hashlib.sha256(raw).hexdigest()
            original = first_original(originals, found)
            if original is not None and not original.sound:
                self._index.meet(document.name, subject, original.n)
                where = place_of(document.name, layout.unit, region.n, cell.id)
                self.done.refused.append(f"{where}: {DAMAGED}")
            elif original is not None:
                self._index.meet(document.name, subject, original.n)
                entry = ArticleRecord(
                    document.name,
                    region.n,
                    region.start + cell.start,
                    len(raw),
                    cell.id,
                )
                entry.before_sum, entry.after_sum = found, original.before_sum
                yield entry, original.at
            elif same := next((each for each in originals if each.before_sum == found), None):
                self._index.meet(document.name, subject, same.n)
                self.done.already += 1
            else:
                edited.add(subject)
                where = place_of(document.name, layout.unit, region.n, cell.id)
                self.done.refused.append(f"{where}: edited since; it was left alone")
        for subject in edited:
            self._index.meet(document.name, subject)

    def _cells(self, reading: FileReading) -> Iterator[tuple[RawRecord, ContentSpan]]:
        for region in reading.regions(ScanProgress(), Plan(every=True)):
            self._stop.check()
            with suppress(UnreadableError):
                if cell := reading.layout.find(region.raw):
                    yield region, cell


def lost_lines(index: BackupIndex) -> list[str]:
    """Return a line for each of the backup's that tells of no article any more."""
    return [
        f"line {number} of the backup is damaged; what it kept is lost" for number in index.lost
    ]


def first_original(originals: list[Original], found: str) -> Original | None:
    """Return what stood there before all changes that led to the bytes with the sum `found`;
    None if no change led there.

    Different bytes may have become the same: who saved last before a change is in the younger
    line, so it goes from the youngest back.
    """
    last = None
    for each in reversed(originals):
        if each.after_sum == found:
            last, found = each, each.before_sum
    return last
