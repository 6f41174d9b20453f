"""A process beside the one that asks X uses an answer again for a moment, and no longer."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from rest import RECORDED

from service.app import Service, open_service
from service.core.article import Article, EmbedResult, Resolve
from service.core.model import Format, State
from service.pipeline.parent_process import REMEMBERED_S, Answerer, asking_resolver

pytestmark = pytest.mark.anyio

ID = "2034906551094185985"
ADDRESS = f"https://x.com/demo_harbour/status/{ID}"


class Beside:
    """A process beside a service: what it asks, by a clock of its own."""

    def __init__(self, service: Service) -> None:
        self.now = 1000.0
        self.asked: list[Any] = []
        self._answer = Answerer(service.links, service.tweets, service.candidates)
        self.resolve: Resolve = asking_resolver({}, self._ask, max_mentions=9, clock=self._time)

    async def embed(self, content: str) -> EmbedResult:
        """Return what becomes of the one tweet of an article."""
        (embed,) = (await self.resolve(Article(content, Format.HTML))).embeds
        return embed

    async def _ask(self, question: Any) -> Any:  # noqa: ANN401 - what it asks
        self.asked.append(question)
        return await self._answer(question)

    def _time(self) -> float:
        return self.now


@pytest.fixture
async def service() -> AsyncIterator[Service]:
    async with open_service(RECORDED) as service:
        yield service


async def _as_x_wrote_it(service: Service) -> str:
    result = await service.resolver(Article(ADDRESS, Format.TEXT, output="html"))
    return result.embeds[0].html or ""


@pytest.mark.parametrize("is_written", [False, True], ids=["an address", "letter for letter"])
async def test_a_takedown_is_known_within_a_moment(service: Service, *, is_written: bool) -> None:
    content = await _as_x_wrote_it(service) if is_written else f"<p>{ADDRESS}</p>"
    beside = Beside(service)
    first = await beside.embed(content)
    asked = len(beside.asked)
    await service.store.take_down(ID)

    beside.now += REMEMBERED_S
    assert (await beside.embed(content)).state is first.state is State.EMBEDDED
    assert len(beside.asked) == asked

    beside.now += 0.001
    assert (await beside.embed(content)).state is State.GONE
    assert len(beside.asked) > asked
