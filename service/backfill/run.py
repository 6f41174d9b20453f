"""A backfill from end to end: the three steps, what is said of them, and how it ends."""

import asyncio
import datetime as dt
import sqlite3
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import AbstractAsyncContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from tempfile import gettempdir
from typing import BinaryIO

from service.backfill.archive_errors import GuardError, UsageError
from service.backfill.counts import counted, place_of
from service.backfill.file_archive import FileArchive
from service.backfill.inspect import CLUE, LINK, TWEET
from service.backfill.job import (
    DATABASE_EXTRA,
    OUTPUT,
    Archive,
    BackfillJob,
    is_database,
    refuse_other_databases,
)
from service.backfill.outcomes import may_show
from service.backfill.plan import Progress, Stop
from service.backfill.report.jsonl_report import Summary, summarize, write_report
from service.backfill.report.publish import ReportPublisher
from service.backfill.safety.atomic_files import AtomicFileWriter, StreamWriter
from service.backfill.safety.candidate_notes import CandidateNotes
from service.backfill.safety.checkpoint import Checkpoint, Status
from service.backfill.safety.detection_notes import detector
from service.backfill.settle import Settle
from service.backfill.sources.protocol import Documents
from service.backfill.steps.resolve_articles import ResolveStep
from service.backfill.steps.scan import ScanStep, ScanSummary
from service.backfill.workers.process_pool import ProcessPool
from service.candidates.clue import ids_of
from service.candidates.estimate import time_span
from service.candidates.x_api import DOLLARS_A_POST
from service.exit_codes import DONE, FAILED, WOULD_CHANGE

_AN_ARTICLE_S = 0.0003
"""Seconds that one process is at work to resolve an article of which everything is known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunContext:
    """What a run works with: who resolves, how many requests a second may be sent (0 is no limit),
    what the operator sees, the pipes.

    `changed` is told of every article that (would) change: its name, the text before, and after.
    `taken_down` tells which tweets were taken down by now: an article that was to show one is
    decided again.
    `estimate` says what it takes to ask sources about so many tweets; `spent` tells afterwards what
    each is to be paid for (`x_api`: posts).
    """

    resolver: Callable[[CandidateNotes], AbstractAsyncContextManager[Settle]]
    rate: float
    stop: Stop
    progress: Progress
    pipe_in: BinaryIO
    pipe_out: BinaryIO
    taken_down: Callable[[], Collection[str]] = frozenset
    workers: ProcessPool = field(default_factory=ProcessPool)
    changed: Callable[[str, str, str], None] | None = None
    estimate: Callable[[int], Iterable[str]] = lambda _: ()
    spent: dict[str, int] = field(default_factory=dict)


class BackfillRun:
    """One run of a job. Raises what the steps raise; what a killed run left, the next one goes on
    with.
    """

    def __init__(self, job: BackfillJob, around: RunContext) -> None:
        """Open and lock everything. Raises `UsageError`, `UnreadableError`, `OSError`."""
        self._job, self._around = job, around
        self._detected = 0
        self._stack = ExitStack()
        self._stack.callback(around.workers.close)
        try:
            job.check_output(shown=around.changed is not None)
            self._archive = _open(job, around)
            self._stack.callback(self._archive.close)
            with self._naming_the_checkpoint():
                self._state = Checkpoint(self._archive.state_path())
                self._stack.callback(self._state.close)
                self._check_state()
        except BaseException:
            self._stack.close()
            raise

    def close(self) -> None:
        """Close and unlock everything."""
        with self._naming_the_checkpoint():
            self._stack.close()

    def __call__(self) -> int:
        """Do it; give the exit code."""
        with self._naming_the_checkpoint():
            return self._done()

    def _done(self) -> int:
        job, around, state = self._job, self._around, self._state
        found = ScanStep(
            self._archive.source,
            state,
            job.plan,
            around.stop,
            around.progress,
            around.workers,
        )()
        for line in self._scanned(found):
            around.progress.say(line)
        page = ReportPublisher(
            partial(self._opened, job.report_html) if job.report_html else None,
            self._archive.source,
            state,
        )
        finished = False
        try:
            self._resolve_and_write(page)
            finished = job.writes
            if finished:
                state.give_up()
            if around.changed and not job.writes:
                self._show()
        finally:
            state.save()
            summary = summarize(state, found)
            summary.spent = around.spent
            summary.detected = found.detected + self._detected
            if job.report:
                write_report(self._opened(job.report), state, summary)
            page.write(found, writes=job.writes, finished=finished)
            self._say(summary, finished=finished)
        if finished and not summary.failed:
            state.finish()
        if job.check and summary.statuses[Status.CHANGED.value]:
            return WOULD_CHANGE
        return FAILED if summary.failed else DONE

    @contextmanager
    def _naming_the_checkpoint(self) -> Iterator[None]:
        """Raise `GuardError`, with the name of the file, where the checkpoint cannot be written."""
        try:
            yield
        except sqlite3.Error as error:
            message = (
                f"{self._archive.state_path() or gettempdir()}: the checkpoint cannot be written"
                f" ({error}); nothing is half written: see to it, or name another place with"
                " --state; then run the same command again to go on"
            )
            raise GuardError(message) from None

    def _opened(self, place: Path) -> AtomicFileWriter | StreamWriter:
        return (
            StreamWriter(self._around.pipe_out)
            if place == OUTPUT
            else AtomicFileWriter(place, private=True)
        )

    def _resolve_and_write(self, page: ReportPublisher) -> None:
        """Do both, and again for what an editor changed meanwhile."""
        for _ in range(self._archive.rounds):
            self._reopen()
            self._resolve()
            if self._reopen():
                self._resolve()
            page.look()
            if self._job.writes:
                self._archive.write(self._state)
                if self._archive.rounds > 1:  # it may have taken hours
                    self._reopen()
            if not self._state.count(Status.OPEN):
                break

    def _reopen(self) -> bool:
        """Have articles decided again that were to show a tweet that is taken down by now; return
        whether there are any.
        """
        down = self._around.taken_down()
        return bool(down and self._state.reopen(lambda entry: may_show(entry.outcome.tweets, down)))

    def _resolve(self) -> None:
        if waiting := self._state.count(Status.OPEN):
            # before there are threads, see `process_pool.py`
            self._around.workers.begin(waiting * _AN_ARTICLE_S)
            asyncio.run(self._ask())

    async def _ask(self) -> None:
        async with self._around.resolver(self._state.candidates) as settle:
            step = ResolveStep(
                self._archive.source,
                self._state,
                self._job.plan,
                self._around.stop,
                self._around.progress,
            )
            try:
                await step(settle)
            finally:
                self._detected += step.detected

    def _show(self) -> None:
        """Show every article that would change to who asked for it."""
        assert self._around.changed is not None  # noqa: S101 - who calls this has looked
        documents = Documents(self._archive.source)
        try:
            for name in dict.fromkeys(entry.file for entry in self._state.all(Status.CHANGED)):
                for entry, after in self._state.changes(name):
                    self._around.stop.check()
                    layout, raw = documents.read(entry)
                    where = place_of(name, layout.unit, entry.n, entry.id)
                    self._around.changed(where, layout.decode(raw), layout.decode(after))
        finally:
            documents.close()

    def _check_state(self) -> None:
        """Look whether the checkpoint is this job's."""
        job, state, archive = self._job, self._state, self._archive
        if (known := state.recall("source")) not in {None, archive.name} and not job.restart:
            message = (
                f"{state.path}: the checkpoint of another source, {known}; name another with"
                " --state, or begin anew with --restart"
            )
            raise UsageError(message)
        plan = f"{archive.looks_for()} {job.plan.matters()}"
        if job.restart or state.recall("plan") not in {None, plan}:
            state.forget()
        if state.recall("detector") != (now := detector()):
            state.detections.forget()
            state.keep("detector", now)
        archive.begin(state)
        state.keep("source", archive.name)
        state.keep("plan", plan)
        state.save()

    def _scanned(self, found: ScanSummary) -> Iterator[str]:
        forms = (
            ", ".join(f"{form} {count:,}" for form, count in found.forms.most_common() if count)
            or "none"
        )
        tweets, links = self._state.mentions(TWEET), self._state.mentions(LINK)
        line = (
            f"scan: {counted(found.articles, 'article')}; mentions: {forms}; to resolve:"
            f" {counted(self._state.count(Status.OPEN), 'article')}"
        )
        line += f" with {counted(tweets, 'different tweet')} and {counted(links, 'short link')}"
        if found.skipped:
            line += f"; {found.skipped:,} left out by --since" + (
                f", {found.undated:,} of them tell no date" if found.undated else ""
            )
        if self._around.rate and not self._job.plan.offline and tweets + links:
            line += (
                f"; at most {time_span((tweets + links) / self._around.rate)} at"
                f" {self._around.rate:g}/s"
            )
        yield line
        if not self._job.plan.offline:
            yield from self._around.estimate(self._unknown())

    def _unknown(self) -> int:
        """Count the authors and days of flattened tweets of which the archive knows nothing."""
        return sum(
            not (ids := ids_of(dt.date.fromisoformat(day)))
            or not self._state.candidates.known(handle, ids.lowest, ids.highest)
            for handle, day in map(str.split, self._state.subjects(CLUE))
        )

    def _say(self, summary: Summary, *, finished: bool) -> None:
        say = self._around.progress.say
        for line in summary.lines:
            say(line)
        told = summary.told()
        what = "changed" if finished else "would change" if not self._job.writes else "to change"
        embeds = (
            ", ".join(f"{count:,} {state}" for state, count in summary.embeds.most_common())
            or "none"
        )
        links = (
            ", ".join(f"{count:,} {state}" for state, count in summary.links.most_common())
            or "none"
        )
        say(
            f"{counted(told['articles'], 'article')}: {told['changed']:,} {what},"
            f" {told['unchanged']:,} unchanged, {summary.failed:,} failed"
            + (f", {waiting:,} not done yet" if (waiting := told.get(Status.OPEN.value, 0)) else "")
            + f"; tweets: {embeds}; links: {links}",
        )
        if summary.found_by:
            found = ", ".join(f"{count:,} {name}" for name, count in summary.found_by.most_common())
            say(f"found without a code, by: {found}")
        for source, posts in summary.spent.items():
            if posts:
                say(f"{source}: {posts:,} posts, ${posts * DOLLARS_A_POST:,.2f}")
        for note, count in summary.notes.most_common():
            say(f"{count:,} of them: {note}")
        if not self._job.writes and told["changed"]:
            writing = "--in-place" if is_database(self._job.source) else "--in-place or --to DEST"
            say(f"nothing was written; {writing} writes")


def _open(job: BackfillJob, around: RunContext) -> Archive:
    if is_database(job.source):
        try:
            # what it works with is an extra
            from service.backfill.database.archive import DatabaseArchive  # noqa: PLC0415
        except ImportError:
            raise UsageError(DATABASE_EXTRA) from None
        return DatabaseArchive(job, around.stop, around.progress)
    refuse_other_databases(job.source)
    return FileArchive(job, around.stop, around.progress, (around.pipe_in, around.pipe_out))
