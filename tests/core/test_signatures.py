"""Bylines, credits, datelines and captions of other networks are no quotations; tweets that lost
their markup are.
"""

import pytest

from service.core.detect import detect
from service.core.model import Form, Format

DATE = "11. November 2018"
CODE = "pic.twitter.com/abcdefghij"
NO_QUOTATIONS = [
    "Von Anna Beispiel (@anna) {0}",
    "By Anna Beispiel (@anna)<br>{0}",
    "Anna Beispiel (@anna)<br>{0}",
    "PARIS – Anne (@anne) {0}",
    "BERLIN — Anna Beispiel (@anna) {0}",
    "Foto: Anna Beispiel (@anna) {0}",
    "Foto – Anna Beispiel (@anna) {0}",
    "Post udostępniony przez Anna Beispiel (@anna) {0}",
    "Post udostępniony przez – Anna Beispiel (@anna) {0}",
    "Wyświetl ten post na Instagramie — Anna Beispiel (@anna) {0}",
    "View this post on Instagram – A post shared by Anna (@anna) {0}",
    "A post shared by — Anna Beispiel (@anna) {0}",
    "Ein Beitrag geteilt von – Anna Beispiel (@anna) {0}",
    "Публикация от — Анна (@anna) {0}",
    "この投稿をInstagramで見る — アンナ (@anna) {0}",
    "عرض هذا المنشور على انستغرام — آنا (@anna) {0}",
]
QUOTATIONS = [
    "A few words of it — Anna (@anna) {0}",
    "A few words of it -- Anna (@anna) {0}",
    "A few words of it â€” Anna (@anna) {0}",
    "A few words of it \ufffd Anna (@anna) {0}",
    "A few words of it ? Anna (@anna) {0}",
    f"{CODE} — Anna (@anna) {{0}}",
    f"{CODE} Anna Beispiel (@anna) {{0}}",
    f"Oh {CODE}— Anna (@anna) {{0}}",
    'Oh — Anna (@anna) <a href="https://x.com/anna/status/1061500000000000000">{0}</a>',
    "I never shared a post by Instagram, and I shall not do so as long as I can write — A (@a) {0}",
]


def forms(content: str, written_in: Format = Format.HTML) -> list[Form]:
    return [one.form for one in detect(content, written_in).embeds]


@pytest.mark.parametrize("words", NO_QUOTATIONS)
def test_a_byline_a_credit_or_a_dateline_is_none(words: str) -> None:
    written = words.format(DATE)

    assert forms(f"<p>{written}</p>") == []
    assert forms(f"<h1>A title of some length</h1><p>{written}</p>") == []
    assert forms(f"<div>{written}</div><p>Words of the article.</p>") == []
    assert forms(f"<figure><img><figcaption>{written}</figcaption></figure>") == []
    for written_in in (Format.TEXT, Format.MARKDOWN):
        assert forms(f"{written.replace('<br>', chr(10))}\n\nWords.", written_in) == []


@pytest.mark.parametrize("words", QUOTATIONS)
def test_words_closed_by_a_dash_or_bound_by_a_code_are_a_quotation(words: str) -> None:
    written = words.format(DATE)

    assert forms(f"<p>{written}</p>") == [Form.FLATTENED]
    assert forms(f"<p>Words.</p><p>{written}</p>") == [Form.FLATTENED]
    if "<" not in written:
        assert forms(f"Words.\n\n{written}", Format.TEXT) == [Form.FLATTENED]


SIGNED = f"— Anna (@anna) {DATE}"
BEFORE = [
    "<p>A few words of it</p><p>{0}</p>",
    "<p>A few</p>\n\n<p>words of it</p><p></p>\n<p>{0}</p>",
    "<div>A few words of it</div><div><b>{0}</b></div>",
    "<ul><li>A few words of it</li><li>{0}</li></ul>",
    f"<p>Oh</p><p>{CODE}</p><p>{{0}}</p>",
    '<p>Oh <a href="https://t.co/abcdefghij">this</a></p><p>{0}</p>',
]
NOT_BEFORE = [
    "<h2>A few words of it</h2><p>{0}</p>",
    "<p>A few words of it</p><hr><p>{0}</p>",
    "<p>A few words of it</p><p><img></p><p>{0}</p>",
    "<ul><li>A few words of it</li></ul><p>{0}</p>",
    "<p>A few words of it</p><h2>x</h2><p>{0}</p>",
    "<pre>A few words of it</pre><p>{0}</p>",
    "<p>Oh no</p><p>{0}</p>",
    "<p>View this post on Instagram</p><p>{0}</p>",
    "<p>A few words of it</p>" + "<p>-</p>" * 10 + "<p>{0}</p>",
]


@pytest.mark.parametrize("around", BEFORE)
def test_an_attribution_of_its_own_closes_the_elements_before(around: str) -> None:
    assert Form.FLATTENED in forms(around.format(SIGNED))


@pytest.mark.parametrize("around", NOT_BEFORE)
def test_headings_pictures_and_lists_part_it_from_what_is_before(around: str) -> None:
    assert forms(around.format(SIGNED)) == []


def test_an_excerpt_may_begin_with_an_attribution() -> None:
    assert forms(SIGNED, Format.TEXT) == forms(f"<div> <p>{SIGNED}</p></div>") == [Form.FLATTENED]
    assert forms(f"Oh\n\n{SIGNED}", Format.TEXT) == forms(f"<p>Oh</p><p>{SIGNED}</p>") == []


def test_in_a_blockquote_every_attribution_closes_a_quotation() -> None:
    assert forms(f"<blockquote>Oh {SIGNED}</blockquote>") == [Form.FLATTENED]


def test_words_before_a_byline_without_a_dash_are_none_of_its() -> None:
    assert forms(f"<p>A few words of it</p><p>Anna Beispiel (@anna)<br>{DATE}</p>") == []


def test_a_byline_below_words_with_a_link_in_them_is_none() -> None:
    byline = f"Anna Beispiel (@anna) {DATE}"
    for words in (f"Words {CODE} of it", "Words"):
        assert Form.FLATTENED not in forms(f"{words}\n\n{byline}", Format.TEXT)
        assert Form.FLATTENED not in forms(f"<p>{words}</p><p>{byline}</p>")
    assert Form.FLATTENED in forms(f"Words {CODE}\n\n{byline}", Format.TEXT)
    assert Form.FLATTENED in forms(f"<p>Words {CODE}</p><p>{byline}</p>")
