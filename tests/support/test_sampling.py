"""What a sample leaves out is long, and nothing is lost."""

import pytest
from sampling import sampled


def test_the_rest_of_a_sample_is_long() -> None:
    cases = sampled([("a", 1), ("b", 2), ("c", 3)], ("b", 2))

    assert [(case.values, [mark.name for mark in case.marks]) for case in cases] == [
        (("a", 1), ["long"]),
        (("b", 2), []),
        (("c", 3), ["long"]),
    ]


def test_a_sample_of_something_else_is_refused() -> None:
    with pytest.raises(ValueError, match="not a sample"):
        sampled(["a"], "b")
    with pytest.raises(ValueError, match="not a sample"):
        sampled(["a"])
