"""`/v1/embeds` and `/v1/links`: addresses in, an embed or a target for each out."""

import httpx
import pytest
from rest import calling

from service.api.bodies.address_models import AddressEmbedsAnswer, AddressTargetsAnswer
from service.settings import Settings

pytestmark = pytest.mark.anyio

TWEET = "https://x.com/demo_harbour/status/2034906551094185985"
PICTURE = "pic.twitter.com/Zk4Rt8Np1V"
HOURS = "https://t.co/Rk2Ys9Mf4A"


async def test_each_address_has_its_embed_in_order(client: httpx.AsyncClient) -> None:
    urls = [TWEET, PICTURE, HOURS, "https://example.org/a", "", "//x.com/i/status/1"]
    response = await client.post("/v1/embeds", json={"urls": urls})

    answer = AddressEmbedsAnswer.model_validate_json(response.content)
    assert [(embed.state, embed.reason, embed.tweet_id) for embed in answer.embeds] == [
        ("embedded", None, "2034906551094185985"),
        ("embedded", None, "1988177428548464647"),
        ("failed", "not_a_tweet", None),
        ("failed", "not_a_tweet", None),
        ("failed", "not_a_tweet", None),
        ("gone", None, "1"),
    ]
    assert [embed.found_by for embed in answer.embeds[:2]] == ["markup", "code"]
    assert {(embed.start, embed.end, embed.form) for embed in answer.embeds} == {(None, None, None)}
    assert not answer.complete
    assert response.headers["retry-after"] == "86400"  # what is no tweet stays none


async def test_embeds_that_are_all_there_are_complete(client: httpx.AsyncClient) -> None:
    response = await client.post("/v1/embeds", json={"urls": [TWEET, "//x.com/i/status/1"]})

    assert response.json()["complete"] is True
    assert "retry-after" not in response.headers


async def test_an_embed_is_the_one_of_an_article(client: httpx.AsyncClient) -> None:
    alone = (await client.post("/v1/embeds", json={"urls": [TWEET]})).json()["embeds"][0]
    whole = (await client.post("/v1/resolve", json={"content": TWEET})).json()["embeds"][0]

    nowhere = {"start": None, "end": None, "form": None}
    assert {**alone, "served_from": None} == {**whole, **nowhere, "served_from": None}


async def test_options_of_an_embed_apply_and_others_are_refused(client: httpx.AsyncClient) -> None:
    options = {"render": "link", "gone": "tombstone"}
    body = {"urls": [TWEET, "https://x.com/a/status/1"], "options": options}
    embeds = (await client.post("/v1/embeds", json=body)).json()["embeds"]
    refused = await client.post("/v1/embeds", json={"urls": [], "options": {"theme": "dark"}})

    assert embeds[0]["html"].startswith('<p class="tweet-embed-link"')
    assert embeds[1]["html"].startswith('<p class="tweet-embed-gone"')
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["pointer"] == "/options/theme"


async def test_an_embed_is_the_same_again_until_it_is_taken_down(
    client: httpx.AsyncClient,
) -> None:
    async def embeds(**options: str) -> list[dict[str, object]]:
        body = {"urls": [TWEET, PICTURE], "options": options}
        response = await client.post("/v1/embeds", json=body)
        told: list[dict[str, object]] = response.json()["embeds"]
        return [{**each, "served_from": None} for each in told]

    first, again, links = await embeds(), await embeds(), await embeds(render="link")
    await client.delete("/v1/tweets/2034906551094185985")
    after = await embeds()

    assert again == first
    assert links[0]["html"] != first[0]["html"]
    assert (after[0]["state"], after[0]["reason"]) == ("gone", "takedown")
    assert after[1] == first[1]


async def test_each_address_has_its_target(client: httpx.AsyncClient) -> None:
    urls = [HOURS, "https://example.org/?utm_source=a", PICTURE]
    response = await client.post("/v1/links", json={"urls": urls})

    answer = AddressTargetsAnswer.model_validate_json(response.content)
    assert [(link.url, link.state, link.target, link.start) for link in answer.links] == [
        (HOURS, "resolved", "https://harbourlights.example/hours?season=spring", None),
        (urls[1], "resolved", urls[1], None),
        (
            PICTURE,
            "resolved",
            "https://x.com/demo_maktabat/status/1988177428548464647",
            None,
        ),
    ]
    assert answer.complete


async def test_more_than_a_hundred_addresses_are_refused(client: httpx.AsyncClient) -> None:
    for path in ("/v1/embeds", "/v1/links"):
        response = await client.post(path, json={"urls": ["a"] * 101})

        assert (response.status_code, response.json()["errors"][0]["pointer"]) == (422, "/urls")


async def test_what_is_not_known_without_asking_is_deferred() -> None:
    urls = ["https://x.com/a/status/20", "https://t.co/abcdefghij"]
    async with calling(Settings()) as client:
        embeds = await client.post("/v1/embeds", json={"urls": urls, "deadline_ms": 0})
        links = await client.post("/v1/links", json={"urls": urls}, headers={"prefer": "wait=0"})

    assert {(one["state"], one["reason"]) for one in embeds.json()["embeds"]} == {
        ("deferred", "cache_only"),
    }
    assert (embeds.json()["complete"], embeds.headers["retry-after"]) == (False, "2")
    assert [one["state"] for one in links.json()["links"]] == ["resolved", "deferred"]
    assert (links.json()["complete"], links.headers["retry-after"]) == (False, "2")
