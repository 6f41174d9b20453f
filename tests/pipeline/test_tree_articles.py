"""The articles of CMSs come back whole, and twice is once: all formats, options and states."""

from collections.abc import Callable, Iterator
from typing import TypeAlias

import pytest
from article_faults import faults
from resolving import Bench, bench
from tree_articles import Writer, teach_all
from wild_articles import OUTPUTS, WildWriter, teach_more

from service.core.article import Article, Options
from service.core.model import Format

FORMS = ["html", "html", "markdown", "text"]
SAMPLE, WHOLE, SHARDS = 100, 100_000, 20


@pytest.fixture(scope="module")
def ask() -> Iterator[Bench]:
    with bench() as made:
        teach_all(made.x)
        teach_more(made.x)
        yield made


Sent: TypeAlias = tuple[str, Format, Options, str]
"""An article, its format, the options and the output it is sent with."""


def article(seed: int) -> Sent:
    """Return the article of a seed, and how it is sent."""
    writer = Writer(f"tree {seed}")
    form = writer.pick(FORMS)
    return writer.article(form), Format(form), Options(**writer.options()), "auto"


def wild_article(seed: int) -> Sent:
    """Return another one, text for every output."""
    writer = WildWriter(f"wild {seed}")
    form = writer.pick(FORMS)
    content, options = writer.article(form), Options(**writer.options())
    return content, Format(form), options, writer.pick(OUTPUTS) if form == "text" else "auto"


def shortest(ask: Bench, content: str, form: Format, options: Options, output: str) -> str:
    """Leave out stretches, ever shorter ones, as long as something stays wrong."""
    size = len(content) // 2
    while size:
        at = 0
        while at < len(content):
            less = content[:at] + content[at + size :]
            if less and faults(ask, less, form, options, output):
                content = less
            else:
                at += size
        size //= 2
    return content


def hold(ask: Bench, made: Callable[[int], Sent], seeds: range) -> None:
    broken = [seed for seed in seeds if faults(ask, *made(seed))]
    if broken:
        sent = min((made(seed) for seed in broken), key=lambda each: len(each[0]))
        content = shortest(ask, *sent)
        form, options, output = sent[1:]
        result = ask.article(Article(content, form, output=output, options=options))
        pytest.fail(
            f"{len(broken)} of {len(seeds)} articles, seeds {broken[:20]}; {sent[1:]}: "
            f"{faults(ask, content, *sent[1:])}\n{content!r}\n--- becomes\n{result.content!r}"
        )


@pytest.mark.parametrize("made", [article, wild_article])
def test_articles_of_cmss_come_back_whole(ask: Bench, made: Callable[[int], Sent]) -> None:
    hold(ask, made, range(SAMPLE))


@pytest.mark.long
@pytest.mark.parametrize("made", [article, wild_article])
@pytest.mark.parametrize("shard", range(SHARDS))
def test_articles_of_cmss_come_back_whole_many_times_over(
    ask: Bench, made: Callable[[int], Sent], shard: int
) -> None:
    each = WHOLE // SHARDS
    hold(ask, made, range(shard * each, (shard + 1) * each))
