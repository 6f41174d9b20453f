"""A real WordPress for tests: Debian's, installed by its own installer in a folder and a database
of its own, served by PHP's own server.

It meets nobody: what it asks of X is answered from a folder of recorded answers, all else is
refused (`site/others.php`).
"""

import contextlib
import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest
from database_servers import Server, prepare, program, running, temporary_folder
from ports import HOST
from sqlalchemy import make_url

PACKAGE = Path("/usr/share/wordpress")
SITE = Path(__file__).with_name("site")
LONG_AGO = "2019-03-04 05:06:07"
ANSWER_S = 180.0


@dataclass(frozen=True)
class Post:
    """A post to make: its content as WordPress is to keep it, and, by key, what hangs on it."""

    content: str
    status: str = "publish"
    type: str = "post"
    title: str = "A post"
    meta: dict[str, str] = field(default_factory=dict)
    revision: bool = False  # whether WordPress keeps a revision of it


@dataclass(frozen=True)
class WordPress:
    """A running site: where it is, and the URL of its database."""

    url: str
    database: str
    environment: dict[str, str]
    folder: Path
    php: str

    def insert(self, posts: Sequence[Post]) -> list[int]:
        """Have WordPress make posts, long ago; give their ids."""
        wanted = [
            {
                "fields": {
                    "post_title": post.title,
                    "post_content": post.content,
                    "post_status": post.status,
                    "post_type": post.type,
                    "post_date": LONG_AGO,
                    "post_date_gmt": LONG_AGO,
                },
                "meta": post.meta,
                "revision": post.revision,
            }
            for post in posts
        ]
        done = subprocess.run(
            [self.php, str(SITE / "insert.php")],
            input=json.dumps(wanted),
            capture_output=True,
            text=True,
            check=False,
            cwd=self.folder,
            env=os.environ | self.environment,
            timeout=ANSWER_S,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        ids: list[int] = json.loads(done.stdout)
        return ids

    def address(self, post: int, kind: str = "post") -> str:
        """Return where a reader finds a post, or a page."""
        return f"{self.url}/?{'page_id' if kind == 'page' else 'p'}={post}"

    def page(self, post: int, kind: str = "post") -> str:
        """Return a post's page as WordPress serves it to a reader."""
        answer = httpx.get(self.address(post, kind), timeout=ANSWER_S, trust_env=False)
        assert answer.status_code == httpx.codes.OK, answer.text
        return answer.text


@contextlib.contextmanager
def start_wordpress(mariadb: Server, recorded: Path) -> Iterator[WordPress]:
    """Install a WordPress into a new database, and serve it. `recorded` is what X answers it."""
    php = program("php", "php-cli php-mysql")
    if not PACKAGE.is_dir():
        pytest.skip(f"no {PACKAGE}: apt-get install wordpress")
    database = make_url(mariadb.new_database())
    with temporary_folder("wordpress") as place:
        folder = place / "site"
        prepare(["cp", "-rL", str(PACKAGE), str(folder)])
        shutil.copy(SITE / "wp-config.php", folder)
        shutil.copytree(SITE / "theme", folder / "wp-content" / "themes" / "paper")
        (folder / "wp-content" / "mu-plugins").mkdir()
        shutil.copy(SITE / "others.php", folder / "wp-content" / "mu-plugins")
        (folder / "whose.txt").write_text(place.name)
        environment = {
            "SITE_DB_HOST": f"{database.host}:{database.port}",
            "SITE_DB_NAME": database.database or "",
            "SITE_RECORDED": str(recorded),
            "PHP_CLI_SERVER_WORKERS": "4",
        }

        def command(port: int) -> list[str]:
            # The address is the site's own, and only known now. The installer writes a mail; here
            # it goes nowhere.
            return [
                "env",
                f"SITE_URL=http://{HOST}:{port}",
                php,
                "-d",
                "sendmail_path=/bin/true",
                "-S",
                f"{HOST}:{port}",
                "-t",
                str(folder),
            ]

        def is_ready(port: int) -> bool:
            with contextlib.suppress(httpx.HTTPError):
                return (
                    httpx.get(f"http://{HOST}:{port}/whose.txt", trust_env=False).text == place.name
                )
            return False

        with running(command, is_ready, place / "log", environment=environment) as (_, port):
            url = f"http://{HOST}:{port}"
            _install(url)
            yield WordPress(
                url,
                database.render_as_string(hide_password=False),
                environment | {"SITE_URL": url},
                folder,
                php,
            )


def _install(url: str) -> None:
    """Have WordPress make its tables, as its owner does in a browser."""
    secret = "no secret"  # noqa: S105 - of a site that lives for seconds
    form = {
        "weblog_title": "A paper",
        "user_name": "editor",
        "admin_password": secret,
        "admin_password2": secret,
        "pw_weak": "1",
        "admin_email": "editor@site.test",
        "language": "",
    }
    answer = httpx.post(
        f"{url}/wp-admin/install.php?step=2",
        data=form,
        timeout=ANSWER_S,
        trust_env=False,
    )
    assert answer.status_code == httpx.codes.OK, answer.text
    assert "wp-login.php" in answer.text, answer.text
