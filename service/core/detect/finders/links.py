"""Links in HTML: `href`s that lead to tweets or are short links, and the addresses that show.

An address that tags, references or invisible characters cut into pieces is one link over all of
them, or none: never half of one.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from itertools import islice, pairwise

from service.core.html.document import HtmlDocument, InlineNode, InlineRun, VisibleText
from service.core.html.open_values import has_open_value
from service.core.mentions import LinkMention
from service.core.model import ShortLink, Span, TweetRef
from service.core.urls.tweet_urls import (
    FoundAddress,
    find_addresses,
    read_permalink,
    read_short_link,
)

_MAY_LEAD = re.compile(
    r"status|tweet|cards|article|t\.co|pic\.|%",
    re.IGNORECASE,
)  # of every address that is read as one of X's
_REFERENCE = re.compile(r"&(?!amp;|nbsp;|lt;|gt;|quot;)[#A-Za-z]")
# What stands between two pieces of one word without parting them.
_JOINING = re.compile(r"(?>(?:</?wbr\b[^<>]{0,500}>|(?><!--.*?-->))*)", re.IGNORECASE | re.DOTALL)
_DEEPEST = 64  # levels of inline elements
_LONGEST = 2000  # characters of a link's text that are compared with its `href`


def find_links(page: HtmlDocument) -> tuple[list[tuple[int, TweetRef]], list[LinkMention]]:
    """Return the `a` elements that lead to tweets, by number, and every address in an `href` and in
    running text, both in order.
    """
    targets: dict[int, TweetRef | ShortLink] = {}
    links: list[LinkMention] = []
    for number, element in enumerate(page.elements):
        if element.tag not in {"a", "area"} or element.hidden or "href" not in element.attrs:
            continue
        href = element.attrs["href"]
        target = (read_permalink(href) or read_short_link(href)) if _MAY_LEAD.search(href) else None
        if target is None or (">" in href and has_open_value(page, element)):
            continue
        targets[number] = target
        place = page.value_spans(element).get("href")
        if place:
            quoted = page.source[place[0] - 1] in "'\""
            links.append(
                LinkMention(Span(*place), href.strip(), target, in_href=True, quoted=quoted),
            )
    for run in page.traced_runs():
        for words in _uninterrupted(page, run):
            links.extend(_shown(page, words, targets))
    anchors = [(number, one) for number, one in targets.items() if isinstance(one, TweetRef)]
    return anchors, sorted(links, key=lambda link: link.span)


def _uninterrupted(page: HtmlDocument, run: InlineRun) -> Iterator[list[InlineNode]]:
    """Return the pieces of text of a run in groups, up to a line break, a picture or code."""
    group: list[InlineNode] = []
    for piece in run.pieces:
        if piece.kind == "text" and not page.hidden(piece.element):
            group.append(piece)
        elif group and not page.unseen(piece.element):
            yield group
            group = []
    if group:
        yield group


def _shown(
    page: HtmlDocument,
    pieces: list[InlineNode],
    targets: dict[int, TweetRef | ShortLink],
) -> Iterator[LinkMention]:
    """Return the addresses that show in neighbouring pieces of text."""
    start, end = pieces[0].start, pieces[-1].end
    source = page.source
    if len(pieces) == 1 and _REFERENCE.search(source, start, end) is None:
        for one in find_addresses(source[start:end]):
            span = Span(start + one.start, start + one.end)
            yield LinkMention(span, one.address, one.target)
        return
    words = _Words(page, pieces, targets)
    for first, last, one in words.addresses():
        place = words.source(first, last)
        if place is None:
            continue
        written = source[slice(*place)]
        url = written if written.replace("&amp;", "&") == one.address else one.address
        yield LinkMention(Span(*place), url, one.target)


def is_joined(page: HtmlDocument, piece: InlineNode, following: InlineNode) -> bool:
    """Return whether nothing that parts a word stands between two pieces of text."""
    return _JOINING.fullmatch(page.source, piece.end, following.start) is not None


class _Words:
    """The text of neighbouring pieces as one, and where the edges of elements lie in it."""

    def __init__(
        self,
        page: HtmlDocument,
        pieces: list[InlineNode],
        targets: dict[int, TweetRef | ShortLink],
    ) -> None:
        self._page = page
        self._pieces = pieces
        self._targets = targets
        self._visible: VisibleText = page.visible(pieces)
        self._edges = [
            bisect_left(self._visible.starts, following.start)
            for piece, following in pairwise(pieces)
            if not is_joined(page, piece, following)
        ]

    def addresses(self) -> Iterator[tuple[int, int, FoundAddress]]:
        """Return the addresses that can be read in one way alone: from, to, and what was found.

        One that goes on over the edge of an element counts as far as an `href` around says so.
        """
        text = self._visible.text
        found = find_addresses(text)
        for one in found:
            if not self._is_cut(one.start, one.end) and not self._may_go_on(one.end):
                yield one.start, one.end, one
                continue
            link = self._link_at(one.start)
            for first, _, own in self._confirmed(link) if link >= 0 else ():
                if first + own.start == one.start:
                    yield one.start, first + own.end, own
        starts = [one.start for one in found]
        for link in dict.fromkeys(self._link_around(piece) for piece in self._pieces):
            # The words before it run into it: read with them it is none.
            for first, last, own in self._confirmed(link) if link >= 0 and self._edges else ():
                begins, ends = first + own.start, first + own.end
                before = bisect_left(starts, last) - 1
                if before < 0 or found[before].end <= first:
                    yield begins, ends, own

    def _is_cut(self, start: int, end: int) -> bool:
        number = bisect_right(self._edges, start)
        return number < len(self._edges) and self._edges[number] < end

    def _may_go_on(self, end: int) -> bool:
        """Return whether the edge of an element alone ends an address here."""
        number = bisect_left(self._edges, end)
        if number == len(self._edges) or self._edges[number] != end:
            return False
        following = self._visible.text[end : end + 2]
        return following[:1].isalnum() or (
            following[:1] in "#/?&=%_~+@$-" and following[1:].isalnum()
        )

    def _confirmed(self, link: int) -> Iterator[tuple[int, int, FoundAddress]]:
        """Return the address in a link's text that leads where the link does, with where that text
        begins and ends.
        """
        element = self._page.elements[link]
        first = bisect_left(self._visible.starts, element.open_end)
        last = bisect_left(self._visible.starts, element.limit)
        if last - first <= _LONGEST:
            found = find_addresses(self._visible.text[first:last])
            if len(found) == 1 and found[0].target == self._targets[link]:
                yield first, last, found[0]

    def _piece_at(self, at: int) -> InlineNode:
        place = self._visible.starts[at]
        return self._pieces[bisect_right(self._pieces, place, key=lambda piece: piece.start) - 1]

    def _link_at(self, at: int) -> int:
        return self._link_around(self._piece_at(at))

    def _link_around(self, piece: InlineNode) -> int:
        """Return the `a` around a piece whose target is known, -1 if there is none."""
        around = islice(self._page.ancestors(piece.element), _DEEPEST)
        return next((number for number in around if number in self._targets), -1)

    def source(self, start: int, end: int) -> tuple[int, int] | None:
        """Return where characters stand in the source, the tags of elements that show nothing else
        among them; None if these would not pair up.
        """
        visible = self._visible
        first, last = visible.source(start, end)
        if not self._is_cut(start, end):
            return first, last
        link = self._link_at(start)
        begins, ends = first, last
        at = bisect_right(self._pieces, first, key=lambda piece: piece.start) - 1
        while at < len(self._pieces) and self._pieces[at].start < last:
            for number in islice(self._page.ancestors(self._pieces[at].element), _DEEPEST):
                if number == link:
                    break
                element = self._page.elements[number]
                shows_from = bisect_left(visible.starts, element.open_end)
                shows_to = bisect_left(visible.starts, element.limit)
                if element.close_start is None or shows_from < start or shows_to > end:
                    return None
                begins, ends = min(begins, element.start), max(ends, element.end)
            at += 1
        return begins, ends
