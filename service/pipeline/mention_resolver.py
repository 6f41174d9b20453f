"""Find out which tweet a mention means, what X says of it, and what is written for it.

Trouble upstream becomes a state of the mention here, never an exception.
"""

from collections.abc import Awaitable, Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar, cast

from service.cache.adapters import TweetKey
from service.cache.entries import CachedAnswer
from service.cache.memory import Deadline, DeferredError
from service.candidates.finder import Candidates, NoCandidates
from service.core.article import Considered, LinkResult
from service.core.candidate_proof import Refusal, mismatch_of
from service.core.detect import Mention
from service.core.errors import UpstreamError
from service.core.model import (
    Form,
    LinkState,
    LinkTarget,
    Reason,
    ShortLink,
    State,
    Tweet,
    TweetLink,
    TweetRef,
    UnavailableTweet,
)
from service.core.rewrite.decide import (
    Decision,
    EmbedRequest,
    decide,
    decide_quote,
    decide_unavailable,
    effective_style,
)
from service.core.urls.tracking import strip_tracking
from service.core.urls.tweet_links import each_target_once
from service.core.urls.tweet_urls import read_permalink, read_short_link
from service.core.verify import CERTAIN, DOUBTFUL, find_mismatch, verify_text, verify_words
from service.pipeline.candidate_search import (
    TweetAnswer,
    clue_of,
    considered,
    considered_by_code,
    search,
)
from service.pipeline.concurrency import Gather, gather_all
from service.pipeline.mention_result import resolved_mention
from service.pipeline.resolution import (
    Found,
    Gone,
    MentionQuery,
    Outcome,
    ResolveContext,
    ResolvedMention,
    Unresolved,
)

K = TypeVar("K")
V = TypeVar("V")

Follow = Callable[[ShortLink, Deadline], Awaitable[CachedAnswer[LinkTarget]]]
Fetch = Callable[[TweetKey, Deadline], Awaitable[TweetAnswer]]


@dataclass(frozen=True, slots=True)
class MentionResolver:
    """Resolve mentions and links by what `follow` and `fetch` know or ask; neither is called for
    anything else. `candidates` are asked for the tweets that nothing leads to.
    """

    follow: Follow
    fetch: Fetch
    candidates: Candidates = field(default_factory=NoCandidates)
    gather: Gather[Any] = gather_all

    def asking_once(self) -> "MentionResolver":
        """Return one that asks about each link and tweet once: what was answered is the answer for
        the rest of a call, and was served from where it came.
        """
        return replace(self, follow=_asked_once(self.follow), fetch=_asked_once(self.fetch))

    async def link(
        self,
        url: str,
        target: TweetRef | ShortLink,
        context: ResolveContext,
    ) -> LinkResult:
        """Return where an address leads. A permalink is its own target."""
        if isinstance(target, TweetRef):
            return LinkResult(url, LinkState.RESOLVED, target.url)
        try:
            answer = await self.follow(target, context.deadline)
        except UpstreamError as error:
            context.retries.append(error.retry_after_s or 0)
            return LinkResult(url, LinkState.FAILED, reason=error.reason)
        except DeferredError as deferred:
            context.unfinished.links.setdefault(target, set())
            return LinkResult(url, LinkState.DEFERRED, reason=deferred.reason)
        found = answer.value
        raw = found.url
        tweet = read_permalink(raw) if raw and found.state is LinkState.RESOLVED else None
        strips = raw and context.options.strip_tracking
        clean = tweet.url if tweet else strip_tracking(raw or "") if strips else raw
        return LinkResult(url, found.state, clean, raw, found.hops)

    async def mention(
        self,
        text: str,
        mention: Mention,
        context: ResolveContext,
    ) -> ResolvedMention:
        """Resolve a mention of the article `text`."""
        style = effective_style(text, mention, context.options)
        addresses = [*zip(mention.urls, mention.targets, strict=True), *_of_caption(mention)]
        links = await self._follow_each(addresses, mention.tweet, context)
        if mention.tweet is None and context.cut_short:
            _note_wanted(addresses, mention, style.lang, context)
        query = MentionQuery(text, mention, style, links, context)
        outcome = await self._identify(query)
        if outcome is None:
            return ResolvedMention(None, mention.span, links=mention.links)
        if isinstance(outcome, Found):
            further = await self._links_of(outcome.answer.value, query)
            if outcome.proof is not None and outcome.proof.is_wider:
                mention = mention.widened()
            query = replace(query, mention=mention, links=(*links, *further))
        elif isinstance(outcome, Unresolved) and outcome.state is State.UNIDENTIFIED:
            quoted = await self._quote(query)
            if isinstance(quoted, Unresolved):
                outcome = quoted
            elif quoted is not None:
                decision = replace(_decide(query, outcome), html=quoted.html, edit=quoted.edit)
                return resolved_mention(query, outcome, decision)
        return resolved_mention(query, outcome, _decide(query, outcome))

    async def _identify(self, query: MentionQuery) -> Outcome | None:
        """Find the mention's tweet; None for a lone short link that leads to no tweet."""
        mention = query.mention
        if mention.tweet is not None:
            return await self._fetch_stated(mention.tweet, query, "markup")
        if mention.form is Form.URL:
            linked = read_permalink(query.links[0].target or "") if query.links else None
            return await self._fetch_stated(linked, query, "code") if linked else None
        return await self._search(query)

    async def _fetch_stated(self, tweet: TweetRef, query: MentionQuery, found_by: str) -> Outcome:
        """Return what X says of the tweet that the markup, or an address, states."""
        answer = await self._ask(tweet, query)
        if isinstance(answer, Reason):
            return Unresolved(answer, tweet, CERTAIN, found_by)
        query.context.note_shown(answer.value)
        return _found_or_gone(tweet, answer, found_by)

    async def _search(self, query: MentionQuery) -> Outcome:
        """Find a tweet whose id nothing states: what its addresses lead to, else what the sources
        of candidates name, each to be proved.
        """
        refused = Unresolved(Reason.NO_CODE)
        looked: tuple[Considered, ...] = ()
        for candidate in _linked_tweets(query):
            outcome = await self._prove(candidate, query)
            looked = (*looked, *outcome.looked)
            if not (isinstance(outcome, Unresolved) and outcome.is_refused):
                return replace(outcome, looked=looked)
            refused = refused.or_closer(outcome)
        outcome = await self._search_sources(query)
        looked = (*looked, *outcome.looked)
        if isinstance(outcome, Unresolved):
            waiting = next((one.reason for one in query.links if one.is_open), None)
            if waiting is not None and not refused.confidence:
                outcome = Unresolved(waiting)
            elif outcome.is_refused:
                outcome = refused.or_closer(outcome)
        return replace(outcome, looked=looked)

    async def _search_sources(self, query: MentionQuery) -> Outcome:
        """Find a tweet that nothing leads to, by its author, its day and its words."""
        context = query.context
        clue = clue_of(query.mention, context.article)
        if not self.candidates.names:
            return Unresolved(Reason.NO_CODE)
        if clue is None:
            return Unresolved(Reason.NOT_FOUND)

        async def ask(tweet: TweetRef) -> TweetAnswer | Reason:
            return await self._ask(tweet, query)

        wait = context.waits_for_sources
        result = await search(query.mention, clue, self.candidates, ask, wait=wait)
        looked = considered(result.looked) if context.explain else ()
        if result.found is not None:
            candidate = result.found.candidate
            outcome = _found_or_gone(
                TweetRef(candidate.tweet_id), result.found.shown, candidate.source, stated=False
            )
            if isinstance(outcome, Found):
                return replace(outcome, proof=result.proof, looked=looked)
            return replace(outcome, looked=looked)
        if any(one.assessment.refusal is Refusal.WORDS for one in result.looked):
            context.lacking.add(clue.handle)
        reason = result.reason or Reason.NOT_FOUND
        if reason is Reason.SEARCHING and context.deadline.cache_only:
            reason = Reason.CACHE_ONLY
        elif reason is Reason.SEARCHING:
            context.searches.append(result.wait_s)
        return Unresolved(reason, looked=looked)

    async def _prove(self, candidate: TweetRef, query: MentionQuery) -> Outcome:
        """Return what X says of a candidate, and whether its words are those of the article."""
        mention = query.mention
        if mention.attribution is None or mention.flat is None:
            return Unresolved(Reason.NO_CODE)
        mismatch = find_mismatch(mention.attribution, candidate)
        if mismatch is not None:
            return Unresolved(mismatch)
        answer = await self._ask(candidate, query)
        if isinstance(answer, Reason):
            return Unresolved(answer, candidate, DOUBTFUL)
        outcome = _found_or_gone(candidate, answer, "code", stated=False)
        if isinstance(outcome, Gone):
            # without a handle in the address nothing tells that it was the author's
            return outcome if candidate.handle else Unresolved(Reason.OTHER_TWEET)
        tweet = outcome.answer.value
        query.context.note_shown(tweet)
        mismatch = mismatch_of(mention.attribution, tweet)
        proof = None if mismatch else verify_words(mention, tweet)
        reason = mismatch or (None if proof else Reason.WORDS)
        looked = (considered_by_code(tweet, reason, proof),)
        if proof is None:
            confidence = None if mismatch else DOUBTFUL
            stated = None if mismatch else _stated(mention, candidate)
            found_by = "markup" if stated else None
            return Unresolved(reason or Reason.WORDS, stated, confidence, found_by, looked)
        return replace(outcome, proof=proof, looked=looked)

    async def _quote(self, query: MentionQuery) -> Decision | Unresolved | None:
        """Make a quotation of the words of a tweet that nothing proves, where that is asked for.

        Which words are the tweet's is told by any tweet that its addresses lead to, whoever wrote
        it; without one nothing is quoted.
        """
        flat = query.mention.flat
        if query.context.options.unidentified != "quote" or flat is None:
            return None
        for candidate in _linked_tweets(query):
            answer = await self._ask(candidate, query)
            if isinstance(answer, Reason):
                return Unresolved(answer)
            known = answer.value
            proof = verify_text(flat, known) if isinstance(known, Tweet) else None
            if proof is not None:
                return decide_quote(query.mention, proof)
        return None

    async def _ask(
        self,
        tweet: TweetRef,
        query: MentionQuery,
    ) -> TweetAnswer | Reason:
        """Return what X says of a tweet, or why X could not be asked."""
        try:
            return await self.fetch((tweet, query.style.lang), query.context.deadline)
        except UpstreamError as error:
            query.context.retries.append(error.retry_after_s or 0)
            return error.reason
        except DeferredError as deferred:
            query.context.unfinished.tweets.add((tweet, query.style.lang))
            return deferred.reason

    async def _follow_each(
        self,
        addresses: Iterable[tuple[str, TweetRef | ShortLink]],
        own: TweetRef | None,
        context: ResolveContext,
    ) -> tuple[LinkResult, ...]:
        """Follow the addresses inside an embed, each once; its own permalink is not one of its
        links.
        """
        each = each_target_once((url, target) for url, target in addresses if target != own)
        return tuple(await self.gather([self.link(*one, context) for one in each]))

    async def _links_of(self, tweet: Tweet, query: MentionQuery) -> tuple[LinkResult, ...]:
        """Follow the short links of the tweet's own words that the article does not have."""
        hrefs = [piece.href for piece in tweet.pieces if isinstance(piece, TweetLink)]
        if not hrefs:
            return ()
        known = {read_short_link(link.url) for link in query.links}
        short = ((href, read_short_link(href)) for href in hrefs)
        further = [(url, target) for url, target in short if target and target not in known]
        return await self._follow_each(further, None, query.context)


def _asked_once(
    ask: Callable[[K, Deadline], Awaitable[CachedAnswer[V]]],
) -> Callable[[K, Deadline], Awaitable[CachedAnswer[V]]]:
    answers: dict[K, CachedAnswer[V]] = {}

    async def once(key: K, deadline: Deadline) -> CachedAnswer[V]:
        if key not in answers:
            answers[key] = await ask(key, deadline)
        return answers[key]

    return once


def _note_wanted(
    addresses: Iterable[tuple[str, TweetRef | ShortLink]],
    mention: Mention,
    lang: str | None,
    context: ResolveContext,
) -> None:
    """Take note that a mention is identified by what its addresses lead to, where time was too
    short for one.
    """
    author = mention.attribution.handle if mention.attribution else None
    for _, target in addresses:
        if isinstance(target, ShortLink) and target in context.unfinished.links:
            context.unfinished.links[target].add((lang, author))


def _of_caption(mention: Mention) -> Iterator[tuple[str, TweetRef | ShortLink]]:
    """Return the addresses in the caption of an embed block, each with where it leads."""
    within = mention.caption
    for link in mention.links if within else ():
        if within and within.start <= link.span.start < within.end:
            yield link.url, link.target


def _linked_tweets(query: MentionQuery) -> Iterator[TweetRef]:
    """Return the tweets that the addresses of a mention lead to, last address first.

    The link of a tweet's own picture or video, the surest one, stands last in its words
    (https://docs.x.com/x-api/fundamentals/data-dictionary, `entities`).
    """
    for link in reversed(query.links):
        if link.state is LinkState.RESOLVED and (tweet := read_permalink(link.target or "")):
            yield tweet


def _stated(mention: Mention, candidate: TweetRef) -> TweetRef | None:
    """Return the permalink of a mention's attribution if it is the candidate's."""
    own = mention.permalink
    return own if own is not None and own.id == candidate.id else None


def _found_or_gone(
    tweet: TweetRef,
    answer: TweetAnswer,
    found_by: str,
    *,
    stated: bool = True,
) -> Found | Gone:
    if isinstance(answer.value, UnavailableTweet):
        return Gone(tweet, cast("CachedAnswer[UnavailableTweet]", answer), stated, found_by)
    return Found(tweet, cast("CachedAnswer[Tweet]", answer), found_by=found_by)


def _decide(query: MentionQuery, outcome: Outcome) -> Decision:
    """Decide what is written for a mention, given what came of it."""
    if isinstance(outcome, Unresolved):
        return Decision(outcome.state, outcome.reason, confidence=outcome.confidence)
    request = EmbedRequest(query.text, query.mention, query.style, query.context.options)
    if isinstance(outcome, Found):
        return decide(request, outcome.answer.value, outcome.proof)
    gone = outcome.answer.value
    if outcome.stated:
        return decide_unavailable(request, gone)
    return Decision(gone.state, gone.reason, confidence=outcome.confidence)
