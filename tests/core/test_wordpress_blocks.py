"""In which of WordPress' blocks an embed has a place."""

import pytest

from service.core.detect import detect
from service.core.mentions import ReplaceElement, SplitParagraph
from service.core.model import Format

URL = "https://x.com/harbor_desk/status/1765016916587458617"


def block(name: str, content: str, attributes: str = "") -> str:
    return f"<!-- wp:{name} {attributes}-->\n{content}\n<!-- /wp:{name} -->"


PARAGRAPH = block("paragraph", f"<p>{URL}</p>")
QUOTE = f'<blockquote class="twitter-tweet"><a href="{URL}"></a></blockquote>'
NO_PLACE = {
    "list item": block("list", f"<ul>{block('list-item', f'<li>{URL}</li>')}</ul>"),
    "old list": block("list", f"<ul><li>{URL}</li></ul>"),
    "table cell": block("table", f"<figure><table><tr><td>{URL}</td></tr></table></figure>"),
    "verse": block("verse", f"<div>{URL}</div>"),
    "heading of another": block("acme/box", f"<div>{URL}</div>"),
    "quotation in another": block("acme/box", f"<div>{QUOTE}</div>"),
    "caption": block("image", f'<figure><img src="/a.jpg"><figcaption>{URL}</figcaption></figure>'),
    "container of its own": block("group", f'<div class="wp-block-group">{URL}</div>'),
    "paragraph in a list item": block("list-item", f"<li>{PARAGRAPH}</li>"),
    "paragraph in buttons": block("buttons", f"<div>{PARAGRAPH}</div>"),
    "paragraph in columns": block("columns", f"<div>{PARAGRAPH}</div>"),
    "paragraph behind a void block": block("columns", f"<!-- wp:spacer /-->{PARAGRAPH}"),
}
PLACES = {
    "paragraph": PARAGRAPH,
    "group": block("group", f"<div>{PARAGRAPH}</div>"),
    "column": block("columns", f"<div>{block('column', f'<div>{PARAGRAPH}</div>')}</div>"),
    "quote": block("quote", f"<blockquote>{PARAGRAPH}</blockquote>"),
    "block of another": block("acme/box", f"<div>{PARAGRAPH}</div>"),
    "quote block": block("quote", QUOTE),
    "raw HTML": block("html", f"<p>{URL}</p>"),
    "classic": block("freeform", f"<div>{QUOTE}</div>"),
    "between blocks": f"{block('spacer', '<div></div>')}\n<p>{URL}</p>\n{PARAGRAPH}",
    "behind an end too many": f"<!-- /wp:list -->\n{PARAGRAPH}",
    "pullquote": block("pullquote", f'<figure class="wp-block-pullquote">{QUOTE}</figure>'),
}


@pytest.mark.parametrize("article", NO_PLACE.values(), ids=NO_PLACE)
def test_the_markup_of_a_block_with_a_schema_is_no_place(article: str) -> None:
    embeds = detect(article, Format.HTML).embeds

    assert [one.is_placeable for one in embeds] == [False]


@pytest.mark.parametrize("article", PLACES.values(), ids=PLACES)
def test_raw_html_and_whole_blocks_are_places(article: str) -> None:
    embeds = detect(article, Format.HTML).embeds

    assert embeds
    assert all(one.is_placeable for one in embeds)


def test_a_pullquote_goes_with_its_figure_and_delimiters() -> None:
    article = PLACES["pullquote"]
    point = detect(article, Format.HTML).embeds[0].insertion_point

    assert isinstance(point, ReplaceElement)
    assert point.span == (0, len(article))
    assert point.in_block


def test_a_block_ends_where_its_own_delimiter_is() -> None:
    article = f"{PARAGRAPH}\n<p>{URL}</p>"
    points = [one.insertion_point for one in detect(article, Format.HTML).embeds]

    assert [type(point) for point in points] == [SplitParagraph, SplitParagraph]
