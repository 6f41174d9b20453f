"""Which scripts of an article are X's."""

import re

from service.core.html.document import HtmlDocument
from service.core.html.elements import Element

WIDGET_ADDRESS = re.compile(
    r"\s*(?:(?:(?:https?:)?//web\.archive\.org)?/web/[0-9]{1,14}(?:[a-z]{2}_)?/)?"
    r"(?:https?:)?//platform\.(?:twitter|x)\.com/(?:[a-z0-9_-]+/)*widgets\.js(?:[?#]\S*)?\s*",
    re.IGNORECASE,
)
_SNIPPET = re.compile(
    r"platform\.(?:twitter|x)\.com/widgets\.js.*twitter-wjs",
    re.DOTALL,
)  # the loader that X gave to webmasters
_LONGEST_SNIPPET = 1_000


def is_widget_script(page: HtmlDocument, element: Element) -> bool:
    """Return whether a script is X's, loaded at once, later or after consent, or the loader that X
    gave. Consent and speed tools park the address in an attribute of their own.
    """
    if any(WIDGET_ADDRESS.fullmatch(value) for value in element.attrs.values()):
        return True
    content = page.source[element.open_end : element.close_start]
    return (
        "src" not in element.attrs
        and len(content) <= _LONGEST_SNIPPET
        and _SNIPPET.search(content) is not None
    )
