"""The page of a backfill, opened from a file as its readers do."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from browsers import PATIENCE_MS, ROOT, Visit, leave
from mixed_archive import answers, articles, write

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser

WATCH = (
    "window.broken = []; document.addEventListener('securitypolicyviolation', told =>"
    " broken.push(told.blockedURI))"
)
HOSTILE = "<img src=x onerror=alert(1)></script><script>alert(2)</script>"


@pytest.fixture(scope="module")
def page_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("page")
    answers(folder / "recorded")
    evil = {
        "id": HOSTILE,
        "content": f"<p>{HOSTILE} — A (@a_b) May 5, 2014</p><p>https://t.co/Rk2Ys9Mf4A</p>",
    }
    write(folder / "posts.jsonl", [evil, *articles()])
    command: list[str | Path] = [
        sys.executable,
        "-m",
        "service",
        "backfill",
        folder / "posts.jsonl",
        "--report-html",
        folder / "r.html",
        "--render",
        "consent",
    ]
    # In a process of its own: the browser's loop runs in this one.
    told = subprocess.run(
        command,
        env=os.environ | {"TWEET_EMBED_RECORDED": str(folder / "recorded")},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 1, told.stderr
    return folder / "r.html"


def opened(chromium: "Browser", file: Path, *, width: int = 1000, **context: Any) -> Visit:  # noqa: ANN401
    for other in chromium.contexts:
        leave(other)
    made = chromium.new_context(viewport={"width": width, "height": 800}, **context)
    made.set_default_timeout(PATIENCE_MS)
    seen = Visit(made.new_page())
    seen.page.add_init_script(WATCH)
    seen.page.on("request", lambda request: seen.asked.append(request.url))
    seen.page.on("console", lambda told: seen.errors.append(told.text))
    seen.page.on("pageerror", lambda error: seen.errors.append(str(error)))
    seen.page.on("dialog", lambda dialog: seen.errors.append(dialog.message))
    seen.page.goto(file.as_uri())
    return seen


def test_it_needs_nothing_and_breaks_no_rule(chromium: "Browser", page_file: Path) -> None:
    seen = opened(chromium, page_file)
    seen.page.wait_for_timeout(300)

    assert seen.errors == []
    assert seen.page.evaluate("broken") == []
    assert [
        each for each in seen.asked if each != page_file.as_uri() and not each.startswith("data:")
    ] == []
    assert HOSTILE in seen.page.inner_text("#samples")


@pytest.mark.parametrize("width", [360, 1000])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(
    chromium: "Browser",
    page_file: Path,
    axe: str,
    scheme: str,
    width: int,
) -> None:
    page = opened(chromium, page_file, color_scheme=scheme, width=width, bypass_csp=True).page
    page.add_script_tag(content=axe)
    found: list[dict[str, Any]] = page.evaluate("() => axe.run().then(told => told.violations)")

    assert [(one["id"], [node["html"] for node in one["nodes"]]) for one in found] == []


@pytest.mark.parametrize("width", [320, 360, 768, 1400])
def test_nothing_is_wider_than_the_screen(chromium: "Browser", page_file: Path, width: int) -> None:
    page = opened(chromium, page_file, width=width).page

    assert (
        page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        <= 0
    )


def test_words_run_in_their_own_direction(chromium: "Browser", page_file: Path) -> None:
    page = opened(chromium, page_file).page
    direction = "one => getComputedStyle(one).direction"

    assert page.locator("#samples bdi", has_text="مكتبة").evaluate(direction) == "rtl"
    assert page.locator("#samples fieldset p[lang=ar]").evaluate(direction) == "rtl"
    assert (
        page.locator("#samples pre").first.evaluate("one => getComputedStyle(one).unicodeBidi")
        == "plaintext"
    )
    assert page.locator("h1").evaluate(direction) == "ltr"


def test_bars_are_as_long_as_their_numbers(chromium: "Browser", page_file: Path) -> None:
    page = opened(chromium, page_file).page
    rows = page.evaluate(
        "() => [...document.querySelectorAll('#years tbody tr')].map(row =>"
        " [Number(row.querySelector('.drawn').innerText), [...row.querySelectorAll('.bar"
        " i')].reduce((sum, each) => sum + each.getBoundingClientRect().width, 0)])",
    )
    scales = [width / count for count, width in rows if count]

    assert max(scales) - min(scales) < 1, json.dumps(rows)


def test_its_button_does_nothing_and_takes_no_focus(chromium: "Browser", page_file: Path) -> None:
    page = opened(chromium, page_file).page

    assert page.locator("#samples button:enabled").count() == 0


def test_it_prints(chromium: "Browser", page_file: Path, tmp_path: Path) -> None:
    page = opened(chromium, page_file, color_scheme="dark").page
    printed = page.pdf(path=tmp_path / "r.pdf", prefer_css_page_size=True)
    page.emulate_media(media="print")

    assert printed.startswith(b"%PDF")
    assert (
        page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
        == "rgb(255, 255, 255)"
    )
    assert page.evaluate("getComputedStyle(document.body).color") == "rgb(28, 29, 31)"
    assert not page.locator("nav").is_visible()
    assert (
        page.locator("tbody tr").first.evaluate("one => getComputedStyle(one).breakInside")
        == "avoid"
    )
