"""Where an element stands, and so what an embed in its place does to what is around: a paragraph is
closed and opened again, say.
"""

from bisect import bisect_left, bisect_right

from service.core.detect.paragraphs import paragraph_place
from service.core.detect.visible_run import VisibleRun
from service.core.html.document import HtmlDocument
from service.core.html.elements import BLOCK, Element
from service.core.html.wordpress_blocks import BlockDelimiters
from service.core.mentions import (
    FlattenedText,
    InsertionPoint,
    NotPlaceable,
    Range,
    ReplaceElement,
)
from service.core.model import Span


class InsertionPoints:
    """The places of a page. What shows around an element is read once, however many elements stand
    there.
    """

    def __init__(self, page: HtmlDocument, blocks: BlockDelimiters) -> None:
        """Look at `page`, whose block delimiters are `blocks`."""
        self.page = page
        self._blocks = blocks
        self.captions = sorted(
            (one.start, one.end)
            for one in page.elements
            if one.tag == "figcaption" and one.close_start is not None
        )
        self._stretches: dict[int, tuple[VisibleRun, int, int]] = {}

    def of(self, element: Element, span: Span) -> tuple[InsertionPoint, FlattenedText | None]:
        """Return what stands around an element that is replaced from `span.start` to
        `span.end`, and the words beside it in its `p`.

        An element that nobody closed leads to no place: what follows it would stand somewhere
        else afterwards.
        """
        page = self.page
        whole = (span.start, span.end)
        place = page.block_may_stand(element.parent) and (
            element.close_start is not None or element.tag == "embed"
        )
        number = self._run(element.start)
        stretch, first, last = self._stretch(number) if number >= 0 else (None, 0, 0)
        around = stretch.container if stretch is not None else self._block_around(element.parent)
        if around >= 0 and page.elements[around].tag == "p":
            if stretch is None or not place:
                return NotPlaceable(), None
            content = stretch.visible.source(first, last) if first < last else whole
            point, _ = paragraph_place(page, page.runs[number], content, self._blocks)
            return point, FlattenedText(stretch.visible, 0, 0, 0, stretch.inlines)
        if not place or not self._blocks.embed_may_stand(*whole):
            return NotPlaceable(), None
        delimiters = self._blocks.around(*whole)
        outer = (delimiters[0].start, delimiters[1].end) if delimiters else whole
        beside = self.beside(span)
        return ReplaceElement(whole, outer, in_block=delimiters is not None, beside=beside), None

    def beside(self, span: Span) -> bool:
        """Return whether anything shows beside a stretch of source, up to the next block
        boundaries.
        """
        number = self._run(span.start)
        if number < 0:
            return False
        stretch, first, last = self._stretch(number)
        starts = stretch.visible.starts
        return first < bisect_left(starts, span.start) or bisect_left(starts, span.end) < last

    def _run(self, at: int) -> int:
        number = bisect_right(self.page.run_starts, at) - 1
        return number if number >= 0 and at < self.page.runs[number].end else -1

    def _stretch(self, number: int) -> tuple[VisibleRun, int, int]:
        """Return what shows in a run, and where it begins and ends, white space aside."""
        if number not in self._stretches:
            run = self.page.runs[number]
            visible = self.page.visible(run.pieces)
            last = len(visible.text.rstrip())
            self._stretches[number] = (
                VisibleRun(visible, self.page, run),
                min(last, len(visible.text) - len(visible.text.lstrip())),
                last,
            )
        return self._stretches[number]

    def _block_around(self, number: int) -> int:
        return next(
            (at for at in self.page.ancestors(number) if self.page.elements[at].tag in BLOCK),
            -1,
        )


def element_place(
    page: HtmlDocument,
    element: Element,
    end: int,
    blocks: BlockDelimiters,
) -> InsertionPoint:
    """Return what an embed takes the place of where an element gives way to it up to `end`."""
    content = (element.start, end)
    around = _pullquote(page, element, blocks) or content
    if not page.block_may_stand(element.parent) or not blocks.embed_may_stand(*around):
        return NotPlaceable()
    delimiters = blocks.around(*around)
    if delimiters is None:
        return ReplaceElement(content, content)
    return ReplaceElement(content, (delimiters[0].start, delimiters[1].end), in_block=True)


def _pullquote(
    page: HtmlDocument,
    element: Element,
    blocks: BlockDelimiters,
) -> Range | None:
    """Return where the `figure` of a WordPress pullquote stands that holds an element alone."""
    figure = page.elements[element.parent] if element.parent >= 0 else None
    if (
        figure is None
        or figure.close_start is None
        or "wp-block-pullquote" not in figure.classes
        or page.source[figure.open_end : element.start].strip()
        or page.source[element.end : figure.close_start].strip()
        or not blocks.around(figure.start, figure.end)
    ):
        return None
    return figure.start, figure.end
