"""X's own embed read without a parser says what the parser says."""

import json
from random import Random

import pytest

from service.core.oembed.response import read_blockquote, read_oembed
from service.core.oembed.x_embed import read_x_embed

TWEET = "1788000000000000000"
LINK = f"https://twitter.com/ada/status/{TWEET}?ref_src=twsrc%5Etfw"
PIECES = [
    *("words", " ", "  ", "\n", "a &amp; b", "&lt;b&gt;", "&quot;", "&#39;", "&nbsp;", "<br>"),
    *("<br/>", "— Ben", "(@ben)", "سلام", "😀", "\u200b", "\u202e", "May 3, 2020", "&", "&copy;"),
    '<a href="https://t.co/Abcdefgh01">https://t.co/Abcdefgh01</a>',
    '<a href="https://t.co/Abcdefgh01">pic.twitter.com/Abcdefgh01</a>',
    '<a href="https://twitter.com/hashtag/a?src=hash&amp;ref_src=twsrc%5Etfw">#a</a>',
    '<a href="https://twitter.com/ben?ref_src=twsrc%5Etfw">@ben</a>',
    '<a href="https://twitter.com/ben/status/20">quoted</a>',
    '<a href="javascript:alert(1)">x</a>',
    '<a href="https://example.org/?a=1&amp;b=2" rel="nofollow">shown</a>',
    "<b>bold</b>",
    '<img src="a.png" alt="b">',
    "</p><p>",
    "\0",
    "\r\n",
    "<!-- -->",
    "< 3",
]
NAMES = [
    *("Ada", "Ada Example", "A &amp; B", "Ada (@b) May 3, 2020", "—", "Ada — B", "&lt;Ada&gt;", ""),
    *("العربية", "Ada\n", "Ada &copy;", " Ada ", "\u200bAda", "(@ada)"),
]
SCRIPT = '<script async src="https://platform.x.com/widgets.js" charset="utf-8"></script>'
START, BEHIND = '<blockquote class="twitter-tweet">', f"</blockquote>\n{SCRIPT}\n\n"
VIDEO = '<blockquote class="twitter-video" data-dnt="true"><p lang="de">'
DATED = '<a href="{link}">May 8, 2024</a>'
SHAPES = [
    *[f'{START}<p lang="en" dir="ltr">{{words}}</p>&mdash; {{name}} (@ada) {DATED}{BEHIND}'] * 3,
    f'{START}<p dir="rtl">{{words}}</p>— {{name}} (@Ada) <a href="{{link}}">٨ مايو</a>{BEHIND}',
    f"{START}<p>{{words}}</p>&mdash; {{name}} (@other) {DATED}{BEHIND}",
    f"{START}<p>{{words}}</p>&mdash; {{name}} (@ada) {DATED} and more{BEHIND}",
    f"{VIDEO}{{words}}</p>&mdash; {{name}} (@ada) {DATED}</blockquote>",
]


def made_embed(chance: Random) -> str:
    words = "".join(chance.choices(PIECES, k=chance.randrange(6)))
    return chance.choice(SHAPES).format(words=words, name=chance.choice(NAMES), link=LINK)


def hold(seed: int, embeds: int) -> None:
    chance = Random(seed)  # noqa: S311 - the same embeds each time
    short = 0
    for _ in range(embeds):
        markup = made_embed(chance)
        if read_x_embed(markup) is None:
            continue
        short += 1
        body = json.dumps({"html": markup}).encode()
        assert read_oembed(TWEET, body) == read_blockquote(markup), markup
    assert short > embeds / 8, short


def test_what_is_read_without_a_parser_is_what_the_parser_reads() -> None:
    hold(1, 1_000)


@pytest.mark.long
def test_what_is_read_without_a_parser_is_what_the_parser_reads_many_times_over() -> None:
    for seed in range(2, 102):
        hold(seed, 1_000)


@pytest.mark.parametrize(
    "words",
    [
        '<a href="https://twitter.com/ben/status/20">quoted</a>',
        "Said (@ben) May 3, 2020",
        "<script>alert(1)</script>",
        "&copy;",
        "</p><p>",
    ],
)
def test_other_words_are_left_to_the_parser(words: str) -> None:
    assert read_x_embed(SHAPES[0].format(words="words", name="Ada", link=LINK)) is not None
    assert read_x_embed(SHAPES[0].format(words=words, name="Ada", link=LINK)) is None
