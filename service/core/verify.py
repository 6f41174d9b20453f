"""Verify that an id recovered from flattened text is the tweet that the text quotes: a wrong tweet
is worse than no tweet (docs/interface.md, promise 5).
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from service.core.html.document import LINE_BREAK
from service.core.mentions import FlattenedText, Mention
from service.core.model import Attribution, LineBreak, Reason, Tweet, TweetLink, TweetRef
from service.core.text.letters import comparable_letters, place_of_letter
from service.core.text.typography import MAIL_QUOTE, made_alike, without_numbers, wrapped_codes
from service.core.urls.snowflake import snowflake_time
from service.core.urls.tweet_urls import find_addresses, read_short_link

CERTAIN = 1.0
LIKELY = 0.9
DOUBTFUL = 0.5

_URL = re.compile(
    r"(?<=\[)https?://[^\s\u2028\]]++(?=\])|(?<=<)https?://[^\s\u2028<>]++(?=>)"
    r"|https?://[^\s\u2028]*",
    re.IGNORECASE,
)
# As X shows a link: without its scheme, cut off.
_SHORTENED = re.compile(
    r"(?<![\w.@/-])(?:[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?\.){1,6}[a-z]{2,24}/[^\s\u2028]*",
    re.IGNORECASE,
)
_ELLIPSIS = ("…", "...")
_ENOUGH = 20  # letters that must agree before an ellipsis may stand for the rest


@dataclass(frozen=True, slots=True)
class Proof:
    """How sure it is that a tweet is the one quoted, and the characters of the visible text that
    are its words and its attribution; `is_wider` tells that this is the text of `Mention.wider`.
    """

    confidence: float
    start: int
    end: int
    is_wider: bool = False


def find_mismatch(attribution: Attribution, candidate: TweetRef) -> Reason | None:
    """Return why a resolved address cannot be the attributed tweet: another handle, or another UTC
    day; None if it can.

    Re-used media leads to somebody else's tweet (docs/x-behaviour.md 1.5). An id from before
    snowflakes does not tell its day: not believed. An address that names nobody
    (`i/web/status/ID`) speaks against nobody: then X's answer must name the handle, as `is_author`
    tells.
    """
    if candidate.handle is not None and not _same_handle(candidate.handle, attribution.handle):
        return Reason.OTHER_TWEET
    time = snowflake_time(candidate.id)
    return None if time is not None and time.date() == attribution.date else Reason.DATE


def is_author(attribution: Attribution, tweet: Tweet) -> bool:
    """Return whether X's answer names the attributed author, letter case aside."""
    return _same_handle(tweet.author_handle, attribution.handle)


def _same_handle(one: str | None, other: str | None) -> bool:
    return (one or "").lower() == (other or "").lower()


def verify_words(mention: Mention, tweet: Tweet) -> Proof | None:
    """Compare the words of a mention with the tweet's, with those of the elements before its own
    where its own are not all of them; None if they do not agree.
    """
    proof = verify_text(mention.flat, tweet) if mention.flat else None
    if proof is not None or mention.wider is None:
        return proof
    wider = verify_text(mention.wider.flat, tweet)
    return replace(wider, is_wider=True) if wider else None


def verify_text(flat: FlattenedText, tweet: Tweet) -> Proof | None:
    """Compare the words before the attribution with the tweet's; None if they do not agree.

    Both are compared after NFC, without addresses and white space. The tweet's words must be the
    last before the attribution; what stands in front of them is the article's own. Confidence is
    1.0 if all agree, 0.9 if they agree but for a truncated end, links, emoji or typography.
    """
    for number, (mine, wanted) in enumerate(_readings(flat.text, tweet)):
        begins, whole = _where(comparable_letters(mine), wanted)
        if begins is not None and (
            wanted or number == 0
        ):  # with everything left out, everything would agree
            start, certain = _start(flat, tweet, place_of_letter(mine, begins), begins)
            sure = number == 0 and whole and certain
            return Proof(CERTAIN if sure else LIKELY, start, flat.attribution_end)
    mine = _emoji(made_alike(_shown(flat.text, tweet)), _EMOJI)
    lost = _where_emoji_are_lost(comparable_letters(mine), _wanted(tweet).marked)
    if lost is not None:
        start, _ = _start(flat, tweet, place_of_letter(mine, lost), lost)
        return Proof(LIKELY, start, flat.attribution_end)
    return None


def _readings(text: str, tweet: Tweet) -> Iterator[tuple[str, str]]:
    """Return what is compared, the article's text and the letters of the tweet's words, with
    more and more left out or made alike.
    """
    mine = _addresses(text)
    wanted = _wanted(tweet)
    yield mine, wanted.whole
    yield _emoji(mine), wanted.without_emoji
    shown = _shown(text, tweet)
    yield _emoji(shown), wanted.without_emoji
    typed = made_alike(shown)
    yield typed, wanted.alike
    alike = _emoji(typed)
    yield alike, wanted.alike_without_emoji
    if _SHORTENED.search(alike):
        bare = _SHORTENED.sub(lambda match: " " * len(match[0]), alike)
        yield bare, wanted.alike_without_emoji


@dataclass(frozen=True, slots=True)
class _Letters:
    """The letters of a tweet's words, its addresses left out, and the same with typography made
    alike; each with emoji and without, and at last with `_EMOJI` for them.
    """

    whole: str
    without_emoji: str
    alike: str
    alike_without_emoji: str
    marked: str


@lru_cache(maxsize=4096)  # an article comes again with every save, its tweets with it
def _wanted(tweet: Tweet) -> _Letters:
    words = _addresses(_words(tweet))
    alike = made_alike(words)
    return _Letters(
        comparable_letters(words),
        comparable_letters(_emoji(words)),
        comparable_letters(alike),
        comparable_letters(_emoji(alike)),
        comparable_letters(_emoji(alike, _EMOJI)),
    )


def begins_with_words(text: str, tweet: Tweet) -> bool:
    """Return whether a text begins with a tweet's words, whatever is behind them."""
    wanted = _wanted(tweet).whole
    return len(wanted) >= _ENOUGH and comparable_letters(_addresses(text)).startswith(wanted)


def is_blank(text: str) -> bool:
    """Return whether a text shows nothing: white space, direction marks and the like."""
    return not comparable_letters(text)


def texts_match(written: Tweet, tweet: Tweet) -> bool:
    """Return whether the words of an embed in an article are the tweet's, typography made alike.
    Words that X has since truncated agree with the whole ones.
    """
    said, wanted = _wanted(written), _wanted(tweet)
    both = (said.whole, wanted.whole), (said.alike, wanted.alike)
    return any(one == other or _where_more_is(one, other) == 0 for one, other in both)


_EMOJI, _LOST = "\uf8fe", "\ufffd"  # the first of private use
_LOST_BEFORE = re.compile(rf"(?:(?<=\s)|\A)[?{_LOST}]{{1,8}}\s{{0,4}}\Z")
_PERHAPS_LOST = f"?{_LOST}{_EMOJI}"


def _where_emoji_are_lost(said: str, wanted: str) -> int | None:
    """Return where in `said` the wanted letters begin, question marks or U+FFFD standing for emoji;
    None if they are not there, or nothing was lost.
    """
    if _EMOJI not in wanted or not ("?" in said or _LOST in said):
        return None
    at, left = len(said), len(wanted)
    while left:
        if wanted[left - 1] not in _PERHAPS_LOST:
            if not at or said[at - 1] != wanted[left - 1]:
                return None
            at, left = at - 1, left - 1
            continue
        words = wanted[:left].rstrip(_PERHAPS_LOST)
        emoji = wanted[len(words) : left].count(_EMOJI)
        asked, left = left - len(words) - emoji, len(words)
        there = said[len(said[:at].rstrip(_PERHAPS_LOST)) : at]
        emoji -= there.count(_EMOJI)
        # Four bytes, or two UTF-16 units, of an emoji. In front stand marks of the article's own.
        most = asked + (4 * emoji if left else emoji)
        marks = len(there) - there.count(_EMOJI)
        if emoji < 0 or marks < asked or (left and marks > most):
            return None
        at -= len(there) - max(0, marks - most)
    return at


def _where(said: str, wanted: str) -> tuple[int | None, bool]:
    """Return where in `said` the wanted letters begin, and whether all of them are there; None if
    they are not.
    """
    if said.endswith(wanted):
        return len(said) - len(wanted), True
    if (begins := _where_more_is(said, wanted)) >= 0:
        return begins, False
    cut = _without_ellipsis(said)
    if cut is not None and len(wanted) >= _ENOUGH:  # the article does
        begins = cut.rfind(wanted[:_ENOUGH])
        if begins >= 0 and wanted.startswith(cut[begins:]):
            return begins, False
    return None, False


def _where_more_is(said: str, wanted: str) -> int:
    """Return where `said` has more of a long tweet than the beginning that X shows; -1 if nowhere.
    Where both have the same ellipsis it is the author's own.
    """
    cut = _without_ellipsis(wanted)
    if cut is None or len(cut) < _ENOUGH:
        return -1
    at = said.rfind(cut)
    return -1 if said.startswith(_ELLIPSIS, at + len(cut)) else at


def _without_ellipsis(letters: str) -> str | None:
    return next((letters.removesuffix(mark) for mark in _ELLIPSIS if letters.endswith(mark)), None)


def _start(flat: FlattenedText, tweet: Tweet, place: int | None, begins: int) -> tuple[int, bool]:
    """Return where the tweet begins in the visible text, and whether that is certain: its first
    letter, or what it has in front of it.

    `begins` is the number of the first letter that is the tweet's, `place` where it stands, None if
    it has no letters.
    """
    text = flat.text
    wordless = place is None
    at = len(text.rstrip()) if place is None else place
    own = {read_short_link(piece.href) for piece in tweet.pieces if isinstance(piece, TweetLink)}
    for one in reversed(find_addresses(text)):
        if one.end <= at and one.target in own and not text[one.end : at].strip():
            at = one.start
    if _is_emoji(tweet.text.lstrip()[:1]):
        while at > 0 and (
            _is_emoji(text[at - 1])
            or (text[at - 1].isspace() and _is_emoji(text[:at].rstrip()[-1:]))
        ):
            at -= 1
        if lost := _LOST_BEFORE.search(text, max(0, at - 20), at):
            at = lost.start()
    line = max(text.rfind("\n", 0, at), text.rfind(LINE_BREAK, 0, at)) + 1
    if ">" in text[line:at] and MAIL_QUOTE.fullmatch(text, line, at):
        at = line
    return flat.start + at, not wordless or begins == 0


def _words(tweet: Tweet) -> str:
    """Return the words of a tweet, its links left out: X shows them as it likes."""
    shown = []
    for piece in tweet.pieces:
        if isinstance(piece, LineBreak):
            shown.append("\n")
        elif not (isinstance(piece, TweetLink) and _is_address(piece)):
            shown.append(piece.text)
        else:
            shown.append(" ")
    return "".join(shown)


def _is_address(anchor: TweetLink) -> bool:
    """Return a link from a mention, a hashtag or a cashtag."""
    return not anchor.text.lstrip().startswith(("@", "#", "$", "＠", "＃"))


def _addresses(text: str) -> str:
    """Blank out the addresses, and the numbers of links, keeping every other character where it
    is.
    """
    text = without_numbers(text)
    if "/" not in text:
        return text
    for start, end, _ in wrapped_codes(text):
        text = "".join((text[:start], " " * (end - start), text[end:]))
    parts: list[str] = []
    at = 0
    for one in find_addresses(text):
        parts += (text[at : one.start], " " * (one.end - one.start))
        at = one.end
    text = "".join((*parts, text[at:]))
    return _URL.sub(lambda match: " " * len(match[0]), text) if "://" in text else text


def _emoji(text: str, sign: str = " ") -> str:
    """Blank out emoji and what belongs to them, or put a sign for each of their characters."""
    return text.translate(
        dict.fromkeys((ord(character) for character in set(text) if _is_emoji(character)), sign),
    )


def _shown(text: str, tweet: Tweet) -> str:
    """Blank out addresses, and the tweet's own links as X shows them, without a scheme."""
    for piece in tweet.pieces:
        if isinstance(piece, TweetLink) and _is_address(piece) and piece.text.strip():
            text = text.replace(piece.text, " " * len(piece.text))
    return _addresses(text)


_PARTS_OF_EMOJI = frozenset(
    "\u200d\u20e3\ufe0e\ufe0f\u203c\u2049\u2194\u2934\u2935\u25fd\u25fe\u3030"
)


def _is_emoji(character: str) -> bool:
    """Return whether a character is an emoji, a part of one, or a sign that many show as one."""
    return character in _PARTS_OF_EMOJI or (
        bool(character)
        and (unicodedata.category(character) == "So" or "\U0001f3fb" <= character <= "\U0001f3ff")
    )
