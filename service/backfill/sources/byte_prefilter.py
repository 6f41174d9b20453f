"""Filter, without decoding, the bytes that may hold a tweet: a superset of what detection looks
at.

Nearly all bytes of an archive are looked at here and nowhere else, so the words are searched for by
pydantic's expressions, which are those of Rust: they look at many bytes at once where `re` looks
at each (docs.pydantic.dev, `core_schema.str_schema`; docs.rs/regex, Performance). Such an
expression tells only whether it is found, in UTF-8; in other bytes `re` looks for the same.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import compress
from typing import Final

from pydantic_core import ValidationError

from service.core.text.prefilter import rust_searcher

_WORDS: Final = r"tw(?:itter|eet)|\.com?(?:\\?/|%2f)|/status|\{\{|&(?:#(?:0*64|x0*40)|commat)|＠"
# JSON escapes that may hide a letter, a digit, one of # . / ; @ { or ＠, or an ampersand before #
# and commat (Go writes \u003c for every <)
_ESCAPES: Final = (
    r"\\u(?:00(?:2[3ef]|3[0-9b]|4[0-9a-f]|5[0-9a]|6[1-9a-f]|7[0-9a-b]|26(?:#|c|\\))|ff20)"
)
_IN_ALL: Final = re.compile(_WORDS.encode(), re.IGNORECASE)
_IN_JSON: Final = re.compile(f"{_WORDS}|{_ESCAPES}".encode(), re.IGNORECASE)
_LETTERS: Final = frozenset(b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")
_REFERENCES: Final = frozenset(b"&#\\")
"""What may stand before letters that are no letters to a reader: `&nbsp@`, `&#40@`, `\\n@`."""


_found_in_all = rust_searcher(_WORDS).isinstance_python
_found_in_json = rust_searcher(f"{_WORDS}|{_ESCAPES}").isinstance_python
_NOWHERE: Final = rust_searcher("\x00tweet-embed looks at the encoding alone\x00")


def has_trace(data: bytes, *, escaped: bool = False) -> bool:
    """Return whether there is any. `escaped`: the bytes are JSON."""
    found, slowly = (_found_in_json, _IN_JSON) if escaped else (_found_in_all, _IN_ALL)
    return (
        found(data)
        or find_sign(data) >= 0
        or (not is_utf8(data) and slowly.search(data) is not None)
    )


def rows_with_traces(rows: Sequence[bytes]) -> Iterator[int]:
    """Return which of some rows of JSON, all of them UTF-8, have one by their words; an @ is not
    looked for.
    """
    return compress(range(len(rows)), map(_found_in_json, rows))


def find_sign(data: bytes, start: int = 0) -> int:
    """Return where, from `start` on, an @ stands that may begin a handle, -1 if none does: no
    letter is before it, as in an address of e-mail.
    """
    at = data.find(b"@", start)
    while at >= 0:
        before = at
        while before and data[before - 1] in _LETTERS:
            before -= 1
        if before == at or (before and data[before - 1] in _REFERENCES):
            return at
        at = data.find(b"@", at + 1)
    return -1


def is_utf8(data: bytes) -> bool:
    """Return whether bytes are UTF-8."""
    if data.isascii():
        return True
    try:
        _NOWHERE.validate_python(data)
    except ValidationError as trouble:
        (told,) = trouble.errors(include_url=False, include_context=False, include_input=False)
        return told["type"] != "string_unicode"
    return True
