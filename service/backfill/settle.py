"""One article of an archive, from the bytes of its cell to those that are to stand there: here, or
in another process.
"""

import hashlib
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, NamedTuple

from service.backfill.archive_errors import UnreadableError
from service.backfill.outcomes import bad_links_of, tweets_of
from service.backfill.plan import Plan
from service.backfill.safety.candidate_notes import article_key
from service.backfill.safety.checkpoint import Status
from service.backfill.safety.detection_codec import decode
from service.backfill.sources.layout import FileCell, Layout
from service.core.article import Article, Resolve, Result
from service.core.model import LinkState, Reason, State

_PATIENCE_MS = 3_600_000
_LASTING = {Reason.NONSENSE, Reason.UNSAFE, Reason.LIMIT, Reason.NOT_A_TWEET}
"""Failures that will not go by: the rest of the article is written all the same."""
_NO_REASONS: set[Reason] = set()


class Unsettled(NamedTuple):
    """An article to resolve: its document's name, its id, its cell and how to read it.

    `url` is its public address. `found` is what detection found in it, as the checkpoint keeps it;
    "" where it is to be looked at.
    """

    file: str
    id: str | None
    layout: Layout
    cell: bytes | FileCell
    url: str | None = None
    found: str = ""

    @property
    def descriptor(self) -> int | None:
        """The open file in which its cell stands, if it is to be read there."""
        return None if isinstance(self.cell, bytes) else self.cell.descriptor

    def in_file(self, descriptor: int) -> "Unsettled":
        """Return it for a process that knows the file by another number."""
        cell = self.cell
        return self if isinstance(cell, bytes) else self._replace(cell=cell.in_file(descriptor))


class Settled(NamedTuple):
    """What became of it: the new bytes of its cell and their SHA-256 where it is changed, and what
    the report tells. It is skipped where its cell is no longer as it was. `pause_s` is for how long
    X asks to be left alone, if it does.
    """

    status: Status
    after: bytes | None
    after_sum: str | None
    errors: list[str]
    embeds: dict[str, int]
    links: dict[str, int]
    tweets: list[dict[str, Any]]
    bad_links: list[dict[str, str]]
    pause_s: int | None


_EDITED = Settled(Status.SKIPPED, None, None, [], {}, {}, [], [], None)
Settle = Callable[[Unsettled, Plan], Awaitable[Settled]]
"""What settles articles: `settle` with a resolver, or a pool of processes in its place."""


async def settle(work: Unsettled, plan: Plan, resolve: Resolve) -> Settled:
    """Settle an article by a resolver."""
    layout, cell = work.layout, work.cell
    raw = cell if isinstance(cell, bytes) else cell.read()
    if raw is None:
        return _EDITED
    as_text = plan.output == "auto" and work.file.lower().endswith(".txt")
    result = await resolve(
        Article(
            content=layout.decode(raw),
            format=plan.format or layout.format,
            output="text" if as_text else plan.output,
            deadline_ms=0 if plan.offline else _PATIENCE_MS,
            options=plan.options,
            url=work.url,
            key=article_key(work.file, work.id),
            wait_for_sources=not plan.offline,
            detection=decode(work.found) if work.found else None,
        )
    )
    reasons = _NO_REASONS if result.complete else _reasons(result)
    passing = sorted(why.value for why in reasons - _LASTING)
    errors = passing or sorted(why.value for why in reasons & _LASTING)
    status = Status.FAILED if passing else Status.UNCHANGED
    after = after_sum = None
    if result.changed and not passing:
        try:
            after = layout.encode(result.content, raw)
            after_sum = hashlib.sha256(after).hexdigest()
            status = Status.CHANGED
        except UnreadableError as error:
            status, errors = Status.UNREADABLE, [str(error)]
    return Settled(
        status,
        after,
        after_sum,
        errors,
        _counted(one.state for one in result.embeds),
        _counted(one.state for one in result.links),
        tweets_of(result),
        bad_links_of(result),
        (result.retry_after_s or 1) if Reason.RATE_LIMITED in reasons else None,
    )


def _counted(states: Iterable[State | LinkState]) -> dict[str, int]:
    """Count by name."""
    counts: dict[str, int] = {}
    for state in states:
        name = state.value
        counts[name] = counts.get(name, 0) + 1
    return counts


def _reasons(result: Result) -> set[Reason]:
    """Return why something in an article was not settled."""
    states = {"failed", "deferred"}
    links = [*result.links, *(link for embed in result.embeds for link in embed.links)]
    embeds = {embed.reason for embed in result.embeds if embed.state.value in states}
    return {
        why
        for why in embeds | {link.reason for link in links if link.state.value in states}
        if why is not None
    }
