"""What stands inside an element without showing, and stays when the element is replaced: comments,
scripts, and the names that links point at.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator
from html import escape

from service.core.html.document import HtmlDocument
from service.core.html.elements import Element
from service.core.html.widget_scripts import is_widget_script
from service.core.mentions import Leftover, LeftoverKind

_OF_X = re.compile("twitter-widget-[0-9]+")
_NO_ANCHORS = frozenset({"iframe", "script", "style", "img", "video", "audio", "object", "embed"})
_EMPTY_ANCHORS = frozenset({"a", "span"})
_EMPTY = "<!---->"
_UNREAD = frozenset({"style", "template", "pre", "textarea", "title", "xmp", "noembed", "noframes"})
_QUOTES = frozenset({"blockquote", "div"})
_LONGEST_BLANK = 200
_SINGLE = frozenset({"link", "meta"})
_OF_TWEETS = ("amp-", "i-amphtml-", "embetty-", "twitter-", "o-embed")


class Leftovers:
    """What of an article would be lost with an element, to be looked up by where it stands."""

    def __init__(self, page: HtmlDocument) -> None:
        """Note all there is in `page`."""
        self._all = sorted([*_comments(page), *_of_elements(page)], key=lambda one: one.start)
        self._starts = [one.start for one in self._all]

    def within(self, start: int, end: int) -> tuple[Leftover, ...]:
        """Return what stands between two places, in order."""
        return tuple(self._all[bisect_left(self._starts, start) : bisect_left(self._starts, end)])


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
