"""Which links may stand in a tweet, and what they show."""

import re
import unicodedata
from collections.abc import Iterable
from typing import TypeVar

from service.core.model import TweetLink
from service.core.text.escaping import label, plain
from service.core.urls.safety import is_safe_address
from service.core.urls.tracking import strip_tracking
from service.core.urls.tweet_urls import read_permalink
from service.core.vocabulary import SHORT_LINK_HOSTS

T = TypeVar("T")

OWN_HOSTS = frozenset(
    f"{prefix}{host}"
    for prefix in ("", "www.", "mobile.", "m.")
    for host in ("twitter.com", "x.com")
)
"""X's own hosts: mentions, hashtags and permalinks lead there or nowhere."""

_HOST = re.compile(r"https?://([^/?#:]+)", re.IGNORECASE)
_MENTION = re.compile(r"[@＠#＃]\w|[$＄][A-Za-z]")
_ADDRESS_LIKE = re.compile(r"(?<![\w.-])(?:[\w-]+\.)+[^\W\d_]{2,}")
_PREFIX = re.compile(r"^(?:www|mobile|m)\.")
# A stretch of ASCII that `is_safe_address` always lets through, so that the common case costs one
# look.
_PLAINLY_SAFE = re.compile(
    r"https?://(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}(?:[/?#][A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]*)?",
)
_WRITABLE = re.compile(
    r"[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%^\x80-\U0010ffff]*",
)  # RFC 3986 and 3987, and `^`, which X writes


def host_of(address: str) -> str:
    """Return the host of an http(s) address in lower case, empty if there is none."""
    match = _HOST.match(address)
    return "" if match is None else match[1].lower().removesuffix(".")


def is_safe_link(href: str) -> bool:
    """Return whether an address may be written into an `href`."""
    return _PLAINLY_SAFE.fullmatch(href) is not None or (
        _WRITABLE.fullmatch(href) is not None and is_safe_address(href)
    )


def leads_where_it_says(text: str, href: str) -> bool:
    """Return whether what must lead to X's own hosts does: a mention, a hashtag, a cashtag, a
    permalink.
    """
    host = host_of(href)
    if host in OWN_HOSTS:
        return True
    return _MENTION.match(text) is None and (
        host in SHORT_LINK_HOSTS or read_permalink(href) is None
    )


def shows_where_it_leads(text: str, href: str) -> bool:
    """Return whether a link's text shows no other host than the true one; X's short links show
    their target's (docs/x-behaviour.md 6.1).

    `text` has been through `label`.
    """
    host = host_of(href)
    return text == href or host in SHORT_LINK_HOSTS or not shows_other_host(text, host)


def shows_other_host(text: str, host: str) -> bool:
    """Return whether text shows an address, and its host is another one than `host` (`www.` and the
    like aside; X's hosts are one).
    """
    if "." not in text and text.isascii():
        return False
    seen = unicodedata.normalize("NFKC", text).replace("。", ".")
    true = _family(host)
    return any(_family(found[0].lower()) != true for found in _ADDRESS_LIKE.finditer(seen))


def _family(host: str) -> str:
    """Return the name a host goes by here."""
    bare = _PREFIX.sub("", host)
    return "x.com" if bare == "twitter.com" or bare in SHORT_LINK_HOSTS else bare


def fair_anchor(text: str, href: str) -> TweetLink | None:
    """Return a link as it may stand in a tweet's words, or None where only its words may.

    `href` loses X's own tracking (`ref_src`); a text that shows another host than the true one
    gives way to the address itself.
    """
    href = plain(href).strip(" ")
    if href.startswith("//"):
        href = "https:" + href
    scheme, colon, rest = href.partition(":")
    href = scheme.lower() + colon + rest
    if not is_safe_link(href):
        return None
    if host_of(href) in OWN_HOSTS:
        href = strip_tracking(href)
    text = label(text)
    if not text or not leads_where_it_says(text, href):
        return None
    return TweetLink(text if shows_where_it_leads(text, href) else href, href)


def each_target_once(addresses: Iterable[tuple[str, T]]) -> list[tuple[str, T]]:
    """Return the addresses of a tweet, as written and where each leads, each target once: in the
    place where it stands last, for the last is the surest to be the tweet's own, as it was written
    first.
    """
    written = {target: address for address, target in reversed(list(addresses))}
    return [(address, target) for target, address in reversed(written.items())]
