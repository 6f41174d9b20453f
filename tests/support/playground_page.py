"""The playground as a person has it open: a real Chromium, a real service on recorded answers."""

import json
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest
from browsers import PATIENCE_MS, WIDGETS, Visit, leave
from served import RECORDED, serving

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Request, Route

SAMPLES = ("arabic", "page", "bakery", "notes", "post")
TABS = ("found", "change", "preview", "take")
WATCH = """
window.broken = [];
document.addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI }) => {
  broken.push(`${violatedDirective} ${blockedURI}`);
});
for (const name of ["alert", "confirm", "prompt", "print"]) {
  window[name] = () => broken.push(name);
}
"""

OpenPlayground = Callable[..., Visit]


@pytest.fixture(scope="module")
def service_address() -> Iterator[str]:
    """Return where a service without keys is."""
    with serving(**RECORDED) as (port, _):
        yield f"http://127.0.0.1:{port}"


@pytest.fixture
def playground(chromium: "Browser", service_address: str) -> Iterator[OpenPlayground]:
    """Return a way to open the page; whatever it asks of others is noted, and refused."""
    contexts = []

    def open_page(
        state: str = "",
        *,
        at: str = service_address,
        width: int = 1200,
        **context: Any,  # noqa: ANN401
    ) -> Visit:
        made = chromium.new_context(
            viewport={"width": width, "height": 900},
            reduced_motion="reduce",
            **{"locale": "en-GB", **context},
        )
        made.set_default_timeout(PATIENCE_MS)
        contexts.append(made)
        visit = Visit(made.new_page())

        def answer(route: "Route", request: "Request") -> None:
            if request.url.startswith((at, "data:", "blob:")):
                route.continue_()
                return
            visit.asked.append(request.url)
            if request.url == "https://platform.x.com/widgets.js":
                route.fulfill(body=WIDGETS, content_type="text/javascript")
            else:
                route.abort()

        made.route("**/*", answer)
        made.add_init_script(WATCH)
        visit.page.on("pageerror", lambda error: visit.errors.append(str(error)))
        visit.page.on("dialog", lambda dialog: visit.errors.append(dialog.message))
        visit.page.on(
            "console",
            lambda line: visit.errors.append(line.text) if line.type == "error" else None,
        )
        visit.page.goto(f"{at}/{state}")
        return visit

    yield open_page
    for made in contexts:
        leave(made)


def broken(page: "Page") -> list[str]:
    """Return what the policies of the page and of its preview have refused, and what ran."""
    return [told for frame in page.frames for told in frame.evaluate("window.broken ?? []")]


def write(page: "Page", article: str) -> None:
    """Put an article into the field, as typing does."""
    if page.locator("#article").is_hidden():
        page.locator("#sight [value=write]").click()
    page.locator("#article").fill(article)


def resolve(page: "Page", press: str = "#resolve") -> dict[str, Any]:
    """Press the button, and wait until the answer is shown; return what was asked for."""
    with page.expect_response(
        lambda response: response.url.endswith("/v1/resolve") and response.status == 200,
    ) as told:
        page.locator(press).click()
    shown(page)
    return sent(told.value.request)


def awaits(page: "Page", holds: Callable[[], bool]) -> None:
    """Wait until something holds that the page's events tell."""
    until = time.monotonic() + PATIENCE_MS / 1000
    while not holds():
        assert time.monotonic() < until
        page.wait_for_timeout(20)


def choose(page: "Page", sample: str) -> None:
    """Choose a sample, which is fetched and then asked about, and wait until it is shown."""
    resolve(page, f"#samples [value={sample}]")
    page.locator(f"#samples [value={sample}][aria-pressed=true]").wait_for()


def sent(request: "Request") -> dict[str, Any]:
    """Return the body of a call."""
    body: dict[str, Any] = json.loads(request.post_data or "{}")
    return body


def shown(page: "Page") -> None:
    """Wait until nothing is under way."""
    page.locator("#answer:not([hidden])").wait_for()
    page.locator("#results:not([aria-busy])").wait_for()


def open_tab(page: "Page", name: str) -> None:
    """Open one of the tabs; of the preview, wait for its document."""
    page.locator(f"#tab-{name}").click()
    page.locator(f"#panel-{name}").wait_for()
    if name == "preview":
        page.frame_locator("#frame").locator("#page[data-format]").wait_for(state="attached")
