"""Tweets that an editor put into one quotation, one behind the other (docs/interface.md 2, form
`blockquote`).
"""

from collections.abc import Iterator

from service.core.detect.insertion_point import element_place
from service.core.detect.quotation_parts import QuotedElement
from service.core.html.wordpress_blocks import BlockDelimiters
from service.core.mentions import Mention, ReplaceElement
from service.core.model import Form


def tweets_apart(quoted: QuotedElement, blocks: BlockDelimiters) -> Iterator[Mention]:
    """Return the tweets of a marked quotation, each with its own words, attribution and permalink;
    nothing where more than these stands in it.
    """
    element = quoted.element
    point = element_place(quoted.page, element, element.end, blocks)
    if element.tag != "blockquote" or not isinstance(point, ReplaceElement) or point.in_block:
        return
    for signature, span, parts in quoted.apart():
        if signature.link is None:
            continue
        place = (span.start, span.end)
        yield Mention(
            span=span,
            form=Form.BLOCKQUOTE,
            insertion_point=ReplaceElement(place, place),
            tweet=signature.link.target,
            attribution=signature.attribution,
            text=parts.words.text.strip() or None,
            parts=parts,
            shares=(element.start, element.end),
        )
