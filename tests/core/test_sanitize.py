"""The allow-list: what an article's own embed may hold to stay as it is, and what we may write."""

import time
import timeit

import pytest

from service.core.errors import UpstreamError
from service.core.model import EmbedStyle, Reason, Tweet, TweetLink, TweetText
from service.core.render.blockquote import render_blockquote
from service.core.sanitize.allowlist import ATTRIBUTES, ELEMENTS
from service.core.sanitize.sanitizer import (
    accept_existing,
    accept_like,
    certify_generated,
    is_one_tree,
)

LINK = '<a href="https://x.com/Ada_L/status/1988151234567890123">November 11, 2025</a>'
X_FORM = (
    '<blockquote class="twitter-tweet"><p lang="en" dir="ltr">Hello</p>&mdash; Ada (@Ada_L)'
    f" {LINK}</blockquote>"
)


def quote(
    words: str = "Hello",
    attributes: str = 'class="twitter-tweet"',
    paragraph: str = "<p>",
    link: str = LINK,
) -> str:
    return (
        f"<blockquote {attributes}>{paragraph}{words}</p>&mdash; Ada (@Ada_L) {link}</blockquote>"
    )


WITHIN = {
    "X's form": X_FORM,
    "X's tracking": X_FORM.replace("0123", "0123?ref_src=twsrc%5Etfw"),
    "a plain dash": X_FORM.replace("&mdash;", "—"),
    "twitter.com": X_FORM.replace("https://x.com", "http://twitter.com"),
    "video": quote(attributes='class="twitter-video tw-align-center"'),
    "other order and quotes": quote(
        attributes="data-theme='dark'\n  class='twitter-tweet' data-lang=\"ar\" data-dnt='true'",
    ),
    "every attribute": quote(
        attributes=(
            'class="twitter-tweet" data-theme="light" data-lang="zh-cn" data-align="left"'
            ' data-width="560" data-cards="hidden" data-conversation="none" data-dnt="false"'
            ' data-media-max-width="560" data-link-color="#2ECDB7" data-partner="tweetdeck"'
            ' lang="ja" dir="rtl"'
        ),
    ),
    "breaks": quote("a<br>b<br/>c<br />\r\nd"),
    "links": quote(
        '<a href="https://t.co/7Y7Z7nxgXj">pic.twitter.com/7Y7Z7nxgXj</a> <a'
        ' href="https://twitter.com/hashtag/a?src=hash&amp;x=y">#a</a>',
    ),
    "attribution in a p": (
        f'<blockquote class="twitter-tweet"> <p>Hello</p> <p>— Ada (@Ada_L) {LINK}</p>'
        " </blockquote>"
    ),
    "a stub": f'<blockquote class="twitter-tweet">{LINK}</blockquote>',
    "joined emoji": quote("👩\u200d👩\u200d👧 می\u200cخواهم"),
    "a written reference": quote("&#91;gallery] &#123;{x}} {x} [ x ]"),
    "capitals": X_FORM.replace("<p ", "<P ").replace("</p>", "</P>"),
}

OUTSIDE = {
    "nothing": "",
    "no embed": "<p>Hello</p>",
    "text before": " " + X_FORM,
    "text behind": X_FORM + "x",
    "two": X_FORM + X_FORM,
    "no class": quote(attributes='lang="en"'),
    "no attributes": X_FORM.replace(' class="twitter-tweet"', ""),
    "another class": quote(attributes='class="twitter-tweet lazy"'),
    "another widget": quote(attributes='class="twitter-tweet twitter-timeline"'),
    "a rendered widget": quote(attributes='class="twitter-tweet twitter-tweet-rendered"'),
    "an event": quote(attributes='class="twitter-tweet" onclick="x"'),
    "a style": quote(attributes='class="twitter-tweet" style="position:fixed"'),
    "an id": quote(attributes='class="twitter-tweet" id="twttr"'),
    "another data-": quote(attributes='class="twitter-tweet" data-tweet-id="1"'),
    "another value": quote(attributes='class="twitter-tweet" data-theme="red"'),
    "a value twice": quote(attributes='class="twitter-tweet" data-theme="dark" data-theme="light"'),
    "a value twice, in capitals": quote(attributes='class="twitter-tweet" lang="en" LANG="x y"'),
    "no quotes": quote(attributes="class=twitter-tweet"),
    "no value": quote(attributes='class="twitter-tweet" data-dnt'),
    "href twice": quote(link=LINK.replace("<a ", '<a href="javascript:alert(1)" ')),
    "a target": quote(link=LINK.replace("<a ", '<a target="_blank" ')),
    "an unclosed p": X_FORM.replace("</p>", ""),
    "an unclosed a": X_FORM.replace("</a>", ""),
    "an unclosed blockquote": X_FORM.removesuffix("</blockquote>"),
    "a stray end tag": X_FORM.replace("<p ", "</p><p "),
    "crossed tags": quote('<a href="https://t.co/a">x</p></a><p>'),
    "a p in a p": quote("<p>x</p>"),
    "a link in a link": quote('<a href="https://t.co/a">x<a href="https://t.co/b">y</a></a>'),
    "a blockquote in it": quote("x</p><blockquote>y</blockquote><p>"),
    "a self-closed p": quote("x</p><p/><p>"),
    "an image": quote('<img src="https://pbs.twimg.com/x.jpg">'),
    "bold": quote("<b>x</b>"),
    "a script": quote("<script>x</script>"),
    "a comment": quote("<!-- x -->"),
    "a bogus comment": quote("<!x>"),
    "a processing instruction": quote("<?php x ?>"),
    "CDATA": quote("<![CDATA[x]]>"),
    "a doctype": "<!DOCTYPE html>" + X_FORM,
    "no permalink": quote(link='<a href="https://t.co/a">November 11, 2025</a>'),
    "a permalink elsewhere": quote(link=LINK.replace("x.com", "vxtwitter.com")),
    "no link": quote(link=""),
    "no href": quote("<a>x</a>"),
    "javascript": quote('<a href="javascript:alert(1)">x</a>'),
    "javascript, in references": quote('<a href="&#106;avascript:alert(1)">x</a>'),
    "a control in an href": quote('<a href="https://t.co/&#1;a">x</a>'),
    "an unclear reference": quote('<a href="https://t.co/?a&copy=1">x</a>'),
    "userinfo": quote('<a href="https://x.com@evil.test/">x</a>'),
    "no scheme": quote('<a href="//t.co/a">x</a>'),
    "a mention elsewhere": quote('<a href="https://evil.test/">@Bob</a>'),
    "a hashtag elsewhere": quote('<a href="https://t.co/a">#x</a>'),
    "another host shown": quote('<a href="https://evil.test/">bank.example</a>'),
    "another host shown in the permalink": quote(
        link=LINK.replace("November 11, 2025", "bank.example"),
    ),
    "NUL": quote("a\0b"),
    "a control": quote("a\x01b"),
    "a control as a reference": quote("a&#1;b"),
    "an override": quote("a\u202eb"),
    "an override as a reference": quote("a&#8238;b"),
    "an isolate": quote("a\u2066b\u2069"),
    "a hidden mark in a link": quote('<a href="https://t.co/a">x\u200by</a>'),
    "a hidden mark in a name": X_FORM.replace("Ada (", "A\u200bda ("),
    "a noncharacter": quote("a\U0001ffffb"),
    "a surrogate": quote("a\ud800b"),
    "a shortcode": quote("[gallery]"),
    "a shortcode's end": quote("[/gallery]"),
    "a template": quote("{{ 7*7 }}"),
    "a template's tag": quote("{% raw %}"),
    "a shortcode in an href": quote('<a href="https://t.co/?[gallery]">x</a>'),
    "an address alone in a p": quote("https://example.org/video"),
    "an address alone on a line": quote("x\nhttps://example.org/video\ny"),
    "too long": quote("x" * 70_000),
}


@pytest.mark.parametrize("case", WITHIN)
def test_an_embed_within_the_allow_list_may_stay(case: str) -> None:
    assert accept_existing(WITHIN[case]) == WITHIN[case]


@pytest.mark.parametrize("case", OUTSIDE)
def test_anything_outside_the_allow_list_may_not(case: str) -> None:
    assert accept_existing(OUTSIDE[case]) is None


@pytest.mark.parametrize("case", OUTSIDE)
def test_nothing_outside_the_allow_list_is_certified(case: str) -> None:
    with pytest.raises(UpstreamError) as trouble:
        certify_generated(OUTSIDE[case])
    assert trouble.value.reason is Reason.UNSAFE


def test_what_is_within_is_certified_as_it_is_if_it_is_one_line() -> None:
    for embed in WITHIN.values():
        if "\n" in embed:
            with pytest.raises(UpstreamError):
                certify_generated(embed)
        else:
            assert certify_generated(embed) == embed


def test_no_words_stand_beside_the_embed_in_its_frame() -> None:
    assert accept_existing('<div class="tweet-embed" lang="en" dir="ltr">words</div>') is None
    assert accept_existing('<amp-twitter data-tweetid="20">words</amp-twitter>') is None


def test_the_list_says_why_each_line_is_on_it() -> None:
    assert all(line.reason and line.element in ELEMENTS for line in ATTRIBUTES)
    assert all(reason for _, reason in ELEMENTS.values())
    assert {line.attribute for line in ATTRIBUTES if line.element == "a"} == {"href"}


@pytest.mark.parametrize(
    ("markup", "is_one"),
    [
        ('<p lang="en">words <a href="https://a.example/b">there</a><br></p>', True),
        ("<blockquote><p>words</p></blockquote>", True),
        ("<p>words</p><p>more</p>", False),
        ("words", False),
        ("<p>words<b>loud</b></p>", False),
        ("<p>words<p>more</p>", False),
        ("<p><p>words</p></p>", False),
        ('<p style="color: red">words</p>', False),
        ('<p><a href="javascript:alert(1)">words</a></p>', False),
        ("<p>words<!-- aside --></p>", False),
        ("<div><p>words</p><div></div></div>", False),
        ("<tr><td>words</td></tr>", False),
        ("<p>words</p><", False),
        ("", False),
    ],
)
def test_a_browser_reads_one_tree_within_the_allow_list(markup: str, *, is_one: bool) -> None:
    assert is_one_tree(markup) == is_one


@pytest.mark.parametrize(
    "seed",
    [
        "<a ",
        "<!--",
        "<a b='",
        "<p",
        '<a href="x" ',
        "&#",
        "<blockquote class='",
        "[",
        "{",
        "<p>",
        "<br>",
        " ",
        "\n",
        "a.",
        "http://a",
        "<p >  ",
        "\u200b",
        "😍",
    ],
)
def test_the_time_grows_no_faster_than_the_text(seed: str) -> None:
    """At most four times for twice the text, and a little: a quadratic step would show at these
    lengths.
    """

    def seconds(length: int) -> float:
        fragment = (quote(seed * length)[:length] + "</p></blockquote>")[:65_000]
        once = timeit.Timer(lambda: accept_existing(fragment), timer=time.process_time)
        return min(once.repeat(repeat=3, number=1))

    assert seconds(60_000) < 4 * seconds(30_000) + 0.02
    assert seconds(60_000) < 0.25


# --- an embed like a certified one ---


@pytest.mark.parametrize(
    "start",
    [
        '<blockquote class="twitter-tweet">',
        "<blockquote class='twitter-tweet' data-lang='de'>",
        '<blockquote class="twitter-video" data-theme="dark">',
        '<blockquote class="tweet-embed-quote">',
        '<blockquote class="twitter-tweet" onclick="x()">',
        '<blockquote class="twitter-tweet" data-lang="[gallery]">',
        '<blockquote class="twitter-tweet" class="twitter-tweet">',
        '<blockquote class="twitter-tweet" data-width="9999">',
        "<blockquote>",
        "<p>",
        '<div class="twitter-tweet">',
    ],
)
@pytest.mark.parametrize(
    "link",
    [
        '<a href="https://x.com/ada/status/1988150000000000000">',
        '<a href="https://twitter.com/ada/status/1988150000000000000?ref_src=twsrc%5Etfw">',
        "<a href='https://twitter.com/ada/status/1988150000000000000'>",
        '<a href="https://x.com/ada">',
        '<a href="javascript:alert(1)">',
        '<a href="https://evil.example/ada/status/1988150000000000000">',
        '<a href="https://x.com/ada/status/1988150000000000000" onclick="x()">',
        '<a href="https://x.com/ada/status/1988150000000000000" rel="nofollow">',
        "<b>",
    ],
)
def test_an_embed_like_a_certified_one_passes_as_any_embed_does(start: str, link: str) -> None:
    tweet = Tweet(
        "1988150000000000000",
        "Ada & <b>",
        "ada",
        (TweetText("Rain "), TweetLink("https://t.co/abcdefghij", "https://t.co/abcdefghij")),
        "en",
        "ltr",
        "November 11, 2025",
    )
    certified = render_blockquote(tweet, EmbedStyle())
    permalink = '<a href="https://x.com/ada/status/1988150000000000000">'
    fragment = start + certified[certified.index(">") + 1 :].replace(permalink, link)

    assert accept_like(fragment, certified) == accept_existing(fragment)
    assert accept_like(fragment.replace("Rain", "Snow"), certified) is None
    assert accept_like(fragment.replace("November", "December"), certified) is None
