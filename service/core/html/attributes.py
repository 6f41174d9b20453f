"""Where the attributes of a start tag stand (WHATWG, 13.2.5.32 to 13.2.5.40).

A parser tells it too, but for each attribute of an article, in objects of four times the size of
its tree; it is asked for a few of them.
"""

import re
from collections.abc import Iterator
from string import ascii_lowercase, ascii_uppercase

_TAG_NAME = re.compile(r"<[A-Za-z][^ \t\n\r\f/>]*+")
_ATTRIBUTE = re.compile(
    r"[ \t\n\r\f/]*+([^ \t\n\r\f/>][^ \t\n\r\f/>=]*+)"
    r"(?:[ \t\n\r\f]*+=[ \t\n\r\f]*+"
    r"(?:\"[^\"]*+\"|'[^']*+'|[^ \t\n\r\f>\"'][^ \t\n\r\f>]*+))?"
)
_AS_READ = str.maketrans(ascii_uppercase + "\0", ascii_lowercase + "\ufffd")


def read_attributes(source: str, start: int, end: int) -> Iterator[tuple[str, int, int]]:
    """Return the attributes of the start tag at `start` to `end`, in order: name, and where it
    stands with its value.
    """
    name = _TAG_NAME.match(source, start, end)
    at = name.end() if name is not None else end
    while found := _ATTRIBUTE.match(source, at, end):
        at = found.end()
        yield found[1].translate(_AS_READ), found.start(1), at
