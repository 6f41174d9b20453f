"""What the playground hands out works: each command is run, and the WordPress lines in a
WordPress.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy
from database_servers import Server, program
from playground_page import OpenPlayground, open_tab, resolve, shown, write
from rest import DEMO
from served import RECORDED, serving
from wordpress import Post, start_wordpress

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

CHANGED = (
    "#render=consent&script=none&links=href&strip_tracking=false&gone=tombstone&theme=dark&lang=ar"
    "&dnt=false&align=center&max_width=400&hide_media=true&hide_thread=true&unidentified=quote"
    "&intact=renew&deadline_ms=5000"
)
TWEET = "https://x.com/demo_harbour/status/2034906551094185985"
QUOTES = f"<p title='it''s \"quoted\"'>$HOME `id` \\ 'a' %s</p>\n<p>{TWEET}</p>\n"


def taken(page: "Page", kind: str) -> str:
    open_tab(page, "take")
    page.locator(f"#take-kind [value={kind}]").click()
    text: str = page.locator("#take-text").text_content() or ""
    return text


def run(command: str, folder: Path, **environment: str) -> bytes:
    for tool in ("curl", "jq"):
        if command.startswith(tool):
            program(tool, tool)
    done = subprocess.run(
        ["/bin/bash", "-c", f"set -euo pipefail\n{command}"],
        cwd=folder,
        env=os.environ | RECORDED | {"NO_PROXY": "*", "no_proxy": "*"} | environment,
        capture_output=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


@pytest.mark.parametrize("state", ["", CHANGED], ids=["as it is", "every option"])
def test_the_call_gives_what_the_page_shows(
    playground: OpenPlayground,
    tmp_path: Path,
    state: str,
) -> None:
    page = playground(state).page
    write(page, QUOTES)
    resolve(page)
    answer = json.loads(taken(page, "json"))
    called = json.loads(run(taken(page, "curl"), tmp_path))

    assert taken(page, "html") == answer["content"]
    assert called["content"] == answer["content"]
    assert TWEET in QUOTES
    assert called["changed"]


@pytest.mark.parametrize("state", ["", CHANGED], ids=["as it is", "every option"])
@pytest.mark.parametrize("sample", ["page", "notes"])
def test_the_command_gives_what_the_page_shows(
    playground: OpenPlayground,
    tmp_path: Path,
    sample: str,
    state: str,
) -> None:
    page = playground(f"{state or '#'}&sample={sample}").page
    shown(page)
    command = taken(page, "cli").split()
    (tmp_path / command[2]).write_text(page.locator("#article").input_value())
    program = f"{sys.executable} -m service"
    written = run(" ".join([program, *command[1:]]), tmp_path, PYTHONPATH=str(DEMO.parents[1]))

    assert command[:2] == ["tweet-embed", "resolve"]
    assert written.decode() == taken(page, "html")
    assert command[2].endswith(".md" if sample == "notes" else ".html")


def test_a_long_article_is_called_from_a_file(playground: OpenPlayground, tmp_path: Path) -> None:
    page = playground("#render=link").page
    article = f"<p>{'many words ' * 500}</p>\n<p>{TWEET}</p>\n"
    write(page, article)
    resolve(page)
    command = taken(page, "curl")
    (tmp_path / "article.txt").write_text(article)

    assert "many words" not in command
    assert json.loads(run(command, tmp_path))["content"] == taken(page, "html")


def test_a_key_is_named_never_written(playground: OpenPlayground, tmp_path: Path) -> None:
    with serving(**RECORDED, TWEET_EMBED_API_KEYS="a-key-of-ours") as (port, _):
        page = playground("#sample=page", at=f"http://127.0.0.1:{port}").page
        page.locator("#key-field").fill("a-key-of-ours")
        page.locator("#key button").click()
        shown(page)
        command = taken(page, "curl")
        called: dict[str, Any] = json.loads(
            run(command, tmp_path, TWEET_EMBED_KEY="a-key-of-ours"),
        )

        assert "a-key-of-ours" not in command + taken(page, "wordpress")
        assert called["content"] == taken(page, "html")


def test_wordpress_saves_what_the_page_shows(
    playground: OpenPlayground,
    service_address: str,
    mariadb: Server,
) -> None:
    page = playground("#sample=page").page
    shown(page)
    resolved, lines = taken(page, "html"), taken(page, "wordpress")
    before = page.locator("#article").input_value()
    with start_wordpress(mariadb, DEMO / "recorded") as site:
        plugins = site.folder / "wp-content" / "mu-plugins"
        (plugins / "tweet-embed.php").write_text(lines)
        (plugins / "way-out.php").write_text(
            "<?php add_filter('pre_http_request', function ($told, $arguments, $url) {"
            f" return str_starts_with($url, '{service_address}/') ? false : $told; }}, 20, 3);",
        )
        live, draft = site.insert([Post(before), Post(before, status="draft")])
        (plugins / "way-out.php").unlink()  # from here on the service is out of reach
        (alone,) = site.insert([Post(before)])
        engine = sqlalchemy.create_engine(site.database.replace("mysql:", "mysql+pymysql:"))
        with engine.connect() as connection:
            rows = connection.execute(sqlalchemy.text("SELECT ID, post_content FROM wp_posts"))
            kept = {row.ID: row.post_content for row in rows}
        engine.dispose()

    assert [kept[post] for post in (live, draft, alone)] == [resolved, before, before]
