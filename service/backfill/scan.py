"""The first step: which articles there are, which of them hold tweets or links, and how much there is to ask."""

import hashlib
from collections import Counter
from dataclasses import dataclass, field

from service.backfill.layout import Cell, Layout, Region, Tally, UnreadableError
from service.backfill.plan import Plan, Progress, Stop
from service.backfill.reading import Document, Source
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
        self._progress.step("scan", self._source.size())
        for document in self._source.documents():
            self._stop.check()
            if self._source.many and not self._plan.shard.has(document.name):
                continue
            if self._plan.limit is not None and self.found.articles >= self._plan.limit:
                break
            self._document(document)
            if self._source.many:
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
            with self._source.opened(document) as reading:
                for region in reading.regions(tally, self._plan):
                    self._stop.check()
                    if self._plan.limit is not None and self.found.articles + tally.articles > self._plan.limit:
                        tally.articles -= 1
                        break
                    self._region(document, reading.layout, region)
                    if not self._source.many:
                        self._progress.advance(tally.at)
        except UnreadableError as error:
            self._put(Entry(document.name, tally.articles + 1, status=Status.UNREADABLE, told={"errors": [str(error)], "unit": "rest"}))
        except OSError as error:
            if not self._source.many:
                raise
            self._put(Entry(document.name, 0, status=Status.UNREADABLE, told={"errors": [error.strerror]}))
        self.found.articles += tally.articles

    def _region(self, document: Document, layout: Layout, region: Region) -> None:
        entry = Entry(document.name, region.n)
        try:
            cell = region.cell or layout.find(region.raw)
            if cell is None:
                return
            if not self._is_late_enough(document, cell):
                self.found.skipped += 1
                return
            entry.id, entry.start, entry.size = cell.id, region.start + cell.start, cell.end - cell.start
            self._cell(entry, layout, region.raw[cell.start : cell.end], cell)
        except UnreadableError as error:
            self._put(
                Entry(document.name, region.n, id=entry.id, status=Status.UNREADABLE, told={"errors": [str(error)], "unit": layout.unit})
            )

    def _cell(self, entry: Entry, layout: Layout, raw: bytes, cell: Cell) -> None:
        if cell.trouble is not None:
            raise UnreadableError(cell.trouble)
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
            entry.told = {"unit": layout.unit, "forms": dict(forms), **({"note": cell.note} if cell.note else {})}
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
        if self._source.many and document.path is not None:
            date = str(document.path.stat().st_mtime)
        return self._plan.is_late_enough(date)

    def _put(self, entry: Entry) -> None:
        self._state.put(entry)
        self._unsaved += 1
        if self._unsaved >= _SAVE_EVERY:
            self._state.save()
            self._unsaved = 0
