"""Numbers on the pages are those of the code."""

import ast
import re

import pytest
from pages import ERRORS, INTERFACE, OPERATING, ROOT, rows, section, words

from service import exit_codes
from service.cli.support.streams import READER_LEFT

KIB, MIB = 1024, 1024 * 1024
WORDS = {
    "a": 1,
    "an": 1,
    "three": 3,
    "four": 4,
    "five": 5,
    "ten": 10,
    "twelve": 12,
    "forty": 40,
    "tenth": 0.1,
}
NUMBERS = [
    (ERRORS, r"did not answer within (\d+) s", 1, "upstream/client.py", "DEADLINE_S"),
    (OPERATING, r"longer each time \((\d+) s", 1, "upstream/http/circuit_breaker.py", "REST_S"),
    (OPERATING, r" s to (\d+) minutes\)", 60, "upstream/http/circuit_breaker.py", "LONGEST_REST_S"),
    (
        OPERATING,
        r"Retries are at most a (\w+)",
        1,
        "upstream/http/circuit_breaker.py",
        "RETRY_SHARE",
    ),
    (OPERATING, r"\((an) hour at most is believed", 3600, "core/errors.py", "MAX_RETRY_AFTER_S"),
    (OPERATING, r"whose readers are slow get (\d+) s", 1, "cli/commands/serve.py", "GRACE_S"),
    (OPERATING, r"nothing is taken for (\w+) times", 1, "cli/commands/serve.py", "UNREAD_PART"),
    (OPERATING, r"allows, ([\d,]+) at most", 1, "cli/commands/serve.py", "MOST_FILES"),
    (OPERATING, r"is read from for ([\d.]+) s", 1, "cli/support/server.py", "LAST_LOOK_S"),
    (OPERATING, r"A body of (\d+) KiB or more", KIB, "api/bodies/long_bodies.py", "LONG_BODY"),
    (OPERATING, r"ends after (a) minute without", 60, "api/bodies/long_bodies.py", "IDLE_S"),
    (OPERATING, r"more than (\d+) MiB; four", MIB, "api/bodies/long_bodies.py", "MOST_BYTES"),
    (OPERATING, r"; (\w+) such bodies are worked", 1, "api/bodies/long_bodies.py", "AT_ONCE"),
    (OPERATING, r"its ([\d,]+)th tag", 1, "core/text/markup_growth.py", "_MOST_TAGS"),
    (OPERATING, r"one in (\w+) characters", 1, "core/text/markup_growth.py", "_SPARSE"),
    (OPERATING, r"up to ([\d,]+) blocks, quotes", 1, "core/markdown/blocks.py", "_MOST_BLOCKS"),
    (OPERATING, r"([\d,]+) signs of one block", 1, "core/markdown/source_map.py", "_MOST"),
    (OPERATING, r"a look-up each ([\d.]+) s", 1, "candidates/wayback.py", "GAP_S"),
    (OPERATING, r"at most (\w+) words of the quotation", 1, "candidates/clue.py", "PHRASE_MOST"),
    (OPERATING, r"the first (\w+) of each named", 1, "cli/support/left_out.py", "NAMED"),
    (OPERATING, r"locked by somebody else for (\d+) s", 1, "backfill/job.py", "LOCK_WAIT_S"),
    (OPERATING, r"resolved anew, (\w+) times at most", 1, "backfill/database/archive.py", "rounds"),
    (
        INTERFACE,
        r"longer than (\d+) times `TWEET_EMBED_READ_TIMEOUT` is 408",
        1,
        "api/door/middleware.py",
        "BODY_PART",
    ),
    (
        INTERFACE,
        r"most (\d+) requests may be sent ahead",
        1,
        "cli/support/bounded_protocol.py",
        "MOST_WAITING",
    ),
    (INTERFACE, r"`tweets` \| up to (\d+) objects", 1, "backfill/outcomes.py", "MOST"),
    (
        INTERFACE,
        r"`explain`: up to (\w+) candidates",
        1,
        "pipeline/resolution.py",
        "MOST_CONSIDERED",
    ),
    (
        INTERFACE,
        r"at least (\w+) letters of words",
        1,
        "core/detect/finders/signatures.py",
        "_ENOUGH",
    ),
    (
        INTERFACE,
        r"have to be (\d+) letters or such",
        1,
        "core/candidate_proof.py",
        "ENOUGH_LETTERS",
    ),
    (
        INTERFACE,
        r"words fill (\w+) of them at most",
        1,
        "core/detect/finders/neighbours.py",
        "_MOST",
    ),
]


def value_of(node: ast.expr) -> float:
    """Return what a number, or a product of numbers, is."""
    if isinstance(node, ast.BinOp):
        assert isinstance(node.op, ast.Mult)
        return value_of(node.left) * value_of(node.right)
    return float(ast.literal_eval(node))


def constant(module: str, name: str) -> float:
    """Return what a module of service/ gives a name, as it is written there."""
    tree = ast.parse((ROOT / "service" / module).read_bytes())
    for node in ast.walk(tree):
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        if any(isinstance(target, ast.Name) and target.id == name for target in targets):
            assert isinstance(node, ast.Assign | ast.AnnAssign)
            assert node.value is not None
            return value_of(node.value)
    msg = f"{module} has no {name}"
    raise AssertionError(msg)


@pytest.mark.parametrize(
    ("page", "told", "unit", "module", "name"), NUMBERS, ids=[f"{m}:{n}" for *_, m, n in NUMBERS]
)
def test_a_number_is_as_it_is_told(
    page: str, told: str, unit: float, module: str, name: str
) -> None:
    found = re.search(told, " ".join(page.split()))

    assert found, told
    number = WORDS.get(found[1]) or float(found[1].replace(",", ""))
    assert number * unit == constant(module, name)


def test_every_exit_code_is_told() -> None:
    told = {int(code) for row in rows(section(ERRORS, "Exit codes")) for code in row[0].split()}
    known = {value for value in vars(exit_codes).values() if isinstance(value, int)}

    assert told == known | {128 + 2, 128 + 15, READER_LEFT}


def test_the_statuses_of_problems_are_told_where_they_occur() -> None:
    statuses = {row[1] for row in rows(section(ERRORS, "Problem codes"))}

    assert set(re.findall(r"\b(4\d\d|5\d\d) `\w+`", INTERFACE)) <= statuses
    for code in re.findall(r"\b(?:4\d\d|5\d\d) `(\w+)`", INTERFACE):
        assert code in {words(row[0])[0] for row in rows(section(ERRORS, "Problem codes"))}, code
