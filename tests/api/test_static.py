"""What readers' browsers load from the service."""

import asyncio
from collections.abc import Mapping

import httpx
import pytest
from rest import RECORDED, calling

from service.settings import Settings


def get(
    path: str,
    headers: Mapping[str, str] | None = None,
    method: str = "GET",
    settings: Settings | None = None,
) -> httpx.Response:
    async def ask() -> httpx.Response:
        async with calling(settings or RECORDED) as client:
            return await client.request(method, path, headers=headers)

    return asyncio.run(ask())


@pytest.mark.parametrize(
    ("path", "media_type"),
    [("/embed.css", "text/css"), ("/embed.js", "text/javascript")],
)
def test_a_file_comes_whole_and_is_not_sent_again(path: str, media_type: str) -> None:
    first = get(path)
    again = get(path, {"If-None-Match": first.headers["etag"]})
    head = get(path, method="HEAD")

    assert (first.status_code, first.headers["content-type"]) == (
        200,
        f"{media_type}; charset=utf-8",
    )
    assert "max-age=86400" in first.headers["cache-control"]
    assert first.headers["x-content-type-options"] == "nosniff"
    assert len(first.content) > 1000
    assert (again.status_code, again.content, again.headers["etag"]) == (
        304,
        b"",
        first.headers["etag"],
    )
    assert (head.status_code, head.content) == (200, b"")
    assert get(path, {"If-None-Match": '"other"'}).status_code == 200


def test_readers_need_no_key() -> None:
    assert get("/embed.js", settings=Settings(api_keys=("secret",))).status_code == 200


def test_the_script_asks_nobody_but_x_and_only_there() -> None:
    text = get("/embed.js").text

    assert text.count("https://") == 3  # two in the comment, one that is loaded
    assert not [
        word
        for word in ("eval(", "innerHTML", "style=", "document.write", "new Function")
        if word in text
    ]
