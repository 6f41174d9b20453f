"""Sources of candidates over real sockets: a store, a client, and no pause between requests."""

import asyncio
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from service.cache.store import Store
from service.candidates.archive_requests import once_through
from service.candidates.clue import Clue
from service.candidates.finder import CandidateFinder, Standing
from service.candidates.searches import SnapshotSearch, WaybackSearch, XApiSearch
from service.candidates.session import Session
from service.candidates.source import HOSTS, SourceName
from service.candidates.store_ledger import StoreLedger
from service.upstream.client import open_listed_client
from service.upstream.http.requester import Requester

TOKEN = "AAAA%2FBBBB"  # noqa: S105 - of the stand-in
CONTACT = {"user-agent": "tweet-embed/0 (editor@news.example)"}
REMOTE = (SourceName.X_API, SourceName.SNAPSHOT, SourceName.WAYBACK)


@dataclass(frozen=True)
class Sources:
    """The three sources, over one ledger."""

    finder: CandidateFinder
    ledger: StoreLedger

    async def search(self, name: SourceName, clue: Clue) -> tuple[str, ...]:
        """Ask until there is nothing more to ask; return the ids that the source named."""
        while await self.finder.search(name, clue, wait=True) is Standing.NEW:
            pass
        return tuple(each.tweet_id for each in await self.finder.known(clue) if each.source is name)


@asynccontextmanager
async def sources(
    path: Path, budget: int = 1000, *, gap_s: float = 0.0, deadline_s: float = 5.0
) -> AsyncIterator[Sources]:
    """Open them over the store at a path."""
    store = Store(str(path))
    ledger = StoreLedger(store)
    hosts = set(HOSTS.values())
    async with open_listed_client(hosts) as client:
        requester = Requester(client, hosts, places=4, rate=0, deadline_s=deadline_s)
        x_api, snapshot, wayback = (
            Session(name, ledger, once_through(requester), gap_s) for name in REMOTE
        )
        finder = CandidateFinder(
            REMOTE,
            ledger,
            {
                SourceName.X_API: XApiSearch(x_api, TOKEN, budget),
                SourceName.SNAPSHOT: SnapshotSearch(snapshot, CONTACT),
                SourceName.WAYBACK: WaybackSearch(wayback, CONTACT),
            },
        )
        yield Sources(finder, ledger)
        await finder.close()
        await requester.close()
    await store.close()


def searched(path: Path, act: Callable[[Sources], object], budget: int = 1000) -> object:
    """Run a coroutine function with the sources."""

    async def run() -> object:
        async with sources(path, budget) as opened:
            result = act(opened)
            return await result if asyncio.iscoroutine(result) else result

    return asyncio.run(run())


def clue_number(number: int) -> Clue:
    """One of many clues, each with words of its own."""
    return Clue(
        "ada_l", date(2025, 11, 11), f"The rain of day number {number} is heavier than before"
    )


async def search_all(path: Path, budget: int, count: int) -> None:
    """What `python searching.py STORE BUDGET COUNT` does, until it is killed."""
    async with sources(path, budget) as opened:
        for number in range(count):
            await opened.search(SourceName.X_API, clue_number(number))
    sys.stdout.write("done\n")


if __name__ == "__main__":
    asyncio.run(search_all(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])))
