"""Which format an article is in when nobody says (docs/interface.md 5)."""

import pytest

from service.core.detect.format_sniffing import is_json, is_structured_text, sniff_format
from service.core.model import Format

HTML = [
    "<p>words</p>",
    "words<br>words",
    "<!-- wp:paragraph -->\nwords",
    "# A heading\n\n<blockquote class=x>words</blockquote>",
    "`code` and <b>bold</b>",
    "<twitter-widget data-tweet-id=1></twitter-widget>",
    "a ` tick and <b>bold</b>",
    "words\n\n<!--more-->\n\nwords",
    "words\r\n\r\n<!--more-->\r\n\r\nwords",
    "A &amp; B",
    "it&#8217;s",
    "it&#x2019;s",
    "<pre>\n```\n</pre>",
    "<pre class=x><code>\n~~~\n",
    "<script>\nx = `\n```\n`\n</script>",
    "<p>words</p>\n<!--\n```\n-->",
    "---\n\n<p>words: words</p>\n\n---\n",
]
MARKDOWN = [
    "[words](https://example.org/)",
    "# A heading",
    "words\n\n```\n<p>code</p>\n```",
    "# `<p>` in code",
    "~~~\n<div>\n~~~",
    "words\n\n[x]: https://t.co/abcdefghij",
    "---\ntitle: x\n---\n\n## A heading",
    "```\n<p>\n```\n\n<p>",
    "words<br>words\n\n```html\n<p>\n```",
    "<p>words</p>\n\n   ~~~ruby\nx\n~~~\n",
    "<p>words</p>\n\n```\nnobody closes it",
    "1. words<br>\n\n   ```\n   <p>\n   ```",
    "- words\n\n  1. words\n\n     ```\n     <p>\n     ```",
    "> ```\n> <p>\n> ```",
    "`<pre>` is a tag\n\n```\n<p>\n```",
    "---\ntitle: x\n---\n\n<p>words</p>",
    "---\r\ntitle: x\r\n---\r\n\r\n<p>words</p>",
    "\ufeff---\ntitle: x\n---\nwords",
    "---\n\n# why\ntitle: x\n...\nwords",
    '+++\ntitle = "x"\n[params]\nx = 1\n+++\n\nwords',
    "---\n---\nwords",
    "A &amp; B in [words](https://example.org/)",
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
    "AT&T; and R&D;",
    "a &copy b",
    "?a=1&b=2",
    "a <!-- that nobody closes",
    "``` one ``` and ``` two ```",
    "        ```\n        words",
    "---\nwords and words\n---\nwords",
    "---\nhttps://x.com/a/status/1\n---\n",
    "---\ntitle: x, and no end",
    "` one\n\n` two",
]


@pytest.mark.parametrize("content", HTML)
def test_a_tag_outside_code_or_a_comment_or_a_reference_makes_it_html(content: str) -> None:
    assert sniff_format(content) is Format.HTML


@pytest.mark.parametrize("content", MARKDOWN)
def test_the_signs_of_markdown_make_it_markdown(content: str) -> None:
    assert sniff_format(content) is Format.MARKDOWN


@pytest.mark.parametrize("content", TEXT)
def test_anything_else_is_text(content: str) -> None:
    assert sniff_format(content) is Format.TEXT


@pytest.mark.parametrize(
    ("content", "is_one"),
    [
        ('{"time": 1, "blocks": []}', True),
        ('\r\n[{"_type": "block"}]\t', True),
        ('["words", {"type": "paragraph"}]', True),
        ("{}", False),
        ("[]", False),
        ("[1, 2]", False),
        ('["words"]', False),
        ("[tweet 20]", False),
        ("{{< x 20 >}}", False),
        ('{"a": 1} words', False),
        ('"words"', False),
        ("[" * 100_000 + "]" * 100_000, False),
        ("", False),
    ],
)
def test_json_as_a_whole_is_told_from_words_in_brackets(content: str, *, is_one: bool) -> None:
    assert is_json(content) is is_one


@pytest.mark.parametrize(
    ("content", "is_one"),
    [
        ('{"root": {"type": "root", "children": []}}', True),
        ('\t{"blocks": [{"type": "paragraph", "data": {"text": "words"}}]}', True),
        ('{"time": 1, "blocks": []}', True),
        ('{"type": "doc", "content": []}\n', True),
        ('[{"_type": "block", "children": []}]', True),
        ('{"root": {}}', False),
        ('{"root": "words"}', False),
        ('{"blocks": [{"type": "paragraph"}]}', False),
        ('{"blocks": {"type": "paragraph", "data": {}}}', False),
        ('{"type": "document"}', False),
        ('[{"_type": "block"}, "words"]', False),
        ('[{"type": "paragraph", "children": []}]', False),
        ('{"html": "<p>words</p>"}', False),
        ("[]", False),
        ("{}", False),
        ("{words}", False),
        ("words", False),
    ],
)
def test_the_json_of_editors_is_told_from_other_json(content: str, *, is_one: bool) -> None:
    assert is_structured_text(content) is is_one
