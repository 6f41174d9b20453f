"""Ghost exports: one JSON document, its posts somewhere in `db[].data.posts[]`. Only the string of
a post's `html` is ever replaced.
"""

import json
import re
from collections.abc import Iterator
from typing import BinaryIO

from service.backfill.archive_errors import MissingFieldError, UnreadableError
from service.backfill.sources.byte_prefilter import has_trace, is_utf8
from service.backfill.sources.file_window import FileWindow
from service.backfill.sources.json_spans import STRING, read, read_string, span, words, write_string
from service.backfill.sources.layout import ContentSpan, RawRecord, ScanProgress

_TOKEN = re.compile(STRING + rb'|[{}\[\]:,]|(")', re.DOTALL)
"""The group begins a string that is not whole."""
_LONGEST_NAME = 100
_DATES = ("updated_at", "published_at", "created_at")


class GhostExport:
    """Articles of a Ghost export: the posts (and pages), in order."""

    unit = "post"
    format = None

    def __init__(self, field: str) -> None:
        """`field` is the member with the content: `html`."""
        self._field = field
        self._mark = json.dumps(field, ensure_ascii=False).encode()

    def regions(self, file: BinaryIO, tally: ScanProgress, *, every: bool) -> Iterator[RawRecord]:
        """Return the objects in `posts`."""
        if file.seek(0, 2) == 0:
            return
        for start, raw in _posts(FileWindow(file)):
            tally.at = start
            tally.articles += 1
            if every or has_trace(raw, escaped=True) or self._mark not in raw or not is_utf8(raw):
                yield RawRecord(tally.articles, start, raw)
        if not tally.articles:
            message = (
                "no posts in it (db[].data.posts); is it a Ghost export? Objects a line are .jsonl"
            )
            raise UnreadableError(message)

    def find(self, raw: bytes) -> ContentSpan | None:
        """Find a post's content."""
        post = read(raw)
        if self._field not in post:
            message = f"no member {self._field!r} in the post (see --field)"
            raise MissingFieldError(message)
        if not isinstance(post[self._field], str):
            return None
        source = next((each for each in ("lexical", "mobiledoc") if post.get(each)), None)
        note = (
            f"{source} left alone: Ghost writes its HTML anew from it when the post is saved"
            if source
            else None
        )
        date = next((str(post[each]) for each in _DATES if post.get(each)), None)
        return ContentSpan(*span(raw, [self._field]), words(raw, "id", post.get("id")), date, note)

    def decode(self, raw: bytes) -> str:
        """Read the string."""
        return read_string(raw)

    def encode(self, content: str, raw: bytes) -> bytes:
        """Write the string."""
        return write_string(content, raw)


def _posts(window: FileWindow) -> Iterator[tuple[int, bytes]]:
    """Return place and bytes of each object that stands in an array named `posts`."""
    names: list[
        bytes
    ] = []  # of the containers around, as written; of the members of an array, none
    name, string = b"", b""
    post_depth = at = 0
    for token in _tokens(window):
        sign = window.data[token.start()]
        if sign == ord('"'):
            is_name = window.keep is None and token.end() - token.start() < _LONGEST_NAME
            string = token[0] if is_name else b""
        elif sign == ord(":"):
            name = string
        elif sign in b"{[":
            if window.keep is None and sign == ord("{") and names and names[-1] == b'"posts"':
                window.keep, post_depth = window.start + token.start(), len(names)
            names.append(name if sign == ord("[") else b"")
            name = b""
        elif sign in b"}]":
            if not names:
                break
            names.pop()
            name = b""
            at = window.start + token.end()
            if window.keep is not None and len(names) == post_depth:
                yield window.keep, window.between(window.keep, at)
                window.keep = None
        else:
            name = b""
    if names:
        message = (
            "the JSON does not end; what follows byte"
            f" {at if window.keep is None else window.keep} was left as it is"
        )
        raise UnreadableError(message)


def _tokens(window: FileWindow) -> Iterator[re.Match[bytes]]:
    """Return strings and signs, in order; each stands in the window as it is then."""
    at = 0
    while window.read_on(at):
        for token in _TOKEN.finditer(window.data, at - window.start):
            if token.lastindex:  # the rest of the string is still to be read
                at = window.start + token.start()
                break
            yield token
        else:
            at = window.start + len(window.data)
