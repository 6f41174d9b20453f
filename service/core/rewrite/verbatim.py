"""Passages that are a known tweet and nothing else, letter for letter: X's own embed of it, the
line that remains of one, or its bare address. What such a passage means need not be found again:
the general way, walked once for each tweet, says it of all of them.
"""

import html
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from service.core.candidate_proof import mismatch_of
from service.core.detect import Mention, detect_normalized
from service.core.mentions import ReplaceElement
from service.core.model import (
    EmbedStyle,
    Form,
    Format,
    ShortLink,
    Span,
    Tweet,
    TweetLink,
    TweetRef,
)
from service.core.oembed.response import read_style
from service.core.render.blockquote import date_of, write_blockquote
from service.core.rewrite.plain_tweet import plain_embed, plain_line
from service.core.urls.tweet_links import each_target_once
from service.core.urls.tweet_urls import read_permalink, read_short_link
from service.core.verify import CERTAIN, verify_text

_LONGEST = 4_000  # characters of a passage
_EMBED = re.compile(
    r"<blockquote(?: [a-z-]+=\"[^\"<>&]*\")+>(?P<words>.*)"
    r"<a href=\"(?P<address>[^\"<>]+)\">(?P<label>[^<>]+)</a></blockquote>",
    re.DOTALL,
)
_PARAGRAPH = re.compile(
    r"<p(?: (?:align|class|dir|lang|style)="
    r"\"(?![^\"]*(?:embed|media|post|tweet))[\w\s:;%.,#-]*\")*>"
    r"(?P<shown>[^<>]+)</p>"
)
_ADDRESS = re.compile(
    r"\s*(https://(?:(?:www|mobile)\.)?(?:twitter|x)\.com/[A-Za-z0-9_]{1,15}/status/[0-9]{5,19}"
    # a dot behind it is none of it
    r"(?:\?(?>(?:[A-Za-z0-9_=%.-]|&amp;)*)(?<=[A-Za-z0-9_=-]))?)\s*"
)
_CODE = re.compile(
    r"(?:https://t\.co|pic\.(?:twitter|x)\.com)/[A-Za-z0-9]{6,12}(?![A-Za-z0-9…/?#])"
)
_ODD_SPACE = re.compile(r"[^\S \t\n\r\xa0]")
_MARKED = 'class="twitter-tweet"'


class VerbatimPassage(NamedTuple):
    """A passage that looks like one tweet: which form, the tweet that it states or the code that
    leads to it, its words (with the markup, in an embed), and the language that the embed asks for.
    `handle` is the stated tweet's, by which two of these differ.
    """

    form: Form
    tweet: TweetRef | None = None
    code: ShortLink | None = None
    words: str = ""
    label: str = ""
    lang: str | None = None
    handle: str | None = None

    @property
    def mention(self) -> Mention:
        """The mention that it is, as far as a result tells of it, wherever it stands."""
        whole = (0, 0)
        return Mention(Span(*whole), self.form, ReplaceElement(whole, whole), self.tweet)


Addresses = tuple[tuple[str, TweetRef | ShortLink], ...]
"""Addresses as written, and where each leads."""


def read_verbatim(source: str) -> VerbatimPassage | None:
    """Return what tweet a passage of HTML looks like; None where it must be read in the general
    way.
    """
    if len(source) > _LONGEST:
        return None
    if source.startswith("<blockquote"):
        return _embed(source)
    paragraph = _PARAGRAPH.fullmatch(source)
    if paragraph is None:
        return None
    if address := _ADDRESS.fullmatch(paragraph["shown"]):
        tweet = read_permalink(html.unescape(address[1]))
        return VerbatimPassage(Form.URL, tweet, handle=tweet.handle if tweet else None)
    return _line(paragraph["shown"])


def _line(shown: str) -> VerbatimPassage | None:
    words = html.unescape(shown)
    if "(@" not in words or _ODD_SPACE.search(words):
        return None
    words = " ".join(words.split())
    codes = _CODE.findall(words)
    code = read_short_link(codes[-1]) if codes else None
    return VerbatimPassage(Form.FLATTENED, None, code, words) if code else None


def _embed(source: str) -> VerbatimPassage | None:
    embed = _EMBED.fullmatch(source)
    tweet = read_permalink(html.unescape(embed["address"])) if embed else None
    if embed is None or tweet is None:
        return None
    start_tag = source[: embed.start("words")]
    if _MARKED not in start_tag:
        return None
    lang = read_style(start_tag).lang if "lang=" in start_tag else None
    return VerbatimPassage(
        Form.BLOCKQUOTE, tweet, None, embed["words"], embed["label"], lang, tweet.handle
    )


def addresses_in(passage: VerbatimPassage, tweet: Tweet) -> Addresses | None:
    """Return the addresses that stand in a passage besides the tweet's own, and behind them those
    of the tweet's words that do not, if the passage says what X says of the tweet, and the general
    way finds just that in it; else None.
    """
    if not tweet.author_name or not tweet.author_handle:
        return None
    if passage.form is Form.URL:
        return _with_own(tweet, ())
    if passage.form is Form.FLATTENED:
        line = _as_line(tweet)
        return line.addresses if line is not None and passage.words == line.words else None
    embed = _as_embed(tweet)
    if embed is None or (passage.handle or "").lower() != tweet.author_handle.lower():
        return None
    return embed.addresses if (passage.words, passage.label) == (embed.words, embed.label) else None


@dataclass(frozen=True, slots=True)
class _Known:
    """A tweet as it stands in an article, and the addresses in it."""

    words: str
    label: str
    addresses: Addresses


@lru_cache(maxsize=4096)  # of each tweet once, however many articles hold it
def _as_embed(tweet: Tweet) -> _Known | None:
    """Return a tweet as X embeds it; None where the general way would not find just that in it."""
    written = write_blockquote(tweet, EmbedStyle(dnt=False))
    embed = _EMBED.fullmatch(written)
    plain = plain_embed(tweet)
    if embed is not None and plain is not None:
        return _Known(embed["words"], embed["label"], plain)
    found = detect_normalized(written, Format.HTML)
    whole = (Form.BLOCKQUOTE, tweet.permalink, Span(0, len(written)))
    alone = (one for one in found.embeds if (one.form, one.tweet, one.span) == whole)
    pairs = next((_other_addresses(one, own=tweet.permalink) for one in alone), None)
    return _Known(embed["words"], embed["label"], pairs) if embed and pairs is not None else None


@lru_cache(maxsize=4096)  # as above
def _as_line(tweet: Tweet) -> _Known | None:
    """Return a tweet as the line that is left of an embed; None where the general way would not
    prove by it that it is just that tweet.
    """
    signature = f"{tweet.author_name} (@{tweet.author_handle}) {date_of(tweet)}"
    words = " ".join(f"{tweet.text} — {signature}".split())
    plain = plain_line(tweet, words)
    if plain is not None:
        return _Known(words, "", _with_own(tweet, plain))
    written = f"<p>{html.escape(words, quote=False)}</p>"
    found = detect_normalized(written, Format.HTML)
    one = found.embeds[0] if len(found.embeds) == 1 else None
    if one is None or one.form is not Form.FLATTENED or one.flat is None or one.attribution is None:
        return None
    if mismatch_of(one.attribution, tweet):
        return None
    proof = verify_text(one.flat, tweet)
    flat_is_all = one.span == Span(len("<p>"), len(written) - len("</p>")) and one.flat.start == 0
    if proof is None or proof.confidence != CERTAIN or proof.start != 0 or not flat_is_all:
        return None
    pairs = _other_addresses(one, own=None)
    codes = _CODE.findall(words)
    last = one.targets[-1] if one.targets else None
    if pairs is None or not codes or read_short_link(codes[-1]) != last:
        return None
    return _Known(words, "", _with_own(tweet, pairs))


def _other_addresses(mention: Mention, own: TweetRef | None) -> Addresses | None:
    """Return the addresses of a mention but for its own; None if one of them is another tweet's."""
    pairs = zip(mention.urls, mention.targets, strict=True)
    others = each_target_once(pair for pair in pairs if pair[1] != own)
    return None if any(isinstance(target, TweetRef) for _, target in others) else tuple(others)


@lru_cache(maxsize=4096)  # as above
def _with_own(tweet: Tweet, addresses: Addresses) -> Addresses:
    """Return addresses, and behind them the short links of a tweet's own words that are not among
    them, each once.
    """
    known = {target for _, target in addresses}
    own = [piece.href for piece in tweet.pieces if isinstance(piece, TweetLink)]
    short = ((href, target) for href in own if (target := read_short_link(href)) is not None)
    return (*addresses, *each_target_once(pair for pair in short if pair[1] not in known))
