"""The Internet Archive's index of captured addresses, by handle and first digits of ids
(docs/x-behaviour.md 7.3). Pure.

The CDX server (https://github.com/internetarchive/wayback/tree/master/wayback-cdx-server) lists
captures whose address begins with what stands before a final `*`; letter case, `www.` and the
scheme do not count. Anybody can have an address captured, with any handle in it, so a row proves
nothing.
"""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import urlencode

from service.candidates.clue import Clue, id_prefixes
from service.candidates.source import Finding, Named, Outcome
from service.core.urls.tweet_urls import read_permalink

ADDRESS: Final = "https://web.archive.org/cdx/search/cdx"
HOSTS: Final = ("twitter.com", "x.com")
"""Asked in this order, the second where the first knows nothing."""
MOST_ROWS: Final = 3000
MOST_NAMED: Final = 25
"""Candidates of one handle and day, those most often archived."""
GAP_S: Final = 2.5
"""Between two requests: the Archive allows thirty a minute and asks for a fifth less."""
EXCLUDED: Final = b"AdministrativeAccessControlException"
RUNTIME_ERROR: Final = "x-archive-wayback-runtime-error"
_BUSY_S: Final = 300.0
_REFUSED_S: Final = 3600.0
"""Who goes on asking after a 429 is refused for an hour, so for an hour it is left alone.
"""


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the index: the captured addresses, and the key that the next page begins with."""

    originals: tuple[str, ...]
    resume_key: str | None = None


def addresses_of(clue: Clue, host: str) -> tuple[str, ...]:
    """Return what is asked about a clue at one of `HOSTS`, one address a prefix of the day's ids.

    Captures are not asked for by time or status: a tweet's first one can be a 404 or have no
    status, and a range of times takes the server longer than it gives itself.
    """
    ids = clue.ids
    prefixes = () if ids is None else id_prefixes(ids)
    return tuple(_address(f"{host}/{clue.handle}/status/{prefix}*") for prefix in prefixes)


def next_page(address: str, resume_key: str) -> str:
    """Return the address of the page that a key begins; the key is encoded once more."""
    return f"{address}&{urlencode({'resumeKey': resume_key})}"


def _address(pattern: str) -> str:
    parameters = {
        "url": pattern,
        "output": "json",
        "fl": "original,timestamp",
        "collapse": "urlkey",
        "limit": str(MOST_ROWS),
        "showResumeKey": "true",
    }
    return f"{ADDRESS}?{urlencode(parameters, safe='/*')}"


def read_page(body: bytes) -> Page:
    """Read a page: a JSON list of rows, its head first. `ValueError` for what is none."""
    try:
        rows: Any = json.loads(body)
    except RecursionError:
        message = "nested too deep"
        raise ValueError(message) from None
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        message = "no rows"
        raise ValueError(message)
    resume_key = None
    if len(rows) > 1 and rows[-2] == [] and len(rows[-1]) == 1:
        resume_key = str(rows[-1][0])
        rows = rows[:-2]
    if rows and "original" not in rows[0]:
        message = "a table without addresses"
        raise ValueError(message)
    column = rows[0].index("original") if rows else 0
    return Page(tuple(str(row[column]) for row in rows[1:] if len(row) > column), resume_key)


def named_in(clue: Clue, originals: Counter[str]) -> tuple[Named, ...]:
    """Return the clue's tweets among captured addresses, those most often archived first."""
    within = clue.ids
    seen: Counter[str] = Counter()
    for original, times in originals.items():
        tweet = read_permalink(original)
        if (
            tweet is not None
            and within is not None
            and within.holds(tweet.id)
            and (tweet.handle or "").lower() == clue.handle
        ):
            seen[tweet.id] += times
    return tuple(Named(clue.handle, tweet_id) for tweet_id, _ in seen.most_common(MOST_NAMED))


def read_trouble(status: int, headers: Mapping[str, str], body: bytes) -> Finding:
    """Return what an answer without rows means.

    403 with the Archive's own exception is a handle that is excluded, for good. A 429 names no
    time.
    """
    told = headers.get(RUNTIME_ERROR, "").encode() + body
    if status == HTTPStatus.FORBIDDEN and (
        EXCLUDED in told or b"RobotAccessControlException" in told
    ):
        return Finding(Outcome.REFUSED)
    if status == HTTPStatus.BAD_REQUEST:
        return Finding(Outcome.REFUSED)
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return Finding(Outcome.TROUBLE, pause_s=_BUSY_S)
    return Finding(Outcome.TROUBLE, pause_s=_REFUSED_S if status == 0 else _BUSY_S)
