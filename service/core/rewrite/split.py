"""A tweet taken out of an element in which more stands: which of its lines are the tweet's, and the
edits that leave all else beside the embed. And a tweet over several elements: which is its first.
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import TypeAlias

from service.core.mentions import Mention, Neighbour, QuotationCut, ReplaceElement
from service.core.model import Reason, Tweet
from service.core.rewrite.edits import Edit
from service.core.rewrite.embed_edits import html_block_delimiters, in_html_block
from service.core.text.attribution import find_attributions
from service.core.verify import Proof, begins_with_words, is_blank, verify_text

Way: TypeAlias = Callable[[str], tuple[Edit, tuple[Edit, ...]]]
"""Returns the edit that puts an embed's HTML in its place, and those that go with it."""


def cut_of_words(mention: Mention, tweet: Tweet | None) -> QuotationCut | None:
    """Return how a quotation is cut so that its words are a tweet's: the last lines before its
    attribution that agree with X's, else a `p` with X's `lang` and `dir`, or one paragraph that
    begins with them, for it was edited since.

    Without the tweet, the `p` with X's `lang` and `dir`, else all words if they are one paragraph.
    """
    parts = mention.parts
    if parts is None:
        return None
    marked = next((cut for cut in reversed(parts.cuts) if cut.is_marked), None)
    if tweet is None:
        return marked or (parts.cuts[0] if parts.in_one_block else None)
    proof = verify_text(parts.words, tweet)
    shown = parts.words.visible.text
    if proof is not None:
        for cut in reversed(parts.cuts):
            start, end = sorted((cut.start, proof.start))
            if is_blank(shown[start:end]):
                return cut
    words = parts.words.text
    is_edited = marked is None and parts.in_one_block and begins_with_words(words, tweet)
    return parts.cuts[0] if is_edited and not find_attributions(words) else marked


def split_edits(
    mention: Mention,
    cut: QuotationCut,
    html: str,
) -> tuple[Edit, tuple[Edit, ...]]:
    """Return the edit that puts `html` in place of a tweet in its element, and those that take out
    the element's own tags: what else stands in it stays, beside the embed.
    """
    parts, point = mention.parts, mention.insertion_point
    if parts is None or not isinstance(point, ReplaceElement):
        raise TypeError(point)
    start, end = cut.span
    opened, closed = html_block_delimiters(wanted=point.in_block)
    further = []
    if cut.keeps_before:
        further.append(Edit(point.span[0], parts.opening[1], opened, block=False))
    else:
        start, html = point.span[0], opened + html
    if cut.keeps_behind and parts.closing is not None:
        further.append(Edit(parts.closing[0], point.span[1], closed, block=False))
    elif not cut.keeps_behind:
        end, html = point.span[1], html + closed
    written = cut.closing + html + cut.reopening
    return Edit(start, end, written, partial=True, split=True), tuple(further)


def tweet_alone(text: str, mention: Mention, cut: QuotationCut) -> str:
    """Return an element that quotes a tweet without what else stands in it."""
    if mention.parts is None:
        return ""
    opening = text[slice(*mention.parts.opening)]
    start, end = max(cut.span[0], mention.parts.opening[1]), cut.span[1]
    if mention.parts.closing is not None:
        end = min(end, mention.parts.closing[0])
    return f"{opening}{text[start:end]}</blockquote>"


def way_around(mention: Mention, cut: QuotationCut | None) -> Way | Reason:
    """Return how an embed is put in place of a tweet in its element; a reason where nothing tells
    which words are the tweet's, or where the cut would change the tree around.
    """
    if cut is None:
        return Reason.WORDS
    return partial(split_edits, mention, cut) if cut.is_clean else Reason.MIXED


def way_inside(mention: Mention, cut: QuotationCut | None) -> Way | Reason:
    """Return how an embed is put in place of the last words of an ordinary quotation, which stays
    around it and what stands before; a reason where they begin amid a line, or the cut would change
    the tree around.
    """
    parts, point = mention.parts, mention.insertion_point
    closing = parts.closing if parts is not None else None
    if cut is None or closing is None or cut.keeps_behind or not cut.is_clean:
        return Reason.MIXED
    if isinstance(point, ReplaceElement) and point.in_block:
        return Reason.MIXED  # the block holds text alone

    def way(html: str) -> tuple[Edit, tuple[Edit, ...]]:
        return Edit(cut.span[0], closing[0], cut.closing + html, partial=True, split=True), ()

    return way


def way_over(neighbours: Sequence[Neighbour], proof: Proof) -> Way | Reason:
    """Return how an embed is put in place of the elements from the one that a tweet's words begin
    with down to its attribution; a reason where they begin amid one, or no embed can stand there.
    """
    *before, _ = neighbours
    first = next((one for one in before if one.start == proof.start), None)
    if first is None:
        return Reason.WORDS
    return partial(_edit_over, first) if first.is_place else Reason.PLACE


def _edit_over(first: Neighbour, html: str) -> tuple[Edit, tuple[Edit, ...]]:
    written = in_html_block(html) if first.in_block else html
    return Edit(*first.span, written + first.reopens, partial=True), ()
