"""A tweet's parts as they may be shown: what upstream, an article or anybody put into them, brought
into one form.

Bringing a tweet into form twice changes nothing more, and what `core/render/blockquote.py` writes
reads back as the same tweet.
"""

import re
from collections.abc import Iterable

from service.core.model import LineBreak, Tweet, TweetLink, TweetPiece, TweetRef, TweetText
from service.core.text.escaping import label, plain, shown
from service.core.urls.tweet_links import fair_anchor, shows_other_host
from service.core.urls.tweet_urls import read_permalink
from service.core.vocabulary import DIRECTIONS, HANDLE, LANGUAGE_TAG

CLOSING_HANDLE = re.compile(rf"\(@({HANDLE.pattern})\) ?$")
"""The handle that closes an attribution's name (docs/x-behaviour.md 4.2)."""

_CLAIMED_HANDLE = re.compile(rf"\(@{HANDLE.pattern}\)")
_BREAK = LineBreak()


def canonical_tweet(tweet: Tweet) -> Tweet:
    """Bring every part of a tweet into the form it may be shown in; what is not valid is None."""
    pieces = canonical_pieces(tweet.pieces)
    handle = tweet.author_handle
    if handle is not None and not is_handle(tweet.id, handle):
        handle = None
    lang, direction = tweet.lang, tweet.dir
    return Tweet(
        id=tweet.id,
        author_name=canonical_name(tweet.author_name or "", handle),
        author_handle=handle,
        pieces=pieces,
        lang=lang if pieces and lang is not None and LANGUAGE_TAG.fullmatch(lang) else None,
        dir=direction if pieces and direction in DIRECTIONS else None,
        date_text=_canonical_date(tweet.date_text or ""),
    )


def is_handle(tweet_id: str, handle: str) -> bool:
    """Return whether a handle makes a permalink that reads back as it is; `i`, `home` and the
    like do not.
    """
    if HANDLE.fullmatch(handle) is None:
        return False
    read = read_permalink(TweetRef(tweet_id, handle).url)
    return read is not None and read.handle == handle


def canonical_name(name: str, handle: str | None) -> str | None:
    """Return a display name in form, None if nothing is left. A name alone may not claim a
    handle.
    """
    name = label(name)
    while handle is None and (claimed := _CLAIMED_HANDLE.search(name)):
        name = label(name[: claimed.start()] + name[claimed.end() :])
    return name or None


def _canonical_date(text: str) -> str | None:
    """Return the date as written, None if there is none or it shows the address of somebody else
    over the permalink.
    """
    text = label(text)
    return None if not text or shows_other_host(text, "x.com") else text


def canonical_pieces(pieces: Iterable[TweetPiece]) -> tuple[TweetPiece, ...]:
    """Fold white space as a browser shows it, judge the links, and join what belongs together.

    No piece is empty, no two runs of words stand side by side, no line begins or ends with a space,
    no break begins or ends the tweet.
    """
    tidy: list[TweetPiece] = []
    space = False
    for piece in pieces:
        if isinstance(piece, LineBreak):
            space = False
            if tidy:
                tidy.append(_BREAK)
            continue
        anchor = fair_anchor(piece.text, piece.href) if isinstance(piece, TweetLink) else None
        text = shown(piece.text) if anchor is None else plain(piece.text)
        bare = text.strip(" ")
        if not bare:
            space = space or bool(text)
            continue
        spaced = (space or text[0] == " ") and bool(tidy) and tidy[-1] is not _BREAK
        if anchor is None:
            _add_words(tidy, " " + bare if spaced else bare)
        else:
            if spaced:
                _add_words(tidy, " ")
            tidy.append(anchor)
        space = text[-1] == " "
    while tidy and tidy[-1] is _BREAK:
        tidy.pop()
    return tuple(tidy)


def _add_words(tidy: list[TweetPiece], text: str) -> None:
    """Put words behind words as one run."""
    last = tidy[-1] if tidy else None
    if isinstance(last, TweetText):
        tidy[-1] = TweetText(last.text + text)
    else:
        tidy.append(TweetText(text))
