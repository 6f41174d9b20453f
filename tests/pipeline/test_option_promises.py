"""The promises of docs/interface.md under every value of every option: strategies over options and
articles.
"""

import re
from itertools import pairwise

import pytest
from articles import FLATTENED, LOST, MAY, NOVEMBER, pages, texts
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from resolving import Bench

from service.core.article import Options
from service.core.model import Format, State
from service.core.sanitize.sanitizer import classify

LAWS = settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
LAWS_WHOLE = settings(LAWS, max_examples=5000)

options_of = st.builds(
    Options,
    render=st.sampled_from(["blockquote", "consent", "amp", "link"]),
    intact=st.sampled_from(["keep", "renew"]),
    script=st.sampled_from(["keep", "none", "once"]),
    links=st.sampled_from(["expand", "href", "keep"]),
    strip_tracking=st.booleans(),
    gone=st.sampled_from(["keep", "tombstone", "remove"]),
    unidentified=st.sampled_from(["keep", "quote"]),
    theme=st.sampled_from([None, "light", "dark"]),
    lang=st.sampled_from([None, "ar", "ja", "en"]),
    dnt=st.booleans(),
    align=st.sampled_from([None, "left", "center"]),
    max_width=st.sampled_from([None, 220, 550]),
    hide_media=st.booleans(),
    hide_thread=st.booleans(),
)
SCRIPTS = [
    '<script async src="https://platform.twitter.com/widgets.js" charset="utf-8"></script>',
    "<p><script async src=//platform.x.com/widgets.js></script></p>",
    '<div>\n<script src="https://platform.twitter.com/widgets.js"></script> </div>',
    "<script>alert(1)</script>",
    '<figure><p><script src="https://platform.x.com/widgets.js"></script></p></figure>',
    "<script src=https://platform.x.com/widgets.js>",
    (
        '<div class="tweet-embed"><blockquote class="twitter-tweet"><a'
        f' href="https://x.com/Interior/status/{MAY}">x</a></blockquote>'
    ),
    (
        '<p class="tweet-embed-ask">Ask</p><button type="button"'
        ' class="tweet-embed-load">Load</button></div>'
    ),
    f'<amp-twitter data-tweetid="{NOVEMBER}" layout="responsive" width=1 height=1></amp-twitter>',
    f'<p class="tweet-embed-gone">gone https://x.com/a/status/{LOST}</p>',
    (
        '<blockquote class="tweet-embed-quote"><p>https://t.co/abcdefghij</p>— Name (@name) May 5,'
        " 2014</blockquote>"
    ),
]
with_scripts = st.lists(st.one_of(pages, st.sampled_from(SCRIPTS)), max_size=5).map("".join)


def hold(ask: Bench, content: str, written_in: Format | None, options: Options) -> None:
    result = ask(content, written_in, options=options)
    again = ask.again(result, options)

    assert again.content == result.content
    assert not again.changed
    assert result.changed == (result.content != content)
    for embed in result.embeds:
        assert 0 <= embed.start <= embed.end <= len(content)
        if embed.html is not None:
            assert classify(embed.html) is not None
            # in Markdown the start tag of `amp-twitter` has a line of its own
            assert embed.html in re.sub(r">\r?\n(?=<blockquote placeholder)", ">", result.content)
        if embed.state is State.GONE and options.gone != "keep":
            assert embed.confidence != 1.0 or embed.html is None or "tweet-embed-gone" in embed.html
    assert all(before.end <= after.start for before, after in pairwise(result.embeds))


def test_an_article_in_which_no_tweet_finds_a_place_gets_no_script(ask: Bench) -> None:
    glued = f"{FLATTENED[4]}{FLATTENED[0]}https://x.com/Interior/status/{MAY}"
    for written_in in (Format.TEXT, Format.HTML, Format.MARKDOWN):
        options = Options(script="once", unidentified="quote")
        hold(ask, glued, written_in, options)
        assert [embed.state for embed in ask(glued, written_in, options=options).embeds][
            -1
        ] is State.KEPT
        assert "widgets.js" not in ask(glued, written_in, options=options).content


@pytest.mark.parametrize(
    "options",
    [
        Options(render="consent"),
        Options(render="amp"),
        Options(render="link"),
        Options(gone="tombstone"),
    ],
)
@pytest.mark.parametrize("tweet", [MAY, LOST])
def test_a_tweet_inside_one_that_nobody_closed_is_written_once(
    ask: Bench,
    options: Options,
    tweet: str,
) -> None:
    own = f'<a href="https://x.com/Interior/status/{tweet}">May 5, 2014</a>'
    inner = (
        f'<blockquote class="twitter-tweet"><p>Sunsets</p>— Interior (@Interior) {own}</blockquote>'
    )
    for behind in (f"{own}{inner}", f"{inner}{own}", inner):
        hold(ask, f'<blockquote class="twitter-tweet"><p>open{behind}', Format.HTML, options)


def test_a_link_that_was_written_into_a_quotation_stays_a_link(ask: Bench) -> None:
    options = Options(render="link", unidentified="quote")
    for closing in ("", "</blockquote>"):
        hold(ask, f"<blockquote>{FLATTENED[0]}{FLATTENED[4]}{closing}", Format.HTML, options)


@LAWS
@given(content=with_scripts, options=options_of)
def test_an_html_article_twice_is_once_whatever_is_asked(
    ask: Bench,
    content: str,
    options: Options,
) -> None:
    hold(ask, content, Format.HTML, options)


@LAWS
@given(content=texts, options=options_of)
def test_a_text_twice_is_once_whatever_is_asked(ask: Bench, content: str, options: Options) -> None:
    hold(ask, content, Format.TEXT, options)


@LAWS
@given(content=texts, options=options_of)
def test_markdown_twice_is_once_whatever_is_asked(
    ask: Bench,
    content: str,
    options: Options,
) -> None:
    hold(ask, content, Format.MARKDOWN, options)


@LAWS
@given(content=with_scripts, first=options_of, second=options_of)
def test_what_one_set_of_options_wrote_another_rewrites_once(
    ask: Bench,
    content: str,
    first: Options,
    second: Options,
) -> None:
    hold(ask, ask(content, Format.HTML, options=first).content, Format.HTML, second)


@pytest.mark.long
@LAWS_WHOLE
@given(content=with_scripts, options=options_of)
def test_an_html_article_keeps_the_laws_many_times_over_whatever_is_asked(
    ask: Bench,
    content: str,
    options: Options,
) -> None:
    hold(ask, content, Format.HTML, options)
