"""X asked over real sockets: what each answer means, what bounds hold, and that no other host is
contacted.
"""

import asyncio
import gzip
import os
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from standin_answers import SHELL, Answer
from standin_x import StandIn

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
from service.upstream.http.retry_after import read_retry_after
from service.upstream.responses import read_shell

R = TypeVar("R")
ID = "1988000000000000000"
TWEET = TweetRef(ID, "moctsyria")
CODE = ShortLink("gmGJ1TR9Ve")
PHOTO = f"https://x.com/moctsyria/status/{ID}/photo/1"
NEW, OLD = "https://publish.x.com/oembed", "https://publish.twitter.com/oembed"


def ask(
    use: Callable[[XClient], Awaitable[R]],
    endpoints: tuple[str, ...] = (NEW, OLD),
    *,
    user_agent: str | None = None,
    concurrency: int = 10,
    rate: float = 0,
    deadline_s: float = 5,
    canaries: tuple[str, ...] | None = None,
    clock: Callable[[], float] = time.time,
) -> R:
    async def run() -> R:
        async with open_client(Settings(oembed_endpoints=endpoints)) as client:
            if user_agent is not None:
                client.headers["user-agent"] = user_agent
            return await use(
                XClient(
                    client,
                    endpoints=endpoints,
                    concurrency=concurrency,
                    rate=rate,
                    canaries=canaries,
                    deadline_s=deadline_s,
                    clock=clock,
                ),
            )

    return asyncio.run(run())


def expand(code: str = CODE.code, **options: str) -> LinkTarget:
    return ask(lambda x: x.expand(ShortLink(code)), user_agent=options.get("user_agent"))


def fetch(
    *endpoints: str,
    lang: str | None = None,
    deadline_s: float = 5,
) -> Tweet | UnavailableTweet:
    return ask(lambda x: x.fetch(TWEET, lang), endpoints or (NEW, OLD), deadline_s=deadline_s)


def trouble(*endpoints: str, deadline_s: float = 5) -> UpstreamError:
    with pytest.raises(UpstreamError) as raised:
        fetch(*endpoints, deadline_s=deadline_s)
    return raised.value


@pytest.fixture
def known(x: StandIn) -> StandIn:
    """X, knowing one tweet and one code."""
    x.tweet(
        ID,
        "moctsyria",
        "وزارة الاتصالات",
        "نص",
        lang="ar",
        dir="rtl",
        date={"en": "November 10, 2025", "ar": "١٠ نوفمبر ٢٠٢٥"},
    )
    x.code(CODE.code, PHOTO)
    return x


# --- t.co ---


def test_a_code_leads_to_its_target(known: StandIn) -> None:
    assert expand() == LinkTarget(LinkState.RESOLVED, PHOTO, (CODE.url,))
    assert [(asked.host, asked.path) for asked in known.asked] == [("t.co", "/gmGJ1TR9Ve")]


def test_a_browsers_page_is_read_too(known: StandIn) -> None:
    known.code("a", "https://example.org/?a=1&b=2&copy=3")
    assert expand("a", user_agent="Mozilla/5.0").url == "https://example.org/?a=1&b=2&copy=3"


def test_an_unknown_code_is_dead(known: StandIn) -> None:
    assert known.asked == []
    assert expand("nope") == LinkTarget(LinkState.DEAD, None, ("https://t.co/nope",))


@pytest.mark.parametrize(
    "target",
    [
        "http://example.org/Path?utm_source=x#y",
        "https://bit.ly/3MPuAsi",
        "https://x.com/a/status/1/photo/1?s=20",
        "http://twitter.com/a/status/1/video/1",
        "https://t.co.example.org/abc",
        "https://example.org/طريق",
        "HTTPS://Example.org:8443/",
    ],
)
def test_a_target_is_as_sent_and_never_contacted(known: StandIn, target: str) -> None:
    known.fault["tco"] = Answer(301, [("Location", target)])
    assert expand() == LinkTarget(LinkState.RESOLVED, target, (CODE.url,))
    assert known.refused == []


@pytest.mark.parametrize(
    "target",
    [
        "javascript:alert(1)",
        "ftp://example.org/",
        "https://user:pass@example.org/",
        "https://x.com@evil.test/",
        "https://127.0.0.1/",
        "http://169.254.169.254/latest/meta-data/",
        "http://[::1]/",
        "http://2130706433/",
        "http://0x7f.1/",
        "http://localhost/",
        "https:///",
        "https://",
        "//169.254.169.254/",
        "https://[broken/",
        "https://t.co/",
        "https://t.co/twitter-api-postman",
        "https://example.org/" + "a" * 9000,
    ],
)
def test_an_unsafe_hop_is_refused(known: StandIn, target: str) -> None:
    known.fault["tco"] = Answer(301, [("Location", target)])
    assert expand() == LinkTarget(LinkState.REFUSED, CODE.url, ())
    assert [asked.host for asked in known.asked] == ["t.co"]
    assert known.refused == []


@pytest.mark.parametrize(
    "hop",
    [
        "https://t.co/second",
        "http://t.co/second",
        "/second",
        "//t.co/second",
        "https://pic.twitter.com/second",
        "HTTP://T.CO/second",
    ],
)
def test_a_short_link_behind_a_short_link_is_followed(known: StandIn, hop: str) -> None:
    known.code("first", hop)
    known.code("second", "https://example.org/")
    assert expand("first") == LinkTarget(
        LinkState.RESOLVED,
        "https://example.org/",
        ("https://t.co/first", "https://t.co/second"),
    )
    assert {asked.host for asked in known.asked} == {"t.co"}
    assert known.refused == []


def test_five_hops_are_followed_and_a_sixth_is_refused(known: StandIn) -> None:
    for number in range(6):
        known.code(f"a{number}", f"https://t.co/a{number + 1}")
    known.code("a6", "https://example.org/")
    hops = tuple(f"https://t.co/a{number}" for number in range(7))
    assert expand("a2") == LinkTarget(LinkState.RESOLVED, "https://example.org/", hops[2:])
    assert expand("a1") == LinkTarget(LinkState.REFUSED, hops[5], hops[1:5])


def test_a_loop_is_refused(known: StandIn) -> None:
    known.code("a", "https://t.co/b")
    known.code("b", "https://t.co/a")
    assert expand("a") == LinkTarget(LinkState.REFUSED, "https://t.co/b", ("https://t.co/a",))
    known.code("a", "https://t.co/a")
    assert expand("a") == LinkTarget(LinkState.REFUSED, "https://t.co/a", ())


@pytest.mark.parametrize(
    ("warning", "state", "url"),
    [
        (
            "https://twitter.com/safety/unsafe_link_warning?unsafe_link=https://evil.test/a?b=c",
            LinkState.UNSAFE,
            "https://evil.test/a?b=c",
        ),
        (
            "https://x.com/safety/unsafe_link_warning?unsafe_link=https%3A%2F%2Fevil.test%2Fa",
            LinkState.UNSAFE,
            "https://evil.test/a",
        ),
        (
            "https://x.com/safety/unsafe_link_warning?unsafe_link=javascript:alert(1)",
            LinkState.REFUSED,
            CODE.url,
        ),
        (
            "https://x.com.evil.test/safety/unsafe_link_warning?unsafe_link=https://a.test/",
            LinkState.RESOLVED,
            None,
        ),
    ],
)
def test_the_warning_page_tells_the_address_behind_it(
    known: StandIn,
    warning: str,
    state: LinkState,
    url: str | None,
) -> None:
    known.code("a", warning)
    known.code(CODE.code, warning)
    target = expand()
    assert (target.state, target.url) == (state, url or warning)


@pytest.mark.parametrize(
    ("fault", "why"),
    [
        ("500", Reason.UPSTREAM_ERROR),
        ("503", Reason.UPSTREAM_ERROR),
        ("429", Reason.RATE_LIMITED),
        ("forbidden", Reason.BLOCKED),
        ("402", Reason.BLOCKED),
        ("400", Reason.NONSENSE),
        ("api_plan", Reason.NONSENSE),
        ("down", Reason.NONSENSE),
        ("html", Reason.NONSENSE),
        ("empty", Reason.NONSENSE),
        ("flood", Reason.NONSENSE),
        ("close", Reason.UNREACHABLE),
        ("no_http", Reason.UNREACHABLE),
        (Answer(301), Reason.NONSENSE),
        (Answer(301, [("Location", "")]), Reason.NONSENSE),
        (
            Answer(301, [("Location", "https://a.test/"), ("Location", "https://b.test/")]),
            Reason.NONSENSE,
        ),
        (Answer(301, [("Location", "//[")]), Reason.NONSENSE),
        (Answer(300, [("Location", "https://a.test/")]), Reason.NONSENSE),
        (Answer(304), Reason.NONSENSE),
        (Answer(301, [("Location", "https://a.test/"), ("X", "y" * 200_000)]), Reason.UNREACHABLE),
    ],
)
def test_trouble_of_t_co_is_no_answer_about_the_link(
    known: StandIn,
    fault: str | Answer,
    why: Reason,
) -> None:
    known.fault["tco"] = fault
    with pytest.raises(UpstreamError) as raised:
        expand()
    assert raised.value.reason is why


@pytest.mark.parametrize(
    ("page", "target"),
    [
        (
            (
                '<META http-equiv="refresh"'
                ' content="0;URL=http://a.test/n"></noscript><script>location.replace("http:\\/\\/a.test\\/n")</script>'
            ),
            "http://a.test/n",
        ),
        (
            (
                '<meta name="referrer" content="always"><META http-equiv="refresh"'
                ' content="0;URL=http://a.test/n"><title>http://a.test/n</title>'
            ),
            "http://a.test/n",
        ),
        (
            (
                '<META http-equiv="refresh"'
                ' content="0;URL=https://a.test/?a=1&amp;b=2&copy=3&#38;d=\'">'
            ),
            "https://a.test/?a=1&b=2&copy=3&d='",
        ),
        ("<head><title> https://a.test/?a&amp;b </title></head>", "https://a.test/?a&b"),
        (
            '<script>location.replace("\\u0068ttps:\\/\\/a.test\\/\\"x")</script>',
            'https://a.test/"x',
        ),
        ('<script>location.replace("https:\\/\\/a.test\\x")</script>', None),
        ("<title>Twitter / Error</title>", None),
        ("", None),
    ],
)
def test_pages_of_every_era_are_read(page: str, target: str | None) -> None:
    assert read_shell(page.encode()) == target


@given(
    st.text(st.characters(min_codepoint=33, exclude_categories=["Cs"]), max_size=40).map(
        "https://a.test/{}".format,
    ),
)
def test_whatever_the_target_the_page_gives_it_back(target: str) -> None:
    escaped = target.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")
    script = (
        target.replace("\\", "\\\\")
        .replace('"', '\\"')
        .replace("/", "\\/")
        .replace("\x7f", "\\u007f")
    )
    page = SHELL.replace("{html}", escaped).replace("{script}", script)
    meta_only = page.partition("<script>")[0]
    assert read_shell(page.encode()) == target
    assert read_shell(meta_only.encode()) == target.strip()


# --- oEmbed ---


def test_a_tweet_is_fetched_by_its_canonical_address(known: StandIn) -> None:
    tweet = fetch()
    assert isinstance(tweet, Tweet)
    assert (tweet.id, tweet.author_handle, tweet.text, tweet.date_text) == (
        ID,
        "moctsyria",
        "نص",
        "November 10, 2025",
    )
    wanted = (
        f"/oembed?url=https%3A%2F%2Fx.com%2Fmoctsyria%2Fstatus%2F{ID}&omit_script=true&dnt=true"
    )
    assert [(asked.host, asked.path) for asked in known.asked] == [("publish.x.com", wanted)]


def test_a_language_is_asked_for(known: StandIn) -> None:
    tweet = fetch(lang="ar")
    assert isinstance(tweet, Tweet)
    assert tweet.date_text == "١٠ نوفمبر ٢٠٢٥"
    assert known.asked[0].path.endswith("&lang=ar")


def test_an_endpoint_keeps_the_query_it_has(known: StandIn) -> None:
    fetch(NEW + "?partner=us")
    assert known.asked[0].path.startswith("/oembed?partner=us&url=")


@pytest.mark.parametrize(
    ("fault", "state"),
    [("not_found", State.GONE), ("forbidden", State.PROTECTED)],
)
def test_what_x_says_of_the_tweet_is_an_answer(known: StandIn, fault: str, state: State) -> None:
    known.fault["oembed"] = fault
    assert fetch() == UnavailableTweet(state)
    assert len(known.asked) == 1


@pytest.mark.parametrize(
    ("fault", "why"),
    [
        ("blocked", Reason.BLOCKED),
        ("402", Reason.BLOCKED),
        (Answer(403, body=b'{"error": ["not authorized to see this status"]}'), Reason.BLOCKED),
        (Answer(403, body=b"[" * 100_000), Reason.BLOCKED),
        ("400", Reason.NONSENSE),
        ("500", Reason.UPSTREAM_ERROR),
        ("503", Reason.UPSTREAM_ERROR),
        ("html", Reason.NONSENSE),
        ("half_json", Reason.NONSENSE),
        ("garbage", Reason.NONSENSE),
        ("empty", Reason.NONSENSE),
        ("api_plan", Reason.NONSENSE),
        ("no_http", Reason.UNREACHABLE),
        ("close", Reason.UNREACHABLE),
        ("flood", Reason.NONSENSE),
        (Answer(404, body=b" " * (257 * 1024)), Reason.NONSENSE),
        (
            Answer(404, [("Content-Encoding", "gzip")], gzip.compress(b" " * (1025 * 1024))),
            Reason.NONSENSE,
        ),
        (Answer(204), Reason.NONSENSE),
        (Answer(302), Reason.NONSENSE),
        (Answer(200, [("Content-Encoding", "br")], b"x"), Reason.NONSENSE),
        (Answer(200, [("Content-Encoding", "gzip, gzip")], b"x"), Reason.NONSENSE),
        (
            Answer(200, [("Content-Encoding", "gzip"), ("Content-Encoding", "gzip")], b"x"),
            Reason.NONSENSE,
        ),
        (Answer(200, [("Content-Encoding", "gzip")], b"not gzip"), Reason.NONSENSE),
        (Answer(200, [("Content-Encoding", "gzip")], gzip.compress(b"{}")[:-4]), Reason.NONSENSE),
        (Answer(200, [("Content-Encoding", "gzip")], gzip.compress(b"{}") * 2), Reason.NONSENSE),
        (Answer(raw=b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{}"), Reason.UNREACHABLE),
        (
            Answer(raw=b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}"),
            Reason.UNREACHABLE,
        ),
    ],
)
def test_trouble_is_no_answer_about_the_tweet(
    known: StandIn,
    fault: str | Answer,
    why: Reason,
) -> None:
    known.fault["oembed"] = fault
    assert trouble().reason is why
    assert len(known.asked) == 2  # both endpoints were given a chance


def test_gzip_is_read(known: StandIn) -> None:
    body = b'{"url":"https://x.com/a/status/1988000000000000000","html":""}'
    known.fault["oembed"] = Answer(
        403,
        [("Content-Encoding", "gzip")],
        gzip.compress(b'{"error":"not authorized to see this status"}'),
    )
    assert fetch() == UnavailableTweet(State.PROTECTED)
    known.fault["oembed"] = Answer(404, [("Content-Encoding", "gzip")], gzip.compress(body))
    assert fetch() == UnavailableTweet(State.GONE)


def test_a_bomb_is_not_unpacked(known: StandIn) -> None:
    known.fault["oembed"] = "bomb"
    trouble()  # everything imported and warm
    tracemalloc.start()
    try:
        why = trouble().reason
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert why is Reason.NONSENSE
    assert peak < 6 * 1024 * 1024, "sixteen MiB were sent as sixteen KiB"


@pytest.mark.parametrize(
    "fault",
    ["hang", "drip", Answer(raw=b"HTTP/1.1 200 OK\r\n" + b"X-Y: z\r\n" * 100, pause_s=0.02)],
)
@pytest.mark.parametrize("kind", ["tco", "oembed"])
def test_an_exchange_ends_at_its_deadline(known: StandIn, fault: str | Answer, kind: str) -> None:
    known.fault[kind] = fault

    async def timed(x: XClient) -> tuple[Reason, float]:
        started = time.monotonic()
        with pytest.raises(UpstreamError) as raised:
            await (x.expand(CODE) if kind == "tco" else x.fetch(TWEET, None))
        return raised.value.reason, time.monotonic() - started

    why, took = ask(timed, (NEW,), deadline_s=0.3)
    assert why is Reason.TIMEOUT
    assert 0.25 < took < 5


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (None, None),
        ("30", 30),
        ("0", 0),
        ("1000000000", 3600),
        ("9" * 400, None),
        ("-1", None),
        ("1.5", None),
        ("Tue, 14 Nov 2023 22:13:50 GMT", 30),
        ("Tue, 14 Nov 2023 22:13:50 -0000", 30),
        ("Tue, 14 Nov 2023 22:00:00 GMT", 0),
        ("Fri, 31 Dec 9999 23:59:59 GMT", 3600),
        ("soon", None),
        ("", None),
    ],
)
def test_retry_after_is_seconds_or_a_date(value: str | None, seconds: float | None) -> None:
    assert read_retry_after(value, now=1_700_000_000) == seconds


def test_a_rate_limit_says_when_to_ask_again(known: StandIn) -> None:
    known.fault["oembed"] = "429"
    told = trouble()
    assert (told.reason, told.retry_after_s) == (Reason.RATE_LIMITED, 30)


# --- endpoints and redirects ---


def test_the_old_endpoint_sends_on_to_the_new(known: StandIn) -> None:
    assert isinstance(fetch(OLD, NEW), Tweet)
    assert [asked.host for asked in known.asked] == ["publish.twitter.com", "publish.x.com"]


@pytest.mark.parametrize(
    "fault",
    [
        "500",
        "blocked",
        "html",
        "close",
        "429",
        "loop",
        Answer(302, [("Location", "https://evil.test/")]),
    ],
)
def test_trouble_at_one_endpoint_leaves_it_to_the_next(known: StandIn, fault: str | Answer) -> None:
    known.fault |= {"publish.x.com": fault, "publish.twitter.com": "legacy"}
    assert isinstance(fetch(NEW, OLD), Tweet)


def test_the_first_trouble_is_the_one_told(known: StandIn) -> None:
    known.fault |= {"publish.x.com": "500", "publish.twitter.com": "402"}
    assert trouble(NEW, OLD).reason is Reason.UPSTREAM_ERROR
    assert trouble(OLD, NEW).reason is Reason.BLOCKED


def test_a_404_of_the_old_endpoint_counts_only_where_it_shows_a_canary(known: StandIn) -> None:
    def told(*endpoints: str) -> Tweet | UnavailableTweet | Reason:
        try:
            return ask(lambda x: x.fetch(TWEET, None), endpoints, canaries=("20",))
        except UpstreamError as error:
            return error.reason

    known.fault["publish.twitter.com"] = "not_found"  # in 2023 it did not know x.com
    assert isinstance(told(OLD, NEW), Tweet)
    assert told(OLD) is Reason.SUSPECT
    known.fault["publish.x.com"] = "500"
    assert told(OLD, NEW) is Reason.SUSPECT
    assert told(NEW, OLD) is Reason.UPSTREAM_ERROR
    del known.fault["publish.x.com"]
    known.forget(TWEET.id)
    assert told(OLD, NEW) == UnavailableTweet(State.GONE)


def test_a_redirect_in_a_circle_ends(known: StandIn) -> None:
    known.fault["publish.x.com"] = Answer(
        302,
        [("Location", f"{OLD}?url=https%3A%2F%2Fx.com%2Fi%2Fstatus%2F{ID}")],
    )
    assert trouble().reason is Reason.NONSENSE
    assert len(known.asked) <= 6


@pytest.mark.parametrize(
    "location",
    [
        "https://evil.test/oembed",
        "http://publish.x.com/oembed",
        "https://publish.x.com:8443/oembed",
        "https://publish.x.com@evil.test/oembed",
        "https://user@publish.x.com/oembed",
        "https://evil.test\\@publish.x.com/oembed",
        "https://publish.x.com\\.evil.test/oembed",
        "https://publish.x.com.evil.test/oembed",
        "https://publish.x.com./oembed",
        "https://127.0.0.1/oembed",
        "https://[::1]/oembed",
        "https://x.com/oembed",
        "//evil.test/oembed",
        "https:evil.test",
        "https://publish。x。com/oembed",
        "https://publish.x.com/oembed?" + "a" * 9000,
        "https://publish.x.com/o embed",
        "ftp://publish.x.com/oembed",
        "https://publish.x.com:٤٤٣/",
        "https://publish.x.com:0/",
        "https://publish.x.com/oembed\\evil",
    ],
)
def test_no_host_beyond_the_list_is_contacted(known: StandIn, location: str) -> None:
    known.fault["publish.x.com"] = Answer(302, [("Location", location)])
    assert trouble(NEW).reason is Reason.NONSENSE
    assert [asked.host for asked in known.asked] == ["publish.x.com"]
    assert known.refused == []


def test_a_configured_endpoint_is_on_the_list(monkeypatch: pytest.MonkeyPatch) -> None:
    with StandIn(("mirror.example.org",)) as x:
        for variable, value in x.env.items():
            monkeypatch.setenv(variable, value)
        x.tweet(ID, "a", "A", "b")
        assert isinstance(fetch("https://mirror.example.org/oembed"), Tweet)
        assert [asked.host for asked in x.asked] == ["mirror.example.org"]


# --- manners ---


def test_a_request_tells_nothing_it_need_not(known: StandIn) -> None:
    async def several(x: XClient) -> None:
        for _ in range(2):  # t.co sets a cookie each time
            await x.expand(CODE)
            await x.fetch(TWEET, None)

    ask(several)
    assert {name for asked in known.asked for name in asked.headers} == {
        "host",
        "accept",
        "accept-encoding",
        "connection",
        "user-agent",
    }
    assert {asked.headers["user-agent"].partition("/")[0] for asked in known.asked} == {
        "tweet-embed",
    }
    assert {asked.headers["accept-encoding"] for asked in known.asked} == {"identity, gzip"}


def test_no_more_is_asked_at_a_time_than_allowed(known: StandIn) -> None:
    known.delay_s = 0.01

    async def many(x: XClient) -> None:
        await asyncio.gather(*(x.expand(ShortLink(f"a{number}")) for number in range(20)))

    ask(many, concurrency=3)
    assert len(known.asked) == 20
    assert known.most_at_once == 3


def test_requests_are_spaced_after_a_burst(known: StandIn) -> None:
    async def many(x: XClient) -> float:
        started = time.monotonic()
        await asyncio.gather(*(x.expand(ShortLink(f"a{number}")) for number in range(25)))
        return time.monotonic() - started

    assert ask(many, rate=20) > 0.24  # twenty at once, then one every 50 ms
    assert len(known.asked) == 25


# --- the environment ---


def test_a_child_process_reaches_x_through_the_proxy_of_its_environment(known: StandIn) -> None:
    program = """
import asyncio
from service.core.model import ShortLink
from service.settings import Settings
from service.upstream.client import XClient, open_client
async def main():
    async with open_client(Settings()) as client:
        x = XClient(client, endpoints=Settings().oembed_endpoints)
        print((await x.expand(ShortLink("gmGJ1TR9Ve"))).url)
asyncio.run(main())
"""
    root = str(Path(__file__).parents[2])
    environment = {**os.environ, **known.env, "PYTHONPATH": root}
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert (done.stdout.strip(), done.stderr) == (PHOTO, "")


def test_an_unknown_certificate_is_not_believed(
    known: StandIn,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    assert trouble().reason is Reason.UNREACHABLE
    assert known.asked == []


def test_a_proxy_that_is_not_there_is_unreachable(
    known: StandIn,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")
    assert trouble().reason is Reason.UNREACHABLE
    assert known.asked == []


@pytest.mark.parametrize(
    ("variable", "value"),
    [("https_proxy", "nonsense://127.0.0.1:1"), ("SSL_CERT_FILE", "/nowhere/ca.pem")],
)
def test_an_environment_that_cannot_be_used_stops_the_start(
    x: StandIn,
    monkeypatch: pytest.MonkeyPatch,
    variable: str,
    value: str,
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(SettingsError, match=f"^{variable}: "):
        open_client(Settings())
    assert x.asked == []


def test_a_transport_of_the_callers_own_is_used_in_place_of_the_environments(
    known: StandIn,
) -> None:
    class Own(httpx.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            return httpx.Response(
                301,
                headers={"location": f"https://example.org{request.url.path}"},
                stream=httpx.ByteStream(b""),
            )

    async def run() -> LinkTarget:
        async with open_client(Settings(), Own()) as client:
            return await XClient(client, endpoints=(NEW,)).expand(CODE)

    assert asyncio.run(run()).url == "https://example.org/gmGJ1TR9Ve"
    assert known.asked == []
