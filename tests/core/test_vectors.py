"""Attacks, in every place a stranger can write to: nothing comes out that does anything.

The judge is not the parser that the code uses: lxml reads what comes out, and an allow-list written
down here again says what may be there.
"""

import re

import lxml.html  # type: ignore[import-untyped]
import pytest
from vectors import (
    ARTICLE_FIELDS,
    CORPUS,
    ID,
    OEMBED_FIELDS,
    OWN,
    PERMALINK,
    article_embed,
    corpus_vectors,
    grammar,
    oembed_answer,
)

from service.core.errors import UpstreamError
from service.core.model import EmbedStyle, Tweet
from service.core.oembed.response import read_blockquote, read_oembed, read_style
from service.core.render.blockquote import render_blockquote
from service.core.render.messages import messages
from service.core.render.variants import (
    render_amp,
    render_link,
    render_quote,
    render_tombstone,
    with_consent,
)
from service.core.sanitize.sanitizer import accept_existing, certify_generated, classify

LINK = f'<a href="{PERMALINK}">y</a>'
AMP = 'data-tweetid="1" layout="responsive" width="1" height="1"'
ALLOWED = {
    "blockquote": {
        "class": "twitter-(tweet|video)|tweet-embed-quote",
        "data-align": "left|center|right",
        "data-cards": "hidden",
        "data-conversation": "none",
        "data-dnt": "true",
        "data-lang": "[a-z]{2,3}(-[a-z]{2})?",
        "data-theme": "light|dark",
        "data-width": "[2-5][0-9]{2}",
        "placeholder": "",
    },
    "p": {
        "class": "tweet-embed-(ask|gone|link)",
        "lang": "[A-Za-z0-9-]{2,44}",
        "dir": "ltr|rtl|auto",
    },
    "a": {"href": r"https?://[^/?#@\\\s]+\.[^/?#@\\\s]+([/?#][^\\\s\"<>]*)?"},
    "br": {},
    "div": {"class": "tweet-embed", "lang": "en", "dir": "ltr"},
    "button": {"class": "tweet-embed-(load|stop)", "type": "button", "hidden": ""},
    "amp-twitter": {
        "data-tweetid": ID,
        "data-dnt": "true",
        "layout": "responsive",
        "width": "375",
        "height": "472",
    },
}


def assert_safe(written: str, root: str = "blockquote", *, tells: bool = True) -> None:
    """Judge an embed between two siblings, in the places where block content stands. `tells`: its
    last link is the tweet's address.
    """
    for before, behind in (
        ("<div>", "</div>"),
        ("<ul><li>", "</li></ul>"),
        ("<table><tr><td>", "</td></tr></table>"),
    ):
        page = lxml.html.document_fromstring(
            f"<html><body>{before}<i>1</i>{written}<i>2</i>{behind}</body></html>",
        )
        first, embed, second = page.xpath("//i[text()='1']/../*")
        assert (first.tag, embed.tag, second.tag, second.text) == ("i", root, "i", "2")
        assert not (first.tail)
        assert not (embed.tail)
        assert not (second.tail)
        for element in embed.iter():
            assert element.tag in ALLOWED
            allowed = ALLOWED[element.tag]
            for name, value in element.attrib.items():
                assert name in allowed
                assert re.fullmatch(allowed[name], value)
        if tells:
            permalink = embed.xpath("(.//a)[last()]/@href")[0]
            assert re.fullmatch(rf"https://x\.com/(i|[A-Za-z0-9_]+)/status/{ID}", permalink)
    assert not re.search(
        r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]|\{\{|\{%|\[[\w/]|<\?|<!",
        written,
    )


def assert_all_safe(tweet: Tweet) -> None:
    """Judge everything that can stand for a tweet; read back and written again it is the same."""
    embed = render_blockquote(tweet, EmbedStyle())
    assert_safe(embed)
    again = read_blockquote(embed)
    assert again is not None
    assert render_blockquote(again, read_style(embed)) == embed
    assert accept_existing(embed) == embed
    assert_safe(with_consent(embed, messages("en")), "div")
    assert_safe(render_amp(tweet, EmbedStyle()), "amp-twitter")
    assert_safe(render_link(tweet), "p")


def attack(vector: str) -> int:
    """Put a vector in every place; whatever is written must be safe, and no other error than
    `UpstreamError` may come. How many were.
    """
    written = 0
    for field in OEMBED_FIELDS:
        try:
            tweet = read_oembed(ID, oembed_answer(field, vector))
            rendering = render_blockquote(tweet, EmbedStyle())
        except UpstreamError:
            continue
        if field in {"words", "attribution", "author_name", "date"}:
            assert_all_safe(tweet)
        else:
            assert_safe(rendering)
        written += 1
    for field in ARTICLE_FIELDS:
        fragment = article_embed(field, vector)
        tweet_there = read_blockquote(fragment)
        if accept_existing(fragment) is not None:
            assert tweet_there is not None
            lxml_tags = {
                element.tag
                for element in lxml.html.fragment_fromstring(fragment, create_parent="div").iter()
            }
            assert lxml_tags <= {"div", "blockquote", "p", "a", "br"}
        if tweet_there is not None and tweet_there.id == ID:
            assert_safe(render_blockquote(tweet_there, read_style(fragment)))
            written += 1
        elif tweet_there is not None:
            render_blockquote(tweet_there, read_style(fragment))
    assert_safe(render_quote(vector, f"— {vector}"), tells=False)
    return written


@pytest.mark.parametrize("vector", OWN, ids=lambda vector: ascii(vector[:30]))
def test_an_attack_of_our_own_list_does_nothing_anywhere(vector: str) -> None:
    assert attack(vector) >= 8


def test_a_scheme_in_capitals_is_no_reason_to_refuse_an_embed() -> None:
    tweet = read_blockquote(article_embed("href", "HTTPS://EVIL.TEST/A"))

    assert tweet is not None
    assert 'href="https://EVIL.TEST/A"' in render_blockquote(tweet, EmbedStyle())


def everything() -> list[str]:
    """Others' vectors, where they are, and those of our grammar."""
    others = corpus_vectors() if CORPUS.is_dir() else ()
    return list(
        dict.fromkeys([*(vector for vector in others if isinstance(vector, str)), *grammar()]),
    )


def test_a_sample_of_all_attacks_does_nothing_anywhere() -> None:
    vectors = everything()[::307]

    assert sum(map(attack, vectors)) > 5 * len(vectors)


@pytest.mark.long
@pytest.mark.parametrize("part", range(8))
def test_ten_thousand_attacks_do_nothing_anywhere(part: int) -> None:
    vectors = everything()
    if len(vectors) < 10_000:
        pytest.skip(f"no recorded vectors at {CORPUS}")

    assert sum(map(attack, vectors[part::8])) > 5 * len(vectors[part::8])


def test_a_tombstone_says_nothing_of_the_tweet() -> None:
    assert_safe(render_tombstone(messages("en")), "p", tells=False)


@pytest.mark.parametrize(
    "forged",
    [
        '<p class="tweet-embed-gone">x <a href="https://x.com/a/status/20">y</a></p>',
        '<div class="tweet-embed">x</div>',
        '<button class="tweet-embed-load" type="button">x</button>',
        (
            '<blockquote class="twitter-tweet"><p class="tweet-embed-ask">x</p><a'
            f' href="{PERMALINK}">y</a></blockquote>'
        ),
        (
            '<blockquote class="twitter-tweet" placeholder=""><a'
            f' href="{PERMALINK}">y</a></blockquote>'
        ),
        (
            '<blockquote class="twitter-tweet"><button class="tweet-embed-load"'
            f' type="button">x</button>{LINK}</blockquote>'
        ),
        (
            '<div class="tweet-embed"><blockquote'
            f' class="tweet-embed-quote"><p>x</p>{LINK}</blockquote></div>'
        ),
        f'<amp-twitter {AMP}>x<blockquote class="twitter-tweet">{LINK}</blockquote></amp-twitter>',
    ],
)
def test_a_shape_of_ours_is_none_with_anything_else_in_it(forged: str) -> None:
    assert classify(forged) is None
    with pytest.raises(UpstreamError):
        certify_generated(forged)


@pytest.mark.parametrize(
    "harm",
    [
        (
            '<blockquote class="twitter-tweet"><p>x</p><a'
            ' href="javascript:alert(1)">y</a></blockquote>'
        ),
        (
            '<blockquote class="twitter-tweet"><p onclick="x">x</p><a'
            f' href="{PERMALINK}">y</a></blockquote>'
        ),
        (
            '<blockquote class="twitter-tweet"><p>x<img src="y"></p><a'
            f' href="{PERMALINK}">y</a></blockquote>'
        ),
        f'<blockquote class="twitter-tweet"><p>x</p><a href="{PERMALINK}">y</a></blockquote>text',
        f'<blockquote class="twitter-tweet"><p>{{{{x</p><a href="{PERMALINK}">y</a></blockquote>',
        (
            '<blockquote class="twitter-tweet"><p>x</p><a'
            ' href="https://x.com/jack/status/20">y</a></blockquote>'
        ),
    ],
)
def test_the_judge_sees_harm(harm: str) -> None:
    with pytest.raises(AssertionError):
        assert_safe(harm)
