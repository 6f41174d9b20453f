"""Memory: lifetimes by an injected clock, one question a key, patience, failures beside answers, a
bound in bytes.
"""

import asyncio
import datetime as dt
import gc
import logging
import math
import time
import tracemalloc
from collections import Counter
from collections.abc import Awaitable, Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standin_x import StandIn

from service.cache.entries import CachedAnswer, CacheEntry, approximate_size
from service.cache.memory import (
    BACKGROUND,
    CACHE_ONLY,
    FOREVER,
    Deadline,
    DeferredError,
    SingleFlightCache,
)
from service.core.errors import UpstreamError
from service.core.model import (
    Reason,
    ServedFrom,
    State,
    Tweet,
    TweetRef,
    TweetText,
    UnavailableTweet,
)
from service.request_context import REQUEST_PRIORITY, RequestPriority
from service.settings import Settings
from service.upstream.client import XClient, open_client

FRESH_S = 100
FAILED_S = 10
STALE_S = 1000
START = 1_700_000_000.0
UPSTREAM, CACHE, STALE = ServedFrom.UPSTREAM, ServedFrom.CACHE, ServedFrom.STALE


class Oracle:
    """Something to ask. It answers with what `says`, at once or when `gate` opens, and counts."""

    def __init__(self) -> None:
        self.says: str | Exception = "yes"
        self.gate: asyncio.Event | None = None
        self.asked: Counter[str] = Counter()
        self.priority = RequestPriority()

    async def __call__(self, key: str) -> str:
        self.asked[key] += 1
        self.priority = REQUEST_PRIORITY.get()
        if self.gate is not None:
            await self.gate.wait()
        if isinstance(self.says, Exception):
            raise self.says
        return self.says


class World:
    """A memory, what it asks, and the clock it goes by."""

    def __init__(self, max_bytes: int = 1 << 20, max_fetches: int = 1000) -> None:
        self.now = START
        self.chance = 0.0
        self.oracle = Oracle()
        self.memory: SingleFlightCache[str, str] = SingleFlightCache(
            self.oracle,
            lifetime=lambda outcome: FAILED_S if isinstance(outcome, UpstreamError) else FRESH_S,
            max_bytes=max_bytes,
            stale_s=STALE_S,
            max_fetches=max_fetches,
            clock=lambda: self.now,
            chance=lambda: self.chance,
        )

    async def ask(self, patience: Deadline = FOREVER, key: str = "k") -> tuple[str, ServedFrom]:
        held = await self.memory(key, patience)
        return held.value, held.served_from

    async def hold(self, key: str) -> CacheEntry[str]:
        """Ask, and return what memory then holds."""
        await self.ask(key=key)
        entry = self.memory.held(key)
        assert entry is not None
        return entry

    async def fails(self, patience: Deadline = FOREVER) -> tuple[Reason, float | None]:
        with pytest.raises((UpstreamError, DeferredError)) as raised:
            await self.memory("k", patience)
        error = raised.value
        assert isinstance(error, UpstreamError | DeferredError)
        return error.reason, error.retry_after_s if isinstance(error, UpstreamError) else None


def run(story: Callable[[World], Awaitable[None]], **options: int) -> None:
    async def told() -> None:
        world = World(**options)
        await story(world)
        await world.memory.close()
        assert asyncio.all_tasks() == {asyncio.current_task()}

    asyncio.run(told(), debug=False)


async def settled() -> None:
    """Let every task go as far as it can."""
    for _ in range(20):
        await asyncio.sleep(0)


def in_ms(milliseconds: float) -> Deadline:
    return Deadline.for_ms(milliseconds)


# --- whom a question waits for ---


def test_a_question_of_the_background_goes_first_once_somebody_waits_for_it() -> None:
    async def story(world: World) -> None:
        world.oracle.gate = asyncio.Event()
        behind = asyncio.create_task(world.ask(BACKGROUND))
        await settled()
        seen = [world.oracle.priority.background]
        waits = asyncio.create_task(world.ask())
        await settled()
        seen.append(world.oracle.priority.background)
        world.oracle.gate.set()

        assert seen == [True, False]
        assert await behind == await waits == ("yes", UPSTREAM)
        assert world.oracle.asked == {"k": 1}

    run(story)


# --- answers that something was made of ---


def test_an_answer_that_is_held_is_current_until_its_time() -> None:
    async def story(world: World) -> None:
        entry = await world.hold("k")
        assert entry.held.value == "yes"
        world.now += FRESH_S - 1
        assert world.memory.is_current(entry)
        world.now += 1
        assert not world.memory.is_current(entry)
        assert world.memory.held("k") is None

    run(story)


def test_an_answer_that_was_forgotten_or_renewed_is_not_current() -> None:
    async def story(world: World) -> None:
        forgotten = await world.hold("k")
        world.memory.forget("k")
        first = await world.hold("k")
        world.now += FRESH_S
        second = await world.hold("k")
        current = [world.memory.is_current(one) for one in (forgotten, first, second)]
        assert current == [False, False, True]

    run(story)


def test_an_answer_that_made_room_for_others_is_not_current() -> None:
    async def story(world: World) -> None:
        mine = await world.hold("mine")
        for number in range(20):
            await world.ask(key=f"other {number}")
        assert not world.memory.is_current(mine)

    run(story, max_bytes=5_000)


def test_an_answer_of_use_stays_in_memory() -> None:
    async def story(world: World) -> None:
        mine = await world.hold("mine")
        for number in range(200):
            await world.ask(key=f"other {number}")
            for _ in range(16):
                assert world.memory.is_current(mine)

    run(story, max_bytes=5_000)


# --- lifetimes ---


def test_an_answer_is_asked_for_once_while_fresh() -> None:
    async def story(world: World) -> None:
        assert await world.ask() == ("yes", UPSTREAM)
        world.now += FRESH_S - 1
        assert await world.ask() == ("yes", CACHE)
        assert await world.ask(CACHE_ONLY) == ("yes", CACHE)
        world.now += 1
        world.oracle.says = "other"
        assert await world.ask() == ("other", UPSTREAM)
        assert world.oracle.asked["k"] == 2

    run(story)


def test_an_answer_says_when_it_was_checked_and_until_when_it_holds() -> None:
    async def story(world: World) -> None:
        checked = dt.datetime.fromtimestamp(START, dt.UTC)
        fresh = checked + dt.timedelta(seconds=FRESH_S)
        assert await world.memory("k") == CachedAnswer("yes", UPSTREAM, checked, fresh)
        world.now += 50
        assert await world.memory("k") == CachedAnswer("yes", CACHE, checked, fresh)
        world.now += 100
        assert await world.memory("k", CACHE_ONLY) == CachedAnswer("yes", STALE, checked, fresh)

    run(story)


def test_lifetimes_are_stretched_by_up_to_a_tenth() -> None:
    async def story(world: World) -> None:
        world.chance = 1.0
        await world.ask()
        world.now += FRESH_S * 1.09
        assert await world.ask() == ("yes", CACHE)
        world.now += FRESH_S * 0.02
        assert await world.ask() == ("yes", UPSTREAM)

    run(story)


def test_every_key_is_its_own() -> None:
    async def story(world: World) -> None:
        await world.ask(key="a")
        await world.ask(key="b")
        assert world.oracle.asked == {"a": 1, "b": 1}

    run(story)


# --- failures ---


def test_a_failure_is_remembered_for_its_own_time() -> None:
    async def story(world: World) -> None:
        world.oracle.says = UpstreamError(Reason.TIMEOUT)
        assert await world.fails() == (Reason.TIMEOUT, None)
        world.oracle.says = "yes"
        world.now += FAILED_S - 1
        assert await world.fails() == (Reason.TIMEOUT, None)
        assert await world.fails(CACHE_ONLY) == (Reason.CACHE_ONLY, None)
        world.now += 1
        assert await world.ask() == ("yes", UPSTREAM)
        assert world.oracle.asked["k"] == 2

    run(story)


@pytest.mark.parametrize(("told", "waits"), [(3.0, FAILED_S), (60.0, 60), (1e9, 3600)])
def test_the_time_x_asks_for_is_honoured_up_to_an_hour(told: float, waits: int) -> None:
    async def story(world: World) -> None:
        world.oracle.says = UpstreamError(Reason.RATE_LIMITED, told)
        assert await world.fails() == (Reason.RATE_LIMITED, min(told, 3600))
        world.now += waits - 1
        assert await world.fails() == (Reason.RATE_LIMITED, max(0, min(told, 3600) - waits + 1))
        world.oracle.says = "yes"
        world.now += 1
        assert await world.ask() == ("yes", UPSTREAM)
        assert world.oracle.asked["k"] == 2

    run(story)


def test_a_failure_never_replaces_an_answer() -> None:
    async def story(world: World) -> None:
        await world.ask()
        world.now += FRESH_S
        world.oracle.says = UpstreamError(Reason.UPSTREAM_ERROR)
        for _ in range(3):
            assert await world.ask() == ("yes", STALE)
        assert world.oracle.asked["k"] == 2, "while the failure is remembered, X is left alone"
        world.now += FAILED_S
        assert await world.ask() == ("yes", STALE)
        assert world.oracle.asked["k"] == 3
        world.now += FAILED_S
        world.oracle.says = "other"
        assert await world.ask() == ("other", UPSTREAM)

    run(story)


def test_an_answer_stands_in_no_longer_than_its_horizon() -> None:
    async def story(world: World) -> None:
        await world.ask()
        world.oracle.says = UpstreamError(Reason.UPSTREAM_ERROR)
        world.now += FRESH_S + STALE_S - 1
        assert await world.ask() == ("yes", STALE)
        world.now += 1 + FAILED_S
        assert await world.fails() == (Reason.UPSTREAM_ERROR, None)
        assert await world.fails(CACHE_ONLY) == (Reason.CACHE_ONLY, None)

    run(story)


def test_a_fault_of_our_own_is_remembered_as_a_failure(caplog: pytest.LogCaptureFixture) -> None:
    async def story(world: World) -> None:
        world.oracle.says = ZeroDivisionError("a bug")
        assert (await world.fails())[0] is Reason.INTERNAL
        world.oracle.says = "yes"
        assert (await world.fails())[0] is Reason.INTERNAL  # not asked at once again
        world.now += 1 + FAILED_S * 1.1
        assert await world.ask() == ("yes", UPSTREAM)

    with caplog.at_level(logging.ERROR):
        run(story)
    assert [record.levelname for record in caplog.records] == ["ERROR"]


@given(
    st.lists(
        st.tuples(st.sampled_from(["ask", "cache", "wait"]), st.booleans(), st.integers(0, 60)),
        max_size=30,
    ),
)
def test_whatever_happens_an_answer_once_held_is_served_until_its_horizon(
    steps: list[tuple[str, bool, int]],
) -> None:
    async def story(world: World) -> None:
        answered_at: float | None = None
        for what, works, seconds in steps:
            world.oracle.says = "yes" if works else UpstreamError(Reason.TIMEOUT)
            if what == "wait":
                world.now += seconds
                continue
            before = world.oracle.asked["k"]
            try:
                _, source = await world.ask(FOREVER if what == "ask" else CACHE_ONLY)
            except (UpstreamError, DeferredError):
                assert answered_at is None or world.now >= answered_at + FRESH_S + STALE_S
                continue
            if source is UPSTREAM:
                answered_at = world.now
            assert answered_at is not None
            assert (source is CACHE) == (
                source is not UPSTREAM and world.now < answered_at + FRESH_S
            )
            assert what == "ask" or world.oracle.asked["k"] == before

    run(story)


# --- one question a key ---


def test_a_hundred_askers_are_one_question() -> None:
    async def story(world: World) -> None:
        world.oracle.gate = asyncio.Event()
        askers = [asyncio.create_task(world.ask()) for _ in range(100)]
        await asyncio.sleep(0)
        world.oracle.gate.set()
        assert set(await asyncio.gather(*askers)) == {("yes", UPSTREAM)}
        assert world.oracle.asked["k"] == 1

    run(story)


def test_a_hundred_askers_share_one_failure_each_with_an_error_of_its_own() -> None:
    async def story(world: World) -> None:
        world.oracle.says = UpstreamError(Reason.BLOCKED)
        errors = await asyncio.gather(*(world.ask() for _ in range(100)), return_exceptions=True)
        assert {error.reason for error in errors if isinstance(error, UpstreamError)} == {
            Reason.BLOCKED,
        }
        assert len({id(error) for error in errors}) == 100
        assert world.oracle.asked["k"] == 1

    run(story)


def test_who_is_cancelled_does_not_stop_the_others() -> None:
    async def story(world: World) -> None:
        world.oracle.gate = asyncio.Event()
        askers = [asyncio.create_task(world.ask()) for _ in range(100)]
        await asyncio.sleep(0)
        for asker in askers[:99]:
            asker.cancel()
        await asyncio.sleep(0)
        world.oracle.gate.set()
        assert await askers[99] == ("yes", UPSTREAM)
        assert all(asker.cancelled() for asker in askers[:99])
        assert world.oracle.asked["k"] == 1

    run(story)


def test_the_answer_is_kept_even_if_all_who_asked_have_gone() -> None:
    async def story(world: World) -> None:
        world.oracle.gate = asyncio.Event()
        asker = asyncio.create_task(world.ask())
        await asyncio.sleep(0)
        asker.cancel()
        await asyncio.sleep(0)
        world.oracle.gate.set()
        await settled()
        assert await world.ask(CACHE_ONLY) == ("yes", CACHE)

    run(story)


def test_a_failure_nobody_waits_for_is_silent() -> None:
    noticed: list[object] = []

    async def story(world: World) -> None:
        asyncio.get_running_loop().set_exception_handler(
            lambda _loop, context: noticed.append(context),
        )
        world.oracle.gate = asyncio.Event()
        world.oracle.says = UpstreamError(Reason.TIMEOUT)
        assert await world.fails(in_ms(1)) == (Reason.DEADLINE, None)
        world.oracle.gate.set()
        await settled()
        gc.collect()

    run(story)
    assert noticed == []


# --- patience ---


def test_who_loses_patience_is_deferred_and_the_question_goes_on() -> None:
    async def story(world: World) -> None:
        world.oracle.gate = asyncio.Event()
        assert await world.fails(in_ms(5)) == (Reason.DEADLINE, None)
        patient = asyncio.create_task(world.ask())
        await asyncio.sleep(0)
        world.oracle.gate.set()
        assert await patient == ("yes", UPSTREAM)
        assert world.oracle.asked["k"] == 1

    run(story)


def test_who_loses_patience_gets_the_stale_answer() -> None:
    async def story(world: World) -> None:
        await world.ask()
        world.now += FRESH_S
        world.oracle.gate = asyncio.Event()
        world.oracle.says = "other"
        assert await world.ask(in_ms(5)) == ("yes", STALE)
        world.oracle.gate.set()
        await settled()
        assert await world.ask(CACHE_ONLY) == ("other", CACHE)

    run(story)


def test_a_patience_already_over_still_starts_the_question() -> None:
    async def story(world: World) -> None:
        world.oracle.gate = asyncio.Event()
        assert await world.fails(Deadline(until=asyncio.get_running_loop().time() - 1)) == (
            Reason.DEADLINE,
            None,
        )
        world.oracle.gate.set()
        await settled()
        assert await world.ask(CACHE_ONLY) == ("yes", CACHE)

    run(story)


def test_the_cache_alone_never_asks() -> None:
    async def story(world: World) -> None:
        assert await world.fails(CACHE_ONLY) == (Reason.CACHE_ONLY, None)
        assert await world.fails(in_ms(0)) == (Reason.CACHE_ONLY, None)
        await world.ask()
        world.now += FRESH_S
        assert await world.ask(CACHE_ONLY) == ("yes", STALE)
        await asyncio.sleep(0)
        assert world.oracle.asked["k"] == 1

    run(story)


def test_forever_is_forever() -> None:
    assert Deadline() == FOREVER
    assert math.isinf(FOREVER.until)


# --- bounds ---


def test_questions_beyond_the_bound_wait_for_their_turn() -> None:
    async def story(world: World) -> None:
        world.oracle.gate = asyncio.Event()
        askers = [asyncio.create_task(world.ask(key=f"k{number % 5}")) for number in range(10)]
        await settled()
        assert world.oracle.asked.total() == 2
        assert await world.fails(in_ms(5)) == (Reason.DEADLINE, None)
        world.oracle.gate.set()
        assert set(await asyncio.gather(*askers)) == {("yes", UPSTREAM), ("yes", CACHE)}
        assert world.oracle.asked == {f"k{number}": 1 for number in range(5)}

    run(story, max_fetches=2)


def test_closing_stops_all_questions_and_leaves_no_task() -> None:
    async def story(world: World) -> None:
        world.oracle.gate = asyncio.Event()
        askers = [asyncio.create_task(world.fails()) for _ in range(3)]
        waiting = asyncio.create_task(world.memory("another"))  # for a place
        await settled()
        await world.memory.close()
        assert await asyncio.gather(*askers) == [(Reason.DEADLINE, None)] * 3
        with pytest.raises(DeferredError):
            await waiting
        assert await world.fails() == (Reason.DEADLINE, None)
        assert world.oracle.asked == {"k": 1}

    run(story, max_fetches=1)


def test_memory_is_bounded_by_bytes() -> None:
    limit = 1 << 20

    async def story() -> None:
        async def answer(key: str) -> Tweet:
            return Tweet(
                key,
                f"name {key}",
                f"handle{key}",
                (TweetText(key * 20), TweetText("é" * 200)),
                "ar",
                "rtl",
                f"date {key}",
            )

        memory: SingleFlightCache[TweetRef, Tweet] = SingleFlightCache(
            lambda key: answer(key.id),
            lifetime=lambda _: 3600,
            max_bytes=limit,
        )
        await memory(TweetRef("1"))
        gc.collect()
        tracemalloc.start()
        try:
            for number in range(1500):
                await memory(TweetRef(str(10**18 + number)))
            gc.collect()
            held = tracemalloc.get_traced_memory()[0]
        finally:
            tracemalloc.stop()
        assert limit / 2 < held < limit * 1.1
        assert (await memory(TweetRef(str(10**18 + 1499)), CACHE_ONLY)).served_from is CACHE
        with pytest.raises(DeferredError):
            await memory(TweetRef(str(10**18)), CACHE_ONLY)
        await memory.close()

    asyncio.run(story())


def test_an_answer_too_big_to_hold_is_served_and_not_held() -> None:
    async def story(world: World) -> None:
        await world.ask()
        world.now += FRESH_S
        world.oracle.says = "y" * 5000
        assert await world.ask() == ("y" * 5000, UPSTREAM)
        assert await world.fails(CACHE_ONLY) == (Reason.CACHE_ONLY, None), (
            "not the older answer either"
        )

    run(story, max_bytes=4000)


def test_a_value_weighs_all_it_holds() -> None:
    words = TweetText("a" * 1000)
    assert approximate_size(words) > 1000
    assert approximate_size((words, words)) > 2000
    assert approximate_size(Tweet("1", None, None, (words, TweetText("é" * 1000)))) > 2000
    assert approximate_size(UnavailableTweet(State.GONE)) < 200
    assert approximate_size(None) == 0


def test_a_hit_is_quick() -> None:
    async def story(world: World) -> None:
        await world.ask()
        fastest = math.inf
        for _ in range(20):
            started = time.process_time()
            for _ in range(100):
                await world.memory("k")
            fastest = min(fastest, (time.process_time() - started) / 100)
        assert fastest < 50e-6, "a few microseconds, with room for a slow machine"

    run(story)


# --- over X ---


def test_over_x_a_hundred_askers_are_one_request_and_a_deletion_wins_over_what_is_held(
    x: StandIn,
) -> None:
    x.tweet("1988000000000000000", "moctsyria", "M", "text")
    tweet = TweetRef("1988000000000000000")
    now = START

    async def story() -> None:
        nonlocal now
        settings = Settings()
        async with open_client(settings) as client:
            source = XClient(client, endpoints=settings.oembed_endpoints)
            memory: SingleFlightCache[TweetRef, Tweet | UnavailableTweet] = SingleFlightCache(
                lambda key: source.fetch(key, None),
                lifetime=settings.tweet_lifetime,
                max_bytes=1 << 20,
                clock=lambda: now,
            )
            held = await asyncio.gather(*(memory(tweet) for _ in range(100)))
            assert {each.served_from for each in held} == {UPSTREAM}
            assert len(x.asked) == 1
            now += 86400
            x.fault["oembed"] = "500"
            assert (await memory(tweet)).served_from is STALE
            now += 86400
            x.fault["oembed"] = "not_found"
            assert (await memory(tweet)).value == UnavailableTweet(State.GONE)
            now += 86400 * 2
            x.fault["oembed"] = "hang"
            assert (await memory(tweet, Deadline.for_ms(50))).value == UnavailableTweet(State.GONE)
            await memory.close()

    asyncio.run(story())
