"""Numbers on the pages are those of the code."""

import ast
import re

import pytest
from pages import ERRORS, INTERFACE, OPERATING, ROOT, rows, section, words

from service import exit_codes

NUMBERS = [
    (ERRORS, r"did not answer within (\d+) s", "upstream/client.py", "DEADLINE_S"),
    (OPERATING, r"longer each time \((\d+) s", "upstream/http/circuit_breaker.py", "REST_S"),
    (OPERATING, r"whose readers are slow get (\d+) s", "cli/commands/serve.py", "GRACE_S"),
    (
        INTERFACE,
        r"longer than (\d+) times `TWEET_EMBED_READ_TIMEOUT` is 408",
        "api/door/middleware.py",
        "BODY_PART",
    ),
    (
        INTERFACE,
        r"most (\d+) requests may be sent ahead",
        "cli/support/bounded_protocol.py",
        "MOST_WAITING",
    ),
    (INTERFACE, r"`tweets` \| up to (\d+) objects", "backfill/outcomes.py", "MOST"),
]


def constant(module: str, name: str) -> object:
    """Return what a module of service/ gives a name, as it is written there."""
    tree = ast.parse((ROOT / "service" / module).read_bytes())
    for node in tree.body:
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        if any(isinstance(target, ast.Name) and target.id == name for target in targets):
            assert isinstance(node, ast.Assign | ast.AnnAssign)
            assert node.value is not None
            return ast.literal_eval(node.value)
    msg = f"{module} has no {name}"
    raise AssertionError(msg)


@pytest.mark.parametrize(("page", "told", "module", "name"), NUMBERS, ids=[n for *_, n in NUMBERS])
def test_a_number_is_as_it_is_told(page: str, told: str, module: str, name: str) -> None:
    found = re.search(told, page)

    assert found, told
    assert float(found[1]) == constant(module, name)


def test_every_exit_code_is_told() -> None:
    told = {int(code) for row in rows(section(ERRORS, "Exit codes")) for code in row[0].split()}
    known = {value for value in vars(exit_codes).values() if isinstance(value, int)}

    assert told == known | {128 + 2, 128 + 15}


def test_the_statuses_of_problems_are_told_where_they_occur() -> None:
    statuses = {row[1] for row in rows(section(ERRORS, "Problem codes"))}

    assert set(re.findall(r"\b(4\d\d|5\d\d) `\w+`", INTERFACE)) <= statuses
    for code in re.findall(r"\b(?:4\d\d|5\d\d) `(\w+)`", INTERFACE):
        assert code in {words(row[0])[0] for row in rows(section(ERRORS, "Problem codes"))}, code
