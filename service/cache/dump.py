"""The lines of a `cache export`: written from a store, and read as strictly as answers of X into
another one.
"""

import json
import math
import re
import sqlite3
from collections.abc import Iterator
from typing import Any

from service.cache import sqlite
from service.cache.adapters import link_row, tweet_row
from service.cache.candidate_tables import CandidateRow, add_candidates, all_candidates
from service.cache.codec import read_answer, read_target
from service.cache.entries import StoredAnswer
from service.core.model import (
    LinkTarget,
    Reason,
    ShortLink,
    State,
    Tweet,
    TweetRef,
    UnavailableTweet,
)
from service.core.vocabulary import LANGUAGES, TWEET_ID

_CODE = re.compile(r"[A-Za-z0-9]{1,40}", re.ASCII)
_HANDLE = re.compile(r"[a-z0-9_]{1,20}", re.ASCII)
_SOURCE = re.compile(r"[a-z_]{1,20}", re.ASCII)
_LARGEST = 2**63 - 1  # an INTEGER of SQLite
_LONGEST_ARTICLE = 8192
_STATES = {State.EMBEDDED.value, State.GONE.value, State.PROTECTED.value}


def dump(connection: sqlite3.Connection) -> Iterator[dict[str, Any]]:
    """Write all that a store holds: takedowns, candidates, histories, answers."""
    for _, tweet_id, at in sqlite.takedowns(connection):
        yield {"kind": "takedown", "id": tweet_id, "at": at}
    for each in all_candidates(connection):
        told = {"handle": each.handle, "id": each.tweet_id, "source": each.source}
        yield {"kind": "candidate", **told, "article": each.article or None}
    for tweet_id, change in sqlite.history(connection):
        yield {
            "kind": "history",
            "id": tweet_id,
            "at": change.at,
            "state": change.state,
            "reason": change.reason or None,
        }
    for row in sqlite.all_answers(connection):
        name = (
            {"id": row.subject, "lang": row.lang or None}
            if row.kind == sqlite.TWEET
            else {"code": row.subject}
        )
        times = {"checked_at": row.checked_at, "fresh_until": row.fresh_until}
        yield {"kind": row.kind, **name, **times, "answer": json.loads(row.body)}


def take_in(connection: sqlite3.Connection, line: str) -> None:
    """Take one line into the store. Raises `ValueError`, `KeyError` or `TypeError` for a line that
    is not what `export` writes.
    """
    told: dict[str, Any] = json.loads(line)
    kind = told["kind"]
    if kind == "takedown":
        sqlite.take_down(connection, _matched(TWEET_ID, told["id"]), _seconds(told["at"]))
    elif kind == "history":
        state, reason = told["state"], told["reason"] or ""
        if state not in _STATES or reason not in {"", Reason.TAKEDOWN.value}:
            raise ValueError(state)
        sqlite.add_history(
            connection,
            _matched(TWEET_ID, told["id"]),
            sqlite.StateChange(_seconds(told["at"]), state, reason),
        )
    elif kind == "candidate":
        add_candidates(connection, [_candidate(told)])
    elif kind == sqlite.TWEET:
        tweet_id, lang = _matched(TWEET_ID, told["id"]), told["lang"]
        if lang is not None and lang not in LANGUAGES:
            raise ValueError(lang)
        answer: StoredAnswer[Tweet | UnavailableTweet] = StoredAnswer(
            read_answer(tweet_id, told["answer"]),
            *_times(told),
        )
        sqlite.write(connection, [tweet_row((TweetRef(tweet_id), lang), answer)])
    elif kind == sqlite.LINK:
        target: StoredAnswer[LinkTarget] = StoredAnswer(read_target(told["answer"]), *_times(told))
        sqlite.write(connection, [link_row(ShortLink(_matched(_CODE, told["code"])), target)])
    else:
        raise ValueError(kind)


def _candidate(told: dict[str, Any]) -> CandidateRow:
    tweet_id, article = _matched(TWEET_ID, told["id"]), told["article"] or ""
    if int(tweet_id) > _LARGEST:
        raise ValueError(tweet_id)
    if not isinstance(article, str) or len(article) > _LONGEST_ARTICLE:
        raise ValueError(article)
    handle, source = _matched(_HANDLE, told["handle"]), _matched(_SOURCE, told["source"])
    return CandidateRow(handle, tweet_id, source, article)


def _times(told: dict[str, Any]) -> tuple[float, float]:
    return _seconds(told["checked_at"]), _seconds(told["fresh_until"])


def _seconds(value: object) -> float:
    """Read a Unix time within a sensible range."""
    if (
        isinstance(value, bool)
        or not isinstance(value, int | float)
        or not math.isfinite(value)
        or not 0 <= value < 1e11  # noqa: PLR2004
    ):
        raise ValueError(value)
    return float(value)


def _matched(pattern: re.Pattern[str], value: object) -> str:
    if not isinstance(value, str) or pattern.fullmatch(value) is None:
        raise ValueError(value)
    return value
