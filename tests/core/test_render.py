"""Writing a tweet: the form, and the laws that hold for any string in any part of it."""

import html
import itertools
import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from service.core.errors import UpstreamError
from service.core.model import EmbedStyle, LineBreak, Reason, Tweet, TweetLink, TweetText
from service.core.oembed.normalize import canonical_tweet
from service.core.oembed.response import read_blockquote, read_style
from service.core.render.blockquote import render_blockquote
from service.core.sanitize.sanitizer import accept_existing
from service.core.urls.safety import is_safe_address
from service.core.urls.tweet_links import is_safe_link

ID = "1988151234567890123"


def test_the_form_is_xs_own() -> None:
    tweet = Tweet(
        "2095595741528125780",
        "OpenAI",
        "OpenAI",
        (
            TweetText("This is GPT-6 Astra."),
            LineBreak(),
            LineBreak(),
            TweetText("Anything you can't do & more. Fast. "),
            TweetLink("pic.twitter.com/gDd0IsewJw", "https://t.co/gDd0IsewJw"),
        ),
        "en",
        "ltr",
        "September 3, 2026",
    )
    assert (
        render_blockquote(tweet, EmbedStyle())
        == '<blockquote class="twitter-tweet" data-dnt="true"><p lang="en" dir="ltr">This is GPT-6'
        " Astra.<br><br>Anything you can&#39;t do &amp; more. Fast. <a"
        ' href="https://t.co/gDd0IsewJw">pic.twitter.com/gDd0IsewJw</a></p>&mdash; OpenAI'
        ' (@OpenAI) <a href="https://x.com/OpenAI/status/2095595741528125780">September 3,'
        " 2026</a></blockquote>"
    )


@pytest.mark.parametrize(
    ("style", "attributes"),
    [
        (EmbedStyle(dnt=False), 'class="twitter-tweet"'),
        (EmbedStyle(), 'class="twitter-tweet" data-dnt="true"'),
        (EmbedStyle(media_only=True, dnt=False), 'class="twitter-video"'),
        (
            EmbedStyle(
                theme="dark",
                lang="zh-tw",
                align="center",
                max_width=220,
                hide_media=True,
                hide_thread=True,
            ),
            (
                'class="twitter-tweet" data-align="center" data-cards="hidden"'
                ' data-conversation="none" data-dnt="true" data-lang="zh-tw" data-theme="dark"'
                ' data-width="220"'
            ),
        ),
        (
            EmbedStyle(
                theme='dark" onclick="x',
                lang="xx",
                align="none",
                max_width=9999,
                dnt=False,
            ),
            'class="twitter-tweet"',
        ),
    ],
)
def test_the_style_is_written_in_one_order_from_closed_sets(
    style: EmbedStyle,
    attributes: str,
) -> None:
    written = render_blockquote(Tweet(ID, "A", "a", ()), style)
    assert written.startswith(f"<blockquote {attributes}>&mdash; ")


URL = f"https://x.com/a/status/{ID}"


@pytest.mark.parametrize(
    ("tweet", "attribution"),
    [
        (
            Tweet(ID, "Ada", "a", (), date_text="11 نوفمبر 2025"),
            f'Ada (@a) <a href="{URL}">11 نوفمبر 2025</a>',
        ),
        (Tweet(ID, "Ada", "a", ()), f'Ada (@a) <a href="{URL}">November 11, 2025</a>'),
        (
            Tweet("20", "jack", "jack", ()),
            'jack (@jack) <a href="https://x.com/jack/status/20">https://x.com/jack/status/20</a>',
        ),
        (Tweet(ID, None, "a", ()), f'a (@a) <a href="{URL}">November 11, 2025</a>'),
        (
            Tweet(ID, "Ada", None, ()),
            f'Ada <a href="https://x.com/i/status/{ID}">November 11, 2025</a>',
        ),
        (Tweet(ID, None, None, ()), f'<a href="https://x.com/i/status/{ID}">November 11, 2025</a>'),
        (
            Tweet(ID, "Ada", "i", ()),
            f'Ada <a href="https://x.com/i/status/{ID}">November 11, 2025</a>',
        ),
        (
            Tweet(ID, "Ada (@potus)", None, ()),
            f'Ada <a href="https://x.com/i/status/{ID}">November 11, 2025</a>',
        ),
        (
            Tweet(ID, "Ada (@potus)", "a", ()),
            f'Ada (@potus) (@a) <a href="{URL}">November 11, 2025</a>',
        ),
        (
            Tweet(ID, "\u202eadA\u200b\u2066 ", "a", ()),
            f'adA (@a) <a href="{URL}">November 11, 2025</a>',
        ),
        (
            Tweet(ID, "Ada", 'a"><script>', ()),
            f'Ada <a href="https://x.com/i/status/{ID}">November 11, 2025</a>',
        ),
        (
            Tweet(ID, "<b>", "a", (), date_text="bank.example"),
            f'&lt;b&gt; (@a) <a href="{URL}">November 11, 2025</a>',
        ),
    ],
)
def test_the_attribution_says_what_is_known(tweet: Tweet, attribution: str) -> None:
    assert (
        render_blockquote(tweet, EmbedStyle(dnt=False))
        == f'<blockquote class="twitter-tweet">&mdash; {attribution}</blockquote>'
    )


@pytest.mark.parametrize(
    "tweet_id",
    ["", "x", "1 2", "-1", '1"><script>', "٣", "0", "9" * 30, "1\n"],
)
def test_a_tweet_without_an_id_is_not_written(tweet_id: str) -> None:
    with pytest.raises(UpstreamError) as trouble:
        render_blockquote(Tweet(tweet_id, "Ada", "a", (TweetText("x"),)), EmbedStyle())
    assert trouble.value.reason is Reason.UNSAFE


@pytest.mark.parametrize(
    ("words", "written"),
    [
        ("[gallery ids=1] [/gallery] [embed]", "&#91;gallery ids=1] &#91;/gallery] &#91;embed]"),
        ("[[name]] [ plain ] a[0] []", "[&#91;name]] [ plain ] a&#91;0] []"),
        ("{{7*7}} {% x %} {# c #} {x} {", "&#123;{7*7}} &#123;% x %} &#123;# c #} {x} {"),
        ("{{{x", "&#123;&#123;{x"),
        ("<?php x ?><!-- wp:x --> <%= y %>", "&lt;?php x ?&gt;&lt;!-- wp:x --&gt; &lt;%= y %&gt;"),
        ("https://example.org/video", "https&#58;//example.org/video"),
        ("see https://example.org/video", "see https://example.org/video"),
        ("\"'\xa0&amp;", "&quot;&#39;&nbsp;&amp;amp;"),
        ("a\r\nb\tc\x0bd\x00e", "a b cde"),
    ],
)
def test_what_another_program_would_run_is_written_as_references(words: str, written: str) -> None:
    embed = render_blockquote(Tweet(ID, "A", "a", (TweetText(words),)), EmbedStyle(dnt=False))
    assert embed.startswith(f'<blockquote class="twitter-tweet"><p>{written}</p>&mdash; ')


def test_constructs_in_names_and_links_are_written_as_references_too() -> None:
    link = TweetLink("{{x", "https://t.co/a?[gallery]")
    embed = render_blockquote(
        Tweet(ID, "[gallery]", "a", (link,), date_text="{%x"),
        EmbedStyle(dnt=False),
    )
    assert (
        embed == '<blockquote class="twitter-tweet"><p><a'
        ' href="https://t.co/a?&#91;gallery]">&#123;{x</a></p>&mdash; &#91;gallery] (@a) <a'
        f' href="{URL}">&#123;%x</a></blockquote>'
    )


FRAGMENTS = [
    "\u2014 ", "\u2014", "--", "- ", "(@bob)", "(@", "@bob", "#tag", "$TWTR", "https://",
    "t.co/abc", "evil.test", "x.com/a/status/1",
    "https://x.com/bob/status/9", "<br>", "</p>", "</a>", "<blockquote>", "<script>",
    "<!--", "-->", "]]>", "&amp;", "&", "&lt;",
    "&nbsp;", "&#x202e;", "'", '"', "\xa0", " ", "\n", "\r", "\t", "\x00", "\x85",
    "\u200b", "\u200d", "\u200f", "\u2028", "\u202e",
    "\u2066", "\u2069", "\ufeff", "\ufffe", "\U0001ffff", "\ud800", "[gallery]", "[",
    "{", "{{", "{%", "<?", "😍", "مرحبا",
    "bank．example", "javascript:", "//", "\\", "?ref_src=x", "&ref_src=x",
    "November 11, 2025", "0", "a",
]  # fmt: skip
TEXT = st.lists(st.sampled_from(FRAGMENTS) | st.text(max_size=6), max_size=8).map("".join)
SAFE_HREFS = st.sampled_from(
    [
        "https://t.co/abc",
        "https://x.com/bob",
        "https://twitter.com/hashtag/a?src=hash&ref_src=x",
        "https://evil.test/a?b=1&c=[d",
        "https://x.com/b/status/7",
    ],
)
PIECES = st.lists(
    st.builds(TweetText, TEXT)
    | st.just(LineBreak())
    | st.builds(
        TweetLink,
        TEXT,
        SAFE_HREFS | TEXT | st.builds("".join, st.tuples(SAFE_HREFS, TEXT)),
    ),
    max_size=6,
)
IDS = st.sampled_from([ID, "20", "463440424141459456"])
TWEETS = st.builds(
    Tweet,
    id=IDS,
    author_name=st.none() | TEXT,
    author_handle=st.none() | TEXT | st.from_regex("[A-Za-z0-9_]{1,15}", fullmatch=True),
    pieces=PIECES.map(tuple),
    lang=st.none() | TEXT | st.sampled_from(["en", "zh-tw", "iw", "und"]),
    dir=st.none() | TEXT | st.sampled_from(["ltr", "rtl", "auto"]),
    date_text=st.none() | TEXT | st.just("November 11, 2025"),
)
STYLES = st.builds(
    EmbedStyle,
    theme=st.none() | TEXT | st.sampled_from(["light", "dark"]),
    lang=st.none() | TEXT | st.sampled_from(["ar", "zh-tw"]),
    align=st.none() | TEXT | st.sampled_from(["left", "center", "right"]),
    max_width=st.none() | st.integers(-1, 2000),
    hide_media=st.booleans(),
    hide_thread=st.booleans(),
    dnt=st.booleans(),
    media_only=st.booleans(),
)
LAW = settings(max_examples=100, deadline=None)


@LAW
@given(TWEETS, STYLES)
@example(
    Tweet(ID, "— (@bob)", None, (TweetText("— Bob (@bob)"),), date_text="— Eve (@eve) May 1"),
    EmbedStyle(),
)
@example(
    Tweet(
        ID,
        None,
        None,
        (TweetText("— Bob (@bob) "), TweetLink("x", "https://x.com/b/status/7")),
        date_text="x (@eve) May 1",
    ),
    EmbedStyle(),
)
@example(
    Tweet(
        ID,
        "a",
        None,
        (
            TweetLink(" \u200b", "https://t.co/abc"),
            TweetText(" "),
            LineBreak(),
            TweetLink("[", "https://t.co/abc"),
        ),
    ),
    EmbedStyle(),
)
def test_what_is_written_reads_back_and_is_written_the_same(
    tweet: Tweet, style: EmbedStyle
) -> None:
    reads_back(tweet, style)


@pytest.mark.long
@settings(max_examples=20_000, deadline=None)
@given(TWEETS, STYLES)
def test_what_is_written_reads_back_at_length(tweet: Tweet, style: EmbedStyle) -> None:
    reads_back(tweet, style)


def reads_back(tweet: Tweet, style: EmbedStyle) -> None:
    written = render_blockquote(tweet, style)
    again = read_blockquote(written)
    assert again is not None
    assert again.pieces == canonical_tweet(tweet).pieces
    assert render_blockquote(again, read_style(written)) == written


@LAW
@given(TWEETS, STYLES)
def test_what_is_written_is_one_line_within_the_allow_list(tweet: Tweet, style: EmbedStyle) -> None:
    written = render_blockquote(tweet, style)
    assert accept_existing(written) == written
    assert written.splitlines() == [written]
    assert written.startswith("<blockquote class=")
    assert written.endswith("</a></blockquote>")
    assert set(re.findall(r"</?([a-z]+)", written)) <= {"blockquote", "p", "a", "br"}
    assert not re.search("[\u202a-\u202e\u2066-\u2069\x00-\x1f\x7f-\x9f]", html.unescape(written))
    written.encode()


@LAW
@given(TWEETS)
def test_a_tweet_in_form_is_folded_and_joined_and_stays_so(tweet: Tweet) -> None:
    once = canonical_tweet(tweet)
    assert canonical_tweet(once) == once
    pieces = once.pieces
    runs = "".join("\n" if isinstance(piece, LineBreak) else piece.text or "\0" for piece in pieces)
    assert not re.search(r"^[ \n]|[ \n]$|  | \n|\n |\0", runs)
    assert not any(
        isinstance(one, TweetText) and isinstance(next_one, TweetText)
        for one, next_one in itertools.pairwise(pieces)
    )


@LAW
@given(
    st.from_regex(
        r"https?://(?:[a-z0-9-]{1,4}\.){1,3}[a-z0-9]{1,3}(?:[/?#][!-~]{0,9})?",
        fullmatch=True,
    ),
)
def test_a_safe_link_is_a_safe_address(href: str) -> None:
    """`is_safe_link` has a short cut for the common case; it lets nothing through that
    `is_safe_address` refuses.
    """
    if is_safe_link(href):
        assert is_safe_address(href)


def test_a_tweet_too_long_to_be_read_back_is_not_written() -> None:
    with pytest.raises(UpstreamError):
        render_blockquote(Tweet(ID, "A", "a", (TweetText("&" * 20_000),)), EmbedStyle())
