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
