"""The judge: hostile answers of X, spliced into articles by the service itself, in a real
browser.
"""

from concurrent.futures import ThreadPoolExecutor
from typing import Literal

import pytest
from browsers import Open
from resolving import bench
from vectors import OWN, grammar

from service.core.article import Options, Result
from service.core.model import Format, State
from service.settings import Settings

pytestmark = pytest.mark.browser

VECTORS = [*OWN, *list(grammar())[::61]]
FIRST = 1988150000000000000
PLACES = {
    "div": "<div><i>1</i>{}<i>2</i></div>",
    "li": "<ul><li><i>1</i>{}<i>2</i></li></ul>",
    "td": "<table><tbody><tr><td><i>1</i>{}<i>2</i></td></tr></tbody></table>",
    "blockquote": "<blockquote><i>1</i>{}<i>2</i></blockquote>",
}
RENDERS: tuple[Literal["blockquote", "consent", "amp", "link"], ...] = (
    "blockquote",
    "consent",
    "amp",
    "link",
)
HOOKS = """
window.harm = [];
const note = what => () => { harm.push(what); };
for (const name of ["alert", "confirm", "prompt", "open", "print"]) window[name] = note(name);
window.fetch = note("fetch");
XMLHttpRequest.prototype.send = note("xhr");
navigator.sendBeacon = note("beacon");
document.addEventListener("securitypolicyviolation", event => {
  harm.push("csp " + event.violatedDirective);
});
window.addEventListener("beforeunload", note("navigation"));
const create = Document.prototype.createElement;
Document.prototype.createElement = function (name, ...rest) {
  if (/^(script|iframe|object|embed)$/i.test(name)) harm.push("create " + name);
  return create.call(this, name, ...rest);
};
"""
ALLOWED = {
    "BLOCKQUOTE": ["class", "data-dnt", "placeholder"],
    "P": ["lang", "dir", "class"],
    "A": ["href"],
    "BR": [],
    "DIV": ["class", "lang", "dir"],
    "BUTTON": ["class", "type", "hidden"],
    "AMP-TWITTER": ["width", "height", "layout", "data-tweetid", "data-dnt"],
}
# Looks at every embed: what stands in it, what stands beside it. Gives what is wrong, and how many
# it saw.
WALK = """([allowed, where]) => {
  const wrong = [];
  const root = document.querySelector(where);
  let seen = 0;
  for (const first of root.querySelectorAll("i")) {
    if (first.textContent !== "1") continue;
    seen++;
    const beside = [...first.parentNode.childNodes];
    const told = node => node.nodeName + (node.nodeName === "I" ? node.textContent : "");
    const shape = beside.map(told).join(" ");
    if (!/^I1 (BLOCKQUOTE|DIV|AMP-TWITTER|P) I2$/.test(shape)) { wrong.push(shape); continue; }
    const embed = beside[1];
    for (const element of [embed, ...embed.querySelectorAll("*")]) {
      const names = allowed[element.nodeName];
      if (!names || element.namespaceURI !== "http://www.w3.org/1999/xhtml") {
        wrong.push(element.nodeName);
        continue;
      }
      for (const attribute of element.attributes) {
        if (!names.includes(attribute.name)) wrong.push(element.nodeName + " " + attribute.name);
      }
      if (element.nodeName === "A") {
        const to = new URL(element.href);
        if (!/^https?:$/.test(to.protocol) || to.username || to.password) wrong.push(element.href);
        if (!to.hostname.includes(".")) wrong.push(element.href);
        const isOfX = /(^|\\.)(x|twitter)\\.com$/.test(to.hostname);
        if (/^[@#]\\w/.test(element.textContent) && !isOfX) wrong.push(element.outerHTML);
      }
      for (const event of ["click", "mouseover", "focus", "error", "load"]) {
        if (element["on" + event]) wrong.push(element.nodeName + " on" + event);
      }
    }
  }
  return [wrong, seen];
}"""
TWICE = """([html, where]) => {
  const twice = document.createElement("div");
  twice.id = where;
  twice.innerHTML = html;
  const again = twice.innerHTML;
  twice.innerHTML = again;
  document.querySelector("main").append(twice);
  return twice.innerHTML === again;
}"""


@pytest.fixture(scope="module")
def written() -> dict[tuple[str, str], Result]:
    """Every place and rendering, written by the service; in a thread of its own, since this one is
    the browser's.
    """
    with ThreadPoolExecutor(1) as aside:
        return aside.submit(write_all).result()


def write_all() -> dict[tuple[str, str], Result]:
    with bench(Settings(upstream_rate=0, max_mentions=1000, upstream_concurrency=8)) as ask:
        for number, vector in enumerate(VECTORS):
            ask.x.tweet(
                str(FIRST + number),
                f"user{number}",
                f"Name {vector}" if number % 2 else vector,
                f"Words {vector} end",
            )
        return {
            (place, render): ask(article_of(around), Format.HTML, options=Options(render=render))
            for place, around in PLACES.items()
            for render in RENDERS
        }


def article_of(around: str) -> str:
    return "".join(
        around.format(f"<p>https://x.com/user{number}/status/{FIRST + number}</p>")
        for number in range(len(VECTORS))
    )


@pytest.mark.parametrize("render", RENDERS)
@pytest.mark.parametrize("place", PLACES)
def test_a_hostile_answer_does_nothing_in_a_browser(
    visit: Open,
    written: dict[tuple[str, str], Result],
    place: str,
    render: str,
) -> None:
    result = written[place, render]
    states = [embed.state for embed in result.embeds]
    seen = visit(
        f'<section id="once">{result.content}</section>',
        head=f"<script>{HOOKS}</script>",
        csp="script-src 'unsafe-inline'",
    )
    page = seen.page

    embedded = states.count(State.EMBEDDED)
    assert embedded > 0.6 * len(VECTORS)
    assert set(states) <= {State.EMBEDDED, State.FAILED}
    assert page.evaluate(WALK, [ALLOWED, "#once"]) == [[], len(VECTORS)]
    assert page.evaluate(TWICE, [result.content, "twice"])
    assert page.evaluate(WALK, [ALLOWED, "#twice"]) == [[], len(VECTORS)]
    for kind in ("mouseover", "focus", "click"):
        page.evaluate(
            "kind => { for (const each of document.querySelectorAll('main *'))"
            " each.dispatchEvent(new Event(kind)) }",
            kind,
        )
    page.wait_for_timeout(100)
    assert page.evaluate("() => harm") == []
    assert seen.asked == []
    assert seen.errors == []


def test_the_judge_sees_harm(visit: Open) -> None:
    bad = (
        '<div><i>1</i><blockquote><p onclick="alert(1)">x</p><img src="https://a.test/x"'
        ' onerror="alert(1)"></blockquote><i>2</i></div>'
    )
    seen = visit(
        f'<section id="once">{bad}</section>',
        head=f"<script>{HOOKS}</script>",
        csp="script-src 'unsafe-inline'",
    )
    seen.page.wait_for_function("() => harm.length")

    wrong, _ = seen.page.evaluate(WALK, [ALLOWED, "#once"])
    assert {"P onclick", "IMG"} <= set(wrong)
    assert seen.page.evaluate("() => harm") == ["alert"]
    assert seen.asked == ["https://a.test/x"]
