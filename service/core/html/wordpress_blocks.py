"""Block markup of WordPress: the comments that say where each block begins and ends, and in
which blocks an embed may be written.

Grammar of the comments:
https://developer.wordpress.org/block-editor/explanations/architecture/key-concepts/
"""

import re
from bisect import bisect_right
from dataclasses import dataclass

from service.core.html.document import HtmlDocument
from service.core.html.marks import HtmlComment

DELIMITER = re.compile(
    r"<!--\s*(?P<closes>/)?wp:(?P<name>[a-z][a-z0-9_-]*(?:/[a-z][a-z0-9_-]*)?)"
    r"(?:\s+\{.*\})?\s*(?P<void>/)?-->",
    re.DOTALL,
)
_OF_RAW_HTML = frozenset({"core/html", "core/freeform", "core/shortcode"})
"""Blocks whose content is HTML that nobody checks against a schema."""

_REPLACEABLE = frozenset({"core/paragraph", "core/quote", "core/pullquote", "core/embed"})
"""Blocks that may give way to one of raw HTML, as a whole."""

_OF_BLOCKS = frozenset(
    {
        "core/group",
        "core/column",
        "core/cover",
        "core/media-text",
        "core/quote",
        "core/details",
        "core/post-content",
        "core/post-template",
        "core/template-part",
        "core/query",
        "core/block",
        "core/accordion-panel",
    }
)
"""Blocks of WordPress that hold any block. Of others' blocks nothing is known, and WordPress shows
a block in them whatever they offer in the editor.
"""


@dataclass(slots=True)
class WordPressBlock:
    """A block with content: its full name (`core/paragraph`), its delimiters, and the number of
    the block around it, -1 if there is none. `closing` is None where nobody closed it.
    """

    name: str
    opening: HtmlComment
    parent: int
    closing: HtmlComment | None = None


class BlockDelimiters:
    """The blocks of an article, to be looked up by what stands in them."""

    def __init__(self, page: HtmlDocument) -> None:
        """Read those of `page`. As WordPress does, an end closes what was opened last."""
        self._source = page.source
        self._blocks: list[WordPressBlock] = []
        self._by_content: dict[int, WordPressBlock] = {}
        self._places: list[int] = []
        self._innermost: list[int] = []
        innermost = -1
        for comment in page.comments:
            match = DELIMITER.fullmatch(comment.text)
            if match is None or (match["void"] and not match["closes"]):
                continue
            if not match["closes"]:
                name = match["name"] if "/" in match["name"] else f"core/{match['name']}"
                block = WordPressBlock(name, comment, innermost)
                innermost = len(self._blocks)
                self._blocks.append(block)
                self._by_content[comment.end] = block
            elif innermost >= 0:
                self._blocks[innermost].closing = comment
                innermost = self._blocks[innermost].parent
            self._places.append(comment.end)
            self._innermost.append(innermost)

    def around(self, start: int, end: int) -> tuple[HtmlComment, HtmlComment] | None:
        """Return the delimiters that hold exactly `start` to `end`, white space aside; those of
        raw HTML aside, for an embed may stand in them.
        """
        block = self._around(start, end)
        return (block.opening, block.closing) if block is not None and block.closing else None

    def open_at(self, place: int) -> list[HtmlComment]:
        """Return the delimiters of the blocks that are open at a place, innermost first."""
        number = bisect_right(self._places, place) - 1
        innermost = self._innermost[number] if number >= 0 else -1
        found: list[HtmlComment] = []
        while innermost >= 0:
            found.append(self._blocks[innermost].opening)
            innermost = self._blocks[innermost].parent
        return found

    def embed_may_stand(self, start: int, end: int) -> bool:
        """Return whether an embed in place of `start` to `end` stands where WordPress' editor has
        a place for it.
        """
        if not self._blocks:
            return True
        whole = self._around(start, end)
        if whole is not None:
            parent = self._blocks[whole.parent].name if whole.parent >= 0 else ""
            foreign = not parent.startswith("core/")
            return whole.name in _REPLACEABLE and (foreign or parent in _OF_BLOCKS)
        number = bisect_right(self._places, start) - 1
        innermost = self._innermost[number] if number >= 0 else -1
        return innermost < 0 or self._blocks[innermost].name in _OF_RAW_HTML

    def _around(self, start: int, end: int) -> WordPressBlock | None:
        source = self._source
        while start > 0 and source[start - 1] in " \t\r\n":
            start -= 1
        while end < len(source) and source[end] in " \t\r\n":
            end += 1
        block = self._by_content.get(start)
        closed = block is not None and block.closing is not None and block.closing.start == end
        return block if closed and block and block.name not in _OF_RAW_HTML else None
