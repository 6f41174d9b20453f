"""`/oembed`, an oEmbed 1.0 provider (https://oembed.com), and the same in Iframely's shape.

What WordPress, Ghost, Drupal, Wagtail, CKEditor and TinyMCE each want of it is in docs/interface.md
6.8. No error has a member `type`: WordPress takes any JSON that has one for an embed.
"""

import datetime as dt
import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request, Response

from service.api.auth import Keyring, KeyScope
from service.api.problems import ProblemError
from service.api.request_state import has_place, overloaded
from service.api.requests import JSON
from service.api.routing import add_operation, direct_router, service_of
from service.core.article import EmbedResult, Options
from service.core.errors import TweetEmbedError
from service.core.model import EmbedStyle, Reason, State
from service.core.render.variants import render_stub
from service.core.rewrite.widget_script import SCRIPT_ELEMENT
from service.core.text.escaping import escape, without_invisible
from service.core.urls.tweet_urls import read_permalink, read_short_link
from service.core.vocabulary import ALIGNS, LANGUAGES, THEMES, WIDTHS
from service.serialize import as_json
from service.settings import Settings

JAVASCRIPT = "text/javascript"
UNKNOWN_AGE_S = 60
"""`cache_age` of what X could not be asked about, and of an answer past its time."""

_LONGEST_URL = 2000
_ADDRESS = re.compile(
    r"(?:https?:)?//[^\s/]+|[a-z0-9-]+(?:\.[a-z0-9-]+)+(?:[/:?#]|$)", re.IGNORECASE | re.ASCII
)
_CALLBACK = re.compile(r"[A-Za-z_$][\w$.]{0,63}", re.ASCII)
_REL = ["app", "inline", "ssl", "html5"]
_YES = frozenset({"1", "true", "t", "yes", "on"})
_NO = frozenset({"0", "false", "f", "no", "off"})
_REFUSED = {
    State.GONE: (404, "The tweet is gone."),
    State.PROTECTED: (403, "The tweet is protected."),
}


class NoEmbedError(TweetEmbedError):
    """There is nothing to show at an address; the message says why."""

    def __init__(self, status: int, message: str) -> None:
        """Keep the HTTP status that says so."""
        super().__init__(message)
        self.status = status


@dataclass(frozen=True, slots=True)
class ProvidedEmbed:
    """What is known of the tweet behind an address: its HTML, and for how many seconds it holds."""

    embed: EmbedResult
    html: str
    width: int
    cache_age: int


def oembed_routes(settings: Settings, keyring: Keyring) -> APIRouter:
    """Return the routes of the provider."""

    async def oembed(request: Request) -> Response:
        """Return a tweet as an oEmbed 1.0 answer; `callback` asks for JSONP."""
        return await _answered(request, keyring, settings.deadline_ms, _as_oembed)

    async def iframely(request: Request) -> Response:
        """Return a tweet in Iframely's shape."""
        shape = _as_iframely if _flag(request, "group", default=False) else _as_iframely_links
        return await _answered(request, keyring, settings.deadline_ms, shape)

    router = direct_router()
    add_operation(router, "GET", "/oembed", oembed, "oembed", "provider")
    add_operation(router, "GET", "/iframely", iframely, "iframely", "provider")
    return router


async def provide(
    request: Request, url: str, deadline_ms: int, *, bare: bool = False
) -> ProvidedEmbed:
    """Return the embed for an address, looking as the query of the request asks.

    Raises `NoEmbedError`: 400 if it is no address, 403 or 404 if there is no tweet to show. `bare`
    leaves X's script out in any case.
    """
    if len(url) > _LONGEST_URL or _ADDRESS.match(without_invisible(url).strip()) is None:
        raise NoEmbedError(400, "Send `url`, the address of a tweet.")
    options = _options_of(request)
    is_placed = has_place(request)
    answer = await service_of(request).addresses.embeds(
        [url], deadline_ms if is_placed else 0, options
    )
    embed = answer.embeds[0]
    if not is_placed and deadline_ms and answer.retry_after_s is not None:
        raise overloaded()
    if embed.state in _REFUSED:
        status, told = _REFUSED[embed.state]
        raise NoEmbedError(status, told)
    if embed.reason is Reason.NOT_A_TWEET:
        raise NoEmbedError(404, "There is no tweet at this address.")
    html = embed.html or _stub(embed, url, EmbedStyle(dnt=options.dnt))
    if not bare and not _flag(request, "omit_script", default=False):
        html += SCRIPT_ELEMENT
    return ProvidedEmbed(embed, html, options.max_width or WIDTHS[-1], _age_of(embed))


def _stub(embed: EmbedResult, url: str, look: EmbedStyle) -> str:
    """Write the link alone, as a blockquote; a short link is no tweet for X's script."""
    tweet = read_permalink(embed.url or "")
    if tweet is not None:
        return render_stub(tweet, look)
    short = read_short_link(url)
    link = escape(short.url if short else url)
    return f'<blockquote><a href="{link}">{link}</a></blockquote>'


def _age_of(embed: EmbedResult) -> int:
    """Return the seconds for which an answer holds."""
    if embed.state is not State.EMBEDDED or embed.fresh_until is None:
        return UNKNOWN_AGE_S
    left = int((embed.fresh_until - dt.datetime.now(dt.UTC)).total_seconds())
    return left if left > 0 else UNKNOWN_AGE_S


async def _answered(
    request: Request,
    keyring: Keyring,
    deadline_ms: int,
    shape: Callable[[ProvidedEmbed], Any],
) -> Response:
    """Answer a consumer: an error is a small object, and a JSONP call where one was asked for."""
    query = request.query_params
    callback = query.get("callback")
    if callback is not None and _CALLBACK.fullmatch(callback) is None:
        return _refusal(400, "`callback` is no name that can be called here.", None)
    try:
        keyring.check(request.scope, KeyScope.EMBED, query.get("key"))
        if query.get("format", "json").lower() != "json":
            return _refusal(501, "This provider answers `format=json` alone.", callback)
        url = query.get("url") or query.get("uri") or ""
        provided = await provide(request, url, deadline_ms)
    except NoEmbedError as refused:
        return _refusal(refused.status, str(refused), callback)
    except ProblemError as problem:
        return _refusal(problem.status, problem.detail, callback, problem.headers)
    told = shape(provided)
    aged = {"cache_age": provided.cache_age} if isinstance(told, dict) else {}
    digest = hashlib.sha256(as_json({"told": told, "callback": callback})).hexdigest()[:32]
    whose = "private" if keyring else "public"
    headers = {
        "ETag": f'W/"{digest}"',
        "Cache-Control": f"{whose}, max-age={provided.cache_age}",
        "Vary": "Authorization",
    }
    if _has(request, headers["ETag"]):
        return Response(status_code=304, headers=headers)
    return _written(told | aged if aged else told, callback, 200, headers)


def _has(request: Request, etag: str) -> bool:
    """Return whether the consumer has this very answer (RFC 9110, 13.1.2: weakly compared)."""
    given = request.headers.get("if-none-match", "")
    tags = {tag.strip().removeprefix("W/") for tag in given.split(",")}
    return "*" in tags or etag.removeprefix("W/") in tags


def _refusal(
    status: int, message: str, callback: str | None, headers: dict[str, str] | None = None
) -> Response:
    told = {"error": status, "message": message}
    sent = {"Cache-Control": "no-store", **(headers or {})}
    return _written(told, callback, status, sent)


def _written(told: object, callback: str | None, status: int, headers: dict[str, str]) -> Response:
    body = as_json(told)
    if callback is None:
        return Response(body, status, headers, media_type=JSON)
    # Line separators end a string of older JavaScript (ECMAScript 2018 and before).
    body = body.replace("\u2028".encode(), rb"\u2028").replace("\u2029".encode(), rb"\u2029")
    called = b"/**/" + callback.encode() + b"(" + body + b");"
    return Response(called, 200, headers, media_type=f"{JAVASCRIPT}; charset=utf-8")


def _options_of(request: Request) -> Options:
    """Read X's own parameters; what is none of X's values is ignored, as X does."""
    query = request.query_params
    return Options(
        theme=_one_of(THEMES, query.get("theme")),
        lang=_one_of(LANGUAGES, query.get("lang")),
        align=_one_of(ALIGNS, query.get("align")),
        max_width=_width(query.get("maxwidth", "")),
        dnt=_flag(request, "dnt", default=True),
        hide_media=_flag(request, "hide_media", default=False),
        hide_thread=_flag(request, "hide_thread", default=False),
    )


def _one_of(values: frozenset[str], value: str | None) -> str | None:
    value = (value or "").lower()
    return value if value in values else None


def _width(value: str) -> int | None:
    if re.fullmatch(r"-?[0-9]{1,9}", value, re.ASCII) is None:
        return None
    return max(WIDTHS[0], min(WIDTHS[-1], int(value)))


def _flag(request: Request, name: str, *, default: bool) -> bool:
    value = request.query_params.get(name, "").lower()
    return True if value in _YES else False if value in _NO else default


def _as_oembed(provided: ProvidedEmbed) -> dict[str, Any]:
    embed = provided.embed
    author = embed.author_name or embed.author_handle
    told = {
        "version": "1.0",
        "type": "rich",
        "provider_name": "X",
        "provider_url": "https://x.com",
        "url": embed.url,
        "title": f"{author} on X" if author else "A post on X",
        "author_name": author,
        "author_url": f"https://x.com/{embed.author_handle}" if embed.author_handle else None,
        "html": provided.html,
        "width": provided.width,
    }
    return {name: value for name, value in told.items() if value is not None} | {"height": None}


def _as_iframely(provided: ProvidedEmbed) -> dict[str, Any]:
    """Write Iframely's grouped answer (https://iframely.com/docs/iframely-api)."""
    embed, told = provided.embed, _as_oembed(provided)
    meta = {
        "title": told["title"],
        "author": told.get("author_name"),
        "author_url": told.get("author_url"),
        "site": "X",
        "canonical": embed.url,
        "date": embed.created_at.date().isoformat() if embed.created_at else None,
        "description": embed.text,
    }
    return {
        "url": embed.url,
        "rel": _REL,
        "html": provided.html,
        "meta": {name: value for name, value in meta.items() if value is not None},
        "links": {"app": _as_iframely_links(provided), "thumbnail": [], "icon": []},
    }


def _as_iframely_links(provided: ProvidedEmbed) -> list[dict[str, Any]]:
    return [
        {
            "rel": _REL,
            "type": "text/html",
            "html": provided.html,
            "media": {"max-width": provided.width},
        },
    ]
