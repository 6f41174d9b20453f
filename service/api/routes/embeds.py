"""`/v1/embeds` and `/v1/links`: addresses in, the embed or the target of each out."""

from fastapi import APIRouter, Request, Response

from service.api.bodies.address_models import EmbedsRequest, LinksRequest
from service.api.bodies.requests import (
    JSON,
    deadline_of,
    embed_options_of,
    read_media_type,
    read_request,
    read_wait,
)
from service.api.door.auth import Keyring, KeyScope
from service.api.door.request_state import has_place, overloaded, read_body
from service.api.json_answer import JsonAnswer
from service.api.routing import add_operation, direct_router, service_of
from service.pipeline.address_resolver import NO_TWEET_RETRY_S
from service.serialize import address_embeds, address_targets, as_json
from service.settings import Settings


def embed_routes(settings: Settings, keyring: Keyring) -> APIRouter:
    """Return the routes for addresses that stand in no article."""

    async def embeds(request: Request) -> Response:
        """Return the embed for each of up to 100 addresses, in order."""
        body, wait_s = await _read(request)
        asked = read_request(EmbedsRequest, body)
        deadline_ms = deadline_of(asked.deadline_ms, settings.deadline_ms, wait_s)
        is_placed = has_place(request)
        answer = await service_of(request).addresses.embeds(
            asked.urls, deadline_ms if is_placed else 0, embed_options_of(asked.options)
        )
        if not is_placed and deadline_ms and answer.retry_after_s not in {None, NO_TWEET_RETRY_S}:
            raise overloaded()
        return _answer(as_json(address_embeds(answer)), answer.retry_after_s, wait_s)

    async def links(request: Request) -> Response:
        """Return where each of up to 100 addresses leads, in order."""
        body, wait_s = await _read(request)
        asked = read_request(LinksRequest, body)
        deadline_ms = deadline_of(asked.deadline_ms, settings.deadline_ms, wait_s)
        is_placed = has_place(request)
        answer = await service_of(request).addresses.links(
            asked.urls, deadline_ms if is_placed else 0
        )
        if not is_placed and deadline_ms and answer.retry_after_s is not None:
            raise overloaded()
        return _answer(as_json(address_targets(answer)), answer.retry_after_s, wait_s)

    async def _read(request: Request) -> tuple[bytes, int | None]:
        headers = request.scope["headers"]
        keyring.check(request.scope, KeyScope.RESOLVE)
        read_media_type(headers, (JSON,))
        return await read_body(request), read_wait(headers)

    router = direct_router()
    add_operation(router, "POST", "/v1/embeds", embeds, "embeds", "addresses")
    add_operation(router, "POST", "/v1/links", links, "links", "addresses")
    return router


def _answer(body: bytes, retry_after_s: int | None, wait_s: int | None) -> Response:
    headers = {} if wait_s is None else {"Preference-Applied": f"wait={wait_s}"}
    if retry_after_s is not None:
        headers["Retry-After"] = str(retry_after_s)
    return JsonAnswer(body, headers=headers)
