"""Where a mention stands once it is decided what becomes of it."""

from service.core.detect import Mention
from service.core.model import Span, State
from service.core.rewrite.decide import Decision
from service.core.vocabulary import TWEET_CLASS


def place_of(mention: Mention, decision: Decision) -> Span:
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


def taken_with(mention: Mention, decision: Decision) -> Span:
    """Return what goes with an embed: a caption stays in it, and what was split off beside it."""
    edit = decision.edit
    return Span(edit.start, edit.end) if edit and decision.further else place_of(mention, decision)
