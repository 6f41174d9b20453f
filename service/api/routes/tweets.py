"""`/v1/tweets/{id}`: what is stored of a tweet, and its takedown. `/metrics` and `/readyz`: how the
service is.
"""

import datetime as dt
from typing import Any, cast

from fastapi import Request, Response

from service.api.problems import ProblemError
from service.api.requests import JSON, check_key
from service.app import Service
from service.cache.codec import read_answer
from service.cache.sqlite import MEMORY
from service.cache.store import Store
from service.core.model import Reason, State, Tweet, TweetRef, UnavailableTweet
from service.core.urls.snowflake import snowflake_time
from service.core.vocabulary import TWEET_ID
from service.metrics import MEDIA_TYPE
from service.serialize import as_json
from service.settings import Settings


class TweetRoutes:
    """The endpoints, over the parts that are `app.state.service` while the service runs."""

    def __init__(self, settings: Settings) -> None:
        """Ask for a key where the settings do."""
        self._settings = settings

    async def read(self, request: Request) -> Response:
        """Return all that is stored of a tweet, and its history; 404 if there is nothing."""
        check_key(request.scope["headers"], self._settings.api_keys)
        tweet_id = _tweet_id(request)
        store = _service(request).store
        await store.flush()
        told = stored(store, tweet_id)
        if told is None:
            raise ProblemError(404, "not_found", "Nothing is stored of this tweet.")
        return Response(as_json(told), media_type=JSON)

    async def take_down(self, request: Request) -> Response:
        """Take a tweet down: forget its words, remember that it is down. From then on it is `gone`,
        and no import brings it back.
        """
        check_key(request.scope["headers"], self._settings.api_keys)
        store = _service(request).store
        receipt = await store.take_down(_tweet_id(request))
        if store.path != MEMORY and not receipt.on_disk:
            raise ProblemError(
                503,
                "not_stored",
                "The tweet is down in this process, but the store cannot be written now; it is"
                " tried again, and a later call is answered with the receipt.",
                headers={"Retry-After": "5"},
            )
        told = {
            "tweet_id": receipt.tweet_id,
            "state": State.GONE.value,
            "reason": Reason.TAKEDOWN.value,
            "taken_down_at": _moment(receipt.at),
            "forgotten": receipt.forgotten,
            "on_disk": receipt.on_disk,
        }
        return Response(as_json(told), media_type=JSON)

    async def metrics(self, request: Request) -> Response:
        """Return the counters of this process, as Prometheus reads them."""
        return Response(_service(request).metrics.text(), media_type=MEDIA_TYPE)

    async def readyz(self, request: Request) -> Response:
        """Return that articles are served. Neither X nor a store that is down makes the service
        unready: articles still come back.
        """
        trouble = _service(request).store.trouble
        told = {"status": "ready"} if trouble is None else {"status": "degraded", "store": trouble}
        return Response(as_json(told), media_type=JSON)


def stored(store: Store, tweet_id: str) -> dict[str, Any] | None:
    """Write what a store knows of a tweet; None if it knows nothing. Its words are those of the
    last answer, in `answers` by language.
    """
    answers = []
    latest: Tweet | UnavailableTweet | None = None
    for row in sorted(store.answers(tweet_id), key=lambda each: each.checked_at):
        try:
            latest = read_answer(tweet_id, row.body)
        except ValueError:
            continue
        state = latest.state.value if isinstance(latest, UnavailableTweet) else State.EMBEDDED.value
        answers.append(
            {
                "lang": row.lang or None,
                "state": state,
                "checked_at": _moment(row.checked_at),
                "fresh_until": _moment(row.fresh_until),
            },
        )
    changes = store.history(tweet_id)
    down_at = store.taken_down_at(tweet_id)
    if not changes and not answers and down_at is None:
        return None
    if down_at is not None:
        latest, answers = UnavailableTweet(State.GONE, Reason.TAKEDOWN), []
    tweet = latest if isinstance(latest, Tweet) else None
    created_at = snowflake_time(tweet_id)
    return {
        "tweet_id": tweet_id,
        "url": TweetRef(tweet_id, tweet.author_handle if tweet else None).url,
        "state": State.EMBEDDED.value
        if tweet
        else latest.state.value
        if isinstance(latest, UnavailableTweet)
        else None,
        "reason": latest.reason.value
        if isinstance(latest, UnavailableTweet) and latest.reason
        else None,
        "author_name": tweet.author_name if tweet else None,
        "author_handle": tweet.author_handle if tweet else None,
        "text": tweet.text if tweet else None,
        "lang": tweet.lang if tweet else None,
        "dir": tweet.dir if tweet else None,
        "created_at": created_at.isoformat(timespec="seconds")[:19] + "Z" if created_at else None,
        "first_seen": _moment(changes[0].at) if changes else None,
        "history": [
            {"at": _moment(change.at), "state": change.state, "reason": change.reason or None}
            for change in changes
        ],
        "answers": answers,
    }


def _service(request: Request) -> Service:
    return cast("Service", request.app.state.service)


def _tweet_id(request: Request) -> str:
    tweet_id = str(request.path_params["tweet_id"])
    if TWEET_ID.fullmatch(tweet_id) is None:
        raise ProblemError(404, "not_found", "A tweet's id is 1 to 20 digits.")
    return tweet_id


def _moment(moment: float) -> str:
    return dt.datetime.fromtimestamp(moment, dt.UTC).isoformat(timespec="seconds")[:19] + "Z"
