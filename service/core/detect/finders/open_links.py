"""Links to a tweet that hold more than they were to: nobody closed them, or a cut joined two."""

import re

from service.core.html.document import HtmlDocument
from service.core.html.elements import BLOCK, Element
from service.core.text.dates import read_date
from service.core.urls.tweet_urls import read_permalink

TAGS = re.compile(r"<[^<>]*>")
_TAG_END = '">'
_CUT_DATE = re.compile(r"[A-Z][a-z]{0,8}(?: [0-9]{1,2}(?:,(?: [0-9]{0,3})?)?)?")
"""The beginning of X's English date, where the text was cut off."""


def holds_blocks(page: HtmlDocument, link: Element) -> bool:
    """Return whether a link that nobody closed holds elements of the article's."""
    if link.is_closed:
        return False
    return any(one.tag in BLOCK for one in page.elements_in(link.open_end, link.end))


def runs_on(page: HtmlDocument, link: Element) -> bool:
    """Return whether a link that nobody closed holds more than a date: words of the article's. Or
    one in which the end of another tag shows, which was cut in two.
    """
    if link.is_closed and page.source.find(_TAG_END, link.open_end, link.limit) < 0:
        return False
    label = TAGS.sub("", page.source[link.open_end : link.limit]).strip()
    if link.is_closed:
        return _TAG_END in label
    if not label or (link.limit == len(page.source) and _CUT_DATE.fullmatch(label)):
        return False
    return read_date(label) is None and read_permalink(label) is None
