"""A tweet of several paragraphs whose last one stands with its attribution in one element."""

import datetime as dt
from collections.abc import Iterator

import pytest
from resolving import Bench, bench
from standin_x import StandIn

from service.core.article import Options
from service.core.model import Format, Reason, State
from service.settings import Settings

FIRST, SECOND = "The first paragraph of a notice,", "then some more of it, and a last word."
LONG = "a third paragraph that is longer than any name could be, whoever it may belong to here."
MORNING = dt.datetime(2024, 3, 5, 9, tzinfo=dt.UTC)
ID = str((int(MORNING.timestamp() * 1000) - 1288834974657) << 22)
PERMALINK = f"https://twitter.com/two_pars/status/{ID}"
CODE = "pic.twitter.com/TwoParas01"
SIGNED = "— Two Pars (@two_pars) March 5, 2024"
LINKED = f'— Two Pars (@two_pars) <a href="{PERMALINK}">March 5, 2024</a>'
BEFORE, BEHIND = "<p>Lead.</p>\n", "\n<p>End.</p>"


@pytest.fixture(scope="module")
def ask() -> Iterator[Bench]:
    with bench() as made:
        teach(made.x)
        yield made


def teach(x: StandIn) -> None:
    words = f"{FIRST}<br><br>{SECOND}<br><br>{LONG}"
    picture = f'<a href="https://t.co/TwoParas01">{CODE}</a>'
    x.tweet(ID, "two_pars", "Two Pars", f"{words} {picture}", date="March 5, 2024")
    x.code("TwoParas01", f"{PERMALINK}/photo/1")
    x.code("OfTheDay01", "https://news.example/")


def becomes(ask: Bench, article: str, form: Format = Format.HTML) -> str:
    """Return what an article becomes in which the tweet is embedded once."""

    result = ask(article, form)
    assert [(one.tweet_id, one.state) for one in result.embeds] == [(ID, State.EMBEDDED)]
    assert result.content.count(FIRST) == result.content.count("<blockquote") == 1
    assert not ask.again(result).changed
    return result.content


@pytest.mark.parametrize("closing", [f" {CODE} {SIGNED}", f" {LINKED}", f"<br>{CODE}<br>{SIGNED}"])
@pytest.mark.parametrize(
    ("opens", "closes"),
    [
        ("<p>", "</p>"),
        ("<div>", "</div>"),
        ("<!-- wp:paragraph -->\n<p>", "</p>\n<!-- /wp:paragraph -->"),
    ],
)
def test_words_of_elements_before_go_with_the_last_ones(
    ask: Bench, opens: str, closes: str, closing: str
) -> None:
    paragraphs = (FIRST, SECOND, LONG + closing)
    article = "\n".join(f"{opens}{each}{closes}" for each in paragraphs)

    content = becomes(ask, BEFORE + article + BEHIND)

    assert content.startswith(BEFORE)
    assert content.endswith(BEHIND)


def test_items_of_a_list_are_one_tweet(ask: Bench) -> None:
    items = f"<li>{FIRST}</li><li>{SECOND}</li><li>{LONG} {CODE} {SIGNED}</li>"

    content = becomes(ask, f"<ul>{items}</ul>")

    assert content.count("<li>") == 1


def test_paragraphs_of_markdown_are_one_tweet(ask: Bench) -> None:
    article = f"Lead *so*.\n\n{FIRST}\n\n{SECOND}\n\n{LONG} {CODE} {SIGNED}\n\nEnd.\n"

    content = becomes(ask, article, Format.MARKDOWN)

    assert content.startswith("Lead *so*.\n\n<blockquote")
    assert content.endswith("\n\nEnd.\n")


def test_an_anchor_among_the_words_stays(ask: Bench) -> None:
    first = f'<p id="note">{FIRST}</p><p><a id="x2"></a>{SECOND}</p>'

    content = becomes(ask, f"{first}<p>{LONG} {CODE} {SIGNED}</p>")

    assert '<span id="note"></span>' in content
    assert 'id="x2"' in content


def test_a_comment_among_the_words_stays(ask: Bench) -> None:
    first = f"<p>{FIRST}<!--more--></p><p>{SECOND}</p>"

    assert "<!--more-->" in becomes(ask, f"{first}<p>{LONG} {CODE} {SIGNED}</p>")


def test_the_whole_is_found_in_a_broken_article_too(ask: Bench) -> None:
    article = f"<b><p>{FIRST}</p><p>{SECOND}</p><p>{LONG} {CODE} {SIGNED}</p>"

    assert becomes(ask, f"<div>Open {BEHIND}</div></i><section>{article[3:]}").endswith("quote>")


@pytest.mark.parametrize(
    "between",
    ["<h3>Head</h3>", '<p><img src="/a.jpg" alt=""></p>', "<p>The desk adds.</p>", "<hr>"],
)
def test_what_stands_between_keeps_the_words_apart(ask: Bench, between: str) -> None:
    article = f"<p>{FIRST}</p><p>{SECOND}</p>{between}<p>{LONG} {CODE} {SIGNED}</p>"
    result = ask(article, Format.HTML)

    assert result.content == article
    assert [one.state for one in result.embeds] != [State.EMBEDDED]


def test_words_that_begin_amid_a_paragraph_leave_all_as_it_is(ask: Bench) -> None:
    article = f"<p>The desk says: {FIRST}</p><p>{SECOND}</p><p>{LONG} {CODE} {SIGNED}</p>"
    result = ask(article, Format.HTML)

    assert result.content == article
    assert [(one.state, one.reason) for one in result.embeds] == [(State.KEPT, Reason.WORDS)]
    assert article[result.embeds[0].start :].startswith(f"<p>{LONG}")


def test_what_goes_on_behind_the_attribution_leaves_all_as_it_is(ask: Bench) -> None:
    article = f"<p>{FIRST}</p><p>{SECOND}</p><p>{LONG} {CODE} {SIGNED} The desk adds.</p>"

    assert ask(article, Format.HTML).content == article


def test_two_tweets_in_a_row_take_each_their_own_words(ask: Bench) -> None:
    one = f"<p>{FIRST}</p><p>{SECOND}</p><p>{LONG} {CODE} {SIGNED}</p>"
    result = ask(f"{BEFORE}{one}\n{one}{BEHIND}", Format.HTML)

    assert [one.state for one in result.embeds] == [State.EMBEDDED, State.EMBEDDED]
    assert result.content.count("<blockquote") == result.content.count(FIRST) == 2
    assert result.content.startswith(BEFORE)
    assert result.content.endswith(BEHIND)


def test_a_short_link_among_the_words_before_goes_with_them(ask: Bench) -> None:
    article = f"<p>{FIRST} t.co/OfTheDay01</p><p>{SECOND}</p><p>{LONG} {CODE} {SIGNED}</p>"
    result = ask(article, Format.HTML)

    assert [one.state for one in result.embeds] == [State.EMBEDDED]
    assert result.links == ()
    assert "news.example" not in result.content


def test_in_an_article_of_more_mentions_than_allowed_it_is_found_as_well() -> None:
    article = f"<p>{FIRST}</p><p>{SECOND}</p><p>{LONG} {CODE} {SIGNED}</p>\n"
    further = "<p>t.co/OfTheDay01</p>\n" * 3
    with bench(Settings(upstream_rate=0, max_mentions=2)) as ask:
        teach(ask.x)
        result = ask(article + further, Format.HTML)

    assert [one.state for one in result.embeds if one.tweet_id] == [State.EMBEDDED]


@pytest.mark.parametrize("form", [Format.HTML, Format.MARKDOWN])
def test_a_tweet_that_nothing_leads_to_is_found_over_paragraphs_too(form: Format) -> None:
    flat = (FIRST, SECOND, f"{LONG} {SIGNED}")
    paragraphs = [*flat, "Between.", PERMALINK]
    is_html = form is Format.HTML
    article = (
        "".join(f"<p>{each}</p>" for each in paragraphs) if is_html else "\n\n".join(paragraphs)
    )
    with bench() as ask:
        teach(ask.x)
        result = ask(article, form)
        again = ask.again(result)

    assert [(one.tweet_id, one.state) for one in result.embeds] == [(ID, State.EMBEDDED)] * 2
    assert result.content.count(FIRST) == result.content.count("<blockquote") == 2
    assert not again.changed


# --- what else in the article goes beside such a tweet ---

GONE = "1764938902533046999"  # X knows no such tweet
TOMBSTONE = Options(gone="tombstone")


def test_words_that_a_tombstone_left_alone_are_looked_at_before_it_is_written(ask: Bench) -> None:
    article = f"[tweet {GONE}]\n{FIRST}\n\n{SECOND}\n\n{LONG} {CODE} {SIGNED}\n"
    result = ask(article, Format.MARKDOWN, options=TOMBSTONE)

    assert not ask.again(result, TOMBSTONE).changed


def test_a_shortcode_that_the_embed_would_leave_alone_stays_among_words(ask: Bench) -> None:
    article = f"[tweet {GONE}] {FIRST}\n\n{SECOND}\n\n{LONG} {CODE} {SIGNED}"
    result = ask(article, Format.TEXT, options=TOMBSTONE)

    assert result.content == article
    assert not ask.again(result, TOMBSTONE).changed
