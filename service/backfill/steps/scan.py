"""The first step of a backfill: find the articles, those among them that hold tweets or links, and
how many questions X has to be asked.
"""

import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from service.backfill.archive_errors import UnreadableError
from service.backfill.inspect import CLUE, BlockItem, InspectedRegions, Inspection, ScanItem
from service.backfill.plan import Plan, Progress, Stop
from service.backfill.safety.article_outcome import ArticleOutcome
from service.backfill.safety.candidate_notes import article_key
from service.backfill.safety.checkpoint import ArticleRecord, Checkpoint, Status
from service.backfill.safety.detection_notes import DetectionNote
from service.backfill.sources.layout import FileBlock, Layout, RawRecord, ScanProgress
from service.backfill.sources.protocol import Document, FileBlocks, Source
from service.backfill.steps.archive_step import ArchiveStep
from service.backfill.steps.scan_batches import Batches
from service.backfill.workers.process_pool import ProcessPool
from service.cache.candidate_tables import CandidateRow
from service.candidates.source import SourceName
from service.candidates.stated import stated_in
from service.core.detect import detect
from service.core.model import Format

_A_SECOND = 150_000_000
"""Bytes of a file that one process looks at in about a second."""
_SAVE_EVERY_S = 1.0
"""What was seen for longer is not looked at again after a kill."""


@dataclass(slots=True)
class ScanSummary:
    """What a scan has come across."""

    documents: int = 0
    articles: int = 0
    skipped: int = 0
    undated: int = 0
    detected: int = 0
    """Articles that detection was asked about; not those of which it is known from before."""
    forms: Counter[str] = field(default_factory=Counter)


class ScanStep(ArchiveStep[Source]):
    """Goes through a source, and writes down in the checkpoint every article in which there is
    something to do.
    """

    def __init__(
        self,
        source: Source,
        state: Checkpoint,
        plan: Plan,
        stop: Stop,
        progress: Progress,
        workers: ProcessPool,
    ) -> None:
        super().__init__(source, state, plan, stop, progress)
        self.found = ScanSummary()
        self._saved = time.monotonic()
        self._goes_on = state.is_begun()
        self._tally, self._lines = ScanProgress(), 0
        expected_s = 0.0 if source.many or source.living else source.size() / _A_SECOND
        self._batches = Batches(workers, plan, self._take, stop.check, expected_s)

    def __call__(self) -> ScanSummary:
        """Scan. Raises `OSError` where the source cannot be read, `StoppedError`,
        `sqlite3.Error`.
        """
        unit = "files" if self._source.many else "rows" if self._source.living else "bytes"
        self._progress.step("scan", self._source.size(), unit)
        for document in self._source.documents():
            self._stop.check()
            if self._source.many and not self._plan.shard.has(document.name):
                continue
            if self._plan.limit is not None and self.found.articles >= self._plan.limit:
                break
            self._document(document)
            if self._source.many:
                self._progress.advance(self.found.documents)
        self._batches.finish()
        if self._plan.reads_revisions:
            self._learn()
        self._state.drop_unmet()
        self._state.save()
        return self.found

    def _learn(self) -> None:
        """Note the tweets that earlier versions of articles state, before anything is changed."""
        if self._state.recall("learned"):
            return
        for version in self._source.earlier_versions():
            self._stop.check()
            article = article_key(self._source.name, version.article_id) or ""
            self._state.candidates.add(
                CandidateRow(named.handle, named.tweet_id, SourceName.REVISION, article)
                for named in stated_in(detect(version.text, Format.HTML))
            )
        self._state.keep("learned", "yes")

    def _document(self, document: Document) -> None:
        self.found.documents += 1
        self._tally = tally = ScanProgress()
        self._lines = 0
        if document.same_as:
            tally.articles += 1
            if self._plan.every:
                self._tell(
                    ArticleRecord(
                        document.name,
                        1,
                        status=Status.UNCHANGED,
                        outcome=ArticleOutcome(note=document.left_alone),
                    ),
                )
        elif document.left_alone:
            self._trouble(
                tally,
                ArticleRecord(
                    document.name,
                    1,
                    status=Status.SKIPPED,
                    outcome=ArticleOutcome(errors=[document.left_alone]),
                ),
            )
        else:
            self._read(document, tally)
        if self._over_limit(tally):  # those without a trace are counted, not given
            tally.articles = (self._plan.limit or 0) - self.found.articles
        self.found.articles += tally.articles

    def _read(self, document: Document, tally: ScanProgress) -> None:
        try:
            with self._source.opened(document) as reading:
                if self._plan.limit is None and (
                    blocks := reading.blocks(self._plan, counted=self._goes_on)
                ):
                    self._blocks(document, blocks)
                    return
                for region in reading.regions(tally, self._plan):
                    self._stop.check()
                    if self._over_limit(tally):
                        break
                    self._region(document, reading.layout, region)
                    if not self._source.many:
                        self._progress.advance(tally.at)
        except UnreadableError as error:
            self._trouble(
                tally,
                ArticleRecord(
                    document.name,
                    tally.articles + 1,
                    status=Status.UNREADABLE,
                    outcome=ArticleOutcome(unit="rest", errors=[str(error)]),
                ),
            )
        except OSError as error:
            if not self._source.many:
                raise
            self._trouble(
                tally,
                ArticleRecord(
                    document.name,
                    1,
                    status=Status.UNREADABLE,
                    outcome=ArticleOutcome(errors=[error.strerror or str(error)]),
                ),
            )

    def _blocks(self, document: Document, blocks: FileBlocks) -> None:
        """Look at a file block by block; count what is in them when it is told."""
        try:
            for block in blocks.each:
                known, notes = self._known(document, block)
                item = BlockItem(document.name, blocks.layout, block, known, notes)
                self._batches.add_block(item, blocks.descriptor)
        except UnreadableError:
            self._batches.finish()
            raise
        self._batches.finish()

    def _known(
        self, document: Document, block: FileBlock
    ) -> tuple[dict[int, ArticleRecord], dict[int, DetectionNote]]:
        """Return what is known of the articles of a block, by their lines in it."""
        if not self._goes_on:
            return {}, {}
        first = block.first
        known = self._state.within(document.name, first, block.last)
        notes = self._state.detections.within(document.name, first, block.last)
        return (
            {n - first: entry for n, entry in known.items()},
            {n - first: note for n, note in notes.items()},
        )

    def _over_limit(self, tally: ScanProgress) -> bool:
        return (
            self._plan.limit is not None and self.found.articles + tally.articles > self._plan.limit
        )

    def _region(self, document: Document, layout: Layout, region: RawRecord) -> None:
        date = None
        if self._plan.since and self._source.many and document.path is not None:
            date = str(document.path.stat().st_mtime)
        known = note = None
        if self._goes_on:
            known = self._state.find(document.name, region.n)
            note = self._state.detections.find(document.name, region.n)
        self._batches.add(ScanItem(document.name, layout, region, known, date, note))

    def _take(self, looked: InspectedRegions) -> None:
        """Write down what was seen in regions, in their order."""
        before = self._lines + 1 if looked.end else 0  # the numbers in a block are from 0
        entries: list[ArticleRecord] = []
        notes: list[DetectionNote] = []
        mentions: dict[tuple[str, str], None] = {}
        candidates: dict[CandidateRow, None] = {}
        for seen in looked.seen:
            entry, note = seen.entry, seen.note
            self.found.skipped += not seen.late_enough
            self.found.undated += not seen.dated
            if note is not None:
                notes.append(note._replace(n=note.n + before) if before else note)
            if entry is None:
                continue
            entry.n += before
            for form, count in entry.outcome.forms.items():
                self.found.forms[form] += count
            mentions.update(dict.fromkeys(seen.mentions))
            mentions.update(((CLUE, f"{handle} {day}"), None) for handle, day in seen.clues)
            candidates.update(dict.fromkeys(_candidates(seen, entry)))
            if seen.again:
                self._state.met(seen.again, entry.start, entry.size)
            else:
                entries.append(entry)
        self.found.detected += len(notes)
        self._state.mention(mentions)
        self._state.candidates.add(candidates)
        self._state.detections.add(notes)
        self._state.put(*entries)
        if looked.end:
            self._tally.articles += looked.articles
            self._lines += looked.lines
            self._progress.advance(looked.end)
        self._save()

    def _trouble(self, tally: ScanProgress, entry: ArticleRecord) -> None:
        """Count what cannot be read as one article, and tell of it."""
        tally.articles += 1
        if not self._over_limit(tally):
            self._tell(entry)

    def _tell(self, entry: ArticleRecord) -> None:
        """Write down what nobody has to look into, behind what was found before it."""
        self._batches.finish()
        self._state.put(entry)
        self._save()

    def _save(self) -> None:
        """Make what was seen so far last, now and then."""
        if time.monotonic() - self._saved > _SAVE_EVERY_S:
            self._state.save()
            self._saved = time.monotonic()


def _candidates(seen: Inspection, entry: ArticleRecord) -> Iterator[CandidateRow]:
    """Return the tweets that an article states now, and those that an earlier version did."""
    for handle, tweet_id in seen.stated:
        yield CandidateRow(handle, tweet_id, SourceName.INDEX)
    if seen.earlier:
        article = article_key(entry.file, entry.id) or ""
        for handle, tweet_id in seen.earlier:
            yield CandidateRow(handle, tweet_id, SourceName.REVISION, article)
