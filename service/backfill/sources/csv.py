"""CSV and TSV (RFC 4180, as spreadsheets and `csv` write it): only the bytes of a changed cell are
rewritten.
"""

import re
from collections.abc import Iterator
from typing import BinaryIO

from service.backfill.archive_errors import UnreadableError, UsageError
from service.backfill.sources.byte_prefilter import has_trace, is_utf8
from service.backfill.sources.jsonl import DATES
from service.backfill.sources.layout import (
    BOM,
    MOST_BYTES,
    ContentSpan,
    RawRecord,
    ScanProgress,
    utf8,
)

_QUOTE = b'"'
_CLOSING = re.compile(rb'[^"]*+(?>(?:""[^"]*+)*)"')


class CsvFile:
    """Articles of a `.csv` or `.tsv` file whose first record names the columns. `Region.n` is the
    line a record begins in.
    """

    unit = "line"
    format = None

    def __init__(
        self,
        file: BinaryIO,
        delimiter: bytes,
        field: str,
        id_field: str,
        url_field: str = "url",
    ) -> None:
        """Read the header. Raises `UsageError` if it has no such column."""
        file.seek(0)
        self._header, _ = _record(file, delimiter, 1)
        shift = len(BOM) if self._header.startswith(BOM) else 0
        self.delimiter = (
            b";"
            if delimiter == b"," and b"," not in self._header and b";" in self._header
            else delimiter
        )
        spans = _fields(self._header, self.delimiter, shift)
        self._names = [
            _unquoted(self._header[start:end]).decode("utf-8", "replace") for start, end in spans
        ]
        if field not in self._names:
            message = f"no column {field!r}; there is: {', '.join(self._names[:12])} (see --field)"
            raise UsageError(message)
        self._column = self._names.index(field)
        self._id = self._names.index(id_field) if id_field in self._names else None
        self._url = self._names.index(url_field) if url_field in self._names else None
        self._date = next((self._names.index(each) for each in DATES if each in self._names), None)

    def regions(self, file: BinaryIO, tally: ScanProgress, *, every: bool) -> Iterator[RawRecord]:
        """Return records."""
        file.seek(len(self._header))
        at, line = len(self._header), 1 + self._header.count(b"\n")
        while True:
            raw, lines = _record(file, self.delimiter, line)
            if not raw:
                return
            if raw.strip(b"\r\n"):
                tally.articles += 1
                tally.at = at
                if every or has_trace(raw) or self._is_odd(raw):
                    yield RawRecord(line, at, raw)
            at += len(raw)
            line += lines

    def find(self, raw: bytes) -> ContentSpan | None:
        """Find the cell of the content."""
        spans = _fields(raw, self.delimiter, 0)
        if len(spans) != len(self._names):
            message = f"{len(spans)} fields where the header has {len(self._names)}"
            raise UnreadableError(message)
        start, end = spans[self._column]
        if start == end:
            return None
        return ContentSpan(
            start,
            end,
            self._told(raw, spans, self._id),
            self._told(raw, spans, self._date),
            url=self._told(raw, spans, self._url),
        )

    def _is_odd(self, raw: bytes) -> bool:
        """Return whether a record cannot be read, without a look at what it says."""
        count = (
            len(_fields(raw, self.delimiter, 0)) if _QUOTE in raw else raw.count(self.delimiter) + 1
        )
        return count != len(self._names) or not is_utf8(raw)

    def decode(self, raw: bytes) -> str:
        """Read a cell."""
        return utf8(_unquoted(raw))

    def encode(self, content: str, raw: bytes) -> bytes:
        """Write a cell: quoted if it was, or if it must be."""
        written = content.encode()
        if not raw.startswith(_QUOTE) and not any(
            sign in written for sign in (self.delimiter, _QUOTE, b"\r", b"\n")
        ):
            return written
        return _QUOTE + written.replace(_QUOTE, _QUOTE * 2) + _QUOTE

    def _told(self, raw: bytes, spans: list[tuple[int, int]], column: int | None) -> str | None:
        if column is None:
            return None
        return _unquoted(raw[slice(*spans[column])]).decode("utf-8", "replace") or None


def _record(file: BinaryIO, delimiter: bytes, line: int) -> tuple[bytes, int]:
    """Read one record: a line, and those after it while a quote is open. Gives its bytes and the
    lines it takes.
    """
    first = file.readline()
    if not _still_open(first, delimiter, opened=False):
        return first, 1
    lines, size = [first], len(first)
    while True:
        more = file.readline()
        if not more or size > MOST_BYTES:
            message = (
                f"the record that begins in line {line} has a quote that is never closed; close it,"
                " all from there on was left as it is"
            )
            raise UnreadableError(message)
        lines.append(more)
        size += len(more)
        if not _still_open(more, delimiter, opened=True):
            return b"".join(lines), len(lines)


def _still_open(line: bytes, delimiter: bytes, *, opened: bool) -> bool:
    """Return whether a quote is open at the end of a line. A quote opens at the start of a field
    only, as `csv` reads it.
    """
    if _QUOTE not in line:
        return opened
    at = 0
    if not opened and line.removeprefix(BOM).startswith(_QUOTE):
        opened, at = True, line.index(_QUOTE) + 1
    while True:
        if opened:
            at = _closing(line, at)
            if at < 0:
                return True
            opened = False
        opening = line.find(delimiter + _QUOTE, at)
        if opening < 0:
            return False
        opened, at = True, opening + 2


def _closing(line: bytes, at: int) -> int:
    """Return the place behind the quote that closes a field, -1 if none does; a doubled quote
    is one in the text.
    """
    closing = _CLOSING.match(line, at)
    return closing.end() if closing else -1


def _fields(raw: bytes, delimiter: bytes, start: int) -> list[tuple[int, int]]:
    """Return start and end of each field of a record, quotes included, the line end not."""
    last = len(raw)
    if raw.endswith(b"\n"):
        last -= 2 if raw.endswith(b"\r\n") else 1
    spans = []
    at = start
    while True:
        begin = at
        if raw.startswith(_QUOTE, at):
            at = _closing(raw, at + 1)
        end = raw.find(delimiter, at, last)
        if end < 0:
            spans.append((begin, last))
            return spans
        spans.append((begin, end))
        at = end + 1


def _unquoted(raw: bytes) -> bytes:
    if not raw.startswith(_QUOTE):
        return raw
    end = _closing(raw, 1)
    return raw[1 : end - 1].replace(_QUOTE * 2, _QUOTE) + raw[end:]
