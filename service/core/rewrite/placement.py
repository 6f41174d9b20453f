"""Whether every embed stands in the written article as what it is alone, and whether nothing came
to be a tweet that was none before.
"""

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import turbohtml

from service.core.detect import Mention, detect_normalized
from service.core.detect.in_markdown import read_source_map
from service.core.html.cdata import hide_cdata
from service.core.html.elements import BLOCK
from service.core.html.newlines import Newlines
from service.core.markdown.block_insertion import BlockInsertion
from service.core.model import Form, Format, Reason, Span
from service.core.rewrite.edits import Edit
from service.core.text.markup_growth import without_growth

_TAG = re.compile(r"</?([A-Za-z][A-Za-z0-9]*)[^<>]*>")
_MOST_TAGS = 16
_FIRST_TAG = re.compile("<([a-z-]+)")
_WRITTEN = frozenset(
    {Form.BLOCKQUOTE, Form.FLATTENED, Form.AMP, Form.CARD, Form.OEMBED, Form.BLOCK},
)
"""Forms that an embed has, or the element around it; all others could only come to be by what is
written beside them.
"""


def parts_words(text: str, start: int, end: int) -> bool:
    """Return whether words touch a stretch of HTML, tags of running text aside: a block in its
    place parts what was one word, and may have been no address.
    """
    for _ in range(_MOST_TAGS):
        tag = _TAG.match(text, text.rfind("<", 0, start)) if text.endswith(">", 0, start) else None
        if tag is None or tag.end() != start:
            break
        if _ends_a_line(tag):
            start = 0
            break
        start = tag.start()
    for _ in range(_MOST_TAGS):
        tag = _TAG.match(text, end)
        if tag is None:
            break
        if _ends_a_line(tag):
            end = len(text)
            break
        end = tag.end()
    before, behind = text[start - 1 : start] if start else "", text[end : end + 1]
    return any(sign and sign not in "<>" and not sign.isspace() for sign in (before, behind))


def _ends_a_line(tag: re.Match[str]) -> bool:
    return tag[1].lower() in BLOCK or tag[1].lower() == "br"


@dataclass(frozen=True, slots=True)
class MentionEdit:
    """The edit of the mention `index`, and the embed in it, empty where one is taken out."""

    index: int
    edit: Edit
    html: str


@dataclass(frozen=True, slots=True)
class PlacedEmbed:
    """A block edit that was carried out, and where in the written article its embed begins."""

    block: MentionEdit
    start: int

    def gap_to(self, start: int, end: int) -> int:
        """Return how many characters part what was written from a stretch of the article."""
        text, lead = self.block.edit.text, self.block.edit.text.index(self.block.html)
        begins = self.start - lead
        return max(begins - end, start - begins - len(text), 0)


@dataclass(frozen=True, slots=True)
class Draft:
    """A written article, to be looked over; its embeds in order."""

    content: str
    format: Format
    placed: tuple[PlacedEmbed, ...]


def verify_placement(draft: Draft) -> dict[int, Reason]:
    """Return the mentions, by index, whose embed is not in the article what it is alone: the same
    tree, and in Markdown a block of raw HTML.

    Formatting that nobody closed would change it, say.
    """
    embeds = {one.start: one for one in draft.placed if one.block.html}
    if not embeds or draft.format is Format.TEXT:
        return {}
    newlines = Newlines(draft.content)
    elements = _markdown_elements if draft.format is Format.MARKDOWN else _html_elements
    tags = {begun[1] for one in embeds.values() if (begun := _FIRST_TAG.match(one.block.html))}
    for start, element in elements(newlines.text, tags):
        at = newlines.back(start)
        if at in embeds and element.html == _alone(embeds[at].block.html):
            del embeds[at]
    return {one.block.index: Reason.PLACE for one in embeds.values()}


def _html_elements(text: str, tags: set[str]) -> Iterator[tuple[int, turbohtml.Element]]:
    """Return the elements of these tags, each with its place."""
    root = turbohtml.parse_fragment(without_growth(hide_cdata(text)), source_locations=True)
    for element in root.iter_elements(tags):
        if place := element.source_location:
            yield place.start_tag.start_offset, element


def _markdown_elements(text: str, tags: set[str]) -> Iterator[tuple[int, turbohtml.Element]]:
    """Return the elements of these tags that stand as blocks of raw HTML, each with its place."""
    insertion = BlockInsertion(text)
    source_map = read_source_map(text)
    for start, element in _html_elements(source_map.html, tags):
        at = source_map.start(start)
        if insertion.is_block(at):
            yield at, element


@lru_cache(maxsize=1024)
def _alone(html: str) -> str:
    """Return the tree that an embed is alone, written out."""
    return turbohtml.parse_fragment(html, positions=False).inner_html


def verify_no_new_mentions(before: Sequence[Mention], draft: Draft) -> dict[int, Reason]:
    """Return the mentions, by index, whose edits left an address alone on its line, which would
    mean a tweet of its own the next time. `before` are the mentions of the article as it was.
    """
    partial = {number for number, one in enumerate(draft.placed) if one.block.edit.partial}
    if not partial:
        return {}
    newlines = Newlines(draft.content)
    written = {one.start for one in draft.placed if one.block.html}
    after = [
        one
        for one in detect_normalized(newlines.text, draft.format).embeds
        if newlines.back(one.span.start) not in written
    ]
    starts = [one.start for one in draft.placed]
    refused = {}
    removes = any(not one.block.html for one in draft.placed)
    blocks = [one.block.edit for one in draft.placed]
    for span in _stranded(before, after, blocks, elements=removes):
        begin, end = newlines.back(span.start), newlines.back(span.end)
        behind = bisect_left(starts, begin)
        gaps = {
            number: draft.placed[number].gap_to(begin, end)
            for number in (behind, behind - 1)
            if number in partial
        }
        nearest = min(gaps, key=lambda number: gaps[number], default=max(partial))
        refused[draft.placed[nearest].block.index] = Reason.MIXED
    return refused


def _stranded(
    before: Sequence[Mention],
    after: Sequence[Mention],
    blocks: list[Edit],
    *,
    elements: bool,
) -> Iterator[Span]:
    """Return where addresses now stand alone on their line that did not before, and elements of a
    tweet, if asked for, that were none.
    """
    ends = [edit.end for edit in blocks]
    alone: Counter[tuple[Form, tuple[str, ...]]] = Counter()
    for one in before:
        following = bisect_right(ends, one.span.start)
        untouched = following == len(blocks) or blocks[following].start >= one.span.end
        if untouched and _is_new(one, elements=elements):
            alone[one.form, one.urls] += 1
    for one in after:
        if _is_new(one, elements=elements):
            alone[one.form, one.urls] -= 1
            if alone[one.form, one.urls] < 0:
                yield one.span


def _is_new(mention: Mention, *, elements: bool) -> bool:
    """Return whether a mention is of a kind that comes to be by what is beside it; or, if asked
    for, by what is taken out of its element.
    """
    if mention.form in _WRITTEN:
        return elements and mention.tweet is not None
    return mention.is_placeable
