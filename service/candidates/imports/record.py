"""One tweet of an export, checked: its id, its author, and that its date is the id's. Pure."""

import datetime as dt
import re
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Final

from service.candidates.clue import day_of
from service.candidates.source import Named
from service.core.vocabulary import HANDLE

_ID = re.compile(r"[1-9][0-9]{0,18}", re.ASCII)
_SPOILED_ID = re.compile(r"[0-9]+(?:[.,][0-9]+)?[eE]\+?[0-9]+|[0-9]+[.,][0-9]+", re.ASCII)
_RETWEET = re.compile(rf"RT @{HANDLE.pattern}:", re.ASCII)
_MILLISECONDS: Final = 1e11  # seconds beyond this would be in the year 5138


@dataclass(frozen=True, slots=True)
class Imported:
    """A tweet of an export, or why a row was left out: one of a few reasons, alike for every row.
    `place` is the file, the row in it and, where it matters, the id.
    """

    place: str
    named: Named | None = None
    refused: str | None = None


def imported(  # noqa: PLR0911 - each is one reason to leave a row out
    place: str,
    tweet_id: object,
    handle: object,
    created_at: object = None,
    text: object = None,
    *,
    retweet: bool = False,
) -> Imported:
    """Check one row. `created_at` is the date as the export writes it, None where it tells none."""
    if retweet or (isinstance(text, str) and _RETWEET.match(text)):
        return Imported(place, refused="a retweet: the words are somebody else's")
    written = (
        str(tweet_id).strip()
        if isinstance(tweet_id, str | int) and not isinstance(tweet_id, bool)
        else ""
    )
    if isinstance(tweet_id, float) or _SPOILED_ID.fullmatch(written):
        return Imported(
            f"{place}, id {tweet_id}", refused="its id was rounded by a spreadsheet or a program"
        )
    if _ID.fullmatch(written) is None:
        return Imported(place, refused="no id of 1 to 19 digits")
    name = handle.strip().removeprefix("@") if isinstance(handle, str) else ""
    if not name:
        return Imported(place, refused="no author; name one with --handle")
    if HANDLE.fullmatch(name) is None:
        return Imported(place, refused="the author is no handle")
    day = day_of(written)
    if day is None:
        return Imported(f"{place}, id {written}", refused="its id is from before ids held a time")
    if created_at not in {None, ""}:
        told = read_time(created_at)
        if told is None:
            return Imported(place, refused="its date cannot be read")
        if abs((told.day - day).days) > (
            0 if told.utc else 1
        ):  # without a zone it may be a local day
            return Imported(
                f"{place}, id {written}", refused="its id is not of the day that the row tells"
            )
    return Imported(place, Named(name.lower(), written))


@dataclass(frozen=True, slots=True)
class ReadDay:
    """A day as an export tells it; `utc` where its zone is known."""

    day: dt.date
    utc: bool


def read_time(value: object) -> ReadDay | None:
    """Return the day of a time as exports write it; None for what is none.

    `Sat Feb 18 12:33:11 +0000 2023` (API v1.1, owner archives since 2019), `2015-01-24 02:02:37
    +0000` (owner archives before), ISO 8601 (API v2), RFC 2822, seconds or milliseconds since 1970.
    """
    text = str(value).strip()
    moment: dt.datetime | None = None
    for read in (
        _read_v1,
        _read_grailbird,
        dt.datetime.fromisoformat,
        _read_number,
        parsedate_to_datetime,
    ):
        try:
            moment = read(text)
        except (ValueError, OverflowError, OSError):
            continue
        break
    if moment is None:
        return None
    if moment.tzinfo is None:
        return ReadDay(moment.date(), utc=False)
    return ReadDay(moment.astimezone(dt.UTC).date(), utc=True)


def _read_v1(text: str) -> dt.datetime:
    return dt.datetime.strptime(text, "%a %b %d %H:%M:%S %z %Y")


def _read_grailbird(text: str) -> dt.datetime:
    return dt.datetime.strptime(text, "%Y-%m-%d %H:%M:%S %z")


def _read_number(text: str) -> dt.datetime:
    number = float(text)
    return dt.datetime.fromtimestamp(number / 1000 if number > _MILLISECONDS else number, dt.UTC)
