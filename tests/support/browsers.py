"""A real Chromium that meets nothing but this test: every request is answered here, or noted and
refused.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page, Request, Route

ROOT = Path(__file__).resolve().parents[2]
WEB = ROOT / "service" / "web"
SITE = "https://site.test"
PATIENCE_MS = 180_000
"""What anything in a browser may take, on a machine that has much else to do."""
CSP = (
    "default-src 'none'; script-src https://site.test https://platform.x.com; style-src"
    " https://site.test; base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'"
)
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# What X's script does, as far as this needs: it puts its own version in the place of every embed.
WIDGETS = """
window.twttr = {widgets: {load(where) {
  for (const quote of (where ?? document).querySelectorAll("blockquote.twitter-tweet")) {
    const made = document.createElement("div");
    made.className = "twitter-tweet twitter-tweet-rendered";
    made.textContent = "X's version";
    quote.replaceWith(made);
  }
}}};
"""


@dataclass
class Visit:
    """A page as a reader has it open, and what it asked of others."""

    page: "Page"
    asked: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    x_is_down: bool = False


Open = Callable[..., Visit]


@pytest.fixture(scope="session")
def chromium() -> Iterator["Browser"]:
    playwright = pytest.importorskip(
        "playwright.sync_api",
        reason="no playwright: pip install playwright",
    )
    path = next(
        (
            found
            for name in ("chromium", "chromium-browser", "google-chrome")
            if (found := shutil.which(name))
        ),
        None,
    )
    if path is None:
        pytest.skip("no Chromium: apt-get install chromium")
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=path, args=QUIET, timeout=PATIENCE_MS)
        yield browser
        browser.close()


def leave(context: "BrowserContext") -> None:
    """Close a context. What is still under way in it (a picture, say) ends in no other test."""
    context.set_offline(True)
    context.unroute_all(behavior="ignoreErrors")
    for page in context.pages:
        page.unroute_all(behavior="ignoreErrors")
    context.close()


@pytest.fixture
def visit(chromium: "Browser") -> Iterator[Open]:
    contexts = []

    def open_page(
        body: str,
        *,
        head: str = "",
        width: int = 800,
        csp: str = CSP,
        html: str = "lang=en",
        **context: Any,  # noqa: ANN401
    ) -> Visit:
        made = chromium.new_context(viewport={"width": width, "height": 600}, **context)
        made.set_default_timeout(PATIENCE_MS)
        contexts.append(made)
        seen = Visit(made.new_page())
        document = (
            f'<!doctype html><html {html}><head><meta charset="utf-8"><title>Article</title>'
            '<meta name="viewport" content="width=device-width">'
            '<link rel="stylesheet"'
            f' href="/embed.css">{head}</head><body><main><h1>Article</h1>{body}</main></body>'
            "</html>"
        )
        files = {
            "/embed.css": ("text/css", "embed.css"),
            "/embed.js": ("text/javascript", "embed.js"),
        }

        def answer(route: "Route", request: "Request") -> None:
            address = request.url
            if address == f"{SITE}/":
                route.fulfill(
                    body=document,
                    content_type="text/html; charset=utf-8",
                    headers={"Content-Security-Policy": csp},
                )
            elif (path := address.removeprefix(SITE)) in files:
                media_type, name = files[path]
                route.fulfill(body=(WEB / name).read_text("utf-8"), content_type=media_type)
            else:
                seen.asked.append(address)
                if address == "https://platform.x.com/widgets.js" and not seen.x_is_down:
                    route.fulfill(body=WIDGETS, content_type="text/javascript")
                else:
                    route.abort()

        seen.page.route("**/*", answer)
        seen.page.on("pageerror", lambda error: seen.errors.append(str(error)))
        seen.page.goto(f"{SITE}/")
        return seen

    yield open_page
    for made in contexts:
        leave(made)


@pytest.fixture(scope="session")
def axe() -> str:
    """Return axe-core, the judge of accessibility (npm)."""
    place = Path(os.environ.get("AXE_CORE", ROOT / "node_modules" / "axe-core" / "axe.min.js"))
    if not place.is_file():
        pytest.skip(f"no axe-core at {place}: npm install axe-core, or set AXE_CORE")
    return place.read_text("utf-8")
