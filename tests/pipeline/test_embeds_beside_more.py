"""What is written where more stands in an element than a tweet, and what is left where nothing can
be written.
"""

import pytest
from articles import LOST, MAY
from resolving import Bench

from service.core.article import Options
from service.core.model import Format, Reason, State

LONG = "1988190000000000000"  # 11 November 2025
LONG_MAY = "463440424141459457"  # 5 May 2014
WORDS = "it's " * 9_000
"""Words that are longer than HTML of ours may be, once they are written in it."""
SUNSETS = "Sunsets don't get much better"
CODE = "pic.twitter.com/YuKy2rcjyU"
SIGNED = "— US Department of the Interior (@Interior) May 5, 2014"
NOTICE = "This post is no longer available."
SCRIPT = '<script async src="https://platform.twitter.com/widgets.js"></script>'


def quoted(words: str, tweet_id: str) -> str:
    return (
        f'<blockquote class="twitter-tweet"><p lang="en" dir="ltr">{words}</p>&mdash; A (@a) '
        f'<a href="https://x.com/a/status/{tweet_id}">November 11, 2025</a></blockquote>'
    )


@pytest.fixture(scope="module")
def ask(ask: Bench) -> Bench:
    ask.x.tweet(LONG, "a", "A", WORDS)
    picture = '<a href="https://t.co/LongWords1">pic.twitter.com/LongWords1</a>'
    ask.x.tweet(LONG_MAY, "Interior", "US Department of the Interior", WORDS + picture)
    ask.x.code("LongWords1", f"https://x.com/Interior/status/{LONG_MAY}/photo/1")
    return ask


# --- longer than what can be judged ---


@pytest.mark.parametrize(
    "article",
    [
        f"<p>https://x.com/a/status/{LONG}</p>",
        quoted("Other words.</p><p>" + WORDS, LONG),
        quoted(WORDS, LONG).replace("<p lang", "<p>Own words.</p><p lang", 1),
    ],
    ids=["an address", "a quotation", "a quotation in which more stands"],
)
def test_a_tweet_too_long_to_be_judged_is_not_written(ask: Bench, article: str) -> None:
    result = ask(article, Format.HTML)

    assert result.content == article
    assert [(one.state, one.reason) for one in result.embeds] == [(State.FAILED, Reason.UNSAFE)]


def test_words_of_a_gone_tweet_too_long_to_be_judged_stay(ask: Bench) -> None:
    article = quoted(WORDS, LOST).replace("<blockquote", '<blockquote style="color: red"')
    result = ask(article, Format.HTML)

    assert result.content == article
    assert [one.state for one in result.embeds] == [State.GONE]


def test_a_long_tweet_that_stands_as_x_says_stays(ask: Bench) -> None:
    article = quoted(WORDS.strip(), LONG)
    result = ask(article, Format.HTML)

    assert result.content == article
    assert [(one.state, one.reason) for one in result.embeds] == [(State.EMBEDDED, Reason.INTACT)]


def test_a_short_embed_of_a_tweet_too_long_to_be_judged_stays(ask: Bench) -> None:
    article = f"<p>Before.</p>{quoted('Short words', LONG)}<p>After.</p>"
    for _ in range(2):  # asked, and from memory
        result = ask(article, Format.HTML)

        assert result.content == article
        assert [one.state for one in result.embeds] == [State.FAILED]


def test_words_too_long_to_be_judged_are_not_quoted(ask: Bench) -> None:
    article = f"<p>{WORDS} pic.twitter.com/LongWords1 — Somebody Else (@else) May 5, 2014</p>"
    result = ask(article, Format.HTML, options=Options(unidentified="quote", links="keep"))

    assert result.content == article
    assert [one.reason for one in result.embeds] == [Reason.OTHER_TWEET]


# --- frames and captions around it ---


def test_a_notice_stands_above_the_caption(ask: Bench) -> None:
    address = f"https://x.com/a/status/{LOST}"
    article = (
        f'<!-- wp:embed {{"url":"{address}","type":"rich"}} -->\n<figure class="wp-block-embed">'
        f'<div class="wp-block-embed__wrapper">\n{address}\n</div><figcaption>Words</figcaption>'
        "</figure>\n<!-- /wp:embed -->"
    )
    result = ask(article, Format.HTML, options=Options(gone="tombstone"))

    assert result.content == (
        f'<!-- wp:html -->\n<figure><p class="tweet-embed-gone" lang="en" dir="ltr">{NOTICE}</p>'
        "<figcaption>Words</figcaption></figure>\n<!-- /wp:html -->"
    )


@pytest.mark.parametrize(
    ("article", "left"),
    [
        ("<figure>" * 8 + "{}" + "</figure>" * 8, ""),
        (
            "<figure><div><p>x</p></div><div>{}</div></figure>",
            "<figure><div><p>x</p></div></figure>",
        ),
        ("<figure>{}</div>", "<figure></div>"),
        ("<div>one{}two</div>", None),
        ("one{}two", None),
        ("<p>a</p>one{}two<p>b</p>", None),
        ("<p>a</p>one {} two<p>b</p>", "<p>a</p>one  two<p>b</p>"),
        ("<div>https://x.com/a{}</div>", "<div>https://x.com/a</div>"),
    ],
)
def test_a_tweet_is_taken_out_with_the_frames_that_hold_it_alone(
    ask: Bench, article: str, left: str | None
) -> None:
    article = article.format(quoted("Words", LOST))
    result = ask(article, Format.HTML, options=Options(gone="remove"))

    assert result.content == (article if left is None else left)


# --- more in an element than the tweet ---


@pytest.mark.parametrize(
    "article",
    [
        f"<p>Intro. {SUNSETS}</p><p>{CODE}</p><p>{SIGNED}</p>",
        f"<p>Intro.<br>{SUNSETS} {CODE}</p><p>{SIGNED}</p>",
    ],
)
def test_words_that_begin_amid_an_element_stay(ask: Bench, article: str) -> None:
    result = ask(article, Format.HTML)

    assert result.content == article
    assert [(one.state, one.reason) for one in result.embeds] == [(State.KEPT, Reason.WORDS)]


def test_what_stands_before_a_quotation_that_nobody_closed_stays(ask: Bench) -> None:
    article = quoted("Words", LOST).replace("<p lang", "<p>Own words.</p><p lang")
    result = ask(article.removesuffix("</blockquote>"), Format.HTML, options=Options(gone="remove"))

    assert result.content == "<p>Own words.</p>"


@pytest.mark.parametrize(
    "article",
    [
        f"<p>{SUNSETS} {CODE} {SIGNED}{SCRIPT}</p>",
        f"<p>{SCRIPT}{SUNSETS} {CODE} {SIGNED}</p>",
        f"<p>{SUNSETS} {SCRIPT}{CODE} {SIGNED}</p>",
        f"<p>{SUNSETS} {CODE}{SCRIPT}</p><p>{SIGNED}</p>",
    ],
)
def test_no_script_is_left_of_an_element_that_an_embed_replaces(ask: Bench, article: str) -> None:
    result = ask(article, Format.HTML, options=Options(script="none"))

    assert [one.state for one in result.embeds] == [State.EMBEDDED]
    assert "<script" not in result.content
    assert result.content.count(MAY) == 1


@pytest.mark.parametrize("tag", ["svg", "template"])
def test_a_script_that_no_browser_runs_there_stays(ask: Bench, tag: str) -> None:
    aside = f"<{tag}>{SCRIPT}</{tag}>"
    article = f"<p>https://x.com/Interior/status/{MAY}</p>{aside}"
    result = ask(article, Format.HTML, options=Options(script="none"))

    assert [one.state for one in result.embeds] == [State.EMBEDDED]
    assert result.content.endswith(aside)


def test_a_script_over_two_lines_of_a_quote_in_markdown_stays(ask: Bench) -> None:
    script = SCRIPT.replace(" src", "\n> src")
    article = f"words\n\nhttps://x.com/Interior/status/{MAY}\n\n> {script}\n"
    result = ask(article, Format.MARKDOWN, options=Options(script="none"))

    assert [one.state for one in result.embeds] == [State.EMBEDDED]
    assert result.content.endswith(f"> {script}\n")


@pytest.mark.parametrize("unclosed", ["<textarea>", "<!--"])
def test_no_script_is_written_where_it_would_be_words(ask: Bench, unclosed: str) -> None:
    article = f"<p>https://x.com/Interior/status/{MAY}</p>{unclosed}"
    result = ask(article, Format.HTML, options=Options(script="once"))

    assert [one.state for one in result.embeds] == [State.EMBEDDED]
    assert result.content.endswith(unclosed)
