"""Every reported article, through the real service against the stand-in for X."""

from collections.abc import Iterator

import pytest
from case_book import Case, teach, wrong_answer
from reported_articles import (
    LINKING_HTML,
    LINKING_ID,
    LINKING_PHOTO,
    REPORTED,
    TWICE_IN_AN_ARTICLE,
)
from resolving import Bench, bench

from service.core.article import Options
from service.core.model import Format


@pytest.fixture(scope="module")
def ask() -> Iterator[Bench]:
    with bench() as made:
        teach(made.x)
        made.x.tweet(LINKING_ID, "lena_quay", "Lena Quay", LINKING_HTML, date="March 5, 2024")
        made.x.code("Lnk1234567", LINKING_PHOTO)
        yield made


@pytest.mark.parametrize("case", [pytest.param(case, id=case.name) for case in REPORTED])
def test_reported_article(ask: Bench, case: Case) -> None:
    ask.faults.clear()
    hold(ask, case)


@pytest.mark.parametrize("case", [pytest.param(case, id=case.name) for case in TWICE_IN_AN_ARTICLE])
def test_a_tweet_that_nothing_leads_to_is_found_by_what_else_the_article_says(case: Case) -> None:
    with bench() as ask:  # that has not seen the tweet before
        teach(ask.x)
        hold(ask, case)


def hold(ask: Bench, case: Case) -> None:
    options = Options(**case.options)
    written_in = None if case.format == "auto" else Format(case.format)
    result = ask(case.content, written_in, options=options)
    again = ask.again(result, options)

    assert wrong_answer(case.expect, case.content, result, options.render) == []
    assert again.content == result.content
    assert not again.changed


def test_reported_articles_have_names_of_their_own() -> None:
    names = [case.name for case in (*REPORTED, *TWICE_IN_AN_ARTICLE)]

    assert len(names) == len(set(names))
