"""`/livez`, `/readyz`, `/metrics` and `/version`: how the service is. They need no key."""

import platform
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import PlainTextResponse

from service import __version__
from service.api.json_answer import JsonAnswer
from service.api.routing import add_operation, direct_router, service_of
from service.metrics import MEDIA_TYPE
from service.serialize import as_json


def operation_routes(commit: str | None) -> APIRouter:
    """Return the routes. `commit` is the revision that the service was built from, if known."""

    async def livez(_: Request) -> Response:
        """Return that the process answers."""
        return JsonAnswer(b'{"status":"up"}')

    async def readyz(request: Request) -> Response:
        """Return that articles are served. Neither X nor a store that is down makes the service
        unready: articles still come back.
        """
        trouble = service_of(request).store.trouble
        told: dict[str, Any] = {"status": "ready" if trouble is None else "degraded"}
        if trouble is not None:
            told["store"] = trouble
        return JsonAnswer(as_json(told | {"version": __version__}))

    async def metrics(request: Request) -> Response:
        """Return the counters of this process, as Prometheus reads them."""
        return Response(service_of(request).metrics.text(), media_type=MEDIA_TYPE)

    async def version(_: Request) -> Response:
        """Return what is running."""
        told = {"version": __version__, "commit": commit, "python": platform.python_version()}
        return JsonAnswer(as_json(told))

    router = direct_router()
    add_operation(router, "GET", "/livez", livez, "livez", "operation")
    add_operation(router, "GET", "/readyz", readyz, "readyz", "operation")
    add_operation(router, "GET", "/metrics", metrics, "metrics", "operation", PlainTextResponse)
    add_operation(router, "GET", "/version", version, "version", "operation")
    return router
