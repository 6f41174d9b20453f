"""Articles that somebody wrote to keep the service busy, of any length: those of
`tests/core/test_hostile.py`, and what costs most behind detection.
"""

import itertools
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "core"), str(ROOT / "tests" / "support")]

from hostile_articles import REPEATED_KINDS
from test_hostile import (
    HTML_ONLY,
    LINKED,
    PERMALINK,
    REPEATED,
    SEEDS,
    SIGNED,
    Build,
    again,
    within,
)

from service.core.model import Format

TWEET_ID: Final = PERMALINK.rpartition("/")[2]
TRACE: Final = f"\n\n<p>{PERMALINK}</p>\n"
"""What lets no quick look pass an article by."""
STRANDED: Final = (
    "<p>words words words words pic.twitter.com/abcdefghij {0} &mdash; A (@a) May 5, 2014</p>"
    "\n<p>https://t.co/abcdefghij</p>\n"
)
TWEET: Final = (
    f'<blockquote class="twitter-tweet"><p>words</p>{SIGNED}'
    f' <a href="{PERMALINK}">x</a></blockquote>'
)


def numbered(unit: str, many: int | None = None) -> Build:
    """Write a unit again and again, each with its number, to a length or so many times."""

    def build(size: int) -> str:
        parts: list[str] = []
        length = 0
        for number in itertools.count() if many is None else range(many):
            parts.append(unit.format(number))
            length += len(parts[-1])
            if many is None and length >= size:
                break
        return "".join(parts)

    return build


def ended(unit: str, end: str) -> Build:
    """Write a unit again and again, the last time up to the first `end` in it; whole without one:
    an article that is cut off is read otherwise, by where that is.
    """
    last = unit[: unit.index(end) + len(end)] if end else ""
    return lambda size: unit * ((size - len(last)) // len(unit)) + last


def traced(build: Build) -> Build:
    """Have a permalink stand behind an article."""
    return lambda size: build(size) + TRACE


def gutenberg(size: int) -> str:
    """Write blocks of every kind around addresses."""
    unit = (
        '<!-- wp:group {"layout":{"type":"constrained"}} --><div class="wp-block-group">'
        f"<!-- wp:paragraph --><p>words {SIGNED}</p><!-- /wp:paragraph -->"
        '<!-- wp:embed {"url":"https://twitter.com/a/status/20","type":"rich",'
        '"providerNameSlug":"twitter"} --><figure class="wp-block-embed is-type-rich">'
        '<div class="wp-block-embed__wrapper">\nhttps://twitter.com/a/status/20\n</div></figure>'
        "<!-- /wp:embed --></div><!-- /wp:group -->\n"
    )
    return again(unit)(size)


def deep_json(size: int) -> str:
    """Write structured text, as an editor stores it, nested as deep as it is long."""
    depth = size // 40
    return (
        '{"type":"doc","content":' * 1
        + '[{"type":"blockquote","content":' * depth
        + f'[{{"type":"text","text":"{PERMALINK}"}}]'
        + "}]" * depth
        + "}"
    )


EXTRA: Final[dict[str, tuple[Format, Build]]] = {
    "a dense table": (
        Format.MARKDOWN,
        lambda size: "| x | y |\n|---|---|\n" + again("| a | b |\n")(size) + TRACE,
    ),
    "a table of addresses": (
        Format.MARKDOWN,
        lambda size: "| x | y |\n|---|---|\n" + again(f"| {PERMALINK} | b |\n")(size),
    ),
    "a table row": (
        Format.MARKDOWN,
        lambda size: "| x | y |\n|---|---|\n" + again("| a ")(size) + TRACE,
    ),
    "headings": (Format.MARKDOWN, lambda size: again("# words @a\n")(size) + TRACE),
    "references": (Format.MARKDOWN, lambda size: again("[a]: b\n")(size) + TRACE),
    "quotes and lists": (Format.MARKDOWN, lambda size: again("> - > - @\n")(size) + TRACE),
    "stranded paragraphs": (Format.HTML, numbered(STRANDED, 199)),
    "stranded paragraphs, many": (Format.HTML, numbered(STRANDED)),
    "one tweet": (
        Format.HTML,
        lambda size: again("<p>Words and <b>more</b> words of an article.</p>\n")(size) + TWEET,
    ),
    "all addresses": (Format.HTML, numbered("<p>https://x.com/a/status/19881500000{0:08}</p>\n")),
    "all short links": (Format.HTML, numbered('<a href="https://t.co/a{0:09}">x</a> ')),
    "all tweets": (Format.HTML, again(TWEET)),
    "blocks of Gutenberg": (Format.HTML, gutenberg),
    "entities": (Format.HTML, lambda size: again("&notin;&#x1F600;&amp;")(size) + TRACE),
    "deep JSON": (Format.HTML, deep_json),
    "one long tweet": (Format.HTML, within(LINKED, "words <b>more</b> ", "</blockquote>")),
    "divs, traced": (Format.HTML, traced(again("<div>"))),
    "open tags, traced": (Format.HTML, traced(again("<a "))),
    "attributes, traced": (Format.HTML, traced(again('<a href="x" '))),
}
"""Beyond the seeds: with the format that they are sent as."""
UNITS: Final = REPEATED | REPEATED_KINDS
ENDED: Final = (
    "true tweets",
    "tweets with words of the article's",
    "closed tweets of their day",
    "quotes with attributions",
    "unclosed figures with tweets",
    "attributions in paragraphs",
    "permalinks in headings",
    "open td",
)
ENDS: Final = {"whole": "", "cut off in a tag": "</", "cut off behind a link": "</a>"}
"""How an article ends: each way is read otherwise."""


def articles() -> dict[str, tuple[Format, Build]]:
    """Return every article by its name: the seeds in each format that reads them otherwise, some of
    them with every end, and the others.
    """
    seeds = {
        f"{name} ({written_in.value})": (written_in, build)
        for name, build in SEEDS.items()
        for written_in in Format
        if written_in is Format.HTML or name not in HTML_ONLY
    }
    ends = {
        f"{name}, {told}": (Format.HTML, ended(UNITS[name], end))
        for name in ENDED
        for told, end in ENDS.items()
        if end in UNITS[name]
    }
    return seeds | EXTRA | ends


def request_of(written_in: Format, content: str) -> bytes:
    """Write the body of a request."""
    asked = {"content": content, "format": written_in.value, "deadline_ms": 1000}
    return json.dumps(asked, ensure_ascii=False).encode()


def _json_bomb(opening: str, closing: str) -> Callable[[int], bytes]:
    def build(size: int) -> bytes:
        depth = size // (len(opening) + len(closing))
        return (opening * depth + closing * depth).encode()

    return build


BODIES: Final[dict[str, Callable[[int], bytes]]] = {
    "JSON: arrays in arrays": _json_bomb("[", "]"),
    "JSON: objects in objects": _json_bomb('{"a":', "}"),
    "JSON: fields nobody knows": lambda size: (
        b'{"content":"x",' + b",".join(b'"%d":0' % number for number in range(size // 11)) + b"}"
    ),
    "JSON: half pairs": lambda size: (
        b'{"content":"' + rb"\ud83d" * (size // 6) + b'","format":"html"}'
    ),
    "JSON: half pairs in arrays": lambda size: (
        b'{"content":[' + rb'"\ud83d",' * (size // 9) + b'"x"]}'
    ),
    "JSON: escapes": lambda size: (
        b'{"content":"' + rb"\u0040" * (size // 6) + b' https://x.com/a/status/20","format":"html"}'
    ),
    "JSON: a long number": lambda size: b'{"content":"x","deadline_ms":' + b"9" * size + b"}",
    "JSON: not UTF-8": lambda size: b'{"content":"' + b"a" * size + b'\xff"}',
    "JSON: cut off": lambda size: b'{"content":"' + b"a" * size,
}
"""Bodies that are no request at all, or hard to read."""
