"""What stands between a tweet's words and its line and is no part of it: pictures, frames, places
of advertisements. It comes back beside the tweet; and a tweet that ends in dots of its author's.
"""

from collections.abc import Iterator

from case_book import Case
from reported_articles import reported
from standin_x import StandIn
from varied_parts import CODE, FERRY_ID, FERRY_LINE, FERRY_LINKED, FERRY_WORDS, MARKED, PICTURE

_BEFORE, _BEHIND = "<p>Before.</p>", "<p>After.</p>"
_SEEN = {
    "picture": '<img src="/wp-content/uploads/quay.jpg" alt="The quay" width="600">',
    "picture without words": '<img src="/q.jpg">',
    "frame": '<iframe src="https://www.youtube.com/embed/abc"></iframe>',
    "video": '<video controls><source src="/a.mp4"></video>',
    "sources": '<picture><source srcset="/a.webp"><img src="/a.jpg" alt="a"></picture>',
    "drawing": '<svg viewBox="0 0 1 1"><path d="M0 0"/></svg>',
    "code": "<code>make all</code>",
    "AMP's": '<amp-img src="/a.jpg" width="1" height="1"></amp-img>',
}
_SLOTS = {
    "slot": '<div class="ad-slot"></div>',
    "slot with id": '<div id="div-gpt-ad-1"></div>',
    "slot in slot": '<div class="ad"><div id="gpt-2"></div></div>',
    "section": '<section data-ad="1"></section>',
    "AMP's slot": '<amp-ad width="1" height="1" type="x"></amp-ad>',
}
_HALF = FERRY_WORDS.index(" on Monday")
_WORDS = FERRY_WORDS[:_HALF], FERRY_WORDS[_HALF:]
_IN_WORDS = {
    "paragraph": f"<p>{_WORDS[0]} {{}}{_WORDS[1]} {CODE} {FERRY_LINE}</p>",
    "lines": f"<p>{FERRY_WORDS} {CODE} {{}}<br>{FERRY_LINE}</p>",
    "quotation": f"<blockquote><p>{FERRY_WORDS} {PICTURE}{{}}</p>{FERRY_LINKED}</blockquote>",
    "marked": (
        f'{MARKED}<p lang="en" dir="ltr">{FERRY_WORDS} {PICTURE} {{}}</p>{FERRY_LINKED}'
        "</blockquote>"
    ),
}
_BETWEEN = {
    "paragraphs": f"<p>{FERRY_WORDS} {CODE}</p>{{}}<p>{FERRY_LINE}</p>",
    "linked": f"<p>{FERRY_WORDS} {PICTURE}</p>\n{{}}\n{FERRY_LINKED}",
    "quoted": f"<blockquote><p>{FERRY_WORDS} {PICTURE}</p>{{}}<p>{FERRY_LINKED}</p></blockquote>",
    "marked": (
        f'{MARKED}<p lang="en" dir="ltr">{FERRY_WORDS} {PICTURE}</p>{{}}{FERRY_LINKED}</blockquote>'
    ),
}


def between_words() -> Iterator[Case]:
    """Return what is seen between words, and places of advertisements between elements."""
    for shapes, parts in ((_IN_WORDS, _SEEN), (_BETWEEN, _SLOTS)):
        for where, shape in shapes.items():
            for name, part in parts.items():
                article = f"{_BEFORE}{shape.replace('{}', part)}{_BEHIND}"
                apart = where in {"paragraphs", "linked"} and name not in {"slot", "slot with id"}
                unproved = [FERRY_ID, "kept"] if where == "linked" else [None, "unidentified"]
                state = unproved if apart else [FERRY_ID, "embedded"]
                yield reported(
                    f"{name} in {where}",
                    article,
                    keeps=(_BEFORE, _BEHIND),
                    once=(FERRY_WORDS, part),
                    embeds=[state],
                )


_OF_X = {
    "X's picture": '<img src="https://pbs.twimg.com/media/abc.jpg">',
    "X's emoji": '<img class="emoji" src="https://abs.twimg.com/emoji/v2/72x72/1f600.png">',
}


def pictures_of_tweets() -> Iterator[Case]:
    """Return pictures that are the tweet's: they go with it."""
    for where, shape in _IN_WORDS.items():
        for name, part in _OF_X.items():
            article = f"{_BEFORE}{shape.replace('{}', part)}{_BEHIND}"
            yield reported(
                f"{name} in {where}", article, FERRY_ID, keeps=(_BEFORE, _BEHIND), absent=[part]
            )


_STATED = f"https://twitter.com/harbor_desk/status/{FERRY_ID}"
_EMBEDS = {
    "view": f'<div data-wpview-text="{_STATED}"></div>',
    "embed": f'<embed embedtype="media" url="{_STATED}">',
    "frame": f'<div><iframe data-tweet-id="{FERRY_ID}"></iframe></div>',
}


def of_the_tweet() -> Iterator[Case]:
    """Return what embeds the tweet, or holds its words: it does not stand there twice."""
    for name, part in _EMBEDS.items():
        article = f"{_BEFORE}{MARKED}{part}</blockquote>{_BEHIND}"
        keeps = (_BEFORE, _BEHIND)
        yield reported(f"{name} in a quotation", article, FERRY_ID, keeps=keeps, absent=[part])
    for tag in ("video", "audio"):
        words = f'<p id="art1">{FERRY_WORDS} {CODE} {FERRY_LINE}</p>'
        article = f"{_BEFORE}<{tag}>{words}</{tag}>{_BEHIND}"
        stay = (f"<{tag}>", f"</{tag}>", 'id="art1"')
        yield reported(f"in a {tag}", article, FERRY_ID, keeps=stay, once=(FERRY_WORDS,))


_DOTS_ID = "1765000000000000007"
_DOTS_WORDS = "They never stop running, not even at 5:30 in the morning..."
_DOTS_CODE = "pic.twitter.com/Unseen0701"
_DOTS = f"{_DOTS_WORDS} {_DOTS_CODE}"
_DOTS_LINE = "— Pier News (@pier_news) March 5, 2024"
_DOTS_URL = f"https://twitter.com/pier_news/status/{_DOTS_ID}"
_DOTS_LINKED = f'— Pier News (@pier_news) <a href="{_DOTS_URL}">March 5, 2024</a>'
_CUT_ID = "1765000000000000009"
_CUT = "A long post that X shows the beginning of, about the harbour and its boats and"
_REST = "the people on them, who sing."
_CUT_URL = f"https://twitter.com/i/web/status/{_CUT_ID}"


def dots() -> Iterator[Case]:
    """Return tweets that end in an author's dots: what stands behind is no rest of them."""
    for name, article in {
        "advertisement": f"<p>{_DOTS}</p><p>Advertisement</p><p>{_DOTS_LINE}</p>",
        "marked": f"{MARKED}<p>{_DOTS}</p><p>They wait in vain.</p>{_DOTS_LINKED}</blockquote>",
        "quotes": f"<p>“{_DOTS}” {_DOTS_LINE}</p>",
        "words": f"<p>{_DOTS_WORDS} So they say. {_DOTS_CODE} {_DOTS_LINE}</p>",
    }.items():
        kept = f"{_BEFORE}{article}{_BEHIND}"
        states = ([[_DOTS_ID, "kept"]], [[None, "unidentified"]])
        yield Case(
            f"dots before {name}",
            kept,
            "html",
            {"links": "keep"},
            {"unchanged": True, "any_of": [{"embeds": one} for one in states]},
        )
    for name, article in {
        "alone": f"<p>{_DOTS} {_DOTS_LINE}</p>",
        "typographic": f"<p>{_DOTS.replace('...', '…')} {_DOTS_LINE}</p>",
        "split": f"<p>{_DOTS}</p><p>{_DOTS_LINE}</p>",
    }.items():
        yield reported(f"dots {name}", f"{_BEFORE}{article}{_BEHIND}", _DOTS_ID)
    line = f'— Long E (@long_e) <a href="{_CUT_URL}">March 5, 2024</a>'
    whole = f"<p>{_CUT} {_REST} {line}</p>"
    yield reported("dots of X", f"{_BEFORE}{whole}{_BEHIND}", _CUT_ID, absent=[_REST])


def teach_leftovers(x: StandIn) -> None:
    """Let X know the tweets that end in dots."""
    picture = f'<a href="https://t.co/Unseen0701">{_DOTS_CODE}</a>'
    x.tweet(_DOTS_ID, "pier_news", "Pier News", f"{_DOTS_WORDS} {picture}", date="March 5, 2024")
    x.code("Unseen0701", f"{_DOTS_URL}/photo/1")
    link = '<a href="https://t.co/Unseen0702">https://t.co/Unseen0702</a>'
    x.tweet(_CUT_ID, "long_e", "Long E", f"{_CUT}… {link}", date="March 5, 2024")
    x.code("Unseen0702", _CUT_URL)


LEFTOVERS = [*between_words(), *pictures_of_tweets(), *of_the_tweet(), *dots()]
