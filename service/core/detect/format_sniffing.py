"""Which format an article is in when the caller does not say (docs/interface.md 5)."""

import re
from bisect import bisect_right
from collections.abc import Iterator

from service.core.model import Format

_ELEMENTS = frozenset(
    [
        "a",
        "abbr",
        "address",
        "amp-twitter",
        "area",
        "article",
        "aside",
        "audio",
        "b",
        "base",
        "bdi",
        "bdo",
        "big",
        "blockquote",
        "body",
        "br",
        "button",
        "canvas",
        "caption",
        "center",
        "cite",
        "code",
        "col",
        "colgroup",
        "data",
        "datalist",
        "dd",
        "del",
        "details",
        "dfn",
        "dialog",
        "dir",
        "div",
        "dl",
        "dt",
        "em",
        "embed",
        "embetty-tweet",
        "fieldset",
        "figcaption",
        "figure",
        "font",
        "footer",
        "form",
        "frame",
        "frameset",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "head",
        "header",
        "hgroup",
        "hr",
        "html",
        "i",
        "iframe",
        "img",
        "input",
        "ins",
        "kbd",
        "label",
        "legend",
        "li",
        "link",
        "main",
        "map",
        "mark",
        "marquee",
        "math",
        "menu",
        "meta",
        "meter",
        "nav",
        "nobr",
        "noembed",
        "noframes",
        "noscript",
        "o-embed",
        "object",
        "oembed",
        "ol",
        "optgroup",
        "option",
        "output",
        "p",
        "param",
        "picture",
        "plaintext",
        "pre",
        "progress",
        "q",
        "rp",
        "rt",
        "ruby",
        "s",
        "samp",
        "script",
        "search",
        "section",
        "select",
        "slot",
        "small",
        "source",
        "span",
        "strike",
        "strong",
        "style",
        "sub",
        "summary",
        "sup",
        "svg",
        "table",
        "tbody",
        "td",
        "template",
        "textarea",
        "tfoot",
        "th",
        "thead",
        "time",
        "title",
        "tr",
        "track",
        "tt",
        "twitter-widget",
        "u",
        "ul",
        "var",
        "video",
        "wbr",
        "xmp",
    ],
)
_TAG = re.compile(r"</?([A-Za-z][A-Za-z0-9-]*)(?:[\s/][^<>]*)?>|<!--\s*/?wp:[a-z]")
_MARKDOWN = re.compile(
    r"\]\(|^ {0,3}#{1,6}[ \t]+\S|^ {0,3}\[[^\]\n]+\]:[ \t]*\S|^ {0,3}(?:```|~~~)",
    re.MULTILINE,
)
_FENCE = re.compile(r"^ {0,3}(`{3,}(?=[^`\n]*$)|~{3,})", re.MULTILINE)
_TICKS = re.compile(r"(?<!\\)`+")


def sniff_format(content: str) -> Format:
    """Return how an article is written: HTML if it has a tag or a block delimiter outside code,
    else Markdown by its signs, else text.
    """
    code: list[tuple[int, int]] | None = None
    for match in _TAG.finditer(content):
        if match[1] is not None and match[1].lower() not in _ELEMENTS:
            continue
        if code is None:
            code = markdown_code(content) if "`" in content or "~~~" in content else []
        if not within(code, match.start()):
            return Format.HTML
    return Format.MARKDOWN if _MARKDOWN.search(content) else Format.TEXT


def within(stretches: list[tuple[int, int]], at: int) -> bool:
    """Return whether a place lies in one of the stretches (disjoint, in order)."""
    number = bisect_right(stretches, (at, len(stretches) and stretches[-1][1] + 1)) - 1
    return number >= 0 and at < stretches[number][1]


def markdown_code(content: str) -> list[tuple[int, int]]:
    """Return the code fences and code spans of Markdown (CommonMark 4.5 and 6.1), in order."""
    stretches: list[tuple[int, int]] = []
    at = 0
    for start, end in _fences(content):
        stretches.extend(_spans(content, at, start))
        stretches.append((start, end))
        at = end
    stretches.extend(_spans(content, at, len(content)))
    return stretches


def _fences(content: str) -> Iterator[tuple[int, int]]:
    opened: re.Match[str] | None = None
    for match in _FENCE.finditer(content):
        mark = match[1]
        if opened is None:
            opened = match
        elif mark[0] == opened[1][0] and len(mark) >= len(opened[1]):
            line_end = content.find("\n", match.end())
            rest = content[match.end() : line_end if line_end >= 0 else len(content)]
            if not rest.strip():
                yield opened.start(), match.end()
                opened = None
    if opened is not None:
        yield opened.start(), len(content)


def _spans(content: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Return the code spans: a run of backticks up to the next run of the same length in the same
    paragraph.
    """
    runs = list(_TICKS.finditer(content, start, end))
    next_of_length: dict[int, int] = {}
    closing = [0] * len(runs)
    for number in range(len(runs) - 1, -1, -1):
        length = len(runs[number][0])
        closing[number] = next_of_length.get(length, -1)
        next_of_length[length] = number
    number = 0
    while number < len(runs):
        other = closing[number]
        if other >= 0 and not re.search(
            r"\n[ \t]*\n",
            content[runs[number].end() : runs[other].start()],
        ):
            yield runs[number].start(), runs[other].end()
            number = other + 1
        else:
            number += 1
