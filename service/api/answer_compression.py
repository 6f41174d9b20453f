"""Compress the answers of REST calls for clients that accept it. Files are kept compressed already
(`static.py`), and NDJSON is sent line by line.
"""

from starlette.middleware.gzip import GZipResponder
from starlette.responses import Response
from starlette.types import ASGIApp, Scope

SMALLEST = 1000
"""Bytes of an answer from which on it is worth it."""
LEVEL = 4
_ACCEPTS, _VARY = b"accept-encoding", b"vary"


def compressed(response: Response, scope: Scope) -> ASGIApp:
    """Return the response as its caller takes it; one that is streamed stays as it is.

    Long ones are compressed in a thread, so that others are not held up.
    """
    body = getattr(response, "body", b"")
    if len(body) < SMALLEST:
        return response
    for name, value in scope["headers"]:
        if name == _ACCEPTS and b"gzip" in value:
            return GZipResponder(response, SMALLEST, LEVEL)
    if all(name != _VARY for name, _ in response.raw_headers):
        response.raw_headers.append((_VARY, b"Accept-Encoding"))
    return response
