"""Whether an article's own embed may stay: nothing in it is unsafe, or other than X says."""

import html

from service.core.errors import UpstreamError
from service.core.model import EmbedStyle, SafeHtml, Tweet
from service.core.oembed.embed_markup import read_markup
from service.core.oembed.response import read_blockquote
from service.core.render.blockquote import render_blockquote
from service.core.render.variants import without_consent
from service.core.sanitize.sanitizer import accept_existing, accept_like
from service.core.urls.tweet_urls import read_permalink
from service.core.verify import texts_match

_LINK = '<a href="'
_ANY_STYLE = EmbedStyle()  # of the tags that it stands in, `accept_like` takes any


def intact_embed(body: str, tweet: Tweet) -> SafeHtml | None:
    """Pass the article's own embed if it is within the allow-list, holds nothing but the tweet, and
    id, handle, date and words agree with the tweet's.
    """
    body = without_consent(body)
    own = as_x_says(body, tweet)
    if own is not None:
        return own
    own = accept_existing(body)
    if own is None:
        return None
    markup = read_markup(own)
    written = read_blockquote(own)
    if markup is None or written is None or written.id != tweet.id:
        return None
    author = (tweet.author_handle or "").lower()
    said = {(name or author).lower() for name in (markup.handle, written.author_handle)}
    others = markup.behind or markup.contradicts or (author and said != {author})
    return own if not others and texts_match(written, tweet) else None


def as_x_says(body: str, tweet: Tweet) -> SafeHtml | None:
    """Pass an embed that is what we would write of a tweet, character for character, but for its
    look and the address of the same tweet; None for any other, which has to be read.
    """
    address = body.rpartition(_LINK)[2].partition('"')[0]
    stated = read_permalink(html.unescape(address))
    author = (tweet.author_handle or "").lower()
    if stated is None or stated.id != tweet.id or (stated.handle or "").lower() != author:
        return None
    try:
        return accept_like(body, render_blockquote(tweet, _ANY_STYLE))
    except UpstreamError:
        return None
