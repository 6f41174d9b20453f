"""Whether what a browser took for text in an article is still text in the article as it was written
anew: every element that runs, loads or takes something in stood there before.
"""

from collections import Counter
from collections.abc import Iterable

from service.core.detect.in_markdown import read_source_map
from service.core.html.document import HtmlDocument
from service.core.model import Format
from service.core.rewrite.widget_script import SCRIPT_ELEMENT

_ACTIVE = frozenset(
    "script iframe img link style object embed svg math form input textarea select meta base title"
    " video audio template noscript xmp noembed noframes plaintext".split()
)


def came_to_life(before: str, after: str, written_in: Format, embeds: Iterable[str]) -> bool:
    """Return whether an article has active elements, `after`, that it had not `before`; those of
    its `embeds` and X's script aside.
    """
    own = Counter(_active(SCRIPT_ELEMENT, Format.HTML))
    for embed in embeds:
        own.update(_active(embed, Format.HTML))
    return bool(_active(after, written_in) - _active(before, written_in) - own)


def _active(text: str, written_in: Format) -> Counter[tuple[str, bool]]:
    """Return the active elements of a text: their start tags, and whether they are seen.

    Of Markdown those that are written as HTML: a picture of its own is none that was text.
    """
    source = text.replace("\r\n", "\n").replace("\r", "\n")
    is_markdown = written_in is Format.MARKDOWN
    page = HtmlDocument(read_source_map(source).html if is_markdown else source)
    tags = (
        (page.source[one.start : one.open_end], one.unseen)
        for one in page.elements
        if one.tag in _ACTIVE or any(name.startswith("on") for name in one.attrs)
    )
    return Counter(tag for tag in tags if not is_markdown or tag[0] in source)
