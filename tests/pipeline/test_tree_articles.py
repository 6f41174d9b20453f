"""The articles of CMSs come back whole, and twice is once: all formats, options and states."""

from collections.abc import Iterator

import pytest
from article_faults import faults
from resolving import Bench, bench
from tree_articles import Writer, teach_all

from service.core.article import Options
from service.core.model import Format

FORMS = ["html", "html", "markdown", "text"]
SAMPLE, WHOLE, SHARDS = 150, 100_000, 20


@pytest.fixture(scope="module")
def ask() -> Iterator[Bench]:
    with bench() as made:
        teach_all(made.x)
        yield made


def article(seed: int) -> tuple[str, Format, Options]:
    """Return the article of a seed, and how it is sent."""
    writer = Writer(f"tree {seed}")
    form = writer.pick(FORMS)
    return writer.article(form), Format(form), Options(**writer.options())


def shortest(ask: Bench, content: str, form: Format, options: Options) -> str:
    """Leave out stretches, ever shorter ones, as long as something stays wrong."""
    size = len(content) // 2
    while size:
        at = 0
        while at < len(content):
            less = content[:at] + content[at + size :]
            if less and faults(ask, less, form, options):
                content = less
            else:
                at += size
        size //= 2
    return content


def hold(ask: Bench, seeds: range) -> None:
    broken = [seed for seed in seeds if faults(ask, *article(seed))]
    if broken:
        sent = min((article(seed) for seed in broken), key=lambda each: len(each[0]))
        content = shortest(ask, *sent)
        result = ask(content, *sent[1:2], options=sent[2])
        pytest.fail(
            f"{len(broken)} of {len(seeds)} articles, seeds {broken[:20]}; {sent[1]}, {sent[2]}: "
            f"{faults(ask, content, *sent[1:])}\n{content!r}\n--- becomes\n{result.content!r}"
        )


def test_articles_of_cmss_come_back_whole(ask: Bench) -> None:
    hold(ask, range(SAMPLE))


@pytest.mark.long
@pytest.mark.parametrize("shard", range(SHARDS))
def test_articles_of_cmss_come_back_whole_many_times_over(ask: Bench, shard: int) -> None:
    each = WHOLE // SHARDS
    hold(ask, range(shard * each, (shard + 1) * each))
