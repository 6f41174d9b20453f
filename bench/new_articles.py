"""Articles of 8 kB for the benches, every one another: none of their paragraphs, and none of the
sources of their tweets, was sent before in the run.

An article is a template with `COUNTER` in every paragraph and in every tweet's source; number `n`
of a workload is the template `n % len(templates)` with `n` in all these places. What a service may
know beforehand is X's answers: the tweets come from a pool of `KNOWN`, which `tell` lets a stand-in
for X know too.
"""

import json
import random
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

sys.path[:0] = [str(Path(__file__).resolve().parents[1] / "tests" / "support")]

from standin_answers import english_date
from wrk import COUNTER, DIGITS, post

ARTICLE_BYTES = 8 * 1024
TWEETS = 3
_FIRST_ID = 1_786_064_274_525_081_603
_DAY = 86_400_000 << 22  # between two ids (docs/x-behaviour.md 5.3)
_SENTENCES = (
    "The keeper wrote every morning what the night had been.",
    "Wind from the west, and water over the lower steps until four.",
    "Two ships passed before midnight, and the third did not come.",
    "At noon the glass was cleaned, as on every day of that year.",
    "Nobody on the island remembers who laid the stones of the quay.",
    "The museum's own records begin with the autumn of the great storm.",
    "A boat brings bread and letters twice a week, if the sea allows it.",
    "What the lamp burnt in a winter was paid for by the whole county.",
)
_FORMS = (
    "<p>No. {counter}: {sentences}</p>",
    "<p>{sentences} <em>So says page {counter}.</em></p>",
    '<p>{sentences} <a href="https://museum.example/days/{counter}">The day</a> in full.</p>',
    '<h2 id="d{counter}">Hour {place}</h2>\n<p><strong>Day {counter}.</strong> {sentences}</p>',
    '<p><img src="/{counter}-{place}.jpg" alt="The tower"></p>\n<p>{sentences} ({counter})</p>',
)
"""Paragraphs as articles have them: running text with a little markup."""


class X(Protocol):
    """What can be told of tweets and short links: the tests' stand-in."""

    def tweet(self, id: str, handle: str, name: str, text_html: str) -> None:  # noqa: A002
        """Let there be a tweet."""

    def code(self, code: str, target: str) -> None:
        """Let t.co/CODE lead somewhere."""


@dataclass(frozen=True, slots=True)
class KnownTweet:
    """A tweet that X knows, with a short link to it among its own words."""

    id: str
    handle: str
    name: str
    code: str
    words: str
    date: str

    @property
    def url(self) -> str:
        """Its permalink."""
        return f"https://twitter.com/{self.handle}/status/{self.id}"

    @property
    def words_html(self) -> str:
        """Its words as X writes them."""
        short = f"https://t.co/{self.code}"
        return f'{self.words} <a href="{short}">{short}</a>'


@dataclass(frozen=True, slots=True)
class Workload:
    """Bodies of one kind, as many as are asked for."""

    templates: tuple[str, ...]

    def requests(self, path: str, *headers: str) -> list[bytes]:
        """Write them as wrk sends them, without an end."""
        return [post(path, template.encode(), *headers) for template in self.templates]

    def body(self, number: int) -> bytes:
        """Write body `number` of `POST /v1/resolve`."""
        return self._filled(number).encode()

    def article(self, number: int) -> str:
        """Return the article of body `number`."""
        return str(json.loads(self._filled(number))["content"])

    def _filled(self, number: int) -> str:
        template = self.templates[number % len(self.templates)]
        return template.replace(COUNTER, f"{number:0{DIGITS}d}")


def known_tweets(count: int) -> list[KnownTweet]:
    """Make tweets: an id, a name, a code and words of their own each."""
    tweets = []
    for number in range(count):
        tweet_id = str(_FIRST_ID - number * _DAY // 7)
        tweets.append(
            KnownTweet(
                tweet_id,
                f"keeper_{number}",
                f"Keeper of Station {number}",
                f"Bench{number:05d}",
                f"Station {number} is lit again. After {number + 2} years of repairs it is seen"
                " from nineteen miles out, and the stairs are open to everybody on Sundays.",
                english_date(tweet_id),
            )
        )
    return tweets


def tell(x: X, tweets: list[KnownTweet]) -> None:
    """Let X know them."""
    for tweet in tweets:
        x.tweet(tweet.id, tweet.handle, tweet.name, tweet.words_html)
        x.code(tweet.code, f"https://twitter.com/{tweet.handle}/status/{tweet.id}/photo/1")


def new_articles(tweets: list[KnownTweet]) -> Workload:
    """Make articles with three tweets each, in three forms: X's own embed, a bare address, a
    flattened one; a counter in each of them and in every paragraph.
    """
    triples = zip(*[iter(tweets)] * TWEETS, strict=False)
    return Workload(tuple(_body(_embeds(triple, COUNTER), COUNTER) for triple in triples))


def saved_again(tweets: list[KnownTweet]) -> Workload:
    """Save the same articles again with one paragraph changed: a counter in that one alone."""
    triples = zip(*[iter(tweets)] * TWEETS, strict=False)
    return Workload(
        tuple(
            _body(_embeds(triple, f"{number:0{DIGITS}d}"), f"{number:0{DIGITS}d}", COUNTER)
            for number, triple in enumerate(triples)
        )
    )


def flattened_only(tweets: list[KnownTweet]) -> Workload:
    """Make articles with one flattened tweet each: nothing but its t.co code leads to it."""
    return Workload(tuple(_body([_flattened(each, COUNTER)], COUNTER) for each in tweets))


def without_tweets() -> Workload:
    """Make articles in which there is nothing to do."""
    return Workload((_body([], COUNTER),))


def bare_addresses(tweets: list[KnownTweet]) -> Workload:
    """Make articles with three tweets each, as bare addresses that are the same in every article:
    micawber's cache knows a tweet by its address.
    """
    triples = zip(*[iter(tweets)] * TWEETS, strict=False)
    return Workload(
        tuple(_body([f"<p>{each.url}</p>" for each in triple], COUNTER) for triple in triples)
    )


def _embeds(tweets: tuple[KnownTweet, ...], counter: str) -> list[str]:
    embed, bare, flattened = tweets
    permalink = f"{embed.url}?ref_src=twsrc%5Etfw%7Ctwgr%5E{counter}"
    quotation = (
        f'<blockquote class="twitter-tweet"><p lang="en" dir="ltr">{embed.words_html}</p>&mdash;'
        f' {embed.name} (@{embed.handle}) <a href="{permalink}">{embed.date}</a></blockquote>'
    )
    return [quotation, f"<p>{bare.url}?s=20&amp;t={counter}</p>", _flattened(flattened, counter)]


def _flattened(tweet: KnownTweet, counter: str) -> str:
    return (
        f'<p class="t{counter}">{tweet.words} https://t.co/{tweet.code} &mdash;'
        f" {tweet.name} (@{tweet.handle}) {tweet.date}</p>"
    )


def _body(embeds: list[str], counter: str, one_counter: str | None = None) -> str:
    """Write a body: paragraphs around the embeds, to just under `ARTICLE_BYTES`; `one_counter`
    stands in one paragraph in place of `counter`.
    """
    choice = random.Random("".join(embeds))  # noqa: S311 - which sentence comes next
    paragraphs: list[str] = []
    room = ARTICLE_BYTES - sum(len(each.encode()) + 1 for each in embeds)
    while True:
        sentences = " ".join(choice.sample(_SENTENCES, 4))
        form = _FORMS[len(paragraphs) % len(_FORMS)]
        paragraph = form.format(counter=counter, place=len(paragraphs), sentences=sentences)
        room -= len(paragraph.encode()) + 1
        if room < 0:
            break
        paragraphs.append(paragraph)
    if one_counter is not None:
        changed = len(paragraphs) // 3 // len(_FORMS) * len(_FORMS)  # one of the plainest form
        paragraphs[changed] = paragraphs[changed].replace(counter, one_counter)
    for place, embed in zip((1, len(paragraphs) // 2, len(paragraphs)), embeds, strict=False):
        paragraphs.insert(place, embed)
    article = {"content": "\n".join(paragraphs), "format": "html"}
    return json.dumps(article, ensure_ascii=False)
