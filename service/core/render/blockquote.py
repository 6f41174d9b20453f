"""A tweet's parts written as X's own fallback markup (docs/x-behaviour.md 2.3): rebuilt, never
passed through.
"""

from collections.abc import Iterable
from functools import lru_cache

from service.core.model import EmbedStyle, LineBreak, SafeHtml, Tweet, TweetLink, TweetPiece
from service.core.oembed.normalize import canonical_tweet
from service.core.sanitize.sanitizer import certify_generated
from service.core.text.escaping import escape, escape_lone_address
from service.core.urls.snowflake import snowflake_time
from service.core.vocabulary import ALIGNS, LANGUAGES, THEMES, TWEET_CLASS, VIDEO_CLASS, WIDTHS

_MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]


def render_blockquote(tweet: Tweet, style: EmbedStyle) -> SafeHtml:
    """Write a tweet as one blockquote, with no newline in it, in one form: the same parts are
    always the same characters.

    What it writes reads back (`core/oembed/response.py`) as the same tweet and style. Raises
    `UnsafeError`, an `UpstreamError`, for a tweet whose id is no id, and wherever the proof of
    `core/sanitize/sanitizer.py` fails.
    """
    return _rendered(tweet, style)


@lru_cache(maxsize=4096)  # an article comes again with every save, its tweets with it
def _rendered(tweet: Tweet, style: EmbedStyle) -> SafeHtml:
    return certify_generated(write_blockquote(tweet, style))


def write_blockquote(tweet: Tweet, style: EmbedStyle) -> str:
    """Return the same, unproved: to be compared with, not to be written into an article."""
    tweet = canonical_tweet(tweet)
    attributes = "".join(f' {name}="{escape(value)}"' for name, value in _style_attributes(style))
    return f"<blockquote{attributes}>{_words(tweet)}&mdash; {_attribution(tweet)}</blockquote>"


def _style_attributes(style: EmbedStyle) -> list[tuple[str, str]]:
    """Return the attributes in their fixed order; a value that is not of X's sets is left out."""
    attributes = [("class", VIDEO_CLASS if style.media_only else TWEET_CLASS)]
    if style.align in ALIGNS:
        attributes.append(("data-align", style.align))
    if style.hide_media:
        attributes.append(("data-cards", "hidden"))
    if style.hide_thread:
        attributes.append(("data-conversation", "none"))
    if style.dnt:
        attributes.append(("data-dnt", "true"))
    if style.lang in LANGUAGES:
        attributes.append(("data-lang", style.lang))
    if style.theme in THEMES:
        attributes.append(("data-theme", style.theme))
    if style.max_width in WIDTHS:
        attributes.append(("data-width", str(style.max_width)))
    return attributes


def _words(tweet: Tweet) -> str:
    """Write the tweet's words, nothing if it has none."""
    if not tweet.pieces:
        return ""
    attributes = "".join(
        f' {name}="{escape(value)}"'
        for name, value in (("lang", tweet.lang), ("dir", tweet.dir))
        if value is not None
    )
    return f"<p{attributes}>{escape_lone_address(write_pieces(tweet.pieces))}</p>"


def write_pieces(pieces: Iterable[TweetPiece]) -> str:
    """Write a tweet's words, in canonical form, as HTML."""
    return "".join(map(_piece, pieces))


def _piece(piece: TweetPiece) -> str:
    """Write one piece of the words."""
    if isinstance(piece, LineBreak):
        return "<br>"
    return _link(piece.text, piece.href) if isinstance(piece, TweetLink) else escape(piece.text)


def _link(text: str, href: str) -> str:
    """Write a link."""
    return f'<a href="{escape(href)}">{escape(text)}</a>'


def _attribution(tweet: Tweet) -> str:
    """Write `Name (@handle) DATE`, the date being the permalink's text; a handle stands for a name
    that is not known.
    """
    name, handle = tweet.author_name or tweet.author_handle, tweet.author_handle
    named = f"{escape(name)} " if name else ""
    if handle:
        named += f"(@{escape(handle)}) "
    return named + _link(date_of(tweet), tweet.permalink.url)


def date_of(tweet: Tweet) -> str:
    """Return the attribution's date, else the tweet's UTC day as X writes it in English, else its
    address.
    """
    return tweet.date_text or english_day(tweet.id) or tweet.permalink.url


def english_day(tweet_id: str) -> str | None:
    """Return a tweet's UTC day as X writes it in English (docs/x-behaviour.md 4.2); None where the
    id does not tell.
    """
    time = snowflake_time(tweet_id)
    return None if time is None else f"{_MONTHS[time.month - 1]} {time.day}, {time.year}"
