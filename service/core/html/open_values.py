"""Start tags that lack a quote: the value goes on to the next one in the article, and words of the
article's are a part of the tag.
"""

import re

from service.core.html.document import HtmlDocument
from service.core.html.elements import Element

_GOES_ON = re.compile(r"[\"'](?![\s>]|/>)")
"""A quote that was to open a value, and what that begins with."""


def has_open_value(page: HtmlDocument, element: Element) -> bool:
    """Return whether a value in a start tag goes on beyond the tag that was meant: that ends in it,
    and the quote behind opens another one.
    """
    source = page.source
    if source.find(">", element.start, element.open_end) == element.open_end - 1:
        return False
    values = page.value_spans(element)
    spans = (values.get(name) for name in element.attrs)
    return any(
        place and source.find(">", *place) >= 0 and _GOES_ON.match(source, place[1])
        for place in spans
    )
