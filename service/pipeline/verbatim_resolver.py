"""What becomes of a passage that is a known tweet, letter for letter."""

from typing import cast

from service.cache.entries import CachedAnswer
from service.cache.memory import CACHE_ONLY
from service.core.article import Options
from service.core.errors import UpstreamError
from service.core.model import Form, Format, Reason, State, Tweet, TweetRef
from service.core.rewrite.decide import Decision, effective_style, render_tweet
from service.core.rewrite.intact import as_x_says
from service.core.rewrite.verbatim import VerbatimPassage, addresses_in
from service.core.urls.tweet_urls import read_permalink
from service.core.verify import CERTAIN
from service.pipeline.mention_resolver import MentionResolver, resolved_mention
from service.pipeline.passage_resolver import PassageResult
from service.pipeline.resolution import Found, MentionQuery, ResolveContext


async def resolve_verbatim(
    content: str, passage: VerbatimPassage, resolver: MentionResolver, options: Options
) -> PassageResult | None:
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
        html = as_x_says(content, tweet) if is_embed else render_tweet(None, tweet, style, options)
    except UpstreamError:
        return None
    if html is None:
        return None
    links = [await resolver.link(url, target, context) for url, target in addresses]
    query = MentionQuery(content, mention, style, tuple(links), context)
    reason = Reason.INTACT if is_embed else None
    outcome = Found(
        tweet_ref,
        cast("CachedAnswer[Tweet]", answer),
        found_by="markup" if passage.tweet else "code",
    )
    decision = Decision(State.EMBEDDED, reason, html, confidence=CERTAIN)
    embed = resolved_mention(query, outcome, decision).embed
    return PassageResult(html, Format.HTML, (embed,), ()) if embed else None


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
