"""Which format an article is in when the caller does not say (docs/interface.md 5)."""

import html
import json
import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from typing import Any, cast

from service.core.markdown.blocks import read_blocks
from service.core.markdown.outline import Kind
from service.core.markdown.patterns import FENCE, FRONT
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
        "twitterwidget",
        "u",
        "ul",
        "var",
        "video",
        "wbr",
        "xmp",
    ],
)
_TAG = re.compile(r"</?([A-Za-z][A-Za-z0-9-]*)(?:[\s/][^<>]*)?>|<!--\s*/?wp:[a-z]")
_SIGN = re.compile(
    r"\]\(|^ {0,3}#{1,6}[ \t]+\S|^ {0,3}\[[^\]\n]+\]:[ \t]*\S",
    re.MULTILINE,
)
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_REFERENCE = re.compile(r"&(?:#[0-9]{1,8}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_CODE_INDENT = re.compile(r" {4}| {0,3}\t")
_FENCE = re.compile(rf"^ {{0,3}}{FENCE.pattern}", re.MULTILINE)
_DEEP_FENCE = re.compile(r"^[ \t>*+\-0-9.)]+(?:`{3}|~{3})", re.MULTILINE)
_RAW = re.compile(r"(?<!`)<(?:(pre|script|style|textarea)(?=[\s>])|!--)", re.IGNORECASE)
_TICKS = re.compile(r"(?<!\\)`+")
_JSON_SPACE = " \t\r\n"
_BLANK_LINE = re.compile(r"\n(?=[ \t]*\n)")


def sniff_format(content: str) -> Format:
    """Return how an article is written, by the first of these that it has.

    Front matter, or a code fence outside `pre`, is Markdown; a tag or a block delimiter outside
    code HTML; a link, a heading or a reference definition of Markdown's Markdown; a comment or a
    character reference HTML. Else it is text.
    """
    text = content.replace("\r\n", "\n").replace("\r", "\n") if "\r" in content else content
    if FRONT.match(text) or _has_fence(text):
        return Format.MARKDOWN
    if _has_tag(text):
        return Format.HTML
    if _SIGN.search(text):
        return Format.MARKDOWN
    return Format.HTML if _has_comment_or_reference(text) else Format.TEXT


def is_json(content: str) -> bool:
    """Return whether an article is JSON as a whole: an object, or an array of objects, with
    anything in it. HTML that is written into its strings would break it.
    """
    value = _read_json(content)
    return bool(value) and (isinstance(value, dict) or any(isinstance(one, dict) for one in value))


def is_structured_text(content: str) -> bool:
    """Return whether an article is the JSON in which an editor keeps it: Lexical, Editor.js,
    ProseMirror, or an array of Portable Text.
    """
    value = _read_json(content)
    if isinstance(value, list):
        return bool(value) and all(isinstance(one, dict) and "_type" in one for one in value)
    root, blocks = value.get("root"), value.get("blocks")
    return (
        value.get("type") == "doc"
        or (isinstance(root, dict) and "children" in root)
        or (isinstance(blocks, list) and all(map(_is_block, blocks)))
    )


def _is_block(value: object) -> bool:
    return isinstance(value, dict) and "type" in value and "data" in value


def _read_json(content: str) -> dict[str, Any] | list[Any]:
    """Read an object or an array; an empty one if it is none."""
    ends = content.lstrip(_JSON_SPACE)[:1] + content.rstrip(_JSON_SPACE)[-1:]
    if ends not in {"{}", "[]"}:
        return {}
    try:
        return cast("dict[str, Any] | list[Any]", json.loads(content))
    except (ValueError, RecursionError):
        return {}


def _has_tag(text: str) -> bool:
    code: list[tuple[int, int]] | None = None
    indented: list[int] = []
    line_end = -1
    for match in _TAG.finditer(text):
        if match[1] is not None and match[1].lower() not in _ELEMENTS:
            continue
        if code is None:
            code = list(_code_spans(text)) if "`" in text else []
        if not _within(code, match.start()):
            if match.start() > line_end:
                if not _CODE_INDENT.match(text, text.rfind("\n", 0, match.start()) + 1):
                    return True
                line_end = text.find("\n", match.start())
                line_end = len(text) if line_end < 0 else line_end
            indented.append(match.start())
    return bool(indented) and not _is_indented_code(text, indented)


def _is_indented_code(text: str, places: list[int]) -> bool:
    """Return whether places are all in indented code, and a sign of Markdown's is not (CommonMark
    4.4).
    """
    signs = [match.start() for match in _SIGN.finditer(text)]
    if not signs:
        return False
    blocks = read_blocks(text).blocks
    starts = [block.start for block in blocks]

    def is_code(place: int) -> bool:
        number = bisect_right(starts, place) - 1
        return number >= 0 and blocks[number].kind is Kind.CODE

    return all(map(is_code, places)) and not all(map(is_code, signs))


def _has_comment(text: str) -> bool:
    """Return whether a text holds a comment; a CDATA section is one to HTML (WHATWG 13.2.5.42)."""
    return ("-->" in text and _COMMENT.search(text) is not None) or "<![CDATA[" in text


def _has_comment_or_reference(text: str) -> bool:
    return _has_comment(text) or any(
        html.unescape(match[0]) != match[0] for match in _REFERENCE.finditer(text)
    )


def _has_fence(text: str) -> bool:
    """Return whether a line opens a code fence (CommonMark 4.5), in a list or a quote too."""
    if "```" not in text and "~~~" not in text:
        return False
    raw = list(_raw_elements(text))
    if any(not _within(raw, match.start()) for match in _FENCE.finditer(text)):
        return True
    return _DEEP_FENCE.search(text) is not None and any(
        block.fenced and not _within(raw, block.start) for block in read_blocks(text).blocks
    )


def _raw_elements(text: str) -> Iterator[tuple[int, int]]:
    """Return where lines are no Markdown: in `pre`, scripts and the like, and comments."""
    at = 0
    low = text.lower()
    while match := _RAW.search(text, at):
        closing = f"</{match[1].lower()}" if match[1] else "-->"
        end = low.find(closing, match.end())
        at = len(text) if end < 0 else end
        yield match.start(), at


def _within(stretches: list[tuple[int, int]], at: int) -> bool:
    """Return whether a place lies in one of the stretches (disjoint, in order)."""
    number = bisect_right(stretches, (at, len(stretches) and stretches[-1][1] + 1)) - 1
    return number >= 0 and at < stretches[number][1]


def _code_spans(text: str) -> Iterator[tuple[int, int]]:
    """Return the code spans of Markdown, in order: a run of backticks up to the next run of the
    same length in the same paragraph (CommonMark 6.1).
    """
    runs = list(_TICKS.finditer(text))
    blank = [match.start() for match in _BLANK_LINE.finditer(text)]
    next_of_length: dict[int, int] = {}
    closing = [0] * len(runs)
    for number in range(len(runs) - 1, -1, -1):
        length = len(runs[number][0])
        closing[number] = next_of_length.get(length, -1)
        next_of_length[length] = number
    number = 0
    while number < len(runs):
        other = closing[number]
        start, end = runs[number].end(), runs[other].start()
        if other >= 0 and bisect_left(blank, start) == bisect_left(blank, end):
            yield runs[number].start(), runs[other].end()
            number = other + 1
        else:
            number += 1
