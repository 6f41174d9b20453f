"""The passages of an article with CDATA sections in it, as feeds and exports write them: what a
section holds is an article of its own, and so is what stands around each.
"""

import re
from collections.abc import Collection, Sequence
from itertools import pairwise

from service.core.detect.passages import read_passages
from service.core.html.cdata import CDATA_MARKS, read_sections
from service.core.html.elements import HIDDEN, NO_BLOCK_INSIDE, NOT_DIRECTLY
from service.core.mentions import Range
from service.core.text.prefilter import Traces

_OPENS_UNREAD = re.compile(rf"<!--|-->|</?(?:{'|'.join(HIDDEN)})\b", re.IGNORECASE)

_AROUND = re.compile(
    rf"<!--\s*/?wp:|<(?:{'|'.join(sorted((NO_BLOCK_INSIDE | NOT_DIRECTLY) - {'summary'}))})\b",
    re.IGNORECASE,
)
"""What tells that sections stand in an article of HTML, where what is around them says whether an
embed may stand in them. A `summary` is Atom's as well (RFC 4287, 4.2.13).
"""
_CLOSES = {"<!--": "-->"}


def read_passages_around_sections(
    source: str, further: Collection[int] = ()
) -> Sequence[Range] | None:
    """Return the passages of an HTML article, in order and disjoint; None if it must be read as a
    whole. `further` is as in `read_passages`.
    """
    if CDATA_MARKS[0] not in source:
        return read_passages(source, further)
    sections = read_sections(source)
    if not sections:
        return None
    marks = [0, *(at for section in sections for at in section), len(source)]
    if any(_AROUND.search(source, *around) for around in zip(marks[::2], marks[1::2], strict=True)):
        return None
    passages: list[Range] = []
    opened = ""
    for number, (begins, end) in enumerate(pairwise(marks)):
        begin = begins
        if opened:
            begin = _closed_at(source, opened, begins, end) if number % 2 == 0 else end
            opened = opened if begin == end else ""
        part = source[begin:end]
        if number % 2 == 0 and not opened:
            opened = _left_open(part)
        whole = [(0, len(part))] if Traces(part).first(0) else []
        within = [at - begin for at in further]
        inner = None if CDATA_MARKS[0] in part else read_passages(part, within)
        passages += [(begin + first, begin + last) for first, last in (inner or whole)]
    return passages


def _left_open(part: str) -> str:
    """Return what opens the element that nothing is read in, or the comment, that is open at the
    end of a part; empty if none is.
    """
    opened = ""
    for mark in _OPENS_UNREAD.finditer(part):
        written = mark[0].lower()
        if not opened and written.startswith("<") and not written.startswith("</"):
            opened = "" if _is_in_tag(part, mark.start()) else written
        elif written == _CLOSES.get(opened, f"</{opened[1:]}"):
            opened = ""
    return opened


def _is_in_tag(part: str, place: int) -> bool:
    """Return whether a place lies within a start tag: in the value of an attribute."""
    begins = part.rfind("<", 0, place)
    is_tag = begins >= 0 and part[begins + 1 : begins + 2].isalpha()
    return is_tag and part.find(">", begins, place) < 0


def _closed_at(source: str, opened: str, start: int, end: int) -> int:
    """Return where what `opened` opens is closed, the end if it is not."""
    closes = re.compile(re.escape(_CLOSES.get(opened, f"</{opened[1:]}")), re.IGNORECASE)
    found = closes.search(source, start, end)
    return found.start() if found else end
