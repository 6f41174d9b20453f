"""Whether words touch what a block takes the place of."""

import pytest

from service.core.rewrite.placement import parts_words


@pytest.mark.parametrize(
    ("article", "touched"),
    [
        ("HERE", False),
        ("<p>HERE</p>", False),
        ("words HERE words", False),
        ("wordsHERE", True),
        ("HEREwords", True),
        ("<li>t.co/abc<em>HERE</em></li>", True),
        ("<li><b>t.co/abc</b><em>HERE</em></li>", True),
        ("<li>words <em>HERE</em></li>", False),
        ("<li><em>HERE</em><b>words</b></li>", True),
        ("words<br>HERE<br/>words", False),
        ("words<!-- no tag -->HERE<!-- no tag -->words", False),
        ("a > b>HERE< c", False),
        (f"words{'<b>' * 9}HERE", True),
        (f"{'<b>' * 40}HERE{'</b>' * 40}", False),
    ],
)
def test_words_touch_it_tags_of_running_text_aside(article: str, *, touched: bool) -> None:
    start = article.index("HERE")

    assert parts_words(article, start, start + len("HERE")) is touched
