"""Detection: an article in, the mentions of tweets and the links in it out. No network, no
change.
"""

from dataclasses import replace

from service.core.detect.format_sniffing import sniff_format
from service.core.detect.in_html import detect_html
from service.core.detect.in_markdown import detect_markdown
from service.core.detect.in_text import detect_text
from service.core.detect.templates import heed_templates
from service.core.html.newlines import Newlines
from service.core.mentions import Detection, FlattenedText, InsertionPoint, LinkMention, Mention
from service.core.model import Format, Span
from service.core.text.prefilter import has_trace

__all__ = [
    "Detection",
    "FlattenedText",
    "InsertionPoint",
    "LinkMention",
    "Mention",
    "detect",
    "detect_normalized",
]


def detect(content: str, written_in: Format | None = None) -> Detection:
    """Find every mention of a tweet and every link to one in `content`.

    `written_in` None tells the format from the content. Spans are code points of `content` as
    given. Never raises, on any string.
    """
    newlines = Newlines(content)
    found = detect_normalized(newlines.text, written_in)
    return found if newlines.text is content else _as_sent(found, newlines)


def detect_normalized(
    text: str, written_in: Format | None = None, *, wider: bool = False
) -> Detection:
    """Do the same in a text whose CRLFs are single line feeds (`Newlines.text`), with all offsets
    in that text. `wider` asks for `Mention.wider` where that may be.
    """
    form = written_in or sniff_format(text)
    if not has_trace(text):
        return Detection(form)
    if form is Format.TEXT:
        return heed_templates(detect_text(text), text)
    read = detect_html if form is Format.HTML else detect_markdown
    return heed_templates(read(text, wider=wider), text)


def _as_sent(found: Detection, newlines: Newlines) -> Detection:
    """Move every span to the article as sent."""

    def moved(span: Span) -> Span:
        return Span(newlines.back(span.start), newlines.back(span.end))

    return Detection(
        found.format,
        tuple(replace(one, span=moved(one.span)) for one in found.embeds),
        tuple(replace(one, span=moved(one.span)) for one in found.links),
        None if found.broken_at is None else newlines.back(found.broken_at),
    )
