"""What an article tells of a tweet that lost its id, and which ids a day can hold. Pure.

An id holds its time: milliseconds since 2010-11-04T01:42:54.657Z in the bits above the lowest 22
(https://github.com/twitter-archive/snowflake). A UTC day is therefore a range of ids.
"""

import datetime as dt
import hashlib
import re
from dataclasses import dataclass
from typing import Final

EPOCH_MS: Final = 1_288_834_974_657
FIRST_SNOWFLAKE: Final = 30_000_000_000
LAST_SNOWFLAKE: Final = 2**63 - 1
MOST_DIGITS: Final = len(str(LAST_SNOWFLAKE))
_TIME_BITS: Final = 22
_DAY_MS: Final = 86_400_000
_PREFIX_DIGITS_LEFT: Final = 15
"""Digits that a prefix leaves open: 2.76 days of ids, so that a day has one prefix or two."""

PHRASE_MOST: Final = 12
PHRASE_LEAST: Final = 5
_SHORT_PHRASE_LETTERS: Final = 12
_ADDRESS = re.compile(r"(?:https?://|pic\.(?:twitter|x)\.com/|t\.co/)\S*", re.IGNORECASE)
_BETWEEN_RUNS = re.compile(r"[\"“”„«»#@＠＃$]\S*|\S*(?:…|\.\.\.)|[\n\u2028]+")
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")


@dataclass(frozen=True, slots=True)
class IdRange:
    """The ids of a UTC day, both ends included."""

    lowest: int
    highest: int

    def holds(self, tweet_id: str) -> bool:
        """Return whether an id, a string of digits, is one of the day's."""
        return (
            tweet_id.isascii()
            and tweet_id.isdigit()
            and self.lowest <= int(tweet_id) <= self.highest
        )


@dataclass(frozen=True, slots=True)
class Clue:
    """What is known of a tweet without its id.

    `handle` is in lower case, `day` the UTC day of its attribution, `text` the words in front of
    the attribution, `codes` those of the t.co and pic.* addresses among them. `article_url` is the
    public address of the article that quotes it, `article_key` its name in its archive, None where
    they are not known.
    """

    handle: str
    day: dt.date
    text: str = ""
    codes: tuple[str, ...] = ()
    article_url: str | None = None
    article_key: str | None = None

    @property
    def ids(self) -> IdRange | None:
        """The ids of its day, None for a day before ids held a time."""
        return ids_of(self.day)


def digest(text: str) -> str:
    """Return a short name for a text that does not tell it."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def ids_of(day: dt.date) -> IdRange | None:
    """Return the ids that a UTC day can hold; None for days before ids held a time."""
    start_ms = (day - dt.date(1970, 1, 1)).days * _DAY_MS - EPOCH_MS
    lowest = max(start_ms << _TIME_BITS, FIRST_SNOWFLAKE)
    highest = min(((start_ms + _DAY_MS) << _TIME_BITS) - 1, LAST_SNOWFLAKE)
    return IdRange(lowest, highest) if lowest <= highest else None


def day_of(tweet_id: str) -> dt.date | None:
    """Return the UTC day of an id; None for what is no id, or one from before ids held a time."""
    if not (tweet_id.isascii() and tweet_id.isdigit() and len(tweet_id) <= MOST_DIGITS):
        return None
    number = int(tweet_id)
    if not FIRST_SNOWFLAKE <= number <= LAST_SNOWFLAKE:
        return None
    return dt.datetime.fromtimestamp(((number >> _TIME_BITS) + EPOCH_MS) / 1000, dt.UTC).date()


def id_prefixes(ids: IdRange) -> tuple[str, ...]:
    """Return the shortest leading digits that between them cover a range, in order.

    Ids of another length can begin alike, so what is found by a prefix is still to be held against
    the range. There is none for the first days of ids, whose leading digits do not narrow anything.
    """
    size = 10**_PREFIX_DIGITS_LEFT
    return tuple(str(each) for each in range(ids.lowest // size, ids.highest // size + 1) if each)


def phrase_of(text: str) -> str | None:
    """Return the last words of a quotation that can be searched for as a phrase.

    Five to twelve consecutive words, else what there is of at least three, or of one script without
    spaces, where that is long enough to be rare; None where nothing is. Addresses, mentions,
    hashtags, quotation marks and words that an ellipsis cut off end a run of words.
    """
    shown = _BETWEEN_RUNS.sub("\n", _ADDRESS.sub("\n", text))
    runs = [_WORD.findall(run) for run in shown.split("\n")]
    words = next((run for run in reversed(runs) if len(run) >= PHRASE_LEAST), None)
    if words is None:
        words = max(reversed(runs), key=lambda run: sum(map(len, run)), default=[])
        if sum(map(len, words)) < _SHORT_PHRASE_LETTERS:
            return None
    return " ".join(words[-PHRASE_MOST:])
