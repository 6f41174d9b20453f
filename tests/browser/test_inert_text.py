"""What a browser took for text stays text: articles with mentions that nobody closed in front of
elements that nobody closed, as they were and as the service wrote them, in a real browser.

Whatever runs, loads, shows or stands in the page afterwards did so before.
"""

import random
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import pytest
from articles import LOST, MAY
from browsers import SITE, Open, Visit
from resolving import bench
from tree_articles import CLOSING, SHOWN, WORDS, teach_all

from service.core.article import Options
from service.core.model import Format

pytestmark = pytest.mark.browser

T = TypeVar("T")

SAMPLE, WHOLE, AT_ONCE = 120, 12_000, 60
GONE = f"https://x.com/a/status/{LOST}"
STATEMENTS = f'<a href="{GONE}">November 11, 2025</a>'
MENTIONS = [
    f"<p>{SHOWN}",
    f"<li>{GONE}",
    f"<b>{SHOWN}",
    f"{SHOWN}\n",
    f'<p><a href="{SHOWN}">{SHOWN}',
    f'<a href="{SHOWN}"></a>',
    f'<blockquote class="twitter-tweet"><p lang="en" dir="ltr">{WORDS}</p>{CLOSING}',
    f'<blockquote class="twitter-tweet"><p lang="en" dir="ltr">Gone</p>— A (@a) {STATEMENTS}',
    f'<blockquote class="twitter-tweet"><p>{WORDS}</p>— US (@Interior) <a href="{SHOWN}">May 5',
    f'<blockquote class="twitter-tweet"><a href="{GONE}">',
    f'<div class="twitter-tweet"><p>{WORDS}</p>{CLOSING}',
    f"<blockquote><p>{WORDS}</p>{CLOSING}",
    f"<p>{WORDS} https://t.co/YuKy2rcjyU {CLOSING}",
    f"<p>{WORDS}<p>pic.twitter.com/YuKy2rcjyU<p>{CLOSING}",
    f"<p>[tweet {MAY}]",
    f"<p>[embed]{GONE}[/embed]",
    f'<iframe src="https://platform.twitter.com/embed/Tweet.html?id={MAY}">',
    f'<amp-twitter data-tweetid="{MAY}">',
    f'<twitter-widget data-tweet-id="{LOST}">',
    f'<div data-oembed-url="{SHOWN}">',
    f'<figure class="media"><oembed url="{SHOWN}">',
    f'<figure class="op-interactive"><iframe><blockquote><p>{WORDS}</p>{CLOSING}',
    f'<!-- wp:embed {{"url":"{SHOWN}"}} --><figure class="wp-block-embed"><figcaption>',
    f"<!-- wp:paragraph --><p>{GONE}",
]
OPENS = [
    *[f"<{tag}>" for tag in "textarea style title xmp iframe noembed noframes script".split()],
    *[f"<{tag}>" for tag in "template noscript plaintext select svg math option".split()],
    *["<!--", '<a title="', "<img alt='", "<svg><style>", "<math><title>", "<table>", ""],
]
PAYLOADS = [
    '<img src="/live/{0}.png" onerror="harm.push(\'error {0}\')">inert{0}x',
    "<script>harm.push('script {0}')</script>inert{0}x",
    "<svg onload=\"harm.push('load {0}')\"></svg>",
    '<iframe src="/live/{0}.html"></iframe><b>inert{0}x</b>',
    '<link rel="stylesheet" href="/live/{0}.css"><p onclick="alert(1)">inert{0}x</p>',
    '<style>@import "/live/{0}.css";</style><form action="/{0}"><input autofocus></form>',
    '<script src="https://platform.twitter.com/widgets.js"></script>inert{0}x',
]
CLOSES = ["", "</p>", "</b>", "</blockquote>", "</div>", "</figure>", "-->", '">', "</iframe>"]
WRAPPERS = [
    ("", ""),
    ("", ""),
    ("<div>", "</div>"),
    ("<ul><li>", "</li></ul>"),
    ("<table><tr><td>", "</td></tr></table>"),
    ("<p>before ", "</p>"),
    ("<!-- wp:html -->\n", "\n<!-- /wp:html -->"),
    ("<blockquote>", "</blockquote>"),
    ('<div class="twitter-tweet">', "</div>"),
    ("<b><i>", "</i></b>"),
    ("<template>", "</template>"),
]
CHOICES: dict[str, list[Any]] = {
    "render": ["blockquote", "consent", "amp", "link"],
    "intact": ["keep", "renew"],
    "script": ["keep", "none", "once"],
    "gone": ["keep", "tombstone", "remove"],
    "unidentified": ["keep", "quote"],
}
OPEN = f"default-src {SITE} 'unsafe-inline'"
SEEN = """async ([articles, hooks, wanted]) => {
  const frames = await Promise.all(articles.map(([name, article]) => new Promise(done => {
    const frame = document.createElement("iframe");
    frame.name = name;
    frame.width = 300;
    frame.onload = () => done(frame);
    frame.srcdoc = `<!doctype html><script data-hooks>${hooks}</script><body>` + article;
    document.body.append(frame);
  })));
  await new Promise(done => setTimeout(done, 100));
  return frames.map(frame => {
    const inside = frame.contentDocument, all = [...inside.querySelectorAll("*")];
    const told = element => element.nodeName + " "
      + [...element.attributes].map(one => one.name + "=" + one.value).sort().join(" ");
    const found = all.filter(one => wanted.includes(one.localName)
      || [...one.attributes].some(each => each.name.startsWith("on"))).map(told);
    const shows = inside.documentElement.innerText.match(/inert[0-9]+x/g) ?? [];
    return [...frame.contentWindow.harm, ...found, ...shows];
  });
}"""
HOOKS = """window.harm = [];
for (const name of ["alert", "confirm", "prompt", "open", "print"]) {
  window[name] = () => harm.push(name);
}
"""
WANTED = (
    "script iframe img link style object embed svg math form input textarea select meta base title"
    " video audio template noscript xmp noembed noframes plaintext"
).split()
OWN = "https://platform.x.com/widgets.js"
FORMATTING = tuple(
    f"{tag} " for tag in "A B BIG CODE EM FONT I NOBR S SMALL STRIKE STRONG TT U".split()
)
"""Elements that a browser writes again in whatever follows, where nobody closed them
(HTML, 13.2.4.3): another one that says the same is nothing new.
"""


class _Writer:
    """Writes one article, by the numbers of a seed, and the options that it is sent with."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(f"inert {seed}")  # noqa: S311
        self._seed = seed

    def pick(self, choices: Sequence[T]) -> T:
        return self._random.choice(choices)

    def article(self) -> str:
        opening, closing = self.pick(WRAPPERS)
        inert = "".join(self.pick(PAYLOADS).format(f"{self._seed}0{at}") for at in range(2))
        parts = [self.pick(MENTIONS), self.pick(OPENS), inert, self.pick(CLOSES)]
        if self.pick([True, False, False]):
            parts += [self.pick(MENTIONS), self.pick(OPENS), self.pick(PAYLOADS).format(self._seed)]
        return opening + "".join(parts) + self.pick(["", closing])

    def options(self) -> Options:
        return Options(**{name: self.pick(values) for name, values in CHOICES.items()})


def write_all(seeds: range) -> list[tuple[str, Options, str]]:
    """Return articles that the service changes, with their options, and what it makes of them."""
    with bench() as ask:
        teach_all(ask.x)
        found = []
        for seed in seeds:
            writer = _Writer(seed)
            content, options = writer.article(), writer.options()
            result = ask(content, Format.HTML, options=options)
            if result.changed:
                found.append((content, options, result.content))
        return found


def look(seen: Visit, articles: list[tuple[str, Options, str]]) -> list[str]:
    """Return what came to life in the written articles that had not before."""
    sent = [
        (f"{kind}{at}", one[number])
        for at, one in enumerate(articles)
        for kind, number in (("before", 0), ("after", 2))
    ]
    asked: dict[str, list[str]] = {}
    seen.page.on(
        "request", lambda one: asked.setdefault(one.frame.name, []).append(f"asked {one.url}")
    )
    noticed = seen.page.evaluate(SEEN, [sent, HOOKS, WANTED])
    wrong = []
    for at, (content, options, written) in enumerate(articles):
        before = [*noticed[at * 2], *asked.get(f"before{at}", [])]
        after = [*noticed[at * 2 + 1], *asked.get(f"after{at}", [])]
        new = [
            one
            for one in Counter(after) - Counter(before)
            if OWN not in one and not (one.startswith(FORMATTING) and one in before)
        ]
        if new:
            wrong.append(f"{new}\n{content!r}\n{options}\n--- becomes\n{written!r}")
    return wrong


def hold(visit: Open, seeds: range) -> None:
    with ThreadPoolExecutor(1) as aside:  # this thread is the browser's
        articles = aside.submit(write_all, seeds).result()
    assert len(articles) > len(seeds) // 10
    wrong = []
    for first in range(0, len(articles), AT_ONCE):
        wrong += look(visit("", csp=OPEN), articles[first : first + AT_ONCE])
    assert not wrong, f"{len(wrong)} of {len(articles)}: {min(wrong, key=len)}"


def test_what_was_inert_stays_inert(visit: Open) -> None:
    hold(visit, range(SAMPLE))


@pytest.mark.long
@pytest.mark.parametrize("shard", range(12))
def test_what_was_inert_stays_inert_many_times_over(visit: Open, shard: int) -> None:
    each = WHOLE // 12
    hold(visit, range(shard * each, (shard + 1) * each))


def test_the_judge_knows_what_a_browser_repeats(visit: Open) -> None:
    opened = "<p><a onclick=\"harm.push('click')\">words"
    articles = [(opened, Options(), opened + more) for more in ("</p><p>more</p>", "<a onfocus=f>")]
    noticed = look(visit("", csp=OPEN), articles)

    assert len(noticed) == 1
    assert "onfocus" in noticed[0]


def test_the_judge_sees_what_comes_to_life(visit: Open) -> None:
    inert = "<textarea><script>harm.push('ran')</script><img src=/live/1.png><p>inert1x"
    noticed = look(visit("", csp=OPEN), [(inert, Options(), inert.replace("<textarea>", ""))])

    assert len(noticed) == 1
    for what in ("'ran'", "SCRIPT", "IMG", "asked https://site.test/live/1.png", "inert1x"):
        assert what in noticed[0]
