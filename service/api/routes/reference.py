"""`/openapi.json`, and `/docs`: the same as a page that loads nothing, from here or elsewhere."""

import json
import re
from collections.abc import Iterator
from functools import cache
from html import escape
from typing import Any

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.responses import HTMLResponse

from service.api.json_answer import JsonAnswer
from service.api.routing import add_page, direct_router
from service.serialize import as_json

_STYLE = (
    ":root{color-scheme:light dark}body{font:1rem/1.5 system-ui,sans-serif;max-width:60rem;"
    "margin:2rem auto;padding:0 1rem;color:CanvasText;background:Canvas;overflow-wrap:anywhere}"
    "code,pre{font:.85rem/1.4 ui-monospace,monospace}h2{margin:3rem 0 1rem;padding-top:1rem;"
    "border-top:1px solid GrayText}h2 code{font:inherit}h3{margin:1.5rem 0 .25rem;font-size:1rem}"
    "pre{background:color-mix(in srgb,CanvasText 7%,Canvas);padding:.75rem;white-space:pre-wrap}"
    "table{border-collapse:collapse}td,th{border:1px solid GrayText;padding:.25rem .5rem;"
    "text-align:start;vertical-align:top}summary{cursor:pointer}"
)
_CODE = re.compile(r"`([^`]+)`")
_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none';"
    " frame-ancestors 'none'"
)


def reference_routes(app: FastAPI) -> APIRouter:
    """Return the routes that tell the calls of `app`."""

    @cache
    def description() -> bytes:
        return as_json(app.openapi())

    @cache
    def page() -> str:
        return "".join(_page(app.openapi()))

    async def openapi(_: Request) -> Response:
        return JsonAnswer(description())

    async def docs(_: Request) -> Response:
        return HTMLResponse(page(), headers={"Content-Security-Policy": _POLICY})

    router = direct_router()
    add_page(router, "/openapi.json", openapi)
    add_page(router, "/docs", docs)
    return router


def _page(description: dict[str, Any]) -> Iterator[str]:
    info = description["info"]
    yield (
        '<!doctype html>\n<html lang="en">\n<meta charset="utf-8">\n'
        f"<title>{info['title']}</title>\n"
        f'<meta name="viewport" content="width=device-width">\n<style>{_STYLE}</style>\n'
        f"<main>\n<h1>{info['title']} {info['version']}</h1>\n{_prose(info['description'])}"
        '<p>For programs: <a href="openapi.json">openapi.json</a></p>\n<ul>\n'
    )
    operations = [
        (f"{method.upper()} {path}", operation)
        for path, methods in description["paths"].items()
        for method, operation in methods.items()
    ]
    for call, operation in operations:
        yield f'<li><a href="#{operation["operationId"]}"><code>{escape(call)}</code></a></li>\n'
    yield "</ul>\n"
    for call, operation in operations:
        yield f'<h2 id="{operation["operationId"]}"><code>{escape(call)}</code></h2>\n'
        yield _prose(operation.get("description", ""))
        yield from _parameters(operation.get("parameters", []))
        for media_type, content in operation.get("requestBody", {}).get("content", {}).items():
            yield f"<h3>Body: {escape(media_type)}</h3>\n{_example(content)}"
        for status, answer in operation["responses"].items():
            yield f"<h3>{escape(status)}</h3>\n{_prose(answer['description'])}"
            for media_type, content in answer.get("content", {}).items():
                yield f"<details><summary>{escape(media_type)}</summary>"
                yield f"{_example(content)}</details>\n"
    yield "<h2>Schemas</h2>\n"
    for name, schema in description["components"]["schemas"].items():
        text = escape(json.dumps(schema, ensure_ascii=False, indent=1))
        yield f'<details id="{name}"><summary>{name}</summary><pre>{text}</pre></details>\n'
    yield "</main>\n"


def _parameters(parameters: list[dict[str, Any]]) -> Iterator[str]:
    if parameters:
        yield "<table><tr><th>parameter</th><th>in</th><th>meaning</th></tr>\n"
        for each in parameters:
            told = each.get("description") or each["schema"].get("pattern", "")
            yield f"<tr><td><code>{escape(each['name'])}</code></td><td>{each['in']}</td>"
            yield f"<td>{_marked(told)}</td></tr>\n"
        yield "</table>\n"


def _prose(text: str) -> str:
    return f"<p>{_marked(text)}</p>\n"


def _marked(text: str) -> str:
    """Return text as HTML, what stands between backticks as code."""
    return _CODE.sub(r"<code>\1</code>", escape(text))


def _example(content: dict[str, Any]) -> str:
    example = content.get("example", "")
    if not isinstance(example, str):
        example = json.dumps(example, ensure_ascii=False, indent=1)
    return f"<pre>{escape(example)}</pre>\n"
