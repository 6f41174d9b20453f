"""What stands for a tweet besides the bare blockquote, and for one that is gone or not known.

With a button for the reader's consent, for AMP, as a link; a tombstone, a quotation. Each is one
element within the allow-list (`core/sanitize/allowlist.py`), and the same parts are always the same
characters. Why a button: docs/x-behaviour.md 6.2.
"""

from service.core.model import (
    EmbedStyle,
    LineBreak,
    SafeHtml,
    Tweet,
    TweetLink,
    TweetPiece,
    TweetRef,
    TweetText,
)
from service.core.oembed.normalize import canonical_pieces, canonical_tweet
from service.core.render.blockquote import date_of, render_blockquote, write_pieces
from service.core.render.messages import Messages
from service.core.sanitize.allowlist import ASK, CONSENT, GONE, LINK, LOAD, QUOTE, STOP, Shape
from service.core.sanitize.sanitizer import certify_generated
from service.core.text.escaping import escape, escape_lone_address, label
from service.core.urls.tweet_links import fair_anchor, shows_other_host
from service.core.urls.tweet_urls import find_addresses
from service.core.vocabulary import TWEET_CLASS

_OPENING = "<blockquote "
_CONSENT_OPENING = f'<div class="{CONSENT}" '
_AMP_SIZE = (  # the shape of a tweet with a picture, as AMP's own examples have it
    'width="375" height="472"'
)


def with_consent(embed: SafeHtml, messages: Messages) -> SafeHtml:
    """Put a notice and two buttons beside an embed: X's script is loaded by the first alone
    (`/embed.js`). Raises `UnsafeError`.

    Without a script the blockquote reads well, and `/embed.css` hides the buttons.
    """
    return certify_generated(
        f'{_CONSENT_OPENING}lang="{messages.lang}" dir="{messages.dir}">{embed}<p'
        f' class="{ASK}">{escape(messages.notice)}</p><button class="{LOAD}"'
        f' type="button">{escape(messages.load)}</button><button class="{STOP}" type="button"'
        f' hidden="">{escape(messages.stop)}</button></div>',
        Shape.CONSENT,
    )


def without_consent(fragment: str) -> str:
    """Return the embed inside what `with_consent` wrote; what is none of that comes back as it
    is.
    """
    end = fragment.rfind("</blockquote>")
    if not fragment.startswith(_CONSENT_OPENING) or end < 0:
        return fragment
    return fragment[fragment.index(">") + 1 : end + len("</blockquote>")]


def render_amp(tweet: Tweet, style: EmbedStyle) -> SafeHtml:
    """Write a tweet as AMP's `amp-twitter`, the blockquote being what is shown until X's version is
    there. Raises `UnsafeError`.
    """
    embed = render_blockquote(tweet, style)
    shown = {
        "data-cards": "hidden" if style.hide_media else None,
        "data-conversation": "none" if style.hide_thread else None,
    }
    shown |= {
        "data-dnt": "true" if style.dnt else None,
        "data-lang": style.lang,
        "data-theme": style.theme,
    }
    attributes = "".join(f' {name}="{value}"' for name, value in shown.items() if value is not None)
    return certify_generated(
        f'<amp-twitter {_AMP_SIZE} layout="responsive"'
        f' data-tweetid="{escape(tweet.id)}"{attributes}>{_OPENING}placeholder=""'
        f" {embed.removeprefix(_OPENING)}</amp-twitter>",
        Shape.AMP,
    )


def render_link(tweet: Tweet) -> SafeHtml:
    """Write a tweet as a paragraph with one link: `Name (@handle) · DATE`. Raises `UnsafeError`.

    A name that shows somebody else's address gives way to the tweet's own. It runs from left to
    right in every language, so that the @ stays before its handle.
    """
    tweet = canonical_tweet(tweet)
    handle = f"(@{tweet.author_handle})" if tweet.author_handle else ""
    text = label(f"{tweet.author_name or ''} {handle} · {date_of(tweet)}").removeprefix("· ")
    if shows_other_host(text, "x.com"):
        text = tweet.permalink.url
    return certify_generated(
        f'<p class="{LINK}" dir="ltr"><a'
        f' href="{escape(tweet.permalink.url)}">{escape(text)}</a></p>',
        Shape.LINK,
    )


def render_stub(tweet: TweetRef, style: EmbedStyle) -> SafeHtml:
    """Write a tweet of which nothing is known but its address: a blockquote with the link alone,
    which X's script makes whole. Raises `UnsafeError`.
    """
    dnt = ' data-dnt="true"' if style.dnt else ""
    url = escape(tweet.url)
    return certify_generated(
        f'<blockquote class="{TWEET_CLASS}"{dnt}><a href="{url}">{url}</a></blockquote>'
    )


def render_tombstone(messages: Messages) -> SafeHtml:
    """Write what stands for a tweet that is gone: one sentence, nothing of the tweet. No mention
    when it comes in again.
    """
    return certify_generated(
        f'<p class="{GONE}" lang="{messages.lang}" dir="{messages.dir}">'
        f"{escape(messages.gone)}</p>",
        Shape.TOMBSTONE,
    )


def render_quote(words: str, attribution: str) -> SafeHtml:
    """Write an article's own words, and the line that closes them, as a plain quotation. Raises
    `UnsafeError`.

    Lines end at a line feed; the addresses among the words are links. No mention when it comes in
    again.
    """
    paragraph = escape_lone_address(write_pieces(canonical_pieces(_linked(words))))
    closing = escape(label(attribution))
    return certify_generated(
        f'<blockquote class="{QUOTE}"><p dir="auto">{paragraph}</p>{closing}</blockquote>',
        Shape.QUOTE,
    )


def _linked(words: str) -> list[TweetPiece]:
    """Make links of the addresses in running text."""
    pieces: list[TweetPiece] = []
    at = 0
    for one in find_addresses(words):
        anchor = fair_anchor(one.address, one.target.url)
        if anchor is not None:
            pieces += [*_lines(words[at : one.start]), TweetLink(anchor.text, anchor.href)]
            at = one.end
    return [*pieces, *_lines(words[at:])]


def _lines(text: str) -> list[TweetPiece]:
    first, *others = text.split("\n")
    return [
        TweetText(first),
        *(piece for line in others for piece in (LineBreak(), TweetText(line))),
    ]
