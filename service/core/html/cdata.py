"""CDATA sections in an article of HTML, as feeds and exports write them."""

import re

_CDATA = re.compile(r"<!--.*?-->|(?P<opens><!\[CDATA\[)(?P<content>.*?)\]\]>", re.DOTALL)
CDATA_MARKS = ("<![CDATA[", "]]>")
"""What a section opens with and closes with."""
_FOREIGN = re.compile("<(?:svg|math)", re.IGNORECASE)


def read_sections(source: str) -> list[tuple[int, int]]:
    """Return where the contents of CDATA sections stand."""
    if CDATA_MARKS[0] not in source or _FOREIGN.search(source):
        return []
    return [match.span("content") for match in _CDATA.finditer(source) if match["opens"]]


def is_hidden_mark(source: str, hidden: str, at: int) -> bool:
    """Return whether the mark of a section stands at a place of a source whose sections are
    hidden.
    """
    return source.startswith(CDATA_MARKS, at) and not hidden.startswith(CDATA_MARKS, at)


def hide_cdata(source: str) -> str:
    """Return a source of the same length in which the marks of CDATA sections are comments.

    HTML takes `<![CDATA[` for a comment that ends at the next `>` (WHATWG 13.2.5.42), and the tag
    behind it with it; in feeds its content is HTML. Within SVG and MathML it means what it says.
    """
    if CDATA_MARKS[0] not in source or _FOREIGN.search(source):
        return source
    return _CDATA.sub(_without_marks, source)


def _without_marks(match: re.Match[str]) -> str:
    return f"<!--  -->{match['content']}<!>" if match["opens"] else match[0]
