"""`/v1/resolve` and `/v1/detect`: an article in, the article or what it mentions out."""

from fastapi import APIRouter, Request, Response
from fastapi.responses import StreamingResponse

from service.api.bodies.answers import Wishes
from service.api.bodies.ndjson import NdjsonStream
from service.api.bodies.requests import (
    JSON,
    NDJSON,
    read_media_type,
    read_wait,
)
from service.api.door.auth import Keyring, KeyScope
from service.api.door.request_state import has_place, overloaded, read_body
from service.api.json_answer import JsonAnswer
from service.api.routing import (
    RETRY_AFTER_S,
    add_operation,
    bodies_of,
    direct_router,
)
from service.settings import Settings


def article_routes(settings: Settings, keyring: Keyring) -> APIRouter:
    """Return the routes."""

    async def resolve(request: Request) -> Response:
        """Resolve the tweets and links of an article: an article in, the article out."""
        headers = request.scope["headers"]
        keyring.check(request.scope, KeyScope.RESOLVE)
        media_type = read_media_type(headers, (JSON, NDJSON))
        wait_s = read_wait(headers)
        body = await read_body(request)
        applied = {} if wait_s is None else {"Preference-Applied": f"wait={wait_s}"}
        bodies = bodies_of(request)
        is_placed = has_place(request)
        if media_type == NDJSON:
            if not is_placed:
                raise overloaded()
            lines = NdjsonStream(
                bodies,
                Wishes(settings.deadline_ms, wait_s),
                instance=request.scope["path"],
                request_id=request.state.request_id,
            )
            return StreamingResponse(lines.answer(body), media_type=NDJSON, headers=applied)
        wishes = Wishes(settings.deadline_ms, wait_s, is_placed)
        answer = await bodies.resolve(body, wishes)
        if not answer.complete:
            if not is_placed and answer.waited:
                raise overloaded()
            applied["Retry-After"] = str(answer.retry_after_s or RETRY_AFTER_S)
        return JsonAnswer(answer.body, headers=applied)

    async def find(request: Request) -> Response:
        """Return which tweets and links a text mentions, by the text alone: no network, no
        change.
        """
        headers = request.scope["headers"]
        keyring.check(request.scope, KeyScope.RESOLVE)
        read_media_type(headers, (JSON,))
        body = await read_body(request)
        answer = await bodies_of(request).detect(body)
        return JsonAnswer(answer.body)

    router = direct_router()
    add_operation(router, "POST", "/v1/resolve", resolve, "resolve", "articles")
    add_operation(router, "POST", "/v1/detect", find, "detect", "articles")
    return router
