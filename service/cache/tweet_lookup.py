"""Tweets as the cache and X know them. A takedown beats every cached answer
(docs/x-behaviour.md 6.3).
"""

import datetime as dt
from dataclasses import dataclass

from service.cache.adapters import TweetKey
from service.cache.entries import CachedAnswer, CacheEntry
from service.cache.memory import FOREVER, Deadline, SingleFlightCache
from service.cache.store import Store
from service.core.model import Reason, ServedFrom, State, Tweet, TweetRef, UnavailableTweet
from service.core.vocabulary import LANGUAGES


@dataclass(frozen=True, slots=True)
class TweetLookup:
    """Tweets as memory and X know them; what was taken down is gone, whoever still knows it."""

    remembered: SingleFlightCache[TweetKey, Tweet | UnavailableTweet]
    store: Store

    async def __call__(
        self,
        key: TweetKey,
        patience: Deadline = FOREVER,
    ) -> CachedAnswer[Tweet | UnavailableTweet]:
        """Answer for a tweet, in a language. Raises as `SingleFlightCache` does."""
        if (taken_down := self._taken_down(key[0])) is not None:
            return taken_down
        held = await self.remembered(key, patience)
        return self._taken_down(key[0]) or held  # it may have been taken down meanwhile

    def held(self, key: TweetKey) -> CacheEntry[Tweet | UnavailableTweet] | None:
        """Return the answer in memory, if it is fresh and the tweet was not taken down."""
        if self.store.taken_down_at(key[0].id) is not None:
            return None
        return self.remembered.held(key)

    def is_current(self, entry: CacheEntry[Tweet | UnavailableTweet]) -> bool:
        """Return whether what `held` returned is the answer still, fresh, of a tweet that was not
        taken down: then it would be forgotten.
        """
        self.store.look_again()
        return self.remembered.is_current(entry)

    def _taken_down(self, tweet: TweetRef) -> CachedAnswer[Tweet | UnavailableTweet] | None:
        at = self.store.taken_down_at(tweet.id)
        if at is None:
            return None
        return CachedAnswer(
            UnavailableTweet(State.GONE, Reason.TAKEDOWN),
            ServedFrom.CACHE,
            dt.datetime.fromtimestamp(at, dt.UTC),
        )

    def forget(self, tweet_id: str) -> None:
        """Drop a tweet from memory, in every language."""
        for lang in (None, *LANGUAGES):
            self.remembered.forget((TweetRef(tweet_id), lang))
