"""What of an element that quotes a tweet is the tweet, and where the element can be cut so that all
else in it stays.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate

from service.core.detect.finders.marked_elements import is_marked
from service.core.detect.visible_run import pieces_of
from service.core.html.document import (
    LINE_BREAK,
    OBJECT,
    HtmlDocument,
    InlineRun,
    VisibleText,
)
from service.core.html.elements import BLOCK, Element
from service.core.mentions import FlattenedText, QuotationCut, QuotationParts, Range
from service.core.model import Span, TweetRef
from service.core.oembed.quotation import Quotation, QuotedLink, Signature, read_quotation
from service.core.text.escaping import is_seen
from service.core.urls.tweet_urls import find_addresses, read_short_link

_MOST_CUTS = 12
"""Lines before an attribution that are looked at as the tweet's first."""

_NOTHING = re.compile(r"(?:\s|&nbsp;|<br\s*/?>)*", re.IGNORECASE)
_FRAMES = re.compile(
    r"</?(?:div|figure|section|center|span|p|br)(?:\s[^<>]*)?>|&nbsp;|<script\b[^<>]*>[^<]*</script>",
    re.IGNORECASE,
)
_CALLOUT = re.compile(r"\[![A-Za-z-]{1,30}\][+-]?[^\n]*")
"""The head of a quotation that GitHub and Obsidian draw as a callout
(https://help.obsidian.md/callouts).
"""
_ADDRESS = re.compile(r"\s*(?:\S*[./…]\S*)?\s*")
_TAG = re.compile(r"<!--.*?-->|<[^<>]*>", re.DOTALL)
_LONGEST_FRAMES = 10_000
_X_PICTURE = re.compile(r"(?:https?:)?//[a-z0-9-]+\.twimg\.com/", re.IGNORECASE)
_KEPT_TAGS = frozenset({"script", "style", "hr", "iframe", "form", "table"})
_WIDGET_ID = re.compile("twitter-widget-[0-9]+")


class QuotedElement:
    """An element that quotes a tweet, and what shows in it."""

    def __init__(
        self,
        page: HtmlDocument,
        number: int,
        runs: Sequence[InlineRun],
        anchors: Sequence[tuple[int, TweetRef]],
        *,
        goes_on: bool = False,
    ) -> None:
        """Read the element `number` that shows `runs`, and more behind them if it `goes_on`;
        `anchors` are the `a` elements in them that lead to tweets.
        """
        self.page = page
        self.number = number
        self.element = page.elements[number]
        self._pieces = pieces_of(page, runs)
        self.visible = page.visible(self._pieces)
        self.text = self.visible.text.replace("\n", " ").replace(LINE_BREAK, "\n")
        self._limit = self.element.limit
        if not self.element.is_closed:  # it ends with what it shows
            self._limit = min(self._limit, runs[-1].end if runs else 0)
        self._goes_on = goes_on
        self._anchors: dict[QuotedLink, int] = {}
        for at, target in anchors:
            shows = self._shown(page.elements[at])
            self._anchors[QuotedLink(*shows, target)] = at
        self.links = list(self._anchors)
        self.quotation: Quotation = read_quotation(self.text, self.links)

    def _shown(self, element: Element) -> Range:
        """Return which of the visible characters stand in an element."""
        starts = self.visible.starts
        return bisect_left(starts, element.open_end), bisect_left(starts, element.limit)

    @property
    def words(self) -> str:
        """What shows before the attribution."""
        signature = self.quotation.signature
        return self.text[: signature.start] if signature else self.text

    def evidence(self) -> FlattenedText | None:
        """Return the words that must prove the tweet; None without an attribution."""
        one = self.quotation.signature
        return FlattenedText(self.visible, 0, one.start, one.end) if one else None

    def end_of(self, signature: Signature) -> int:
        """Return where in the source a signature ends, the end tag of its link included."""
        if signature.link is not None:
            return self.page.elements[self._anchors[signature.link]].end
        return self.visible.source(signature.start, signature.end)[1]

    def is_turned(self) -> bool:
        """Return whether nothing stands in the element but the attribution with its permalink, and
        behind it a `p` of words as X writes it: a theme's order.
        """
        signature, element = self.quotation.signature, self.element
        if signature is None or self.text[: signature.start].strip():
            return False
        if (
            element.close_start is None
            or self._goes_on
            or any(map(self._is_amid, self._elements()))
        ):
            return False
        end = self.end_of(signature)
        words = [one for one in self._elements() if one.start >= end and _is_of_words(one)]
        if len(words) != 1:
            return False
        start, limit = self._shown(words[0])
        pictures = (at for at in range(start, limit) if self.text[at] == OBJECT)
        return (
            bool(self.text[start:limit].strip())
            and all(self._is_of_x(self.visible.starts[at]) for at in pictures)
            and not self._keeps(end, words[0].start, ())
            and not self._keeps(words[0].limit, element.close_start, self._own(signature))
            and not self.page.comments_in(element.open_end, element.close_start)
        )

    def parts(self) -> QuotationParts | None:
        """Return how the tweet can be cut out; None where nothing else stands in the element."""
        signature, element = self.quotation.signature, self.element
        if signature is None or self.quotation.is_stub:
            return None
        cuts = tuple(self._cuts(signature))
        if not cuts:
            return None
        closing = (element.close_start, element.end) if element.close_start is not None else None
        words = FlattenedText(self._without_links(), 0, signature.start, signature.end)
        blocks = {
            self.page.block_around(self._element_at(self.visible.starts[cut.start]))
            for cut in cuts
            if cut.start < len(self.visible.starts)
        }
        opening = (element.start, element.open_end)
        in_one_block = len(blocks) == 1 and self._is_signed(signature)
        return QuotationParts(words, cuts, opening, closing, in_one_block=in_one_block)

    def _is_signed(self, signature: Signature) -> bool:
        """Return whether a signature tells a handle or a day: any other link may stand below words
        that are not its tweet's.
        """
        said = self.text[signature.start : signature.end]
        return signature.attribution.date is not None or "@" in said

    def apart(self) -> Iterator[tuple[Signature, Span, QuotationParts]]:
        """Return the tweets that the element holds, each with what closes it, where it stands with
        the tags of the element before the first and behind the last, and its words; nothing where
        more stands in it, or where they are not one behind the other.
        """
        element, closings = self.element, self.quotation.closings
        limit = element.close_start
        if limit is None or self._goes_on or any(self._is_amid(one) for one in self._elements()):
            return
        said = begin = 0
        found = []
        shown = self._without_links()
        for one in closings:
            words = self.text[said : one.start]
            end = self._end(max(begin, element.open_end), one)
            if one.link is None or one.contradicts or not words.strip() or self._open_at(end):
                return
            first = said + len(words) - len(words.lstrip())
            until = element.end if one is closings[-1] else end
            span = Span(begin or element.start, until)
            cut = QuotationCut(
                first,
                (span.start, until),
                "",
                "",
                is_marked=False,
                is_clean=True,
                keeps_before=False,
                keeps_behind=False,
            )
            flat = FlattenedText(shown, said, one.start, one.end)
            tags = (element.start, element.open_end), (limit, element.end)
            found.append((one, span, QuotationParts(flat, (cut,), *tags, in_one_block=False)))
            said, begin = one.end, end
        if not (self.text[said:].strip() or self.page.comments_in(element.open_end, limit)):
            yield from found

    def _is_amid(self, one: Element) -> bool:
        """Return whether an element in the quotation is more than a frame, or nobody closed it."""
        return not one.is_complete or _stands(one)

    def _without_links(self) -> VisibleText:
        """Return what shows, blanks for the text of short links that is an address, whole or
        shortened: it is X's, and no words.
        """
        text = self.visible.text
        parts: list[str] = []
        at = 0
        for one in self._elements():
            if one.tag == "a" and read_short_link(one.attrs.get("href", "")):
                start, end = self._shown(one)
                if start >= at and _ADDRESS.fullmatch(text, start, end):
                    parts += (text[at:start], " " * (end - start))
                    at = end
        text = "".join((*parts, text[at:])) if parts else text
        return VisibleText(text, self.visible.starts, self.visible.ends)

    def _cuts(self, signature: Signature) -> Iterator[QuotationCut]:
        text = self.text
        starts = [
            match.start()
            for match in re.finditer(r"(?<![^\n])[^\n]*\S[^\n]*", text[: signature.start])
        ]
        if not starts:
            starts = [signature.start]
        for start in dict.fromkeys([*starts[:1], *starts[-_MOST_CUTS:]]):
            yield self._cut(start, signature)

    def _cut(self, start: int, signature: Signature) -> QuotationCut:
        """Return how the element is cut where the tweet's words begin at `start`."""
        page, element, text = self.page, self.element, self.text
        first = start + len(text[start:]) - len(text[start:].lstrip())
        begin = self.visible.source(first, first + 1)[0]
        is_marked = False
        for one in self._inside(self._element_at(begin)):
            shows = self._shown(one)
            if text[shows[0] : first].strip():
                break
            if _is_of_words(one):
                is_marked = not self._says_more(shows[1], signature.start)
            if text[signature.end : shows[1]].strip():
                break
            begin = one.start
        end = self._end(begin, signature)
        limit, outer = (
            (end, end) if element.close_start is None else (element.close_start, element.end)
        )
        callout = _CALLOUT.fullmatch(text[:first].strip())
        before = not callout and self._keeps(element.open_end, begin, self._headings(signature))
        behind = self._goes_on or self._keeps(end, limit, self._own(signature))
        opened = [one for one in self._open_at(begin) if before]
        reopened = [one for one in self._open_at(end) if behind]
        around = [one for one in opened if one in reopened and not _is_cut(one)]
        closing = [one for one in opened if one not in around]
        reopening = [one for one in reopened if one not in around]
        clean = all(map(_is_cut, (*closing, *reopening))) and not any(
            page.source.find("wp:", *span) >= 0
            for span in ((element.open_end, begin), (end, limit))
            if before or behind
        )
        if behind:  # the end tag of the quotation closes what nobody else does
            clean = clean and all(one.is_complete for one in self._elements() if one.start >= end)
        return QuotationCut(
            first,
            (begin if before else element.start, end if behind else outer),
            "".join(f"</{one.tag}>" for one in reversed(closing)),
            "".join(page.source[one.start : one.open_end] for one in reopening),
            is_marked=is_marked,
            is_clean=clean,
            keeps_before=before,
            keeps_behind=behind,
        )

    def _says_more(self, start: int, end: int) -> bool:
        """Return whether words stand between the tweet's and its attribution: a translation, say;
        addresses are none, nor is what follows a dash on the attribution's line: a long name.
        """
        line = self.text.rfind("\n", start, end) + 1 or start
        if self.text[line:end].lstrip().startswith(("—", "–", "―", "-")):
            end = line
        at = start
        for one in find_addresses(self.text[:end]):
            if self.text[at : one.start].strip():
                return True
            at = max(at, one.end)
        return bool(self.text[at:end].strip())

    def _end(self, begin: int, signature: Signature) -> int:
        """Return where the attribution ends, the end tags right behind it included that close
        what begins at `begin` or later.
        """
        end = self.end_of(signature)
        for one in self._inside(self._element_at(max(begin, end - 1))):
            if one.end <= end:
                continue
            if one.start < begin or one.close_start is None:
                break
            if not _NOTHING.fullmatch(self.page.source, end, one.close_start):
                break
            end = one.end
        return end

    def _inside(self, number: int) -> Iterator[Element]:
        """Return an element and those around it, up to the quotation, innermost first."""
        for at in self.page.ancestors(number):
            if at <= self.number:
                return
            yield self.page.elements[at]

    def _element_at(self, place: int) -> int:
        """Return the innermost element around a visible character."""
        at = bisect_right(self._pieces, place, key=lambda piece: piece.start) - 1
        while at >= 0 and self._pieces[at].start == self._pieces[at].end:  # between two runs
            at -= 1
        return self._pieces[at].element if at >= 0 else self.number

    def _open_at(self, place: int) -> list[Element]:
        """Return the elements in the quotation that a place cuts in two, outermost first."""
        found = []
        for one in self._elements():
            end = one.end if one.close_start is not None else one.limit
            if one.start < place < end and not (
                one.close_start is None and _NOTHING.fullmatch(self.page.source, place, end)
            ):
                found.append(one)
        return found

    def _elements(self) -> Iterator[Element]:
        elements = self.page.elements
        for at in range(self.number + 1, len(elements)):
            if elements[at].start >= self._limit:
                return
            yield elements[at]

    def _own(self, signature: Signature) -> list[QuotedLink]:
        """Return the links that lead to the tweet that a signature closes."""
        own = signature.link.target if signature.link else None
        return [one for one in self.links if one.target == own]

    def _headings(self, signature: Signature) -> list[QuotedLink]:
        """Return those that may stand above its words as a part of it: in a quotation without X's
        class, the ones that show an address.
        """
        own = self._own(signature)
        if is_marked(self.element):
            return own
        return [one for one in own if _ADDRESS.fullmatch(self.text, one.start, one.end)]

    def _keeps(self, start: int, end: int, links: Sequence[QuotedLink]) -> bool:
        """Return whether anything of the article's stands between two places, `links` of the tweet
        aside.
        """
        starts, text = self.visible.starts, self.visible.text
        begins = [one.start for one in links]
        reach = [0, *accumulate((one.end for one in links), max)]  # of the links up to each
        for at in range(bisect_left(starts, start), bisect_left(starts, end)):
            if not is_seen(text, at, at + 1) or reach[bisect_right(begins, at)] > at:
                continue
            if text[at] != OBJECT or not self._is_of_x(starts[at]):
                return True
        comments = self.page.comments_in(start, end)
        if any(not one.text[4:].lstrip().startswith(("wp:", "/wp:")) for one in comments):
            return True
        return any(_stands(one) for one in self._elements() if start <= one.start < end)

    def _is_of_x(self, place: int) -> bool:
        picture = self.page.starting_at(place)
        return picture is not None and bool(_X_PICTURE.match(picture.attrs.get("src", "")))


def holds_more(source: str, element: Element, span: Span) -> bool:
    """Return whether an element holds anything but what is at `span`, the frames around that, and
    scripts; so many characters beside it are more, whatever they are.
    """
    if element.limit - element.open_end - (span.end - span.start) > _LONGEST_FRAMES:
        return True
    rest = source[element.open_end : span.start], source[span.end : element.limit]
    return any(_FRAMES.sub("", part).strip() for part in rest)


def holds_more_than_address(source: str, start: int, end: int, caption: Span | None) -> bool:
    """Return whether a stretch shows more than an address and its caption."""
    first, last = (caption.start, caption.end) if caption else (end, end)
    shown = _TAG.sub(" ", source[start:first] + source[last:end]).replace("&nbsp;", " ").strip()
    return bool(re.search(r"\s", shown) or (shown and "/" not in shown))


def _is_of_words(element: Element) -> bool:
    return element.tag == "p" and "lang" in element.attrs and "dir" in element.attrs


def _is_cut(element: Element) -> bool:
    """Return whether an element may be closed before an embed and opened again behind it."""
    return element.tag == "p" or element.tag not in BLOCK


def _stands(element: Element) -> bool:
    """Return whether an element is more than the frame of what shows in it."""
    if element.tag in _KEPT_TAGS or (element.hidden and element.tag in BLOCK):
        return True
    return "id" in element.attrs and not _WIDGET_ID.fullmatch(element.attrs["id"])
