"""Tables in Markdown (GFM 4.10): where one begins in a paragraph."""

import re

from service.core.markdown.patterns import DELIMITERS


def table_at(text: str, lines: list[tuple[int, int]]) -> int | None:
    """Return with which line a table begins: the one before the row of dashes (GFM 4.10)."""
    for number in range(1, len(lines)):
        start, end = lines[number]
        if (
            text[start] not in "|-:"
            or "-" not in text[start:end]
            or "|" not in text[start:end] + text[slice(*lines[number - 1])]
        ):
            continue
        if DELIMITERS.fullmatch(text[start:end].rstrip()) and _cells(
            text,
            lines[number - 1],
        ) == _cells(text, (start, end)):
            return number - 1
    return None


def _cells(text: str, line: tuple[int, int]) -> int:
    return len(re.findall(r"(?<!\\)\|", text[slice(*line)].strip().strip("|")))
