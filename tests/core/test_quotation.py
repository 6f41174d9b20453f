"""Whose tweet a marked quotation is, and what of its element is the tweet."""

import pytest

from service.core.detect import detect
from service.core.model import Format

ID, OTHER = "1765016916587458617", "1766003416888258617"  # 5 and 8 March 2024
URL = f"https://twitter.com/harbor_desk/status/{ID}"
REPLY = f'<a href="https://twitter.com/lena_quay/status/{OTHER}">Lena Quay</a>'
DATED = f'<a href="{URL}">March 5, 2024</a>'
WORDS = "<p>The ferry line reopens</p>"

OWN = {
    "attribution": f"{WORDS}— Harbor Desk (@harbor_desk) {DATED}",
    "in a footer": f"{WORDS}<footer>— Harbor Desk (@harbor_desk) {DATED}</footer>",
    "in a cite": f"{WORDS}<cite>— Harbor Desk (@harbor_desk) {DATED}</cite>",
    "in a paragraph": f"{WORDS}<p>— Harbor Desk (@harbor_desk) {DATED}</p>",
    "letter case": f"{WORDS}— Harbor Desk (@Harbor_Desk) {DATED}",
    "invisible characters": f"{WORDS}— Harbor Desk (@\u200bharbor_desk) {DATED}",
    "a reply behind": f"{WORDS}— Harbor Desk (@harbor_desk) {DATED}<br>Reply: {REPLY}",
    "a source behind": f"{WORDS}— Harbor Desk (@harbor_desk) {DATED} via {REPLY}",
    "a link among the words": f"<p>See {REPLY}</p>— Harbor Desk (@harbor_desk) {DATED}",
    "no handle in the address": f"{WORDS}— Harbor Desk (@harbor_desk) "
    f'<a href="https://twitter.com/i/web/status/{ID}">March 5, 2024</a>',
    "a day in another time zone": f"{WORDS}— Harbor Desk (@harbor_desk) "
    f'<a href="{URL}">March 6, 2024</a>',
    "an attribution that is a link": f'{WORDS}<a href="{URL}">— Harbor Desk (@harbor_desk)</a>',
    "no handle": f"{WORDS}— Harbor Desk {DATED}",
    "a dated link": f"{WORDS}<p>{DATED}</p>",
    "alone in the last paragraph": f'{WORDS}<p><a href="{URL}">{URL}</a></p>',
    "a date before the link": f"{WORDS}— Harbor Desk (@harbor_desk) March 5, 2024"
    f' <a href="{URL}">link</a>',
    "words that hold an attribution": "<p>Quote — Ada (@ada) May 5, 2014</p>"
    f"— Harbor Desk (@harbor_desk) {DATED}",
    "a stub": f'<a href="{URL}">Loading</a>',
    "an empty stub": f'<p><a href="{URL}"></a></p>',
}
NOBODY = {
    "the only link among the words": f'<p>So <a href="{URL}">this</a></p>— Old Pier (@old_pier)',
    "words and a link": f'<p>words <a href="{URL}">twitter.com/harbor…</a></p>',
    "another's permalink": f"{WORDS}— Old Pier (@old_pier) {DATED}",
    "another day": f'{WORDS}— Harbor Desk (@harbor_desk) <a href="{URL}">March 9, 2024</a>',
}


@pytest.mark.parametrize("content", OWN.values(), ids=OWN)
def test_the_permalink_that_closes_the_attribution_counts(content: str) -> None:
    article = f'<blockquote class="twitter-tweet">{content}</blockquote>'
    (one,) = detect(article, Format.HTML).embeds

    assert one.tweet is not None
    assert one.tweet.id == ID


@pytest.mark.parametrize("content", NOBODY.values(), ids=NOBODY)
def test_another_permalink_does_not(content: str) -> None:
    article = f'<blockquote class="twitter-tweet">{content}</blockquote>'
    embeds = detect(article, Format.HTML).embeds

    assert [one.tweet for one in embeds] == [None]


def test_attributes_count_where_no_attribution_contradicts_them() -> None:
    for name in ("data-tweet-id", "data-id"):
        agreeing = f'<blockquote class="twitter-tweet" {name}="{ID}">{WORDS}</blockquote>'
        other = f'<div class="twitter-tweet" {name}="{OTHER}">{OWN["attribution"]}</div>'
        (one,), (two,) = (detect(each, Format.HTML).embeds for each in (agreeing, other))
        assert one.tweet is not None
        assert two.tweet is not None
        assert (one.tweet.id, two.tweet.id) == (ID, ID)


@pytest.mark.parametrize(
    "content",
    [
        "",
        WORDS,
        '<a href="https://twitter.com/share">Tweet</a>',
        f'<p>See <a href="{URL}">it</a></p>',
    ],
)
def test_a_marked_div_that_states_nothing_is_no_mention(content: str) -> None:
    assert detect(f'<div class="twitter-tweet">{content}</div>', Format.HTML).embeds == ()


def test_the_span_ends_behind_the_permalink_where_the_article_goes_on() -> None:
    tweet = f'<blockquote class="twitter-tweet">{WORDS}<p>— Harbor Desk (@harbor_desk) {DATED}</p>'
    article = f"{tweet}\n<p>The queue.</p><h2>Next</h2></blockquote>"
    (one,) = detect(article, Format.HTML).embeds

    assert article[one.span.start : one.span.end] == tweet
