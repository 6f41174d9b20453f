"""Rows for a store, and a store for as long as a story takes."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from service.cache.adapters import tweet_row
from service.cache.entries import StoredAnswer
from service.cache.sqlite import TWEET, Row
from service.cache.store import Store
from service.core.model import LineBreak, Tweet, TweetLink, TweetRef, TweetText, UnavailableTweet
from service.core.oembed.normalize import canonical_tweet

ID = "1988000000000000000"
SAID = Tweet(
    ID,
    "A",
    "ab",
    (
        TweetText("words "),
        TweetLink("#tag", "https://x.com/hashtag/tag"),
        LineBreak(),
        TweetText("more"),
    ),
    "en",
    "ltr",
    "May 5, 2014",
)


def row(number: int = 0, at: float | None = None, answer: Tweet | UnavailableTweet = SAID) -> Row:
    tweet_id = str(int(ID) + number)
    value = (
        canonical_tweet(Tweet(tweet_id, "A", "ab", (TweetText(f"words {number}"),)))
        if isinstance(answer, Tweet)
        else answer
    )
    at = time.time() if at is None else at
    return tweet_row((TweetRef(tweet_id), None), StoredAnswer(value, at, at + 1000))


def run(path: Path | str, story: Callable[[Store], Awaitable[None]]) -> None:
    async def told() -> None:
        store = Store(str(path))
        try:
            await story(store)
        finally:
            await store.close()

    asyncio.run(told())


def keep(path: Path, *rows: Row) -> None:
    async def story(store: Store) -> None:
        for each in rows:
            store.keep(each)

    run(path, story)


def words_of(path: Path, number: int = 0) -> str | None:
    found: list[Row | None] = []

    async def story(store: Store) -> None:
        found.append(store.recall(TWEET, str(int(ID) + number)))

    run(path, story)
    return found[0].body if found[0] else None
