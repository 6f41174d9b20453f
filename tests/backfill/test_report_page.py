"""The page for readers: what it tells, what it never lets through, and that it does not grow with
the archive.
"""

import datetime as dt
import json
import re
import sqlite3
import tracemalloc
from contextlib import closing
from pathlib import Path

import pytest
import turbohtml
from archives import report, run
from mixed_archive import DEMO_TWEET, answers, articles, id_of, record, tide, write

from service.backfill.report.excerpts import MOST, SampleArticle, choose, first_change, show
from service.backfill.report.html_builder import article as named
from service.backfill.report.html_builder import text, tweet
from service.backfill.report.html_page import ReportHeader, write_page
from service.backfill.report.labels import FORMS, share
from service.backfill.report.statistics import (
    MOST_ROWS,
    ArticleLocation,
    OutcomeGroup,
    ReportStats,
    gather,
)
from service.backfill.safety.article_outcome import ArticleOutcome
from service.backfill.safety.checkpoint import ArticleRecord, Checkpoint, Status
from service.backfill.steps.scan import ScanSummary
from service.core.model import Form

CORPUS = Path(__file__).resolve().parents[3] / "shared" / "corpus" / "xss"
HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</style></title></textarea><svg onload=alert(1)>",
    "javascript:alert(1)",
    "' onfocus='alert(1)' autofocus='",
    "\u202e\x00\x1b[31m\ufffe<b>",
    "<!--", "]]>", "&lt;script&gt;", "<base href=//evil.test>",
    "<meta http-equiv=refresh content=0;url=//evil.test>",
]  # fmt: skip
LET_IN = set(  # noqa: C405
    [
        "html",
        "head",
        "meta",
        "link",
        "title",
        "style",
        "body",
        "header",
        "p",
        "h1",
        "h2",
        "h3",
        "h4",
        "bdi",
        "strong",
        "time",
        "nav",
        "ul",
        "li",
        "a",
        "main",
        "section",
        "dl",
        "div",
        "dt",
        "dd",
        "table",
        "caption",
        "thead",
        "tr",
        "th",
        "tbody",
        "td",
        "span",
        "i",
        "small",
        "q",
        "br",
        "footer",
        "code",
        "article",
        "pre",
        "del",
        "ins",
        "fieldset",
        "blockquote",
        "amp-twitter",
        "button",
    ],
)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Run a backfill over an archive of all kinds; give its folder."""
    folder = tmp_path_factory.mktemp("lossy")
    answers(folder / "recorded")
    write(folder / "posts.jsonl")
    told = backfill(folder, "--in-place", "--report", folder / "r.jsonl")
    assert told == 1
    return folder


def backfill(folder: Path, *flags: str | Path) -> int:
    flags = (*flags, "--report-html", folder / "r.html")
    return run(
        "backfill",
        folder / "posts.jsonl",
        *flags,
        environment={"TWEET_EMBED_RECORDED": str(folder / "recorded")},
    ).exit_code


def the(within: turbohtml.Document | turbohtml.Element, selector: str) -> turbohtml.Element:
    found = within.select_one(selector)
    assert found is not None, selector
    return found


def page_of(folder: Path) -> turbohtml.Document:
    return turbohtml.parse((folder / "r.html").read_text("utf-8"))


def words(page: turbohtml.Document, anchor: str) -> str:
    return " ".join(the(page, f"#{anchor}").text.split())


def drawn(
    facts: ReportStats,
    samples: tuple[SampleArticle, ...] = (),
    name: str = "a",
    *,
    finished: bool = True,
) -> str:
    occasion = ReportHeader(
        name,
        dt.datetime(2026, 1, 2, tzinfo=dt.UTC),
        writes=True,
        finished=finished,
        version="1",
    )
    return "".join(write_page(facts, samples, occasion, ""))


def put(state: Checkpoint, number: int, **told: object) -> ArticleRecord:
    status = Status(str(told.pop("status", "changed")))
    entry = ArticleRecord(
        "",
        number,
        number,
        1,
        str(told.pop("id", number)),
        status,
        "b",
        "a",
        b"x",
        outcome=ArticleOutcome.from_json(json.dumps({"unit": "line", **told})),
    )
    state.put(entry)
    return entry


def one(state: str = "embedded", **more: object) -> dict[str, object]:
    known = {
        "id": "20",
        "handle": "jack",
        "form": "url",
        "state": state,
        "reason": None,
        "confidence": 1.0,
        "day": None,
        "text": None,
    }
    return known | {"start": 0, "end": 1} | more


def test_the_page_tells_what_became_of_all(made: Path) -> None:
    page = page_of(made)
    assert (
        the(page, ".lead").text
        == "15 articles were looked at. 13 of them hold 27 tweets. Of these, 21 (78%) stand in"
        " their articles as whole embeds, 3 (11%) are gone from X or hidden there and 3 were"
        " left as found."
    )
    figures = {the(each, "dt").text: the(each, "dd").text for each in page.select(".figures div")}
    assert figures == {"looked at": "15", "changed": "8", "untouched": "6", "failed": "1"}
    assert "Restored written as an embed21 78%".replace(" ", "") in words(page, "outcomes").replace(
        " ",
        "",
    )
    assert "2014312" in words(page, "years").replace(" ", "")
    lost = words(page, "lost")
    assert "We open on Monday, volunteers wanted!" in lost
    assert re.search(r"gone line 9\s?gone-again line 10", lost)
    assert "hidden, of 1 February 2016" in lost
    assert "No link in it leads to it, and no source knows it" in words(page, "doubtful")
    assert "A code in its words" in words(page, "sources")
    assert "Unsafe: X warns of where it leads" in words(page, "bad-links")
    assert "trouble line 14" in words(page, "failed")
    assert "X answered with an error" in words(page, "failed")


def test_samples_show_different_forms_and_the_embed_itself(made: Path) -> None:
    samples = page_of(made).select(".sample")
    titles = [the(each, "h3").text.partition(" ")[0] for each in samples]

    assert len(samples) == len(set(titles)) == 7
    arabic = samples[1]
    assert next(each.text for each in arabic.select("del")).startswith("<p>المكتبة المتنقلة")
    assert next(each.text for each in arabic.select("ins")).startswith(
        '<blockquote class="twitter-tweet"',
    )
    assert the(arabic, "fieldset blockquote p").attr("dir") == "rtl"


def test_the_report_has_every_tweet(made: Path) -> None:
    lines = {line["id"]: line for line in report(made / "r.jsonl")[:-1]}

    assert lines["why-the-lamp-went-dark"]["tweets"] == [
        {
            "id": DEMO_TWEET,
            "handle": "demo_harbour",
            "form": "url",
            "state": "embedded",
            "reason": None,
            "confidence": 1.0,
            "found_by": "markup",
            "day": "2026-03-20",
            "start": 20,
            "end": 91,
            "text": None,
        },
    ]
    assert lines["heading"]["bad_links"] == [
        {"url": "https://t.co/UnsafeUns1", "state": "unsafe"},
        {"url": "https://t.co/DeadDeadDe", "state": "dead"},
    ]
    assert lines["plain"]["tweets"] == lines["plain"]["bad_links"] == []


def test_a_dry_run_shows_the_same_and_writes_nothing_else(tmp_path: Path) -> None:
    answers(tmp_path / "recorded")
    write(tmp_path / "posts.jsonl")
    before = (tmp_path / "posts.jsonl").read_bytes()
    assert backfill(tmp_path) == 1
    page = page_of(tmp_path)

    assert sorted(each.name for each in tmp_path.iterdir()) == ["posts.jsonl", "r.html", "recorded"]
    assert (tmp_path / "posts.jsonl").read_bytes() == before
    assert len(page.select(".sample")) == 7
    assert "Nothing was written." in the(page, ".notice").text
    assert "would stand in their articles" in the(page, ".lead").text


def test_a_run_that_goes_on_tells_of_all_of_it(made: Path, tmp_path: Path) -> None:
    answers(tmp_path / "recorded")
    write(tmp_path / "posts.jsonl")
    assert backfill(tmp_path, "--in-place") == 1
    first = page_of(tmp_path)
    answer = json.loads(
        (tmp_path / "recorded" / "oembed" / f"{id_of('2021-06-15')}.json").read_text(),
    )
    mended = json.loads(json.dumps(answer).replace(id_of("2021-06-15"), id_of("2020-02-02")))
    record(tmp_path / "recorded", "oembed", id_of("2020-02-02"), mended)
    assert backfill(tmp_path, "--in-place") == 0
    page = page_of(tmp_path)

    assert "22 (81%) stand in their articles" in the(page, ".lead").text
    shown = {the(each, "h3").text: each.inner_html for each in page.select(".sample")}
    assert {
        the(each, "h3").text: each.inner_html for each in first.select(".sample")
    }.items() <= shown.items()
    assert not page.select_one("#failed")
    assert (made / "posts.jsonl").read_bytes() != (tmp_path / "posts.jsonl").read_bytes()


def test_a_database_that_is_gone_on_with_shows_what_it_was(tmp_path: Path) -> None:
    pytest.importorskip("sqlalchemy")
    environment = {"TWEET_EMBED_RECORDED": str(answers(tmp_path / "recorded"))}
    with closing(sqlite3.connect(tmp_path / "a.db")) as database, database:
        database.execute("CREATE TABLE post (id INTEGER PRIMARY KEY, body TEXT)")
        database.executemany(
            "INSERT INTO post (body) VALUES (?)",
            [(each["content"],) for each in articles()],
        )
    command = (
        "backfill",
        f"sqlite:///{tmp_path}/a.db",
        "--table",
        "post",
        "--column",
        "body",
        "--key",
        "id",
        "--in-place",
    )
    shown = []
    for _ in range(2):
        assert (
            run(*command, "--report-html", tmp_path / "r.html", environment=environment).exit_code
            == 1
        )
        shown.append([each.inner_html for each in page_of(tmp_path).select(".sample")])
        assert "Of these, 21 (78%) stand" in the(page_of(tmp_path), ".lead").text

    assert shown[0] == shown[1]
    assert len(shown[0]) == 7


def test_a_run_that_stops_says_so(tmp_path: Path) -> None:
    answers(tmp_path / "recorded")
    rows = [
        {"id": str(n), "content": f"<p>https://x.com/demo_tides/status/{id_of('2020-02-02')}</p>"}
        for n in range(60)
    ]
    write(tmp_path / "posts.jsonl", rows)
    assert backfill(tmp_path, "--in-place", "--max-failures", "2") == 4

    assert "The run stopped before its end" in the(page_of(tmp_path), ".notice").text


@pytest.mark.parametrize(
    "options",
    [["--render", "consent"], ["--render", "amp"], ["--render", "link"], ["--gone", "tombstone"]],
)
def test_every_rendering_is_shown(options: list[str], tmp_path: Path) -> None:
    answers(tmp_path / "recorded")
    gone = f"<p>https://x.com/demo_harbour/status/{id_of('2014-03-04')}</p>"
    write(
        tmp_path / "posts.jsonl",
        [{"id": "a", "content": gone if "--gone" in options else f"<p>{tide(2019)}</p>"}],
    )
    assert backfill(tmp_path, *options) == 0

    assert len(page_of(tmp_path).select(".sample fieldset > *")) == 1


def test_lists_end_and_memory_does_not_grow(tmp_path: Path) -> None:
    state = Checkpoint(tmp_path / "s")
    for number in range(1, 8_001):
        told = [one("gone", id=str(number)), one("unidentified", id=None, reason="date")]
        link = {"url": f"https://t.co/{number}", "state": "dead"}
        put(
            state,
            number,
            status="failed",
            tweets=told,
            bad_links=[link],
            errors=["timeout"],
            id="i" * 5000,
        )
    state.save()
    tracemalloc.start()
    facts = gather(state, ScanSummary(articles=8_000))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    state.close()
    page = drawn(facts)

    assert (len(facts.lost.rows), facts.lost.more) == (MOST_ROWS, 8_000 - MOST_ROWS)
    assert page.count("and 7,700 more: see <code>--report FILE.jsonl</code>") == 4
    assert len(page) < 1_500_000
    assert peak < 24 << 20, peak


def test_a_lost_tweet_stands_once_with_its_articles() -> None:
    state = Checkpoint(None)
    for number in range(1, 10):
        put(state, number, embeds={"gone": 1}, tweets=[one("gone")], status="unchanged")
    facts = gather(state, ScanSummary(articles=9))
    state.close()

    (lost,) = facts.lost.rows
    assert (len(lost.articles), lost.more, facts.fates[OutcomeGroup.LOST]) == (5, 4, 9)


def test_what_could_not_be_written_is_not_called_whole() -> None:
    state = Checkpoint(None)
    put(
        state,
        1,
        embeds={"embedded": 2, "failed": 1},
        tweets=[one(), one(reason="intact"), one("failed")],
        status="failed",
    )
    put(state, 2, embeds={"embedded": 1, "kept": 3}, tweets=[one(), one("kept", reason="block")])
    facts = gather(state, ScanSummary(articles=2))
    state.close()

    assert facts.outcomes == {
        ("embedded", None): 1, ("embedded", "intact"): 1, ("waits", None): 1,
        ("failed", None): 1, ("kept", "block"): 1,
        ("kept", "limit"): 2,
    }  # fmt: skip
    assert (facts.fates[OutcomeGroup.WHOLE], facts.tweets) == (3, 7)


def vectors() -> list[str]:
    found = []
    for path in sorted(CORPUS.glob("*.json")):
        told = json.loads(path.read_text("utf-8"))
        found += (
            [str(each["payload"]) for each in told if isinstance(each, dict) and "payload" in each]
            if isinstance(told, list)
            else []
        )
    return found


def hostile_page(payloads: list[str]) -> str:
    """Put hostile words wherever words of an archive can stand."""
    state = Checkpoint(None)
    for number, evil in enumerate(payloads):
        tweets = [
            one(kind, id=evil, handle=evil, reason=evil, text=evil, form=evil)
            for kind in ("gone", "unidentified", "kept", evil)
        ]
        evil_id = evil.replace("\ud800", "?")
        put(
            state,
            number,
            status="failed",
            tweets=tweets,
            bad_links=[{"url": evil, "state": evil}],
            errors=[evil],
            id=evil_id,
            unit=evil,
        )
    facts = gather(state, ScanSummary(articles=len(payloads)))
    entry = put(state, 0, tweets=[])
    state.close()
    entry.id = payloads[0]
    samples = tuple(
        show(f"<p>{evil} a b", f"<p>{evil} c b{evil}", entry, evil) for evil in payloads[:20]
    )
    return drawn(facts, samples, name=payloads[0])


@pytest.mark.parametrize("payloads", [HOSTILE, *([vectors()] if vectors() else [])])
def test_nothing_of_the_archive_is_more_than_words(payloads: list[str]) -> None:
    for first in range(0, len(payloads), 250):
        page = turbohtml.parse(hostile_page(payloads[first : first + 250]))
        for each in page.descendants:
            if not isinstance(each, turbohtml.Element):
                continue
            assert each.tag in LET_IN
            assert not [
                name
                for name in each.attrs
                if name.startswith("on") or name in {"src", "srcdoc", "formaction", "autofocus"}
            ]
            if "href" in each.attrs:
                assert each.tag == "link" or re.fullmatch(
                    r"#[a-z-]+|https://x\.com/\w+/status/\d+",
                    each.attr("href") or "",
                )
        assert len(page.select("main")) == len(page.select("style")) == 1


def test_words_that_are_no_markup_stay_words() -> None:
    assert text("a\x00<b>\ud800\u202e") == "a\ufffd&lt;b&gt;\ufffd\u202e"
    assert tweet("12<", "a") == "<bdi>@a</bdi>"
    assert 'href="https://x.com/i/status/12"' in tweet("12", "a/b")
    assert named(ArticleLocation("ü.md", "", None)) == '<bdi dir="auto">ü.md</bdi>'


def test_the_first_change_is_whole_tags_and_words() -> None:
    before, after = (
        "<p>one two https://t.co/a three</p>",
        "<p>one two https://example.org/a three</p>",
    )
    was, now = first_change(before, after)

    assert (before[slice(*was)], after[slice(*now)]) == (
        "https://t.co/a ",
        "https://example.org/a ",
    )
    assert first_change("same", "same") == ((4, 4), (4, 4))
    far = "x " * 9_000
    assert far[slice(*first_change(far, far + "<b>")[0])] == ""


def test_samples_differ_as_far_as_they_can() -> None:
    entries = [
        ArticleRecord("", n, outcome=ArticleOutcome(tweets=[one(form=form)]))
        for n, form in enumerate(["url"] * 50 + [*Form] + ["url"])
    ]

    assert [kind for _, kind in choose(entries)] == [
        each.value for each in (Form.URL, *(form for form in Form if form is not Form.URL))
    ][:MOST]
    assert len(choose(entries[:50])) == 4
    assert choose([ArticleRecord("", 1, size=2 << 20)]) == []


def test_an_article_full_of_openings_takes_no_time() -> None:
    many = '<blockquote class="twitter-tweet" ' * 20_000 + '<p class="tweet-embed">' * 20_000

    assert show("a", many, ArticleRecord("", 1), "url").html is None


def test_shares_and_names() -> None:
    assert [share(*each) for each in ((0, 0), (1, 1000), (999, 1000), (1, 3), (3, 3))] == [
        "0%",
        "<1%",
        ">99%",
        "33%",
        "100%",
    ]
    assert {form.value for form in Form} <= FORMS.keys()
