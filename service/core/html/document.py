"""Where everything in an HTML article stands: elements, text and comments with their offsets.

The article itself is never written from here. Positions come from the tree (`elements.py`) and from
turbohtml's tokenizer, which sees what the tree dropped or moved. Offsets are code points of the
article with every CRLF counted once, as that parser counts; `Newlines` leads back to it as sent.
"""

import html
import re
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, MutableSequence, Sequence
from dataclasses import dataclass
from functools import cached_property

from service.core.html.attributes import read_attributes
from service.core.html.cdata import hide_cdata
from service.core.html.elements import BLOCK, NOT_DIRECTLY, Element, read_elements, shows_emoji
from service.core.html.marks import Around, HtmlComment, Marks
from service.core.text.markup_growth import without_growth
from service.core.text.prefilter import Traces

LINE_BREAK = "\u2028"
OBJECT = "\ufffc"

_OBJECTS = frozenset(
    [
        "img",
        "iframe",
        "video",
        "audio",
        "object",
        "embed",
        "canvas",
        "input",
        "svg",
        "math",
        "picture",
        "select",
        "textarea",
        "amp-twitter",
        "twitter-widget",
        "twitterwidget",
        "oembed",
        "o-embed",
        "embetty-tweet",
    ],
)

_REFERENCE = re.compile(r"&(?:#[0-9]{1,8}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});?")
_NAME_AND_QUOTE = re.compile(r"[^\s=]+\s*=\s*(['\"]?)")
_NO_TAG = re.compile(r"\{\{<(?=/?(?:x|tweet|twitter)(?:[_-]simple)?\s[^{}<>]{1,500}>\}\})")
"""The beginning of Hugo's `{{<tweet 123>}}`, which HTML alone would take for a tag that nobody
closes.
"""

_RAISED = str.maketrans(
    "0123456789", "\u2070\u00b9\u00b2\u00b3\u2074\u2075\u2076\u2077\u2078\u2079"
)
_SHORT_PAGE = 4_000
"""Characters of an article up to which what shows is remembered: the same pieces are read for
several forms, and of a long article they are too many to hold. The places of its characters are in
arrays, a ninth of a list's size.
"""


@dataclass(slots=True)
class InlineNode:
    """A part of a run: text (`kind` is "text"), a line break ("br") or something else that shows
    ("object").
    """

    kind: str
    start: int
    end: int
    element: int


@dataclass(slots=True)
class InlineRun:
    """The inline content between two block boundaries, `start` to `end`, and the block element
    around it (-1: none).
    """

    container: int
    start: int
    end: int
    pieces: list[InlineNode]


@dataclass(frozen=True, slots=True)
class VisibleText:
    """Text as a reader sees it, each character with its place in the source."""

    text: str
    starts: Sequence[int]
    ends: Sequence[int]

    def source(self, start: int, end: int) -> tuple[int, int]:
        """Return the stretch of source that the characters `start` to `end` come from."""
        if start >= end:
            at = (
                self.starts[start]
                if start < len(self.starts)
                else (self.ends[-1] if self.ends else 0)
            )
            return at, at
        return self.starts[start], self.ends[end - 1]


class HtmlDocument:
    """An HTML article, read once for positions. Linear in its length, whatever is in it."""

    def __init__(self, source: str) -> None:
        """Read `source`, whose CRLFs are already single line feeds (`Newlines.text`)."""
        self.source = source
        written = hide_cdata(_NO_TAG.sub("{{%", source))
        self._tags = without_growth(written)
        self.is_cut = len(self._tags) < len(source)
        """Whether it is read up to a place alone, and what stands behind is nothing."""
        self.is_altered = self._tags != written
        """Whether it is read as something else than what is written."""
        self.elements: list[Element] = read_elements(self._tags)
        self._marks = Marks(source, self._tags, self.elements)
        self._shown: dict[tuple[int, int, int], VisibleText] = {}
        """What was made of pieces before, by where they begin and end and how many they are."""
        self.runs: list[InlineRun] = list(self._read_runs())
        self.run_starts = [run.start for run in self.runs]

    @property
    def comments(self) -> list[HtmlComment]:
        """The comments, in order."""
        return self._marks.comments

    @cached_property
    def traces(self) -> Traces:
        """Where it could speak of a tweet."""
        return Traces(self.source)

    @cached_property
    def broken_at(self) -> int | None:
        """Where, in nothing, begins what is not nested as it is written: what holds a tag without
        its other one, or an element that stands in another than it is written in; None if every
        tag has its other one, and all elements stand in each other as they are written.
        """
        faults: list[int] = []
        closed: list[int] = []
        for one in self.elements:
            if one.close_start is None:
                if not one.is_complete:
                    faults.append(one.start)
                continue
            closed.append(one.close_start)
            around = self.elements[one.parent] if one.parent >= 0 else None
            if around is not None and not (
                around.open_end <= one.start and one.end <= (around.close_start or 0)
            ):
                faults.append(one.start)
        if len(closed) != len(self._marks.end_tags):
            known = set(closed)
            faults.append(next((at for at in self._marks.end_tags if at not in known), 0))
        if not faults:
            return None
        first = min(faults)
        outer = (one for one in self.elements if one.parent < 0 and one.start < first)
        return min((one.start for one in outer if max(one.end, one.limit) > first), default=first)

    def ancestors(self, element: int) -> Iterator[int]:
        """Return `element` and everything around it, innermost first."""
        while element >= 0:
            yield element
            element = self.elements[element].parent

    def nearest(self, element: int, tag: str) -> int:
        """Return the innermost `tag` at or around `element`, -1 if there is none."""
        return next((at for at in self.ancestors(element) if self.elements[at].tag == tag), -1)

    def hidden(self, element: int) -> bool:
        """Return whether text directly in `element` is no prose."""
        return element >= 0 and self.elements[element].hidden

    def unseen(self, element: int) -> bool:
        """Return whether text directly in `element` does not show."""
        return element >= 0 and self.elements[element].unseen

    def block_may_stand(self, element: int) -> bool:
        """Return whether block content may stand directly in `element`."""
        return element < 0 or not (
            self.elements[element].no_block or self.elements[element].tag in NOT_DIRECTLY
        )

    def value_spans(self, element: Element) -> dict[str, tuple[int, int]]:
        """Return where the values of an element's attributes stand, without their quotes."""
        spans: dict[str, tuple[int, int]] = {}
        seen: set[str] = set()
        for name, start, end in read_attributes(self._tags, element.start, element.open_end):
            match = _NAME_AND_QUOTE.match(self.source, start, end)
            if match is not None and name not in seen:
                spans[name] = match.end(), end - len(match[1])
            seen.add(name)  # of two with one name, a browser takes the first
        return spans

    def visible(self, pieces: list[InlineNode]) -> VisibleText:
        """Return the text that shows: references decoded, `<br>` as U+2028, code and other
        objects as U+FFFC, pictures of emoji as these, digits of notes raised.
        """
        if not pieces or len(self.source) > _SHORT_PAGE:
            return self._visible(pieces)
        key = (pieces[0].start, pieces[-1].end, len(pieces))
        shown = self._shown.get(key)
        if shown is None:
            shown = self._shown[key] = self._visible(pieces)
        return shown

    def _visible(self, pieces: list[InlineNode]) -> VisibleText:
        if len(pieces) == 1 and pieces[0].kind == "text" and not self.hidden(pieces[0].element):
            start, end = pieces[0].start, pieces[0].end
            if self.source.find("&", start, end) < 0:
                return VisibleText(
                    self.source[start:end],
                    range(start, end),
                    range(start + 1, end + 1),
                )
        text: list[str] = []
        starts, ends = places(len(self.source)), places(len(self.source))
        for piece in pieces:
            if piece.kind == "text" and not self.hidden(piece.element):
                first = len(text)
                _decode(self.source, piece.start, piece.end, text, starts, ends)
                if piece.element in self._notes:
                    text[first:] = [part.translate(_RAISED) for part in text[first:]]
            elif not self.unseen(piece.element):
                shown = LINE_BREAK if piece.kind == "br" else self._object(piece.start)
                text.append(shown)
                starts.extend([piece.start] * len(shown))
                ends.extend([piece.end] * len(shown))
        return VisibleText("".join(text), starts, ends)

    @cached_property
    def _notes(self) -> set[int]:
        """The elements whose text is the number of a note: raised, or a link to a place on the same
        page. It belongs to no date and no word that it is glued to.
        """
        found: set[int] = set()
        for number, one in enumerate(self.elements):
            is_one = one.tag == "sup" or (one.tag == "a" and one.attrs.get("href", "")[:1] == "#")
            if is_one or (one.parent in found and one.tag not in BLOCK):
                found.add(number)
        return found

    def comments_in(self, start: int, end: int) -> list[HtmlComment]:
        """Return the comments that begin between two places, in order."""
        first = bisect_left(self.comments, start, key=lambda one: one.start)
        return self.comments[first : bisect_left(self.comments, end, key=lambda one: one.start)]

    def elements_in(self, start: int, end: int) -> Iterator[Element]:
        """Return the elements that begin between two places, in order, as they are asked for."""
        first = bisect_left(self.elements, start, key=lambda one: one.start)
        last = bisect_left(self.elements, end, key=lambda one: one.start)
        return (self.elements[number] for number in range(first, last))

    def starting_at(self, place: int) -> Element | None:
        """Return the element whose start tag begins at a place."""
        return self._by_start.get(place)

    @cached_property
    def _by_start(self) -> dict[int, Element]:
        return {element.start: element for element in self.elements}

    def _object(self, place: int) -> str:
        """Return what stands for an object: the emoji that a picture shows, else U+FFFC."""
        element = self.starting_at(place) if self.source.startswith("<img", place) else None
        if element is None or not shows_emoji(element):
            return OBJECT
        return element.attrs.get("alt", "").strip() or OBJECT

    def runs_in(self, element: Element, before: int | None = None) -> list[InlineRun]:
        """Return the runs that begin in an element, and `before` a place of it."""
        end = max(element.limit, element.open_end)
        end = end if before is None else min(end, before)
        first = bisect_left(self.run_starts, element.start)
        return self.runs[first : bisect_left(self.run_starts, end)]

    def traced_runs(self) -> Iterator[InlineRun]:
        """Return the runs with a trace of a tweet in them, markup included, in order."""
        span = self.traces.first(0)
        while span is not None:
            number = bisect_right(self.run_starts, span[0]) - 1
            if number >= 0 and span[1] <= self.runs[number].end:
                yield self.runs[number]
                span = self.traces.first(self.runs[number].end)
            else:
                span = self.traces.first(span[0] + 1)

    def _read_runs(self) -> Iterator[InlineRun]:
        around = Around(self.elements)
        pieces: list[InlineNode] = []
        begins = at = 0
        for start, end, tag, closing in self._marks.read():
            if start < at:
                continue
            if start > at:
                pieces.append(InlineNode("text", at, start, around.at(at)))
            if tag in BLOCK:
                if pieces:
                    yield InlineRun(self.block_around(pieces[0].element), begins, start, pieces)
                    pieces = []
                begins = end
            elif tag == "br" or (tag in _OBJECTS and not closing):
                pieces.append(
                    InlineNode("br" if tag == "br" else "object", start, end, around.at(start)),
                )
            at = end

    def block_around(self, element: int) -> int:
        """Return the innermost block element at or around `element`, -1 if there is none."""
        while element >= 0 and self.elements[element].tag not in BLOCK:
            element = self.elements[element].parent
        return element


def places(length: int) -> MutableSequence[int]:
    """Return what is to hold places in an article of this length."""
    return [] if length <= _SHORT_PAGE else array("I")


def _decode(
    source: str,
    start: int,
    end: int,
    text: list[str],
    starts: MutableSequence[int],
    ends: MutableSequence[int],
) -> None:
    at = start
    for match in (
        _REFERENCE.finditer(source, start, end) if source.find("&", start, end) >= 0 else ()
    ):
        character = html.unescape(match[0])
        if character == match[0]:
            continue
        text.append(source[at : match.start()])
        starts.extend(range(at, match.start()))
        ends.extend(range(at + 1, match.start() + 1))
        text.append(character)
        # A reference without its semicolon may decode to a character and the letters behind it
        # (`&notit;`).
        starts.extend([match.start()] * len(character))
        ends.extend([match.end()] * len(character))
        at = match.end()
    text.append(source[at:end])
    starts.extend(range(at, end))
    ends.extend(range(at + 1, end + 1))
