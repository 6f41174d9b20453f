"""Answers of the calls, compressed for who takes it; files are kept compressed already
(`static.py`), and NDJSON leaves line by line.
"""

from starlette.middleware.gzip import DEFAULT_EXCLUDED_CONTENT_TYPES, GZipMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

from service.api.requests import NDJSON

SMALLEST = 1000
"""Bytes of an answer from which on it is worth it."""
LEVEL = 4
_CALLS = ("/v1/", "/oembed", "/iframely", "/x/", "/openapi.json", "/docs", "/metrics")


class CompressionMiddleware(GZipMiddleware):
    """Starlette's, for the calls alone."""

    def __init__(self, app: ASGIApp) -> None:
        """Stand before `app`."""
        kept = (*DEFAULT_EXCLUDED_CONTENT_TYPES, NDJSON)
        super().__init__(app, SMALLEST, LEVEL, exclude_content_types=kept)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] == "http" and (
            scope["path"].removeprefix(scope.get("root_path", "")).startswith(_CALLS)
        ):
            await super().__call__(scope, receive, send)
        else:
            await self.app(scope, receive, send)
