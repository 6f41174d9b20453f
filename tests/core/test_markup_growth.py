"""A few kilobytes of markup become no gigabytes of tree (docs/decisions/0037)."""

import pytest
import turbohtml

from service.core.detect import detect
from service.core.html.document import HtmlDocument
from service.core.model import Format
from service.core.text.markup_growth import without_growth

FONTS = "".join(f'<font color="{number}">' for number in range(400))
WIDE = "<b " + " ".join(f'a{number}="x"' for number in range(1000)) + ">"
ROOTS = "".join(f'<html a{number}="x">' for number in range(2000))
PARAGRAPHS = "<p>@" * 4000
GROWING = {
    "formatting that nobody closed": f"<p>{FONTS}</p>{PARAGRAPHS}",
    "the same in capitals": f"<p>{FONTS.upper()}</p>{PARAGRAPHS}",
    "the same, parted by slashes": f"<p>{FONTS.replace(' ', '/')}</p>{PARAGRAPHS}",
    "formatting behind a quote that opens nothing": f'<p><b a"b>{FONTS}</p>{PARAGRAPHS}"',
    "one with many attributes": f"<p>{WIDE}</p>{PARAGRAPHS}",
    "one with more behind a quoted bracket": f"<p>{WIDE.replace('x', '>', 1)}</p>{PARAGRAPHS}",
    "a link with many attributes": f"<p>{WIDE.replace('<b', '<a')}</p>{PARAGRAPHS}",
}


def attributes_in_tree(source: str) -> int:
    """Return how many elements and attributes there are in the tree of a source."""
    root = turbohtml.parse_fragment(source)
    return sum(1 + len(element.attrs) for element in root.iter_elements())


@pytest.mark.parametrize("article", GROWING.values(), ids=GROWING)
def test_a_tree_is_no_larger_than_what_is_written(article: str) -> None:
    calm = without_growth(article)
    assert len(calm) == len(article)
    assert attributes_in_tree(calm) < len(article)


@pytest.mark.parametrize("article", GROWING.values(), ids=GROWING)
def test_an_article_is_read_by_that_tree(article: str) -> None:
    tags = {element.tag for element in HtmlDocument(article).elements}
    assert tags.isdisjoint({"font", "b", "a"})


def test_no_attributes_are_taken_into_the_root() -> None:
    assert without_growth(ROOTS) == ROOTS.replace("<html", "<head")


@pytest.mark.parametrize(
    "article",
    [
        "<p><b>x</b> <i>y</i></p>\n" * 2000,
        "<p><b>x <i>y</p>\n" * 2000,
        "<p><b><i>x</p>" + "<p>y</p>\n" * 20_000,
        "<p><a href='https://example.org/'>x</p>\n" * 2000,
        f"<p>{FONTS}</p>",
    ],
)
def test_ordinary_markup_stays_as_it_is(article: str) -> None:
    assert without_growth(article) is article


def test_code_stays_code_where_formatting_does_not_stay() -> None:
    article = f"<p>{FONTS}</p>{PARAGRAPHS}<p><code>https://x.com/a/status/20</code></p>"
    assert detect(article, Format.HTML).embeds == ()
    assert detect(article, Format.HTML).links == ()
    shown = article.replace("<code>", "<span>").replace("</code>", "</span>")
    assert [one.tweet.id for one in detect(shown, Format.HTML).embeds if one.tweet] == ["20"]
