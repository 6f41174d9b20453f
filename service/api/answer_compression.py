"""Compress the answers of REST calls for clients that accept it. Files are kept compressed already
(`static.py`), and NDJSON is sent line by line.
"""

import re
from collections.abc import Sequence
from functools import lru_cache

from starlette.middleware.gzip import GZipResponder
from starlette.responses import Response
from starlette.types import ASGIApp, Scope

SMALLEST = 1000
"""Bytes of an answer from which on it is worth it."""
LEVEL = 4
_ACCEPTS, _VARY = b"accept-encoding", b"vary"
_WEIGHT = re.compile(r"q=([01](?:\.[0-9]{0,3})?)", re.ASCII)


def takes_gzip(headers: Sequence[tuple[bytes, bytes]]) -> bool:
    """Return whether the caller takes gzip, and likes nothing at all no better (RFC 9110,
    12.5.3).
    """
    values = [value for name, value in headers if name == _ACCEPTS]
    return bool(values) and _names_gzip(b",".join(values))


def compressed(response: Response, scope: Scope) -> ASGIApp:
    """Return the response as its caller takes it; one that is streamed stays as it is.

    Long ones are compressed in a thread, so that others are not held up.
    """
    body = getattr(response, "body", b"")
    if len(body) < SMALLEST:
        return response
    if takes_gzip(scope["headers"]):
        return GZipResponder(response, SMALLEST, LEVEL)
    _tell_varying(response.raw_headers)
    return response


@lru_cache(maxsize=64)
def _names_gzip(accepted: bytes) -> bool:
    weights: dict[str, float] = {}
    for part in accepted.decode("latin-1").lower().split(","):
        coding, *parameters = (each.strip() for each in part.split(";"))
        weight = _WEIGHT.fullmatch(parameters[0]) if parameters else None
        weights[coding] = float(weight[1]) if weight else 0.0 if parameters else 1.0
    weight_of_gzip = weights.get("gzip", weights.get("x-gzip", weights.get("*", 0.0)))
    return weight_of_gzip > 0 and weight_of_gzip >= weights.get("identity", 0.0)


def _tell_varying(headers: list[tuple[bytes, bytes]]) -> None:
    """Add to an answer that it might have been compressed, unless it says so."""
    for place, (name, value) in enumerate(headers):
        if name == _VARY:
            if _ACCEPTS not in value.lower():
                headers[place] = (_VARY, value + b", Accept-Encoding")
            return
    headers.append((_VARY, b"Accept-Encoding"))
