"""A tweet over several elements, and what parts its words from its attribution."""

import pytest

from service.core.detect import detect
from service.core.model import Form, Format

URL = "https://x.com/Interior/status/463440424141459456"
SIGNED = f'— US Department of the Interior (@Interior) <a href="{URL}">May 5, 2014</a>'


@pytest.mark.parametrize(
    ("article", "before"),
    [
        (f"<p>Words</p><p>{SIGNED}</p>", 1),
        (f"<p>More</p>\n<p>Words</p>\n<p>&nbsp;</p>\n<p>{SIGNED}</p>", 2),
        (f"<div>Words</div>\n<div>{SIGNED}</div>", 1),
        (f"<ul><li>Words</li><li>{SIGNED}</li></ul>", 1),
        (f"<blockquote><p>Words</p></blockquote>\n<p><cite>{SIGNED}</cite></p>", 1),
        (
            f"<figure><blockquote><p>Words</p></blockquote><figcaption>{SIGNED}</figcaption></figure>",
            1,
        ),
        (f"{'<p>Words</p>' * 15}<p>{SIGNED}</p>", 10),
        (f"<p>{URL}</p><p>Words</p><p>{SIGNED}</p>", 1),
        (f"<p>More</p><h2>Title</h2><p>Words</p><p>{SIGNED}</p>", 1),
        (f"<p>More</p><!--more--><p>Words</p><p>{SIGNED}</p>", 1),
        (f'<p><img src="/a.jpg"></p><p>Words</p><p>{SIGNED}</p>', 1),
        (f"<p>Words</p><h2>Title</h2><p>{SIGNED}</p>", 0),
        (f"<p>Words</p><hr><p>{SIGNED}</p>", 0),
        (f"<ul><li>Words</li></ul><p>{SIGNED}</p>", 0),
        (f"<div><p>Words</p><h3>Title</h3></div><p>{SIGNED}</p>", 0),
        (f'<p id="anchor">Words</p><p>{SIGNED}</p>', 1),
        (f'<p>Words <span id="anchor"></span><!--more--></p><p>{SIGNED}</p>', 1),
        (f"<p>Words</p><p>{SIGNED} and more</p>", 1),
        (f'<p>Words</p><p id="anchor">{SIGNED} and more</p>', 0),
        (f"<p>Words</p>{SIGNED}", 1),
        (f"<p>Words</p>{SIGNED} and more", 1),
        (f"<p>Words</p><em>More</em> {SIGNED}", 0),
    ],
)
def test_the_elements_before_an_attribution_may_hold_its_words(article: str, before: int) -> None:
    mention = detect(article, Format.HTML).embeds[-1]

    assert mention.form is Form.FLATTENED
    assert max(0, len(mention.neighbours) - 1) == before


def test_a_mention_takes_in_the_element_before_it() -> None:
    article = f"<p>More</p>\n<p>Words</p>\n<p>{SIGNED}</p>"
    (mention,) = detect(article, Format.HTML).embeds

    assert article[mention.span.start : mention.span.end] == article[12:]
    assert mention.text == "Words"
