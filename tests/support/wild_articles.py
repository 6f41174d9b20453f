"""Articles that `tree_articles.py` never makes: every element, attributes that matter, tweets of
several paragraphs and several in a row, marks and references beside words, and other damage.
"""

import html
import re

from articles import LOST, MAY, NOVEMBER, SHUT
from standin_x import StandIn
from tree_articles import CLOSING, PIC, SHOWN, WORDS, Writer

PARAGRAPHS = "1988200000000000000"  # 11 November 2025; words in three paragraphs
QUOTING = "1988210000000000000"  # 11 November 2025; quotes the tweet of May
_FIRST, _SECOND, _THIRD = (
    "Here is the first of some paragraphs.",
    "The second one says little more than that.",
    "And the third, a little longer than a name may be, ends all of it here.",
)
_PICTURE = '<a href="https://t.co/Paragraph1">pic.twitter.com/Paragraph1</a>'
_CODE = "pic.twitter.com/Paragraph1"
_OF_PARAGRAPHS = f"https://twitter.com/three_pars/status/{PARAGRAPHS}"
_SIGNED = "— Three Pars ⚓ (x) (@three_pars) November 11, 2025"
_LINKED = f'— Three Pars ⚓ (x) (@three_pars) <a href="{_OF_PARAGRAPHS}">November 11, 2025</a>'
_QUOTED = "All that I have been saying about sunsets"
_QUOTES = '<a href="https://t.co/LeadsToMay">https://t.co/LeadsToMay</a>'
_OF_QUOTING = f"https://x.com/quoter/status/{QUOTING}"
_QUOTER = f'— “Quo” – Ter — (@quoter) <a href="{_OF_QUOTING}">November 11, 2025</a>'


def teach_more(x: StandIn) -> None:
    """Let X know the tweets of these articles."""
    words = f"{_FIRST}<br><br>{_SECOND}<br><br>{_THIRD} {_PICTURE}"
    x.tweet(PARAGRAPHS, "three_pars", "Three Pars ⚓ (x)", words, date="November 11, 2025")
    x.code("Paragraph1", f"{_OF_PARAGRAPHS}/photo/1")
    words = f"{_QUOTED} {_QUOTES}"
    x.tweet(QUOTING, "quoter", "“Quo” – Ter —", words, date="November 11, 2025")


_TWEETS = [
    f"<p>{_FIRST}</p>\n<p>{_SECOND}</p>\n<p>{_THIRD} {_PICTURE}{_SIGNED}</p>",
    f"<p>{_FIRST}</p><p>{_SECOND}</p><p>{_THIRD} {_LINKED}</p>",
    f"<p>{_FIRST}<br><br>{_SECOND}<br><br>{_THIRD} {_PICTURE}</p><p>{_LINKED}</p>",
    f"<div>{_FIRST}</div><div>{_SECOND}</div><div>{_THIRD} {_CODE} {_SIGNED}</div>",
    f"<ul><li>{_FIRST}</li><li>{_SECOND}</li><li>{_THIRD} {_PICTURE} {_SIGNED}</li></ul>",
    (
        '<blockquote class="twitter-tweet"><p lang="en" dir="ltr">'
        f"{_FIRST}<br><br>{_SECOND}<br><br>{_THIRD} {_PICTURE}</p>{_LINKED}</blockquote>"
    ),
    (
        f'<blockquote class="twitter-tweet"><p>{_FIRST}</p><p>{_SECOND}</p>'
        f"<p>{_THIRD} {_PICTURE}</p>{_LINKED}{{inside}}</blockquote>"
    ),
    f"<blockquote><p>{_FIRST}</p><p>{_SECOND}</p><p>{_THIRD} {_PICTURE}</p>{_LINKED}</blockquote>",
    f"{_FIRST}\n\n{_SECOND}\n\n{_THIRD} {_PICTURE} {_SIGNED}",
    (
        "<!-- wp:paragraph -->\n<p>"
        + "</p>\n<!-- /wp:paragraph -->\n\n<!-- wp:paragraph -->\n<p>".join(
            (_FIRST, _SECOND, f"{_THIRD} {_PICTURE} {_SIGNED}")
        )
        + "</p>\n<!-- /wp:paragraph -->"
    ),
    f'<p id="{{word}}">{_FIRST}</p><p>{_SECOND}</p><p>{_THIRD} {_PICTURE} {_SIGNED}</p>',
    f"<p>{_FIRST}</p><p>{{word}} {_SECOND}</p><p>{_THIRD} {_PICTURE} {_SIGNED}</p>",
    f"<p>{_FIRST}</p><h3>{{word}}</h3><p>{_SECOND}</p><p>{_THIRD} {_PICTURE} {_SIGNED}</p>",
    f"<p>{_FIRST}</p><p>{_SECOND}</p><p>{_THIRD} {_PICTURE} {_SIGNED} {{word}}</p>",
    (
        f'<p>{_FIRST}<a id="{{word}}"></a></p><!-- {{word}} --><p>{_SECOND}</p>'
        f"<p>{_THIRD} {_LINKED}</p>"
    ),
    f'<blockquote class="twitter-tweet"><p>{_QUOTED} {_QUOTES}</p>{_QUOTER}</blockquote>',
    f"<p>{_QUOTED} https://t.co/LeadsToMay {_QUOTER}</p>",
    f"<p>{_QUOTED} {_QUOTES}</p><p>{_QUOTER}</p>{{inside}}",
    (
        f'<blockquote class="twitter-tweet"><p>{WORDS} {PIC}</p>{CLOSING}'
        f"<p>{_QUOTED} {_QUOTES}</p>{_QUOTER}</blockquote>"
    ),
    (
        f'<blockquote class="twitter-tweet"><p>{WORDS} {PIC}</p>{CLOSING}'
        f"<p>{WORDS} {PIC}</p>{CLOSING}</blockquote>"
    ),
    f"<p>{WORDS} {PIC} {CLOSING}<br>{_QUOTED} {_QUOTES} {_QUOTER}</p>",
    f"<p>“{WORDS} {PIC}” {CLOSING}</p>",
    f"<p>RT @Interior: {WORDS} {PIC} {CLOSING}</p>",
    f"<p>{{word}}:<br>{WORDS} {PIC}<br>{CLOSING}<br><em>{{word}}</em></p>",
    f"<p><b>{{word}}</b> {WORDS} {PIC} {CLOSING} <i>{{word}}</i></p>",
    f'<p><span style="a">{WORDS} {PIC}</span><span> {CLOSING}</span></p>',
    f"<dl><dt>{{word}}</dt><dd>{WORDS} {PIC} {CLOSING}</dd></dl>",
    (
        f"<figure><blockquote><p>{WORDS} {PIC}</p></blockquote><figcaption>{CLOSING}</figcaption>"
        "</figure>"
    ),
    (
        f"<noscript><iframe src='https://platform.twitter.com/embed/Tweet.html?id={MAY}'></iframe>"
        "</noscript>"
    ),
    f'<noscript><blockquote class="twitter-tweet"><p>{WORDS}</p>{CLOSING}</blockquote></noscript>',
    f'<a href="{SHOWN}"><img src="/{{word}}.jpg" alt="{{word}}"></a>',
    '<map><area href="https://t.co/abcdefghij" alt="{word}"></map>',
    f"<table><tr><td>{WORDS} {PIC}</td><td>{CLOSING}</td></tr></table>",
    f'[caption id="a"]<img src="/a.jpg"> {WORDS} {PIC} {CLOSING}[/caption]',
    f'[gallery ids="1"] {{word}} [tweet {MAY}] {{word}}',
    f"<p>[tweet {LOST}]</p>",
    f"<!--more--><p>{SHOWN}</p><!--nextpage-->",
    f"<!--[if mso]><p>{SHOWN}</p><![endif]--><p>{SHOWN}</p>",
    (
        '<blockquote class="twitter-tweet" data-theme="dark" data-width="300" align="right">'
        f'<a href="https://x.com/a/status/{SHUT}"></a></blockquote>'
    ),
    (
        f'<TABLE><TR><TD><BLOCKQUOTE CLASS="Twitter-Tweet"><P>{WORDS}</P>{CLOSING}</BLOCKQUOTE>'
        "</TD></TR></TABLE>"
    ),
    f"<twitter-widget data-tweet-id={NOVEMBER}></twitter-widget>",
    '<div class="twitter-tweet"><p>{word}</p></div>',
    "<p>{word}&nbsp;&amp;nbsp;https&colon;//t.co/abcdefghij&#8203;{word}</p>",
]
_CONTAINERS = [
    *[(f"<{tag}>", f"</{tag}>") for tag in "article aside header footer main nav center".split()],
    *[(f"<{tag}>", f"</{tag}>") for tag in "address cite q s del ins mark small sub sup".split()],
    *[(f"<{tag}>", f"</{tag}>") for tag in "code kbd label button form fieldset".split()],
    *[(f"<{tag}>", f"</{tag}>") for tag in "noscript template svg math ruby dialog hgroup".split()],
    *[(f"<{tag}>", f"</{tag}>") for tag in "object video audio select textarea title".split()],
    ("<DIV CLASS=X>", "</DIV>"),
    ("<div\n  id='frame'\n>", "</div >"),
    ('<p id="para">', "</p>"),
    ('<p style="a:b" onclick="x(\'<p>\')">', "</p>"),
    ("<ul><li>one<li>", "</ul>"),
    ("<ul><li>one</li>\n<li><p>", "</p></li></ul>"),
    ("<table><tr><td>", "</table>"),
    ("<table>", "</table>"),
    ("<custom-box>", "</custom-box>"),
    ("[caption]", "[/caption]"),
    ("[code]", "[/code]"),
    (
        "<!-- wp:columns --><div><!-- wp:column --><div>",
        "</div><!-- /wp:column --></div><!-- /wp:columns -->",
    ),
    ("<!-- wp:freeform -->", "<!-- /wp:freeform -->"),
    ("<!-- wp:shortcode -->", "<!-- /wp:shortcode -->"),
    ("<!-- wp:verse --><pre>", "</pre><!-- /wp:verse -->"),
    ('<!-- wp:acme/box {"a":{"b":1}} --><div>', "</div><!-- /wp:acme/box -->"),
    ("<!-- wp:media-text --><div><figure></figure><div>", "</div></div><!-- /wp:media-text -->"),
    ("<![CDATA[", "]]>"),
    ("<item><description><![CDATA[", "]]></description></item>"),
    ("<!--", "-->"),
    ("<script>", "</script>"),
    ("<style>", "</style>"),
    ("<iframe>", "</iframe>"),
    ("<p>", ""),
    ("<b><i>", "</b></i>"),
    ("", "</div>"),
]
_BESIDE = [
    "\u200b",
    "\u200f",
    "\u202b",
    "\u2066",
    "&nbsp;",
    "&#8203;",
    "&lrm;",
    "<wbr>",
    "\ufeff",
    "&amp;",
    "…",
    "“",
    "”",
    "—",
    "\t",
    "\x85",
    "\u2028",
    "\0",
    "\ufffd",
    "&#0;",
    "&bogus;",
    "<",
    ">",
    "&",
]
_BRK = re.compile("<br ?/?>|</p>|>")
_MARKDOWN = [
    '[{word}][1]\n\n[1]: {url} "{word}"',
    "[^1]\n\n[^1]: {url}",
    "![{word}]({url})",
    "[![{word}](/a.jpg)]({url})",
    "```html\n{url}\n```",
    "`{url}`",
    "{word}\n===\n\n{url}",
    "{url}\n---\n\n{word}",
    "***\n\n{url}\n\n* * *",
    "1. {word}\n\n   {url}\n\n2. {word}",
    "* {word}\n  * {url}\n\n    {word}",
    "> {word}\n{url}",
    "> {flat}\n>\n> {word}",
    "- {flat}\n- {word}",
    "<div>\n\n{url}\n\n</div>",
    "<details><summary>{word}</summary>\n\n{flat}\n\n</details>",
    "<p>{url}</p>\n{word}",
    "{word}  \n{url}  \n{word}",
    "\\{url}",
    "{word} <{url}> {word}",
    "**{url}**",
    "*{flat}*",
    '{{{{< x user="a" id="' + MAY + '" >}}}}',
    "{{% twitter {url} %}}",
    "| {word} | {url} |\n|---|---|\n| {flat} | {word} |",
    "~~~\n{flat}\n~~~",
    "\t{flat}",
    "::: note\n{flat}\n:::",
    "<!-- {url} -->\n{word}",
    "&nbsp;\n\n{url}\n\n&nbsp;",
    "{first}\n\n{second}\n\n{third} pic.twitter.com/Paragraph1 {signed}",
    "> {first}\n>\n> {second}\n>\n> {third} pic.twitter.com/Paragraph1\n> {signed}",
    "{flat}\\\n{word}",
    "{word}: {url}",
    "# {url} #",
    "Term\n: {url}",
    "- [ ] {url}",
    "{word}\n{url}\n{word}",
]
_FLAT = (
    f"{html.unescape(WORDS)} pic.twitter.com/YuKy2rcjyU — US Department of the Interior (@Interior)"
    " May 5, 2014"
)
_TEXTS = [
    _FLAT,
    f"{_FIRST}\n\n{_SECOND}\n\n{_THIRD} {_CODE}\n{_SIGNED}",
    (
        f"{_QUOTED} https://t.co/LeadsToMay — “Quo” – Ter — (@quoter) November 11, 2025 "
        f"{_OF_QUOTING}"
    ),
]
_URLS = [
    SHOWN,
    f"https://x.com/a/status/{LOST}",
    "https://t.co/abcdefghij",
    "https://t.co/LeadsToMay",
    f"https://mobile.twitter.com/i/web/status/{MAY}?s=20",
]
OUTPUTS = ["auto", "auto", "html", "text"]


class WildWriter(Writer):
    """Writes one article, by the numbers of a seed."""

    def article(self, form: str) -> str:
        """Return an article in one of the formats."""
        content = super().article(form)
        for _ in range(self.pick([0, 0, 1, 1, 2])):
            content = self._damaged(content)
        return content

    def _leaf(self) -> str:
        if self.chance(0.45):
            return self._filled(self.pick(_TWEETS))
        leaf = super()._leaf()
        return self.pick(_BESIDE) + leaf if self.chance(0.1) else leaf

    def _page(self, depth: int = 0) -> str:
        page = super()._page(depth)
        if self.chance(0.3):
            opening, closing = self.pick(_CONTAINERS)
            page = f"{opening}{page}{closing}"
        return page

    def _markdown(self) -> str:
        parts = []
        for _ in range(self.pick([1, 2, 3, 4])):
            if self.chance(0.3):
                parts.append(super()._markdown())
                continue
            piece = self.pick(_MARKDOWN).format(
                word="{word}",
                url=self.pick(_URLS),
                flat=_FLAT,
                first=_FIRST,
                second=_SECOND,
                third=_THIRD,
                signed=_SIGNED,
            )
            while "{word}" in piece:
                piece = piece.replace("{word}", self.word(), 1)
            parts.append(piece)
        front = self.pick(["", "", "", "---\ntitle: x\n---\n\n", "\ufeff"])
        return front + self.pick(["\n\n", "\n\n", "\n", "\r\n\r\n"]).join(parts)

    def _text(self) -> str:
        pieces = [*_TEXTS, super()._text(), self.word(), *_URLS]
        parts = [self._words_of(pieces) for _ in range(self.pick([1, 2, 3]))]
        return self.pick(["\n\n", "\n", "\r\n\r\n", " ", "\u2029", "\x0b", "\f"]).join(parts)

    def _damaged(self, content: str) -> str:
        """Do what editors and converters do to an article, once somewhere in it."""
        at = self._random.randrange(len(content) + 1)
        kinds = [
            content[:at] + self.pick(_BESIDE) + content[at:],
            content.replace('"', self.pick(["'", "", "”", '\\"', "&quot;"]), self.pick([1, 2, 99])),
            content.replace("\n", "\r\n"),
            content.replace(" ", self.pick(["\n", "&nbsp;", "  ", "\u00a0"]), self.pick([3, 999])),
            content.replace("</p>", "", 1),
            content.replace("</a>", "", 1),
            content.replace(" class=", self.pick([" CLASS=", " data-class=", " "]), 1),
            content.replace("twitter.com", self.pick(["x.com", "nitter.net", "m.twitter.com"])),
            content.replace("—", self.pick(["&mdash;", "–", "--", "-", "�", "â€”"])),
            content.replace("<", "&lt;", self.pick([1, 99])),
            content.replace("&", "&amp;"),
            content.replace("><", self.pick([">\n<", "> <", "><br><"])),
            _BRK.sub(lambda tag: tag[0] + self.pick(["", "", "\n", "<br>"]), content),
        ]
        return self.pick(kinds)
