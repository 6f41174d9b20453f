"""What is asked of each host about a clue, and what its answers are read as."""

import datetime as dt
import json
from collections import Counter

import pytest
from standin_search import FAULTS, Post, tokens

from service.candidates import snapshot, wayback, x_api
from service.candidates.clue import Clue
from service.candidates.source import Finding, Named, Outcome

ID = "1988177428548464647"
CLUE = Clue(
    "ada_l",
    dt.date(2025, 11, 11),
    "Rain again and no umbrella in sight",
    article_url="https://news.example/a?b=1",
)


def test_xs_search_is_asked_for_words_of_the_day() -> None:
    (address,) = x_api.addresses_of(CLUE)

    assert address == (
        "https://api.x.com/2/tweets/search/all?query=from%3Aada_l+%22Rain+again+and+no+umbrella+in+sight%22+-is%3Aretweet"
        "&since_id=1988033932293046271&until_id=1988396320158646272&max_results=10"
    )


def test_xs_search_is_asked_for_a_code_first() -> None:
    clue = Clue(
        "ada_l",
        dt.date(2025, 11, 11),
        "Words of the article and of the tweet",
        codes=("abc", "DEF"),
    )

    assert x_api.queries_of(clue) == (
        'from:ada_l url:"https://t.co/DEF" -is:retweet',
        'from:ada_l "Words of the article and of the tweet" -is:retweet',
    )


def test_an_author_and_a_day_alone_are_never_searched() -> None:
    assert x_api.addresses_of(Clue("ada_l", dt.date(2025, 11, 11), "Yes!")) == ()
    assert x_api.addresses_of(Clue("ada_l", dt.date(2009, 1, 1), CLUE.text)) == ()


def test_what_x_finds_is_named_and_paid_for() -> None:
    page = {
        "data": [{"id": ID, "text": "x"}, {"id": "1988400000000000000", "text": "next day"}],
        "meta": {"result_count": 2},
    }

    assert x_api.read_answer(CLUE, 200, {}, json.dumps(page).encode(), 0) == (
        Finding(Outcome.DONE, (Named("ada_l", ID),)),
        2,
    )
    assert x_api.read_answer(CLUE, 200, {}, b'{"meta":{"result_count":0}}', 0) == (
        Finding(Outcome.DONE),
        0,
    )
    assert x_api.read_answer(CLUE, 200, {}, b"<html>", 0) == (
        Finding(Outcome.TROUBLE, pause_s=60),
        10,
    )


@pytest.mark.parametrize(
    ("fault", "outcome", "pause_s"),
    [
        ("400", Outcome.REFUSED, 0),
        ("401", Outcome.TROUBLE, 3600),
        ("402", Outcome.TROUBLE, 3600),
        ("403", Outcome.TROUBLE, 3600),
        ("429", Outcome.TROUBLE, 900),
        ("cap", Outcome.TROUBLE, 86400),
        ("503", Outcome.TROUBLE, 60),
    ],
)
def test_an_error_of_x_pauses_its_search(fault: str, outcome: Outcome, pause_s: float) -> None:
    answer = FAULTS[fault]

    assert x_api.read_answer(CLUE, answer.status, {}, answer.body, 0) == (
        Finding(outcome, pause_s=pause_s),
        0,
    )


def test_a_limit_pauses_until_it_is_reset() -> None:
    finding, _ = x_api.read_answer(
        CLUE, 429, {"x-rate-limit-reset": "1040"}, FAULTS["429"].body, 1000
    )

    assert finding.pause_s == 40


def test_the_archive_is_asked_by_handle_and_prefix() -> None:
    (address,) = wayback.addresses_of(CLUE, "twitter.com")

    assert address == (
        "https://web.archive.org/cdx/search/cdx?url=twitter.com/ada_l/status/1988*&output=json"
        "&fl=original%2Ctimestamp&collapse=urlkey&limit=3000&showResumeKey=true"
    )
    assert len(wayback.addresses_of(Clue("ada_l", dt.date(2018, 5, 25)), "x.com")) == 2
    assert wayback.addresses_of(Clue("jack", dt.date(2006, 3, 21)), "x.com") == ()
    assert wayback.next_page("https://a/?b", "com%2Cx+1").endswith("&resumeKey=com%252Cx%2B1")


def test_a_page_of_the_archive_is_read_with_its_key() -> None:
    body = b'[["original"],\n["https://twitter.com/a b\\n/status/1"],\n[],\n["com%2Ctwitter%29"]]\n'

    assert wayback.read_page(body) == wayback.Page(
        ("https://twitter.com/a b\n/status/1",), "com%2Ctwitter%29"
    )
    assert wayback.read_page(b"[]") == wayback.Page(())


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"{}", b'[["timestamp"],["1"]]', b"[" * 100_000, b'["a"]']
)
def test_what_is_no_page_of_the_archive_is_refused(body: bytes) -> None:
    with pytest.raises(ValueError, match=r".*"):
        wayback.read_page(body)


def test_the_archives_rows_are_held_against_handle_and_day() -> None:
    captured = Counter(
        {
            f"https://twitter.com/Ada_L/status/{ID}": 1,
            f"https://twitter.com/Ada_L/status/{ID}?s=20": 1,
            "http://twitter.com/ada_l/status/1988391000000000000/photo/1": 1,
            "https://twitter.com/Ada_L/status/1988400000000000000": 9,
            "https://twitter.com/Ada_Lovelace/status/1988391000000000001": 9,
            "https://twitter.com/Ada_L/status/1988": 9,
        }
    )

    assert wayback.named_in(CLUE, captured) == (
        Named("ada_l", ID),
        Named("ada_l", "1988391000000000000"),
    )


@pytest.mark.parametrize(
    ("status", "told", "outcome", "pause_s"),
    [
        (
            403,
            "… AdministrativeAccessControlException: Blocked Site Error",
            Outcome.REFUSED,
            0,
        ),
        (400, "", Outcome.REFUSED, 0),
        (403, "", Outcome.TROUBLE, 300),
        (429, "", Outcome.TROUBLE, 300),
        (503, "", Outcome.TROUBLE, 300),
        (0, "", Outcome.TROUBLE, 3600),
    ],
)
def test_an_error_of_the_archive_pauses_it(
    status: int, told: str, outcome: Outcome, pause_s: float
) -> None:
    headers = {"x-archive-wayback-runtime-error": told} if told else {}

    assert wayback.read_trouble(status, headers, b"") == Finding(outcome, pause_s=pause_s)


@pytest.mark.parametrize(
    ("url", "asked"),
    [
        ("https://news.example/a?b=1", 1),
        ("http://news.example", 1),
        ("ftp://news.example/a", 0),
        ("https://u:p@news.example/", 0),
        ("https://localhost/a", 0),
        ("https://news.example/a b", 0),
        ("https://news.example/a#b", 0),
        ("https://[::1/", 0),
    ],
)
def test_only_an_article_of_the_public_web_is_asked_for(url: str, asked: int) -> None:
    assert (
        snapshot.address_of(Clue("a", dt.date(2018, 10, 18), article_url=url)) is not None
    ) == asked


def test_the_capture_nearest_to_the_day_is_asked_for() -> None:
    assert (
        snapshot.address_of(CLUE)
        == "https://web.archive.org/web/20251111id_/https://news.example/a?b=1"
    )
    assert snapshot.address_of(Clue("a", dt.date(2018, 10, 18))) is None


def test_a_redirect_is_followed_within_the_archive_alone() -> None:
    assert snapshot.is_capture("https://web.archive.org/web/2018id_/https://news.example/a")
    assert not snapshot.is_capture("https://web.archive.org.evil.test/web/2018id_/x")
    assert not snapshot.is_capture("http://web.archive.org/web/2018id_/x")
    assert not snapshot.is_capture("https://news.example/a")


def test_a_capture_names_the_tweets_that_it_states() -> None:
    page = f"""<p>Words.</p><blockquote class="twitter-tweet"><p lang="en" dir="ltr">Rain</p>
    &mdash; Ada (@Ada_L) <a href="https://twitter.com/Ada_L/status/{ID}">November 11, 2025</a>
    </blockquote><p>More.</p>"""
    memento = {"memento-datetime": "Sat, 20 Oct 2018 03:15:01 GMT"}

    assert snapshot.read_answer(200, memento, page.encode()) == Finding(
        Outcome.DONE, (Named("ada_l", ID),)
    )
    assert snapshot.read_answer(404, memento, page.encode()) == Finding(Outcome.DONE)
    assert snapshot.read_answer(404, {}, b"") == Finding(Outcome.DONE)
    assert snapshot.read_answer(200, {}, page.encode()).outcome is Outcome.TROUBLE
    assert snapshot.read_answer(429, {}, b"").outcome is Outcome.TROUBLE
    assert snapshot.read_answer(403, {}, b"").outcome is Outcome.REFUSED


def test_the_search_stand_in_reads_words_as_x_does() -> None:
    assert tokens("Café, at NOON!") == ["cafe", "at", "noon"]
    assert Post("1", "a", "b").codes == ()
