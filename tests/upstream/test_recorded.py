"""Recorded answers in place of the network: the same code asks them as asks X."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import pytest

from service.core.errors import UpstreamError
from service.core.model import (
    LinkState,
    LinkTarget,
    Reason,
    ShortLink,
    State,
    Tweet,
    TweetRef,
    UnavailableTweet,
)
from service.settings import Settings, SettingsError
from service.upstream.client import XClient, open_client
from service.upstream.recorded import RecordedError, recorded_transport

R = TypeVar("R")
ID = "1988000000000000000"
OEMBED = {
    "url": f"https://x.com/moctsyria/status/{ID}",
    "author_name": "وزارة الاتصالات",
    "author_url": "https://x.com/moctsyria",
    "html": (
        '<blockquote class="twitter-tweet"><p lang="ar" dir="rtl">نص</p>&mdash; وزارة الاتصالات'
        f' (@moctsyria) <a href="https://x.com/moctsyria/status/{ID}?ref_src=twsrc%5Etfw">November'
        " 10, 2025</a></blockquote>\n\n"
    ),
    "type": "rich",
    "version": "1.0",
}


def write(folder: Path, name: str, recording: object) -> None:
    path = folder / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(
        recording if isinstance(recording, str) else json.dumps(recording),
        encoding="utf-8",
    )


def ask(folder: Path, use: Callable[[XClient], Awaitable[R]]) -> R:
    async def run() -> R:
        settings = Settings(recorded=folder)
        async with open_client(settings) as client:
            return await use(XClient(client, endpoints=settings.oembed_endpoints))

    return asyncio.run(run())


def test_a_code_is_expanded(tmp_path: Path) -> None:
    write(
        tmp_path,
        "t.co/gmGJ1TR9Ve.json",
        {"status": 301, "headers": {"location": "https://x.com/a/status/20/photo/1"}},
    )
    target = ask(tmp_path, lambda x: x.expand(ShortLink("gmGJ1TR9Ve")))
    assert target == LinkTarget(
        LinkState.RESOLVED,
        "https://x.com/a/status/20/photo/1",
        ("https://t.co/gmGJ1TR9Ve",),
    )


def test_codes_differ_by_case(tmp_path: Path) -> None:
    write(
        tmp_path,
        "t.co/gmGJ1TR9Ve.json",
        {"status": 301, "headers": {"location": "https://example.org/"}},
    )
    assert ask(tmp_path, lambda x: x.expand(ShortLink("GMGJ1TR9VE"))).state is LinkState.DEAD


def test_a_tweet_is_the_body_as_it_is(tmp_path: Path) -> None:
    write(tmp_path, f"oembed/{ID}.json", OEMBED)
    tweet = ask(tmp_path, lambda x: x.fetch(TweetRef(ID), None))
    assert isinstance(tweet, Tweet)
    assert (tweet.id, tweet.author_name) == (ID, "وزارة الاتصالات")


def test_a_language_has_a_recording_of_its_own(tmp_path: Path) -> None:
    write(tmp_path, f"oembed/{ID}.json", OEMBED)
    write(
        tmp_path,
        f"oembed/{ID}.ar.json",
        {**OEMBED, "html": OEMBED["html"].replace("November 10, 2025", "١٠ نوفمبر ٢٠٢٥")},
    )
    tweets = [
        ask(tmp_path, lambda x, lang=lang: x.fetch(TweetRef(ID), lang))  # type: ignore[misc]
        for lang in ("ar", "de", None)
    ]
    assert [tweet.date_text for tweet in tweets if isinstance(tweet, Tweet)] == [
        "١٠ نوفمبر ٢٠٢٥",
        "November 10, 2025",
        "November 10, 2025",
    ]


def test_an_envelope_says_its_status(tmp_path: Path) -> None:
    write(
        tmp_path,
        f"oembed/{ID}.json",
        {"status": 403, "body": {"error": "Sorry, you are not authorized to see this status."}},
    )
    assert ask(tmp_path, lambda x: x.fetch(TweetRef(ID), None)) == UnavailableTweet(State.PROTECTED)
    write(
        tmp_path,
        f"oembed/{ID}.json",
        {"status": 429, "headers": {"retry-after": "7"}, "body": "slow down"},
    )
    with pytest.raises(UpstreamError) as raised:
        ask(tmp_path, lambda x: x.fetch(TweetRef(ID), None))
    assert (raised.value.reason, raised.value.retry_after_s) == (Reason.RATE_LIMITED, 7)


def test_what_was_not_recorded_is_not_there(tmp_path: Path) -> None:
    assert ask(tmp_path, lambda x: x.fetch(TweetRef(ID), None)) == UnavailableTweet(State.GONE)
    assert ask(tmp_path, lambda x: x.expand(ShortLink("gmGJ1TR9Ve"))).state is LinkState.DEAD


def test_an_environment_of_proxies_is_not_asked(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    assert ask(tmp_path, lambda x: x.expand(ShortLink("gmGJ1TR9Ve"))).state is LinkState.DEAD


@pytest.mark.parametrize(
    ("name", "recording"),
    [
        ("t.co/a.json", '{"status": 301'),
        ("t.co/a.json", ""),
        ("t.co/a.json", "[" * 100_000),
        ("t.co/a.json", {"location": "https://example.org/"}),
        ("t.co/a.json", {"status": "301"}),
        ("t.co/a.json", {"status": 99}),
        ("t.co/a.json", {"status": 301, "header": {}}),
        ("t.co/a.json", {"status": 301, "headers": {"location": 1}}),
        ("t.co/a.json", {"status": 301, "headers": {"location": "a\r\nb"}}),
        ("oembed/20.json", [OEMBED]),
        ("oembed/20.json", {"status": 1000}),
    ],
)
def test_a_damaged_file_is_named_in_one_line(tmp_path: Path, name: str, recording: object) -> None:
    write(tmp_path, name, recording)
    with pytest.raises(RecordedError) as raised:
        recorded_transport(tmp_path)
    assert str(tmp_path / name) in str(raised.value)
    assert len(str(raised.value).splitlines()) == 1


def test_a_missing_folder_stops_the_start(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="is no folder"):
        open_client(Settings(recorded=tmp_path / "nowhere"))
