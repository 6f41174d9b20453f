"""The one door before every request: its id, its place, the size of its body, its way to a route,
and an answer whatever went wrong behind.

Plain ASGI, and the only thing between the server and a route: each further layer would cost every
request as much as finding that there is nothing to do in an article (docs/decisions/0023).
"""

import logging
import time
from collections.abc import Sequence
from http import HTTPStatus
from typing import cast

from starlette.exceptions import HTTPException
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.api.door.cross_origin import preflight_of
from service.api.door.places import Places
from service.api.door.request_state import OTHER, ClientGoneError, RequestLimits, RequestState
from service.api.door.stopping import StopSignal
from service.api.problems import ProblemError
from service.api.routing import Running, allowed_methods, matching, routes_by_path
from service.metrics import Metrics
from service.settings import Settings

BODY_PART = 3
"""A body may take so many times as long to arrive as a head."""

_CODES = {404: "not_found", 405: "method_not_allowed"}
_INTERNAL = ProblemError(
    500, "internal", "The service failed; the operator's log has the request_id."
)

log = logging.getLogger("tweet_embed")
access_log = logging.getLogger("tweet_embed.access")


class RequestMiddleware:
    """Assign a request its id, count its body as it arrives, find its route, and turn every
    exception into a problem.
    """

    def __init__(
        self, app: ASGIApp, routes: Sequence[BaseRoute], settings: Settings, stop: StopSignal
    ) -> None:
        """Stand before `app`, which knows all `routes`; those without parameters are found here.

        A body of more than `max_body_bytes` is answered with 413 without being read to its end.
        `stop` is the end of the service.
        """
        self.app = app
        self._routes = routes
        self._by_path = routes_by_path(routes)
        self.limits = RequestLimits(
            settings.max_body_bytes,
            Places(settings.max_in_flight),
            stop,
            settings.access_log,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        if scope["method"] == "HEAD":  # the same as GET, without the body (RFC 9110, 9.3.2)
            scope = {**scope, "method": "GET"}
            send = _without_body(send)
        visit = RequestState(scope, receive, send, self.limits)
        metrics = _metrics_of(scope)
        if metrics is not None:
            metrics.http_began()
        try:
            visit.check_length()
            await self._route(scope)(scope, visit.receive, visit.send)
        except ClientGoneError:
            pass
        except ProblemError as problem:
            await visit.answer(problem)
        except HTTPException as error:  # Starlette's: no such path, no such method
            await self._refuse(visit, scope, error)
        except Exception:
            log.exception("request %s failed", visit.request_id)
            if visit.started:  # too late to say so: the connection ends in the middle of the answer
                raise
            await visit.answer(_INTERNAL)
        finally:
            visit.end()
            self._count(scope, visit, metrics)

    def _route(self, scope: Scope) -> ASGIApp:
        """Return who answers a request: its route, or the router, which knows the others too."""
        path = scope["path"].removeprefix(scope.get("root_path", ""))
        route = self._by_path.get((scope["method"], path))
        if route is not None:
            scope["route"] = route
            return route.app
        preflight = preflight_of(scope)
        if preflight is None:
            return self.app
        scope["route"] = next(matching(self._routes, scope), None)
        return preflight

    async def _refuse(self, visit: "RequestState", scope: Scope, error: HTTPException) -> None:
        """Answer with a problem. OPTIONS is answered with what is allowed (RFC 9110, 9.3.7)."""
        headers = dict(error.headers or {})
        whole_service = scope.get("root_path", "") + "*"
        if scope["method"] == "OPTIONS" and scope["path"] == whole_service:
            await visit.send_whole(HTTPStatus.NO_CONTENT, headers)
            return
        if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
            headers["Allow"] = allowed_methods(self._routes, scope)
            if scope["method"] == "OPTIONS":
                await visit.send_whole(HTTPStatus.NO_CONTENT, headers)
                return
        code = _CODES.get(error.status_code, "invalid")
        await visit.answer(
            ProblemError(error.status_code, code, f"{error.detail}.", headers=headers)
        )

    def _count(self, scope: Scope, visit: "RequestState", metrics: Metrics | None) -> None:
        """Count a request that is over, and write its line: neither its address, nor a key, nor a
        word of a body.
        """
        route = visit.route = getattr(scope.get("route"), "path", OTHER)
        seconds = time.perf_counter() - visit.began
        if metrics is not None:
            metrics.http_ended(route, visit.status, seconds)
        if not self.limits.logs:
            return
        told = {
            "method": scope["method"],
            "route": route,
            "status": visit.status,
            "ms": round(seconds * 1000, 1),
            "bytes": visit.sent_bytes,
            "key": scope["state"].get("key"),
        }
        access_log.info(
            "%s %s %d %.1f ms %d bytes, key %s",
            *(*told.values(),),
            extra={"told": told},
        )


def _metrics_of(scope: Scope) -> Metrics | None:
    running = cast("Running | None", scope["app"].running)
    return None if running is None else running.service.metrics


def _without_body(send: Send) -> Send:
    async def send_head(message: Message) -> None:
        if message["type"] == "http.response.body":
            message = {**message, "body": b""}
        await send(message)

    return send_head
