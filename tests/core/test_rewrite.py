"""Edits of an article, made of values: what crosses an embed goes with it, and corrections end."""

from dataclasses import replace

import pytest
from articles import MAY

from service.core.detect import Mention, detect
from service.core.html.newlines import Newlines
from service.core.mentions import ReplaceElement
from service.core.model import EmbedStyle, Format, Reason, SafeHtml, Tweet
from service.core.oembed.response import read_blockquote
from service.core.render.blockquote import render_blockquote
from service.core.rewrite.apply import Rewriting, rewrite, select_edits, write
from service.core.rewrite.decide import EmbedRequest, decide
from service.core.rewrite.edits import Edit
from service.core.rewrite.embed_edits import expand_to_inline_boundary, set_in_place
from service.core.rewrite.split import cut_of_words, split_edits, tweet_alone
from service.core.verify import verify_text

EMBED = (
    '<blockquote class="twitter-tweet"><p lang="en" dir="ltr">Sunsets don&#39;t get much better'
    f'</p>&mdash; A (@a) <a href="https://x.com/a/status/{MAY}">May 5, 2014</a></blockquote>'
)
FLAT = "Sunsets don't get much better — A (@a) May 5, 2014"


def known() -> Tweet:
    tweet = read_blockquote(EMBED)
    assert tweet is not None
    return tweet


def html() -> SafeHtml:
    return render_blockquote(known(), EmbedStyle())


def mention_of(content: str) -> Mention:
    (mention,) = detect(content, Format.HTML).embeds
    return mention


def job(content: str) -> Rewriting:
    """Return an article whose tweets are all the known one."""
    found = detect(content, Format.HTML)
    decisions = [
        decide(
            EmbedRequest(content, one, EmbedStyle()),
            known(),
            verify_text(one.flat, known()) if one.flat is not None else None,
        )
        for one in found.embeds
    ]
    return Rewriting(content, Newlines(content), found, decisions)


# --- drafts ---


@pytest.mark.parametrize(
    ("corrections", "left_out"),
    [
        (3, {0: Reason.MIXED}),  # what would leave an address alone, one after the other
        (1, {0: Reason.MIXED, 1: Reason.MIXED}),  # all that could
        (0, {0: Reason.PLACE, 1: Reason.PLACE, 2: Reason.PLACE}),  # everything
    ],
)
def test_corrections_end_with_all_that_could_be_at_fault(
    corrections: int, left_out: dict[int, Reason]
) -> None:
    stranding = f"<p>https://x.com/a/status/20 {FLAT}</p><p>words {FLAT}</p><p>{FLAT}</p>"
    written = rewrite(job(stranding), most_corrections=corrections)

    assert written.left_out == left_out
    assert written.content.startswith("<p>https://x.com/a/status/20 Sunsets")
    assert written.content.count("<blockquote") == 3 - len(left_out)


def test_an_edit_within_what_an_embed_replaces_goes_with_it() -> None:
    article = job(f"<p>{FLAT}</p><p>end</p>")
    blocks, unfit = select_edits(article, {}, None)
    end = len(article.content)
    scripts = (Edit(5, 8, "", block=False), Edit(end, end, "<!---->", block=False))

    assert unfit == {}
    assert write(replace(article, scripts=scripts), blocks, {}).content == (
        f"{html()}<p>end</p><!---->"
    )


# --- places ---


def test_a_part_of_an_element_gives_way_to_an_embed() -> None:
    whole = ReplaceElement((10, 20), (5, 25))

    assert set_in_place(whole, (10, 20), html()) == Edit(5, 25, html())
    assert set_in_place(whole, (12, 20), html()) == Edit(12, 20, html(), partial=True)


def test_a_cut_goes_nowhere_where_inline_elements_are_not_known() -> None:
    flat = mention_of(f"<p>{FLAT}</p>").flat
    assert flat is not None

    assert expand_to_inline_boundary(flat, (3, 9)) is not None
    assert expand_to_inline_boundary(replace(flat, inlines=None), (3, 9)) is None


# --- elements in which more stands ---


def test_an_element_that_nobody_closed_has_no_end_tag_to_take_out() -> None:
    content = EMBED.replace("</blockquote>", "<p>Own words.</p></blockquote>")
    mention = mention_of(content)
    cut = cut_of_words(mention, known())
    assert cut is not None
    assert mention.parts is not None

    assert len(split_edits(mention, cut, html())[1]) == 1
    unclosed = replace(mention, parts=replace(mention.parts, closing=None))
    assert split_edits(unclosed, cut, html())[1] == ()


def test_a_mention_without_parts_is_not_cut() -> None:
    parted, whole = mention_of(EMBED), mention_of(f"<p>https://x.com/a/status/{MAY}</p>")
    assert parted.parts is not None

    assert tweet_alone(EMBED, whole, parted.parts.cuts[0]) == ""
    with pytest.raises(TypeError):
        split_edits(whole, parted.parts.cuts[0], html())
