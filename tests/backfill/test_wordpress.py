"""A real WordPress, full of old embeds, backfilled while it runs: what is in its database, and what
it serves to readers.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from archives import report
from bs4 import BeautifulSoup, Tag
from database_servers import Server
from old_posts import HARBOUR, OLD, OLD_POSTS, READ, SHOWN, WORDS
from rest import DEMO
from sqlalchemy import create_engine, text
from wordpress import WordPress, start_wordpress

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Request, Route

Rows = list[dict[str, object]]
CHANGED = {name for name, old in OLD_POSTS.items() if old.changes}


@dataclass(frozen=True)
class Snapshot:
    """All rows of posts, by id, and of what hangs on them."""

    posts: dict[int, dict[str, object]]
    meta: Rows


@dataclass(frozen=True)
class Story:
    """A backfill of a living WordPress, at each of its stages; the site is left backfilled."""

    site: WordPress
    ids: dict[str, int]  # of OLD_POSTS, by name
    pages_before: dict[str, str]
    before: Snapshot
    after: Snapshot
    pages_after: dict[str, str]
    restored: Snapshot
    told: dict[str, object]


def look(site: WordPress) -> Snapshot:
    engine = create_engine(site.database.replace("mysql:", "mysql+pymysql:"))
    with engine.connect() as connection:
        posts, meta = (
            # one of two
            [dict(row) for row in connection.execute(text(f"SELECT * FROM {table}")).mappings()]  # noqa: S608
            for table in ("wp_posts", "wp_postmeta")
        )
    engine.dispose()
    return Snapshot({int(str(row["ID"])): row for row in posts}, meta)


def pages(site: WordPress, ids: dict[str, int]) -> dict[str, str]:
    return {name: site.page(ids[name], OLD_POSTS[name].post.type) for name in READ}


@pytest.fixture(scope="module")
def story(mariadb: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    folder = tmp_path_factory.mktemp("wordpress")
    with start_wordpress(mariadb, DEMO / "recorded") as site:
        ids = dict(
            zip(OLD_POSTS, site.insert([old.post for old in OLD_POSTS.values()]), strict=True),
        )
        pages_before = pages(site, ids)  # WordPress writes down what it learns of embeds
        before = look(site)
        told = backfill(site, folder / "first")
        after = look(site)
        pages_after = pages(site, ids)
        tweet_embed("restore", folder / "first.backup", site.database)
        restored = look(site)
        assert backfill(site, folder / "second") == told
        yield Story(
            site,
            ids,
            pages_before,
            before,
            after,
            pages_after,
            restored,
            told,
        )


def backfill(site: WordPress, files: Path) -> dict[str, object]:
    """Backfill a site; what happened to each post by id."""
    named = {each: files.with_suffix(f".{each}") for each in ("backup", "report", "state")}
    tweet_embed(
        "backfill",
        site.database,
        "--preset",
        "wordpress",
        "--in-place",
        *(f"--{each}={path}" for each, path in named.items()),
    )
    return {str(line["id"]): line["status"] for line in report(named["report"]) if "id" in line}


def tweet_embed(*arguments: str | Path) -> None:
    """Run the command as its users do: in a process of its own."""
    command = [sys.executable, "-m", "service", *map(str, arguments)]
    environment = os.environ | {"TWEET_EMBED_RECORDED": str(DEMO / "recorded")}
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=False,
        cwd=DEMO.parents[1],
        env=environment,
    )

    assert done.returncode == 0, done.stdout + done.stderr


def article(page: str) -> Tag:
    found = BeautifulSoup(page, "html.parser").find("article")
    assert isinstance(found, Tag)
    return found


def shown(page: str, tweet: str) -> bool:
    """Return whether a page shows a tweet as a blockquote: its words, and a link to it."""
    quotes = article(page).select("blockquote.twitter-tweet")
    addresses = [str(link["href"]) for quote in quotes for link in quote.select("a[href]")]
    return (
        len(quotes) == 1
        and WORDS[tweet] in quotes[0].get_text()
        and any(f"/status/{tweet}" in each for each in addresses)
    )


def differences(one: Snapshot, other: Snapshot) -> dict[int, set[str]]:
    """Return, by post, the columns that differ."""
    assert one.posts.keys() == other.posts.keys()
    found = {
        post: {name for name, value in row.items() if value != other.posts[post][name]}
        for post, row in one.posts.items()
    }
    return {post: names for post, names in found.items() if names}


def test_only_what_readers_see_is_changed_and_of_it_only_the_content(story: Story) -> None:
    assert differences(story.before, story.after) == {
        story.ids[name]: {"post_content"} for name in CHANGED
    }


def test_a_post_keeps_its_time(story: Story) -> None:
    times = {
        str(story.after.posts[story.ids[name]][column])
        for name in CHANGED
        for column in ("post_modified", "post_modified_gmt")
    }

    assert times == {"2019-03-04 05:06:07"}


def test_revisions_are_there_and_hold_the_old_words(story: Story) -> None:
    revisions = {
        row["post_parent"]: row["post_content"]
        for row in story.after.posts.values()
        if row["post_type"] == "revision"
    }

    assert len(revisions) >= len(CHANGED)
    for name in CHANGED:
        assert revisions[story.ids[name]] == story.before.posts[story.ids[name]]["post_content"]


def test_what_wordpress_remembers_of_embeds_goes_with_the_changed_posts_alone(story: Story) -> None:
    changed = {story.ids[name] for name in CHANGED}
    stale = [
        row
        for row in story.before.meta
        if row["post_id"] in changed and str(row["meta_key"]).startswith("_oembed_")
    ]
    kept = [row for row in story.before.meta if row not in stale]

    assert len(stale) > 3 * len(CHANGED), "WordPress wrote none of its own"
    assert any(str(row["meta_key"]).startswith("_oembed_") for row in kept)
    assert story.after.meta == kept


def test_restore_brings_back_every_byte(story: Story) -> None:
    assert differences(story.before, story.restored) == {}


def test_the_report_tells_of_each_post(story: Story) -> None:
    assert {
        name for name, post in story.ids.items() if story.told.get(str(post)) == "changed"
    } == CHANGED
    assert not [
        name for name in OLD_POSTS if OLD_POSTS[name].hidden and str(story.ids[name]) in story.told
    ]


@pytest.mark.parametrize("name", SHOWN)
def test_wordpress_serves_the_embed(story: Story, name: str) -> None:
    tweet = OLD_POSTS[name].tweet
    assert tweet is not None

    assert shown(story.pages_after[name], tweet), article(story.pages_after[name])


def test_a_block_gets_the_address_that_every_wordpress_embeds(story: Story) -> None:
    assert not shown(story.pages_before["embed block"], HARBOUR)  # WordPress knows no mobile host
    assert OLD in str(story.after.posts[story.ids["embed block"]]["post_content"])
    assert shown(story.pages_after["old embed block"], HARBOUR)


@pytest.mark.parametrize("name", sorted(CHANGED & set(SHOWN)))
def test_what_is_served_is_sanitized_and_the_words_around_it_are_there(
    story: Story,
    name: str,
) -> None:
    before, after = (article(each[name]) for each in (story.pages_before, story.pages_after))
    for quote in after.select("blockquote.twitter-tweet"):
        assert quote.attrs.keys() <= {"class", "data-dnt", "data-lang"}
        assert not quote.select("script, iframe, amp-twitter, [style], [onclick]")
    assert not after.select("iframe, amp-twitter")
    for words in ("Before", "100 % café 🗼", "<here>", "After"):
        assert (words in after.get_text()) == (words in before.get_text())


def test_short_links_lead_where_they_led(story: Story) -> None:
    page = article(story.pages_after["short links"])

    assert [link["href"] for link in page.select("p a")] == [
        "https://harbourlights.example/hours?season=spring",
    ]
    assert "t.co" not in page.get_text()


def test_a_failure_that_wordpress_would_remember_for_ever_is_over(story: Story) -> None:
    post, name = story.ids["address on a line"], "address on a line"

    assert not shown(story.pages_before[name], HARBOUR)
    assert [
        row
        for row in story.before.meta
        if row["post_id"] == post and row["meta_value"] == "{{unknown}}"
    ]
    assert shown(story.pages_after[name], HARBOUR)


@pytest.mark.browser
@pytest.mark.parametrize("name", ["flattened line", "classic blockquote"])
def test_a_reader_sees_it(story: Story, chromium: "Browser", name: str) -> None:
    with chromium.new_context(viewport={"width": 800, "height": 900}) as context:
        page = context.new_page()

        def answer(route: "Route", request: "Request") -> None:
            if request.url.startswith(f"{story.site.url}/"):
                route.continue_()
            else:
                route.abort()

        page.route("**/*", answer)
        page.goto(story.site.address(story.ids[name]))
        quote = page.locator("article blockquote.twitter-tweet")

        assert quote.is_visible()
        assert quote.locator("p[lang]").evaluate("it => getComputedStyle(it).direction") == (
            "rtl" if name == "flattened line" else "ltr"
        )
        assert page.evaluate(
            "() => document.documentElement.scrollWidth <= document.documentElement.clientWidth",
        )
