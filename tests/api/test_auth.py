"""Keys and what each opens."""

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from rest import RECORDED, calling

from service.api import create_app
from service.api.door.auth import Keyring, KeyScope
from service.api.problems import ProblemError
from service.settings import Settings, SettingsError

pytestmark = pytest.mark.anyio

TWEET = "https://x.com/demo_harbour/status/2034906551094185985"
ADMIN, RESOLVE, EMBED = "admin-key-1", "resolve-key", "embed-key-1"
FILE = f"# keys\n\neditor {RESOLVE}\npage {EMBED} embed\nroot-2 other-admin-key admin\n"
CALLS = [
    ("GET", "/oembed", {"embed", "resolve", "admin"}),
    ("GET", "/iframely", {"embed", "resolve", "admin"}),
    ("POST", "/v1/resolve", {"resolve", "admin"}),
    ("POST", "/v1/detect", {"resolve", "admin"}),
    ("POST", "/v1/embeds", {"resolve", "admin"}),
    ("POST", "/v1/links", {"resolve", "admin"}),
    ("GET", "/v1/tweets/20", {"admin"}),
    ("DELETE", "/v1/tweets/20", {"admin"}),
]
KEYS = {"embed": EMBED, "resolve": RESOLVE, "admin": ADMIN}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    keys = tmp_path / "keys"
    keys.write_text(FILE)
    return Settings(recorded=RECORDED.recorded, api_keys=(ADMIN,), api_keys_file=keys)


def shown(key: str) -> dict[str, str]:
    return {"authorization": f"Bearer {key}"}


@pytest.mark.parametrize(("method", "path", "scopes"), CALLS)
async def test_a_key_opens_what_its_scope_says(
    settings: Settings, method: str, path: str, scopes: set[str]
) -> None:
    async with calling(settings) as client:
        for scope, key in KEYS.items():
            response = await client.request(method, path, headers=shown(key))
            assert (response.status_code == 403) == (scope not in scopes), scope
            assert response.status_code != 401
        for headers in ({}, shown("wrong-key-1"), {"authorization": f"Basic {ADMIN}"}):
            response = await client.request(method, path, headers=headers)
            assert response.status_code == 401
            assert response.headers["www-authenticate"].startswith("Bearer")


@pytest.mark.parametrize(
    "path", ["/livez", "/readyz", "/metrics", "/version", "/", "/embed.css", "/openapi.json"]
)
async def test_what_wants_no_key(settings: Settings, path: str) -> None:
    async with calling(settings) as client:
        assert (await client.get(path)).status_code == 200


@pytest.mark.parametrize(
    ("key", "status"),
    [
        (EMBED, 200),
        (RESOLVE, 200),
        (ADMIN, 403),
        ("other-admin-key", 403),
        ("wrong-key-1", 401),
        ("", 401),
    ],
)
async def test_a_key_in_the_address(settings: Settings, key: str, status: int) -> None:
    async with calling(settings) as client:
        response = await client.get("/oembed", params={"url": TWEET, "key": key})
        called = await client.get("/oembed", params={"url": TWEET, "key": key, "callback": "cb"})
        elsewhere = await client.post("/v1/detect", params={"key": RESOLVE}, json={"content": "a"})

    assert (response.status_code, called.status_code) == (status, 200)
    assert elsewhere.status_code == 401
    assert not key or key not in response.text + str(response.headers)
    if status == 200:
        assert response.headers["cache-control"].startswith("private, max-age=")
    else:
        assert response.json()["error"] == status


async def test_keys_are_read_again(settings: Settings) -> None:
    keyring = Keyring(settings)
    assert settings.api_keys_file
    settings.api_keys_file.write_text("page new-embed-key embed")
    keyring.reload()

    request: dict[str, Any] = {"headers": [(b"authorization", b"Bearer new-embed-key")]}
    keyring.check(request, KeyScope.EMBED)
    settings.api_keys_file.write_text("page short")
    with pytest.raises(SettingsError):
        keyring.reload()
    keyring.check(request, KeyScope.EMBED)
    assert request["state"] == {"key": "page"}


def test_who_is_refused_for_a_scope_is_named_in_the_log(settings: Settings) -> None:
    keyring = Keyring(settings)
    request: dict[str, Any] = {"headers": [(b"authorization", f"Bearer {EMBED}".encode())]}
    with pytest.raises(ProblemError) as refused:
        keyring.check(request, KeyScope.ADMIN)

    assert refused.value.status == 403
    assert request["state"] == {"key": "page"}


async def test_every_wrong_line_of_a_file_is_told_without_its_key(tmp_path: Path) -> None:
    file = tmp_path / "keys"
    file.write_text("one\na secret-1 root\nb short\nb/c secret-key-2\nd secret-3x\nd secret-4x\n")
    with pytest.raises(SettingsError) as told:
        create_app(Settings(api_keys_file=file))

    lines = str(told.value).splitlines()
    assert [line.split(", line ")[1][0] for line in lines] == ["1", "2", "3", "4", "6"]
    assert "secret" not in str(told.value)
    with pytest.raises(SettingsError, match=r"^TWEET_EMBED_API_KEYS_FILE: .* cannot be read"):
        create_app(Settings(api_keys_file=tmp_path / "none"))
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(SettingsError, match=r"^TWEET_EMBED_API_KEYS_FILE: .* no regular file"):
        create_app(Settings(api_keys_file=tmp_path / "pipe"))


async def test_a_key_has_one_scope(tmp_path: Path) -> None:
    """What stands in a page must not open everything because it stands elsewhere too."""
    file = tmp_path / "keys"
    file.write_text("page secret-key-1 embed\ncms secret-key-2\narchive secret-key-1 admin\n")
    with pytest.raises(SettingsError) as told:
        create_app(Settings(api_keys_file=file, api_keys=("secret-key-2",)))

    cms, archive = str(told.value).splitlines()
    assert cms.endswith(
        "line 2: the key stands in TWEET_EMBED_API_KEYS too, whose keys open everything"
    )
    assert archive.endswith("line 3: the key is that of page")
    assert "secret" not in str(told.value)


@pytest.mark.parametrize(
    ("host", "headers", "status"),
    [
        ("127.0.0.1", {}, 404),
        ("::1", {}, 404),
        ("::ffff:127.0.0.1", {}, 404),
        ("192.0.2.1", {}, 403),
        ("127.0.0.1", {"x-forwarded-for": "127.0.0.1"}, 403),
        ("127.0.0.1", {"forwarded": "for=127.0.0.1"}, 403),
        ("127.0.0.1", {"origin": "http://127.0.0.1"}, 403),
        ("127.0.0.1", {"origin": "null"}, 403),
    ],
)
async def test_without_keys_tweets_are_shown_to_this_machine_alone(
    host: str, headers: dict[str, str], status: int
) -> None:
    app = create_app(RECORDED)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(
            transport=httpx.ASGITransport(app, client=(host, 5000)), base_url="http://s.test"
        ) as client,
    ):
        assert (await client.get("/v1/tweets/20", headers=headers)).status_code == status
        assert (await client.get("/oembed", params={"url": TWEET})).status_code == 200


async def test_a_key_asks_as_often_as_it_may(settings: Settings) -> None:
    async with calling(replace(settings, api_rate=3.0)) as client:
        query = {"url": TWEET}
        cms = [await client.get("/oembed", params=query, headers=shown(EMBED)) for _ in range(6)]
        other = await client.get("/oembed", params=query, headers=shown(RESOLVE))
        refused = await client.post("/v1/detect", headers=shown(RESOLVE), json={"content": "a"})

    assert [one.status_code for one in cms][:3] == [200] * 3
    assert cms[-1].status_code == 429
    assert (cms[-1].json()["error"], cms[-1].headers["retry-after"]) == (429, "1")
    assert (other.status_code, refused.status_code) == (200, 200)
