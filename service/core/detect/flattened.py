"""Flattened tweets: `text … — Name (@handle) DATE`, in a paragraph or on a line (contract 2.1)."""

from collections.abc import Iterator

from service.core.addresses import find_addresses
from service.core.attribution import Found, find_attributions
from service.core.detect.mention import Flat, Mention
from service.core.detect.paragraphs import Paragraph
from service.core.model import Form, Span
from service.core.page import OBJECT


def flattened(paragraph: Paragraph) -> Iterator[Mention]:
    """Give the flattened tweets of a paragraph, each up to the end of its attribution, none reaching into the one before."""
    if "@" not in paragraph.visible.text:
        return
    text = paragraph.readable
    first, last = paragraph.lines[0][0], paragraph.lines[-1][1]
    found = [one for one in find_attributions(text[:last]) if one.start >= first and OBJECT not in text[one.start : one.end]]
    begin = first
    for number, one in enumerate(found):
        following = found[number + 1].start if number + 1 < len(found) else None
        yield flat_mention(paragraph, one, begin, following)
        begin = one.end


def flat_mention(paragraph: Paragraph, one: Found, begin: int, following: int | None) -> Mention:
    """Build the mention whose words lie between `begin` and its attribution; `following` is where the next attribution begins."""
    visible, text = paragraph.visible, paragraph.readable
    line_start = max(begin, next((a for a, b in paragraph.lines if a <= one.start < b), begin))
    start = line_start if text[line_start : one.start].strip() else begin
    line_end = next((b for a, b in paragraph.lines if a < one.end <= b), one.end)
    end = one.end if following is not None and following < line_end else line_end
    start += len(text[start:end]) - len(text[start:end].lstrip())
    inside = find_addresses(text[begin : one.end])
    return Mention(
        span=Span(*visible.source(start, end)),
        form=Form.FLATTENED,
        shell=paragraph.shell,
        targets=tuple(address.target for address in inside),
        urls=tuple(address.address for address in inside),
        attribution=one.attribution,
        text=text[start : one.start].strip(),
        flat=Flat(visible, begin, one.start, one.end, paragraph.inlines()),
    )
