"""Which characters of a tweet may stand in HTML, and how they are written there."""

import html
import re

# Characters that may stand nowhere. Two sets, since one with characters of many planes in it is
# slow to look for.
_NEVER = re.compile(
    "[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f"  # controls but for white space
    # embeddings, overrides and isolates of direction (UAX 9): they reorder what stands beside them
    "\u202a-\u202e\u2066-\u206f"
    "\ud800-\udfff"  # lone surrogates: no UTF-8 for them
    "\ufdd0-\ufdef\ufffe\uffff]",  # noncharacters
)
_NEVER_HIGH = re.compile(
    "["
    + "".join(
        chr(plane + last)
        for plane in range(0x10000, 0x110000, 0x10000)
        for last in (0xFFFE, 0xFFFF)
    )
    + "]",
)
_HIGH = re.compile("[\U00010000-\U0010ffff]")
_UNSEEN = re.compile("[\u00ad\u061c\u180e\u200b\u200e\u200f\u2060-\u2064\ufeff]")
FILLERS = "\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u3164\uffa0"
"""What Unicode calls letters and marks, and nobody sees."""
SELECTORS = "\ufe00-\ufe0f\U000e0000-\U000e007f\U000e0100-\U000e01ef"
"""Variation selectors and tags, ranges for a class of `re`: they say how the character before them
looks, and stay behind where that was lost.
"""
INVISIBLE = re.compile(
    f"[\u00ad{FILLERS}\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff"
    f"{SELECTORS}]+",
)
"""Soft hyphens, zero-width characters, fillers, direction marks and selectors of emoji."""
_SEEN = re.compile(rf"[^\s{INVISIBLE.pattern[1:-2]}]")
_WHITE = re.compile("[ \t\n\f\r\u2028\u2029]+")
LEFT_OVER_REFERENCE = re.compile(
    r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});"
)
"""A character reference, as it is written."""
_NEXT_PROGRAM = re.compile(r"\[(?=[\w/])|\{(?=[{%#])")
_REFERENCES = str.maketrans(
    {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;", "\xa0": "&nbsp;"},
)
_LONE_ADDRESS = re.compile(r'(https?)(://[^\s<>"]+)', re.IGNORECASE)

_RUNS_ELSEWHERE = re.compile(r"\[[\w/]|\{[{%#]|<\?")
_LONE_IN_PARAGRAPH = re.compile(r'<[pP](?: [^<>]*)?>\s*[hH][tT][tT][pP][sS]?://[^\s<>"]+\s*</[pP]>')
_LONE_ON_LINE = re.compile(r'^[ \t]*https?://[^\s<>"]+[ \t]*$', re.IGNORECASE | re.MULTILINE)


def shown(text: str) -> str:
    """Return a tweet's words as a browser shows them: what may not stand is dropped, white space
    folded (not NBSP, not ZWJ, not ZWNJ).
    """
    if text.isprintable() and "  " not in text:  # nothing is dropped, nothing folded
        return text
    text = _NEVER.sub("", text)
    if _HIGH.search(text):
        text = _NEVER_HIGH.sub("", text)
    return _WHITE.sub(" ", text)


def without_invisible(text: str) -> str:
    """Return a text without the characters that are not seen."""
    return text if text.isascii() else INVISIBLE.sub("", text)


def is_seen(text: str, start: int, end: int) -> bool:
    """Return whether anything in `start` to `end` of a text is seen. It is looked at up to that."""
    return _SEEN.search(text, start, end) is not None


def plain(text: str) -> str:
    """Return a name's or a link's text: as `shown`, and without the characters that are not seen
    and serve to disguise.
    """
    return shown(text if text.isprintable() else _UNSEEN.sub("", text))


def label(text: str) -> str:
    """Return `plain` text without the space around it."""
    return plain(text).strip(" ")


def is_shown(text: str) -> bool:
    """Return whether text holds nothing that `shown` drops. White space may be of any kind."""
    return text.isprintable() or (
        _NEVER.search(text) is None
        and (_HIGH.search(text) is None or _NEVER_HIGH.search(text) is None)
    )


def is_plain(text: str) -> bool:
    """Return whether text holds nothing that `plain` drops. White space may be of any kind."""
    return text.isprintable() or (
        is_shown(text) and (text.isascii() or _UNSEEN.search(text) is None)
    )


def runs_elsewhere(html: str) -> bool:
    """Return whether another program could begin to run something in HTML as it is written.

    Shortcodes, templates, PHP, and an address alone in its paragraph or on its line, which
    WordPress embeds (`WP_Embed::autoembed`).
    """
    return (
        _RUNS_ELSEWHERE.search(html) is not None
        or _LONE_IN_PARAGRAPH.search(html) is not None
        or ("\n" in html and _LONE_ON_LINE.search(html) is not None)
    )


def escape(text: str) -> str:
    """Write text for HTML, in text or a quoted attribute, so that neither a browser nor the next
    program runs anything in it.

    Where a shortcode (`[name`, `[/name`) or a template (`{{`, `{%`, `{#`) could begin, its first
    character is a reference; `<?` is `&lt;?` anyway (docs/interface.md, promise 4).
    """
    return _NEXT_PROGRAM.sub(lambda begun: f"&#{ord(begun[0])};", text.translate(_REFERENCES))


def escape_lone_address(inner_html: str) -> str:
    """Write a paragraph that is nothing but an address so that WordPress does not embed what is
    there (`WP_Embed::autoembed`).
    """
    lone = _LONE_ADDRESS.fullmatch(inner_html)
    return inner_html if lone is None else f"{lone[1]}&#58;{lone[2][1:]}"


def cut_out(pattern: re.Pattern[str], text: str) -> tuple[str, list[int]]:
    """Return a text without what a pattern matches, and the offset in `text` of each character."""
    parts: list[str] = []
    places: list[int] = []
    at = 0
    for gap in pattern.finditer(text):
        parts.append(text[at : gap.start()])
        places.extend(range(at, gap.start()))
        at = gap.end()
    parts.append(text[at:])
    places.extend(range(at, len(text)))
    return "".join(parts), places


def decoded_references(text: str) -> tuple[str, list[int], list[int]]:
    """Return a text with its character references decoded once, and the offsets in `text` where the
    writing of each character starts and ends.
    """
    parts: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    at = 0
    for reference in LEFT_OVER_REFERENCE.finditer(text):
        start, end = reference.span()
        decoded = html.unescape(reference[0])
        parts += (text[at:start], decoded)
        starts += (*range(at, start), *[start] * len(decoded))
        ends += (*range(at + 1, start + 1), *[end] * len(decoded))
        at = end
    parts.append(text[at:])
    starts += range(at, len(text))
    ends += range(at + 1, len(text) + 1)
    return "".join(parts), starts, ends
