"""Traces are what one search for any of them would find, in every script and spelling."""

import re

from hypothesis import example, given
from hypothesis import strategies as st

from service.core.text.prefilter import Traces, has_trace

ANY = re.compile(
    r"[@＠]|&#0*64;|&#x0*40;|&commat;|t\.co/|twitter|tweet|x\.com(?:/|%2f)|/status|\{\{(?:[<%]|&lt;)",
    re.IGNORECASE,
)
AT = re.compile(r"[@＠]|&#0*64;|&#x0*40;|&commat;", re.IGNORECASE)
PIECES = [
    "@",
    "＠",
    "&#0064;",
    "&#X40;",
    "&Commat;",
    "T.co/",
    "TWITTER",
    "twıtter",
    "twİtter",
    "tweet",
    "x.com/status",
    "X.com%2Fa",
    "/ſtatus",
    "{{<",
    "{{&LT;",
]
BROKEN = ["&#64", "{{", "twit", "t.co", "é", "😀", "İ", "\u212a", "\ud800", " "]

texts = st.lists(st.sampled_from([*PIECES, *BROKEN]) | st.characters(), max_size=8).map("".join)


@given(texts, st.integers(0, 40), st.integers(0, 40))
@example("é&commat;é", 1, 10)
@example("x.com/status", 5, 12)
@example("twıtter", 0, 7)
@example("twİtter", 0, 7)
@example("😀/ſtatus", 1, 8)
@example("＠", 0, 1)
@example("a &#X0040;", 2, 10)
@example("twitter", 0, 6)
@example("\ud800 twitter", 0, 9)
@example("é \udfff @", 0, 5)
def test_traces_are_those_that_one_search_finds(text: str, start: int, end: int) -> None:
    traces = Traces(text)

    assert traces.within(start, end) == (ANY.search(text, start, end) is not None)
    assert traces.at_within(start, end) == (AT.search(text, start, end) is not None)


@given(texts)
def test_a_text_without_a_trace_has_none_in_small_letters(text: str) -> None:
    assert has_trace(text) == (re.search(ANY.pattern, text, re.IGNORECASE | re.ASCII) is not None)
