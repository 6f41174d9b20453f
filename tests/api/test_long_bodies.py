"""Long bodies are answered by another process, as short ones are here, and hold up nobody."""

import asyncio
import gc
import json
import os
import signal
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from rest import RECORDED

from service.api.bodies.answers import Answer, Wishes
from service.api.bodies.long_bodies import LONG_BODY, Bodies
from service.app import open_service

pytestmark = pytest.mark.anyio

TWEET = "https://x.com/demo_harbour/status/2034906551094185985"
SHORT = f"<p>one</p>\n<p>{TWEET}</p>\n<p>https://t.co/Rk2Ys9Mf4A</p>\n"
WORDS = "<p>Words of an article.</p>\n" * (LONG_BODY // 20)
BUSY = "".join(f"<p>https://x.com/a/status/19881500000{n:08}</p>\n" for n in range(6_000))
"""Takes a second, and more."""


def processes() -> set[int]:
    """Return the processes that this one has begun (proc(5))."""
    tasks = Path("/proc/self/task").glob("*/children")
    return {int(number) for told in tasks for number in told.read_text().split()}


def at_work() -> set[int]:
    """Return those that answer long bodies."""
    return {
        each
        for each in processes()
        if b"body_process" in Path(f"/proc/{each}/cmdline").read_bytes()
    }


async def until(holds: Callable[[], bool]) -> None:
    for _ in range(2000):
        if holds():
            return
        await asyncio.sleep(0.01)
    pytest.fail("it never holds")


async def resolved(client: httpx.AsyncClient, content: str) -> dict[str, object]:
    response = await client.post("/v1/resolve", json={"content": content, "format": "html"})
    assert response.status_code == 200
    return dict(response.json())


async def test_a_long_article_comes_back_as_a_short_one(client: httpx.AsyncClient) -> None:
    short, long = await resolved(client, SHORT), await resolved(client, SHORT + WORDS)
    for told in (short, long):
        del told["elapsed_ms"]
        for embed in told["embeds"]:  # type: ignore[attr-defined]
            del embed["served_from"], embed["checked_at"]
    assert long == short | {"content": f"{short['content']}{WORDS}"}
    assert processes()


async def test_what_became_of_its_embeds_is_counted_here(client: httpx.AsyncClient) -> None:
    async def count() -> float:
        shown = (await client.get("/metrics")).text
        line = 'tweet_embed_embeds_total{state="embedded"} '
        return float(shown.partition(line)[2].partition("\n")[0] or 0)

    before = await count()
    await resolved(client, SHORT + WORDS)
    assert await count() == before + 1


async def test_a_long_body_is_refused_as_a_short_one(client: httpx.AsyncClient) -> None:
    for path in ("/v1/resolve", "/v1/detect"):
        answers = [
            (await client.post(path, json={"content": content, "colour": 1})).json()
            for content in ("x", WORDS)
        ]
        assert answers[0]["errors"] == [{"pointer": "/colour", "detail": "There is no such field."}]
        for answer in answers:
            del answer["request_id"]
        assert answers[0] == answers[1]


async def test_a_long_text_is_read_by_detect_too(client: httpx.AsyncClient) -> None:
    asked = {"content": SHORT + WORDS, "format": "html"}
    told = (await client.post("/v1/detect", json=asked)).json()
    assert told["embeds"][0]["tweet_id"] == TWEET.rpartition("/")[2]


async def test_long_lines_are_answered_like_the_short_ones_beside_them(
    client: httpx.AsyncClient,
) -> None:
    lines = [
        {"id": "short", "content": SHORT},
        {"id": "long", "content": SHORT + WORDS},
        {"id": "wrong", "content": WORDS, "colour": 1},
    ]
    body = "\n".join(map(json.dumps, lines))
    response = await client.post(
        "/v1/resolve", content=body, headers={"content-type": "application/x-ndjson"}
    )
    told = {each["line"]: each for each in map(json.loads, response.text.splitlines())}
    assert [told[number]["id"] for number in (1, 2, 3)] == ["short", "long", "wrong"]
    assert [len(told[number]["embeds"]) for number in (1, 2)] == [1, 1]
    assert told[3]["error"]["code"] == "invalid"


async def test_while_a_hostile_article_is_read_others_are_answered(
    client: httpx.AsyncClient,
) -> None:
    await resolved(client, SHORT + WORDS)
    (process,) = at_work()
    busy = asyncio.create_task(resolved(client, BUSY))
    await asyncio.sleep(0.05)
    os.kill(process, signal.SIGSTOP)  # it takes as long as this does, on any machine
    for number in range(10):
        assert (await client.get("/livez")).status_code == 200
        await resolved(client, f"{SHORT}<p>{number}</p>")
        assert not busy.done()
    os.kill(process, signal.SIGCONT)
    assert (await busy)["content"]


def asking(content: str) -> bytes:
    return json.dumps({"content": content, "format": "html"}).encode()


async def test_a_process_that_dies_costs_the_embeds_of_its_articles_and_no_more() -> None:
    async with open_service(RECORDED) as service:
        bodies = Bodies(service, 200)
        others = processes()
        busy = asyncio.create_task(bodies.resolve(asking(BUSY), Wishes(0)))
        await until(lambda: bool(processes() - others))
        for process in processes() - others:
            os.kill(process, signal.SIGKILL)
        told = await busy
        assert (json.loads(told.body)["content"], told.complete) == (BUSY, False)
        again: Answer = await bodies.resolve(asking(SHORT + WORDS), Wishes(20_000))
        assert json.loads(again.body)["embeds"][0]["state"] == "embedded"
        await bodies.close()
        assert processes() == others
        gc.collect()  # what nobody asked for would be told to the loop now, and fail the test


async def test_a_process_without_work_ends_and_is_begun_again() -> None:
    async with open_service(RECORDED) as service:
        bodies = Bodies(service, 200, idle_s=0.01)
        others = processes()
        for _ in range(2):
            told = await bodies.resolve(asking(SHORT + WORDS), Wishes(20_000))
            assert json.loads(told.body)["embeds"][0]["state"] == "embedded"
            await until(lambda: not processes() - others)
        await bodies.close()
