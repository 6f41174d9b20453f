"""docs/interface.md, promise 5: a wrong tweet is worse than no tweet. Whether an id recovered from
flattened text is the tweet that the text quotes.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice

from service.core.mentions import FlattenedText
from service.core.model import Attribution, LineBreak, Reason, Tweet, TweetLink, TweetRef
from service.core.urls.snowflake import snowflake_time
from service.core.urls.tweet_urls import find_addresses, read_short_link

CERTAIN = 1.0
LIKELY = 0.9
DOUBTFUL = 0.5

_URL = re.compile(r"https?://[^\s\u2028]+", re.IGNORECASE)
_ELLIPSIS = ("…", "...")
_ENOUGH = 20  # letters that must agree before an ellipsis may stand for the rest


@dataclass(frozen=True, slots=True)
class Proof:
    """How sure it is that a tweet is the one quoted, and the characters of the visible text that
    are its words and its attribution.
    """

    confidence: float
    start: int
    end: int


def find_mismatch(attribution: Attribution, candidate: TweetRef) -> Reason | None:
    """Return why a resolved address cannot be the attributed tweet: another handle, or another UTC
    day; None if it can.

    Re-used media leads to somebody else's tweet (docs/x-behaviour.md 1.5). An id from before
    snowflakes does not tell its day: not believed.
    """
    if (candidate.handle or "").lower() != (attribution.handle or "").lower():
        return Reason.OTHER_TWEET
    time = snowflake_time(candidate.id)
    return None if time is not None and time.date() == attribution.date else Reason.DATE


def verify_text(flat: FlattenedText, tweet: Tweet) -> Proof | None:
    """Compare the words before the attribution with the tweet's; None if they do not agree.

    Both are compared after NFC, without addresses and white space. The tweet's words must be the
    last before the attribution; what stands in front of them is the article's own. Confidence is
    1.0 if all agree, 0.9 if they agree but for a truncated end, links or emoji.
    """
    for number, (mine, wanted) in enumerate(_readings(flat.text, tweet)):
        begins, whole = _where(_comparable_text(mine), wanted)
        if begins is not None and (
            wanted or number == 0
        ):  # with everything left out, everything would agree
            start, certain = _start(flat, tweet, _place(mine, begins), begins)
            sure = number == 0 and whole and certain
            return Proof(CERTAIN if sure else LIKELY, start, flat.attribution_end)
    return None


def _readings(text: str, tweet: Tweet) -> Iterator[tuple[str, str]]:
    """Return what is compared, the article's text and the letters of the tweet's words, with
    more and more left out.
    """
    mine = _addresses(text)
    whole, without_emoji = _wanted(tweet)
    yield mine, whole
    yield _emoji(mine), without_emoji
    yield _shown(text, tweet), without_emoji


@lru_cache(maxsize=256)  # an article comes again with every save, its tweets with it
def _wanted(tweet: Tweet) -> tuple[str, str]:
    """Return the letters of a tweet's words, its addresses left out, and the same without emoji."""
    words = _addresses(_words(tweet))
    return _comparable_text(words), _comparable_text(_emoji(words))


def texts_match(written: Tweet, tweet: Tweet) -> bool:
    """Return whether the words of an embed in an article are the tweet's. Words that X has since
    truncated agree with the whole ones.
    """
    said, wanted = _wanted(written)[0], _wanted(tweet)[0]
    cut = _without_ellipsis(wanted)
    return said == wanted or (cut is not None and len(cut) >= _ENOUGH and said.startswith(cut))


def _where(said: str, wanted: str) -> tuple[int | None, bool]:
    """Return where in `said` the wanted letters begin, and whether all of them are there; None if
    they are not.
    """
    if said.endswith(wanted):
        return len(said) - len(wanted), True
    cut = _without_ellipsis(wanted)
    if (
        cut is not None and len(cut) >= _ENOUGH and cut in said
    ):  # X shows the beginning of a long tweet only
        return said.rfind(cut), False
    cut = _without_ellipsis(said)
    if cut is not None and len(wanted) >= _ENOUGH:  # the article does
        begins = cut.rfind(wanted[:_ENOUGH])
        if begins >= 0 and wanted.startswith(cut[begins:]):
            return begins, False
    return None, False


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
    while at > 0 and (
        _is_emoji(text[at - 1]) or (text[at - 1].isspace() and _is_emoji(text[:at].rstrip()[-1:]))
    ):
        opening = tweet.text.lstrip()[:1]
        if not (opening and _is_emoji(opening)):
            break
        at -= 1
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
    """Blank out the addresses, keeping every other character where it is."""
    if "/" not in text:
        return text
    parts: list[str] = []
    at = 0
    for one in find_addresses(text):
        parts += (text[at : one.start], " " * (one.end - one.start))
        at = one.end
    text = "".join((*parts, text[at:]))
    return _URL.sub(lambda match: " " * len(match[0]), text) if "://" in text else text


def _emoji(text: str) -> str:
    """Blank out emoji and what belongs to them."""
    return text.translate(
        dict.fromkeys((ord(character) for character in set(text) if _is_emoji(character)), " "),
    )


def _shown(text: str, tweet: Tweet) -> str:
    """Blank out addresses and emoji, and the tweet's own links as X shows them, without a
    scheme.
    """
    for piece in tweet.pieces:
        if isinstance(piece, TweetLink) and _is_address(piece) and piece.text.strip():
            text = text.replace(piece.text, " " * len(piece.text))
    return _emoji(_addresses(text))


def _is_emoji(character: str) -> bool:
    return character in "\u200d\u20e3\ufe0e\ufe0f" or (
        bool(character) and unicodedata.category(character) in {"So", "Sk"}
    )


def _comparable_text(text: str) -> str:
    """Return the letters of a text after NFC: no white space, nothing invisible."""
    text = text if _is_plain(text) else "".join(cluster for _, cluster in _clusters(text))
    return text.translate(dict.fromkeys(map(ord, _no_letters(text))))


def _place(text: str, number: int) -> int | None:
    """Return where in a text its letter of that number stands; None if it has no so many."""
    if _is_plain(text):
        no_letters = _no_letters(text)
        places = (at for at, character in enumerate(text) if character not in no_letters)
    else:
        places = (
            at for at, cluster in _clusters(text) for character in cluster if _is_letter(character)
        )
    return next(islice(places, number, None), None)


def _no_letters(text: str) -> set[str]:
    return {
        character for character in set(text) if not (character.isalnum() or _is_letter(character))
    }


def _is_plain(text: str) -> bool:
    """Return whether NFC would leave a text as it is."""
    return text.isascii() or unicodedata.is_normalized("NFC", text)


def _is_letter(character: str) -> bool:
    return not character.isspace() and unicodedata.category(character) not in {"Cf", "Cc"}


def _clusters(text: str) -> list[tuple[int, str]]:
    """Return each character with its combining marks (and Hangul jamo) after NFC, and where it
    stands.
    """
    joined: list[tuple[int, str]] = []
    for at, character in enumerate(text):
        if joined and (unicodedata.combining(character) or "\u1160" <= character <= "\u11ff"):
            joined[-1] = joined[-1][0], joined[-1][1] + character
        else:
            joined.append((at, character))
    return [(at, unicodedata.normalize("NFC", cluster)) for at, cluster in joined]
