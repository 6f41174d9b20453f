"""WordPress' blocks that embed a tweet (docs/interface.md 2, form `block`)."""

import html
import json
import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator

from service.core.detect.quotation_parts import holds_more_than_address
from service.core.html.document import HtmlDocument
from service.core.html.marks import HtmlComment
from service.core.html.wordpress_blocks import BlockDelimiters
from service.core.mentions import InsertionPoint, Mention, NotPlaceable, ReplaceElement
from service.core.model import Attribution, Form, Reason, Span, TweetRef
from service.core.urls.tweet_urls import read_permalink

_EMBED_OPEN = re.compile(
    r"<!--\s*wp:(?P<name>embed|core-embed/(?:twitter|x))\s+(?P<attributes>\{.*\}\s*)?(?P<void>/)?-->",
    re.DOTALL,
)
_DELIMITER = re.compile(r"<!--\s*/?wp:")
_URL = re.compile(r'"url"\s*:\s*"((?:[^"\\]|\\.)*)"')
_LONGEST_ADDRESS = 500


def embed_blocks(
    page: HtmlDocument,
    blocks: BlockDelimiters,
    captions: list[tuple[int, int]],
) -> Iterator[Mention]:
    """Return the blocks that embed a tweet, from delimiter to delimiter. `captions` are where the
    captions of the page stand, in order.
    """
    delimiters = [comment for comment in page.comments if _DELIMITER.match(comment.text)]
    if not delimiters:
        return
    hidden = [
        (element.open_end, element.limit)
        for element in page.elements
        if element.hidden and not _hidden_around(page, element.parent)
    ]
    hidden.sort()
    wrappers = [
        (element.open_end, element.limit)
        for element in page.elements
        if "wp-block-embed__wrapper" in element.classes
    ]
    wrappers.sort()
    for number, opening in enumerate(delimiters):
        match = _EMBED_OPEN.fullmatch(opening.text)
        if match is None:
            continue
        within = bisect_right(hidden, (opening.start, len(page.source) + 1)) - 1
        if within >= 0 and opening.start < hidden[within][1]:
            continue
        closing = (
            opening
            if match["void"]
            else delimiters[number + 1]
            if number + 1 < len(delimiters)
            else None
        )
        if closing is None or (
            closing is not opening
            and not re.fullmatch(rf"<!--\s*/wp:{match['name']}\s*-->", closing.text)
        ):
            continue
        stated = _stated(opening, match)
        shown = _shown(page.source, wrappers, opening.end, closing.start)
        tweet = stated[0] if stated else shown[0] if shown else None
        if tweet is None:
            continue
        agree = stated is not None and (shown is None or shown[0] == stated[0])
        span = Span(opening.start, closing.end)
        caption = _caption(captions, opening.end, closing.start)
        point = _insertion_point(blocks, opening, closing)
        if closing is not opening and holds_more_than_address(
            page.source, opening.end, closing.start, caption
        ):
            point = NotPlaceable(Reason.MIXED)
        yield Mention(
            span,
            Form.BLOCK,
            point,
            tweet,
            targets=(tweet,),
            urls=((stated or shown or (tweet, tweet.url))[1],),
            attribution=Attribution(None, tweet.handle, None) if tweet.handle else None,
            caption=caption,
            addresses=tuple(each[2] for each in (stated, shown) if each) if agree else (),
        )


def _insertion_point(
    blocks: BlockDelimiters,
    opening: HtmlComment,
    closing: HtmlComment,
) -> InsertionPoint:
    content = (opening.start, closing.end)
    void = opening is closing
    if not (void or blocks.embed_may_stand(opening.end, closing.start)):
        return NotPlaceable()
    return ReplaceElement(content, content, in_block=True)


def _caption(captions: list[tuple[int, int]], start: int, end: int) -> Span | None:
    number = bisect_left(captions, (start, 0))
    return (
        Span(*captions[number]) if number < len(captions) and captions[number][1] <= end else None
    )


def _hidden_around(page: HtmlDocument, parent: int) -> bool:
    return parent >= 0 and page.elements[parent].hidden


def _stated(opening: HtmlComment, match: re.Match[str]) -> tuple[TweetRef, str, Span] | None:
    """Read the tweet of a block's attributes: the tweet, the address, and where it stands."""
    try:
        attributes = json.loads(match["attributes"] or "{}", parse_int=str, parse_float=str)
    except (ValueError, RecursionError):
        return None
    url = attributes.get("url") if isinstance(attributes, dict) else None
    tweet = read_permalink(url) if isinstance(url, str) else None
    if tweet is None or not isinstance(url, str):
        return None
    for written in _URL.finditer(opening.text):
        try:
            value = json.loads(f'"{written[1]}"')
        except ValueError:
            continue
        if value == url:
            return (
                tweet,
                url,
                Span(opening.start + written.start(1), opening.start + written.end(1)),
            )
    return None


def _shown(
    source: str,
    wrappers: list[tuple[int, int]],
    start: int,
    end: int,
) -> tuple[TweetRef, str, Span] | None:
    """Read the address that a block shows: the tweet, the address, and where it stands."""
    number = bisect_left(wrappers, (start, 0))
    if number == len(wrappers) or wrappers[number][1] > end:
        return None
    text = source[slice(*wrappers[number])]
    address = html.unescape(text.strip())
    tweet = (
        read_permalink(address)
        if len(address) < _LONGEST_ADDRESS and not re.search(r"[\s<>]", address)
        else None
    )
    begins = wrappers[number][0] + len(text) - len(text.lstrip())
    return (tweet, address, Span(begins, begins + len(text.strip()))) if tweet else None
