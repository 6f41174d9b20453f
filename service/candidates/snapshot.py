"""The Internet Archive's copy of the article itself, in which the tweets may still be whole
(docs/x-behaviour.md 7.4). Pure.

`/web/TIMEid_/ADDRESS` gives the bytes as they were captured, or sends on to the capture nearest in
time; a capture, also of an error page, carries `Memento-Datetime` (RFC 7089), the Archive's own
troubles do not.
"""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Final
from urllib.parse import urlsplit

from service.candidates.clue import Clue
from service.candidates.source import Finding, Outcome
from service.candidates.stated import stated_in
from service.core.detect import detect
from service.core.model import Format

ADDRESS: Final = "https://web.archive.org/web/"
GAP_S: Final = 0.25
"""Between two requests. The Archive's libraries keep to eight a second."""
MOST_HOPS: Final = 4
MOST_BYTES: Final = 8 * 1024 * 1024
MEMENTO: Final = "memento-datetime"
_HOST: Final = "web.archive.org"
_BUSY_S: Final = 120.0
_LONGEST_ADDRESS: Final = 2000


def address_of(clue: Clue) -> str | None:
    """Return the address of the capture nearest to the tweet's day; None without an article's."""
    url = clue.article_url
    if url is None or not is_article(url):
        return None
    return f"{ADDRESS}{clue.day:%Y%m%d}id_/{url}"


def is_article(url: str) -> bool:
    """Return whether an address can be asked for: http(s), a host with a dot, no userinfo."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return False
    plain = (
        len(url) <= _LONGEST_ADDRESS
        and url.isascii()
        and url.isprintable()
        and " " not in url
        and "\\" not in url
    )
    return (
        plain
        and parts.scheme in {"http", "https"}
        and "." in host
        and "@" not in parts.netloc
        and not parts.fragment
    )


def is_capture(address: str) -> bool:
    """Return whether a redirect leads to a capture at the Archive, where it may be followed."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return parts.scheme == "https" and parts.netloc == _HOST and parts.path.startswith("/web/")


def read_answer(status: int, headers: Mapping[str, str], body: bytes) -> Finding:
    """Return the tweets that a capture states, whoever wrote them."""
    captured = MEMENTO in headers
    if status == HTTPStatus.OK and captured:
        page = body.decode("utf-8", "replace")
        return Finding(Outcome.DONE, tuple(stated_in(detect(page, Format.HTML))))
    if captured or status == HTTPStatus.NOT_FOUND:  # the capture of an error, or none
        return Finding(Outcome.DONE)
    if status in {HTTPStatus.BAD_REQUEST, HTTPStatus.FORBIDDEN}:
        return Finding(Outcome.REFUSED)
    return Finding(Outcome.TROUBLE, pause_s=_BUSY_S)
