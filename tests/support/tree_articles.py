"""Articles as CMSs hold them: trees of elements, blocks and Markdown with every form of a mention.

A share of them is broken afterwards: cut, doubled, an end tag lost. `art12x` are words of the
article, which come back whatever becomes of the tweets.
"""

import html
import random
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from articles import (
    ADDRESSES,
    BLOCKQUOTES,
    FLATTENED,
    FORMS,
    LOST,
    MAY,
    NOVEMBER,
    SHORTCODES,
    teach,
)
from standin_x import StandIn

T = TypeVar("T")

NONSENSE = "1988190000000000000"  # 11 November 2025; X answers with a page
SHOWN = f"https://twitter.com/Interior/status/{MAY}"
WORDS = "Sunsets don&#39;t get much better"
PIC = '<a href="https://t.co/YuKy2rcjyU">pic.twitter.com/YuKy2rcjyU</a>'
CLOSING = f'— US Department of the Interior (@Interior) <a href="{SHOWN}">May 5, 2014</a>'
_SCRIPT = "<script async src=https://platform.twitter.com/widgets.js></script>"


def teach_all(x: StandIn) -> None:
    """Let X know what the articles speak of, and fail where it is to fail."""
    teach(x)
    x.fault[NONSENSE] = "html"
    x.code("toNonsense", f"https://x.com/n/status/{NONSENSE}")
    x.code("toLostOne1", f"https://x.com/a/status/{LOST}")
    x.code("refusedHop", "http://localhost/admin")


_ADDRESSES = [
    *ADDRESSES,
    f"https://x.com/n/status/{NONSENSE}",
    "https://t.co/toNonsense",
    "https://t.co/toLostOne1",
    "https://t.co/refusedHop",
    f"https://x.com/i/web/status/{MAY}",
]
_MARKED = [
    *BLOCKQUOTES,
    f'<blockquote class="twitter-tweet"><p>{WORDS} {PIC}</p>{CLOSING}{{inside}}</blockquote>',
    f'<blockquote class="twitter-tweet">{{inside}}<p>{WORDS} {PIC}</p>{CLOSING}</blockquote>',
    (
        f'<div class="twitter-tweet"><blockquote class="twitter-tweet"><p>{WORDS}</p>'
        f"{CLOSING}</blockquote>{{inside}}</div>"
    ),
    f'<blockquote class="twitter-tweet" data-tweet-id="{NOVEMBER}"><p>Its words</p></blockquote>',
    f'<div class="twitter-tweet" data-id="{LOST}"></div>',
    (
        f'<blockquote class="twitter-tweet"><p>{{word}} <a href="{SHOWN}">'
        "twitter.com/Inte…</a></p>— A (@a) May 5, 2014</blockquote>"
    ),
    f'<blockquote class="twitter-tweet"><p lang="en" dir="ltr">Edited</p>{CLOSING}<br>Reply: <a href="https://x.com/a/status/{LOST}">A</a></blockquote>',
    (
        '<blockquote class="twitter-tweet"><p lang="en" dir="ltr">Gone</p>— A (@a) <a '
        f'href="https://x.com/a/status/{LOST}">November 11, 2025</a>{{inside}}</blockquote>'
    ),
    (
        '<blockquote class="twitter-tweet"><p lang="en" dir="ltr">gone</p>— A (@a) <a '
        f'href="https://x.com/a/status/{LOST}">November 11, 2025</a></blockquote>'
    ),
    (
        '<blockquote class="twitter-tweet"><p lang="en" dir="ltr">n</p>— N (@n) <a '
        f'href="https://x.com/n/status/{NONSENSE}">November 11, 2025</a></blockquote>'
    ),
    f"<blockquote>{{inside}}<p>{WORDS} {PIC}</p>{CLOSING}</blockquote>",
    f'<blockquote class=\\"twitter-tweet\\"><p>{WORDS}</p>{CLOSING}</blockquote>',
    f"<blockquote class=”twitter-tweet”><a href=”{SHOWN}”></a></blockquote>",
    '<blockquote class="instagram-media"><p>{word}</p>— A (@a) May 5, 2014</blockquote>',
]
_CARDS = [
    *FORMS,
    (
        f'<!-- wp:embed {{{{"url":"{SHOWN}"}}}} -->\n<figure class="wp-block-embed"><div '
        f'class="wp-block-embed__wrapper">\n{SHOWN}\n</div><figcaption>{{word}} '
        f"https://t.co/abcdefghij {{inside}}</figcaption></figure>\n<!-- /wp:embed -->"
    ),
    (
        '<figure class="wp-block-embed"><div class="wp-block-embed__wrapper">'
        f'\n{SHOWN}\n</div><figcaption>{{word}} <a href="https://t.co/abcdefghij">l</a>'
        "</figcaption></figure>"
    ),
    (
        '<figure class="kg-card kg-embed-card"><blockquote class="twitter-tweet"><p>'
        f"{WORDS}</p>{CLOSING}</blockquote>{_SCRIPT}<figcaption>{{word}} "
        "t.co/abcdefghij</figcaption></figure>"
    ),
    (
        f'<aside class="onebox twitterstatus" data-onebox-src="{SHOWN}"><header '
        f'class="source"><a href="{SHOWN}">twitter.com</a></header><article>{WORDS}</article>'
        "</aside>"
    ),
    (
        f'<div class="tweet"><a class="tweet-link-top" href="{SHOWN}">{WORDS}</a><a '
        f'class="tweet-link-bottom" href="{SHOWN}"><p class="tweet-date">May 5th 2014</p></a>'
        "</div>"
    ),
    (
        f'<div data-oembed-url="{SHOWN}"><blockquote class="twitter-tweet"><p>{WORDS}</p>'
        f"{CLOSING}</blockquote>{{inside}}</div>"
    ),
    f'<div data-oembed-url="{SHOWN}"><blockquote class="twitter-tweet"><a href="https://x.com/a/status/{LOST}"></a></blockquote></div>',
    f'<div data-ephox-embed-iri="{SHOWN}"><a href="{SHOWN}"><span>{WORDS}</span></a></div>',
    (
        f'<div class="iframely-embed"><a data-iframely-url="//iframely.net/a" href="{SHOWN}">'
        "</a></div>"
    ),
    '<div class="wpview" data-wpview-text="https%3A%2F%2Ftwitter.com%2FInterior%2Fstatus%2F'
    + MAY
    + '"></div>',
    f'<iframe src="https://cdn.embedly.com/widgets/media.html?url=https%3A//twitter.com/Interior/status/{MAY}"></iframe>',
    (
        '<figure class="op-interactive"><iframe><blockquote class="twitter-tweet"><p>'
        f"{WORDS}</p>{CLOSING}</blockquote></iframe></figure>"
    ),
    f'<div class="embed-privacy-overlay"><p>{{word}}</p><a href="{SHOWN}">Open content</a></div>',
    f"<p>{WORDS}</p>\n<p>pic.twitter.com/YuKy2rcjyU</p>\n<p>{CLOSING}</p>",
    f"<p>{WORDS} {PIC}</p>\n<p>{CLOSING}</p>",
    f"<ul><li>{WORDS}</li><li>{CLOSING}</li></ul>",
    f"<p>x</p><![CDATA[<p>{SHOWN}</p>]]>",
]
_OURS = [
    (
        f'<p class="tweet-embed-link" dir="ltr"><a href="https://x.com/Interior/status/{MAY}">'
        "US Department of the Interior (@Interior) · May 5, 2014</a></p>"
    ),
    '<p class="tweet-embed-gone" lang="en" dir="ltr">This post is no longer available.</p>',
    (
        '<blockquote class="tweet-embed-quote"><p dir="auto">words '
        "https://t.co/abcdefghij</p>— Name (@name) May 5, 2014</blockquote>"
    ),
    (
        f'<amp-twitter data-tweetid="{NOVEMBER}" layout="responsive" width="1" height="1">'
        "</amp-twitter>"
    ),
]
_PIECES = [
    "https&#58;//t.co/abcdefghij",
    "https://<wbr>t.co/abcdefghij",
    "<b>https://</b>t.co/abcdefghij",
    "https://t.co/abcde<i>fghij</i>",
    '<a href="https://t.co/abcdefghij"><span class="invisible">https://</span><span>t.co/abcdefghij</span></a>',
    "https://t.co/<!-- x -->abcdefghij",
    f"https&#58;//twitter.com/Interior/status/{MAY}",
    "https://t.co/abcde\u200bfghij",
]
_CONTAINERS = [
    ("<div>", "</div>"),
    ("<section>\n", "\n</section>"),
    ("<blockquote>", "</blockquote>"),
    ("<ul>\n<li>", "</li>\n</ul>"),
    ("<ol><li>one</li><li>", "</li></ol>"),
    ("<table><tr><td>", "</td><td>b</td></tr></table>"),
    ("<table><caption>c</caption><tbody><tr><th>", "</th></tr></tbody></table>"),
    ("<figure>", "</figure>"),
    ('<figure><img src="/a.jpg"><figcaption>', "</figcaption></figure>"),
    ("<details><summary>s</summary>", "</details>"),
    ("<dl><dt>t</dt><dd>", "</dd></dl>"),
    ('<div class="twitter-tweet">', "</div>"),
    ('<blockquote class="twitter-tweet">', "</blockquote>"),
    ('<!-- wp:group -->\n<div class="wp-block-group">', "</div>\n<!-- /wp:group -->"),
    ("<!-- wp:quote -->\n<blockquote>", "</blockquote>\n<!-- /wp:quote -->"),
    ("<!-- wp:html -->\n", "\n<!-- /wp:html -->"),
    (
        "<!-- wp:list --><ul><!-- wp:list-item --><li>",
        "</li><!-- /wp:list-item --></ul><!-- /wp:list -->",
    ),
    ("<!-- wp:pullquote --><figure><blockquote>", "</blockquote></figure><!-- /wp:pullquote -->"),
    ("<h2>", "</h2>"),
    ("<a href=/x>", "</a>"),
    ("<pre>", "</pre>"),
]
_INLINE = [
    ("<b>", "</b>"),
    ("<em>", "</em>"),
    ('<span class="x">', "</span>"),
    ("<font>", "</font>"),
    ("<u>", "</u>"),
]
_PARAGRAPHS = [
    ("<p>", "</p>"),
    ('<p class="lead">', "</p>"),
    ("<p>", ""),
    ("<div>", "</div>"),
    ("<!-- wp:paragraph -->\n<p>", "</p>\n<!-- /wp:paragraph -->"),
    ("", "<br>"),
    ("", "\n\n"),
    ("<li>", "</li>"),
]
_MARKDOWN_FRAMES = [
    ("", ""),
    ("> ", ""),
    ("> > ", ""),
    ("- ", ""),
    ("1. one\n2. ", ""),
    ("  - [ ] ", ""),
    ("| a | b |\n|---|---|\n| ", " | c |"),
    ("# ", ""),
    ("**", "**"),
    ("~~~\n", "\n~~~"),
    ("    ", ""),
    ("::: note\n", "\n:::"),
    ("!!! quote\n    ", ""),
    ("[x]: ", ""),
    ("word\\\n", "\\\nword"),
    ("word<br>", "<br>word"),
]
_BREAKS = ["\n", "\n\n", "", " ", "\r\n", "\r\n\r\n"]
_STRAY = (
    "</p> </div> </blockquote> <p> <div> <b> </b> <a> <!-- --> <table> </td> <li> <pre> <textarea>"
    " <svg> <style>"
).split()

OPTIONS: dict[str, list[Any]] = {
    "render": ["blockquote", "blockquote", "blockquote", "consent", "amp", "link"],
    "intact": ["keep", "renew"],
    "script": ["keep", "none", "once"],
    "links": ["expand", "expand", "href", "keep"],
    "strip_tracking": [True, False],
    "gone": ["keep", "tombstone", "remove"],
    "unidentified": ["keep", "quote"],
    "theme": [None, None, "dark"],
    "lang": [None, None, "ar"],
    "dnt": [True, False],
    "align": [None, "center"],
    "max_width": [None, 300],
    "hide_media": [False, True],
    "hide_thread": [False, True],
}


class Writer:
    """Writes one article, by the numbers of a seed."""

    def __init__(self, seed: str) -> None:
        """Begin."""
        self._random = random.Random(seed)  # noqa: S311
        self._words = 0
        self._in_tweet = 0  # inside a marked element the words of a lone link are the tweet's

    def pick(self, choices: Sequence[T]) -> T:
        """Choose one."""
        return self._random.choice(choices)

    def chance(self, share: float) -> bool:
        """Return true in that share of all cases."""
        return self._random.random() < share

    def options(self) -> dict[str, Any]:
        """Choose a value of every option."""
        return {name: self.pick(values) for name, values in OPTIONS.items()}

    def word(self) -> str:
        """Return a word that stands nowhere else."""
        self._words += 1
        return f"art{self._words}x"

    def article(self, form: str) -> str:
        """Return an article in one of the formats: `html`, `markdown`, `text`."""
        write = {"html": self._page, "markdown": self._markdown, "text": self._text}[form]
        content = write()
        return self._broken(content) if self.chance(0.3) else content

    # --- HTML ---

    def _filled(self, piece: str) -> str:
        """Put words of the article where a piece has room for them."""
        if "{word}" not in piece and "{inside}" not in piece:
            return piece
        inside = self.pick(
            [f"<p>{self.word()}</p>", f"<h3>{self.word()}</h3>", f'<a id="{self.word()}"></a>', ""]
        )
        return (
            piece.replace("{word}", self.word())
            .replace("{inside}", inside)
            .replace("{{", "{")
            .replace("}}", "}")
        )

    def _words_of(self, pieces: Sequence[str]) -> str:
        """Return a piece, in running text as often as not."""
        return (
            f"{self.word()} {self.pick(pieces)} {self.word()}"
            if self.chance(0.4)
            else self.pick(pieces)
        )

    def _inline(self) -> str:
        address = self.pick(_ADDRESSES)
        piece = self.pick(
            [
                self.word(),
                self._words_of([html.escape(each) for each in (*FLATTENED, *_ADDRESSES)]),
                f'<a href="{html.escape(address)}">{html.escape(address)}</a>',
                (
                    f'<a href="{html.escape(address)}">'
                    f"{'Discuss' if self._in_tweet else self.word()}</a>"
                ),
                f'<a href="{html.escape(address)}"></a>',
                self._words_of(SHORTCODES),
                self._words_of(_PIECES),
                f"{WORDS} {PIC}{CLOSING}",
                f"{_SCRIPT}{html.escape(address)}",
            ]
        )
        if self.chance(0.3):
            opening, closing = self.pick(_INLINE)
            piece = f"{opening}{piece}{closing}"
        return self._filled(piece)

    def _leaf(self) -> str:
        if self.chance(0.45):
            return self._filled(self.pick([*_MARKED, *_CARDS, *_OURS]))
        opening, closing = self.pick(_PARAGRAPHS)
        inside = self.pick(["", " ", "<br>", "\n"]).join(
            self._inline() for _ in range(self.pick([1, 1, 1, 2, 3]))
        )
        return f"{opening}{inside}{closing}"

    def _page(self, depth: int = 0) -> str:
        parts = []
        for _ in range(self.pick([1, 2, 3, 4] if depth == 0 else [1, 1, 2])):
            if depth < 3 and self.chance(0.25):
                opening, closing = self.pick(_CONTAINERS)
                self._in_tweet += "twitter-tweet" in opening
                parts.append(f"{opening}{self._page(depth + 1)}{closing}")
                self._in_tweet -= "twitter-tweet" in opening
            else:
                parts.append(self._leaf())
        return self.pick(_BREAKS).join(parts)

    # --- Markdown and text ---

    def _markdown(self) -> str:
        parts = []
        for _ in range(self.pick([1, 2, 3, 4])):
            address = self.pick(_ADDRESSES)
            piece = self.pick(
                [
                    self.word(),
                    self._words_of([*FLATTENED, *_ADDRESSES]),
                    f"[{self.word()}]({address})",
                    f"[{address}]({address})",
                    f"<{address}>",
                    f"<{address}.>",
                    f"{address}<br>{address}",
                    self._words_of(SHORTCODES),
                    self._words_of(_PIECES),
                    self._filled(self.pick([*_MARKED, *_CARDS, *_OURS])),
                    self._leaf(),
                    f"{WORDS} {PIC}\n{CLOSING}",
                ]
            )
            opening, closing = self.pick(_MARKDOWN_FRAMES)
            quoted = (
                piece.replace("\n", "\n" + opening) if opening.strip(" ") in {">", "> >"} else piece
            )
            parts.append(f"{opening}{quoted}{closing}")
        return self.pick(["\n\n", "\n\n", "\n", "\r\n\r\n"]).join(parts)

    def _text(self) -> str:
        lead: Callable[[], str] = lambda: self.pick(["", "> ", "\u200b", "- ", "   ", "\ufeff"])  # noqa: E731
        pieces = [*FLATTENED, *_ADDRESSES, *SHORTCODES, "words &amp; more", "a < b & c > d"]
        parts = [lead() + self._words_of(pieces) for _ in range(self.pick([1, 2, 3, 4]))]
        return self.pick(["\n\n", "\n\n", "\n", "\r\n", " "]).join(parts)

    # --- broken ---

    def _broken(self, content: str) -> str:
        """Cut a piece out, write one twice, or put a stray tag in."""
        first, last = sorted(self._random.randrange(len(content) + 1) for _ in range(2))
        last = min(last, first + 40)
        return self.pick(
            [
                content[:first] + content[last:],
                content[:last] + content[first:].replace("art", "again"),
                content[:first] + self.pick(_STRAY) + content[first:],
                content[: max(1, last)],
            ]
        )
