"""The edits that put an embed in the place of a mention, with what stands around it, or take a
mention out.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import TypeAlias

from service.core.mentions import (
    FlattenedText,
    Leftover,
    LeftoverKind,
    Mention,
    NotPlaceable,
    Range,
    ReplaceContent,
    ReplaceElement,
    SplitParagraph,
)
from service.core.model import Form, SafeHtml
from service.core.rewrite.edits import Edit
from service.core.verify import Proof, is_blank

_MOST_FRAMES = 8
_LONGEST_FRAME = 1_000
_FRAME_OPENS = re.compile(
    r"(?:<(?P<tag>figure|center)(?:\s(?![^<>]*\bid=)[^<>]*)?>"
    r"|<(?P<div>div)(?:>|\s(?![^<>]*\bid=)[^<>]*"
    r"(?:class=[^<>]*(?:embed|tweet|twitter)"
    r"|data-(?:oembed-url|ephox-embed-iri|wpview-text)=)[^<>]*>)"
    r"|<!--\s*wp:(?P<block>html)\s*-->)\s*\Z"
)
_FRAME_CLOSES = re.compile(
    r"\s*(?:</(?P<tag>figure|center|div)\s*>|<!--\s*/wp:(?P<block>html)\s*-->)"
)

Placeable: TypeAlias = ReplaceElement | SplitParagraph | ReplaceContent


def put_in_place(mention: Mention, proof: Proof | None, html: SafeHtml) -> Edit | None:
    """Return the edit that puts `html` in a mention's place; None if that would harm what stands
    around. A block with delimiters becomes a block of raw HTML.
    """
    point = mention.insertion_point
    cut = None if isinstance(point, NotPlaceable) else range_to_replace(mention, point, proof)
    if isinstance(point, NotPlaceable) or cut is None:
        return None
    return set_in_place(point, cut, html)


def put_above_caption(mention: Mention, html: str) -> tuple[Edit, tuple[Edit, ...]] | None:
    """Return the edits that make a figure of raw HTML of an embed block with a caption, which stays
    where it is, also below nothing; None for anything else.
    """
    point, caption = mention.insertion_point, mention.caption
    if caption is None or mention.part is not None or not isinstance(point, ReplaceElement):
        return None
    opened, closed = html_block_delimiters(wanted=point.in_block)
    edit = Edit(point.span[0], caption.start, f"{opened}<figure>{html}", partial=point.beside)
    return edit, (Edit(caption.end, point.span[1], f"</figure>{closed}", block=False),)


def range_to_replace(mention: Mention, point: Placeable, proof: Proof | None) -> Range | None:
    """Return the characters that the embed replaces; None if they are not to be had without harm to
    what stands around.
    """
    flat = mention.flat
    span = (mention.span.start, mention.span.end)
    part = (mention.part.start, mention.part.end) if mention.part else None
    if flat is not None and proof is None:
        # an element or a shortcode amid other words of its paragraph
        return expand_to_inline_boundary(flat, part or span)
    if part is not None:
        return part
    if flat is None or proof is None:
        whole = not isinstance(point, ReplaceContent) and span == point.span
        return point.content if whole else span
    if mention.form is Form.BLOCKQUOTE:
        return point.content
    if isinstance(point, ReplaceElement):  # a quotation: all of it, or nothing
        is_whole = mention.parts is not None or is_blank(flat.visible.text[: proof.start])
        return point.content if is_whole else None
    return expand_to_inline_boundary(flat, flat.visible.source(proof.start, proof.end))


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


def html_block_delimiters(*, wanted: bool) -> tuple[str, str]:
    """Return what stands before and behind HTML in WordPress' block of raw HTML; nothing, unless
    that is `wanted`.
    """
    return ("<!-- wp:html -->\n", "\n<!-- /wp:html -->") if wanted else ("", "")


def in_html_block(markup: str) -> str:
    """Return HTML as WordPress' block of raw HTML (https://wordpress.org/documentation/, Custom
    HTML block).
    """
    opening, closing = html_block_delimiters(wanted=True)
    return f"{opening}{markup}{closing}"


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


def expand_to_inline_boundary(flat: FlattenedText, cut: Range) -> Range | None:
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
