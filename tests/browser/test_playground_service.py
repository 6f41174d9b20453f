"""The playground and its service: out of reach, behind a key, below a prefix; what an address
holds.
"""

from typing import TYPE_CHECKING

import pytest
from browsers import PATIENCE_MS, leave
from playground_page import OpenPlayground, awaits, open_tab, resolve, shown, write
from ports import free_port
from served import RECORDED, serving

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Request, Route

pytestmark = pytest.mark.browser

TWEET = "https://x.com/demo_harbour/status/2034906551094185985"


def test_the_service_stops_and_comes_back(playground: OpenPlayground) -> None:
    told = str(free_port())
    with serving("--port", told, **RECORDED) as (port, process):
        seen = playground(at=f"http://127.0.0.1:{port}")
        page = seen.page
        write(page, f"<p>{TWEET}</p>")
        resolve(page)
        process.terminate()
        process.wait(timeout=180)
        write(page, f"<p>{TWEET}</p> and more")
        page.locator("#resolve").click()
        page.get_by_text("The service does not answer. Your article is still here").wait_for()

        assert page.locator("#article").input_value() == f"<p>{TWEET}</p> and more"
        assert page.locator("#trouble").inner_text().split("\n") == [
            "The service does not answer. Your article is still here; try again.",
            "",
            "Ask again",
        ]
        assert page.locator("#trouble button").bounding_box()["y"] < 900  # type: ignore[index]
        assert page.locator(".card").count() == 1
    with serving("--port", told, **RECORDED):
        page.locator("#trouble button").click()
        page.locator("#trouble:empty").wait_for(state="attached")
        shown(page)

        assert page.locator("#source").inner_text().endswith("and more")


def test_who_types_on_while_the_service_is_slow_is_left_alone(playground: OpenPlayground) -> None:
    page = playground().page
    held: list[Route] = []
    page.route("**/v1/resolve", lambda route: held.append(route))  # noqa: PLW0108 - it is marked
    write(page, f"<p>{TWEET}</p>")
    with page.expect_request("**/v1/resolve"):
        page.keyboard.press("Control+Enter")
    page.keyboard.type(" and more")
    awaits(page, lambda: bool(held))
    held[0].continue_()
    shown(page)
    page.keyboard.type(" words")

    assert page.locator("#article").input_value() == f"<p>{TWEET}</p> and more words"
    assert page.locator("#found-1").count() == 1


def test_what_is_not_known_yet_can_be_asked_again(playground: OpenPlayground) -> None:
    nowhere = "http://127.0.0.1:1"
    with serving(HTTPS_PROXY=nowhere, TWEET_EMBED_CACHE_PATH=":memory:") as (port, _):
        page = playground(at=f"http://127.0.0.1:{port}").page
        write(page, f"<p>{TWEET}</p>\n<p>https://t.co/Rk2Ys9Mf4A</p>")
        resolve(page)

        page.get_by_text("Not everything is known yet").wait_for()
        assert page.locator(".card h3 .pill").first.inner_text() == "Could not be asked"
        assert page.locator(".card .says").first.inner_text() == "X cannot be reached."
        with page.expect_request("**/v1/resolve"):
            page.locator("#status button", has_text="Ask again in").click()


def test_a_mistake_is_told_with_its_place(playground: OpenPlayground) -> None:
    with serving(**RECORDED, TWEET_EMBED_MAX_BODY_BYTES="2048") as (port, _):
        page = playground(at=f"http://127.0.0.1:{port}").page
        write(page, "word " * 800)
        page.locator("#resolve").click()

        page.get_by_text("The article is longer than this service takes").wait_for()
        assert page.locator("#article").input_value() == "word " * 800


def test_a_mistake_in_what_is_typed_goes_with_it(playground: OpenPlayground) -> None:
    page = playground().page
    write(page, '{"blocks": []}')
    page.get_by_text("The service cannot use this").wait_for()
    write(page, f"<p>{TWEET}</p>")
    page.locator("#trouble:empty").wait_for(state="attached")
    page.locator("#live", has_text="Tweets: 1").wait_for()


def test_the_article_is_read_in_the_format_that_is_chosen(playground: OpenPlayground) -> None:
    page = playground("#format=text").page
    write(page, f"<p>{TWEET}</p>\n\n{TWEET}")

    page.locator("#live", has_text="Tweets: 1").wait_for()


def test_the_key_is_asked_for_and_stays_in_the_tab(playground: OpenPlayground) -> None:
    with serving(**RECORDED, TWEET_EMBED_API_KEYS="a-key-of-ours") as (port, _):
        page = playground("#sample=page", at=f"http://127.0.0.1:{port}").page
        page.locator("#key-field").fill("another")
        page.locator("#key button").click()
        page.locator("#key:not([hidden])").wait_for()
        page.locator("#key-field").fill("a-key-of-ours")
        page.locator("#key button").click()
        shown(page)
        page.reload()
        shown(page)
        open_tab(page, "take")
        page.locator("#take-kind [value=curl]").click()

        assert "$TWEET_EMBED_KEY" in page.locator("#take-text").inner_text()
        assert "a-key-of-ours" not in page.content() + page.url
        assert page.evaluate("localStorage.length + document.cookie.length") == 0
        other = page.context.new_page()
        other.goto(page.url)
        other.locator("#key:not([hidden])").wait_for()


def test_the_state_lives_in_the_address_and_the_article_only_in_a_shared_one(
    playground: OpenPlayground,
) -> None:
    page = playground(permissions=["clipboard-read", "clipboard-write"]).page
    write(page, f"<p>مكتبة {TWEET} 👩‍🚀</p>\n<p>{TWEET}</p>")
    resolve(page)
    open_tab(page, "preview")
    with page.expect_response("**/v1/resolve"):
        page.locator("#look-render").select_option("link")
    open_tab(page, "take")
    state = page.evaluate("location.hash")
    page.locator("#share").click()
    page.get_by_text("Copied").wait_for()
    shared = page.evaluate("navigator.clipboard.readText()")

    assert state == "#render=link&tab=take"
    assert shared.startswith(f"{page.url.split('#')[0]}#render=link&tab=take&article=")
    other = playground(f"#{shared.split('#')[1]}").page
    shown(other)
    assert other.locator("#article").input_value().startswith("<p>مكتبة")
    assert other.locator("#option-render").input_value() == "link"
    assert other.evaluate("location.hash") == state
    wrong = playground("#article=%25").page
    wrong.get_by_text("The article in this address cannot be read").wait_for()


def test_it_works_below_a_prefix(chromium: "Browser", service_address: str) -> None:
    context = chromium.new_context()
    context.set_default_timeout(PATIENCE_MS)
    page, prefix = context.new_page(), "http://proxy.test/tweets/"
    elsewhere: list[str] = []

    def pass_on(route: "Route", request: "Request") -> None:
        if not request.url.startswith(prefix):
            elsewhere.append(request.url)
            route.abort()
            return
        url = request.url.replace(prefix, f"{service_address}/")
        route.fulfill(response=route.fetch(url=url))

    context.route("**/*", pass_on)
    page.goto(f"{prefix}#sample=page&tab=preview")
    shown(page)
    page.frame_locator("#frame").locator("blockquote.twitter-tweet").first.wait_for()
    open_tab(page, "take")
    page.locator("#take-kind [value=curl]").click()

    assert f"{prefix}v1/resolve" in page.locator("#take-text").inner_text()
    assert elsewhere == []
    leave(context)
