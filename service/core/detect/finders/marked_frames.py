"""Elements of X's class around one embed of another form, which is all that they hold: an embed in
its place would be taken for the element's own the next time.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import replace

from service.core.detect.finders.figures import EnclosedMention
from service.core.detect.finders.marked_elements import is_marked
from service.core.detect.insertion_point import element_place
from service.core.detect.quotation_parts import holds_more
from service.core.html.document import HtmlDocument
from service.core.html.wordpress_blocks import BlockDelimiters
from service.core.mentions import Mention, NotPlaceable
from service.core.model import Form, Span

_DEEPEST = 8  # frames around one embed


class MarkedFrames:
    """The elements of X's class in a page: a `div` is a frame, a `blockquote` a mention itself."""

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

    def told(self, mentions: list[Mention]) -> list[Mention]:
        """Return mentions, those of marked quotations that state no tweet with that of the one
        embed in them, if it is all that they hold.
        """
        untold = {number for number, one in enumerate(mentions) if self._states_nothing(one)}
        if not untold:
            return mentions
        inside = EnclosedMention(mentions)
        return [
            self._told(one, inside) if number in untold else one
            for number, one in enumerate(mentions)
        ]

    def _states_nothing(self, mention: Mention) -> bool:
        quoted = mention.form is Form.BLOCKQUOTE and not mention.unclosed
        return quoted and mention.tweet is None and mention.flat is None

    def _told(self, mention: Mention, inside: EnclosedMention) -> Mention:
        element = self._page.starting_at(mention.span.start)
        found = inside.of(element) if element is not None else []
        if element is None or len(found) != 1 or found[0].tweet is None:
            return mention
        (inner,) = found
        if not _is_alone(inner) or holds_more(self._page.source, element, inner.span):
            return mention
        return replace(mention, tweet=inner.tweet, attribution=inner.attribution, text=inner.text)

    def widened(self, mentions: Iterable[Mention]) -> Iterator[Mention]:
        """Return mentions in order, each with the frames around it that hold nothing else."""
        for mention in mentions:
            yield self._widened(mention) if self._frames else mention

    def _widened(self, mention: Mention) -> Mention:
        at = bisect_left(self._starts, mention.span.start)
        for number in range(at - 1, max(-1, at - 1 - _DEEPEST), -1):
            frame = self._frames[number]
            if frame.limit < mention.span.end or not _is_alone(mention):
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
            )
        return mention


def _is_alone(mention: Mention) -> bool:
    """Return whether a mention is an embed and nothing else: no figure or block with a caption."""
    return mention.is_placeable and mention.part is None and mention.caption is None
