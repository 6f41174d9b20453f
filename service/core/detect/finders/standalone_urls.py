"""Standalone addresses: a permalink or a short link that is all of its paragraph or line
(docs/interface.md 2, form `url`).

An `a` counts where its text is the address of the same tweet, whole or shortened, or is empty; one
with words of its own is a link like others.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator
from itertools import islice, pairwise
from urllib.parse import parse_qsl, unquote, urlsplit

from service.core.detect.finders.links import is_joined
from service.core.detect.paragraphs import Paragraph, paragraph_place
from service.core.detect.visible_run import VisibleRun
from service.core.html.document import OBJECT, HtmlDocument, InlineRun
from service.core.html.elements import BLOCK, Element
from service.core.html.wordpress_blocks import BlockDelimiters
from service.core.mentions import (
    FlattenedText,
    InsertionPoint,
    Mention,
    NotPlaceable,
    Range,
    ReplaceContent,
)
from service.core.model import Form, ShortLink, Span, TweetRef
from service.core.text.escaping import INVISIBLE, without_invisible
from service.core.urls.tweet_urls import find_addresses, read_permalink, read_short_link

_WRAPPERS = frozenset({"span", "strong", "b", "em", "i", "u", "font"})
_DEEPEST = 64  # levels of inline elements
_LONGEST = 2000  # characters of a line that may be an address
_PREFIX = re.compile(
    r"(?:(?:https?:)?//)?(?:(?:www|mobile|m)\.)?(?:twitter\.com(?=/))?", re.IGNORECASE
)
_ELLIPSIS = re.compile(r"…|\.{3}")
_SHORTENED = re.compile(r"x\.com/[a-z0-9_]{0,20}(?:/[a-z0-9]*){0,2}", re.ASCII)
# White space, invisible characters, comments, and tags of wrappers. An `i` with a class is an icon.
_NOTHING = re.compile(
    rf"(?>(?:\s|&nbsp;|{INVISIBLE.pattern}|(?><!--(?!\s*/?wp:).*?-->)"
    r"|<(?:wbr|/?(?:span|strong|b|em|i|u|font)|(?:span|font)\s[^<>]{0,500})>)*)",
    re.IGNORECASE | re.DOTALL,
)
_FURTHEST = 500  # characters of markup beside an empty link that are looked at


def standalone_urls(paragraph: Paragraph, page: HtmlDocument | None = None) -> Iterator[Mention]:
    """Return the lines that are nothing but one address, bare or as the only `a`."""
    stretch = paragraph.stretch
    for start, end in paragraph.lines:
        text = stretch.visible.text[start:end]
        if OBJECT in text or end - start > _LONGEST:
            continue  # a picture beside it, or another embed
        around = _links_around(page, stretch, start, end) if page is not None else {-1}
        if len(around) != 1:
            continue
        number = around.pop()
        link = page.elements[number] if page is not None and number >= 0 else None
        target: TweetRef | ShortLink | None
        if link is None:
            target, url = read_bare(text), without_invisible(text)
            if page and target and _is_cut(page, stretch, (start, end), target):
                continue
        else:
            url = link.attrs.get("href", "").strip()
            target = _leads(link, text, own=stretch.is_own_link)
        if target is not None:
            yield _mention(page, paragraph, (start, end), target, url)


def read_bare(text: str) -> TweetRef | ShortLink | None:
    """Read a text that is one address and nothing else, invisible characters around it aside."""
    text = without_invisible(text).strip()
    found = find_addresses(text)
    if len(found) != 1 or found[0].start != 0 or found[0].end != len(text):
        return None
    return found[0].target


def _is_cut(
    page: HtmlDocument, stretch: VisibleRun, line: Range, target: TweetRef | ShortLink
) -> bool:
    """Return whether the edge of an element stands in the id or the code of an address, or behind
    it: what is on the other side may be no part of the same address.
    """
    pieces = stretch.text_pieces(*line)
    if len(pieces) == 1:
        return False
    name = target.id if isinstance(target, TweetRef) else target.code
    at = stretch.visible.text.find(name, *line)
    begins = stretch.visible.starts[at] if at >= 0 else 0
    return any(
        following.start > begins and not is_joined(page, piece, following)
        for piece, following in pairwise(pieces)
    )


def _links_around(
    page: HtmlDocument,
    stretch: VisibleRun,
    start: int,
    end: int,
) -> set[int]:
    """Return the `a` elements by number, -1 for words in none, that a line stands in; nothing where
    an element other than a wrapper is around.
    """
    links: set[int] = set()
    for piece in stretch.text_pieces(start, end):
        link = -1
        for number in islice(page.ancestors(piece.element), _DEEPEST):
            if number == stretch.container:
                break
            tag = page.elements[number].tag
            if tag == "a" and link < 0:
                link = number
            elif tag not in _WRAPPERS:
                return set()
        links.add(link)
    return links


def _leads(link: Element, text: str, *, own: bool) -> TweetRef | ShortLink | None:
    """Return where an `a` leads, if its text says the same."""
    href = link.attrs.get("href", "").strip()
    target = read_permalink(href) or read_short_link(href)
    if own:
        return target
    if without_invisible(text) == href:  # an autolink, whatever was copied along behind it
        return target
    shown = read_bare(text)
    if target is None:
        return shown if isinstance(shown, TweetRef) and _redirects_to(href, shown) else None
    if shown is None:
        return target if _is_shortened(without_invisible(text), href, target) else None
    if isinstance(shown, TweetRef) and isinstance(target, TweetRef):
        return target if shown.id == target.id else None
    # Where a short link leads is not known yet; two short links are the same or not.
    return target if type(shown) is not type(target) or shown == target else None


def _redirects_to(href: str, shown: TweetRef) -> bool:
    """Return whether an address names a tweet in its query, as Google's and Facebook's do."""
    try:
        values = [value for _, value in parse_qsl(urlsplit(href[:_LONGEST]).query)]
    except ValueError:
        return False
    tweets = [tweet for tweet in map(read_permalink, values) if tweet is not None]
    return [tweet.id for tweet in tweets] == [shown.id]


def _is_shortened(text: str, href: str, target: TweetRef | ShortLink) -> bool:
    """Return whether a text is an address of the target with an ellipsis for a part of it."""
    parts = [_bare(text, strip=number == 0) for number, text in enumerate(_ELLIPSIS.split(text))]
    if len(parts) == 1 or "/" not in parts[0]:
        return False
    wholes = [_bare(unquote(href))]
    if isinstance(target, TweetRef):
        wholes.append(f"x.com/{target.handle or 'i'}/status/{target.id}".lower())
    elif _SHORTENED.fullmatch(parts[0]) and not "".join(parts[1:-1]):
        return True  # X shows where a short link leads
    return any(_agrees(parts, whole) for whole in wholes)


def _bare(address: str, *, strip: bool = True) -> str:
    """Return an address in small letters without its scheme, twitter.com as x.com."""
    address = address.strip().lower()
    match = _PREFIX.match(address) if strip else None
    if match is None:
        return address
    host = "x.com" if match[0].endswith("twitter.com") else ""
    return host + address[match.end() :]


def _agrees(parts: list[str], whole: str) -> bool:
    """Return whether parts stand in a whole in order, the first and the last at its ends."""
    if not whole.startswith(parts[0]) or not whole.endswith(parts[-1]):
        return False
    at = len(parts[0])
    for part in parts[1:]:
        at = whole.find(part, at)
        if at < 0:
            return False
        at += len(part)
    return True


def _mention(
    page: HtmlDocument | None,
    paragraph: Paragraph,
    line: tuple[int, int],
    target: TweetRef | ShortLink,
    url: str,
) -> Mention:
    stretch = paragraph.stretch
    flat = None
    if len(paragraph.lines) == 1 and paragraph.element is not None:
        span = paragraph.element
    else:
        span, cut = _with_tags(page, stretch, *line)
        if cut:  # an element goes on beyond the line: decided where the embed is written
            flat = FlattenedText(stretch.visible, line[0], *line, stretch.inlines)
    return Mention(
        span=Span(*span),
        form=Form.URL,
        insertion_point=paragraph.insertion_point,
        tweet=target if isinstance(target, TweetRef) else None,
        targets=(target,),
        urls=(url,),
        flat=flat,
    )


def _with_tags(
    page: HtmlDocument | None,
    stretch: VisibleRun,
    start: int,
    end: int,
) -> tuple[tuple[int, int], bool]:
    """Return the source of a line with the tags of the elements that show nothing else, and
    whether another element shows more.
    """
    visible = stretch.visible
    while start > 0 and not without_invisible(visible.text[start - 1]):
        start -= 1
    while end < len(visible.text) and not without_invisible(visible.text[end]):
        end += 1
    begins, ends = visible.source(start, end)
    cut = False
    if page is None:
        return (begins, ends), cut
    for piece in stretch.text_pieces(start, end):
        for number in islice(page.ancestors(piece.element), _DEEPEST):
            if number == stretch.container:
                break
            element = page.elements[number]
            first = bisect_left(visible.starts, element.open_end)
            last = bisect_left(visible.starts, element.limit)
            before = visible.text[max(first, start - _LONGEST) : start]
            behind = visible.text[end : min(last, end + _LONGEST)]
            if element.close_start is None or without_invisible(before + behind).strip():
                cut = True
                break
            begins, ends = min(begins, element.start), max(ends, element.end)
    return (begins, ends), cut


def empty_links(page: HtmlDocument, blocks: BlockDelimiters) -> Iterator[Mention]:
    """Return the `a` elements that show nothing, alone in their paragraph or on their line."""
    for number, element in enumerate(page.elements):
        if (
            element.tag != "a"
            or element.close_start is None
            or element.hidden
            or not element.attrs.keys().isdisjoint({"id", "name"})  # others may point at it
            or not page.traces.within(element.start, element.open_end)
            or not _shows_nothing(page.source, element.open_end, element.close_start)
            or "class" in page.source[element.open_end : element.close_start]  # an icon's
        ):
            continue
        href = element.attrs.get("href", "").strip()
        target = read_permalink(href) or read_short_link(href)
        place = _alone(page, number, blocks) if target is not None else None
        if target is None or place is None:
            continue
        yield Mention(
            span=Span(*place[1]),
            form=Form.URL,
            insertion_point=place[0],
            tweet=target if isinstance(target, TweetRef) else None,
            targets=(target,),
            urls=(href,),
        )


def _alone(
    page: HtmlDocument, number: int, blocks: BlockDelimiters
) -> tuple[InsertionPoint, Range] | None:
    """Return what an embed takes the place of where an element is all of its paragraph or line, and
    that paragraph or line; else None.
    """
    source, element = page.source, page.elements[number]
    start, end = element.start, element.end
    around = element.parent
    while around >= 0 and page.elements[around].tag in _WRAPPERS:
        wrapper = page.elements[around]
        if wrapper.close_start is None:
            return None
        start, end, around = wrapper.start, wrapper.end, wrapper.parent
    if around >= 0 and page.elements[around].tag not in BLOCK:
        return None
    first, last = (
        (page.elements[around].open_end, page.elements[around].limit)
        if around >= 0
        else (0, len(source))
    )
    in_paragraph = around >= 0 and page.elements[around].tag == "p"
    if not in_paragraph:
        first = max(first, source.rfind("\n", 0, start) + 1)
        line_end = source.find("\n", end)
        last = min(last, line_end) if line_end >= 0 else last
    if not (
        _shows_nothing(source, first, start)
        and _shows_nothing(source, end, last)
        and _shows_nothing(source, start, element.start)
        and _shows_nothing(source, element.end, end)
    ):
        return None
    if in_paragraph:
        paragraph = page.elements[around]
        run = InlineRun(around, paragraph.open_end, paragraph.limit, [])
        point, span = paragraph_place(page, run, (start, end), blocks)
        return point, span or (start, end)
    place = page.block_may_stand(around)
    return (ReplaceContent((start, end)) if place else NotPlaceable()), (start, end)


def _shows_nothing(source: str, start: int, end: int) -> bool:
    return end - start <= _FURTHEST and _NOTHING.fullmatch(source, start, end) is not None
