import unicodedata
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.core.detect import FlattenedText, detect
from service.core.model import (
    Attribution,
    Format,
    LineBreak,
    Reason,
    Tweet,
    TweetLink,
    TweetPiece,
    TweetRef,
    TweetText,
)
from service.core.urls.snowflake import snowflake_time
from service.core.verify import CERTAIN, LIKELY, find_mismatch, is_author, texts_match, verify_text

ID = "1988150000000000000"
BEFORE_MIDNIGHT = "1988033932293046271"  # 2025-11-10, 23:59:59.999 UTC
AFTER_MIDNIGHT = "1988033932293046272"  # the millisecond after
SIGNED = "— A (@a) November 11, 2025"
LONG = "Sunsets don't get much better than this one over the valley"
PIC = TweetLink("pic.twitter.com/YuKy2rcjyU", "https://t.co/YuKy2rcjyU")


BEFORE = "Words of the article:\n"
"""Without a code an attribution counts in plain text from twelve letters before it on."""


def tweet(*pieces: str | TweetPiece) -> Tweet:
    return Tweet(
        ID,
        "A",
        "a",
        tuple(TweetText(one) if isinstance(one, str) else one for one in pieces),
    )


def flat(article: str) -> FlattenedText:
    before = "" if article.startswith("pic.twitter.com/") else BEFORE
    found = detect(before + article, Format.TEXT).embeds[-1].flat
    assert found is not None
    return found


def proved(article: str, of: Tweet) -> tuple[float, str] | None:
    evidence = flat(f"{article}{SIGNED}")
    proof = verify_text(evidence, of)
    return (
        (proof.confidence, evidence.visible.text[proof.start : proof.end].removesuffix(SIGNED))
        if proof
        else None
    )


def test_the_two_ids_stand_on_both_sides_of_midnight() -> None:
    times = [snowflake_time(one) for one in (BEFORE_MIDNIGHT, AFTER_MIDNIGHT)]
    assert [str(time) for time in times] == [
        "2025-11-10 23:59:59.999000+00:00",
        "2025-11-11 00:00:00+00:00",
    ]


@pytest.mark.parametrize(
    ("handle", "day", "candidate", "why"),
    [
        ("a", 11, TweetRef(ID, "a"), None),
        ("Ada_L", 11, TweetRef(ID, "aDA_l"), None),
        ("a", 11, TweetRef(ID, "b"), Reason.OTHER_TWEET),
        ("a", 11, TweetRef(ID, None), None),
        ("a", 11, TweetRef(ID, "aa"), Reason.OTHER_TWEET),
        ("a", 12, TweetRef(ID, "b"), Reason.OTHER_TWEET),
        ("a", 10, TweetRef(ID, "a"), Reason.DATE),
        ("a", 12, TweetRef(ID, "a"), Reason.DATE),
        ("a", 10, TweetRef(BEFORE_MIDNIGHT, "a"), None),
        ("a", 11, TweetRef(BEFORE_MIDNIGHT, "a"), Reason.DATE),
        ("a", 11, TweetRef(AFTER_MIDNIGHT, "a"), None),
        ("a", 10, TweetRef(AFTER_MIDNIGHT, "a"), Reason.DATE),
        ("a", 11, TweetRef("20", "a"), Reason.DATE),
    ],
)
def test_handle_and_utc_day_must_agree(
    handle: str,
    day: int,
    candidate: TweetRef,
    why: Reason | None,
) -> None:
    date = detect(f"{BEFORE}w — A (@a) November {day}, 2025", Format.TEXT).embeds[0].date
    assert find_mismatch(Attribution("A", handle, date), candidate) is why


def test_the_answer_names_the_author() -> None:
    assert is_author(
        Attribution("A", "HarborDesk", None), replace(tweet("w"), author_handle="harbordesk")
    )
    assert not is_author(Attribution("A", "b", None), tweet("w"))
    assert not is_author(Attribution("A", "b", None), replace(tweet("w"), author_handle=None))


def test_reused_media_leads_to_a_tweet_of_somebody_else() -> None:
    date = detect(f"{BEFORE}w — A (@SoyVnezolano) May 1, 2016", Format.TEXT).embeds[0].date
    candidate = TweetRef("725846172234076160", "VVperiodistas")  # docs/x-behaviour.md 1.5
    assert find_mismatch(Attribution("A", "SoyVnezolano", date), candidate) is Reason.OTHER_TWEET


NFD = unicodedata.normalize("NFD", "Café au lait für Åsa, 한국어, が")


# what stands before the attribution, the tweet, the confidence and the words that are the tweet's
@pytest.mark.parametrize(
    ("article", "of", "confidence", "words"),
    [
        ("one two ", tweet("one two"), 1.0, "one two "),
        (
            "one\ntwo\u00a0\u2009three",
            tweet("one two", LineBreak(), "three"),
            1.0,
            "one\ntwo\u00a0\u2009three",
        ),
        ("onetwo.", tweet("one", LineBreak(), LineBreak(), "two."), 1.0, "onetwo."),
        ("He said: one two ", tweet("one two"), 1.0, "one two "),
        (
            "article\n\none\n\ntwo\n\n",
            tweet("one", LineBreak(), LineBreak(), "two"),
            1.0,
            "one\n\ntwo\n\n",
        ),
        (NFD + " ", tweet(unicodedata.normalize("NFC", NFD)), 1.0, NFD + " "),
        (
            unicodedata.normalize("NFC", NFD) + " ",
            tweet(NFD),
            1.0,
            unicodedata.normalize("NFC", NFD) + " ",
        ),
        ("on\u200be \u202btwo\u202c ", tweet("one two"), 1.0, "on\u200be \u202btwo\u202c "),
        (
            "one pic.twitter.com/YuKy2rcjyU ",
            tweet("one ", PIC),
            1.0,
            "one pic.twitter.com/YuKy2rcjyU ",
        ),
        (
            "one https://t.co/abcdefghij#two ",
            tweet("one ", TweetLink("https://t.co/abcdefghij", "https://t.co/abcdefghij"), "#two"),
            1.0,
            None,
        ),
        (
            "one@b two#c ",
            tweet(
                "one",
                TweetLink("@b", "https://x.com/b"),
                " two",
                TweetLink("#c", "https://x.com/hashtag/c"),
            ),
            1.0,
            None,
        ),
        (
            "one https://example.org/page ",
            tweet("one ", TweetLink("example.org/page", "https://t.co/abcdefghij")),
            1.0,
            None,
        ),
        (
            "one example.org/pa… ",
            tweet("one ", TweetLink("example.org/pa…", "https://t.co/abcdefghij")),
            0.9,
            None,
        ),
        ("one 😀 two ", tweet("one 😀 two"), 1.0, None),
        ("one two ", tweet("one 😀 two"), 0.9, None),
        ("one 👩‍💻🇬🇧 two ", tweet("one two"), 0.9, None),
        (LONG[:40] + "… ", tweet(LONG), 0.9, None),
        (LONG[:40] + "... ", tweet(LONG), 0.9, None),
        (LONG + " ", tweet(LONG[:40] + "…"), 0.9, None),
        ("Words. " + LONG + " ", tweet(LONG[:40] + "…"), 0.9, LONG + " "),
        ("pic.twitter.com/YuKy2rcjyU ", tweet(PIC), 1.0, "pic.twitter.com/YuKy2rcjyU "),
        ("Words. pic.twitter.com/YuKy2rcjyU ", tweet(PIC), 0.9, "pic.twitter.com/YuKy2rcjyU "),
        ("Words. 😀 one ", tweet("😀 one"), 1.0, "😀 one "),
        ("It’s “six weeks”… ", tweet('It\'s "six weeks"...'), 0.9, None),
        ('It\'s "six weeks"... ', tweet("It‘s „six weeks‟…"), 0.9, None),
        ("5′ 10″ ", tweet("5' 10\""), 0.9, None),
        ("one -- two --- three - four ", tweet("one – two — three ‑ four"), 0.9, None),
        ("3×4 and 3 × 4 × 5 ", tweet("3x4 and 3 x 4 x 5"), 0.9, None),
        ("Word™ and Word(TM) ", tweet("Word(tm) and Word™"), 0.9, None),
        ("ســتة أسابيع ", tweet("ستة أسابيع"), 0.9, None),
        ("ستة أسابيع ", tweet("ســتة أسابيع"), 0.9, None),
        ("A &amp; B: it&#39;s &lt;six&gt; ", tweet("A & B: it's <six>"), 0.9, None),
        ("Words. one&hellip;two ", tweet("one...two"), 0.9, "one&hellip;two "),
        ("> one two\n> three\n> ", tweet("one two three"), 0.9, None),
        ("Words:\n> > one\n> > two ", tweet("one two"), 0.9, "> > one\n> > two "),
        ("one ? two ", tweet("one 😀 two"), 0.9, None),
        ("one ???? two ", tweet("one 😀 two"), 0.9, None),
        ("one \ufffd\ufffd two ", tweet("one 😀 two"), 0.9, None),
        ("Why? ? one ?? 😀 ", tweet("Why? 😀 one 👩‍💻 😀"), 0.9, None),
        ("Words? ? one ", tweet("😀 one"), 0.9, "? one "),
        (
            "Words. https://t.co/abcdefghij one ",
            tweet(TweetLink("example.org", "https://t.co/abcdefghij"), " one"),
            1.0,
            "https://t.co/abcdefghij one ",
        ),
        ("Words. 🎉 one ", tweet("😀 one"), 0.9, "🎉 one "),
        ("one... " + LONG[:40] + "... ", tweet("one… " + LONG), 0.9, None),
    ],
)
def test_words_that_agree_prove_the_tweet(
    article: str,
    of: Tweet,
    confidence: float,
    words: str | None,
) -> None:
    assert proved(article, of) == (confidence, article if words is None else words)


@pytest.mark.parametrize(
    ("article", "of"),
    [
        ("one two ", tweet("one three")),
        ("one two ", tweet("zero one two")),
        ("one two three ", tweet("one two")),
        ("One two ", tweet("one two")),
        ("one two ", tweet("one twö")),
        ("one, two ", tweet("one two")),
        ("@b one ", tweet(TweetLink("@c", "https://x.com/c"), " one")),
        ("one #b ", tweet("one ", TweetLink("#c", "https://x.com/hashtag/c"))),
        ("on… ", tweet("one two three four five six")),
        (LONG[:40] + "… ", tweet("Other words before. " + LONG)),
        (LONG + " ", tweet(LONG[:15] + "…")),
        (LONG[:40] + " ", tweet(LONG)),
        ("سورية واليابان ", tweet("سورية واليونان")),
        ("Really ", tweet("Really?")),
        ("Really? ", tweet("Really")),
        ("Really? 😀 ", tweet("Really 😀")),
        ("one ? two ", tweet("one two")),
        ("one ????? two ", tweet("one 😀 two")),
        ("? one ", tweet("😀 two")),
        ("o? two ", tweet("😀 one two")),
        ("one 'two' ", tweet('one "two"')),
        ("one two ", tweet("one - two")),
        ("one ---- two ", tweet("one - two")),
        ("axb ", tweet("a×b")),
        ("one ` two ", tweet("one two")),
        ("one > two ", tweet("one two")),
        ("A &amp B ", tweet("A & B")),
    ],
)
def test_words_that_do_not_agree_prove_nothing(article: str, of: Tweet) -> None:
    assert proved(article, of) is None


@pytest.mark.parametrize(
    ("written", "now", "same"),
    [
        (tweet("one ", PIC), tweet("one"), True),
        (tweet(LONG), tweet(LONG[:40], "…"), True),
        (tweet(LONG[:40], "…"), tweet(LONG), False),
        (tweet("one"), tweet("two"), False),
        (tweet("one two"), tweet("one", LineBreak(), "two"), True),
        (tweet(), tweet("one"), False),
        (tweet("It’s – one… two"), tweet("It's - one... two"), True),
        (tweet("one 😀"), tweet("one"), False),
        (tweet("“" + LONG), tweet('"' + LONG[:40], "…"), True),
    ],
)
def test_the_words_of_an_embed_agree_or_not(written: Tweet, now: Tweet, same: bool) -> None:  # noqa: FBT001
    assert texts_match(written, now) is same


@given(
    st.lists(st.sampled_from([*"ab é한😀#.\n", "e\u0301", "\u200b", "\u0301"]), max_size=40).map(
        "".join,
    ),
)
def test_a_tweet_is_proved_by_its_own_words_and_not_by_others(words: str) -> None:
    if (
        not words.strip()
        or any(not line.strip("\u200b ") for line in words.strip().split("\n"))
        or not unicodedata.normalize("NFC", words.strip("\u200b ")).strip()
    ):
        return
    assert (found := proved(f"{words.strip()} ", tweet(words))) is not None
    assert found[0] in {CERTAIN, LIKELY}
    assert proved(f"{words.strip()} ", tweet(words, "x")) is None
