"""What every source of candidates has in common: it is asked with a clue and names ids.

A source never decides. It may be slow, in trouble or wrong: anyone can have an address archived,
with any handle in it, and an export holds what its owner put there.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Protocol

from service.candidates.clue import Clue


class SourceName(StrEnum):
    """The sources, in the order in which they are asked."""

    INDEX = "index"
    REVISION = "revision"
    IMPORT = "import"
    X_API = "x_api"
    SNAPSHOT = "snapshot"
    WAYBACK = "wayback"


LOCAL: Final = frozenset({SourceName.INDEX, SourceName.REVISION, SourceName.IMPORT})
"""Sources that contact nobody."""

HOSTS: Final = {
    SourceName.X_API: "api.x.com",
    SourceName.SNAPSHOT: "web.archive.org",
    SourceName.WAYBACK: "web.archive.org",
}
"""The host of each source that contacts one."""


@dataclass(frozen=True, slots=True)
class Named:
    """An id that a source named for a handle. That is a hint; X alone tells whose tweet it is."""

    handle: str
    tweet_id: str


class Outcome(StrEnum):
    """How a search ended."""

    DONE = "done"
    REFUSED = "refused"  # this very question will not be answered: asking again is of no use
    TROUBLE = "trouble"  # the source could not be asked; `pause_s` says when it may be


@dataclass(frozen=True, slots=True)
class Finding:
    """What a search came to: the ids named, and how it ended. `pause_s` is in seconds."""

    outcome: Outcome
    named: tuple[Named, ...] = ()
    pause_s: float = 0.0


class CandidateSource(Protocol):
    """A source that has to be asked over the network."""

    @property
    def name(self) -> SourceName:
        """Which one it is."""

    def questions(self, clue: Clue) -> tuple[str, ...]:
        """Return what would be asked, as keys; none where the clue gives nothing to ask by.

        A clue is searched when all of them are answered. Clues with the same keys need one search.
        """

    def estimate_s(self) -> float:
        """Return roughly how many seconds a search takes, its turn included."""

    async def search(self, clue: Clue) -> None:
        """Ask, and write down what came of it. Raises `LeftAloneError` where it may not ask."""
