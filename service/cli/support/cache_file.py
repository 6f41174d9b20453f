"""The store at TWEET_EMBED_CACHE_PATH, for commands that work with its file."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

from service.cli.support.io import stop
from service.exit_codes import FAILED, USAGE
from service.settings import Settings, SettingsError

BUSY_S: Final = 10.0
"""Seconds that a command waits for whoever has locked the store."""


def read_settings() -> Settings:
    """Read the settings; ends the command if they are wrong, or name no file."""
    from service.cache.sqlite import MEMORY

    try:
        settings = Settings.from_env(os.environ)
    except SettingsError as error:
        stop(USAGE, str(error))
    if settings.cache_path == MEMORY:
        stop(
            USAGE,
            (
                "TWEET_EMBED_CACHE_PATH is :memory:, so there is no store on disk; set it to the"
                " store's file, as the service has it"
            ),
        )
    return settings


@contextmanager
def open_store(settings: Settings, *, make: bool = False) -> Iterator[sqlite3.Connection]:
    """Open the store; only a command that writes to it may make one. The command ends with a line
    where it cannot be opened, read or written: it is locked, damaged, full, or none.
    """
    from service.cache.sqlite import StorePathError, connect

    try:
        with closing(connect(settings.cache_path, busy_s=BUSY_S, make=make)) as connection:
            yield connection
    except (sqlite3.Error, StorePathError) as error:
        stop(FAILED, f"{settings.cache_path}: {error}")
    except OSError as error:
        if error.filename not in {None, settings.cache_path}:
            raise
        stop(FAILED, f"{settings.cache_path}: {error.strerror or error}")


def taken_down(settings: Settings) -> set[str]:
    """Return the tweets that were taken down, as far as the file of the store tells now.

    Raise `SettingsError` where there is a file, or a folder, that can be no store.
    """
    from service.cache.recovery import saved_takedowns
    from service.cache.sqlite import MEMORY, StorePathError, connect, takedowns

    place = Path(settings.cache_path)
    if settings.cache_path == MEMORY or (place.parent.is_dir() and not place.exists()):
        return set()
    try:
        with closing(connect(settings.cache_path, busy_s=0, make=False)) as connection:
            return {tweet_id for _, tweet_id, _ in takedowns(connection)}
    except StorePathError as error:
        message = f"TWEET_EMBED_CACHE_PATH: {settings.cache_path!r} is not allowed: {error}"
        raise SettingsError(message) from None
    except (sqlite3.Error, OSError):  # the service tells why, and goes on from memory
        return {tweet_id for tweet_id, _ in saved_takedowns(settings.cache_path)}
