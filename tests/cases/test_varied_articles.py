"""Variations of the book's cases: other markup, other languages, other editors, other order."""

from collections.abc import Iterator
from itertools import chain
from types import EllipsisType

import pytest
import varied_elements as elements
import varied_texts as texts
from case_book import teach
from resolving import Bench, bench
from varied_parts import Variation, framed

from service.core.article import Options
from service.core.model import Format, State
from service.settings import Settings

MADE = [
    *chain(elements.inside(), elements.beside(), elements.elements(), elements.links()),
    *chain(elements.lists(), texts.split(), texts.written(), texts.dates(), texts.quotes()),
    *chain(texts.linked_handles(), texts.formats(), texts.pieces(), texts.invisible()),
]
WHOLE = [*MADE, *chain.from_iterable(map(framed, MADE))]
EACH = 23  # of the made ones every so many is in the default sample


@pytest.fixture(scope="module")
def ask() -> Iterator[Bench]:
    alone = Settings(upstream_rate=0, sources=())  # one article tells nothing of another's tweets
    with bench(alone) as made:
        teach(made.x)
        yield made


def wrong(ask: Bench, one: Variation) -> list[str]:
    """Return what is wrong with what comes back of an article."""
    ask.faults.clear()
    options = Options(**one.options)
    result = ask(one.content, Format(one.format) if one.format else None, options=options)
    again = ask.again(result, options)
    shown = [each.tweet_id for each in result.embeds if each.state is State.EMBEDDED]
    found = [] if again.content == result.content and not again.changed else ["twice is not once"]
    if one.whole:
        return [*found, *(["changed"] if result.content != one.content else [])]
    if not isinstance(one.shown, EllipsisType) and shown != list(one.shown):
        found.append(f"shown: {shown}")
    found += [f"lost: {text!r}" for text in one.keeps if text not in result.content]
    return found + [f"stands there: {text!r}" for text in one.loses if text in result.content]


def hold(ask: Bench, variations: list[Variation]) -> None:
    told = [(one, wrong(ask, one)) for one in variations]
    faults = [f"{one.name}: {faults}\n  {one.content!r}" for one, faults in told if faults]
    assert not faults, f"{len(faults)} of {len(told)}\n" + "\n".join(faults[:20])


def test_variations_come_back_as_they_must(ask: Bench) -> None:
    hold(ask, MADE[::EACH])


@pytest.mark.long
@pytest.mark.parametrize("shard", range(4))
def test_all_variations_come_back_as_they_must(ask: Bench, shard: int) -> None:
    hold(ask, WHOLE[shard::4])


def test_there_are_enough_of_them() -> None:
    names = [one.name for one in WHOLE]

    assert len(names) == len(set(names)) > 2_000
    assert len(MADE[::EACH]) > 50
