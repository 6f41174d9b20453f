"""`/v1/resolve` and `/v1/detect`: an article in, the article or what it mentions out."""

from dataclasses import replace

from fastapi import APIRouter, Request, Response
from fastapi.responses import StreamingResponse

from service.api.auth import Keyring, KeyScope
from service.api.middleware import has_place, overloaded, read_body
from service.api.models import DetectRequest, ResolveRequest
from service.api.ndjson import NdjsonStream
from service.api.requests import (
    JSON,
    NDJSON,
    article_of,
    detect_of,
    read_media_type,
    read_request,
    read_wait,
)
from service.api.routing import RETRY_AFTER_S, add_operation, direct_router, service_of
from service.core.detect import detect
from service.serialize import as_json, detected, resolved
from service.settings import Settings


def article_routes(settings: Settings, keyring: Keyring) -> APIRouter:
    """Return the routes. The resolver is that of `app.state.service`, there from the start of its
    lifespan.
    """

    async def resolve(request: Request) -> Response:
        """Resolve the tweets and links of an article: an article in, the article out."""
        headers = request.scope["headers"]
        keyring.check(request.scope, KeyScope.RESOLVE)
        media_type = read_media_type(headers, (JSON, NDJSON))
        wait_s = read_wait(headers)
        body = await read_body(request)
        applied = {} if wait_s is None else {"Preference-Applied": f"wait={wait_s}"}
        resolver = service_of(request).resolver
        is_placed = has_place(request)
        if media_type == NDJSON:
            if not is_placed:
                raise overloaded()
            lines = NdjsonStream(
                resolver,
                deadline_ms=settings.deadline_ms,
                wait_s=wait_s,
                instance=request.scope["path"],
                request_id=request.state.request_id,
            )
            return StreamingResponse(lines.answer(body), media_type=NDJSON, headers=applied)
        article = article_of(read_request(ResolveRequest, body), settings.deadline_ms, wait_s)
        result = await resolver(article if is_placed else replace(article, deadline_ms=0))
        if not result.complete:
            if not is_placed and article.deadline_ms:
                raise overloaded()
            applied["Retry-After"] = str(result.retry_after_s or RETRY_AFTER_S)
        return Response(as_json(resolved(result)), media_type=JSON, headers=applied)

    async def find(request: Request) -> Response:
        """Return which tweets and links a text mentions, by the text alone: no network, no
        change.
        """
        headers = request.scope["headers"]
        keyring.check(request.scope, KeyScope.RESOLVE)
        read_media_type(headers, (JSON,))
        content, written_as = detect_of(
            read_request(DetectRequest, await read_body(request)),
        )
        return Response(as_json(detected(detect(content, written_as))), media_type=JSON)

    router = direct_router()
    add_operation(router, "POST", "/v1/resolve", resolve, "resolve", "articles")
    add_operation(router, "POST", "/v1/detect", find, "detect", "articles")
    return router
