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
from service.api.models import (
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
)
from service.api.problems import MEDIA_TYPE
from service.api.requests import JSON, NDJSON

_REF = "#/components/schemas/{model}"

_DESCRIPTION = """\
Send an article; it comes back with its tweets as sanitized embed HTML and its t.co links as their \
targets.
Everything else in it stays as it was, character for character. Trouble at X is no error: \
the article comes back, and
each embed and link tells its `state` and `reason`."""

_PROBLEMS: Final = {
    400: "The body is empty or no JSON (`bad_json`).",
    401: "A key is wanted and none of the right ones was given (`unauthorized`).",
    408: "The body did not arrive in time (`timeout`).",
    413: "The body is too long (`too_large`); told while it arrives.",
    415: "The body is of another media type, charset or content coding (`unsupported_media_type`).",
    422: (
        "The body is not what this path wants (`invalid`), or wants what is not built yet"
        " (`not_supported`); `errors` say where."
    ),
    500: "The service failed (`internal`).",
}


@cache
def _examples() -> dict[str, Any]:
    return dict(json.loads((resources.files("service.api") / "examples.json").read_bytes()))


def _schema(name: str, media_type: str, example: object) -> dict[str, Any]:
    return {media_type: {"schema": {"$ref": _REF.format(model=name)}, "example": example}}


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
    problems: bool = True,
) -> dict[int | str, dict[str, Any]]:
    answers: dict[int | str, dict[str, Any]] = {
        200: {
            "description": description,
            "content": {key: value for each in contents for key, value in each.items()},
        },
    }
    if problems:
        example = _examples()["problem"]
        answers |= {
            status: {"description": told, "content": _schema("Problem", MEDIA_TYPE, example)}
            for status, told in _PROBLEMS.items()
        }
    return answers


_STORED: Final = {
    "tweet_id": "2034906551094185985",
    "url": "https://x.com/demo_harbour/status/2034906551094185985",
    "state": "embedded",
    "reason": None,
    "author_name": "Harbour Lights Museum",
    "author_handle": "demo_harbour",
    "text": "Spring hours from today.",
    "lang": "en",
    "dir": "ltr",
    "created_at": "2026-03-20T08:15:03Z",
    "first_seen": "2026-11-23T10:00:00Z",
    "history": [{"at": "2026-11-23T10:00:00Z", "state": "embedded", "reason": None}],
    "answers": [
        {
            "lang": None,
            "state": "embedded",
            "checked_at": "2026-11-23T10:00:00Z",
            "fresh_until": "2026-11-23T22:00:00Z",
        },
    ],
}
_TAKEDOWN: Final = {
    "tweet_id": "2034906551094185985",
    "state": "gone",
    "reason": "takedown",
    "taken_down_at": "2026-11-23T10:00:00Z",
    "forgotten": 1,
    "on_disk": True,
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
    "tweet": _answers("What is stored.", _schema("StoredTweet", JSON, _STORED)),
    "takedown": _answers("It is taken down, now or before.", _schema("Takedown", JSON, _TAKEDOWN)),
    "metrics": _answers(
        "The counters.",
        {"text/plain": {"schema": {"type": "string"}, "example": _METRICS}},
        problems=False,
    ),
    "livez": _answers(
        "The process answers.",
        _schema("Health", JSON, {"status": "up"}),
        problems=False,
    ),
    "readyz": _answers(
        "Articles are served.",
        _schema("Health", JSON, {"status": "ready"}),
        problems=False,
    ),
}
"""What each operation answers."""


def describe(app: FastAPI) -> dict[str, Any]:
    """Make the whole description, once for each app, served at `/openapi.json`."""
    description = get_openapi(
        title="tweet-embed",
        version=__version__,
        summary="An article in, the same article with its tweets whole, out.",
        description=_DESCRIPTION,
        license_info={"name": "MIT", "identifier": "MIT"},
        routes=app.routes,
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
        ],
        ref_template=_REF,
    )
    key = {
        "type": "http",
        "scheme": "bearer",
        "description": "One of TWEET_EMBED_API_KEYS, if the operator has set any.",
    }
    description["components"] = {"schemas": definitions["$defs"], "securitySchemes": {"key": key}}
    for path, operations in description["paths"].items():
        if path.startswith("/v1/"):
            for operation in operations.values():
                operation["security"] = [{"key": []}, {}]
    return description
