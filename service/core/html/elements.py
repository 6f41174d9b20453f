"""The elements of an HTML article and where they stand, from turbohtml's WHATWG tree: what a
browser would build.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

import turbohtml

from service.core.sanitize.allowlist import QUOTE

HIDDEN = frozenset(
    [
        "pre",
        "code",
        "kbd",
        "samp",
        "textarea",
        "script",
        "style",
        "template",
        "svg",
        "math",
        "title",
        "head",
        "xmp",
        "plaintext",
        "iframe",
        "noembed",
        "noframes",
    ],
)
"""Elements whose text is no prose (docs/interface.md 2), and those whose content HTML reads as raw
text.
"""

BLOCK = frozenset(
    [
        "address",
        "article",
        "aside",
        "blockquote",
        "body",
        "caption",
        "center",
        "col",
        "colgroup",
        "dd",
        "details",
        "dialog",
        "dir",
        "div",
        "dl",
        "dt",
        "fieldset",
        "figcaption",
        "figure",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hgroup",
        "hr",
        "html",
        "legend",
        "li",
        "main",
        "menu",
        "nav",
        "ol",
        "optgroup",
        "option",
        "p",
        "pre",
        "search",
        "section",
        "select",
        "summary",
        "table",
        "tbody",
        "td",
        "tfoot",
        "th",
        "thead",
        "tr",
        "ul",
        "textarea",
        "title",
        "head",
    ],
)
"""Elements that begin and end a line of their own (HTML, section 15.3, `display: block` and the
table and list values).
"""

_EMOJI = re.compile(r"\b(?:emoji|wp-smiley)\b|\.twimg\.com/emoji/", re.IGNORECASE)
NO_BLOCK_INSIDE = frozenset(
    [
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "a",
        "button",
        "label",
        "legend",
        "summary",
        "caption",
        "figcaption",
        "select",
        "option",
        "optgroup",
        "object",
    ],
)
"""Elements in which block content cannot stand, or must not."""

NOT_DIRECTLY = frozenset(
    [
        "table",
        "tbody",
        "thead",
        "tfoot",
        "tr",
        "colgroup",
        "ul",
        "ol",
        "menu",
        "dl",
        "dir",
        "hgroup",
    ]
)
"""Elements that hold cells and items, never an embed directly; a cell or an item inside them may.
"""

VOID = frozenset(
    [
        "area",
        "base",
        "br",
        "col",
        "embed",
        "hr",
        "img",
        "input",
        "link",
        "meta",
        "param",
        "source",
        "track",
        "wbr",
    ]
)

_NO_TWEETS = frozenset(
    {
        QUOTE,
        "koo-media",
        "bluesky-embed",
        "instagram-media",
        "tiktok-embed",
        "mastodon-embed",
        "fb-post",
    }
)
"""Classes of elements in which nothing is a tweet: a quotation of ours, and what other networks'
embeds are known by.
"""

_CLOSES_WRONG = frozenset("\"'“”„‟″‘’′«»＂")
_OPENS_WRONG = _CLOSES_WRONG | {"\\", "3"}
_WRONG_QUOTES = re.compile(r"""\A(?:(?:3D)?\\{0,3}["'“”„‟″‘’′«»＂])|\\{0,3}["'“”„‟″‘’′«»＂]\Z""")

_NO_ATTRIBUTES: Mapping[str, str] = {}

RAW_TEXT = frozenset(
    "script style textarea title template noembed noframes noscript xmp iframe plaintext".split()
)
"""Elements whose content is inert until their end tag, to the end of the article if it lacks
(HTML, 13.2.5); that of `noscript` in a browser that runs scripts.
"""

OPAQUE = RAW_TEXT | {"svg", "math", "select", "object", "audio", "video", "canvas"}
"""Elements whose content means something else, or does not show, up to where they end."""

_DEEPEST = 512
"""Elements in each other, as deep as the parser nests them, which is as deep as browsers do: all
deeper ones stand behind each other at this depth, and their end tags are none of theirs.
"""

UNSEEN = frozenset(
    ["script", "style", "template", "title", "head", "iframe", "noembed", "noframes"]
)
"""Elements whose text does not show at all."""


@dataclass(slots=True)
class Element:
    """An element that has a place in the source.

    `start` to `open_end` is its start tag. `end` is where it ends for a mention: after its end
    tag, else where its last descendant with a place ends. `limit` is where a browser closes it.
    `hidden`, `unseen` and `no_block` are true if they hold for it or anything around it.
    """

    tag: str
    attrs: Mapping[str, str]
    start: int
    open_end: int
    close_start: int | None
    end: int
    limit: int
    parent: int
    hidden: bool
    unseen: bool
    no_block: bool
    closes_itself: bool = False  # as one of SVG or MathML may (HTML, 13.1.2.1)
    is_too_deep: bool = False  # for the parser to tell where it ends, and what is in it

    @property
    def is_closed(self) -> bool:
        """Whether it has an end tag of its own."""
        return self.close_start is not None

    @property
    def is_complete(self) -> bool:
        """Whether it has its end tag, or takes none."""
        return self.close_start is not None or self.closes_itself or self.tag in VOID

    @property
    def classes(self) -> list[str]:
        """The class tokens."""
        return self.attrs.get("class", "").split()


def read_elements(source: str) -> list[Element]:
    """Read the tree into a flat list in document order, each element with its places."""
    root = turbohtml.parse_fragment(source, source_locations=True)
    path: list[tuple[turbohtml.Node, int]] = [(root, -1)]  # what is around, outermost first
    elements: list[Element] = []
    template = -1
    for node in root.iter_elements():
        if path[-1][0] is not node.parent:
            _leave(path, node.parent, template)
        around = path[-1][1]
        place = node.source_location
        if (
            place is None
        ):  # a clone of misnested formatting, or a `tbody` nobody wrote: it is where its parent is
            path.append((node, around))
            continue
        is_too_deep = len(path) == _DEEPEST
        path.append((node, len(elements)))
        foreign = node.namespace is not turbohtml.Namespace.HTML
        tag = node.tag.lower()
        template = len(elements) if tag == "template" else template
        given = node.attrs
        attrs = (
            {
                name: without_quotes(value if isinstance(value, str) else _as_text(value))
                for name, value in given.items()
            }
            if given
            else _NO_ATTRIBUTES
        )
        hidden = (
            foreign
            or tag in HIDDEN
            or ("class" in attrs and not _NO_TWEETS.isdisjoint(attrs["class"].split()))
        )
        unseen = tag in UNSEEN
        no_block = foreign or tag in NO_BLOCK_INSIDE
        if around >= 0:
            parent = elements[around]
            hidden, unseen, no_block = (
                hidden or parent.hidden,
                unseen or parent.unseen,
                no_block or parent.no_block,
            )
        start, open_end = place.start_tag.start_offset, place.start_tag.end_offset
        closes = place.end_tag
        close_start = closes.start_offset if closes is not None else None
        end = closes.end_offset if closes is not None else open_end
        element = Element(
            tag,
            attrs,
            start,
            open_end,
            close_start,
            end,
            open_end if close_start is None else close_start,
            around,
            hidden,
            unseen,
            no_block,
            close_start is None and foreign and source.endswith("/>", start, open_end),
            is_too_deep,
        )
        elements.append(element)
    _close_unclosed(elements, len(source))
    return elements


def _leave(
    path: list[tuple[turbohtml.Node, int]], parent: turbohtml.Node | None, template: int
) -> None:
    """Go back on a path to a parent. One that is not on it holds the contents of a template, which
    are a tree of their own: that of the last `template`.
    """
    at = len(path) - 1
    while at >= 0 and path[at][0] is not parent:
        at -= 1
    if at >= 0:
        del path[at + 1 :]
    elif parent is not None:
        path.append((parent, template))


def without_quotes(value: str) -> str:
    r"""Return an attribute's value without quotes that are none of HTML: typographic
    ones, references, escaped ones (`\"`), and those of quoted-printable (`3D"`, RFC 2045).
    """
    if not value or (value[0] not in _OPENS_WRONG and value[-1] not in _CLOSES_WRONG):
        return value
    return _WRONG_QUOTES.sub("", value)


def _close_unclosed(elements: list[Element], length: int) -> None:
    """Find where elements without an end tag end: `end` by docs/interface.md 2, `limit` by what
    follows them.
    """
    if all(element.is_complete for element in elements):
        return
    for element in reversed(elements):
        if element.parent >= 0 and elements[element.parent].close_start is None:
            elements[element.parent].end = max(elements[element.parent].end, element.end)
    following: dict[int, int] = {}  # parent -> start of the child seen last, walking backwards
    next_sibling = [length] * len(elements)
    for at in range(len(elements) - 1, -1, -1):
        next_sibling[at] = following.get(elements[at].parent, length)
        following[elements[at].parent] = elements[at].start
    for at, element in enumerate(elements):
        if not element.is_complete:
            outer = elements[element.parent].limit if element.parent >= 0 else length
            element.limit = max(element.end, min(next_sibling[at], outer))


def _as_text(value: str | list[str] | None) -> str:
    return " ".join(value) if isinstance(value, list) else value or ""


def shows_emoji(picture: Element) -> bool:
    """Return whether an `img` stands for an emoji, as X, WordPress and others write one."""
    attrs = picture.attrs
    return bool(_EMOJI.search(f"{attrs.get('class', '')} {attrs.get('src', '')}"))
