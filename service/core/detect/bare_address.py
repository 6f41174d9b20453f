"""A paragraph that is the bare address of a tweet and nothing else, as editors leave it: it needs
no parser to be read, and many passages of an archive are one.
"""

import re

from service.core.mentions import Detection, Mention, SplitParagraph
from service.core.model import Form, Format, Span
from service.core.urls.tweet_urls import read_permalink

_PARAGRAPH = re.compile(
    r"<p>(https://(?:(?:www|mobile)\.)?(?:twitter|x)\.com/[A-Za-z0-9_]{1,15}/status/[1-9][0-9]{4,18}"
    r"(?:\?[A-Za-z0-9_]{1,40}=[A-Za-z0-9_]{1,80})?)</p>"
)


def read_bare_address(source: str) -> Detection | None:
    """Return what is found in an HTML passage that is such a paragraph, just as written here; None
    of any other.
    """
    paragraph = _PARAGRAPH.fullmatch(source)
    tweet = read_permalink(paragraph[1]) if paragraph else None
    if paragraph is None or tweet is None:
        return None
    whole = (0, len(source))
    place = SplitParagraph(paragraph.span(1), whole, "<p>")
    mention = Mention(Span(*whole), Form.URL, place, tweet, (tweet,), (paragraph[1],))
    return Detection(Format.HTML, (mention,))
