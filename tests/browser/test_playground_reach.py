"""Whom the playground reaches: keyboard, screen reader, dark, phone, right to left, two
languages.
"""

import re
from typing import Any

import pytest
from playground_page import SAMPLES, TABS, OpenPlayground, choose, open_tab, resolve, shown, write

from service.core.model import Form, LinkState, Reason, ServedFrom, State

pytestmark = pytest.mark.browser

LOOKS = {
    "light": ("ui=en", 1200, "light"),
    "dark": ("ui=en", 1200, "dark"),
    "phone": ("ui=en", 320, "light"),
    "phone in the dark": ("ui=ar", 320, "dark"),
    "right to left": ("ui=ar", 1200, "light"),
}


@pytest.mark.parametrize("look", LOOKS)
def test_axe_finds_nothing(playground: OpenPlayground, axe: str, look: str) -> None:
    language, width, scheme = LOOKS[look]
    page = playground(f"#{language}", width=width, color_scheme=scheme, bypass_csp=True).page
    page.add_script_tag(content=axe)
    found: list[tuple[str, str, list[str]]] = []

    def judge(place: str) -> None:
        told: list[dict[str, Any]] = page.evaluate(
            "() => axe.run(document, { iframes: false, resultTypes: ['violations'] })"
            ".then((told) => told.violations)",
        )
        found.extend((place, one["id"], [node["html"] for node in one["nodes"]]) for one in told)

    judge("empty")
    page.locator("#options summary").click()
    judge("options")
    for sample in SAMPLES:
        choose(page, sample)
        for tab in TABS:
            open_tab(page, tab)
            judge(f"{sample}, {tab}")
    page.locator("#sight [value=write]").click()
    judge("writing")

    assert found == []


@pytest.mark.parametrize("sample", SAMPLES)
def test_nothing_is_wider_than_a_phone(playground: OpenPlayground, sample: str) -> None:
    for language in ("en", "ar"):
        page = playground(f"#sample={sample}&ui={language}", width=320).page
        shown(page)
        for tab in TABS:
            open_tab(page, tab)
            assert page.evaluate("document.documentElement.scrollWidth") == 320


def test_the_keyboard_alone_is_enough(playground: OpenPlayground) -> None:
    page = playground().page
    page.locator("#article").focus()
    page.keyboard.insert_text("<p>https://x.com/demo_harbour/status/2034906551094185985</p>")
    page.keyboard.press("Control+Enter")
    shown(page)
    page.locator("#place-1").focus()
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "show-1"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "place-1"
    page.locator("#tab-found").focus()
    for key, tab in (
        ("ArrowRight", "change"),
        ("End", "take"),
        ("ArrowRight", "found"),
        ("ArrowLeft", "take"),
        ("Home", "found"),
    ):
        page.keyboard.press(key)
        assert page.evaluate("document.activeElement.id") == f"tab-{tab}"
        assert page.locator(f"#panel-{tab}").is_visible()
    page.locator("#tongue").click()
    page.locator("#tab-found").focus()
    page.keyboard.press("ArrowLeft")  # the next one, where lines begin at the right
    assert page.evaluate("document.activeElement.id") == "tab-change"


def test_what_stands_in_an_empty_field_runs_as_the_page_does(playground: OpenPlayground) -> None:
    direction = "getComputedStyle(document.querySelector('#article')).direction"
    page = playground("#ui=ar").page
    assert page.evaluate(direction) == "rtl"
    write(page, "Hello")
    assert page.evaluate(direction) == "ltr"
    write(page, "مرحبا")
    assert page.evaluate(direction) == "rtl"
    assert playground("#ui=en").page.evaluate(direction) == "ltr"


@pytest.mark.parametrize("path", ["docs", "x/2034906551094185985"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_other_pages_are_read_in_both_schemes_and_on_a_phone(
    path: str, scheme: str, playground: OpenPlayground, axe: str, service_address: str
) -> None:
    page = playground(width=320, color_scheme=scheme, bypass_csp=True).page
    page.goto(f"{service_address}/{path}")
    page.add_script_tag(content=axe)

    assert page.evaluate("document.documentElement.scrollWidth") == 320
    told = page.evaluate("axe.run(document).then((told) => told.violations.map((one) => one.id))")
    assert told in ([], ["page-has-heading-one"])  # a tweet alone is no article
    ink = page.evaluate("getComputedStyle(document.documentElement).color")
    assert ink == ("rgb(255, 255, 255)" if scheme == "dark" else "rgb(0, 0, 0)")


def test_everything_can_be_reached_by_tab(playground: OpenPlayground) -> None:
    page = playground("#sample=page").page
    shown(page)
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("Tab")
    assert page.locator(".skip:focus").count() == 1
    reached = set()
    for _ in range(60):
        page.keyboard.press("Tab")
        reached.add(page.evaluate("document.activeElement.id"))

    assert {"tongue", "source", "resolve", "place-1", "tab-found", "show-4"} <= reached


def test_a_screen_reader_is_told_what_came_of_it(playground: OpenPlayground) -> None:
    page = playground("#sample=bakery").page
    shown(page)

    assert page.get_by_role("status").filter(has_text="Gone 1").count() == 1
    assert page.get_by_role("tab", selected=True).inner_text() == "Found"
    assert page.get_by_role("textbox", name="Article").count() == 0  # the marked view is open
    assert page.get_by_role("region", name="Marked").get_by_role("link").count() == 4
    page.get_by_role("button", name="Write").click()
    assert page.get_by_role("textbox", name="Article").count() == 1
    page.get_by_role("tab", name="Preview").click()
    assert page.get_by_role("switch").count() == 3


def test_both_languages_say_the_same(playground: OpenPlayground) -> None:
    page = playground().page
    words = page.evaluate("import('/playground/words.js').then(({ WORDS }) => WORDS)")
    english, arabic = words["en"], words["ar"]
    blanks = {
        language: {key: sorted(re.findall(r"{(\w+)}", text)) for key, text in texts.items()}
        for language, texts in words.items()
    }

    assert english.keys() == arabic.keys()
    assert blanks["en"] == blanks["ar"]
    same = {key for key in english if english[key] == arabic[key]}
    assert same == {"take.json", "take.curl", "sample.notes"}
    assert not [
        key for key, text in arabic.items() if text[-1] in ".:" and english[key][-1] != text[-1]
    ]


def test_every_word_of_the_api_has_its_words(playground: OpenPlayground) -> None:
    page = playground().page
    words = page.evaluate("import('/playground/words.js').then(({ WORDS }) => WORDS.en)")
    wanted = [f"form.{form.value}" for form in Form]
    wanted += [f"state.{state.value}" for state in State]
    wanted += [f"link.{state.value}" for state in LinkState]
    wanted += [f"reason.{reason.value}" for reason in Reason]
    wanted += [f"from.{source.value}" for source in ServedFrom]

    assert [key for key in wanted if key not in words] == []


def test_the_page_speaks_arabic(playground: OpenPlayground) -> None:
    page = playground(locale="ar-SY").page
    write(page, "https://t.co/Rk2Ys9Mf4A")
    resolve(page)

    assert page.evaluate("[document.documentElement.lang, document.documentElement.dir]") == [
        "ar",
        "rtl",
    ]
    assert page.locator(".card h3 .pill").inner_text() == "عُرف"
    page.locator("#tongue").click()
    assert page.locator(".card h3 .pill").inner_text() == "Resolved"
    assert page.evaluate("location.hash") == "#ui=en"
    page.reload()
    assert page.evaluate("document.documentElement.dir") == "ltr"
