"""`consent` in a browser: what is asked of X before the click and after, what is remembered, and
who can use it.
"""

import pytest
from browsers import SITE, Open
from sample_embeds import CONSENT

pytestmark = pytest.mark.browser

HEAD = '<script src="/embed.js" defer></script>'
X = "https://platform.x.com/widgets.js"
LOAD, STOP = ".tweet-embed-load", ".tweet-embed-stop"
MADE = ".twitter-tweet-rendered"
SHOWN = "() => document.querySelectorAll('.twitter-tweet-rendered').length"


def test_nothing_is_asked_of_anybody_before_the_click(visit: Open) -> None:
    seen = visit(CONSENT, head=HEAD)
    seen.page.mouse.wheel(0, 2000)
    seen.page.wait_for_timeout(300)

    assert seen.asked == []
    assert seen.page.evaluate("() => localStorage.length + document.cookie.length") == 0
    assert seen.errors == []


def test_one_click_loads_every_post_with_one_request(visit: Open) -> None:
    seen = visit(CONSENT, head=HEAD)
    seen.page.locator(LOAD).first.click()
    seen.page.locator(MADE).nth(2).wait_for()

    assert seen.asked == [X]
    assert seen.page.locator(LOAD).filter(visible=True).count() == 0
    assert seen.page.locator(STOP).filter(visible=True).count() == 3


def test_the_choice_is_remembered_and_there_is_a_way_back(visit: Open) -> None:
    seen = visit(CONSENT, head=HEAD)
    before = seen.page.locator("main").inner_html()
    seen.page.locator(LOAD).first.click()
    seen.page.locator(MADE).nth(2).wait_for()
    seen.page.goto(f"{SITE}/")
    seen.page.locator(MADE).nth(2).wait_for()
    seen.page.locator(STOP).first.click()

    assert seen.page.locator("main").inner_html() == before
    asked = len(seen.asked)
    seen.page.goto(f"{SITE}/")
    seen.page.wait_for_timeout(200)
    assert len(seen.asked) == asked
    assert seen.page.evaluate(SHOWN) == 0


@pytest.mark.parametrize("key", ["Enter", "Space"])
def test_the_keyboard_alone_is_enough_and_focus_is_never_lost(visit: Open, key: str) -> None:
    page = visit(CONSENT, head=HEAD).page
    page.locator(LOAD).first.focus()
    page.keyboard.press(key)
    page.locator(MADE).nth(2).wait_for()

    assert page.evaluate("() => document.activeElement.className") == "tweet-embed-stop"
    page.keyboard.press(key)
    assert page.evaluate(SHOWN) == 0
    assert page.evaluate("() => document.activeElement.className") == "tweet-embed-load"


def test_a_screen_reader_is_told_what_the_button_does(visit: Open) -> None:
    page = visit(CONSENT, head=HEAD).page

    assert page.get_by_role("button", name="Load this post from X").count() == 1
    assert page.get_by_role("button", name="تحميل هذا المنشور من X").count() == 1
    assert page.get_by_role("button").count() == 3


def test_where_x_is_out_of_reach_the_words_and_the_button_stay(visit: Open) -> None:
    seen = visit(CONSENT, head=HEAD)
    seen.x_is_down = True
    seen.page.locator(LOAD).first.click()
    seen.page.locator(LOAD).first.wait_for(state="visible")

    assert seen.page.locator("blockquote").filter(visible=True).count() == 3
    assert seen.errors == []


def test_a_browser_that_refuses_storage_still_loads(visit: Open) -> None:
    seen = visit(CONSENT, head=HEAD)
    seen.page.evaluate("() => { Storage.prototype.setItem = () => { throw new Error('no'); }; }")
    seen.page.locator(LOAD).first.click()
    seen.page.locator(MADE).nth(2).wait_for()

    assert seen.errors == []
