"""A path has one spelling, however it is asked for, and no spelling passes the key."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, NamedTuple
from urllib.parse import quote, unquote

import pytest
from fastapi import FastAPI
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from rest import RECORDED

from service.api import create_app

KEY = "an-admin-key"
ID = "2034906551094185985"
OPEN = {"/", "/livez", "/readyz", "/metrics", "/version", "/docs", "/openapi.json"}
METHODS = ["GET", "HEAD", "OPTIONS", "POST", "DELETE", "PUT", "TRACE", "get"]


class Shape(NamedTuple):
    """What an answer looks like: its status, its headers, and the members of its JSON."""

    status: int
    headers: dict[str, str]
    members: set[str]

    def without_body(self) -> "Shape":
        """Return what is left of it for HEAD."""
        return Shape(self.status, self.headers, set())


VARYING = {"x-request-id", "content-length"}


@dataclass
class Served:
    """The service in this process, asked as uvicorn asks it: the path comes decoded."""

    app: FastAPI
    loop: asyncio.AbstractEventLoop

    def status(self, method: str, target: str, key: str | None = None) -> int:
        """Return the status of a request without a body."""
        return int(self.ask(method, target, key)[0]["status"])

    def shape(self, method: str, target: str, key: str | None = None) -> Shape:
        """Return what the answer to a request without a body looks like."""
        start, *rest = self.ask(method, target, key)
        sent = {name.decode(): value.decode() for name, value in start["headers"]}
        body = b"".join(each.get("body", b"") for each in rest)
        members = set(json.loads(body)) if body and "json" in sent["content-type"] else set()
        headers = {name: value for name, value in sent.items() if name not in VARYING}
        return Shape(int(start["status"]), headers, members)

    def ask(self, method: str, target: str, key: str | None = None) -> list[dict[str, Any]]:
        """Return what is sent to who sends no body."""
        path, _, query = target.partition("?")
        headers = [(b"host", b"service.test")]
        if key is not None:
            headers.append((b"authorization", b"Bearer " + key.encode()))
        scope: dict[str, Any] = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": unquote(path),
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "root_path": "",
            "headers": headers,
            "client": ("127.0.0.1", 50_000),
            "server": ("127.0.0.1", 80),
            "state": {},
        }
        sent: list[dict[str, Any]] = []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: Any) -> None:  # noqa: ANN401 - ASGI's
            sent.append(message)

        self.loop.run_until_complete(self.app(scope, receive, send))
        return sent


@pytest.fixture(scope="module")
def served() -> Any:  # noqa: ANN401 - a generator
    loop = asyncio.new_event_loop()
    app = create_app(replace(RECORDED, api_keys=(KEY,)))
    life = app.router.lifespan_context(app)
    loop.run_until_complete(life.__aenter__())
    yield Served(app, loop)
    loop.run_until_complete(life.__aexit__(None, None, None))
    loop.close()


def paths() -> list[str]:
    """Return a path of every route."""
    routes = create_app(RECORDED).router.routes
    return sorted({route.path.replace("{tweet_id}", ID) for route in routes})  # type: ignore[attr-defined]


PATHS = paths()


def is_open(path: str) -> bool:
    return path in OPEN or path.startswith(("/playground/", "/embed.", "/x/"))


# --- spellings ---


def at(place: int, path: str, put: str) -> str:
    place %= len(path) + 1
    return path[:place] + put + path[place:]


def encoded(place: int, path: str) -> str:
    """Write one character by its number."""
    place %= len(path)
    return f"{path[:place]}%{ord(path[place]):02X}{path[place + 1 :]}"


CHANGES: list[Callable[[int, str], str]] = [
    lambda _, path: path + "/",
    lambda place, path: at(place, path, "/"),
    lambda _, path: "/" + path,
    lambda _, path: path.replace("/", "//"),
    lambda _, path: path.upper(),
    lambda place, path: path[: place % len(path)] + path[place % len(path) :].swapcase(),
    encoded,
    lambda place, path: encoded(place, encoded(place // 7, path)),
    lambda _, path: path.replace("/", "%2f"),
    lambda _, path: path.replace("/", "%5c"),
    lambda _, path: path.replace("/", "\\"),
    lambda _, path: path.replace("/", "/./"),
    lambda _, path: path + "/.",
    lambda _, path: path + "/..",
    lambda _, path: f"/livez/..{path}",
    lambda _, path: f"/livez%2f..{path}",
    lambda _, path: f"/embed.css/%2e%2e{path}",
    lambda place, path: at(place, path, "%00"),
    lambda place, path: at(place, path, "%252f"),
    lambda place, path: at(place, path, ";a=b"),
    lambda place, path: at(place, path, "%20"),
    lambda _, path: path + ".json",
    lambda place, path: at(place, path, quote("\u202e")),
    lambda place, path: at(place, path, quote("ſ")),  # a letter that is S in upper case
]

SPELLING = st.builds(
    lambda path, changes: (path, changes),
    st.sampled_from(PATHS),
    st.lists(st.tuples(st.sampled_from(CHANGES), st.integers(0, 60)), min_size=1, max_size=3),
)


@settings(max_examples=200)
@given(SPELLING, st.sampled_from(METHODS))
def test_another_spelling_is_nothing_or_the_same(
    served: Served, spelling: tuple[str, list[tuple[Callable[[int, str], str], int]]], method: str
) -> None:
    path, changes = spelling
    spelt = path
    for change, place in changes:
        spelt = change(place, spelt)
    meant = unquote(spelt)
    assume("?" not in spelt and "#" not in spelt)
    known = next((each for each in PATHS if each == meant), None)
    is_tweet = meant.startswith(("/x/", "/v1/tweets/")) and meant.count("/") == path.count("/")
    assume(known is not None or not is_tweet)  # any id is a path

    for key in (None, KEY):
        expected = 404 if known is None else served.status(method, known, key)
        assert served.status(method, spelt, key) == expected, spelt
    if known is None or not is_open(known):
        assert served.status(method, spelt) in ({404} if known is None else {401, 405, 204})


@pytest.mark.parametrize("path", PATHS)
def test_what_is_no_path_looks_the_same_everywhere(served: Served, path: str) -> None:
    spelt = {path + "/", "/" + path, path.replace("/", "//"), path.upper()} - set(PATHS)
    for method in METHODS:
        for key in (None, KEY):
            nothing = served.shape(method, "/nothing/like/it", key)
            assert nothing.status == 404
            for spelling in spelt:
                assert served.shape(method, spelling, key) == nothing, (method, spelling)


@pytest.mark.parametrize("key", [None, KEY])
@pytest.mark.parametrize("path", [*PATHS, "/nothing/like/it"])
def test_head_looks_like_get(served: Served, path: str, key: str | None) -> None:
    assert served.shape("HEAD", path, key) == served.shape("GET", path, key).without_body()


@pytest.mark.parametrize("path", PATHS)
def test_every_route_answers_every_method(served: Served, path: str) -> None:
    methods = {"POST"} if path.startswith("/v1/") and ID not in path else {"GET", "HEAD"}
    if path.startswith("/v1/tweets/"):
        methods |= {"DELETE"}
    for method in METHODS:
        status = served.status(method, path)
        if method == "OPTIONS":
            assert status == 204
        elif method not in methods:
            assert status == 405
        elif is_open(path):
            assert status == 200
        else:
            assert status == 401
            assert served.status(method, path, "another-key") == 401
            assert served.status(method, f"{path}?key={KEY}") in {401, 403}


def test_the_service_as_a_whole_has_options(served: Served) -> None:
    assert served.status("OPTIONS", "*") == 204
    assert served.status("GET", "*") == 404
