"""Tweets that stand as blockquotes: with X's class, without it, unclosed, or flattened inside
(docs/interface.md 2, form `blockquote`).
"""

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace

from service.core.html.document import (
    LINE_BREAK,
    OBJECT,
    HtmlDocument,
    InlineNode,
    InlineRun,
    VisibleText,
)
from service.core.html.elements import Element
from service.core.html.wordpress_blocks import BlockDelimiters
from service.core.mentions import (
    FlattenedText,
    InsertionPoint,
    LinkMention,
    Mention,
    NotPlaceable,
    Range,
    ReplaceElement,
)
from service.core.model import Attribution, Form, Span, TweetRef
from service.core.sanitize.allowlist import CONSENT, GONE, LINK
from service.core.text.attribution import find_attributions

_CLASSES = frozenset({"twitter-tweet", "twitter-video"})
_MARKABLE = frozenset({"blockquote", "div"})
_SIGNED = re.compile(r"\(\s*@([A-Za-z0-9_]{1,20})\s*\)\s*$")
_BESIDE = re.compile(rf"\s*(?:<(p|button)[^<>]*{CONSENT}-[^<>]*>[^<]*</\1>\s*)+")
_TAGS = re.compile(r"<[^<>]*>")
_BEFORE_LINK = 400  # as many characters of markup before a permalink are looked at for `(@handle)`


@dataclass(frozen=True, slots=True)
class PermalinkAnchor:
    """An `a` that leads to a tweet."""

    element: Element
    target: TweetRef


def is_marked(element: Element) -> bool:
    """Return whether an element carries X's class."""
    return (
        element.tag in _MARKABLE
        and "class" in element.attrs
        and not _CLASSES.isdisjoint(element.classes)
    )


def _is_tweet(element: Element) -> bool:
    """Return whether an element is a tweet of its own for one around it: a marked one, or what we
    write for one.
    """
    return is_marked(element) or element.tag == "amp-twitter" or _is_of_ours(element)


def _is_of_ours(element: Element) -> bool:
    """Return whether an element is a paragraph that we write in place of a tweet."""
    return (
        element.tag == "p"
        and "class" in element.attrs
        and not {GONE, LINK}.isdisjoint(element.classes)
    )


def blockquotes(
    page: HtmlDocument,
    anchors: list[tuple[int, TweetRef]],
    blocks: BlockDelimiters,
) -> Iterator[Mention]:
    """Return the tweets that stand as blockquotes. `anchors` are the page's `a` elements that
    lead to tweets, by number, in order.
    """
    leading = [PermalinkAnchor(page.elements[number], target) for number, target in anchors]
    starts = [anchor.element.start for anchor in leading]
    marked = [number for number, element in enumerate(page.elements) if is_marked(element)]
    tweets = (
        [number for number, element in enumerate(page.elements) if _is_tweet(element)]
        if marked
        else []
    )
    marks = [page.elements[number].start for number in tweets]
    own: dict[int, list[PermalinkAnchor]] = defaultdict(list)
    for around, anchor in zip(_innermost(page, frozenset(tweets), anchors), leading, strict=True):
        own[around].append(anchor)
    for number in marked:
        element = page.elements[number]
        if not element.hidden:
            inside = slice(
                bisect_left(starts, element.open_end),
                bisect_left(starts, element.limit),
            )
            mention = _marked(page, element, leading, inside, own[number], marks, blocks)
            if mention:
                yield mention
    yield from _unmarked(page, anchors, blocks)


def _innermost(
    page: HtmlDocument,
    chosen: AbstractSet[int],
    anchors: list[tuple[int, TweetRef]],
) -> list[int]:
    """Return for each of `anchors` the innermost chosen element around it, itself included, -1 if
    there is none.
    """
    if not chosen or not anchors:
        return [-1] * len(anchors)
    around: list[int] = []
    for number, element in enumerate(page.elements):
        around.append(
            number if number in chosen else around[element.parent] if element.parent >= 0 else -1,
        )
    return [around[number] for number, _ in anchors]


def _marked(
    page: HtmlDocument,
    element: Element,
    leading: list[PermalinkAnchor],
    inside: slice,
    own: list[PermalinkAnchor],
    marks: list[int],
    blocks: BlockDelimiters,
) -> Mention | None:
    """Read a marked element; its tweet is that of its last permalink of its own (`own`), else of
    the last in a tweet inside it.
    """
    if element.close_start is not None:
        anchor = (
            own[-1] if own else leading[inside.stop - 1] if inside.stop > inside.start else None
        )
        end = element.end
    else:
        anchor = _first_signed(page, own)
        if anchor is None:
            return None  # nothing tells where it ends
        end = anchor.element.end
        if bisect_left(marks, end) - bisect_left(marks, element.start) > 1:
            return None
    wrapper = _wrapper(page, element)
    whole, end = (wrapper, wrapper.end) if wrapper else (element, end)
    return Mention(
        span=Span(whole.start, end),
        form=Form.BLOCKQUOTE,
        insertion_point=_insertion_point(page, whole, end, blocks),
        tweet=anchor.target if anchor else None,
        unclosed=whole.close_start is None,
    )


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


def _first_signed(page: HtmlDocument, own: list[PermalinkAnchor]) -> PermalinkAnchor | None:
    """Return the first permalink that follows `(@handle)`, else the first."""
    for anchor in own[:8]:
        element = anchor.element
        before = _TAGS.sub("", page.source[max(0, element.start - _BEFORE_LINK) : element.start])
        if _SIGNED.search(before) or "(@" in page.source[element.open_end : element.end]:
            return anchor
    return own[0] if own else None


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
            nearest[element.parent] if element.parent >= 0 and not _is_of_ours(element) else -1
        )
        nearest.append(number if element.tag == "blockquote" else inherited)
    runs: dict[int, list[InlineRun]] = defaultdict(list)
    for run in page.runs:
        around = nearest[run.container] if run.container >= 0 else -1
        if around >= 0:
            runs[around].append(run)
    last_anchor = {
        nearest[number]: PermalinkAnchor(page.elements[number], target)
        for number, target in anchors
    }
    for number, own in runs.items():
        element = page.elements[number]
        if (
            element.hidden
            or is_marked(element)
            or not any(page.traces.at_within(run.start, run.end) for run in own)
        ):
            continue
        mention = _stripped(page, element, visible_of(page, own), last_anchor.get(number), blocks)
        if mention:
            yield mention


def _stripped(
    page: HtmlDocument,
    element: Element,
    visible: VisibleText,
    anchor: PermalinkAnchor | None,
    blocks: BlockDelimiters,
) -> Mention | None:
    text = visible.text.replace(LINE_BREAK, "\n").rstrip()
    found = [one for one in find_attributions(text) if OBJECT not in text[one.start : one.end]]
    if len({(one.attribution.handle, one.attribution.date) for one in found}) > 1:
        return None
    stated = None
    if anchor is not None:
        begins, ends = (
            bisect_left(visible.starts, anchor.element.start),
            bisect_left(visible.starts, anchor.element.end),
        )
        signed = _SIGNED.search(text[max(0, begins - 60) : begins]) or "(@" in text[begins:ends]
        stated = anchor if signed and ends >= len(text) else None
    if stated is None and not (found and found[-1].end == len(text)):
        return None
    end = (
        element.end
        if element.close_start is not None
        else max(element.end, visible.ends[len(text) - 1])
    )
    return Mention(
        span=Span(element.start, end),
        form=Form.BLOCKQUOTE if stated else Form.FLATTENED,
        insertion_point=_insertion_point(page, element, end, blocks),
        tweet=stated.target if stated else None,
        unclosed=element.close_start is None,
    )


def with_words(page: HtmlDocument, mention: Mention, links: list[LinkMention]) -> Mention:
    """Add to a blockquote what its words tell: attribution, text, addresses, and the words as
    evidence where no id is stated.
    """
    if mention.flat is not None:
        return mention
    span = mention.span
    first = bisect_left(page.run_starts, span.start)
    last = bisect_left(page.run_starts, span.end)
    visible = visible_of(page, page.runs[first:last])
    text = visible.text.replace(LINE_BREAK, "\n")
    found = find_attributions(text.rstrip())
    inside = links[
        bisect_left(links, span.start, key=lambda link: link.span.start) : bisect_left(
            links,
            span.end,
            key=lambda link: link.span.start,
        )
    ]
    attribution = found[-1].attribution if found else None
    if attribution is None and mention.tweet is not None:
        attribution = Attribution(None, mention.tweet.handle, None)
    flat = (
        FlattenedText(visible, 0, found[-1].start, found[-1].end)
        if found and mention.tweet is None
        else None
    )
    return replace(
        mention,
        attribution=attribution,
        text=(text[: found[-1].start] if found else text).strip() or None,
        flat=flat,
        targets=tuple(link.target for link in inside),
        urls=tuple(link.url for link in inside),
    )


def visible_of(page: HtmlDocument, runs: list[InlineRun]) -> VisibleText:
    """Return what shows in several runs, with a line break between them."""
    pieces: list[InlineNode] = []
    for run in runs:
        if page.hidden(run.container):
            continue
        if pieces:
            pieces.append(InlineNode("br", pieces[-1].end, pieces[-1].end, run.container))
        pieces.extend(run.pieces)
    return page.visible(pieces)


def _insertion_point(
    page: HtmlDocument,
    element: Element,
    end: int,
    blocks: BlockDelimiters,
) -> InsertionPoint:
    content = (element.start, end)
    around = _pullquote(page, element, blocks) or content
    if not page.block_may_stand(element.parent) or not blocks.embed_may_stand(*around):
        return NotPlaceable()
    delimiters = blocks.around(*around)
    if delimiters is None:
        return ReplaceElement(content, content)
    return ReplaceElement(content, (delimiters[0].start, delimiters[1].end), in_block=True)


def _pullquote(
    page: HtmlDocument,
    element: Element,
    blocks: BlockDelimiters,
) -> Range | None:
    """Return where the `figure` of a WordPress pullquote stands that holds an element alone."""
    figure = page.elements[element.parent] if element.parent >= 0 else None
    if (
        figure is None
        or figure.close_start is None
        or "wp-block-pullquote" not in figure.classes
        or page.source[figure.open_end : element.start].strip()
        or page.source[element.end : figure.close_start].strip()
        or not blocks.around(figure.start, figure.end)
    ):
        return None
    return figure.start, figure.end
