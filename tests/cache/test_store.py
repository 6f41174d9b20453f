"""The store: nothing good is lost, nothing bad is believed, and no trouble with the file reaches a
caller.
"""

import asyncio
import json
import os
import random
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rest import RECORDED, calling
from standin_x import StandIn
from store_rows import ID, SAID, keep, row, run, words_of
from typer.testing import CliRunner

from service.app import Service, open_service
from service.cache import sqlite
from service.cache.codec import read_answer, read_target, write_answer, write_target
from service.cache.memory import Deadline
from service.cache.sqlite import TWEET, StorePathError
from service.cache.store import Store
from service.cli import app
from service.core.article import Article
from service.core.model import (
    LineBreak,
    LinkState,
    LinkTarget,
    Reason,
    ServedFrom,
    ShortLink,
    State,
    Tweet,
    TweetLink,
    TweetRef,
    TweetText,
    UnavailableTweet,
)
from service.core.oembed.normalize import canonical_tweet
from service.metrics import Metrics
from service.settings import Settings, SettingsError

ROOT = Path(__file__).resolve().parents[2]
TWEET_KEY = (TweetRef(ID), None)
ARTICLE = f"<p>https://x.com/a/status/{ID}</p>"


# --- what is written is what is read ---

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
PIECES = st.lists(
    TEXTS.map(TweetText)
    | st.just(LineBreak())
    | st.builds(TweetLink, TEXTS, TEXTS.map("https://example.org/{}".format)),
    max_size=5,
)


@given(
    st.builds(
        Tweet,
        st.just(ID),
        TEXTS | st.none(),
        TEXTS | st.none(),
        PIECES.map(tuple),
        TEXTS | st.none(),
        TEXTS | st.none(),
        TEXTS | st.none(),
    ),
)
def test_a_tweet_is_read_back_as_it_was(tweet: Tweet) -> None:
    tweet = canonical_tweet(tweet)
    assert read_answer(ID, write_answer(tweet)) == tweet


@pytest.mark.parametrize(
    "answer",
    [UnavailableTweet(State.GONE), UnavailableTweet(State.PROTECTED), SAID],
)
def test_an_answer_is_read_back_as_it_was(answer: Tweet | UnavailableTweet) -> None:
    assert read_answer(ID, write_answer(answer)) == answer


@pytest.mark.parametrize(
    "body",
    [
        *(
            "",
            "{",
            "[]",
            "null",
            "1",
            "[" * 100_000,
            '{"state": "embedded"}',
            '{"state": "gone", "x": 1}',
            '{"state": ["gone"]}',
        ),
        write_answer(SAID).replace(ID, "20"),
        write_answer(SAID).replace('"words "', '"\\ud800"'),
        write_answer(SAID).replace('"words "', "7"),
        write_answer(SAID).replace("https://x.com/hashtag/tag", "javascript:alert(1)"),
        write_answer(SAID).replace("#tag", "https://bank.test/"),
        write_answer(SAID).replace('"ltr"', '"ltr\\" onmouseover=\\"x"'),
        write_answer(SAID).replace('"A"', '"A\\u202e"'),
        write_answer(SAID).replace('"ab"', '"home"'),
        write_answer(SAID).replace('"pieces"', '"html"'),
    ],
)
def test_what_may_not_be_shown_is_not_read(body: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - whatever it says
        read_answer(ID, body)


@pytest.mark.parametrize(
    "target",
    [
        LinkTarget(LinkState.RESOLVED, "https://a.test/?b=c&d", ("https://t.co/a",)),
        LinkTarget(LinkState.DEAD, None, ("https://t.co/a",)),
        LinkTarget(LinkState.UNSAFE, "http://b.test/"),
    ],
)
def test_a_target_is_read_back_as_it_was(target: LinkTarget) -> None:
    assert read_target(write_target(target)) == target


@pytest.mark.parametrize(
    "told",
    [
        {"state": "resolved", "url": "javascript:x", "hops": []},
        {"state": "resolved", "url": "https://127.0.0.1/", "hops": []},
        {"state": "resolved", "url": None, "hops": []},
        {"state": "dead", "url": "https://a.test/", "hops": []},
        {"state": "deferred", "url": "https://a.test/", "hops": []},
        {"state": "resolved", "url": "https://a.test/", "hops": ["https://u@a.test/"]},
        {"state": "resolved", "url": "https://a.test/", "hops": ["https://a.test/"] * 6},
        {"state": "resolved", "url": "https://a.test/"},
    ],
)
def test_a_target_that_may_not_be_written_is_not_read(told: dict[str, object]) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - whatever it says
        read_target(told)


# --- keeping ---


def test_what_is_kept_is_there_again_and_older_answers_do_not_replace_newer_ones(
    tmp_path: Path,
) -> None:
    path = tmp_path / "cache.db"
    keep(path, row(at=2000.0), row(at=1000.0, answer=UnavailableTweet(State.GONE)))
    assert words_of(path) == row().body
    keep(path, row(at=3000.0, answer=UnavailableTweet(State.GONE)))
    assert words_of(path) == '{"state": "gone"}'


def test_each_change_of_state_is_told_once(tmp_path: Path) -> None:
    answers: list[Tweet | UnavailableTweet] = [
        SAID,
        SAID,
        UnavailableTweet(State.GONE),
        UnavailableTweet(State.GONE),
        SAID,
    ]
    keep(
        tmp_path / "c.db",
        *(row(at=float(at), answer=answer) for at, answer in enumerate(answers)),
    )

    async def story(store: Store) -> None:
        assert [(change.at, change.state) for change in store.history(ID)] == [
            (0, "embedded"),
            (2, "gone"),
            (4, "embedded"),
        ]

    run(tmp_path / "c.db", story)


def test_a_value_changed_behind_its_back_is_not_there(tmp_path: Path) -> None:
    keep(tmp_path / "c.db", row())
    connection = sqlite3.connect(tmp_path / "c.db")
    connection.execute("UPDATE answers SET body = replace(body, 'words', 'lies!')")
    connection.commit()
    connection.close()
    assert words_of(tmp_path / "c.db") is None


def test_rows_of_another_policy_are_not_read(tmp_path: Path) -> None:
    keep(tmp_path / "c.db", row())
    connection = sqlite3.connect(tmp_path / "c.db")
    connection.execute("UPDATE answers SET policy = 2")
    connection.commit()
    connection.close()
    assert words_of(tmp_path / "c.db") is None
    keep(tmp_path / "c.db", row(at=1.0))
    assert words_of(tmp_path / "c.db") is not None


def test_a_store_in_memory_is_bounded_and_keeps_the_newest() -> None:
    async def story() -> None:
        store = Store(":memory:", memory_bytes=512 * 1024)
        for number in range(6000):
            store.keep(row(number, at=float(number)))
        await store.flush()
        assert store.recall(TWEET, str(int(ID) + 5999)) is not None
        assert store.recall(TWEET, ID) is None
        assert store.trouble is None
        await store.close()

    asyncio.run(story())


def test_an_answer_too_large_for_memory_costs_no_other() -> None:
    async def story() -> None:
        store = Store(":memory:", memory_bytes=256 * 1024)
        for number in range(9):
            store.keep(row(number))
        store.keep(replace(row(), subject="20", body="x" * 300_000))
        for number in range(9, 12):
            store.keep(row(number))
        await store.flush()
        assert all(store.recall(TWEET, str(int(ID) + number)) for number in (9, 10, 11))
        assert store.recall(TWEET, "20") is None
        await store.close()

    asyncio.run(story())


# --- a file that cannot be used ---


def spoil(path: Path) -> None:
    keep(path, *(row(number) for number in range(200)))
    data = bytearray(path.read_bytes())
    data[100:3000] = bytes(random.Random(1).randbytes(2900))  # noqa: S311 - to spoil
    path.write_bytes(data)


def test_a_damaged_file_is_set_aside_and_begun_anew(tmp_path: Path) -> None:
    path = tmp_path / "c.db"
    spoil(path)
    spoilt = path.read_bytes()
    keep(path, row(7))
    assert words_of(path, 7) is not None
    aside = [
        each
        for each in tmp_path.iterdir()
        if ".damaged-" in each.name and not each.name.endswith(("-wal", "-shm"))
    ]
    assert [each.read_bytes() for each in aside] == [spoilt]


FOREIGN = {
    "text": b"Notes of the night desk.\n",
    "long text": b"this is no database " * 500,
    "an unfinished database": b"SQLite format 3\0" + bytes(20),
    "zeros": bytes(8192),
}


@pytest.mark.parametrize("what", FOREIGN)
def test_a_file_that_is_no_store_is_never_touched(tmp_path: Path, what: str) -> None:
    path = tmp_path / "notes.txt"
    path.write_bytes(FOREIGN[what])
    path.chmod(0o644)
    before = path.stat()
    with pytest.raises(StorePathError, match="no store of tweet-embed"):
        Store(str(path))
    assert path.read_bytes() == FOREIGN[what]
    assert (path.stat().st_mtime_ns, path.stat().st_mode) == (before.st_mtime_ns, before.st_mode)
    assert [each.name for each in tmp_path.iterdir()] == ["notes.txt"]


def test_a_store_that_is_half_made_is_no_strangers_while_the_disk_is_full(tmp_path: Path) -> None:
    path = tmp_path / "c.db"
    with closing(sqlite3.connect(path)) as half_made:
        half_made.execute("PRAGMA journal_mode = WAL")
    program = (
        "import resource, sys\n"
        "from service.cache.store import Store\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))\n"
        "print(Store(sys.argv[1]).trouble)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(path)], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (0, "disk I/O error\n"), done.stderr
    store = Store(str(path))
    assert store.trouble is None
    asyncio.run(store.close())


def test_somebody_elses_log_is_not_written_back(tmp_path: Path) -> None:
    path = tmp_path / "cms.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as theirs:
        theirs.execute("PRAGMA journal_mode = WAL")
        theirs.execute("CREATE TABLE articles (content TEXT)")
        theirs.execute("INSERT INTO articles VALUES ('theirs')")
        before = {
            each.name: each.read_bytes() for each in tmp_path.iterdir() if "shm" not in each.name
        }
        with pytest.raises(StorePathError):
            Store(str(path))
        after = {
            each.name: each.read_bytes() for each in tmp_path.iterdir() if "shm" not in each.name
        }
    assert after == before


def bytes_on_disk(folder: Path) -> bytes:
    return b"".join(each.read_bytes() for each in folder.iterdir())


def modes(folder: Path) -> dict[str, int]:
    return {each.name: each.stat().st_mode & 0o777 for each in folder.iterdir()}


def test_no_word_of_a_tweet_is_on_the_disk_once_its_takedown_has_a_receipt(tmp_path: Path) -> None:
    path = tmp_path / "c.db"
    spoil(path)

    async def story(store: Store) -> None:
        for number in range(30):
            store.keep(row(number))
        await store.flush()
        assert b"words 7" in bytes_on_disk(tmp_path)
        receipt = await store.take_down(row(7).subject)
        assert (receipt.forgotten, receipt.on_disk) == (1, True)
        assert b"words 7" not in bytes_on_disk(tmp_path)
        assert b"words 8" in bytes_on_disk(tmp_path)
        assert not [name for name in modes(tmp_path) if ".damaged-" in name]

    run(path, story)


def test_words_left_in_the_log_by_a_kill_are_gone_when_it_opens_again(tmp_path: Path) -> None:
    path = tmp_path / "c.db"
    left = sqlite.connect(str(path), busy_s=1)
    sqlite.write(left, [row(7)])
    sqlite.take_down(left, row(7).subject, 1.0)
    assert b"words 7" in bytes_on_disk(tmp_path)  # the log holds them, nobody closed it

    async def story(store: Store) -> None:
        await store.flush()
        assert b"words 7" not in bytes_on_disk(tmp_path)

    run(path, story)
    left.close()


def test_a_takedown_that_found_the_store_locked_is_written_later(tmp_path: Path) -> None:
    path = tmp_path / "c.db"
    keep(path, row(7))

    async def story(store: Store) -> None:
        store._opened.writer.execute("PRAGMA busy_timeout = 50")  # noqa: SLF001
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            receipt = await store.take_down(row(7).subject)
            assert not receipt.on_disk
            assert store.taken_down_at(row(7).subject) is not None
            other.execute("ROLLBACK")
        store._looked_at = 0.0  # noqa: SLF001
        assert store.taken_down_at(row(7).subject) is not None
        await store.flush()

    run(path, story)
    with closing(sqlite3.connect(path)) as read:
        assert read.execute("SELECT tweet_id FROM takedowns").fetchall() == [(row(7).subject,)]
        assert read.execute("SELECT count(*) FROM answers").fetchone() == (0,)


def test_only_its_user_reads_the_stores_files(tmp_path: Path) -> None:
    path = tmp_path / "c.db"
    keep(path, row(1))
    path.chmod(0o644)

    async def story(store: Store) -> None:
        store.keep(row(2))
        await store.flush()
        assert modes(tmp_path) == dict.fromkeys(("c.db", "c.db-wal", "c.db-shm"), 0o600)

    run(path, story)


def test_a_file_damaged_while_in_use_is_set_aside_and_takedowns_stay(tmp_path: Path) -> None:
    path = tmp_path / "c.db"

    async def story(store: Store) -> None:
        await store.take_down("20")
        for number in range(2000):
            store.keep(row(number))
        await store.flush()
        store._opened.reader.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # noqa: SLF001
        path.write_bytes(b"\0" * path.stat().st_size)
        for number in range(2000):
            store.recall(TWEET, str(int(ID) + number))
            store.keep(row(number))
            await store.flush()
            store._looked_at = 0.0  # noqa: SLF001
            assert store.taken_down_at("20") is not None
            if (
                store.recall(TWEET, str(int(ID) + number)) is not None
                and store.trouble is None
                and number > 5
            ):
                break
        assert store.on_disk

    run(path, story)
    assert [each for each in tmp_path.iterdir() if ".damaged-" in each.name]

    async def later(store: Store) -> None:
        assert store.taken_down_at("20") is not None

    run(path, later)


@pytest.mark.parametrize("place", ["", "file/c.db", "missing/folder/c.db"])
def test_a_place_where_no_store_may_be_is_refused(tmp_path: Path, place: str) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(StorePathError, match="folder"):
        Store(str(tmp_path / place))
    assert [each.name for each in tmp_path.iterdir()] == ["file"]


def test_a_file_that_cannot_be_written_leaves_it_to_memory() -> None:
    async def story(store: Store) -> None:
        assert store.trouble
        store.keep(row())
        await store.flush()
        assert store.recall(TWEET, ID) is not None
        receipt = await store.take_down("20")
        assert not receipt.on_disk

    run(Path("/proc/c.db"), story)


def test_a_locked_store_is_read_and_written_later(tmp_path: Path) -> None:
    path = tmp_path / "c.db"
    keep(path, row(1))

    async def story(store: Store) -> None:
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        store._opened.writer.execute("PRAGMA busy_timeout = 1000")  # noqa: SLF001
        store.keep(row(2))
        started = time.monotonic()
        assert store.recall(TWEET, str(int(ID) + 1)) is not None
        assert time.monotonic() - started < 0.9
        await store.flush()
        locked = store.trouble
        other.execute("ROLLBACK")
        other.close()
        await store.flush()
        assert (bool(locked), store.trouble) == (True, None)
        assert store.recall(TWEET, str(int(ID) + 2)) is not None

    run(path, story)


def test_a_full_disk_costs_nothing_but_what_is_not_written(
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def story(store: Store) -> None:
        store.keep(row(1))
        await store.flush()
        pages = store._opened.writer.execute("PRAGMA page_count").fetchone()[0]  # noqa: SLF001
        store._opened.writer.execute(f"PRAGMA max_page_count = {pages}")  # noqa: SLF001
        for number in range(2, 200):
            store.keep(row(number))
        await store.flush()
        assert "full" in caplog.text
        assert store.recall(TWEET, str(int(ID) + 1)) is not None

    run(tmp_path / "c.db", story)


def test_somebody_elses_database_is_left_alone_and_stops_the_start(tmp_path: Path) -> None:
    path = tmp_path / "cms.db"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE articles (content TEXT)")
    connection.commit()
    connection.close()

    async def start() -> None:
        async with open_service(Settings(cache_path=str(path), recorded=RECORDED.recorded)):
            pass

    with pytest.raises(SettingsError, match="TWEET_EMBED_CACHE_PATH"):
        asyncio.run(start())
    with closing(sqlite3.connect(path)) as left:
        assert left.execute("SELECT count(*) FROM articles").fetchone() == (0,)


def test_what_is_no_regular_file_is_no_store_and_keeps_its_rights(tmp_path: Path) -> None:
    os.mkfifo(pipe := tmp_path / "pipe", 0o666)
    pipe.chmod(0o666)
    listening = socket.socket(socket.AF_UNIX)
    listening.bind(str(tmp_path / "socket"))

    for place in (pipe, tmp_path / "socket"):
        with pytest.raises(StorePathError, match="no regular file"):
            sqlite.connect(str(place), busy_s=0)
    assert pipe.stat().st_mode & 0o777 == 0o666
    listening.close()


WRITER = """
import asyncio, sys
from service.cache.sqlite import Row
from service.cache.store import Store
async def main():
    store = Store(sys.argv[1])
    number = int(sys.argv[2])
    while True:
        for _ in range(3):
            store.keep(Row("tweet", str(number), "", 1.0, 2.0, f"words {number}", "embedded"))
            number += 1
        await store.flush()
        print(number, flush=True)
asyncio.run(main())
"""


def kill(path: Path, times: int) -> None:
    """Write in a child that is killed at any moment: what it said was written is there, and
    sound.
    """
    chance = random.Random(3)  # noqa: S311 - moments
    written = 0
    for _ in range(times):
        command = [sys.executable, "-c", WRITER, str(path), str(written)]
        with subprocess.Popen(
            command,
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
        ) as child:
            assert child.stdout is not None
            child.stdout.readline()
            time.sleep(chance.random() * 0.05)
            child.send_signal(signal.SIGKILL)
            said = [int(line) for line in child.stdout.read().split()]
        written = max([written, *said])

    async def story(store: Store) -> None:
        assert store.trouble is None
        assert store.on_disk
        for number in range(written):
            found = store.recall(TWEET, str(number))
            assert found is not None
            assert found.body == f"words {number}"

    run(path, story)
    assert not [each for each in path.parent.iterdir() if "damaged" in each.name]


def test_killed_while_writing_it_opens_and_nothing_is_lost(tmp_path: Path) -> None:
    kill(tmp_path / "c.db", 4)


@pytest.mark.long
def test_killed_two_hundred_times_nothing_is_lost(tmp_path: Path) -> None:
    kill(tmp_path / "c.db", 200)


# --- beneath the service ---


def with_parts(settings: Settings, *stories: Callable[[Service], Awaitable[None]]) -> None:
    async def told() -> None:
        for story in stories:
            async with open_service(settings) as parts:
                await story(parts)

    asyncio.run(told())


def test_what_one_process_learnt_the_next_one_knows(x: StandIn, tmp_path: Path) -> None:
    x.tweet(ID, "ab", "A", "words")
    x.code("a", "https://example.org/")

    async def first(parts: Service) -> None:
        await parts.tweets(TWEET_KEY)
        await parts.links(ShortLink("a"))

    async def second(parts: Service) -> None:
        held = await parts.tweets(TWEET_KEY)
        assert (held.served_from, isinstance(held.value, Tweet)) == (ServedFrom.CACHE, True)
        assert (await parts.links(ShortLink("a"))).value.url == "https://example.org/"

    with_parts(Settings(cache_path=str(tmp_path / "c.db")), first, second)
    assert len(x.asked) == 2


def test_a_stale_answer_is_served_at_once_and_renewed_behind_it(x: StandIn, tmp_path: Path) -> None:
    x.tweet(ID, "ab", "A", "words")
    keep(tmp_path / "c.db", row(at=time.time() - 86400 * 2))
    x.held.add("oembed")

    async def story(parts: Service) -> None:
        loop = asyncio.get_running_loop()
        deadline = Deadline.for_ms(5000)  # sooner than X is given up
        held = await parts.tweets(TWEET_KEY, deadline)
        assert (held.served_from, loop.time() < deadline.until) == (ServedFrom.STALE, True)
        x.held.clear()
        async with asyncio.timeout(180):
            while held.served_from is not ServedFrom.CACHE:
                await asyncio.sleep(0.05)
                held = await parts.tweets(TWEET_KEY, Deadline.for_ms(3000))
        assert isinstance(held.value, Tweet)
        assert held.value.text == "words"

    with_parts(Settings(cache_path=str(tmp_path / "c.db")), story)


def test_two_workers_share_a_store_and_a_takedown(x: StandIn, tmp_path: Path) -> None:
    x.tweet(ID, "ab", "A", "words")
    settings = Settings(cache_path=str(tmp_path / "c.db"))

    async def both() -> None:
        async with open_service(settings) as one, open_service(settings) as two:
            await one.tweets(TWEET_KEY)
            await one.store.flush()
            assert (await two.tweets(TWEET_KEY)).served_from is ServedFrom.CACHE
            assert len(x.asked) == 1
            entry = two.tweets.held(TWEET_KEY)
            assert entry is not None
            assert two.tweets.is_current(entry)
            receipt = await one.store.take_down(ID)
            assert (receipt.forgotten, receipt.on_disk) == (1, True)
            await asyncio.sleep(0.7)
            assert not two.tweets.is_current(entry), "what was made of it is out of date"
            for parts in (one, two):
                assert (await parts.tweets(TWEET_KEY)).value == UnavailableTweet(
                    State.GONE,
                    Reason.TAKEDOWN,
                )
                parts.store.keep(row())
                await parts.store.flush()
                assert parts.store.recall(TWEET, ID) is None
                result = await parts.resolver(Article(ARTICLE))
                assert [(embed.state, embed.reason) for embed in result.embeds] == [
                    (State.GONE, Reason.TAKEDOWN),
                ]

    asyncio.run(both())
    assert len(x.asked) == 1


# --- REST and the command line ---


@pytest.mark.parametrize("place", ["disk", ":memory:"])
def test_a_tweet_is_told_of_and_taken_down_over_rest(tmp_path: Path, place: str) -> None:
    demo = "2034906551094185985"
    path = str(tmp_path / "c.db") if place == "disk" else place

    async def story() -> None:
        async with calling(Settings(recorded=RECORDED.recorded, cache_path=path)) as client:
            assert (await client.get(f"/v1/tweets/{demo}")).status_code == 404
            article = {"content": f"<p>https://x.com/i/status/{demo}</p>", "format": "html"}
            assert (await client.post("/v1/resolve", json=article)).json()["embeds"][0][
                "state"
            ] == "embedded"
            told = (await client.get(f"/v1/tweets/{demo}")).json()
            assert (
                told["state"],
                told["author_handle"],
                [each["state"] for each in told["history"]],
            ) == (
                "embedded",
                "demo_harbour",
                ["embedded"],
            )
            receipt = (await client.delete(f"/v1/tweets/{demo}")).json()
            assert (receipt["state"], receipt["reason"], receipt["on_disk"]) == (
                "gone",
                "takedown",
                place == "disk",
            )
            assert (await client.delete(f"/v1/tweets/{demo}")).json()["taken_down_at"] == receipt[
                "taken_down_at"
            ]
            told = (await client.get(f"/v1/tweets/{demo}")).json()
            assert (told["state"], told["reason"], told["text"], told["answers"]) == (
                "gone",
                "takedown",
                None,
                [],
            )
            assert [each["reason"] for each in told["history"]] == [None, "takedown"]
            embed = (await client.post("/v1/resolve", json=article)).json()["embeds"][0]
            assert (embed["state"], embed["reason"], embed["text"]) == ("gone", "takedown", None)
            for wrong in ("abc", "0", "1" * 21, "-1"):
                assert (await client.delete(f"/v1/tweets/{wrong}")).status_code == 404
            metrics = (await client.get("/metrics")).text
            assert 'tweet_embed_embeds_total{state="gone"} 1.0' in metrics
            assert (
                'tweet_embed_upstream_requests_total{host="publish.x.com",outcome="answered"}'
                in metrics
            )

    asyncio.run(story())


def test_the_metrics_have_a_fixed_set_of_labels(tmp_path: Path) -> None:
    async def story() -> None:
        async with calling(
            Settings(recorded=RECORDED.recorded, cache_path=str(tmp_path / "c.db")),
        ) as client:
            await client.get("/metrics")  # its own route is among what is counted
            lines = []
            for number in range(2):
                for each in range(20):
                    await client.post(
                        "/v1/resolve",
                        json={
                            "content": (
                                f"https://x.com/a{each}/status/19880000000000{number}{each:03}"
                            ),
                        },
                    )
                lines.append(len((await client.get("/metrics")).text.splitlines()))
            assert lines[0] == lines[1]

    asyncio.run(story())


def test_a_store_in_trouble_is_told_and_the_service_is_ready() -> None:
    async def story() -> None:
        async with calling(
            Settings(recorded=RECORDED.recorded, cache_path="/proc/c.db"),
        ) as client:
            response = await client.get("/readyz")
            assert (response.status_code, response.json()["status"]) == (200, "degraded")
            assert "tweet_embed_store_degraded 1.0" in (await client.get("/metrics")).text

    asyncio.run(story())


def command(path: Path, *arguments: str, given: str | None = None) -> tuple[int, str, str]:
    done = CliRunner().invoke(
        app,
        ["cache", *arguments],
        env={"TWEET_EMBED_CACHE_PATH": str(path)},
        input=given,
    )
    return done.exit_code, done.stdout, done.stderr


@pytest.mark.parametrize("arguments", ["stats", "export", "purge --all", "refresh"])
def test_a_command_that_reads_makes_no_store(tmp_path: Path, arguments: str) -> None:
    code, out, told = command(tmp_path / "c.db", *arguments.split())
    assert (code, out) == (1, "")
    assert "there is no store yet" in told
    assert not list(tmp_path.iterdir())


def test_a_takedown_that_no_file_holds_is_told_as_not_stored() -> None:
    async def story() -> None:
        settings = Settings(
            recorded=RECORDED.recorded, cache_path="/proc/c.db", api_keys=("k" * 9,)
        )
        async with calling(settings) as client:
            key = {"Authorization": f"Bearer {'k' * 9}"}
            response = await client.delete(f"/v1/tweets/{ID}", headers=key)
            assert (response.status_code, response.json()["code"]) == (503, "not_stored")
            assert int(response.headers["Retry-After"]) > 0
            told = await client.get(f"/v1/tweets/{ID}", headers=key)
            assert told.json()["reason"] == "takedown"

    asyncio.run(story())


def test_a_start_that_fails_leaves_no_store_open(tmp_path: Path) -> None:
    settings = Settings(cache_path=str(tmp_path / "c.db"))
    counted_twice = Metrics()

    async def start() -> None:
        async with open_service(Settings(), metrics=counted_twice):
            with pytest.raises(ValueError, match="Duplicated"):
                await open_service(settings, metrics=counted_twice).__aenter__()

    asyncio.run(start())
    assert (tmp_path / "c.db").exists()
    held = [os.path.realpath(each) for each in Path("/proc/self/fd").iterdir()]
    assert not [each for each in held if each.startswith(str(tmp_path))]


def test_what_is_exported_is_imported_and_a_takedown_wins(tmp_path: Path) -> None:
    old, new = tmp_path / "old.db", tmp_path / "new.db"
    keep(old, row(1), row(2, answer=UnavailableTweet(State.GONE)), row(3))

    async def down(store: Store) -> None:
        await store.take_down(str(int(ID) + 3))

    run(new, down)
    code, exported, _ = command(old, "export")
    assert code == 0
    kinds = {json.loads(line)["kind"] for line in exported.splitlines()}
    assert {"tweet", "history"} <= kinds <= {"tweet", "history", "candidate"}
    spoilt = (
        exported
        + '{"kind": "tweet"}\nnonsense\n'
        + exported.splitlines()[-1].replace('"words', '"\\u202ewords')
        + "\n"
    )
    code, _, told = command(new, "import", given=spoilt)
    assert (code, "3 left out" in told) == (1, True)
    assert (words_of(new, 1), words_of(new, 2), words_of(new, 3)) == (
        row(1).body,
        '{"state": "gone"}',
        None,
    )
    code, exported, _ = command(new, "export")
    assert json.loads(exported.splitlines()[0])["kind"] == "takedown"
    assert command(old, "import", given=exported)[0] == 0
    assert words_of(old, 3) is None
    code, counted, _ = command(old, "stats")
    assert (code, json.loads(counted)["takedowns"], json.loads(counted)["sound"]) == (0, 1, True)
    assert command(old, "purge")[0] == 2
    assert "2 answers" in command(old, "purge", "--all")[2]
    assert words_of(old, 1) is None


def test_a_refresh_tells_what_died_and_what_changed(x: StandIn, tmp_path: Path) -> None:
    path, month = tmp_path / "c.db", time.time() - 31 * 86400
    keep(path, row(1, month), row(2, month), row(3, month), row(4))
    x.tweet(str(int(ID) + 1), "ab", "A", "other words")
    x.fault[str(int(ID) + 3)] = "500"
    code, told, summary = command(path, "refresh", "--older-than", "30d")
    said = {line["id"][-1]: line["what"] for line in map(json.loads, told.splitlines())}
    assert (code, said) == (1, {"1": "changed", "2": "died"})
    assert "3 asked, 1 died, 1 changed, 1 failed" in summary
    assert words_of(path, 3) == row(3).body
    assert words_of(path, 2) == '{"state": "gone"}'
    assert command(Path(":memory:"), "stats")[0] == 2


def test_the_settings_are_shown_without_keys() -> None:
    done = CliRunner().invoke(app, ["config", "show"], env={"TWEET_EMBED_API_KEYS": "secret-key"})
    assert (
        done.exit_code,
        "secret" in done.stdout,
        "TWEET_EMBED_API_KEYS=(1 hidden)" in done.stdout,
    ) == (0, False, True)
