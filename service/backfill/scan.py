"""The first step: which articles there are, which of them hold tweets or links, and how much there is to ask."""

import hashlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

from service.backfill.layout import Cell, Layout, Region, Tally, UnreadableError
from service.backfill.plan import Plan, Progress, Stop
from service.backfill.source import Document, Source
from service.backfill.state import DECIDED, Entry, State, Status
from service.core.detect import Detection, detect
from service.core.model import Permalink, ShortLink

TWEET, LINK = "tweet", "link"
_SAVE_EVERY = 2000


@dataclass(slots=True)
class Found:
    """What a scan has come across."""

    documents: int = 0
    articles: int = 0
    skipped: int = 0
    forms: Counter[str] = field(default_factory=Counter)


class Scan:
    """Goes through a source, and writes down in the checkpoint every article in which there is something to do."""

    def __init__(self, source: Source, state: State, plan: Plan, stop: Stop, progress: Progress) -> None:
        """Begin."""
        self._source, self._state, self._plan, self._stop, self._progress = source, state, plan, stop, progress
        self.found = Found()
        self._unsaved = 0

    def __call__(self) -> Found:
        """Scan. Raises `OSError` where the source cannot be read, `StoppedError`, `sqlite3.Error`."""
        told = self._source.stat()
        self._progress.step("scan", told.st_size if told and not self._source.packing else 0)
        for document in self._source.documents():
            self._stop.check()
            if self._source.is_folder and not self._plan.shard.has(document.name):
                continue
            if self._plan.limit is not None and self.found.articles >= self._plan.limit:
                break
            self._document(document)
            if self._source.is_folder:
                self._progress.advance(self.found.documents)
        self._state.drop_unmet()
        self._state.save()
        return self.found

    def _document(self, document: Document) -> None:
        self.found.documents += 1
        if document.left_alone:
            self._put(Entry(document.name, 0, status=Status.SKIPPED, told={"errors": [document.left_alone]}))
            return
        tally = Tally()
        try:
            with self._source.opened(document) as file:
                layout = self._source.layout(document, file)
                for region in self._of_shard(layout, file, tally):
                    self._stop.check()
                    if self._plan.limit is not None and self.found.articles + tally.articles > self._plan.limit:
                        tally.articles -= 1
                        break
                    self._region(document, layout, region)
                    if not self._source.is_folder:
                        self._progress.advance(tally.at)
        except UnreadableError as error:
            self._put(Entry(document.name, tally.articles + 1, status=Status.UNREADABLE, told={"errors": [str(error)], "unit": "rest"}))
        except OSError as error:
            if not self._source.is_folder:
                raise
            self._put(Entry(document.name, 0, status=Status.UNREADABLE, told={"errors": [error.strerror]}))
        self.found.articles += tally.articles

    def _of_shard(self, layout: Layout, file: BinaryIO, tally: Tally) -> Iterator[Region]:
        if self._source.is_folder or self._plan.shard.count == 1:
            yield from layout.regions(file, tally, every=self._plan.every)
            return
        part = part_of(self._plan, layout, file)
        file.seek(0)
        whole = Tally()
        for region in layout.regions(file, whole, every=self._plan.every):
            tally.at = whole.at
            tally.articles = max(0, whole.articles - part.before_start)
            if region.start >= part.end:
                break
            if region.start >= part.start:
                yield region
        tally.articles = (whole.articles if part.before_end is None else part.before_end) - part.before_start

    def _region(self, document: Document, layout: Layout, region: Region) -> None:
        entry = Entry(document.name, region.n)
        try:
            cell = layout.find(region.raw)
            if cell is None:
                return
            if not self._is_late_enough(document, cell):
                self.found.skipped += 1
                return
            entry.id, entry.start, entry.size = cell.id, region.start + cell.start, cell.end - cell.start
            self._cell(entry, layout, region.raw[cell.start : cell.end], cell.note)
        except UnreadableError as error:
            self._put(
                Entry(document.name, region.n, id=entry.id, status=Status.UNREADABLE, told={"errors": [str(error)], "unit": layout.unit})
            )

    def _cell(self, entry: Entry, layout: Layout, raw: bytes, note: str | None) -> None:
        entry.before_sum = hashlib.sha256(raw).hexdigest()
        known = self._state.find(entry.file, entry.n)
        if (
            known is not None
            and known.id == entry.id
            and known.status in DECIDED
            and entry.before_sum in {known.before_sum, known.after_sum}
        ):
            self._state.met(known, entry.start, entry.size)
            self.found.forms.update(known.told.get("forms", {}))
            return
        content = layout.decode(raw)
        detection = detect(content, self._plan.format or layout.format)
        forms = Counter(one.form.value for one in detection.embeds) + Counter(link=len(detection.links))
        self._mentions(detection)
        if forms or self._plan.options.script != "keep":
            self.found.forms.update(forms)
            entry.told = {"unit": layout.unit, "forms": dict(forms), **({"note": note} if note else {})}
            self._put(entry)
        elif self._plan.every:
            entry.status, entry.after_sum = Status.UNCHANGED, entry.before_sum
            entry.told = {"unit": layout.unit}
            self._put(entry)

    def _mentions(self, detection: Detection) -> None:
        targets: list[Permalink | ShortLink | None] = [link.target for link in detection.links]
        for one in detection.embeds:
            targets += [one.tweet, *one.targets]
        for target in targets:
            if isinstance(target, ShortLink):
                self._state.mention(LINK, target.code)
        for one in detection.embeds:
            if one.tweet is not None:
                self._state.mention(TWEET, one.tweet.id)
            elif one.flat is not None:
                self._state.mention(TWEET, "?" + (one.text or "")[:200])  # which one it is will be known when its links are

    def _is_late_enough(self, document: Document, cell: Cell) -> bool:
        date = cell.date
        if self._source.is_folder and document.path is not None:
            date = str(document.path.stat().st_mtime)
        return self._plan.is_late_enough(date)

    def _put(self, entry: Entry) -> None:
        self._state.put(entry)
        self._unsaved += 1
        if self._unsaved >= _SAVE_EVERY:
            self._state.save()
            self._unsaved = 0


@dataclass(frozen=True, slots=True)
class Part:
    """The bytes of a document that are a shard's, from one start of an article to another, and how many articles are before each."""

    start: int
    end: int
    before_start: int
    before_end: int | None
    """None where it ends with the document."""


def part_of(plan: Plan, layout: Layout, file: BinaryIO) -> Part:
    """Give a shard's part of a single document. The parts, in order, make the whole."""
    size = file.seek(0, 2)
    number, count = plan.shard.number, plan.shard.count
    wanted = [size * each // count for each in (number - 1, number)]
    starts = [0, 0] if number == 1 else [size, size]
    before = [0, 0]
    missing = [each for each in (0, 1) if not (each == 0 and number == 1) and not (each == 1 and number == count)]
    file.seek(0)
    tally = Tally()
    for region in layout.regions(file, tally, every=True):
        while missing and region.start >= wanted[missing[0]]:
            each = missing.pop(0)
            starts[each], before[each] = region.start, tally.articles - 1
        if not missing:
            break
    else:
        for each in missing:
            starts[each], before[each] = size, tally.articles
    return Part(starts[0], size if number == count else starts[1], before[0], None if number == count else before[1])
