"""Edits of an article as a string, and their carrying out. Nothing outside the edits changes,
character for character (docs/interface.md, promise 2).
"""

import html
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Edit:
    """Characters `start` to `end` of an article become `text`.

    `block` tells an embed from words, `partial` one that leaves other words of its paragraph where
    they are. `lead` is how many characters of `text` stand before its embed where something else
    does. `split` tells an embed beside which more of its element goes on.
    """

    start: int
    end: int
    text: str
    block: bool = True
    partial: bool = False
    lead: int = 0
    split: bool = False


def splice(content: str, edits: Sequence[Edit]) -> tuple[str, list[int]]:
    """Carry out disjoint edits, given in order. Return the article, and where in it the text of
    each block edit begins.
    """
    parts: list[str] = []
    places: list[int] = []
    at = written = 0
    for edit in edits:
        parts += (content[at : edit.start], edit.text)
        written += edit.start - at
        if edit.block:
            places.append(written)
        written += len(edit.text)
        at = edit.end
    return "".join((*parts, content[at:])), places


def splice_text(content: str, edits: Sequence[Edit]) -> tuple[str, list[int]]:
    """Do the same in plain text and write the whole as HTML: paragraphs as `p`, line breaks as
    `br`, the same text, escaped.
    """
    parts: list[str] = []
    places: list[int] = []
    words: list[Edit] = []
    at = written = 0
    for edit in [*edits, Edit(len(content), len(content), "")]:
        if not edit.block:
            words.append(replace(edit, start=edit.start - at, end=edit.end - at))
            continue
        between = _as_paragraphs(splice(content[at : edit.start], words)[0])
        parts += (between, edit.text)
        places.append(written + len(between))
        written += len(between) + len(edit.text)
        words = []
        at = edit.end
    return "".join(parts), places[:-1]


def _as_paragraphs(text: str) -> str:
    return "".join(_paragraphs(text))


def _paragraphs(text: str) -> Iterator[str]:
    """Return `text` as HTML: each stretch of lines that are not blank a `p`, all white space around
    kept.
    """
    group: list[str] = []
    for line in re.split(r"(\r\n|\r|\n)", text):
        if line.strip() or (
            group and line in {"\r\n", "\r", "\n"} and group[-1] not in {"\r\n", "\r", "\n"}
        ):
            group.append(line)
        else:
            yield from _paragraph(group)
            group = []
            yield line
    yield from _paragraph(group)


def _paragraph(group: list[str]) -> Iterator[str]:
    if not group:
        return
    text = "".join(group)
    words = text.strip()
    begins = text.index(words)
    yield text[:begins]
    yield "<p>" + re.sub(r"(\r\n|\r|\n)", r"<br>\1", html.escape(words, quote=False)) + "</p>"
    yield text[begins + len(words) :]
