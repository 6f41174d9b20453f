"""An article that was read before costs what changed in it, and comes back as if it never had
been.
"""

import asyncio
from random import Random

import pytest
from articles import ADDRESSES, BLOCKQUOTES
from newsroom import Newsroom, World, compared

from service.core.article import Article
from service.core.detect.sections import read_passages_around_sections
from service.core.model import Format
from service.pipeline.reading_memory import ReadingMemory
from service.pipeline.seen_before import MOST_SEEN

WORDS = "<p>Words of the day, and more of them, until it is long enough.</p>\n"
PIECES = [*[WORDS] * 9, *(f"<p>{one}</p>\n" for one in ADDRESSES[:3]), BLOCKQUOTES[0]]


def made_article(number: int) -> list[str]:
    return [
        f"<h2>Article {number}</h2>\n",
        *[WORDS] * 40,
        f"<p>{ADDRESSES[0]}</p>\n",
        *[WORDS] * 40,
    ]


def seen_twice(source: str) -> ReadingMemory:
    memory = ReadingMemory(1_000_000)
    for _ in range(2):
        memory.read_passages(source)
    return memory


def test_an_article_is_remembered_when_it_comes_again() -> None:
    memory = ReadingMemory(1_000_000)
    source = "".join(made_article(1))
    held = []
    for _ in range(3):
        memory.read_passages(source)
        held.append(len(memory))
    assert held == [0, 2, 2]


@pytest.mark.parametrize(
    "source",
    [
        f"<p>{ADDRESSES[0]}</p>",
        WORDS * 80,
        f"<p>{ADDRESSES[0]}</p>{WORDS * 1_000}",
        f"<p>{ADDRESSES[0]}</p>{WORDS * 80}<p>open",
        f"<item><![CDATA[<p>{ADDRESSES[0]}</p>{WORDS * 80}]]></item>",
    ],
    ids=["short", "without tweets", "long", "unclosed", "sections"],
)
def test_an_article_that_would_be_of_no_use_is_not_remembered(source: str) -> None:
    assert len(seen_twice(source)) == 0


def test_articles_that_came_once_are_forgotten_in_the_end() -> None:
    memory = ReadingMemory(1_000_000)
    source = "".join(made_article(-1))
    memory.read_passages(source)
    for number in range(MOST_SEEN):
        memory.read_passages("".join([*made_article(number), f"<p>{number}</p>"]))
    memory.read_passages(source)
    assert len(memory) == 0


def test_it_holds_no_more_than_it_may() -> None:
    memory = ReadingMemory(120_000)
    for number in range(100):
        article = "".join([*made_article(number), f"<p>{number}</p>"])
        assert [memory.read_passages(article) for _ in range(2)]
    assert 4 < len(memory) < 60
    assert len(seen_twice("".join(made_article(1)))) == 2
    assert len(ReadingMemory(0)) == 0


async def saved_over_and_over(seed: int, saves: int) -> int:
    """Save articles that change a little each time, at a service that remembers and at one that
    does not; return how many came back.
    """
    chance = Random(seed)  # noqa: S311 - the same articles each time
    world = World()
    articles = [made_article(number) for number in range(4)]
    async with Newsroom(world, remembers=True) as first, Newsroom(world, remembers=False) as second:
        for _ in range(saves):
            article = chance.choice(articles)
            at = chance.randint(0, len(article))
            article[at : at + chance.randint(0, 2)] = chance.choices(PIECES, k=chance.randint(0, 2))
            source = "".join(article)
            asked = Article(source, Format.HTML)
            assert first.readings.read_passages(source) == read_passages_around_sections(source)
            results = [compared(await one.resolver(asked)) for one in (first, second)]
            assert results[0] == results[1]
        assert len(first.readings) > 0
        return saves


def test_an_article_saved_again_comes_back_as_if_it_were_new() -> None:
    assert asyncio.run(saved_over_and_over(1, 50)) == 50


@pytest.mark.long
@pytest.mark.parametrize("seed", range(2, 12))
def test_an_article_saved_again_comes_back_as_if_it_were_new_whole(seed: int) -> None:
    asyncio.run(saved_over_and_over(seed, 1_500))
