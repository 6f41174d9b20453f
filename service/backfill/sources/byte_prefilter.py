"""Filter, without decoding, the bytes that may hold a tweet: a superset of what detection looks
at.

An expression that begins with one letter is searched for at one to four gigabytes a second, one
that begins with alternatives at a tenth of that: so there is one for each first letter, and the
places they give are merged. Rare first letters are looked for by `bytes.find`, which is ten times
as fast again while it finds little.
"""

import re
from collections.abc import Callable, Generator
from functools import partial

_OFTEN = [re.compile(each) for each in (rb"tw(?:itter|eet)", rb"\.com?(?:\\?/|%2f)", rb"/status")]
_SELDOM = [(each[:1], re.compile(each)) for each in (b"@", b"&(?:#|commat)", b"{{", "＠".encode())]
# JSON escapes that may hide a letter, a digit, one of # . / ; @ { or ＠, or an ampersand before #
# and commat (Go writes \u003c for every <)
_ESCAPE = (
    b"\\",
    re.compile(
        rb"\\u(?:00(?:2[3ef]|3[0-9b]|4[0-9a-f]|5[0-9a]|6[1-9a-f]|7[0-9a-b]|26(?:#|c|\\))|ff20)",
    ),
)
_NEAR = 1000
"""Bytes from one first letter to the next, on average, from which on an expression is faster than
to look at each.
"""
_PATIENCE = 16


def traces(data: bytes, *, escaped: bool) -> Generator[int, int | None, None]:
    """Return places of traces, in order; send a place to go on from (`generator.send(end)`), or
    None. `escaped`: the bytes are JSON.
    """
    lowered = data.lower()
    seldom = [*_SELDOM, _ESCAPE] if escaped else _SELDOM
    searches: list[Callable[[int], int]] = [partial(_search, lowered, each) for each in _OFTEN]
    searches += [partial(_hop, lowered, *each) for each in seldom]
    nexts = [search(0) for search in searches]
    while (at := min(nexts)) < len(data):
        skip = yield at
        end = max(at + 1, skip or 0)
        for number, place in enumerate(nexts):
            if place < end:
                nexts[number] = searches[number](end)


def has_trace(data: bytes, *, escaped: bool = False) -> bool:
    """Return whether there is any."""
    return next(traces(data, escaped=escaped), None) is not None


def _search(data: bytes, wanted: re.Pattern[bytes], start: int) -> int:
    """Return the first place from `start` on, the length of it all if there is none."""
    found = wanted.search(data, start)
    return found.start() if found else len(data)


def _hop(data: bytes, first: bytes, wanted: re.Pattern[bytes], start: int) -> int:
    """Do the same by way of the first letter, while that is rare."""
    at, hops = start, 0
    while (at := data.find(first, at)) >= 0:
        if wanted.match(data, at):
            return at
        at += 1
        hops += 1
        if hops > _PATIENCE and at - start < hops * _NEAR:
            return _search(data, wanted, at)
    return len(data)
