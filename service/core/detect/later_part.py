"""The part of an article that is read once more, where elements that nobody closed end with their
mentions (`in_html.py`): from a few elements before the first of these on.

What stands before is nested as it is written, so that a parser is there where it is behind blanks;
and no words reach over so many elements.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Final

from service.core.detect.finders.marked_elements import is_marked
from service.core.detect.visible_run import pieces_of
from service.core.html.cdata import CDATA_MARKS
from service.core.html.document import HtmlDocument
from service.core.html.elements import BLOCK, Element
from service.core.html.wordpress_blocks import BlockDelimiters
from service.core.mentions import Range

_FAR = 12
"""Elements with words between a place and the nearest that may be seen from it: an attribution may
close those of ten elements before it.
"""
_MOST_LOOKED_AT = 1_000
"""Elements without words among these."""
_FRAMES = frozenset({"article", "aside", "div", "footer", "header", "main", "nav", "section"})
"""Elements that mean nothing for a parser but that they are open."""
_END_BEFORE_BLOCKS = frozenset({"p", "li"})
"""Elements that end before the next block, or item, if they have no end tag (HTML, 13.1.2.4)."""


@dataclass(frozen=True, slots=True)
class LaterPart:
    """An article from `begin` on, in what is open there: the tags and block delimiters at `around`.
    What is found from `joint` on means what it means in the whole.
    """

    begin: int = 0
    joint: int = 0
    around: tuple[Range, ...] = ()

    def of(self, source: str) -> str:
        """Return a source of the same length that is blank before the part."""
        parts: list[str] = []
        at = 0
        for start, end in self.around:
            parts += (" " * (start - at), source[start:end])
            at = end
        return "".join((*parts, " " * (self.begin - at), source[self.begin :]))


WHOLE: Final = LaterPart()


def later_part(page: HtmlDocument, place: int) -> LaterPart:
    """Return the part of a page in which all is found that what stands at a place, and behind it,
    has to do with; the whole where nothing tells.
    """
    own = page.starting_at(place)
    if own is None or page.is_altered or CDATA_MARKS[0] in page.source:
        return WHOLE
    around = {number: page.elements[number] for number in page.ancestors(own.parent)}
    if any(one.tag not in _FRAMES or one.hidden or is_marked(one) for one in around.values()):
        return WHOLE
    blocks = [one for one in _nested(page, place, around) if one.parent == own.parent]
    with_words = [
        one.start
        for one in islice(reversed(blocks), _MOST_LOOKED_AT)
        if one.tag in BLOCK and page.visible(pieces_of(page, page.runs_in(one))).text.strip()
    ]
    if len(with_words) < 2 * _FAR:
        return WHOLE
    begin, joint = with_words[2 * _FAR - 1], with_words[_FAR - 1]
    opened = [(one.start, one.open_end) for one in around.values()]
    opened += [(one.start, one.end) for one in BlockDelimiters(page).open_at(begin)]
    return LaterPart(begin, joint, tuple(sorted(opened)))


def _nested(page: HtmlDocument, place: int, around: Collection[int]) -> Iterator[Element]:
    """Return the elements before a place, up to the first that is not nested as it is written; but
    for those `around` the place, which are open there.
    """
    opened: list[tuple[int, int]] = []  # end and number
    before = -1
    for number, one in enumerate(page.elements):
        if one.start >= place:
            return
        while opened and opened[-1][0] <= one.start:
            opened.pop()
        if one.parent != (opened[-1][1] if opened else -1) or one.start < before:
            return
        before = one.start
        if number in around:
            opened.append((place, number))
            continue
        ends = one.end if one.is_complete else one.limit
        ends_itself = one.is_complete or one.tag in _END_BEFORE_BLOCKS
        if not ends_itself or ends > (opened[-1][0] if opened else place):
            return
        opened.append((ends, number))
        yield one
