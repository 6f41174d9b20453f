"""Answers of X as the store holds them: plain JSON, read back as strictly as X's own answers. No
HTML is ever stored or believed.
"""

import json
from typing import Any, Final

from service.core.model import (
    LineBreak,
    LinkState,
    LinkTarget,
    State,
    Tweet,
    TweetLink,
    TweetPiece,
    TweetText,
    UnavailableTweet,
)
from service.core.oembed.normalize import canonical_tweet
from service.core.urls.safety import is_safe_address

POLICY: Final = 1
"""The form of what is stored, and the rules it was made by. Rows of another policy are not read."""

MOST_BYTES: Final = 256 * 1024
_MOST_HOPS: Final = 5
_ABSENT: Final = frozenset({State.GONE, State.PROTECTED})
_TARGETS: Final = frozenset(
    {LinkState.RESOLVED, LinkState.DEAD, LinkState.UNSAFE, LinkState.REFUSED},
)
_TWEET_MEMBERS: Final = {"id", "author_name", "author_handle", "pieces", "lang", "dir", "date_text"}


def write_answer(answer: Tweet | UnavailableTweet) -> str:
    """Write what X says of a tweet."""
    if isinstance(answer, UnavailableTweet):
        return json.dumps({"state": answer.state.value})
    return json.dumps(
        {
            "id": answer.id,
            "author_name": answer.author_name,
            "author_handle": answer.author_handle,
            "pieces": [_piece_out(piece) for piece in answer.pieces],
            "lang": answer.lang,
            "dir": answer.dir,
            "date_text": answer.date_text,
        },
        ensure_ascii=False,
    )


def read_answer(tweet_id: str, body: object) -> Tweet | UnavailableTweet:
    """Read what X said of the tweet `tweet_id`, from JSON text or its value. `ValueError` unless
    all of it is as it may be shown today.
    """
    members = _object(body)
    if members.keys() == {"state"}:
        return UnavailableTweet(_one_of(State(_text(members["state"])), _ABSENT))
    pieces = members.get("pieces")
    if (
        members.keys() != _TWEET_MEMBERS
        or not isinstance(pieces, list)
        or members["id"] != tweet_id
    ):
        raise ValueError(tweet_id)
    tweet = Tweet(
        id=tweet_id,
        author_name=_text_or_none(members["author_name"]),
        author_handle=_text_or_none(members["author_handle"]),
        pieces=tuple(map(_piece_in, pieces)),
        lang=_text_or_none(members["lang"]),
        dir=_text_or_none(members["dir"]),
        date_text=_text_or_none(members["date_text"]),
    )
    if canonical_tweet(tweet) != tweet:
        raise ValueError(tweet_id)
    return tweet


def write_target(target: LinkTarget) -> str:
    """Write where a short link leads."""
    return json.dumps(
        {"state": target.state.value, "url": target.url, "hops": list(target.hops)},
        ensure_ascii=False,
    )


def read_target(body: object) -> LinkTarget:
    """Read where a short link leads, from JSON text or its value. `ValueError` unless it may be
    written as a link today.
    """
    members = _object(body)
    hops = members.get("hops")
    if (
        members.keys() != {"state", "url", "hops"}
        or not isinstance(hops, list)
        or len(hops) > _MOST_HOPS
    ):
        message = "not a target"
        raise ValueError(message)
    state = _one_of(LinkState(_text(members["state"])), _TARGETS)
    url = _text_or_none(members["url"])
    addresses = [_text(hop) for hop in hops] + ([] if url is None else [url])
    if (url is None) != (state is LinkState.DEAD) or not all(map(is_safe_address, addresses)):
        message = "not a target"
        raise ValueError(message)
    return LinkTarget(state, url, tuple(addresses[: len(hops)]))


def _object(body: object) -> dict[str, Any]:
    try:
        value = json.loads(body) if isinstance(body, str) and len(body) <= MOST_BYTES else body
    except RecursionError:
        value = None
    if not isinstance(value, dict):
        message = "no JSON object"
        raise ValueError(message)  # noqa: TRY004 - one kind of error for whatever is wrong
    return value


def _piece_out(piece: TweetPiece) -> object:
    if isinstance(piece, LineBreak):
        return None
    return [piece.text, piece.href] if isinstance(piece, TweetLink) else piece.text


def _piece_in(piece: object) -> TweetPiece:
    if piece is None:
        return LineBreak()
    if isinstance(piece, list) and len(piece) == 2:  # noqa: PLR2004 - text and href
        return TweetLink(_text(piece[0]), _text(piece[1]))
    return TweetText(_text(piece))


def _text(value: object) -> str:
    if not isinstance(value, str):
        message = "no text"
        raise ValueError(message)  # noqa: TRY004 - as above
    value.encode()  # a lone surrogate is a ValueError too
    return value


def _text_or_none(value: object) -> str | None:
    return None if value is None else _text(value)


def _one_of(value: Any, allowed: frozenset[Any]) -> Any:  # noqa: ANN401 - either enum
    if value not in allowed:
        raise ValueError(value)
    return value
