"""Which tweets were taken down, as this process knows it: asked before every answer is served."""

from collections.abc import Callable, Iterable, Mapping


class TakedownIndex:
    """Tweets that were taken down, with the time of each (Unix seconds).

    A takedown counts from the moment this process hears of it, whether or not a file could be
    written yet; those that no file holds are `unwritten`, and are written as soon as one can be.
    """

    def __init__(self) -> None:
        """Know of none."""
        self.on_takedown: Callable[[str], None] = lambda _: None
        """Called with each tweet that is newly known to be taken down, on the event loop."""
        self._at: dict[str, float] = {}
        self._unwritten: dict[str, float] = {}

    def at(self, tweet_id: str) -> float | None:
        """Return when a tweet was taken down, None if it was not."""
        return self._at.get(tweet_id)

    @property
    def known(self) -> Mapping[str, float]:
        """All of them."""
        return self._at

    @property
    def unwritten(self) -> Mapping[str, float]:
        """Those that no file holds yet."""
        return self._unwritten

    def add(self, tweet_id: str, at: float) -> float:
        """Note a takedown that no file holds yet; return since when the tweet has been down."""
        if tweet_id not in self._at:
            self._at[tweet_id] = self._unwritten[tweet_id] = at
        self.on_takedown(tweet_id)
        return self._at[tweet_id]

    def written(self, tweet_ids: Iterable[str]) -> None:
        """Note that the file holds these."""
        for tweet_id in tweet_ids:
            self._unwritten.pop(tweet_id, None)

    def restore(self, tweet_id: str, at: float) -> None:
        """Note what a damaged file said, for the next one. Any thread may call it."""
        self._unwritten[tweet_id] = self._at.setdefault(tweet_id, at)

    def write_again(self) -> None:
        """Note that the file is a new one, and holds none."""
        self._unwritten = dict(self._at)

    def learn(self, found: Iterable[tuple[str, float]]) -> None:
        """Take in what a file holds."""
        for tweet_id, at in found:
            self._unwritten.pop(tweet_id, None)
            if self._at.get(tweet_id) != at:
                self._at[tweet_id] = at
                self.on_takedown(tweet_id)
