"""A death is believed only of an endpoint that shows tweets."""

import asyncio
import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from resolving import bench
from standin_answers import Answer
from standin_x import StandIn
from typer.testing import CliRunner

from service.cli import app
from service.core.article import Options
from service.core.model import Format, LinkState, Reason, State
from service.settings import Settings
from service.upstream.living_endpoints import ASK_AGAIN_S, SHOWN_WITHIN_S, LivingEndpoints

DEAD = "1988160000000000000"
STANDING = "1988150000000000000"
CONTENT = f"<p>before</p>\n<p>https://x.com/a/status/{DEAD}</p>\n<p>after</p>"
MOVED = Answer(404, [("Content-Type", "text/html")], b"")


class Endpoint:
    """An endpoint that shows some tweets, and notes what it was asked."""

    def __init__(self, *shown: str) -> None:
        self.shown = shown
        self.asked: list[str] = []
        self.now = 0.0

    async def shows(self, _: str, tweet_id: str) -> bool:
        self.asked.append(tweet_id)
        await asyncio.sleep(0)
        return tweet_id in self.shown

    def living(self, canaries: Sequence[str] | None = ("1", "2")) -> LivingEndpoints:
        return LivingEndpoints(canaries, self.shows, clock=lambda: self.now)


def test_one_canary_is_enough() -> None:
    endpoint = Endpoint("2")
    assert asyncio.run(endpoint.living().lives("e"))
    assert endpoint.asked == ["1", "2"]


def test_an_endpoint_that_showed_a_tweet_is_asked_again_after_an_hour() -> None:
    endpoint = Endpoint()

    async def story() -> None:
        living = endpoint.living()
        living.showed("e")
        endpoint.now = SHOWN_WITHIN_S - 1
        assert await living.lives("e")
        assert endpoint.asked == []
        endpoint.now = SHOWN_WITHIN_S + 1
        assert not await living.lives("e")

    asyncio.run(story())


def test_a_dead_endpoint_is_left_alone_for_a_while() -> None:
    endpoint = Endpoint()

    async def story() -> None:
        living = endpoint.living()
        assert not await living.lives("e")
        endpoint.shown = ("1",)
        endpoint.now = ASK_AGAIN_S - 1
        assert not await living.lives("e")
        assert len(endpoint.asked) == 2
        endpoint.now = ASK_AGAIN_S + 1
        assert await living.lives("e")

    asyncio.run(story())


def test_many_who_wonder_ask_once() -> None:
    endpoint = Endpoint("1")

    async def story() -> list[bool]:
        living = endpoint.living()
        return await asyncio.gather(*(living.lives("e") for _ in range(50)))

    assert all(asyncio.run(story()))
    assert endpoint.asked == ["1"]


def test_without_canaries_an_endpoint_has_to_show_a_tweet() -> None:
    assert not asyncio.run(Endpoint().living(()).lives("e"))
    assert asyncio.run(Endpoint().living(None).lives("e"))


@pytest.mark.parametrize("fault", [MOVED, "forbidden"])
@pytest.mark.parametrize("gone", ["keep", "tombstone", "remove"])
def test_an_endpoint_that_calls_everything_dead_takes_nothing_out(
    fault: Answer | str,
    gone: str,
) -> None:
    with bench() as ask:
        ask.x.fault["oembed"] = fault
        result = ask(CONTENT, Format.HTML, options=Options(gone=gone))  # type: ignore[arg-type]
    assert result.content == CONTENT
    assert [(each.state, each.reason) for each in result.embeds] == [
        (State.FAILED, Reason.SUSPECT),
    ]
    assert not result.complete
    assert result.retry_after_s


def test_the_death_of_a_tweet_is_believed_of_an_endpoint_that_lives() -> None:
    with bench() as ask:
        result = ask(CONTENT, Format.HTML, options=Options(gone="remove"))
    assert [each.state for each in result.embeds] == [State.GONE]
    assert DEAD not in result.content


def test_where_one_endpoint_moved_the_other_is_believed() -> None:
    with bench() as ask:
        ask.x.fault["publish.x.com"] = MOVED
        ask.x.fault["publish.twitter.com"] = "legacy"
        ask.x.tweet(STANDING, "a", "A", "stands")
        result = ask(CONTENT, Format.HTML)
        assert [each.state for each in result.embeds] == [State.GONE]


def test_a_dead_short_link_needs_no_canary() -> None:
    with bench() as ask:
        ask.x.fault["oembed"] = MOVED
        result = ask("<p>See https://t.co/Nowhere123 here.</p>", Format.HTML)
    assert [each.state for each in result.links] == [LinkState.DEAD]


@pytest.mark.parametrize("gone", ["tombstone", "remove"])
def test_a_backfill_that_takes_tweets_out_stops_before_a_dead_endpoint(
    x: StandIn,
    tmp_path: Path,
    gone: str,
) -> None:
    archive = tmp_path / "a.jsonl"
    archive.write_text(json.dumps({"id": 1, "content": CONTENT}) + "\n")
    before = archive.read_bytes()
    x.fault["oembed"] = MOVED
    arguments = ["backfill", str(archive), "--in-place", "--gone", gone, "--rate", "0"]
    done = CliRunner().invoke(app, arguments)
    assert done.exit_code == 4
    assert "not even the canaries" in done.stderr
    assert archive.read_bytes() == before
    del x.fault["oembed"]
    assert CliRunner().invoke(app, arguments).exit_code == 0
    assert DEAD not in archive.read_text()


def test_ids_of_canaries_are_checked() -> None:
    with pytest.raises(ValueError, match="ids of tweets"):
        Settings.from_env({"TWEET_EMBED_CANARIES": "20,jack"})
