"""Files as a source: which documents they are, how each is read, and how articles stand in it."""

import errno
import os
import re
import stat
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import BinaryIO, cast

from service.backfill.archive_errors import MissingFieldError, UnreadableError, UsageError
from service.backfill.plan import Plan
from service.backfill.safety.checkpoint import ArticleRecord
from service.backfill.sources.compression import packing_in, packing_of, unpack
from service.backfill.sources.csv import CsvFile
from service.backfill.sources.folder import TextFile, documents
from service.backfill.sources.ghost import GhostExport
from service.backfill.sources.jsonl import JsonLinesFile
from service.backfill.sources.layout import BOM, FileLayout, RawRecord, ScanProgress, other_encoding
from service.backfill.sources.protocol import Document, EarlierVersion, FileBlocks
from service.backfill.sources.wxr import WordPressExport

KINDS = {
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".csv": "csv",
    ".tsv": "tsv",
    ".xml": "wxr",
    ".wxr": "wxr",
    ".json": "ghost",
}
_FIELDS = {
    "jsonl": "content",
    "csv": "content",
    "tsv": "content",
    "wxr": "content:encoded",
    "ghost": "html",
}
_FULL = {errno.ENOSPC, errno.EDQUOT}
_HEAD = 65536
_ARRAY = re.compile(rb"\s*\[\s*\{")
_LOOKED_AT = 20
"""Records that are looked at before a name of `--field` counts as wrong."""


@dataclass(frozen=True, slots=True)
class FileReading:
    """A file that is open, unpacked."""

    file: BinaryIO
    layout: FileLayout
    whole: bool
    """Whether it belongs to a shard as a whole."""

    def regions(self, tally: ScanProgress, plan: Plan) -> Iterator[RawRecord]:
        """Return the regions of the plan's shard."""
        if self.whole or plan.shard.count == 1:
            self.file.seek(0)
            yield from self.layout.regions(self.file, tally, every=plan.every)
            return
        part = self.part(plan)
        self.file.seek(0)
        all_of_it = ScanProgress()
        for region in self.layout.regions(self.file, all_of_it, every=plan.every):
            tally.at = all_of_it.at
            tally.articles = max(0, all_of_it.articles - part.before_start)
            if region.start >= part.end:
                break
            if region.start >= part.start:
                yield region
        tally.articles = (
            all_of_it.articles if part.before_end is None else part.before_end
        ) - part.before_start

    def blocks(self, plan: Plan, *, counted: bool) -> FileBlocks | None:
        """Return stretches of a file of JSON Lines that is not divided into shards."""
        if plan.shard.count > 1 or not isinstance(self.layout, JsonLinesFile):
            return None
        each = self.layout.blocks(self.file, counted=counted)
        return FileBlocks(self.file.fileno(), self.layout, each)

    def read(self, entries: Sequence[ArticleRecord]) -> list[bytes | None]:
        """Return the bytes of cells."""
        cells: list[bytes | None] = []
        for entry in entries:
            self.file.seek(entry.start)
            cells.append(self.file.read(entry.size))
        return cells

    def descriptor(self) -> int | None:
        """Return the file, unless it is one of many."""
        return None if self.whole else self.file.fileno()

    def bounds(self, plan: Plan) -> tuple[int, int]:
        """Return the bytes, from and to, that are the shard's."""
        if self.whole or plan.shard.count == 1:
            return 0, self.file.seek(0, 2)
        part = self.part(plan)
        return part.start, part.end

    def part(self, plan: Plan) -> "ShardPart":
        """Return a shard's part of the file. The parts, in order, make the whole."""
        size = self.file.seek(0, 2)
        number, count = plan.shard.number, plan.shard.count
        wanted = [size * each // count for each in (number - 1, number)]
        starts = [0, 0] if number == 1 else [size, size]
        before = [0, 0]
        missing = [
            each
            for each in (0, 1)
            if not (each == 0 and number == 1) and not (each == 1 and number == count)
        ]
        self.file.seek(0)
        tally = ScanProgress()
        for region in self.layout.regions(self.file, tally, every=True):
            while missing and region.start >= wanted[missing[0]]:
                each = missing.pop(0)
                starts[each], before[each] = region.start, tally.articles - 1
            if not missing:
                break
        else:
            for each in missing:
                starts[each], before[each] = size, tally.articles
        return ShardPart(
            starts[0],
            size if number == count else starts[1],
            before[0],
            None if number == count else before[1],
        )


@dataclass(frozen=True, slots=True)
class ShardPart:
    """The bytes of a document that are a shard's, from one start of an article to another, and how
    many articles are before each.
    """

    start: int
    end: int
    before_start: int
    before_end: int | None
    """None where it ends with the document."""


class FileSource:
    """A file, a folder or standard input, opened for reading. Close it after use."""

    living = False

    def __init__(
        self,
        place: str,
        field: str | None,
        id_field: str,
        pipe: BinaryIO,
        url_field: str = "url",
        *,
        in_place: bool,
        check: Callable[[], None],
    ) -> None:
        """Return what it is; `in_place`: it is to be replaced. `check` is called while it is
        unpacked. Raises `UsageError` for what cannot be read at all, `UnreadableError` for a
        damaged packing, `OSError` where there is no room to unpack it.
        """
        self._stack, self._check, self._in_place = ExitStack(), check, in_place
        self._field, self._id_field, self._url_field = field, id_field, url_field
        self.path = None if place == "-" else Path(place).resolve()
        self.name = "standard input" if self.path is None else place
        self.many = self.path is not None and self.path.is_dir()
        self.packing = "" if self.path is None or self.many else packing_of(self.path.name)
        self._kind = "folder" if self.many else ""
        self._blank = False
        self._unpacked: BinaryIO | None = None
        self._stat: os.stat_result | None = None
        try:
            if self.many:
                os.scandir(self.path).close()
                return
            self._unpacked = self._open_file(pipe)
            self._kind = self._tell_kind()
            self._check_field(self._unpacked)
        except BaseException as error:
            self.close()
            if isinstance(error, UsageError | UnreadableError):
                message = f"{self.name}: {error}"
                raise type(error)(message) from None
            if isinstance(error, OSError) and error.errno not in _FULL:
                message = f"{place}: {error.strerror}"
                raise UsageError(message) from None
            raise

    def documents(self) -> Iterator[Document]:
        """Return the documents, in order."""
        if self.many and self.path:
            yield from documents(self.path, in_place=self._in_place)
        elif not self._blank:
            yield Document("", self.path)

    def document(self, name: str) -> Document:
        """Return the document of that name."""
        return Document(name, self.path / name if self.path and self.many else self.path)

    @contextmanager
    def opened(self, document: Document) -> Iterator[FileReading]:
        """Open a document for reading, unpacked. Raises `UsageError`, `OSError`."""
        if self._unpacked is not None:
            yield FileReading(self._unpacked, self._layout(document, self._unpacked), whole=False)
            return
        descriptor = os.open(
            cast("Path", document.path),
            os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC,
        )
        with os.fdopen(descriptor, "rb") as file:
            yield FileReading(file, self._layout(document, file), whole=True)

    def earlier_versions(self) -> Iterator[EarlierVersion]:
        """Return none: files keep nothing from before."""
        return iter(())

    def size(self) -> int:
        """Return the bytes of a single file, 0 where they are not known."""
        return self._stat.st_size if self._stat and not self.packing else 0

    def endings_beside(self, name: str) -> Sequence[str]:
        """Return how a copy of the source may end, where `name` has the ending of another kind of
        archive.
        """
        suffix = ending_of(name)
        if self.many or self._blank or KINDS.get(suffix, self._kind) == self._kind:
            return ()
        return [each for each, kind in KINDS.items() if kind == self._kind]

    def _layout(self, document: Document, file: BinaryIO) -> FileLayout:
        field = self._field or _FIELDS.get(self._kind, "")
        if self._kind == "folder":
            return TextFile(document.name)
        if self._kind == "wxr":
            return WordPressExport(field)
        if self._kind == "ghost":
            return GhostExport(field)
        if self._kind == "jsonl":
            return JsonLinesFile(field, self._id_field, self._url_field)
        comma = b"\t" if self._kind == "tsv" else b","
        return CsvFile(file, comma, field, self._id_field, self._url_field)

    def _check_field(self, file: BinaryIO) -> None:
        """Raise `UsageError` if none of the first records has the member that is wanted."""
        if self._blank:
            return
        file.seek(0)
        layout = self._layout(Document("", self.path), file)
        file.seek(0)
        missing: UnreadableError | None = None
        try:
            for region in islice(layout.regions(file, ScanProgress(), every=True), _LOOKED_AT):
                try:
                    layout.find(region.raw)
                except MissingFieldError as error:
                    missing = missing or error
                except UnreadableError:
                    continue  # told when its turn comes
                else:
                    return
        except UnreadableError:
            return
        if missing is not None:
            raise UsageError(str(missing))

    def stat(self) -> os.stat_result | None:
        """Return which file a single source was when it was opened; None for a folder, whose files
        are opened one by one, and a pipe.
        """
        return self._stat

    def close(self) -> None:
        """Close what is open, and remove what was unpacked."""
        self._stack.close()

    def _open_file(self, pipe: BinaryIO) -> BinaryIO:
        if self.path is None:
            spool = self._spooled(pipe)
            spool.seek(0)
            self.packing = packing_in(spool.read(_HEAD))
            spool.seek(0)
            return self._spooled(spool) if self.packing else spool
        if not stat.S_ISREG(self.path.stat().st_mode):
            message = "no regular file; a pipe is read from standard input, as -"
            raise UsageError(message)
        file = self._stack.enter_context(self.path.open("rb"))
        self._stat = os.fstat(file.fileno())
        return self._spooled(file) if self.packing else file

    def _spooled(self, source: BinaryIO) -> BinaryIO:
        """Copy to an unnamed file, unpacked: all three steps read it, and at any place."""
        spool = cast(
            # it is
            "BinaryIO",
            self._stack.enter_context(tempfile.TemporaryFile(prefix="tweet-embed-")),  # noqa: SIM115
        )
        try:
            unpack(source, self.packing, spool, self._check)
            spool.flush()
        except OSError as error:
            if error.errno in _FULL:
                error.filename = tempfile.gettempdir()
            raise
        return spool

    def _tell_kind(self) -> str:
        assert self._unpacked is not None  # noqa: S101 - a single file is open by now
        kind = None
        if self.path is not None:
            kind = KINDS.get(ending_of(self.path.name))
            if kind is None:
                message = (
                    f"one of {' '.join(KINDS)} (also .gz, .zst) or a folder is read; a single"
                    " article is for `resolve`"
                )
                raise UsageError(message)
        self._unpacked.seek(0)
        head = self._unpacked.read(_HEAD)
        wrong = other_encoding(head)
        if packing := packing_in(head):
            wrong = "packed twice; unpack it once" if self.packing else f"packed; name it {packing}"
        if kind in {"jsonl", "ghost", None} and _ARRAY.match(head.removeprefix(BOM)):
            wrong = (
                "an array of JSON; an object a line is read (.jsonl), as jq -c '.[]' writes them"
            )
        if wrong:
            raise UsageError(wrong)
        self._blank = _is_blank(head, self._unpacked)
        return "jsonl" if self._blank else kind or _kind_of(head.removeprefix(BOM).lstrip())


def ending_of(name: str) -> str:
    """Return by which ending a file's name tells what is in it, be it packed or not."""
    return os.path.splitext(name.lower().removesuffix(packing_of(name)))[1]  # noqa: PTH122 - no path


def _is_blank(head: bytes, rest: BinaryIO) -> bool:
    """Return whether there is nothing in a document but white space, maybe after a byte order
    mark.
    """
    data = head.removeprefix(BOM)
    while not data.strip():
        data = rest.read(_HEAD)
        if not data:
            return True
    return False


def _kind_of(head: bytes) -> str:
    """Return what comes down a pipe."""
    first = head.partition(b"\n")[0]
    if head.startswith(b"<"):
        return "wxr"
    if head.startswith(b"{"):
        return (
            "ghost"
            if b'"db"' in first[:200] or b'"posts"' in first[:200] or first.strip() == b"{"
            else "jsonl"
        )
    return "tsv" if b"\t" in first else "csv"
