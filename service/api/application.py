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
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import httpx
from fastapi import FastAPI
from starlette.types import ASGIApp

from service import __version__
from service.api.bodies.long_bodies import Bodies
from service.api.door.auth import Keyring
from service.api.door.cross_origin import CrossOriginMiddleware
from service.api.door.middleware import BODY_PART, RequestMiddleware
from service.api.door.request_spans import RequestSpanMiddleware, open_tracing
from service.api.door.stopping import StopSignal
from service.api.openapi_description import describe
from service.api.routes.articles import article_routes
from service.api.routes.embeds import embed_routes
from service.api.routes.oembed_provider import oembed_routes
from service.api.routes.operations import operation_routes
from service.api.routes.playground import playground
from service.api.routes.reference import reference_routes
from service.api.routes.tweet_page import page_routes
from service.api.routes.tweets import tweet_routes
from service.api.routing import Running
from service.api.static import assets
from service.app import open_service
from service.core.text.dates import prepare_dates
from service.metrics import Metrics
from service.settings import Settings, SettingsError

if TYPE_CHECKING:
    from service.tracing import Tracing
from service.worker_metrics import FOLDER_VARIABLE

_log = logging.getLogger("tweet_embed")
COMMIT_VARIABLE = "SOURCE_COMMIT"
"""The revision that the service was built from, told by `/version`."""


class _Application(FastAPI):
    """FastAPI's routes and description, with our own door before them and nothing else.

    Its middleware would do what the door does: answer errors, and count bodies.
    """

    # FastAPI's forty arguments, passed on
    def __init__(
        self,
        settings: Settings,
        stop: StopSignal,
        tracing: "Tracing | None",
        **rest: Any,  # noqa: ANN401
    ) -> None:
        """As FastAPI's own."""
        super().__init__(**rest)
        self._tracing = tracing
        self._settings = settings
        self._stop = stop
        self.running: Running | None = None

    def build_middleware_stack(self) -> ASGIApp:
        """Put the door before the router; spans and pages of other origins are met before it."""
        app: ASGIApp = RequestMiddleware(
            self.router, self.router.routes, self._settings, self._stop
        )
        if self._tracing is not None:
            app = RequestSpanMiddleware(app, self._tracing)
        if self._settings.cors_origins:
            app = CrossOriginMiddleware(app, self._settings.cors_origins)
        return app


def create_app(
    settings: Settings | None = None,
    transport: httpx.AsyncBaseTransport | None = None,
    *,
    metrics: Metrics | None = None,
    remembers_passages: bool = True,
) -> FastAPI:
    """Make the service. `transport` stands in for the network, for tests; `metrics` are counted in
    place of new ones; unless it `remembers_passages`, every article is read and written anew.

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
    stop = StopSignal(known.read_timeout * BODY_PART)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[dict[str, StopSignal | Metrics]]:
        counted = Metrics(shared) if metrics is None else metrics
        spans = nullcontext() if tracing is None else aclosing(tracing)
        opening = open_service(
            known,
            transport,
            metrics=counted,
            exchanged=exchanged,
            remembers_passages=remembers_passages,
        )
        async with spans, opening as service:
            prepare_dates()
            bodies = Bodies(service, known.max_mentions)
            cast("_Application", app).running = Running(service, bodies)
            stop.on_stop = service.stop_waiting
            if owns_process:
                settle_garbage()
                loop = asyncio.get_running_loop()
                loop.add_signal_handler(signal.SIGHUP, _read_keys_again, keyring)
            try:
                yield {"stop": stop, "metrics": counted}
            finally:
                await bodies.close()

    app = _Application(
        known,
        stop,
        tracing,
        title="tweet-embed",
        version=__version__,
        lifespan=lifespan,
        openapi_url=None,  # one of our own
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        telemetry={"tracing": False, "metrics": False, "logs": False},
    )
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
    gc.set_threshold(5_000, 20, 100)  # pauses shorter than a request
