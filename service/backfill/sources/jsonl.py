"""JSON Lines: an object a line, the content in one of its members. Only the bytes of that one
string are ever replaced.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Generator, Iterator
from dataclasses import replace
from heapq import merge
from itertools import accumulate, groupby
from typing import BinaryIO

from service.backfill.archive_errors import MissingFieldError, UnreadableError
from service.backfill.sources.byte_prefilter import find_sign, is_utf8, rows_with_traces
from service.backfill.sources.json_spans import (
    as_text,
    follow,
    is_text,
    read,
    read_string,
    span,
    words,
    write_string,
)
from service.backfill.sources.layout import (
    BOM,
    MOST_BYTES,
    ContentSpan,
    FileBlock,
    RawRecord,
    ScanProgress,
)

DATES = ("updated_at", "modified", "modified_at", "published_at", "published", "date", "created_at")
"""Members that may tell an article's date, the first one there counts."""

BLOCK = 128 * 1024
"""Bytes read at a time: each is searched several times, so they stay in the processor's cache."""
_APART = 1024 * 1024
"""Bytes that are looked at apart, as far as lines allow."""
_OBJECT_ENDS = (b"}", b"}\r")


class JsonLinesFile:
    """Articles of a `.jsonl` or `.ndjson` file."""

    unit = "line"
    format = None

    def __init__(self, field: str, id_field: str, url_field: str = "url") -> None:
        """`field` may be a path with dots, where no member has that name itself."""
        self._field = field
        self._id_field, self._url_field = id_field, url_field
        self._mark = field.rpartition(".")[2].encode() + b'"'

    def regions(self, file: BinaryIO, tally: ScanProgress, *, every: bool) -> Iterator[RawRecord]:
        """Return lines."""
        at, line = 0, 1
        while data := file.read(BLOCK):
            if not data.endswith(b"\n"):
                data += file.readline(MOST_BYTES)
                if len(data) > MOST_BYTES:
                    raise UnreadableError(_too_long(line + data.count(b"\n")))
            line += yield from self._lines(data, at, line, tally, every=every)
            at += len(data)
            tally.at = at

    def blocks(self, file: BinaryIO, *, counted: bool) -> Iterator[FileBlock]:
        """Return stretches of whole lines. Raises `UnreadableError` as `regions`."""
        size, at, line = file.seek(0, 2), 0, 1
        while at < size:
            file.seek(at + _APART)
            end = min(size, at + _APART + len(file.readline(MOST_BYTES)))
            block = FileBlock(at, end - at)
            if block.size > MOST_BYTES:
                raise UnreadableError(_too_long(_lines_before(file, at + _APART) + 1))
            if counted:
                lines = block.read(file.fileno()).count(b"\n")
                block = replace(block, first=line, last=line + lines)
                line += lines
            yield block
            at = end

    def in_block(self, data: bytes, tally: ScanProgress, *, every: bool) -> Iterator[RawRecord]:
        """Return the lines of a block as `regions` does those of a file; line 0 is its first.
        `tally.lines` is told how many it has.
        """
        at = line = 0
        while at < len(data):
            end = data.find(b"\n", at + BLOCK - 1) + 1 or len(data)
            part = data[at:end]
            line += yield from self._lines(part, at, line, tally, every=every)
            at = end
        tally.lines = line

    def _lines(
        self, data: bytes, at: int, line: int, tally: ScanProgress, *, every: bool
    ) -> Generator[RawRecord, None, int]:
        if every:
            return (yield from _every(data, at, line, tally))
        return (yield from _traced(data, at, line, tally, self._mark))

    def find(self, raw: bytes) -> ContentSpan | None:
        """Find the content of a line."""
        shift = len(BOM) if raw.startswith(BOM) else 0
        text = raw[shift:]
        article = read(text)
        if not isinstance(article, dict):
            message = "no JSON object"
            raise UnreadableError(message)
        path = [self._field] if self._field in article else self._field.split(".")
        try:
            content = follow(article, path)
        except KeyError:
            names = as_text(", ".join(list(article)[:8]))
            message = f"no member {self._field!r}; there is: {names} (see --field)"
            raise MissingFieldError(message) from None
        if content is None:
            return None
        if not isinstance(content, str):
            message = f"member {self._field!r} is no string"
            raise UnreadableError(message)
        start, end = span(text, path)
        name = words(text, self._id_field, article.get(self._id_field))
        date = next((article[each] for each in DATES if article.get(each)), None)
        url = article.get(self._url_field)
        return ContentSpan(
            start + shift,
            end + shift,
            name,
            None if date is None else str(date),
            url=url if isinstance(url, str) and is_text(url) else None,
            content=content if is_text(content) else None,
        )

    def decode(self, raw: bytes) -> str:
        """Read the string."""
        return read_string(raw)

    def encode(self, content: str, raw: bytes) -> bytes:
        """Write the string."""
        return write_string(content, raw)


def _too_long(line: int) -> str:
    return f"line {line} is longer than {MOST_BYTES} bytes; is this JSON Lines, an object a line?"


def _lines_before(file: BinaryIO, end: int) -> int:
    file.seek(0)
    count = 0
    while (left := end - file.tell()) > 0 and (data := file.read(min(left, _APART))):
        count += data.count(b"\n")
    return count


def _every(data: bytes, at: int, line: int, tally: ScanProgress) -> Generator[RawRecord, None, int]:
    """Return all lines that are not blank; return how many lines there are."""
    start, first = 0, line
    while start < len(data):
        end = data.find(b"\n", start) + 1 or len(data)
        if data[start:end].strip():
            tally.articles += 1
            yield RawRecord(line, at + start, data[start:end])
        line += 1
        start = end
    return line - first


def _traced(
    data: bytes,
    at: int,
    line: int,
    tally: ScanProgress,
    mark: bytes,
) -> Generator[RawRecord, None, int]:
    """Return the lines with a trace, or that look wrong; return how many lines there are."""
    rows = _Rows(data, mark)
    done = 0
    for row, _ in groupby(merge(rows_with_traces(rows.each), rows.with_signs(data), rows.odd)):
        start, end = rows.ends[row - 1] if row else 0, rows.ends[row]
        tally.articles += rows.filled(done, row + 1)
        tally.at = at + start
        yield RawRecord(line + row, at + start, data[start:end])
        done = row + 1
    tally.articles += rows.filled(done, len(rows.each))
    return len(rows.each)


class _Rows:
    """The lines of a block by their looks: where each ends, which are blank, and which cannot be an
    object with the content; what those are is told where they are read.
    """

    def __init__(self, data: bytes, mark: bytes) -> None:
        self.each = data.split(b"\n")
        if not self.each[-1]:
            self.each.pop()
        self.ends = list(accumulate(map((1).__add__, map(len, self.each))))
        self.ends[-1] = len(data)
        self.odd: list[int] = []
        self._blank: list[int] = []
        all_utf8 = is_utf8(data)
        for number, row in enumerate(self.each):
            if not (
                row.startswith(b"{")
                and row.endswith(_OBJECT_ENDS)
                and mark in row
                and (all_utf8 or is_utf8(row))
            ):
                (self.odd if row.strip() else self._blank).append(number)

    def filled(self, start: int, end: int) -> int:
        """Count the lines from `start` to `end` that are not blank."""
        if not self._blank:
            return end - start
        return end - start - (bisect_left(self._blank, end) - bisect_left(self._blank, start))

    def with_signs(self, data: bytes) -> Iterator[int]:
        """Return those with an @ that may begin a handle, in order."""
        at = find_sign(data)
        while at >= 0:
            row = bisect_right(self.ends, at)
            yield row
            at = find_sign(data, self.ends[row])
