"""Addresses in running text and in `href`s: whole, in pieces, or not at all."""

import pytest

from service.core.detect import detect
from service.core.model import Format, ShortLink

SHORT = "https://t.co/News12abCd"
TWEET = "https://x.com/a/status/1988150000000000000"
WHOLE = [
    "«https&#58;//t.co/News12abCd»",
    "«https:&#47;&#47;t.co/News12abCd»",
    "«https:&sol;&#x2f;t.co/News12abCd»",
    "«https://<wbr>t.co/<wbr/>News12abCd»",
    "«https://t.co/<!-- x -->News12abCd»",
    "«https://t.co/New&shy;s12abCd»",
    "«https://\u200bt.co/\u200bNews\u206012abCd»\u200b.",
    "«pic.twitter.com/News12abCd»",
    "<b>«https://t.co/News12abCd»</b>, words",
    "<b>«https://t.co/News12abCd»</b> - words",
    "words <b>«https://t.co/News12abCd»</b>",
    "<i></i>«https://t.co/News12abCd»",
]
NOT_AT_ALL = [
    "https://<b>t.co/News12abCd</b>",
    "http://<i>t.co/News12abCd</i>",
    "https://t.co/News12ab<i>C</i>d",
    "https://t.co/<i>News12abCd</i>",
    "<b>https://t.co/News12ab</b>Cd",
    "<b>https://t.co/News12abCd</b>x",
    "<b>https://t.co/News12abCd</b>?amp=1",
    "x<b>t.co/News12abCd</b>",
    f"<b>{TWEET}</b>0",
    "https://x.com/<b>a</b>/status/1988150000000000000 words",
    "https://t.co/News12<script>x</script>abCd",
]
CONFIRMED = [
    '<a href="{0}">«<span>https://</span><span>t.co/News12abCd</span>»</a>',
    '<a href="{0}">«<b>https://t.co/</b>News12abCd»</a>',
    '<a href="{0}">«https://t.co/News12abCd»</a>x',
    'x<a href="{0}">«t.co/News12abCd»</a>',
    '<a href="{0}"><b>words</b> «https://t.co/<i>News12abCd</i>»</a>',
]
CONTRADICTED = [
    '<a href="{0}">pic.twitter.com/News12abC</a>d',
    '<a href="{0}"><span>https://</span><span>t.co/Other2abCd</span></a>',
    'https://<a href="{0}">t.co/News12abCd</a>',
    '<a href="{0}"><b>https://t.co/</b>News12abCd https://t.co/<b>News12abCd</b></a>',
    '<a href="{0}">https://t.co/<b>News12abCd words</b></a>',
]


def found(content: str) -> str:
    """Mark the links that show."""
    links = [one for one in detect(content, Format.HTML).links if not one.in_href]
    for one in reversed(links):
        start, end = one.span.start, one.span.end
        content = f"{content[:start]}«{content[start:end]}»{content[end:]}"
    return content


def plain(marked: str) -> str:
    return marked.replace("«", "").replace("»", "")


@pytest.mark.parametrize("marked", WHOLE)
def test_an_address_in_pieces_is_one_link_over_all_of_them(marked: str) -> None:
    content = f"<p>words {plain(marked)} words</p>"

    assert found(content) == f"<p>words {marked} words</p>"
    code = detect(content, Format.HTML).links[0].target
    assert code == ShortLink("News12abCd")


@pytest.mark.parametrize("content", NOT_AT_ALL)
def test_an_address_that_an_element_cuts_is_left_alone(content: str) -> None:
    assert found(f"<p>words {content} words</p>") == f"<p>words {content} words</p>"


@pytest.mark.parametrize("marked", CONFIRMED)
def test_an_href_around_tells_where_an_address_ends(marked: str) -> None:
    marked = f"<p>words {marked.format(SHORT)} words</p>"

    assert found(plain(marked)) == marked
    links = detect(plain(marked), Format.HTML).links
    assert {link.target for link in links} == {links[0].target}


@pytest.mark.parametrize("content", CONTRADICTED)
def test_an_href_that_says_otherwise_leaves_an_address_alone(content: str) -> None:
    content = f"<p>words {content.format(SHORT)} words</p>"

    assert found(content) == content


def test_the_tags_of_the_pieces_go_in_pairs() -> None:
    content = f'<p>x <a href="{SHORT}"><i>https://</i><b>t.co/News12abCd</b><i></i></a></p>'
    (shown,) = [one for one in detect(content, Format.HTML).links if not one.in_href]

    written = content[shown.span.start : shown.span.end]
    assert written == "<i>https://</i><b>t.co/News12abCd</b>"
    assert shown.url == SHORT


def test_what_markdown_escapes_is_part_of_an_address() -> None:
    content = "words https\\://t\\.co/News12abCd and https&#58;//t.co/News12abCd words"
    links = detect(content, Format.MARKDOWN).links

    assert [content[one.span.start : one.span.end] for one in links] == [
        "https\\://t\\.co/News12abCd",
        "https&#58;//t.co/News12abCd",
    ]
    assert links[0].target == links[1].target


def test_invisible_characters_part_no_address_of_a_text() -> None:
    content = "words https://t.co/\u200bNews12\u00adabCd\u200e."
    (link,) = detect(content, Format.TEXT).links

    assert (content[link.span.start : link.span.end], link.url) == (content[6:-2], SHORT)
