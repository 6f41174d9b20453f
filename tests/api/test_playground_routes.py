"""The files of the playground, as the service sends them."""

import gzip
import re

import pytest
from test_static import get

from service.settings import Settings

FILES = re.compile(r"""(?:href|src)="(playground/[^"]+)"|from "\./([a-z]+\.js)\"""")


def policy(path: str) -> dict[str, list[str]]:
    told = get(path).headers["content-security-policy"].split(";")
    return {name: values for name, *values in (each.split() for each in told)}


def test_the_page_is_at_the_root_and_needs_no_key() -> None:
    page = get("/", settings=Settings(api_keys=("a-long-secret",)))

    assert page.status_code == 200
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert page.headers["referrer-policy"] == "no-referrer"
    assert page.headers["x-content-type-options"] == "nosniff"


def test_a_browser_asks_anew_and_is_sent_nothing_twice() -> None:
    first = get("/playground/main.js")
    again = get("/playground/main.js", {"If-None-Match": first.headers["etag"]})

    assert first.headers["cache-control"] == "no-cache"
    assert (again.status_code, again.content) == (304, b"")


def test_plain_and_compressed_are_two_things_with_a_tag_each() -> None:
    plain = get("/playground/words.js", {"Accept-Encoding": "identity"})
    packed = get("/playground/words.js", {"Accept-Encoding": "gzip, br"})
    crossed = get(
        "/playground/words.js",
        {"Accept-Encoding": "identity", "If-None-Match": packed.headers["etag"]},
    )

    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert packed.content == plain.content  # unpacked by the client
    assert int(packed.headers["content-length"]) < int(plain.headers["content-length"]) / 2
    assert int(packed.headers["content-length"]) == len(gzip.compress(plain.content, mtime=0))
    assert packed.headers["etag"] != plain.headers["etag"]
    assert {plain.headers["vary"], packed.headers["vary"]} == {"Accept-Encoding"}
    assert crossed.status_code == 200


def test_the_page_lets_in_its_own_files_alone() -> None:
    allowed = policy("/")

    assert allowed["default-src"] == ["'none'"]
    assert allowed["frame-ancestors"] == ["'none'"]
    assert allowed["require-trusted-types-for"] == ["'script'"]
    assert {value for values in allowed.values() for value in values} == {
        "'none'",
        "'self'",
        "'script'",
        "paste",
    }


def test_the_preview_has_no_origin_and_lets_x_in_only_with_the_switch() -> None:
    quiet = policy("/playground/preview")
    loud = policy("/playground/preview?x=on")

    for each in (quiet, loud):
        assert "allow-same-origin" not in each["sandbox"]
        assert each["frame-ancestors"] == ["'self'"]
        assert each["form-action"] == ["'none'"]
    assert not [value for values in quiet.values() for value in values if "." in value]
    assert "https://platform.x.com" in loud["script-src"]
    assert policy("/playground/preview?x=yes") == quiet


def test_a_sample_is_text_whatever_it_holds() -> None:
    sample = get("/playground/samples/page.html")

    assert sample.headers["content-type"] == "text/plain; charset=utf-8"
    assert sample.text.startswith("<h2>")


@pytest.mark.parametrize(
    "path", ["/playground/", "/playground/no.js", "/playground/../settings.py"]
)
def test_nothing_else_is_there(path: str) -> None:
    assert get(path).status_code == 404


def test_every_file_that_is_named_is_there() -> None:
    seen, left = set(), ["/", "/playground/preview.js"]
    while left:
        path = left.pop()
        answer = get(path)
        assert answer.status_code == 200, path
        seen.add(path)
        for file, module in FILES.findall(answer.text):
            found = f"/{file}" if file else f"/playground/{module}"
            left += [found] if found not in seen else []

    assert {"/playground/main.js", "/playground/markup.js", "/playground/words.js"} <= seen


def test_no_code_and_no_style_stands_in_the_pages() -> None:
    for path in ("/", "/playground/preview"):
        text = get(path).text

        assert not re.search(r"<style|style=|\son\w+=|javascript:|https?://", text)
        assert not re.search(r"<script(?![^>]*\ssrc=)", text)
