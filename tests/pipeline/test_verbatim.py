"""Passages that are a known tweet letter for letter come back as the general way brings them
back.
"""

import asyncio
import html
from collections import Counter
from dataclasses import replace
from random import Random

import pytest
from newsroom import Newsroom, World, compared

from service.core.article import Article, EmbedResult, Options, Result
from service.core.model import (
    EmbedStyle,
    Form,
    Format,
    LineBreak,
    Reason,
    ServedFrom,
    State,
    Tweet,
    TweetLink,
    TweetText,
    UnavailableTweet,
)
from service.core.render.blockquote import date_of, render_blockquote
from service.core.rewrite.verbatim import addresses_in, read_verbatim

PICTURE = "https://t.co/Picture"
TWEETS = [
    Tweet(
        str(1_788_000_000_000_000_000 + number * 10**15),
        name,
        handle,
        pieces,
        lang,
        direction,
    )
    for number, (name, handle, pieces, lang, direction) in enumerate(
        [
            ("Ada", "ada", (TweetText("Rain all day, and no end of it in sight"),), "en", "ltr"),
            (
                "Harbour & Lights <b>",
                "Harbour_9",
                (
                    TweetText("It's lit again: 'come' & \"see\" "),
                    TweetLink("https://t.co/Abcdefgh01", "https://t.co/Abcdefgh01"),
                    TweetText(" #tower "),
                    TweetLink("#night", "https://twitter.com/hashtag/night?src=hash"),
                ),
                "en",
                "ltr",
            ),
            (
                "وزارة",
                "moct",
                (
                    TweetText("سورية واليابان تتفقان على شراكة"),
                    LineBreak(),
                    LineBreak(),
                    TweetLink("@other", "https://twitter.com/other"),
                ),
                "ar",
                "rtl",
            ),
            ("Ben — B (@b) May 5, 2014", "ben", (TweetText("A name that is a line"),), "en", "ltr"),
            ("Eve", "eve", (TweetText("Said x.com/ada/status/20 today 🙂 ok"),), None, None),
            ("Post shared by Kim", "kim", (TweetText("Nothing of this is X's"),), "en", "ltr"),
            ("", "noname", (TweetText("Nobody says who"),), "en", "ltr"),
            ("Ada", "ada", (TweetText("And dry the day after"),), "en", "ltr"),
        ]
    )
]
OPTIONS = [
    Options(),
    Options(),
    Options(render="consent"),
    Options(render="link"),
    Options(render="amp", links="href"),
    Options(intact="renew"),
    Options(theme="dark", lang="fr", dnt=False, hide_media=True, max_width=300),
    Options(script="none", strip_tracking=False, links="keep"),
    Options(script="once"),
]


def world_of_tweets() -> World:
    world = World()
    for number, tweet in enumerate(TWEETS):
        picture = TweetLink(f"pic.twitter.com/Picture{number:03}", f"{PICTURE}{number:03}")
        known = replace(tweet, pieces=(*tweet.pieces, TweetText(" "), picture))
        world.tweets[tweet.id] = known
        owner = "somebody" if number == 4 else tweet.author_handle
        world.codes[f"Picture{number:03}"] = (
            f"https://twitter.com/{owner}/status/{tweet.id}/photo/1"
        )
    world.codes["Abcdefgh01"] = "https://example.org/a?utm_source=x&b=1"
    return world


def as_embed(tweet: Tweet, chance: Random) -> str:
    style = EmbedStyle(
        lang=chance.choice([None, None, "de"]), dnt=chance.random() < 0.5, theme=None
    )
    written = render_blockquote(tweet, style)
    address = html.escape(tweet.permalink.url)
    return written.replace(
        f'"{address}"',
        chance.choice(
            [
                f'"{address}"',
                f'"https://twitter.com/{tweet.author_handle}/status/{tweet.id}?ref_src=twsrc%5Etfw"',
                f'"https://x.com/i/web/status/{tweet.id}"',
                f'"https://x.com/{(tweet.author_handle or "").upper()}/status/{tweet.id}"',
                f'"https://x.com/somebody/status/{tweet.id}"',
            ]
        ),
    )


def as_line(tweet: Tweet, chance: Random) -> str:
    dash = chance.choice(["—", "&mdash;", "&#8212;", "-", "\n—", "—\xa0"])
    words = html.escape(tweet.text, quote=chance.random() < 0.5)
    signature = f"{html.escape(tweet.author_name or '')} (@{tweet.author_handle})"
    return f"{words} {dash} {signature} {date_of(tweet)}"


def as_address(tweet: Tweet, chance: Random) -> str:
    host = chance.choice(["x.com", "twitter.com", "mobile.twitter.com", "www.x.com"])
    query = chance.choice(["", "?s=20", "?s=20&amp;t=abc", "?s=20&t=abc", "#m", "/photo/1"])
    query += chance.choice(
        ["", "", "", ".", "?", "?s=.", "-", "%", "&amp;", "=", "/", "?a=1.-", "_"]
    )
    return f"https://{host}/{tweet.author_handle}/status/{tweet.id}{query}"


SPOILS = [
    lambda text: text.replace("all day", "all night").replace("lit again", "dark"),
    lambda text: text.replace("شراكة", "شركة").replace("Nothing", "Something"),
    lambda text: text.replace("2024", "2023"),
    lambda text: text.replace("&mdash; ", "&mdash; The "),
    lambda text: text.replace("(@", "(@a"),
    lambda text: text.replace("pic.twitter.com/Picture", "pic.twitter.com/Other"),
    lambda text: text.replace("</p>&mdash;", " More words.</p>&mdash;"),
    lambda text: text.replace("a", "o", 1),
    lambda text: text + " and more",
    lambda text: "Before. " + text,
    lambda text: text.replace(" ", "  "),
    lambda text: text.replace(" ", "\n", 1),
    lambda text: text.replace("</p>", "<br></p>"),
    lambda text: text.replace("<blockquote", "<blockquote id=a", 1),
    lambda text: text.replace(" ", "\u2028", 1),
    lambda text: text.replace("twitter-tweet", "twitter-tweet tw-align-center"),
    lambda text: text.replace("20", "19"),
    lambda text: text.replace("pic.twitter.com", "https://pic.x.com"),
    lambda text: text.replace("https://t.co/Abc", "http://t.co/Abc"),
]
PARAGRAPHS = [
    "<p>{}</p>",
    "<p>{}</p>",
    '<p class="a-1 b" dir="rtl">{}</p>',
    '<p id="a">{}</p>',
    '<p class="embed">{}</p>',
    "<p> {} </p>",
    "<p>\n{}</p>",
]


def made_passage(tweet: Tweet, chance: Random) -> str:
    kind = chance.randrange(3)
    if kind == 0:
        passage = as_embed(tweet, chance)
    else:
        paragraph = chance.choice(PARAGRAPHS)
        passage = paragraph.format((as_line if kind == 1 else as_address)(tweet, chance))
    return chance.choice(SPOILS)(passage) if chance.random() < 0.4 else passage


async def compare_ways(seed: int, articles: int) -> Counter[Form]:
    """Send articles to a service that knows passages letter for letter and to one that does not;
    return how often each form was taken for verbatim.
    """
    chance = Random(seed)  # noqa: S311 - the same articles each time
    world = world_of_tweets()
    async with Newsroom(world, remembers=True) as first, Newsroom(world, remembers=False) as second:
        seen: Counter[Form] = Counter()
        for _ in range(articles):
            tweet = chance.choice(list(world.tweets.values()))
            if not isinstance(tweet, Tweet):
                continue
            passage = made_passage(tweet, chance)
            alone = chance.random() < 0.2
            content = passage if alone else f"<p>Words before.</p>\n{passage}\n<h2>And behind</h2>"
            article = Article(content, Format.HTML, options=chance.choice(OPTIONS))
            if chance.random() < 0.02:  # X says something else, once what is known is too old
                world.tweets[tweet.id] = replace(tweet, author_name=f"{tweet.author_name}.")
                world.now += 500.0
            for one in (first, second):
                await one.resolver(article)  # learns what X says
            for _ in range(3):
                await asyncio.sleep(0)  # and anew what is too old
            first.passages.clear()
            if chance.random() < 0.01:
                first.verbatim.clear()
            results = [compared(await one.resolver(article)) for one in (first, second)]
            assert results[0] == results[1], content
            read = read_verbatim(passage)
            seen.update([read.form] if read and addresses_in(read, tweet) is not None else [])
        return seen


def test_a_known_tweet_letter_for_letter_comes_back_as_ever() -> None:
    seen = asyncio.run(compare_ways(101, 600))
    assert all(seen[form] > 15 for form in (Form.BLOCKQUOTE, Form.FLATTENED, Form.URL)), seen


def wherever_it_came_from(result: Result) -> Result:
    return result._replace(embeds=tuple(one._replace(served_from=None) for one in result.embeds))


async def compare_cold(seed: int, articles: int) -> Counter[State]:
    """Send articles to a service that knows nothing and asks about passages letter for letter, and
    to one that does not; return what became of the tweets.
    """
    chance = Random(seed)  # noqa: S311 - the same articles each time
    seen: Counter[State] = Counter()
    tweets = [one for one in world_of_tweets().tweets.values() if isinstance(one, Tweet)]
    for _ in range(articles):
        world = world_of_tweets()
        several = chance.sample(tweets, chance.randrange(1, 5))
        trouble = several[0].id
        if chance.random() < 0.3:
            del world.tweets[trouble]
        elif chance.random() < 0.3:
            world.tweets[trouble] = UnavailableTweet(State.GONE)
        if chance.random() < 0.1:
            world.codes.clear()
        passages = [made_passage(one, chance) for one in several]
        content = "\n<h2>Between</h2>\n".join(passages)
        article = Article(
            content,
            Format.HTML,
            options=chance.choice(OPTIONS),
            deadline_ms=chance.choice([0, 5000, 5000, 5000]),
            explain=chance.random() < 0.1,
        )
        async with (
            Newsroom(world, remembers=True) as one,
            Newsroom(world, remembers=False) as other,
        ):
            rooms = one, other
            results = [compared(await one.resolver(article)) for one in rooms]
            if len(passages) > 1:  # of two that lead to one tweet, which asks first is not told
                results = [wherever_it_came_from(one) for one in results]
            assert results[0] == results[1], content
            seen.update(one.state for one in results[0].embeds)
    return seen


def test_an_unknown_tweet_letter_for_letter_comes_back_as_ever() -> None:
    seen = asyncio.run(compare_cold(7, 150))
    assert all(seen[one] > 10 for one in (State.EMBEDDED, State.GONE, State.FAILED)), seen


async def answers_of_two(world: World, content: str) -> list[Result]:
    async with Newsroom(world, remembers=True) as one, Newsroom(world, remembers=False) as other:
        rooms = one, other
        return [compared(await one.resolver(Article(content, Format.HTML))) for one in rooms]


def test_an_unknown_tweet_that_is_gone_was_told_by_x() -> None:
    world = world_of_tweets()
    world.tweets[TWEETS[0].id] = UnavailableTweet(State.GONE)
    results = asyncio.run(answers_of_two(world, f"<p>{TWEETS[0].permalink.url}</p>"))
    assert results[0] == results[1]
    assert results[0].embeds[0].served_from is ServedFrom.UPSTREAM


def test_unknown_tweets_are_limited_as_known_ones() -> None:
    several = "\n".join([f"<p>{TWEETS[0].permalink.url}</p>"] * 22)
    results = asyncio.run(answers_of_two(world_of_tweets(), several))
    assert results[0] == results[1]
    assert [one.reason for one in results[0].embeds[19:]] == [None, Reason.LIMIT, Reason.LIMIT]


def answers_to(passages: list[str], wait_s: float = 0.0) -> list[EmbedResult]:
    """Send passages one after the other, each three times, some time apart; return what became of
    each the last time.
    """

    async def story() -> list[EmbedResult]:
        world = world_of_tweets()
        async with Newsroom(world, remembers=True) as newsroom:
            told = []
            for passage in passages:
                for _ in range(3):
                    newsroom.passages.clear()
                    result = await newsroom.resolver(Article(passage, Format.HTML))
                told.append(result.embeds[0])
                world.now += wait_s
            return told

    return asyncio.run(story())


def test_other_words_before_the_same_code_are_not_the_tweet() -> None:
    line = (
        "Rain all day, and no end of it in sight"
        " pic.twitter.com/Picture000 — Ada (@ada) May 8, 2024"
    )
    passages = [f"<p>{one}</p>" for one in (line, line.replace("all day", "all night"))]
    assert [one.state for one in answers_to(passages)] == [State.EMBEDDED, State.UNIDENTIFIED]


def test_two_tweets_of_one_author_are_two() -> None:
    tweets = [one for one in TWEETS if one.author_handle == "ada"]
    told = answers_to([f"<p>{one.permalink.url}</p>" for one in tweets])
    assert [one.tweet_id for one in told] == [one.id for one in tweets]


def test_an_embed_under_another_handle_is_not_intact() -> None:
    tweet = world_of_tweets().tweets[TWEETS[0].id]
    assert isinstance(tweet, Tweet)
    written = render_blockquote(tweet, EmbedStyle(dnt=False))
    first, second = answers_to([written, written.replace("x.com/ada/", "x.com/somebody/")])
    assert (first.reason, second.reason) == (Reason.INTACT, None)


def test_each_language_has_an_answer_of_its_own() -> None:
    tweet = world_of_tweets().tweets[TWEETS[1].id]
    assert isinstance(tweet, Tweet)
    written = render_blockquote(tweet, EmbedStyle(dnt=False))
    passages = [written, written.replace("<blockquote ", '<blockquote data-lang="de" ', 1)]
    first, second = answers_to(passages, 10.0)
    assert (first.state, second.state) == (State.EMBEDDED, State.EMBEDDED)
    assert first.checked_at != second.checked_at


@pytest.mark.long
@pytest.mark.parametrize("seed", range(2, 22))
def test_a_known_tweet_letter_for_letter_comes_back_as_ever_whole(seed: int) -> None:
    asyncio.run(compare_ways(seed, 5_000))
