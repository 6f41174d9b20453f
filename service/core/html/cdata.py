"""CDATA sections in an article of HTML, as feeds and exports write them."""

import re
from collections.abc import Iterator

_OPENS = re.compile(r"<!--|<!\[CDATA\[")
CDATA_MARKS = ("<![CDATA[", "]]>")
"""What a section opens with and closes with."""
_FOREIGN = re.compile("<(?:svg|math)", re.IGNORECASE)


def read_sections(source: str) -> list[tuple[int, int]]:
    """Return where the contents of CDATA sections stand."""
    if CDATA_MARKS[0] not in source or _FOREIGN.search(source):
        return []
    return list(_contents(source))


def _contents(source: str) -> Iterator[tuple[int, int]]:
    """Return where the contents of sections stand that stand in no comment; linear in the length of
    the source, however many are not closed.
    """
    unclosed: set[str] = set()
    at = 0
    while opens := _OPENS.search(source, at):
        at = opens.end()
        closes = "-->" if opens[0] == "<!--" else CDATA_MARKS[1]
        end = -1 if closes in unclosed else source.find(closes, at)
        if end < 0:
            unclosed.add(closes)
            continue
        if closes == CDATA_MARKS[1]:
            yield at, end
        at = end + len(closes)


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
    parts: list[str] = []
    at = 0
    for begin, end in read_sections(source):
        opens = begin - len(CDATA_MARKS[0])
        parts += (source[at:opens], "<!--  -->", source[begin:end], "<!>")
        at = end + len(CDATA_MARKS[1])
    return "".join((*parts, source[at:]))
