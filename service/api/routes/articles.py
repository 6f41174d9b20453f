"""What answers on each path. FastAPI routes and documents; bodies are read and written here, as
bytes, once each.

A `response_model` would validate every answer a second time and write it from a copy: half the
requests per second (docs/decisions/0004).
"""

from collections.abc import Awaitable, Callable
from typing import Any, cast

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse, PlainTextResponse, StreamingResponse
from fastapi.routing import APIRoute
from starlette.types import Receive, Scope, Send

from service.api.middleware import read_body
from service.api.models import DetectRequest, ResolveRequest
from service.api.ndjson import NdjsonStream
from service.api.openapi import ANSWERS, BODIES
from service.api.requests import (
    JSON,
    NDJSON,
    article_of,
    check_key,
    detect_of,
    read_media_type,
    read_request,
    read_wait,
)
from service.api.routes.tweets import TweetRoutes
from service.app import Service
from service.core.detect import detect
from service.serialize import as_json, detected, resolved
from service.settings import Settings

Endpoint = Callable[[Request], Awaitable[Response]]


class DirectRoute(APIRoute):
    """FastAPI's path and documentation for an endpoint that takes the request itself and gives the
    response itself.
    """

    # FastAPI's thirty arguments, passed on
    def __init__(self, path: str, endpoint: Endpoint, **rest: Any) -> None:  # noqa: ANN401
        """As FastAPI's own; what would solve dependencies is left out."""
        super().__init__(path, endpoint, **rest)

        async def answer(scope: Scope, receive: Receive, send: Send) -> None:
            response = await endpoint(Request(scope, receive))
            await response(scope, receive, send)

        self.app = answer


def add_routes(app: FastAPI, settings: Settings) -> None:
    """Put every path on the app. The resolver is that of `app.state.service`, there from the start
    of its lifespan.
    """
    app.router.route_class = DirectRoute

    async def resolve(request: Request) -> Response:
        """Resolve the tweets and links of an article: an article in, the article out."""
        headers = request.scope["headers"]
        check_key(headers, settings.api_keys)
        media_type = read_media_type(headers, (JSON, NDJSON))
        wait_s = read_wait(headers)
        body = await read_body(request.receive)
        applied = {} if wait_s is None else {"Preference-Applied": f"wait={wait_s}"}
        resolver = cast("Service", request.app.state.service).resolver
        if media_type == NDJSON:
            lines = NdjsonStream(
                resolver,
                deadline_ms=settings.deadline_ms,
                wait_s=wait_s,
                instance=request.scope["path"],
                request_id=request.state.request_id,
            )
            return StreamingResponse(lines.answer(body), media_type=NDJSON, headers=applied)
        result = await resolver(
            article_of(read_request(ResolveRequest, body), settings.deadline_ms, wait_s),
        )
        if not result.complete:
            applied["Retry-After"] = str(result.retry_after_s or RETRY_AFTER_S)
        return Response(as_json(resolved(result)), media_type=JSON, headers=applied)

    async def find(request: Request) -> Response:
        """Return which tweets and links a text mentions, by the text alone: no network, no
        change.
        """
        headers = request.scope["headers"]
        check_key(headers, settings.api_keys)
        read_media_type(headers, (JSON,))
        content, written_as = detect_of(
            read_request(DetectRequest, await read_body(request.receive)),
        )
        return Response(as_json(detected(detect(content, written_as))), media_type=JSON)

    async def livez(_: Request) -> Response:
        """Return that the process answers."""
        return Response(b'{"status":"up"}', media_type=JSON)

    tweets = TweetRoutes(settings)
    for path, method, endpoint, name, tag in (
        ("/v1/resolve", "POST", resolve, "resolve", "articles"),
        ("/v1/detect", "POST", find, "detect", "articles"),
        ("/livez", "GET", livez, "livez", "operation"),
        ("/v1/tweets/{tweet_id}", "GET", tweets.read, "tweet", "tweets"),
        ("/v1/tweets/{tweet_id}", "DELETE", tweets.take_down, "takedown", "tweets"),
        ("/readyz", "GET", tweets.readyz, "readyz", "operation"),
        ("/metrics", "GET", tweets.metrics, "metrics", "operation"),
    ):
        app.add_api_route(
            path,
            endpoint,
            methods=[method],
            operation_id=name,
            name=name,
            tags=[tag],
            response_model=None,
            response_class=PlainTextResponse if path == "/metrics" else JSONResponse,
            responses=ANSWERS[name],
            openapi_extra=BODIES.get(name),
        )


RETRY_AFTER_S = 5
"""When to ask again, if the result does not know better."""
