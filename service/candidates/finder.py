"""The named sources as one: what they know of a clue, and searches by those on the network."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum, auto
from typing import Protocol

from service.candidates.clue import Clue, digest
from service.candidates.ledger import KnownId, Ledger
from service.candidates.session import LeftAloneError
from service.candidates.source import LOCAL, CandidateSource, SourceName


@dataclass(frozen=True, slots=True)
class Candidate:
    """An id, and which source named it first.

    `earlier_version` tells that an earlier version of the very article stated it.
    """

    tweet_id: str
    source: SourceName
    earlier_version: bool = False


Known = Callable[[str, int, int], Sequence[KnownId]]
"""Looks up what is known of a handle within a range of ids."""


class Standing(Enum):
    """How far a source has been asked about a clue."""

    SEARCHED = auto()  # or it is left alone, or has nothing to be asked by
    OPEN = auto()  # there is something to ask still
    NEW = auto()  # it was asked just now, and may know more


class Candidates(Protocol):
    """What the resolver knows of the sources."""

    @property
    def names(self) -> tuple[SourceName, ...]:
        """The sources that may be asked, in order."""

    async def known(self, clue: Clue) -> tuple[Candidate, ...]:
        """Return every candidate known without asking anybody, those of the first source first."""

    async def search(self, name: SourceName, clue: Clue, *, wait: bool) -> Standing:
        """Ask a source what is open still; unless `wait`, only return how it stands."""

    def estimate_s(self, name: SourceName) -> float:
        """Return roughly how many seconds a search by a source takes."""


class NoCandidates:
    """No source at all."""

    names: tuple[SourceName, ...] = ()

    async def known(self, clue: Clue) -> tuple[Candidate, ...]:
        """Return none."""
        del clue
        return ()

    async def search(self, name: SourceName, clue: Clue, *, wait: bool) -> Standing:
        """Return that there is nothing to ask."""
        del name, clue, wait
        return Standing.SEARCHED

    def estimate_s(self, name: SourceName) -> float:
        """Return no time."""
        del name
        return 0.0


@dataclass(slots=True)
class CandidateFinder:
    """The sources that `names` lists, over a ledger.

    `searches` are those that contact somebody, `further` look-ups of what is known besides.
    """

    names: tuple[SourceName, ...]
    ledger: Ledger
    searches: Mapping[SourceName, CandidateSource] = field(default_factory=dict)
    further: list[Known] = field(default_factory=list)
    _flights: dict[tuple[SourceName, Sequence[str]], asyncio.Task[bool]] = field(
        default_factory=dict
    )

    async def known(self, clue: Clue) -> tuple[Candidate, ...]:
        """Return every candidate known without asking anybody, those of the first source first."""
        ids = clue.ids
        if ids is None:
            return ()
        own = {clue.article_key, digest(clue.article_url) if clue.article_url else None} - {None}
        found: dict[str, Candidate] = {}
        named = [*self.ledger.known(clue.handle, ids.lowest, ids.highest)]
        for known_elsewhere in self.further:
            named += known_elsewhere(clue.handle, ids.lowest, ids.highest)
        for name in self.names:
            for each in named:
                if each.source is not name or self.ledger.is_taken_down(each.tweet_id):
                    continue
                known = found.setdefault(each.tweet_id, Candidate(each.tweet_id, name))
                if each.article in own:
                    found[each.tweet_id] = replace(known, earlier_version=True)
        return tuple(found.values())

    async def search(self, name: SourceName, clue: Clue, *, wait: bool) -> Standing:
        """Ask a source what is open still; unless `wait`, only return how it stands."""
        source = self.searches.get(name)
        if name in LOCAL or source is None or not self._is_open(source, clue):
            return Standing.SEARCHED
        if not wait:
            return Standing.OPEN
        flight = self._flight(source, clue)
        return Standing.NEW if await asyncio.shield(flight) else Standing.SEARCHED

    def estimate_s(self, name: SourceName) -> float:
        """Return roughly how many seconds a search by a source takes, those before it included."""
        source = self.searches.get(name)
        under_way = sum(each == name for each, _ in self._flights)
        return 0.0 if source is None else source.estimate_s() * (1 + under_way)

    async def close(self) -> None:
        """Stop what is under way."""
        flights = list(self._flights.values())
        for flight in flights:
            flight.cancel()
        await asyncio.gather(*flights, return_exceptions=True)

    def _is_open(self, source: CandidateSource, clue: Clue) -> bool:
        questions = source.questions(clue)
        asked = all(self.ledger.is_searched(source.name, each) for each in questions)
        return not asked and self.ledger.paused_s(source.name) <= 0

    def _flight(self, source: CandidateSource, clue: Clue) -> asyncio.Task[bool]:
        """Return the search that is under way for the same questions, or begin it."""
        key = (source.name, source.questions(clue))
        flight = self._flights.get(key)
        if flight is None:
            flight = self._flights[key] = asyncio.create_task(_search(source, clue))
            flight.add_done_callback(lambda _: self._flights.pop(key, None))
        return flight


async def _search(source: CandidateSource, clue: Clue) -> bool:
    """Search; return whether the source was asked, and so may know more than before."""
    try:
        await source.search(clue)
    except LeftAloneError:
        return False
    return True
