"""A real Wagtail with the package: what is published, embedded, and healed later."""

import json
import time
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from articles import FLATTENED, LOST, MAY, NOVEMBER
from bs4 import BeautifulSoup
from faulty_service import NOTHING_FOUND, FaultyService, said
from sampling import sampled
from standin_answers import FAULTS, Answer
from wagtail_site_server import ANSWER_S, SECRET, WagtailSite
from wordpress_plugin import EMBED, RunningService

FLAT, SUNSETS = FLATTENED[0], FLATTENED[2]
INTERIOR = f'<embed embedtype="media" url="https://x.com/Interior/status/{MAY}"/>'
MINISTRY = f'<embed embedtype="media" url="https://x.com/moctsyria/status/{NOVEMBER}"/>'
TIMEOUT_S = 1
BODY = f"<p>Before &amp; after</p><p>{SUNSETS}</p>"


@pytest.fixture
def wagtail(wagtail_site: WagtailSite, service: RunningService) -> WagtailSite:
    """A site that asks the service that works."""
    wagtail_site.configure(ADDRESS=service.url, TIMEOUT=30)
    return wagtail_site


def stored(site: WagtailSite, page: int) -> dict[str, Any]:
    found: dict[str, Any] = site.do("stored", page=page)
    return found


def test_a_flattened_tweet_in_rich_text_becomes_wagtails_own_embed(wagtail: WagtailSite) -> None:
    page = wagtail.do("publish", body=f"<p>شهدت &amp; العاصمة</p><p>{FLAT}</p><p>مرحلة</p>")
    found = stored(wagtail, page)

    assert found["body"] == f"<p>شهدت &amp; العاصمة</p>{MINISTRY}<p>مرحلة</p>"
    assert found["latest"] == found["body"], "the editor opens what readers see"
    assert (found["drafts"], found["pending"]) == (False, [])
    assert FLAT in found["revisions"][0]


def test_characters_that_python_ends_lines_at_keep_no_page_from_being_healed(
    wagtail: WagtailSite,
) -> None:
    words = "<p>One\u2028two\u2029three\x85four</p>"
    page = wagtail.do("publish", body=f"{words}<p>{SUNSETS}</p>")

    assert stored(wagtail, page)["body"] == f"{words}{INTERIOR}"


def test_publishing_again_changes_nothing(wagtail: WagtailSite) -> None:
    page = wagtail.do("publish", body=BODY)
    before = stored(wagtail, page)
    wagtail.do("publish", page=page, body=before["body"])
    after = stored(wagtail, page)

    assert before["body"] == f"<p>Before &amp; after</p>{INTERIOR}" == after["body"]
    assert len(after["revisions"]) == len(before["revisions"]) + 1


def test_blocks_are_healed_each_in_its_own_way(wagtail: WagtailSite) -> None:
    rich = f"<p>{SUNSETS}</p>"
    stream = [
        {"type": "text", "value": rich, "id": "1"},
        {"type": "html", "value": rich, "id": "2"},
        {"type": "embed", "value": f"https://x.com/Interior/status/{MAY}", "id": "3"},
        {"type": "quotation", "value": {"heading": "@a", "words": rich}, "id": "4"},
        {"type": "list", "value": [{"type": "item", "value": rich, "id": "6"}], "id": "5"},
    ]
    page = wagtail.do("publish", body="<p>No trace.</p>", stream=stream)

    assert stored(wagtail, page)["stream"] == [
        INTERIOR,
        EMBED,
        f"https://x.com/Interior/status/{MAY}",
        {"heading": "@a", "words": INTERIOR},
        [{"type": "item", "value": INTERIOR, "id": "6"}],
    ]


def test_rich_text_whose_editor_knows_no_embed_is_left_alone(wagtail: WagtailSite) -> None:
    page = wagtail.do("publish", plain=BODY)

    assert stored(wagtail, page)["plain"] == BODY


def test_a_page_without_a_trace_is_not_sent(
    wagtail_site: WagtailSite, faulty: FaultyService
) -> None:
    wagtail_site.configure(ADDRESS=faulty.url, TIMEOUT=TIMEOUT_S)
    wagtail_site.do("publish", body="<p>An ordinary page.</p>")

    assert faulty.asked == []


TROUBLE = {
    "hanging": FAULTS["hang"],
    "a byte at a time": FAULTS["drip"],
    "500": FAULTS["500"],
    "a page": FAULTS["html"],
    "half an answer": FAULTS["half_json"],
    "bytes": FAULTS["garbage"],
    "nothing": FAULTS["empty"],
    "no HTTP": FAULTS["no_http"],
    "another key": said({"title": "Unauthorized"}, 401),
    "sent elsewhere": Answer(302, [("Location", "http://127.0.0.1:9/")]),
    "empty content": said(NOTHING_FOUND | {"id": 0}),
    "other JSON": said({"hello": "world"}),
    "a list": said([]),
    "a bomb": FAULTS["bomb"],
    "a flood": FAULTS["flood"],
    "a fault of one line": said({"line": 1, "id": 0, "error": {"status": 500, "code": "internal"}}),
}


@pytest.mark.parametrize(
    "trouble", sampled(TROUBLE, "hanging", "half an answer", "a fault of one line")
)
def test_in_trouble_a_page_is_published_as_typed_and_healed_later(
    trouble: str, wagtail_site: WagtailSite, service: RunningService, faulty: FaultyService
) -> None:
    wagtail_site.configure(ADDRESS=faulty.url, TIMEOUT=TIMEOUT_S)
    faulty.answer = TROUBLE[trouble]
    begun = time.monotonic()
    wagtail_site.do("publish", body="<p>An ordinary page.</p>")
    usual = time.monotonic() - begun
    page = wagtail_site.do("publish", body=BODY)
    took = time.monotonic() - begun - usual
    found = stored(wagtail_site, page)

    assert found["body"] == BODY
    assert took < TIMEOUT_S + 10 + usual
    assert len(found["pending"]) == 1

    wagtail_site.configure(ADDRESS=service.url, TIMEOUT=30)
    wagtail_site.do("command", arguments=[str(page)])
    healed = stored(wagtail_site, page)

    assert healed["body"] == f"<p>Before &amp; after</p>{INTERIOR}"
    assert healed["pending"] == []
    assert healed["times"] == found["times"], "it is no newer for it"


def test_tries_end(wagtail_site: WagtailSite, faulty: FaultyService) -> None:
    wagtail_site.configure(ADDRESS=faulty.url, TIMEOUT=TIMEOUT_S)
    page = wagtail_site.do("publish", body=BODY)
    tries = 0
    while stored(wagtail_site, page)["pending"] and tries < 20:
        assert "some pages stay as they are" in wagtail_site.do("command", arguments=[])
        tries += 1

    assert 5 <= tries < 20


def test_a_draft_that_is_newer_stays_the_one_that_editors_open(
    wagtail_site: WagtailSite, service: RunningService
) -> None:
    wagtail_site.configure(ADDRESS="http://127.0.0.1:9", TIMEOUT=TIMEOUT_S)
    page = wagtail_site.do("publish", body=BODY)
    wagtail_site.do("save_draft", page=page, body="<p>A draft.</p>")
    wagtail_site.configure(ADDRESS=service.url, TIMEOUT=30)
    wagtail_site.do("command", arguments=[])
    found = stored(wagtail_site, page)

    assert found["body"] == f"<p>Before &amp; after</p>{INTERIOR}"
    assert found["latest"] == "<p>A draft.</p>"
    assert found["drafts"] is True


def test_an_alias_shows_the_same(wagtail: WagtailSite) -> None:
    page = wagtail.do("publish", body="<p>First.</p>")
    alias = wagtail.do("alias", page=page)
    wagtail.do("publish", page=page, body=BODY)

    assert stored(wagtail, alias)["body"] == stored(wagtail, page)["body"]
    assert INTERIOR in stored(wagtail, alias)["body"]


def test_an_archive_is_healed_by_the_command(
    wagtail_site: WagtailSite, service: RunningService
) -> None:
    wagtail_site.configure(ADDRESS="")
    pages = [wagtail_site.do("publish", body=BODY) for _ in range(3)]
    assert [stored(wagtail_site, page)["pending"] for page in pages] == [[], [], []]
    wagtail_site.configure(ADDRESS=service.url, TIMEOUT=30)
    told = wagtail_site.do("command", arguments=["--all"])

    assert "0 in trouble" in told
    for page in pages:
        assert stored(wagtail_site, page)["body"] == f"<p>Before &amp; after</p>{INTERIOR}"


# --- the embed finder ---

OEMBED = {
    "version": "1.0",
    "type": "rich",
    "provider_name": "X",
    "author_name": "US Department of the Interior",
    "width": 550,
    "height": None,
    "cache_age": 86400,
    "html": EMBED,
}


@pytest.fixture
def provider(wagtail_site: WagtailSite, faulty: FaultyService) -> FaultyService:
    """A provider that knows one tweet, and asks for a key."""
    faulty.answers["/oembed"] = said(OEMBED)
    wagtail_site.configure(ADDRESS=faulty.url, KEY="abcdefgh12345", TIMEOUT=TIMEOUT_S)
    return faulty


@pytest.mark.parametrize(
    "url",
    [
        f"https://twitter.com/Interior/status/{MAY}",
        f"https://x.com/Interior/status/{MAY}?s=20",
        "https://t.co/LeadsToMay",
    ],
)
def test_get_embed_asks_the_service(
    url: str, wagtail_site: WagtailSite, provider: FaultyService
) -> None:
    wagtail_site.do("expire")
    found = wagtail_site.do("embed", url=url)

    assert (found["html"], found["provider"]) == (EMBED, "X")
    (asked,) = provider.asked
    assert parse_qs(urlsplit(asked.path).query)["url"] == [url]
    assert asked.headers["authorization"] == "Bearer abcdefgh12345"
    wagtail_site.do("embed", url=url)
    assert len(provider.asked) == 1, "Wagtail keeps it for as long as the service says"


def test_what_is_no_tweet_is_left_to_others(
    wagtail_site: WagtailSite, provider: FaultyService
) -> None:
    for url in ("https://x.com/Interior", "https://notx.com/a/status/20", "https://t.co/"):
        assert wagtail_site.do("embed", url=url) is None

    assert provider.asked == []


def test_in_trouble_readers_see_the_embed_as_it_was(
    wagtail_site: WagtailSite, provider: FaultyService
) -> None:
    known, unknown = (f"https://x.com/Interior/status/{MAY}?s={n}" for n in (1, 2))
    wagtail_site.do("embed", url=known)
    wagtail_site.do("expire")
    provider.answers["/oembed"] = FAULTS["500"]

    assert wagtail_site.do("embed", url=known)["html"] == EMBED
    assert f'<a href="{unknown}">' in wagtail_site.do("embed", url=unknown)["html"]
    wagtail_site.do("expire")
    provider.answers["/oembed"] = said(OEMBED)
    assert wagtail_site.do("embed", url=unknown)["html"] == EMBED


def test_a_tweet_that_is_gone_is_no_embed(
    wagtail_site: WagtailSite, provider: FaultyService
) -> None:
    provider.answers["/oembed"] = said({"error": 404, "message": "no such tweet"}, 404)

    assert wagtail_site.do("embed", url=f"https://x.com/somebody/status/{LOST}") is None


def test_readers_see_a_healed_page(wagtail_site: WagtailSite, faulty: FaultyService) -> None:
    rewritten = f"<p>Before &amp; after</p>{EMBED}"
    embed = {
        "state": "embedded",
        "html": EMBED,
        "url": f"https://x.com/Interior/status/{MAY}?s=9",
    }
    faulty.answers["/v1/resolve"] = said(
        NOTHING_FOUND | {"id": 0, "content": rewritten, "embeds": [embed]}
    )
    faulty.answers["/oembed"] = said(OEMBED)
    wagtail_site.configure(ADDRESS=faulty.url, TIMEOUT=30)
    page = wagtail_site.do("publish", body=BODY)
    shown = wagtail_site.page(stored(wagtail_site, page)["url"])

    assert EMBED in shown
    sent = [json.loads(asked.body) for asked in faulty.asked if asked.path == "/v1/resolve"]
    assert [each["content"] for each in sent] == [BODY]


def test_the_service_itself_answers_wagtail(wagtail: WagtailSite) -> None:
    wagtail.do("expire")
    for url in (f"https://x.com/Interior/status/{MAY}", "https://t.co/LeadsToMay"):
        found = wagtail.do("embed", url=url)
        assert "Sunsets don&#39;t get much better" in found["html"]
        assert found["until"] > "2026"


# --- the editor ---


def edit(client: httpx.Client, page: int, **changes: str) -> dict[str, str]:
    """Publish a page with the form of Wagtail's editor; the fields that the form had."""
    address = f"/admin/pages/{page}/edit/"
    form = BeautifulSoup(client.get(address).text, "html.parser").select_one("#page-edit-form")
    assert form is not None
    fields = {
        str(each["name"]): str(each.get("value", "") or each.get_text())
        for each in form.select("input[name], textarea[name]")
        if each.get("type") not in {"checkbox", "submit"}
    }
    answer = client.post(address, data=fields | changes | {"action-publish": "action-publish"})
    assert answer.status_code == httpx.codes.FOUND, answer.text[-3000:]
    return fields


def test_what_an_editor_types_is_healed_and_opens_again_as_an_embed(wagtail: WagtailSite) -> None:
    page = wagtail.do("publish", body="<p>First.</p>")
    block = {"type": "unstyled", "depth": 0, "inlineStyleRanges": [], "entityRanges": []}
    typed = {
        "blocks": [block | {"key": "a", "text": "Before"}, block | {"key": "b", "text": SUNSETS}],
        "entityMap": {},
    }
    with httpx.Client(base_url=wagtail.url, timeout=ANSWER_S, trust_env=False) as client:
        client.get("/admin/login/")
        secret = {"username": "editor", "password": SECRET}
        token = {"csrfmiddlewaretoken": client.cookies["csrftoken"]}
        client.post("/admin/login/", data=secret | token)
        edit(client, page, body=json.dumps(typed))
        healed = stored(wagtail, page)
        opened = json.loads(edit(client, page)["body"])

    assert healed["body"] == f'<p data-block-key="a">Before</p>{INTERIOR}'
    entities = [(each["type"], each["data"].get("url")) for each in opened["entityMap"].values()]
    assert entities == [("EMBED", f"https://x.com/Interior/status/{MAY}")]
    assert INTERIOR in stored(wagtail, page)["body"]
