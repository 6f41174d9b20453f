"""Every article of a kind that no case of the book has, through the real service."""

from collections.abc import Iterator

import pytest
from case_book import Case, teach
from resolving import Bench, bench
from test_reported_articles import hold
from unseen_articles import UNSEEN
from unseen_converters import CONVERTED, teach_converted
from unseen_leftovers import LEFTOVERS, teach_leftovers
from unseen_lines import LINES
from unseen_shapes import SHAPES
from unseen_spellings import SPELLINGS
from unseen_tweets import teach_unseen

from service.settings import Settings


@pytest.fixture(scope="module")
def ask() -> Iterator[Bench]:
    with bench(Settings(upstream_rate=0, sources=())) as made:  # no article tells of another's
        teach(made.x)
        teach_unseen(made.x)
        teach_leftovers(made.x)
        teach_converted(made.x)
        yield made


CASES = [*UNSEEN, *SPELLINGS, *LEFTOVERS, *SHAPES, *CONVERTED, *LINES]


@pytest.mark.parametrize("case", [pytest.param(case, id=case.name) for case in CASES])
def test_unseen_article(ask: Bench, case: Case) -> None:
    hold(ask, case)
