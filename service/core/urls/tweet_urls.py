"""The grammar of addresses: tweets' permalinks, short links, what a tweet's id tells.

Pure and linear in the length of the text. Grammar of t.co: twitter-text and docs/x-behaviour.md
1.2; of permalinks: docs/x-behaviour.md 5.
"""

import html
import re
from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
from operator import itemgetter
from typing import TypeAlias
from urllib.parse import unquote

from service.core.model import ShortLink, TweetRef
from service.core.text.escaping import INVISIBLE, cut_out, without_invisible

_SHORT_HOST = r"t\.co|pic\.(?:twitter|x)\.com"
# Hosts that show X's tweets under X's own paths (docs/x-behaviour.md 5.1 and 5.2), matched whole.
_TWEET_HOST = (
    r"(?:(?:www|mobile|m)\.)?(?:twitter|x)\.com"
    r"|(?:(?:www|mobile)\.)?twitter3e4tixl4xyajtrzo62zg5vztmjuricljdp2c5kshju4avyoid\.onion"
    r"|(?:(?:www|d|dl|t|i|g|m|o|mosaic|gif|video|pbs|api)\.)?(?:fxtwitter|fixupx|twittpr|xfixup|vxtwitter|fixvx)\.com"
    r"|(?:www\.)?(?:girlcockx|stupidpenisx|hitlerx|cunnyx|yiffx|mpregx|pxtwitter|xcancel)\.com|x\.is-terrible\.xyz"
    r"|(?:www\.)?nitter(?:\.[a-z0-9-]{1,63}){1,4}"
)
_SCHEME = r"(?P<scheme>(?:https?:)?//)?"
# re.ASCII: else IGNORECASE lets the Kelvin sign stand for a k, and \d reads digits of every script.
_FLAGS = re.IGNORECASE | re.ASCII
_HEAD = re.compile(
    rf"{_SCHEME}(?:(?P<short>{_SHORT_HOST})|(?P<tweet>{_TWEET_HOST}))(?::(?:80|443))?/|(?P<foreign>://)",
    _FLAGS,
)
# Every head holds one of these, and can begin so many characters before. Looking for them first,
# each sort by itself with the letters
# it begins with in the open, is a hundred times as quick as looking for heads.
_SCHEME_HINT, _SCHEME_REACH = "://", (5, 4, 0)  # `https`, `http`, neither
_HOST_HINT = re.compile(
    r"\.(?:(?P<onion>[oO][nN][iI][oO][nN](?::[0-9]{1,5})?/)"
    r"|(?:(?<=[rxlpRXLP]\.)[cC][oO][mM]|(?<=[tT]\.)[cC][oO]|(?<=[eE]\.)[xX][yY][zZ])(?::[0-9]{1,5})?/)",
)
_HOST_REACH, _ONION_REACH = range(26, -1, -1), range(76, -1, -1)
_NITTER_HINT, _NITTER_REACH = (
    re.compile(r"n[iI][tT][tT][eE][rR]\.|N[iI][tT][tT][eE][rR]\."),
    range(6, -1, -1),
)
_Hint: TypeAlias = tuple[int, int, Iterable[int]]
_PATH = re.compile(
    r"/?(?:(?:#|%23)!/)?(?:(?:dir|dl)/)?"
    r"(?:i/web/status/|i/videos/tweet/|i/cards/tfw/v1/|statuses/"
    r"|@?(?P<handle>(?:[a-z0-9]|\\?_){1,20})/(?:status(?:es)?|article)/)"
    r"(?P<id>[1-9][0-9]{0,19})(?![0-9])",
    _FLAGS,
)
_PLAIN = re.compile(
    r"https://(?:twitter|x)\.com/([A-Za-z0-9_]{1,20})/status/([1-9][0-9]{14,19})"
    r"(?:\?[A-Za-z0-9_\-.~%=&]*)?"
)
"""The common spelling, which means what it says whatever the others are."""
_NOT_HANDLES = frozenset(
    {"i", "web", "statuses", "status", "home", "intent", "search", "explore", "hashtag", "share"},
)
# from so many digits on, letters glued to an id are the next word; behind fewer they make it no id
_ID_CERTAIN = 15
# A query stops where an entity of HTML, the next address or punctuation of the sentence begins.
# An address behind `=` is a value. The page that X's script says an embed is in may be written out:
# its query belongs to it, and its letters are of scripts that part words by spaces.
_IN_QUERY = (
    r"(?!https?://|pic\.(?:twitter|x)\.com/)[a-z0-9_\-.~%=+:/@^]"
    r"|&amp;|&(?![a-z0-9#]{1,31};)"
)
_LETTERS = "À-ÖØ-öø-ɏͰ-ͽͿ-ϿЀ-ӿא-תء-غف-ي٠-٩پ-ۓ"
_PAGE = (
    rf"(?<=[?&;]ref_url=)https?://(?>(?:{_IN_QUERY}|[{_LETTERS}]|,(?=[a-z0-9])|\?(?=[a-z0-9_]+=))*"
    rf"(?<=[a-z0-9_\-=&/;{_LETTERS}]))"
)
_QUERY = rf"\?(?:{_PAGE}|(?<==)https?://|{_IN_QUERY}|\|(?=tw))*(?<=[a-z0-9_\-=&/;{_LETTERS}])"
_TAIL = re.compile(
    r"(?:/(?:photos?|videos?)/[0-9]{1,2})?(?:/(?:media-?viewer|media_tags|quotes|analytics|likes"
    r"|retweets(?:/with_comments)?|history|hidden|en|ja|es|de|fr|pt|it|ko|zh)(?![a-z0-9_]))?"
    rf"(?:\.(?:jpe?g|png|gif|webp|mp4|json|txt)(?![a-z0-9_]))?/?(?:{_QUERY})?(?:#[a-z0-9_\-=]+)?",
    _FLAGS,
)
_CODE = re.compile(r"[A-Za-z0-9]+")
_CODE_LONGEST = 40  # twitter-text refuses longer ones whole
_CODE_NOW = 10  # the length of every code since 2013 (docs/x-behaviour.md 1.2)
_CODE_QUERY = re.compile(rf"(?:{_QUERY}(?:#[a-z0-9_\-=]+)?)?", _FLAGS)
_TRUNCATED = re.compile(r"…|\.\.\.|&hellip;|&#8230;|&#x2026;", _FLAGS)
_NEXT_ADDRESS = re.compile(r"(?:https?(?=://)|pic(?=\.(?:twitter|x)\.com/))", _FLAGS)
_IN_A_URL = re.compile(r"[A-Za-z0-9\-._~:/?#@!$&'*+,;=%À-ɏЀ-ӿ]*")
_THREAD_NUMBER = re.compile(r"(?:^|[\s(\[])[0-9]{1,3}/$")
_REFERENCE_BEFORE = re.compile(r"&(?:amp;)*((?:#[0-9]{1,7}|#x[0-9a-f]{1,6}|[a-z]{2,8});)\Z", _FLAGS)
_DROPPED = dict.fromkeys(map(ord, "\t\r\n"))
_SHORT = 300  # characters of an address that is remembered with what it is
_SHORT_TEXT = 1000  # and of a text with the addresses in it
_LATIN = re.compile(r"[A-Za-z0-9À-ɏ]")


@dataclass(frozen=True, slots=True)
class FoundAddress:
    """An address in running text: half-open code point offsets, the text between them (invisible
    characters left out), and what it means.
    """

    start: int
    end: int
    address: str
    target: TweetRef | ShortLink


def _permalink(match: re.Match[str]) -> TweetRef | None:
    """Read what `_PATH` matched, unless letters behind a short number make it no id."""
    following = match.string[match.end() : match.end() + 1]
    if len(match["id"]) < _ID_CERTAIN and (
        following == "_" or (following.isascii() and following.isalnum())
    ):
        return None
    handle = match["handle"]
    if handle is not None and "\\" in handle:  # left over from Markdown
        handle = handle.replace("\\", "")
    return TweetRef(
        match["id"],
        None if handle is None or handle.lower() in _NOT_HANDLES else handle,
    )


def _code_end(text: str, start: int) -> int | None:
    """Where the code of a short link that begins at `start` ends; None if there is none or it is
    not whole.
    """
    run = _CODE.match(text, start)
    if run is None or run.end() - start > _CODE_LONGEST:
        return None
    end = run.end()
    if end - start > _CODE_NOW or text.startswith((":", "."), end):
        for glued in _NEXT_ADDRESS.finditer(text, max(start, end - 5), end + 17):
            if glued.end() == end:
                end = glued.start()
                break
    end = min(end, start + _CODE_NOW)
    return None if end == start or _TRUNCATED.match(text, end) else end


def read_permalink(address: str) -> TweetRef | None:
    """Read any spelling of a tweet's address, as it stands in an attribute (entities decoded); None
    if it is no tweet.

    Takes percent-encoding, white space around it and what people copied along behind the id
    (docs/x-behaviour.md 5.1).
    """
    return _remembered_permalink(address) if len(address) <= _SHORT else _permalink_of(address)


def _permalink_of(address: str) -> TweetRef | None:
    plain = _PLAIN.fullmatch(address)
    if plain is not None and plain[1].lower() not in _NOT_HANDLES:
        return TweetRef(plain[2], plain[1])
    return _spelled_permalink(address)


def _spelled_permalink(address: str) -> TweetRef | None:
    """Read an address in whatever spelling."""
    address = _unspaced(address)
    if address[:12].lower().startswith(("http%3a", "https%3a", "%2f%2f")):
        address = unquote(address)
    head = _HEAD.match(address)
    if head is None or head["tweet"] is None:
        return None
    path = _PATH.match(unquote(address[head.end() :]))
    return None if path is None else _permalink(path)


def read_short_link(address: str) -> ShortLink | None:
    """Read a whole t.co, pic.twitter.com or pic.x.com address, with or without scheme; None if it
    is none, or is cut off.

    All three have the same codes (docs/x-behaviour.md 1.4). The codes X gives out are
    `[A-Za-z0-9]{1,10}`; a hand-made one with a hyphen (`t.co/twitter-api-postman`) cannot be told
    from a code and a word, and is not read.
    """
    return _remembered_short_link(address) if len(address) <= _SHORT else _short_link_of(address)


def _short_link_of(address: str) -> ShortLink | None:
    address = _unspaced(address)
    head = _HEAD.match(address)
    if head is None or head["short"] is None:
        return None
    end = _code_end(address, head.end())
    if end is None:
        return None
    glued = unquote(address[end:])
    letters_glued = end - head.end() == _CODE_NOW and glued[:1].isalnum()
    whole = (
        glued.startswith(("?", "#"))
        or not glued.isascii()
        or letters_glued
        or not any(c.isalnum() for c in glued)
    )
    return ShortLink(address[head.end() : end]) if whole and not _TRUNCATED.match(glued) else None


# Detection, proof and rendering each read the same address again.
_remembered_permalink = lru_cache(maxsize=512)(_permalink_of)
_remembered_short_link = lru_cache(maxsize=512)(_short_link_of)


def _unspaced(address: str) -> str:
    """Drop what a browser drops from an address, and what is not seen in it: space and controls
    around it, tabs and line ends inside (WHATWG URL 4.4), zero-width characters.
    """
    if len(address) > 1 << 16:
        return ""
    return without_invisible(address.translate(_DROPPED)).strip().strip("\x00\x1f")


def _may_begin(text: str, head: re.Match[str], *, covered: bool) -> bool:
    """Whether an address may begin here: not inside a longer address, host name, mention, hashtag
    or cashtag (twitter-text).
    """
    start = head.start()
    before = text[start - 1 : start]
    if before == ";" and (reference := _REFERENCE_BEFORE.search(text, max(0, start - 24), start)):
        before = html.unescape(f"&{reference[1]}")[-1:]  # escaped twice: `https:&#x2F;&#x2F;t.co/…`
    scheme = head["scheme"]
    glued_to_word = _LATIN.match(before) is not None
    if not before or before in "@＠#＃$=\\":
        may = not before
    elif covered:
        may = scheme is not None and before in ",;!'*"
    elif scheme == "//":
        may = before not in ":/." and not glued_to_word
    elif before == "/":
        # "1/", "(2/" number the tweets of a thread; any other slash makes a path
        may = _THREAD_NUMBER.search(text[max(0, start - 6) : start]) is not None
    else:
        flattened = scheme is not None or (head["short"] or "").lower().startswith("pic.")
        may = flattened or not (before in "-_.&?%~+" or glued_to_word)
    return may


def _hints(text: str) -> list[_Hint]:
    """Return every place that could be in the beginning of an address, in order: start, end,
    and how far before it that may begin.
    """
    hints: list[_Hint] = [
        (match.start(), match.end(), _ONION_REACH if match["onion"] else _HOST_REACH)
        for match in _HOST_HINT.finditer(text)
    ]
    at = text.find(_SCHEME_HINT)
    while at >= 0:
        hints.append((at, at + len(_SCHEME_HINT), _SCHEME_REACH))
        at = text.find(_SCHEME_HINT, at + 1)
    if "nitter." in text.lower():
        hints.extend((*match.span(), _NITTER_REACH) for match in _NITTER_HINT.finditer(text))
    hints.sort(key=itemgetter(0))
    return hints


def _next_head(text: str, hints: list[_Hint], position: int) -> re.Match[str] | None:
    """Search for the next beginning of an address, ours or foreign, from `position` on."""
    for number in range(bisect_left(hints, position, key=itemgetter(0)), len(hints)):
        begins, ends, reach = hints[number]
        if begins < position:
            continue
        for before in reach:
            if begins - before >= position and (head := _HEAD.match(text, begins - before)):
                return head
        position = ends
    return None


def find_addresses(text: str) -> list[FoundAddress]:
    """Find permalinks and short links in running text as written (HTML entities not decoded), in
    order and disjoint.

    What is glued on in front or behind is left out; an address inside the path or query of another
    one is none. Invisible characters in one part nothing.
    """
    if "/" not in text:
        return []
    return list(_remembered_addresses(text)) if len(text) <= _SHORT_TEXT else _addresses_in(text)


def _addresses_in(text: str) -> list[FoundAddress]:
    if text.isascii() or INVISIBLE.search(text) is None:
        return _seen_addresses(text)
    joined, places = cut_out(INVISIBLE, text)
    return [
        replace(one, start=places[one.start], end=places[one.end - 1] + 1)
        for one in _seen_addresses(joined)
    ]


def _seen_addresses(text: str) -> list[FoundAddress]:
    found: list[FoundAddress] = []
    hints = _hints(text)
    position = run_end = (
        0  # run_end: the end of the run of URL characters that the last foreign address began
    )
    covered = False
    while hints and (head := _next_head(text, hints, position)):
        position = head.end()
        covered = covered and head.start() < run_end
        target: TweetRef | ShortLink | None = None
        end = position
        if head["foreign"] is None and _may_begin(text, head, covered=covered):
            if head["short"] is not None:
                code_end = _code_end(text, position)
                if code_end is not None:
                    target = ShortLink(text[position:code_end])
                    end = _end(_CODE_QUERY, text, code_end)
            elif path := _PATH.match(text, position):
                target = _permalink(path)
                end = _end(_TAIL, text, path.end())
        if target is not None:
            found.append(FoundAddress(head.start(), end, text[head.start() : end], target))
            position, covered = end, False
        elif head["foreign"] is not None or head["scheme"] is not None:
            covered = True
            if run_end < position:
                run_end = _end(_IN_A_URL, text, position)
    return found


@lru_cache(
    maxsize=256,
)  # a paragraph is read for its links, as a line, as a tweet's words and as their proof
def _remembered_addresses(text: str) -> tuple[FoundAddress, ...]:
    return tuple(_addresses_in(text))


def _end(pattern: re.Pattern[str], text: str, position: int) -> int:
    """Where a pattern that may match nothing ends."""
    match = pattern.match(text, position)
    return position if match is None else match.end()
