"""What a SOURCE is: which documents it has, how each is read, and how articles stand in it."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

from service.backfill.folder import WholeFile, files
from service.backfill.ghost import Ghost
from service.backfill.jsonl import JsonLines
from service.backfill.layout import BOM, Layout, UnreadableError, UsageError
from service.backfill.packed import packing_of, unpack
from service.backfill.tabular import Table
from service.backfill.wxr import Wxr

DATABASES = ("postgresql", "postgres", "mysql", "mariadb", "sqlite")
KINDS = {
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".csv": "csv",
    ".tsv": "tsv",
    ".xml": "wxr",
    ".wxr": "wxr",
    ".json": "ghost",
}
_FIELDS = {"jsonl": "content", "csv": "content", "tsv": "content", "wxr": "content:encoded", "ghost": "html"}


@dataclass(frozen=True, slots=True)
class Document:
    """A file with articles: its name in a folder, "" where the source is one file; None for the path of a pipe."""

    name: str
    path: Path | None
    left_alone: str | None = None


class Source:
    """A file, a folder or standard input, opened for reading. Close it after use."""

    def __init__(self, place: str, field: str | None, id_field: str, pipe: BinaryIO) -> None:
        """Tell what it is. Raises `UsageError` for what cannot be read at all, `UnreadableError` for a damaged packing."""
        if place.partition(":")[0].partition("+")[0] in DATABASES and ":" in place:
            message = f"{place.partition(':')[0]}: databases are not supported yet; export the table to CSV or JSON Lines"
            raise UsageError(message)
        self._stack = ExitStack()
        self._field, self._id_field = field, id_field
        self.path = None if place == "-" else Path(place).resolve()
        self.name = "standard input" if self.path is None else place
        self.is_folder = self.path is not None and self.path.is_dir()
        self.packing = "" if self.path is None or self.is_folder else packing_of(self.path.name)
        self._kind = "folder" if self.is_folder else ""
        self._unpacked: BinaryIO | None = None
        self._stat: os.stat_result | None = None
        if self.is_folder:
            return
        try:
            self._unpacked = self._open_file(pipe)
            self._kind = self._tell_kind()
        except OSError as error:
            self.close()
            message = f"{place}: {error.strerror}"
            raise UsageError(message) from None
        except (UsageError, UnreadableError) as error:
            self.close()
            message = f"{self.name}: {error}"
            raise type(error)(message) from None

    def documents(self) -> Iterator[Document]:
        """Give the documents, in order."""
        if self.is_folder and self.path:
            for name, why in files(self.path):
                yield Document(name, self.path / name, why)
        else:
            yield Document("", self.path)

    @contextmanager
    def opened(self, document: Document) -> Iterator[BinaryIO]:
        """Open a document for reading, unpacked, at its start. Raises `OSError`."""
        if self._unpacked is not None:
            self._unpacked.seek(0)
            yield self._unpacked
            return
        descriptor = os.open(cast("Path", document.path), os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        with os.fdopen(descriptor, "rb") as file:
            yield file

    def layout(self, document: Document, file: BinaryIO) -> Layout:
        """Tell how articles stand in a document. Raises `UsageError`."""
        field = self._field or _FIELDS.get(self._kind, "")
        if self._kind == "folder":
            return WholeFile(document.name)
        if self._kind == "wxr":
            return Wxr(field)
        if self._kind == "ghost":
            return Ghost(field)
        if self._kind == "jsonl":
            return JsonLines(field, self._id_field)
        return Table(file, b"\t" if self._kind == "tsv" else b",", field, self._id_field)

    def stat(self) -> os.stat_result | None:
        """Tell which file a single source was when it was opened; None for a folder, whose files are opened one by one, and a pipe."""
        return self._stat

    def close(self) -> None:
        """Close what is open, and remove what was unpacked."""
        self._stack.close()

    def _open_file(self, pipe: BinaryIO) -> BinaryIO:
        if self.path is None:
            return self._spooled(pipe)
        file = self._stack.enter_context(self.path.open("rb"))
        self._stat = os.fstat(file.fileno())
        if self.packing or not self.path.is_file():
            return self._spooled(file)
        return file

    def _spooled(self, source: BinaryIO) -> BinaryIO:
        """Copy to an unnamed file, unpacked: all three steps read it, and at any place."""
        spool = cast("BinaryIO", self._stack.enter_context(tempfile.TemporaryFile(prefix="tweet-embed-")))  # noqa: SIM115 - it is
        unpack(source, self.packing, spool)
        spool.flush()
        return spool

    def _tell_kind(self) -> str:
        assert self._unpacked is not None  # noqa: S101 - a single file is open by now
        if self.path is not None:
            name = self.path.name.lower().removesuffix(self.packing)
            suffix = os.path.splitext(name)[1]  # noqa: PTH122 - a name, no path
            if suffix not in KINDS:
                message = (
                    f"{self.path.name}: one of {' '.join(KINDS)} (also .gz, .zst) or a folder is read; a single article is for `resolve`"
                )
                raise UsageError(message)
            return KINDS[suffix]
        self._unpacked.seek(0)
        head = self._unpacked.read(65536).removeprefix(BOM).lstrip()
        first = head.partition(b"\n")[0]
        if head.startswith(b"<"):
            return "wxr"
        if head.startswith(b"{"):
            return "ghost" if b'"db"' in first[:200] or b'"posts"' in first[:200] or first.strip() == b"{" else "jsonl"
        return "tsv" if b"\t" in first else "csv"
