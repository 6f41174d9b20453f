"""The line that closes a flattened tweet: `— Name (@handle) DATE` in plain visible text
(docs/interface.md 2, docs/x-behaviour.md 4.2).

The handle in brackets with a date directly behind it is what is sure. The dash and the name are
looked for backwards from there, since tweets hold dashes too, and so do names.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from service.core.model import Attribution
from service.core.text.dates import GAP, find_date
from service.core.text.escaping import FILLERS, INVISIBLE, SELECTORS, cut_out, decoded_references

# Converters put a backslash before `@`, `_` and brackets, and hyphenators what is not seen.
_HANDLE = re.compile(
    rf"[(（]{GAP}{{0,8}}\\?[@＠](?:{INVISIBLE.pattern[:-1]}){{0,4}}"
    rf"(?P<handle>(?:\\?_|[A-Za-z0-9]){{1,20}}){GAP}{{0,8}}\\?[)）]"
)
_JOINERS = rf"[\u061c\u200c\u200d\u202a-\u202e\u2066-\u206f{SELECTORS}]"
_SOFT = re.compile(
    rf"[\u00ad\u180e\u2060-\u2064\ufeff{FILLERS}]+|(?<=[^\W\d])[\u200b\u200e\u200f]+(?=[^\W\d])"
    rf"|(?<=[A-Za-z0-9_(（@＠]){_JOINERS}+(?=[A-Za-z0-9_@＠)）])"
    rf"|(?<=[\w)）]){_JOINERS}+(?=[\s,.،)）])|(?<=\s){_JOINERS}+(?=[\w(（@＠])"
    r"|(?<=[\n\u2028])[ \t]{0,3}(?:>[ \t]?)+",
)
# What an attribution may hold, where references were escaped twice or stand in plain text.
_LEFT_OVER = re.compile(r"&(?:nbsp|ensp|emsp|thinsp|commat|lowbar|lpar|rpar|#[0-9x][0-9A-Fa-f]*);")
# X puts one blank between handle and date; pages put line ends, indents, a dot or a stroke there,
# text browsers the number of the link.
_TO_DATE = re.compile(rf"{GAP}*(?:[·•|,،:：–—-]{GAP}{{0,40}})?(?:\[[0-9]{{1,3}}\]{GAP}{{0,3}})?")

_GAPS = re.compile(rf"{GAP}+")
_SHORT_TEXT = 1000
_NAME_LONGEST = 60  # X allows 50 letters; `さん` and an emoji's parts take some more
_REACH = 160  # how far before the handle a dash is looked for: the name, and the gaps around it
# U+0096 and U+0097 are the dashes of Windows-1252 read as Latin-1.
# The others are UTF-8 read as Windows-1252, once or twice, as Latin-1, Windows-1251, Mac Roman, GBK
# or a page of DOS, and what no page had.
_DASH = re.compile(
    "(?P<em>[—―⸺]{1,2}|\u0097|&mdash;|&#(?:8212|x2014);"
    '|â(?:€[”"\u0094]|\u0080\u0094)|Ã¢â‚¬(?:â€[\u009d”]?|")|вЂ”|‚Äî|[ΓÔ]Çö)'
    "|&(?:ndash|#8211|#x2013);|--+|[-–‒−‐‑─\u0096]"
    "|â(?:€[“\u0093]|\u0080\u0093)|Ã¢â‚¬â€œ|вЂ“|‚Äì|[ΓÔ]Çô|鈥[\ufffd?]"
    "|\ufffd{1,3}|(?<!\\S)(?:\\?{1,3}|â)(?=\\s)"
)
_ADDRESS = r"(?:t\.co|pic\.(?:twitter|x)\.com)/[A-Za-z0-9]{1,40}…?"
_HOLDS_ADDRESS = re.compile(rf"{_ADDRESS}|://", re.IGNORECASE)
_IS_ADDRESS = re.compile(r"https?://(?!t\.co/|pic\.)[^\s/]+/?", re.IGNORECASE)
_ENDS_IN_ADDRESS = re.compile(
    rf"{_ADDRESS}(?:{GAP}?\[[0-9]{{1,3}}\])?{GAP}{{0,20}}\Z", re.IGNORECASE
)
_LINE_END = re.compile(r"[\n\r\u2028\u2029]")
_BLANK_LINE = re.compile(r"\n[^\S\n]*\r?\n|\u2029")
_LINE_LEAD = re.compile(
    r"(?:\A|[\n\r\u2028\u2029])[\s\"'>*_”“’‘»«\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]{0,80}\Z",
)
# The dot of an initial or a title ends no sentence.
_SENTENCE_END = re.compile(
    r"(?:[!?。！？]|(?<=[^\W\d_]{4})[.…])[\"”’»)」』]*(?:\s+|(?<=[。！？」』]))",
)
_REST_OF_LINE = re.compile(r"[^\S\n\r]{0,40}[\"”’»*_]{0,4}[^\S\n\r]{0,40}(?=[\n\r\u2028\u2029]|\Z)")
_WORD = re.compile(r"[^\W\d_][\w.'’-]*")
_SMALL_IN_NAMES = re.compile(
    r"v[ao]n|de[nrlis]?|d[aiou]s?|l[aeo]s?|e?l|of|the|and|al|bin|ibn|[eyi]|und|et|ter|zu|af|av",
)
_BARE_WORDS = 6


@dataclass(frozen=True, slots=True)
class FoundAttribution:
    """An attribution in a text: from its dash (or its name, where the dash was lost) to the end of
    its date, half-open. `dash` tells whether it has one.
    """

    start: int
    end: int
    attribution: Attribution
    dash: bool = True


@dataclass(frozen=True, slots=True)
class _Dash:
    """A dash before a handle that could be the attribution's."""

    start: int
    end: int
    em: bool  # what X writes
    # where X's stands: first on its line, or right behind the short link a tweet with media ends in
    fair: bool


def find_attributions(text: str) -> list[FoundAttribution]:
    """Find the attributions in plain visible text (entities decoded), in order and disjoint, in
    linear time.
    """
    return (
        list(_remembered_attributions(text)) if len(text) <= _SHORT_TEXT else _attributions_in(text)
    )


@lru_cache(maxsize=256)  # a quotation is read to find it, as a paragraph, and for its words
def _remembered_attributions(text: str) -> tuple[FoundAttribution, ...]:
    return tuple(_attributions_in(text))


def _attributions_in(text: str) -> list[FoundAttribution]:
    if "&" in text and _LEFT_OVER.search(text):
        decoded, starts, ends = decoded_references(text)
        return [
            replace(one, start=starts[one.start], end=ends[one.end - 1])
            for one in _attributions_in(decoded)
        ]
    if (text.isascii() and ">" not in text) or _SOFT.search(text) is None:
        return _seen_attributions(text)
    joined, places = cut_out(_SOFT, text)
    return [
        replace(one, start=places[one.start], end=places[one.end - 1] + 1)
        for one in _seen_attributions(joined)
    ]


def _seen_attributions(text: str) -> list[FoundAttribution]:
    found: list[FoundAttribution] = []
    floor = 0
    for handle in _HANDLE.finditer(text):
        gap = _TO_DATE.match(text, handle.end())
        date = find_date(text, gap.end()) if gap else None
        if date is None or handle.start() < floor:
            continue
        dash = _dash(text, floor, handle.start())
        bare = _bare_name(text, floor, handle.start(), date.end) if dash is None else None
        if dash is not None:
            start, name_start = dash.start, dash.end
        elif bare is not None:
            start = name_start = bare
        else:
            continue
        name = _tidied(text[name_start : handle.start()])
        found.append(
            FoundAttribution(
                start,
                date.end,
                Attribution(name or None, handle["handle"].replace("\\", ""), date.date),
                dash is not None,
            ),
        )
        floor = date.end
    return found


def _tidied(name: str) -> str:
    """Put a name on one line, without the invisible marks around it."""
    return _GAPS.sub(" ", name).strip().removesuffix("\\").rstrip()


def _may_be_name(name: str) -> bool:
    """Return whether a name is no longer than X allows (marks set on letters not counted) and holds
    no address, unless it is that of a website, and no blank line.
    """
    bare = _tidied(name)
    fits = (
        len(bare) <= _NAME_LONGEST
        or sum(unicodedata.category(c) not in {"Mn", "Me", "Cf"} for c in bare) <= _NAME_LONGEST
    )
    held = _HOLDS_ADDRESS.search(name) and not _IS_ADDRESS.fullmatch(bare)
    return fits and not held and not _BLANK_LINE.search(name.strip())


def _dashes(text: str, floor: int, handle_start: int) -> Iterator[_Dash]:
    """List the dashes that part words and leave a name that may be one, from left to right."""
    for match in _DASH.finditer(text, max(floor, handle_start - _REACH), handle_start):
        start, end = match.span()
        before = text[max(floor, start - 130) : start]
        fair = (
            (start - len(before) == floor and not before.strip())
            or (
                _LINE_LEAD.search(before) is not None
                and (start - len(before) == 0 or _LINE_END.search(before) is not None)
            )
            or _ENDS_IN_ADDRESS.search(before) is not None
        )
        em = match["em"] is not None
        parts_words = em or fair or not before[-1:].isalnum()
        name = text[end:handle_start]
        wrapped = _LINE_END.search(name.strip())
        if wrapped:
            # A name goes over a line's end only behind X's own dash, and where no sentence ends
            # before.
            parts_words = em and (fair or not _SENTENCE_END.search(name[: wrapped.start() + 2]))
        if parts_words and _may_be_name(name):
            yield _Dash(start, end, em, fair)


def _dash(text: str, floor: int, handle_start: int) -> _Dash | None:
    """Choose the attribution's dash; None if there is none.

    A fair one goes before another, X's em dash before other dashes, the later before the earlier.
    But where a sentence ends between a fair dash and a later em dash, the first one belonged to the
    tweet's words (a dialogue, a list).
    """
    dashes = list(_dashes(text, floor, handle_start))
    if not dashes:
        return None
    best = max(dashes, key=lambda dash: (dash.em, dash.fair, dash.start))
    on_this_line = [
        dash for dash in dashes if dash.fair and not _LINE_END.search(text, dash.end, handle_start)
    ]
    if on_this_line and (not best.fair or best.start < on_this_line[-1].start):
        best = on_this_line[-1]
    last = max(dashes, key=lambda dash: (dash.em, dash.start))
    spoken = text[best.end : last.start] if last.start > best.end else ""
    return last if re.search(r"[.!?…。！？\"”»]\W*\Z", spoken) else best


def _bare_name(text: str, floor: int, handle_start: int, date_end: int) -> int | None:
    """Find where the name of an attribution without a dash begins; None where it is rather prose
    about somebody.

    Asked for: nothing else on the line (a sentence's end or a short link may come first), and what
    looks like a name.
    """
    reach_start = max(floor, handle_start - _REACH)
    reach = text[reach_start:handle_start]
    breaks = [*_LINE_END.finditer(reach), *_SENTENCE_END.finditer(reach)]
    addresses = [*re.finditer(_ADDRESS, reach, re.IGNORECASE)]
    cut = max((match.end() for match in (*breaks, *addresses)), default=0)
    if cut == 0 and reach_start > 0:
        return None  # floor: another attribution's date comes first; or more words than a name has
    name = reach[cut:]
    name_start = reach_start + cut + len(name) - len(name.lstrip())
    behind_address = any(match.end() == cut for match in addresses)
    if not (behind_address or _REST_OF_LINE.match(text, date_end)):
        return None
    return name_start if _looks_like_name(name) else None


def _looks_like_name(name: str) -> bool:
    """Return a name from a piece of prose: few words, of those with capitals none small but the
    small words of names.
    """
    words = _WORD.findall(name)
    small = [word for word in words if word[0].islower() and not _SMALL_IN_NAMES.fullmatch(word)]
    return (
        _may_be_name(name)
        and len(words) <= _BARE_WORDS
        and (not small or len(words) == 1)
        and not re.search(r"[,;:、，；：。]", name)
    )
