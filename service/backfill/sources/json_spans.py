"""JSON by position: where in the bytes a member's value stands, and a string written in the manner
of the one it replaces (RFC 8259).
"""

import json
import re
from typing import Any

import orjson

from service.backfill.archive_errors import UnreadableError

STRING = rb'"[^"\\]*+(?>(?:\\.[^"\\]*+)*)"'
_TOKEN = re.compile(STRING + rb"|[{}\[\]:,]", re.DOTALL)
_BEFORE_STRING = re.compile(rb"[ \t\r\n]*:[ \t\r\n]*\"")
_BACKSLASH = ord("\\")
_HIGH_ESCAPE = re.compile(rb"\\u(?!00[0-7])", re.IGNORECASE)
_MARKUP = {b"<": rb"\u003c", b">": rb"\u003e", b"&": rb"\u0026"}


def read(raw: bytes) -> Any:  # noqa: ANN401 - JSON is what it is
    """Parse. Raises `UnreadableError`."""
    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError:
        pass  # json reads more (NaN, half a surrogate pair), and says what is wrong
    try:
        return json.loads(raw)
    except json.JSONDecodeError as error:
        message = f"no JSON: {error.msg} at column {error.colno}"
    except UnicodeDecodeError as error:
        message = (
            f"not UTF-8 at byte {error.start}; convert it (iconv -f latin1 -t utf-8) or leave"
            " it out"
        )
    except (ValueError, RecursionError) as error:
        message = f"JSON that cannot be read: {error}"
    raise UnreadableError(message)


def span(raw: bytes, path: list[str]) -> tuple[int, int]:
    """Return start and end of the value at `path`. `raw` is valid JSON and the path is in it;
    of two members of one name the last counts.
    """
    if len(path) == 1 and (simple := _simple_span(raw, path[0])):
        return simple
    start, end = 0, len(raw)
    for name in path:
        start, end = _members(raw, start, end)[name]
    return start, end


def follow(value: object, path: list[str]) -> object:
    """Return the value at `path`, or raise `KeyError`."""
    for name in path:
        if not isinstance(value, dict):
            raise KeyError(name)
        value = value[name]
    return value


def words(raw: bytes, member: str, value: object) -> str | None:
    """Return the value of a member in words, None for null. A number is as it is written, also one
    that is beyond every `float`.
    """
    if isinstance(value, float):
        return raw[slice(*span(raw, [member]))].decode()
    return None if value is None else as_text(str(value))


def read_string(raw: bytes) -> str:
    """Read a string literal. Raises `UnreadableError`, for a lone surrogate too."""
    value: str = read(raw)
    if not is_text(value):
        message = "half of a surrogate pair in it, which is no text; correct it at its source"
        raise UnreadableError(message)
    return value


def is_text(value: str) -> bool:
    """Return whether a string can be written: no half of a surrogate pair is in it."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def as_text(value: str) -> str:
    """Return a string with halves of surrogate pairs as their escapes."""
    return value if is_text(value) else value.encode("utf-8", "backslashreplace").decode()


def write_string(text: str, like: bytes) -> bytes:
    r"""Write a string literal with the escapes that `like` uses: `\/`, `\u003c`, everything beyond
    ASCII.
    """
    if like.isascii() and _HIGH_ESCAPE.search(like) is not None:
        written = json.dumps(text).encode()
    else:
        written = orjson.dumps(text)
    if rb"\/" in like:
        written = written.replace(b"/", rb"\/")
    if rb"\u003c" in like or rb"\u003C" in like:
        for each, escape in _MARKUP.items():
            written = written.replace(
                each,
                escape if rb"\u003c" in like else escape[:2] + escape[2:].upper(),
            )
    return written


def _simple_span(raw: bytes, name: str) -> tuple[int, int] | None:
    """Return start and end of a string at the top, where a look suffices: its name stands there
    once, no other object begins before, and no name could be the same in escapes.
    """
    written = f'"{name}"'.encode()
    at = raw.find(written)
    if at < 0 or raw.find(b"{", 1, at) >= 0 or raw.find(written, at + 1) >= 0:
        return None
    before = _BEFORE_STRING.match(raw, at + len(written))
    if before is None:
        return None
    start = before.end() - 1
    end = _end_of_string(raw, start)
    if raw.find(b"\\", 0, at) >= 0 or raw.find(b"\\", end) >= 0:
        return None
    return start, end


def _end_of_string(raw: bytes, start: int) -> int:
    """Return where a string literal ends that begins at `start`: behind the next quotation mark
    with an even number of backslashes before it.
    """
    at = raw.find(b'"', start + 1)
    while raw[at - 1] == _BACKSLASH:
        before = at - 1
        while raw[before - 1] == _BACKSLASH:
            before -= 1
        if (at - before) % 2 == 0:
            break
        at = raw.find(b'"', at + 1)
    return at + 1


def _members(raw: bytes, start: int, end: int) -> dict[str, tuple[int, int]]:
    found: dict[str, tuple[int, int]] = {}
    depth, name, value_at, wants_name = 0, "", -1, False
    for token in _TOKEN.finditer(raw, start, end):
        sign = raw[token.start()]
        if sign == ord('"'):
            if depth == 1 and wants_name:
                name, wants_name = json.loads(token[0]), False
            continue
        if sign in b"{[":
            depth += 1
            wants_name = wants_name or depth == 1
            continue
        if depth == 1:
            if sign == ord(":"):
                value_at = token.end()
            elif value_at >= 0:
                found[name] = _trimmed(raw, value_at, token.start())
                wants_name, value_at = True, -1
        depth -= sign in b"}]"
    return found


def _trimmed(raw: bytes, start: int, end: int) -> tuple[int, int]:
    value = raw[start:end]
    return start + len(value) - len(value.lstrip()), end - len(value) + len(value.rstrip())
