"""What a backfill is asked to do, and what it says while it does it."""

import datetime as dt
import hashlib
import signal
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from itertools import islice
from pathlib import Path
from types import FrameType
from typing import Protocol, TypeVar

from service.core.article import Options
from service.core.errors import TweetEmbedError
from service.core.model import Format
from service.settings import LOCAL_SOURCES

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Shard:
    """The I-th of N parts of an archive, from 1."""

    number: int = 1
    count: int = 1

    def has(self, name: str) -> bool:
        """Return whether a file of a folder is in this part; which files are added later does not
        matter.
        """
        return (
            int.from_bytes(hashlib.sha256(name.encode("utf-8", "surrogateescape")).digest()[:8])
            % self.count
            == self.number - 1
        )


@dataclass(frozen=True, slots=True)
class Plan:
    """What to do with every article."""

    format: Format | None = None
    output: str = "auto"
    options: Options = field(default_factory=Options)
    limit: int | None = None
    since: dt.date | None = None
    shard: Shard = Shard()
    concurrency: int = 10
    max_failures: int = 50
    offline: bool = False
    sources: tuple[str, ...] = LOCAL_SOURCES
    """Sources of candidates that may be asked."""
    every: bool = False
    """Whether articles without any trace of a tweet are to be told of, too."""

    @property
    def reads_revisions(self) -> bool:
        """Whether earlier versions of articles are read for the tweets that they state."""
        return "revision" in self.sources

    @property
    def reads_addresses(self) -> bool:
        """Whether the public addresses of articles are wanted."""
        return "snapshot" in self.sources

    def matters(self) -> str:
        """Return all on which the new bytes of an article depend; what was decided under another
        plan does not count.
        """
        asked = () if self.sources == LOCAL_SOURCES else (self.sources,)
        return repr((self.format, self.output, sorted(self.options._asdict().items()), *asked))

    def is_late_enough(self, date: str | None) -> bool:
        """Return whether an article's date is `since` or later; one that tells none is not."""
        day = None if date is None else read_day(date)
        return self.since is None or (day is not None and day >= self.since)


def read_day(text: str) -> dt.date | None:
    """Read a date as programs write it: ISO 8601, RFC 2822, seconds since 1970."""
    try:
        return dt.datetime.fromisoformat(text).date()
    except ValueError:
        pass
    try:
        return dt.datetime.fromtimestamp(float(text), dt.UTC).date()
    except (ValueError, OverflowError, OSError):
        pass
    try:
        return parsedate_to_datetime(text).date()
    except (ValueError, OverflowError):
        return None


class Progress(Protocol):
    """What an operator sees."""

    def step(self, name: str, total: int, unit: str = "") -> None:
        """Begin a step; `total` is what `advance` will come to, `unit` what both count."""

    def advance(self, done: int) -> None:
        """Show how far the step is."""

    def say(self, line: str) -> None:
        """Write a line."""


class StoppedError(TweetEmbedError):
    """The operator said stop."""

    def __init__(self, number: int) -> None:
        """By this signal."""
        super().__init__(signal.Signals(number).name)
        self.number = number


@dataclass(slots=True)
class Stop:
    """SIGINT and SIGTERM, noted; looked at where stopping is clean. A second one ends the process
    as ever, which is safe too.
    """

    number: int | None = None

    def check(self) -> None:
        """Raise `StoppedError` if one came."""
        if self.number is not None:
            raise StoppedError(self.number)

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Note signals meanwhile."""
        before = {each: signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM)}

        def note(number: int, _: FrameType | None) -> None:
            self.number = number
            for each in before:
                signal.signal(each, signal.SIG_DFL)

        for each in before:
            signal.signal(each, note)
        try:
            yield
        finally:
            for each, handler in before.items():
                signal.signal(each, handler)


def in_groups(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """Return what comes in lists of `size`, the last one maybe shorter."""
    rest = iter(items)
    while group := list(islice(rest, size)):
        yield group


def part_path(folder: Path, name: str, ending: str, shard: Shard) -> Path:
    """Return the place of a file of our own beside an archive."""
    part = f".{shard.number}-of-{shard.count}" if shard.count > 1 else ""
    return folder / f"{name}{part}{ending}"
