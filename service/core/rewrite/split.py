"""A tweet taken out of an element in which more stands: which of its lines are the tweet's, and the
edits that leave all else beside the embed.
"""

from service.core.mentions import Mention, QuotationCut, ReplaceElement
from service.core.model import Tweet
from service.core.rewrite.edits import Edit
from service.core.verify import holds_words, verify_text


def cut_of_words(mention: Mention, tweet: Tweet | None) -> QuotationCut | None:
    """Return how a quotation is cut so that its words are a tweet's: the last lines before its
    attribution that agree with X's, else a `p` with X's `lang` and `dir`, for it was edited since.

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
            if not shown[start:end].strip():
                return cut
    if marked is None and parts.in_one_block and holds_words(parts.words.text, tweet):
        return parts.cuts[0]
    return marked


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
    opened, closed = ("<!-- wp:html -->\n", "\n<!-- /wp:html -->") if point.in_block else ("", "")
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
