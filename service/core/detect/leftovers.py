"""What stands inside an element and is no part of a tweet, and stays when the element is replaced:
comments, scripts, the names that links point at, and pictures and frames between its words.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from html import escape

from service.core.detect.finders.marked_elements import is_marked
from service.core.html.document import HtmlDocument
from service.core.html.elements import Element, shows_emoji
from service.core.html.widget_scripts import is_widget_script
from service.core.mentions import Leftover, LeftoverKind

_OF_X = re.compile("twitter-widget-[0-9]+")
_NO_ANCHORS = frozenset({"iframe", "script", "style", "img", "video", "audio", "object", "embed"})
_EMPTY_ANCHORS = frozenset({"a", "span"})
_EMPTY = "<!---->"
_UNREAD = frozenset({"style", "template", "pre", "textarea", "title", "xmp", "noembed", "noframes"})
_QUOTES = frozenset({"blockquote", "div"})
_LONGEST_BLANK = 200
_LONGEST_SOURCES = 2_000
_SINGLE = frozenset({"link", "meta"})
_OF_TWEETS = ("amp-", "i-amphtml-", "embetty-", "twitter-", "o-embed")
_SEEN = frozenset(
    (
        "img picture iframe video audio object embed canvas svg math hr "
        "code kbd samp amp-img amp-video amp-audio amp-iframe amp-ad amp-embed"
    ).split()
)
_FRAMES = frozenset({"iframe", "embed", "object", "amp-iframe", "amp-embed", "amp-ad"})
_WITH_WORDS = frozenset(
    "video audio object canvas picture amp-img amp-video amp-audio amp-iframe amp-ad".split()
)
_TAG = re.compile(r"<[^<>]*>")
_VOID = frozenset({"img", "embed", "hr"})
_SLOTS = frozenset({"div", "section", "aside"})
_BLANK = re.compile(r"(?:\s|</?(?:div|section|aside|ins|span)(?:\s[^<>]*)?>)*")
_OF_X_HOSTS = re.compile(
    r"\s*(?:https?:)?//(?:[a-z0-9-]+\.)*(?:twimg\.com|twitter\.com|x\.com)/", re.IGNORECASE
)


class Leftovers:
    """What of an article would be lost with an element, to be looked up by where it stands."""

    def __init__(self, page: HtmlDocument) -> None:
        """Note all there is in `page`."""
        self._all = sorted([*_comments(page), *_of_elements(page)], key=lambda one: one.start)
        self._starts = [one.start for one in self._all]
        self._page = page

    def within(self, start: int, end: int, *, of_words: bool) -> tuple[Leftover, ...]:
        """Return what stands between two places, in order; `of_words` with what is seen there,
        where the element holds nothing but a tweet's words: the pictures of a card are its own.
        """
        found = self._all[bisect_left(self._starts, start) : bisect_left(self._starts, end)]
        seen = list(self._seen(start, end)) if of_words else []
        if not seen:
            return tuple(found)
        starts = [one.start for one in seen]

        def is_inside(one: Leftover) -> bool:
            at = bisect_right(starts, one.start) - 1
            return at >= 0 and one.start < seen[at].end

        kept = [one for one in found if not is_inside(one)]
        kept += [
            Leftover(one.start, self._page.source[one.start : one.end], LeftoverKind.SCRIPT)
            for one in seen
        ]
        return tuple(sorted(kept, key=lambda one: one.start))

    def _seen(self, start: int, end: int) -> Iterator[Element]:
        """Return the outermost of what is seen that stands between two places as a whole."""
        for one in self._page.elements_in(start, end):
            if one.start >= start and one.end <= end and _is_seen(self._page, one):
                start = one.end
                yield one


def _is_seen(page: HtmlDocument, element: Element) -> bool:
    """Return whether an element shows something though it has no words, or is the place of an
    advertisement: pictures under X's hosts, those of emoji and what embeds a tweet are the tweet's.
    """
    tag, start, end = element.tag, element.open_end, element.close_start
    if not (tag in _SEEN or tag in _SLOTS) or page.hidden(element.parent) or is_marked(element):
        return False
    if tag in _SLOTS:
        return (
            end is not None
            and bool(element.attrs)
            and end - start <= _LONGEST_BLANK
            and _BLANK.fullmatch(page.source, start, end) is not None
            and not _holds_trace(page, element)
        )
    if end is None and tag not in _VOID:
        return False
    if tag in _FRAMES and _holds_trace(page, element):
        return False
    if (
        end is not None
        and tag in _WITH_WORDS
        and (end - start > _LONGEST_SOURCES or _TAG.sub("", page.source[start:end]).strip())
    ):
        return False
    address = element.attrs.get("src") or element.attrs.get("data-src") or ""
    return not (shows_emoji(element) or _OF_X_HOSTS.match(address))


def _holds_trace(page: HtmlDocument, element: Element) -> bool:
    """Return whether there is a trace of a tweet in an element or its tag."""
    trace = page.traces.first(element.start)
    return trace is not None and trace[0] < element.end


def _comments(page: HtmlDocument) -> Iterator[Leftover]:
    for one in page.comments:
        if one.text != _EMPTY and not one.text[4:].lstrip().startswith(("wp:", "/wp:")):
            yield Leftover(one.start, one.text, LeftoverKind.COMMENT)


def _of_elements(page: HtmlDocument) -> Iterator[Leftover]:
    for one in page.elements:
        if one.tag == "script":
            if one.close_start is not None and not page.hidden(one.parent):
                kind = LeftoverKind.X_SCRIPT if is_widget_script(page, one) else LeftoverKind.SCRIPT
                yield Leftover(one.start, page.source[one.start : one.end], kind)
            continue
        if _is_kept(page, one):
            yield Leftover(one.start, page.source[one.start : one.end], LeftoverKind.SCRIPT)
            continue
        if one.hidden or one.tag in _NO_ANCHORS:
            continue
        name = one.attrs.get("id") or (one.attrs.get("name") if one.tag == "a" else None)
        if name and not _OF_X.fullmatch(name):
            empty = one.tag in _EMPTY_ANCHORS and one.close_start == one.open_end
            written = page.source[one.start : one.end]
            if not empty or "href" in one.attrs:
                written = f'<span id="{escape(name, quote=True)}"></span>'
            yield Leftover(one.start, written, LeftoverKind.ANCHOR)


def _is_kept(page: HtmlDocument, element: Element) -> bool:
    """Return whether an element does something though nothing of it is read: a style, a link, a
    template, code, another network's quotation, or one that a script fills (an advertisement's
    `ins`, an element of the page's own).
    """
    tag = element.tag
    if tag in _SINGLE:
        return not page.hidden(element.parent)
    if element.close_start is None or page.hidden(element.parent):
        return False
    if tag in _UNREAD or (element.hidden and tag in _QUOTES):
        return True
    if not element.attrs or not (tag == "ins" or ("-" in tag and not tag.startswith(_OF_TWEETS))):
        return False
    start, end = element.open_end, element.close_start
    return end - start <= _LONGEST_BLANK and not page.source[start:end].strip()
