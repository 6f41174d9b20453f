"""An article written anew: which of the embeds and links that were composed go in, and the article
with them.
"""

import re
import sys
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise

import turbohtml

from service.core.detect import LinkMention, Mention, detect_normalized
from service.core.detect.in_markdown import read_source_map
from service.core.html.document import Newlines
from service.core.markdown.block_insertion import BlockInsertion
from service.core.model import Form, Format, Reason
from service.core.rewrite.decide import Decision
from service.core.rewrite.edits import Edit, rewrite_link, splice, splice_text

_FIRST_TAG = re.compile("<([a-z-]+)")
_Chosen = tuple[int, Edit, str]

_WRITTEN = frozenset(
    {Form.BLOCKQUOTE, Form.FLATTENED, Form.AMP, Form.CARD, Form.OEMBED, Form.BLOCK},
)
"""Forms that an embed has, or the element around it; all others could only come to be by what is
written beside them.
"""


@dataclass(frozen=True, slots=True)
class Rewritten:
    """The article, its format, and the embeds that were left out after all: their number and
    why.
    """

    content: str
    format: Format
    left_out: dict[int, Reason]


@dataclass(frozen=True, slots=True)
class Expansion:
    """A short link of the article and its target. `beside` is the number of the embed that must be
    written for the link to be free.
    """

    link: LinkMention
    target: str
    beside: int | None = None


def rewrite(
    content: str,
    newlines: Newlines,
    read_as: Format,
    embeds: Sequence[Decision | None],
    links: Sequence[Expansion],
    output: str = "auto",
    others: Sequence[Edit] = (),
) -> Rewritten:
    """Put the embeds' edits, the links' targets and `others` into `content`; offsets are those of
    `newlines.text`.

    `output` is the caller's: `text` leaves every embed out, `html` writes text as HTML even if no
    embed is in it.

    An embed is left out where its characters are another one's already, or where it would leave an
    address alone on its line, which would mean a tweet of its own the next time (`mixed`); and
    where what stands around would change it (`place`): formatting that nobody closed, say.
    """
    left_out: dict[int, Reason] = {}
    if output == "text":
        left_out = {number: Reason.TEXT for number, one in enumerate(embeds) if one and one.edit}
    apart: BlockInsertion | None = None
    while True:
        chosen: list[_Chosen] = [
            (number, one.edit, one.html or "")
            for number, one in enumerate(embeds)
            if one and one.edit and one.edit.block and number not in left_out
        ]
        words = [
            one.edit
            for number, one in enumerate(embeds)
            if one and one.edit and not one.edit.block and number not in left_out
        ]
        chosen.sort(key=lambda each: each[1].start)
        crossing = {this[0] for last, this in pairwise(chosen) if this[1].start < last[1].end}
        if crossing:
            left_out |= dict.fromkeys(crossing, Reason.MIXED)
            continue
        if read_as is Format.MARKDOWN:
            apart = apart or BlockInsertion(newlines.text)
            chosen, unfit = _set_apart(apart, chosen, "\r\n" if "\r\n" in content else "\n")
            if unfit:
                left_out |= dict.fromkeys(unfit, Reason.MIXED)
                continue
        blocks = [edit for _, edit, _ in chosen]
        free = [one for one in links if one.beside not in left_out]
        edits = sorted(
            (
                *blocks,
                *_link_edits(newlines.text, read_as, blocks, free),
                *_apart_from(blocks, [*others, *words]),
            ),
            key=lambda edit: edit.start,
        )
        moved = edits if newlines.text is content else _as_sent(edits, newlines)
        as_html = read_as is Format.TEXT and (any(edit.text for edit in blocks) or output == "html")
        written, starts = (splice_text if as_html else splice)(content, moved)
        written_in = Format.HTML if as_html else read_as
        places = [
            (start + edit.text.index(html), html)
            for start, (_, edit, html) in zip(starts, chosen, strict=True)
        ]
        wrong: dict[int, Reason] = {}
        if written_in is Format.MARKDOWN and blocks:
            wrong = dict.fromkeys(_misplaced_in_markdown(Newlines(written), places), Reason.PLACE)
        elif written_in is Format.HTML and blocks:
            wrong = dict.fromkeys(_misplaced(written, places), Reason.PLACE)
        if not wrong and any(edit.partial for edit in blocks):
            lines = Newlines(written)
            own = {start for start, html in places if html}
            after = [
                one
                for one in detect_normalized(lines.text, written_in).embeds
                if lines.back(one.span.start) not in own
            ]
            stranding = _stranding(detect_normalized(newlines.text, read_as).embeds, after, blocks)
            wrong = dict.fromkeys(_beside(stranding, places, blocks), Reason.MIXED)
        if not wrong:
            return Rewritten(written, written_in, left_out)
        left_out |= {chosen[number][0]: why for number, why in wrong.items()}


def _as_sent(edits: list[Edit], newlines: Newlines) -> list[Edit]:
    """Move edits to the article as sent."""
    return [
        replace(edit, start=newlines.back(edit.start), end=newlines.back(edit.end))
        for edit in edits
    ]


def _apart_from(blocks: list[Edit], others: Sequence[Edit]) -> list[Edit]:
    """Leave out the edits that cross an embed's: they went with it."""
    ends = [block.end for block in blocks]
    apart = []
    for edit in others:
        following = bisect_right(ends, edit.start)
        if following == len(blocks) or blocks[following].start >= edit.end:
            apart.append(edit)
    return apart


def _link_edits(
    text: str,
    read_as: Format,
    blocks: list[Edit],
    links: Sequence[Expansion],
) -> list[Edit]:
    edits = []
    block = 0
    for one in links:
        span = one.link.span
        while block < len(blocks) and blocks[block].end <= span.start:
            block += 1
        if block < len(blocks) and blocks[block].start < span.end:
            continue  # it went with the embed
        until = blocks[block].start if block < len(blocks) else len(text)
        edit = rewrite_link(text, one.link, one.target, until=until, markup=read_as is Format.HTML)
        if edit is not None:
            edits.append(edit)
    return edits


def _set_apart(
    apart: BlockInsertion,
    chosen: list[_Chosen],
    line_end: str,
) -> tuple[list[_Chosen], list[int]]:
    """Put blank lines around the embeds in Markdown; give them, and the numbers of those that
    cannot have them.
    """
    fit: list[_Chosen] = []
    unfit: list[int] = []
    nexts = [*(edit.start for _, edit, _ in chosen[1:]), sys.maxsize] if chosen else []
    for (number, edit, html), until in zip(chosen, nexts, strict=True):
        around = apart.around(edit.start, edit.end, until)
        if around is None:
            unfit.append(number)
        else:
            text = around[0].replace("\n", line_end) + edit.text + around[1].replace("\n", line_end)
            fit.append((number, replace(edit, text=text), html))
    return fit, unfit


def _misplaced_in_markdown(newlines: Newlines, places: list[tuple[int, str]]) -> set[int]:
    """Return which embeds, by number, are no block of raw HTML, or not what they are alone
    (docs/interface.md, promise 4).
    """
    apart = BlockInsertion(newlines.text)
    twin = read_source_map(newlines.text)
    starts = {start: number for number, (start, html) in enumerate(places) if html}
    right = set()
    for element in turbohtml.parse_fragment(twin.html, source_locations=True).iter_elements():
        place = element.source_location
        at = twin.start(place.start_tag.start_offset) if place else 0
        number = starts.get(newlines.back(at))
        if number is not None and apart.is_block(at) and element.html == _alone(places[number][1]):
            right.add(number)
    return set(starts.values()) - right


def _misplaced(written: str, places: list[tuple[int, str]]) -> set[int]:
    """Return which embeds, by number, are not in the article what they are alone: the same tree
    (docs/interface.md, promise 4).
    """
    starts = {start: number for number, (start, html) in enumerate(places) if html}
    newlines = Newlines(written)
    right = set()
    tags = {begun[1] for begun in map(_FIRST_TAG.match, (html for _, html in places)) if begun}
    for element in turbohtml.parse_fragment(newlines.text, source_locations=True).iter_elements(
        tags,
    ):
        place = element.source_location
        number = starts.get(newlines.back(place.start_tag.start_offset)) if place else None
        if number is not None and element.html == _alone(places[number][1]):
            right.add(number)
    return set(starts.values()) - right


@lru_cache(maxsize=64)
def _alone(html: str) -> str:
    """Return the tree that an embed is alone, written out."""
    return turbohtml.parse_fragment(html, positions=False).inner_html


def _stranding(
    before: Sequence[Mention],
    after: Sequence[Mention],
    blocks: list[Edit],
) -> list[int]:
    """Return where addresses now stand alone on their line that did not before."""
    gone = [edit.end for edit in blocks]
    alone: Counter[tuple[Form, tuple[str, ...]]] = Counter()
    for one in before:
        following = bisect_right(gone, one.span.start)
        if (
            one.form not in _WRITTEN
            and one.shell.place
            and (following == len(blocks) or blocks[following].start >= one.span.end)
        ):
            alone[one.form, one.urls] += 1
    stranded = []
    for one in after:
        if one.form not in _WRITTEN and one.shell.place:
            alone[one.form, one.urls] -= 1
            if alone[one.form, one.urls] < 0:
                stranded.append(one.span.start)
    return stranded


def _beside(stranded: list[int], places: list[tuple[int, str]], blocks: list[Edit]) -> set[int]:
    """Return an embed, by number, that left an address alone at the first of these places: the one
    behind it, else the one before.
    """
    if not stranded:
        return set()
    following = bisect_left([start for start, _ in places], stranded[0])
    partial = [number for number, edit in enumerate(blocks) if edit.partial]
    return {
        next((number for number in (following, following - 1) if number in partial), partial[-1]),
    }
