"""Where a text could speak of a tweet at all: the words and signs without which nothing is one.

Whether there is any is told by one of Rust's expressions (docs/decisions/0030). Where they are is
looked for in UTF-8 with ASCII letters made small, one after the other: a fraction of the time that
one search for any of them takes. Each expression begins with letters that are the same in all it
finds: `re` looks for those in one loop, three times as fast as `bytes.find` where they are rare.
"""

import re
from array import array
from bisect import bisect_left
from collections.abc import Sequence
from functools import cached_property
from typing import Final

from pydantic_core import SchemaValidator, core_schema

_WORDS = (
    re.compile(rb"/status"),
    re.compile(rb"\.co(?:(?<=t\.co)/|m(?<=x\.com)(?:/|%2f))"),
    re.compile(rb"tw(?:itter|eet)"),
)
"""Of `t.co/`, `x.com/` and `x.com%2f` the letter before the dot is not in what is found."""
_REFERENCE = re.compile(rb"&(?:#(?:0*64|x0*40)|commat);")
_CURLY = re.compile(rb"\{\{(?:[<%]|&lt;)")


def rust_searcher(expression: str) -> SchemaValidator:
    """Return what tells by Rust's regex crate whether an expression, letter case of ASCII aside, is
    found in a text, or in bytes in UTF-8 (docs/decisions/0030).
    """
    return SchemaValidator(
        core_schema.str_schema(pattern=f"(?i-u:{expression})", regex_engine="rust-regex")
    )


_WORD: Final = rust_searcher(
    r"tw(?:(?:i|İ|ı)tter|eet)|\.com?(?:/|%2f)|/(?:s|ſ)tatu"
    r"|\{\{|&(?:#(?:0*64|x0*40)|commat)|＠"
).isinstance_python
"""Whether a text may hold any of them but an @: the two together take twenty times as long. False
for a text with half a surrogate pair.
"""
_IS_UNICODE: Final = SchemaValidator(core_schema.str_schema(pattern="^")).isinstance_python
_DOT = ord(".")
_HALF: Final = 32
_END: Final = (1 << _HALF) - 1
"""A span is one number, its start in the upper half: an article may be nothing but traces."""
_FEW: Final = 1_000
"""Spans that a list may hold, which takes five times as much for each as an array."""
_WIDE = "＠"
_WIDE_BYTES = _WIDE.encode()
_TWO_CASED = (("İ", "i"), ("ı", "i"), ("ſ", "s"))
"""Letters beyond ASCII that are one with an `i` or an `s` where case does not count."""


def has_trace(text: str) -> bool:
    """Return whether a tweet could be meant anywhere in a text."""
    if _has_none(text):
        return False
    low = _lowered(text)
    return (
        b"@" in low
        or any(word.search(low) for word in _WORDS)
        or _WIDE in text
        or (b"&" in low and _REFERENCE.search(low) is not None)
        or (b"{" in low and _CURLY.search(low) is not None)
    )


class Traces:
    """The traces of tweets in a text."""

    def __init__(self, text: str) -> None:
        """Find them all; linear in the length of the text."""
        self._text = text
        self._spans: Sequence[int] = () if _has_none(text) else _spans(text)

    def first(self, start: int) -> tuple[int, int] | None:
        """Return the first that begins at `start` or behind it, as start and end; None if there is
        none.
        """
        number = bisect_left(self._spans, start << _HALF)
        if number == len(self._spans):
            return None
        span = self._spans[number]
        return span >> _HALF, span & _END

    def within(self, start: int, end: int) -> bool:
        """Return whether there is one in `start` to `end`."""
        return _any_within(self._spans, start, end)

    def at_within(self, start: int, end: int) -> bool:
        """Return whether there is an @ in `start` to `end`, however it is written."""
        return _any_within(self._ats, start, end)

    @cached_property
    def _ats(self) -> Sequence[int]:
        return array("Q", (span for span in self._spans if self._text[span >> _HALF] in "@＠&"))


def _has_none(text: str) -> bool:
    """Return whether a text surely holds no trace."""
    return "@" not in text and not _WORD(text) and (text.isascii() or _IS_UNICODE(text))


def _spans(text: str) -> Sequence[int]:
    for letter, other in _TWO_CASED:
        if letter in text:
            text = text.replace(letter, other)
    low = _lowered(text)
    spans: list[int] = []
    for sign in (b"@", _WIDE_BYTES) if _WIDE in text else (b"@",):
        at = low.find(sign)
        while at >= 0:
            spans.append(at << _HALF | at + len(sign))
            at = low.find(sign, at + 1)
    for word in _WORDS:
        for match in word.finditer(low):
            start, end = match.span()
            spans.append(start - (low[start] == _DOT) << _HALF | end)
    for sign, expression in ((b"&", _REFERENCE), (b"{", _CURLY)):
        if sign in low:
            spans.extend(one.start() << _HALF | one.end() for one in expression.finditer(low))
    spans.sort()
    if len(low) != len(text):
        spans = _in_characters(spans, low)
    return spans if len(spans) <= _FEW else array("Q", spans)


def _in_characters(spans: list[int], low: bytes) -> list[int]:
    """Turn offsets in UTF-8 into offsets in characters."""
    turned: list[int] = []
    at = characters = 0
    for span in spans:
        start, end = span >> _HALF, span & _END
        characters += len(low[at:start].decode("utf-8", "surrogatepass"))
        at = start
        turned.append(characters << _HALF | characters + len(low[start:end].decode("utf-8")))
    return turned


def _any_within(spans: Sequence[int], start: int, end: int) -> bool:
    for number in range(bisect_left(spans, start << _HALF), len(spans)):
        begins, ends = spans[number] >> _HALF, spans[number] & _END
        if begins >= end:
            return False
        if ends <= end:
            return True
    return False


def _lowered(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass").lower()
