"""Markup of which a parser makes far more than is written, read as what makes no more; and markup
that is nothing but tags, read as far as there is room for (docs/decisions/0039).

A browser opens formatting that nobody closed again in every block behind it, each time as a new
element (WHATWG 13.2.4.3), and takes every attribute of every further `<html>` into the first one
(13.2.6.4.7). A few kilobytes so become gigabytes of tree.
"""

import re
from collections import Counter, defaultdict
from itertools import islice

_SHORT = 10_000
"""Characters in which there is no room for too many attributes."""
_FEW_TAGS = 600
"""Tags of which no parser makes too many copies, whatever they are."""
_MOST_COPIES = 200_000
"""Copies of formatting elements that a tree may hold, some 30 MB."""
_MOST_ALIKE = 3
"""Equal ones that are open at the same time for a parser (WHATWG, the "Noah's Ark clause")."""
_ATTRIBUTES_OF_ONE = 10
"""Characters of attributes that weigh as much as an element."""

_MOST_TAGS = 100_000
"""Tags that are read: each is an element, of which a tree and what is read of it take up to one kB.
"""
_SPARSE = 40
"""Characters for each tag in an article that is long enough to hold more than so many."""
_NO_END_TAG = re.compile(r"<(?!/)")

_FORMATTING = re.compile(
    r"<(?P<slash>/?)(?P<name>a|b|big|code|em|font|i|nobr|s|small|strike|strong|tt|u)"
    # up to the first `>`, and up to the first one that is in no quotes
    r"(?=[\s/>](?P<whole>(?>(?:[^\"'>]++|\"[^\"]*\"|'[^']*'|[\"'])*)))(?P<attributes>[^>]*)",
    re.IGNORECASE,
)
_FURTHER_ROOT = re.compile(r"<html(?=[\s/])", re.IGNORECASE)


def without_growth(source: str) -> str:
    """Return a source whose tree is no larger than what is written in it, and than there is room
    for: as it is, but for articles that nobody writes.

    There, formatting becomes elements that HTML does not know, which end where they stand, and
    `<html>` a `<head>`, which is left out wherever it stands; offsets stay. One of too many tags
    ends before the first of these.
    """
    source = _up_to_most_tags(source)
    if len(source) > _SHORT:
        source = _FURTHER_ROOT.sub("<head", source)
    if source.count("<") <= _FEW_TAGS or _copies(source) <= _MOST_COPIES:
        return source
    return _FORMATTING.sub(_unknown, source)


def _copies(source: str) -> int:
    """Return how many copies of formatting elements a parser may make, at most: in front of each
    tag, of all that are open. Attributes count as elements do, by their length.
    """
    opened: dict[str, list[str]] = defaultdict(list)
    alike: Counter[str] = Counter()
    weight = copies = at = 0
    for tag in _FORMATTING.finditer(source):
        if weight:
            copies += weight * source.count("<", at, tag.start())
        at = tag.end()
        name = tag["name"].lower()
        if opened[name] and (tag["slash"] or name == "a"):  # one link ends another
            closed = opened[name].pop()
            alike[closed] -= 1
            weight -= _weight(closed)
        written = name + tag["whole"]
        if not tag["slash"] and alike[written] < _MOST_ALIKE:
            opened[name].append(written)
            alike[written] += 1
            weight += _weight(written)
    return copies + weight * source.count("<", at)


def _weight(tag: str) -> int:
    return 1 + len(tag) // _ATTRIBUTES_OF_ONE


def _unknown(tag: re.Match[str]) -> str:
    """Return a tag of formatting as one of the same length that is none; code stays code."""
    name = "samp" if tag["name"].lower() == "code" else "x" * len(tag["name"])
    return f"<{tag['slash']}{name}{tag['attributes']}"


def _up_to_most_tags(source: str) -> str:
    """Return a source up to where it has more tags than are read, end tags not counted."""
    most = max(_MOST_TAGS, len(source) // _SPARSE)
    if len(source) <= most or source.count("<") - source.count("</") <= most:
        return source
    first = next(islice(_NO_END_TAG.finditer(source), most, None))
    return source[: first.start()]
