"""Tweets of plain words: letters, the marks of sentences, and short links, each shown as what it
is. In X's embed of such a tweet, and in the line that is left of it, detection finds that tweet,
its short links and nothing else, and the words prove it; so neither has to be run
(docs/decisions/0031). Nothing is said of any other tweet.
"""

import re
from collections.abc import Iterator

from service.core.detect.finders.signatures import is_of_another_network
from service.core.model import LineBreak, ShortLink, Tweet, TweetLink
from service.core.render.blockquote import english_day
from service.core.urls.tweet_urls import find_addresses, read_short_link

_LINK = "\0"
_WORD = (
    r"(?:[\"“‘']?[#@$€£]?\w++(?:[-.,:'’]\w++)*+[.,;:!?%\"”’']{0,3}+"
    rf"|[\U0001f300-\U0001f6ff]|{_LINK})"
)
_WORDS = re.compile(rf"{_WORD}(?:[ \n]++{_WORD})*+[ \n]*+")
_NAME = re.compile(r"\w++(?:[ .]\w++)*+")
_NAME_LONGEST = 50
_TAGGED = re.compile(r"[#@$]\w+")


def plain_embed(tweet: Tweet) -> tuple[tuple[str, ShortLink], ...] | None:
    """Return the short links in X's embed of a tweet, as written and where each leads, each once;
    None for a tweet whose words are not plain.
    """
    if not _is_plain(tweet):
        return None
    links = {target: piece.href for piece, target in reversed(list(_short_links(tweet)))}
    return tuple((href, target) for target, href in reversed(links.items()))


def plain_line(tweet: Tweet, words: str) -> tuple[tuple[str, ShortLink], ...] | None:
    """Return the same of the line that is left of an embed: `words` are a tweet's, on one line,
    with the attribution behind a dash.
    """
    if not _is_plain(tweet):
        return None
    name = tweet.author_name or ""
    if len(name) > _NAME_LONGEST or not _NAME.fullmatch(name) or is_of_another_network(name):
        return None
    found: dict[ShortLink, str] = {}
    for one in find_addresses(words):
        if not isinstance(one.target, ShortLink):
            return None
        found.setdefault(one.target, one.address)
    last = next(reversed(list(_short_links(tweet))), None)
    if last is None or list(found)[-1:] != [last[1]]:
        return None
    return tuple((address, target) for target, address in found.items())


def _short_links(tweet: Tweet) -> Iterator[tuple[TweetLink, ShortLink]]:
    """Return the links of a tweet's words that are short links."""
    for piece in tweet.pieces:
        target = read_short_link(piece.href) if isinstance(piece, TweetLink) else None
        if target is not None and isinstance(piece, TweetLink):
            yield piece, target


def _is_plain(tweet: Tweet) -> bool:
    """Return whether a tweet's words are plain."""
    if tweet.date_text not in {None, english_day(tweet.id)}:
        return False
    shown = []
    for piece in tweet.pieces:
        if isinstance(piece, LineBreak):
            shown.append("\n")
        elif not isinstance(piece, TweetLink) or _TAGGED.fullmatch(piece.text):
            shown.append(piece.text)
        elif _shows_itself(piece):
            shown.append(_LINK)
        else:
            return False
    return _WORDS.fullmatch("".join(shown)) is not None


def _shows_itself(link: TweetLink) -> bool:
    """Return whether a link is a short link whose text is its address, or X's address for the same
    code of a picture.
    """
    target = read_short_link(link.href)
    if target is None or link.href != target.url:
        return False
    hosts = ("https://t.co/", "pic.twitter.com/", "pic.x.com/")
    return link.text in {f"{host}{target.code}" for host in hosts}
