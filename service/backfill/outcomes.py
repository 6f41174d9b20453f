"""Summarize what became of an article's tweets and links, in as few bytes as the checkpoint and the
reports need.
"""

from collections.abc import Collection
from typing import Any

from service.core.article import EmbedResult, Result
from service.core.model import LinkState, Reason, State

MOST = 200
"""How many tweets, and how many bad links, of one article are told one by one."""
BAD = frozenset({LinkState.DEAD, LinkState.UNSAFE, LinkState.REFUSED})
"""Links that lead nowhere, or where nobody should go."""
_LONGEST_TEXT, _LONGEST_URL = 140, 500


def tweets_of(result: Result) -> list[dict[str, Any]]:
    """Return an object for each embed, at most `MOST`.

    `start` and `end` are code points of the article as sent, `day` is the tweet's UTC day. `text`
    is there where no embed stands: the first words, so that somebody can look for it; none after a
    takedown.
    """
    return [_tweet(embed) for embed in result.embeds[:MOST]]


def may_show(tweets: list[dict[str, Any]], some: Collection[str]) -> bool:
    """Return whether an article with these tweets, as `tweets_of` gives them, may show one of
    `some`: one with as many as are told of may have had more.
    """
    return len(tweets) >= MOST or any(
        tweet["id"] in some and tweet["state"] == State.EMBEDDED for tweet in tweets
    )


def bad_links_of(result: Result) -> list[dict[str, str]]:
    """Return the article's own links that are dead, unsafe or refused, at most `MOST`. Those inside
    an embed are the tweet's.
    """
    bad = [link for link in result.links if link.state in BAD]
    return [{"url": link.url[:_LONGEST_URL], "state": link.state.value} for link in bad[:MOST]]


def _tweet(embed: EmbedResult) -> dict[str, Any]:
    says = (
        embed.text
        if embed.state is not State.EMBEDDED and embed.reason is not Reason.TAKEDOWN
        else None
    )
    return {
        "id": embed.tweet_id,
        "handle": embed.author_handle,
        "form": embed.form.value,
        "state": embed.state.value,
        "reason": embed.reason.value if embed.reason else None,
        "confidence": embed.confidence,
        "found_by": embed.found_by,
        "day": embed.created_at.date().isoformat() if embed.created_at else None,
        "start": embed.start,
        "end": embed.end,
        "text": shortened(says, _LONGEST_TEXT) if says else None,
    }


def shortened(text: str, most: int) -> str:
    """Return a text on one line, and no more than `most` characters of it; `…` says that there was
    more.
    """
    line = " ".join(text[: 4 * most].split())
    return line if len(line) <= most else f"{line[: most - 1].rstrip()}…"
