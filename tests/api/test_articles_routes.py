"""The REST door: what it takes, what it refuses and how, and that its description is true."""

import asyncio
import datetime as dt
import json
import re
from collections.abc import AsyncIterator
from importlib import resources
from typing import Any

import httpx
import pytest
from rest import RECORDED, calling

from service.api import create_app
from service.api.bodies.models import Detected, NdjsonError, Problem, Resolved, ResolvedLine
from service.api.bodies.requests import read_wait
from service.core.model import Format
from service.settings import Settings, SettingsError

pytestmark = pytest.mark.anyio

TWEET = "https://x.com/demo_harbour/status/2034906551094185985"
JSON = {"content-type": "application/json"}
NDJSON = {"content-type": "application/x-ndjson"}
EXAMPLES = json.loads((resources.files("service.api") / "examples.json").read_bytes())


def problem_in(response: httpx.Response, status: int, code: str) -> Problem:
    """Check that a response is a whole, honest problem, and give it."""
    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"
    problem = Problem.model_validate_json(response.content)
    assert (problem.status, problem.code, problem.instance) == (
        status,
        code,
        response.request.url.path,
    )
    assert problem.request_id == response.headers["x-request-id"]
    return problem


# --- articles in, articles out ---


async def test_markdown_stays_markdown_and_comes_back_as_it_is_the_second_time(
    client: httpx.AsyncClient,
) -> None:
    response = await client.post(
        "/v1/resolve",
        json={"content": f"# a\r\n{TWEET}\r\nb", "format": "markdown"},
    )

    answer = Resolved.model_validate_json(response.content)
    assert answer.content == f"# a\r\n\r\n{answer.embeds[0].html}\r\n\r\nb"
    assert answer.format == "markdown"
    again = await client.post("/v1/resolve", json={"content": answer.content, "format": "markdown"})
    assert (again.json()["content"], again.json()["changed"]) == (answer.content, False)


async def test_output_text_writes_no_embed(client: httpx.AsyncClient) -> None:
    response = await client.post("/v1/resolve", json={"content": f"a\n\n{TWEET}", "output": "text"})

    answer = Resolved.model_validate_json(response.content)
    assert (answer.content, answer.format, answer.script) == (f"a\n\n{TWEET}", "text", None)
    assert [(embed.state, embed.reason, embed.html) for embed in answer.embeds] == [
        ("kept", "text", None),
    ]


async def test_output_html_makes_paragraphs_of_text(client: httpx.AsyncClient) -> None:
    response = await client.post("/v1/resolve", json={"content": "a & b\nc\n\nd", "output": "html"})

    answer = Resolved.model_validate_json(response.content)
    assert (answer.content, answer.format) == ("<p>a &amp; b<br>\nc</p>\n\n<p>d</p>", "html")


async def test_an_article_comes_back_with_its_tweet(client: httpx.AsyncClient) -> None:
    response = await client.post(
        "/v1/resolve",
        json={"content": f"<p>a</p>\r\n<p>{TWEET}</p>\r\n<p>b&nbsp;</p>"},
    )

    answer = Resolved.model_validate_json(response.content)
    assert response.headers["content-type"] == "application/json"
    assert [embed.state for embed in answer.embeds] == ["embedded"]
    assert answer.content == f"<p>a</p>\r\n{answer.embeds[0].html}\r\n<p>b&nbsp;</p>"
    assert answer.changed
    assert answer.complete
    assert "retry-after" not in response.headers


async def test_moments_are_written_in_utc_to_the_second(client: httpx.AsyncClient) -> None:
    embed = (await client.post("/v1/resolve", json={"content": TWEET})).json()["embeds"][0]

    assert embed["created_at"] == "2026-03-20T08:15:03Z"
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", embed["checked_at"])


@pytest.mark.parametrize("name", ["resolve", "detect"])
async def test_an_example_of_the_description_is_what_the_service_answers(name: str) -> None:
    async with calling() as fresh:
        answer = (await fresh.post(f"/v1/{name}", json=EXAMPLES[name]["request"])).json()

    expected = EXAMPLES[name]["answer"]
    for told in (answer, expected):
        told.pop("elapsed_ms", None)
        for embed in told["embeds"]:
            embed.pop("checked_at", None)
    assert answer == expected


async def test_the_example_of_a_problem_is_what_the_service_answers(
    client: httpx.AsyncClient,
) -> None:
    body = {"content": "<p>Hello</p>", "deadline_ms": -1}
    response = await client.post("/v1/resolve", json=body, headers={"x-request-id": "save-4711"})

    assert response.json() == EXAMPLES["problem"]


@pytest.mark.parametrize(
    "content",
    [
        "",
        "\0",
        "a\0b",
        "\u202etxet\u202c \u2066x\u2069",
        "<" * 5000,
        "\ufeffx\r\ny\r",
        "&nbsp;<p",
        "😀",
        "no tweet here",
        "\u2028\u0085\x7f",
    ],
)
async def test_an_article_without_tweets_comes_back_as_it_is(
    client: httpx.AsyncClient,
    content: str,
) -> None:
    response = await client.post("/v1/resolve", json={"content": content})

    assert response.status_code == 200
    answer = Resolved.model_validate_json(response.content)
    assert (answer.content, answer.changed, answer.complete, answer.script) == (
        content,
        False,
        True,
        None,
    )
    assert (answer.embeds, answer.links) == ([], [])


async def test_detect_tells_what_the_text_alone_tells(client: httpx.AsyncClient) -> None:
    content = (
        "text https://t.co/Zk4Rt8Np1V — Ada (@ada) November 11, 2025\n\nhttps://t.co/Lb7Qm2Xw9K and"
        " more"
    )
    answer = Detected.model_validate_json(
        (await client.post("/v1/detect", json={"content": content})).content,
    )

    assert answer.format == "text"
    assert [
        (embed.form, embed.tweet_id, embed.author_handle, embed.date) for embed in answer.embeds
    ] == [("flattened", None, "ada", dt.date(2025, 11, 11))]
    assert [link.url for link in answer.links] == ["https://t.co/Lb7Qm2Xw9K"]


async def test_what_the_caller_says_the_format_is_counts(client: httpx.AsyncClient) -> None:
    told = [
        (await client.post("/v1/detect", json={"content": "<p>x</p>", "format": word})).json()[
            "format"
        ]
        for word in ("html", "text", "auto")
    ]

    assert told == [Format.HTML, Format.TEXT, Format.HTML]


# --- bad input ---

BAD_BODIES: list[tuple[bytes, int, str, list[str]]] = [
    (b"", 400, "bad_json", []),
    (b"   ", 400, "bad_json", []),
    (b"not JSON", 400, "bad_json", []),
    (b'{"content": "a"', 400, "bad_json", []),
    (b'{"content": "a"} x', 400, "bad_json", []),
    (b'{"content": "\xff"}', 400, "bad_json", []),
    (b'{"content": "\xed\xa0\x80"}', 400, "bad_json", []),  # a surrogate, as bytes
    (
        b'{"content": "a\nb"}',
        400,
        "bad_json",
        [],
    ),  # a control character must be escaped (RFC 8259, 7)
    (b"[" * 100_000, 400, "bad_json", []),
    (b'{"content": "a", "deadline_ms": ' + b"9" * 5000 + b"}", 400, "bad_json", []),
    (b"[]", 422, "invalid", [""]),
    (b'"a"', 422, "invalid", [""]),
    (b"null", 422, "invalid", [""]),
    (b"{}", 422, "invalid", ["/content"]),
    (b'{"content": null}', 422, "invalid", ["/content"]),
    (b'{"content": 1}', 422, "invalid", ["/content"]),
    (b'{"content": ["a"]}', 422, "invalid", ["/content"]),
    (b'{"content": "a", "contents": "b"}', 422, "invalid", ["/contents"]),
    (b'{"content": "a", "a/b~c": 1}', 422, "invalid", ["/a~1b~0c"]),
    (b'{"content": "a", "format": "pdf"}', 422, "invalid", ["/format"]),
    (b'{"content": "a", "format": null}', 422, "invalid", ["/format"]),
    (b'{"content": "a", "output": "markdown"}', 422, "invalid", ["/output"]),
    (b'{"content": "a", "deadline_ms": -1}', 422, "invalid", ["/deadline_ms"]),
    (b'{"content": "a", "deadline_ms": 30001}', 422, "invalid", ["/deadline_ms"]),
    (b'{"content": "a", "deadline_ms": true}', 422, "invalid", ["/deadline_ms"]),
    (b'{"content": "a", "deadline_ms": 1.5}', 422, "invalid", ["/deadline_ms"]),
    (b'{"content": "a", "deadline_ms": "3"}', 422, "invalid", ["/deadline_ms"]),
    (b'{"content": "a", "deadline_ms": NaN}', 422, "invalid", ["/deadline_ms"]),
    (b'{"content": 1, "x": 2}', 422, "invalid", ["/content", "/x"]),
    (b'{"content": "a", "id": "7"}', 422, "invalid", ["/id"]),  # of NDJSON alone
    (b'{"content": "a", "options": []}', 422, "invalid", ["/options"]),
    (b'{"content": "a", "options": {"rendre": "amp"}}', 422, "invalid", ["/options/rendre"]),
    (b'{"content": "a", "options": {"render": "iframe"}}', 422, "invalid", ["/options/render"]),
    (b'{"content": "a", "options": {"dnt": 1}}', 422, "invalid", ["/options/dnt"]),
    (b'{"content": "a", "options": {"max_width": 219}}', 422, "invalid", ["/options/max_width"]),
    (b'{"content": "a", "options": {"theme": "blue"}}', 422, "invalid", ["/options/theme"]),
    (b'{"content": "a\\ud800"}', 422, "invalid", ["/content"]),
    (b'{"content": "\\udc00\\ud800"}', 422, "invalid", ["/content"]),
    (b'{"content": "a", "options": {"theme": "\\ud83d"}}', 422, "invalid", ["/options/theme"]),
    (b'{"content": "a", "x": ["b", "\\ud83d"]}', 422, "invalid", ["/x/1"]),
    (b'{"content": "a", "\\ud83d": 1}', 422, "invalid", [""]),
    (
        b'{"content": "a", "format": "markdown", "output": "html"}',
        422,
        "not_supported",
        ["/output"],
    ),
    (b'{"content": "# a", "output": "html"}', 422, "not_supported", ["/output"]),
    (b'{"content": " {\\"root\\": {\\"children\\": []}}\\n"}', 422, "not_supported", ["/content"]),
    (b'{"content": "[{\\"_type\\": \\"block\\"}]"}', 422, "not_supported", ["/content"]),
    (b'{"content": "{}", "format": "lexical"}', 422, "not_supported", ["/format"]),
    (
        b'{"content": "[]", "format": "portable-text", "options": {"embed_node": "tweet"}}',
        422,
        "not_supported",
        ["/format", "/options/embed_node"],
    ),
    (
        b'{"content": "a", "format": "editorjs", "text": "a"}',
        422,
        "invalid",
        ["/format", "/text"],
    ),
    (b'{"content": "a", "format": ["lexical"]}', 422, "invalid", ["/format"]),
    (b'{"content": "a", "format": "rtf"}', 422, "invalid", ["/format"]),
    (
        b'{"content": "a", "options": {"render": "iframe", "lang": "xx"}}',
        422,
        "invalid",
        ["/options/render", "/options/lang"],
    ),
    (
        b'{"content": "a", "options": {"max_width": 219, "gone": null}}',
        422,
        "invalid",
        ["/options/gone", "/options/max_width"],
    ),
]


@pytest.mark.parametrize(("body", "status", "code", "pointers"), BAD_BODIES)
async def test_a_bad_body_is_refused_with_a_pointer(
    client: httpx.AsyncClient,
    body: bytes,
    status: int,
    code: str,
    pointers: list[str],
) -> None:
    problem = problem_in(await client.post("/v1/resolve", content=body, headers=JSON), status, code)

    assert [fault.pointer for fault in problem.errors or []] == pointers


async def test_a_byte_order_mark_is_told(client: httpx.AsyncClient) -> None:
    body = b'\xef\xbb\xbf{"content": "a"}'
    whole = await client.post("/v1/resolve", content=body, headers=JSON)
    line = await client.post("/v1/resolve", content=body, headers=NDJSON)

    problem = problem_in(whole, 400, "bad_json")
    assert "begins with a byte order mark" in problem.detail
    assert line.json()["error"]["detail"] == problem.detail


@pytest.mark.parametrize(
    ("body", "status", "code", "pointers"),
    [
        (b"", 400, "bad_json", []),
        (b'{"content": 1}', 422, "invalid", ["/content"]),
        (b'{"content": "a", "deadline_ms": 1}', 422, "invalid", ["/deadline_ms"]),
        (b'{"content": "a", "format": "pdf"}', 422, "invalid", ["/format"]),
        (b'{"content": "\\ud800"}', 422, "invalid", ["/content"]),
    ],
)
async def test_detect_refuses_alike(
    client: httpx.AsyncClient,
    body: bytes,
    status: int,
    code: str,
    pointers: list[str],
) -> None:
    problem = problem_in(await client.post("/v1/detect", content=body, headers=JSON), status, code)

    assert [fault.pointer for fault in problem.errors or []] == pointers


async def test_options_at_their_defaults_may_be_said(client: httpx.AsyncClient) -> None:
    options = {
        "render": "blockquote",
        "intact": "keep",
        "strip_tracking": True,
        "theme": None,
        "dnt": True,
        "max_width": None,
    }
    response = await client.post(
        "/v1/resolve",
        json={
            "content": "a",
            "format": "auto",
            "output": "auto",
            "deadline_ms": 0,
            "options": options,
        },
    )

    assert response.status_code == 200


async def test_of_a_name_that_stands_twice_the_last_counts(client: httpx.AsyncClient) -> None:
    twice = b'{"content": "a", "options": {"gone": "keep"}, "content": "b", "options": {}}'
    answer = await client.post("/v1/resolve", content=twice, headers=JSON)

    assert (answer.status_code, answer.json()["content"]) == (200, "b")


async def test_a_pair_of_surrogates_is_a_character(client: httpx.AsyncClient) -> None:
    response = await client.post(
        "/v1/resolve",
        content=b'{"content": "\\ud83d\\ude00"}',
        headers=JSON,
    )

    assert response.json()["content"] == "😀"


async def test_a_body_of_unknown_fields_is_not_answered_with_a_longer_one(
    client: httpx.AsyncClient,
) -> None:
    body = json.dumps({"content": "a"} | {f"f{number}": 0 for number in range(50_000)}).encode()
    response = await client.post("/v1/resolve", content=body, headers=JSON)

    problem_in(response, 422, "invalid")
    assert len(response.content) < 1000


async def test_a_problem_never_quotes_the_article(client: httpx.AsyncClient) -> None:
    for body in (
        b'{"content": ["secret"]}',
        b'{"content": "secret',
        b'{"content": "secret\\ud800"}',
        b'{"content": "secret", "format": 7}',
    ):
        response = await client.post("/v1/resolve", content=body, headers=JSON)

        assert b"secret" not in response.content


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"content-type": "text/plain"},
        {"content-type": "application/x-www-form-urlencoded"},
        {"content-type": "application/json; charset=utf-16"},
        {"content-type": "application/json", "content-encoding": "gzip"},
    ],
)
async def test_another_kind_of_body_is_refused(
    client: httpx.AsyncClient,
    headers: dict[str, str],
) -> None:
    response = await client.post("/v1/resolve", content=b'{"content": "a"}', headers=headers)

    problem_in(response, 415, "unsupported_media_type")
    assert "accept" in response.headers or "accept-encoding" in response.headers


@pytest.mark.parametrize(
    "media_type",
    [
        "application/json; charset=utf-8",
        'Application/JSON;charset="UTF-8"',
        "application/json ; x=y",
    ],
)
async def test_json_may_be_said_in_other_ways(client: httpx.AsyncClient, media_type: str) -> None:
    response = await client.post(
        "/v1/resolve",
        content=b'{"content": "a"}',
        headers={"content-type": media_type},
    )

    assert response.status_code == 200


async def test_a_path_or_method_that_is_not_there_is_a_problem_too(
    client: httpx.AsyncClient,
) -> None:
    problem_in(await client.get("/v2"), 404, "not_found")
    assert (await client.get("/a%20b%22/%D8%B3?x=1")).json()["instance"] == "/a%20b%22/%D8%B3"
    problem_in(await client.post("/v1/resolve/", json={"content": "a"}), 404, "not_found")
    response = await client.get("/v1/resolve")
    problem_in(response, 405, "method_not_allowed")
    assert response.headers["allow"] == "OPTIONS, POST"


async def test_a_body_of_3_mb_is_too_large(client: httpx.AsyncClient) -> None:
    response = await client.post(
        "/v1/resolve",
        content=json.dumps({"content": "a" * 3_000_000}).encode(),
        headers=JSON,
    )

    problem_in(response, 413, "too_large")
    assert response.headers["connection"] == "close"


async def test_a_body_of_just_the_limit_is_not(client: httpx.AsyncClient) -> None:
    body = json.dumps({"content": "a" * (RECORDED.max_body_bytes - 15)}).encode()

    assert len(body) == RECORDED.max_body_bytes
    assert (await client.post("/v1/resolve", content=body, headers=JSON)).status_code == 200
    assert (await client.post("/v1/resolve", content=body + b" ", headers=JSON)).status_code == 413


async def test_a_body_without_a_length_is_counted_as_it_arrives(client: httpx.AsyncClient) -> None:
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        while sent < 200_000_000:
            sent += 65536
            yield b" " * 65536

    problem_in(await client.post("/v1/resolve", content=endless(), headers=JSON), 413, "too_large")
    assert sent < 5_000_000


async def test_a_fault_of_the_service_gives_the_article_back_without_its_insides() -> None:
    class Broken(httpx.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            message = f"insides: {request.url}"
            raise MemoryError(message)

    async with calling(Settings(), Broken()) as client:
        response = await client.post("/v1/resolve", json={"content": TWEET})

    assert response.status_code == 200
    assert response.json()["content"] == TWEET
    assert response.json()["complete"] is False
    assert b"insides" not in response.content


# --- headers ---


@pytest.mark.parametrize(
    ("given", "echoed"),
    [
        ("save-4711", True),
        ("x" * 128, True),
        ("x" * 129, False),
        ("a b", False),
        ("é", False),
        ("", False),
    ],
)
async def test_a_request_has_an_id(client: httpx.AsyncClient, given: str, echoed: bool) -> None:  # noqa: FBT001
    for path in ("/livez", "/nowhere"):
        told = (
            await client.get(path, headers=[(b"x-request-id", given.encode("latin-1"))])
        ).headers["x-request-id"]

        assert (told == given) is echoed
        assert echoed or re.fullmatch(r"[0-9a-f-]{36}", told)


@pytest.mark.parametrize(
    ("values", "seconds"),
    [
        ([], None),
        (["wait=3"], 3),
        (["WAIT = 3"], 3),
        (['wait="3"'], 3),
        (["respond-async, wait=10; x=y"], 10),
        (["handling=lenient", "wait=2", "wait=9"], 2),
        (["wait=-1"], None),
        (["wait=3.5"], None),
        (["wait"], None),
        (["await=3"], None),
        (["wait=٣"], None),
        (["wait=" + "9" * 4000], None),
    ],
)
async def test_prefer_wait_is_read(values: list[str], seconds: int | None) -> None:
    assert read_wait([(b"prefer", value.encode()) for value in values]) == seconds


class Slow(httpx.AsyncBaseTransport):
    """An X that never answers."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        await asyncio.sleep(60)
        return httpx.Response(500, request=request)


@pytest.mark.parametrize(
    ("body", "prefer", "least_s", "most_s"),
    [
        ({"deadline_ms": 200}, None, 0.15, 7.0),
        ({"deadline_ms": 30_000}, "wait=1", 0.9, 7.0),
        ({"deadline_ms": 200}, "wait=20", 0.15, 7.0),
        ({"deadline_ms": 30_000}, "wait=0", 0.0, 0.9),
        ({}, None, 0.35, 2.9),
    ],
)
async def test_the_smaller_of_both_waits_counts(
    body: dict[str, int],
    prefer: str | None,
    least_s: float,
    most_s: float,
) -> None:
    loop = asyncio.get_running_loop()
    async with calling(Settings(deadline_ms=400), Slow()) as client:
        began = loop.time()
        response = await client.post(
            "/v1/resolve",
            json={"content": TWEET} | body,
            headers={"prefer": prefer} if prefer else {},
        )
        took = loop.time() - began

    answer = Resolved.model_validate_json(response.content)
    assert least_s <= took <= most_s
    assert (answer.content, answer.complete, [embed.state for embed in answer.embeds]) == (
        TWEET,
        False,
        ["deferred"],
    )
    assert int(response.headers["retry-after"]) >= 1
    assert response.headers.get("preference-applied") == prefer


@pytest.mark.parametrize(
    ("given", "status"),
    [
        (["Bearer key-number-two"], 200),
        (["bearer  key-number-one"], 200),
        ([], 401),
        (["Bearer"], 401),
        (["Bearer key-number-three"], 401),
        (["Basic key-number-one"], 401),
        (["key-number-one"], 401),
        (["Bearer key-number-oné"], 401),
        (["Bearer " + "x" * 100_000], 401),
        (["Bearer key-number-one", "Bearer key-number-two"], 401),
    ],
)
async def test_with_keys_set_v1_wants_one(given: list[str], status: int) -> None:
    async with calling(Settings(api_keys=("key-number-one", "key-number-two"))) as client:
        headers = [(b"authorization", value.encode("latin-1")) for value in given]
        for path in ("/v1/resolve", "/v1/detect"):
            response = await client.post(path, json={"content": "a"}, headers=headers)

            assert response.status_code == status
            if status == 401:
                problem_in(response, 401, "unauthorized")
                assert response.headers["www-authenticate"].startswith("Bearer")
        assert (await client.get("/readyz")).status_code == 200


# --- many articles ---


def lines_of(response: httpx.Response) -> list[dict[str, Any]]:
    assert response.status_code == 200
    assert response.headers["content-type"].startswith("application/x-ndjson")
    return sorted(
        (json.loads(line) for line in response.content.splitlines()),
        key=lambda each: int(each["line"]),
    )


async def test_each_line_is_answered_whatever_the_others_are(client: httpx.AsyncClient) -> None:
    body = "\n".join(
        [
            json.dumps({"id": "a", "content": TWEET}),
            "",
            "not JSON",
            json.dumps({"id": 7, "content": 1}),
            json.dumps({"id": 1.5, "content": "x"}),
            json.dumps({"id": "b", "content": "# x", "output": "html"}),
            '{"id": "c", "content": "\\ud800"}\r',
            json.dumps({"content": "plain"}),
            json.dumps({"id": 10**30, "content": "plain"}),
        ],
    )
    answers = lines_of(await client.post("/v1/resolve", content=body.encode(), headers=NDJSON))

    assert [
        (each["line"], each.get("id"), each.get("error", {}).get("code")) for each in answers
    ] == [
        (1, "a", None),
        (3, None, "bad_json"),
        (4, 7, "invalid"),
        (5, None, "invalid"),
        (6, "b", "not_supported"),
        (7, "c", "invalid"),
        (8, None, None),
        (9, 10**30, None),
    ]
    for each in answers:
        (NdjsonError if "error" in each else ResolvedLine).model_validate_json(json.dumps(each))
    assert "id" not in answers[-2]
    assert answers[2]["error"]["errors"][0]["pointer"] == "/content"


async def test_results_come_as_they_are_ready() -> None:
    class OneSlow(httpx.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            await asyncio.sleep(60)
            return httpx.Response(404, request=request)

    body = "\n".join(
        [json.dumps({"content": TWEET, "deadline_ms": 300}), *[json.dumps({"content": "x"})] * 20],
    )
    async with calling(Settings(), OneSlow()) as client:
        response = await client.post("/v1/resolve", content=body.encode(), headers=NDJSON)

    numbers = [json.loads(line)["line"] for line in response.content.splitlines()]
    assert numbers[-1] == 1
    assert sorted(numbers) == list(range(1, 22))


async def test_no_lines_are_no_results(client: httpx.AsyncClient) -> None:
    assert lines_of(await client.post("/v1/resolve", content=b"\n\n", headers=NDJSON)) == []


async def test_detect_takes_no_lines(client: httpx.AsyncClient) -> None:
    problem_in(
        await client.post("/v1/detect", content=b"{}", headers=NDJSON),
        415,
        "unsupported_media_type",
    )


# --- operation ---


async def test_it_is_alive_and_ready_while_x_is_down() -> None:
    class Down(httpx.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            message = "no route"
            raise httpx.ConnectError(message, request=request)

    async with calling(Settings(), Down()) as client:
        assert (await client.post("/v1/resolve", json={"content": TWEET})).json()["embeds"][0][
            "state"
        ] == "failed"
        assert (await client.get("/livez")).json() == {"status": "up"}
        assert (await client.get("/readyz")).json()["status"] == "ready"


async def test_the_description_has_an_example_for_every_body(client: httpx.AsyncClient) -> None:
    description = (await client.get("/openapi.json")).json()

    assert set(description["paths"]) == {
        "/v1/resolve",
        "/v1/detect",
        "/v1/embeds",
        "/v1/links",
        "/oembed",
        "/iframely",
        "/x/{tweet_id}",
        "/version",
        "/v1/tweets/{tweet_id}",
        "/livez",
        "/readyz",
        "/metrics",
    }
    for operations in description["paths"].values():
        for operation in operations.values():
            bodies = [operation["requestBody"]] if "requestBody" in operation else []
            for body in bodies + list(operation["responses"].values()):
                assert all(content["example"] for content in body.get("content", {}).values())


async def test_every_reference_of_the_description_leads_somewhere(
    client: httpx.AsyncClient,
) -> None:
    text = (await client.get("/openapi.json")).text

    schemas = json.loads(text)["components"]["schemas"]
    assert {name.rpartition("/")[2] for name in re.findall(r'"\$ref":\s*"([^"]+)"', text)} <= set(
        schemas,
    )
    assert set(re.findall(r'"\$ref":\s*"(#/[^"]*)/', text)) == {"#/components/schemas"}


async def test_there_is_a_page_of_documentation(client: httpx.AsyncClient) -> None:
    response = await client.get("/docs")

    assert response.headers["content-type"].startswith("text/html")


async def test_the_environment_settles_an_app_without_settings(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TWEET_EMBED_MAX_BODY_BYTES", "many")

    with pytest.raises(SettingsError):
        create_app()
