"""Block markup: the comments with which Gutenberg says where a block begins and ends."""

import re

from service.core.page import Comment, Page

_BLOCK_OPEN = re.compile(r"<!--\s*wp:(?!html\b|freeform\b)[a-z][a-z0-9_/-]*(?:\s[^>]*?)?-->")
_BLOCK_CLOSE = re.compile(r"<!--\s*/wp:[a-z][a-z0-9_/-]*\s*-->")


class BlockDelimiters:
    """The block delimiters of an article in block markup (`<!-- wp:paragraph -->` …), to be looked up by what stands between them."""

    def __init__(self, page: Page) -> None:
        """Note those of `page`; the blocks of raw HTML are left out, an embed may stand in them."""
        self._source = page.source
        self._opening = {comment.end: comment for comment in page.comments if _BLOCK_OPEN.fullmatch(comment.text)}
        self._closing = {comment.start: comment for comment in page.comments if _BLOCK_CLOSE.fullmatch(comment.text)}

    def around(self, start: int, end: int) -> tuple[Comment, Comment] | None:
        """Give the delimiters that hold exactly `start` to `end`, white space aside."""
        if not self._opening:
            return None
        while start > 0 and self._source[start - 1] in " \t\r\n":
            start -= 1
        while end < len(self._source) and self._source[end] in " \t\r\n":
            end += 1
        opening, closing = self._opening.get(start), self._closing.get(end)
        return (opening, closing) if opening and closing else None
