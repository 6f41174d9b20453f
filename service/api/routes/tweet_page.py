"""`/x/{id}`: a small page of a tweet, which says where its oEmbed answer is.

Ghost, Slack and WordPress find an embed by such a link without any configuration
(https://oembed.com, section 4).
"""

import html
from dataclasses import replace
from urllib.parse import quote

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from service.api.bodies.provider_query import read_query
from service.api.door.auth import Keyring, KeyScope
from service.api.problems import ProblemError
from service.api.routes.oembed_provider import UNKNOWN_AGE_S, NoEmbedError, provide
from service.api.routing import add_operation, direct_router
from service.core.model import TweetRef
from service.core.vocabulary import TWEET_ID
from service.settings import Settings

PAGE_WAIT_MS = 1500
"""How long the page waits for X: Ghost gives a page two seconds."""

_POLICY = (
    "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none';"
    " frame-ancestors 'none'"
)


def page_routes(settings: Settings, keyring: Keyring) -> APIRouter:
    """Return the route of the page. Without a key, where keys are wanted, X is not asked."""

    async def tweet_page(request: Request) -> Response:
        """Return a page of a tweet with the link to its oEmbed answer; 404 where there is none."""
        tweet_id = str(request.path_params["tweet_id"])
        if TWEET_ID.fullmatch(tweet_id) is None:
            raise ProblemError(404, "not_found", "A tweet's id is 1 to 20 digits.")
        key = request.query_params.get("key")
        if key is not None:
            keyring.check(request.scope, KeyScope.EMBED, key)
        may_ask = key is not None or not keyring
        deadline_ms = min(settings.deadline_ms, PAGE_WAIT_MS) if may_ask else 0
        address = TweetRef(tweet_id).url
        try:
            asked_for = replace(
                read_query(request.scope["query_string"]), url=address, is_address=True
            )
            provided = await provide(request, asked_for, deadline_ms, bare=True)
        except NoEmbedError as refused:
            raise ProblemError(404, "not_found", str(refused)) from None
        embed = provided.embed
        url = embed.url or address
        author = embed.author_name or embed.author_handle
        title = html.escape(f"{author} on X" if author else "A post on X")
        base = str(request.base_url).rstrip("/")
        asked = f"{base}/oembed?url={quote(url, safe='')}&format=json"
        if key is not None and keyring:
            asked += f"&key={quote(key, safe='')}"
        words = html.escape(embed.text or "")
        page = (
            f'<!doctype html>\n<html lang="{html.escape(embed.lang or "en")}">\n<head>\n'
            f'<meta charset="utf-8">\n<title>{title}</title>\n'
            '<meta name="viewport" content="width=device-width">\n'
            '<meta name="color-scheme" content="light dark">\n'
            '<meta name="robots" content="noindex">\n'
            f'<meta name="description" content="{words}">\n'
            f'<meta property="og:title" content="{title}">\n'
            f'<meta property="og:description" content="{words}">\n'
            '<meta property="og:site_name" content="X">\n'
            f'<link rel="canonical" href="{html.escape(url)}">\n'
            '<link rel="alternate" type="application/json+oembed"'
            f' href="{html.escape(asked)}" title="{title}">\n'
            f'<link rel="stylesheet" href="{html.escape(base)}/embed.css">\n'
            f"</head>\n<body>\n<main>\n{provided.html}\n</main>\n</body>\n</html>\n"
        )
        age = provided.cache_age if embed.html else UNKNOWN_AGE_S
        headers = {
            "Cache-Control": f"{'private' if keyring else 'public'}, max-age={min(age, 3600)}",
            "Content-Security-Policy": _POLICY,
            "Referrer-Policy": "no-referrer",
        }
        return HTMLResponse(page, headers=headers)

    router = direct_router()
    add_operation(router, "GET", "/x/{tweet_id}", tweet_page, "page", "provider", HTMLResponse)
    return router
