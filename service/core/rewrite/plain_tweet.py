"""Tweets of which it is known without detection what detection finds: in X's embed of one whose
words speak of no other, and in the line that is left of an embed where they are plain too: letters,
the marks of sentences, and short links. It finds that tweet and its short links, and the words
prove it (docs/decisions/0031). Nothing is said of any other tweet.
"""

import re
from collections.abc import Iterator

from service.core.detect.finders.signatures import is_of_another_network
from service.core.model import LineBreak, ShortLink, Tweet, TweetLink
from service.core.render.blockquote import english_day
from service.core.text.prefilter import has_trace
from service.core.urls.tweet_links import each_target_once
from service.core.urls.tweet_urls import find_addresses, read_short_link

_LINK = "\0"
_WORD = (
    r"(?:[\"“‘']?(?:\((?!@))?[#@$€£]?\w++(?>(?:(?:[-.,:'’]|(?<=\d)/(?=\d))\w++)*)"
    r"[.,;:!?%\"”’')]{0,4}+"
    rf"|&|[\U0001f300-\U0001faff]++|{_LINK})"
)
_WORDS = re.compile(rf"{_WORD}(?>(?:[ \n]++{_WORD})*)[ \n]*+")
_NAME = re.compile(r"\w++(?>(?:[ .]\w++)*)")
_NAME_LONGEST = 50
_TAGGED = re.compile(r"[#@$]\w+")


def plain_embed(tweet: Tweet) -> tuple[tuple[str, ShortLink], ...] | None:
    """Return the short links in X's embed of a tweet, as written and where each leads, each once;
    None for a tweet whose words could speak of another.
    """
    words = _words(tweet)
    if words is None or has_trace(words.replace("@", " ")):
        return None
    return tuple(each_target_once((piece.href, target) for piece, target in _short_links(tweet)))


def plain_line(tweet: Tweet, words: str) -> tuple[tuple[str, ShortLink], ...] | None:
    """Return the same of the line that is left of an embed, for a tweet of plain words: `words` are
    the tweet's, on one line, with the attribution behind a dash.
    """
    plain = _words(tweet)
    if plain is None or not _WORDS.fullmatch(plain):
        return None
    name = tweet.author_name or ""
    if len(name) > _NAME_LONGEST or not _NAME.fullmatch(name) or is_of_another_network(name):
        return None
    own = list(dict.fromkeys(target for _, target in _short_links(tweet)))
    found = each_target_once((one.address, one.target) for one in find_addresses(words))
    if not own or [target for _, target in found] != own:
        return None
    return tuple((address, target) for (address, _), target in zip(found, own, strict=True))


def _short_links(tweet: Tweet) -> Iterator[tuple[TweetLink, ShortLink]]:
    """Return the links of a tweet's words that are short links."""
    for piece in tweet.pieces:
        target = read_short_link(piece.href) if isinstance(piece, TweetLink) else None
        if target is not None and isinstance(piece, TweetLink):
            yield piece, target


def _words(tweet: Tweet) -> str | None:
    """Return a tweet's words with a sign for each short link; None where a link shows something
    else than itself, or the date is not the tweet's own.
    """
    if tweet.date_text not in {None, english_day(tweet.id)}:
        return None
    shown = []
    for piece in tweet.pieces:
        if isinstance(piece, LineBreak):
            shown.append("\n")
        elif not isinstance(piece, TweetLink) or _TAGGED.fullmatch(piece.text):
            shown.append(piece.text)
        elif _shows_itself(piece):
            shown.append(_LINK)
        else:
            return None
    return "".join(shown)


def _shows_itself(link: TweetLink) -> bool:
    """Return whether a link is a short link whose text is its address, or X's address for the same
    code of a picture.
    """
    target = read_short_link(link.href)
    hosts = ("https://t.co/", "pic.twitter.com/", "pic.x.com/")
    shown = {f"{host}{target.code}" for host in hosts} if target else ()
    return target is not None and link.href == target.url and link.text in shown
