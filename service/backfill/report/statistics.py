"""What a reader of the page is told, gathered from the checkpoint: counts, and lists with an end.
Memory does not grow with the archive.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Generic, TypeVar

from service.backfill.outcomes import shortened
from service.backfill.safety.checkpoint import TROUBLES, ArticleRecord, Checkpoint, Status
from service.backfill.steps.scan import ScanSummary
from service.core import model

MOST_ROWS = 300
"""How many rows of a list are kept; the rest is counted."""
MOST_ARTICLES = 5
"""How many articles of a lost tweet are named."""
WAITS = "waits"
"""The state of a tweet that is known, in an article that could not be written."""

_LOST = frozenset({model.State.GONE, model.State.PROTECTED})
_DOUBTFUL_KEPT = frozenset({model.Reason.WORDS, model.Reason.MIXED, model.Reason.PLACE})
_LONGEST_NAME = 200

Row = TypeVar("Row")


class OutcomeGroup(StrEnum):
    """The three ends a tweet can come to: it stands in its article, X has it no longer for the
    public, or the article stays as it was.
    """

    WHOLE = "whole"
    LOST = "lost"
    REST = "rest"


@dataclass(slots=True)
class Listing(Generic[Row]):
    """The first rows, and how many more there are."""

    rows: list[Row] = field(default_factory=list)
    more: int = 0

    def add(self, row: Row) -> None:
        """Keep a row, or count it."""
        if len(self.rows) < MOST_ROWS:
            self.rows.append(row)
        else:
            self.more += 1


@dataclass(frozen=True, slots=True)
class ArticleLocation:
    """An article: the file it is in ("" for the only one), its place there in words, the id it has
    in its CMS.
    """

    file: str
    place: str
    id: str | None


@dataclass(frozen=True, slots=True)
class TweetRow:
    """A tweet as the checkpoint tells of it; what is not known is None."""

    id: str | None
    handle: str | None
    form: str
    state: str
    reason: str | None
    day: str | None
    text: str | None
    found_by: str | None = None


@dataclass(slots=True)
class Lost:
    """A tweet that is gone or protected, and the articles it is in: the first few, and how many
    more.
    """

    tweet: TweetRow
    articles: list[ArticleLocation]
    more: int = 0


@dataclass(slots=True)
class ReportStats:
    """All that the page tells of an archive, beside the samples.

    `holding` are articles with at least one tweet, `outcomes` counts tweets by state and reason,
    `found_by` restored ones by where their ids came from, `forms` and `years` by form or year and
    fate; what is in no year was written before X's ids told the time, or is not known.
    """

    articles: int = 0
    holding: int = 0
    statuses: Counter[Status] = field(default_factory=Counter)
    outcomes: Counter[tuple[str, str | None]] = field(default_factory=Counter)
    fates: Counter[OutcomeGroup] = field(default_factory=Counter)
    forms: Counter[tuple[str, OutcomeGroup]] = field(default_factory=Counter)
    years: Counter[tuple[str, OutcomeGroup]] = field(default_factory=Counter)
    links: Counter[str] = field(default_factory=Counter)
    found_by: Counter[str] = field(default_factory=Counter)
    lost: Listing[Lost] = field(default_factory=Listing)
    doubtful: Listing[tuple[ArticleLocation, TweetRow]] = field(default_factory=Listing)
    bad_links: Listing[tuple[ArticleLocation, str, str]] = field(default_factory=Listing)
    """Where, the address, its state."""
    troubles: Listing[tuple[ArticleLocation, Status, tuple[str, ...]]] = field(
        default_factory=Listing,
    )

    @property
    def tweets(self) -> int:
        """How many tweets there are in all."""
        return self.fates.total()

    @property
    def failed(self) -> int:
        """How many articles need another run, or a hand."""
        return sum(self.statuses[each] for each in TROUBLES)

    @property
    def untouched(self) -> int:
        """How many articles stay as they are, with tweets or without."""
        return max(
            0,
            self.articles
            - self.statuses[Status.CHANGED]
            - self.statuses[Status.OPEN]
            - self.failed,
        )


def gather(state: Checkpoint, found: ScanSummary) -> ReportStats:
    """Go through a checkpoint once."""
    facts = ReportStats(found.articles)
    seen: dict[str, Lost] = {}
    for entry in state.all():
        _add(facts, seen, entry)
    return facts


def where(entry: ArticleRecord) -> ArticleLocation:
    """Return where an article is."""
    unit = str(entry.outcome.unit)
    place = "where reading stopped" if unit == "rest" else f"{unit} {entry.n:,}" if unit else ""
    return ArticleLocation(
        shortened(entry.file, _LONGEST_NAME),
        place,
        None if entry.id is None else shortened(entry.id, _LONGEST_NAME),
    )


def told_of(entry: ArticleRecord) -> list[TweetRow]:
    """Return the tweets of an article."""
    names = TweetRow.__slots__
    rows: list[dict[str, Any]] = [
        {name: one.get(name) for name in names} for one in entry.outcome.tweets
    ]
    return [TweetRow(**row) for row in rows]


def _add(facts: ReportStats, seen: dict[str, Lost], entry: ArticleRecord) -> None:
    facts.statuses[entry.status] += 1
    facts.links.update(entry.outcome.links)
    place, tweets = where(entry), told_of(entry)
    failed = entry.status in TROUBLES
    facts.holding += bool(entry.outcome.embeds)
    for tweet in (*tweets, *_uncounted(entry, tweets)):
        _count(facts, tweet, failed=failed)
        if tweet.state in _LOST:
            _lose(facts.lost, seen, place, tweet)
        elif tweet.state == model.State.UNIDENTIFIED or (
            tweet.state == model.State.KEPT and tweet.reason in _DOUBTFUL_KEPT
        ):
            facts.doubtful.add((place, tweet))
    for link in entry.outcome.bad_links:
        facts.bad_links.add((place, link["url"], link["state"]))
    if failed:
        errors = entry.outcome.errors
        facts.troubles.add(
            (place, entry.status, tuple(shortened(str(each), 300) for each in errors[:10])),
        )


def _count(facts: ReportStats, tweet: TweetRow, *, failed: bool) -> None:
    state, fate = tweet.state, _fate(tweet)
    if failed and state == model.State.EMBEDDED and tweet.reason != model.Reason.INTACT:
        state, fate = WAITS, OutcomeGroup.REST
    facts.outcomes[state, tweet.reason] += 1
    facts.fates[fate] += 1
    if fate is OutcomeGroup.WHOLE and tweet.found_by:
        facts.found_by[tweet.found_by] += 1
    if tweet.form:
        facts.forms[tweet.form, fate] += 1
    facts.years[(tweet.day or "")[:4], fate] += 1


def _fate(tweet: TweetRow) -> OutcomeGroup:
    if tweet.state == model.State.EMBEDDED or (
        tweet.state == model.State.KEPT and tweet.reason == model.Reason.BLOCK
    ):
        return OutcomeGroup.WHOLE
    return OutcomeGroup.LOST if tweet.state in _LOST else OutcomeGroup.REST


def _uncounted(entry: ArticleRecord, tweets: list[TweetRow]) -> Iterable[TweetRow]:
    """Return the tweets that an article has beyond those the checkpoint tells of one by one."""
    rest = Counter(entry.outcome.embeds)
    rest.subtract(tweet.state for tweet in tweets)
    reason = model.Reason.LIMIT.value
    for state in (+rest).elements():
        yield TweetRow(
            None,
            None,
            "",
            state,
            reason if state == model.State.KEPT else None,
            None,
            None,
        )


def _lose(
    lost: Listing[Lost],
    seen: dict[str, Lost],
    place: ArticleLocation,
    tweet: TweetRow,
) -> None:
    """Note a lost tweet once, whatever the number of its articles. One that is over the list's end
    is counted each time.
    """
    key = tweet.id or ""
    known = seen.get(key)
    if known is None or not key:
        lost.add(row := Lost(tweet, [place]))
        if len(seen) < MOST_ROWS:
            seen[key] = row
    elif place not in known.articles:
        if len(known.articles) < MOST_ARTICLES:
            known.articles.append(place)
        else:
            known.more += 1
