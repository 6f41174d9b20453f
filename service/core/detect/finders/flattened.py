"""Flattened tweets: `text … — Name (@handle) DATE`, in a paragraph or on a line (docs/interface.md
2).
"""

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

from service.core.detect.finders.links import is_joined
from service.core.detect.finders.signatures import closes_quotation
from service.core.detect.paragraphs import Paragraph
from service.core.mentions import FlattenedText, Mention, NotPlaceable
from service.core.model import Form, ShortLink, Span, TweetRef
from service.core.oembed.quotation import contradicts
from service.core.text.attribution import FoundAttribution
from service.core.text.dates import GAP
from service.core.text.typography import wrapped_codes
from service.core.urls.tweet_urls import find_addresses, read_permalink, read_short_link

_TO_PERMALINK = re.compile(
    rf"{GAP}{{0,8}}(?:(?<=[\n\u2028])(?:>[ \t]?){{1,8}})?(?P<bracket>[(<\[]?)"
    r"(?=[A-Za-z/][^\s<>]{0,64}/|/)"
)
_LONGEST = 400
"""Characters of a permalink behind a date that are looked at."""
_BRACKETS = {"(": ")", "<": ">", "[": "]"}


def flattened(paragraph: Paragraph) -> Iterator[Mention]:
    """Return the flattened tweets of a paragraph, each up to the end of its attribution, none
    reaching into the one before. The link that we write for a tweet is none.
    """
    if paragraph.stretch.is_own_link:
        return
    begin = paragraph.lines[0][0]
    back = paragraph.back
    for number, one in enumerate(paragraph.found):
        signed = _with_permalink(paragraph, one)
        if not closes_quotation(paragraph, signed, begin):
            begin = back = one.end
            continue
        following = paragraph.found[number + 1].start if number + 1 < len(paragraph.found) else None
        yield _mention(paragraph, signed, begin, back, following)
        begin = back = signed.end


def _with_permalink(paragraph: Paragraph, one: FoundAttribution) -> FoundAttribution:
    """Return an attribution up to the end of the author's permalink that stands behind its date on
    the same line, in brackets on the next one too, as what makes plain text of links writes it; as
    it is where there is none.
    """
    text = paragraph.stretch.readable
    begins = _TO_PERMALINK.match(text, one.end)
    if begins is None:
        return one
    bracketed = begins.end() - 1 if begins["bracket"] else one.end - 1
    line_ends = _line_of(paragraph, bracketed)[1]
    line = text[begins.end() : min(line_ends, begins.end() + _LONGEST)]
    address = next(iter(find_addresses(line)), None)
    goes_on = address is not None and address.end == _LONGEST
    if address is None or address.start or goes_on or not isinstance(address.target, TweetRef):
        return one
    author, handle = address.target.handle, one.attribution.handle
    if author and handle and author.lower() != handle.lower():
        return one
    end = begins.end() + address.end
    if _is_cut(paragraph, begins.end(), end):
        return one
    closes = _BRACKETS.get(begins["bracket"], "")
    if not text.startswith(closes, end):
        return one
    return replace(one, end=end + len(closes))


def _is_cut(paragraph: Paragraph, start: int, end: int) -> bool:
    """Return whether the edge of an element stands in a stretch: words may be on its other side."""
    page = paragraph.stretch.page
    if page is None:
        return False
    pieces = paragraph.stretch.text_pieces(start, end)
    return not all(is_joined(page, *both) for both in pairwise(pieces))


def _mention(
    paragraph: Paragraph,
    one: FoundAttribution,
    begin: int,
    back: int,
    following: int | None,
) -> Mention:
    """Build the mention whose words lie between `begin` and its attribution; `following` is where
    the next attribution begins.

    Once the tweet is known its words may prove to begin earlier, down to `back`: across the blank
    lines of the tweet itself.
    """
    visible, text = paragraph.visible, paragraph.stretch.readable
    line_start = max(begin, _line_of(paragraph, one.start)[0])
    # The marks of a quoted mail are no words.
    start = line_start if text[line_start : one.start].strip(" \t>") else begin
    line_end = max(one.end, _line_of(paragraph, one.end - 1)[1])
    end = one.end if following is not None and following < line_end else line_end
    start += len(text[start:end]) - len(text[start:end].lstrip())
    # An attribution that is a paragraph of its own closes the words, and the code, of a paragraph
    # before.
    first = begin if text[begin : one.start].strip() else back
    inside = _addresses(paragraph, first, one.end)
    point = NotPlaceable() if paragraph.stretch.is_in_another else paragraph.insertion_point
    return Mention(
        span=Span(*visible.source(start, end)),
        form=Form.FLATTENED,
        insertion_point=point,
        targets=tuple(inside),
        urls=tuple(inside.values()),
        attribution=one.attribution,
        text=text[start : one.start].strip(),
        flat=FlattenedText(visible, back, one.start, one.end, paragraph.stretch.inlines),
        permalink=_permalink(paragraph, one) if any(map(_is_tweet, inside)) else None,
    )


def _permalink(paragraph: Paragraph, one: FoundAttribution) -> TweetRef | None:
    """Return the tweet that the permalink in an attribution states; None where that is another's
    by author or day.
    """
    for target in _addresses(paragraph, one.start, one.end):
        if isinstance(target, TweetRef) and not contradicts(one.attribution, target):
            return target
    return None


def _is_tweet(target: TweetRef | ShortLink) -> bool:
    return isinstance(target, TweetRef)


def _addresses(paragraph: Paragraph, start: int, end: int) -> dict[TweetRef | ShortLink, str]:
    """Return the addresses that show, and then those that links lead to: a date may still be
    one.
    """
    found: dict[TweetRef | ShortLink, str] = {}
    text = paragraph.stretch.readable[start:end]
    for one in find_addresses(text):
        found.setdefault(one.target, one.address)
    for _, _, address in wrapped_codes(text):
        code = read_short_link(address)
        if code is not None:
            found.setdefault(code, address)
    for href in paragraph.stretch.hrefs(start, end):
        target = read_permalink(href) or read_short_link(href)
        if target is not None:
            found.setdefault(target, href)
    return found


def _line_of(paragraph: Paragraph, at: int) -> tuple[int, int]:
    """Return the line in which, or behind which, a place lies."""
    return paragraph.lines[max(0, bisect_right(paragraph.lines, at, key=lambda line: line[0]) - 1)]
