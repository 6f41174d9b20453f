import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.candidates.clue import Clue, day_of, id_prefixes, ids_of, phrase_of

TWELVE = "two three four five six seven eight nine ten eleven twelve thirteen".split()
ARABIC = "وزارة الطاقة تعلن عن مشروع جديد"
DAYS = st.dates(dt.date(2010, 11, 10), dt.date(2035, 1, 1))


@pytest.mark.parametrize(
    ("day", "lowest", "highest", "prefixes"),
    [
        ("2016-11-08", 795777854469046272, 796140242334646271, ("795", "796")),
        ("2018-05-25", 999802222801846272, 1000164610667446271, ("999", "1000")),
        ("2018-10-18", 1052710851179446272, 1053073239045046271, ("1052", "1053")),
        ("2022-02-11", 1491924944286646272, 1492287332152246271, ("1491", "1492")),
        ("2025-11-11", 1988033932293046272, 1988396320158646271, ("1988",)),
    ],
)
def test_a_day_is_a_range_of_ids(
    day: str, lowest: int, highest: int, prefixes: tuple[str, ...]
) -> None:
    ids = ids_of(dt.date.fromisoformat(day))

    assert ids is not None
    assert (ids.lowest, ids.highest) == (lowest, highest)
    assert id_prefixes(ids) == prefixes


def test_a_day_before_ids_held_a_time_has_none() -> None:
    assert ids_of(dt.date(2009, 3, 21)) is None
    assert day_of("20") is None
    assert day_of("1.98803E+18") is None


@given(DAYS)
def test_an_id_is_of_the_day_whose_range_holds_it(day: dt.date) -> None:
    ids = ids_of(day)
    before, after = ids_of(day - dt.timedelta(1)), ids_of(day + dt.timedelta(1))

    assert ids is not None
    assert before is not None
    assert after is not None
    assert day_of(str(ids.lowest)) == day_of(str(ids.highest)) == day
    assert before.highest + 1 == ids.lowest
    assert ids.highest + 1 == after.lowest
    assert not ids.holds(str(before.highest))
    assert not ids.holds(str(after.lowest))


@given(DAYS, st.floats(0, 1))
def test_every_id_of_a_day_begins_with_one_of_its_prefixes(day: dt.date, part: float) -> None:
    ids = ids_of(day)
    assert ids is not None
    tweet_id = str(ids.lowest + int((ids.highest - ids.lowest) * part))

    assert tweet_id.startswith(id_prefixes(ids))


@pytest.mark.parametrize(
    ("text", "phrase"),
    [
        ("Rain again and no umbrella in sight", "Rain again and no umbrella in sight"),
        ("We said so. https://t.co/abcDEF1234", None),
        ("a " * 20 + " ".join(TWELVE), " ".join(TWELVE)),
        ("The mayor's speech was long @ada #noon", "The mayor's speech was long"),
        ("Words before the cut are kept but o…", "Words before the cut are kept but"),
        ("", None),
        ("Yes!", None),
        (f"{ARABIC} pic.twitter.com/abcdefghij", ARABIC),
        ("今日は雨が降っていますね、傘を忘れました", "今日は雨が降っていますね 傘を忘れました"),
    ],
)  # fmt: skip
def test_the_last_words_make_a_phrase(text: str, phrase: str | None) -> None:
    assert phrase_of(text) == phrase


def test_a_clue_knows_its_ids() -> None:
    assert Clue("ada_l", dt.date(2025, 11, 11)).ids == ids_of(dt.date(2025, 11, 11))
