"""Every case of the book, through the real service against the stand-in for X."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from case_book import Case, read_cases, read_not_yet, teach, wrong_answer, wrong_texts
from case_forms import other_forms
from resolving import Bench, bench

import service
from service.core.article import Options
from service.core.model import Format

CODE = Path(service.__file__).resolve().parents[1]
ARTICLES = Path(__file__).resolve().parent / "articles"
CASES = read_cases()
NOT_YET = read_not_yet()


@pytest.fixture(scope="module")
def ask() -> Iterator[Bench]:
    with bench() as made:
        teach(made.x)
        yield made


def marked(case: Case) -> object:
    """Let a case fail that does not hold yet, and its other forms with it."""
    base = case.name.partition("@")[0]
    reason = NOT_YET.get(case.name) or NOT_YET.get(base)
    if reason is None:
        return pytest.param(case, id=case.name)
    strict = case.name in NOT_YET
    fails = pytest.mark.xfail(reason=reason, raises=AssertionError, strict=strict)
    return pytest.param(case, marks=fails, id=case.name)


@pytest.mark.parametrize("case", [marked(case) for case in CASES if case.via == "resolve"])
def test_case(ask: Bench, case: Case) -> None:
    hold(ask, case)


@pytest.mark.parametrize("case", [marked(other) for case in CASES for other in other_forms(case)])
def test_case_in_another_form(ask: Bench, case: Case) -> None:
    hold(ask, case)


def hold(ask: Bench, case: Case) -> None:
    ask.faults.clear()
    options = Options(**case.options)
    result = ask(
        case.content, None if case.format == "auto" else Format(case.format), options=options
    )
    again = ask.again(result, options)

    assert wrong_answer(case.expect, case.content, result, options.render) == []
    assert again.content == result.content
    assert not again.changed


@pytest.mark.parametrize("case", [marked(case) for case in CASES if case.via == "backfill"])
def test_case_of_a_file(ask: Bench, case: Case, tmp_path: Path) -> None:
    once = backfilled(ask, case.file, tmp_path / f"once{case.file.suffix}")
    twice = backfilled(ask, once, tmp_path / f"twice{case.file.suffix}")

    assert wrong_texts(case.expect, case.content, once.read_text(encoding="utf-8")) == []
    assert twice.read_bytes() == once.read_bytes()


def backfilled(ask: Bench, source: Path, destination: Path) -> Path:
    """Run the command as an operator does, in a process of its own."""
    environment = (
        os.environ | ask.x.env | {"TWEET_EMBED_CACHE_PATH": ":memory:", "PYTHONPATH": str(CODE)}
    )
    command = [sys.executable, "-m", "service", "backfill", str(source), "--to", str(destination)]
    done = subprocess.run(
        command,
        env=environment,
        cwd=destination.parent,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    return destination


def test_the_book_is_whole() -> None:
    files = {path.name for path in ARTICLES.iterdir()}

    assert len(CASES) == len({case.name for case in CASES}) == 199
    assert {case.file.name for case in CASES} == files
    forms = {other.name for case in CASES for other in other_forms(case)}
    assert NOT_YET.keys() <= {case.name for case in CASES} | forms


def test_nine_in_ten_of_the_debatable_hold() -> None:
    debatable = [case.name for case in CASES if case.debatable]

    assert sum(name in NOT_YET for name in debatable) <= len(debatable) // 10
