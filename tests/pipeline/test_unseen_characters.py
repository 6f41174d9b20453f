"""Characters that nobody sees, and quotes that a table doubled, part no tweet from its words."""

import pytest
from articles import MAY
from resolving import Bench

from service.core.model import Format
from service.core.text.escaping import FILLERS

QUOTING = "1791000000000000000"  # 16 May 2024
SUNSETS = "Sunsets don't get much better"
CODE = "pic.twitter.com/YuKy2rcjyU"
MARKS = "\u061c\u200e\u202a\u2066"  # of direction


@pytest.fixture(scope="module")
def ask(ask: Bench) -> Bench:
    picture = '<a href="https://t.co/Quoting001">pic.twitter.com/Quoting001</a>'
    ask.x.tweet(QUOTING, "ben", "Ben", f"He said &quot;six weeks&quot;, no more {picture}")
    ask.x.code("Quoting001", f"https://x.com/ben/status/{QUOTING}/photo/1")
    return ask


@pytest.mark.parametrize("unseen", [*FILLERS, *MARKS], ids=ascii)
def test_an_unseen_character_parts_nothing(ask: Bench, unseen: str) -> None:
    words, handle = SUNSETS.replace("t", f"t{unseen}", 1), f"Inte{unseen}rior"
    for article in (
        f"<p>{words} {CODE} — US (@Interior) May 5, 2014</p>",
        f"<p>{SUNSETS} {CODE} — US (@{handle}) May 5, 2014</p>",
        f"<p>{SUNSETS} {CODE} — US ({unseen}@{unseen}Interior{unseen}) M{unseen}ay 5, 2014</p>",
        f"<p>{SUNSETS} {CODE[:-2]}{unseen}{CODE[-2:]} — US (@Interior) May 5, 2014</p>",
    ):
        assert [one.tweet_id for one in ask(article, Format.HTML).embeds] == [MAY]


def test_doubled_quotes_are_quotes(ask: Bench) -> None:
    words = 'He said ""six weeks"", no more pic.twitter.com/Quoting001'
    result = ask(f"{words} — Ben (@ben) May 16, 2024", Format.TEXT)

    assert [(one.tweet_id, one.confidence) for one in result.embeds] == [(QUOTING, 0.9)]
