"""A real WordPress with the plugin in it, driven as its editors do: over HTTP, logged in."""

import contextlib
import json
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from articles import FLATTENED, MAY, teach
from database_servers import Server
from rest import DEMO
from served import serving
from standin_x import StandIn
from wordpress import ANSWER_S, SITE, WordPress, start_wordpress

PLUGIN = Path(__file__).resolve().parents[2] / "integrations" / "wordpress" / "tweet-embed"
FLAT, SUNSETS = FLATTENED[0], FLATTENED[2]
EMBED = (
    '<blockquote class="twitter-tweet" data-dnt="true"><p lang="en" dir="ltr">Sunsets '
    "don&#39;t get much better "
    '<a href="https://t.co/YuKy2rcjyU">x.test</a></p>&mdash; US Department of the '
    "Interior (@Interior) "
    f'<a href="https://x.com/Interior/status/{MAY}">May 5, 2014</a></blockquote>'
)
"""What the service writes for SUNSETS."""
SECRET = "no secret"  # noqa: S105 - as the installer of the test's site has it
DEFAULTS = {
    "address": "",
    "key": "",
    "timeout": 15,  # the most: a busy machine answers late, and a post is then saved as typed
    "on_save": True,
    "post_types": ["post", "page"],
    "render": "blockquote",
    "script": "keep",
    "links": "expand",
    "gone": "keep",
    "unidentified": "keep",
    "theme": "",
}


def paragraph(text: str) -> str:
    """Return a block of a text."""
    return f"<!-- wp:paragraph -->\n<p>{text}</p>\n<!-- /wp:paragraph -->"


def html_block(html: str) -> str:
    """Return a block of raw HTML."""
    return f"<!-- wp:html -->\n{html}\n<!-- /wp:html -->"


def article(*paragraphs: str) -> str:
    """Return an article in block markup."""
    return "\n\n".join(map(paragraph, paragraphs))


@dataclass(frozen=True)
class RunningService:
    """A service, and the X that it asks."""

    url: str
    x: StandIn


@dataclass
class PluginSite:
    """A site with the plugin, and an administrator's browser."""

    site: WordPress
    client: httpx.Client

    def do(self, action: str, **given: object) -> Any:  # noqa: ANN401 - whatever it returns
        """Do one of the actions of `site/actions.php` inside WordPress."""
        answer = httpx.post(
            f"{self.site.url}/actions.php",
            params={"do": action},
            json=given,
            timeout=ANSWER_S,
            trust_env=False,
        )
        assert answer.status_code == httpx.codes.OK, answer.text
        warnings, _, result = answer.text.rpartition("\n")
        assert warnings == "", answer.text
        return json.loads(result)

    def configure(self, **settings: object) -> None:
        """Store settings as the page does; what is not named is at its default. A pause is over."""
        chosen = DEFAULTS | settings
        self.do("configure", settings=chosen if chosen["key"] else chosen | {"forget_key": True})

    def nonce(self) -> str:
        """Fetch what REST wants of a browser."""
        answer = self.client.get("/wp-admin/admin-ajax.php?action=rest-nonce")
        assert answer.status_code == httpx.codes.OK
        return answer.text

    def rest(self, method: str, path: str, body: object = None) -> httpx.Response:
        """Ask WordPress' REST interface as the block editor does."""
        return self.client.request(
            method, f"/index.php?rest_route={path}", json=body, headers={"X-WP-Nonce": self.nonce()}
        )

    def save(self, content: str, post: int | None = None, status: str = "publish") -> int:
        """Save a post as the block editor does; its id."""
        answer = self.rest(
            "POST",
            f"/wp/v2/posts{f'/{post}' if post else ''}",
            {"content": content, "status": status, "title": "A post"},
        )
        assert answer.status_code in {200, 201}, answer.text
        return int(answer.json()["id"])

    def save_classic(self, content: str, post: int | None = None) -> int:
        """Save a post as the classic editor does; its id."""
        at = f"post.php?post={post}&action=edit" if post else "post-new.php?classic-editor=1"
        form = self.client.get(f"/wp-admin/{at}{'&classic-editor=1' if post else ''}").text
        fields = dict(
            re.findall(
                r"<input type=['\"]hidden['\"][^>]*?name=['\"]([^'\"]+)['\"]"
                r"[^>]*?value=['\"]([^'\"]*)['\"]",
                form,
            )
        )
        assert "_wpnonce" in fields, form[:2000]
        data = fields | {
            "action": "editpost",
            "post_title": "A classic post",
            "content": content,
            "publish": "Publish",
            "post_status": "publish",
        }
        answer = self.client.post("/wp-admin/post.php", data=data)
        assert answer.status_code == httpx.codes.FOUND, answer.text
        return int(fields["post_ID"])

    def stored(self, post: int) -> str:
        """Read a post's content from the database."""
        return str(self.do("content", post=post))

    def report(self, post: int) -> dict[str, Any]:
        """Ask what the editors show of a post."""
        answer = self.rest("GET", f"/tweet-embed/v1/posts/{post}")
        assert answer.status_code == httpx.codes.OK, answer.text
        return dict(answer.json())

    def next_try(self, post: int) -> int | None:
        """Return when a post is tried again, as a Unix time; None if it is not."""
        when = self.do("next try", post=post)
        return int(when) if when else None

    def run_events(self, post: int) -> None:
        """Make a post's event due, and have WordPress run what is due."""
        self.do("make due", post=post)
        answer = httpx.get(f"{self.site.url}/wp-cron.php", timeout=ANSWER_S, trust_env=False)
        assert answer.status_code == httpx.codes.OK, answer.text


@contextlib.contextmanager
def start_plugin_site(mariadb: Server, recorded: Path) -> Iterator[PluginSite]:
    """Install a WordPress with the plugin, activate it, and log in."""
    with (
        start_wordpress(mariadb, recorded) as site,
        httpx.Client(base_url=site.url, timeout=ANSWER_S, trust_env=False) as client,
    ):
        content = site.folder / "wp-content"
        shutil.copytree(PLUGIN, content / "plugins" / "tweet-embed")
        shutil.copy(SITE / "neighbours.php", content / "mu-plugins")
        for name in ("actions.php", "wp-cli.php"):
            shutil.copy(SITE / name, site.folder)
        running = PluginSite(site, client)
        running.do("activate")
        login(client, "editor")
        yield running


def login(client: httpx.Client, name: str) -> None:
    """Log in as one of the site's users."""
    client.get("/wp-login.php")
    answer = client.post("/wp-login.php", data={"log": name, "pwd": SECRET, "testcookie": "1"})
    assert answer.status_code == httpx.codes.FOUND, answer.text


@pytest.fixture(scope="session")
def service() -> Iterator[RunningService]:
    with StandIn() as x:
        teach(x)
        settings = {"UPSTREAM_RATE": "0", "CACHE_PATH": ":memory:"}
        named = {f"TWEET_EMBED_{name}": value for name, value in settings.items()}
        with serving(**x.env, **named) as (port, _):
            yield RunningService(f"http://127.0.0.1:{port}", x)


@pytest.fixture(scope="session")
def plugin_site(mariadb: Server) -> Iterator[PluginSite]:
    with start_plugin_site(mariadb, DEMO / "recorded") as site:
        yield site


@pytest.fixture
def site(plugin_site: PluginSite, service: RunningService) -> PluginSite:
    """A site whose settings are at their defaults, with the service that works."""
    plugin_site.configure(address=service.url)
    return plugin_site
