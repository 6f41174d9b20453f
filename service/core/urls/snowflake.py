"""What a tweet's id alone tells: when it was written (docs/x-behaviour.md 5.3)."""

import datetime as dt

from service.core.vocabulary import TWEET_ID

_SNOWFLAKE_EPOCH = dt.datetime(2010, 11, 4, 1, 42, 54, 657_000, tzinfo=dt.UTC)  # 1288834974657 ms
_FIRST_SNOWFLAKE = 30_000_000_000
_LAST_SNOWFLAKE = 2**63 - 1


def snowflake_time(tweet_id: str) -> dt.datetime | None:
    """Return when a tweet was written, in UTC, from its id alone; None for ids before
    snowflakes and what is no id.
    """
    number = int(tweet_id) if TWEET_ID.fullmatch(tweet_id) else 0
    if not _FIRST_SNOWFLAKE <= number <= _LAST_SNOWFLAKE:
        return None
    return _SNOWFLAKE_EPOCH + dt.timedelta(milliseconds=number >> 22)
