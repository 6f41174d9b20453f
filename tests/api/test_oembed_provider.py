"""`/oembed` and `/iframely`, as the consumers of each want them; the page that leads there."""

import asyncio
import json
from dataclasses import replace

import httpx
import pytest
from rest import RECORDED, calling
from standin_x import StandIn
from turbohtml import parse

from service.api.bodies.address_models import IframelyAnswer, OembedAnswer
from service.settings import Settings

pytestmark = pytest.mark.anyio

TWEET = "https://x.com/demo_harbour/status/2034906551094185985"
GONE = "https://x.com/a/status/1"
SCRIPT = '<script async src="https://platform.x.com/widgets.js" charset="utf-8"></script>'


async def ask(client: httpx.AsyncClient, path: str = "/oembed", **query: str) -> httpx.Response:
    return await client.get(path, params=query)


async def test_a_tweet_is_what_every_consumer_takes(client: httpx.AsyncClient) -> None:
    response = await ask(client, url=TWEET, maxwidth="600", maxheight="900", dnt="1", format="json")

    answer = OembedAnswer.model_validate_json(response.content)
    assert response.headers["content-type"] == "application/json"
    assert (answer.version, answer.width, answer.height, answer.url) == ("1.0", 550, None, TWEET)
    assert answer.author_url == "https://x.com/demo_harbour"
    assert answer.html.startswith('<blockquote class="twitter-tweet" data-dnt="true" data-width')
    assert answer.html.endswith(SCRIPT)
    assert "\n" not in answer.html
    assert 43_000 < answer.cache_age <= 60 * 60 * 12 * 1.1
    assert response.headers["cache-control"] == f"public, max-age={answer.cache_age}"


@pytest.mark.parametrize(
    "url",
    [
        "x.com/demo_harbour/status/2034906551094185985",
        "//x.com/demo_harbour/status/2034906551094185985",
        "https://mobile.twitter.com/a/status/2034906551094185985?s=20",
        "\u200bhttps://x.com/i/web/status/2034906551094185985 ",
    ],
)
async def test_every_spelling_of_an_address_is_read(client: httpx.AsyncClient, url: str) -> None:
    assert (await ask(client, url=url)).json()["url"] == TWEET
    assert (await ask(client, uri=url)).json()["url"] == TWEET


async def test_a_parameter_without_a_value_is_none(client: httpx.AsyncClient) -> None:
    answer = await ask(client, url="", uri=TWEET, format="", theme="", maxwidth="", lang="")

    assert answer.content == (await ask(client, url=TWEET)).content


@pytest.mark.parametrize("url", ["pic.twitter.com/Zk4Rt8Np1V", "https://t.co/Zk4Rt8Np1V"])
async def test_short_links_are_followed(client: httpx.AsyncClient, url: str) -> None:
    answer = (await ask(client, url=url)).json()

    assert answer["url"] == "https://x.com/demo_maktabat/status/1988177428548464647"


@pytest.mark.parametrize(
    ("maxwidth", "width"),
    [
        ("100", 220),
        ("-5", 220),
        ("300", 300),
        ("9999", 550),
        ("wide", 550),
        ("", 550),
        ("9" * 30, 550),
        ("-" + "9" * 30, 220),
    ],
)
async def test_the_width_is_clamped(client: httpx.AsyncClient, maxwidth: str, width: int) -> None:
    assert (await ask(client, url=TWEET, maxwidth=maxwidth)).json()["width"] == width


async def test_parameters_of_x_are_passed_on(client: httpx.AsyncClient) -> None:
    asked = {"theme": "dark", "align": "right", "hide_media": "true", "hide_thread": "1"}
    html = (await ask(client, url=TWEET, dnt="false", omit_script="true", **asked)).json()["html"]

    start = html[: html.index(">")]
    assert start == (
        '<blockquote class="twitter-tweet" data-align="right" data-cards="hidden"'
        ' data-conversation="none" data-theme="dark"'
    )
    assert "<script" not in html


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({}, 400),
        ({"url": ""}, 400),
        ({"url": "hello"}, 400),
        ({"url": "x" * 3000}, 400),
        ({"url": "https://example.org/"}, 404),
        ({"url": "https://t.co/Rk2Ys9Mf4A"}, 404),
        ({"url": GONE}, 404),
        ({"url": TWEET, "format": "xml"}, 501),
        ({"url": TWEET, "callback": "a;b"}, 400),
        ({"url": TWEET, "callback": ""}, 400),
    ],
)
async def test_an_error_is_nothing_that_could_pass_for_an_embed(
    client: httpx.AsyncClient, query: dict[str, str], status: int
) -> None:
    for path in ("/oembed", "/iframely"):
        response = await client.get(path, params=query)

        assert response.status_code == status
        assert set(response.json()) == {"error", "message"}
        assert response.json()["error"] == status
        assert response.headers["cache-control"] == "no-store"


async def test_a_callback_is_called_with_the_answer_and_with_an_error(
    client: httpx.AsyncClient,
) -> None:
    plain = (await ask(client, url=TWEET)).json()
    good = await ask(client, url=TWEET, callback="jQuery1_2.cb$")
    bad = await ask(client, url=GONE, callback="cb")

    assert good.headers["content-type"] == "text/javascript; charset=utf-8"
    assert good.headers["x-content-type-options"] == "nosniff"
    called = json.loads(good.text.removeprefix("/**/jQuery1_2.cb$(").removesuffix(");"))
    assert {**called, "cache_age": 0} == {**plain, "cache_age": 0}
    assert (bad.status_code, bad.text[:9]) == (200, '/**/cb({"')
    assert json.loads(bad.text[7:-2])["error"] == 404


async def test_who_has_the_answer_is_told_so(client: httpx.AsyncClient) -> None:
    first = await ask(client, url=TWEET)
    tag = first.headers["etag"]
    again = await client.get("/oembed", params={"url": TWEET}, headers={"if-none-match": tag})
    other = await client.get(
        "/oembed", params={"url": TWEET, "theme": "dark"}, headers={"if-none-match": tag}
    )

    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    assert "max-age" in again.headers["cache-control"]
    assert again.headers["vary"] == "Authorization, Accept-Encoding"
    assert other.status_code == 200


async def test_an_answer_without_x_is_the_link_alone() -> None:
    async with calling(Settings(deadline_ms=0)) as client:
        answer = (await ask(client, url="https://x.com/jack/status/20", omit_script="1")).json()
        short = (await ask(client, url="t.co/abcdefghij", omit_script="1")).json()

    assert (answer["cache_age"], answer["type"], answer["width"]) == (60, "rich", 550)
    assert answer["html"] == (
        '<blockquote class="twitter-tweet" data-dnt="true"><a'
        ' href="https://x.com/jack/status/20">https://x.com/jack/status/20</a></blockquote>'
    )
    assert '<a href="https://t.co/abcdefghij">' in short["html"]


async def test_the_shape_of_iframely(client: httpx.AsyncClient) -> None:
    grouped = await ask(client, "/iframely", url=TWEET, group="true", _theme="dark")
    flat = await ask(client, "/iframely", url=TWEET)

    answer = IframelyAnswer.model_validate_json(grouped.content)
    assert answer.html == answer.links.app[0].html
    assert answer.meta["canonical"] == TWEET
    assert answer.meta["date"] == "2026-03-20"
    assert [link["media"] for link in flat.json()] == [{"max-width": 550}]


# --- the page ---


async def test_a_page_leads_to_the_answer(client: httpx.AsyncClient) -> None:
    response = await client.get("/x/2034906551094185985")

    assert response.headers["content-type"].startswith("text/html")
    page = parse(response.text)
    link = next(
        one for one in page.find_all("link") if one.attr("type") == "application/json+oembed"
    )
    assert (await client.get(str(link.attr("href")))).json()["url"] == TWEET
    assert "<script" not in response.text


@pytest.mark.parametrize("path", ["/x/1", "/x/abc", "/x/0", "/x/123456789012345678901"])
async def test_there_is_no_page_of_what_is_no_tweet(client: httpx.AsyncClient, path: str) -> None:
    assert (await client.get(path)).status_code == 404


async def test_a_tweet_that_was_taken_down_is_nowhere() -> None:
    async with calling() as client:
        assert (await client.get("/x/2034906551094185985")).status_code == 200
        await client.delete("/v1/tweets/2034906551094185985")

        assert (await client.get("/x/2034906551094185985")).status_code == 404
        assert (await ask(client, url=TWEET)).status_code == 404


async def test_a_page_asks_x_for_nobody_without_a_key() -> None:
    settings = Settings(recorded=RECORDED.recorded, api_keys=("abcdefgh12345",))
    async with calling(settings) as client:
        response = await client.get("/x/2034906551094185985")

    assert response.status_code == 200
    assert "Spring" not in response.text


async def test_a_protected_tweet_is_403(x: StandIn) -> None:
    x.fault["1988000000000000001"] = "forbidden"
    settings = Settings(oembed_endpoints=("https://publish.x.com/oembed",))
    async with calling(settings) as client:
        response = await ask(client, url="https://x.com/a/status/1988000000000000001")

    assert (response.status_code, response.json()["error"]) == (403, 403)


# --- answers that are kept as they were written ---


@pytest.mark.parametrize("path", ["/oembed", "/iframely"])
async def test_what_was_written_goes_with_the_tweet(path: str) -> None:
    async with calling() as client:
        answers = [await ask(client, path, url=TWEET, group="1") for _ in range(4)]
        called = [await ask(client, path, url=TWEET, callback="cb") for _ in range(4)]
        other = await ask(client, path, url=TWEET, group="1", maxwidth="300")
        counted = (await client.get("/metrics")).text
        await client.delete(f"/v1/tweets/{TWEET.rpartition('/')[2]}")
        gone = [await ask(client, path, url=TWEET, group="1") for _ in range(2)]

    for each in (answers, called):
        assert {one.status_code for one in each} == {200}
        assert len({one.text.partition('"cache_age"')[0] for one in each}) == 1
        assert len({one.headers["etag"] for one in each}) == 1
    told = [one.json() for one in answers]
    ages = [int(one.headers["cache-control"].partition("=")[2]) for one in answers]
    assert [one["cache_age"] for one in told] == ages
    assert other.text != answers[0].text
    assert 'tweet_embed_embeds_total{state="embedded"} 9.0' in counted
    assert [one.status_code for one in gone] == [404, 404]


@pytest.mark.long
async def test_what_was_written_goes_with_what_x_said_last(x: StandIn) -> None:
    tweet_id = "1988000000000000000"
    settings = replace(Settings(oembed_endpoints=("https://publish.x.com/oembed",)), ttl_embedded=1)
    address = f"https://x.com/a/status/{tweet_id}"
    async with calling(settings) as client:
        x.tweet(tweet_id, "a", "A", "First words")
        first = [await ask(client, url=address) for _ in range(3)]
        x.tweet(tweet_id, "a", "A", "Other words")
        await asyncio.sleep(1.2)
        await ask(client, url=f"{address}?s=20")  # asked anew behind it
        await asyncio.sleep(0.2)
        last = await ask(client, url=address)

    assert all("First words" in one.json()["html"] for one in first)
    assert "Other words" in last.json()["html"]
