"""Which format an article is in when nobody says (docs/interface.md 5)."""

import pytest

from service.core.detect.format_sniffing import sniff_format
from service.core.model import Format

HTML = [
    "<p>words</p>",
    "words<br>words",
    "<!-- wp:paragraph -->\nwords",
    "# A heading\n\n<blockquote class=x>words</blockquote>",
    "`code` and <b>bold</b>",
    "```\n<p>\n```\n\n<p>",
    "<twitter-widget data-tweet-id=1></twitter-widget>",
    "a ` tick and <b>bold</b>",
]
MARKDOWN = [
    "[words](https://example.org/)",
    "# A heading",
    "words\n\n```\n<p>code</p>\n```",
    "# `<p>` in code",
    "~~~\n<div>\n~~~",
    "words\n\n[x]: https://t.co/abcdefghij",
    "---\ntitle: x\n---\n\n## A heading",
]
TEXT = [
    "",
    "words",
    "1 < 2 and 3 > 2",
    "<https://example.org/>",
    "<nobody@example.org>",
    "`<p>` in code",
    "#hashtag",
    "https://t.co/abcdefghij",
    "<notanelement>",
    "a [bracket] (and another)",
]


@pytest.mark.parametrize("content", HTML)
def test_a_tag_outside_code_makes_it_html(content: str) -> None:
    assert sniff_format(content) is Format.HTML


@pytest.mark.parametrize("content", MARKDOWN)
def test_the_signs_of_markdown_make_it_markdown(content: str) -> None:
    assert sniff_format(content) is Format.MARKDOWN


@pytest.mark.parametrize("content", TEXT)
def test_anything_else_is_text(content: str) -> None:
    assert sniff_format(content) is Format.TEXT
