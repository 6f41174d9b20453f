"""The REST door (docs/interface.md 6): `create_app()` for uvicorn, or for a test with its own
settings and transport.
"""

import asyncio
import gc
import logging
import os
import signal
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager, nullcontext
from functools import cache
from http import HTTPStatus
from pathlib import Path
from typing import Any

import httpx
from fastapi import FastAPI, Request, Response
from starlette.exceptions import HTTPException
from starlette.middleware.cors import CORSMiddleware
from starlette.routing import Match

from service import __version__
from service.api.answer_compression import CompressionMiddleware
from service.api.auth import Keyring
from service.api.long_bodies import Bodies
from service.api.middleware import RequestMiddleware
from service.api.openapi_description import describe
from service.api.problems import ProblemError
from service.api.request_spans import RequestSpanMiddleware, open_tracing
from service.api.routes.articles import article_routes
from service.api.routes.embeds import embed_routes
from service.api.routes.oembed_provider import oembed_routes
from service.api.routes.operations import operation_routes
from service.api.routes.playground import playground
from service.api.routes.reference import reference_routes
from service.api.routes.tweet_page import page_routes
from service.api.routes.tweets import tweet_routes
from service.api.static import assets
from service.api.stopping import StopSignal
from service.app import open_service
from service.metrics import Metrics
from service.settings import Settings, SettingsError
from service.worker_metrics import FOLDER_VARIABLE

_log = logging.getLogger("tweet_embed")
COMMIT_VARIABLE = "SOURCE_COMMIT"
"""The revision that the service was built from, told by `/version`."""
_CODES = {404: "not_found", 405: "method_not_allowed"}


def create_app(
    settings: Settings | None = None,
    transport: httpx.AsyncBaseTransport | None = None,
    *,
    metrics: Metrics | None = None,
) -> FastAPI:
    """Make the service. `transport` stands in for the network, for tests; `metrics` are counted in
    place of new ones.

    Without settings they are read from the environment, `SettingsError` if one is wrong; then the
    process is taken to be this service's own, and its garbage collector is set for it.
    """
    owns_process = settings is None
    known = Settings.from_env(os.environ) if settings is None else settings

    folder = os.environ.get(FOLDER_VARIABLE) if owns_process else None
    shared = Path(folder) if folder else None

    tracing = open_tracing(os.environ) if owns_process else None
    exchanged = None if tracing is None else tracing.exchanged
    keyring = Keyring(known)
    stop = StopSignal()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[dict[str, StopSignal]]:
        counted = Metrics(shared) if metrics is None else metrics
        spans = nullcontext() if tracing is None else aclosing(tracing)
        opening = open_service(known, transport, metrics=counted, exchanged=exchanged)
        async with spans, opening as service:
            app.state.service = service
            bodies = app.state.bodies = Bodies(service, known.max_mentions)
            stop.on_stop = service.stop_waiting
            if owns_process:
                settle_garbage()
                if known.api_keys_file is not None:
                    loop = asyncio.get_running_loop()
                    loop.add_signal_handler(signal.SIGHUP, _read_keys_again, keyring)
            try:
                yield {"stop": stop}
            finally:
                await bodies.close()

    app = FastAPI(
        title="tweet-embed",
        version=__version__,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        telemetry={"tracing": False, "metrics": False, "logs": False},
    )
    app.state.keyring = keyring
    for router in (
        article_routes(known, keyring),
        embed_routes(known, keyring),
        oembed_routes(known, keyring),
        page_routes(known, keyring),
        tweet_routes(keyring),
        operation_routes(os.environ.get(COMMIT_VARIABLE) or None),
        reference_routes(app),
        assets(),
        playground(),
    ):
        app.router.routes.extend(router.routes)
    app.add_exception_handler(HTTPException, _as_problem)
    # What is added last is met first.
    app.add_middleware(CompressionMiddleware)
    app.add_middleware(RequestMiddleware, settings=known, stop=stop)
    if tracing is not None:
        app.add_middleware(RequestSpanMiddleware, tracing=tracing)
    if known.cors_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=known.cors_origins,
            allow_methods=("GET", "HEAD", "POST", "DELETE"),
            allow_headers=(
                "Authorization",
                "Content-Type",
                "Prefer",
                "X-Request-ID",
                "Traceparent",
            ),
            expose_headers=("ETag", "Retry-After", "X-Request-ID"),
        )

    @cache
    def openapi() -> dict[str, Any]:
        return describe(app, known.root_path)

    # FastAPI's own way to give it another description
    app.openapi = openapi  # type: ignore[method-assign]
    return app


def _read_keys_again(keyring: Keyring) -> None:
    try:
        keyring.reload()
    except SettingsError as error:
        _log.error("the keys stay as they were: %s", "; ".join(str(error).splitlines()))
    else:
        _log.info("the keys were read again")


def settle_garbage() -> None:
    """Take what is there for good out of the collector's sight: its pauses are the slowest requests
    (https://docs.python.org/3/library/gc.html#gc.freeze).
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


async def _as_problem(request: Request, error: Exception) -> Response:
    """Hand Starlette's own errors (no such path, no such method) to the door, which writes every
    problem. OPTIONS is answered with what is allowed (RFC 9110, 9.3.7).
    """
    if not isinstance(error, HTTPException):
        raise error
    headers = dict(error.headers or {})
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        headers["Allow"] = _allowed(request)
        if request.method == "OPTIONS":
            return Response(status_code=204, headers=headers)
    code = _CODES.get(error.status_code, "invalid")
    raise ProblemError(error.status_code, code, f"{error.detail}.", headers=headers) from None


def _allowed(request: Request) -> str:
    """Return the methods of a path, of all its routes."""
    methods: set[str] = {"OPTIONS"}
    for route in request.app.router.routes:
        if route.matches(request.scope)[0] is not Match.NONE:
            methods |= route.methods or set()
    return ", ".join(sorted(methods | ({"HEAD"} if "GET" in methods else set())))
