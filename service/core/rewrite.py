"""An article written anew: which of the embeds and links that were composed go in, and the article with them."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import turbohtml

from service.core.compose import Composed
from service.core.detect import Detection, LinkMention, detect_normal
from service.core.model import Form, Format, SafeHtml, Why
from service.core.page import Newlines
from service.core.splice import Edit, rewrite_link, splice, splice_text


@dataclass(frozen=True, slots=True)
class Rewritten:
    """The article, its format, and the embeds that were left out after all: their number and why."""

    content: str
    format: Format
    left_out: dict[int, Why]


@dataclass(frozen=True, slots=True)
class Expansion:
    """A short link of the article and its target. `beside` is the number of the embed that must be written for the link to be free."""

    link: LinkMention
    target: str
    beside: int | None = None


def rewrite(content: str, newlines: Newlines, read_as: Format, embeds: Sequence[Composed | None], links: Sequence[Expansion]) -> Rewritten:
    """Put the embeds' edits and the links' targets into `content`; offsets are those of `newlines.text`.

    An embed is left out where its characters are another one's already, or where it would leave an address alone on its line, which would
    mean a tweet of its own the next time (`mixed`); and where what stands around would change it (`place`): formatting that nobody
    closed, say.
    """
    left_out: dict[int, Why] = {}
    while True:
        chosen = [(number, one.edit, one.html) for number, one in enumerate(embeds) if one and one.edit and number not in left_out]
        chosen.sort(key=lambda each: each[1].start)
        crossing = {this[0] for last, this in pairwise(chosen) if this[1].start < last[1].end}
        if crossing:
            left_out |= dict.fromkeys(crossing, Why.MIXED)
            continue
        blocks = [edit for _, edit, _ in chosen]
        free = [one for one in links if one.beside not in left_out]
        edits = sorted((*blocks, *_link_edits(newlines.text, read_as, blocks, free)), key=lambda edit: edit.start)
        moved = [replace(edit, start=newlines.back(edit.start), end=newlines.back(edit.end)) for edit in edits]
        as_html = read_as is Format.TEXT and bool(blocks)
        written, starts = (splice_text if as_html else splice)(content, moved)
        written_in = Format.HTML if as_html else read_as
        places = [
            (start + edit.text.index(html or ""), html or SafeHtml("")) for start, (_, edit, html) in zip(starts, chosen, strict=True)
        ]
        wrong: dict[int, Why] = {}
        if written_in is Format.HTML and blocks:
            wrong = dict.fromkeys(_misplaced(written, places), Why.PLACE)
        if not wrong and any(edit.partial for edit in blocks):
            stranding = _stranding(detect_normal(newlines.text, read_as), detect_normal(Newlines(written).text, written_in), blocks)
            wrong = dict.fromkeys(_beside(stranding, places, blocks), Why.MIXED)
        if not wrong:
            return Rewritten(written, written_in, left_out)
        left_out |= {chosen[number][0]: why for number, why in wrong.items()}


def _link_edits(text: str, read_as: Format, blocks: list[Edit], links: Sequence[Expansion]) -> list[Edit]:
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


def _misplaced(written: str, places: list[tuple[int, SafeHtml]]) -> set[int]:
    """Tell which embeds, by number, are not in the article what they are alone: the same tree (law 4)."""
    starts = {start: number for number, (start, _) in enumerate(places)}
    newlines = Newlines(written)
    right = set()
    for element in turbohtml.parse_fragment(newlines.text, source_locations=True).iter_elements("blockquote"):
        place = element.source_location
        number = starts.get(newlines.back(place.start_tag.start_offset)) if place else None
        if number is not None and element.html == turbohtml.parse_fragment(places[number][1], positions=False).inner_html:
            right.add(number)
    return set(starts.values()) - right


def _stranding(before: Detection, after: Detection, blocks: list[Edit]) -> list[int]:
    """Give where addresses now stand alone on their line that did not before."""
    gone = {edit.start for edit in blocks}
    alone = Counter(one.urls for one in before.embeds if one.form is Form.URL and one.span.start not in gone)
    stranded = []
    for one in after.embeds:
        if one.form is Form.URL:
            alone[one.urls] -= 1
            if alone[one.urls] < 0:
                stranded.append(one.span.start)
    return stranded


def _beside(stranded: list[int], places: list[tuple[int, SafeHtml]], blocks: list[Edit]) -> set[int]:
    """Give an embed, by number, that left an address alone at the first of these places: the one behind it, else the one before."""
    if not stranded:
        return set()
    following = bisect_left([start for start, _ in places], stranded[0])
    partial = [number for number, edit in enumerate(blocks) if edit.partial]
    return {next((number for number in (following, following - 1) if number in partial), partial[-1])}
