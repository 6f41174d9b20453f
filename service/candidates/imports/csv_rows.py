"""Tables of tweets: X's own `tweets.csv`, those of twarc, and any with columns of the usual names.

Pure. Sources of their shapes: docs/x-behaviour.md 7.2.
"""

import csv
from collections.abc import Iterable, Iterator

from service.candidates.imports.record import Imported, imported
from service.core.urls.tweet_urls import read_permalink

_IDS = ("tweet_id", "id_str", "id", "status_id", "tweetid")
_AUTHORS = (
    "author.username",
    "user_screen_name",
    "screen_name",
    "username",
    "user.username",
    "handle",
    "author_handle",
    "author",
)
_TIMES = ("created_at", "timestamp", "date", "datetime")
_TEXTS = ("full_text", "text", "content", "rawcontent", "tweet")
_ADDRESSES = ("tweet_url", "url", "permalink", "tweet_link")
_RETWEETS = (
    "retweeted_status_id",
    "referenced_tweets.retweeted.id",
    "isretweet",
    "is_retweet",
    "retweet_id",
)
_NO = frozenset({"", "f", "false", "0", "no", "none", "null", "nan"})


def read_table(name: str, lines: Iterable[str], handle: str | None) -> Iterator[Imported]:
    """Read a table with a head; commas, semicolons or tabs separate it, as the head tells.

    `ValueError` for one without a column of ids or of addresses.
    """
    rows = iter(lines)
    head = next(rows, "").removeprefix("\ufeff")
    separator = max(",;\t", key=head.count)
    columns = [each.strip().lower() for each in next(csv.reader([head], delimiter=separator), [])]
    if not set(columns) & {*_IDS, *_ADDRESSES}:
        message = f"no column of ids: none of {', '.join((*_IDS, *_ADDRESSES))}"
        raise ValueError(message)
    reader = csv.reader(rows, delimiter=separator)
    try:
        for number, row in enumerate(reader, 2):
            if row:
                yield _read_row(
                    f"{name}, row {number}", dict(zip(columns, row, strict=False)), handle
                )
    except csv.Error as error:
        raise ValueError(str(error)) from None


def _read_row(place: str, row: dict[str, str], handle: str | None) -> Imported:
    address = read_permalink(_first(row, _ADDRESSES) or "")
    tweet_id = _first(row, _IDS)
    if (
        address is not None and not (tweet_id or "").isdigit()
    ):  # a spreadsheet spoils numbers, not addresses
        tweet_id = address.id
    return imported(
        place,
        tweet_id,
        _first(row, _AUTHORS) or (address.handle if address else None) or handle,
        _first(row, _TIMES),
        _first(row, _TEXTS),
        retweet=any(row.get(each, "").strip().lower() not in _NO for each in _RETWEETS),
    )


def _first(row: dict[str, str], names: Iterable[str]) -> str | None:
    return next((row[name] for name in names if row.get(name, "").strip()), None)
