"""The parts that articles are made of, by what goes wrong with them.

`lost`: what is the article's stands inside a tweet's element. `wrong`: another tweet's address
stands nearer than its own. `pieces`: an address is cut by tags, references and marks. `linked`: a
link to a tweet has words of its own.
"""

import html
import re
from dataclasses import replace

from made_articles import ABSENT, EITHER, GLUE, SHORT, SHOWN, Known, Maker, Part, joined, left

_INLINE = "span strong b em i u font".split()
_MARKS = ["\u200b", "\u200e", "\u200f", "\u202a", "\ufeff", "\u2060"]
_TAGS = r"(?:</?(?:b|i|em|strong|span|wbr|a)\b[^<>]*>|<!--[^<>]*-->|[\u200b\u2060\u00ad])*"


# --- what is no tweet's at all ---


def paragraph(make: Maker) -> Part:
    """Make a paragraph of the article."""
    word = make.word()
    source = make.pick(
        [
            f"<p>The {word} &amp; others spoke.</p>",
            f"<h2>{word}</h2>",
            f'<p class="lead">"{word}" &mdash; so they said</p>',
            f"<blockquote><p>{word}, they said.</p></blockquote>",
            f'<figure><img src="/{word}.jpg" alt=""><figcaption>A pier</figcaption></figure>',
            f"<ul>\n<li>{word}</li>\n<li>more</li>\n</ul>",
        ]
    )
    return Part("paragraph", source, re.escape(source))


# --- 1: the article's own text inside a tweet's element ---


def marked_element(make: Maker) -> Part:
    """Make a marked element that holds more than its tweet."""
    tweet = make.tweet([*SHOWN, *ABSENT])
    before, after = make.extras(1), make.extras(3)
    opening, closing = make.pick(
        [
            ('<blockquote class="twitter-tweet">', "</blockquote>"),
            (
                '<blockquote class="twitter-tweet" data-lang="en" data-theme="dark">',
                "</blockquote>",
            ),
            ('<blockquote class="twitter-video">', "</blockquote>"),
            ('<blockquote class="x twitter-tweet y">\n', "\n</blockquote>"),
            ('<div class="twitter-tweet">', "</div>"),
        ]
    )
    attributes = make.pick(["", f' lang="{tweet.lang}" dir="{tweet.dir}"'])
    own = f"<p{attributes}>{tweet.html}</p>{make.closing(tweet)}"
    return _around(make, "marked", tweet, before, (opening, own, closing), after)


def edited(make: Maker) -> Part:
    """Make an embed whose words its author changed since; X's attributes say which they are."""
    tweet = make.tweet()
    first = joined(make.extras(1))
    attributes = make.pick(["", f' lang="{tweet.lang}" dir="{tweet.dir}"'])
    own = f"<p{attributes}>Not what it says now</p>{make.closing(tweet)}"
    source = f'<blockquote class="twitter-tweet">{first[0]}{own}</blockquote>'
    result = f"{GLUE}{first[1]}{GLUE}{make.shown(tweet)}{GLUE}"
    if not attributes:
        opening = re.escape('<blockquote class="twitter-tweet">')
        result = f"(?:{result}|{opening}{first[1]}{re.escape(own)}</blockquote>)"
    return Part("edited", source, result, tweet, must=bool(attributes))


def wrapped(make: Maker) -> Part:
    """Make an element around a tweet's blockquote that holds something else beside it."""
    tweet = make.tweet()
    address = f"https://twitter.com/{tweet.handle}/status/{tweet.id}"
    opening, closing = make.pick(
        [
            ('<div class="twitter-tweet">', "</div>"),
            (f'<div data-oembed-url="{address}">', "</div>"),
            (f'<div class="ephox-summary-card" data-ephox-embed-iri="{address}">', "</div>"),
            ('<figure class="kg-card kg-embed-card">', "</figure>"),
            ('<figure class="op-social">', "</figure>"),
        ]
    )
    inside = f"<p>{tweet.html}</p>{make.closing(tweet)}"
    own = f'<blockquote class="twitter-tweet">{inside}</blockquote>'
    return _around(make, "wrapped", tweet, make.extras(1), (opening, own, closing), make.extras(2))


def _around(
    make: Maker,
    kind: str,
    tweet: Known,
    before: list[tuple[str, str]],
    tags: tuple[str, str, str],
    after: list[tuple[str, str]],
) -> Part:
    opening, own, closing = tags
    first, last = joined(before), joined(after)
    source = opening + first[0] + own + last[0] + closing
    words = re.escape(own)
    result = f"{GLUE}{first[1]}{GLUE}{make.shown(tweet, words)}{GLUE}{last[1]}{GLUE}"
    if tweet.absent:  # X tells no words any more: where the article does not either, all is left
        whole = f"{re.escape(opening)}{first[1]}{words}{last[1]}{re.escape(closing)}"
        result = f"(?:{result}|{whole})"
    return Part(kind, source, result, tweet, not tweet.absent)


def unmarked(make: Maker) -> Part:
    """Make a blockquote that lost its class, with words of the article before the tweet's."""
    tweet = make.tweet()
    first = joined(make.extras(1))
    own = f"<p>{tweet.html}</p>{make.closing(tweet)}"
    source = f"<blockquote>{first[0]}{own}</blockquote>"
    whole = f"<blockquote>{first[1]}{re.escape(own)}</blockquote>"
    result = f"(?:{GLUE}{first[1]}{GLUE}{make.shown(tweet)}{GLUE}|{whole})"
    return Part("unmarked", source, result, tweet, must=not first[0])


def flattened(make: Maker) -> Part:
    """Make a paragraph in which a tweet lost its markup, among other words or alone."""
    tweet = make.tweet()
    lead = make.pick(
        ["", f"The {make.word()} said. ", "<!--more-->", f'<a id="{make.word()}"></a>']
    )
    word = make.word()
    plain = [(each, re.escape(each)) for each in ("", f" {word} left.", "<!--more-->")]
    ending, tail = make.pick([*plain, make.script()])
    identity = make.pick(["", f' id="{make.word()}"', ' class="a b"'])
    own = f"{tweet.html}{make.closing(tweet)}"
    source = f"<p{identity}>{lead}{own}{ending}</p>"
    start = rf"(?:<p{identity}>|<span{identity}></span>)" if "id=" in identity else GLUE
    again = rf"(?:<p{re.escape(identity)}>)?"
    result = f"{start}{GLUE}{re.escape(lead)}{GLUE}{make.shown(tweet)}{GLUE}{again}{tail}{GLUE}"
    return Part("flattened", source, result, tweet, must=True)


def lone(make: Maker) -> Part:
    """Make a paragraph that is one permalink, with marks and wrappers that do not count."""
    tweet = make.tweet()
    address = make.permalink(tweet)
    short = address[8:30] + make.pick(["…", "..."])
    inner = make.pick(
        [
            address,
            f'<a href="{address}">{address}</a>',
            f'<a href="{address}">{short}</a>',
            f'<a href="{address}"></a>',
            f'<a href="{address}"><span>{address}</span></a>',
        ]
    )
    for tag in [make.pick(_INLINE) for _ in range(make.pick([0, 0, 1, 2]))]:
        inner = f"<{tag}>{inner}</{tag}>"
    inner = make.pick(["", "", *_MARKS]) + inner + make.pick(["", "", *_MARKS])
    word = make.word()
    before, kept = make.pick(
        [
            ("", ""),
            (f'<span id="{word}"></span>', re.escape(f'<span id="{word}"></span>')),
            ("<!--more-->", "<!--more-->"),
        ]
    )
    marked_as = make.pick(["", ' class="p1"', f' id="{make.word()}"'])
    source = f"<p{marked_as}>{before}{inner}</p>"
    anchor = rf"<span{marked_as}></span>" if "id=" in marked_as else ""
    result = f"{GLUE}{anchor}{GLUE}{kept}{GLUE}{make.shown(tweet)}{GLUE}"
    return Part("lone", source, result, tweet, must=True)


# --- 2: whose tweet it is ---


def wrong(make: Maker) -> Part:
    """Make a marked blockquote with another tweet's address in it."""
    tweet = make.tweet()
    other = make.other(tweet)
    address = f"https://twitter.com/{other.handle}/status/{other.id}"
    link = f'<a href="{address}">{make.pick([address, address[8:34] + "…"])}</a>'
    named = f"{tweet.name} (@{tweet.handle})"
    own = f"https://twitter.com/{tweet.handle}/status/{tweet.id}"
    closed = make.closing(tweet)
    word = make.word()
    text = f'<p lang="{tweet.lang}" dir="{tweet.dir}">{tweet.html} {link}</p>'
    plain = f"<p>{tweet.html}</p>"
    must, inside, behind = make.pick(
        [
            (True, text + closed, ""),
            (True, f"{plain}{closed}", f"<br>Reply {word}: {link}"),
            (True, f"{plain}{closed}", f'<p>{word} <a href="{address}">{other.name}</a></p>'),
            (False, f"{text}&mdash; {named} {tweet.date}", ""),
            (False, f"{text}&mdash; {named}", ""),
            (False, f'<a href="{own}">{tweet.date}</a> &mdash; {named}{text}', ""),
            (False, text, ""),
            (False, f"<p>{word} must be read: {link}</p>", ""),
            (False, f'{plain}&mdash; {named} <a href="{address}">{tweet.date}</a>', ""),
        ]
    )
    opening = make.pick(
        [
            '<blockquote class="twitter-tweet">',
            '<blockquote class="twitter-tweet" data-lang="en">',
            f'<blockquote class="twitter-tweet" cite="{address}">'
            if "@" in inside
            else "<blockquote>",
            f'<blockquote class="twitter-tweet" data-tweet-id="{other.id}">'
            if must
            else '<blockquote class="twitter-tweet">',
        ]
    )
    source = f"{opening}{inside}{behind}</blockquote>"
    if opening == "<blockquote>" and (behind or not must):
        return Part("wrong", source, f"(?:{left(source)}|{make.shown(tweet)}.*)", tweet)
    rest = re.escape(behind.removeprefix("<br>"))
    shown = f"{GLUE}{make.shown(tweet)}{GLUE}(?:<br>)?{GLUE}{rest}{GLUE}"
    return Part("wrong", source, shown if must else f"(?:{shown}|{left(source)})", tweet, must)


# --- 4: addresses in pieces ---

_JOINS = ["<wbr>", "<!-- x -->", "\u200b", "\u2060", "\u00ad"]
_REFERENCES = {
    ":": ["&#58;", "&colon;"],
    "/": ["&#47;", "&sol;", "&#x2f;"],
    ".": ["&#46;", "&period;"],
}


def pieces(make: Maker) -> Part:
    """Make an address that is cut by references, marks, comments or tags."""
    tweet = make.tweet()
    own = f"https://twitter.com/{tweet.handle}/status/{tweet.id}"
    address = make.pick([SHORT, SHORT, SHORT, own])
    cut = _cut(make, address)
    word, last = make.word(), make.word()
    href = make.pick([None, None, address, "https://example.org/a"])
    if href is not None:
        hrefs = EITHER if href == SHORT else re.escape(href)
        opening, opened = f'<a href="{href}">', f'<a href="{hrefs}">'
        closing = "</a>"
    else:
        opening = opened = closing = ""
    whole = EITHER if address == SHORT else re.escape(html.escape(address))
    source = f"<p>{word} {opening}{cut}{closing} {last}</p>"
    replaced = f"(?:{re.escape(cut)}|{_TAGS}{whole}{_TAGS})"
    result = f"<p>{word} {opened}{replaced}{closing} {last}</p>"
    return Part("pieces", source, result)


def _cut(make: Maker, address: str) -> str:
    """Cut an address in one to three places."""
    written = address
    kind = make.pick(["reference", "join", "tag", "tag"])
    places = sorted({make.pick(range(1, len(address))) for _ in range(make.pick([1, 1, 2, 3]))})
    host = [6, 7, 8, 12, 13]  # behind `https:` and so on: where real ones are cut
    places = make.pick([places, sorted({make.pick(host) for _ in range(2)})])
    if kind == "reference":
        signs = [at for at, sign in enumerate(address) if sign in _REFERENCES]
        for at in sorted({make.pick(signs) for _ in range(2)}, reverse=True):
            written = written[:at] + make.pick(_REFERENCES[address[at]]) + written[at + 1 :]
        return written
    if kind == "join":
        for at in reversed(places):
            written = written[:at] + make.pick(_JOINS) + written[at:]
        return written
    tag = make.pick(["b", "i", "span", 'span class="invisible"', "em"])
    closing = f"</{tag.split()[0]}>"
    if len(places) == 1 and make.maybe():
        return f"<{tag}>{written[: places[0]]}{closing}{written[places[0] :]}"
    last = places[1] if len(places) > 1 else len(written)
    first = places[0]
    return f"{written[:first]}<{tag}>{written[first:last]}{closing}{written[last:]}"


# --- 5: links with words of their own ---


def linked(make: Maker) -> Part:
    """Make a link to a tweet whose text is no address of it, or that holds a picture."""
    tweet = make.tweet([*SHOWN, *ABSENT])
    address = make.permalink(tweet)
    word = make.word()
    words = make.pick(
        [
            f"Discuss {word} on X",
            f"Photo: {word} / X",
            f"@{tweet.handle} via {word}",
            f"{tweet.name}, {tweet.date} {word}",
            f'<img src="/{word}.jpg" alt="Screenshot of tweet">',
            f"<button>{word}</button>",
            f'<svg viewBox="0 0 1 1"><path d="M0 0"/></svg> {word}',
        ]
    )
    link = f'<a href="{address}">{words}</a>'
    source = make.pick(
        [
            f"<p>{link}</p>",
            f"<p><strong>{link}</strong></p>",
            f'<div class="credit">{link}</div>',
            f'<figure><img src="/a.jpg"><figcaption>{link}</figcaption></figure>',
            f"<ul><li>{link}</li></ul>",
            f"<blockquote><p>They said no.</p><p>{link}</p></blockquote>",
            f"<table><tr><td>{link}</td></tr></table>",
            f"<p>Body<br>{link}</p>",
            f'<p>Source: <a href="{address}">{address}</a> {word}</p>',
            f"<h3>{link}</h3>",
        ]
    )
    return Part("linked", source, re.escape(source))


# --- the same in block markup, Markdown and plain text ---


def in_blocks(part: Part) -> Part:
    """Write a part as a block: a paragraph as one, all else as raw HTML."""
    if part.source.startswith("<!-- wp:"):
        return part
    is_paragraph = part.source.startswith("<p") and part.source.count("<p") == 1
    is_quote = part.source.startswith("<blockquote><p")
    name = "paragraph" if is_paragraph else "quote" if is_quote else "html"
    opening, closing = f"<!-- wp:{name} -->\n", f"\n<!-- /wp:{name} -->"
    source = opening + part.source + closing
    if part.tweet is None:
        return replace(
            part, source=source, result=re.escape(opening) + part.result + re.escape(closing)
        )
    return replace(part, source=source, result=f"{GLUE}{part.result}{GLUE}")


def _literal(kind: str, source: str) -> Part:
    return Part(kind, source, re.escape(source))


def markdown_words(make: Maker) -> Part:
    """Make words of an article in Markdown, code that shows an address among them."""
    address, word = make.permalink(make.tweet()), make.word()
    sources = [
        f"The {word} *spoke* of it.",
        f"## {word}",
        f"- {word}\n- more",
        f"> {word}, they said.",
        f"```\n{address}\n{word}\n```",
        f"Write `{address}` for {word}.",
        f"| {word} | b |\n|---|---|\n| 1 | {SHORT}x |",
    ]
    return _literal("words", make.pick(sources))


def markdown_linked(make: Maker) -> Part:
    """Make a link to a tweet that has words of its own in Markdown."""
    address, word = make.permalink(make.tweet([*SHOWN, *ABSENT])), make.word()
    sources = [
        f"[Discuss {word} on X]({address})",
        f"[![{word}](/shot.png)]({address})",
        f"> They said no.\n>\n> [{word}]({address})",
        f"**[{word}]({address})**",
        f"Source: <{address}> {word}",
        f"- [{word}]({address})",
        f"[{word}]\n\n[{word}]: {address}",
    ]
    return _literal("linked", make.pick(sources))


def markdown_lone(make: Maker) -> Part:
    """Make a paragraph of Markdown that is one address."""
    tweet = make.tweet()
    address = make.permalink(tweet)
    source = make.pick(
        [
            address,
            f"**{address}**",
            f"<{address}>",
            f"[{address}]({address})",
            f"[{address[8:30]}…]({address})" if "_" not in address[:22] else address,
            f"{make.pick(_MARKS)}{address}",
        ]
    )
    return Part("lone", source, f"{GLUE}{make.shown(tweet)}{GLUE}", tweet, must=True)


def markdown_tweet(make: Maker) -> Part:
    """Make a tweet's words and its closing line in Markdown, in a paragraph or a quotation."""
    tweet = make.tweet()
    handle = tweet.handle.replace("_", make.pick(["\\_", "&#95;"]))
    closing = f"— {tweet.name} (@{handle}) [{tweet.date}]({make.permalink(tweet)})"
    words = re.sub(r'<a href="([^"]*)">([^<]*)</a>', r"[\2](\1)", tweet.html)
    lead = f"The {make.word()} said."
    first, source = make.pick(
        [
            ("", f"{words}{closing}"),
            (lead, f"{lead} {words} {closing}"),
            ("", f"> {words}\n> {closing}"),
            ("", f"> {words}\n>\n> {closing}"),
        ]
    )
    result = rf"{re.escape(first)}\s*{make.shown(tweet)}\s*"
    return Part("markdown", source, result, tweet, must=True)


def markdown_pieces(make: Maker) -> Part:
    """Make an address in pieces in a paragraph of Markdown."""
    part = pieces(make)
    return replace(part, source=part.source[3:-4], result=part.result[3:-4])


def _in_text(kind: str, source: str) -> Part:
    """Make a paragraph of plain text that stays: escaped, where the text comes back as HTML."""
    either = re.escape(source).replace(re.escape(SHORT), EITHER)
    lines = html.escape(source, quote=False).replace("\n", "<br>\n")
    escaped = re.escape(lines).replace(re.escape(SHORT), EITHER)
    return Part(kind, source, f"(?:{either}|<p>{escaped}</p>)")


def text_words(make: Maker) -> Part:
    """Make words of an article in plain text."""
    word, last = make.word(), make.word()
    sources = [
        f"The {word} & others < {last} spoke.",
        f"{word} [b]x[/b] {{{{ y }}}} 'z'",
        f"{word} {SHORT} {last}",
    ]
    return _in_text("words", make.pick(sources))


def text_linked(make: Maker) -> Part:
    """Make an address with words beside it in plain text."""
    address = make.permalink(make.tweet([*SHOWN, *ABSENT]))
    return _in_text("linked", f"Discuss {make.word()} on X: {address}")


def text_tweet(make: Maker) -> Part:
    """Make a tweet in plain text: its address alone, or its words and closing line."""
    tweet = make.tweet()
    address = make.pick(["", "", *_MARKS]) + make.permalink(tweet)
    closing = f"— {tweet.name} (@{tweet.handle}) {tweet.date}"
    between = make.pick([" ", "\n", "\n> "])
    quoted = "> " if ">" in between else ""
    words = f"{quoted}{tweet.text}{between}{closing}"
    has_code = "pic.twitter.com/" in tweet.text
    source, must = make.pick([(address, True), (words, has_code)])
    shown = f"{GLUE}{make.shown(tweet)}{GLUE}"
    left = _in_text("", source).result
    return Part("text", source, shown if must else f"(?:{shown}|{left})", tweet, must)
