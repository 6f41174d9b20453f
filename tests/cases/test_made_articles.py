"""Nothing of the article is lost, no wrong tweet is shown, no address is cut, and twice is once."""

import random
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest
from case_book import read_not_yet, teach
from made_articles import CODES, SHUT, Made, Maker, Part, T, tokens
from made_attributions import attributed, plain_attributed
from made_bylines import byline, plain_byline
from made_cards import card, consent_tool, feed_item, misquoted, paragraph_shortcode, shortcode
from made_parts import (
    edited,
    flattened,
    in_blocks,
    linked,
    lone,
    markdown_linked,
    markdown_lone,
    markdown_pieces,
    markdown_tweet,
    markdown_words,
    marked_element,
    paragraph,
    pieces,
    text_linked,
    text_tweet,
    text_words,
    unmarked,
    wrapped,
    wrong,
)
from made_places import (
    block_neighbours,
    block_place,
    list_neighbours,
    neighbours,
    no_block,
    no_place,
    parted,
    place,
    text_neighbours,
)
from resolving import Bench, bench

from service.core.article import Options, Result
from service.core.model import Format, State
from service.settings import Settings

NOT_YET = read_not_yet("made")
FORMS = ["html", "blocks", "markdown", "text"]
OPTIONS: list[dict[str, Any]] = [
    {},
    {},
    {"gone": "remove"},
    {"gone": "tombstone"},
    {"script": "none"},
    {"intact": "renew"},
    {"links": "href"},
    {"links": "keep"},
    {"render": "link"},
    {"render": "amp"},
    {"render": "consent", "gone": "tombstone"},
]
Kind = Callable[[Maker], Part]
_IN_HTML: dict[str, list[Kind]] = {
    "lost": [marked_element, edited, wrapped, unmarked, flattened],
    "lone": [lone],
    "wrong": [wrong],
    "pieces": [pieces],
    "linked": [linked],
    "cards": [card, consent_tool],
    "misquoted": [misquoted],
}
WHAT: dict[str, dict[str, list[Kind]]] = {
    "html": {
        **_IN_HTML,
        "place": [no_place, place],
        "feeds": [feed_item],
        "neighbours": [neighbours, list_neighbours, parted],
        "bylines": [byline],
        "shortcodes": [paragraph_shortcode],
        "attributed": [attributed],
    },
    "blocks": {
        **_IN_HTML,
        "place": [no_block, block_place],
        "neighbours": [block_neighbours, neighbours, parted],
        "bylines": [byline],
        "shortcodes": [paragraph_shortcode],
        "attributed": [attributed],
    },
    "markdown": {
        **_IN_HTML,
        "pieces": [pieces, markdown_pieces],
        "linked": [linked, markdown_linked],
        "markdown": [markdown_lone, markdown_tweet],
        "neighbours": [text_neighbours],
        "bylines": [plain_byline],
        "shortcodes": [shortcode],
    },
    "text": {
        "text": [text_tweet, text_linked],
        "attributed": [plain_attributed],
        "neighbours": [text_neighbours],
        "bylines": [plain_byline],
        "shortcodes": [shortcode],
    },
}
_NO_TWEETS = {"byline", "paragraph", "words"}
_BALANCED = "a b i em span strong u font p div blockquote figure ul li".split()


@pytest.fixture(scope="module")
def ask() -> Iterator[Bench]:
    alone = Settings(upstream_rate=0, sources=())  # one article tells nothing of another's tweets
    with bench(alone) as made:
        teach(made.x)
        made.x.fault[SHUT] = "forbidden"
        yield made


def marked(form: str, what: str) -> object:
    """Let fail what does not hold yet."""
    name = f"{form} {what}"
    marks = [pytest.mark.xfail(reason=NOT_YET[name])] if name in NOT_YET else []
    return pytest.param(form, what, marks=marks, id=f"{form}-{what}")


def chooser(seed: str) -> Callable[[Sequence[T]], T]:
    return random.Random(seed).choice  # noqa: S311


def make_article(seed: int, form: str, kinds: Sequence[Kind]) -> Made:
    """Make the article of a seed: parts with something to get wrong, paragraphs between them."""
    pick = chooser(f"{form} {seed}")
    options = pick([each for each in OPTIONS if form != "markdown" or each.get("render") != "amp"])
    make = Maker(pick, options, form)
    parts: list[Part] = []
    between = {"text": text_words, "markdown": markdown_words}.get(form, paragraph)
    for _ in range(pick([1, 2, 2, 3])):
        parts += [pick(kinds)(make), between(make)]
    if form == "blocks":
        parts = [in_blocks(part) for part in parts]
    around = pick(["\n", "", "\n\n", "\r\n"]) if form == "html" else "\n\n"
    return Made("html" if form == "blocks" else form, options, tuple(parts), around)


def faults(made: Made, ask: Bench) -> list[str]:
    """Return what is wrong with what becomes of an article."""
    options = Options(**made.options)
    ask.faults.clear()
    result = ask(made.content, Format(made.format), options=options)
    again = ask.again(result, options)
    wrong = []
    if tokens(result.content) != tokens(made.content):
        wrong.append("lost or moved")
    if not made.result.fullmatch(result.content):
        wrong.append("not what may stand there")
    wrong += _wrong_tweets(made, result)
    if result.embeds and all(part.kind in _NO_TWEETS for part in made.parts):
        wrong.append("what is no tweet is reported")
    if _unbalanced(result.content) - _unbalanced(made.content):
        wrong.append("tags are left alone")
    urls = [re.sub(r"<[^<>]*>|[\u00ad\u200b\u2060]", "", link.url) for link in result.links]
    short = [url for url in urls if re.search(r"\bt\.co/|\bpic\.", url)]
    if not {re.sub(r".*/|[?#].*", "", url) for url in short} <= CODES:
        wrong.append("half an address")
    if again.content != result.content or again.changed:
        wrong.append("twice is not once")
    return wrong


def _wrong_tweets(made: Made, result: Result) -> list[str]:
    written = [each.tweet_id or "" for each in result.embeds if each.state is State.EMBEDDED]
    may = [part.tweet.id for part in made.parts if part.tweet and not part.tweet.absent]
    must = Counter(
        part.tweet.id for part in made.parts if part.tweet and part.must and not part.tweet.absent
    )
    places = iter(may)
    wrong = [] if all(tweet_id in places for tweet_id in written) else ["a wrong tweet"]
    return wrong + ["a tweet is missing"] * bool(must - Counter(written))


def _unbalanced(content: str) -> Counter[str]:
    """Return how many start tags of each element have no end tag, and the other way round."""
    bare = re.sub(r"<!--.*?-->", "", content, flags=re.DOTALL)
    tags = Counter(re.findall(r"</?[a-z]+\b", bare))
    return Counter({tag: abs(tags[f"<{tag}"] - tags[f"</{tag}"]) for tag in _BALANCED})


def smallest(made: Made, ask: Bench) -> Made:
    """Leave out parts as long as something is wrong."""
    for number in range(len(made.parts)):
        less = made.without(number)
        if less.parts and faults(less, ask):
            return smallest(less, ask)
    return made


def hold(ask: Bench, articles: Sequence[Made]) -> None:
    """Check many articles; tell the shortest of those in which something is wrong."""
    broken = [made for made in articles if faults(made, ask)]
    if broken:
        small = min(
            (smallest(made, ask) for made in broken[:3]), key=lambda made: len(made.content)
        )
        result = ask(small.content, Format(small.format), options=Options(**small.options))
        pytest.fail(
            f"{len(broken)} of {len(articles)} articles, {small.format}, {small.options}: "
            f"{faults(small, ask)}\n{small.content}\n--- becomes\n{result.content}"
        )


@pytest.mark.parametrize(
    ("form", "what"), [marked(form, what) for form in FORMS for what in WHAT[form]]
)
def test_what_is_made_comes_back(ask: Bench, form: str, what: str) -> None:
    hold(ask, [make_article(seed, form, WHAT[form][what]) for seed in range(10)])


@pytest.mark.long
@pytest.mark.parametrize("form", FORMS)
def test_what_is_made_comes_back_many_times_over(ask: Bench, form: str) -> None:
    kinds = [kind for kinds in WHAT[form].values() for kind in kinds]
    hold(ask, [make_article(seed, form, kinds) for seed in range(5_000)])
