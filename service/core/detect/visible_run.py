"""What shows between two block boundaries of a page, or all of a plain text."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from functools import cached_property
from itertools import islice

from service.core.html.document import (
    LINE_BREAK,
    HtmlDocument,
    InlineNode,
    InlineRun,
    VisibleText,
)
from service.core.html.elements import NO_BLOCK_INSIDE, Element
from service.core.mentions import InlineContext
from service.core.sanitize.allowlist import LINK
from service.core.urls.tweet_urls import read_permalink, read_short_link

_DEEPEST = 64  # levels of inline elements


class VisibleRun:
    """What shows between two block boundaries of a page, or all of a plain text; its paragraphs are
    parts of it.
    """

    def __init__(
        self,
        visible: VisibleText,
        page: HtmlDocument | None = None,
        run: InlineRun | None = None,
    ) -> None:
        """Take what shows; `page` and `run` where it is HTML."""
        self.visible = visible
        self.page = page
        self.container = run.container if run else -1
        self._around = {self.container}
        self._pieces = run.pieces if run else []
        self._reach = (run.start, run.end) if run else (0, 0)

    def with_line(self, run: InlineRun) -> "VisibleRun":
        """Return it with what shows in the next run as one more line; `page` must be there."""
        page, (start, end) = self.page, self._reach
        assert page is not None  # noqa: S101 - of HTML alone
        between = InlineNode("br", end, end, self.container)
        pieces = [*self._pieces, between, *run.pieces]
        both = VisibleRun(
            page.visible(pieces), page, InlineRun(self.container, start, run.end, pieces)
        )
        both._around.add(run.container)
        return both

    @cached_property
    def readable(self) -> str:
        """The text with `<br>` as a line feed."""
        return self.visible.text.replace(LINE_BREAK, "\n")

    @cached_property
    def is_own_link(self) -> bool:
        """Whether it is the paragraph that we write for a tweet as a link."""
        if self.page is None or self.container < 0:
            return False
        return LINK in self.page.elements[self.container].classes

    @cached_property
    def _piece_starts(self) -> list[int]:
        return [piece.start for piece in self._pieces]

    def text_pieces(self, start: int, end: int) -> list[InlineNode]:
        """Return the pieces of text that the characters `start` to `end` come from."""
        first, last = self.visible.source(start, end)
        begins = max(0, bisect_right(self._piece_starts, first) - 1)
        found = self._pieces[begins : bisect_left(self._piece_starts, last)]
        return [piece for piece in found if piece.kind == "text" and first < piece.end]

    def hrefs(self, start: int, end: int) -> list[str]:
        """Return where the links lead that the characters `start` to `end` stand in, in order, each
        once.
        """
        if self.page is None or start >= end:
            return []
        found: dict[str, None] = {}
        for piece in self.text_pieces(start, end):
            for around in islice(self.page.ancestors(piece.element), _DEEPEST):
                if around in self._around:
                    break
                if self.page.elements[around].tag == "a":
                    found[self.page.elements[around].attrs.get("href", "").strip()] = None
                    break
        return list(found)

    @cached_property
    def is_in_another(self) -> bool:
        """Whether all of it stands in a button, say, or in a link that leads to no tweet."""
        if self.page is None or not self._pieces:
            return False
        first, last = self._pieces[0], self._pieces[-1]
        for number in islice(self.page.ancestors(first.element), _DEEPEST):
            if number == self.container:
                break
            around = self.page.elements[number]
            if around.tag in NO_BLOCK_INSIDE and last.start < around.limit:
                href = around.attrs.get("href", "") if around.tag == "a" else ""
                return not (href and (read_permalink(href) or read_short_link(href)))
        return False

    @cached_property
    def inlines(self) -> tuple[InlineContext, ...] | None:
        """The inline elements in it, outermost first; None if they are nested too deep to be looked
        at.
        """
        if self.page is None:
            return ()
        numbers: set[int] = set()
        for piece in self._pieces:
            for depth, number in enumerate(self.page.ancestors(piece.element)):
                if number in self._around or number in numbers:
                    break
                if depth > _DEEPEST:
                    return None
                numbers.add(number)
        elements = [self.page.elements[number] for number in sorted(numbers)]
        return tuple(self._inline(element) for element in elements)

    def _inline(self, element: Element) -> InlineContext:
        starts, text = self.visible.starts, self.visible.text
        first, last = bisect_left(starts, element.open_end), bisect_left(starts, element.limit)
        while first < last and text[first].isspace():
            first += 1
        while last > first and text[last - 1].isspace():
            last -= 1
        end = element.end if element.close_start is not None else element.limit
        shows_from, shows_to = self.visible.source(first, last)
        within = self._reach[0] <= element.start and end <= self._reach[1]
        return InlineContext(
            element.start,
            end,
            shows_from if within else -1,
            shows_to,
        )  # -1: it shows more, elsewhere


def pieces_of(page: HtmlDocument, runs: Sequence[InlineRun]) -> list[InlineNode]:
    """Return the pieces of several runs, with a line break between the runs."""
    pieces: list[InlineNode] = []
    for run in runs:
        if page.hidden(run.container):
            continue
        if pieces:
            pieces.append(InlineNode("br", pieces[-1].end, pieces[-1].end, run.container))
        pieces.extend(run.pieces)
    return pieces
