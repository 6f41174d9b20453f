"""Open the file of a store: refuse what is no store, set a damaged file aside, and save what can be
read of it.
"""

import logging
import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from service.cache import sqlite

LOCKED: Final = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})
_DAMAGED: Final = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
_SIDE_FILES: Final = ("", "-wal", "-shm")
_ASIDE: Final = ".damaged-"
_log = logging.getLogger("tweet_embed.store")


@dataclass(frozen=True, slots=True)
class OpenStore:
    """A store's connections, and which file they lead to (None: in memory).

    In a file the two are different, so that a write that waits never keeps a read waiting.
    """

    writer: sqlite3.Connection
    reader: sqlite3.Connection
    file: tuple[int, int] | None

    @property
    def on_disk(self) -> bool:
        """Whether it is in a file."""
        return self.file is not None

    def close(self) -> None:
        """Close both."""
        for connection in (self.reader, self.writer):
            with suppress(sqlite3.Error):
                connection.close()


def open_file(path: str, *, busy_s: float) -> OpenStore:
    """Open the store at `path`, made if nothing is there. Writes wait `busy_s` seconds for others.

    Raise `StorePathError` where no store may be, `sqlite3.Error` or `OSError` where it fails.
    """
    writer = sqlite.connect(path, busy_s=busy_s)
    try:
        reader = sqlite.connect(path, busy_s=0)
    except BaseException:
        writer.close()
        raise
    return OpenStore(writer, reader, identity(path))


def open_memory(memory_bytes: int) -> OpenStore:
    """Open a store in memory that holds at most so many bytes."""
    connection = sqlite.connect(sqlite.MEMORY, busy_s=0)
    page = connection.execute("PRAGMA page_size").fetchone()[0]
    connection.execute(f"PRAGMA max_page_count = {max(64, memory_bytes // page)}")
    return OpenStore(connection, connection, None)


def set_aside(path: str) -> bool:
    """Rename a damaged store and its side files; return whether that was possible."""
    stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime()) + f"-{os.getpid()}"
    try:
        for suffix in _SIDE_FILES:
            part = Path(path + suffix)
            if part.exists():
                part.rename(f"{path}{_ASIDE}{stamp}{suffix}")
    except OSError as error:
        _log.error("the store %s is damaged and stays where it is: %s", path, describe_error(error))
        return False
    _log.error("the store %s is damaged: set aside as %s%s%s", path, path, _ASIDE, stamp)
    return True


def delete_set_aside(path: str) -> None:
    """Delete the copies that were set aside: they hold words of tweets that are taken down."""
    place = Path(path)
    with suppress(OSError):
        for copy in place.parent.iterdir():
            if copy.name.startswith(f"{place.name}{_ASIDE}"):
                copy.unlink()
                _log.warning("%s is deleted: a tweet in it may have been taken down", copy)


def forget_words(connection: sqlite3.Connection, path: str) -> None:
    """Leave no words of tweets that are taken down in the log or in copies that were set aside, as
    far as nobody reads them now; whoever does empties the log later.
    """
    if sqlite.takedowns(connection):
        delete_set_aside(path)
        sqlite.empty_log(connection)


def saved_takedowns(path: str) -> Iterator[tuple[str, float]]:
    """Read what can be read of the takedowns of a file that is damaged, locked, or on a read-only
    disk: tweet and Unix seconds.
    """
    # as it is on the disk, without its log or anybody's locks (sqlite.org/uri.html, "immutable")
    place = f"{Path(path).absolute().as_uri()}?mode=ro&immutable=1"
    for address in (path, place):
        with (
            suppress(sqlite3.Error),
            closing(sqlite3.connect(address, timeout=0, uri=address is place)) as connection,
        ):
            for tweet_id, at in connection.execute("SELECT tweet_id, at FROM takedowns"):
                if isinstance(tweet_id, str) and isinstance(at, float):
                    yield tweet_id, at
            return


def identity(path: str) -> tuple[int, int] | None:
    """Return which file a path leads to, whatever it is called later; None if to none."""
    try:
        found = Path(path).stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def code_of(error: Exception) -> int:
    """Return SQLite's own code of an error, 0 if it has none."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF


def is_damage(error: Exception) -> bool:
    """Return whether an error says that the file itself is broken."""
    return code_of(error) in _DAMAGED


def describe_error(error: Exception) -> str:
    """Return what went wrong, in a few words."""
    return f"{error}"[:200]
