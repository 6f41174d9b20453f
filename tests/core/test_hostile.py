"""Detection costs what the length of an article is worth, whatever is in it
(docs/decisions/0001).
"""

import gc
import sys
import time
from collections import Counter
from collections.abc import Callable
from types import FrameType

import pytest
from hostile_articles import OPENING, PERMALINK, REPEATED_KINDS, WITHIN_KINDS
from sampling import sampled

from service.core.article import DEFAULT
from service.core.detect import detect
from service.core.model import Format
from service.pipeline.article_reading import read_article

Build = Callable[[int], str]

GROWTH = 2.6  # times the time for twice the length
KIB = 1024
ENOUGH_S = 0.01  # a run this long can be compared with another
SIGNED = "— A (@a) May 5, 2014"
LINKED = f'{OPENING}words — A (@a) <a href="{PERMALINK}">May 5, 2014</a>'
TRUE_LINK = f'<a href="{PERMALINK}">November 11, 2025</a>'
TRUE = f"<p>words</p>— A (@a) {TRUE_LINK}"
LAZY = '<iframe data-src="https://platform.x.com/embed/Tweet.html?id=1988150000000000000"></iframe>'


def again(unit: str) -> Build:
    return lambda size: (unit * (size // len(unit) + 1))[:size]


def nested(opening: str, middle: str, closing: str) -> Build:
    def build(size: int) -> str:
        depth = size // (len(opening) + len(closing))
        return opening * depth + middle + closing * depth

    return build


def within(before: str, unit: str, after: str) -> Build:
    return lambda size: before + unit * (size // len(unit)) + after


REPEATED = {
    "open tags": "<a ",
    "open comments": "<!--",
    "open attributes": "<a b='",
    "half a tag": "<p",
    "attribute after attribute": '<a href="x" ',
    "comment and script": "<!--<script",
    "odd comment ends": "<!--a--!>",
    "references": "&#",
    "references without semicolon": "&notit;@",
    "cdata": "<![CDATA[",
    "divs": "<div>",
    "divs with words": "<div>@",
    "foreign raw text": "<svg><style>",
    "half permalinks": "https://x.com/",
    "permalinks": PERMALINK + " ",
    "permalinks on lines": PERMALINK + "\n",
    "permalinks in paragraphs": f"<p>{PERMALINK}</p>",
    "anchors on lines": '<a href="https://t.co/abcdefghij">x</a><br>',
    "half short links": "https://t.co/",
    "short links": "https://t.co/abcdefghij",
    "short links on lines": "https://t.co/abcdefghij\n",
    "mirrors": "nitter.",
    "dots": "a.b.",
    "ats": "@",
    "brackets": "(@",
    "handles": "(@a) ",
    "dashes": "— ",
    "handles behind dashes": "— (@a) ",
    "handles and dates": "(@a) May 5, 2014 ",
    "half dates": "(@a) May ",
    "invisible marks": "(@a)\u200b\u200b",
    "attributions": f"{SIGNED} ",
    "attributions on lines": f"words {SIGNED}\n",
    "attributions in paragraphs of text": f"words {SIGNED}\n\n",
    "attributions on lines of their own": f"words\n\n{SIGNED}\n\n",
    "attributions in paragraphs": f"<p>words {SIGNED}</p>",
    "attributions between br": f"words {SIGNED}<br>",
    "blank lines with a trace": "@ \n\n",
    "frames with copies": f"{LAZY}<noscript>{LAZY}</noscript>",
    "frames in a noscript": f"<noscript>{LAZY}",
    "attributions in cites": f"<p>words</p><cite>{SIGNED}</cite>",
    "attributions with nothing around": f"{SIGNED}<p></p>",
    "indented tags": "    <b>\n\n",
    "elements of the page's own": f"<x-a b=1>{PERMALINK}",
    "br": "@<br>",
    "open formatting": "<b>@",
    "open formatting across paragraphs": "<p><b>@",
    "open fonts": "<font color=red>@",
    "open links": "<a>@",
    "open tables": "<table><tr><td>@",
    "stray tables": "<table>@",
    "stray ends": "</p>@",
    "blocks in formatting": "<b><div>@",
    "block delimiters": "<!-- wp:paragraph -->",
    "blocks": f"<!-- wp:paragraph --><p>{SIGNED}</p><!-- /wp:paragraph -->",
    "unclosed tweets": OPENING,
    "unclosed tweets with permalinks": f'{OPENING}<a href="{PERMALINK}">x</a>',
    "unclosed tweets with attributions": LINKED,
    "closed tweets": f"{LINKED}</blockquote>",
    "unclosed tweets of their day": f"{OPENING}{TRUE}",
    "closed tweets of their day": f"{OPENING}{TRUE}</blockquote>",
    "unclosed divs that are tweets": f'<div class="twitter-tweet">{TRUE}',
    "unclosed quotes of their day": f"<blockquote>{TRUE}",
    "unclosed figures with tweets": f'<figure class="kg-embed-card">{OPENING}{TRUE}',
    "unclosed noscripts with tweets": f"<noscript>{OPENING}{TRUE}</noscript>",
    "unclosed quotes with attributions": f"<blockquote>{SIGNED}",
    "quotes with attributions": f"<blockquote><p>words</p><p>{SIGNED}</p></blockquote>",
    "code spans": "`@",
    "fences": "```\n@",
    "half links": "[@](",
    "half images": "![@",
}
BUILT: dict[str, Build] = {
    "nested tweets": nested(OPENING, f'{SIGNED} <a href="{PERMALINK}">x</a>', "</blockquote>"),
    "nested tweets, each with a permalink": nested(LINKED, "", "</blockquote>"),
    "nested tweets of their day": nested(f"{OPENING}{TRUE}", "", "</blockquote>"),
    "nested quotes of their day": nested(f"<blockquote>{TRUE}", "", "</blockquote>"),
    "nested figures with tweets": nested(
        f'<figure class="kg-embed-card">{OPENING}{TRUE}</blockquote>', "", "</figure>"
    ),
    "nested quotes, each with an attribution": nested(f"<blockquote>{SIGNED}", "", "</blockquote>"),
    "nested divs around an attribution": nested("<div>", SIGNED, "</div>"),
    "nested formatting around an attribution": nested("<b>", SIGNED, "</b>"),
    "nested lists": nested("<ul><li>@", SIGNED, "</li></ul>"),
    "a quote of attributions": within("<blockquote>", f"{SIGNED} ", "</blockquote>"),
    "a tweet of permalinks": within(OPENING, f'<a href="{PERMALINK}">x</a>', "</blockquote>"),
    "a paragraph of formatting": within("<p>", "<b>x</b>@", f"{SIGNED}</p>"),
    "a paragraph of formatting and attributions": within("<p>", f"<b>x</b> {SIGNED} ", "</p>"),
    "a paragraph of open formatting and attributions": within("<p>", f"<b>x {SIGNED} ", "</p>"),
    "a paragraph of lone links": within(
        "<p>",
        '<a href="https://t.co/abcdefghij">x</a><br>',
        "</p>",
    ),
    "a long name": within("— ", "A ", "(@a) May 5, 2014"),
    "a long accent": within("@a", "\u0301", ""),
    "a long id": within("https://x.com/a/status/", "1", ""),
    "a long query": within(f"{PERMALINK}?", "a=b&", ""),
    "a long day": within("(@a) ", "5", ""),
    "a long blank": within("@", " ", "t.co/"),
    "a long class": within('<blockquote class="', "a ", 'twitter-tweet">@</blockquote>'),
    "a long host": within("@", "a.", "x.com/"),
}
SEEDS: dict[str, Build] = (
    {name: again(unit) for name, unit in (REPEATED | REPEATED_KINDS).items()}
    | {name: within(*parts) for name, parts in WITHIN_KINDS.items()}
    | BUILT
)
HTML_ONLY = {name for name, build in SEEDS.items() if build(100).startswith("<")}
EVERYWHERE = [(name, written_in) for name in SEEDS for written_in in Format]
TELLING = [
    (name, written_in)
    for name, written_in in EVERYWHERE
    if written_in is Format.HTML or name not in HTML_ONLY
]
EACH_IN_ONE = [
    (name, Format.HTML if name in HTML_ONLY else list(Format)[number % len(Format)])
    for number, name in enumerate(SEEDS)
    if name not in REPEATED_KINDS.keys() | WITHIN_KINDS
]
BUSY = 12  # times that a measurement is repeated: other programs make single ones worthless


def cost(article: str, written_in: Format) -> float:
    """Return the seconds of processor time that reading takes, collection of garbage aside."""
    gc.disable()
    try:
        began = time.process_time()
        read_article(article, written_in, DEFAULT)
        return time.process_time() - began
    finally:
        gc.enable()


def calls(article: str) -> int:
    """Return how many functions reading an article calls: the same each time, as time is not."""
    called = Counter[str]()

    def count(_frame: FrameType, event: str, _: object) -> None:
        called[event] += 1

    sys.setprofile(count)
    try:
        read_article(article, Format.HTML, DEFAULT)
    finally:
        sys.setprofile(None)
    return called["call"] + called["c_call"]


def growth(build: Build, written_in: Format, size: int) -> float:
    """Return how many times longer twice the length takes: the best of each, measured until that is
    clear.
    """
    half, whole = build(size // 2), build(size)
    least_half = least_whole = float("inf")
    for _ in range(BUSY):
        least_half, least_whole = (
            min(least_half, cost(half, written_in)),
            min(least_whole, cost(whole, written_in)),
        )
        if least_whole < GROWTH * least_half:
            break
    return least_whole / least_half


@pytest.mark.parametrize(("name", "written_in"), sampled(TELLING, *EACH_IN_ONE))
def test_twice_the_length_takes_at_most_two_and_a_half_times_the_time(
    name: str,
    written_in: Format,
) -> None:
    build = SEEDS[name]
    size = 4 * KIB
    while (taken := cost(build(size), written_in)) < ENOUGH_S and size < 256 * KIB:
        size *= 2 if taken > ENOUGH_S / 8 else 8
        size = min(size, 256 * KIB)
    # What grows faster does so at every size; a machine that slows down for a moment does not.
    assert taken < ENOUGH_S or any(
        growth(build, written_in, size * times) <= GROWTH for times in (1, 2, 1)
    )


def test_attributions_on_one_line_are_no_trouble() -> None:
    build = SEEDS["attributions with nothing around"]
    assert growth(build, Format.TEXT, 128 * KIB) <= GROWTH


@pytest.mark.long
@pytest.mark.parametrize(("name", "written_in"), EVERYWHERE)
def test_the_same_up_to_a_mebibyte(name: str, written_in: Format) -> None:
    assert growth(SEEDS[name], written_in, KIB * KIB) <= GROWTH


TOO_DEEP = [name for name in SEEDS if "unclosed" in name or "nested" in name]


@pytest.mark.parametrize(
    "name",
    sampled(TOO_DEEP, "unclosed tweets of their day", "nested quotes, each with an attribution"),
)
def test_where_a_parser_stops_to_nest_is_no_step(name: str) -> None:
    in_64_kib = SEEDS[name](64 * KIB).count("<blockquote") or 1
    size = 64 * KIB * 700 // in_64_kib  # of 350 deep to 700 deep: a parser nests 512 deep
    assert growth(SEEDS[name], Format.HTML, min(size, 128 * KIB)) <= GROWTH


@pytest.mark.parametrize(
    "name",
    sampled(WITHIN_KINDS, "a tweet of dated links", "a tweet of links to itself"),
)
def test_nothing_in_a_tweet_is_looked_back_over_for_each_link(name: str) -> None:
    assert growth(SEEDS[name], Format.HTML, 128 * KIB) <= GROWTH


CUT_OFF = [
    (name, around)
    for name in ("true tweets", "tweets with words of the article's", "closed tweets of their day")
    for around in ("", '<div class="entry"><section>')
]


@pytest.mark.parametrize(("name", "around"), sampled(CUT_OFF, CUT_OFF[2], CUT_OFF[5]))
def test_where_an_article_is_cut_off_is_no_step(name: str, around: str) -> None:
    """Behind its permalink, a tweet that nobody closed is one; before it, it is none."""
    unit = (REPEATED | REPEATED_KINDS)[name]
    articles = [
        around + unit * (16 * KIB // len(unit)) + unit[: unit.index(cut) + len(cut)]
        for cut in ("<blockquote", "</a>")
    ]
    for article in articles:
        calls(article)  # what is remembered of words is remembered of both, then
    none, one = (calls(article) for article in articles)
    assert one < 1.5 * none


def test_there_are_forty_seeds_and_more() -> None:
    assert len(SEEDS) >= 40


@pytest.mark.parametrize("tag", ["div", "b", "blockquote", "a", "span", "ul"])
def test_depth_is_no_trouble(tag: str) -> None:
    article = f"<{tag}>" * 10_000 + SIGNED
    assert len(detect(article, Format.HTML).embeds) <= 1


@pytest.mark.long
@pytest.mark.parametrize("tag", ["div", "b", "blockquote", "a", "span", "ul"])
def test_a_hundred_thousand_levels_are_no_trouble(tag: str) -> None:
    article = f"<{tag}>" * 100_000 + SIGNED
    assert len(detect(article, Format.HTML).embeds) <= 1


def test_an_article_without_a_trace_of_a_tweet_is_not_read() -> None:
    article = "<p>Words, and <b>more</b> words; nothing to see.</p>\n" * 20_000
    assert cost(article, Format.HTML) < 0.1
    assert detect(article, Format.HTML).embeds == ()


PLAIN = {
    "a table": "| x | y |\n|---|---|\n" + "| words | other words |\n" * 16_000,
    "headings": "# words @a\n" * 34_000,
    "paragraphs": "words @a\n\n" * 37_000,
}


@pytest.mark.parametrize("article", PLAIN.values(), ids=PLAIN)
def test_markdown_that_can_hold_no_tweet_is_hardly_read(article: str) -> None:
    assert cost(f"{article}\n\nhttps://x.com/a/status/20\n", Format.MARKDOWN) < 0.75  # 370 kB
