"""The sources that the settings name, put together."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Final

import httpx

from service import __version__
from service.cache.store import Store
from service.candidates import snapshot, wayback
from service.candidates.archive_requests import once_through
from service.candidates.finder import CandidateFinder
from service.candidates.searches import X_API_GAP_S, SnapshotSearch, WaybackSearch, XApiSearch
from service.candidates.session import Get, Session
from service.candidates.source import HOSTS, CandidateSource, SourceName
from service.candidates.store_ledger import StoreLedger
from service.settings import Settings
from service.upstream.client import open_listed_client
from service.upstream.http.requester import Meter, Requester

DEADLINE_S: Final = 60.0
"""Of a request to a source: the Archive's index was seen to take 25 seconds."""
_PLACES: Final = 4


@asynccontextmanager
async def open_candidates(
    settings: Settings,
    store: Store,
    meter: Meter,
    transport: httpx.AsyncBaseTransport | None = None,
) -> AsyncIterator[CandidateFinder]:
    """Return the sources, and close what they hold afterwards.

    Where none that contacts somebody is named, nothing is opened and no host is listed.
    """
    names = tuple(map(SourceName, settings.sources))
    hosts = {HOSTS[name] for name in names if name in HOSTS}
    ledger = StoreLedger(store)
    async with AsyncExitStack() as stack:
        searches: dict[SourceName, CandidateSource] = {}
        if hosts and settings.recorded is None:
            client = open_listed_client(hosts, transport)
            await stack.enter_async_context(client)
            requester = Requester(
                client, hosts, places=_PLACES, rate=0, deadline_s=DEADLINE_S, meter=meter
            )
            stack.push_async_callback(requester.close)
            searches = _searches(settings, names, ledger, once_through(requester))
        finder = CandidateFinder(names, ledger, searches)
        stack.push_async_callback(finder.close)
        yield finder


def _searches(
    settings: Settings, names: tuple[SourceName, ...], ledger: StoreLedger, get: Get
) -> dict[SourceName, CandidateSource]:
    headers = {"user-agent": f"tweet-embed/{__version__} ({settings.contact})"}
    x_api = Session(SourceName.X_API, ledger, get, X_API_GAP_S)
    archived = Session(SourceName.SNAPSHOT, ledger, get, snapshot.GAP_S)
    indexed = Session(SourceName.WAYBACK, ledger, get, wayback.GAP_S)
    every: tuple[CandidateSource, ...] = (
        XApiSearch(x_api, settings.x_api_token, settings.x_api_budget),
        SnapshotSearch(archived, headers),
        WaybackSearch(indexed, headers),
    )
    return {each.name: each for each in every if each.name in names}
