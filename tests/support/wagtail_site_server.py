"""A real Wagtail for tests: a site in a folder of its own, the package installed beside it."""

import contextlib
import json
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import httpx
import pytest
from database_servers import prepare, running, temporary_folder
from ports import HOST

PACKAGE = Path(__file__).resolve().parents[2] / "integrations" / "wagtail"
SITE = Path(__file__).with_name("wagtail_site")
SECRET = "no secret"  # noqa: S105 - of a site that lives for seconds
ANSWER_S = 180.0


@dataclass(frozen=True)
class WagtailSite:
    """A running site: where it is, and its folder."""

    url: str
    folder: Path

    def do(self, action: str, **given: object) -> Any:  # noqa: ANN401 - whatever it returns
        """Do one of the actions of `wagtail_site/site_actions.py`."""
        answer = httpx.post(
            f"{self.url}/do/{action}", json=given, timeout=ANSWER_S, trust_env=False
        )
        assert answer.status_code == httpx.codes.OK, answer.text[-2000:] + self.log()
        return answer.json()["result"]

    def configure(self, **settings: object) -> None:
        """Set what the package is told of the service."""
        write_settings(self.folder, settings)

    def page(self, address: str) -> str:
        """Return a page as readers get it."""
        answer = httpx.get(self.url + address, timeout=ANSWER_S, trust_env=False)
        assert answer.status_code == httpx.codes.OK, answer.text[-2000:]
        return answer.text

    def log(self) -> str:
        """Return the end of what the site said."""
        return (self.folder / "log").read_text(errors="replace")[-2000:]


def write_settings(folder: Path, settings: dict[str, object]) -> None:
    """Write the settings of the package, for a site to read."""
    (folder / "tweet-embed.json").write_text(json.dumps({"KEY": "", "OPTIONS": {}} | settings))


@contextlib.contextmanager
def start_wagtail() -> Iterator[WagtailSite]:
    """Install the package, make a site with its database, and serve it."""
    if find_spec("wagtail") is None:
        pytest.skip("no Wagtail: pip install wagtail")
    with temporary_folder("wagtail") as folder:
        source, packages = folder / "source", folder / "packages"
        shutil.copytree(PACKAGE, source)  # a build leaves files behind
        pip = [sys.executable, "-m", "pip", "install", "-q", "--disable-pip-version-check"]
        prepare([*pip, "--no-deps", "--target", str(packages), str(source)])
        write_settings(folder, {"ADDRESS": ""})
        environment = {
            "SITE_FOLDER": str(folder),
            "DJANGO_SETTINGS_MODULE": "site_settings",
            "PYTHONPATH": f"{packages}:{SITE}",
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        django = [sys.executable, "-m", "django"]
        command = ["env", *(f"{name}={value}" for name, value in environment.items()), *django]
        prepare([*command, "migrate", "--run-syncdb", "-v", "0"])

        def is_ready(port: int) -> bool:
            with contextlib.suppress(httpx.HTTPError):
                return httpx.get(f"http://{HOST}:{port}/admin/login/", trust_env=False).is_success
            return False

        def serve(port: int) -> list[str]:
            return [*django, "runserver", "--noreload", f"{HOST}:{port}"]

        with running(serve, is_ready, folder / "log", environment=environment) as (_, port):
            site = WagtailSite(f"http://{HOST}:{port}", folder)
            site.do("set_up", secret=SECRET)
            yield site


@pytest.fixture(scope="session")
def wagtail_site() -> Iterator[WagtailSite]:
    with start_wagtail() as site:
        yield site
