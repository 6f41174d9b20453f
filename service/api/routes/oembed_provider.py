"""`/oembed`, an oEmbed 1.0 provider (https://oembed.com), and the same in Iframely's shape.

What WordPress, Ghost, Drupal, Wagtail, CKEditor and TinyMCE each want of it is in docs/interface.md
6.8. No error has a member `type`: WordPress takes any JSON that has one for an embed.
"""

import datetime as dt
import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from fastapi import APIRouter, Request, Response

from service.api.bodies.provider_query import ProviderQuery, read_query
from service.api.door.auth import Keyring, KeyScope
from service.api.door.request_state import has_place, overloaded
from service.api.json_answer import JsonAnswer
from service.api.problems import ProblemError
from service.api.routing import add_operation, direct_router, service_of
from service.cache.entries import CacheEntry
from service.core.article import EmbedResult
from service.core.errors import TweetEmbedError
from service.core.model import EmbedStyle, Reason, State, Tweet, UnavailableTweet
from service.core.render.variants import render_stub
from service.core.rewrite.widget_script import SCRIPT_ELEMENT
from service.core.text.escaping import escape
from service.core.urls.tweet_urls import read_permalink, read_short_link
from service.core.vocabulary import WIDTHS
from service.serialize import as_json
from service.settings import Settings

JAVASCRIPT = "text/javascript; charset=utf-8"
UNKNOWN_AGE_S = 60
"""`cache_age` of what X could not be asked about, and of an answer past its time."""
MOST_KEPT = 4096
LONGEST_KEPT = 512
"""So many queries, of so many bytes at most, are kept as they were read, each with the last answer
to it: some 16 MiB.
"""

_CALLBACK = re.compile(r"[A-Za-z_$][\w$.]{0,63}", re.ASCII)
_REL = ["app", "inline", "ssl", "html5"]
_REFUSED = {
    State.GONE: (404, "The tweet is gone."),
    State.PROTECTED: (403, "The tweet is protected."),
}
_AGE = b',"cache_age":'


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


@dataclass(frozen=True, slots=True)
class WrittenAnswer:
    """An answer as it was written, in two parts where its age stands between them. It holds as long
    as X's answer is held.
    """

    entry: CacheEntry[Tweet | UnavailableTweet] | None
    before_age: bytes
    after_age: bytes
    etag: str


class KeptQuery:
    """A query that was read, and what was last written for it."""

    __slots__ = ("asked", "written")

    def __init__(self, query_string: bytes) -> None:
        """Read it."""
        self.asked = read_query(query_string)
        self.written: WrittenAnswer | None = None


Shape = Callable[[ProviderQuery, ProvidedEmbed], dict[str, Any] | list[dict[str, Any]]]


def oembed_routes(settings: Settings, keyring: Keyring) -> APIRouter:
    """Return the routes of the provider."""
    plain = OembedProvider(settings, keyring, _as_oembed)
    other = OembedProvider(settings, keyring, _as_iframely)

    async def oembed(request: Request) -> Response:
        """Return a tweet as an oEmbed 1.0 answer; `callback` asks for JSONP."""
        return await plain.answer(request)

    async def iframely(request: Request) -> Response:
        """Return a tweet in Iframely's shape."""
        return await other.answer(request)

    router = direct_router()
    add_operation(router, "GET", "/oembed", oembed, "oembed", "provider")
    add_operation(router, "GET", "/iframely", iframely, "iframely", "provider")
    return router


async def provide(
    request: Request, asked: ProviderQuery, deadline_ms: int, *, bare: bool = False
) -> ProvidedEmbed:
    """Return the embed for an address, looking as it is asked.

    Raises `NoEmbedError`: 400 if it is no address, 403 or 404 if there is no tweet to show. `bare`
    leaves X's script out in any case.
    """
    if not asked.is_address:
        raise NoEmbedError(400, "Send `url`, the address of a tweet.")
    url, options = asked.url, asked.options
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
    if not bare and not asked.omits_script:
        html += SCRIPT_ELEMENT
    age = _age_of(embed.fresh_until if embed.state is State.EMBEDDED else None)
    return ProvidedEmbed(embed, html, options.max_width or WIDTHS[-1], age)


def _stub(embed: EmbedResult, url: str, look: EmbedStyle) -> str:
    """Write the link alone, as a blockquote; a short link is no tweet for X's script."""
    tweet = read_permalink(embed.url or "")
    if tweet is not None:
        return render_stub(tweet, look)
    short = read_short_link(url)
    link = escape(short.url if short else url)
    return f'<blockquote><a href="{link}">{link}</a></blockquote>'


def _age_of(fresh_until: dt.datetime | None) -> int:
    """Return the seconds for which an answer holds."""
    if fresh_until is None:
        return UNKNOWN_AGE_S
    left = int((fresh_until - dt.datetime.now(dt.UTC)).total_seconds())
    return left if left > 0 else UNKNOWN_AGE_S


class OembedProvider:
    """Answers consumers in one shape. What was written for a query is sent again as long as X's
    answer for the tweet is the same, fresh and in memory, and the tweet was not taken down.
    """

    def __init__(self, settings: Settings, keyring: Keyring, shape: Shape) -> None:
        """Answer in this shape."""
        self._deadline_ms = settings.deadline_ms
        self._keyring = keyring
        self._shape = shape
        self._kept = lru_cache(MOST_KEPT)(KeptQuery)

    async def answer(self, request: Request) -> Response:
        """Answer a consumer: an error is a small object, and a JSONP call where one was asked
        for.
        """
        query_string: bytes = request.scope["query_string"]
        is_short = len(query_string) <= LONGEST_KEPT
        kept = self._kept(query_string) if is_short else KeptQuery(query_string)
        callback = kept.asked.callback
        if callback is not None and _CALLBACK.fullmatch(callback) is None:
            return _refusal(400, "`callback` is no name that can be called here.", None)
        try:
            self._keyring.check(request.scope, KeyScope.EMBED, kept.asked.key)
            if not kept.asked.is_json:
                return _refusal(501, "This provider answers `format=json` alone.", callback)
            return await self._answer(request, kept)
        except NoEmbedError as refused:
            return _refusal(refused.status, str(refused), callback)
        except ProblemError as problem:
            return _refusal(problem.status, problem.detail, callback, problem.headers)

    async def _answer(self, request: Request, kept: KeptQuery) -> Response:
        asked, written = kept.asked, kept.written
        service = service_of(request)
        if written is not None and written.entry and service.tweets.is_current(written.entry):
            service.addresses.count(State.EMBEDDED)
            age = _age_of(written.entry.held.fresh_until)
            return self._send(request, written, asked.callback, age)
        entry = service.tweets.held((asked.tweet, asked.options.lang)) if asked.tweet else None
        provided = await provide(request, asked, self._deadline_ms)
        embed = provided.embed
        is_held = (
            entry is not None
            and embed.state is State.EMBEDDED
            and embed.checked_at == entry.held.checked_at
            and embed.fresh_until == entry.held.fresh_until
        )
        told = self._shape(asked, provided)
        written = _written(told, asked.callback, entry if is_held else None)
        kept.written = written if is_held else None
        return self._send(request, written, asked.callback, provided.cache_age)

    def _send(
        self, request: Request, written: WrittenAnswer, callback: str | None, age: int
    ) -> Response:
        """Send an answer, or 304 to who has it."""
        whose = "private" if self._keyring else "public"
        headers = {
            "ETag": written.etag,
            "Cache-Control": f"{whose}, max-age={age}",
            "Vary": "Authorization",
        }
        if _has(request, written.etag):
            headers["Vary"] += ", Accept-Encoding"
            return Response(status_code=304, headers=headers)
        body = written.before_age
        if written.after_age:
            body += b"%d" % age + written.after_age
        return _response(body, callback, 200, headers)


def _written(
    told: dict[str, Any] | list[dict[str, Any]],
    callback: str | None,
    entry: CacheEntry[Tweet | UnavailableTweet] | None,
) -> WrittenAnswer:
    """Write an answer. Its age comes last in an object, and is none of what the ETag tells."""
    body = as_json(told)
    digest = hashlib.sha256(body + b" " + (callback or "").encode()).hexdigest()[:32]
    if isinstance(told, dict):
        body = body[:-1] + _AGE + b"}"
    before, age, after = _called(body, callback).partition(_AGE + b"}")
    return WrittenAnswer(entry, before + age[:-1], age[-1:] + after, f'W/"{digest}"')


def _has(request: Request, etag: str) -> bool:
    """Return whether the consumer has this very answer (RFC 9110, 13.1.2: weakly compared)."""
    for name, value in request.scope["headers"]:
        if name == b"if-none-match":
            tags = {tag.strip().removeprefix("W/") for tag in value.decode("latin-1").split(",")}
            if "*" in tags or etag.removeprefix("W/") in tags:
                return True
    return False


def _refusal(
    status: int, message: str, callback: str | None, headers: dict[str, str] | None = None
) -> Response:
    told = as_json({"error": status, "message": message})
    sent = {"Cache-Control": "no-store", **(headers or {})}
    return _response(_called(told, callback), callback, status, sent)


def _called(body: bytes, callback: str | None) -> bytes:
    """Write a JSONP call, where one is asked for."""
    if callback is None:
        return body
    # Line separators end a string of older JavaScript (ECMAScript 2018 and before).
    body = body.replace("\u2028".encode(), rb"\u2028").replace("\u2029".encode(), rb"\u2029")
    return b"/**/" + callback.encode() + b"(" + body + b");"


def _response(
    body: bytes, callback: str | None, status: int, headers: Mapping[str, str]
) -> Response:
    """Return an answer; a JSONP call is 200 always, or the script would not run."""
    if callback is None:
        return JsonAnswer(body, status, headers)
    return Response(body, 200, headers, media_type=JAVASCRIPT)


def _as_oembed(_: ProviderQuery, provided: ProvidedEmbed) -> dict[str, Any]:
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


def _as_iframely(
    asked: ProviderQuery, provided: ProvidedEmbed
) -> dict[str, Any] | list[dict[str, Any]]:
    """Write Iframely's grouped answer (https://iframely.com/docs/iframely-api), or the list of
    links alone.
    """
    if not asked.is_grouped:
        return _as_iframely_links(provided)
    embed, told = provided.embed, _as_oembed(asked, provided)
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
