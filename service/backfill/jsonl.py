"""JSON Lines: an object a line, the content in one of its members. Only the bytes of that one string are ever replaced."""

from collections.abc import Iterator
from typing import BinaryIO

from service.backfill.jsonspans import follow, read, read_string, span, write_string
from service.backfill.layout import BOM, MOST_BYTES, Cell, Region, Tally, UnreadableError
from service.backfill.traces import traces

DATES = ("updated_at", "modified", "modified_at", "published_at", "published", "date", "created_at")
"""Members that may tell an article's date, the first one there counts."""

_BLOCK = 4 * 1024 * 1024


class JsonLines:
    """Articles of a `.jsonl` or `.ndjson` file."""

    unit = "line"
    format = None

    def __init__(self, field: str, id_field: str) -> None:
        """`field` may be a path with dots, where no member has that name itself."""
        self._field = field
        self._id_field = id_field

    def regions(self, file: BinaryIO, tally: Tally, *, every: bool) -> Iterator[Region]:
        """Give lines."""
        at, line, rest = 0, 1, b""
        while True:
            block = file.read(_BLOCK)
            data = rest + block
            cut = data.rfind(b"\n") + 1 if block else len(data)
            if not cut and len(data) > MOST_BYTES:
                message = f"line {line} is longer than {MOST_BYTES} bytes; is this JSON Lines, an object a line?"
                raise UnreadableError(message)
            data, rest = data[:cut], data[cut:]
            yield from _every(data, at, line, tally) if every else _traced(data, at, line, tally)
            at += len(data)
            line += data.count(b"\n")
            tally.at = at
            if not block:
                return

    def find(self, raw: bytes) -> Cell | None:
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
            names = ", ".join(list(article)[:8])
            message = f"no member {self._field!r}; there is: {names} (see --field)"
            raise UnreadableError(message) from None
        if content is None:
            return None
        if not isinstance(content, str):
            message = f"member {self._field!r} is no string"
            raise UnreadableError(message)
        start, end = span(text, path)
        name = article.get(self._id_field)
        date = next((article[each] for each in DATES if article.get(each)), None)
        return Cell(start + shift, end + shift, None if name is None else str(name), None if date is None else str(date))

    def decode(self, raw: bytes) -> str:
        """Read the string."""
        return read_string(raw)

    def encode(self, content: str, raw: bytes) -> bytes:
        """Write the string."""
        return write_string(content, raw)


def _every(data: bytes, at: int, line: int, tally: Tally) -> Iterator[Region]:
    start = 0
    while start < len(data):
        end = data.find(b"\n", start) + 1 or len(data)
        if data[start:end].strip():
            tally.articles += 1
            yield Region(line, at + start, data[start:end])
        line += 1
        start = end


def _traced(data: bytes, at: int, line: int, tally: Tally) -> Iterator[Region]:
    """Give the lines with a trace; of the others only the line ends are looked at."""
    places = traces(data, escaped=True)
    done = 0
    place = next(places, None)
    while place is not None:
        start = data.rfind(b"\n", done, place) + 1 or done
        end = data.find(b"\n", place) + 1 or len(data)
        line += data.count(b"\n", done, start)
        tally.articles += _lines(data, done, start) + 1
        tally.at = at + start
        yield Region(line, at + start, data[start:end])
        line += 1
        done = end
        try:
            place = places.send(end)
        except StopIteration:
            place = None
    tally.articles += _lines(data, done, len(data))


def _lines(data: bytes, start: int, end: int) -> int:
    """Count the lines in a stretch of whole lines, blank ones left out."""
    if (
        data.find(b"\n\n", max(0, start - 1), end) < 0
        and data.find(b"\n\r\n", max(0, start - 1), end) < 0
        and not data.startswith((b"\n", b"\r"))
    ):
        return data.count(b"\n", start, end) + (end > start and data[end - 1] != ord("\n"))
    return sum(1 for each in data[start:end].split(b"\n") if each.strip())
