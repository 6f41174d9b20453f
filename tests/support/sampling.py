"""A sample of the cases of a test by default, the rest of them under `-m long`.

    @pytest.mark.parametrize("trouble", sampled(TROUBLE, "hanging", "500"))

For cases that prove the same of one piece of code and each cost a second: a program started, a site
asked. `tests/run all` and `tests/run long` together are every case once.
"""

from collections.abc import Iterable
from typing import Any

import pytest
from _pytest.mark import ParameterSet


def sampled(whole: Iterable[Any], *sample: object) -> list[ParameterSet]:
    """Return the whole as parameters; all but the sample are marked `long`.

    A case of several parameters is a tuple. Raises `ValueError` if the sample is none of it.
    """
    cases = list(whole)
    if not sample or not all(each in cases for each in sample):
        message = f"not a sample of {cases}: {sample}"
        raise ValueError(message)
    return [
        pytest.param(
            *(case if isinstance(case, tuple) else (case,)),
            marks=[] if case in sample else [pytest.mark.long],
        )
        for case in cases
    ]
