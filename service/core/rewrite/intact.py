"""Whether an article's own embed may stay: nothing in it is unsafe, or other than X says."""

import html

from service.core.errors import UpstreamError
from service.core.model import EmbedStyle, SafeHtml, Tweet
from service.core.oembed.embed_markup import read_markup
from service.core.oembed.response import read_blockquote
from service.core.render.blockquote import render_blockquote
from service.core.render.variants import without_consent
from service.core.sanitize.sanitizer import accept_existing
from service.core.urls.tweet_urls import read_permalink
from service.core.verify import texts_match

_LINK = '<a href="'
_NO_LOOK = EmbedStyle()


def intact_embed(body: str, tweet: Tweet) -> SafeHtml | None:
    """Pass the article's own embed if it is within the allow-list, holds nothing but the tweet, and
    id, handle, date and words agree with the tweet's.
    """
    own = accept_existing(without_consent(body))
    if own is None or _says_what_x_says(own, tweet):
        return own
    markup = read_markup(own)
    written = read_blockquote(own)
    if markup is None or written is None or written.id != tweet.id:
        return None
    author = (tweet.author_handle or "").lower()
    said = {(name or author).lower() for name in (markup.handle, written.author_handle)}
    others = markup.behind or markup.contradicts or (author and said != {author})
    return own if not others and texts_match(written, tweet) else None


def _says_what_x_says(own: SafeHtml, tweet: Tweet) -> bool:
    """Return whether an embed within the allow-list is what we would write of a tweet, character
    for character, but for its look and the address of the same tweet: the parts need no reading.
    """
    try:
        rendered = render_blockquote(tweet, _NO_LOOK)
    except UpstreamError:
        return False
    (words, address, label), expected = _around_permalink(own), _around_permalink(rendered)
    stated = read_permalink(address)
    return (
        stated is not None
        and stated.id == tweet.id
        and (stated.handle or "").lower() == (tweet.author_handle or "").lower()
        and (words, label) == (expected[0], expected[2])
    )


def _around_permalink(embed: str) -> tuple[str, str, str]:
    """Return what stands in an embed before its last link, where that leads, and what follows."""
    words, _, link = embed[embed.index(">") :].rpartition(_LINK)
    address, _, label = link.partition('"')
    return words, html.unescape(address), label
