"""How a path is put on the app: FastAPI documents; bodies are read and written by the endpoint, as
bytes, once each.

A `response_model` would validate every answer a second time and write it from a copy: half the
requests per second (docs/decisions/0004). A path without parameters is found by its name, before
any router is asked (docs/decisions/0023).
"""

from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple, cast

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute
from starlette.routing import BaseRoute, Match
from starlette.types import Receive, Scope, Send

from service.api.answer_compression import compressed
from service.api.bodies.long_bodies import Bodies
from service.api.openapi_description import ANSWERS, BODIES
from service.app import Service

Endpoint = Callable[[Request], Awaitable[Response]]
Routes = Mapping[tuple[str, str], "DirectRoute"]

RETRY_AFTER_S = 5
"""When to ask again, if the result does not know better."""


class Running(NamedTuple):
    """What is there while the service runs: `running` of the application, None before."""

    service: Service
    bodies: Bodies


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
            await compressed(response, scope)(scope, receive, send)

        self.app = answer


def direct_router() -> APIRouter:
    """Return a router of direct routes."""
    return APIRouter(route_class=DirectRoute)


def add_operation(
    router: APIRouter,
    method: str,
    path: str,
    endpoint: Endpoint,
    name: str,
    tag: str,
    response_class: type[Response] = JSONResponse,
) -> None:
    """Put an endpoint on a path, documented under its operation name."""
    router.add_api_route(
        path,
        endpoint,
        methods=[method],
        operation_id=name,
        name=name,
        tags=[tag],
        response_model=None,
        response_class=response_class,
        responses=ANSWERS[name],
        openapi_extra=BODIES.get(name),
    )


def add_page(router: APIRouter, path: str, endpoint: Endpoint) -> None:
    """Put what browsers load on a path; it is no operation."""
    router.add_api_route(path, endpoint, methods=["GET"], include_in_schema=False)


def routes_by_path(routes: Iterable[BaseRoute]) -> Routes:
    """Return the routes without parameters by method and path."""
    return {
        (method, route.path): route
        for route in routes
        if isinstance(route, DirectRoute) and not route.param_convertors
        for method in route.methods or ()
    }


def matching(routes: Iterable[BaseRoute], scope: Scope) -> Iterator[DirectRoute]:
    """Yield the routes of a path, whatever the method."""
    for route in routes:
        if isinstance(route, DirectRoute) and route.matches(scope)[0] is not Match.NONE:
            yield route


def allowed_methods(routes: Iterable[BaseRoute], scope: Scope) -> str:
    """Return the methods of a path, of all its routes, as `Allow` tells them."""
    methods = {"OPTIONS"}.union(*(route.methods or () for route in matching(routes, scope)))
    return ", ".join(sorted(methods | ({"HEAD"} if "GET" in methods else set())))


def service_of(request: Request) -> Service:
    """Return the parts that are there while the service runs."""
    return cast("Running", request.scope["app"].running).service


def bodies_of(request: Request) -> Bodies:
    """Return what answers bodies while the service runs."""
    return cast("Running", request.scope["app"].running).bodies
