"""Tweets that stand as blockquotes: with X's class, without it, unclosed, or flattened inside
(docs/interface.md 2, form `blockquote`).
"""

import re
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

from service.core.detect.finders.marked_elements import is_marked, is_of_ours, is_tweet
from service.core.detect.finders.merged_quotations import tweets_apart
from service.core.detect.finders.open_links import TAGS, holds_blocks, runs_on
from service.core.detect.finders.signatures import links_elsewhere
from service.core.detect.insertion_point import element_place
from service.core.detect.quotation_parts import QuotedElement, holds_more
from service.core.detect.visible_run import pieces_of
from service.core.html.document import (
    LINE_BREAK,
    OBJECT,
    HtmlDocument,
    InlineRun,
)
from service.core.html.elements import Element
from service.core.html.wordpress_blocks import BlockDelimiters
from service.core.mentions import (
    FlattenedText,
    LinkMention,
    Mention,
)
from service.core.model import Attribution, Form, Span, TweetRef
from service.core.oembed.quotation import Signature, contradicts
from service.core.sanitize.allowlist import CONSENT
from service.core.text.attribution import find_attributions
from service.core.text.dates import read_date
from service.core.text.escaping import is_seen, without_invisible
from service.core.urls.tweet_urls import read_permalink
from service.core.vocabulary import HANDLE

_SIGNED = re.compile(rf"\(\s*@({HANDLE.pattern})\s*\)\s*$")
_BESIDE = re.compile(rf"\s*(?:<(p|button)[^<>]*{CONSENT}-[^<>]*>[^<]*</\1>\s*)+")
_LONG_ID = re.compile(r"[1-9][0-9]{4,19}", re.ASCII)
_MOST_NESTED = 2  # tweets in one element, itself included
_MOST_LINKS = 8  # permalinks looked at for the end of an element that nobody closed
_BEFORE_LINK = 400  # as many characters of markup before a permalink are looked at for `(@handle)`


@dataclass(frozen=True, slots=True)
class PermalinkAnchor:
    """An `a` that leads to a tweet."""

    element: Element
    target: TweetRef


def blockquotes(
    page: HtmlDocument,
    anchors: list[tuple[int, TweetRef]],
    blocks: BlockDelimiters,
) -> Iterator[Mention]:
    """Return the tweets that stand as blockquotes. `anchors` are the page's `a` elements that
    lead to tweets, by number, in order.
    """
    marked = [number for number, element in enumerate(page.elements) if is_marked(element)]
    tweets = [number for number in range(len(page.elements)) if is_tweet(page, number)]
    for number in marked:
        element = page.elements[number]
        if not element.hidden:
            yield from _marked(page, number, anchors, tweets, blocks)
    yield from _unmarked(page, anchors, blocks)


def _marked(
    page: HtmlDocument,
    number: int,
    anchors: list[tuple[int, TweetRef]],
    tweets: list[int],
    blocks: BlockDelimiters,
) -> Iterable[Mention]:
    """Read a marked element. `tweets` are the elements that are tweets, by number, in order."""
    element = page.elements[number]
    if element.close_start is None:
        unclosed = _unclosed(page, number, anchors, tweets, blocks)
        return (unclosed,) if unclosed else ()
    within = _between(page, tweets, element.start, element.limit)
    if len(within) > _MOST_NESTED:
        return ()
    inner = [at for at in within if at != number]
    first = bisect_left(anchors, number, key=lambda one: one[0])
    last = bisect_left(anchors, element.limit, key=lambda one: page.elements[one[0]].start)
    runs = page.runs_in(element)
    goes_on = bool(inner) and holds_more(page.source, element, _span(page.elements[inner[0]]))
    if goes_on:  # the tweet inside is a mention, this one too where it ends before
        begin = page.elements[inner[0]].start
        runs = [run for run in runs if run.end <= begin]
        last = bisect_left(anchors, begin, key=lambda one: page.elements[one[0]].start)
    quoted = QuotedElement(page, number, runs, anchors[first:last], goes_on=goes_on)
    signature = quoted.quotation.signature
    if goes_on and (signature is None or quoted.quotation.is_stub):
        return ()
    stated = quoted.quotation.permalink
    is_broken = stated and any(runs_on(page, page.elements[at]) for at, _ in anchors[first:last])
    parted = quoted.quotation.closings and not is_broken
    apart = tuple(tweets_apart(quoted, blocks)) if parted else ()
    if apart or is_broken or quoted.quotation.several:
        return apart
    if stated is None:
        stated = _attribute(element, signature)
    if stated is None and signature is None and element.tag == "div":
        return ()
    is_turned = stated is not None and quoted.is_turned()
    parts = None if is_turned else quoted.parts()
    end = parts.cuts[-1].span[1] if parts else element.end
    wrapper = _wrapper(page, element)
    whole, end = (wrapper, wrapper.end) if wrapper and end == element.end else (element, end)
    point = element_place(page, whole, whole.end, blocks)
    mention = Mention(
        span=Span(whole.start, end),
        form=Form.BLOCKQUOTE,
        insertion_point=point,
        tweet=stated,
        attribution=_attribution(signature, stated),
        text=quoted.words.strip() or None,
        flat=quoted.evidence() if stated is None else None,
        parts=parts,
    )
    return (mention,)


def _attribution(signature: Signature | None, tweet: TweetRef | None) -> Attribution | None:
    """Return what is said of who wrote a tweet, and when."""
    said = signature.attribution if signature else Attribution(None, None, None)
    if said.handle is None and tweet is not None:
        said = replace(said, handle=tweet.handle)
    return said if said != Attribution(None, None, None) else None


def _unclosed(
    page: HtmlDocument,
    number: int,
    anchors: list[tuple[int, TweetRef]],
    tweets: list[int],
    blocks: BlockDelimiters,
) -> Mention | None:
    """Read a marked element that nobody closed: it ends behind its permalink. None where nothing
    tells where that is, or where what then lies inside is more than one tweet.
    """
    element = page.elements[number]
    if element.is_too_deep:
        return None
    first = bisect_left(anchors, number, key=lambda one: one[0])
    last = bisect_left(anchors, element.limit, key=lambda one: page.elements[one[0]].start)
    own = anchors[first : min(last, first + _MOST_LINKS)]
    anchor = _first_signed(page, element, own)
    if anchor is None or holds_blocks(page, anchor.element) or runs_on(page, anchor.element):
        return None
    end = anchor.element.end
    if len(_between(page, tweets, element.start, end)) > 1:
        return None
    own = [one for one in own if page.elements[one[0]].start <= anchor.element.start]
    runs = page.runs_in(element, end)
    quoted = QuotedElement(page, number, runs, own)
    signature = quoted.quotation.signature
    if quoted.quotation.several or (signature and quoted.end_of(signature) > end):
        return None
    return Mention(
        span=Span(element.start, end),
        form=Form.BLOCKQUOTE,
        insertion_point=element_place(page, element, end, blocks),
        tweet=anchor.target,
        unclosed=True,
        parts=quoted.parts(),
    )


def _span(element: Element) -> Span:
    closed = element.close_start is not None
    return Span(element.start, element.end if closed else max(element.end, element.limit))


def _between(page: HtmlDocument, numbers: list[int], start: int, end: int) -> list[int]:
    """Return those of some elements, by number, in order, that begin between two places."""
    first = bisect_left(numbers, start, key=lambda at: page.elements[at].start)
    return numbers[first : bisect_left(numbers, end, key=lambda at: page.elements[at].start)]


def _attribute(element: Element, signature: Signature | None) -> TweetRef | None:
    """Return the tweet that attributes of a marked element state, where no attribution is of
    another.
    """
    attrs = element.attrs
    ids = (attrs.get(name, "").strip() for name in ("data-tweet-id", "data-id"))
    stated = next((TweetRef(one) for one in ids if _LONG_ID.fullmatch(one)), None)
    tweet = stated or read_permalink(attrs.get("cite", ""))
    if tweet is None or (signature and contradicts(signature.attribution, tweet)):
        return None
    return tweet


def _wrapper(page: HtmlDocument, element: Element) -> Element | None:
    """Return the `div` with which we ask for the reader's consent around an embed; None where there
    is none, or more in it.
    """
    around = page.elements[element.parent] if element.parent >= 0 else None
    if around is None or around.close_start is None or CONSENT not in around.classes:
        return None
    before, behind = (
        page.source[around.open_end : element.start],
        page.source[element.end : around.close_start],
    )
    return around if not before.strip() and _BESIDE.fullmatch(behind) else None


def _first_signed(
    page: HtmlDocument,
    element: Element,
    own: list[tuple[int, TweetRef]],
) -> PermalinkAnchor | None:
    """Return the first permalink that closes an attribution, else that of a stub."""
    for number, target in own:
        link = page.elements[number]
        begin = max(element.open_end, link.start - _BEFORE_LINK)
        before = TAGS.sub("", page.source[begin : link.start])
        label = TAGS.sub("", page.source[link.open_end : link.end])
        named = _SIGNED.search(before)
        stub = begin == element.open_end and not before.strip()
        if named or stub or "(@" in label or read_date(label):
            said = Attribution(None, named[1] if named else None, read_date(label))
            return None if contradicts(said, target) else PermalinkAnchor(link, target)
    return None


def _unmarked(
    page: HtmlDocument,
    anchors: list[tuple[int, TweetRef]],
    blocks: BlockDelimiters,
) -> Iterator[Mention]:
    """Return the blockquotes without X's class that end in an attribution."""
    if not any(element.tag == "blockquote" for element in page.elements):
        return
    nearest: list[int] = []
    for number, element in enumerate(page.elements):
        inherited = (
            nearest[element.parent] if element.parent >= 0 and not is_of_ours(element) else -1
        )
        nearest.append(number if element.tag == "blockquote" else inherited)
    runs: dict[int, list[InlineRun]] = defaultdict(list)
    for run in page.runs:
        around = nearest[run.container] if run.container >= 0 else -1
        if around >= 0:
            runs[around].append(run)
    leading: dict[int, list[tuple[int, TweetRef]]] = defaultdict(list)
    for number, target in anchors:
        leading[nearest[number]].append((number, target))
    for number, own in runs.items():
        element = page.elements[number]
        if (
            element.hidden
            or is_marked(element)
            or (element.is_too_deep and not element.is_closed)
            or not any(page.traces.at_within(run.start, run.end) for run in own)
        ):
            continue
        mention = _stripped(page, number, own, leading[number], blocks)
        if mention:
            yield mention


def _stripped(
    page: HtmlDocument,
    number: int,
    runs: list[InlineRun],
    anchors: list[tuple[int, TweetRef]],
    blocks: BlockDelimiters,
) -> Mention | None:
    element = page.elements[number]
    quoted = QuotedElement(page, number, runs, anchors)
    text, visible = quoted.text.rstrip(), quoted.visible
    found = [one for one in find_attributions(text) if OBJECT not in text[one.start : one.end]]
    if len({(one.attribution.handle, one.attribution.date) for one in found}) > 1 or any(
        is_seen(text, one.end, other.start) for one, other in pairwise(found)
    ):
        return None
    signature = quoted.quotation.signature
    closes = signature is not None and _is_last(text, signature.end)
    stated = quoted.quotation.permalink if closes and _is_signed(text, signature) else None
    if stated is None and not (found and _is_last(text, found[-1].end)):
        return None
    if not stated and links_elsewhere(page, *visible.source(found[-1].start, found[-1].end)):
        return None
    behind = bisect_right(page.run_starts, runs[-1].start)
    if page.run_starts[behind : behind + 1] and page.run_starts[behind] < element.limit:
        return None  # another quotation stands behind
    if stated is not None and any(runs_on(page, page.elements[at]) for at, _ in anchors):
        return None
    end = (
        element.end
        if element.close_start is not None
        else max(element.end, visible.ends[len(text) - 1])
    )
    return Mention(
        span=Span(element.start, end),
        form=Form.BLOCKQUOTE if stated else Form.FLATTENED,
        insertion_point=element_place(page, element, end, blocks),
        tweet=stated,
        unclosed=element.close_start is None,
        parts=_whole(page, number, quoted, runs, anchors).parts(),
    )


def _is_last(text: str, end: int) -> bool:
    return not without_invisible(text[end:]).strip()


def _is_signed(text: str, signature: Signature | None) -> bool:
    """Return whether a signature names a handle in brackets, or is a dash and the linked `@handle`
    of its permalink, as Medium exports write it.
    """
    if signature is None or signature.link is None:
        return False
    if "(@" in text[signature.start : signature.end]:
        return True
    label = without_invisible(text[signature.link.start : signature.link.end]).strip().lower()
    begins = text[signature.start : signature.link.start].strip()
    return label == f"@{signature.link.target.handle}".lower() and begins in {"—", "–", "-", "--"}


def _whole(
    page: HtmlDocument,
    number: int,
    quoted: QuotedElement,
    runs: list[InlineRun],
    anchors: list[tuple[int, TweetRef]],
) -> QuotedElement:
    """Return an element with what shows in quotations within it."""
    everything = page.runs_in(page.elements[number])
    return quoted if runs == everything else QuotedElement(page, number, everything, anchors)


def with_words(page: HtmlDocument, mention: Mention, links: list[LinkMention]) -> Mention:
    """Add to a blockquote what its words tell: attribution, text, addresses, and the words as
    evidence where no id is stated.
    """
    if mention.form is not Form.BLOCKQUOTE and mention.flat is not None:
        return mention
    span = mention.span
    start = bisect_left(links, span.start, key=lambda link: link.span.start)
    end = bisect_left(links, span.end, key=lambda link: link.span.start)
    inside = links[start:end]
    if not mention.attribution and not mention.text:
        mention = _read_words(page, mention)
    flat = mention.flat
    if flat is not None and mention.form is Form.BLOCKQUOTE:
        inside = [one for one in inside if _may_be_own(one, flat)]
    return replace(
        mention,
        targets=tuple(
            TweetRef(one.target.id) if flat and isinstance(one.target, TweetRef) else one.target
            for one in inside
        ),
        urls=tuple(link.url for link in inside),
    )


def _read_words(page: HtmlDocument, mention: Mention) -> Mention:
    span = mention.span
    first = bisect_left(page.run_starts, span.start)
    last = bisect_left(page.run_starts, span.end)
    visible = page.visible(pieces_of(page, page.runs[first:last]))
    text = visible.text.replace(LINE_BREAK, "\n")
    found = find_attributions(text.rstrip())
    attribution = found[-1].attribution if found else None
    if attribution is None and mention.tweet is not None:
        attribution = Attribution(None, mention.tweet.handle, None)
    evidence = found and mention.tweet is None
    return replace(
        mention,
        attribution=attribution,
        text=(text[: found[-1].start] if found else text).strip() or None,
        flat=FlattenedText(visible, 0, found[-1].start, found[-1].end) if evidence else None,
    )


def _may_be_own(link: LinkMention, flat: FlattenedText) -> bool:
    """Return whether an address may lead to the tweet around it: a code anywhere, a permalink only
    behind its words.
    """
    if not isinstance(link.target, TweetRef):
        return True
    return link.span.start >= flat.visible.source(flat.attribution_start, flat.attribution_end)[0]
