"""What became of a mention, as it is answered: the place that is told of it, whose tweet it is, and
what X said.
"""

from service.core.article import EmbedResult
from service.core.detect import Mention
from service.core.model import ServedFrom, Span, State, TweetRef
from service.core.rewrite.decide import Decision
from service.core.urls.snowflake import snowflake_time
from service.core.vocabulary import TWEET_CLASS
from service.pipeline.resolution import (
    MOST_CONSIDERED,
    Found,
    Gone,
    MentionQuery,
    Outcome,
    ResolvedMention,
    Unresolved,
)


def resolved_mention(query: MentionQuery, outcome: Outcome, decision: Decision) -> ResolvedMention:
    """Return what became of a mention: its result, and the addresses in it that are the article's
    after all.
    """
    mention, identity, attribution = query.mention, outcome.tweet, query.mention.attribution
    answer = None if isinstance(outcome, Unresolved) else outcome.answer
    tweet = outcome.answer.value if isinstance(outcome, Found) else None
    name = (tweet.author_name if tweet else None) or (attribution.name if attribution else None)
    handle = (
        (tweet.author_handle if tweet else None)
        or (attribution.handle if attribution else None)
        or (identity.handle if identity else None)
    )
    place = _place_of(mention, decision)
    own = mention.span if mention.neighbours else _taken_with(mention, decision)
    from_article = isinstance(outcome, Gone) and decision.html is not None
    embed = EmbedResult(
        start=place.start,
        end=place.end,
        form=mention.form,
        state=decision.state,
        reason=decision.reason,
        confidence=decision.confidence,
        tweet_id=identity.id if identity else None,
        url=TweetRef(identity.id, handle or identity.handle).url if identity else None,
        author_name=name,
        author_handle=handle,
        text=tweet.text if tweet else mention.text,
        lang=tweet.lang if tweet else None,
        dir=tweet.dir if tweet else None,
        created_at=snowflake_time(identity.id) if identity else None,
        html=decision.html,
        links=query.links,
        found_by=outcome.found_by,
        considered=outcome.looked[:MOST_CONSIDERED] if query.context.explain else None,
        served_from=ServedFrom.ARTICLE if from_article else answer.served_from if answer else None,
        checked_at=answer.checked_at if answer else None,
        fresh_until=answer.fresh_until if answer else None,
    )
    outside = tuple(
        link for link in mention.links if link.span.end <= own.start or link.span.start >= own.end
    )
    return ResolvedMention(embed, mention.span, decision, outside)


def _place_of(mention: Mention, decision: Decision) -> Span:
    """Return where the mention stands: all that is replaced, and the whole mention unless its words
    tell that it is shorter.
    """
    edit, span = decision.edit, mention.span
    if edit is None:
        return Span(*mention.neighbours[-1].span) if mention.neighbours else span
    alone = mention.tweet is None or decision.further or _is_no_tweet_now(mention, decision)
    if mention.caption is None and alone:
        return Span(edit.start, edit.end)
    ends = (edit.end, span.end, *(each.end for each in decision.further))
    return Span(min(edit.start, span.start), max(ends))


def _is_no_tweet_now(mention: Mention, decision: Decision) -> bool:
    """Return whether nothing, or a tombstone, stands for the tweet in a card whose caption stays:
    the rest of the card is the article's then.
    """
    gone = decision.state in {State.GONE, State.PROTECTED}
    return gone and mention.part is not None and TWEET_CLASS not in (decision.html or "")


def _taken_with(mention: Mention, decision: Decision) -> Span:
    """Return what goes with an embed: a caption stays in it, and what was split off beside it."""
    edit = decision.edit
    return Span(edit.start, edit.end) if edit and decision.further else _place_of(mention, decision)
