"""The embed for an address alone, without an article around it: the same way as for a mention."""

from collections.abc import Callable, Sequence

from service.cache.memory import Deadline
from service.core.article import (
    DEFAULT,
    AddressEmbeds,
    AddressTargets,
    EmbedResult,
    LinkResult,
    Options,
)
from service.core.mentions import Mention, ReplaceElement
from service.core.model import Form, LinkState, Reason, ShortLink, Span, State, TweetRef
from service.core.urls.tweet_urls import read_permalink, read_short_link
from service.pipeline.concurrency import gather_all
from service.pipeline.memory_resolver import MemoryResolver
from service.pipeline.mention_resolver import MentionResolver
from service.pipeline.passage_memory import AddressMemory, Remembered
from service.pipeline.resolution import ResolveContext, retry_after_s

NO_TWEET_RETRY_S = 24 * 60 * 60
"""An address that is no tweet stays none: asking again helps only where the caller mends it."""
_OPEN = frozenset({State.DEFERRED, State.FAILED})


class AddressResolver:
    """Resolve addresses as the mentions of an article are."""

    def __init__(
        self,
        mention_resolver: MentionResolver,
        memory: MemoryResolver,
        kept: AddressMemory,
        count: Callable[[State], None] = lambda _: None,
    ) -> None:
        """Resolve by `mention_resolver`, without waiting where `memory` has all there is to know.
        What is embedded is `kept` as it was written; `count` is told what became of each embed.
        """
        self._mentions = mention_resolver
        self._memory = memory
        self._kept = kept
        self.count = count

    async def embeds(
        self, urls: Sequence[str], deadline_ms: int, options: Options = DEFAULT
    ) -> AddressEmbeds:
        """Return an embed for each address; what is no tweet is `failed`, `not_a_tweet`."""
        context = ResolveContext(Deadline.for_ms(deadline_ms), options)
        known = [self._in_memory(url, context) for url in urls]
        asked = [url for url, embed in zip(urls, known, strict=True) if embed is None]
        learnt = iter(await gather_all([_embed(self._mentions, url, context) for url in asked]))
        embeds = [next(learnt) if embed is None else embed for embed in known]
        for embed in embeds:
            self.count(embed.state)
        is_open = any(
            (embed.state in _OPEN and embed.reason is not Reason.NOT_A_TWEET)
            or any(link.is_open for link in embed.links)
            for embed in embeds
        )
        if is_open:
            return AddressEmbeds(tuple(embeds), retry_after_s(context))
        is_whole = all(embed.state not in _OPEN for embed in embeds)
        return AddressEmbeds(tuple(embeds), None if is_whole else NO_TWEET_RETRY_S)

    async def links(self, urls: Sequence[str], deadline_ms: int) -> AddressTargets:
        """Return where each address leads; what is no short link is its own target."""
        context = ResolveContext(Deadline.for_ms(deadline_ms))
        links = await gather_all([self._link(url, context) for url in urls])
        is_open = any(link.is_open for link in links)
        return AddressTargets(tuple(links), retry_after_s(context) if is_open else None)

    async def _link(self, url: str, context: ResolveContext) -> LinkResult:
        short = read_short_link(url)
        if short is None:
            return LinkResult(url, LinkState.RESOLVED, url, url)
        return await self._mentions.link(url, short, context)

    def _in_memory(self, url: str, context: ResolveContext) -> EmbedResult | None:
        """Return the embed that memory alone knows, as it was written before if it can be."""
        key = url, context.options
        kept = self._kept.get(key)
        if kept is not None:
            return kept.result
        done = self._memory.at_once(lambda resolver: _embed(resolver, url, context))
        if done is None:
            return None
        embed, used = done
        if embed.state is State.EMBEDDED:
            self._kept.put(key, Remembered(embed, used))
        return embed


async def _embed(resolver: MentionResolver, url: str, context: ResolveContext) -> EmbedResult:
    target: TweetRef | ShortLink | None = read_permalink(url) or read_short_link(url)
    if isinstance(target, ShortLink):
        link = await resolver.link(url, target, context)
        if link.is_open:
            state = State.DEFERRED if link.state is LinkState.DEFERRED else State.FAILED
            return _no_tweet(url)._replace(state=state, reason=link.reason)
    if target is None:
        return _no_tweet(url)
    tweet = target if isinstance(target, TweetRef) else None
    whole = (0, len(url))
    mention = Mention(
        Span(*whole),
        Form.URL,
        ReplaceElement(whole, whole),
        tweet=tweet,
        targets=(target,),
        urls=(url,),
    )
    resolved = await resolver.mention(url, mention, context)
    return resolved.embed or _no_tweet(url)


def _no_tweet(url: str) -> EmbedResult:
    return EmbedResult(0, len(url), Form.URL, State.FAILED, Reason.NOT_A_TWEET)
