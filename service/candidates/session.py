"""One request to a source: its turn, its pause. The only way in which a source is asked."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from service.candidates.ledger import Ledger, LedgerError
from service.candidates.source import HOSTS, Finding, Outcome, SourceName
from service.core.errors import TweetEmbedError

UNREACHABLE: Final = 0
"""The status of a reply that never came."""
KEEP_NAMED_S: Final = 10 * 365 * 86_400.0
KEEP_NOTHING_S: Final = 90 * 86_400.0
"""How long it counts that a source was asked and knew nothing: it may know more by then."""
SPENT_REST_S: Final = 600.0
"""After a budget was found spent: some of it may have been set aside, and come back."""
KEEP_REFUSED_S: Final = 365 * 86_400.0


_log = logging.getLogger("tweet_embed.candidates")


class Reply(NamedTuple):
    """What came back, header names in lower case; status 0 where nothing did."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    location: str | None = None


Get = Callable[[str, Mapping[str, str], int], Awaitable[Reply]]
"""Sends one request, never twice: address, headers, most bytes of the body."""


class LeftAloneError(TweetEmbedError):
    """A source is not asked now: it is paused, out of budget, or cannot be written down."""


@dataclass(slots=True)
class Session:
    """Requests to one source, one at a time here and `gap_s` seconds apart in all processes."""

    name: SourceName
    ledger: Ledger
    get: Get
    gap_s: float
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def ask(self, address: str, headers: Mapping[str, str], most_bytes: int) -> Reply:
        """Wait for a turn, and ask. Raises `LeftAloneError`."""
        async with self._turn:
            try:
                wait_s = await self.ledger.take_turn(self.name, self.gap_s)
            except LedgerError:
                raise LeftAloneError from None
            if wait_s is None:
                raise LeftAloneError
            await asyncio.sleep(wait_s)
            if self.ledger.paused_s(self.name) > 0:  # another one met trouble meanwhile
                raise LeftAloneError
            return await self.get(address, headers, most_bytes)

    def is_asked(self, question: str) -> bool:
        """Return whether this was asked before."""
        return self.ledger.is_searched(self.name, question)

    async def rest(self) -> None:
        """Leave the source alone, for its budget is spent, or set aside by others for now."""
        try:
            await self.ledger.rest(self.name, SPENT_REST_S)
        except LedgerError:
            return  # nothing can be set aside either
        _log.warning("the budget of %s is spent; it is looked at again later", self.name.value)

    async def conclude(self, question: str, finding: Finding, reply: Reply | None = None) -> None:
        """Write down how a search ended, or for how long the source is left alone."""
        try:
            if finding.outcome is Outcome.TROUBLE:
                lost = reply is not None and reply.status == UNREACHABLE
                for each in HOSTS if lost else ():
                    if each is not self.name and HOSTS[each] == HOSTS[self.name]:
                        await self.ledger.pause(each, finding.pause_s)
                await self.ledger.pause(self.name, finding.pause_s)
                _log.warning(
                    "the source %s is left alone for %.0f s: status %d",
                    self.name.value,
                    self.ledger.paused_s(self.name),
                    reply.status if reply else UNREACHABLE,
                )
            else:
                await self.ledger.record(self.name, question, finding.named, _keep_s(finding))
        except LedgerError:
            raise LeftAloneError from None


def _keep_s(finding: Finding) -> float:
    if finding.outcome is Outcome.REFUSED:
        return KEEP_REFUSED_S
    return KEEP_NAMED_S if finding.named else KEEP_NOTHING_S
