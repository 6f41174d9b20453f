"""The store at TWEET_EMBED_CACHE_PATH, for commands that work with its file."""

import os
import sqlite3
from contextlib import closing

from service.cli.support.io import stop
from service.exit_codes import FAILED, USAGE
from service.settings import Settings, SettingsError


def read_settings() -> Settings:
    """Read the settings; ends the command if they are wrong, or name no file."""
    from service.cache.sqlite import MEMORY

    try:
        settings = Settings.from_env(os.environ)
    except SettingsError as error:
        stop(USAGE, str(error))
    if settings.cache_path == MEMORY:
        stop(USAGE, "TWEET_EMBED_CACHE_PATH is :memory:, so there is no store on disk")
    return settings


def open_store(settings: Settings, *, make: bool = False) -> "closing[sqlite3.Connection]":
    """Open the store; only a command that writes to it may make one."""
    from service.cache.sqlite import StorePathError, connect

    try:
        return closing(connect(settings.cache_path, busy_s=10, make=make))
    except (sqlite3.Error, OSError, StorePathError) as error:
        stop(FAILED, f"{settings.cache_path}: {error}")
