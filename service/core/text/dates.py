"""Dates as X writes and wrote them below a tweet, in the languages of `core/text/cldr_data.py`
(docs/x-behaviour.md 4).

A date is a whole calendar day; X writes the UTC day of the tweet. Orders and names come from CLDR;
the older orders (`5月 11, 2012`, `2016, 2月 9`, `7 Oct 2016`) are read with the month names of
every language.
"""

import datetime as dt
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TypeAlias

from service.core.text.cldr_data import HALVES_OF_THE_DAY, LOCALES

GAP = r"[\s\u200b\u200e\u200f\u061c\u202a-\u202e\u2060\u2066-\u2069\ufeff]"
"""White space of any kind, and the invisible marks that steer text direction, as a class for `re`.
"""

_FIRST_YEAR, _LAST_YEAR = 2006, 2100  # the first tweet is of 2006
_BUDDHIST = 543  # years between the Thai and the common era
_MARCH_OF_BUDDHA = 2500  # a year beyond this one is of the Thai era

_DAY = r"(?P<day>\d{1,2})(?:er|[ºª]|st|nd|rd|th)?"
_YEAR = r"(?P<year>\d{4})(?!\d)"
_GAPS = rf"{GAP}{{1,40}}"
_MAYBE_GAPS = rf"{GAP}{{0,40}}"
_ERA = r"(?:พ\.ศ\.|ค\.ศ\.|พุทธศักราช|คริสต์ศักราช)?"
_TIME_OF_DAY = (
    r"(?:(?:{halves}){gap}{{0,3}})?\d{{1,2}}[:.٫h]\d{{2}}(?:[:.]\d{{2}})?(?!\d)(?:{gap}{{0,3}}(?:{halves})(?!\w))?(?:{gap}(?:UTC|GMT))?"
).format(
    gap=GAP,
    halves="|".join(
        re.escape(half) for half in sorted(HALVES_OF_THE_DAY.split("|"), key=len, reverse=True)
    ),
)
_BEFORE = re.compile(rf"{_TIME_OF_DAY}{GAP}{{0,8}}[-–—·•,|]?{GAP}{{0,8}}", re.IGNORECASE)
_AFTER = re.compile(
    r"[,،]?[ \t\u00a0\u202f]{1,4}(?:(?:[-–—·•|]|at|à|um|às)["
    rf" \t\u00a0\u202f]{{1,4}})?{_TIME_OF_DAY}",
    re.IGNORECASE,
)

_Months: TypeAlias = dict[str, int]
_Order: TypeAlias = tuple[re.Pattern[str], _Months]
_Trie: TypeAlias = dict[str, "_Trie"]


@dataclass(frozen=True, slots=True)
class FoundDate:
    """A date in a text: where it ends (half-open, code points) and the day."""

    end: int
    date: dt.date


def _folded(name: str) -> str:
    """Bring a month's name as found to the form in which it is known: small letters, one
    apostrophe, no dots, one space.
    """
    name = unicodedata.normalize("NFC", re.sub(rf"{GAP}+", " ", name)).casefold()
    return (
        re.sub("['ʼ׳]", "’", name)
        .replace("i\u0307", "i")
        .replace("ı", "i")
        .replace(".", "")
        .replace("॰", "")
    )


def _spellings(name: str) -> Iterator[str]:
    """Spell a name as people do: composed, decomposed, and without accents or nukta (`aout`,
    `फरवरी`).
    """
    decomposed = unicodedata.normalize("NFD", name)
    yield unicodedata.normalize("NFC", name)
    yield decomposed
    yield re.sub("[\u0300-\u036f\u093c\u09bc]", "", decomposed)


def _one_of(names: Iterable[str]) -> str:
    """Write a pattern that matches the longest of the names in time that does not grow with their
    number.
    """
    trie: _Trie = {}
    for name in names:
        node = trie
        for letter in name:
            node = node.setdefault(letter, {})
        node[""] = {}

    def written(node: _Trie) -> str:
        branches = [_letter(letter) + written(child) for letter, child in node.items() if letter]
        if not branches:
            return ""
        return (
            f"(?:{'|'.join(branches)}){'?' if '' in node else ''}"
            if len(branches) > 1 or "" in node
            else branches[0]
        )

    return written(trie)


def _letter(letter: str) -> str:
    """Write one letter of a name: blanks, apostrophes, dots of an abbreviation and syllables of
    Hangul come in several forms.
    """
    if letter == " ":
        return rf"{GAP}{{1,8}}"
    if letter in "’׳":
        return "['’ʼ׳]"
    if "가" <= letter <= "힣":
        return f"(?:{letter}|{unicodedata.normalize('NFD', letter)})"
    return rf"{re.escape(letter)}?" if letter in ".॰" else re.escape(letter)


def _written(pattern: str, months: str) -> str:
    """Turn a CLDR pattern (UTS 35: y, M, MMM, d, G, quoted words) into one for `re`; `months`
    matches a month's name.
    """
    signs = {
        "y": _YEAR,
        "d": _DAY,
        "M": r"(?P<number>\d{1,2})",
        "MMM": rf"(?P<name>{months})\.?",
        "G": _ERA,
    }
    written = ""
    joined = re.search("[年년]", pattern) is not None  # scripts that need no space
    last = ""
    for sign in re.findall(r"'[^']*'|MMM|[yMdG]|.", pattern):
        if sign in signs:
            written += signs[sign]
        elif sign == " ":
            written += _MAYBE_GAPS if joined or last == "y" else _GAPS
        elif sign in ".,،":
            written += rf"\{sign}" if last == "d" and sign == "." else "[.,،、]?"
        else:
            written += "".join(map(_letter, sign.strip("'"))) + (
                r"(?!\w)" if sign[0] == "'" else ""
            )
        last = sign
    return written


_FEW_GAPS = rf"{GAP}{{0,8}}"
_ANY_ORDER = (  # what older X wrote in every language, and what CLDR's spacing has been
    (
        rf"{_DAY}[.．]?{_MAYBE_GAPS}(?:de{GAP}|d['’]|ב[-־]?)?(?P<name>MONTHS)(?:[.,،、"
        rf"]{{0,2}}{_GAPS}|[.,،、])(?:del?{_GAPS})?{_ERA}{_MAYBE_GAPS}{_YEAR}"
    ),
    rf"(?P<name>MONTHS)\.?{_GAPS}{_DAY}(?:[.,،、]{{1,2}}{_MAYBE_GAPS}|{_GAPS}){_YEAR}",
    rf"{_YEAR}[.,،、]?{_GAPS}(?P<name>MONTHS)\.?{_GAPS}{_DAY}(?!\d)",
    r"(?P<year>\d{4})(?P<mark>[-/.])(?P<number>\d{1,2})(?P=mark)(?P<day>\d{1,2})(?!\d)",
    (
        rf"{_YEAR}{_FEW_GAPS}[年년]{_FEW_GAPS}[,，、]?{_FEW_GAPS}(?P<number>\d{{1,2}}){_FEW_GAPS}[月월]"
        rf"{_FEW_GAPS}[,，、]?{_FEW_GAPS}(?P<day>\d{{1,2}}){_FEW_GAPS}[日號号일]"
    ),
    rf"(?:ngày{_GAPS})?{_DAY}{_GAPS}(?P<name>tháng{_GAPS}(?:1[0-2]|0?[1-9])){_GAPS}năm{_GAPS}{_YEAR}",
)


# In Serbian and Bosnian a date has its month in the genitive, which CLDR has not.
_GENITIVES = (
    "januara|јануара;februara|фебруара;marta|марта;aprila|априла;maja|маја;juna|јуна;jula|јула;"
    "avgusta|августа|augusta;septembra|септембра;oktobra|октобра;novembra|новембра;"
    "decembra|децембра"
)


@dataclass(frozen=True, slots=True)
class _DateOrders:
    """The orders, each with the months of its languages, the likelier language first; those of
    them that can begin with anything but a digit; and the months of all languages.
    """

    orders: list[_Order]
    orders_of_words: list[_Order]
    every_month: _Months


@cache
def _known() -> _DateOrders:
    """Compile the orders, when a date is first looked for: it takes long."""
    by_pattern: dict[str, _Months] = {}
    spelt: dict[str, dict[str, None]] = {}
    every: _Months = {}
    every_spelling: dict[str, None] = {}
    for _, patterns, names in LOCALES:
        for pattern in patterns.split("|"):
            months = by_pattern.setdefault(pattern, {})
            spellings = spelt.setdefault(pattern, {})
            for number, forms in enumerate(names.split(";"), 1):
                for spelling in (
                    spelling for form in forms.split("|") for spelling in _spellings(form)
                ):
                    for known, seen in ((months, spellings), (every, every_spelling)):
                        known.setdefault(_folded(spelling), number)
                        seen[spelling] = None
    genitives = {
        form: number
        for number, forms in enumerate(_GENITIVES.split(";"), 1)
        for form in forms.split("|")
    }
    for form, number in genitives.items():
        every.setdefault(form, number)
        every_spelling[form] = None
    orders = [
        (re.compile(_written(p, _one_of(spelt[p])), re.IGNORECASE), by_pattern[p])
        for p in by_pattern
    ]
    serbian = _written("d. MMM y.", _one_of(genitives))
    orders.append((re.compile(serbian, re.IGNORECASE), genitives))
    any_month = _one_of(every_spelling)
    orders += [
        (re.compile(order.replace("MONTHS", any_month), re.IGNORECASE), every)
        for order in _ANY_ORDER
    ]
    of_words = [
        (order, months)
        for order, months in orders
        if not order.pattern.startswith(("(?P<day>", "(?P<year>"))
    ]
    return _DateOrders(orders, of_words, every)


def prepare_dates() -> None:
    """Do what the first date of a process would wait for."""
    _known()


def _day_of(match: re.Match[str], months: _Months) -> dt.date | None:
    """Make a day of a match; None where the calendar has no such day or X had no tweets."""
    parts = match.groupdict()
    if parts.get("number") is not None:
        month = int(parts["number"])
    else:
        month = months.get(_folded(parts["name"])) or _known().every_month.get(
            _folded(parts["name"]), 0
        )
    year = int(parts["year"])
    if year > _MARCH_OF_BUDDHA and re.search("[\u0e00-\u0e7f]", match[0]):
        year -= _BUDDHIST
    if not _FIRST_YEAR <= year <= _LAST_YEAR:
        return None
    try:
        return dt.date(year, month, int(parts["day"]))
    except ValueError:
        return None


def find_date(text: str, position: int = 0) -> FoundDate | None:
    """Read the longest date that begins exactly at `position`, with a time of day before or behind
    it; None if there is none.

    Where two languages read one text differently, X's languages come first, in X's order.
    """
    starts = [position]
    if time := _BEFORE.match(text, position):
        starts.append(time.end())
    best: FoundDate | None = None
    for start in starts:
        numeric = text[start : start + 1].isdecimal()
        for order, months in _known().orders if numeric else _known().orders_of_words:
            match = order.match(text, start)
            if (
                match
                and (best is None or match.end() > best.end)
                and (date := _day_of(match, months))
            ):
                best = FoundDate(match.end(), date)
    best = best or _find_with_both_names(text, position)
    if best and (time := _AFTER.match(text, best.end)):
        return FoundDate(time.end(), best.date)
    return best


_MONTH = r"[^\W\d_]{2,12}(?: [^\W\d_]{2,12})?"
_BOTH_NAMES = rf"(?P<name>{_MONTH}){_FEW_GAPS}[/(]{_FEW_GAPS}(?P<other>{_MONTH}){_FEW_GAPS}\)?"
_WITH_BOTH_NAMES = tuple(
    re.compile(order)
    for order in (
        rf"{_DAY}{_GAPS}{_BOTH_NAMES}[,،]?{_GAPS}{_YEAR}",
        rf"{_BOTH_NAMES}{_GAPS}{_DAY}[,،]?{_GAPS}{_YEAR}",
    )
)


def _find_with_both_names(text: str, position: int) -> FoundDate | None:
    """Read a date that names its month twice, as Arabic newsrooms do: `5 آذار/مارس 2024`,
    `5 آذار (مارس) 2024`.
    """
    reach = text[position : position + 60]
    if "/" not in reach and "(" not in reach:
        return None
    months = _known().every_month
    for order in _WITH_BOTH_NAMES:
        match = order.match(text, position)
        if match is None or months.get(_folded(match["name"])) != months.get(
            _folded(match["other"])
        ):
            continue
        if date := _day_of(match, months):
            return FoundDate(match.end(), date)
    return None


_ANY_GAP = re.compile(rf"{GAP}*")


@lru_cache(maxsize=1024)  # the same few labels stand below the same few tweets
def read_date(text: str) -> dt.date | None:
    """Read a whole string that is a date as X writes or wrote it, white space around it aside; None
    if it is anything else.
    """
    start = _ANY_GAP.match(text)
    found = find_date(text, start.end() if start else 0)
    return found.date if found and _ANY_GAP.fullmatch(text, found.end) else None
