"""Write an article anew: choose which of the decided embeds and links go in, and put them into the
text.
"""

import sys
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace

from service.core.detect import Detection, LinkMention
from service.core.html.newlines import Newlines
from service.core.markdown.block_insertion import BlockInsertion
from service.core.model import Format, Reason
from service.core.rewrite.decide import Decision
from service.core.rewrite.edits import Edit, splice, splice_text
from service.core.rewrite.link_edits import rewrite_link
from service.core.rewrite.placement import (
    Draft,
    MentionEdit,
    PlacedEmbed,
    verify_no_new_mentions,
    verify_placement,
)

_MOST_CORRECTIONS = 3
"""Drafts that are put right one fault at a time, before all that could be at fault is left out."""

_AMP = "<amp-twitter "
_MOST_UNFIT = 8
"""Embeds of one Markdown paragraph that find no place, before no other of it is tried."""


@dataclass(frozen=True, slots=True)
class Expansion:
    """A short link of the article and its target. `beside` is the index of the mention whose embed
    must be written for the link to be free.
    """

    link: LinkMention
    target: str
    beside: int | None = None


@dataclass(frozen=True, slots=True)
class Rewriting:
    """An article and what is to be written into it. Offsets are those of `newlines.text`.

    `decisions` are those of `found.embeds`, in order, None where nothing was decided. `scripts`
    are the edits of X's scripts. `output` is the caller's: `text` leaves every embed out, `html`
    writes text as HTML even if no embed is in it.
    """

    content: str
    newlines: Newlines
    found: Detection
    decisions: Sequence[Decision | None]
    links: Sequence[Expansion] = ()
    scripts: Sequence[Edit] = ()
    output: str = "auto"

    def edits(self, left_out: dict[int, Reason]) -> list[MentionEdit]:
        """Return the edits of the mentions that are not left out."""
        return [
            MentionEdit(index, one.edit, one.html or "")
            for index, one in enumerate(self.decisions)
            if one and one.edit and index not in left_out
        ]


@dataclass(frozen=True, slots=True)
class Rewritten:
    """The article, its format, and the mentions whose edits were left out after all: their index
    and why.
    """

    content: str
    format: Format
    left_out: dict[int, Reason]


def rewrite(job: Rewriting, most_corrections: int = _MOST_CORRECTIONS) -> Rewritten:
    """Write an article's embeds and the targets of its links.

    A mention is left out where its characters are another one's already, or where its embed would
    leave an address alone on its line, which would mean a tweet of its own the next time (`mixed`);
    and where what stands around would change the embed (`place`).

    Ends with a draft that nothing is wrong with. Each draft leaves out more mentions than the one
    before; after a few, all that could be at fault, so that an article is read a bounded number of
    times.
    """
    insertion = BlockInsertion(job.newlines.text) if job.found.format is Format.MARKDOWN else None
    left_out: dict[int, Reason] = {}
    if job.output == "text":
        left_out = {one.index: Reason.TEXT for one in job.edits(left_out)}
    corrections = 0
    while True:
        blocks, unfit = select_edits(job, left_out, insertion)
        left_out |= unfit
        if halves := _halves(job, left_out):
            left_out |= dict.fromkeys(halves, Reason.MIXED)
            continue
        draft = write(job, blocks, left_out)
        faults = verify_placement(draft) or verify_no_new_mentions(job.found.embeds, draft)
        if not faults:
            return Rewritten(draft.content, draft.format, left_out)
        corrections += 1
        if corrections == most_corrections:
            faults |= {one.index: Reason.MIXED for one in blocks if one.edit.partial}
        elif corrections > most_corrections:
            faults |= {one.index: Reason.PLACE for one in blocks}
        left_out |= faults


def _halves(job: Rewriting, left_out: dict[int, Reason]) -> list[int]:
    """Return the mentions, by index, that would be written without the others of their element."""
    shares = [one.shares for one in job.found.embeds]
    if not any(shares):
        return []
    written = {one.index for one in job.edits(left_out)}
    broken = {each for index, each in enumerate(shares) if index not in written}
    return [index for index in written if shares[index] and shares[index] in broken]


def select_edits(
    job: Rewriting,
    left_out: dict[int, Reason],
    insertion: BlockInsertion | None,
) -> tuple[list[MentionEdit], dict[int, Reason]]:
    """Return the block edits to carry out, in order and disjoint, and the mentions whose edits
    cannot be. In Markdown each embed gets the blank lines it needs.
    """
    blocks: list[MentionEdit] = []
    unfit: dict[int, Reason] = {}
    edits = [one for one in job.edits(left_out) if one.edit.block]
    for one in sorted(edits, key=lambda each: each.edit.start):
        if blocks and one.edit.start < blocks[-1].edit.end:
            unfit[one.index] = Reason.MIXED
        else:
            blocks.append(one)
    if insertion is not None:
        line_end = "\r\n" if "\r\n" in job.content else "\n"
        blocks, misfits = _between_blank_lines(insertion, blocks, line_end)
        unfit |= dict.fromkeys(misfits, Reason.MIXED)
    return blocks, unfit


def _between_blank_lines(
    insertion: BlockInsertion,
    blocks: list[MentionEdit],
    line_end: str,
) -> tuple[list[MentionEdit], list[int]]:
    """Put blank lines around the embeds in Markdown; return them, and the indexes of those that
    cannot have them.
    """
    fit: list[MentionEdit] = []
    unfit: list[int] = []
    until, in_a_row = sys.maxsize, 0
    for one in reversed(blocks):
        edit = one.edit
        around = insertion.around(edit.start, edit.end, until) if in_a_row < _MOST_UNFIT else None
        if around is None:
            unfit.append(one.index)
            in_a_row += 1
            continue
        if edit.split and one.html:
            around = "\n\n", "\n\n"  # raw HTML goes on beside the embed, which is to be a block
        fit.append(_as_block(one, around, line_end))
        until, in_a_row = edit.start, 0
    return fit[::-1], unfit


def _as_block(one: MentionEdit, around: tuple[str, str], line_end: str) -> MentionEdit:
    """Return an edit whose embed is a block of raw HTML in Markdown, with line feeds `around`."""
    edit, html = one.edit, _as_raw_block(one.html, line_end)
    written = edit.text.replace(one.html, html, 1) if html != one.html else edit.text
    before, behind = (feeds.replace("\n", line_end) for feeds in around)
    lead, rest = written[: edit.lead], written[edit.lead :]
    apart = line_end * 2 if lead else ""
    text = before + lead + apart + rest + behind
    return MentionEdit(one.index, replace(edit, text=text), html)


def _as_raw_block(html: str, line_end: str) -> str:
    """Return an embed as it stands in Markdown: AMP's start tag is alone on its line, for nothing
    else makes a block of raw HTML of it (CommonMark 4.6, start condition 7).
    """
    if not html.startswith(_AMP):
        return html
    return html.replace(">", ">" + line_end, 1)


def write(job: Rewriting, blocks: Sequence[MentionEdit], left_out: dict[int, Reason]) -> Draft:
    """Carry out the block edits, and beside them all others."""
    edits = [one.edit for one in blocks]
    words = [one.edit for one in job.edits(left_out) if not one.edit.block]
    for index, one in enumerate(job.decisions):
        if one and one.edit and index not in left_out:
            words.extend(one.further)
    others = [*_link_edits(job, edits, left_out), *_clear_of(edits, [*job.scripts, *words])]
    together = sorted([*edits, *others], key=lambda edit: edit.start)
    as_sent = _as_sent(together, job.newlines) if job.newlines.text != job.content else together
    is_text = job.found.format is Format.TEXT
    as_html = is_text and (job.output == "html" or any(edit.text for edit in edits))
    content, starts = (splice_text if as_html else splice)(job.content, as_sent)
    placed = (
        PlacedEmbed(one, start + one.edit.text.index(one.html))
        for start, one in zip(starts, blocks, strict=True)
    )
    return Draft(content, Format.HTML if as_html else job.found.format, tuple(placed))


def _as_sent(edits: list[Edit], newlines: Newlines) -> list[Edit]:
    """Move edits to the article as sent."""
    return [
        replace(edit, start=newlines.back(edit.start), end=newlines.back(edit.end))
        for edit in edits
    ]


def _clear_of(blocks: list[Edit], others: Sequence[Edit]) -> list[Edit]:
    """Leave out the edits that cross an embed's: they went with it."""
    ends = [block.end for block in blocks]
    clear = []
    for edit in others:
        following = bisect_right(ends, edit.start)
        if following == len(blocks) or blocks[following].start >= edit.end:
            clear.append(edit)
    return clear


def _link_edits(job: Rewriting, blocks: list[Edit], left_out: dict[int, Reason]) -> list[Edit]:
    """Return the edits of the short links that stand beside the embeds."""
    text, markup = job.newlines.text, job.found.format is Format.HTML
    edits = []
    block = 0
    for one in job.links:
        if one.beside in left_out:
            continue
        span = one.link.span
        while block < len(blocks) and blocks[block].end <= span.start:
            block += 1
        if block < len(blocks) and blocks[block].start < span.end:
            continue  # it went with the embed
        until = blocks[block].start if block < len(blocks) else len(text)
        edit = rewrite_link(text, one.link, one.target, until=until, markup=markup)
        if edit is not None:
            edits.append(edit)
    return edits
