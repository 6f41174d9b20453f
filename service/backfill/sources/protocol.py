"""The interface of an archive that the steps work with: its documents, one of them opened for
reading, and the articles in it. Files and databases implement it.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import Protocol

from service.backfill.plan import Plan
from service.backfill.safety.checkpoint import ArticleRecord
from service.backfill.sources.layout import (
    BlockLayout,
    FileBlock,
    FileCell,
    Layout,
    RawRecord,
    ScanProgress,
)


@dataclass(frozen=True, slots=True)
class Document:
    """Something that holds articles, by its name: a file of a folder, a column of a table; "" where
    the source is one file.

    `path` is where it is on the disk, None for a pipe and a table. `left_alone` says why it is not
    looked at, if so. Where that is because it is a link to another document, `same_as` names that.
    """

    name: str
    path: Path | None
    left_alone: str | None = None
    same_as: str | None = None


@dataclass(frozen=True, slots=True)
class EarlierVersion:
    """A text that stood in an article before, or that a CMS kept of its embeds, as HTML.

    `article_id` is the article's, None where it belongs to none.
    """

    article_id: str | None
    text: str


class OpenDocument(Protocol):
    """A document that is open for reading."""

    @property
    def layout(self) -> Layout:
        """How its articles are read and written. It can be sent to another process."""

    def regions(self, tally: ScanProgress, plan: Plan) -> Iterator[RawRecord]:
        """Return the regions of the plan's shard in order: all, or those with any trace of a tweet.
        Raises `UnreadableError`, `OSError`.
        """

    def blocks(self, plan: Plan, *, counted: bool) -> "FileBlocks | None":
        """Return stretches that can be looked at apart; None where one thing is read after the
        other. `counted`: the numbers of their first lines are wanted.
        """

    def read(self, entries: Sequence[ArticleRecord]) -> list[bytes | None]:
        """Return the bytes of each article's cell as they are now, None where it is no longer
        there. Raises `OSError`.
        """

    def descriptor(self) -> int | None:
        """Return the open file in which the cells stand at their places as long as the source is
        open; None where they are to be had by `read` alone.
        """


@dataclass(frozen=True, slots=True)
class FileBlocks:
    """The blocks of an open file, and how articles stand in one."""

    descriptor: int
    layout: BlockLayout
    each: Iterator[FileBlock]


class Source(Protocol):
    """Where an archive comes from.

    `many` says that it has documents without end, each of which is in one shard or another as a
    whole; else its one document is divided. `living` says that others write to it all the time:
    what they changed meanwhile is taken as it is now.
    """

    name: str
    many: bool
    living: bool

    def documents(self) -> Iterator[Document]:
        """Return the documents, in order."""

    def document(self, name: str) -> Document:
        """Return the document of that name."""

    def opened(self, document: Document) -> AbstractContextManager[OpenDocument]:
        """Open a document. Raises `UsageError`, `OSError`."""

    def earlier_versions(self) -> Iterator[EarlierVersion]:
        """Return what is kept of articles from before, where the source keeps that."""

    def size(self) -> int:
        """Return what `ScanProgress.at` will come to, 0 where that is not known."""


class Documents:
    """The document read last stays open: articles of one come one after another."""

    def __init__(self, source: Source) -> None:
        """Of this source."""
        self._source = source
        self._name: str | None = None

    def read(self, entry: ArticleRecord) -> tuple[Layout, bytes]:
        """Return the bytes of an article's cell. Raises `FileNotFoundError` if it is no longer
        there, `OSError`.
        """
        reading = self._open(entry.file)
        (raw,) = reading.read([entry])
        if raw is None:
            raise FileNotFoundError
        return reading.layout, raw

    def read_many(
        self, entries: Iterable[ArticleRecord]
    ) -> Iterator[tuple[ArticleRecord, Layout | None, bytes | FileCell | None]]:
        """Return articles' cells, those of one document at once: where they stand in an open file,
        or their bytes; None where one is no longer there, or its document is not. Raises `OSError`.
        """
        for name, some in groupby(entries, key=attrgetter("file")):
            together = list(some)
            try:
                reading = self._open(name)
                descriptor = reading.descriptor()
                cells: Sequence[bytes | FileCell | None] = (
                    reading.read(together)
                    if descriptor is None
                    else [
                        FileCell(descriptor, each.start, each.size, each.before_sum)
                        for each in together
                    ]
                )
            except FileNotFoundError:
                yield from ((entry, None, None) for entry in together)
                continue
            for entry, cell in zip(together, cells, strict=True):
                yield entry, reading.layout, cell

    def _open(self, name: str) -> OpenDocument:
        if name != self._name:
            self.close()
            self._context = self._source.opened(self._source.document(name))
            self._reading = self._context.__enter__()
            self._name = name
        return self._reading

    def close(self) -> None:
        """Close it."""
        if self._name is not None:
            self._context.__exit__(None, None, None)
            self._name = None
