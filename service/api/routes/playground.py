"""The playground at `/`, and the files it needs: `service/web/playground` and the demo's articles.

The page speaks to the service through `/v1` alone. Its policy lets nothing in but its own files.
The preview is a document of its own: sandboxed without an origin, and nobody but this service is
asked by it, unless it was opened with `?x=on`, the reader's own switch for X's script.
"""

from importlib.resources import files
from pathlib import PurePath

from fastapi import APIRouter, Request, Response

from service.api.routing import add_page, direct_router
from service.api.static import StaticFile, add_static, read_static, send_static

_FRESH = {"Cache-Control": "no-cache", "Referrer-Policy": "no-referrer"}
"""Asked for anew each time, and answered with 304: page, scripts and service are of one version."""

_MEDIA_TYPES = {
    ".css": "text/css",
    ".html": "text/html",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
}

_CLOSED = "base-uri 'none'; form-action 'none'"
_SANDBOX = (
    f"{_CLOSED}; frame-ancestors 'self';"
    " sandbox allow-scripts allow-popups allow-popups-to-escape-sandbox"
)
_X = "https://platform.x.com https://platform.twitter.com"

PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self';"
    f" frame-src 'self'; {_CLOSED}; frame-ancestors 'none';"
    " require-trusted-types-for 'script'; trusted-types paste"
)
"""Content-Security-Policy of the page (https://www.w3.org/TR/CSP3/)."""
PREVIEW_POLICY = (
    f"default-src 'none'; script-src 'self'; style-src 'self'; {_SANDBOX};"
    " require-trusted-types-for 'script'; trusted-types preview"
)
"""Of the preview: the article's HTML and our own looks."""
PREVIEW_POLICY_X = (
    f"default-src 'none'; script-src 'self' {_X}; frame-src {_X};"
    " style-src 'self' 'unsafe-inline'; img-src https://*.twimg.com https://syndication.twitter.com"
    f" {_X}; {_SANDBOX}"
)
"""Of the preview with X's script: its frames, and the styles that it writes into the page."""


def playground() -> APIRouter:
    """Return the routes of the playground. They need no key; the calls that the page makes do."""
    router = direct_router()
    for file in (files("service.web") / "playground").iterdir():
        suffix = PurePath(file.name).suffix
        if suffix in {".css", ".js", ".svg"}:
            read = read_static(file, _MEDIA_TYPES[suffix], _FRESH)
            add_static(router, f"/playground/{file.name}", read)
    for file in (files("service.demo") / "articles").iterdir():
        # As text, whatever it is: a sample is to be read, never to be opened as a page.
        read = read_static(file, "text/plain", _FRESH)
        add_static(router, f"/playground/samples/{file.name}", read)
    page = _document("index.html", PAGE_POLICY)
    quiet = _document("preview.html", PREVIEW_POLICY)
    with_x = _document("preview.html", PREVIEW_POLICY_X)

    async def preview(request: Request) -> Response:
        return send_static(request, with_x if request.query_params.get("x") == "on" else quiet)

    add_static(router, "/", page)
    add_page(router, "/playground/preview", preview)
    return router


def _document(name: str, policy: str) -> StaticFile:
    file = files("service.web") / "playground" / name
    headers = {**_FRESH, "Content-Security-Policy": policy}
    return read_static(file, "text/html", headers)
