"""The search for a tweet that nothing in its words leads to: sources in order, until one proves."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from service.cache.entries import CachedAnswer
from service.candidates.clue import Clue
from service.candidates.finder import Candidate, Candidates, Standing
from service.core.article import Considered
from service.core.candidate_proof import Assessment, Refusal, assess, only_one
from service.core.mentions import Mention
from service.core.model import Reason, ShortLink, State, Tweet, TweetRef, UnavailableTweet
from service.core.urls.snowflake import snowflake_time
from service.core.verify import DOUBTFUL, Proof
from service.pipeline.concurrency import gather_all
from service.pipeline.resolution import ArticleIdentity

TweetAnswer = CachedAnswer[Tweet | UnavailableTweet]
AskX = Callable[[TweetRef], Awaitable[TweetAnswer | Reason]]
"""Asks X about a tweet; a reason where it could not be asked."""

_NOT_ASSESSED: Final = Assessment()


@dataclass(frozen=True, slots=True)
class Looked:
    """A candidate, what X says of it, and what that is worth."""

    candidate: Candidate
    answer: TweetAnswer | Reason
    assessment: Assessment = _NOT_ASSESSED

    @property
    def shown(self) -> TweetAnswer:
        """X's answer; only of one that X was asked about."""
        assert not isinstance(self.answer, Reason)  # noqa: S101 - a search ends on such a one
        return self.answer

    @property
    def is_gone(self) -> bool:
        """Whether X says that there is no such tweet any more."""
        return (
            isinstance(self.answer, CachedAnswer)
            and isinstance(self.answer.value, UnavailableTweet)
            and self.answer.value.state is State.GONE
        )


@dataclass(frozen=True, slots=True)
class SearchResult:
    """How a search ended: a tweet and its proof, or the reason why there is none.

    `found` without a proof is a tweet that an earlier version of the article stated and X calls
    gone. `wait_s` tells, for `searching`, how long the slowest source takes.
    """

    reason: Reason | None
    found: Looked | None = None
    looked: tuple[Looked, ...] = ()
    wait_s: float = 0.0

    @property
    def proof(self) -> Proof | None:
        """The proof, where there is one."""
        return self.found.assessment.proof if self.found else None


def clue_of(mention: Mention, article: ArticleIdentity) -> Clue | None:
    """Return what a mention tells to search by; None without an author and a day."""
    attribution = mention.attribution
    if mention.flat is None or attribution is None:
        return None
    if not attribution.handle or attribution.date is None:
        return None
    codes = tuple(
        dict.fromkeys(each.code for each in mention.targets if isinstance(each, ShortLink))
    )
    return Clue(
        attribution.handle.lower(),
        attribution.date,
        mention.flat.text,
        codes,
        article.url,
        article.key,
    )


async def search(
    mention: Mention, clue: Clue, candidates: Candidates, ask: AskX, *, wait: bool
) -> SearchResult:
    """Look at candidates, source after source, until exactly one of all those named is proved.

    Whatever is known is looked at, whoever named it: what is equal to the proved one must not hide
    in a source that comes later.

    Unless `wait`, only what is known already is looked at, and the first source that would have to
    be asked ends the search as `searching`.
    """
    looked: dict[str, Looked] = {}
    for name in candidates.names:
        standing = Standing.NEW
        while standing is Standing.NEW:
            known = await candidates.known(clue)
            new = [each for each in known if each.tweet_id not in looked]
            for one in await gather_all([_look(mention, clue, each, ask) for each in new]):
                looked[one.candidate.tweet_id] = one
            ended = _verdict(tuple(looked.values()))
            if ended is not None:
                return ended
            standing = await candidates.search(name, clue, wait=wait)
        if standing is Standing.OPEN:
            slowest = max(map(candidates.estimate_s, candidates.names))
            return SearchResult(Reason.SEARCHING, looked=tuple(looked.values()), wait_s=slowest)
    return _nothing(tuple(looked.values()))


def considered(looked: tuple[Looked, ...]) -> tuple[Considered, ...]:
    """Return what a caller is told of the candidates that were looked at; no taken-down tweet."""
    listed = []
    for one in looked:
        answer = one.answer
        tweet = answer.value if isinstance(answer, CachedAnswer) else None
        if isinstance(tweet, UnavailableTweet) and tweet.reason is Reason.TAKEDOWN:
            continue
        known = tweet if isinstance(tweet, Tweet) else None
        proof = one.assessment.proof
        if isinstance(answer, Reason):
            reason: str | None = answer.value
        elif isinstance(tweet, UnavailableTweet):
            reason = tweet.state.value
        else:
            refusal = one.assessment.refusal
            reason = refusal.value if refusal else None
        listed.append(
            Considered(
                tweet_id=one.candidate.tweet_id,
                source=one.candidate.source.value,
                confidence=proof.confidence if proof else _unproved(one.assessment.refusal),
                reason=reason,
                handle=known.author_handle if known else None,
                created_at=snowflake_time(one.candidate.tweet_id),
                text=known.text if known else None,
            )
        )
    return tuple(listed)


def _unproved(refusal: Refusal | None) -> float | None:
    """Return how sure it is of one that is not proved: not at all if author or day differ."""
    return None if refusal in {Refusal.OTHER_TWEET, Refusal.DATE} else DOUBTFUL


def considered_by_code(tweet: Tweet, reason: Reason | None, proof: Proof | None) -> Considered:
    """Return what a caller is told of a tweet that an address among the words leads to."""
    return Considered(
        tweet_id=tweet.id,
        source="code",
        confidence=proof.confidence if proof else DOUBTFUL if reason is Reason.WORDS else None,
        reason=reason.value if reason else None,
        handle=tweet.author_handle,
        created_at=snowflake_time(tweet.id),
        text=tweet.text,
    )


async def _look(mention: Mention, clue: Clue, candidate: Candidate, ask: AskX) -> Looked:
    answer = await ask(TweetRef(candidate.tweet_id, clue.handle))
    if isinstance(answer, Reason) or isinstance(answer.value, UnavailableTweet):
        return Looked(candidate, answer)
    assessment = assess(mention, answer.value, earlier_version=candidate.earlier_version)
    return Looked(candidate, answer, assessment)


def _verdict(looked: tuple[Looked, ...]) -> SearchResult | None:
    """Return how a search ends with these; None while nothing is proved.

    One that X could not be asked about may be as good as one that is proved, so it ends it too.
    """
    waiting = next((one.answer for one in looked if isinstance(one.answer, Reason)), None)
    if isinstance(waiting, Reason):
        return SearchResult(waiting, looked=looked)
    best = only_one([one.assessment for one in looked])
    if best is Reason.AMBIGUOUS:
        return SearchResult(Reason.AMBIGUOUS, looked=looked)
    if isinstance(best, Reason):
        return None
    return SearchResult(None, next(one for one in looked if one.assessment is best), looked)


def _nothing(looked: tuple[Looked, ...]) -> SearchResult:
    """Return that nothing was proved; an id that the article itself stated once may be gone."""
    gone = [one for one in looked if one.candidate.earlier_version and one.is_gone]
    if len(gone) == 1:
        return SearchResult(None, gone[0], looked)
    return SearchResult(Reason.NOT_FOUND, looked=looked)
