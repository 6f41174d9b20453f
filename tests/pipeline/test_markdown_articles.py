"""Markdown articles from end to end, CommonMark's own reading as the judge of what came out."""

from collections.abc import AsyncIterator

import pytest
from articles import ADDRESSES, ARABIC, BLOCKQUOTES, FLATTENED, LOST, MAY, teach
from markdown_it import MarkdownIt
from standin_x import StandIn

from service.app import open_service
from service.core.article import Article, Result
from service.core.model import Format, Reason, State
from service.pipeline.article_resolver import ArticleResolver
from service.settings import Settings

pytestmark = pytest.mark.anyio

PERMALINK, SHORT = ADDRESSES[0], ADDRESSES[5]
TARGET = "https://example.org/a_%28b%29?x=1&y=%3C2%3E"


@pytest.fixture
async def resolver(x: StandIn) -> AsyncIterator[ArticleResolver]:
    teach(x)
    async with open_service(Settings(upstream_rate=0)) as service:
        resolver = service.resolver
        yield resolver


async def resolved(resolver: ArticleResolver, content: str) -> Result:
    """Resolve Markdown, and check that a second time changes nothing."""
    result = await resolver(Article(content, Format.MARKDOWN, deadline_ms=30_000))
    again = await resolver(Article(result.content, result.format, deadline_ms=30_000))
    assert (again.content, again.changed, result.format) == (result.content, False, Format.MARKDOWN)
    return result


def blocks_of(content: str) -> list[tuple[str, str]]:
    """Return the outermost blocks as CommonMark reads them: their kind, and what is written in
    them.
    """
    tokens = MarkdownIt("commonmark", {"html": True}).parse(content)
    lines = content.splitlines(keepends=True)
    return [
        (token.type, "".join(lines[slice(*token.map)]).strip())
        for token in tokens
        if token.level == 0 and token.map
    ]


ARTICLES = [
    ("words\n\n{}\n\nwords", ["words", "", "words"]),
    ("words\n{}\nwords", ["words", "", "words"]),
    ("# words\n{}\n- words", ["# words", "", "- words"]),
    ("{}", [""]),
    ("{}\n***\n", ["", "***"]),
    ("> {}\n\nwords", ["", "words"]),
    ("words\n\n> {}", ["words", ""]),
]
MENTIONS = [PERMALINK, f"<{PERMALINK}>", f"[{PERMALINK}]({PERMALINK})", FLATTENED[0], FLATTENED[2]]


@pytest.mark.parametrize("mention", MENTIONS)
@pytest.mark.parametrize(("article", "blocks"), ARTICLES)
async def test_an_embed_is_one_block_and_the_others_are_as_before(
    resolver: ArticleResolver,
    article: str,
    blocks: list[str],
    mention: str,
) -> None:
    result = await resolved(resolver, article.format(mention))

    assert [embed.state for embed in result.embeds] == [State.EMBEDDED]
    embed = result.embeds[0].html
    found = blocks_of(result.content)
    assert [("html_block" if text == embed else text) for _, text in found] == [
        text or "html_block" for text in blocks
    ]
    assert [kind for kind, text in found if text == embed] == ["html_block"]


@pytest.mark.parametrize(
    ("article", "expected"),
    [
        (f"see [this]({SHORT} 'then') there", f"see [this]({TARGET} 'then') there"),
        (f"see {SHORT}, there", f"see {TARGET}, there"),
        (f"see <{SHORT}> there", f"see <{TARGET}> there"),
        (f"see [this][x] there\n\n[x]: {SHORT}", f"see [this][x] there\n\n[x]: {TARGET}"),
        (f"**{SHORT}**", f"**{TARGET}**"),
        (f"`{SHORT}` {SHORT}#tag", f"`{SHORT}` {SHORT}#tag"),
        (f"---\nx: {SHORT}\n---\n{SHORT}", f"---\nx: {SHORT}\n---\n{TARGET}"),
        (
            f'see <a href="{SHORT}">this</a>',
            'see <a href="https://example.org/a_(b)?x=1&amp;y=%3C2%3E">this</a>',
        ),
    ],
)
async def test_links_are_written_by_the_rules_of_where_they_stand(
    resolver: ArticleResolver,
    article: str,
    expected: str,
) -> None:
    assert (await resolved(resolver, article)).content == expected


@pytest.mark.parametrize(
    "article",
    [
        f"- {PERMALINK}\n- words",
        f"# {PERMALINK}",
        f"> {PERMALINK}\n>\n> words",
        f"> words\n> {FLATTENED[0]}\n> words",
        f"{PERMALINK}\n    words",
    ],
)
async def test_where_no_block_may_stand_the_mention_is_kept(
    resolver: ArticleResolver,
    article: str,
) -> None:
    result = await resolved(resolver, article)

    assert ([embed.state for embed in result.embeds], result.content) == ([State.KEPT], article)


@pytest.mark.parametrize(
    "article",
    ["words\n\n{}\n\nwords", "> {}\n\nwords", "words {} words", "words\n{}\nraw <i>words</i>"],
)
async def test_an_embed_in_raw_html_is_written_anew(
    resolver: ArticleResolver,
    article: str,
) -> None:
    result = await resolved(resolver, article.format(BLOCKQUOTES[0]))

    embed = result.embeds[0].html or ""
    assert result.embeds[0].state is State.EMBEDDED
    assert [kind for kind, text in blocks_of(result.content) if text.startswith(embed)] == [
        "html_block",
    ]


async def test_a_quote_with_the_tweets_own_address_becomes_the_tweet(
    resolver: ArticleResolver,
) -> None:
    author = "US Department of the Interior (@Interior)"
    address = f"https://x.com/Interior/status/{MAY}"
    quote = f"> Sunsets don't get much better x.test\n>\n> — {author} [May 5, 2014]({address})"
    result = await resolved(resolver, f"words\n\n{quote}\n\nwords")

    assert result.content == f"words\n\n{result.embeds[0].html}\n\nwords"


async def test_a_quote_of_other_words_than_its_tweets_stays(resolver: ArticleResolver) -> None:
    quote = f"> {ARABIC}.\n>\n> — وزارة الاتصالات (@moctsyria) [November 11, 2025]({PERMALINK})"
    article = f"words\n\n{quote}\n\nwords"
    result = await resolved(resolver, article)

    assert [(embed.state, embed.reason) for embed in result.embeds] == [(State.KEPT, Reason.WORDS)]
    assert result.content == article


async def test_a_tweet_that_is_gone_stays_what_it_was(resolver: ArticleResolver) -> None:
    article = f"words\n\nhttps://twitter.com/i/status/{LOST}\n\nwords"
    result = await resolved(resolver, article)

    assert ([embed.state for embed in result.embeds], result.content) == ([State.GONE], article)


@pytest.mark.parametrize("sign", [".", "!", ",", ";", "}"])
async def test_an_autolink_with_a_sign_copied_along_is_the_tweet_it_leads_to(
    resolver: ArticleResolver,
    sign: str,
) -> None:
    result = await resolved(resolver, f"words\n\n<https://t.co/LeadsToMay{sign}>\n\nwords")

    assert [embed.state for embed in result.embeds] == [State.EMBEDDED]


async def test_an_address_between_angle_brackets_does_not_become_an_autolink(
    resolver: ArticleResolver,
) -> None:
    article = "words\n\n<pic.twitter.com/gmGJ1TR9Ve>\n\nwords"

    assert (await resolved(resolver, article)).content == article
