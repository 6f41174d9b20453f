"""A few changed articles to show, before and after. They are taken while the originals are still in
the source.
"""

import contextlib
import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from difflib import SequenceMatcher
from itertools import islice, zip_longest
from typing import Any

from service.backfill.archive_errors import UnreadableError
from service.backfill.report.statistics import ArticleLocation, told_of, where
from service.backfill.safety.checkpoint import ArticleRecord, Checkpoint, Status
from service.backfill.sources.protocol import Documents, Source
from service.core.model import SafeHtml
from service.core.model import State as TweetState
from service.core.sanitize.sanitizer import UnsafeError, certify_generated, classify

MOST, ENOUGH = 8, 4
"""How many are shown at most, and to how many samples of kinds already shown are added."""
KEPT = "samples"
"""The word under which the checkpoint holds them: after the writing the originals are in the backup
alone.
"""

_LARGEST = 1 << 20
_AROUND, _LONGEST_MARK, _WINDOW, _LARGEST_GAP = 90, 900, 4_000, 16
_OURS = re.compile(
    r"<(div|amp-twitter|blockquote|p)\b[^<>]*(?:twitter-(?:tweet|video)|tweet-embed|data-tweetid)[^<>]*>",
)
_MOST_LOOKED_AT, _LONGEST_OURS = 200, 65_536
_TOKEN = re.compile(r"<[^<>]*>|[^<\s]+\s*|\s+|<")
_STATUS = re.compile(r"/status/([0-9]+)")


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A stretch of an article's source: what stands before the change, what changes, what stands
    behind. `…` says that there is more.
    """

    lead: str
    marked: str
    tail: str


@dataclass(frozen=True, slots=True)
class SampleArticle:
    """A changed article. `kind` is the form of what is shown, or what became of it; `html` is the
    embed as readers get it, if one is.
    """

    where: ArticleLocation
    kind: str
    before: Excerpt
    after: Excerpt
    html: SafeHtml | None = None


def gather_samples(source: Source, state: Checkpoint) -> list[SampleArticle]:
    """Choose, read and keep them. What was kept by an earlier run, and still holds, is shown where
    the original is no longer there.
    """
    kept = dict(_kept(state))
    documents = Documents(source)
    samples: dict[str, dict[str, Any]] = {}
    try:
        for entry, kind in choose(state.all(Status.CHANGED)):
            sample = _read(entry, kind, documents, state)
            if sample is not None:
                samples[_key(entry)] = asdict(sample)
            elif _key(entry) in kept:
                samples[_key(entry)] = kept[_key(entry)]
    finally:
        documents.close()
    for key, known in kept.items():
        if len(samples) < MOST:
            samples.setdefault(key, known)
    state.keep(KEPT, json.dumps(samples, ensure_ascii=False))
    state.save()
    return recall_samples(state)


def recall_samples(state: Checkpoint) -> list[SampleArticle]:
    """Return those that were kept and still hold."""
    return [
        SampleArticle(
            ArticleLocation(**one["where"]),
            one["kind"],
            Excerpt(**one["before"]),
            Excerpt(**one["after"]),
            _judged(one["html"] or ""),
        )
        for _, one in _kept(state)
    ]


def choose(changed: Iterable[ArticleRecord]) -> list[tuple[ArticleRecord, str]]:
    """Choose articles that differ in what they show, each with that."""
    shown: dict[str, ArticleRecord] = {}
    more: list[tuple[ArticleRecord, str]] = []
    for entry in changed:
        if entry.size > _LARGEST:
            continue
        kind = _kind(entry)
        if kind not in shown:
            shown[kind] = entry
        elif len(more) < ENOUGH:
            more.append((entry, kind))
        if len(shown) == MOST:
            break
    chosen = [(entry, kind) for kind, entry in shown.items()]
    return chosen + more[: max(0, ENOUGH - len(chosen))]


def show(before: str, after: str, entry: ArticleRecord, kind: str) -> SampleArticle:
    """Show what changed in an article: a tweet that was written, if one was, else the first
    change.
    """
    written = [(start, html) for start, html in _ours(after) if html not in before]
    for start, html in written:
        was = _place_before(entry, html)
        if was is not None and before[was[0] : was[1]]:
            return SampleArticle(
                where(entry),
                kind,
                _excerpt(before, *was),
                _excerpt(after, start, start + len(html)),
                html,
            )
    was, now = first_change(before, after)
    seen = next(
        (html for start, html in written if start < now[1] and start + len(html) > now[0]),
        None,
    )
    return SampleArticle(where(entry), kind, _excerpt(before, *was), _excerpt(after, *now), seen)


def first_change(before: str, after: str) -> tuple[tuple[int, int], tuple[int, int]]:
    """Return where the first change is, in both: whole tags and words, no more than a few thousand
    characters of them.
    """
    same = next(
        (at for at, (one, other) in enumerate(zip_longest(before, after)) if one != other),
        len(before),
    )
    start = max(same - _AROUND, 0)
    while start < same and not (
        before[start - 1 : start].isspace() or before[start] == "<" or start == 0
    ):
        start += 1
    sides: list[list[str]] = [
        _TOKEN.findall(text[start : same + _WINDOW]) for text in (before, after)
    ]
    changes: list[tuple[int, int, int, int]] = []
    for tag, *change in SequenceMatcher(None, sides[0], sides[1]).get_opcodes():
        if tag == "equal":
            continue
        if changes and len("".join(sides[0][changes[-1][1] : change[0]])) > _LARGEST_GAP:
            break
        changes.append((change[0], change[1], change[2], change[3]))
    if not changes:
        return (same, same), (same, same)
    return (
        _characters(sides[0], start, changes[0][0], changes[-1][1]),
        _characters(sides[1], start, changes[0][2], changes[-1][3]),
    )


def _ours(text: str) -> Iterator[tuple[int, SafeHtml]]:
    """Find what is of our own making in an article, with where it begins."""
    at = 0
    for tag in islice(_OURS.finditer(text), _MOST_LOOKED_AT):
        end = text.find(f"</{tag[1]}>", tag.end(), tag.start() + _LONGEST_OURS)
        html = (
            _judged(text[tag.start() : end + len(tag[1]) + 3])
            if end >= 0 and tag.start() >= at
            else None
        )
        if html is not None:
            yield tag.start(), html
            at = tag.start() + len(html)


def _characters(tokens: list[str], start: int, first: int, last: int) -> tuple[int, int]:
    begin = start + len("".join(tokens[:first]))
    return begin, begin + len("".join(tokens[first:last]))


def _excerpt(text: str, start: int, end: int) -> Excerpt:
    lead, tail = text[max(0, start - _AROUND) : start], text[end : end + _AROUND]
    if start > _AROUND:
        lead = "…" + lead.partition(" ")[2]
    if end + _AROUND < len(text):
        tail = tail.rpartition(" ")[0] + "…"
    marked = text[start:end]
    if len(marked) > _LONGEST_MARK:
        marked = marked[: _LONGEST_MARK // 2] + " … " + marked[-_LONGEST_MARK // 2 :]
    return Excerpt(lead, marked, tail)


def _kind(entry: ArticleRecord) -> str:
    """Return what an article shows: the form of the first tweet that was written, else what
    became of the first that was not.
    """
    tweets = told_of(entry)
    written = next(
        (one.form for one in tweets if one.state == TweetState.EMBEDDED and one.reason is None),
        None,
    )
    if written:
        return written
    left = next(
        (
            one.state
            for one in tweets
            if one.state in {TweetState.GONE, TweetState.PROTECTED, TweetState.UNIDENTIFIED}
        ),
        None,
    )
    return "link" if left is None or "resolved" in entry.outcome.links else left


def _place_before(entry: ArticleRecord, html: str) -> tuple[int, int] | None:
    """Return where the tweet of a rendering stood."""
    ids = set(_STATUS.findall(html))
    for one in entry.outcome.tweets:
        if one["id"] in ids and one["reason"] != "intact":
            return one["start"], one["end"]
    return None


def _judged(fragment: str) -> SafeHtml | None:
    """Pass what is ours and safe. What comes from an article, or from a file, is judged anew."""
    shape = classify(fragment)
    with contextlib.suppress(UnsafeError):
        return certify_generated(fragment, shape) if shape is not None else None
    return None


def _read(
    entry: ArticleRecord,
    kind: str,
    documents: Documents,
    state: Checkpoint,
) -> SampleArticle | None:
    """Read an article's two versions; None if the original is no longer there."""
    after = state.after(entry)
    with contextlib.suppress(FileNotFoundError, UnreadableError):
        layout, raw = documents.read(entry)
        if after is not None and hashlib.sha256(raw).hexdigest() == entry.before_sum:
            return show(layout.decode(raw), layout.decode(after), entry, kind)
    return None


def _key(entry: ArticleRecord) -> str:
    return json.dumps([entry.file, entry.n, entry.before_sum, entry.after_sum])


def _kept(state: Checkpoint) -> Iterator[tuple[str, dict[str, Any]]]:
    """Return the kept ones whose articles are still decided so."""
    for key, sample in json.loads(state.recall(KEPT) or "{}").items():
        file, n, *_ = json.loads(key)
        entry = state.find(file, n)
        if entry is not None and entry.status is Status.CHANGED and _key(entry) == key:
            yield key, sample
