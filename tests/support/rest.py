"""The REST door for tests: the whole service in this process, asked over ASGI."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from service.api import create_app
from service.settings import Settings

DEMO = Path(__file__).resolve().parents[2] / "service" / "demo"
RECORDED = Settings(recorded=DEMO / "recorded")
ON_RECORDED = {
    "TWEET_EMBED_RECORDED": str(DEMO / "recorded"),
    "PYTHONPATH": str(DEMO.parents[1]),
}
"""The environment of this tree's program, in a process of its own, on the demo's answers."""


@asynccontextmanager
async def calling(
    settings: Settings = RECORDED,
    transport: httpx.AsyncBaseTransport | None = None,
) -> AsyncIterator[httpx.AsyncClient]:
    """Return a client of a running service; by default on the recorded answers of the demo."""
    app = create_app(settings, transport)
    # Not Starlette's TestClient: it warns about httpx.
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(
            transport=httpx.ASGITransport(app),
            base_url="http://service.test",
        ) as client,
    ):
        yield client


@pytest.fixture(scope="module")
async def client() -> AsyncIterator[httpx.AsyncClient]:
    """A client of a service on the demo's recorded answers: one for the tests of a file."""
    async with calling() as client:
        yield client
