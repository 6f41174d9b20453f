"""Articles made of parts, of each of which it is known what is a tweet's and what is the article's.

Nothing here asks the service: a part is written out together with a pattern of what may stand in
its place afterwards. `art12x` are words of the article; they must all come back, once, in order.
"""

import html
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, TypeVar

T = TypeVar("T")

SHUT = "1766365804753858999"  # 9 March 2024; X says 403
TARGET = "https://news.example/story?id=7&x=(a)"
RAW_TARGET = "https://news.example/story?id=7&utm_source=twitter&x=(a)"
SHORT = "https://t.co/News12abCd"
SCRIPT = '<script async src="https://platform.twitter.com/widgets.js" charset="utf-8"></script>'

_LEADS_TO = [SHORT, TARGET, RAW_TARGET]
_WRITTEN = [
    *_LEADS_TO,
    *map(html.escape, _LEADS_TO),
    *(each.replace("(", "%28").replace(")", "%29") for each in _LEADS_TO),
]
EITHER = f"(?:{'|'.join(sorted({re.escape(each) for each in _WRITTEN}, reverse=True))})"
"""A short link of the article, or what it leads to, as HTML, Markdown or text have it."""
_GLUE_TAGS = "p div figure section blockquote span li b i em strong u font"
GLUE = (
    rf"(?:\s|</?(?:{'|'.join(_GLUE_TAGS.split())})\b(?![^<>]*art[0-9])[^<>]*>"
    r"|<!-- /?wp:[a-z]+(?: \{[^<>]*\})? -->|[\u200b\u200e\u200f\u202a\ufeff\u2060])*"
)
"""What a replacement may add or take at its edges: tags without words, blanks, marks."""


class Pick(Protocol):
    """Chooses one of several; a random generator's or Hypothesis' choice."""

    def __call__(self, choices: Sequence[T], /) -> T:
        """Return one of `choices`."""
        ...


@dataclass(frozen=True)
class Known:
    """A tweet that X knows, or does not show any more."""

    id: str
    handle: str
    name: str
    html: str
    date: str
    lang: str = "en"
    dir: str = "ltr"
    absent: bool = False

    @property
    def text(self) -> str:
        """The words as they show."""
        return html.unescape(re.sub(r"<[^<>]*>", "", self.html))


def _read_world() -> list[Known]:
    world = json.loads((Path(__file__).parent / "world.json").read_text(encoding="utf-8"))
    known = [
        Known(id, *(each[name] for name in ("handle", "name", "html", "date", "lang", "dir")))
        for id, each in world["tweets"].items()  # noqa: A001
        if not each.get("gone")
    ]
    gone = Known(
        "1766365804753858617", "gone_girl", "Gone Girl", "I was never here", "March 9, 2024"
    )
    shut = Known(SHUT, "shut_door", "Shut Door", "Only friends read this", "March 9, 2024")
    return known + [Known(**(vars(each) | {"absent": True})) for each in (gone, shut)]


def _read_codes() -> set[str]:
    world = json.loads((Path(__file__).parent / "world.json").read_text(encoding="utf-8"))
    return set(world["tco"])


WORLD = _read_world()
CODES = _read_codes()
"""All codes that an article may hold; half of one is none."""
SHOWN = [each for each in WORLD if not each.absent]
ABSENT = [each for each in WORLD if each.absent]


@dataclass(frozen=True)
class Part:
    """A part of an article: how it is written and, as a pattern, what may stand there afterwards.

    `tweet` may be embedded there, and must be where `must`. `kind` names it in reports.
    """

    kind: str
    source: str
    result: str
    tweet: Known | None = None
    must: bool = False


@dataclass(frozen=True)
class Made:
    """An article of parts, and how it is sent."""

    format: str
    options: dict[str, Any]
    parts: tuple[Part, ...]
    around: str = field(default="\n\n")

    @property
    def content(self) -> str:
        """The article as it is sent."""
        return self.around.join(part.source for part in self.parts)

    @property
    def result(self) -> re.Pattern[str]:
        """What may come back."""
        return re.compile(
            re.escape(self.around).join(part.result for part in self.parts), re.DOTALL
        )

    def without(self, number: int) -> "Made":
        """Return the article without one of its parts."""
        parts = self.parts[:number] + self.parts[number + 1 :]
        return Made(self.format, self.options, parts, self.around)


def tokens(text: str) -> list[str]:
    """Return the article's own words in order; a `p` that is opened again may have its id again."""
    found: list[str] = []
    for match in re.finditer(r'(?P<id>id=")?(?P<word>art[0-9]+x)', text):
        if not (match["id"] and match["word"] in found):
            found.append(match["word"])
    return found


class Maker:
    """Makes parts by choice."""

    def __init__(self, pick: Pick, options: dict[str, Any], form: str = "html") -> None:
        """Make what `options` allow; they decide what stands in place of a tweet."""
        self.pick = pick
        self._options = options
        self._is_markdown = form == "markdown"
        self._words = 0

    def word(self) -> str:
        """Return a word that stands nowhere else."""
        self._words += 1
        return f"art{self._words}x"

    def maybe(self) -> bool:
        """Toss a coin."""
        return self.pick([False, True])

    def tweet(self, among: Sequence[Known] = SHOWN) -> Known:
        """Choose a tweet."""
        return self.pick(among)

    def other(self, tweet: Known) -> Known:
        """Choose somebody else's tweet."""
        return self.pick([each for each in SHOWN if each.handle != tweet.handle])

    # --- patterns ---

    def shown(self, tweet: Known, words: str | None = None) -> str:
        """Return a pattern of what stands in place of a tweet."""
        if tweet.absent:
            return self._absent(tweet, words)
        quote = _quotation(tweet)
        render = self._options.get("render", "blockquote")
        if render == "link":
            link = rf'<a href="[^"]*/status/{tweet.id}">[^<>]*</a>'
            return rf'<p class="tweet-embed-link"[^<>]*>{link}</p>'
        if render == "amp":
            return rf'<amp-twitter [^<>]*data-tweetid="{tweet.id}"[^<>]*>{quote}</amp-twitter>'
        if render == "consent":
            asked = "(?:<(?:p|button)[^<>]*>[^<>]*</(?:p|button)>)*"
            return rf'<div class="tweet-embed"[^<>]*>{quote}{asked}</div>'
        return quote

    def _absent(self, tweet: Known, words: str | None) -> str:
        left = words if words is not None else ""
        by_option = {
            "keep": rf"(?:{_quotation(tweet)}|{left})",
            "tombstone": r'<p class="tweet-embed-gone"[^<>]*>[^<>]*</p>',
            "remove": "",
        }
        return by_option[self._options.get("gone", "keep")]

    def link(self) -> tuple[str, str]:
        """Return a short link of the article, and a pattern of it and its target."""
        return SHORT, EITHER

    def script(self) -> tuple[str, str]:
        """Return X's script, and a pattern of what becomes of it."""
        asked = self._options.get("render") == "consent"
        stays = self._options.get("script", "keep") == "keep" and not asked
        return SCRIPT, re.escape(SCRIPT) if stays else f"(?:{re.escape(SCRIPT)})?"

    # --- what is the article's, inside a tweet's element or beside it ---

    def extra(self) -> tuple[str, str]:
        """Return what of the article's stands inside a tweet's element, and its pattern."""
        word = self.word()
        short, either = self.link()
        plain = [
            f"<p>The {word} spoke.</p>",
            f'<p class="caption">Photo: {word}</p>',
            f"<p><em>{word}</em> and more.</p>",
            f"<h3>{word}</h3>",
            f'<figure><img src="/{word}.jpg" alt="a"></figure>',
            f'<img src="/{word}.jpg">',
            f"<ul><li>{word}</li><li>two</li></ul>",
            f'<p>See <a href="/{word}">this</a>.</p>',
            f'<a id="{word}"></a>',
            f'<span id="{word}"></span>',
            "<!--more-->",
            "<!--nextpage-->",
            f"<p>{word} &amp; sons&nbsp;said &#8217;no&#8217;</p>",
        ]
        if self._is_markdown:  # an inline element that begins a line begins no block of HTML there
            plain = [each for each in plain if not each.startswith(("<a", "<span", "<img"))]
        source = self.pick([*plain, "link", "script"])
        if source == "link":
            opening, closing = f'<p>{word} <a href="', '">read</a></p>'
            return opening + short + closing, opening + either + closing
        if source == "script":
            return self.script()
        return source, re.escape(source)

    def extras(self, most: int = 3) -> list[tuple[str, str]]:
        """Return a few of those."""
        return [self.extra() for _ in range(self.pick(range(most + 1)))]

    def permalink(self, tweet: Known) -> str:
        """Spell the tweet's own address."""
        forms = [
            f"https://twitter.com/{tweet.handle}/status/{tweet.id}",
            f"https://x.com/{tweet.handle}/status/{tweet.id}?s=20",
            f"https://twitter.com/{tweet.handle}/status/{tweet.id}?ref_src=twsrc%5Etfw",
            f"https://mobile.twitter.com/{tweet.handle}/statuses/{tweet.id}",
            f"https://twitter.com/{tweet.handle.upper()}/status/{tweet.id}",
            f"https://twitter.com/i/web/status/{tweet.id}",
        ]
        return self.pick(forms)

    def closing(self, tweet: Known, address: str | None = None) -> str:
        """Return the line that closes a tweet in HTML, with its permalink."""
        dash = self.pick(["&mdash;", "—", "&#8212;"])
        href = address or self.permalink(tweet)
        return f'{dash} {tweet.name} (@{tweet.handle}) <a href="{href}">{tweet.date}</a>'


def _quotation(tweet: Known) -> str:
    inside = r"(?:(?!</?blockquote\b).)*?"
    closing = rf'<a href="[^"]*/status(?:es)?/{tweet.id}(?:\?[^"]*)?">[^<>]*</a>'
    opening = r'<blockquote (?:placeholder="" )?class="twitter-(?:tweet|video)"[^<>]*>'
    return f"{opening}{inside}{closing}</blockquote>"


def left(source: str) -> str:
    """Return a pattern of a source that stays as it is, but for its short links."""
    pattern = re.sub(r"https://t\\.co/\w+", r"""[^"<>\\s]+""", re.escape(source))
    return re.sub(r"pic\\.twitter\\.com/\w+", r"[^<>]+", pattern)


def joined(extras: Sequence[tuple[str, str]]) -> tuple[str, str]:
    """Return several sources and their patterns one behind the other."""
    between = GLUE if extras else ""
    return "".join(source for source, _ in extras), between + between.join(p for _, p in extras)
