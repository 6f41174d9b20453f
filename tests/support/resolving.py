"""A resolver on the stand-in for X, driven from plain test functions over real sockets."""

import asyncio
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest
from articles import teach
from standin_x import StandIn

from service.app import Service, open_service
from service.core.article import DEFAULT, Article, Options, Result
from service.core.model import Format
from service.pipeline.article_resolver import ArticleResolver
from service.settings import Settings

PATIENT_MS = 20_000


@dataclass(frozen=True)
class Bench:
    """X, and a resolver that asks it."""

    x: StandIn
    resolver: ArticleResolver
    service: Service
    runner: asyncio.Runner
    faults: list[str]

    def __call__(
        self,
        content: str,
        written_in: Format | None = None,
        deadline_ms: int = PATIENT_MS,
        options: Options = DEFAULT,
    ) -> Result:
        return self.article(Article(content, written_in, deadline_ms=deadline_ms, options=options))

    def article(self, article: Article) -> Result:
        """Resolve an article as it is."""

        async def ask() -> Result:
            return await self.resolver(article)

        result = self.runner.run(ask())
        assert self.faults == []
        return result

    def again(self, result: Result, options: Options = DEFAULT) -> Result:
        """Send an answer's content in its format."""
        return self(result.content, result.format, options=options)

    def wait(self, seconds: float) -> None:
        """Let what goes on behind the answers go on."""
        self.runner.run(asyncio.sleep(seconds))


class _Faults(logging.Handler):
    """Gathers what the resolver says of faults of its own, which its answers hide."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.faults: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.faults.append(record.getMessage())


@contextmanager
def bench(settings: Settings | None = None) -> Iterator[Bench]:
    """Start X and a resolver; what is in the environment leads to this X only."""
    with StandIn() as x, pytest.MonkeyPatch.context() as patch, asyncio.Runner() as runner:
        for variable, value in x.env.items():
            patch.setenv(variable, value)
        opened = open_service(settings or Settings(upstream_rate=0))
        service = runner.run(opened.__aenter__())
        told = _Faults()
        log = logging.getLogger("service.pipeline")
        log.addHandler(told)
        try:
            yield Bench(x, service.resolver, service, runner, told.faults)
        finally:
            log.removeHandler(told)
            runner.run(opened.__aexit__(None, None, None))


@pytest.fixture(scope="module")
def ask() -> Iterator[Bench]:
    """A resolver whose X knows the tweets of `articles.py`."""
    with bench() as made:
        teach(made.x)
        yield made
