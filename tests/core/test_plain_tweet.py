"""What is known of tweets of plain words without detection is what detection finds."""

import html
from random import Random

import pytest

from service.core.candidate_proof import mismatch_of
from service.core.detect import Mention, detect_normalized
from service.core.model import (
    EmbedStyle,
    Form,
    Format,
    LineBreak,
    ShortLink,
    Span,
    Tweet,
    TweetLink,
    TweetPiece,
    TweetText,
)
from service.core.oembed.normalize import canonical_tweet
from service.core.render.blockquote import date_of, english_day, write_blockquote
from service.core.rewrite.plain_tweet import plain_embed, plain_line
from service.core.verify import CERTAIN, verify_text

WORDS = (
    "the keeper wrote 1,000 years Friday May 3 2020 — - a.b.c U.S. example.com Ada's “quoted”"
    " 'so' #tag @user $TSLA 50% €20 3:30 AT&T well-known ok! yes? wait… news. (sic) سلام على"
    " 今日は привет naïve 😀 🎉 RT via: https://example.com/a t.co status Twitter tweets x.com"
    " Reply: twitter --no a--b ? !! ... ,, Photo: by: 1/2 https 20 mai 2019 12. (@ada) http://t.co"
    " (probably) (1/3) (a b) ) ( & &amp; 🧵 💃🏻 a… „x“ «y» [a] {b} {{c}} <b>"
    " a/b /status x.com/a http t.co/ ＠z （＠q） \\ | • · ~ ` ^ = + * ** _x_ #1 1. a) ― -- ☎ क्या"
).split(" ")
SIGNED = ["— Ada (@ada) May 3, 2020", "(@keeper_1) May 3, 2020", "Quote — Ada (@ada) 3 May 2019"]
NAMES = [
    *("Ada Example", "Ada", "NASA", "Dr. A. B. Example", "العربية", "ada example", "Ada 2019"),
    *("May 3", "Post shared by Ada", "Anna und Berta von der Heide zu Hause am See", "Ada Twitter"),
    *("1", "By Ada", "Photo", "Via Ada", "https", "Ein von Ada", "Ada — B", "Ada (@b)", "A_b"),
]


def made_code(chance: Random) -> str:
    return "".join(chance.choices("ABCDEFGHabcdefgh0123456789", k=chance.choice([10, 10, 8, 6])))


def made_link(chance: Random) -> TweetLink:
    code = made_code(chance)
    shown = chance.choice(["https://t.co/", "https://t.co/", "pic.twitter.com/", "pic.x.com/"])
    text = "example.com/a…" if chance.random() < 0.1 else f"{shown}{code}"
    return TweetLink(text, f"https://t.co/{code}")


def made_piece(chance: Random) -> TweetPiece:
    kind = chance.random()
    if kind < 0.6:
        words = " ".join(chance.choices([*WORDS, *SIGNED], k=chance.randrange(1, 9)))
        return TweetText(chance.choice(["", " "]) + words + chance.choice(["", " "]))
    if kind < 0.7:
        return LineBreak()
    if kind < 0.8:
        return TweetLink("#tag", "https://twitter.com/hashtag/tag?src=hash")
    return made_link(chance)


def made_tweet(chance: Random) -> Tweet:
    """Make a tweet; about one in six is of plain words."""
    tweet_id = str(chance.randrange(10**17, 18 * 10**17))
    pieces = [made_piece(chance) for _ in range(chance.randrange(1, 5))]
    if chance.random() < 0.7:
        pieces += [TweetText(" "), made_link(chance)]
    return canonical_tweet(
        Tweet(
            tweet_id,
            chance.choice(NAMES),
            chance.choice(["ada", "NASA", "keeper_1", "A_d_a", "i2"]),
            tuple(pieces),
            chance.choice([None, "en", "ar"]),
            chance.choice([None, "ltr", "rtl"]),
            chance.choice([None, None, english_day(tweet_id), "May 3, 2020"]),
        )
    )


def the_one_mention(written: str) -> Mention:
    found = detect_normalized(written, Format.HTML)
    assert len(found.embeds) == 1, written
    return found.embeds[0]


def short_links(mention: Mention) -> tuple[tuple[str, ShortLink], ...]:
    first: dict[ShortLink, str] = {}
    for url, target in zip(mention.urls, mention.targets, strict=True):
        if isinstance(target, ShortLink):
            first.setdefault(target, url)
    return tuple((url, target) for target, url in first.items())


def compare_embed(tweet: Tweet) -> bool:
    links = plain_embed(tweet)
    if links is None:
        return False
    written = write_blockquote(tweet, EmbedStyle(dnt=False))
    one = the_one_mention(written)
    assert (one.form, one.tweet) == (Form.BLOCKQUOTE, tweet.permalink), written
    assert one.span == Span(0, len(written)), written
    assert set(one.targets) <= {tweet.permalink, *(target for _, target in links)}, written
    assert short_links(one) == links, written
    return True


def compare_line(tweet: Tweet) -> bool:
    signature = f"{tweet.author_name} (@{tweet.author_handle}) {date_of(tweet)}"
    words = " ".join(f"{tweet.text} — {signature}".split())
    links = plain_line(tweet, words)
    if links is None:
        return False
    written = f"<p>{html.escape(words, quote=False)}</p>"
    one = the_one_mention(written)
    assert one.form is Form.FLATTENED, written
    assert one.attribution is not None, written
    assert one.flat is not None, written
    assert one.span == Span(len("<p>"), len(written) - len("</p>")), written
    assert mismatch_of(one.attribution, tweet) is None, written
    proof = verify_text(one.flat, tweet)
    assert proof is not None, written
    assert (proof.confidence, proof.start) == (CERTAIN, 0), written
    assert len(one.targets) == len(short_links(one)), written
    assert short_links(one) == links, written
    return True


def hold(seed: int, tweets: int) -> None:
    chance = Random(seed)  # noqa: S311 - the same tweets each time
    each = [made_tweet(chance) for _ in range(tweets)]
    embeds, lines = sum(map(compare_embed, each)), sum(map(compare_line, each))
    assert embeds > tweets / 10, embeds
    assert lines > tweets / 20, lines


def test_what_is_known_of_plain_words_is_what_detection_finds() -> None:
    hold(1, 1_000)


@pytest.mark.long
def test_what_is_known_of_plain_words_is_what_detection_finds_many_times_over() -> None:
    for seed in range(2, 102):
        hold(seed, 1_000)


def test_a_name_that_another_network_writes_is_left_to_detection() -> None:
    link = TweetLink("https://t.co/Abcdefgh01", "https://t.co/Abcdefgh01")
    tweet = Tweet(
        "1788000000000000000", "Ada", "ada", (TweetText("Rain all day "), link), None, None, None
    )
    words = "Rain all day https://t.co/Abcdefgh01 — {} (@ada) May 8, 2024"
    assert plain_line(tweet, words.format("Ada")) == (
        ("https://t.co/Abcdefgh01", ShortLink("Abcdefgh01")),
    )
    other = Tweet(tweet.id, "Post shared by Ada", "ada", tweet.pieces, None, None, None)
    assert plain_line(other, words.format("Post shared by Ada")) is None


@pytest.mark.parametrize("words", ["(@ada) May 3, 2020 ", "— Ben (@ben) May 3, 2020 ", "— "])
def test_words_that_sign_something_are_left_to_detection(words: str) -> None:
    links = [TweetLink(f"https://t.co/{code}", f"https://t.co/{code}") for code in ("Ab1", "Cd2")]
    for between, is_known in (("all day ", True), (words, False)):
        pieces = (TweetText("Rain "), links[0], TweetText(f" {between}"), links[1])
        tweet = Tweet("1788000000000000000", "Ada", "ada", pieces, None, None, None)
        line = f"{tweet.text} — Ada (@ada) May 8, 2024"
        assert (plain_line(tweet, line) is not None) is is_known


def test_a_short_link_that_stands_twice_is_left_to_detection() -> None:
    links = [TweetLink(f"https://t.co/{code}", f"https://t.co/{code}") for code in ("Ab1", "Cd2")]
    pieces = (TweetText("Rain all day "), links[0], TweetText(" and "), links[1])
    once = Tweet("1788000000000000000", "Ada", "ada", pieces, None, None, None)
    twice = Tweet(once.id, "Ada", "ada", (*pieces, TweetText(" "), links[0]), None, None, None)
    for tweet, is_known in ((once, True), (twice, False)):
        words = f"{tweet.text} — Ada (@ada) May 8, 2024"
        assert (plain_line(tweet, words) is not None) is is_known
