"""Detection in Markdown: mentions are found in the article as HTML (`core/markdown/source_map.py`)
and brought back to where they stand in it.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import compress

from service.core.detect.in_html import detect_html
from service.core.detect.in_text import assign_links
from service.core.detect.markdown_mapping import SourceMapper, path_of
from service.core.markdown.blocks import read_blocks
from service.core.markdown.inline import InlineParser
from service.core.markdown.lines import Destination, ParagraphLines, read_definitions
from service.core.markdown.outline import Block, Kind, Outline
from service.core.markdown.source_map import HtmlSourceMap, destination
from service.core.mentions import (
    Detection,
    Mention,
)
from service.core.model import Format, Span
from service.core.urls.tweet_urls import read_permalink, read_short_link

_MAY_SIGN = re.compile("[(（][^()（）]{0,12}[@＠]|&[#A-Za-z]")  # what every attribution holds
_SIGN = re.compile(rf"[/{{\[<]|{_MAY_SIGN.pattern}")  # and all that is looked for
_WORDS = 12  # blocks before an attribution that may hold its words
_CELL_END = re.compile(r"(?<!\\)\|")


def detect_markdown(text: str, *, wider: bool) -> Detection:
    """Find mentions and links in Markdown whose CRLFs are single line feeds."""
    text = text.replace("\r", "\n")
    outline = read_blocks(text)
    telling = _telling_blocks(text, outline)
    back = SourceMapper(text, outline, build_source_map(text, outline, telling))
    found = detect_html(back.twin.html, wider=wider)
    mentions = map(back.mention, found.embeds)
    is_cut = outline.is_cut or back.twin.is_cut
    if is_cut:
        mentions = map(Mention.without_place, mentions)
    embeds = list(_apart(mentions))
    links = back.links([*found.links, *(link for one in found.embeds for link in one.links)])
    broken_at = None if found.is_nested and not is_cut and "<" not in text else 0
    return replace(assign_links(Format.MARKDOWN, embeds, links), broken_at=broken_at)


def read_source_map(text: str) -> HtmlSourceMap:
    """Return the HTML twin of Markdown whose CRLFs are single line feeds."""
    text = text.replace("\r", "\n")
    return build_source_map(text, read_blocks(text))


def _telling_blocks(text: str, outline: Outline) -> list[bool]:
    """Return which blocks could hold an address, an attribution or a shortcode, or the words before
    an attribution; a quote is told as a whole.
    """
    telling = [
        block.kind is Kind.HTML or _SIGN.search(text, block.start, block.end) is not None
        for block in outline.blocks
    ]
    quotes: set[int] = set()
    roots = [next(path_of(outline, block.container), -1) for block in outline.blocks]
    words = 0  # blocks that may hold the words of the attribution found last, going backwards
    for number in range(len(telling) - 1, -1, -1):
        block = outline.blocks[number]
        if telling[number] and _MAY_SIGN.search(text, block.start, block.end):
            words = _WORDS
            ends = text[block.start : block.end].rstrip()
            if number + 1 < len(telling) and ends.endswith((")", "）")):
                telling[number + 1] = True  # the date may follow
        elif words:
            words -= 1
            telling[number] = True
        if telling[number] and roots[number] >= 0 and outline.containers[roots[number]].quote:
            quotes.add(roots[number])
    return [one or root in quotes for one, root in zip(telling, roots, strict=True)]


def build_source_map(
    text: str,
    outline: Outline,
    telling: Sequence[bool] | None = None,
) -> HtmlSourceMap:
    """Write the article's twin in HTML: its blocks in order, those alone that are `telling` if that
    is given, and where reference definitions lead at the end.
    """
    twin = HtmlSourceMap(text)
    definitions: dict[str, Destination] = {}
    begins = {
        id(block): read_definitions(ParagraphLines.of(text, block.lines), definitions)
        for block in outline.blocks
        if block.kind is Kind.TEXT and text[block.start] == "["
    }
    opened: list[int] = []
    for block in compress(outline.blocks, telling) if telling is not None else outline.blocks:
        path = list(path_of(outline, block.container))
        same = 0
        while same < min(len(opened), len(path)) and opened[same] == path[same]:
            same += 1
        _close_containers(twin, outline, opened[same:])
        for number in path[same:]:
            start = outline.containers[number].start
            twin.made("<blockquote>" if outline.containers[number].quote else "<ul><li>", start)
        opened = path
        _write_block(twin, outline, block, definitions, begins.get(id(block), 0))
        twin.end_block()
    _close_containers(twin, outline, opened)
    for found in definitions.values():
        if not (read_permalink(found.written) or read_short_link(found.written)):
            continue
        twin.made('\n<p><a href="', found.start)
        twin.made(destination(found.written), found.start, found.end)
        twin.made('">x</a></p>', found.end)
    twin.seal()
    return twin


def _close_containers(twin: HtmlSourceMap, outline: Outline, numbers: list[int]) -> None:
    for number in reversed(numbers):
        end = outline.containers[number].end
        twin.made("</blockquote>" if outline.containers[number].quote else "</li></ul>", end)


def _write_block(
    twin: HtmlSourceMap,
    outline: Outline,
    block: Block,
    definitions: dict[str, Destination],
    begins: int,
) -> None:
    text, start, end = twin.source, block.start, block.end
    if block.kind is Kind.CODE:
        twin.made("<pre>x</pre>\n", start, end)
    elif block.kind is Kind.HTML:
        for line_start, line_end in block.lines:
            twin.raw(line_start, min(line_end + 1, len(text)))
        if not twin.stretches[-1].html.endswith("\n"):
            twin.made("\n", end)
    elif block.kind is Kind.TABLE:
        # In a quote its words show, also where none of them are written.
        twin.made("<table>" if block.container < 0 else "<table><tr><td>x</td></tr>", start)
        for line in block.lines:
            _write_row(twin, line, definitions)
            twin.end_block()
        twin.made("</table>\n", end)
    else:
        lines = ParagraphLines.of(text, block.lines)
        if begins >= len(lines.text):
            return
        loose = block.container < 0 or outline.containers[block.container].quote
        tag = "h2" if block.kind is Kind.HEADING else "p" if loose else ""
        twin.made(f"<{tag}>" if tag else "\n", lines.place(begins))
        InlineParser(twin, lines, definitions).write(begins)
        twin.made(f"</{tag}>\n" if tag else "\n\n", end)


def _write_row(
    twin: HtmlSourceMap,
    line: tuple[int, int],
    definitions: dict[str, Destination],
) -> None:
    start, end = line
    if _SIGN.search(twin.source, start, end) is None:
        return
    twin.made("<tr>", start)
    at = start
    while at < end and twin.has_room():
        border = _CELL_END.search(twin.source, at, end)
        stop = border.start() if border else end
        twin.made("<td>", at)
        InlineParser(twin, ParagraphLines.of(twin.source, [(at, stop)]), definitions).write(0)
        twin.made("</td>", stop)
        at = stop + 1
    twin.made("</tr>", end)


def _apart(embeds: Iterable[Mention]) -> Iterator[Mention]:
    """Return mentions in order, the backslash between two lines with the first."""
    end = 0
    for one in sorted(embeds, key=lambda each: each.span):
        if one.span.start < end:
            # behind the backslash and the line feed
            one = replace(one, span=Span(min(one.span.end, end + 1), one.span.end))  # noqa: PLW2901
        yield one
        end = max(end, one.span.end)
