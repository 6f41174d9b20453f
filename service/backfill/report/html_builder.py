"""Pieces of HTML for the page: text that is only text, links to tweets, bars, tables. Strings in,
strings out.
"""

import html
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from service.backfill.counts import number
from service.backfill.report.labels import share
from service.backfill.report.statistics import ArticleLocation, OutcomeGroup
from service.core.vocabulary import HANDLE, TWEET_ID

_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")


def text(words: str) -> str:
    """Write words so that they are words in every place of a page; what HTML cannot hold is shown
    as lost.
    """
    return html.escape(_CONTROLS.sub("\ufffd", words))


def own(words: str, tag: str = "bdi") -> str:
    """Write words of the archive: they run in their own direction, whatever stands around."""
    return f'<{tag} dir="auto">{text(words)}</{tag}>'


def tweet(tweet_id: str | None, handle: str | None) -> str:
    """Name a tweet, linked if it has an id."""
    known = handle if handle and HANDLE.fullmatch(handle) else None
    shown = f"<bdi>@{text(handle)}</bdi>" if handle else "author not known"
    if not tweet_id or not TWEET_ID.fullmatch(tweet_id):
        return shown
    address = f"https://x.com/{known or 'i'}/status/{tweet_id}"
    return f'{shown} <a class="id" href="{address}" rel="noopener noreferrer">{tweet_id}</a>'


def article(where: ArticleLocation) -> str:
    """Name an article: its id, else its file, else its place; the rest beside it."""
    names = [own(each) for each in (where.id, where.file) if each]
    if not names:
        return text(where.place or "the file")
    rest = [*names[1:], *([text(where.place)] if where.place else [])]
    return names[0] + (f" <small>{', '.join(rest)}</small>" if rest else "")


@dataclass(frozen=True, slots=True)
class ChartBar:
    """A row of a chart: its name, what it means if that is to be said, and counts by fate."""

    name: str
    note: str
    counts: dict[OutcomeGroup, int]

    @property
    def total(self) -> int:
        """All of it."""
        return sum(self.counts.values())


def chart(caption: str, heads: Sequence[str], bars: Sequence[ChartBar], *, by_fate: bool) -> str:
    """Draw bars as a table, so that each has its number beside it. `by_fate`: a column for the
    whole ones and one for the lost ones.
    """
    longest = max((bar.total for bar in bars), default=0) or 1
    total = sum(bar.total for bar in bars)
    # as much for every number: the bars beside them have one scale
    room = f"min-inline-size:{len(number(longest))}ch"
    rows = []
    for bar in bars:
        drawn = "".join(
            f'<i class="{fate}" style="inline-size:{100 * bar.counts[fate] / longest:.2f}%"></i>'
            for fate in OutcomeGroup
            if bar.counts.get(fate)
        )
        note = f"<small>{text(bar.note)}</small>" if bar.note else ""
        if by_fate:
            numbers = [
                number(bar.total),
                number(bar.counts.get(OutcomeGroup.WHOLE, 0)),
                number(bar.counts.get(OutcomeGroup.LOST, 0)),
            ]
        else:
            numbers = [number(bar.total), share(bar.total, total)]
        cells = "".join(f'<td class="n">{text(each)}</td>' for each in numbers[1:])
        rows.append(
            f'<tr><th scope="row">{text(bar.name)}{note}</th><td class="n"><div class="drawn"><span'
            f' class="bar" aria-hidden="true">{drawn}</span><span'
            f' style="{room}">{numbers[0]}</span></div></td>{cells}</tr>',
        )
    return table(caption, heads, rows, kind="chart")


def table(caption: str, heads: Sequence[str], rows: Iterable[str], *, kind: str) -> str:
    """Write a table with a caption and headed columns; the rows are markup."""
    titles = "".join(f'<th scope="col">{text(each)}</th>' for each in heads)
    return (
        "<table"
        f' class="{kind}"><caption>{text(caption)}</caption>'
        f"<thead><tr>{titles}</tr></thead>\n<tbody>\n" + "\n".join(rows) + "\n</tbody></table>\n"
    )


def row(heads: Sequence[str], cells: Sequence[str]) -> str:
    """Write a row of a list. Each cell knows its column's title: on a narrow screen it stands above
    the cell.
    """
    first, *rest = zip(heads, cells, strict=True)
    return (
        f'<tr><th scope="row" data-head="{text(first[0])}">{first[1]}</th>'
        + "".join(f'<td data-head="{text(head)}">{cell}</td>' for head, cell in rest)
        + "</tr>"
    )
