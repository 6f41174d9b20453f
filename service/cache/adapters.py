"""The store as the layer below the memory cache: keys and answers become rows, and rows answers. A
row that cannot be read counts as absent.
"""

from collections.abc import Collection

from service.cache.codec import read_answer, read_target, write_answer, write_target
from service.cache.entries import StoredAnswer
from service.cache.sqlite import LINK, TWEET, Row
from service.cache.store import Store
from service.core.model import LinkTarget, ShortLink, State, Tweet, TweetRef, UnavailableTweet
from service.core.urls.tweet_links import host_of

TweetKey = tuple[TweetRef, str | None]


def tweet_row(key: TweetKey, kept: StoredAnswer[Tweet | UnavailableTweet]) -> Row:
    """Write an answer about a tweet as a row, with its author and the state its history tells."""
    state = State.EMBEDDED if isinstance(kept.value, Tweet) else kept.value.state
    return Row(
        TWEET,
        key[0].id,
        key[1] or "",
        kept.checked_at,
        kept.fresh_until,
        write_answer(kept.value),
        state.value,
        (kept.value.author_handle or "") if isinstance(kept.value, Tweet) else "",
    )


def link_row(link: ShortLink, kept: StoredAnswer[LinkTarget]) -> Row:
    """Write where a link leads as a row."""
    return Row(LINK, link.code, "", kept.checked_at, kept.fresh_until, write_target(kept.value))


class TweetBackend:
    """Answers about tweets."""

    def __init__(self, store: Store) -> None:
        """Keep them in `store`."""
        self._store = store

    def recall(self, key: TweetKey) -> StoredAnswer[Tweet | UnavailableTweet] | None:
        """Return what is kept."""
        row = self._store.recall(TWEET, key[0].id, key[1] or "")
        if row is None:
            return None
        try:
            return StoredAnswer(read_answer(row.subject, row.body), row.checked_at, row.fresh_until)
        except ValueError:
            return None

    def keep(self, key: TweetKey, kept: StoredAnswer[Tweet | UnavailableTweet]) -> None:
        """Keep an answer, soon."""
        self._store.keep(tweet_row(key, kept))


class LinkBackend:
    """Where short links lead."""

    def __init__(self, store: Store, shorteners: Collection[str]) -> None:
        """Keep them in `store`. A target at one of the `shorteners` was learnt before it was
        listed: it is asked anew.
        """
        self._store = store
        self._shorteners = frozenset(shorteners)

    def recall(self, key: ShortLink) -> StoredAnswer[LinkTarget] | None:
        """Return what is kept."""
        row = self._store.recall(LINK, key.code)
        if row is None:
            return None
        try:
            target = read_target(row.body)
            listed = host_of(target.url or "") in self._shorteners
        except ValueError:
            return None
        return StoredAnswer(target, row.checked_at, 0.0 if listed else row.fresh_until)

    def keep(self, key: ShortLink, kept: StoredAnswer[LinkTarget]) -> None:
        """Keep where it leads, soon."""
        self._store.keep(link_row(key, kept))
