"""Whose tweet a quotation is: its attribution, and the permalink that closes it.

Read from what shows, whatever markup it stands in: detection, the check of an embed that stays and
the words of a tweet that is gone all ask here, and so agree.
"""

import datetime as dt
import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

from service.core.model import Attribution, TweetRef
from service.core.text.attribution import find_attributions
from service.core.text.dates import GAP, FoundDate, find_date, read_date
from service.core.text.escaping import INVISIBLE, is_seen, without_invisible
from service.core.urls.snowflake import snowflake_time

_UNSEEN = INVISIBLE.pattern.removesuffix("+")
_HANDLE = re.compile(
    rf"[(（]{GAP}{{0,8}}[@＠](?P<handle>(?:[A-Za-z0-9_]|{_UNSEEN}){{1,40}}){GAP}{{0,8}}[)）]"
)
_BETWEEN = re.compile(rf"{GAP}*(?:[·•|,،:：–—-]{GAP}{{0,40}})?")
_DASH = re.compile(r"(?:^|(?<=\s))(?:&mdash;|[—–―‒-]|--)(?=\s|$)|—")
_NUMERIC = re.compile(r"\s*(\d{1,2})([./-])(\d{1,2})\2(\d{4})\s*")
_NO_MORE = re.compile(r"[^\S\n]*+(?:\n|\Z)")  # on the line
_MOST_LINKS = 20  # that could close the words by their date, from the last one
_LONGEST_LINE = 400  # characters before a handle that may hold the name


@dataclass(frozen=True, slots=True)
class QuotedLink:
    """A link to a tweet in a quotation's text: where it shows, and whose tweet it leads to."""

    start: int
    end: int
    target: TweetRef


@dataclass(frozen=True, slots=True)
class Signature:
    """The line that closes a quotation: where it stands in the text, its permalink behind the name
    included, and what it says.
    """

    start: int
    end: int
    attribution: Attribution
    link: QuotedLink | None = None

    @property
    def contradicts(self) -> bool:
        """Whether name and permalink are of different tweets."""
        return self.link is not None and contradicts(self.attribution, self.link.target)


@dataclass(frozen=True, slots=True)
class Quotation:
    """What a quotation's text says of whose tweet it is. `closings` are there where it closes more
    than one tweet, each with a permalink, or the same one again: the lines that do, in order.
    """

    signature: Signature | None
    is_stub: bool = False
    closings: tuple[Signature, ...] = ()

    @property
    def several(self) -> bool:
        """Whether it closes more than one tweet."""
        closed = (one.link for one in self.closings if not one.contradicts)
        return len({link.target.id for link in closed if link}) > 1

    @property
    def permalink(self) -> TweetRef | None:
        """The tweet's own permalink; None where there is none, or another's stands in its place."""
        one = self.signature
        return one.link.target if one and one.link and not one.contradicts else None


def contradicts(attribution: Attribution, tweet: TweetRef) -> bool:
    """Return whether an attribution cannot be a tweet's: another handle, or another day.

    A permalink without a handle contradicts none; days count from two apart, for time zones.
    """
    said, named = attribution.handle, tweet.handle
    if said and named and without_invisible(said).lower() != named.lower():
        return True
    time = snowflake_time(tweet.id)
    if attribution.date is None or time is None:
        return False
    return abs((time.date() - attribution.date).days) > 1


def read_quotation(text: str, links: Sequence[QuotedLink]) -> Quotation:
    """Read a quotation that shows `text`, line feeds at the edges of blocks; `links` are those of
    it that lead to tweets, in order.

    A link that stands among the words, or behind the attribution, is not the tweet's own.
    """
    shown = text.strip()
    if links and _shows_one_link(text, shown, links):
        link = links[-1]
        said = find_attributions(shown)
        named = said[-1].attribution if said else Attribution(None, link.target.handle, None)
        return Quotation(Signature(link.start, link.end, named, link), is_stub=True)
    linked: list[Signature] = []
    others: list[Signature] = []
    for one in _signatures(text, links):
        (linked if one.link else others).append(one)
    dated = _dated_link(text, links)
    if dated is not None and not (linked and linked[-1].end >= dated.end):
        dashed = _DASH.match(text, dated.start) is not None
        if dashed or not (linked or others):
            linked.append(dated)
    ids = {one.link.target.id for one in linked if one.link and not one.contradicts}
    closing = linked[-1] if linked else others[-1] if others else None
    again = any(is_seen(text, one.end, other.start) for one, other in pairwise(linked))
    if len(ids) > 1 or again:
        return Quotation(closing, closings=tuple(sorted([*linked, *others], key=_start)))
    return Quotation(closing)


def _start(signature: Signature) -> int:
    return signature.start


def _shows_one_link(text: str, shown: str, links: Sequence[QuotedLink]) -> bool:
    """Return whether nothing shows but links to one tweet."""
    if len({link.target.id for link in links}) > 1:
        return False
    return any(text[link.start : link.end].strip() == shown for link in links)


def _signatures(text: str, links: Sequence[QuotedLink]) -> Iterator[Signature]:
    """Return the attributions with a handle in brackets, in order, each with the permalink right
    behind it or around it.
    """
    found = {one.end: one for one in find_attributions(text)}
    reach = list(accumulate((one.end for one in links), max))
    for handle in _HANDLE.finditer(text):
        gap = _BETWEEN.match(text, handle.end())
        behind = gap.end() if gap else handle.end()
        date = find_date(text, behind)
        near = _near(links, bisect_right(reach, handle.start()), _next_end(text, behind, date))
        link = next((one for one in near if _closes(text, handle, behind, date, one)), None)
        end = max(date.end if date else handle.end(), link.end if link else 0)
        known = found.get(date.end) if date else None
        if known is not None:
            yield Signature(known.start, end, known.attribution, link)
            continue
        start, dashed = _name_start(text, handle.start())
        last = _NO_MORE.match(text, handle.end()) is not None
        if link is None and not (dashed and (date or last)):
            continue  # a handle in a sentence
        name = _DASH.sub("", text[start : handle.start()], count=1)
        day = date.date if date else _date_of(text, link, handle.end()) if link else None
        named = Attribution(
            without_invisible(name).strip() or None, without_invisible(handle["handle"]), day
        )
        yield Signature(start, end, named, link)


def _next_end(text: str, behind: int, date: FoundDate | None) -> int:
    """Return up to where a link may begin that closes a handle."""
    gap = _BETWEEN.match(text, date.end) if date else None
    return max(behind, gap.end() if gap else 0)


def _near(links: Sequence[QuotedLink], first: int, until: int) -> Iterator[QuotedLink]:
    """Return the links from one on, by number, that begin up to a place."""
    for number in range(first, len(links)):
        if links[number].start > until:
            return
        yield links[number]


def _closes(
    text: str,
    handle: re.Match[str],
    behind: int,
    date: FoundDate | None,
    link: QuotedLink,
) -> bool:
    """Return whether a permalink holds a handle, or follows it, at most a date in between."""
    if link.start <= handle.start() < link.end:
        return True
    if link.start <= behind <= link.end and link.start >= handle.end():
        return True
    if date is None or link.start < date.end:
        return False
    gap = _BETWEEN.match(text, date.end)
    return gap is not None and link.start <= gap.end()


def _name_start(text: str, handle_start: int) -> tuple[int, bool]:
    """Return where the name before a handle begins, at its dash or where its line does, and whether
    a dash is there.
    """
    begin = max(0, handle_start - _LONGEST_LINE)
    line = text.rfind("\n", begin, handle_start) + 1 or begin
    before = text[line:handle_start]
    if not before.strip():  # the name stands on the line before
        line = text.rfind("\n", begin, max(begin, line - 1)) + 1 or begin
        before = text[line:handle_start]
    dashes = list(_DASH.finditer(before))
    if dashes:
        em = [dash for dash in dashes if dash[0] in {"—", "&mdash;"}]
        return line + (em or dashes)[-1].start(), True
    return line + len(before) - len(before.lstrip()), False


def _dated_link(text: str, links: Sequence[QuotedLink]) -> Signature | None:
    """Return the last permalink behind words whose text is a date, or that is alone on the last
    line, a dash and a name aside.
    """
    begins, ends = len(text) - len(text.lstrip()), len(text.rstrip())
    looked_at = 0
    for link in reversed(links):
        label = text[link.start : link.end]
        date = read_date(without_invisible(label).strip())
        closes = link.end >= ends
        if link.start <= begins or not (date or (closes and label.strip())):
            continue
        looked_at += 1
        if looked_at > _MOST_LINKS:
            return None
        line = text.rfind("\n", 0, link.start) + 1
        before = text[line : link.start]
        dashes = list(_DASH.finditer(before))
        first = not any(line <= one.start < link.start for one in links)
        dashed = _DASH.match(before.lstrip()) is not None
        only_name = first and dashed and not _HANDLE.search(before)
        alone = closes and (not before.strip() or only_name)
        if not (date or alone):
            continue
        if before.strip() and not dashes and not closes and text[link.end : ends].strip():
            continue  # a date in a sentence
        start = line + dashes[-1].start() if dashes else link.start
        name = before[dashes[-1].end() :].strip() if dashes else ""
        said = Attribution(name or None, link.target.handle, _unambiguous(label, date))
        return Signature(start, link.end, said, link)
    return None


def _date_of(text: str, link: QuotedLink, behind: int) -> dt.date | None:
    """Return the day that a permalink shows behind a handle."""
    label = without_invisible(text[max(link.start, behind) : link.end]).strip()
    return _unambiguous(label, read_date(label))


def _unambiguous(label: str, date: dt.date | None) -> dt.date | None:
    """Return a day unless its digits could be day and month, or month and day."""
    numbers = _NUMERIC.fullmatch(label)
    return None if numbers and max(int(numbers[1]), int(numbers[3])) <= 12 else date  # noqa: PLR2004
