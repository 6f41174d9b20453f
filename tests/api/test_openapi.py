"""The OpenAPI description is valid, whole and true."""

import json
import re
from typing import Any

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]
from pages import ROOT
from rest import RECORDED, calling
from typer.testing import CliRunner

from service.api import create_app
from service.cli import app as command_line

pytestmark = pytest.mark.anyio

DESCRIPTION: dict[str, Any] = create_app(RECORDED).openapi()
OPERATIONS = [
    (f"{method.upper()} {path}", operation)
    for path, methods in DESCRIPTION["paths"].items()
    for method, operation in methods.items()
]


def whole(schema: dict[str, Any]) -> Draft202012Validator:
    """Return a validator of a schema that may lead to the components."""
    return Draft202012Validator({**schema, "components": DESCRIPTION["components"]})


def contents() -> list[tuple[str, dict[str, Any]]]:
    """Return every body of the description, with where it stands."""
    return [
        (f"{call} {status} {media_type}", content)
        for call, operation in OPERATIONS
        for status, body in [
            ("body", operation.get("requestBody", {})),
            *operation["responses"].items(),
        ]
        for media_type, content in body.get("content", {}).items()
    ]


def test_it_is_valid() -> None:
    validator = pytest.importorskip("openapi_spec_validator").OpenAPIV31SpecValidator

    assert [str(error) for error in validator(DESCRIPTION).iter_errors()] == []


def test_every_schema_is_one_and_takes_its_own_defaults() -> None:
    for name, schema in DESCRIPTION["components"]["schemas"].items():
        Draft202012Validator.check_schema(schema)
        for field, told in schema.get("properties", {}).items():
            if "default" in told:
                assert whole(told).is_valid(told["default"]), f"{name}.{field}"


@pytest.mark.parametrize(("place", "content"), contents(), ids=[place for place, _ in contents()])
def test_every_example_is_of_its_schema(place: str, content: dict[str, Any]) -> None:
    example = content["example"]
    lines = example.splitlines() if "ndjson" in place else None
    for each in [json.loads(line) for line in lines] if lines else [example]:
        assert [error.message for error in whole(content["schema"]).iter_errors(each)] == []


def test_operations_have_names_of_their_own() -> None:
    names = [operation["operationId"] for _, operation in OPERATIONS]

    assert len(set(names)) == len(names)
    assert all(re.fullmatch("[a-z]+", name) for name in names)


@pytest.mark.parametrize(
    ("call", "query", "status"),
    [
        ("GET /oembed", "", "400"),
        ("GET /oembed", "?url=https://x.com/a/status/1", "404"),
        ("GET /oembed", "?url=x.com&format=xml", "501"),
        ("GET /iframely", "", "400"),
        ("GET /x/{tweet_id}", "", "404"),
        ("GET /v1/tweets/{tweet_id}", "", "404"),
        ("POST /v1/resolve", "", "415"),
        ("POST /v1/embeds", "", "415"),
    ],
)
async def test_a_status_that_occurs_is_documented(call: str, query: str, status: str) -> None:
    method, path = call.split()
    async with calling() as client:
        response = await client.request(method, path.replace("{tweet_id}", "1") + query)

    assert str(response.status_code) == status
    assert status in dict(OPERATIONS)[call]["responses"]
    told = dict(OPERATIONS)[call]["responses"][status]["content"]
    media_type = response.headers["content-type"]
    assert list(whole(told[media_type]["schema"]).iter_errors(response.json())) == []


def test_the_committed_description_is_this_one() -> None:
    written = CliRunner().invoke(command_line, ["openapi"]).stdout
    committed = (ROOT / "docs" / "openapi.json").read_text(encoding="utf-8")

    assert written == committed, "run `tweet-embed openapi -o docs/openapi.json`"
    assert json.loads(committed)["openapi"].startswith("3.1")


async def test_the_page_of_documentation_loads_nothing() -> None:
    async with calling() as client:
        page = await client.get("/docs")

    assert page.headers["content-security-policy"].startswith("default-src 'none'")
    assert not re.search(
        r"<(script|link|img|iframe)\b|src=|@import|url\(", page.text.split("<h2")[0]
    )
    assert all(f"<code>{call}</code>" in page.text for call, _ in OPERATIONS)
    assert "color-scheme:light dark" in page.text
    assert "<code>bad_http</code>" in page.text
    assert "`" not in re.sub(r"(?s)<pre>.*?</pre>", "", page.text)


async def test_whole_numbers_are_those_of_json_schema() -> None:
    async with calling() as client:
        body = {"content": "a", "deadline_ms": 3000.0, "options": {"max_width": 300.0}}
        good = await client.post("/v1/resolve", json=body)
        bad = await client.post("/v1/resolve", json={"content": "a", "deadline_ms": 0.5})

    assert (good.status_code, bad.status_code) == (200, 422)
