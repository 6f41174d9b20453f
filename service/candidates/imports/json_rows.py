"""Tweets as JSON: X's API v1.1 and v2, and what twarc, twscrape and snscrape write
(docs/x-behaviour.md 7.2). Pure.

v1.1: a tweet with `id_str`, `user.screen_name` (https://developer.x.com, tweet object). v2: a page
`{"data": [...], "includes": {"users": [...]}}` or twarc's flattened `{"id", "author":
{"username"}}` (https://twarc-project.readthedocs.io). snscrape: `url`, `date`, `user.username`; its
`id` is a number.
"""

import json
from collections.abc import Iterator
from typing import Any

from service.candidates.imports.record import Imported, imported
from service.core.urls.tweet_urls import read_permalink

Json = Any


def read_line(place: str, line: str, handle: str | None) -> Iterator[Imported]:
    """Read one line, or a whole JSON text: a tweet, a page of them, or a list of either.

    `handle` is whose tweets they are where they do not tell. `ValueError` for what is not JSON.
    """
    try:
        value = json.loads(line)
    except RecursionError:
        message = "nested too deep"
        raise ValueError(message) from None
    yield from _read(place, value, handle)


def _read(place: str, value: Json, handle: str | None) -> Iterator[Imported]:
    if isinstance(value, list):
        for number, each in enumerate(value, 1):
            yield from _read(f"{place}, {number}", each, handle)
    elif not isinstance(value, dict):
        yield Imported(place, refused="no tweet")
    elif isinstance(data := value.get("data"), list | dict):
        yield from _page(place, [data] if isinstance(data, dict) else data, value, handle)
    elif isinstance(value.get("meta"), dict) and not _tells_id(value):
        return  # a page without a tweet
    else:
        yield _tweet(place, value, handle, {})


def _page(
    place: str, tweets: list[Json], page: dict[str, Json], handle: str | None
) -> Iterator[Imported]:
    includes = page.get("includes")
    users = includes.get("users") if isinstance(includes, dict) else None
    names = {
        each["id"]: each.get("username")
        for each in users or ()
        if isinstance(each, dict) and isinstance(each.get("id"), str)
    }
    for number, each in enumerate(tweets, 1):
        where = f"{place}, {number}" if len(tweets) > 1 else place
        yield (
            _tweet(where, each, handle, names)
            if isinstance(each, dict)
            else Imported(where, refused="no tweet")
        )


def _tweet(
    place: str, tweet: dict[str, Json], handle: str | None, names: dict[str, Json]
) -> Imported:
    address = read_permalink(tweet["url"]) if isinstance(tweet.get("url"), str) else None
    tweet_id = tweet.get("id_str", tweet.get("id"))
    if address is not None and not isinstance(tweet.get("id_str"), str):
        tweet_id = address.id  # a number this large is rounded by many programs; the address is not
    return imported(
        place,
        tweet_id,
        _author(tweet, names) or (address.handle if address else None) or handle,
        tweet.get("created_at", tweet.get("date")),
        _text(tweet),
        retweet=_is_retweet(tweet),
    )


def _author(tweet: dict[str, Json], names: dict[str, Json]) -> str | None:
    for member in ("user", "author"):
        user = tweet.get(member)
        if isinstance(user, dict):
            name = user.get("screen_name", user.get("username"))
            if isinstance(name, str):
                return name
    name = names.get(tweet.get("author_id", ""), tweet.get("author.username"))
    return name if isinstance(name, str) else None


def _text(tweet: dict[str, Json]) -> Json:
    return next(
        (
            tweet[name]
            for name in ("full_text", "rawContent", "content", "text")
            if isinstance(tweet.get(name), str)
        ),
        None,
    )


def _is_retweet(tweet: dict[str, Json]) -> bool:
    if any(
        tweet.get(name)
        for name in ("retweeted_status", "retweetedTweet", "retweeted_tweet", "isRetweet")
    ):
        return True
    references = tweet.get("referenced_tweets", tweet.get("referenced_posts"))
    return isinstance(references, list) and any(
        isinstance(each, dict) and each.get("type") == "retweeted" for each in references
    )


def _tells_id(value: dict[str, Json]) -> bool:
    return "id" in value or "id_str" in value
