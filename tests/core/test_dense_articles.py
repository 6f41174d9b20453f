"""Articles of nothing but markup are read in part, and take no more memory than there is room for
(docs/decisions/0039).
"""

import subprocess
import sys
from collections.abc import Callable

import pytest
from hostile_articles import OPENING, PERMALINK
from sampling import sampled

from service.core.detect import detect
from service.core.detect.in_markdown import read_source_map
from service.core.html.document import HtmlDocument
from service.core.markdown.blocks import read_blocks
from service.core.mentions import NotPlaceable
from service.core.model import Format, Reason
from service.core.text.markup_growth import without_growth

MIB = 1024 * 1024
SIGNED = "— A (@a) May 5, 2014"
TWEET = f'{OPENING}<p>words</p>{SIGNED} <a href="{PERMALINK}">x</a></blockquote>'
TAGS = "<i></i>" * 100_000
SIGN = "\\* "
MEASURE = """
import sys
from service.core.article import DEFAULT
from service.core.model import Format
from service.pipeline.article_reading import read_article

def peak():
    lines = open("/proc/self/status").read().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024

article, form = sys.stdin.buffer.read().decode(), Format(sys.argv[1])
read_article("<p>x</p>https://x.com/a/status/20", form, DEFAULT)
before = peak()
read_article(article, form, DEFAULT)
print(peak() - before, peak())
"""


def again(unit: str) -> Callable[[int], str]:
    return lambda size: unit * (size // len(unit))


def memory(article: str, written_in: Format) -> tuple[float, float]:
    """Return the MiB that reading takes at its peak in a process of its own, and all of that
    process.
    """
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, written_in.value],
        input=article.encode(),
        stdout=subprocess.PIPE,
        check=True,
    )
    more, whole = map(float, done.stdout.split())
    return more, whole


DENSE: dict[str, tuple[Format, Callable[[int], str]]] = {
    "a table of formatting": (Format.HTML, lambda size: f"<table><tr><td>{again('@<b>')(size)}"),
    "open formatting in a tweet": (Format.HTML, lambda size: OPENING + again("@<b>x")(size)),
    "line breaks": (Format.HTML, again("@<br>")),
    "elements with attributes": (Format.HTML, again("@<x a=b>")),
    "paragraphs beside an emoji": (Format.HTML, lambda size: "\U0001f469" + again("<p>@")(size)),
    "buttons": (Format.MARKDOWN, lambda size: "<button>" * 300 + again("<p>@")(size)),
    "emphasis": (Format.MARKDOWN, lambda size: f"{PERMALINK} " + again("*a* ")(size)),
    "nested emphasis": (
        Format.MARKDOWN,
        lambda size: f"{again('*a ')(size // 2)}{PERMALINK}{again(' b*')(size // 2)}",
    ),
    "a table of ticks": (
        Format.MARKDOWN,
        lambda size: "a|b\n-|-\n" + again("`|")(size) + PERMALINK,
    ),
    "items": (Format.MARKDOWN, again("- @\n")),
    "one paragraph of attributions": (Format.MARKDOWN, again(f"{SIGNED} ")),
}
MOST_EACH = {"emphasis": 300, "a table of formatting": 260}
"""MiB for each MiB of article; before that decision they took 628 and 299."""


@pytest.mark.parametrize("name", sampled(MOST_EACH, "emphasis"))
def test_what_an_article_takes_is_bounded_by_its_length(name: str) -> None:
    written_in, build = DENSE[name]
    more, _ = memory(build(MIB // 8), written_in)
    assert more < MOST_EACH[name] / 8


@pytest.mark.long
@pytest.mark.parametrize("name", DENSE)
def test_the_longest_body_leaves_the_process_below_300_mib(name: str) -> None:
    written_in, build = DENSE[name]
    _, whole = memory(build(2 * MIB), written_in)
    assert whole < 300


def test_an_article_is_read_up_to_its_hundred_thousandth_tag() -> None:
    assert without_growth(TAGS) is TAGS
    assert without_growth(f"{TAGS}</p>x<p>@</p>") == f"{TAGS}</p>x"


@pytest.mark.long
def test_nothing_behind_is_an_element_or_shows() -> None:
    page = HtmlDocument(f"<p>x{TAGS}<p>@</p>")
    assert page.is_cut
    assert len(page.elements) == 100_000
    assert page.runs[-1].end <= len(f"<p>x{TAGS}")
    assert detect(page.source.replace("@", PERMALINK), Format.HTML).embeds == ()


def test_a_longer_article_may_have_more_tags() -> None:
    sparse = f"<i></i>{' ' * 33}" * 110_000
    assert without_growth(sparse) is sparse


@pytest.mark.long
def test_in_such_an_article_tweets_are_named_and_none_is_placed() -> None:
    whole, cut = detect(f"{TWEET}{TAGS[:-700]}", Format.HTML), detect(TWEET + TAGS, Format.HTML)
    assert whole.embeds[0].is_placeable
    assert [one.insertion_point for one in cut.embeds] == [NotPlaceable(Reason.PLACE)]
    assert cut.embeds[0].tweet == whole.embeds[0].tweet
    assert not cut.is_nested


@pytest.mark.long
def test_markdown_is_read_up_to_so_many_blocks() -> None:
    assert not read_blocks("a\n\n" * 200_000).is_cut
    outline = read_blocks("a\n\n" * 200_002)
    assert outline.is_cut
    assert len(outline.blocks) == 200_001


def test_markdown_with_too_many_signs_in_one_block_places_no_embed() -> None:
    many = f"{PERMALINK}\n\n{SIGN * 26_000}/"
    assert read_source_map(many).is_cut
    (embed,) = detect(many, Format.MARKDOWN).embeds
    assert not embed.is_placeable
    assert not read_source_map(many.replace(SIGN, "", 2000)).is_cut
