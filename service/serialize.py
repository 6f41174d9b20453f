"""Results as the JSON of docs/interface.md 6, for both doors: plain values with every name and
null that callers rely on.
"""

import datetime as dt
import json
from functools import lru_cache
from typing import Any, Literal

import orjson

from service.core.article import (
    AddressEmbeds,
    AddressTargets,
    Considered,
    EmbedResult,
    LinkResult,
    Result,
)
from service.core.detect import Detection, LinkMention, Mention


def resolved(result: Result) -> dict[str, Any]:
    """Write what `POST /v1/resolve` answers."""
    return {
        "content": result.content,
        "format": result.format.value,
        "changed": result.changed,
        "complete": result.complete,
        "script": result.script,
        "elapsed_ms": round(result.elapsed_ms, 1),
        "embeds": [_embed(embed) for embed in result.embeds],
        "links": [_link(link) for link in result.links],
    }


def address_embeds(answer: AddressEmbeds) -> dict[str, Any]:
    """Write what `POST /v1/embeds` answers: no address stands in an article."""
    nowhere = {"start": None, "end": None, "form": None}
    return {
        "complete": answer.retry_after_s is None,
        "embeds": [_embed(embed) | nowhere for embed in answer.embeds],
    }


def address_targets(answer: AddressTargets) -> dict[str, Any]:
    """Write what `POST /v1/links` answers."""
    return {
        "complete": answer.retry_after_s is None,
        "links": [_link(link) for link in answer.links],
    }


def detected(detection: Detection) -> dict[str, Any]:
    """Write what `POST /v1/detect` answers."""
    return {
        "format": detection.format.value,
        "embeds": [_mention(mention) for mention in detection.embeds],
        "links": [_link_mention(link) for link in detection.links],
    }


def as_json(members: object) -> bytes:
    """Write UTF-8 JSON, once: by orjson, in a twentieth of the standard library's time, and by that
    one what orjson does not write, such as a caller's own number of more than 64 bits.
    """
    try:
        return orjson.dumps(members)
    except orjson.JSONEncodeError:
        return json.dumps(members, ensure_ascii=False, separators=(",", ":")).encode()


def as_ascii_json(members: object) -> str:
    """Write JSON in ASCII, in one line: no character of it steers a terminal. What has no form in
    JSON is told as its `str`.
    """
    try:
        line = orjson.dumps(members, default=str)
    except orjson.JSONEncodeError:
        line = b"\xff"
    return line.decode("ascii") if line.isascii() else json.dumps(members, default=str)


def _embed(embed: EmbedResult) -> dict[str, Any]:
    members: dict[str, Any] = {
        "start": embed.start,
        "end": embed.end,
        "form": embed.form.value,
        "state": embed.state.value,
        "reason": embed.reason.value if embed.reason else None,
        "confidence": embed.confidence,
        "tweet_id": embed.tweet_id,
        "url": embed.url,
        "author_name": embed.author_name,
        "author_handle": embed.author_handle,
        "text": embed.text,
        "lang": embed.lang,
        "dir": embed.dir,
        "created_at": timestamp(embed.created_at),
        "html": embed.html,
        "links": [
            {"url": link.url, "target": link.target, "state": link.state.value}
            for link in embed.links
        ],
        "found_by": embed.found_by,
        "served_from": embed.served_from.value if embed.served_from else None,
        "checked_at": timestamp(embed.checked_at),
    }
    if embed.considered is not None:
        members["considered"] = [considered(each) for each in embed.considered]
    return members


def considered(candidate: Considered) -> dict[str, Any]:
    """Write a candidate that was looked at."""
    return {
        "tweet_id": candidate.tweet_id,
        "source": candidate.source,
        "confidence": candidate.confidence,
        "reason": candidate.reason,
        "handle": candidate.handle,
        "created_at": timestamp(candidate.created_at),
        "text": candidate.text,
    }


def _link(link: LinkResult) -> dict[str, Any]:
    return {
        "start": link.start,
        "end": link.end,
        "url": link.url,
        "state": link.state.value,
        "reason": link.reason.value if link.reason else None,
        "target": link.target,
        "raw_target": link.raw_target,
        "hops": link.hops,
    }


def _mention(mention: Mention) -> dict[str, Any]:
    attribution, tweet = mention.attribution, mention.tweet
    return {
        "start": mention.span.start,
        "end": mention.span.end,
        "form": mention.form.value,
        "tweet_id": tweet.id if tweet else None,
        "urls": mention.urls,
        "author_handle": (attribution.handle if attribution else None)
        or (tweet.handle if tweet else None),
        "author_name": attribution.name if attribution else None,
        "date": mention.date.isoformat() if mention.date else None,
        "text": mention.text,
    }


def _link_mention(link: LinkMention) -> dict[str, Any]:
    return {"start": link.span.start, "end": link.span.end, "url": link.url}


@lru_cache(maxsize=4096)
def timestamp(
    moment: dt.datetime | float | None, *, timespec: Literal["seconds", "milliseconds"] = "seconds"
) -> str | None:
    """Write a time (RFC 3339) in UTC; a number is seconds since 1970."""
    if moment is None:
        return None
    if not isinstance(moment, dt.datetime):
        moment = dt.datetime.fromtimestamp(moment, dt.UTC)
    return moment.astimezone(dt.UTC).replace(tzinfo=None).isoformat(timespec=timespec) + "Z"
