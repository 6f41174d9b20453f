"""Lone addresses: a permalink or a short link that is all of its paragraph or line
(docs/interface.md 2, form `url`).
"""

from collections.abc import Iterator

from service.core.detect.paragraphs import Paragraph
from service.core.html.document import OBJECT, HtmlDocument, InlineNode
from service.core.mentions import Mention
from service.core.model import Form, ShortLink, Span, TweetRef
from service.core.urls.tweet_urls import find_addresses, read_permalink, read_short_link

_LIST_LIKE = frozenset({"li", "td", "th", "dd", "dt"})


def standalone_urls(paragraph: Paragraph, page: HtmlDocument | None = None) -> Iterator[Mention]:
    """Return the lines that are nothing but one address, bare or as the only `a`."""
    for start, end in paragraph.lines:
        text = paragraph.visible.text[start:end]
        if OBJECT in text:
            continue  # a picture beside it, or another embed
        container = paragraph.stretch.container
        pieces = paragraph.stretch.text_pieces(start, end) if page is not None else []
        link = _only_link(page, container, pieces) if page is not None else None
        target: TweetRef | ShortLink | None
        if link is None:
            bare = all(piece.element == container for piece in pieces)
            target = read_bare(text) if bare else None
            url = text
        else:
            url = link
            target = read_permalink(url) or read_short_link(url)
            if page is not None and container >= 0 and page.elements[container].tag in _LIST_LIKE:
                target = (
                    target if read_bare(text) else None
                )  # a list of sources stays a list: only an address stands for its tweet there
        if target is None:
            continue
        span = (
            paragraph.element
            if len(paragraph.lines) == 1 and paragraph.element
            else _with_tags(page, paragraph, pieces, start, end)
        )
        yield Mention(
            span=Span(*span),
            form=Form.URL,
            insertion_point=paragraph.insertion_point,
            tweet=target if isinstance(target, TweetRef) else None,
            targets=(target,),
            urls=(url.strip(),),
        )


def read_bare(text: str) -> TweetRef | ShortLink | None:
    """Read a text that is one address and nothing else."""
    found = find_addresses(text)
    return (
        found[0].target
        if len(found) == 1 and found[0].start == 0 and found[0].end == len(text)
        else None
    )


def _only_link(page: HtmlDocument, container: int, pieces: list[InlineNode]) -> str | None:
    """Return the `href` of the `a` that holds all the pieces and stands directly in the
    container.
    """
    if not pieces or len({piece.element for piece in pieces}) != 1 or pieces[0].element < 0:
        return None
    element = page.elements[pieces[0].element]
    return (
        element.attrs.get("href", "").strip()
        if element.tag == "a" and element.parent == container
        else None
    )


def _with_tags(
    page: HtmlDocument | None,
    paragraph: Paragraph,
    pieces: list[InlineNode],
    start: int,
    end: int,
) -> tuple[int, int]:
    """Return the source of the line, with the tags of the `a` that is all of it."""
    first, last = paragraph.visible.source(start, end)
    if page is not None and pieces and pieces[0].element != paragraph.stretch.container:
        element = page.elements[pieces[0].element]
        return min(first, element.start), max(last, element.end)
    return first, last
