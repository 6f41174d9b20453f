"""Inspect one region of an archive: find the article in it, decode it, and detect the tweets and
links that it mentions. Pure: any process can do it.
"""

import datetime as dt
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from service.backfill.archive_errors import UnreadableError
from service.backfill.plan import Plan, read_day
from service.backfill.safety.article_outcome import ArticleOutcome
from service.backfill.safety.checkpoint import DECIDED, ArticleRecord, Status
from service.backfill.safety.detection_codec import decode, encode
from service.backfill.safety.detection_notes import DetectionNote
from service.backfill.sources.layout import (
    BlockLayout,
    ContentSpan,
    FileBlock,
    Layout,
    RawRecord,
    ScanProgress,
)
from service.candidates.stated import stated_in
from service.core.detect import Detection, detect
from service.core.detect.format_sniffing import is_structured_text
from service.core.mentions import ArticleDetection
from service.core.model import Form, Format, ShortLink, TweetRef
from service.pipeline.article_reading import read_article

TWEET, LINK, CLUE = "tweet", "link", "clue"
_A_LINK = Form.LINK.value


@dataclass(frozen=True, slots=True)
class ScanItem:
    """A region of a document, and what is known before anybody looks: what the checkpoint says, the
    document's own date, and what was found in it before.
    """

    file: str
    layout: Layout
    region: RawRecord
    known: ArticleRecord | None = None
    date: str | None = None
    note: DetectionNote | None = None


class Inspection(NamedTuple):
    """What there is in a region.

    `entry` is for the checkpoint, None if there is nothing to write down; its outcome counts the
    forms of what was found.

    `stated` are the authors and ids of tweets that its markup states, `clues` the authors and days
    of those whose ids nothing states, `earlier` the authors and ids that an earlier version states.
    `again` is what was known, if that still holds. `late_enough` says that `--since` does not leave
    it out, `dated` that if it does it is by a date. `note` is what detection found, where it was
    asked.
    """

    entry: ArticleRecord | None = None
    again: ArticleRecord | None = None
    late_enough: bool = True
    dated: bool = True
    mentions: tuple[tuple[str, str], ...] = ()
    stated: tuple[tuple[str, str], ...] = ()
    clues: tuple[tuple[str, dt.date], ...] = ()
    earlier: tuple[tuple[str, str], ...] = ()
    note: DetectionNote | None = None


@dataclass(frozen=True, slots=True)
class BlockItem:
    """A block of a document, and what is known of articles in it before, by their lines from 0."""

    file: str
    layout: BlockLayout
    block: FileBlock
    known: dict[int, ArticleRecord]
    notes: dict[int, DetectionNote]


class InspectedRegions(NamedTuple):
    """What was seen in regions, in order. Of a block, how many articles and lines it has, and where
    it ends; the numbers of what was seen are lines of the block from 0.
    """

    seen: list[Inspection]
    articles: int = 0
    lines: int = 0
    end: int = 0


_NOTHING = Inspection()


def inspect_block(item: BlockItem, data: bytes, plan: Plan) -> InspectedRegions:
    """Look at the bytes of a block."""
    tally, start = ScanProgress(), item.block.start
    seen = []
    for region in item.layout.in_block(data, tally, every=plan.every):
        placed = RawRecord(region.n, start + region.start, region.raw)
        known, note = item.known.get(region.n), item.notes.get(region.n)
        looked = inspect_region(ScanItem(item.file, item.layout, placed, known, None, note), plan)
        if looked != _NOTHING:
            seen.append(looked)
    return InspectedRegions(seen, tally.articles, tally.lines, start + len(data))


def inspect_region(piece: ScanItem, plan: Plan) -> Inspection:
    """Look at a region. What cannot be read is told in the entry."""
    layout, region = piece.layout, piece.region
    entry = ArticleRecord(piece.file, region.n)
    try:
        cell = region.cell or layout.find(region.raw)
        if cell is None:
            return (
                Inspection(_nothing_in(entry, layout))
                if plan.every and plan.is_late_enough(piece.date)
                else Inspection()
            )
        date = piece.date or cell.date
        if not plan.is_late_enough(date):
            return Inspection(
                late_enough=False,
                dated=date is not None and read_day(date) is not None,
            )
        entry.id, entry.start, entry.size = (
            cell.id,
            region.start + cell.start,
            cell.end - cell.start,
        )
        return _inspect(piece, plan, entry, cell)
    except UnreadableError as error:
        outcome = ArticleOutcome(unit=layout.unit, errors=[str(error)])
        return Inspection(
            ArticleRecord(
                piece.file, region.n, id=entry.id, status=Status.UNREADABLE, outcome=outcome
            ),
        )


def _inspect(piece: ScanItem, plan: Plan, entry: ArticleRecord, cell: ContentSpan) -> Inspection:
    layout, known = piece.layout, piece.known
    if cell.trouble is not None:
        raise UnreadableError(cell.trouble)
    raw = piece.region.raw[cell.start : cell.end]
    entry.before_sum = hashlib.sha256(raw).hexdigest()
    if (
        known is not None
        and known.id == entry.id
        and known.status in DECIDED
        and entry.before_sum in {known.before_sum, known.after_sum}
    ):
        entry.outcome.forms = known.outcome.forms
        return Inspection(entry, known)
    note = piece.note if piece.note and piece.note.sum == entry.before_sum else None
    if note is not None and not note.found:
        return Inspection(_nothing_in(entry, layout)) if plan.every else Inspection()
    found = _read(piece, plan, cell) if note is None else decode(note.found)
    detection = found.together
    forms: dict[str, int] = {}
    for one in detection.embeds:
        forms[one.form.value] = forms.get(one.form.value, 0) + 1
    if detection.links:
        forms[_A_LINK] = forms.get(_A_LINK, 0) + len(detection.links)
    if forms or plan.options.script != "keep":
        entry.outcome = ArticleOutcome(
            unit=layout.unit,
            forms=forms,
            note=cell.note,
            url=cell.url if plan.reads_addresses else None,
        )
        return Inspection(
            entry,
            mentions=tuple(_mentions(detection)),
            clues=tuple(_clues(detection)),
            earlier=tuple(_earlier(cell)) if plan.reads_revisions and note is None else (),
            stated=tuple((each.handle, each.tweet_id) for each in stated_in(detection)),
            note=None if note else _noted(piece, entry, encode(found)),
        )
    nothing = _noted(piece, entry, "")
    entry_of_it = _nothing_in(entry, layout) if plan.every else None
    return Inspection(entry_of_it, note=nothing)


def _read(piece: ScanItem, plan: Plan, cell: ContentSpan) -> ArticleDetection:
    raw = piece.region.raw[cell.start : cell.end]
    content = piece.layout.decode(raw) if cell.content is None else cell.content
    written_in = plan.format or piece.layout.format
    if written_in is None and is_structured_text(content):
        message = (
            "JSON of an editor, which is not read: name a field or column of HTML, Markdown or"
            " text, or say with --format what it is"
        )
        raise UnreadableError(message)
    return read_article(content, written_in, plan.options)


def _noted(piece: ScanItem, entry: ArticleRecord, found: str) -> DetectionNote:
    return DetectionNote(piece.file, piece.region.n, str(entry.before_sum), found)


def _nothing_in(entry: ArticleRecord, layout: Layout) -> ArticleRecord:
    entry.status, entry.after_sum = Status.UNCHANGED, entry.before_sum
    entry.outcome = ArticleOutcome(unit=layout.unit)
    return entry


def _earlier(cell: ContentSpan) -> Iterator[tuple[str, str]]:
    """Return the authors and ids that what is kept of an article from before states."""
    for text in cell.earlier:
        for named in stated_in(detect(text, Format.HTML)):
            yield named.handle, named.tweet_id


def _clues(detection: Detection) -> Iterator[tuple[str, dt.date]]:
    """Return what sources of candidates would be asked by."""
    for one in detection.embeds:
        told = one.attribution
        if one.tweet is None and one.flat is not None and told and told.handle and told.date:
            yield told.handle.lower(), told.date


def _mentions(detection: Detection) -> list[tuple[str, str]]:
    """List the tweets and links, for counting."""
    targets: list[TweetRef | ShortLink | None] = [link.target for link in detection.links]
    for one in detection.embeds:
        targets += [one.tweet, *one.targets]
    found = [(LINK, target.code) for target in targets if isinstance(target, ShortLink)]
    for one in detection.embeds:
        if one.tweet is not None:
            found.append((TWEET, one.tweet.id))
        elif one.flat is not None:
            found.append(
                (TWEET, "?" + (one.text or "")[:200]),
            )  # which one it is will be known when its links are
    return found
