"""Estimate, before anybody is asked, how long it takes and what it costs to search for so many
tweets. Pure.
"""

from collections.abc import Iterator, Sequence

from service.candidates import wayback, x_api
from service.candidates.searches import X_API_GAP_S
from service.candidates.source import SourceName

_PREFIXES = 1.36
"""Prefixes of a day's ids, on average; each is asked at one host or at both."""


def estimates(sources: Sequence[str], clues: int, budget: int) -> Iterator[str]:
    """Return a line for each source that asks somebody about `clues` authors and days.

    `budget` is how many posts a UTC day X's search may return.
    """
    if not clues:
        return
    if SourceName.X_API in sources:
        dollars = clues * x_api.DOLLARS_A_POST
        most = clues * x_api.MOST_RESULTS
        days = f"; {budget:,} posts a day are the limit" if most > budget else ""
        yield (
            f"x_api: at most {2 * clues:,} look-ups, {time_span(clues * X_API_GAP_S)} or more;"
            f" about ${dollars:,.2f} if each finds one post, ${most * x_api.DOLLARS_A_POST:,.2f} at"
            f" most{days}"
        )
    if SourceName.SNAPSHOT in sources:
        yield "snapshot: two look-ups for each article whose address is known; nothing to pay"
    if SourceName.WAYBACK in sources:
        least = round(clues * _PREFIXES)
        yield (
            f"wayback: {least:,} to {2 * least:,} look-ups, {time_span(least * wayback.GAP_S)} or"
            " more; nothing to pay"
        )


def time_span(seconds: float) -> str:
    """Return a time as an operator reads it: `3 days`, `5 h`, `40 min`, `12 s`."""
    for unit, size in (("days", 86_400), ("h", 3600), ("min", 60)):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} s"
