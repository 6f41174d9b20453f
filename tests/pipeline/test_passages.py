"""An article is read passage by passage, and passages are remembered: neither changes what comes
back.
"""

import asyncio
from dataclasses import replace
from random import Random

import pytest
from articles import ADDRESSES, BLOCKQUOTES, FLATTENED, LOST, MAY, NOVEMBER, pages
from hypothesis import HealthCheck, given, settings
from newsroom import Newsroom, World, compared

from service.core.article import Article, Options
from service.core.detect import Detection, detect_normalized
from service.core.detect.passages import read_passages
from service.core.html.newlines import Newlines
from service.core.mentions import LinkMention, Mention
from service.core.model import (
    Format,
    Span,
    State,
    Tweet,
    TweetText,
    UnavailableTweet,
)

PARTS = [
    *(f"<p>{one}</p>" for one in FLATTENED),
    *(f"<p>{one}</p>" for one in ADDRESSES),
    *BLOCKQUOTES,
    *ADDRESSES[:5],
    *FLATTENED[:3],
    f'<a href="https://x.com/Interior/status/{MAY}"></a>',
    "<p>Sunsets don't get much better pic.twitter.com/YuKy2rcjyU</p>",
    "<p>— US Department of the Interior (@Interior) May 5, 2014</p>",
    "<p>Interior (@Interior) May 5, 2014</p>",
    "— US Department of the Interior (@Interior) May 5, 2014",
    '<script async src="https://platform.twitter.com/widgets.js"></script>',
    "<!-- wp:paragraph -->\n<p>Words — A (@a) May 5, 2014</p>\n<!-- /wp:paragraph -->",
    "<!-- wp:quote -->\n<blockquote><p>Words</p></blockquote>\n<!-- /wp:quote -->",
    "<!-- wp:list -->\n<ul><li>https://t.co/abcdefghij</li></ul>\n<!-- /wp:list -->",
]
FILLER = [
    "<p>Words of the day, and more of them.</p>",
    "<p>Short</p>",
    "<div><p>A paragraph that goes on and on, until it has more letters than a name.</p></div>",
    "<p>View this post on Instagram</p>",
    "<p>&nbsp;</p>",
    "<p></p>",
    "<h2>A heading</h2>",
    "<hr>",
    "<ul><li>one</li><li>two <b>b</b></li></ul>",
    '<figure><img src="a.jpg" alt="<p>"><figcaption>A caption</figcaption></figure>',
    "<table><tr><td>a cell</td></tr></table>",
    "<blockquote><p>A quotation of nobody</p></blockquote>",
    "Words in nothing",
    "<b>Bold words in nothing</b>",
    "<!-- more -->",
    '<p><a href="https://example.org/?a=<b>">A link</a></p>',
]


def made_article(chance: Random) -> str:
    """Return an article of whole parts, on lines of their own or not."""
    count = chance.randint(2, 12)
    parts = [chance.choice(PARTS if chance.random() < 0.4 else FILLER) for _ in range(count)]
    return chance.choice(["\n", "\n\n", "", "\r\n"]).join(parts)


def by_passages(text: str) -> Detection | None:
    """Return what is found passage by passage; None where the article must be read whole."""
    passages = read_passages(text)
    if passages is None:
        return None
    embeds: list[Mention] = []
    links: list[LinkMention] = []
    for start, end in passages:
        found = detect_normalized(text[start:end], Format.HTML)
        embeds += (replace(one, span=moved(one.span, start)) for one in found.embeds)
        links += (replace(one, span=moved(one.span, start)) for one in found.links)
    return Detection(Format.HTML, tuple(embeds), tuple(links))


def moved(span: Span, by: int) -> Span:
    return Span(span.start + by, span.end + by)


def told(found: Detection) -> list[object]:
    """Return all that is found, in terms that do not depend on where a passage begins."""
    return [
        *found.links,
        *(
            (
                *(one.span, one.form, one.tweet, one.targets, one.urls, one.attribution),
                *(one.text, type(one.insertion_point), one.style),
                *(len(one.leftovers), len(one.neighbours)),
            )
            for one in found.embeds
        ),
    ]


def assert_passages_tell_all(article: str) -> int:
    text = Newlines(article).text
    passages = by_passages(text)
    if passages is None:
        return 0
    assert told(passages) == told(detect_normalized(text, Format.HTML)), text
    return len(passages.embeds)


def test_passages_tell_what_the_article_tells() -> None:
    chance = Random(14)  # noqa: S311 - the same articles each time
    embeds = sum(assert_passages_tell_all(made_article(chance)) for _ in range(400))
    assert embeds > 300


@pytest.mark.long
def test_passages_tell_what_the_article_tells_whole() -> None:
    chance = Random(15)  # noqa: S311 - as above
    for _ in range(60_000):
        assert_passages_tell_all(made_article(chance))


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(article=pages)
def test_broken_articles_tell_the_same_too(article: str) -> None:
    assert_passages_tell_all(article)


@pytest.mark.parametrize(
    "broken",
    [
        "<p>open",
        "<p>a<p>b</p>",
        "<b>open",
        "</p>",
        "<p><div>a</div></p>",
        "<ul><p>a</p><li>b</ul>",
        "<table><p>a</p></table>",
        "<a href=x><p><a href=y>z</a></p></a>",
        "<p title=a'b>c</p>'",
        "<div/>",
        "<!-- a --!>",
        "<!-- wp:group --><p>a</p>",
        "<svg><p>a</p></svg>",
        "<textarea><p></textarea>",
        "<script><!--<script></script>",
        "<li>a</li>",
        "<h2><h3>a</h3></h2>",
        "<P>a</P>",
        "a < b",
    ],
)
def test_an_article_with_more_than_plain_nesting_is_read_whole(broken: str) -> None:
    assert read_passages(f"<p>{ADDRESSES[0]}</p>\n{broken}\n<p>{ADDRESSES[1]}</p>") is None


def test_a_paragraph_far_from_a_tweet_is_in_no_passage() -> None:
    far = "<p>Words of the day, and more of them.</p>\n" * 5
    tweet = f"<p>{FLATTENED[0]}</p>"
    assert read_passages(far + tweet + far) == [(len(far), len(far) + len(tweet))]


def test_what_an_attribution_may_close_is_in_its_passage() -> None:
    head, words, signed = "<h2>A</h2>", "<p>Sunsets</p>", "<p>— A (@a) May 5, 2014</p>"
    far = "<p>Words of the day</p>"
    article = far + head + words + signed
    assert read_passages(article) == [(len(far), len(article))]


OPTIONS = [
    Options(),
    Options(render="consent"),
    Options(render="link", links="href"),
    Options(gone="tombstone", theme="dark"),
    Options(gone="remove", strip_tracking=False),
    Options(intact="renew", unidentified="quote"),
    Options(script="none", links="keep", dnt=False),
]


OUTPUTS = ["auto", "auto", "auto", "text"]


def asked_again(chance: Random, recent: list[Article]) -> Article | None:
    """Return an article that came lately, as it was or asked for otherwise; sometimes None."""
    if not recent or chance.random() < 0.3:
        return None
    last = chance.choice(recent)
    if chance.random() < 0.6:
        return last
    if chance.random() < 0.5:
        return last._replace(output=chance.choice(OUTPUTS))
    return last._replace(options=chance.choice(OPTIONS))


async def live_through(seed: int, steps: int) -> int:
    """Send articles to a service that remembers and to one that does not, while X and the time of
    day change; return how often a passage that was remembered was of use.
    """
    chance = Random(seed)  # noqa: S311 - as above
    world = World()
    async with Newsroom(world, remembers=True) as first, Newsroom(world, remembers=False) as second:
        articles = [made_article(chance) for _ in range(8)]
        used = 0
        recent: list[Article] = []
        for _ in range(steps):
            event = chance.random()
            if event < 0.05:
                world.now += chance.choice([1.0, 99.0, 200.0])
            elif event < 0.10:
                tweet = world.tweets[MAY]
                words = chance.choice(["Sunsets don't get much better", "Other words", "Sunsets"])
                if isinstance(tweet, Tweet):
                    world.tweets[MAY] = replace(tweet, pieces=(TweetText(words),))
            elif event < 0.12:
                world.tweets[NOVEMBER] = UnavailableTweet(
                    chance.choice([State.GONE, State.PROTECTED])
                )
            elif event < 0.13:
                taken = chance.choice([MAY, LOST])
                for one in (first, second):
                    await one.store.take_down(taken)
            elif event < 0.15:
                code = chance.choice(["LeadsToMay", "abcdefghij", "7Y7Z7nxgXj", "gmGJ1TR9Ve"])
                world.codes[code] = f"https://example.org/{chance.randrange(9)}"
            elif event < 0.2:
                number = chance.randrange(len(articles))
                articles[number] += f"\n{chance.choice(PARTS)}"
            article = asked_again(chance, recent) or Article(
                chance.choice(articles),
                chance.choice([None, Format.HTML, Format.HTML, Format.MARKDOWN, Format.TEXT]),
                chance.choice(OUTPUTS),
                options=chance.choice(OPTIONS),
            )
            recent[:] = [*recent[-2:], article]
            before = len(first.passages)
            results = [compared(await one.resolver(article)) for one in (first, second)]
            used += len(first.passages) == before
            assert results[0] == results[1]
            await asyncio.sleep(0)
            await asyncio.sleep(0)
        return used


def test_what_is_remembered_never_outlives_what_it_was_made_from() -> None:
    assert asyncio.run(live_through(1, 400)) > 50


@pytest.mark.parametrize("first", ["abcdefghij", "gmGJ1TR9Ve"])
def test_a_passage_lives_as_long_as_the_answer_that_ends_first(first: str) -> None:
    async def story() -> str:
        world = World()
        world.codes["gmGJ1TR9Ve"] = "https://example.org/b"
        async with Newsroom(world, remembers=True) as newsroom:
            both = Article("<p>https://t.co/abcdefghij or https://t.co/gmGJ1TR9Ve</p>", Format.HTML)
            await newsroom.resolver(Article(f"<p>https://t.co/{first} alone</p>", Format.HTML))
            world.now += 60
            for _ in range(3):
                await newsroom.resolver(both)
            assert len(newsroom.passages) == 1
            world.codes[first] = "https://example.org/new"
            world.now += 60
            await newsroom.resolver(both)  # asks anew behind the answer
            for _ in range(3):
                await asyncio.sleep(0)
            return (await newsroom.resolver(both)).content

    assert "https://example.org/new" in asyncio.run(story())


@pytest.mark.parametrize(
    "passage",
    [f"<p>{ADDRESSES[0]}</p>", f"<p>{FLATTENED[2]}</p>", f"<ul><li>{FLATTENED[2]}</li></ul>"],
)
def test_a_takedown_takes_a_tweet_out_of_what_is_remembered(passage: str) -> None:
    async def story() -> list[State]:
        async with Newsroom(World(), remembers=True) as newsroom:
            article = Article(passage, Format.HTML)
            before = [await newsroom.resolver(article) for _ in range(3)][-1]
            assert [one.state for one in before.embeds] == [State.EMBEDDED]
            assert len(newsroom.passages) == 1
            await newsroom.store.take_down(before.embeds[0].tweet_id or "")
            return [one.state for one in (await newsroom.resolver(article)).embeds]

    assert asyncio.run(story()) == [State.GONE]


def test_a_text_is_remembered_for_the_output_that_was_asked_for() -> None:
    async def story() -> list[Format]:
        async with Newsroom(World(), remembers=True) as newsroom:
            address = f"https://x.com/Interior/status/{MAY}"
            articles = [
                Article(f"Words.\n\n{address}\n", Format.TEXT, out) for out in ("auto", "text")
            ]
            for _ in range(4):
                answers = [await newsroom.resolver(article) for article in articles]
            assert len(newsroom.passages) == len(articles)
            return [answer.format for answer in answers]

    assert asyncio.run(story()) == [Format.HTML, Format.TEXT]


@pytest.mark.long
@pytest.mark.parametrize("seed", range(2, 42))
def test_what_is_remembered_never_outlives_what_it_was_made_from_whole(seed: int) -> None:
    asyncio.run(live_through(seed, 1500))
