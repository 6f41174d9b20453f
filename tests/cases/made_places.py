"""Parts by where a tweet stands: where none may, and over several elements one behind the other."""

import html
import re

from made_articles import GLUE, SHOWN, Known, Maker, Part

_NO_PLACE = [
    ("<h2>", "</h2>"),
    ("<h4>", "</h4>"),
    ("<p><button>", "</button></p>"),
    ("<p><label>", "</label></p>"),
    ("<details><summary>", "</summary>more</details>"),
    ("<fieldset><legend>", "</legend></fieldset>"),
    ("<table><caption>", "</caption><tr><td>a</td></tr></table>"),
    ('<figure><img src="/a.jpg"><figcaption>', "</figcaption></figure>"),
    ('<p><a href="/x">', "</a></p>"),
]
_NO_BLOCK = [
    ("<!-- wp:heading -->\n<h2>", "</h2>\n<!-- /wp:heading -->"),
    (
        "<!-- wp:list -->\n<ul><!-- wp:list-item -->\n<li>",
        "</li>\n<!-- /wp:list-item --></ul>\n<!-- /wp:list -->",
    ),
    ("<!-- wp:list -->\n<ul><li>", "</li></ul>\n<!-- /wp:list -->"),
    (
        "<!-- wp:table -->\n<figure><table><tbody><tr><td>",
        "</td></tr></tbody></table></figure>\n<!-- /wp:table -->",
    ),
    ("<!-- wp:verse -->\n<pre>", "</pre>\n<!-- /wp:verse -->"),
    (
        '<!-- wp:buttons -->\n<div><!-- wp:button -->\n<div><a href="/x">',
        "</a></div>\n<!-- /wp:button --></div>\n<!-- /wp:buttons -->",
    ),
    (
        '<!-- wp:image -->\n<figure><img src="/a.jpg"/><figcaption>',
        "</figcaption></figure>\n<!-- /wp:image -->",
    ),
    ("<!-- wp:acme/box -->\n<div>", "</div>\n<!-- /wp:acme/box -->"),
    ('<!-- wp:acme/box {"a":1} -->\n<div><p>', "</p></div>\n<!-- /wp:acme/box -->"),
    ("<!-- wp:details -->\n<details><summary>", "</summary></details>\n<!-- /wp:details -->"),
]
_PLACE = [
    ("<ul>\n<li>", "</li>\n<li>two</li>\n</ul>"),
    ("<table><tr><td>", "</td><td>b</td></tr></table>"),
    ("<dl><dt>a</dt><dd>", "</dd></dl>"),
    ("<section><div>", "</div></section>"),
    ("<details><summary>a</summary><div>", "</div></details>"),
]
_BLOCK_PLACE = [
    (
        '<!-- wp:group -->\n<div class="g"><!-- wp:paragraph -->\n<p>',
        "</p>\n<!-- /wp:paragraph --></div>\n<!-- /wp:group -->",
    ),
    (
        "<!-- wp:columns -->\n<div><!-- wp:column -->\n<div><!-- wp:paragraph -->\n<p>",
        "</p>\n<!-- /wp:paragraph --></div>\n<!-- /wp:column --></div>\n<!-- /wp:columns -->",
    ),
    (
        '<!-- wp:quote -->\n<blockquote class="q"><!-- wp:paragraph -->\n<p>',
        "</p>\n<!-- /wp:paragraph --></blockquote>\n<!-- /wp:quote -->",
    ),
    ("<!-- wp:html -->\n<div>", "</div>\n<!-- /wp:html -->"),
]


def _stated(make: Maker, tweet: Known) -> str:
    """Write a tweet as an address alone, or as what is left of its markup."""
    address = make.permalink(tweet)
    link = f'<a href="{address}">{address}</a>'
    return make.pick([address, link, f"{tweet.html}{make.closing(tweet)}"])


def no_place(make: Maker) -> Part:
    """Put a tweet where block content cannot stand."""
    return _left(make, _NO_PLACE)


def no_block(make: Maker) -> Part:
    """Put a tweet into the own markup of a block that holds no blocks."""
    return _left(make, _NO_BLOCK)


def _left(make: Maker, frames: list[tuple[str, str]]) -> Part:
    opening, closing = make.pick(frames)
    tweet = make.tweet([each for each in SHOWN if "<a " not in each.html])
    stated = _stated(make, tweet)
    if "<a " in opening:
        stated = re.sub(r"</?a\b[^<>]*>", "", stated)
    source = f"{opening}{stated}{closing}"
    return Part("no place", source, re.escape(source))


def place(make: Maker) -> Part:
    """Put a tweet into an element that holds block content."""
    return _placed(make, _PLACE)


def block_place(make: Maker) -> Part:
    """Put a tweet into a paragraph block, or raw HTML, inside another block."""
    return _placed(make, _BLOCK_PLACE)


def _placed(make: Maker, frames: list[tuple[str, str]]) -> Part:
    opening, closing = make.pick(frames)
    tweet = make.tweet()
    source = f"{opening}{_stated(make, tweet)}{closing}"
    outer = re.escape(opening.removesuffix("<!-- wp:paragraph -->\n<p>"))
    end = re.escape(closing.removeprefix("</p>\n<!-- /wp:paragraph -->"))
    if "wp:quote" in opening:  # all of a quotation block is the tweet: it may go with it
        outer, end = f"(?:{outer})?", f"(?:{end})?"
    return Part("place", source, f"{outer}{GLUE}{make.shown(tweet)}{GLUE}{end}", tweet, must=True)


# --- a tweet over several elements ---


def _split(make: Maker, tweet: Known) -> list[str]:
    """Cut a tweet into its words, in one or two pieces, its media line, and its closing line."""
    plain = tweet.html.partition("<a ")[0].strip()
    media = tweet.html[len(plain) :].strip()
    pieces = [plain]
    if make.maybe() and "&" not in plain:
        words = plain.split(" ")
        at = make.pick(range(2, len(words) - 1))
        pieces = [" ".join(words[:at]), " ".join(words[at:])]
    if media and make.maybe():
        pieces.append(make.pick([media, html.unescape(re.sub("<[^<>]*>", "", media))]))
    elif media:
        pieces[-1] += f" {media}"
    return [*pieces, make.closing(tweet)]


def neighbours(make: Maker) -> Part:
    """Write a tweet over several elements one behind the other."""
    tweet = make.tweet()
    opening, closing = make.pick([("<p>", "</p>"), ('<p class="a">', "</p>"), ("<div>", "</div>")])
    between = make.pick(["", "\n", "\n\n", "<p></p>", "\n<p>&nbsp;</p>\n"])
    source = between.join(f"{opening}{piece}{closing}" for piece in _split(make, tweet))
    anchor = ""
    if make.maybe():
        identity = f' id="{make.word()}"'
        source = source.replace(opening, f"{opening[:-1]}{identity}>", 1)
        anchor = f"<span{identity}></span>{GLUE}"
    return Part("neighbours", source, f"{GLUE}{anchor}{make.shown(tweet)}{GLUE}", tweet, must=True)


def list_neighbours(make: Maker) -> Part:
    """Write a tweet over several items of a list."""
    tweet = make.tweet()
    items = "".join(f"<li>{piece}</li>" for piece in _split(make, tweet))
    result = rf"<ul>\s*<li>\s*{make.shown(tweet)}\s*</li>\s*</ul>"
    return Part("list neighbours", f"<ul>{items}</ul>", result, tweet, must=True)


def parted(make: Maker) -> Part:
    """Write a tweet's words and its closing line with something of the article between them."""
    tweet = make.tweet([each for each in SHOWN if "<a " not in each.html])
    word = make.word()
    between = make.pick(
        [f"<h3>{word}</h3>", f'<p><img src="/{word}.jpg"></p>', f"<p>{word} said so.</p>", "<hr>"]
    )
    source = f"<p>{tweet.html}</p>{between}<p>{make.closing(tweet)}</p>"
    return Part("parted", source, re.escape(source))


def block_neighbours(make: Maker) -> Part:
    """Write a tweet over several paragraph blocks."""
    tweet = make.tweet()
    pieces = [
        f"<!-- wp:paragraph -->\n<p>{each}</p>\n<!-- /wp:paragraph -->"
        for each in _split(make, tweet)
    ]
    result = f"{GLUE}{make.shown(tweet)}{GLUE}"
    return Part("block neighbours", "\n\n".join(pieces), result, tweet, must=True)


def text_neighbours(make: Maker) -> Part:
    """Write a tweet over several paragraphs or lines of Markdown or plain text."""
    with_code = [each for each in SHOWN if "pic.twitter.com/" in each.html]
    tweet = make.tweet([each for each in with_code if "&" not in each.html])
    words, _, media = tweet.text.rpartition(" ")
    closing = f"— {tweet.name} (@{tweet.handle}) {tweet.date}"
    pieces = make.pick([[words, media, closing], [f"{words} {media}", closing]])
    between = make.pick(["\n\n", "\n", "\n\n\n"])
    result = f"{GLUE}{make.shown(tweet)}{GLUE}"
    return Part("text neighbours", between.join(pieces), result, tweet, must=True)
