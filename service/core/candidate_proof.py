"""Whether a candidate that no code in the words leads to is the quoted tweet, and the only one.

Such an id is known by its author and day alone, and an author writes many tweets a day. So besides
the handle, the day and the words, every short link among the quoted words must be the tweet's,
there must be enough to agree by, and no other candidate may agree as well.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from service.core.mentions import FlattenedText, Mention
from service.core.model import Attribution, Reason, ShortLink, Tweet, TweetLink, TweetRef
from service.core.urls.tweet_urls import find_addresses, read_short_link
from service.core.verify import LIKELY, Proof, find_mismatch, is_author, verify_words

ENOUGH_LETTERS: Final = 20
"""Letters that must agree where no short link does."""


class Refusal(StrEnum):
    """Why a candidate is not the quoted tweet, or not proved to be."""

    OTHER_TWEET = "other_tweet"  # another author's
    DATE = "date"  # of another day
    WORDS = "words"  # it says something else
    CODE = "code"  # a short link among the quoted words is not the tweet's
    SHORT = "short"  # too few letters to agree by


@dataclass(frozen=True, slots=True)
class Assessment:
    """A candidate held against the article's words: its proof, or why it is refused."""

    proof: Proof | None = None
    refusal: Refusal | None = None


def assess(mention: Mention, tweet: Tweet, *, earlier_version: bool) -> Assessment:
    """Hold a candidate's tweet, as X shows it, against the quotation.

    `earlier_version` tells that an earlier version of an article stated the id; without that, and
    without a short link that is the tweet's, words alone are never wholly certain.
    """
    flat, attribution = mention.flat, mention.attribution
    if flat is None or attribution is None:
        return Assessment(refusal=Refusal.WORDS)
    if (mismatch := mismatch_of(attribution, tweet)) is not None:
        return Assessment(refusal=Refusal(mismatch.value))
    proof = verify_words(mention, tweet)
    if proof is not None and proof.is_wider and mention.wider is not None:
        flat = mention.wider.flat
    if proof is None:
        return Assessment(refusal=Refusal.WORDS)
    quoted = _short_links_within(mention, flat, proof)
    if not quoted <= _short_links_of(tweet):
        return Assessment(refusal=Refusal.CODE)
    if not quoted and _count_letters(flat, proof) < ENOUGH_LETTERS:
        return Assessment(refusal=Refusal.SHORT)
    if not quoted and not earlier_version:
        proof = replace(proof, confidence=min(proof.confidence, LIKELY))
    return Assessment(proof)


def mismatch_of(attribution: Attribution, tweet: Tweet) -> Reason | None:
    """Return why a tweet cannot be the attributed one: another author, or another UTC day."""
    if not is_author(attribution, tweet):
        return Reason.OTHER_TWEET
    return find_mismatch(attribution, TweetRef(tweet.id))


def only_one(assessments: Sequence[Assessment]) -> Assessment | Reason:
    """Return the one that is proved; where none or several are, the reason that says which."""
    proved = [each for each in assessments if each.proof is not None]
    if len(proved) == 1:
        return proved[0]
    return Reason.AMBIGUOUS if proved else Reason.NOT_FOUND


def _short_links_within(mention: Mention, flat: FlattenedText, proof: Proof) -> set[ShortLink]:
    """Return the short links among the quoted words, whether they show or stand in an `href`."""
    start, end = flat.visible.source(proof.start, proof.end)
    linked = {
        link.target for link in mention.links if start <= link.span.start and link.span.end <= end
    }
    shown = {found.target for found in find_addresses(_quoted(flat, proof))}
    return {each for each in linked | shown if isinstance(each, ShortLink)}


def _short_links_of(tweet: Tweet) -> set[ShortLink]:
    hrefs = (piece.href for piece in tweet.pieces if isinstance(piece, TweetLink))
    return {link for link in map(read_short_link, hrefs) if link is not None}


def _count_letters(flat: FlattenedText, proof: Proof) -> int:
    """Count the letters, digits and marks of the quoted words, addresses left out."""
    text = _quoted(flat, proof)
    for found in reversed(find_addresses(text)):
        text = text[: found.start] + text[found.end :]
    return sum(unicodedata.category(each)[0] in "LNM" for each in text)


def _quoted(flat: FlattenedText, proof: Proof) -> str:
    return flat.text[max(0, proof.start - flat.start) :]
