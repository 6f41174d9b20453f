"""What is asked about a mention, and what came of it, as values."""

import math
import sys
from dataclasses import dataclass, field
from typing import Self

from service.cache.entries import CachedAnswer
from service.cache.memory import Deadline
from service.core.article import DEFAULT, Article, Considered, EmbedResult, LinkResult, Options
from service.core.detect import LinkMention, Mention
from service.core.model import (
    EmbedStyle,
    Reason,
    ShortLink,
    Span,
    State,
    Tweet,
    TweetRef,
    UnavailableTweet,
)
from service.core.rewrite.decide import Decision
from service.core.verify import CERTAIN, DOUBTFUL, Proof

FAILED_RETRY_S = 30
"""When to ask again after a failure that tells no time of its own."""
_DEFERRED_RETRY_S = 2
MOST_CONSIDERED = 10
"""Candidates that a caller is told of."""
_DEFERRED = {Reason.DEADLINE, Reason.CACHE_ONLY, Reason.SEARCHING}
_UNPROVED = (
    Reason.NO_CODE,
    Reason.NOT_FOUND,
    Reason.AMBIGUOUS,
    Reason.OTHER_TWEET,
    Reason.DATE,
    Reason.WORDS,
)


@dataclass(frozen=True, slots=True)
class ArticleIdentity:
    """An article's public address and its name in its archive, None where they are not known."""

    url: str | None = None
    key: str | None = None


NOT_IDENTIFIED = ArticleIdentity()


@dataclass(slots=True)
class Unfinished:
    """What was asked and not answered in time: short links, each with the languages and the author
    (None: any) of a tweet that is wanted if it leads to one; and tweets, in a language.
    """

    links: dict[ShortLink, set[tuple[str | None, str | None]]] = field(default_factory=dict)
    tweets: set[tuple[TweetRef, str | None]] = field(default_factory=set)


@dataclass(slots=True)
class ResolveContext:
    """One caller's deadline, options and limit, and what the call met: what time was short for,
    after how many seconds X said to ask again, and how many the sources of candidates take that are
    to be asked still.

    `article` is what tells of the article besides its words. Mentions and links beyond
    `max_mentions` are left as they are. `waits_for_sources` lets sources that
    ask somebody take their time, whatever the deadline. `shown` are the authors, in lower case, of
    the tweets that X showed for what the article states or leads to, `lacking` those of candidates
    of a quotation's author and day whose words are others.
    """

    deadline: Deadline
    options: Options = DEFAULT
    article: ArticleIdentity = NOT_IDENTIFIED
    max_mentions: int = sys.maxsize
    explain: bool = False
    waits_for_sources: bool = False
    searches: list[float] = field(default_factory=list)
    unfinished: Unfinished = field(default_factory=Unfinished)
    retries: list[float] = field(default_factory=list)
    shown: set[str] = field(default_factory=set)
    lacking: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, article: Article, deadline: Deadline, max_mentions: int) -> Self:
        """Return what a call to resolve an article begins with."""
        return cls(
            deadline,
            article.options,
            ArticleIdentity(article.url, article.key),
            max_mentions,
            explain=article.explain,
            waits_for_sources=article.wait_for_sources,
        )

    def waiting_for_sources(self, deadline: Deadline) -> "ResolveContext":
        """Return what a call for the same article begins with that lets sources take their time."""
        return ResolveContext(
            deadline, self.options, self.article, self.max_mentions, waits_for_sources=True
        )

    @property
    def cut_short(self) -> bool:
        """Whether time was too short for something."""
        return bool(self.unfinished.links or self.unfinished.tweets)

    def note_shown(self, answer: Tweet | UnavailableTweet) -> None:
        """Take note of whose tweet X showed: it may stand in the article once more, with nothing
        that leads to it.
        """
        if isinstance(answer, Tweet) and answer.author_handle:
            self.shown.add(answer.author_handle.lower())


@dataclass(frozen=True, slots=True)
class MentionQuery:
    """A mention of the article `text`, the addresses in it as far as they were followed, how its
    embed is to look, and the call it is resolved for.
    """

    text: str
    mention: Mention
    style: EmbedStyle
    links: tuple[LinkResult, ...]
    context: ResolveContext


@dataclass(frozen=True, slots=True)
class Found:
    """The mention's tweet, as X shows it. `proof` is there where the words had to prove it.

    `found_by` is where the id came from, `looked` the candidates that were looked at.
    """

    tweet: TweetRef
    answer: CachedAnswer[Tweet]
    proof: Proof | None = None
    found_by: str | None = None
    looked: tuple[Considered, ...] = ()


@dataclass(frozen=True, slots=True)
class Gone:
    """X shows no tweet under the mention's id. `stated` tells whether the markup, or an address,
    states the id; otherwise it is what a code led to, or an earlier version of the article stated.
    """

    tweet: TweetRef
    answer: CachedAnswer[UnavailableTweet]
    stated: bool
    found_by: str | None = None
    looked: tuple[Considered, ...] = ()

    @property
    def confidence(self) -> float:
        """How sure it is that this is the tweet."""
        return CERTAIN if self.stated else DOUBTFUL


@dataclass(frozen=True, slots=True)
class Unresolved:
    """No tweet: X could not be asked, or nothing proves one. `tweet` is whom X was asked about, or
    the one that the article states beside other words than X's.
    """

    reason: Reason
    tweet: TweetRef | None = None
    confidence: float | None = None
    found_by: str | None = None
    looked: tuple[Considered, ...] = ()

    @property
    def is_refused(self) -> bool:
        """Whether everything was asked, and nothing proves a tweet."""
        return self.reason in _UNPROVED

    @property
    def state(self) -> State:
        """The state that goes with the reason."""
        if self.is_refused:
            return State.UNIDENTIFIED if self.tweet is None else State.KEPT
        return State.DEFERRED if self.reason in _DEFERRED else State.FAILED

    def or_closer(self, other: "Unresolved") -> "Unresolved":
        """Return the refusal of two that came closer to a proof, or else is of a tweet that the
        article states; this one if both are alike.
        """
        return max(
            self,
            other,
            key=lambda each: (_UNPROVED.index(each.reason), each.tweet is not None),
        )


Outcome = Found | Gone | Unresolved


@dataclass(frozen=True, slots=True)
class ResolvedMention:
    """What became of a mention. `links` are addresses inside it that are the article's after all.

    A lone short link that leads to no tweet has no embed; words in front of a flattened tweet or
    behind it are not the tweet's.
    """

    embed: EmbedResult | None
    span: Span
    decision: Decision | None = None
    links: tuple[LinkMention, ...] = ()


def retry_after_s(context: ResolveContext) -> int:
    """Return the seconds after which asking again may help: soon if only time was short, else
    when X said so, or half a minute.
    """
    if context.searches:
        return math.ceil(max((*context.searches, _DEFERRED_RETRY_S)))
    if context.cut_short:
        return _DEFERRED_RETRY_S
    return math.ceil(max((*context.retries, FAILED_RETRY_S)))
