"""A `div` of X's class around one embed of another form, which is the frame of it: an embed in its
place would be taken for the `div`'s own the next time.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import replace

from service.core.detect.finders.blockquotes import is_marked
from service.core.detect.insertion_point import element_place
from service.core.detect.quotation_parts import holds_more
from service.core.html.document import HtmlDocument
from service.core.html.wordpress_blocks import BlockDelimiters
from service.core.mentions import Mention, NotPlaceable
from service.core.model import Form, Span

_DEEPEST = 8  # frames around one embed


class MarkedFrames:
    """The `div`s of X's class in a page."""

    def __init__(self, page: HtmlDocument, blocks: BlockDelimiters) -> None:
        """Look at `page`, whose block delimiters are `blocks`."""
        self._page = page
        self._blocks = blocks
        self._frames = [
            element
            for element in page.elements
            if element.tag == "div" and element.is_closed and not element.hidden
            if is_marked(element)
        ]
        self._starts = [element.start for element in self._frames]

    def widened(self, mentions: Iterable[Mention]) -> Iterator[Mention]:
        """Return mentions in order, each with the frames around it that hold nothing else."""
        for mention in mentions:
            yield self._widened(mention) if self._frames else mention

    def _widened(self, mention: Mention) -> Mention:
        at = bisect_left(self._starts, mention.span.start)
        for number in range(at - 1, max(-1, at - 1 - _DEEPEST), -1):
            frame = self._frames[number]
            if frame.limit < mention.span.end or not mention.is_placeable:
                continue
            point = element_place(self._page, frame, frame.end, self._blocks)
            if isinstance(point, NotPlaceable) or holds_more(
                self._page.source, frame, mention.span
            ):
                return mention
            mention = replace(
                mention,
                span=Span(frame.start, frame.end),
                insertion_point=point,
                flat=mention.flat if mention.form is Form.FLATTENED else None,
                part=None,
            )
        return mention
