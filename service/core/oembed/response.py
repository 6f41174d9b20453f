"""X's oEmbed answer, or the embed in an article, read into a tweet's parts. Nothing of the markup
itself is passed on.
"""

import json
import re
from typing import Never

from service.core.errors import UpstreamError
from service.core.model import EmbedStyle, Reason, Tweet
from service.core.oembed.embed_markup import EmbedParts, read_attributes, read_markup
from service.core.oembed.embed_style import one_of, read_width
from service.core.oembed.normalize import canonical_tweet, is_handle
from service.core.oembed.x_embed import read_x_embed
from service.core.text.escaping import label
from service.core.urls.tweet_links import OWN_HOSTS, host_of
from service.core.urls.tweet_urls import read_permalink
from service.core.vocabulary import ALIGNS, HANDLE, LANGUAGES, THEMES, TWEET_CLASS, VIDEO_CLASS

_MOST_BYTES = 262_144  # 256 KiB; X's answers have about 1 KiB
_PROFILE = re.compile(rf"https?://[a-z.]+/@?({HANDLE.pattern})/?(?:[?#][^\s]*)?")


def read_oembed(tweet_id: str, body: bytes) -> Tweet:
    """Read X's oEmbed answer (docs/x-behaviour.md 2.3) for the tweet `tweet_id`.

    Strict where the answer decides what is shown: it must be JSON in UTF-8 with an `html` that
    holds an embed of this very tweet, and a `url`, if it is a tweet's, of it too. Liberal in
    everything else: fields may be missing, of any type and of any era.

    Raises `UpstreamError` (`Reason.NONSENSE`) for anything else, timelines included.
    """
    answer = _read_json(body)
    html, url = answer.get("html"), answer.get("url")
    markup: EmbedParts | None = None
    if isinstance(html, str) and _is_text(html):
        markup = read_x_embed(html) or read_markup(html)
    stated = read_permalink(url) if isinstance(url, str) else None
    if (
        markup is None
        or markup.permalink.id != tweet_id
        or (stated is not None and stated.id != tweet_id)
    ):
        raise UpstreamError(Reason.NONSENSE)
    name, profile = answer.get("author_name"), answer.get("author_url")
    return _tweet(
        markup,
        name=name if isinstance(name, str) else "",
        handle=_profile_handle(tweet_id, profile) if isinstance(profile, str) else None,
    )


def read_blockquote(fragment: str) -> Tweet | None:
    """Read an embed's markup as it stands in an article, of any era; None if it holds no tweet's
    id.

    The id is that of the last permalink, the attribution's: links to quoted tweets may stand before
    it in the words.
    """
    markup = read_markup(fragment)
    return None if markup is None else _tweet(markup)


def read_style(fragment: str) -> EmbedStyle:
    """Read how an article's own embed is to look, from its `data-` attributes and classes; what is
    not X's is ignored.

    2012's `lang` on the blockquote was what `data-lang` is now (docs/x-behaviour.md 3.1).
    """
    attributes = read_attributes(fragment)

    def value(name: str) -> str:
        return attributes.get(name, "")

    classes = value("class").split()
    aligned = (name.removeprefix("tw-align-") for name in classes if name.startswith("tw-align-"))
    return EmbedStyle(
        theme=one_of(THEMES, value("data-theme")),
        lang=one_of(LANGUAGES, value("data-lang")) or one_of(LANGUAGES, value("lang")),
        align=one_of(ALIGNS, value("data-align")) or one_of(ALIGNS, next(aligned, "")),
        max_width=read_width(value("data-width")),
        hide_media=value("data-cards") == "hidden",
        hide_thread=value("data-conversation") == "none",
        dnt=value("data-dnt") == "true",
        media_only=VIDEO_CLASS in classes and TWEET_CLASS not in classes,
    )


def _tweet(parts: EmbedParts, name: str = "", handle: str | None = None) -> Tweet:
    """Make the tweet of an embed's parts; `name` and `handle` are what the answer's fields say.

    The handle is X's own spelling where that is known: the profile's, the permalink's, then the
    attribution's.
    """
    return canonical_tweet(
        Tweet(
            id=parts.permalink.id,
            author_name=label(parts.name) or name,
            author_handle=handle or parts.permalink.handle or parts.handle,
            pieces=parts.pieces,
            lang=parts.lang,
            dir=parts.dir,
            date_text=parts.date_text,
        ),
    )


def _profile_handle(tweet_id: str, profile: str) -> str | None:
    """Read the handle of a profile's address, None if it is none."""
    match = _PROFILE.fullmatch(profile)
    return (
        match[1]
        if match and host_of(profile) in OWN_HOSTS and is_handle(tweet_id, match[1])
        else None
    )


def _is_text(value: str) -> bool:
    """Return whether a string is Unicode text: JSON can spell lone surrogates, which no UTF-8 can
    hold.
    """
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _refuse(constant: str) -> Never:
    """Refuse `NaN` and `Infinity`, which are no JSON (RFC 8259, 6)."""
    raise ValueError(constant)


def _read_json(body: bytes) -> dict[str, object]:
    """Read a JSON object. Numbers stay strings, since none is needed and some are hostile. Raises
    `UpstreamError` (`Reason.NONSENSE`).
    """
    if len(body) > _MOST_BYTES:
        raise UpstreamError(Reason.NONSENSE)
    try:
        answer = json.loads(body.decode(), parse_constant=_refuse, parse_int=str, parse_float=str)
    except (ValueError, RecursionError) as error:
        raise UpstreamError(Reason.NONSENSE) from error
    if not isinstance(answer, dict):
        raise UpstreamError(Reason.NONSENSE)
    return answer
