"""What browsers are given: `/embed.css`, `/embed.js` and the playground, read once, with an ETag
each.
"""

import hashlib
from dataclasses import dataclass
from importlib.resources import files

from fastapi import APIRouter, Request, Response

_LONG = "public, max-age=86400, stale-while-revalidate=604800"
"""A day: the names carry no version, and a page that has an older one still works."""


@dataclass(frozen=True, slots=True)
class _Asset:
    """A file as it is sent."""

    body: bytes
    headers: dict[str, str]
    etag: str


def _read(name: str, media_type: str) -> _Asset:
    body = files("service.web").joinpath(name).read_bytes()
    etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    headers = {
        "Content-Type": f"{media_type}; charset=utf-8",
        "Cache-Control": _LONG,
        "ETag": etag,
        "Access-Control-Allow-Origin": "*",  # for `integrity` on other sites' pages
        "Cross-Origin-Resource-Policy": "cross-origin",
    }
    return _Asset(body, headers, etag)


def assets() -> APIRouter:
    """Return the routes of the files that pages load. They need no key: readers' browsers ask for
    them.
    """
    router = APIRouter()
    for name, media_type in (("embed.css", "text/css"), ("embed.js", "text/javascript")):
        _add(router, f"/{name}", _read(name, media_type))
    return router


def _add(router: APIRouter, path: str, asset: _Asset) -> None:
    async def send(request: Request) -> Response:
        known = {
            tag.strip().removeprefix("W/")
            for tag in request.headers.get("if-none-match", "").split(",")
        }
        if asset.etag in known or "*" in known:
            return Response(
                status_code=304,
                headers={
                    name: value for name, value in asset.headers.items() if name != "Content-Type"
                },
            )
        return Response(b"" if request.method == "HEAD" else asset.body, headers=asset.headers)

    router.add_api_route(path, send, methods=["GET", "HEAD"], include_in_schema=False)
