"""A row of a column as an article: the text in it, and its bytes in UTF-8."""

from dataclasses import dataclass

from service.backfill.archive_errors import UnreadableError
from service.backfill.sources.layout import ContentSpan, utf8
from service.core.model import Format


@dataclass(frozen=True, slots=True)
class RowLayout:
    """A row is one article; its bytes are the text in UTF-8."""

    format: Format | None
    unit: str = ""

    def find(self, raw: bytes) -> ContentSpan:
        """Take all of it."""
        return ContentSpan(0, len(raw))

    def decode(self, raw: bytes) -> str:
        """Read it."""
        return utf8(raw)

    def encode(self, content: str, raw: bytes) -> bytes:  # noqa: ARG002 - text has one manner
        """Write it."""
        if "\0" in content:
            message = "what would be written has a NUL character"
            raise UnreadableError(message)
        return content.encode()


def bytes_of(content: object) -> tuple[bytes, str | None]:
    """Return the bytes of what a driver read, and what is wrong with them, if anything."""
    if content is None:
        return b"", None  # to be told of; it is never written (`read_many`)
    if isinstance(content, str):
        return content.encode("utf-8", "surrogateescape"), None
    if isinstance(content, bytes):
        return content, "a BLOB where text should be"
    return str(content).encode(), f"{type(content).__name__} where text should be"
