"""What all calls share: methods, spellings, compression, other origins, metrics and the log."""

import gc
import gzip
import json
import logging
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import httpx
import pytest
from rest import RECORDED, calling
from starlette.types import Message, Scope

from service.api import create_app
from service.settings import Settings

pytestmark = pytest.mark.anyio

TWEET = "https://x.com/demo_harbour/status/2034906551094185985"
GETS = [
    "/livez",
    "/readyz",
    "/version",
    "/metrics",
    "/",
    "/embed.css",
    "/openapi.json",
    "/docs",
    "/x/2034906551094185985",
    f"/oembed?url={TWEET}",
    f"/iframely?url={TWEET}",
]
POSTS = ["/v1/resolve", "/v1/detect", "/v1/embeds", "/v1/links"]


@pytest.mark.parametrize("path", GETS)
async def test_head_is_get_without_a_body(client: httpx.AsyncClient, path: str) -> None:
    got, head = await client.get(path), await client.head(path)

    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-type"] == got.headers["content-type"]
    assert got.content


@pytest.mark.parametrize("path", [*GETS, "/v1/tweets/20", *POSTS])
async def test_what_is_allowed_is_told(client: httpx.AsyncClient, path: str) -> None:
    options = await client.options(path)
    refused = await client.put(path)

    methods = set(options.headers["allow"].split(", "))
    assert (options.status_code, options.content) == (204, b"")
    told = refused.json()
    assert refused.status_code == 405
    if path.startswith(("/oembed", "/iframely")):
        assert (told.keys(), told["error"]) == ({"error", "message"}, 405)
    else:
        assert told["code"] == "method_not_allowed"
    assert refused.headers["allow"] == options.headers["allow"]
    expected = {"POST"} if path in POSTS else {"GET", "HEAD"}
    assert methods == expected | {"OPTIONS"} | ({"DELETE"} if "tweets" in path else set())


@pytest.mark.parametrize(
    "path", [path.partition("?")[0] for path in GETS if path != "/"] + ["/v1/tweets/20", *POSTS]
)
async def test_a_path_has_one_spelling(path: str) -> None:
    keys = replace(RECORDED, api_keys=("abcdefgh12345",))
    spellings = [f"{path}/", f"/{path}", path.upper(), path.replace("/", "//"), f"{path}%2f"]
    async with calling(keys) as client:
        for spelling in {*spellings} - {path}:
            for method in ("GET", "POST", "DELETE", "HEAD", "OPTIONS"):
                url = httpx.URL(scheme="http", host="service.test", raw_path=spelling.encode())
                response = await client.request(method, url)
                assert response.status_code == 404, (method, spelling)


class ServerSide:
    """What a server holds of a request, with its scope, as uvicorn does."""

    def __init__(self, path: str, body: bytes) -> None:
        headers = [(b"content-type", b"application/json")]
        self.scope: Scope = {"type": "http", "method": "POST", "path": path, "headers": headers}
        self.scope |= {"query_string": b"", "root_path": "", "state": {}}
        self._body = body

    async def receive(self) -> Message:
        """Return the body."""
        return {"type": "http.request", "body": self._body}

    async def send(self, message: Message) -> None:
        """Take the answer."""
        self.scope.setdefault("status", message.get("status"))


@contextmanager
def _no_collector() -> Iterator[None]:
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


@pytest.mark.parametrize(
    ("path", "status"), [("/v1/resolve", 200), ("/v1/embeds", 422), ("/nowhere", 404)]
)
async def test_a_request_leaves_nothing_to_the_collector(path: str, status: int) -> None:
    app = create_app(RECORDED)
    async with app.router.lifespan_context(app):
        with _no_collector():
            side = ServerSide(path, b'{"content": "nothing"}')
            await app(side.scope, side.receive, side.send)
            assert side.scope["status"] == status
            seen = weakref.ref(side)
            del side

            assert seen() is None


async def test_answers_are_compressed_for_who_takes_it(client: httpx.AsyncClient) -> None:
    body = {"content": "a" * 5000}
    plain = await client.post("/v1/resolve", json=body, headers={"accept-encoding": "identity"})
    async with client.stream("POST", "/v1/resolve", json=body) as packed:
        raw = b"".join([part async for part in packed.aiter_raw()])

    assert "content-encoding" not in plain.headers
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.headers["vary"] == "Accept-Encoding"
    assert len(raw) < 500
    assert json.loads(gzip.decompress(raw))["content"] == plain.json()["content"]


@pytest.mark.parametrize(
    ("accepted", "is_packed"),
    [
        ("gzip", True),
        ("GZIP", True),
        ("x-gzip", True),
        ("br, gzip;q=0.5", True),
        ("*", True),
        ("gzip;q=1.0, identity; q=0.5", True),
        ("", False),
        ("br", False),
        ("gzip;q=0", False),
        ("gzip; q=0.000, *", False),
        ("*;q=0", False),
        ("identity, gzip;q=0.5", False),
        ("not-gzip", False),
        ("gzip;q=lots", False),
    ],
)
async def test_an_answer_is_compressed_as_its_caller_weighs_it(
    client: httpx.AsyncClient, accepted: str, *, is_packed: bool
) -> None:
    headers = {"accept-encoding": accepted}
    tweet = "https://x.com/demo_harbour/status/2034906551094185985"
    for call in ("/openapi.json", "/embed.css", f"/iframely?group=true&url={tweet}"):
        answer = await client.get(call, headers=headers)
        varies = answer.headers["vary"].replace(" ", "").split(",")

        assert ("content-encoding" in answer.headers) == is_packed, call
        assert varies.count("Accept-Encoding") == 1, call
        assert ("Authorization" in varies) == call.startswith("/iframely")


async def test_lines_are_sent_as_they_are_ready(client: httpx.AsyncClient) -> None:
    line = json.dumps({"content": "a" * 3000}).encode() + b"\n"
    headers = {"content-type": "application/x-ndjson", "accept-encoding": "gzip"}
    response = await client.post("/v1/resolve", content=line * 3, headers=headers)

    assert "content-encoding" not in response.headers
    assert len(response.text.splitlines()) == 3


async def test_pages_of_named_origins_may_call() -> None:
    settings = replace(RECORDED, cors_origins=("https://cms.example",))
    asked = {
        "access-control-request-method": "POST",
        "access-control-request-headers": "prefer, if-none-match",
    }
    async with calling(settings) as client:
        allowed = await client.options(
            "/v1/resolve", headers={"origin": "https://cms.example", **asked}
        )
        other = await client.options(
            "/v1/resolve", headers={"origin": "https://evil.example", **asked}
        )
        failed = await client.post("/v1/resolve", headers={"origin": "https://cms.example"})
    async with calling() as client:
        closed = await client.post("/v1/detect", headers={"origin": "https://cms.example"})

    assert allowed.status_code == 200
    assert allowed.headers["access-control-allow-origin"] == "https://cms.example"
    assert "access-control-allow-origin" not in other.headers
    assert failed.status_code == 415
    assert failed.headers["access-control-allow-origin"] == "https://cms.example"
    assert "access-control-allow-origin" not in closed.headers


async def test_preflights_are_counted_and_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "tweet_embed.access")
    origin = "https://cms.example"
    settings = replace(RECORDED, cors_origins=(origin,), access_log=True)
    asked = {"origin": origin, "access-control-request-method": "POST"}
    async with calling(settings) as client:
        answers = [
            await client.options(path, headers=asked | more)
            for path, more in (
                ("/v1/resolve", {}),
                ("/v1/tweets/20", {"access-control-request-method": "DELETE"}),
                ("/v1/embeds", {"origin": "https://evil.example"}),
                ("/nowhere", {}),
            )
        ]
        told = (await client.get("/metrics")).text

    expected = [
        ("/v1/resolve", 200),
        ("/v1/tweets/{tweet_id}", 200),
        ("/v1/embeds", 400),
        ("other", 200),
    ]
    assert [each.status_code for each in answers] == [status for _, status in expected]
    assert all(each.headers["x-request-id"] for each in answers)
    for route, status in expected:
        assert f'http_requests_total{{route="{route}",status="{status}"}} 1.0' in told
    lines = [vars(record)["told"] for record in caplog.records[:4]]
    assert [(line["method"], line["route"], line["status"]) for line in lines] == [
        ("OPTIONS", route, status) for route, status in expected
    ]


async def test_behind_a_proxy_addresses_have_its_path() -> None:
    app = create_app(replace(RECORDED, root_path="/embeds"))
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(
            transport=httpx.ASGITransport(app, root_path="/embeds"), base_url="http://s.test"
        ) as client,
    ):
        page = await client.get("/embeds/x/2034906551094185985")
        described = (await client.get("/embeds/openapi.json")).json()

    assert 'href="http://s.test/embeds/oembed?url=' in page.text
    assert described["servers"] == [{"url": "/embeds"}]


async def test_requests_are_counted_by_the_pattern_of_their_path() -> None:
    async with calling() as client:
        for path in ("/v1/tweets/20", "/v1/tweets/21", "/nothing/here", "/livez", "/x/1"):
            await client.get(path)
        told = (await client.get("/metrics")).text

    for series in (
        'http_requests_total{route="/v1/tweets/{tweet_id}",status="404"} 2.0',
        'http_requests_total{route="other",status="404"} 1.0',
        'http_requests_total{route="/livez",status="200"} 1.0',
        'http_request_seconds_count{route="/livez"} 1.0',
        "http_in_flight 1.0",
    ):
        assert f"tweet_embed_{series}\n" in told
    assert "process_resident_memory_bytes" in told
    assert "nothing" not in told


async def test_a_request_is_logged_without_its_address(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "tweet_embed.access")
    settings = replace(RECORDED, access_log=True)
    async with calling(settings) as client:
        await client.get("/oembed", params={"url": TWEET, "key": "secret-key"})
    (record,) = caplog.records
    async with calling() as client:
        await client.get("/livez")

    told = vars(record)["told"]
    assert (told["method"], told["route"], told["status"], told["key"]) == (
        "GET",
        "/oembed",
        200,
        None,
    )
    assert told["bytes"] > 100
    assert record.getMessage().startswith("GET /oembed 200 ")
    assert "secret" not in record.getMessage() + str(told)
    assert len(caplog.records) == 1


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CORS_ORIGINS", "cms.example"),
        ("CORS_ORIGINS", "*,https://a.example"),
        ("ROOT_PATH", "embeds"),
        ("ROOT_PATH", "/a//b"),
        ("ACCESS_LOG", "maybe"),
        ("API_RATE", "-1"),
    ],
)
async def test_a_wrong_setting_is_told(name: str, value: str) -> None:
    with pytest.raises(ValueError, match=f"^TWEET_EMBED_{name}: "):
        Settings.from_env({f"TWEET_EMBED_{name}": value})
