"""Putting embeds and links into an article as a string. Nothing outside the edits changes,
character for character (docs/interface.md, promise 2).
"""

import html
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from service.core.mentions import (
    FlattenedText,
    Leftover,
    LeftoverKind,
    LinkMention,
    Range,
    ReplaceContent,
    ReplaceElement,
    SplitParagraph,
)
from service.core.model import SafeHtml

_MOST_FRAMES = 8
_LONGEST_FRAME = 1_000
_FRAME_OPENS = re.compile(
    r"(?:<(?P<tag>figure|center)(?:\s(?![^<>]*\bid=)[^<>]*)?>"
    r"|<(?P<div>div)(?:>|\s(?![^<>]*\bid=)[^<>]*"
    r"(?:class=[^<>]*(?:embed|tweet|twitter)|data-(?:oembed-url|ephox-embed-iri|wpview-text)=)[^<>]*>)"
    r"|<!--\s*wp:(?P<block>html)\s*-->)\s*\Z"
)
_FRAME_CLOSES = re.compile(
    r"\s*(?:</(?P<tag>figure|center|div)\s*>|<!--\s*/wp:(?P<block>html)\s*-->)"
)
_CONTINUES = frozenset("#/?&=%-_~+@:$*")  # with letters and digits: what an address may go on with
_MAYBE = frozenset(".,;!'")  # goes on only if something follows

_MARKDOWN_SIGNS = re.compile(r"[\s()<>\[\]\\`*|\"\x00-\x1f]|&(?=[A-Za-z#][A-Za-z0-9]*;)")
_AUTOLINK = re.compile(r"[^\s<>]*>")  # how an autolink goes on
_CLOSING_MARKS = re.compile(r"^(?:\*{1,3}|_{1,3})(?![\w*])")  # the end of emphasis


Placeable: TypeAlias = ReplaceElement | SplitParagraph | ReplaceContent


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
    """Carry out disjoint edits, given in order. Gives the article, and where in it the text of each
    block edit begins.
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


def set_in_place(point: Placeable, cut: Range, embed: SafeHtml) -> Edit:
    """Return the edit that puts an embed where `cut` shows now.

    All that a `p` shows: the embed replaces the `p`. A part of it: the `p` is closed before the
    embed and opened again behind it. In any other container the embed replaces the characters,
    never the element.
    """
    before, after = cut[0] > point.content[0], cut[1] < point.content[1]
    if isinstance(point, ReplaceContent):
        return Edit(*cut, embed, partial=cut != point.content)  # it may begin in a paragraph before
    if isinstance(point, ReplaceElement):
        if before or after:
            return Edit(*cut, embed, partial=True)
        return Edit(
            *point.span,
            in_html_block(embed) if point.in_block else embed,
            partial=point.beside,
        )
    written: str = embed
    closing, opening = "</p>" if point.reopen else "", point.reopen
    if point.delimiters is not None:
        written = in_html_block(embed)
        closing = f"</p>\n{point.delimiters[1]}\n\n"
        opening = f"\n\n{point.delimiters[0]}\n{point.reopen}"
    return Edit(
        cut[0] if before else point.span[0],
        cut[1] if after else point.span[1],
        (closing if before else "") + written + (opening if after else ""),
        partial=before or after,
    )


def beside_leftovers(
    edit: Edit,
    html: str,
    leftovers: Sequence[Leftover],
    *,
    shows: Range,
    keep_x_script: bool,
) -> Edit:
    """Return an edit with what would be lost with the characters that it replaces: beside its
    embed `html`, in front what stood before what `shows`, and the anchors up to its end.
    """
    before: list[str] = []
    behind: list[str] = []
    for one in leftovers:
        if not edit.start <= one.start < edit.end:
            continue
        if one.kind is LeftoverKind.X_SCRIPT and not keep_x_script:
            continue
        first = one.start < shows[one.kind is LeftoverKind.ANCHOR]
        (before if first else behind).append(one.text)
    if not (before or behind):
        return edit
    at = edit.text.index(html)
    head, tail = edit.text[:at], edit.text[at + len(html) :]
    lead = "".join(before)
    return replace(edit, text="".join((head, lead, html, *behind, tail)), lead=len(head + lead))


def with_anchors(edit: Edit, leftovers: Sequence[Leftover]) -> Edit:
    """Return an edit of an element's own tag with the anchor that the tag was."""
    lost = (
        one.text
        for one in leftovers
        if one.kind is LeftoverKind.ANCHOR and edit.start <= one.start < edit.end
    )
    return replace(edit, text=edit.text + "".join(lost))


def in_html_block(markup: str) -> str:
    """Return HTML as WordPress' block of raw HTML (https://wordpress.org/documentation/, Custom
    HTML block).
    """
    return f"<!-- wp:html -->\n{markup}\n<!-- /wp:html -->"


def removed(point: Placeable, cut: Range) -> Edit:
    """Return the edit that takes out what `cut` shows now, the element with it where that is all
    it shows.
    """
    goes = cut if isinstance(point, ReplaceContent) or cut != point.content else point.span
    return Edit(*goes, "", partial=True)


def without_empty_frames(text: str, edit: Edit) -> Edit | None:
    """Widen the removal of an embed to the figures and raw HTML blocks that would be empty; None
    where words would touch that did not, and could grow into another address.
    """
    start, end = edit.start, edit.end
    for _ in range(_MOST_FRAMES):
        near = text[max(0, start - _LONGEST_FRAME) : start]
        opening = _FRAME_OPENS.search(near)
        closing = _FRAME_CLOSES.match(text, end)
        if opening is None or closing is None:
            break
        if (opening["tag"] or opening["div"]) != closing["tag"]:
            break
        start, end = start - len(near) + opening.start(), closing.end()
    before, behind = text[start - 1 : start], text[end : end + 1]
    parted = before.isspace() or behind.isspace() or before == ">" or behind == "<"
    if before and behind and not parted:
        return None
    return replace(edit, start=start, end=end)


def expand_to_inline_boundary(flat: FlattenedText, cut: tuple[int, int]) -> tuple[int, int] | None:
    """Widen a cut to the inline elements that show nothing else; None if it would fall inside
    one.
    """
    if flat.inlines is None:
        return None
    start, end = cut
    for inline in flat.inlines:
        if (
            inline.end <= cut[0]
            or inline.start >= cut[1]
            or (cut[0] <= inline.start and inline.end <= cut[1])
        ):
            continue
        if inline.shows_from < cut[0] or inline.shows_to > cut[1]:
            return None
        start, end = min(start, inline.start), max(end, inline.end)
    return start, end


def rewrite_link(
    content: str,
    link: LinkMention,
    target: str,
    *,
    until: int,
    markup: bool,
) -> Edit | None:
    """Return the edit that writes `target` in place of a short link; None where the short link must
    stay.

    `until` is where the text around it ends: the article's end, or the next embed.
    """
    start, end = link.span.start, link.span.end
    if link.in_href and link.markdown:
        return Edit(start, end, in_markdown(target), block=False)
    if link.in_href:
        value = html.escape(target, quote=True)
        return Edit(start, end, value if link.quoted else f'"{value}"', block=False)
    is_angled = content[start - 1 : start] == "<" and _AUTOLINK.match(content, end)
    if link.markdown and is_angled and "://" not in content[start:end]:
        return None  # with a scheme it would be an autolink (CommonMark 6.5)
    following = content[end : min(until, end + 12)]
    if link.markdown:
        following = _CLOSING_MARKS.sub("", following)
    if _goes_on(following, markup=markup or link.markdown):
        return None
    if link.markdown:
        return Edit(start, end, in_markdown(target), block=False)
    return Edit(start, end, html.escape(target, quote=False) if markup else target, block=False)


def in_markdown(address: str) -> str:
    """Write an address for Markdown, as a link's destination or in text: what would end it or mean
    something is percent-encoded.
    """
    return _MARKDOWN_SIGNS.sub(
        lambda match: "".join(f"%{byte:02X}" for byte in match[0].encode()),
        address,
    )


def _goes_on(following: str, *, markup: bool) -> bool:
    """Return whether what follows could be read as a part of the address before it."""
    if markup:
        following = html.unescape(following.split("<", 1)[0])
    return bool(following) and (
        following[0].isalnum()
        or following[0] in _CONTINUES
        or (
            following[0] in _MAYBE
            and len(following) > 1
            and (following[1].isalnum() or following[1] in _CONTINUES)
        )
    )


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
