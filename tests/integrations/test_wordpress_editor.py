"""WordPress in a real Chromium: what an editor types, sees after saving, and opens again."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest
from articles import LOST, MAY
from browsers import PATIENCE_MS, leave
from faulty_service import FaultyService, said
from standin_answers import FAULTS
from wordpress_plugin import (
    EMBED,
    FLAT,
    SUNSETS,
    PluginSite,
    RunningService,
    article,
    html_block,
    paragraph,
)

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page, Route

pytestmark = pytest.mark.browser

PANEL = ".tweet-embed-panel"
SIMPLIFY = """() => {
  const preferences = wp.data.select('core/edit-post');
  for (const feature of ['welcomeGuide', 'fullscreenMode'])
    if (preferences.isFeatureActive(feature))
      wp.data.dispatch('core/edit-post').toggleFeature(feature);
}"""
TYPE = """(texts) => {
  wp.data.dispatch('core/editor').editPost({title: 'A post', status: 'publish'});
  const blocks = texts.map((content) => wp.blocks.createBlock('core/paragraph', {content}));
  wp.data.dispatch('core/block-editor').insertBlocks(blocks, undefined, undefined, false);
}"""
INSERT_EMBED = """(url) => wp.data.dispatch('core/block-editor').insertBlocks(
  [wp.blocks.createBlock('core/embed', {url})])"""
BLOCKS = (
    "wp.data.select('core/block-editor').getBlocks().map((block) => [block.name, block.isValid])"
)
IS_DIRTY = "wp.data.select('core/editor').isEditedPostDirty()"
IS_SAVED = f"!wp.data.select('core/editor').isSavingPost() && !{IS_DIRTY}"
REPORT = re.compile(r"tweet-embed(/|%2F)v1(/|%2F)posts")
SAVE = "wp.data.dispatch('core/editor').savePost()"


@pytest.fixture
def context(chromium: "Browser", plugin_site: PluginSite) -> Iterator["BrowserContext"]:
    """An editor's browser: logged in, and in reach of nothing but the site."""
    made = chromium.new_context(viewport={"width": 1280, "height": 900})
    made.set_default_timeout(PATIENCE_MS)
    made.add_cookies(
        [
            {"name": each.name, "value": each.value or "", "url": plugin_site.site.url}
            for each in plugin_site.client.cookies.jar
        ]
    )
    confine(made, plugin_site, [])
    yield made
    leave(made)


def confine(context: "BrowserContext", site: PluginSite, asked: list[str]) -> None:
    """Let a browser reach the site alone, and note what else it asks for."""

    def answer(route: "Route") -> None:
        if route.request.url.startswith((site.site.url, "data:", "blob:")):
            route.continue_()
        else:
            asked.append(route.request.url)
            route.abort()

    context.route("**/*", answer)


def open_editor(context: "BrowserContext", site: PluginSite, post: int | None = None) -> "Page":
    page = context.new_page()
    at = f"post.php?post={post}&action=edit" if post else "post-new.php"
    page.goto(f"{site.site.url}/wp-admin/{at}")
    page.wait_for_selector(".edit-post-visual-editor")
    page.evaluate(SIMPLIFY)
    toggle = page.locator(f"{PANEL} .components-panel__body-toggle")
    if toggle.get_attribute("aria-expanded") == "false":
        toggle.click()
    return page


def save(page: "Page") -> int:
    """Save, and wait for the panel to have heard of it."""
    with page.expect_response(REPORT):
        page.evaluate(SAVE)
    page.wait_for_function(IS_SAVED)
    return int(page.evaluate("wp.data.select('core/editor').getCurrentPostId()"))


def wait_for_state(page: "Page", state: str) -> None:
    """Wait until the panel tells of a tweet in this state; of trouble, show what it says."""
    page.wait_for_selector(f"{PANEL} .is-{state}, {PANEL} .tweet-embed-note")
    assert page.locator(f"{PANEL} .is-{state}").count(), page.inner_text(PANEL)


def test_a_post_typed_into_the_block_editor(context: "BrowserContext", site: PluginSite) -> None:
    page = open_editor(context, site)
    page.evaluate(TYPE, ["شهدت العاصمة", FLAT, "مرحلة مهمة:"])
    post = save(page)
    wait_for_state(page, "embedded")
    whole = [["core/paragraph", True], ["core/html", True], ["core/paragraph", True]]

    assert page.evaluate(BLOCKS) == whole, "the editor shows what was stored"
    assert page.evaluate(IS_DIRTY) is False
    stored = site.stored(post)
    assert 'class="twitter-tweet"' in stored

    page = open_editor(context, site, post)
    wait_for_state(page, "embedded")
    assert page.evaluate(BLOCKS) == whole
    assert page.locator(".block-editor-warning").count() == 0
    as_edited = stored.replace("&mdash;", "—")  # the editor's own way with it
    assert page.evaluate("wp.data.select('core/editor').getEditedPostContent()") == as_edited
    assert page.evaluate(IS_DIRTY) is False

    page.evaluate(TYPE, ["And another thing."])
    last = "wp.data.select('core/block-editor').getBlocks().at(-1).clientId"
    page.evaluate(f"wp.data.dispatch('core/block-editor').selectBlock({last})")
    selected = "wp.data.select('core/block-editor').getSelectedBlockClientId()"
    before = page.evaluate(selected)
    save(page)
    assert page.evaluate(selected) == before, "the cursor stays where nothing came back changed"
    assert site.stored(post) == f"{as_edited}\n\n{paragraph('And another thing.')}"


def test_what_is_typed_while_it_saves_stays(context: "BrowserContext", site: PluginSite) -> None:
    page = open_editor(context, site)
    page.evaluate(TYPE, [SUNSETS])
    with page.expect_response(REPORT):
        page.evaluate(f"(texts) => {{ {SAVE}; ({TYPE})(texts); }}", ["Typed meanwhile."])
    wait_for_state(page, "embedded")

    assert page.evaluate(IS_DIRTY) is True
    assert page.evaluate(BLOCKS) == [["core/paragraph", True], ["core/paragraph", True]]
    post = save(page)
    assert site.stored(post) == f"{html_block(EMBED)}\n\n{paragraph('Typed meanwhile.')}"


def test_the_panel_tells_of_trouble_and_checks_again(
    context: "BrowserContext", site: PluginSite, service: RunningService, faulty: FaultyService
) -> None:
    faulty.answer = FAULTS["hang"]
    site.configure(address=faulty.url, timeout=1)
    page = open_editor(context, site)
    page.evaluate(TYPE, [SUNSETS])
    post = save(page)
    page.wait_for_selector(f"{PANEL} >> text=The service did not answer.")

    assert "Saved as typed." in page.inner_text(PANEL)
    assert site.stored(post) == article(SUNSETS)

    site.configure(address=service.url)
    page.click(f"{PANEL} >> text=Check again")
    page.wait_for_selector(f"{PANEL} .is-embedded")

    assert site.stored(post) == html_block(EMBED)
    assert page.evaluate(BLOCKS) == [["core/html", True]]
    assert page.evaluate(IS_DIRTY) is False


def test_the_panel_says_why(context: "BrowserContext", site: PluginSite) -> None:
    page = open_editor(context, site)
    page.evaluate(
        TYPE,
        [
            SUNSETS,
            f"https://x.com/somebody/status/{LOST}",
            "No code leads anywhere from here — Name (@name) November 11, 2025",
        ],
    )
    save(page)
    wait_for_state(page, "unidentified")
    told = page.inner_text(PANEL)

    assert "Embedded tweets: 1 of 3." in told
    assert "X says that there is no such tweet, or no longer." in told
    assert "Put its address in place of it." in told
    assert page.locator(".components-snackbar >> text=Embedded tweets: 1 of 3.").count() == 1


def test_the_classic_editor_opens_it_again_and_keeps_it(
    context: "BrowserContext", site: PluginSite
) -> None:
    post = site.save_classic(f"Before\r\n\r\n{SUNSETS}\r\n\r\nAfter")
    page = context.new_page()
    stored = []
    for _ in range(2):
        page.goto(f"{site.site.url}/wp-admin/post.php?post={post}&action=edit&classic-editor=1")
        assert "Embedded tweets: 1 of 1." in page.inner_text("#tweet-embed")
        page.frame_locator("#content_ifr").locator("blockquote.twitter-tweet").wait_for()
        page.click("#publish")
        page.wait_for_url("**message=1*")
        stored.append(site.stored(post).replace("\r\n", "\n"))

    # Its editor breaks lines elsewhere, and orders attributes by name.
    assert stored[0].startswith(
        'Before\n<blockquote class="twitter-tweet" data-dnt="true">\n<p dir="ltr" lang="en">Sunsets'
    )
    assert stored[1] == stored[0]


def test_readers_see_it_and_their_browsers_ask_nobody(
    chromium: "Browser", site: PluginSite
) -> None:
    post = site.save(article(SUNSETS, "More."))
    asked: list[str] = []
    context = chromium.new_context()
    context.set_default_timeout(PATIENCE_MS)
    confine(context, site, asked)
    page = context.new_page()
    page.goto(site.site.address(post))

    assert "Sunsets don't get much better" in page.inner_text("blockquote.twitter-tweet")
    assert (
        page.evaluate(
            "getComputedStyle(document.querySelector('blockquote.twitter-tweet')).borderRadius"
        )
        == "12px"
    )
    assert asked == []
    leave(context)


def test_under_consent_x_is_asked_after_the_click(
    chromium: "Browser", site: PluginSite, service: RunningService
) -> None:
    site.configure(address=service.url, render="consent")
    post = site.save(article(SUNSETS))
    asked: list[str] = []
    context = chromium.new_context()
    context.set_default_timeout(PATIENCE_MS)
    confine(context, site, asked)
    page = context.new_page()
    page.goto(site.site.address(post))
    page.wait_for_selector(".tweet-embed-load")
    assert asked == []
    with page.expect_request("https://platform.x.com/widgets.js"):
        page.click(".tweet-embed-load")

    leave(context)
    assert site.stored(post).startswith('<!-- wp:html -->\n<div class="tweet-embed"')


def test_an_embed_block_shows_the_tweet_in_the_editor_and_to_readers(
    context: "BrowserContext", site: PluginSite, faulty: FaultyService
) -> None:
    faulty.answers["/oembed"] = said(
        {
            "version": "1.0",
            "type": "rich",
            "provider_name": "X",
            "width": 550,
            "height": None,
            "html": EMBED,
        }
    )
    site.configure(address=faulty.url, on_save=False)
    page = open_editor(context, site)
    page.evaluate(
        INSERT_EMBED,
        f"https://x.com/Interior/status/{MAY}",
    )
    page.wait_for_selector(".wp-block-embed iframe")

    assert any(asked.path.startswith("/oembed?") for asked in faulty.asked)


@pytest.mark.parametrize("where", ["settings", "panel"])
def test_no_accessibility_fault_is_found(
    where: str, context: "BrowserContext", site: PluginSite, axe: str
) -> None:
    if where == "settings":
        page = context.new_page()
        page.goto(f"{site.site.url}/wp-admin/options-general.php?page=tweet-embed")
        page.click("#tweet-embed-test")
        page.wait_for_selector("#tweet-embed-test-result.is-good")
        part = ".tweet-embed-settings"
    else:
        page = open_editor(context, site)
        page.evaluate(
            TYPE,
            [
                FLAT,
                f"https://x.com/somebody/status/{LOST}",
                "No code leads anywhere from here — Name (@name) November 11, 2025",
            ],
        )
        save(page)
        wait_for_state(page, "unidentified")
        part = PANEL
    page.evaluate(axe)
    found: list[dict[str, Any]] = page.evaluate(
        "(part) => axe.run(part).then((answer) => answer.violations)", part
    )

    assert [(each["id"], [node["html"] for node in each["nodes"]]) for each in found] == []
