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
    """Articles of a `.csv` or `.tsv` file whose first record names the columns. `RawRecord.n` is
    the line a record begins in.
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
        self._line, self._body = 1, 0
        header = b""
        while not header.strip(b"\r\n"):  # blank lines are none, as in `csv`
            header, lines = _record(file, delimiter, self._line)
            self._line, self._body = self._line + lines, self._body + len(header)
            if not header:
                break
        shift = len(BOM) if header.startswith(BOM) else 0
        self.delimiter = (
            b";" if delimiter == b"," and b"," not in header and b";" in header else delimiter
        )
        names = [header[start:end] for start, end in _fields(header, self.delimiter, shift)]
        self._names = [_unquoted(each).decode("utf-8", "replace") for each in names]
        if wrong := _wrong_with(names, self._names, field):
            raise UsageError(wrong)
        self._column = self._names.index(field)
        self._id = self._names.index(id_field) if id_field in self._names else None
        self._url = self._names.index(url_field) if url_field in self._names else None
        self._date = next((self._names.index(each) for each in DATES if each in self._names), None)

    def regions(self, file: BinaryIO, tally: ScanProgress, *, every: bool) -> Iterator[RawRecord]:
        """Return records."""
        file.seek(self._body)
        at, line = self._body, self._line
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
        if not _is_whole(raw[start:end]):
            message = (
                "something stands behind the quote that closes the content; in CSV a quote in it is"
                ' doubled (""), and not written as \\"'
            )
            raise UnreadableError(message)
        return ContentSpan(
            start,
            end,
            self._told(raw, spans, self._id),
            self._told(raw, spans, self._date),
            url=self._told(raw, spans, self._url),
        )

    def _is_odd(self, raw: bytes) -> bool:
        """Return whether a record cannot be read, without a look at what it says."""
        if _QUOTE not in raw:
            return raw.count(self.delimiter) + 1 != len(self._names) or not is_utf8(raw)
        spans = _fields(raw, self.delimiter, 0)
        return (
            len(spans) != len(self._names)
            or not _is_whole(raw[slice(*spans[self._column])])
            or not is_utf8(raw)
        )

    def decode(self, raw: bytes) -> str:
        """Read a cell."""
        return utf8(_unquoted(raw))

    def encode(self, content: str, raw: bytes) -> bytes:
        """Write a cell: quoted if it was, or if it must be. Quotes that stand in it as they are may
        go on so.
        """
        written = content.encode()
        bare = not written.startswith(_QUOTE) if _QUOTE in raw else _QUOTE not in written
        if (
            bare
            and not raw.startswith(_QUOTE)
            and not any(sign in written for sign in (self.delimiter, b"\r", b"\n"))
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


def _wrong_with(header: list[bytes], names: list[str], field: str) -> str | None:
    """Return what is wrong with the names of the columns, if anything."""
    if any(b"\r" in each and not each.startswith(_QUOTE) for each in header):
        return "lines end in CR alone; convert them (tr '\\r' '\\n')"
    if field not in names:
        return f"no column {field!r}; there is: {', '.join(names[:12])} (see --field)"
    if (count := names.count(field)) > 1:
        return f"{count} columns are named {field!r}; give each a name of its own"
    return None


def _is_whole(cell: bytes) -> bool:
    """Return whether nothing stands behind the quote that closes a cell."""
    return not cell.startswith(_QUOTE) or _closing(cell, 1) == len(cell)


def _unquoted(raw: bytes) -> bytes:
    if not raw.startswith(_QUOTE):
        return raw
    end = _closing(raw, 1)
    return raw[1 : end - 1].replace(_QUOTE * 2, _QUOTE) + raw[end:]
