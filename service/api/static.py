"""Files that browsers load, read once: each with an ETag (RFC 9110, 8.8.3), and compressed too."""

import gzip
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable

from fastapi import APIRouter, Request, Response

from service.api.answer_compression import takes_gzip
from service.api.routing import add_page, direct_router

_DAY = "public, max-age=86400, stale-while-revalidate=604800"
"""A day: the names carry no version, and a page that has an older one still works."""


@dataclass(frozen=True, slots=True)
class StaticFile:
    """A file as it is sent, plain and compressed. `headers` go with both."""

    body: bytes
    packed: bytes
    headers: Mapping[str, str]
    digest: str


def read_static(file: Traversable, media_type: str, headers: Mapping[str, str]) -> StaticFile:
    """Read a text file in UTF-8 and what is sent beside it."""
    body = file.read_bytes()
    sent = {
        "Content-Type": f"{media_type}; charset=utf-8",
        "Vary": "Accept-Encoding",
        # For `integrity` on other sites' pages, and for the preview, which has no origin.
        "Access-Control-Allow-Origin": "*",
        "Cross-Origin-Resource-Policy": "cross-origin",
        **headers,
    }
    digest = hashlib.sha256(repr(sorted(sent.items())).encode() + body).hexdigest()[:32]
    return StaticFile(body, gzip.compress(body, mtime=0), sent, digest)


def send_static(request: Request, file: StaticFile) -> Response:
    """Return the file as the browser takes it, or 304 if it has it (RFC 9110, 13.1.2)."""
    packs = takes_gzip(request.scope["headers"])
    etag = f'"{file.digest}{"-gz" if packs else ""}"'
    headers = {**file.headers, "ETag": etag}
    known = {
        tag.strip().removeprefix("W/")
        for tag in request.headers.get("if-none-match", "").split(",")
    }
    if etag in known or "*" in known:
        del headers["Content-Type"]
        return Response(status_code=304, headers=headers)
    if packs:
        headers["Content-Encoding"] = "gzip"
    return Response(file.packed if packs else file.body, headers=headers)


def add_static(router: APIRouter, path: str, file: StaticFile) -> None:
    """Answer a path with a file."""

    async def send(request: Request) -> Response:
        return send_static(request, file)

    add_page(router, path, send)


def assets() -> APIRouter:
    """Return the routes of the files that readers' pages load. They need no key."""
    router = direct_router()
    for name, media_type in (("embed.css", "text/css"), ("embed.js", "text/javascript")):
        file = read_static(files("service.web") / name, media_type, {"Cache-Control": _DAY})
        add_static(router, f"/{name}", file)
    return router
