"""The OpenAPI description: FastAPI's paths, the models of `models.py`, and an example for every
body.

The examples are in `examples.json`; the tests send each request and compare the answer.
"""

import json
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import resources
from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic.json_schema import models_json_schema

from service import __version__
from service.api.bodies.address_models import (
    AddressEmbedsAnswer,
    AddressTargetsAnswer,
    EmbedsRequest,
    IframelyAnswer,
    LinksRequest,
    OembedAnswer,
    OembedRefusal,
)
from service.api.bodies.models import (
    Detected,
    DetectRequest,
    Health,
    NdjsonError,
    Resolved,
    ResolvedLine,
    ResolveLineRequest,
    ResolveRequest,
    StoredTweet,
    Takedown,
    Version,
)
from service.api.bodies.requests import JSON, NDJSON
from service.api.problems import MEDIA_TYPE, ProblemError

_REF = "#/components/schemas/{model}"

_DESCRIPTION = """\
Send an article; it comes back with its tweets as sanitized embed HTML and its t.co links as their \
targets.
Everything else in it stays as it was, character for character. Trouble at X is no error: \
the article comes back, and
each embed and link tells its `state` and `reason`.
Before any call is looked at, what arrives may be refused: 400 `bad_http`, 408 `timeout`, 413 \
`too_large` or 431
`head_too_large`."""

_PROBLEMS: Final = {
    400: "The body is empty or no JSON (`bad_json`).",
    401: "A key is wanted and none of the right ones was given (`unauthorized`).",
    403: "The key lacks the scope (`forbidden`).",
    404: "Nothing is there (`not_found`).",
    408: "The body did not arrive in time (`timeout`).",
    413: "The body is too long (`too_large`); told while it arrives.",
    415: "The body is of another media type, charset or content coding (`unsupported_media_type`).",
    422: (
        "The body is not what this path wants (`invalid`), or wants what is not built yet"
        " (`not_supported`); `errors` say where."
    ),
    429: "The key asks more often than it may (`rate_limited`).",
    500: "The service failed (`internal`).",
    503: "Too much is at work (`overloaded`), or the service ends (`stopping`): see `Retry-After`.",
}


_OF_A_BODY: Final = (400, 401, 403, 408, 413, 415, 422, 429, 500, 503)


@cache
def _examples() -> dict[str, Any]:
    return dict(json.loads((resources.files("service.api") / "examples.json").read_bytes()))


def _schema(name: str, media_type: str, example: object) -> dict[str, Any]:
    return {media_type: {"schema": {"$ref": _REF.format(model=name)}, "example": example}}


def _problem(status: int) -> dict[str, Any]:
    """Return the example of a problem; only that of 422 is run, the others say their status."""
    example = dict(_examples()["problem"])
    if status != example["status"]:
        code = _PROBLEMS[status].rpartition("(`")[2].partition("`")[0]
        del example["errors"]
        title = ProblemError(status, code, "").members("", "")["title"]
        example |= {"status": status, "code": code, "title": title, "detail": _PROBLEMS[status]}
    return example


def _refusals(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Describe the errors of the provider, which are no problem objects."""
    return {
        status: {
            "description": _REFUSED[status],
            "content": _schema(
                "OembedRefusal", JSON, {"error": status, "message": _REFUSED[status]}
            ),
        }
        for status in statuses
    }


def _lines(names: Sequence[str], *members: Mapping[str, Any]) -> dict[str, Any]:
    """Describe an NDJSON body. OpenAPI 3.1 has no schema for one: the schema is that of a line, the
    example is a whole body.
    """
    schema = {"oneOf": [{"$ref": _REF.format(model=name)} for name in names]}
    return {
        NDJSON: {
            "schema": schema,
            "example": "".join(json.dumps(each, ensure_ascii=False) + "\n" for each in members),
        },
    }


def _body(*contents: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "requestBody": {
            "required": True,
            "content": {key: value for each in contents for key, value in each.items()},
        },
    }


def _answers(
    description: str,
    *contents: Mapping[str, Any],
    problems: Sequence[int] = _OF_A_BODY,
) -> dict[int | str, dict[str, Any]]:
    answers: dict[int | str, dict[str, Any]] = {
        200: {
            "description": description,
            "content": {key: value for each in contents for key, value in each.items()},
        },
    }
    for status in problems:
        content = _schema("Problem", MEDIA_TYPE, _problem(status))
        answers[status] = {"description": _PROBLEMS[status], "content": content}
    return answers


_REFUSED: Final = {
    304: "The consumer has this answer.",
    400: "`url` or `callback` is missing or bad.",
    401: "A key is wanted and none of the right ones was given.",
    403: "The tweet is protected, or the key lacks the scope.",
    404: "The tweet is gone, or the address is none of a tweet.",
    429: "The key asks more often than it may.",
    500: "The service failed.",
    501: "Another format than JSON was asked for.",
    503: "Too much is at work.",
}
_PROVIDERS: Final = ("/oembed", "/iframely")
_PERMALINK: Final = "https://x.com/demo_harbour/status/2034906551094185985"


def _query(name: str, description: str, *, required: bool = False, **schema: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON Schema
    return {
        "name": name,
        "in": "query",
        "required": required,
        "description": description,
        "schema": {"type": "string", **schema},
    }


_URL: Final = r"^(([Hh][Tt][Tt][Pp][Ss]?:)?//[A-Za-z0-9]|[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+([/:?#]|$))"
"""What an address begins with."""
_PROVIDER_QUERY: Final = [
    {
        **_query("url", "The tweet.", required=True, pattern=_URL, maxLength=2000),
        "example": _PERMALINK,
    },
    _query("maxwidth", "Pixels, clamped to 220..550; what is no number is ignored."),
    _query("format", "Only `json`.", enum=["json"], default="json"),
    _query("callback", "The function of a JSONP answer.", pattern=r"^[A-Za-z_$][\w$.]{0,63}$"),
    _query("key", "An API key, where the header cannot be sent; never one with `admin`."),
    _query("theme", "X's own: `light` or `dark`. As with X, what is no value is ignored."),
    _query("lang", "X's own: the language of the date and of X's words."),
    _query("align", "X's own: `left`, `center` or `right`."),
    *(
        _query(name, "X's own: `true` or `false`, `1` or `0`.")
        for name in ("dnt", "hide_media", "hide_thread", "omit_script")
    ),
]
_GROUP: Final = _query("group", "`true`: the links by kind, and the embed beside them.")
_JSONP: Final = {
    "text/javascript": {
        "schema": {"type": "string"},
        "example": '/**/show({"error":404,"message":"The tweet is gone."});',
    },
}
_METRICS: Final = 'tweet_embed_upstream_requests_total{host="t.co",outcome="answered"} 12.0\n'
_ID: Final = {
    "name": "tweet_id",
    "in": "path",
    "required": True,
    "schema": {"type": "string", "pattern": "^[1-9][0-9]{0,19}$"},
}

BODIES: Final[dict[str, dict[str, Any]]] = {
    "resolve": _body(
        _schema("ResolveRequest", JSON, _examples()["resolve"]["request"]),
        _lines(["ResolveLineRequest"], {"id": "post-4711"} | _examples()["resolve"]["request"]),
    ),
    "detect": _body(_schema("DetectRequest", JSON, _examples()["detect"]["request"])),
    "embeds": _body(_schema("EmbedsRequest", JSON, {"urls": [_PERMALINK]})),
    "links": _body(_schema("LinksRequest", JSON, _examples()["links"]["request"])),
    "oembed": {"parameters": _PROVIDER_QUERY},
    "iframely": {"parameters": [*_PROVIDER_QUERY, _GROUP]},
    "page": {"parameters": [_ID]},
    "tweet": {"parameters": [_ID]},
    "takedown": {"parameters": [_ID]},
}
"""What each operation reads."""

ANSWERS: Final[dict[str, dict[int | str, dict[str, Any]]]] = {
    "resolve": _answers(
        "The article, and what became of each mention.",
        _schema("Resolved", JSON, _examples()["resolve"]["answer"]),
        _lines(
            ["ResolvedLine", "NdjsonError"],
            {"line": 1, "id": "post-4711"} | _examples()["resolve"]["answer"],
        ),
    ),
    "detect": _answers(
        "What the text mentions.",
        _schema("Detected", JSON, _examples()["detect"]["answer"]),
    ),
    "embeds": _answers(
        "The embed for each address, in order.",
        _schema(
            "AddressEmbedsAnswer",
            JSON,
            {
                "complete": True,
                "embeds": [
                    _examples()["resolve"]["answer"]["embeds"][0]
                    | {"start": None, "end": None, "form": None},
                ],
            },
        ),
    ),
    "links": _answers(
        "Where each address leads, in order.",
        _schema("AddressTargetsAnswer", JSON, _examples()["links"]["answer"]),
    ),
    "oembed": _answers(
        "The tweet. With `callback` a call of it, as are errors.",
        _schema("OembedAnswer", JSON, _examples()["oembed"]),
        _JSONP,
        problems=(),
    )
    | {304: {"description": _REFUSED[304]}}
    | _refusals(400, 401, 403, 404, 429, 500, 501, 503),
    "iframely": _answers(
        "The tweet, or with `group=false` the list of its links. With `callback` a call of it.",
        {
            JSON: {
                "schema": {
                    "oneOf": [
                        {"$ref": _REF.format(model="IframelyAnswer")},
                        {"type": "array", "items": {"$ref": _REF.format(model="IframelyLink")}},
                    ],
                },
                "example": _examples()["iframely"],
            },
        },
        _JSONP,
        problems=(),
    )
    | {304: {"description": _REFUSED[304]}}
    | _refusals(400, 401, 403, 404, 429, 500, 501, 503),
    "page": _answers(
        "A page with the link to the oEmbed answer.",
        {"text/html": {"schema": {"type": "string"}, "example": "<!doctype html>…"}},
        problems=(401, 403, 404, 429, 500, 503),
    ),
    "version": _answers(
        "What is running.",
        _schema("Version", JSON, {"version": __version__, "commit": None, "python": "3.13.5"}),
        problems=(500,),
    ),
    "tweet": _answers(
        "What is stored.",
        _schema("StoredTweet", JSON, _examples()["stored"]),
        problems=(401, 403, 404, 429, 500),
    ),
    "takedown": _answers(
        "It is taken down, now or before.",
        _schema("Takedown", JSON, _examples()["takedown"]),
        problems=(401, 403, 404, 429, 500, 503),
    ),
    "metrics": _answers(
        "The counters.",
        {"text/plain": {"schema": {"type": "string"}, "example": _METRICS}},
        problems=(500,),
    ),
    "livez": _answers(
        "The process answers.",
        _schema("Health", JSON, {"status": "up"}),
        problems=(500,),
    ),
    "readyz": _answers(
        "Articles are served.",
        _schema("Health", JSON, {"status": "ready", "version": __version__}),
        problems=(500,),
    ),
}
"""What each operation answers."""


def describe(app: FastAPI, root_path: str = "") -> dict[str, Any]:
    """Make the whole description, once for each app, served at `/openapi.json`."""
    description = get_openapi(
        title="tweet-embed",
        version=__version__,
        summary="An article in, the same article with its tweets whole, out.",
        description=_DESCRIPTION,
        license_info={"name": "MIT", "identifier": "MIT"},
        routes=app.routes,
        servers=[{"url": root_path}] if root_path else None,
    )
    _, definitions = models_json_schema(
        [
            (ResolveRequest, "validation"),
            (ResolveLineRequest, "validation"),
            (DetectRequest, "validation"),
            (Resolved, "serialization"),
            (ResolvedLine, "serialization"),
            (NdjsonError, "serialization"),
            (Detected, "serialization"),
            (Health, "serialization"),
            (StoredTweet, "serialization"),
            (Takedown, "serialization"),
            (EmbedsRequest, "validation"),
            (LinksRequest, "validation"),
            (AddressEmbedsAnswer, "serialization"),
            (AddressTargetsAnswer, "serialization"),
            (OembedAnswer, "serialization"),
            (OembedRefusal, "serialization"),
            (IframelyAnswer, "serialization"),
            (Version, "serialization"),
        ],
        ref_template=_REF,
    )
    key = {
        "type": "http",
        "scheme": "bearer",
        "description": "One of TWEET_EMBED_API_KEYS, if the operator has set any.",
    }
    description["components"] = {"schemas": definitions["$defs"], "securitySchemes": {"key": key}}
    _put_examples_back(description)
    for path, operations in description["paths"].items():
        if path.startswith("/v1/") or path in _PROVIDERS:
            for operation in operations.values():
                operation["security"] = [{"key": []}, {}]
    return description


def _put_examples_back(description: dict[str, Any]) -> None:
    """Write the bodies as they are above: FastAPI leaves every null of an example out."""
    for operations in description["paths"].values():
        for operation in operations.values():
            name = operation["operationId"]
            for status, answer in ANSWERS[name].items():
                if "content" in answer:
                    operation["responses"][str(status)]["content"] = answer["content"]
            if "requestBody" in BODIES.get(name, {}):
                operation["requestBody"] = BODIES[name]["requestBody"]
