"""What changed in an article is read alone, and comes out as if all of it were."""

from random import Random

import pytest
from articles import ADDRESSES, BLOCKQUOTES, FLATTENED

from service.core.detect.earlier_reading import EarlierReading, read_changed
from service.core.detect.passages import read_passages
from service.core.mentions import Range

WORDS = "<p>Words of the day, and more of them, until it is long enough.</p>"
PIECES = [
    *[WORDS] * 30,
    f"<p>{ADDRESSES[0]}</p>",
    f"<p>{FLATTENED[0]}</p>",
    BLOCKQUOTES[0],
    "<p>Words</p><p>— A (@a) May 5, 2014</p>",
    "<p>(@a) May 5, 2014</p>",
    "<p>&nbsp;</p>",
    "<p></p>",
    "<h2>A heading</h2>",
    "<hr>",
    "<ul><li>one</li><li>two @b</li></ul>",
    '<figure><img src="a.jpg" alt="a"></figure>',
    "Words in nothing",
    "(@a) in nothing",
    "<!-- wp:paragraph -->\n<p>Words — A (@a) May 5, 2014</p>\n<!-- /wp:paragraph -->",
    "{{",
]
EDITS = [
    *PIECES[29:],
    *("", "", "Other words", "@", "(@a)", "https://t.co/abcdefghij", "\n", " ", "<", ">", '"'),
    *("<p>", "</p>", "<b>", "</div>", "<!--", "-->", "<script>", "</script>", "<a href='", "{{<"),
    *("<![CDATA[", "]]>", "<td>", "<li>", "<!-- wp:group -->", "<!-- /wp:group -->", "ʼ", "＠a"),
]


def made_edit(chance: Random) -> tuple[str, str]:
    """Return an article of whole pieces, and the same with some of them replaced, put in or left
    out; or with something written anywhere, over what stood there.
    """
    pieces = [chance.choice(PIECES) for _ in range(chance.randint(12, 40))]
    between = chance.choice(["\n", "\n\n", ""])
    article = between.join(pieces)
    if chance.random() < 0.7:
        at = chance.randint(0, len(pieces))
        until = at + chance.randint(0, 2)
        pieces[at:until] = chance.choices(PIECES, k=chance.randint(0, 2))
        return article, between.join(pieces)
    at = chance.randint(0, len(article))
    until = at + chance.choice([0, 0, 1, 3, 8, 40])
    return article, article[:at] + chance.choice(EDITS) + article[until:]


def assert_read_the_same(article: str, later: str) -> bool:
    """Return whether what changed was read alone."""
    passages = read_passages(article)
    before = EarlierReading(article, passages) if passages else None
    read = read_changed(later, before) if before else None
    if read is None:
        return False
    whole = read_passages(later)
    assert whole is not None, (article, later)
    assert [*map(tuple, whole)] == read, (article, later)
    return True


def test_what_changed_is_read_as_the_whole_article_would_be() -> None:
    chance = Random(7)  # noqa: S311 - the same articles each time
    read = 0
    for _ in range(3_000):
        read += assert_read_the_same(*made_edit(chance))
    assert read > 800


@pytest.mark.long
def test_what_changed_is_read_as_the_whole_article_would_be_whole() -> None:
    chance = Random(8)  # noqa: S311 - as above
    for _ in range(60_000):
        assert_read_the_same(*made_edit(chance))


TWEET = f"<p>{ADDRESSES[0]}</p>\n"
PARAGRAPH = f"{WORDS}\n"
ARTICLE = PARAGRAPH * 8 + TWEET + PARAGRAPH * 8 + TWEET + PARAGRAPH * 8


def read_again(later: str) -> list[Range] | None:
    passages = read_passages(ARTICLE)
    assert passages
    read = read_changed(later, EarlierReading(ARTICLE, passages))
    return None if read is None else [*read]


@pytest.mark.parametrize(
    "later",
    [
        ARTICLE,
        ARTICLE.replace("Words", "Other words", 1),
        ARTICLE.replace(TWEET, TWEET.replace("<p>", '<p class="a">'), 1),
        ARTICLE.replace(TWEET, f"<p>{ADDRESSES[1]}</p>\n", 1),
        ARTICLE.replace(TWEET, PARAGRAPH, 1),
        ARTICLE.replace(TWEET, "", 1),
        ARTICLE.replace(f"{PARAGRAPH}{TWEET}", f"<p>Else</p>\n{TWEET}", 1),
        ARTICLE.replace(f"{TWEET}{PARAGRAPH}", f"{TWEET}<p>Else</p>\n", 1),
        PARAGRAPH + ARTICLE,
        TWEET + ARTICLE,
        ARTICLE + TWEET,
        ARTICLE.removesuffix(PARAGRAPH),
        f"<h2>A heading</h2>\n{BLOCKQUOTES[0]}\n{ARTICLE}",
    ],
)
def test_an_edit_is_read_alone(later: str) -> None:
    assert read_again(later) == read_passages(later)


@pytest.mark.parametrize(
    "later",
    [
        ARTICLE.replace(PARAGRAPH, "<p>open\n", 3),
        ARTICLE.replace("</p>", "", 1),
        ARTICLE + "<div>",
        PARAGRAPH.replace("day", "night") * 9 + TWEET,
        ARTICLE.replace(TWEET, "<p>— A (@a) May 5, 2014</p>\n", 1),
        ARTICLE.replace("Words of", "<![CDATA[", 1),
    ],
)
def test_an_article_is_read_as_a_whole_where_an_edit_may_reach_further(later: str) -> None:
    assert read_again(later) is None


@pytest.mark.parametrize("between", ["{}\n", "\n{}", "{}"])
def test_words_in_nothing_are_read_with_their_whole_line(between: str) -> None:
    article = f"<p>{ADDRESSES[0]}</p>\n{WORDS * 15}%s{WORDS * 15}"
    before = article % "\n"
    passages = read_passages(before)
    assert passages

    later = article % between.format("Words for @somebody")
    assert read_changed(later, EarlierReading(before, passages)) is None
    assert len(read_passages(later) or []) == 2
