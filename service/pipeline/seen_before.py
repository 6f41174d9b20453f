"""What came once already: most comes once, and would only be in the way of what is remembered."""

from typing import Final

MOST_SEEN: Final = 20_000
"""Things that came once, of which no more is known than that."""


class SeenBefore:
    """Whether something came before, by its hash; of at most `most`, then it begins anew."""

    def __init__(self, most: int = MOST_SEEN) -> None:
        """Have seen nothing yet."""
        self._most = most
        self._seen: set[int] = set()

    def note(self, *hashes: int) -> bool:
        """Return whether something came before that has one of these hashes, and note that it
        came.
        """
        if not self._seen.isdisjoint(hashes):
            return True
        if len(self._seen) >= self._most:
            self._seen.clear()
        self._seen.update(hashes)
        return False
