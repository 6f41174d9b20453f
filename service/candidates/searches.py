"""The three sources that are asked over the network, each a short walk through its own requests."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Final

from service.candidates import snapshot, wayback, x_api
from service.candidates.clue import Clue
from service.candidates.ledger import LedgerError
from service.candidates.session import LeftAloneError, Reply, Session
from service.candidates.source import Finding, Outcome, SourceName

X_API_GAP_S: Final = 3.0
"""300 requests in a quarter of an hour."""
_MOST_PAGES: Final = 5
_PAGE_BYTES: Final = 4 * 1024 * 1024
_X_API_BYTES: Final = 1024 * 1024
_ANSWER_S: Final = 2.0
"""What a host takes to answer, as far as estimates go."""


@dataclass(frozen=True, slots=True)
class XApiSearch:
    """X's search, with the operator's token and a budget of posts a UTC day."""

    session: Session
    token: str
    budget: int
    clock: Callable[[], float] = time.time
    one_at_a_time: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def name(self) -> SourceName:
        """Which source it is."""
        return SourceName.X_API

    def questions(self, clue: Clue) -> tuple[str, ...]:
        """Return the queries: a code's, a phrase's."""
        return tuple(address.partition("?")[2] for address in x_api.addresses_of(clue))

    def estimate_s(self) -> float:
        """Return a turn and an answer."""
        return self.session.gap_s + _ANSWER_S

    async def search(self, clue: Clue) -> None:
        """Ask the first query that was not asked yet, and the next where that names nothing.

        The most that a request can cost is set aside before it, and what it did not cost given
        back.
        """
        for question, address in zip(self.questions(clue), x_api.addresses_of(clue), strict=True):
            async with self.one_at_a_time:  # what one sets aside must not look spent to the next
                asked = self.session.is_asked(question)
                if not asked and await self._ask(clue, question, address):
                    return

    async def _ask(self, clue: Clue, question: str, address: str) -> bool:
        """Ask one query; return whether the search ends here."""
        try:
            day = await self.session.ledger.set_aside(self.name, x_api.MOST_RESULTS, self.budget)
        except LedgerError:
            raise LeftAloneError from None
        if day is None:
            await self.session.rest()
            raise LeftAloneError
        unused = x_api.MOST_RESULTS
        try:
            headers = {"authorization": f"Bearer {self.token}"}
            reply = await self.session.ask(address, headers, _X_API_BYTES)
            unused = 0  # from here on it may have been paid for
            status, told, body, _ = reply
            finding, posts = x_api.read_answer(clue, status, told, body, self.clock())
            unused = max(0, x_api.MOST_RESULTS - posts) if status else 0
            await self.session.conclude(question, finding, reply)
        finally:
            if unused:
                await _give_back(self.session, day, unused)
        return bool(finding.named) or finding.outcome is Outcome.TROUBLE


@dataclass(frozen=True, slots=True)
class SnapshotSearch:
    """The Archive's copy of the article; one request shows all its tweets."""

    session: Session
    headers: Mapping[str, str]

    @property
    def name(self) -> SourceName:
        """Which source it is."""
        return SourceName.SNAPSHOT

    def questions(self, clue: Clue) -> tuple[str, ...]:
        """Return the article's address, once whatever the day."""
        return () if snapshot.address_of(clue) is None else (clue.article_url or "",)

    def estimate_s(self) -> float:
        """Return two turns, for a capture is mostly reached by a redirect, and an answer."""
        return 2 * (self.session.gap_s + _ANSWER_S)

    async def search(self, clue: Clue) -> None:
        """Ask for the capture nearest to the tweet's day, and follow to where it really is."""
        address = snapshot.address_of(clue)
        for question in self.questions(clue):
            if address is None or self.session.is_asked(question):
                continue
            reply = Reply(0, {}, b"")
            for _ in range(snapshot.MOST_HOPS):
                reply = await self.session.ask(address, self.headers, snapshot.MOST_BYTES)
                if reply.location is None or not snapshot.is_capture(reply.location):
                    break
                address = reply.location
            if reply.location is not None:  # not to a capture, or too often
                finding = Finding(Outcome.REFUSED)
            else:
                finding = snapshot.read_answer(reply.status, reply.headers, reply.body)
            await self.session.conclude(question, finding, reply)


@dataclass(frozen=True, slots=True)
class WaybackSearch:
    """The Archive's index of captured addresses, by handle and the first digits of ids."""

    session: Session
    headers: Mapping[str, str]

    @property
    def name(self) -> SourceName:
        """Which source it is."""
        return SourceName.WAYBACK

    def questions(self, clue: Clue) -> tuple[str, ...]:
        """Return the author and the day: the words do not matter here."""
        return (
            (f"{clue.handle} {clue.day}",) if wayback.addresses_of(clue, wayback.HOSTS[0]) else ()
        )

    def estimate_s(self) -> float:
        """Return four turns, two prefixes at two hosts, and their answers."""
        return 4 * (self.session.gap_s + _ANSWER_S)

    async def search(self, clue: Clue) -> None:
        """Ask for what was captured under twitter.com, and under x.com where that is nothing."""
        for question in self.questions(clue):
            if self.session.is_asked(question):
                continue
            finding, reply = Finding(Outcome.DONE), None
            for host in wayback.HOSTS:
                finding, reply = await self._at(host, clue)
                if finding.outcome is not Outcome.DONE or finding.named:
                    break
            await self.session.conclude(question, finding, reply)

    async def _at(self, host: str, clue: Clue) -> tuple[Finding, Reply | None]:
        """Ask at one host; a prefix that was answered is not asked again after a kill."""
        found, reply = list[Finding](), None
        for address in wayback.addresses_of(clue, host):
            part = f"{clue.day} {address}"
            if self.session.is_asked(part):
                continue
            finding, reply = await self._pages(address, clue)
            if finding.outcome is not Outcome.DONE:
                return finding, reply
            await self.session.conclude(part, finding)
            found.append(finding)
        return Finding(Outcome.DONE, tuple(named for each in found for named in each.named)), reply

    async def _pages(self, address: str, clue: Clue) -> tuple[Finding, Reply]:
        captured: Counter[str] = Counter()
        page_address = address
        reply = Reply(0, {}, b"")
        for _ in range(_MOST_PAGES):
            reply = await self.session.ask(page_address, self.headers, _PAGE_BYTES)
            try:
                page = wayback.read_page(reply.body) if reply.status == HTTPStatus.OK else None
            except ValueError:
                page = None
            if page is None:
                return wayback.read_trouble(reply.status, reply.headers, reply.body), reply
            captured.update(page.originals)
            if page.resume_key is None:
                break
            page_address = wayback.next_page(address, page.resume_key)
        return Finding(Outcome.DONE, wayback.named_in(clue, captured)), reply


async def _give_back(session: Session, day: str, amount: int) -> None:
    try:
        await session.ledger.give_back(session.name, day, amount)
    except LedgerError:
        return  # it stays set aside: too little is asked for that day, never too much
