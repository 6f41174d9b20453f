"""X's own search, with the operator's token: what is asked, and what the answer means
(docs/x-behaviour.md 7.5). Pure.

`GET /2/tweets/search/all`: `query`, `since_id` and `until_id` (both exclusive), `max_results` 10 to
500 (https://docs.x.com/x-api/posts/search/introduction). Each post returned is paid for, an empty
answer is not; so a query always holds words or a link of the tweet, never an author and a day
alone, and no field beyond the ids is asked for.
"""

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import urlencode

from service.candidates.clue import Clue, phrase_of
from service.candidates.source import Finding, Named, Outcome

ADDRESS: Final = "https://api.x.com/2/tweets/search/all"
MOST_RESULTS: Final = 10
"""The least that can be asked for; so many posts are set aside before a request.
"""
DOLLARS_A_POST: Final = 0.005
_LONGEST_QUERY: Final = 1024
_QUARTER_HOUR_S: Final = 900.0
_HOUR_S: Final = 3600.0
_DAY_S: Final = 86400.0
_MINUTE_S: Final = 60.0


def queries_of(clue: Clue) -> tuple[str, ...]:
    """Return the searches for a clue: by its last code, and by a phrase of its words."""
    wanted = [f'url:"https://t.co/{clue.codes[-1]}"'] if clue.codes else []
    phrase = phrase_of(clue.text)
    if phrase is not None:
        wanted.append(f'"{phrase}"')
    queries = (f"from:{clue.handle} {each} -is:retweet" for each in wanted)
    return tuple(query for query in queries if len(query) <= _LONGEST_QUERY)


def addresses_of(clue: Clue) -> tuple[str, ...]:
    """Return the addresses to ask, in order; none where the clue gives nothing to search for."""
    ids = clue.ids
    if ids is None:
        return ()
    bounds = {"since_id": str(ids.lowest - 1), "until_id": str(ids.highest + 1)}
    return tuple(
        f"{ADDRESS}?{urlencode({'query': query, **bounds, 'max_results': MOST_RESULTS})}"
        for query in queries_of(clue)
    )


def read_answer(
    clue: Clue, status: int, headers: Mapping[str, str], body: bytes, now: float
) -> tuple[Finding, int]:
    """Return what an answer means, and for how many posts X wants to be paid. `now` is Unix time.

    An answer that cannot be read is paid for as if it had been full.
    """
    if status != HTTPStatus.OK:
        return _trouble(status, headers, _object(body), now), 0
    page = _object(body)
    data = page.get("data", [])
    meta = page.get("meta")
    if not isinstance(data, list) or not isinstance(meta, dict):
        return Finding(Outcome.TROUBLE, pause_s=_MINUTE_S), MOST_RESULTS
    ids = [
        each["id"] for each in data if isinstance(each, dict) and isinstance(each.get("id"), str)
    ]
    within = clue.ids
    named = tuple(
        Named(clue.handle, each) for each in dict.fromkeys(ids) if within and within.holds(each)
    )
    return Finding(Outcome.DONE, named), len(data)


def _trouble(
    status: int, headers: Mapping[str, str], problem: dict[str, Any], now: float
) -> Finding:
    """Return what an error means: for the question, the account, a limit or the host.

    https://docs.x.com/x-api/fundamentals/response-codes-and-errors
    """
    title = problem.get("title")
    if title == "UsageCapExceeded":  # a month's, sent as 429 or 403
        return Finding(Outcome.TROUBLE, pause_s=_DAY_S)
    if status == HTTPStatus.BAD_REQUEST:
        return Finding(Outcome.REFUSED)
    if status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.PAYMENT_REQUIRED, HTTPStatus.FORBIDDEN}:
        return Finding(Outcome.TROUBLE, pause_s=_HOUR_S)
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        reset = headers.get("x-rate-limit-reset", "")
        wait = float(reset) - now if reset.isascii() and reset.isdigit() else _QUARTER_HOUR_S
        return Finding(Outcome.TROUBLE, pause_s=min(max(wait, 1.0), _HOUR_S))
    return Finding(Outcome.TROUBLE, pause_s=_MINUTE_S)


def _object(body: bytes) -> dict[str, Any]:
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}
