"""What tests of every part share."""

import gc
import os
import sys
from collections.abc import Iterator
from typing import Any

import hypothesis
import pytest
from browsers import axe, chromium, visit
from container_image import image
from database_servers import mariadb, postgresql
from databases import database, mysql, postgres, sqlite
from faulty_service import faulty
from playground_page import playground, service_address
from resolving import ask
from rest import client
from standin_x import StandIn
from wagtail_site_server import wagtail_site
from wordpress_plugin import plugin_site, service, site
from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]

__all__ = [
    "ask",
    "axe",
    "chromium",
    "client",
    "database",
    "faulty",
    "image",
    "mariadb",
    "mysql",
    "playground",
    "plugin_site",
    "postgres",
    "postgresql",
    "service",
    "service_address",
    "site",
    "sqlite",
    "visit",
    "wagtail_site",
    "x",
]

# Every process of pytest imports all tests, and many start the service: what is compiled is kept
# for the next, whatever the shell says.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

# A machine under load takes longer for an example now and then; what may cost how much has tests of
# its own, by processor time.
hypothesis.settings.register_profile("unhurried", deadline=None, derandomize=True)
hypothesis.settings.load_profile("unhurried")


ONE_SITE = "tests/integrations/test_wordpress_"
"""Files that share what takes long to build: they run in one process, which builds it once."""


FIRST = ("tests/integrations/", "tests/backfill/", "tests/cli/", "tests/deploy/")
"""What waits for servers and takes longest: begun first, so that nobody waits for it at the end."""


FORKING = ("tests/backfill/", "tests/cli/")
"""What forks in the process of the tests, where the stand-in for X is a thread: the program itself
has none when it forks.
"""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: not item.nodeid.startswith(FIRST))
    forked = pytest.mark.filterwarnings(
        "ignore:This process .* is multi-threaded:DeprecationWarning"
    )
    for item in items:
        if item.nodeid.startswith(FORKING):
            item.add_marker(forked)


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown() -> None:
    """Let the collector see again what a command of ours took from it, which has a process of its
    own else: Hypothesis asks it who holds a generator.
    """
    gc.unfreeze()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers(config: pytest.Config) -> int | None:
    """Return twice as many as there are processors for the tests that wait half of their time."""
    is_waiting = str(config.option.markexpr).startswith("not long")
    return 2 * (os.cpu_count() or 1) if is_waiting else None


class ByFile(LoadScopeScheduling):  # type: ignore[misc]
    """Hand out tests by the file, in order: what the tests of one share is built once."""

    def _split_scope(self, nodeid: str) -> str:
        return ONE_SITE if nodeid.startswith(ONE_SITE) else nodeid.partition("::")[0]


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByFile | None:  # noqa: ANN401 - xdist's own
    if config.option.dist != "load":
        return None  # somebody chose
    config.option.loadscopereorder = False
    return ByFile(config, log)


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def x(monkeypatch: pytest.MonkeyPatch) -> Iterator[StandIn]:
    """A stand-in for X. It is in the environment, so this process and its children reach it and
    nothing else.
    """
    with StandIn() as standin:
        for variable, value in standin.env.items():
            monkeypatch.setenv(variable, value)
        monkeypatch.delenv("SSL_CERT_DIR", raising=False)
        yield standin
