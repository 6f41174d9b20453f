"""The second step of a backfill: resolve every article that is open, and keep each result in the
checkpoint.
"""

import asyncio
import hashlib
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter

from service.backfill.archive_errors import GuardError
from service.backfill.counts import counted
from service.backfill.plan import Plan, Progress, Stop, in_groups
from service.backfill.safety.checkpoint import ArticleRecord, Checkpoint, Status
from service.backfill.safety.detection_notes import DetectionNote
from service.backfill.settle import Settle, Unsettled
from service.backfill.sources.layout import FileCell, Layout
from service.backfill.sources.protocol import Documents, Source
from service.backfill.steps.archive_step import ArchiveStep

TOGETHER = 50
"""Articles that are read at once: from a database, by one statement."""
_MOST_BYTES = 16 * 1024 * 1024
"""Bytes of articles that are under way at the same time, unless a single one has more."""
_TRIES = 3
_LONGEST_PAUSE_S = 900.0
_SAVE_EVERY_S = 1.0
_LOOK_EVERY_S = 0.2


@dataclass(slots=True)
class _Pause:
    """Until when X asked to be left alone (event-loop time)."""

    until: float = 0.0

    async def wait(self) -> None:
        if self.until and (left_s := self.until - asyncio.get_running_loop().time()) > 0:
            await asyncio.sleep(left_s)


class ResolveStep(ArchiveStep[Source]):
    """Resolves what a scan left open."""

    def __init__(
        self, source: Source, state: Checkpoint, plan: Plan, stop: Stop, progress: Progress
    ) -> None:
        super().__init__(source, state, plan, stop, progress)
        self._pause = _Pause()
        self._failures = 0
        self._bytes = 0
        self.detected = 0

    async def __call__(self, settle: Settle) -> None:
        """Resolve. Raises `GuardError` after too many failures, and as all steps do; what was
        decided by then is kept.
        """
        total = self._state.count(Status.OPEN)
        self._progress.step("resolve", total, "articles")
        tasks: set[asyncio.Task[ArticleRecord]] = set()
        saved, done = time.monotonic(), 0
        documents = Documents(self._source)
        try:
            for some in in_groups(self._state.all(Status.OPEN), TOGETHER):
                notes = self._notes(some)
                for entry, layout, cell in documents.read_many(some):
                    if layout is None or cell is None or not self._is_as_scanned(entry, cell):
                        self._skip(entry)
                        continue
                    work = self._work(entry, layout, cell, notes.get((entry.file, entry.n)))
                    tasks.add(asyncio.create_task(self._settle(entry, work, settle)))
                    self._bytes += entry.size
                    while len(tasks) >= self._plan.concurrency or self._bytes > _MOST_BYTES:
                        tasks, finished = await self._wait(tasks)
                        done += finished
                        self._progress.advance(done)
                    if time.monotonic() - saved > _SAVE_EVERY_S:
                        self._state.save()
                        saved = time.monotonic()
            while tasks:
                tasks, finished = await self._wait(tasks)
                done += finished
                self._progress.advance(done)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            documents.close()
            self._state.save()

    async def _wait(
        self,
        tasks: set[asyncio.Task[ArticleRecord]],
    ) -> tuple[set[asyncio.Task[ArticleRecord]], int]:
        """Wait a little for any of the tasks; give those that go on, and how many ended."""
        ended, going = await asyncio.wait(
            tasks,
            timeout=_LOOK_EVERY_S,
            return_when=asyncio.FIRST_COMPLETED,
        )
        decided = []
        for task in ended:
            entry = task.result()
            self._bytes -= entry.size
            if entry.status is Status.FAILED and not self._plan.offline:
                if self._has_failed_enough():
                    continue  # it stays open for the next run
                self._failures += 1
            decided.append(entry)
        self._state.put(*decided)
        self._stop.check()
        if self._has_failed_enough():
            message = (
                f"{counted(self._failures, 'article')} failed (--max-failures); see what X is"
                " about, then run the same command again to go on"
            )
            raise GuardError(message)
        return going, len(ended)

    def _has_failed_enough(self) -> bool:
        return bool(self._plan.max_failures) and self._failures >= self._plan.max_failures

    def _is_as_scanned(self, entry: ArticleRecord, cell: bytes | FileCell) -> bool:
        """Return whether an article is still what was scanned, as far as it was read; one of a
        source that lives is taken as it is now.
        """
        if isinstance(cell, FileCell):
            return True
        found = hashlib.sha256(cell).hexdigest()
        if self._source.living:
            entry.before_sum = found
        return found == entry.before_sum

    def _notes(self, some: Sequence[ArticleRecord]) -> dict[tuple[str, int], DetectionNote]:
        """Return what was found in articles, by their documents and numbers."""
        detections = self._state.detections
        return {
            (name, n): note
            for name, each in groupby(some, key=attrgetter("file"))
            for n, note in detections.of_some(name, [entry.n for entry in each]).items()
        }

    def _work(
        self,
        entry: ArticleRecord,
        layout: Layout,
        cell: bytes | FileCell,
        note: DetectionNote | None,
    ) -> Unsettled:
        """Put together what is to be known of an article; count one that is to be detected anew."""
        found = note.found if note is not None and note.sum == entry.before_sum else ""
        self.detected += not found
        return Unsettled(entry.file, entry.id, layout, cell, entry.outcome.url, found)

    def _skip(self, entry: ArticleRecord) -> None:
        """Record an article that is no longer what was scanned; forget one that is gone from a
        source that lives.
        """
        if self._source.living:
            self._state.drop(entry)
            return
        self._state.put(_skipped(entry))

    async def _settle(self, entry: ArticleRecord, work: Unsettled, settle: Settle) -> ArticleRecord:
        began = time.perf_counter()
        for tries in range(_TRIES):
            await self._pause.wait()
            settled = await settle(work, self._plan)
            if settled.pause_s is None or tries == _TRIES - 1:
                break
            self._pause_for(settled.pause_s)
        if settled.status is Status.SKIPPED:
            return _skipped(entry)
        outcome = entry.outcome
        outcome.embeds, outcome.links = settled.embeds, settled.links
        outcome.tweets, outcome.bad_links = settled.tweets, settled.bad_links
        outcome.errors = settled.errors
        entry.status, entry.after = settled.status, settled.after
        entry.after_sum = settled.after_sum or entry.before_sum
        outcome.ms = round((time.perf_counter() - began) * 1000, 1)
        return entry

    def _pause_for(self, seconds: float) -> None:
        now = asyncio.get_running_loop().time()
        if self._pause.until <= now:
            self._progress.say(f"X asks to be left alone for {seconds:.0f} s")
        self._pause.until = max(self._pause.until, now + min(seconds, _LONGEST_PAUSE_S))


def _skipped(entry: ArticleRecord) -> ArticleRecord:
    """Return an article that is left as it is."""
    entry.status = Status.SKIPPED
    entry.outcome.errors = ["changed by somebody else meanwhile; the next run looks at it again"]
    return entry
