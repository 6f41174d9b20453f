"""The entries of the memory cache and of the layer below it: answers and failures with their times,
and how many bytes each takes.
"""

import datetime as dt
import sys
from collections.abc import Hashable
from dataclasses import dataclass, fields, is_dataclass
from enum import Enum
from functools import cache
from typing import Any, Generic, Protocol, TypeVar

from service.core.errors import UpstreamError
from service.core.model import Reason, ServedFrom

K_contra = TypeVar("K_contra", bound=Hashable, contravariant=True)
V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class CachedAnswer(Generic[V]):
    """An answer of X: where it was served from, when X gave it, and until when it counts as fresh
    (both UTC).
    """

    value: V
    served_from: ServedFrom
    checked_at: dt.datetime
    fresh_until: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class StoredAnswer(Generic[V]):
    """An answer on a shelf: when X gave it, and until when it counts as fresh (Unix seconds)."""

    value: V
    checked_at: float
    fresh_until: float


class CacheBackend(Protocol[K_contra, V]):
    """A place beneath memory that outlasts the process. It never raises, and never waits."""

    def recall(self, key: K_contra) -> StoredAnswer[V] | None:
        """Return what is kept for a key."""

    def keep(self, key: K_contra, kept: StoredAnswer[V]) -> None:
        """Keep an answer."""


@dataclass(slots=True, eq=False)
class CacheEntry(Generic[V]):
    """An answer in memory (times in Unix seconds), the bytes it takes, whether it is in memory
    still, and how often it was of use without being looked up.
    """

    key: Hashable
    fresh_until: float
    stale_until: float
    held: CachedAnswer[V]  # as served while fresh: made once, for the hit path is the common one
    size: int
    is_held: bool = True
    uses: int = 0


@dataclass(frozen=True, slots=True)
class CachedFailure:
    """A trouble as remembered. Each caller gets an exception of its own; a shared one would gather
    every caller's traceback.
    """

    reason: Reason
    until: float
    retry_at: float | None

    def error(self, now: float) -> UpstreamError:
        """Make an exception of it, for one caller."""
        return UpstreamError(
            self.reason,
            None if self.retry_at is None else max(0.0, self.retry_at - now),
        )


def approximate_size(value: object) -> int:
    """Bytes a frozen value holds, roughly: strings, tuples and dataclasses with all they hold;
    shared things count nothing.
    """
    if value is None or isinstance(value, Enum | bool):
        return 0
    size = sys.getsizeof(value)
    if isinstance(value, tuple):
        return size + sum(map(approximate_size, value))
    for name in _field_names(type(value)):  # type: ignore[arg-type] # types are hashable
        size += approximate_size(getattr(value, name))
    return size


@cache
def _field_names(kind: Any) -> tuple[str, ...]:  # noqa: ANN401 - a type
    return tuple(each.name for each in fields(kind)) if is_dataclass(kind) else ()
