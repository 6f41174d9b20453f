"""What a consumer of the oEmbed provider asks, read from the query of its request."""

import re
from dataclasses import dataclass

from starlette.datastructures import QueryParams

from service.core.article import Options
from service.core.model import TweetRef
from service.core.text.escaping import without_invisible
from service.core.urls.tweet_urls import read_permalink
from service.core.vocabulary import ALIGNS, LANGUAGES, THEMES, WIDTHS

_LONGEST_URL = 2000
_ADDRESS = re.compile(
    r"(?:https?:)?//[^\s/]+|[a-z0-9-]+(?:\.[a-z0-9-]+)+(?:[/:?#]|$)", re.IGNORECASE | re.ASCII
)
_YES = frozenset({"1", "true", "t", "yes", "on"})
_NO = frozenset({"0", "false", "f", "no", "off"})


@dataclass(frozen=True, slots=True)
class ProviderQuery:
    """What is asked: for which address, looking how, in which shape. `tweet` is None where the
    address states none, or is none (`is_address`).
    """

    url: str
    is_address: bool
    tweet: TweetRef | None
    options: Options
    is_json: bool
    callback: str | None
    key: str | None
    omits_script: bool
    is_grouped: bool


def read_query(query_string: bytes) -> ProviderQuery:
    """Read a query. X's own parameters are taken as X takes them: what is none of its values is
    ignored.
    """
    query = QueryParams(query_string)
    url = query.get("url") or query.get("uri") or ""
    options = Options(
        theme=_one_of(THEMES, query.get("theme")),
        lang=_one_of(LANGUAGES, query.get("lang")),
        align=_one_of(ALIGNS, query.get("align")),
        max_width=_width(query.get("maxwidth", "")),
        dnt=_flag(query, "dnt", default=True),
        hide_media=_flag(query, "hide_media", default=False),
        hide_thread=_flag(query, "hide_thread", default=False),
    )
    return ProviderQuery(
        url=url,
        is_address=is_address(url),
        tweet=read_permalink(url),
        options=options,
        is_json=(query.get("format") or "json").lower() == "json",
        callback=query.get("callback"),
        key=query.get("key"),
        omits_script=_flag(query, "omit_script", default=False),
        is_grouped=_flag(query, "group", default=False),
    )


def is_address(url: str) -> bool:
    """Return whether this can be the address of something."""
    return len(url) <= _LONGEST_URL and bool(_ADDRESS.match(without_invisible(url).strip()))


def _one_of(values: frozenset[str], value: str | None) -> str | None:
    value = (value or "").lower()
    return value if value in values else None


def _width(value: str) -> int | None:
    if re.fullmatch(r"-?[0-9]{1,400}", value, re.ASCII) is None:
        return None
    return max(WIDTHS[0], min(WIDTHS[-1], int(value)))


def _flag(query: QueryParams, name: str, *, default: bool) -> bool:
    value = query.get(name, "").lower()
    return True if value in _YES else False if value in _NO else default
