"""Of an article with a tweet that nobody closed, only the part behind is read once more, and what
is found is the same as in the whole.
"""

import random
from collections.abc import Iterator

import pytest
from hostile_articles import LINK, OPENING, PERMALINK, SAID

from service.core.detect.in_html import detect_html
from service.core.detect.later_part import WHOLE, later_part
from service.core.html.document import HtmlDocument
from service.core.mentions import Mention
from service.core.model import Form, Span

SIGNED = "— A (@a) May 5, 2014"
UNCLOSED = f"{OPENING}<p>words</p>{SAID}{LINK}"
PIECES = (
    f"<p>words {SIGNED}</p>",
    f"<p>{SIGNED}</p>",
    "<p>words</p>",
    "<p></p>\n",
    "<p>words that go on\n",
    f"<p>{PERMALINK}</p>",
    f"{UNCLOSED}</blockquote>\n",
    f"<blockquote><p>words</p>{SIGNED}</blockquote>",
    f"<div><p>words</p><p>{SIGNED}</p></div>",
    f"words {SIGNED}\n\n",
    f"<!-- wp:paragraph --><p>words {SIGNED}</p><!-- /wp:paragraph -->",
    f"<ul><li>words</li><li>{SIGNED}</li></ul>",
    f"[tweet {PERMALINK}]\n",
)
AROUND = ("", '<article><div class="x">', "<!-- wp:group --><div>")


def found_in(article: str) -> list[tuple[Form, Span, str]]:
    found = detect_html(article, wider=True)
    embeds = [(one.form, one.span, _told(one)) for one in found.embeds]
    return embeds + [(Form.URL, one.span, one.url) for one in found.links]


def _told(one: Mention) -> str:
    """Return what a mention says, places aside."""
    wider = one.wider.flat.text if one.wider else None
    where = type(one.insertion_point)
    flat = one.flat.text if one.flat else None
    return repr(
        (one.tweet, one.targets, one.attribution, one.text, flat, wider, where, one.unclosed)
    )


def moved(found: list[tuple[Form, Span, str]], by: int) -> Iterator[tuple[Form, Span, str]]:
    return ((form, Span(span.start + by, span.end + by), told) for form, span, told in found)


@pytest.mark.parametrize("around", AROUND)
@pytest.mark.parametrize("seed", range(4))
def test_what_stands_near_is_read_as_if_nothing_stood_before(around: str, seed: int) -> None:
    choice = random.Random(seed)  # noqa: S311 - articles, no secrets
    heading = "<h2>words</h2>"
    before = "<p>words of the article</p>\n<p>more words" * 30
    near = "".join(choice.choices(PIECES, k=20)) + UNCLOSED
    behind = "".join(choice.choices(PIECES, k=5))
    whole, alone = around + before + heading + near + behind, around + heading + near + behind
    assert later_part(HtmlDocument(alone), alone.rindex(UNCLOSED)) == WHOLE
    assert later_part(HtmlDocument(whole), whole.rindex(UNCLOSED + behind)).begin > len(around)
    assert found_in(whole) == list(moved(found_in(alone), len(before)))
