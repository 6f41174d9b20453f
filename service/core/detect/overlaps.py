"""Flattened tweets beside embeds of another form: neither is a part of the other."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import replace

from service.core.html.document import LINE_BREAK
from service.core.mentions import FlattenedText, Mention
from service.core.model import Form, Span
from service.core.urls.tweet_urls import find_addresses


def trim_overlaps(mentions: Iterable[Mention], stated: list[Mention]) -> Iterator[Mention]:
    """Return `mentions` without those of `stated`, each flattened one beginning behind what is
    stated before its attribution.
    """
    spans = sorted({one.span for one in stated})
    for mention in mentions:
        if mention.form is Form.FLATTENED and mention.flat is not None and spans:
            yield _trim(mention, mention.flat, spans)
        elif mention.form is not Form.SHORTCODE or not mention.is_placeable:
            yield mention


def _trim(mention: Mention, flat: FlattenedText, spans: list[Span]) -> Mention:
    starts, text = flat.visible.starts, flat.visible.text
    closes = flat.visible.source(flat.attribution_start, flat.attribution_end)
    before = bisect_left(spans, closes[0], key=lambda span: span.start) - 1
    behind = bisect_left(spans, closes[1], key=lambda span: span.start)
    begin, end = mention.span.start, mention.span.end
    if before >= 0 and begin < spans[before].end <= closes[0]:
        first = bisect_left(starts, spans[before].end)
        first += len(text[first : flat.attribution_start]) - len(
            text[first : flat.attribution_start].lstrip(),
        )
        inside = find_addresses(text[first : flat.attribution_end].replace(LINE_BREAK, "\n"))
        mention = replace(
            mention,
            targets=tuple(one.target for one in inside),
            urls=tuple(one.address for one in inside),
            text=text[first : flat.attribution_start].replace(LINE_BREAK, "\n").strip(),
            flat=replace(flat, start=first),
        )
        begin = flat.visible.source(first, first + 1)[0]
    if behind < len(spans) and spans[behind].start < end:
        last = flat.attribution_end + len(
            text[flat.attribution_end : bisect_left(starts, spans[behind].start)].rstrip(),
        )
        end = flat.visible.source(flat.attribution_start, last)[1]
    return replace(mention, span=Span(begin, end))
