"""Where an embed stands in Markdown: a block of raw HTML, between blank lines (docs/interface.md
5).
"""

from bisect import bisect_right

from service.core.markdown.blocks import read_blocks
from service.core.markdown.lines import ParagraphLines, read_definitions
from service.core.markdown.outline import Block, Kind, Outline


class BlockInsertion:
    """Returns what must be written around an embed so that it is a block of its own, and what stood
    around stays what it was.
    """

    def __init__(self, text: str) -> None:
        """Read the article, its CRLFs single line feeds."""
        self._text = text.replace("\r", "\n")
        self._outline: Outline = read_blocks(self._text)
        self._starts = [block.start for block in self._outline.blocks]

    def around(self, start: int, end: int, until: int) -> tuple[str, str] | None:
        """Return the line feeds before and behind an embed in place of `start` to `end`.

        None if the words left over, as far as `until` where the next embed begins, would read
        otherwise.
        """
        first, last = self._at(start), self._at(max(start, end - 1))
        before = "" if _is_raw(first) else self._before(start)
        if _is_raw(last):
            return before, ""
        if (
            last is not None
            and last.start < end < last.end
            and not _is_paragraph(self._text[end : min(last.end, until)])
        ):
            return None
        return before, self._behind(end)

    def is_block(self, start: int) -> bool:
        """Return whether a block of raw HTML, in no quote and no list, stands here."""
        return _is_raw(self._at(start))

    def _at(self, place: int) -> Block | None:
        number = bisect_right(self._starts, place) - 1
        block = self._outline.blocks[number] if number >= 0 else None
        return block if block is not None and place < block.end else None

    def _before(self, start: int) -> str:
        line = self._text.rfind("\n", 0, start) + 1
        if self._text[line:start].strip(" \t"):
            return "\n\n"
        previous = self._text.rfind("\n", 0, max(0, line - 1)) + 1
        return "\n" if self._text[previous:line].strip(" \t\n") else ""

    def _behind(self, end: int) -> str:
        text = self._text
        line = text.find("\n", end)
        if line < 0:
            return "\n\n" if text[end:].strip(" \t") else ""
        if text[end:line].strip(" \t"):
            return "\n\n"
        following = text.find("\n", line + 1)
        return (
            "\n" if text[line + 1 : following if following >= 0 else len(text)].strip(" \t") else ""
        )


def _is_raw(block: Block | None) -> bool:
    return block is not None and block.kind is Kind.HTML and block.container < 0


def _is_paragraph(text: str) -> bool:
    """Return whether the rest of a paragraph is one still where it begins a line."""
    if not text.strip():
        return True
    blocks = read_blocks("\n" + text.rstrip()).blocks
    if len(blocks) != 1 or blocks[0].kind is not Kind.TEXT or blocks[0].container >= 0:
        return False
    return not read_definitions(ParagraphLines.of("\n" + text, blocks[0].lines), {})
