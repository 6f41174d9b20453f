"""A backfill from end to end: what is refused before it begins, the three steps, and how it ends."""

import asyncio
import os
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from service.backfill.asking import Asking, Documents, Resolve
from service.backfill.backup import Backup, Index
from service.backfill.files import lock, signature, sweep
from service.backfill.layout import UsageError
from service.backfill.plan import Plan, Progress, Stop, part_path
from service.backfill.report import Summary, summarize, write_report
from service.backfill.rewrite import WRITTEN, Rewriting
from service.backfill.scan import LINK, TWEET, Found, Scan
from service.backfill.source import Source
from service.backfill.state import State, Status

DONE, SOME_FAILED, USAGE, WOULD_CHANGE, STOPPED = range(5)
"""Exit codes (contract, section 6)."""

PIPE = "-"
STATE_ENDING, BACKUP_ENDING = ".tweet-embed-state", ".tweet-embed-backup.jsonl"


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A command as given. `to` is a path, `-`, or None."""

    source: str
    to: str | None = None
    in_place: bool = False
    dry_run: bool = False
    check: bool = False
    content_field: str | None = None
    id_field: str = "id"
    state: Path | None = None
    restart: bool = False
    backup: Path | None = None
    report: Path | None = None
    plan: Plan = field(default_factory=Plan)

    @property
    def writes(self) -> bool:
        """Whether anything but checkpoint and report is written."""
        return not (self.dry_run or self.check) and (self.in_place or self.to is not None)

    @property
    def destination(self) -> Path | None:
        """Where to write, if it is a place on the disk."""
        return None if self.to is None or self.to == PIPE else Path(self.to).resolve()


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What a run works with: who resolves, how many requests a second may be sent (0 is no limit), what the operator sees, the pipes.

    `changed` is told of every article that (would) change: its name, the text before, and after.
    """

    resolver: Callable[[], AbstractAsyncContextManager[Resolve]]
    rate: float
    stop: Stop
    progress: Progress
    pipe_in: BinaryIO
    pipe_out: BinaryIO
    changed: Callable[[str, str, str], None] | None = None


class Run:
    """One run of a job. Raises what the steps raise; what a killed run left, the next one goes on with."""

    def __init__(self, job: Job, around: Surroundings) -> None:
        """Open and lock everything. Raises `UsageError`, `UnreadableError`, `OSError`."""
        self._job, self._around = job, around
        self._stack = ExitStack()
        try:
            self._open()
        except BaseException:
            self._stack.close()
            raise

    def close(self) -> None:
        """Close and unlock everything."""
        self._stack.close()

    def __call__(self) -> int:
        """Do it; give the exit code."""
        job, around, state = self._job, self._around, self._state
        found = Scan(self._source, state, job.plan, around.stop, around.progress)()
        around.progress.say(self._scanned(found))
        finished = False
        try:
            if state.count(Status.OPEN):
                asyncio.run(self._ask())
            if job.writes:
                self._write()
                finished = True
            elif around.changed:
                self._show()
        finally:
            state.save()
            summary = summarize(state, found)
            if job.report:
                write_report(job.report, state, summary)
            self._say(summary, finished=finished)
        if finished and not summary.failed:
            state.forget()
            state.save()
        if job.check and summary.statuses[Status.CHANGED.value]:
            return WOULD_CHANGE
        return SOME_FAILED if summary.failed else DONE

    async def _ask(self) -> None:
        async with self._around.resolver() as resolve:
            await Asking(self._source, self._state, self._job.plan, self._around.stop, self._around.progress)(resolve)

    def _write(self) -> None:
        job, around = self._job, self._around
        rewriting = Rewriting(self._source, self._state, job.plan, around.stop, around.progress)
        if job.in_place and self._source.path is not None:
            if not self._state.count(Status.CHANGED):
                return
            beside = part_path(self._source.path.parent, self._source.path.name, BACKUP_ENDING, job.plan.shard)
            backup = Backup(job.backup or beside)
            try:
                rewriting.in_place(backup)
            finally:
                backup.close()
            around.progress.say(f"originals are in {backup.path}; tweet-embed restore {backup.path} {job.source} brings them back")
        elif job.destination is None:
            rewriting.pipe(around.pipe_out)
        else:
            self._state.keep("to", str(job.destination))
            self._state.save()
            rewriting.to(job.destination)

    def _show(self) -> None:
        """Tell the one who wants to know of every article that would change."""
        assert self._around.changed is not None  # noqa: S101 - who calls this has looked
        documents = Documents(self._source)
        try:
            for name in dict.fromkeys(entry.file for entry in self._state.all(Status.CHANGED)):
                for entry, after in self._state.changes(name):
                    layout, raw = documents.read(entry)
                    where = ", ".join(
                        filter(None, (name, f"{layout.unit} {entry.n}" if layout.unit else "", entry.id and f"id {entry.id}"))
                    )
                    self._around.changed(where, layout.decode(raw), layout.decode(after))
        finally:
            documents.close()

    def _open(self) -> None:
        job = self._job
        self._check_flags()
        if job.source != PIPE and job.writes:
            self._lock(Path(job.source).resolve())
        self._source = Source(job.source, job.content_field, job.id_field, self._around.pipe_in)
        self._stack.callback(self._source.close)
        self._check_places()
        self._check_own_files()
        self._state = State(self._state_path())
        self._stack.callback(self._state.close)
        self._check_state()
        if job.in_place and job.writes and self._source.path and self._source.is_folder and job.plan.shard.count == 1:
            for folder, _, _ in os.walk(self._source.path):
                sweep(Path(folder))

    def _lock(self, path: Path) -> None:
        try:
            self._stack.callback(os.close, lock(path, shared=self._job.plan.shard.count > 1))
        except FileNotFoundError:
            pass  # told as what it is when it is opened
        except OSError as error:
            message = f"{path}: {error.strerror}"
            raise UsageError(message) from None

    def _check_flags(self) -> None:
        job = self._job
        wrong = None
        if job.in_place and job.to is not None:
            wrong = "--to and --in-place do not go together"
        elif job.in_place and job.source == PIPE:
            wrong = "a pipe cannot be replaced; use --to"
        elif job.backup and not job.in_place:
            wrong = "--backup goes with --in-place; with --to the source stays as it is"
        if wrong:
            raise UsageError(wrong)

    def _check_places(self) -> None:
        source, to = self._source.path, self._job.destination
        wrong = None
        if self._job.to == PIPE and self._source.is_folder:
            wrong = "a folder cannot be written to a pipe"
        elif source and self._job.in_place and not self._source.is_folder:
            wrong = self._not_in_place(source)
        elif to and source:
            wrong = _no_destination(to, source, folder=self._source.is_folder)
        if wrong:
            raise UsageError(wrong)

    def _check_own_files(self) -> None:
        """See, before hours go by, that what is to be written at the end can be."""
        job = self._job
        for path in filter(None, (job.state, job.backup, job.report)):
            if path.resolve() == self._source.path:
                message = f"{path}: that is the source"
                raise UsageError(message)
            if not path.resolve().parent.is_dir():
                message = f"{path}: there is no such folder"
                raise UsageError(message)
        if job.backup and job.backup.exists():
            Index(job.backup).close()

    def _not_in_place(self, source: Path) -> str | None:
        if self._job.plan.shard.count > 1:
            return "shards of one file each want a --to of their own; in order, the parts make the whole"
        if source.stat().st_nlink > 1 and self._job.writes:
            return f"{source}: has other names (hard links), which would lose it; use --to"
        return None

    def _state_path(self) -> Path | None:
        job = self._job
        beside = job.destination or (self._source.path if job.in_place else None)
        if job.state or not job.writes or beside is None:
            return job.state
        return part_path(beside.parent, f".{beside.name}", STATE_ENDING, job.plan.shard)

    def _check_state(self) -> None:
        """Look whether the checkpoint is this job's, and whether what would be overwritten is its own."""
        job, state = self._job, self._state
        of = str(self._source.path or PIPE)
        if (known := state.recall("source")) not in {None, of} and not job.restart:
            message = f"{state.path}: the checkpoint of another source, {known}; name another with --state, or begin anew with --restart"
            raise UsageError(message)
        plan = f"{job.content_field} {job.id_field} {job.plan.matters()}"
        if job.restart or state.recall("plan") not in {None, plan}:
            state.forget()
        to = job.destination
        if to and job.writes and not job.restart:
            if self._source.is_folder:
                foreign = to.exists() and any(to.iterdir()) and state.recall("to") != str(to)
            else:
                foreign = to.exists() and signature(to.stat()) != state.recall(WRITTEN)
            if foreign:
                message = f"{to}: is there already, and not, or no longer, as this job wrote it; remove it, or overwrite it with --restart"
                raise UsageError(message)
        state.keep("source", of)
        state.keep("plan", plan)
        state.save()

    def _scanned(self, found: Found) -> str:
        forms = ", ".join(f"{form} {count:,}" for form, count in found.forms.most_common() if count) or "none"
        tweets, links = self._state.mentions(TWEET), self._state.mentions(LINK)
        line = f"scan: {found.articles:,} articles; mentions: {forms}; to resolve: {self._state.count(Status.OPEN):,} articles"
        line += f" with {tweets:,} different tweets and {links:,} short links"
        if found.skipped:
            line += f"; {found.skipped:,} left out by --since"
        if self._around.rate and not self._job.plan.offline and tweets + links:
            line += f"; at most {_duration((tweets + links) / self._around.rate)} at {self._around.rate:g}/s"
        return line

    def _say(self, summary: Summary, *, finished: bool) -> None:
        say = self._around.progress.say
        for line in summary.lines:
            say(line)
        told = summary.told()
        what = "changed" if finished else "would change" if not self._job.writes else "to change"
        embeds = ", ".join(f"{count:,} {state}" for state, count in summary.embeds.most_common()) or "none"
        links = ", ".join(f"{count:,} {state}" for state, count in summary.links.most_common()) or "none"
        say(
            f"{told['articles']:,} articles: {told['changed']:,} {what}, {told['unchanged']:,} unchanged, {summary.failed:,} failed;"
            f" tweets: {embeds}; links: {links}"
        )
        if not self._job.writes and told["changed"]:
            say("nothing was written; --in-place or --to DEST writes")


def _duration(seconds: float) -> str:
    for unit, size in (("days", 86400), ("h", 3600), ("min", 60)):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} s"


def _no_destination(to: Path, source: Path, *, folder: bool) -> str | None:
    """Say what is wrong with a destination, if anything."""
    if to == source:
        return "--to is the source itself; that is --in-place"
    if folder and (to.is_relative_to(source) or source.is_relative_to(to)):
        return "--to is inside the source, or the source inside it"
    if folder and to.exists() and not to.is_dir():
        return f"{to}: no folder"
    return f"{to}: a folder; name a file" if not folder and to.is_dir() else None
