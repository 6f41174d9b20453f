"""What tests of every part share."""

from collections.abc import Iterator

import hypothesis
import pytest
from browsers import axe, chromium, visit
from container_image import image
from database_servers import mariadb, postgresql
from databases import database, mysql, postgres, sqlite
from faulty_service import faulty
from playground_page import playground, service_address
from standin_x import StandIn
from wagtail_site_server import wagtail_site
from wordpress_plugin import plugin_site, service, site

__all__ = [
    "axe",
    "chromium",
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

# A machine under load takes longer for an example now and then; what may cost how much has tests of
# its own, by processor time.
hypothesis.settings.register_profile("unhurried", deadline=None, derandomize=True)
hypothesis.settings.load_profile("unhurried")


SITES = {"wagtail_site": "wagtail", "plugin_site": "wordpress"}
"""Fixtures that take long to build: what uses one runs in one process, which builds it once."""
ONE_BY_ONE = {"backfill"}
"""Folders whose tests are handed out one by one: long ones. The others' go by the file."""


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> None:
    """Hand out tests to several processes by the groups below."""
    if getattr(config.option, "numprocesses", None) and config.option.dist == "no":
        config.option.dist = "loadgroup"


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        fixtures = getattr(item, "fixturenames", ())
        group = next((SITES[name] for name in fixtures if name in SITES), None)
        if group is None and item.path.parent.name not in ONE_BY_ONE:
            group = item.path.stem
        if group is not None:
            item.add_marker(pytest.mark.xdist_group(group))


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
