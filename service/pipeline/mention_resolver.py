"""One mention, or one link, settled: who it is, what X says of it, what is written. Trouble becomes
a state here (docs/interface.md, promises 1 and 5).
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from service.cache.entries import CachedAnswer
from service.cache.memory import Deadline, DeferredError
from service.core.article import DEFAULT, EmbedResult, LinkResult, Options
from service.core.detect import LinkMention, Mention
from service.core.model import (
    EmbedStyle,
    Form,
    LinkState,
    LinkTarget,
    Reason,
    ServedFrom,
    ShortLink,
    Span,
    State,
    Tweet,
    TweetLink,
    TweetRef,
    UnavailableTweet,
    UpstreamError,
)
from service.core.rewrite.decide import (
    Decision,
    decide,
    decide_quote,
    decide_unavailable,
    effective_style,
)
from service.core.urls.snowflake import snowflake_time
from service.core.urls.tracking import strip_tracking
from service.core.urls.tweet_urls import read_permalink, read_short_link
from service.core.verify import CERTAIN, DOUBTFUL, find_mismatch, verify_text

T = TypeVar("T")
Follow = Callable[[ShortLink, Deadline], Awaitable[CachedAnswer[LinkTarget]]]
Fetch = Callable[
    [tuple[TweetRef, str | None], Deadline],
    Awaitable[CachedAnswer[Tweet | UnavailableTweet]],
]


@dataclass(frozen=True, slots=True)
class ResolvedMention:
    """What became of a mention. `links` are addresses inside it that are the article's after all.

    A lone short link that leads to no tweet has no embed; words in front of a flattened tweet or
    behind it are not the tweet's.
    """

    embed: EmbedResult | None
    span: Span
    composed: Decision | None = None
    links: tuple[LinkMention, ...] = ()


@dataclass(slots=True)
class ResolveContext:
    """One caller's patience and wishes, and what it met: whether time was short, and when X said to
    ask again (seconds).
    """

    patience: Deadline
    options: Options = DEFAULT
    cut_short: bool = False
    retries: list[float] = field(default_factory=list)


async def gather_all(waiting: Sequence[Coroutine[Any, Any, T]]) -> list[T]:
    """Wait for several at the same time. One alone, or none, needs no task of its own."""
    if len(waiting) > 1:
        return list(await asyncio.gather(*waiting))
    return [await one for one in waiting]


@dataclass(frozen=True, slots=True)
class MentionResolver:
    """Settles mentions and links by what `follow` and `fetch` know or ask; neither is called for
    anything else.
    """

    follow: Follow
    fetch: Fetch

    async def link(
        self,
        url: str,
        target: TweetRef | ShortLink,
        call: ResolveContext,
    ) -> LinkResult:
        """Return where an address leads. A permalink is its own target."""
        if isinstance(target, TweetRef):
            return LinkResult(url, LinkState.RESOLVED, target.url)
        try:
            held = await self.follow(target, call.patience)
        except UpstreamError as trouble:
            call.retries.append(trouble.retry_after_s or 0)
            return LinkResult(url, LinkState.FAILED, reason=trouble.reason)
        except DeferredError as deferred:
            call.cut_short = True
            return LinkResult(url, LinkState.DEFERRED, reason=deferred.reason)
        found = held.value
        raw = found.url
        tweet = read_permalink(raw) if raw and found.state is LinkState.RESOLVED else None
        clean = (
            tweet.url
            if tweet
            else strip_tracking(raw)
            if raw and call.options.strip_tracking
            else raw
        )
        return LinkResult(url, found.state, clean, raw, found.hops)

    async def mention(self, text: str, mention: Mention, call: ResolveContext) -> ResolvedMention:
        """Settle a mention of the article `text`."""
        links = await self._links(
            zip(mention.urls, mention.targets, strict=True),
            mention.tweet,
            call,
        )
        look = effective_style(text, mention, call.options)
        if mention.tweet is not None:
            return await self._stated(text, mention, mention.tweet, look, links, call)
        if mention.form is Form.URL:
            led_to = read_permalink(links[0].target or "") if links else None
            if led_to is None:
                return ResolvedMention(None, mention.span, links=mention.links)
            return await self._stated(text, mention, led_to, look, links, call)
        return await self._unstated(text, mention, look, links, call)

    async def _links(
        self,
        addresses: Iterable[tuple[str, TweetRef | ShortLink]],
        own: TweetRef | None,
        call: ResolveContext,
    ) -> tuple[LinkResult, ...]:
        """Follow the addresses inside an embed, each once; its own permalink is not one of its
        links.
        """
        each = {target: url for url, target in reversed(list(addresses)) if target != own}
        return tuple(
            await gather_all(
                [self.link(url, target, call) for target, url in reversed(each.items())],
            ),
        )

    async def _ask(
        self,
        tweet: TweetRef,
        look: EmbedStyle,
        call: ResolveContext,
    ) -> CachedAnswer[Tweet | UnavailableTweet] | Reason:
        try:
            return await self.fetch((tweet, look.lang), call.patience)
        except UpstreamError as trouble:
            call.retries.append(trouble.retry_after_s or 0)
            return trouble.reason
        except DeferredError as deferred:
            call.cut_short = True
            return deferred.reason

    async def _stated(
        self,
        text: str,
        mention: Mention,
        tweet: TweetRef,
        look: EmbedStyle,
        links: tuple[LinkResult, ...],
        call: ResolveContext,
    ) -> ResolvedMention:
        """Settle a mention whose markup, or whose address, states the id."""
        held = await self._ask(tweet, look, call)
        if isinstance(held, Reason):
            return self._left(mention, held, tweet, links)
        if isinstance(held.value, UnavailableTweet):
            composed = decide_unavailable(text, mention, held.value, look, call.options)
            served = ServedFrom.ARTICLE if composed.html else held.served_from
            return self._settled(mention, composed, replace(held, served_from=served), tweet, links)
        composed = decide(text, mention, held.value, look, None, call.options)
        return self._settled(
            mention,
            composed,
            held,
            tweet,
            await self._all_links(held.value, links, call),
        )

    async def _unstated(
        self,
        text: str,
        mention: Mention,
        look: EmbedStyle,
        links: tuple[LinkResult, ...],
        call: ResolveContext,
    ) -> ResolvedMention:
        """Settle a mention whose id must be recovered from its addresses and proved by its words
        (docs/interface.md, promise 5).
        """
        refused: Reason = Reason.NO_CODE
        waiting = next(
            (link.reason for link in links if link.state in {LinkState.DEFERRED, LinkState.FAILED}),
            None,
        )
        for link in reversed(
            links,
        ):  # the media link, the surest one, stands last (docs/x-behaviour.md 1.4)
            candidate = (
                read_permalink(link.target or "") if link.state is LinkState.RESOLVED else None
            )
            if candidate is None or mention.attribution is None or mention.flat is None:
                continue
            against = find_mismatch(mention.attribution, candidate)
            if against is not None:
                refused = (
                    against
                    if refused is not Reason.DATE and refused is not Reason.WORDS
                    else refused
                )
                continue
            held = await self._ask(candidate, look, call)
            if isinstance(held, Reason):
                return self._left(mention, held, candidate, links, DOUBTFUL)
            if isinstance(held.value, UnavailableTweet):
                composed = Decision(held.value.state, held.value.reason, confidence=DOUBTFUL)
                return self._settled(mention, composed, held, candidate, links)
            proof = verify_text(mention.flat, held.value)
            if proof is not None:
                composed = decide(text, mention, held.value, look, proof, call.options)
                return self._settled(
                    mention,
                    composed,
                    held,
                    candidate,
                    await self._all_links(held.value, links, call),
                )
            refused = Reason.WORDS
        if waiting is not None and refused is not Reason.WORDS:
            return self._left(mention, waiting, None, links)
        composed = Decision(
            State.UNIDENTIFIED,
            refused,
            confidence=DOUBTFUL if refused is Reason.WORDS else None,
        )
        if call.options.unidentified == "quote":
            quoted = await self._quoted(text, mention, look, links, call)
            if isinstance(quoted, Reason):
                return self._left(mention, quoted, None, links)
            composed = replace(composed, html=quoted.html, edit=quoted.edit) if quoted else composed
        return self._settled(mention, composed, None, None, links)

    async def _quoted(
        self,
        text: str,
        mention: Mention,
        look: EmbedStyle,
        links: tuple[LinkResult, ...],
        call: ResolveContext,
    ) -> Decision | Reason | None:
        """Find which words are the tweet's, by any tweet that its addresses lead to, whoever wrote
        it; a reason where X could not be asked.

        Without that nothing tells where in its paragraph the tweet begins, and nothing is quoted
        (docs/interface.md, promise 5).
        """
        for link in reversed(links):
            candidate = (
                read_permalink(link.target or "") if link.state is LinkState.RESOLVED else None
            )
            held = await self._ask(candidate, look, call) if candidate is not None else None
            if isinstance(held, Reason):
                return held
            proof = (
                verify_text(mention.flat, held.value)
                if held is not None and mention.flat and isinstance(held.value, Tweet)
                else None
            )
            if proof is not None:
                return decide_quote(text, mention, proof)
        return None

    async def _all_links(
        self,
        tweet: Tweet,
        links: tuple[LinkResult, ...],
        call: ResolveContext,
    ) -> tuple[LinkResult, ...]:
        """Add the short links of the tweet's own words to those the article had."""
        words = [
            (piece.href, read_short_link(piece.href))
            for piece in tweet.pieces
            if isinstance(piece, TweetLink)
        ]
        if not words:
            return links
        known = {read_short_link(link.url) for link in links}
        further = [
            (url, target) for url, target in words if target is not None and target not in known
        ]
        return (*links, *await self._links(further, None, call))

    def _left(
        self,
        mention: Mention,
        why: Reason,
        tweet: TweetRef | None,
        links: tuple[LinkResult, ...],
        confidence: float | None = CERTAIN,
    ) -> ResolvedMention:
        """Leave a mention as it is, because X could not be asked."""
        state = State.DEFERRED if why in {Reason.DEADLINE, Reason.CACHE_ONLY} else State.FAILED
        composed = Decision(state, why, confidence=confidence if tweet else None)
        return self._settled(mention, composed, None, tweet, links)

    def _settled(
        self,
        mention: Mention,
        composed: Decision,
        held: CachedAnswer[Tweet | UnavailableTweet] | None,
        identity: TweetRef | None,
        links: tuple[LinkResult, ...],
    ) -> ResolvedMention:
        tweet = held.value if held is not None and isinstance(held.value, Tweet) else None
        known = tweet if composed.state is not State.UNIDENTIFIED else None
        told = mention.attribution
        handle = (
            (known.author_handle if known else None)
            or (told.handle if told else None)
            or (identity.handle if identity else None)
        )
        place = _place(mention, composed)
        outside = tuple(
            link
            for link in mention.links
            if link.span.end <= place.start or link.span.start >= place.end
        )
        return ResolvedMention(
            EmbedResult(
                start=place.start,
                end=place.end,
                form=mention.form,
                state=composed.state,
                reason=composed.reason,
                confidence=composed.confidence,
                tweet_id=identity.id if identity else None,
                url=TweetRef(identity.id, handle or identity.handle).url if identity else None,
                author_name=(known.author_name if known else None) or (told.name if told else None),
                author_handle=handle,
                text=known.text if known else mention.text,
                lang=known.lang if known else None,
                dir=known.dir if known else None,
                created_at=snowflake_time(identity.id) if identity else None,
                html=composed.html,
                links=links,
                served_from=held.served_from if held else None,
                checked_at=held.checked_at if held else None,
            ),
            mention.span,
            composed,
            outside,
        )


def _place(mention: Mention, composed: Decision) -> Span:
    """Return where the mention stands: all that is replaced, and the whole mention unless its words
    tell that it is shorter.
    """
    edit, span = composed.edit, mention.span
    if edit is None:
        return span
    if mention.tweet is None:
        return Span(edit.start, edit.end)
    return Span(min(edit.start, span.start), max(edit.end, span.end))
