"""Odd articles that came out otherwise the second time, or lost words of their own: one of each
kind that made-up articles brought to light.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from article_faults import faults
from articles import BLOCKQUOTES, LOST, MAY, NOVEMBER
from resolving import Bench, bench
from tree_articles import CLOSING, SHOWN, WORDS, teach_all

from service.core.article import Options
from service.core.model import Format, Reason, State

SCRIPT = '<script async src="https://platform.twitter.com/widgets.js"></script>'
STATES = f'<div data-oembed-url="{SHOWN}">'
OTHER = f"https://x.com/a/status/{LOST}"
MARKED = '<blockquote class="twitter-tweet">'
MEDIA = "pic.twitter.com/YuKy2rcjyU"
QUOTED = f'<blockquote class="twitter-tweet"><p>{WORDS}</p>{CLOSING}</blockquote>'
FRAME = f'<iframe src="https://twitframe.com/show?url=https%3A%2F%2Fx.com%2Fi%2Fstatus%2F{MAY}">'
OPENS = f'<!-- wp:embed {{"url":"{SHOWN}"}} -->\n'
CLOSES = "\n<!-- /wp:embed -->"
SIGNED = "— US Department of the Interior (@Interior) May 5, 2014"
FIGURE = (
    f'<figure class="wp-block-embed"><div class="wp-block-embed__wrapper">\n{SHOWN}\n</div>'
    "<figcaption>art1x https://t.co/abcdefghij</figcaption></figure>"
)


@pytest.fixture(scope="module")
def ask() -> Iterator[Bench]:
    with bench() as made:
        teach_all(made.x)
        yield made


@pytest.mark.parametrize("gone", [{"gone": "keep"}, {"gone": "tombstone"}, {"gone": "remove"}])
@pytest.mark.parametrize(
    "inside",
    [
        f'<blockquote class="twitter-tweet"><a href="{OTHER}"></a></blockquote>',
        f'<blockquote class="twitter-tweet"><a href="{OTHER}">',
        f"<p>{OTHER}</p>",
        f"<p>art1x</p><p>{OTHER}</p>",
    ],
)
def test_an_element_that_states_another_tweet(
    ask: Bench, inside: str, gone: dict[str, Any]
) -> None:
    assert faults(ask, f"{STATES}{inside}</div>art2x", Format.HTML, Options(**gone)) == []


@pytest.mark.parametrize(
    "inside",
    ["<p>art1x</p>", f"{QUOTED}<h3>art1x</h3>", f"{FRAME}</iframe><p>art1x</p>"],
)
def test_words_in_an_element_that_states_a_tweet_stay(ask: Bench, inside: str) -> None:
    assert faults(ask, f"{STATES}{inside}</div>", Format.HTML, Options(intact="renew")) == []


@pytest.mark.parametrize(
    "render",
    [{"render": "blockquote"}, {"render": "link"}, {"render": "amp"}, {"render": "consent"}],
)
@pytest.mark.parametrize(
    "inside", ["pic.twitter.com/gmGJ1TR9Ve", f"{FRAME}</iframe>", f"<div>\n{SHOWN}\n</div>"]
)
def test_a_marked_element_is_the_frame_of_the_embed_in_it(
    ask: Bench, inside: str, render: dict[str, Any]
) -> None:
    content = f'<div class="twitter-tweet">{inside}</div>'
    result = ask(content, options=Options(**render))

    assert [(one.start, one.end) for one in result.embeds] == [(0, len(content))]
    assert faults(ask, content, Format.HTML, Options(**render)) == []


@pytest.mark.parametrize("options", [{"render": "link"}, {"render": "amp"}, {}])
def test_an_embed_block_is_told_whole_its_caption_with_it(
    ask: Bench, options: dict[str, Any]
) -> None:
    content = f"{OPENS}{FIGURE}{CLOSES}\n\nart9x"
    result = ask(content, options=Options(**options))

    assert [(one.start, one.end) for one in result.embeds] == [(0, content.index("\n\nart9x"))]
    assert "https://t.co/abcdefghij" in [link.url for link in result.embeds[0].links]
    assert result.links == ()
    assert faults(ask, content, Format.HTML, Options(**options)) == []


def test_a_block_with_words_of_its_own_stays(ask: Bench) -> None:
    content = f"{OPENS}<figure><p>art1x and more</p></figure>{CLOSES}"
    result = ask(content, options=Options(render="amp"))

    assert result.content == content
    assert [one.reason for one in result.embeds] == [Reason.MIXED]


@pytest.mark.parametrize("script", [{"script": "none"}, {"script": "once"}])
@pytest.mark.parametrize(
    "content",
    [
        f"<p>{SCRIPT}https://t.co/abcdefghij",
        f"<b>{SCRIPT}https://t.co/abcdefghij</b>",
        f"{QUOTED}<p></a>https://x.com/n/status/1988190000000000000",
        f'{QUOTED}http://t.co/unknown123 {WORDS} {MEDIA} (@Interior) <a href="{SHOWN}">May 5, 2014',
    ],
)
def test_a_script_beside_an_address_that_stays(
    ask: Bench, content: str, script: dict[str, Any]
) -> None:
    assert faults(ask, content, Format.HTML, Options(**script)) == []


@pytest.mark.parametrize(
    "content",
    [
        f"{MARKED}<p>{WORDS} {MEDIA}</p>{SIGNED}<p>art1x</p></blockquote>",
        f"{MARKED}<h3>art1x</h3><p>{WORDS} {MEDIA}</p>{SIGNED}</blockquote>",
        f"<blockquote>art1x {WORDS} {CLOSING}</blockquote>",
        f'<blockquote class="twitter-tweet">art1x {WORDS} {CLOSING}',
        f'<div class="twitter-tweet"><p>art1x</p><p>{WORDS}</p>{CLOSING}',
        f'> <figure class="kg-card kg-embed-card">{QUOTED}<figcaption>art1x</figcaption></figure>',
    ],
)
def test_words_in_a_quotation_that_are_not_the_tweets_stay(ask: Bench, content: str) -> None:
    form = Format.MARKDOWN if content.startswith(">") else Format.HTML

    assert faults(ask, content, form, Options(intact="renew")) == []


def test_an_open_quotation_whose_words_are_not_the_tweets_stays(ask: Bench) -> None:
    result = ask(f'<blockquote class="twitter-tweet"><p>Other words</p>{CLOSING}', Format.HTML)

    assert [(one.state, one.reason) for one in result.embeds] == [(State.KEPT, Reason.WORDS)]


def test_words_before_a_link_of_ours_are_not_its_tweets(ask: Bench) -> None:
    content = f"<p>{WORDS}</p>\n<p>pic.twitter.com/YuKy2rcjyU</p>"

    assert faults(ask, content, Format.HTML, Options(render="link")) == []


@pytest.mark.parametrize("address", ["pic.twitter.com/gmGJ1TR9Ve", "t.co/LeadsToMay"])
def test_what_becomes_no_autolink_in_markdown(ask: Bench, address: str) -> None:
    assert faults(ask, f"<{address}.>\n", Format.MARKDOWN, Options()) == []


def test_a_quotation_before_another_tweet_in_its_element(ask: Bench) -> None:
    before = f"https://x.com/n/status/{NOVEMBER}<br>all — (@name) November 11, 2025"
    inside = f"<li>[embed]{SHOWN}[/embed]"
    content = f'[tweet {MAY}]\n\n<blockquote class="twitter-tweet">{before}{inside}</blockquote>'

    assert faults(ask, content + BLOCKQUOTES[6], Format.HTML, Options()) == []


@pytest.mark.parametrize(
    "written",
    ["https&#58;//t.co/abcdefghij", "https://<wbr>t.co/abcdefghij", "https\\://t.co/abcdefghij"],
)
def test_an_address_in_pieces_is_told_as_the_address_in_markdown(ask: Bench, written: str) -> None:
    (link,) = ask(f"See {written} here", Format.MARKDOWN).links

    assert (link.url, link.end) == ("https://t.co/abcdefghij", 4 + len(written))


@pytest.mark.parametrize("form", [Format.HTML, Format.MARKDOWN])
@pytest.mark.parametrize(
    "around",
    ["{}", '<div class="twitter-tweet">{}</div>', STATES + "{}</div>", "<figure>{}</figure>"],
)
def test_a_script_before_a_tweet_stays_before_it(ask: Bench, around: str, form: Format) -> None:
    content = around.format(SCRIPT + QUOTED) + "\n\nart1x"
    result = ask(content, form, options=Options(intact="renew"))

    assert result.content.index("<script") < result.content.index("<blockquote")
    assert faults(ask, content, form, Options(intact="renew")) == []


@pytest.mark.parametrize(
    "content",
    [
        f"<li>art1x http://t.co/abcdefghij<em>{WORDS} {MEDIA}(@r) May 5, 2014</em></li>",
        f"<li><b>art1x http://t.co/abcdefghij</b><em>{WORDS} {MEDIA}(@r) May 5, 2014</em></li>",
        f"<li><em>{WORDS} {MEDIA}(@r) May 5, 2014</em>http://t.co/abcdefghij art1x</li>",
    ],
)
def test_an_address_that_words_touch_is_one_no_sooner_than_it_was(ask: Bench, content: str) -> None:
    assert faults(ask, content, Format.HTML, Options(unidentified="quote")) == []


@pytest.mark.parametrize(
    "content",
    [
        f"<div class=twitter-tweet><p><a></a><br><em>[{SHOWN}:embed#]</em></p></div>",
        f"{MARKED}<p>{WORDS} {MEDIA}(@r) May 6, 2014</p><ul><li>{OTHER}</li></ul></blockquote>",
    ],
)
def test_what_stays_marked_as_a_tweet_stays_as_it_was(ask: Bench, content: str) -> None:
    assert faults(ask, content, Format.HTML, Options(gone="remove", unidentified="quote")) == []


@pytest.mark.parametrize(
    "inside",
    [
        "<div\n<div data-oembed-url=6>{}</div><p><span >",
        '<div l="><div data-oembed-url=">{}</div><p><span ">',
    ],
)
def test_what_is_taken_out_leaves_no_tag_open(ask: Bench, inside: str) -> None:
    stub = f"<blockquote class=twitter-tweet><a href={OTHER}></a></blockquote>"
    before = f"<div><a ></a></div><twitter-widget ></twitter-widget>{inside.format(stub)}"
    words = "Sunsetsdon&#39tgetmuchbetter <a>p.tw/</a></span><span>—(@Interior)<a >May 5 2014</a>"
    content = f"{before}{words}</span></p>"

    assert faults(ask, content, Format.HTML, Options(intact="renew", gone="remove")) == []


@pytest.mark.parametrize("script", [SCRIPT, ""])
def test_a_caption_is_one_whatever_is_read_of_it(ask: Bench, script: str) -> None:
    caption = f"[caption]<p><a f=''></a></p><p>{script}{SHOWN}</p>[/caption]"

    for content in (caption, f"<p>art1x</p>{caption}<p>art2x</p><p>{OTHER}</p>"):
        result = ask(content, Format.HTML, options=Options(script="none"))
        told = result.embeds[0]

        assert (told.state, told.reason) == (State.KEPT, Reason.PLACE)
        assert faults(ask, content, Format.HTML, Options(script="none")) == []
