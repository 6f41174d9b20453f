"""The playground: what was found, before and after, the preview, and what can be taken along."""

import json
from typing import TYPE_CHECKING, Any

import pytest
from browsers import ROOT
from playground_page import (
    SAMPLES,
    TABS,
    OpenPlayground,
    awaits,
    broken,
    choose,
    open_tab,
    resolve,
    sent,
    shown,
    write,
)
from rest import DEMO

if TYPE_CHECKING:
    from playwright.sync_api import Route

pytestmark = pytest.mark.browser

TWEET = "https://x.com/demo_harbour/status/2034906551094185985"
STATES = {
    "arabic": ["Embedded"],
    "page": ["Embedded", "Embedded", "Resolved", "Gone"],
    "bakery": ["Gone", "Not identified", "Not public", "Embedded"],
    "notes": ["Resolved", "Resolved", "Embedded", "Dead"],
    "post": ["Embedded", "Left as it was", "Resolved", "Resolved"],
}
MOST_BYTES = 60_000


@pytest.mark.parametrize("sample", SAMPLES)
def test_a_sample_is_shown_on_every_tab(playground: OpenPlayground, sample: str) -> None:
    seen = playground()
    page = seen.page
    choose(page, sample)

    assert page.locator(".card h3 .pill").all_inner_texts() == STATES[sample]
    assert page.locator("#source .mark").count() == len(STATES[sample])
    for tab in TABS:
        open_tab(page, tab)
        assert page.locator(f"#panel-{tab}").inner_text()
    assert page.evaluate("location.hash").startswith(f"#sample={sample}")
    assert (broken(page), seen.asked, seen.errors) == ([], [], [])


@pytest.mark.parametrize("meanwhile", ["another sample", "typing"])
def test_a_sample_that_comes_late_replaces_nothing(
    playground: OpenPlayground, meanwhile: str
) -> None:
    page = playground().page
    late: list[Route] = []

    def hold(route: "Route") -> None:
        late.append(route)

    page.route("**/samples/arabic.txt", hold)
    page.locator("#samples [value=arabic]").click()
    if meanwhile == "typing":
        write(page, f"<p>{TWEET}</p>")
    else:
        choose(page, "bakery")
    there = page.locator("#article").input_value()
    with page.expect_response("**/samples/arabic.txt") as answered:
        late[0].continue_()
    answered.value.finished()
    page.evaluate("fetch('/livez').then((answer) => answer.text())")

    assert page.locator("#article").input_value() == there


def test_every_sample_is_one_of_the_demo(playground: OpenPlayground) -> None:
    page = playground().page
    values = [button.get_attribute("value") for button in page.locator("#samples button").all()]

    assert values == list(SAMPLES)
    assert {path.stem for path in (DEMO / "articles").iterdir()} == set(SAMPLES)


def test_click_goes_from_the_text_to_the_list_and_back(playground: OpenPlayground) -> None:
    page = playground("#sample=bakery").page
    shown(page)
    page.locator("#place-3").click()

    assert page.locator("#found-3.here").count() == 1
    assert page.evaluate("document.activeElement.id") == "show-3"
    page.locator("#show-1").click()
    assert page.locator(".mark.here").get_attribute("id") == "place-1"
    assert page.evaluate("document.activeElement.id") == "place-1"


def test_words_that_differ_stand_side_by_side(playground: OpenPlayground) -> None:
    page = playground("#sample=bakery").page
    shown(page)
    why = page.locator("#found-2 details[open]")

    assert why.locator("del").all_inner_texts() == ["rent was doubled", "asked us"]
    assert why.locator("ins").all_inner_texts() == ["baker is 74", "doubled the rent"]
    assert why.locator("h4").all_inner_texts() == [
        "In the article",
        "Candidate 2018234334573500417",
    ]
    assert "a short link in its words" in why.inner_text()
    assert (
        page.locator("#found-2 .says").inner_text()
        == "What X answers is not what the article says."
    )
    assert page.locator("#found-4 dd", has_text="its markup").count() == 1


def test_a_box_holds_the_mention_whatever_stands_before_it(playground: OpenPlayground) -> None:
    page = playground().page
    write(page, f"<p>👩‍🚀🎉 \U0001f3fb</p>\n<p>{TWEET}</p>\n<p>🎈 https://t.co/Rk2Ys9Mf4A 🎈</p>")
    resolve(page)

    assert page.locator("#source .mark").all_text_contents() == [
        f"<p>{TWEET}</p>",
        "https://t.co/Rk2Ys9Mf4A",
    ]


def test_a_number_stands_beside_its_mention_among_words_of_another_direction(
    playground: OpenPlayground,
) -> None:
    page = playground().page
    write(page, "<p>\u0642\u0627\u0644\u062a: https://t.co/Rk2Ys9Mf4A</p>")
    resolve(page)

    boxes = page.locator("#source .mark").evaluate("mark => mark.getClientRects().length")
    assert boxes == 1, "the number and the address are torn apart"


def test_asked_at_once_after_typing_nothing_stale_is_said(playground: OpenPlayground) -> None:
    page = playground().page
    write(page, f"<p>{TWEET}</p>")
    page.keyboard.press("Control+Enter")
    shown(page)
    page.wait_for_timeout(600)

    assert page.locator("#live").inner_text() == ""


def test_the_difference_shows_what_changed_and_counts_the_rest(
    playground: OpenPlayground,
) -> None:
    page = playground().page
    article = f"<p>{'same words ' * 400}</p>\n<p>{TWEET}</p>\n<p>{'and more of them ' * 300}</p>\n"
    write(page, article)
    resolve(page)
    open_tab(page, "change")
    panel = page.locator("#panel-change")

    assert panel.locator("del").all_text_contents() == [f"Taken out: <p>{TWEET}</p>"]
    assert panel.locator("ins").count() == 1
    same = len(article) - len(f"<p>{TWEET}</p>")
    assert f"Places changed: 1. The other {same:,} characters are the same" in panel.inner_text()
    assert panel.locator(".skipped").count() == 2


def test_differences_put_together_are_both_texts(playground: OpenPlayground) -> None:
    page = playground().page
    told = page.evaluate(
        """async () => {
          const { compare, difference } = await import("/playground/difference.js");
          let seed = 7;
          const next = (most) => (seed = (seed * 48271) % 2147483647) % most;
          const words = ["<p>", "</p>", "one ", "two ", "ثلاثة ", "\\n", "&amp;", "👩‍🚀", "<br>"];
          const text = (n) => Array.from({ length: n }, () => words[next(words.length)]).join("");
          const wrong = [];
          for (let round = 0; round < 400; round += 1) {
            const before = text(next(60));
            const start = next(before.length + 1);
            const end = start + next(before.length - start + 1);
            const other = before.slice(0, start) + text(next(9)) + before.slice(end);
            const after = round % 3 ? other : text(next(60));
            const all = [compare(before, after), difference(before, after, [[start, end]])];
            for (const parts of all) {
              const side = (kind) => parts.filter((p) => p[0] === 0 || p[0] === kind);
              const whole = (kind) => side(kind).map((p) => p[1]).join("");
              if (whole(-1) !== before || whole(1) !== after) wrong.push([before, after]);
            }
          }
          return wrong;
        }""",
    )

    assert told == []


def controls(schema: dict[str, Any]) -> dict[str, Any]:
    """Return what a request may hold beside the article: each name, and the values it may have."""
    models = schema["components"]["schemas"]
    request, options = (models[name]["properties"] for name in ("ResolveRequest", "OptionsRequest"))
    named = {name: field for name, field in request.items() if name not in {"content", "options"}}
    found = {}
    for name, field in (named | options).items():
        kinds = field.get("anyOf", [field])
        values = [value for kind in kinds for value in kind.get("enum", [])]
        found[name] = sorted(values) if values else None
    return found


def test_the_options_are_those_of_the_api(playground: OpenPlayground, service_address: str) -> None:
    page = playground().page
    schema = page.evaluate("fetch('/openapi.json').then((told) => told.json())")
    wanted = controls(schema)
    page.locator("#options summary").click()
    offered = page.evaluate(
        """() => Object.fromEntries(
          [...document.querySelectorAll("#controls [id]")].map((field) => [
            field.id.replace("option-", ""),
            field.options
              ? [...field.options].map((one) => one.value).filter(Boolean).sort()
              : null,
          ]),
        )""",
    )

    assert offered == wanted
    assert service_address in page.url


def test_every_switch_reaches_the_service(playground: OpenPlayground) -> None:
    page = playground("#sample=page").page
    shown(page)
    page.locator("#options summary").click()
    names = page.evaluate("[...document.querySelectorAll('#controls [id]')].map(({id}) => id)")
    for name in names:
        field, option = page.locator(f"#{name}"), name.removeprefix("option-")
        kind = field.evaluate("({ type }) => type")
        with page.expect_request("**/v1/resolve") as told:
            if kind == "checkbox":
                field.click()
                value: Any = field.is_checked()
            elif kind == "select-one":
                value = field.evaluate("({ options }) => options[options.length - 1].value")
                field.select_option(value)
            else:
                value = 300 if kind == "number" else "https://news.test/a"
                field.fill(str(value))
                field.blur()
        asked = sent(told.value)
        shown(page)
        if option == "explain":
            assert "explain" not in asked
            continue
        assert {**asked, **asked.get("options", {})}[option] == value, option

    assert f"{len(names)} changed" in page.locator("#options-set").inner_text()
    with page.expect_request("**/v1/resolve") as told:
        page.locator("#reset").click()
    assert "options" not in sent(told.value)
    assert page.locator("#options-set").inner_text() == ""


def test_the_preview_follows_its_switches(playground: OpenPlayground) -> None:
    seen = playground("#sample=page&tab=preview")
    page = seen.page
    shown(page)
    inside = page.frame_locator("#frame")
    inside.locator("blockquote.twitter-tweet").first.wait_for()
    for width, pixels in (("320", 320), ("550", 550)):
        page.locator(f"#look-width [value='{width}']").click()
        assert page.locator("#frame").bounding_box()["width"] == pixels  # type: ignore[index]
    paper = inside.locator("blockquote.twitter-tweet").first
    light = paper.evaluate("(element) => getComputedStyle(element).backgroundColor")
    page.locator("#look-dark").click()
    inside.locator("html.dark").wait_for()
    assert paper.evaluate("(element) => getComputedStyle(element).backgroundColor") != light
    page.locator("#look-rtl").click()
    inside.locator("html[dir=rtl]").wait_for()
    page.locator("#look-render").select_option("consent")
    inside.locator(".tweet-embed").first.wait_for()
    assert page.locator("#option-render").input_value() == "consent"
    inside.locator(".tweet-embed-load").first.click()
    page.get_by_text("X's script is off in this preview").wait_for()

    assert (seen.asked, broken(page), seen.errors) == ([], [], [])


def test_x_is_asked_only_where_its_switch_is_on(playground: OpenPlayground) -> None:
    seen = playground("#sample=page&tab=preview&x=on")
    page = seen.page
    shown(page)
    inside = page.frame_locator("#frame")
    inside.locator("blockquote.twitter-tweet").first.wait_for()
    assert seen.asked == []
    page.locator("#look-x").click()
    inside.locator(".twitter-tweet-rendered").first.wait_for()
    assert seen.asked == ["https://platform.x.com/widgets.js"]
    page.locator("#look-x").click()
    inside.locator("blockquote.twitter-tweet").first.wait_for()

    assert len(seen.asked) == 1
    assert "x=" not in page.evaluate("location.hash")
    assert (broken(page), seen.errors) == ([], [])


def test_pictures_and_frames_of_an_article_are_boxes(playground: OpenPlayground) -> None:
    page = playground().page
    write(page, '<p>a <img src="/a.jpg" alt="The tower"> b</p><video src="/v.mp4"></video>')
    resolve(page)
    open_tab(page, "preview")

    assert page.frame_locator("#frame").locator(".box").all_inner_texts() == [
        "The tower",
        "<video>",
    ]


def test_a_megabyte_is_pasted_and_comes_back(playground: OpenPlayground) -> None:
    page = playground(permissions=["clipboard-read", "clipboard-write"]).page
    line = "<p>" + "word " * 60 + "</p>\n"
    article = line * (1_000_000 // len(line)) + f"<p>{TWEET}</p>\n" + line * 3
    page.evaluate("(text) => navigator.clipboard.writeText(text)", article)
    page.locator("#article").focus()
    page.keyboard.press("Control+V")
    page.wait_for_function("document.getElementById('article').value.length > 1000000")
    resolve(page)

    assert page.locator("#article").input_value() == article
    assert page.locator("#source .mark").text_content() == f"<p>{TWEET}</p>"
    for tab in ("change", "preview", "take"):
        open_tab(page, tab)
    open_tab(page, "change")
    same = len(article) - len(f"<p>{TWEET}</p>")
    assert f"The other {same:,} characters are the same" in page.inner_text("#panel-change")


def test_everything_is_small_and_from_here(playground: OpenPlayground) -> None:
    seen = playground()
    page = seen.page
    names: dict[str, str] = {}
    sizes: dict[str, int] = {}
    devtools = page.context.new_cdp_session(page)

    def sent_for(told: dict[str, Any]) -> None:
        if not told["documentURL"].endswith("/playground/preview"):  # what ends is told elsewhere
            names[told["requestId"]] = told["request"]["url"]

    devtools.on("Network.requestWillBeSent", sent_for)
    devtools.on(
        "Network.loadingFinished",
        lambda told: sizes.update({told["requestId"]: told["encodedDataLength"]}),
    )
    devtools.on("Network.loadingFailed", lambda told: sizes.update({told["requestId"]: 0}))
    devtools.send("Network.enable")
    devtools.send("Network.setCacheDisabled", {"cacheDisabled": True})
    page.reload()
    for sample in SAMPLES:
        choose(page, sample)
    open_tab(page, "preview")
    awaits(page, lambda: names.keys() <= sizes.keys())
    # What ends without its request seen here was asked for by the page before it was loaded again.
    files = {
        url: sizes[each]
        for each, url in names.items()
        if "/v1/" not in url and not url.startswith("data:")
    }
    folder = ROOT / "service" / "web" / "playground"

    assert sum("/samples/" in name for name in files) == len(SAMPLES)
    assert len(files) > len(list(folder.glob("*.js")))
    assert 10_000 < sum(files.values()) < MOST_BYTES, json.dumps(files, indent=1)
    assert seen.asked == []
