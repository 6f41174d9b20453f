"""Tweets whose lines became elements, the date one of its own; embeds whose theme sets the
attribution above the words; and the page behind a permalink, written out.
"""

from collections.abc import Iterator

from case_book import Case
from reported_articles import reported
from varied_parts import (
    CODE,
    FERRY,
    FERRY_ID,
    FERRY_LINKED,
    FERRY_SIGNED,
    FERRY_WORDS,
    GONE_ID,
    GONE_LINKED,
    MARKED,
    PICTURE,
    QUEUE,
    QUEUE_ID,
    QUEUE_LINKED,
)

_BEFORE, _BEHIND = "<p>Before.</p>", "<p>After.</p>"
_ROUND = (_BEFORE, _BEHIND)
_DATE = "March 5, 2024"
_FULL_WIDTH = FERRY_SIGNED.translate({ord("("): "（", ord(")"): "）"})
_LINKED = f'<a href="{FERRY}">{_DATE}</a>'
_TWEETS = {
    "words": (f"{FERRY_WORDS} {CODE}", FERRY_SIGNED, _DATE),
    "picture alone": (FERRY_WORDS, CODE, FERRY_SIGNED, _DATE),
    "picture linked": (FERRY_WORDS, PICTURE, FERRY_SIGNED, _DATE),
    "date linked": (FERRY_WORDS, FERRY_SIGNED, _LINKED),
    "full-width brackets": (f"{FERRY_WORDS} {CODE}", _FULL_WIDTH, _DATE),
    "words and name": (f"{FERRY_WORDS} {CODE} {FERRY_SIGNED}", _DATE),
}
_ELEMENTS = {
    "p": ("<p>{}</p>", ""),
    "p on lines": ("<p>{}</p>", "\n"),
    "p with class": ('<p class="MsoNormal"><span lang="DE">{}</span></p>', "\r\n"),
    "quotation": ("<p>{}</p>", "\n"),
    "div": ("<div>{}</div>", ""),
    "block": ("<!-- wp:paragraph -->\n<p>{}</p>\n<!-- /wp:paragraph -->", "\n\n"),
}
_AT_ONE = {"div", "block"}
"""Where no embed can take the place of a part of two elements."""


def parted_lines() -> Iterator[Case]:
    """Return tweets of which each line became an element."""
    for where, (element, gap) in _ELEMENTS.items():
        for name, lines in _TWEETS.items():
            tweet = gap.join(map(element.format, lines))
            if where == "quotation":
                tweet = f"<blockquote>{tweet}</blockquote>"
            article = f"{_BEFORE}{tweet}{_BEHIND}"
            told = f"lines in {where}: {name}"
            if where in _AT_ONE and name == "words and name":
                kept = [[FERRY_ID, "kept"]]
                yield reported(told, article, unchanged=True, embeds=kept)
            else:
                yield reported(told, article, FERRY_ID, keeps=_ROUND, once=(FERRY_WORDS, _DATE))
    for name, lines in _TWEETS.items():
        if "linked" not in name:
            text = "\n\n".join(("Lead *x*.", *lines, "End.\n"))
            keeps = ("Lead *x*.\n\n", "\n\nEnd.\n")
            once = (FERRY_WORDS, _DATE)
            told = f"lines in Markdown: {name}"
            yield reported(told, text, FERRY_ID, form="markdown", keeps=keeps, once=once)
    tweet = f"<p>{FERRY_WORDS} {CODE}</p><p>{FERRY_SIGNED}</p>"
    lead = f"<p>A lead of ours.<br>{FERRY_WORDS} {CODE} {FERRY_SIGNED}</p><p>{_DATE}</p>"
    leads = ("<p>A lead of ours.",)
    yield reported("lines behind others", lead, FERRY_ID, keeps=leads, once=(_DATE,))
    for name, behind in {
        "prose": f"<p>{_DATE}, was a Tuesday.</p>",
        "heading": f"<h3>{_DATE}</h3>",
        "picture between": f'<p><img src="a.jpg"></p><p>{_DATE}</p>',
        "words between": f"<p>Photo.</p><p>{_DATE}</p>",
        "elsewhere": f"<div><p>{_DATE}</p></div>",
    }.items():
        yield reported(f"lines without a date: {name}", tweet + behind, keeps=(behind,))
    byline = f"<p>By Lena Quay (@lena_quay)</p><p>{_DATE}</p><p>Text of the article.</p>"
    yield reported("lines of a byline", byline, unchanged=True)
    first = f"\n\n<p>{FERRY_SIGNED}</p><p>{_DATE}</p><p>Text of the article.</p>"
    yield reported("lines without words", first, unchanged=True)
    other = f"<p>{FERRY_WORDS} {CODE}</p><p>— Lena Quay (@lena_quay)</p><p>{_DATE}</p>"
    told = "lines of another author"
    yield reported(told, other, embeds=[[None, "unidentified"]], forbid_ids=[FERRY_ID])


_WORDS = f'<p lang="en" dir="ltr">{FERRY_WORDS} {PICTURE}</p>'
_HEAD = f'Harbor Desk (@harbor_desk) <a href="{FERRY}">{_DATE}</a>'


def turned() -> Iterator[Case]:
    """Return embeds whose attribution stands above their words."""
    quotes = f'<p lang="en" dir="ltr">What a promise <a href="{QUEUE}">x.com/lena_quay/st…</a></p>'
    for name, inside in {
        "bare": FERRY_LINKED + _WORDS,
        "p": f"<p>{FERRY_LINKED}</p>{_WORDS}",
        "header": f"<header>{_HEAD}</header>\n{_WORDS}",
        "div": f'<div class="author"><b>{_HEAD}</b></div>{_WORDS}',
        "dot": f"<p>Harbor Desk (@harbor_desk) · {_LINKED}</p>{_WORDS}",
        "edited": f"{FERRY_LINKED}{quotes}",
        "with its link below": f'{FERRY_LINKED}{_WORDS}<p><a href="{FERRY}">View on X</a></p>',
    }.items():
        article = f"{_BEFORE}{MARKED}{inside}</blockquote>{_BEHIND}"
        once = ("(@harbor_desk)",)
        told = f"attribution above: {name}"
        yield reported(told, article, FERRY_ID, keeps=_ROUND, once=once, forbid_ids=[QUEUE_ID])
    gone = f'{MARKED}{GONE_LINKED}<p lang="en" dir="ltr">I was never here</p></blockquote>'
    states = [[GONE_ID, "gone"]]
    words = ("I was never here",)
    yield reported("attribution above: gone", _BEFORE + gone, keeps=words, embeds=states)
    for name, inside in {
        "note": f"{FERRY_LINKED}{_WORDS}<p>A note of ours.</p>",
        "note between": f"{FERRY_LINKED}<p>A note of ours.</p>{_WORDS}",
        "picture": f'{FERRY_LINKED}<p lang="en" dir="ltr">A note of ours. <img src="a.jpg"></p>',
        "no words of X's": f"{FERRY_LINKED}<p>A note of ours.</p>",
    }.items():
        article = f"{_BEFORE}{MARKED}{inside}</blockquote>{_BEHIND}"
        kept = [[FERRY_ID, "kept"]]
        told = f"attribution above: {name}"
        yield reported(told, article, embeds=kept, keeps=(*_ROUND, "A note of ours."))
    two = f"{_BEFORE}{MARKED}{QUEUE_LINKED}{_WORDS}{FERRY_LINKED}</blockquote>"
    states = [[QUEUE_ID, "kept"], [FERRY_ID, "embedded"]]
    yield reported("attribution above: two", two, embeds=states)


_PAGES = {
    "query": "https://news.example/?p=12&page=2",
    "commas": "https://news.example/a,12,b.html",
    "umlauts": "https://zeitung.example/fähre-fährt-wieder/",
    "Cyrillic": "https://газета.example/паром-снова-ходит",
    "Arabic": "https://news.example/2024/03/عودة-العبارة/",
    "fragment": "https://news.example/live?id=7#latest",
}


def named_pages() -> Iterator[Case]:
    """Return permalinks alone in their paragraphs with the page that X's script adds."""
    for name, page in _PAGES.items():
        address = f"{FERRY}?ref_src=twsrc%5Etfw&ref_url={page}"
        written = address.replace("&", "&amp;")
        article = f"{_BEFORE}<p>{written}</p>{_BEHIND}"
        absent = ["ref_url"]
        yield reported(f"page {name}", article, FERRY_ID, keeps=_ROUND, absent=absent)
        text = f"Before.\n\n{address}\n\nAfter.\n"
        yield reported(f"page {name} in text", text, FERRY_ID, form="text", absent=absent)
        said = f"{_BEFORE}<p>{written}, they say.</p><p>See {written}.</p>"
        yield reported(f"page {name} in words", said, unchanged=True)


LINES = [*parted_lines(), *turned(), *named_pages()]
