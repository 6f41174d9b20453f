"""Flattened tweets over elements and lines, in every language; formats, quotes and near misses."""

import re
from collections.abc import Iterator

from varied_parts import (
    CODE,
    FERRY,
    FERRY_ID,
    FERRY_LINE,
    FERRY_LINKED,
    FERRY_QUOTED,
    FERRY_SIGNED,
    FERRY_WORDS,
    FLAT,
    MARKED,
    PICTURE,
    QUEUE,
    QUEUE_ID,
    SHORT,
    Variation,
)

_SPLIT = {
    "p p": [f"<p>{FERRY_WORDS} {CODE}</p>", f"<p>{FERRY_LINE}</p>"],
    "p p p": [f"<p>{FERRY_WORDS}</p>", f"<p>{CODE}</p>", f"<p>{FERRY_LINE}</p>"],
    "p linked": [f"<p>{FERRY_WORDS} {PICTURE}</p>", f"<p>{FERRY_LINKED}</p>"],
    "div": [f"<div>{FERRY_WORDS} {CODE}</div>", f"<div>{FERRY_LINE}</div>"],
    "quotation p": [
        f"<blockquote><p>{FERRY_WORDS} {PICTURE}</p></blockquote>",
        f"<p>{FERRY_LINKED}</p>",
    ],
    "marked p": [f"{MARKED}<p>{FERRY_WORDS} {PICTURE}</p></blockquote>", f"<p>{FERRY_LINKED}</p>"],
    "em": [f"<p><em>{FERRY_WORDS} {CODE}</em></p>", f"<p><em>{FERRY_LINE}</em></p>"],
    "words in two": [
        f"<p>{FERRY_WORDS[:34]}</p>",
        f"<p>{FERRY_WORDS[34:]} {CODE}</p>",
        f"<p>{FERRY_LINE}</p>",
    ],
    **{
        tag: [
            f"<blockquote><p>{FERRY_WORDS} {PICTURE}</p></blockquote>",
            f"<{tag}>{FERRY_LINKED}</{tag}>",
        ]
        for tag in ("cite", "em", "strong", "small", "span", "footer")
    },
}
_BETWEEN = {"nothing": "", "line": "\n", "blank": "<p>&nbsp;</p>", "break": "<br>\n"}


def split() -> Iterator[Variation]:
    """Return tweets over elements one behind the other."""
    keeps = ["<p>Before.</p>", "<p>After.</p>"]
    for name, parts in _SPLIT.items():
        for gap, between in _BETWEEN.items():
            article = f"<p>Before.</p>{between.join(parts)}<p>After.</p>"
            yield Variation(f"split {name} {gap}", article, [FERRY_ID], keeps)
    for name, between in {"heading": "<h2>x</h2>", "picture": '<p><img src="a.jpg"></p>'}.items():
        article = f"<p>{FERRY_WORDS}</p>{between}<p>{FERRY_LINE}</p>"
        yield Variation(f"split by {name}", article, (), [between, FERRY_WORDS])


_WRITTEN = {
    "paragraphs": f"Lead.\n\n{FERRY_WORDS}\n\n{CODE}\n\n{FERRY_LINE}\n\nEnd.",
    "lines": f"Lead.\n{FERRY_WORDS}\n{CODE}\n{FERRY_LINE}\nEnd.",
    "CRLF": f"Lead.\r\n\r\n{FERRY_WORDS}\r\n{CODE}\r\n{FERRY_LINE}\r\n\r\nEnd.",
    "mail": f"Hi,\n\n> {FERRY_WORDS}\n> {CODE}\n> {FERRY_LINE}\n\nbye",
    "glued": f"{FERRY_WORDS}{CODE}{FERRY_LINE}",
    "retweet": f"RT @harbor_desk: {FLAT}",
    "hyphen": FLAT.replace("—", "-"),
    "hyphens": FLAT.replace("—", "--"),
    "name": FLAT.replace("—", "&mdash;"),
    "number": FLAT.replace("—", "&#8212;"),
    "hexadecimal": FLAT.replace("—", "&#x2014;"),
    "en dash": FLAT.replace("—", "&#8211;"),
    "mojibake": FLAT.replace("—", "â€”"),
    "lost": FLAT.replace("—", "\ufffd"),
    "without": FLAT.replace("— ", ""),
    "address": f"{FERRY_WORDS} https://t.co/Fr7kQ2LmZx {FERRY_LINE}",
    "truncated": f"{FERRY_WORDS[:50]}… {CODE} {FERRY_LINE}",
}


def written() -> Iterator[Variation]:
    """Return tweets in plain text and in Markdown, as mails, converters and people write them."""
    for name, text in _WRITTEN.items():
        yield Variation(f"text {name}", text, [FERRY_ID], (), "text")
        yield Variation(f"Markdown {name}", text, [FERRY_ID], (), "markdown")
        if "\n" not in text:
            for tag in ("p", "div", "blockquote") if name != "retweet" else ("p", "div"):
                element = f"<{tag}>{text}</{tag}>"
                yield Variation(f"{tag} {name}", element, [FERRY_ID])


_MARKS = [
    ("\u200e", ""),
    ("\u200f", ""),
    ("\u2067", "\u2069"),
    ("\u202b", "\u202c"),
    ("\u200b", ""),
]


def invisible() -> Iterator[Variation]:
    """Return tweets between marks that are not seen, as texts in Arabic and Hebrew have them."""
    words = f"{FERRY_WORDS} {PICTURE}"
    for number, (opens, closes) in enumerate(_MARKS):
        closing = f"{opens}{FERRY_LINE}{closes}"
        for name, article in {
            "paragraph": f"<p>{opens}{FLAT}{closes}</p>",
            "quotation": f"<blockquote>{opens}{FLAT}{closes}</blockquote>",
            "marked": f"{MARKED}<p>{opens}{words}{closes}</p>{FERRY_LINKED}</blockquote>",
            "split": f"<p>{opens}{words}{closes}</p><p>{closing}</p>",
            "address": f"<p>{opens}{FERRY}{closes}</p>",
            "link": f'<p>{opens}<a href="{FERRY}">{opens}{FERRY}{closes}</a>{closes}</p>',
        }.items():
            yield Variation(f"invisible {number} {name}", article, [FERRY_ID])
        text = f"{opens}{FERRY_WORDS} {CODE}\n{closing}"
        yield Variation(f"invisible {number} text", text, [FERRY_ID], (), "text")
        quotation = "> " + text.replace("\n", "\n> ")
        yield Variation(f"invisible {number} Markdown", quotation, [FERRY_ID], (), "markdown")


_DATES = """\
٥ مارس ٢٠٢٤|5 مارس، 2024|5 март 2024 г.|৫ মার্চ, ২০২৪|5 de març de 2024
5. března 2024|5. marts 2024|5. März 2024|5 Μαρτίου 2024|5 de marzo de 2024
۵ مارس ۲۰۲۴|5. maaliskuuta 2024|5 mars 2024|5 માર્ચ, 2024|5 במרץ 2024
5 मार्च 2024|5. ožujka 2024.|2024. március 5.|5 Maret 2024|5 marzo 2024
2024年3月5日|2024 年 3 月 5 日|ಮಾರ್ಚ್ 5, 2024|2024년 3월 5일|2024. gada 5. marts
5 मार्च, 2024|5 Mac 2024|5 maart 2024|5. mars 2024|5 marca 2024
5 de março de 2024|5 martie 2024|5 марта 2024 г.|5. marca 2024|5. март 2024.
5. mart 2024.|5 மார்ச், 2024|5 มีนาคม 2024|5 Mart 2024|5 березня 2024 р.
5 مارچ، 2024|5 tháng 3, 2024|Marso 5, 2024|5 آذار 2024|Mar 5, 2024|5 Mar 2024""".replace(
    "\n", "|"
).split("|")


def dates() -> Iterator[Variation]:
    """Return a tweet with its date in every language."""
    for date in _DATES:
        line = f"{FERRY_SIGNED} {date}"
        flat = f"<p>{FERRY_WORDS} {CODE} {line}</p><p>End</p>"
        yield Variation(f"date {date}", flat, [FERRY_ID], ["<p>End</p>"])
        stated = (
            f'{MARKED}<p>{FERRY_WORDS}</p>{FERRY_SIGNED} <a href="{FERRY}">{date}</a></blockquote>'
        )
        yield Variation(f"date {date} marked", stated, [FERRY_ID])
        lines = f"> {FERRY_WORDS} {CODE}\n>\n> {line}\n"
        yield Variation(f"date {date} Markdown", lines, [FERRY_ID], (), "markdown")


_SIGNED = ["— {}", "&#x200a;&mdash;&#x200a;{}", "&ndash; {}", "- {}", "—{}"]


def linked_handles() -> Iterator[Variation]:
    """Return quotations closed by a dash and the linked handle, as Medium exports have them."""
    link = f'<a href="{FERRY}">@harbor_desk</a>'
    for number, signed in enumerate(_SIGNED):
        closing, words = signed.format(link), f"{FERRY_WORDS} {PICTURE}"
        quotation = f"<blockquote><p>{words}</p><p>{closing}</p></blockquote>"
        yield Variation(f"handle {number}", quotation, [FERRY_ID])
        yield Variation(
            f"handle {number} line", f"<blockquote>{words}<br>{closing}</blockquote>", [FERRY_ID]
        )
        other = quotation.replace(words, "“We reopen,” the operator said.")
        yield Variation(f"handle {number} other words", other, whole=True)
        named = quotation.replace(">@harbor_desk", ">@lena_quay")
        yield Variation(f"handle {number} other handle", named, ..., [words.partition(" <a")[0]])
    undashed = f"<blockquote><p>“We reopen,” they said.</p><p>{link}</p></blockquote>"
    yield Variation("handle alone", undashed, whole=True)


_QUOTES = [("”", "”"), ("“", "”"), ("″", "″"), ('\\"', '\\"'), ("'", "'"), ('3D"', '"'), ("«", "»")]
_QUOTED = {
    "tweet": FERRY_QUOTED,
    "stub": f'{MARKED}<a href="{FERRY}"></a></blockquote>',
    "link": f'<p><a href="{FERRY}">{FERRY}</a></p>',
    "oembed": f'<figure class="media"><oembed url="{FERRY}"></oembed></figure>',
    "frame": f'<iframe src="https://platform.twitter.com/embed/Tweet.html?id={FERRY_ID}"></iframe>',
}


def quotes() -> Iterator[Variation]:
    """Return elements whose attributes lost their quotes, and those where nothing is a tweet."""
    for name, element in _QUOTED.items():
        for opening, closing in _QUOTES:
            values = re.split('"([^"]*)"', element)  # every other one stood in quotes
            values[1::2] = [f"{opening}{value}{closing}" for value in values[1::2]]
            odd = "".join(values)
            article = f"<p>Lead.</p>{odd}<p>End.</p>"
            keeps = ["<p>Lead.</p>", "<p>End.</p>"]
            yield Variation(f"quotes {opening} {name}", article, [FERRY_ID], keeps)
        upper = re.sub("<(/?[a-z]+)", lambda one: "<" + one[1].upper(), element)
        yield Variation(f"capitals {name}", upper, [FERRY_ID])
        yield Variation(f"twice {name}", f"{element}\n{element}", [FERRY_ID, FERRY_ID])
        feed = f"<item><content:encoded><![CDATA[{element}<p>x</p>]]></content:encoded></item>"
        yield Variation(f"feed {name}", feed, [FERRY_ID], ["<p>x</p>]]></content:encoded></item>"])
        for tag in ("pre", "textarea", "template"):
            yield Variation(f"{tag} {name}", f"<{tag}>{element}</{tag}>", whole=True)
        yield Variation(f"comment {name}", f"<p>a</p><!-- {element} -->", whole=True)
        fenced = f"# x\n\n```html\n{element}\n```\n"
        yield Variation(f"fence {name}", fenced, whole=True)
        yield Variation(f"indented {name}", f"# x\n\n    {element}\n\ny", whole=True)


_FORMATS = {
    "reference": (f"Lead &amp; more.\n\n{QUEUE}\n\nEnd.", ["Lead &amp; more."]),
    "number": (f"It&#8217;s over.\n\n{QUEUE}\n\nEnd.", ["It&#8217;s over."]),
    "page": (f"One.\n\n{QUEUE}\n\n<!--nextpage-->\n\nTwo.", ["<!--nextpage-->"]),
    "TOML": (f'+++\ntitle = "x"\n+++\n\nLead.\n\n{QUEUE}\n', ['+++\ntitle = "x"\n+++\n']),
    "YAML": (f"---\ntitle: x\n...\n\nLead.\n\n{QUEUE}\n", ["---\ntitle: x\n...\n"]),
    "BOM": (f"\ufeff---\ntitle: x\n---\n\nLead.\n\n{QUEUE}\n", ["---\ntitle: x\n---\n"]),
    "CRLF": (
        f"---\r\ntitle: x\r\n---\r\n\r\n<p>Intro</p>\r\n\r\n{QUEUE}\r\n",
        ["---\r\ntitle: x\r\n---\r\n"],
    ),
    "code": (f"Use `<p>` here.\n\n{QUEUE}\n\n## Heading\n", ["Use `<p>` here.", "\n## Heading"]),
    "delimiters": (f"<!-- wp:paragraph -->\n\n{QUEUE}\n\n<!-- /wp:paragraph -->", ["<!--"]),
    "page's": (f"<!DOCTYPE html>\n<html><body><p>{QUEUE}</p></body></html>", ["<!DOCTYPE html>"]),
    "indented HTML": (
        f"    <div>\n\n    <p>[a](b)</p>\n\n    <p>{QUEUE}</p>\n    </div>",
        ["    <p>[a](b)</p>"],
    ),
}


def formats() -> Iterator[Variation]:
    """Return articles whose format has to be told."""
    for name, (text, keeps) in _FORMATS.items():
        yield Variation(f"format {name}", text, [QUEUE_ID], keeps, loses=["&amp;amp;", "&lt;!--"])
    for name, fence in {"~~~": "~~~\n{}\n~~~", "deep": "- x\n\n  ```\n  {}\n  ```"}.items():
        text = f"A line<br>b\n\n{fence.format(FERRY)}\n\nend"
        yield Variation(f"format fence {name}", text, whole=True)


_PIECES = """https&#58;//t.co/News12abCd|https:&#47;&#47;t.co/News12abCd|https://<wbr>t.co/<wbr>News12abCd
https://t.co/&shy;News12abCd|https://t.co/&#8203;News12abCd|https://<!-- x -->t.co/News12abCd
<span>https://</span>t.co/News12abCd|<span>https://</span><span>t.co/</span><span>News12abCd</span>
https://t.co/News12<em>abCd</em>|https://<mark>t.co</mark>/News12abCd|&#104;ttps://t.co/News12abCd
https&amp;#58;//t.co/News12abCd|https:&amp;#x2F;&amp;#x2F;t.co/News12abCd
https&amp;colon;//t.co/News12abCd|https:&amp;#47;&amp;#47;t.co/News12abCd
https://t.co/<br>News12abCd|<b>see https://t.co/</b>News12abCd
https://t.co/New<b>s12abCd now</b>|<a href="https://t.co/News12abCd">https://t.co/</a>News12abCd
https://t.co/News12abCd<sup>1</sup>|https://t.co/<img src="x.png">News12abCd"""
_HALVES = [
    "https://https",
    "https:https",
    "58;https",
    "<wbr>https",
    "47;https",
    "x2F;https",
    "colon;https",
    "/https://news",
]


def pieces() -> Iterator[Variation]:
    """Return addresses that are cut: replaced as a whole, or left alone."""
    for cut in _PIECES.replace("\n", "|").split("|"):
        keeps = ["See ", " today."]
        yield Variation(f"piece {cut}", f"<p>See {cut} today.</p>", (), keeps, loses=_HALVES)
        text = f"See {cut} today.\n\n## x"
        yield Variation(f"piece {cut} Markdown", text, (), keeps, "markdown", loses=_HALVES)
        if "<a" not in cut:
            link = f'<p>See <a href="{SHORT}">{cut}</a> today.</p>'
            yield Variation(f"piece {cut} link", link, (), keeps, loses=_HALVES)
