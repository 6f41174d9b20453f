"""`/v1/tweets/{id}`: what is stored of a tweet, and its takedown."""

from typing import Any

from fastapi import APIRouter, Request, Response

from service.api.door.auth import Keyring, KeyScope, check_loopback
from service.api.json_answer import JsonAnswer
from service.api.problems import ProblemError
from service.api.routing import add_operation, direct_router, service_of
from service.cache.codec import read_answer
from service.cache.sqlite import MEMORY
from service.cache.store import Store
from service.core.model import Reason, State, Tweet, TweetRef, UnavailableTweet
from service.core.urls.snowflake import snowflake_time
from service.core.vocabulary import TWEET_ID
from service.serialize import as_json, timestamp


def tweet_routes(keyring: Keyring) -> APIRouter:
    """Return the routes. Without keys they answer the machine itself alone."""
    tweets = TweetRoutes(keyring)
    router = direct_router()
    path = "/v1/tweets/{tweet_id}"
    add_operation(router, "GET", path, tweets.read, "tweet", "tweets")
    add_operation(router, "DELETE", path, tweets.take_down, "takedown", "tweets")
    return router


class TweetRoutes:
    """The endpoints, over the parts that are there while the service runs."""

    def __init__(self, keyring: Keyring) -> None:
        """Ask for a key of the scope `admin` where there are keys."""
        self._keyring = keyring

    def _check(self, request: Request) -> None:
        headers = request.scope["headers"]
        self._keyring.check(request.scope, KeyScope.ADMIN)
        check_loopback(self._keyring, request.scope.get("client"), headers)

    async def read(self, request: Request) -> Response:
        """Return all that is stored of a tweet, and its history; 404 if there is nothing."""
        self._check(request)
        tweet_id = _tweet_id(request)
        store = service_of(request).store
        await store.flush()
        told = stored(store, tweet_id)
        if told is None:
            raise ProblemError(404, "not_found", "Nothing is stored of this tweet.")
        return JsonAnswer(as_json(told))

    async def take_down(self, request: Request) -> Response:
        """Take a tweet down: forget its words, remember that it is down. From then on it is `gone`,
        and no import brings it back.
        """
        self._check(request)
        store = service_of(request).store
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
            "taken_down_at": timestamp(receipt.at),
            "forgotten": receipt.forgotten,
            "on_disk": receipt.on_disk,
        }
        return JsonAnswer(as_json(told))


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
                "checked_at": timestamp(row.checked_at),
                "fresh_until": timestamp(row.fresh_until),
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
        "created_at": timestamp(created_at),
        "first_seen": timestamp(changes[0].at) if changes else None,
        "history": [
            {"at": timestamp(change.at), "state": change.state, "reason": change.reason or None}
            for change in changes
        ],
        "answers": answers,
    }


def _tweet_id(request: Request) -> str:
    tweet_id = str(request.path_params["tweet_id"])
    if TWEET_ID.fullmatch(tweet_id) is None:
        raise ProblemError(404, "not_found", "A tweet's id is 1 to 20 digits.")
    return tweet_id
