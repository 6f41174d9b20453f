"""Manners towards X: breakers, `Retry-After`, the retry budget, turns; and the service while X is
down in every way.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable

import pytest
from resolving import bench
from standin_answers import Answer
from standin_x import StandIn

from service.core.errors import UpstreamError
from service.core.model import (
    LinkState,
    LinkTarget,
    Reason,
    ShortLink,
    State,
    TweetRef,
    UnavailableTweet,
)
from service.request_context import REQUEST_PRIORITY, RequestPriority
from service.settings import Settings
from service.upstream.client import XClient, open_client
from service.upstream.http.circuit_breaker import (
    LONGEST_REST_S,
    REST_S,
    CircuitBreaker,
    Permit,
    RetryBudget,
)
from service.upstream.http.rate_limiter import RateLimiter

NEW = "https://publish.x.com/oembed"
ID = "1988000000000000000"


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def breaker() -> tuple[CircuitBreaker, Clock]:
    clock = Clock()
    return CircuitBreaker("t.co", clock=clock, chance=lambda: 0.5), clock


# --- the breaker ---


@pytest.mark.parametrize(
    ("why", "troubles"),
    [
        (Reason.TIMEOUT, 5),
        (Reason.UNREACHABLE, 5),
        (Reason.BLOCKED, 5),
        (Reason.UPSTREAM_ERROR, 5),
        (Reason.NONSENSE, 20),
    ],
)
def test_a_breaker_opens_after_trouble_upon_trouble(why: Reason, troubles: int) -> None:
    each, _ = breaker()
    for _ in range(troubles - 1):
        each.failed(UpstreamError(why))
        assert each.permit() is Permit.ALLOW
    each.failed(UpstreamError(why))
    assert (each.permit(), each.level, each.refusal().reason, each.refusal().retry_after_s) == (
        Permit.DENY,
        2,
        why,
        REST_S,
    )


def test_an_answer_in_between_begins_the_count_anew() -> None:
    each, _ = breaker()
    for _ in range(20):
        each.failed(UpstreamError(Reason.TIMEOUT))
        assert each.permit() is Permit.ALLOW
        each.succeeded()


def test_one_at_a_time_may_see_whether_it_is_back_and_rests_grow_while_it_is_not() -> None:
    each, clock = breaker()
    for _ in range(5):
        each.failed(UpstreamError(Reason.TIMEOUT))
    for rest in (REST_S, REST_S * 2, REST_S * 4, REST_S * 8, LONGEST_REST_S, LONGEST_REST_S):
        clock.now += rest - 0.1
        assert each.permit() is Permit.DENY
        clock.now += 0.1
        assert [each.permit(), each.permit()] == [Permit.PROBE, Permit.DENY]
        each.failed(UpstreamError(Reason.TIMEOUT))
        each.end_probe()
    clock.now += LONGEST_REST_S
    assert each.permit() is Permit.PROBE
    each.succeeded()
    each.end_probe()
    assert (each.permit(), each.level) == (Permit.ALLOW, 0)


def test_a_probe_that_learnt_nothing_leaves_it_to_the_next() -> None:
    each, clock = breaker()
    for _ in range(5):
        each.failed(UpstreamError(Reason.TIMEOUT))
    clock.now += REST_S
    assert each.permit() is Permit.PROBE
    each.end_probe()
    assert each.permit() is Permit.PROBE


def test_retry_after_closes_a_host_at_once_for_as_long_as_it_says() -> None:
    each, clock = breaker()
    each.failed(UpstreamError(Reason.RATE_LIMITED, 30))
    clock.now += 29
    assert (each.permit(), each.refusal().retry_after_s) == (Permit.DENY, 1)
    clock.now += 1
    assert each.permit() is Permit.PROBE
    each.failed(UpstreamError(Reason.RATE_LIMITED, 1e9))
    each.end_probe()
    clock.now += 3600
    assert each.permit() is Permit.PROBE


def test_the_budget_allows_one_repetition_for_ten_questions() -> None:
    budget = RetryBudget()
    spent = 0
    for _ in range(1000):
        budget.earn()
        spent += budget.spend()
    assert spent == 100
    for _ in range(1000):
        budget.earn()
    assert sum(budget.spend() for _ in range(1000)) == 10


# --- turns ---


def test_who_is_waited_for_goes_before_the_background() -> None:
    async def story() -> list[str]:
        pace, order = RateLimiter(0, 1), list[str]()
        gate = asyncio.Event()

        async def visit(name: str, errand: RequestPriority) -> None:
            REQUEST_PRIORITY.set(errand)
            async with pace:
                order.append(name)
                await gate.wait()

        turned = RequestPriority(background=True)
        tasks = [asyncio.create_task(visit("first", RequestPriority()))]
        await asyncio.sleep(0)
        for name, errand in (
            ("b1", RequestPriority(background=True)),
            ("turned", turned),
            ("i1", RequestPriority()),
            ("i2", RequestPriority()),
        ):
            tasks.append(asyncio.create_task(visit(name, errand)))
            await asyncio.sleep(0)
        turned.background = False  # somebody waits for it now
        gate.set()
        await asyncio.gather(*tasks)
        return order

    assert asyncio.run(story()) == ["first", "turned", "i1", "i2", "b1"]


def test_who_leaves_the_queue_leaves_no_gap() -> None:
    async def story() -> None:
        pace = RateLimiter(0, 1)

        async def visit() -> None:
            async with pace:
                await asyncio.sleep(0)

        for _ in range(50):
            tasks = [asyncio.create_task(visit()) for _ in range(4)]
            await asyncio.sleep(0)
            tasks[1].cancel()
            tasks[0].cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.wait_for(visit(), 180)

    asyncio.run(story())


# --- over X ---


def asking(
    use: Callable[[XClient], Awaitable[None]],
    *,
    shorteners: tuple[str, ...] = (),
    deadline_s: float = 30,
) -> None:
    async def run() -> None:
        async with open_client(Settings(oembed_endpoints=(NEW,), shorteners=shorteners)) as client:
            x = XClient(client, endpoints=(NEW,), shorteners=shorteners, deadline_s=deadline_s)
            await use(x)
            await x.close()
            assert asyncio.all_tasks() == {asyncio.current_task()}

    asyncio.run(run())


def test_repetitions_stay_within_a_tenth(x: StandIn) -> None:
    x.fault["oembed"] = "503"

    async def story(upstream: XClient) -> None:
        # else it would open
        upstream.requester.breakers["publish.x.com"].failed = lambda _: None  # type: ignore[method-assign, assignment]
        for number in range(100):
            with pytest.raises(UpstreamError):
                await upstream.fetch(TweetRef(str(number + 1)), None)

    asking(story)
    assert 100 <= len(x.asked) <= 110


def test_a_trouble_that_passes_is_asked_past(x: StandIn) -> None:
    x.fault["oembed"] = "503"

    async def story(upstream: XClient) -> None:
        upstream.requester.budget.saved = 2.0
        task = asyncio.create_task(upstream.fetch(TweetRef("21"), None))
        while not x.asked:  # noqa: ASYNC110 - it is a list of another thread
            await asyncio.sleep(0.005)
        del x.fault["oembed"]
        assert await task == UnavailableTweet(State.GONE)

    asking(story)
    assert 2 <= len(x.asked) <= 3


def test_while_x_asks_for_patience_it_is_not_asked(x: StandIn) -> None:
    x.fault["oembed"] = "429"

    async def story(upstream: XClient) -> None:
        for number in range(10):
            with pytest.raises(UpstreamError) as raised:
                await upstream.fetch(TweetRef(str(number + 1)), None)
            assert raised.value.reason is Reason.RATE_LIMITED
            assert 20 < (raised.value.retry_after_s or 0) <= 30

    asking(story)
    assert len(x.asked) == 1


def test_a_host_that_comes_back_is_found_by_a_question_on_the_side(x: StandIn) -> None:
    x.fault["oembed"] = "500"

    async def story(upstream: XClient) -> None:
        for _ in range(6):
            with pytest.raises(UpstreamError):
                await upstream.fetch(TweetRef("21"), None)
        assert len(x.asked) == 5
        host = upstream.requester.breakers["publish.x.com"]
        host._until = 0.0  # noqa: SLF001 - its rest is over
        del x.fault["oembed"]
        x.held.add("oembed")
        with pytest.raises(UpstreamError) as raised:
            await upstream.fetch(TweetRef("21"), None)
        assert raised.value.reason is not Reason.TIMEOUT, "nobody waits for it"
        x.held.clear()
        async with asyncio.timeout(180):
            while host.level:  # noqa: ASYNC110 - it tells nobody
                await asyncio.sleep(0.02)
        assert await upstream.fetch(TweetRef("21"), None) == UnavailableTweet(State.GONE)

    asking(story)


# --- shorteners ---


def short(x: StandIn, answer: Answer | str) -> LinkTarget:
    x.code("a", "http://bit.ly/3MPuAsi")
    x.fault["bit.ly"] = answer
    found: list[LinkTarget] = []

    async def story(upstream: XClient) -> None:
        found.append(await upstream.expand(ShortLink("a")))

    asking(story, shorteners=("bit.ly",))
    return found[0]


HOPS = ("https://t.co/a", "https://bit.ly/3MPuAsi")


@pytest.mark.parametrize(
    ("answer", "target"),
    [
        (
            Answer(301, [("Location", "http://example.org/a?utm_source=x")]),
            LinkTarget(LinkState.RESOLVED, "http://example.org/a?utm_source=x", HOPS),
        ),
        (
            Answer(302, [("Location", "http://10.0.0.1/")]),
            LinkTarget(LinkState.REFUSED, HOPS[1], HOPS[:1]),
        ),
        (
            Answer(302, [("Location", "http://bit.ly:8443/x")]),
            LinkTarget(LinkState.REFUSED, HOPS[1], HOPS[:1]),
        ),
        (
            Answer(302, [("Location", "https://u@bit.ly/x")]),
            LinkTarget(LinkState.REFUSED, HOPS[1], HOPS[:1]),
        ),
        (
            Answer(302, [("Location", "https://t.co/a")]),
            LinkTarget(LinkState.REFUSED, HOPS[1], HOPS[:1]),
        ),
        (Answer(404), LinkTarget(LinkState.DEAD, None, HOPS)),
        (
            Answer(200, body=b"<title>https://evil.test/</title>"),
            LinkTarget(LinkState.RESOLVED, HOPS[1], HOPS),
        ),
    ],
)
def test_a_listed_shortener_is_followed_by_the_same_rules(
    monkeypatch: pytest.MonkeyPatch,
    answer: Answer,
    target: LinkTarget,
) -> None:
    with StandIn(("publish.x.com", "bit.ly")) as x:
        for variable, value in x.env.items():
            monkeypatch.setenv(variable, value)
        assert short(x, answer) == target
        assert x.refused == []


def test_a_shortener_that_is_not_listed_is_where_the_link_leads(x: StandIn) -> None:
    x.code("a", "http://bit.ly/3MPuAsi")

    async def story(upstream: XClient) -> None:
        assert await upstream.expand(ShortLink("a")) == LinkTarget(
            LinkState.RESOLVED,
            "http://bit.ly/3MPuAsi",
            HOPS[:1],
        )

    asking(story)


# --- X down in twelve ways ---

DOWN: dict[str, str | Answer] = {
    each: each
    for each in (
        "500",
        "503",
        "402",
        "blocked",
        "html",
        "down",
        "garbage",
        "no_http",
        "close",
        "hang",
        "drip",
        "429",
    )
}
ARTICLE = (
    f"<p>before</p>\r\n<p>https://x.com/a/status/{ID}</p>\r\n<p>see https://t.co/gmGJ1TR9Ve</p>"
)


@pytest.mark.parametrize("way", DOWN)
def test_while_x_is_down_every_article_comes_back_whole(way: str) -> None:
    with bench(Settings(upstream_rate=0)) as desk:
        desk.x.fault |= {"tco": DOWN[way], "oembed": DOWN[way]}
        for number in range(8):
            article = ARTICLE.replace(ID, str(int(ID) + number)).replace(
                "gmGJ1TR9Ve",
                f"gmGJ1TR9V{number}",
            )
            started = time.monotonic()
            result = desk(article, deadline_ms=100)
            assert time.monotonic() - started < 4
            assert (result.content, result.complete) == (article, False)
            assert {embed.state for embed in result.embeds} <= {State.FAILED, State.DEFERRED}
