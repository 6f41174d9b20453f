"""What went wrong with a store's file, and what can be saved from it."""

import sqlite3
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

LOCKED: Final = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})
_DAMAGED: Final = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})


def code_of(error: Exception) -> int:
    """Return SQLite's own code of an error, 0 if it has none."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF


def identity(path: str) -> tuple[int, int] | None:
    """Return which file a path leads to, whatever it is called later; None if to none."""
    try:
        found = Path(path).stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def saved_takedowns(path: str) -> Iterator[tuple[str, float]]:
    """Read what can be read of the takedowns of a damaged file."""
    with suppress(sqlite3.Error):
        connection = sqlite3.connect(path, timeout=0)
        try:
            for tweet_id, at in connection.execute("SELECT tweet_id, at FROM takedowns"):
                if isinstance(tweet_id, str) and isinstance(at, float):
                    yield tweet_id, at
        finally:
            connection.close()


def is_damage(error: Exception) -> bool:
    """Return whether an error says that the file itself is broken."""
    return code_of(error) in _DAMAGED


def describe_error(error: Exception) -> str:
    """Say what went wrong, in a few words."""
    return f"{error}"[:200]
