"""Articles in many languages, by authors of odd names, from many systems, each kind in words of our
own: what converters, newsletters, mail and word processors make of a tweet.
"""

from collections.abc import Iterator

from case_book import Case
from reported_articles import reported
from unseen_tweets import LANGUAGES, NAMES, Written
from varied_parts import (
    CODE,
    FERRY,
    FERRY_ID,
    FERRY_LINE,
    FERRY_LINKED,
    FERRY_WORDS,
    MARKED,
    PICTURE,
    QUEUE,
    QUEUE_ID,
    QUEUE_QUOTED,
    QUEUE_WORDS,
    SCRIPT,
)

_BEFORE, _BEHIND = "<p>Before.</p>", "<p>After.</p>"
_ROUND = (_BEFORE, _BEHIND)


def _between(inside: str) -> str:
    return f"{_BEFORE}{inside}{_BEHIND}"


# --- languages and names ---


def _lines(one: Written) -> Iterator[tuple[str, str]]:
    """Return how an attribution is written, with its name."""
    name, handle, date = one.name.replace("&", "&amp;"), one.handle, one.date
    yield "wide brackets", f"— {name}（@{handle}）{date}"
    yield "wide at", f"— {name} (＠{handle}) {date}"
    yield "two dashes", f"—— {name} (@{handle}) {date}"
    yield "marks", f"— {name} \u200f(@{handle}\u200e)\u200f {date}"
    yield "isolates", f"— \u2068{name}\u2069 (\u2066@{handle}\u2069) \u2068{date}\u2069"
    yield "time", f"— {name} (@{handle}) {date} 14:05"


def languages_and_names() -> Iterator[Case]:
    """Return a tweet of every language, and of every name, in several shapes."""
    for one in (*LANGUAGES, *NAMES):
        words = one.words
        for told, line in _lines(one) if one in LANGUAGES else ():
            article = _between(f"<p>{words} {one.code} {line}</p>")
            yield reported(f"{one.handle} {told}", article, one.id, keeps=_ROUND, once=(words,))
        name = one.name.replace("&", "&amp;")
        signed, both = f"— {name} (@{one.handle}) {one.date}", f"{words} {one.code}"
        marked = f'<p lang="{one.lang}" dir="{one.dir}">{words} {one.picture}</p>{one.linked}'
        for told, shape in (
            ("alone", f"<p>{both} {signed}</p>"),
            ("split", f"<p>{both}</p><p>{signed}</p>"),
            ("quoted", f"<blockquote>{both}<br>{signed}</blockquote>"),
            ("linked", f"<blockquote><p>{words} {one.picture}</p>{one.linked}</blockquote>"),
            ("marked", f"{MARKED}{marked}</blockquote>"),
            ("item", f"<ul><li>{both} {signed}</li></ul>"),
        ):
            found = _between(shape)
            yield reported(f"{one.handle} {told}", found, one.id, keeps=_ROUND, once=(words,))
        lead = _between(f"<p>Lead.<br>{both}<br>{signed}<br>Tail.</p>")
        stays = (*_ROUND, "Lead.", "Tail.")
        yield reported(f"{one.handle} lines", lead, one.id, keeps=stays, once=(words,))
        text = f"Lead.\n\n{both}\n{one.signed}\n\nEnd."
        yield reported(f"{one.handle} text", text, one.id, form="text", once=(words,))
        linked = f"— {one.name} (@{one.handle}) [{one.date}]({one.url})"
        quote = f"Lead *x*.\n\n> {both}\n>\n> {linked}\n"
        yield reported(f"{one.handle} Markdown", quote, one.id, form="markdown", once=(words,))
        quoted = _between(f"<p>“{both}” {signed}</p>")  # the quoter's marks are no part of it
        none = [[None, "unidentified"]]
        yield reported(f"{one.handle} in quotes", quoted, unchanged=True, embeds=none)


# --- systems ---

_FLAT = f"{FERRY_WORDS} {CODE} {FERRY_LINE}"
_FRAMES = {
    "Drupal": '<article class="media">\n<div class="field__item">{}</div></article>',
    "Ghost": "<!--kg-card-begin: html-->{}<!--kg-card-end: html-->",
    "Blogger": '<div class="separator" style="clear: both;">{}</div><br />',
    "Squarespace": '<div class="sqs-block-embed" data-block-type="22"><div>{}</div></div>',
    "Arc": '<div class="c-embed"><div class="embed-twitter"><div>{}</div></div></div>',
    "Brightspot": f'<div class="TwitterEmbed" data-tweet-id="{QUEUE_ID}">{{}}</div>',
    "BLOX": '<div class="inline-asset layout-full"><div class="tnt-embed">{}</div></div>',
    "advertisements": '<div class="ad ad-1"></div>{}<div class="ad ad-2"></div>',
    "Guardian": f'<figure class="element-tweet" data-canonical-url="{QUEUE}"> {{}} </figure>',
    "frame with id": '<div class="c-float-left"><div id="abc123">\n{}\n</div></div>',
    "live blog": "<article><time>10:05</time><h3>Update</h3>{}<p>Text.</p></article>",
    "columns": '<div class="row"><div class="col">{}</div><div class="col">b</div></div>',
    "newsletter": "<!--[if mso]><table><tr><td><![endif]-->{}<!--[if mso]></table><![endif]-->",
    "atom": '<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">{}</div></content>',
    "Divi": '[et_pb_text admin_label="Text"]{}[/et_pb_text]',
    "Handlebars": "{{#each posts}}{}{{/each}}",
    "free-form block": "<!-- wp:freeform -->\n{}\n<!-- /wp:freeform -->",
}


def systems() -> Iterator[Case]:
    """Return a tweet in what systems put around it: all of that stays."""
    for name, frame in _FRAMES.items():
        before, _, behind = frame.partition("{}")
        article = _between(f"{before}{QUEUE_QUOTED}{SCRIPT}{behind}")
        keeps = (f"{_BEFORE}{before}", f"{SCRIPT}{behind}{_BEHIND}")
        yield reported(f"in {name}", article, QUEUE_ID, keeps=keeps, once=(QUEUE_WORDS,))


_PASTED = {
    "Google Docs": '<p class="c0"><span class="c1">{flat}</span></p>',
    "Docs in spans": (
        f"<p><span>{FERRY_WORDS} </span><span>{PICTURE}</span><span>&nbsp;— Harbor Desk "
        f'(@harbor_desk) </span><span><a href="{FERRY}">March 5, 2024</a></span></p>'
    ),
    "Word": '<p class="MsoNormal"><span lang="EN-US">{flat}<o:p></o:p></span></p>',
    "hard spaces": "<p>{hard}</p>",
    "drop cap": f'<p><span class="dropcap">T</span>{FERRY_WORDS[1:]} {CODE} {FERRY_LINE}</p>',
    "bidi": (
        f"<p>{FERRY_WORDS} {CODE} — <bdi>Harbor Desk</bdi> (<bdi>@harbor_desk</bdi>) March 5, 2024"
        "</p>"
    ),
    "time element": (
        f"<p>{FERRY_WORDS} {CODE} — Harbor Desk (@harbor_desk) "
        '<time datetime="2024-03-05">March 5, 2024</time></p>'
    ),
    "profile link": (
        f'<p>{FERRY_WORDS} {CODE} — <a href="https://twitter.com/harbor_desk">Harbor Desk</a> '
        "(@harbor_desk) March 5, 2024</p>"
    ),
    "readability": (
        f"<blockquote><p>{FERRY_WORDS} {PICTURE}</p><p>— Harbor Desk (@harbor_desk) "
        f'<a href="{FERRY}">March 5, 2024</a></p></blockquote>'
    ),
    "trafilatura": f"<quote>{FERRY_WORDS} {CODE}{FERRY_LINE}</quote>",
    "archived": (
        f'{MARKED}<p>{FERRY_WORDS} <a href="https://web.archive.org/web/2024/https://t.co/'
        f'Fr7kQ2LmZx">{CODE}</a></p>— Harbor Desk (@harbor_desk) <a href="https://web.archive.org/web'
        f'/2024/{FERRY}">March 5, 2024</a></blockquote>'
    ),
    "picture figure": (
        f"<figure><blockquote><p>{FERRY_WORDS} {PICTURE}</p></blockquote><figcaption>{FERRY_LINKED}"
        "</figcaption></figure>"
    ),
}
_MARKDOWN = {
    "pandoc": f"""\
> {FERRY_WORDS[:42]}
> {FERRY_WORDS[43:]}
> [{CODE}](https://t.co/Fr7kQ2LmZx)
>
> --- Harbor Desk (\\@harbor_desk) [March 5, 2024]({FERRY})""",
    "turndown": f"""\
> {FERRY_WORDS} [{CODE}](https://t.co/Fr7kQ2LmZx)
>\x20
> — Harbor Desk (@harbor\\_desk) [March 5, 2024]({FERRY})""",
    "html2text": f"""\
> {FERRY_WORDS} [{CODE}](https://t.co/Fr7kQ2LmZx)
>
> -- Harbor Desk (@harbor_desk) [March 5,
> 2024](<{FERRY}?ref_src=twsrc%5Etfw>)""",
    "references": f"""\
> {FERRY_WORDS} [{CODE}][1]
>
> — Harbor Desk (@harbor_desk) [March 5, 2024][2]

   [1]: https://t.co/Fr7kQ2LmZx
   [2]: {FERRY}""",
    "Reddit": f"> {FERRY_WORDS} {CODE}\n\n\\- {FERRY_LINE[2:]}",
    "hard breaks": f"{FERRY_WORDS}  \n{CODE}  \n{FERRY_LINE}",
}
_TEXTS = {
    "pandoc": f"  {FERRY_WORDS[:42]}\n  {FERRY_WORDS[43:]}\n  {CODE}\n\n  {FERRY_LINE}",
    "newspaper3k": f"{_FLAT}\n\nAdvertisement",
    "w3m": f"{_FLAT}[1]",
    "page": f"{FERRY_WORDS}\n{CODE}\n— Harbor Desk (@harbor_desk) March 5,\n2024",
    "form feed": f"x\f{FERRY_WORDS}\n{CODE}\n{FERRY_LINE}\fx",
    "soft hyphen": f"The fer\u00ad\n{FERRY_WORDS[7:]} {CODE} {FERRY_LINE}",
    "bullets": f"• {_FLAT}\n• Another point",
}


def pasted() -> Iterator[Case]:
    """Return what editors and converters make of a tweet."""
    for name, shape in _PASTED.items():
        article = shape.replace("{flat}", _FLAT).replace("{hard}", _FLAT.replace(" ", "&nbsp;"))
        yield reported(f"pasted {name}", _between(article), FERRY_ID, keeps=_ROUND)
    for form, texts in (("markdown", _MARKDOWN), ("text", _TEXTS)):
        for name, text in texts.items():
            article, keeps = f"Lead *x*.\n\n{text}\n\nEnd.\n", ("Lead *x*.", "End.")
            yield reported(f"{form} {name}", article, FERRY_ID, form=form, keeps=keeps)


UNSEEN = [*languages_and_names(), *systems(), *pasted()]
