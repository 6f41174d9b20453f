"""What became of everything: a line of JSON an article, and a summary, for machines and for the
operator.
"""

import json
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from service.backfill.counts import place_of
from service.backfill.safety.atomic_files import AtomicFileWriter, StreamWriter
from service.backfill.safety.checkpoint import TROUBLES, ArticleRecord, Checkpoint, Status
from service.backfill.steps.scan import ScanSummary

_FOUND_ANYWAY = {"markup", "code"}
"""Where ids come from that nothing was asked for."""


@dataclass(slots=True)
class Summary:
    """Counts. `found_by` is where ids came from that neither markup nor a code tells, `spent` what
    a source is to be paid for. `detected` is how many articles this run had to detect mentions in.
    `plain` are the articles in which there is nothing.
    """

    articles: int = 0
    statuses: Counter[str] = field(default_factory=Counter)
    embeds: Counter[str] = field(default_factory=Counter)
    links: Counter[str] = field(default_factory=Counter)
    notes: Counter[str] = field(default_factory=Counter)
    found_by: Counter[str] = field(default_factory=Counter)
    spent: dict[str, int] = field(default_factory=dict)
    detected: int = 0
    lines: list[str] = field(default_factory=list)

    @property
    def failed(self) -> int:
        """How many articles need another run, or a hand."""
        return sum(self.statuses[each.value] for each in TROUBLES)

    def told(self) -> dict[str, Any]:
        """Return it as JSON."""
        counts = {
            each.value: self.statuses[each.value]
            for each in Status
            if each is not Status.OPEN or self.statuses[each.value]
        }
        counts["unchanged"] = max(
            0,
            self.articles
            - sum(count for status, count in self.statuses.items() if status != "unchanged"),
        )
        return {
            "articles": self.articles,
            **counts,
            "embeds": dict(self.embeds),
            "links": dict(self.links),
            "found_by": dict(self.found_by),
            "spent": self.spent,
            "detected": self.detected,
        }


def summarize(state: Checkpoint, found: ScanSummary, most_lines: int = 20) -> Summary:
    """Count, and say the first `most_lines` troubles in words."""
    summary = Summary(found.articles)
    for entry in state.all():
        summary.statuses[entry.status.value] += 1
        for state_name, count in entry.outcome.embeds.items():
            summary.embeds[state_name] += count
        for state_name, count in entry.outcome.links.items():
            summary.links[state_name] += count
        for tweet in entry.outcome.tweets:
            found_by = tweet.get("found_by")
            if found_by is not None and found_by not in _FOUND_ANYWAY:
                summary.found_by[found_by] += 1
        if entry.status is Status.CHANGED and (note := entry.outcome.note):
            summary.notes[note] += 1
        if entry.status in TROUBLES and summary.failed <= most_lines:
            summary.lines.append(trouble(entry))
    if summary.failed > most_lines:
        summary.lines.append(
            f"… and {summary.failed - most_lines} more (--report FILE.jsonl lists all)",
        )
    return summary


def trouble(entry: ArticleRecord) -> str:
    """Return where and what, in one line."""
    where = place_of(entry.file, entry.outcome.unit, entry.n, entry.id)
    return (
        f"{entry.status}: {where or 'the file'}:"
        f" {', '.join(entry.outcome.errors) or 'no reason known'}"
    )


def write_report(
    report: AtomicFileWriter | StreamWriter,
    state: Checkpoint,
    summary: Summary,
) -> None:
    """Write the whole report; a file is replaced whole. Raises `OSError`."""
    try:
        for entry in state.all():
            outcome = entry.outcome
            line = {
                "file": entry.file,
                "n": entry.n,
                "id": entry.id,
                "status": entry.status.value,
                "forms": outcome.forms,
                "embeds": outcome.embeds,
                "links": outcome.links,
                "tweets": outcome.tweets,
                "bad_links": outcome.bad_links,
                "before_sha256": entry.before_sum,
                "after_sha256": entry.after_sum,
                "errors": outcome.errors,
                "note": outcome.note,
                "ms": outcome.ms,
            }
            report.write(json.dumps(line, ensure_ascii=False).encode() + b"\n")
        report.write(json.dumps({"summary": summary.told()}, ensure_ascii=False).encode() + b"\n")
        report.finish()
        report.commit()
    finally:
        report.abandon()
