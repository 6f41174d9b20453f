"""Tweets that carry no code, over real sockets: what is written, and above all what is not."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import standin_archive
import standin_search
from resolving import Bench, bench
from standin_archive import Archive
from standin_search import Search

from service.core.article import Article, EmbedResult, Options
from service.core.model import Format, Reason, State
from service.settings import Settings

DAY = "November 11, 2025"
ID, TWIN, NEXT_DAY = "1988177428548464647", "1988200000000000000", "1988400000000000000"
WORDS = "Rain again, and no umbrella in sight"
FLAT = f"{WORDS} — Ada (@Ada_L) {DAY}"
INTACT = (
    f'<blockquote class="twitter-tweet"><p lang="en" dir="ltr">{WORDS}</p>&mdash; Ada (@Ada_L) '
    f'<a href="https://twitter.com/Ada_L/status/{ID}">{DAY}</a></blockquote>'
)
LONG_WAIT_MS = 20_000


@pytest.fixture
def ask() -> Iterator[Bench]:
    with bench() as one:
        one.x.tweet(ID, "Ada_L", "Ada", WORDS)
        yield one


def told(ask: Bench, content: str, **more: object) -> EmbedResult:
    article = Article(content, Format.TEXT, deadline_ms=LONG_WAIT_MS, explain=True)
    (embed,) = ask.article(article._replace(**more)).embeds  # type: ignore[arg-type]
    return embed


def learn(ask: Bench, *ids: str) -> None:
    """Let X be asked about tweets, as an article that states them does."""
    ask("\n\n".join(f"https://x.com/i/web/status/{each}" for each in ids))


def forget_words(ask: Bench, tweet_id: str) -> None:
    """Forget what X said of a tweet, but not that there is one."""
    ask.runner.run(ask.service.store.flush())
    ask.service.tweets.forget(tweet_id)
    ask.service.store.read(lambda db: db.execute("DELETE FROM answers"), None)


def test_a_tweet_that_was_answered_is_found_by_author_and_day(ask: Bench) -> None:
    assert told(ask, FLAT).reason is Reason.NOT_FOUND
    learn(ask, ID)
    embed = told(ask, FLAT)

    assert (embed.state, embed.tweet_id, embed.found_by) == (State.EMBEDDED, ID, "index")
    assert embed.confidence == 0.9
    assert embed.considered is not None
    assert [(each.tweet_id, each.source, each.reason) for each in embed.considered] == [
        (ID, "index", None)
    ]


def test_one_article_teaches_the_next(ask: Bench) -> None:
    ask(INTACT, Format.HTML)
    asked = len(ask.x.asked)
    embed = told(ask, FLAT)

    assert embed.found_by == "index"
    assert len(ask.x.asked) == asked


def test_what_is_stated_and_what_a_code_leads_to_say_so(ask: Bench) -> None:
    ask.x.tweet(ID, "Ada_L", "Ada", f'{WORDS} <a href="https://t.co/abcDEF1234">pic.x.com/abc</a>')
    ask.x.code("abcDEF1234", f"https://x.com/Ada_L/status/{ID}/photo/1")

    assert ask(INTACT, Format.HTML).embeds[0].found_by == "markup"
    assert ask("https://t.co/abcDEF1234", Format.TEXT).embeds[0].found_by == "code"
    flat = FLAT.replace(" —", " pic.x.com/abcDEF1234 —")
    assert ask(flat, Format.TEXT).embeds[0].found_by == "code"


def test_without_any_source_there_is_nothing_to_follow() -> None:
    with bench(Settings(upstream_rate=0, sources=())) as ask:
        assert told(ask, FLAT).reason is Reason.NO_CODE


def test_two_equal_tweets_of_a_day_are_ambiguous(ask: Bench) -> None:
    ask.x.tweet(TWIN, "Ada_L", "Ada", WORDS)
    learn(ask, ID, TWIN)
    embed = told(ask, FLAT)

    assert (embed.state, embed.reason) == (State.UNIDENTIFIED, Reason.AMBIGUOUS)
    assert embed.tweet_id is None


def test_a_code_among_the_words_tells_equal_tweets_apart(ask: Bench) -> None:
    link = '<a href="https://t.co/{}">news.example/a</a>'
    ask.x.tweet(ID, "Ada_L", "Ada", f"{WORDS} {link.format('abcDEF1234')}")
    ask.x.tweet(TWIN, "Ada_L", "Ada", f"{WORDS} {link.format('ghiJKL5678')}")
    ask.x.code("ghiJKL5678", "https://news.example/a")
    learn(ask, ID, TWIN)
    embed = told(ask, FLAT.replace(" —", " https://t.co/ghiJKL5678 —"))

    assert (embed.state, embed.tweet_id, embed.confidence) == (State.EMBEDDED, TWIN, 1.0)
    assert embed.considered is not None
    assert [each.reason for each in embed.considered] == ["code", None]


@pytest.mark.parametrize(
    ("tweet_id", "handle", "words", "reason"),
    [
        (ID, "somebody", WORDS, "other_tweet"),
        (ID, "Ada_L", "Rain again, and no umbrella at hand", "words"),
        (ID, "Ada_L", f"{WORDS} anywhere at all", "words"),
    ],
    ids=["a renamed author, or a stranger's", "other words", "more words"],
)
def test_what_x_says_decides(
    ask: Bench, tweet_id: str, handle: str, words: str, reason: str
) -> None:
    learn(ask, ID)
    ask.x.tweet(tweet_id, handle, "Ada", words)
    forget_words(ask, tweet_id)
    embed = told(ask, FLAT)

    assert (embed.state, embed.reason) == (State.UNIDENTIFIED, Reason.NOT_FOUND)
    assert embed.considered is not None
    assert [each.reason for each in embed.considered] == [reason]


@pytest.mark.parametrize("day", ["November 10, 2025", "November 12, 2025"])
def test_the_day_before_and_after_are_other_days(ask: Bench, day: str) -> None:
    learn(ask, ID)

    assert told(ask, FLAT.replace(DAY, day)).reason is Reason.NOT_FOUND


def test_few_words_are_not_enough(ask: Bench) -> None:
    ask.x.tweet(ID, "Ada_L", "Ada", "Rain again today")
    learn(ask, ID)
    embed = told(ask, f"Rain again today — Ada (@Ada_L) {DAY}")

    assert (embed.state, embed.reason) == (State.UNIDENTIFIED, Reason.NOT_FOUND)
    assert embed.considered is not None
    assert embed.considered[0].reason == "short"


def test_a_short_link_to_a_tweet_by_its_id_alone_is_proved_by_its_author(ask: Bench) -> None:
    ask.x.tweet(ID, "Ada_L", "Ada", f'{WORDS}… <a href="https://t.co/abcDEF1234">x.com/i/web/…</a>')
    ask.x.code("abcDEF1234", f"https://twitter.com/i/web/status/{ID}")
    flat = FLAT.replace(" —", "… https://t.co/abcDEF1234 —")

    assert told(ask, flat).found_by == "code"
    assert told(ask, flat.replace("Ada_L", "Bob")).reason is Reason.OTHER_TWEET


def test_a_taken_down_tweet_is_no_candidate(ask: Bench) -> None:
    learn(ask, ID)
    ask.runner.run(ask.service.store.take_down(ID))
    embed = told(ask, FLAT)

    assert (embed.state, embed.reason) == (State.UNIDENTIFIED, Reason.NOT_FOUND)
    assert embed.considered == ()
    learn(ask, ID)
    assert told(ask, FLAT).considered == ()


def test_trouble_of_x_is_not_taken_for_an_answer(ask: Bench) -> None:
    learn(ask, ID)
    forget_words(ask, ID)
    ask.x.fault["oembed"] = "500"
    embed = told(ask, FLAT)

    assert (embed.state, embed.reason) == (State.FAILED, Reason.UPSTREAM_ERROR)


def test_a_deleted_candidate_of_the_day_proves_nothing(ask: Bench) -> None:
    learn(ask, ID)
    forget_words(ask, ID)
    ask.x.forget(ID)
    embed = told(ask, FLAT, options=Options(gone="remove"))

    assert (embed.state, embed.reason) == (State.UNIDENTIFIED, Reason.NOT_FOUND)


# --- sources that are asked ---

TOKEN = "AAAA%2FBBBB"  # noqa: S105 - of the stand-in


def remote(path: Path, *sources: str, **more: object) -> Settings:
    return Settings(
        upstream_rate=0,
        cache_path=str(path / "store.sqlite3"),
        sources=sources,
        x_api_token=TOKEN,
        contact="editor@news.example",
        **more,  # type: ignore[arg-type]
    )


def test_a_save_is_never_lengthened_by_a_search(tmp_path: Path) -> None:
    archive = Archive()
    archive.capture(f"https://twitter.com/Ada_L/status/{ID}", "20251111120305")
    with bench(remote(tmp_path, "index", "wayback")) as ask:
        ask.x.sites[standin_archive.HOST] = archive
        ask.x.tweet(ID, "Ada_L", "Ada", WORDS)
        first = ask(FLAT, Format.TEXT)
        for _ in range(50):
            ask.wait(0.05)
            if (second := ask(FLAT, Format.TEXT)).complete:
                break

    assert (first.embeds[0].state, first.embeds[0].reason) == (State.DEFERRED, Reason.SEARCHING)
    assert first.retry_after_s is not None
    assert first.retry_after_s >= 10
    assert second.embeds[0].found_by == "wayback"
    assert len(archive.asked) == 1


def test_the_cache_alone_asks_no_source(tmp_path: Path) -> None:
    archive = Archive()
    with bench(remote(tmp_path, "wayback")) as ask:
        ask.x.sites[standin_archive.HOST] = archive
        embed = ask(FLAT, Format.TEXT, deadline_ms=0).embeds[0]
        ask.wait(0.1)

    assert (embed.state, embed.reason) == (State.DEFERRED, Reason.CACHE_ONLY)
    assert archive.asked == []


def test_who_waits_gets_the_article_whole(tmp_path: Path) -> None:
    search = Search(TOKEN)
    search.post(ID, "ada_l", WORDS)
    with bench(remote(tmp_path, "index", "x_api")) as ask:
        ask.x.sites[standin_search.HOST] = search
        ask.x.tweet(ID, "Ada_L", "Ada", WORDS)
        embed = told(ask, FLAT, wait_for_sources=True)

        assert (embed.state, embed.found_by) == (State.EMBEDDED, "x_api")
        assert told(ask, FLAT).found_by == "x_api"
    assert search.bill == 1
    assert len(search.asked) == 1


def test_the_articles_own_snapshot_binds_its_tweets(tmp_path: Path) -> None:
    archive = Archive()
    archive.page("https://news.example/a", "20251120031501", f"<p>Text.</p>{INTACT}<p>More.</p>")
    with bench(remote(tmp_path, "snapshot")) as ask:
        ask.x.sites[standin_archive.HOST] = archive
        ask.x.tweet(ID, "Ada_L", "Ada", WORDS)
        url = "https://news.example/a"
        embed = told(ask, FLAT, url=url, wait_for_sources=True)
        elsewhere = told(ask, FLAT, url="https://news.example/b")

    assert (embed.found_by, embed.confidence) == ("snapshot", 1.0)
    assert (elsewhere.found_by, elsewhere.confidence) == ("snapshot", 0.9)
    assert [path.split("_/")[0] for path in archive.asked] == [
        "/web/20251111id",
        "/web/20251120031501id",
    ]


def test_what_an_earlier_version_stated_may_be_gone(tmp_path: Path) -> None:
    archive = Archive()
    archive.page("https://news.example/a", "20251120031501", INTACT)
    with bench(remote(tmp_path, "snapshot")) as ask:
        ask.x.sites[standin_archive.HOST] = archive
        embed = told(ask, FLAT, url="https://news.example/a", wait_for_sources=True)

    assert (embed.state, embed.tweet_id, embed.found_by) == (State.GONE, ID, "snapshot")


def test_a_source_in_trouble_counts_as_asked(tmp_path: Path) -> None:
    archive = Archive()
    archive.fault = "429"
    with bench(remote(tmp_path, "wayback")) as ask:
        ask.x.sites[standin_archive.HOST] = archive
        first = told(ask, FLAT, wait_for_sources=True)
        second = told(ask, FLAT)

    assert first.reason is second.reason is Reason.NOT_FOUND
    assert len(archive.asked) == 1


def test_hosts_of_sources_are_listed_by_being_named(tmp_path: Path) -> None:
    with bench(remote(tmp_path, "index", "import")) as ask:
        told(ask, FLAT, wait_for_sources=True)

        assert ask.x.refused == []
        assert not ask.service.candidates.searches
