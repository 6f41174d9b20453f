"""What becomes of a passage that is a known tweet, letter for letter: the same as in the general
way (`passage_resolver.py`), at a fraction of its price. Where that is not sure, the general way is
taken.
"""

from dataclasses import dataclass
from typing import cast

from service.cache.entries import CachedAnswer
from service.core.article import Article, EmbedResult
from service.core.errors import UpstreamError
from service.core.model import EmbedStyle, Form, Format, Reason, SafeHtml, State, Tweet, TweetRef
from service.core.render.blockquote import render_blockquote
from service.core.rewrite.decide import Decision, effective_style, render_tweet
from service.core.rewrite.verbatim import VerbatimPassage, addresses_in, read_verbatim
from service.core.rewrite.widget_script import scripts_stay
from service.core.sanitize.sanitizer import accept_like
from service.core.urls.tweet_urls import read_permalink
from service.core.verify import CERTAIN
from service.pipeline.mention_resolver import MentionResolver
from service.pipeline.mention_result import resolved_mention
from service.pipeline.passage_resolver import PassageResult
from service.pipeline.resolution import Found, MentionQuery, ResolveContext

_ANY_STYLE = EmbedStyle()  # of the tags that it stands in, `accept_like` takes any


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
        """Return what becomes of a passage of this tweet; None where the general way is taken."""
        if self.embed.form is not Form.BLOCKQUOTE:
            embed = self.embed.at(0, len(source))
            return PassageResult(self.html, Format.HTML, (embed,), ())
        own = accept_like(source, self.html)
        if own is None:
            return None
        embed = self.embed._replace(start=0, end=len(source), html=own)
        return PassageResult(own, Format.HTML, (embed,), ())


def verbatim_passage(content: str, article: Article) -> VerbatimPassage | None:
    """Return what tweet a passage of an HTML article looks like; None where the general way is to
    be taken.
    """
    options = article.options
    if article.explain or article.output == "text":
        return None
    if not scripts_stay(content, options):  # X's script is written with the article
        return None
    passage = read_verbatim(content)
    if passage is None or passage.form is not Form.BLOCKQUOTE:
        return passage
    stays = options.intact == "keep" and options.render == "blockquote"
    return passage if stays else None


async def resolve_verbatim(
    passage: VerbatimPassage, resolver: MentionResolver, context: ResolveContext
) -> VerbatimTweet | None:
    """Return what becomes of a passage; None where the general way is to be taken. Raises what the
    lookups of `resolver` do.
    """
    is_embed = passage.form is Form.BLOCKQUOTE
    options = context.options
    mention = passage.mention
    style = effective_style("", mention, options)
    tweet_ref = passage.tweet or await _linked_tweet(passage, resolver, context)
    if tweet_ref is None:
        return None
    lang = options.lang or passage.lang if is_embed else style.lang
    answer = await resolver.fetch((tweet_ref, lang), context.deadline)
    context.note_shown(answer.value)
    tweet = answer.value
    if not isinstance(tweet, Tweet) or not _is_by_named_author(tweet_ref, tweet):
        return None
    addresses = addresses_in(passage, tweet)
    if addresses is None:
        return None
    try:
        html = (
            render_blockquote(tweet, _ANY_STYLE)
            if is_embed
            else render_tweet(None, tweet, style, options)
        )
    except UpstreamError:
        return None
    links = await resolver.gather([resolver.link(*address, context) for address in addresses])
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


async def ask_verbatim(
    passage: VerbatimPassage, source: str, resolver: MentionResolver, context: ResolveContext
) -> PassageResult | None:
    """Return what becomes of a passage, X being asked; None where the general way is to be taken,
    which says what went wrong, if anything did.
    """
    try:
        tweet = await resolve_verbatim(passage, resolver, context)
    # docs/interface.md, promise 1: it is met again, and told, where it costs one mention
    except Exception:  # noqa: BLE001
        return None
    return tweet.written_for(source) if tweet else None


async def _linked_tweet(
    passage: VerbatimPassage, resolver: MentionResolver, context: ResolveContext
) -> TweetRef | None:
    """Return the tweet that the code in a line leads to."""
    if passage.code is None:
        return None
    link = await resolver.link(passage.code.url, passage.code, context)
    return read_permalink(link.target or "")


def _is_by_named_author(stated: TweetRef, tweet: Tweet) -> bool:
    """Return whether an address, if it names an author, names that of the tweet."""
    return stated.handle is None or stated.handle.lower() == (tweet.author_handle or "").lower()
