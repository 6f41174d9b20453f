"""Offsets in a text whose line ends are single line feeds, and the same places in the article as it
was sent.
"""

import re
from bisect import bisect_left


class Newlines:
    """The way back from offsets in a text whose CRLFs count once to offsets in the article as
    sent.
    """

    def __init__(self, content: str) -> None:
        """Note every CRLF of `content`; `text` is the content with each as one line feed, and other
        carriage returns too.
        """
        # As HTML reads them (WHATWG, 13.2.3.5). If CRLF alone were replaced, "\r\r\n" would leave
        # another CRLF.
        self.text = (
            content.replace("\r\n", "\n").replace("\r", "\n") if "\r" in content else content
        )
        self._returns = (
            [match.start() - number for number, match in enumerate(re.finditer("\r\n", content))]
            if "\r" in content
            else []
        )

    def back(self, offset: int) -> int:
        """Return the offset in the article as sent."""
        return offset + bisect_left(self._returns, offset) if self._returns else offset
