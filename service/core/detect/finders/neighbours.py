"""Tweets over several elements: the words, a line with the picture's address, and the attribution
one behind the other (docs/interface.md 2, form `flattened`).
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property

from service.core.detect.visible_run import pieces_of
from service.core.html.document import LINE_BREAK, OBJECT, HtmlDocument, InlineRun, VisibleText
from service.core.html.elements import BLOCK, Element
from service.core.html.wordpress_blocks import BlockDelimiters
from service.core.mentions import FlattenedText, Mention, Neighbour, WiderWords
from service.core.model import Form, ShortLink, Span, TweetRef
from service.core.text.escaping import is_seen, without_invisible
from service.core.urls.tweet_urls import find_addresses, read_permalink, read_short_link

_MOST = 10
"""Elements before an attribution that may hold words of its tweet."""
_MOST_LOOKED_AT = 200
_HOLD_WORDS = frozenset({"p", "div", "li", "blockquote"})
_HOLD_ATTRIBUTION = frozenset({"p", "div", "li", "figcaption", "blockquote", "footer"})
_FRAMES = frozenset({"div", "blockquote"})
_INLINE = frozenset({"cite", "em", "i", "strong", "b", "small", "span"})
_LONGEST_GAP = 1_000
_NOTHING = re.compile(
    r"(?:\s|&nbsp;|<br\s*/?>|<p(?:\s[^<>]*)?>(?:\s|&nbsp;|<br\s*/?>)*</p>|<!--\s*/?wp:[^<>]*-->)*",
)


class Neighbours:
    """The elements of a page before its attributions, to be joined to them."""

    def __init__(
        self, page: HtmlDocument, blocks: BlockDelimiters, mentions: list[Mention]
    ) -> None:
        """Look at `page`, in which `mentions` were found."""
        self._page = page
        self._blocks = blocks
        self._mentions = sorted(mentions, key=lambda one: one.span)
        self._starts = [one.span.start for one in self._mentions]

    @cached_property
    def _numbers(self) -> dict[int, int]:
        """The number of each element by where it begins."""
        return {element.start: at for at, element in enumerate(self._page.elements)}

    def joined(self, mention: Mention) -> Mention:
        """Return a mention that is nothing but an attribution with the elements before it that may
        hold its words; any other as it is.
        """
        flat = mention.flat
        if mention.form is not Form.FLATTENED or flat is None:
            return mention
        if without_invisible(mention.text or ""):
            return mention
        return self._over(mention, flat, self._own_element(flat)) or mention

    def with_wider_words(self, mention: Mention) -> Mention:
        """Return a mention whose last words stand with its attribution in one element, with the
        elements before that may hold its other words; any other as it is.
        """
        flat = mention.flat
        if mention.form is not Form.FLATTENED or flat is None or mention.neighbours:
            return mention
        over = self._over(mention, flat, self._element_of_words(flat))
        if over is None or over.flat is None:
            return mention
        return replace(mention, wider=WiderWords(over.flat, over.neighbours))

    def _over(self, mention: Mention, flat: FlattenedText, own: Element | None) -> Mention | None:
        """Return the mention over its own element and those before it; None if there are none."""
        while own is not None:
            before = list(self._before(own))
            if before:
                return self._mention(mention, flat, before[::-1], own)
            own = self._frame(own)
        return None

    def _frame(self, own: Element) -> Element | None:
        """Return the `div` or `blockquote` that holds an element and nothing else."""
        around = self._page.elements[own.parent] if own.parent >= 0 else None
        if around is None or around.tag not in _FRAMES or around.close_start is None:
            return None
        parts = (around.open_end, own.start), (_end_of(own), around.close_start)
        if not all(_NOTHING.fullmatch(self._page.source, *part) for part in parts):
            return None
        return around if not around.hidden else None

    def _own_element(self, flat: FlattenedText) -> Element | None:
        """Return the element whose only words are an attribution, or what stands for one where
        these are in none of their own.
        """
        text = flat.visible.text
        if is_seen(text, 0, flat.attribution_start):
            return None
        run = self._run_of(flat)
        if run is None:
            return None
        if is_seen(text, flat.attribution_end, len(text)):
            return self._bare(run, flat)
        own = self._page.elements[run.container] if run.container >= 0 else None
        if own is None or not self._is_alone(run, own):
            return self._inline(run) or self._bare(run, flat)
        return self._with_date(own, flat) if self._is_simple(own, _HOLD_ATTRIBUTION) else None

    def _with_date(self, own: Element, flat: FlattenedText) -> Element:
        """Return an element that an attribution begins in with the one behind it that its date
        stands in; as it is where that is the same.
        """
        date = flat.visible.starts[flat.attribution_end - 1]
        if date < own.limit:
            return own
        run = self._page.runs[bisect_right(self._page.run_starts, date) - 1]
        last = self._page.elements[run.container]
        return replace(own, close_start=last.close_start, end=last.end, limit=last.limit)

    def _element_of_words(self, flat: FlattenedText) -> Element | None:
        """Return the element whose only words are the last ones of a tweet and its attribution."""
        text = flat.visible.text
        if is_seen(text, 0, flat.start) or is_seen(text, flat.attribution_end, len(text)):
            return None
        run = self._run_of(flat)
        if run is None or run.container < 0:
            return None
        own = self._page.elements[run.container]
        stands = self._is_alone(run, own) and self._is_simple(own, _HOLD_WORDS)
        return own if stands else None

    def _run_of(self, flat: FlattenedText) -> InlineRun | None:
        """Return the run in which an attribution begins."""
        begins = flat.visible.starts[flat.attribution_start]
        number = bisect_right(self._page.run_starts, begins) - 1
        return self._page.runs[number] if number >= 0 else None

    def _is_alone(self, run: InlineRun, own: Element) -> bool:
        """Return whether a run is all that shows in an element."""
        starts = self._page.run_starts
        number = bisect_left(starts, run.start)
        before, behind = starts[number - 1 : number], starts[number + 1 : number + 2]
        return not (before and before[0] >= own.open_end) and not (behind and behind[0] < own.limit)

    def _inline(self, run: InlineRun) -> Element | None:
        """Return the inline element that holds all that shows in a run: a `cite`, say."""
        shown = [piece for piece in run.pieces if self._page.visible([piece]).text.strip()]
        for at in self._page.ancestors(shown[0].element) if shown else ():
            element = self._page.elements[at]
            if element.parent == run.container:
                holds = element.start <= shown[0].start and shown[-1].end <= element.limit
                return element if holds and self._is_simple(element, _INLINE) else None
        return None

    def _bare(self, run: InlineRun, flat: FlattenedText) -> Element | None:
        """Return what stands for an element around an attribution that begins a run and is in none
        of its own: an embed whose `blockquote` alone was taken away leaves it so. In a `p` that
        goes on behind it, it is that `p` up to there.
        """
        page, visible = self._page, flat.visible
        start = visible.starts[flat.attribution_start]
        closes, end = (
            visible.starts[flat.attribution_end - 1],
            visible.ends[flat.attribution_end - 1],
        )
        pieces = {
            at: one for one in run.pieces for at in (start, closes) if one.start <= at < one.end
        }
        around = page.elements[run.container] if run.container >= 0 else None
        if len(pieces) < len({start, closes}) or pieces[start].element != run.container:
            return None
        if around is not None and (around.hidden or not self._may_be_parted(run, around)):
            return None
        for at in page.ancestors(pieces[closes].element):
            if at == run.container:
                break
            if page.elements[at].close_start is None:
                return None
            end = max(end, page.elements[at].end)
        behind = bisect_left(visible.starts, closes + 1)
        if behind < len(visible.starts) and visible.starts[behind] < end:
            return None
        if around is not None and around.tag == "p":
            return replace(around, close_start=end, end=end, limit=end)
        return Element(
            tag="",
            attrs={},
            start=start,
            open_end=run.start,
            close_start=end,
            end=end,
            limit=end,
            parent=run.container,
            hidden=False,
            unseen=False,
            no_block=around is not None and around.no_block,
        )

    def _may_be_parted(self, run: InlineRun, around: Element) -> bool:
        """Return whether an embed may take the place of the beginning of a run: in a `p`, it is
        closed before, and what goes on behind it stands in a new one.
        """
        if around.tag != "p":
            return True
        return (
            around.close_start is not None
            and "id" not in around.attrs
            and self._is_alone(run, around)
            and self._blocks.around(around.start, around.end) is None
        )

    def _before(self, own: Element) -> Iterator[Element]:
        """Return the elements right before one that may hold words of the same tweet, nearest
        first.
        """
        page, following = self._page, own
        found = 0
        at = bisect_left(page.elements, own.start, key=lambda one: one.start)
        for number in range(at - 1, max(-1, at - 1 - _MOST_LOOKED_AT), -1):
            element = page.elements[number]
            if number == own.parent or found == _MOST:
                return
            if element.parent != own.parent or element.tag == "br":
                continue
            if not self._is_next(element, following) or not self._holds_words(element):
                return
            if (own.tag == "li") != (element.tag == "li"):
                return
            following = element
            if self._visible(element).text.strip():
                found += 1
                yield element

    def _is_next(self, element: Element, following: Element) -> bool:
        """Return whether nothing stands between two elements."""
        start, end = _end_of(element), following.start
        return end - start <= _LONGEST_GAP and bool(
            _NOTHING.fullmatch(self._page.source, start, max(start, end)),
        )

    def _holds_words(self, element: Element) -> bool:
        if not self._is_simple(element, _HOLD_WORDS):
            return False
        if OBJECT in self._visible(element).text:
            return False
        return all(
            one.tweet is None
            and one.attribution is None
            and one.form in {Form.URL, Form.BLOCKQUOTE}
            for one in self._inside(element)
        )

    def _inside(self, element: Element) -> list[Mention]:
        first = bisect_left(self._starts, element.start)
        last = bisect_left(self._starts, _end_of(element))
        return self._mentions[first:last]

    def _is_simple(self, element: Element, tags: frozenset[str]) -> bool:
        """Return whether an element is one of `tags` and holds nothing but words, and paragraphs
        of them: what else would have to stay.
        """
        page = self._page
        if element.tag not in tags or element.hidden or element.close_start is None:
            return False
        at = self._numbers[element.start]
        for number, inner in enumerate(page.elements[at + 1 : at + 2 + _MOST_LOOKED_AT]):
            if inner.start >= element.limit:
                break
            if number == _MOST_LOOKED_AT:
                return False
            if (inner.tag in BLOCK and inner.tag != "p") or inner.tag in {"style", "img"}:
                return False
        return True

    def _runs(self, first: Element, last: Element | None = None) -> list[InlineRun]:
        """Return what shows in an element, or from one to another."""
        starts, limit = self._page.run_starts, (last or first).limit
        return self._page.runs[bisect_left(starts, first.open_end) : bisect_left(starts, limit)]

    def _visible(self, first: Element, last: Element | None = None) -> VisibleText:
        return self._page.visible(pieces_of(self._page, self._runs(first, last)))

    def _mention(
        self,
        mention: Mention,
        flat: FlattenedText,
        before: list[Element],
        own: Element,
    ) -> Mention:
        """Return the mention over the elements `before` and its `own`."""
        visible = self._visible(before[0], own)
        starts = visible.starts
        closes = (
            flat.visible.starts[flat.attribution_start],
            flat.visible.starts[flat.attribution_end - 1],
        )
        begin, end = bisect_left(starts, closes[0]), bisect_left(starts, closes[1]) + 1
        near = bisect_left(starts, before[-1].open_end)
        neighbours = [
            self._neighbour(one, own, _first_letter(visible, one.open_end))
            for one in (*before, own)
        ]
        targets = self._targets(visible.text[near:end], before[-1].start, _end_of(own))
        return replace(
            mention,
            span=Span(*neighbours[-2].span),
            flat=FlattenedText(visible, 0, begin, end),
            targets=tuple(targets),
            urls=tuple(targets.values()),
            text=visible.text[near:begin].replace(LINE_BREAK, "\n").strip() or None,
            neighbours=tuple(neighbours),
        )

    def _neighbour(self, first: Element, last: Element, start: int) -> Neighbour:
        """Return what goes where a tweet stands from one element to another: of items of a list
        what the first holds, and all others.
        """
        begin, end = first.start, _end_of(last)
        if first.tag == "li":
            place = self._page.block_may_stand(self._numbers[first.start])
            may = place and self._blocks.embed_may_stand(first.open_end, first.limit)
            return Neighbour(start, (first.open_end, last.limit), is_place=may)
        may = self._page.block_may_stand(first.parent) and self._blocks.embed_may_stand(
            begin, _end_of(first)
        )
        whole = self._page.starting_at(last.start) if last.tag == "p" else None
        if whole is not None and whole.end > last.end:
            written = self._page.source[whole.start : whole.open_end]
            return Neighbour(start, (begin, end), is_place=may, reopens=written)
        opens, closes = (
            self._blocks.around(begin, _end_of(first)),
            self._blocks.around(self._begin_of_last(last), end),
        )
        if opens and closes:
            return Neighbour(start, (opens[0].start, closes[1].end), in_block=True, is_place=may)
        return Neighbour(start, (begin, end), is_place=may and not (opens or closes))

    def _begin_of_last(self, last: Element) -> int:
        """Return where the line that the date stands in begins, if it is one of its own."""
        if last.start not in self._numbers:
            return last.start
        after = (one for one in self._elements_in(last.start, last.end) if one.end == last.end)
        return next((one.start for one in after if one.parent == last.parent), last.start)

    def _targets(self, text: str, start: int, end: int) -> dict[TweetRef | ShortLink, str]:
        """Return the addresses that show, and then those that links lead to."""
        found: dict[TweetRef | ShortLink, str] = {}
        for one in find_addresses(text.replace(LINE_BREAK, "\n")):
            found.setdefault(one.target, one.address)
        for element in self._elements_in(start, end):
            href = element.attrs.get("href", "").strip() if element.tag == "a" else ""
            target = (read_permalink(href) or read_short_link(href)) if href else None
            if target is not None:
                found.setdefault(target, href)
        return found

    def _elements_in(self, start: int, end: int) -> Iterator[Element]:
        for at in range(self._numbers[start], len(self._page.elements)):
            if self._page.elements[at].start >= end:
                return
            yield self._page.elements[at]


def _end_of(element: Element) -> int:
    return element.end


def _first_letter(visible: VisibleText, place: int) -> int:
    """Return the first visible character behind a place that is no blank, and seen."""
    at, text = bisect_left(visible.starts, place), visible.text
    while at < len(text) and not without_invisible(text[at]).strip():
        at += 1
    return at
