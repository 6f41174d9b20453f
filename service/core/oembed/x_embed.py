"""X's own embed in the one form that X writes today (docs/x-behaviour.md 2.3), read without a
parser: a fifth of the time. Whatever else an answer may hold is left to `embed_markup.py`, which
reads the same of this form.
"""

import html
import re

from service.core.model import LineBreak, TweetLink, TweetPiece, TweetText
from service.core.oembed.embed_markup import EmbedParts
from service.core.text.escaping import label
from service.core.urls.tweet_urls import read_permalink, read_short_link
from service.core.vocabulary import HANDLE

_LONGEST = 4_000  # characters; the longest seen has 2 KiB
_REFERENCE = "&(?:amp|lt|gt|quot|nbsp|#39);"
_WORDS = rf"(?:[^<>&\r\0]++|{_REFERENCE})"
_NAME = rf"(?:[^<>&\r\n\0]|{_REFERENCE})*"
_HREF = r"(?:[^\"<>&\r\n\0]++|&amp;)*"
_PIECE = re.compile(
    rf"(?P<words>(?>{_WORDS}+))|(?P<break><br ?/?>)"
    rf"|<a href=\"(?P<href>{_HREF})\">(?P<label>(?>{_WORDS}*))</a>"
)
_EMBED = re.compile(
    r"<blockquote class=\"twitter-(?:tweet|video)\"(?: data-[a-z]+=\"[a-z0-9-]*\")*>"
    r"<p(?: lang=\"(?P<lang>[A-Za-z-]+)\")?(?: dir=\"(?P<dir>[a-z]+)\")?>"
    r"(?P<words>[^<]*+(?>(?:<(?!/p>)[^<]*+)*))</p>"
    rf"(?:&mdash;|—) (?P<name>{_NAME}) \(@(?P<handle>{HANDLE.pattern})\) "
    rf"<a href=\"(?P<link>{_HREF})\">(?P<date>[^<>&\r\n\0]+)</a></blockquote>\s*"
    r"(?:<script [^<>]*></script>\s*)?"
)


def read_x_embed(markup: str) -> EmbedParts | None:
    """Return the parts of an embed; None where it is not in X's own form, or leads to more than one
    tweet.
    """
    embed = _EMBED.fullmatch(markup) if len(markup) <= _LONGEST else None
    if embed is None:
        return None
    permalink = read_permalink(html.unescape(embed["link"]))
    pieces = _pieces(embed["words"])
    if permalink is None or pieces is None:
        return None
    return EmbedParts(
        permalink,
        pieces,
        label(html.unescape(embed["name"])),
        embed["handle"],
        label(embed["date"]),
        embed["lang"],
        embed["dir"],
    )


def _pieces(words: str) -> tuple[TweetPiece, ...] | None:
    """Return the pieces of a tweet's words; None where there is more in them than words, breaks and
    links, none of them to a tweet, or what looks like an attribution.
    """
    if "(" in words and "@" in words:
        return None
    pieces: list[TweetPiece] = []
    at = 0
    for piece in _PIECE.finditer(words):
        if piece.start() != at:
            return None
        at = piece.end()
        if piece["words"]:
            pieces.append(TweetText(html.unescape(piece["words"])))
        elif piece["break"]:
            pieces.append(LineBreak())
        else:
            href = html.unescape(piece["href"])
            if read_short_link(href) is None and read_permalink(href) is not None:
                return None
            pieces.append(TweetLink(html.unescape(piece["label"]), href))
    return tuple(pieces) if at == len(words) else None
