"""What becomes of a passage that is a known tweet, letter for letter."""

from dataclasses import dataclass, replace
from typing import cast

from service.cache.entries import CachedAnswer
from service.cache.memory import CACHE_ONLY
from service.core.article import EmbedResult, Options
from service.core.errors import UpstreamError
from service.core.model import EmbedStyle, Form, Format, Reason, SafeHtml, State, Tweet, TweetRef
from service.core.render.blockquote import render_blockquote
from service.core.rewrite.decide import Decision, effective_style, render_tweet
from service.core.rewrite.verbatim import VerbatimPassage, addresses_in
from service.core.sanitize.sanitizer import accept_like
from service.core.urls.tweet_urls import read_permalink
from service.core.verify import CERTAIN
from service.pipeline.mention_resolver import MentionResolver, resolved_mention
from service.pipeline.passage_resolver import PassageResult
from service.pipeline.resolution import Found, MentionQuery, ResolveContext

_NO_LOOK = EmbedStyle()


@dataclass(frozen=True, slots=True)
class VerbatimTweet:
    """What becomes of a tweet wherever it stands so: its result, without a place, and what is
    written for it. An embed of the article's own stays; `html` is one that is known to be safe,
    which it must be like.
    """

    embed: EmbedResult
    html: SafeHtml

    @property
    def mentions(self) -> int:
        """How many mentions and links were resolved."""
        return 1 + len(self.embed.links)

    def written_for(self, source: str) -> PassageResult | None:
        """Return what becomes of a passage of this tweet; None where that has to be found in the
        general way.
        """
        if self.embed.form is not Form.BLOCKQUOTE:
            embed = self.embed.at(0, len(source))
            return PassageResult(self.html, Format.HTML, (embed,), ())
        own = accept_like(source, self.html)
        if own is None:
            return None
        embed = replace(self.embed, start=0, end=len(source), html=own)
        return PassageResult(own, Format.HTML, (embed,), ())


async def resolve_verbatim(
    passage: VerbatimPassage, resolver: MentionResolver, options: Options
) -> VerbatimTweet | None:
    """Return what becomes of a passage, just what the general way would make of it; None where that
    has to be gone. Raises what the lookups of `resolver` do.
    """
    is_embed = passage.form is Form.BLOCKQUOTE
    if is_embed and (options.intact != "keep" or options.render != "blockquote"):
        return None
    context = ResolveContext(CACHE_ONLY, options)
    mention = passage.mention
    style = effective_style("", mention, options)
    tweet_ref = passage.tweet or await _candidate(passage, resolver, context)
    if tweet_ref is None:
        return None
    lang = options.lang or passage.lang if is_embed else style.lang
    answer = await resolver.fetch((tweet_ref, lang), context.deadline)
    tweet = answer.value
    addresses = addresses_in(passage, tweet) if isinstance(tweet, Tweet) else None
    if not isinstance(tweet, Tweet) or addresses is None or not _may_be(tweet_ref, tweet):
        return None
    try:
        html = (
            render_blockquote(tweet, _NO_LOOK)
            if is_embed
            else render_tweet(None, tweet, style, options)
        )
    except UpstreamError:
        return None
    links = [await resolver.link(url, target, context) for url, target in addresses]
    query = MentionQuery("", mention, style, tuple(links), context)
    reason = Reason.INTACT if is_embed else None
    outcome = Found(
        tweet_ref,
        cast("CachedAnswer[Tweet]", answer),
        found_by="markup" if passage.tweet else "code",
    )
    decision = Decision(State.EMBEDDED, reason, html, confidence=CERTAIN)
    embed = resolved_mention(query, outcome, decision).embed
    return VerbatimTweet(embed, html) if embed else None


async def _candidate(
    passage: VerbatimPassage, resolver: MentionResolver, context: ResolveContext
) -> TweetRef | None:
    """Return the tweet that the code in a line leads to."""
    if passage.code is None:
        return None
    link = await resolver.link(passage.code.url, passage.code, context)
    return read_permalink(link.target or "")


def _may_be(stated: TweetRef, tweet: Tweet) -> bool:
    """Return whether an address, if it names an author, names that of the tweet."""
    return stated.handle is None or stated.handle.lower() == (tweet.author_handle or "").lower()
