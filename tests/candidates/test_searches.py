"""The sources that ask somebody, over real sockets: what they find, at what pace and price."""

import asyncio
import datetime as dt
import os
import random
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest
import searching
import standin_archive
import standin_search
from searching import TOKEN, Sources, clue_number, searched, sources
from standin_answers import Answer
from standin_archive import Archive
from standin_search import Search
from standin_x import StandIn

from service.candidates.clue import Clue
from service.candidates.source import SourceName

ID, SECOND, NEXT_DAY = "1988177428548464647", "1988391000000000000", "1988400000000000000"
DAY = dt.date(2025, 11, 11)
CLUE = Clue(
    "ada_l", DAY, "Rain again and no umbrella in sight", article_url="https://news.example/a"
)


@pytest.fixture
def archive(x: StandIn) -> Archive:
    archive = x.sites[standin_archive.HOST] = Archive(most_a_minute=0)
    return archive


@pytest.fixture
def search(x: StandIn) -> Search:
    search = x.sites[standin_search.HOST] = Search(TOKEN)
    return search


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "store.sqlite3"


def ask(store: Path, name: SourceName, clue: Clue = CLUE, budget: int = 1000) -> object:
    return searched(store, lambda opened: opened.search(name, clue), budget)


# --- the Archive's index ---


def test_the_archives_index_names_the_tweets_of_a_day(archive: Archive, store: Path) -> None:
    for address in (
        f"https://twitter.com/Ada_L/status/{ID}",
        f"https://twitter.com/Ada_L/status/{ID}?s=20",
        f"http://www.twitter.com:80/ada_l/status/{SECOND}/photo/1",
        f"https://twitter.com/Ada_L/status/{NEXT_DAY}",
        "https://twitter.com/Ada_L/status/1988",
        "https://twitter.com/Ada_Lovelace/status/1988177428548464648",
        f"https://x.com/Ada_L/status/{int(ID) + 1}",
    ):
        archive.capture(address, "20251111120305", status="404")

    assert ask(store, SourceName.WAYBACK) == (ID, SECOND)
    assert ask(store, SourceName.WAYBACK) == (ID, SECOND)
    assert len(archive.asked) == 1


def test_x_com_is_asked_where_twitter_com_knows_nothing(archive: Archive, store: Path) -> None:
    archive.capture(f"https://x.com/Ada_L/status/{ID}", "20251111120305", "application/json", "-")

    assert ask(store, SourceName.WAYBACK) == (ID,)
    assert [path.split("url=")[1].split("/")[0] for path in archive.asked] == [
        "twitter.com",
        "x.com",
    ]


def test_a_day_on_which_ids_grew_longer_is_asked_twice(archive: Archive, store: Path) -> None:
    early, late = "999900000000000000", "1000100000000000000"
    for tweet_id in (early, late, "100010000000000000"):
        archive.capture(f"https://twitter.com/ada_l/status/{tweet_id}", "20180525120000")

    assert ask(store, SourceName.WAYBACK, Clue("ada_l", dt.date(2018, 5, 25))) == (early, late)


def test_a_long_list_is_read_to_its_end(archive: Archive, store: Path) -> None:
    for number in range(3100):
        archive.capture(f"https://twitter.com/ada_l/status/1988000000000{number:06}", "20251111")
    archive.capture(f"https://twitter.com/ada_l/status/{ID}", "20251111")

    assert ask(store, SourceName.WAYBACK) == (ID,)
    assert len(archive.asked) == 2


def test_the_archive_is_told_whom_to_write_to(archive: Archive, x: StandIn, store: Path) -> None:
    ask(store, SourceName.WAYBACK)

    (host, *_) = {each.headers["user-agent"] for each in x.asked if each.host == "web.archive.org"}
    assert host == "tweet-embed/0 (editor@news.example)"
    assert len(archive.asked) == 2


@pytest.mark.parametrize(
    "fault", ["429", "503", "504", "html", "half_json", "empty", "refused", "not_archived"]
)
def test_an_archive_in_trouble_is_left_alone(fault: str, archive: Archive, store: Path) -> None:
    archive.fault = Answer(404) if fault == "not_archived" else fault

    async def twice(opened: Sources) -> float:
        for _ in range(3):
            assert await opened.search(SourceName.WAYBACK, CLUE) == ()
        return opened.ledger.paused_s(SourceName.WAYBACK)

    paused_s = searched(store, twice)
    assert isinstance(paused_s, float)
    assert paused_s > (3000 if fault == "refused" else 200)
    assert len(archive.asked) == 1


def test_an_archive_that_is_asked_too_often_is_not_asked_on(x: StandIn, store: Path) -> None:
    archive = x.sites[standin_archive.HOST] = Archive(most_a_minute=3)
    archive.patience_s = 0.0

    async def many(opened: Sources) -> None:
        for number in range(6):
            await opened.search(SourceName.WAYBACK, Clue(f"a{number}", DAY))

    searched(store, many)

    assert len(archive.asked) == 4


def test_refused_connections_rest_the_whole_host(archive: Archive, store: Path) -> None:
    archive.fault = "refused"
    ask(store, SourceName.WAYBACK)
    ask(store, SourceName.SNAPSHOT)

    assert len(archive.asked) == 1


def test_a_handle_that_is_excluded_is_not_asked_about_again(archive: Archive, store: Path) -> None:
    archive.excluded = {"ada_l"}
    ask(store, SourceName.WAYBACK)
    ask(store, SourceName.WAYBACK)
    archive.capture(f"https://twitter.com/bob/status/{ID}", "20251111")

    assert ask(store, SourceName.WAYBACK, Clue("bob", DAY)) == (ID,)
    assert len(archive.asked) == 2


# --- the article's own copy ---


def test_an_article_that_was_never_archived_is_asked_for_once(
    archive: Archive, store: Path
) -> None:
    assert ask(store, SourceName.SNAPSHOT) == ()
    assert ask(store, SourceName.SNAPSHOT) == ()
    assert len(archive.asked) == 1


def test_a_redirect_out_of_the_archive_is_not_followed(
    archive: Archive, x: StandIn, store: Path
) -> None:
    archive.fault = Answer(302, [("Location", "https://news.example/a")])
    ask(store, SourceName.SNAPSHOT)
    ask(store, SourceName.SNAPSHOT)

    assert x.refused == []
    assert len(archive.asked) == 1


# --- X's search ---


def test_xs_search_names_the_tweet_of_a_phrase(search: Search, store: Path) -> None:
    search.post(ID, "Ada_L", "Rain again, and no umbrella in sight!")
    search.post(SECOND, "Ada_L", "Rain again and an umbrella")
    search.post(NEXT_DAY, "Ada_L", "Rain again and no umbrella in sight")

    assert ask(store, SourceName.X_API) == (ID,)
    assert ask(store, SourceName.X_API) == (ID,)
    assert (search.bill, len(search.asked)) == (1, 1)


def test_a_code_is_searched_before_a_phrase(search: Search, store: Path) -> None:
    search.post(ID, "Ada_L", "Rain again and no umbrella in sight", ("abcDEF1234",))
    clue = Clue("ada_l", DAY, CLUE.text, codes=("abcDEF1234",))
    assert ask(store, SourceName.X_API, clue) == (ID,)

    other = Clue("ada_l", DAY, CLUE.text, codes=("ghiJKL5678",))
    assert ask(store, SourceName.X_API, other) == (ID,)
    assert ["url:" in each["query"] for each in search.asked] == [True, False, True]


@pytest.mark.parametrize("fault", ["401", "402", "403", "429", "cap", "503"])
def test_a_search_in_trouble_costs_nothing(fault: str, search: Search, store: Path) -> None:
    search.fault = fault
    ask(store, SourceName.X_API, budget=10)
    ask(store, SourceName.X_API, budget=10)
    assert len(search.asked) == 1

    async def left(opened: Sources) -> str | None:
        return await opened.ledger.set_aside(SourceName.X_API, 10, 10)

    assert searched(store, left) is not None


def test_what_x_refuses_is_not_asked_again(search: Search, store: Path) -> None:
    search.fault = "400"
    ask(store, SourceName.X_API)
    search.fault = None

    assert ask(store, SourceName.X_API) == ()
    assert len(search.asked) == 1


def test_a_budget_is_kept_by_several_at_once(search: Search, store: Path) -> None:
    for number in range(40):
        search.post(str(int(ID) + number), "ada_l", clue_number(number).text)

    async def all_at_once(opened: Sources) -> None:
        async with sources(store, 25) as other:
            await asyncio.gather(
                *(
                    (opened, other)[number % 2].search(SourceName.X_API, clue_number(number))
                    for number in range(40)
                )
            )

    searched(store, all_at_once, budget=25)

    assert 5 <= search.bill <= 25
    assert searched(store, lambda opened: opened.ledger.paused_s(SourceName.X_API)) != 0


def test_turns_are_shared_by_all_processes(archive: Archive, store: Path) -> None:
    async def both() -> None:
        async with sources(store, gap_s=0.1) as one, sources(store, gap_s=0.1) as other:
            await asyncio.gather(
                *(
                    (one, other)[number % 2].search(SourceName.WAYBACK, Clue(f"a{number}", DAY))
                    for number in range(4)
                )
            )

    began = time.monotonic()
    asyncio.run(both())

    assert len(archive.asked) == 8
    assert time.monotonic() - began >= 0.7


@pytest.mark.long
def test_killed_at_any_moment_nothing_is_repeated_or_overspent(
    search: Search, x: StandIn, store: Path
) -> None:
    count, budget, kills = 600, 1500, 0
    for number in range(5 * count):
        search.post(str(int(ID) + number), "ada_l", clue_number(number // 5).text)
    command = [sys.executable, searching.__file__, str(store), str(budget), str(count)]
    path = os.pathsep.join([*filter(None, sys.path)])
    environment = os.environ | x.env | {"PYTHONPATH": path}
    chance = random.Random(16)  # noqa: S311 - moments to kill at
    while kills < 100:
        with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE) as process:
            before = len(search.asked)
            while len(search.asked) == before and process.poll() is None:
                time.sleep(0.005)
            time.sleep(chance.uniform(0, 0.4))
            process.kill()
            if b"done" in process.communicate()[0]:
                break
        kills += 1
    asked = Counter(each["query"] for each in search.asked)

    assert kills >= 20
    assert sum(asked.values()) - len(asked) <= kills
    assert len(asked) >= 20
    assert search.bill <= budget
