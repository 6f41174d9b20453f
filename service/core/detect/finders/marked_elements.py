"""Elements that carry X's class, and which of them are a tweet for the element around them."""

from service.core.html.document import HtmlDocument
from service.core.html.elements import Element
from service.core.sanitize.allowlist import GONE, LINK
from service.core.vocabulary import MARKER_CLASSES

_MARKABLE = frozenset({"blockquote", "div"})
_LONGEST_GAP = 200


def is_marked(element: Element) -> bool:
    """Return whether an element carries X's class."""
    return (
        element.tag in _MARKABLE
        and "class" in element.attrs
        and not MARKER_CLASSES.isdisjoint(element.classes)
    )


def is_tweet(page: HtmlDocument, number: int) -> bool:
    """Return whether an element is a tweet of its own for one around it: a marked one, or what we
    write for one. What AMP shows until its element has loaded is none, nor is the frame of another.
    """
    element = page.elements[number]
    if is_marked(element):
        in_amp = element.parent >= 0 and page.elements[element.parent].tag == "amp-twitter"
        return not in_amp and not _is_frame(page, number)
    return element.tag == "amp-twitter" or is_of_ours(element)


def _is_frame(page: HtmlDocument, number: int) -> bool:
    """Return whether a marked element holds another one and nothing else."""
    element = page.elements[number]
    inner = page.elements[number + 1] if number + 1 < len(page.elements) else None
    if inner is None or inner.parent != number or not is_marked(inner):
        return False
    gaps = (element.open_end, inner.start), (inner.end, element.limit)
    return all(end - start <= _LONGEST_GAP for start, end in gaps) and not any(
        page.source[start:end].strip() for start, end in gaps
    )


def is_of_ours(element: Element) -> bool:
    """Return whether an element is a paragraph that we write in place of a tweet."""
    return (
        element.tag == "p"
        and "class" in element.attrs
        and not {GONE, LINK}.isdisjoint(element.classes)
    )
