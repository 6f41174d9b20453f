"""Read the markup of an embed, of any era (docs/x-behaviour.md 3.1): the words of the tweet, the
line that closes it, and the style asked for.

turbohtml builds the tree a browser would build, in linear time on hostile input, and drops what is
never words; BeautifulSoup reads the rest, which by then is a few kinds of elements, closed and
quoted (docs/decisions/0001).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import turbohtml
from bs4 import BeautifulSoup
from bs4.element import NavigableString, Tag

from service.core.model import LineBreak, TweetLink, TweetPiece, TweetRef, TweetText
from service.core.oembed.normalize import CLOSING_HANDLE
from service.core.oembed.quotation import Quotation, QuotedLink, read_quotation
from service.core.text.escaping import label, shown
from service.core.text.markup_growth import without_growth
from service.core.urls.tweet_urls import read_permalink
from service.core.vocabulary import HANDLE, MARKER_CLASSES

LONGEST = 65_536
"""Markup longer than this (characters) is no embed: the longest real one seen has 2 KiB."""

# a browser's repairs multiply tags, up to the square of this, before most are dropped again; the
# most seen are 28
_MOST_TAGS = 1_000
_NEVER_WORDS = (
    "script,style,svg,math,template,noscript,xmp,iframe,noembed,noframes,plaintext,textarea,"
    "title,select,object,video,audio,canvas,head"
)
_PARAGRAPHS = frozenset(
    {"p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "pre", "figure", "blockquote", "table"},
)
_LINES = frozenset(
    {
        "div",
        "li",
        "tr",
        "section",
        "article",
        "aside",
        "header",
        "footer",
        "figcaption",
        "center",
        "dl",
        "dt",
        "dd",
        "hr",
    },
)
_KEPT = frozenset({"a", "br", "img"}) | _PARAGRAPHS | _LINES
_UNWRAPPED = "".join(f":not({tag})" for tag in sorted(_KEPT))
_ATTRIBUTES = frozenset(
    [
        "class",
        "href",
        "alt",
        "lang",
        "dir",
        "data-theme",
        "data-lang",
        "data-align",
        "data-width",
        "data-cards",
        "data-conversation",
        "data-dnt",
    ],
)
_EMBEDS = frozenset({"blockquote", "div"})
_DASH = re.compile(r"(?:—|–|―|--?) ?")
_LATE_DASH = re.compile(r"—(?=\s)|(?:^|(?<=\s))(?:–|―|--?)(?=\s)")
_LONGEST_NAME = (
    80  # X allows 50 characters; a longer run behind a dash, with no handle, is a sentence
)
_INSIDE = re.compile(
    rf"(?P<dash>(?:—|–|―|--?) ?)?(?P<name>.*)\(@(?P<handle>{HANDLE.pattern})\) ?(?P<date>.*)",
)


@dataclass(frozen=True, slots=True)
class _Edge:
    """Where a block begins or ends, shown as so many line breaks."""

    breaks: int


_Event = TweetText | LineBreak | TweetLink | _Edge


@dataclass(frozen=True, slots=True)
class EmbedParts:
    """What an embed says of its tweet, as written: nothing in it has been judged."""

    permalink: TweetRef
    pieces: tuple[TweetPiece, ...]
    name: str
    handle: str | None
    date_text: str
    lang: str | None
    dir: str | None


@dataclass(frozen=True, slots=True)
class Markup(EmbedParts):
    """An embed's markup in parts.

    `behind` is what shows behind the permalink; `contradicts` tells that the attribution names
    another tweet than the permalink.
    """

    attributes: tuple[tuple[str, str], ...] = ()  # of the element itself
    behind: str = ""
    contradicts: bool = False

    def attribute(self, name: str) -> str:
        """Return an attribute of the element, empty if it has none."""
        return next((value for key, value in self.attributes if key == name), "")


@lru_cache(maxsize=32)  # the same embed is read for its words and for its style
def read_markup(fragment: str) -> Markup | None:
    """Read the embed in a fragment; None if it holds no tweet's address where an embed has it.

    An embed is the first `blockquote` or `div` of X's classes, else the first `blockquote` if that
    ends in `— Name (@handle)` and a permalink.
    """
    soup = _soup(fragment)
    if soup is None:
        return None
    candidates = [
        node for node in soup.descendants if isinstance(node, Tag) and node.name in _EMBEDS
    ]
    for element in candidates:
        if not MARKER_CLASSES.isdisjoint(str(element.get("class", "")).split()):
            return _read_element(element, marked=True)
    first = next((element for element in candidates if element.name == "blockquote"), None)
    return None if first is None else _read_element(first, marked=False)


def read_attributes(fragment: str) -> dict[str, str]:
    """Return the attributes of the element that is the embed in a fragment; none where there is no
    embed.
    """
    if len(fragment) > LONGEST:
        return {}
    root = turbohtml.parse_fragment(without_growth(fragment), positions=False)
    first: dict[str, str] | None = None
    for element in root.iter_elements(_EMBEDS):
        attributes = {
            name: value if isinstance(value, str) else " ".join(value or ())
            for name, value in element.attrs.items()
        }
        if not MARKER_CLASSES.isdisjoint(attributes.get("class", "").split()):
            return attributes
        if first is None and element.tag == "blockquote":
            first = attributes
    return first or {}


def _soup(fragment: str) -> BeautifulSoup | None:
    """Parse a fragment down to the few kinds of elements that make an embed; None if it is too much
    to be one.
    """
    if len(fragment) > LONGEST or fragment.count("<") > _MOST_TAGS:
        return None
    root = turbohtml.parse_fragment(without_growth(fragment), positions=False)
    root.remove(_NEVER_WORDS)
    root.strip_tags(_UNWRAPPED)
    for element in root.iter_elements():
        for name in [name for name in element.attrs if name not in _ATTRIBUTES]:
            del element.attrs[name]
    for node in [
        node
        for node in root.descendants
        if not isinstance(node, turbohtml.Element | turbohtml.Text)
    ]:
        node.extract()
    markup = root.inner_html
    return (
        BeautifulSoup(markup, "html.parser", multi_valued_attributes=None)
        if "<" in markup
        else None
    )


def _read_element(element: Tag, *, marked: bool) -> Markup | None:
    """Split an embed into words and attribution at its own permalink."""
    events = list(_events(element))
    quotation, places = _quotation(events)
    signature = quotation.signature
    if signature is None or signature.link is None:
        return None
    last = places[signature.link]
    anchor = events[last]
    permalink = signature.link.target
    behind = _text(events[last + 1 :])
    if not isinstance(anchor, TweetLink) or (behind and not marked):
        return None
    before, attribution = _split(events[:last], marked=marked)
    date_text = label(anchor.text)
    if attribution is None and (inside := _inside(date_text, permalink)):
        attribution, date_text = f"{inside['name']}(@{inside['handle']})", inside["date"]
    closing = CLOSING_HANDLE.search(attribution or "")
    if closing is None and not marked:
        return None
    paragraphs = (
        node for node in element.descendants if isinstance(node, Tag) and node.name == "p"
    )
    words = next((node for node in paragraphs if node.get("lang") or node.get("dir")), element)
    return Markup(
        attributes=tuple((key, str(value)) for key, value in element.attrs.items()),
        permalink=permalink,
        pieces=tuple(_pieces(before)),
        name=(attribution or "")[: closing.start() if closing else None],
        handle=closing[1] if closing else None,
        date_text=date_text,
        lang=str(words["lang"]) if words is not element and words.get("lang") else None,
        dir=str(words["dir"]).lower() if words.get("dir") else None,
        behind=behind,
        contradicts=signature.contradicts,
    )


def _quotation(events: list[_Event]) -> tuple[Quotation, dict[QuotedLink, int]]:
    """Read whose tweet the events show, and which event each link to a tweet is."""
    parts: list[str] = []
    places: dict[QuotedLink, int] = {}
    at = 0
    for index, event in enumerate(events):
        part = event.text if isinstance(event, TweetText | TweetLink) else "\n"
        target = read_permalink(event.href) if isinstance(event, TweetLink) else None
        if target is not None:
            places[QuotedLink(at, at + len(part), target)] = index
        parts.append(part)
        at += len(part)
    return read_quotation("".join(parts), list(places)), places


def _events(element: Tag) -> Iterator[_Event]:
    """Walk an element in order, without recursion: text, breaks, links and the edges of blocks."""
    waiting: list[Tag | NavigableString | _Edge] = list(reversed(element.contents))  # type: ignore[arg-type]
    while waiting:
        node = waiting.pop()
        if isinstance(node, NavigableString):
            yield TweetText(str(node))
        elif isinstance(node, _Edge):
            yield node
        elif node.name == "br":
            yield LineBreak()
        elif node.name == "img":
            # WordPress and others write emoji as images; any other image is no word
            if any("emoji" in token.lower() for token in str(node.get("class", "")).split()):
                yield TweetText(str(node.get("alt", "")))
        elif node.name == "a" and node.get("href"):
            yield TweetLink(
                (" " if any(isinstance(part, Tag) for part in node.contents) else "").join(
                    node.strings,
                ),
                str(node["href"]),
            )
        else:
            if node.name != "a":
                edge = _Edge(2 if node.name in _PARAGRAPHS else 1)
                yield edge
                waiting.append(edge)
            waiting.extend(reversed(node.contents))  # type: ignore[arg-type]


def _split(events: list[_Event], *, marked: bool) -> tuple[list[_Event], str | None]:
    """Split what stands before the permalink into the tweet's words and the attribution's `Name
    (@handle)`, None if there is none.

    The attribution is the line with the permalink if that begins with a dash, else what stands
    behind the last dash of that line, else the line before.
    """
    start = _line_start(events)
    line = _text(events[start:])
    if dash := _DASH.match(line):
        return events[:start], line[dash.end() :]
    if not line:
        end = start
        while end and (
            isinstance(events[end - 1], LineBreak | _Edge) or not _text(events[end - 1 : end])
        ):
            end -= 1
        start = _line_start(events[:end])
        line = _text(events[start:end])
        dash = _DASH.match(line)
        return (
            (events[:start], line[dash.end() :])
            if dash and CLOSING_HANDLE.search(line)
            else (events, None)
        )
    closed = CLOSING_HANDLE.search(line) is not None
    for index in range(len(events) - 1, start - 1, -1):
        event = events[index]
        if isinstance(event, TweetText) and (dashes := list(_LATE_DASH.finditer(event.text))):
            name = label(event.text[dashes[-1].end() :] + _text(events[index + 1 :]))
            if closed or (marked and dashes[-1][0] == "—" and 0 < len(name) <= _LONGEST_NAME):
                return [*events[:index], TweetText(event.text[: dashes[-1].start()])], name
            break
    own_block = start > 0 and isinstance(events[start - 1], _Edge) and len(line) <= _LONGEST_NAME
    return (events[:start], line) if marked and closed and own_block else (events, None)


def _line_start(events: list[_Event]) -> int:
    """Return where the last line begins: the index of its first event."""
    return next(
        (
            index + 1
            for index in range(len(events) - 1, -1, -1)
            if isinstance(events[index], LineBreak | _Edge)
        ),
        0,
    )


def _text(events: list[_Event]) -> str:
    """Return what a stretch of events shows on one line."""
    return label(
        "".join(event.text for event in events if isinstance(event, TweetText | TweetLink)),
    )


def _inside(text: str, permalink: TweetRef) -> re.Match[str] | None:
    """Find an attribution within the permalink's own text: with its dash, or with the permalink's
    handle.
    """
    inside = _INSIDE.fullmatch(text)
    if inside is None or (
        inside["dash"] is None and inside["handle"].lower() != (permalink.handle or "").lower()
    ):
        return None
    return inside


def _pieces(events: list[_Event]) -> Iterator[TweetPiece]:
    """Show the edges of blocks as breaks; between two runs of words the larger of the breaks
    written and the breaks shown counts.
    """
    written = edges = 0
    for event in events:
        if isinstance(event, LineBreak):
            written += 1
        elif isinstance(event, _Edge):
            edges = max(edges, event.breaks)
        elif not (written or edges) or shown(event.text).strip(" "):
            for _ in range(max(written, edges)):
                yield LineBreak()
            written = edges = 0
            yield event
