"""How embeds look to a reader, with `/embed.css` and no script: measured, not seen."""

from typing import Any

import pytest
from browsers import Open
from sample_embeds import ARABIC, CONSENT, PLAIN, REST

pytestmark = pytest.mark.browser

SHIFTS = """() => new Promise(done => {
  let sum = 0;
  const watch = new PerformanceObserver(list => {
    for (const one of list.getEntries()) sum += one.value;
  });
  watch.observe({type: "layout-shift", buffered: true});
  setTimeout(() => done(sum), 300);
})"""
# Where each character of a text stands: the left edge of each.
EDGES = """([selector, wanted]) => {
  const walker = document.createTreeWalker(document.querySelector(selector), NodeFilter.SHOW_TEXT);
  for (let node; node = walker.nextNode();) {
    const at = node.data.indexOf(wanted);
    if (at < 0) continue;
    return [...wanted].map((_, index) => {
      const range = document.createRange();
      range.setStart(node, at + index);
      range.setEnd(node, at + index + 1);
      return range.getBoundingClientRect().left;
    });
  }
  return null;
}"""
OVERFLOW = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.mark.parametrize("width", [320, 800])
def test_an_embed_moves_nothing_when_its_looks_load(visit: Open, width: int) -> None:
    seen = visit(f"<p>Before.</p>{PLAIN}<p>Behind.</p>", width=width)

    assert seen.page.evaluate(SHIFTS) == 0
    assert seen.asked == []


@pytest.mark.parametrize("direction", ["ltr", "rtl"])
@pytest.mark.parametrize(
    ("body", "selector", "wanted"),
    [
        (PLAIN, f"blockquote:has([href$='{ARABIC.id}'])", "(@moctsyria)"),
        (PLAIN, "blockquote p[dir=rtl]", "@moctsyria"),
        (PLAIN, "blockquote p[dir=rtl]", "https://t.co/7Y7Z7nxgXj"),
        (PLAIN, f"blockquote:has([href$='{ARABIC.id}'])", "November 11, 2025"),
        (REST, ".tweet-embed-quote:nth-of-type(2)", "(@moctsyria)"),
        (REST, ".tweet-embed-link", "(@moctsyria)"),
    ],
)
def test_a_handle_a_link_and_a_date_run_from_left_to_right(
    visit: Open,
    body: str,
    selector: str,
    wanted: str,
    direction: str,
) -> None:
    edges = visit(body, html=f"lang=ar dir={direction}").page.evaluate(EDGES, [selector, wanted])

    assert edges is not None
    assert edges == sorted(edges)


def test_without_the_looks_a_handle_has_its_sign_on_the_wrong_side(visit: Open) -> None:
    seen = visit(PLAIN, html="lang=ar dir=rtl")
    seen.page.evaluate("() => document.styleSheets[0].disabled = true")
    edges = seen.page.evaluate(EDGES, [f"blockquote:has([href$='{ARABIC.id}'])", "(@moctsyria)"])

    assert edges != sorted(edges)


@pytest.mark.parametrize("width", [220, 320])
@pytest.mark.parametrize("direction", ["ltr", "rtl"])
def test_nothing_is_wider_than_a_narrow_column(visit: Open, width: int, direction: str) -> None:
    page = visit(PLAIN + CONSENT + REST, width=width, html=f"lang=en dir={direction}").page

    assert page.evaluate(OVERFLOW) <= 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("theme", ["", "light", "dark"])
def test_the_colours_follow_the_reader_unless_the_embed_says(
    visit: Open,
    scheme: str,
    theme: str,
) -> None:
    said = PLAIN.replace("<blockquote ", f'<blockquote data-theme="{theme}" ') if theme else PLAIN
    page = visit(said, color_scheme=scheme).page
    paper = page.evaluate(
        "() => getComputedStyle(document.querySelector('blockquote')).backgroundColor",
    )

    assert (paper == "rgb(255, 255, 255)") == ((theme or scheme) == "light")


def test_on_paper_there_are_no_buttons(visit: Open) -> None:
    page = visit(CONSENT).page
    page.emulate_media(media="print")

    assert not page.locator("button").filter(visible=True).count()


def test_without_scripts_there_are_no_buttons(visit: Open) -> None:
    page = visit(CONSENT, java_script_enabled=False).page

    assert not page.locator("button").filter(visible=True).count()
    assert page.locator("blockquote").first.is_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("body", [PLAIN, CONSENT, REST], ids=["plain", "consent", "rest"])
def test_axe_finds_nothing_in_our_markup(visit: Open, axe: str, body: str, scheme: str) -> None:
    page = visit(
        body,
        head='<script src="/embed.js" defer></script>',
        csp="default-src 'self' 'unsafe-inline'",
        color_scheme=scheme,
    ).page
    page.add_script_tag(content=axe)
    found: list[dict[str, Any]] = page.evaluate(
        "() => axe.run('main').then(told => told.violations)",
    )

    assert [(one["id"], [node["html"] for node in one["nodes"]]) for one in found] == []
