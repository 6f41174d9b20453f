"""Detection in plain text."""

from bisect import bisect_left, bisect_right
from dataclasses import replace

from service.core.detect.finders.flattened import flattened
from service.core.detect.finders.shortcodes import shortcodes
from service.core.detect.finders.standalone_urls import standalone_urls
from service.core.detect.paragraphs import text_paragraphs
from service.core.mentions import Detection, LinkMention, Mention
from service.core.model import Form, Format, Span
from service.core.urls.tweet_urls import find_addresses

_IN_WORDS = frozenset({Form.URL, Form.SHORTCODE})
"""Forms that are words of a tweet where they stand in one."""


def detect_text(text: str) -> Detection:
    """Find mentions and links in plain text whose CRLFs are single line feeds."""
    embeds: list[Mention] = []
    for paragraph in text_paragraphs(text):
        embeds.extend(flattened(paragraph))
        embeds.extend(standalone_urls(paragraph))
        embeds.extend(shortcodes(paragraph))
    chosen = resolve_overlaps(embeds)
    links = [
        LinkMention(Span(one.start, one.end), one.address, one.target)
        for one in find_addresses(text)
    ]
    return assign_links(Format.TEXT, chosen, links)


def assign_links(form: Format, chosen: list[Mention], links: list[LinkMention]) -> Detection:
    """Return each link to the embed around it, or to the article."""
    starts = [link.span.start for link in links]

    def inside(span: Span) -> tuple[LinkMention, ...]:
        return tuple(links[bisect_left(starts, span.start) : bisect_left(starts, span.end)])

    embeds = [
        replace(one, links=inside(one.span))
        if one.tweet is None or one.parts or one.part or one.caption
        else one
        for one in chosen
    ]
    return Detection(form, tuple(embeds), tuple(_outside(links, chosen)))


def resolve_overlaps(mentions: list[Mention]) -> list[Mention]:
    """Choose disjoint mentions: an outer one stands if it holds exactly one tweet, otherwise the
    inner ones (docs/interface.md 2).
    """
    chosen: list[Mention] = []
    for mention in sorted(mentions, key=lambda one: (one.span.end, -one.span.start)):
        inner: list[Mention] = []
        while chosen and chosen[-1].span.start >= mention.span.start:
            inner.append(chosen.pop())
        if (
            chosen and chosen[-1].span.end > mention.span.start
        ):  # they cross: broken markup, the one that closed first stands
            chosen.extend(reversed(inner))
        elif _holds_one(mention, inner):
            chosen.append(mention)
        else:
            chosen.extend(reversed(inner))
    return chosen


def _holds_one(outer: Mention, inner: list[Mention]) -> bool:
    tweets = {one.tweet.id for one in inner if one.tweet and not _is_words(one, outer)}
    if outer.tweet:
        tweets.add(outer.tweet.id)
    told = {
        ((one.attribution.handle or "").lower(), one.attribution.date)
        for one in inner
        if one.attribution and one.tweet is None and not _is_said(one, outer)
    }
    return len(tweets) <= 1 and len(told) <= 1


def _is_said(inner: Mention, outer: Mention) -> bool:
    """Return whether an attribution is among the words of a quotation that closes with a permalink
    of its own: anybody can post one.
    """
    closed = outer.form is Form.BLOCKQUOTE and outer.tweet is not None
    return closed and inner.form is Form.FLATTENED


def _is_words(inner: Mention, outer: Mention) -> bool:
    """Return whether a mention is no more than words of the one around it."""
    has_words = outer.tweet is not None and outer.form not in {Form.AMP, Form.OEMBED}
    return inner.form in _IN_WORDS and (has_words or not inner.is_placeable)


def _outside(links: list[LinkMention], embeds: list[Mention]) -> list[LinkMention]:
    """Leave out the links that stand inside an embed: they belong to it."""
    starts = [embed.span.start for embed in embeds]
    kept = []
    for link in links:
        number = bisect_right(starts, link.span.start) - 1
        if number < 0 or embeds[number].span.end <= link.span.start:
            kept.append(link)
    return kept
