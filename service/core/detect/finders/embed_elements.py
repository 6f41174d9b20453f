"""Elements that stand for a tweet by what their attributes say: iframes, rendered widgets, AMP,
oEmbed tags, embetty, Substack (docs/interface.md 2, docs/x-behaviour.md 3.2 and 3.3).
"""

import json
import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import unquote

from service.core.detect.insertion_point import InsertionPoints
from service.core.html.document import HtmlDocument
from service.core.html.elements import Element
from service.core.mentions import Mention, NotPlaceable
from service.core.model import Attribution, EmbedStyle, Form, Reason, Span, TweetRef
from service.core.oembed.embed_style import read_element_style
from service.core.urls.tweet_urls import read_permalink

_ID = re.compile("[1-9][0-9]{0,19}")
_FRAME = re.compile(
    r"(?:https?:)?//(?:platform\.(?:twitter|x)\.com(?::(?:80|443))?/embed/(?:Tweet|index)\.html|(?P<frame>(?:www\.)?twitframe\.com/show|cdn\.embedly\.com/widgets/media\.html))"
    r"\?(?P<query>[^#]*)(?:#.*)?",
    re.IGNORECASE | re.ASCII | re.DOTALL,
)
_BLANKS = re.compile(r"\s*")
_NOT_ADDRESSES = frozenset({"srcset", "srcdoc", "data-srcset"})
_MOST_INSIDE = 50  # elements looked at inside a rendered widget
_LONGEST_ATTRIBUTES = 65_536
_VALUES = frozenset({"div", "figure", "aside"})
_ID_ATTRIBUTES = {
    "twitter-widget": (Form.WIDGET, "data-tweet-id"),
    "twitterwidget": (Form.WIDGET, "data-tweet-id"),
    "amp-twitter": (Form.AMP, "data-tweetid"),
    "embetty-tweet": (Form.CARD, "status"),
}
"""Elements that state a tweet's id or address, and in which attribute."""
_TAGS = _VALUES | _ID_ATTRIBUTES.keys() | {"iframe", "oembed", "o-embed", "embed"}
_RENDERED = "twitter-tweet-rendered"
_ADDRESS_ATTRIBUTES = frozenset({"data-ephox-embed-iri", "data-wpview-text", "data-iframely-url"})
"""Attributes in which TinyMCE, WordPress' visual editor and Iframely keep the address of an embed,
on any element.
"""
_EMBED_SHORTCODE = re.compile(r"\[embed[^\]]{0,300}\]\s{0,9}(\S{1,500}?)\s{0,9}\[/embed\]")


@dataclass(frozen=True, slots=True)
class StatedTweet:
    """What an element says: which tweet, in which address, whose, and how it is to look."""

    form: Form
    tweet: TweetRef
    url: str | None = None
    style: EmbedStyle | None = None
    attribution: Attribution | None = None


def embeds(places: InsertionPoints, anchors: list[int]) -> Iterator[tuple[Mention, Element]]:
    """Return the mentions that are one element, each with it. `anchors` are the starts of the links
    to tweets, in order.
    """
    page = places.page
    until = 0
    has_copies = "<noscript" in page.source.lower()
    for number, element in enumerate(page.elements):
        if element.start < until:
            continue  # the copy of the frame before
        if (
            element.tag not in _TAGS
            and _RENDERED not in element.attrs.get("class", "")
            and _ADDRESS_ATTRIBUTES.isdisjoint(element.attrs)
        ):
            continue
        if element.parent >= 0 and page.elements[element.parent].hidden:
            continue
        stated = _read(page, number, element, anchors)
        if stated is None:
            continue
        closed = element.close_start is not None or not page.source.endswith(
            "/>",
            element.start,
            element.open_end,
        )
        span = Span(element.start, element.end if closed else element.open_end)
        own = element
        if element.tag == "iframe" and has_copies:
            own, span = _with_copy(page, element, span, stated)
            until = span.end
        insertion_point, flat = places.of(own, span)
        if element.tag == "iframe" and page.source[element.open_end : element.limit].strip():
            insertion_point = NotPlaceable(Reason.MIXED)  # its words would be lost
        handle = stated.tweet.handle
        yield (
            Mention(
                span,
                stated.form,
                insertion_point,
                stated.tweet,
                targets=(stated.tweet,),
                urls=(stated.url or stated.tweet.url,),
                attribution=stated.attribution
                or (Attribution(None, handle, None) if handle else None),
                flat=flat,
                style=stated.style,
            ),
            own,
        )


def _with_copy(
    page: HtmlDocument, element: Element, span: Span, stated: StatedTweet
) -> tuple[Element, Span]:
    """Return a frame and where it stands together with the copy of it in a `noscript` right before
    or behind it, which lazy loaders leave there; the frame that is not the copy.
    """
    around = page.elements[element.parent] if element.parent >= 0 else None
    if around is not None and around.tag == "noscript":
        frame = page.starting_at(_behind(page.source, around.end))
        if _holds_alone(page, around, element) and _is_frame_of(frame, stated):
            assert frame is not None  # noqa: S101 - it is the tweet's
            return frame, Span(around.start, frame.end)
        return element, span
    copy = page.starting_at(_behind(page.source, span.end))
    if copy is None or copy.tag != "noscript":
        return element, span
    frame = page.starting_at(_behind(page.source, copy.open_end))
    if frame is None or not (_holds_alone(page, copy, frame) and _is_frame_of(frame, stated)):
        return element, span
    return element, Span(span.start, copy.end)


def _behind(source: str, at: int) -> int:
    """Return where the next thing begins that is no white space."""
    found = _BLANKS.match(source, at)
    return found.end() if found else at


def _holds_alone(page: HtmlDocument, around: Element, element: Element) -> bool:
    if around.close_start is None or not element.is_closed:
        return False
    beside = (around.open_end, element.start), (element.end, around.close_start)
    return all(_BLANKS.fullmatch(page.source, start, end) for start, end in beside)


def _is_frame_of(element: Element | None, stated: StatedTweet) -> bool:
    """Return whether an element is a closed `iframe` of the same tweet."""
    if element is None or element.tag != "iframe" or not element.is_closed:
        return False
    other = _frame(element.attrs)
    return other is not None and other.tweet.id == stated.tweet.id


def _read(
    page: HtmlDocument,
    number: int,
    element: Element,
    anchors: list[int],
) -> StatedTweet | None:
    attrs = element.attrs
    if not attrs:
        return _text_of(page, element) if element.tag == "oembed" else None
    stated = None
    if element.tag == "iframe":
        stated = _frame(attrs)
    elif element.tag in _ID_ATTRIBUTES:
        stated = _id(*_ID_ATTRIBUTES[element.tag], attrs)
    elif element.tag in {"oembed", "o-embed"}:
        stated = _address(Form.OEMBED, attrs.get("url")) or _text_of(page, element)
    elif element.tag == "embed":
        stated = (
            _address(Form.OEMBED, attrs.get("url"))
            if attrs.get("embedtype", "").lower() == "media"
            else None
        )
    elif element.tag in _VALUES and element.close_start is not None:
        stated = (
            _address(Form.OEMBED, attrs.get("data-oembed-url"))
            or _substack(element)
            or _static_card(page, number, element)
        )
    if stated is None and not _ADDRESS_ATTRIBUTES.isdisjoint(attrs):
        stated = _of_attributes(attrs)
    if stated is None and _RENDERED in element.classes and element.tag != "iframe":
        stated = _rendered(page, number, element, anchors)
    return stated


def _of_attributes(attrs: Mapping[str, str]) -> StatedTweet | None:
    """Read the attributes in which editors keep an embed's address, on whatever element."""
    view = unquote(attrs.get("data-wpview-text", ""))
    enclosed = _EMBED_SHORTCODE.fullmatch(view.strip())
    frame = attrs.get("data-iframely-url", "")
    query = dict(_parameters(frame.partition("?")[2]))
    addresses = (
        attrs.get("data-ephox-embed-iri"),
        enclosed[1] if enclosed else view,
        attrs.get("href") if frame else None,
        query.get("url"),
    )
    return next((one for one in map(_oembed_address, addresses) if one), None)


def _oembed_address(address: str | None) -> StatedTweet | None:
    return _address(Form.OEMBED, address)


def _address(form: Form, address: str | None) -> StatedTweet | None:
    tweet = read_permalink(address) if address else None
    return StatedTweet(form, tweet, (address or "").strip()) if tweet else None


def _id(form: Form, name: str, attrs: Mapping[str, str]) -> StatedTweet | None:
    """Read an attribute that is a tweet's id or its address."""
    value = attrs.get(name, "").strip()
    style = read_element_style(
        {key: told for key, told in attrs.items() if key.startswith("data-")}
    )
    if _ID.fullmatch(value):
        return StatedTweet(form, TweetRef(value), style=style)
    tweet = read_permalink(value) if value else None
    return StatedTweet(form, tweet, value, style) if tweet else None


def _text_of(page: HtmlDocument, element: Element) -> StatedTweet | None:
    """Read an `oembed` whose text is the address, as CKEditor 4 writes it."""
    if (
        element.close_start is None
        or element.close_start - element.open_end > len("https://") + 500
    ):
        return None
    text = page.source[element.open_end : element.close_start].strip()
    return None if re.search(r"[\s<>]", text) else _address(Form.OEMBED, text)


def _frame(attrs: Mapping[str, str]) -> StatedTweet | None:
    """Read an `iframe`: X's own, twitframe's, or a tweet's address itself; in `src` or wherever a
    lazy loader keeps it.
    """
    for name, value in attrs.items():
        if "src" not in name or name in _NOT_ADDRESSES:
            continue
        address = value.strip()
        frame = _FRAME.fullmatch(address)
        if frame is None:
            tweet = read_permalink(address)
            if tweet:
                return StatedTweet(Form.IFRAME, tweet, address)
            continue
        query = dict(_parameters(frame["query"]))
        if frame["frame"]:
            tweet = read_permalink(query.get("url", ""))
            if tweet:
                return StatedTweet(Form.IFRAME, tweet, query["url"])
        elif _ID.fullmatch(query.get("id", "")):
            query.pop("width", None)
            return StatedTweet(Form.IFRAME, TweetRef(query["id"]), style=read_element_style(query))
    return _id(Form.IFRAME, "data-tweet-id", attrs)


def _parameters(query: str) -> Iterator[tuple[str, str]]:
    for parameter in re.split("&(?:amp;)?", query)[::-1]:  # of two with one name the first counts
        name, _, value = parameter.partition("=")
        yield unquote(name), unquote(value)


def _rendered(
    page: HtmlDocument,
    number: int,
    element: Element,
    anchors: list[int],
) -> StatedTweet | None:
    """Read what X's script made of an embed: the id is on the element, or on what it drew
    inside.
    """
    if element.tag == "blockquote" and bisect_left(anchors, element.open_end) < bisect_left(
        anchors,
        element.limit,
    ):
        return None  # its words are still there
    own = _id(Form.WIDGET, "data-tweet-id", element.attrs)
    if own is not None:
        return own
    found: dict[str, StatedTweet] = {}
    for inner in page.elements[number + 1 : number + 1 + _MOST_INSIDE]:
        if inner.start >= element.limit:
            break
        stated = (
            _frame(inner.attrs)
            if inner.tag == "iframe"
            else _id(Form.WIDGET, "data-tweet-id", inner.attrs)
        )
        if stated is not None:
            found[stated.tweet.id] = stated
    if len(found) != 1:
        return None
    (stated,) = found.values()
    return StatedTweet(Form.WIDGET, stated.tweet, stated.url, stated.style)


def _static_card(page: HtmlDocument, number: int, element: Element) -> StatedTweet | None:
    """Read a card that is a picture of the tweet in links and text: Discourse's `onebox`, and
    Substack's without its JSON. All tweets that it links to must be one.
    """
    classes = element.classes
    onebox = element.tag == "aside" and "onebox" in classes
    if not onebox and not (element.tag == "div" and "tweet" in classes):
        return None
    found: dict[str, StatedTweet] = {}
    parts: set[str] = set()
    for inner in page.elements[number + 1 : number + 1 + _MOST_INSIDE]:
        if inner.start >= element.limit:
            break
        parts.update(part for part in inner.classes if part.startswith("tweet-link-"))
        stated = _address(Form.CARD, inner.attrs.get("href")) if inner.tag == "a" else None
        if stated is not None:
            found.setdefault(stated.tweet.id, stated)
    if own := _address(Form.CARD, element.attrs.get("data-onebox-src")):
        found.setdefault(own.tweet.id, own)
    if len(found) != 1 or not (onebox or parts):
        return None
    return next(iter(found.values()))


def _substack(element: Element) -> StatedTweet | None:
    """Read Substack's card: all of it is JSON in an attribute. A `)` may stand behind the address
    (docs/x-behaviour.md 3.1).
    """
    written = element.attrs.get("data-attrs", "")
    if not written or len(written) > _LONGEST_ATTRIBUTES:
        return None
    if not (
        {"tweet", "twitter-embed"} & set(element.classes)
        or element.attrs.get("data-component-name", "").startswith("Twitter")
    ):
        return None
    try:
        attributes = json.loads(written, strict=False, parse_int=str, parse_float=str)
    except (ValueError, RecursionError):
        return None
    url = attributes.get("url") if isinstance(attributes, dict) else None
    stated = _address(Form.CARD, url) if isinstance(url, str) else None
    if stated is None:
        return None
    name = attributes.get("name")
    named = Attribution(name if isinstance(name, str) and name else None, stated.tweet.handle, None)
    return StatedTweet(Form.CARD, stated.tweet, stated.url, attribution=named)
