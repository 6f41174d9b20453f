import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.core.html.document import LINE_BREAK, OBJECT, HtmlDocument
from service.core.html.newlines import Newlines

ARTICLES = st.lists(
    st.sampled_from(
        [
            "<p>",
            "</p>",
            "<b>",
            "</b>",
            "<a\xa0href=x>",
            "</a>",
            "<div>",
            "</div>",
            "<table>",
            "<tr>",
            "<td>",
            "</table>",
            "<ul>",
            "<li>",
            "<br>",
            "<img>",
            "<svg>",
            "</svg>",
            "<style>",
            "</style>",
            "<script>",
            "</script>",
            "<!--",
            "-->",
            "<!--\xa0wp:a\xa0-->",
            "<pre>",
            "</pre>",
            "<blockquote>",
            "</blockquote>",
            "<h1>",
            "</h1>",
            "<select>",
            "<option>",
            "<template>",
            "&amp;",
            "&notit;",
            "&#0;",
            "&lt",
            "<",
            ">",
            "</",
            "é",
            "😀",
            "\x00",
            "\ufeff",
            "@",
            "words",
        ],
    ),
    max_size=25,
).map(lambda parts: "".join(part.replace("\xa0", " ") for part in parts))


def _shown(source: str) -> list[str]:
    page = HtmlDocument(source)
    return [
        page.visible(run.pieces).text for run in page.runs if page.visible(run.pieces).text.strip()
    ]


def _spans(source: str, tag: str) -> list[str]:
    return [source[one.start : one.end] for one in HtmlDocument(source).elements if one.tag == tag]


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("<p>one</p><p>two</p>", ["one", "two"]),
        ("<p>one<p>two", ["one", "two"]),
        ("one<div>two</div>three", ["one", "two", "three"]),
        ("o<b>n</b>e <i>a<u>n</u></i>d", ["one and"]),
        ("<p>one<br>two<br/>three</p>", [f"one{LINE_BREAK}two{LINE_BREAK}three"]),
        ("<p>one<img src=x>two</p>", [f"one{OBJECT}two"]),
        ("<p>one <code>two</code> three</p>", [f"one {OBJECT} three"]),
        ("<p>one<script>two</script><style>three</style><!-- four -->five</p>", ["onefive"]),
        ("<p>Ben &amp; Jerry&#39;s &mdash; &eacute;&nbsp;&#64;</p>", ["Ben & Jerry's — é\xa0@"]),
        ("<p>&notit; &nosuch; &</p>", ["¬it; &nosuch; &"]),
        ("<ul><li>one<li>two</ul>", ["one", "two"]),
        ("<table><tr><td>one<td>two</table>", ["one", "two"]),
        ("<!-- wp:paragraph -->one<!-- /wp:paragraph -->two", ["one", "two"]),
        ("<svg><text>one</text></svg>two", [f"{OBJECT}" * 2 + "two"]),
        ("<p>one</p", ["one"]),
        ("<p>one <b", ["one "]),
    ],
)
def test_what_shows_is_what_a_reader_sees(source: str, shown: list[str]) -> None:
    assert _shown(source) == shown


@pytest.mark.parametrize(
    ("source", "tag", "spans"),
    [
        ("a<p>b</p>c", "p", ["<p>b</p>"]),
        ("a<p>b<p>c", "p", ["<p>", "<p>"]),
        ("<div>a<b>c</b>d", "div", ["<div>a<b>c</b>"]),
        ("<div><p>c<i>d</i>e</div>f", "p", ["<p>c<i>d</i>"]),
        ("\ufeff😀<p>\x00</p>", "p", ["<p>\x00</p>"]),
        ("<P CLASS=x>b</P>", "p", ["<P CLASS=x>b</P>"]),
        ("<a href='>'>b</a>", "a", ["<a href='>'>b</a>"]),
        ("<br>a<br/>", "br", ["<br>", "<br/>"]),
        ("<table>a<tr><td>b</table>", "td", ["<td>"]),
        ("<b>a<p>c</b>d</p>", "p", ["<p>c</b>d</p>"]),
    ],
)
def test_elements_stand_where_they_are_written_and_end_as_told(
    source: str,
    tag: str,
    spans: list[str],
) -> None:
    assert _spans(source, tag) == spans


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ('<a href="x y">', "x y"),
        ("<a href='x\"y'>", 'x"y'),
        ("<a href=x>", "x"),
        ("<a class=z href = x >", "x"),
        ("<a HREF=x&amp;y>", "x&amp;y"),
        ('<a href="">', ""),
    ],
)
def test_the_value_of_an_attribute_stands_without_its_quotes(source: str, value: str) -> None:
    page = HtmlDocument(source)
    place = page.value_spans(page.elements[0]).get("href")
    assert place is not None
    assert source[slice(*place)] == value


@pytest.mark.parametrize(
    "tag",
    [
        "pre",
        "code",
        "kbd",
        "samp",
        "textarea",
        "script",
        "style",
        "template",
        "svg",
        "math",
        "title",
    ],
)
def test_code_and_what_does_not_show_is_hidden(tag: str) -> None:
    page = HtmlDocument(f"<div><{tag}>words</{tag}></div>")
    (number,) = [number for number, one in enumerate(page.elements) if one.tag == tag]
    assert page.hidden(number)
    assert not page.hidden(-1)
    assert not page.hidden(0)


@pytest.mark.parametrize(
    ("source", "may"),
    [
        ("<div>x", True),
        ("<li>x", True),
        ("<td>x", True),
        ("<h2>x", False),
        ("<a href=y>x", False),
        ("<a href=y><div>x", False),
        ("<ul>x", False),
        ("<button>x", False),
        ("<summary><div>x", False),
    ],
)
def test_block_content_may_stand_where_it_does_no_harm(source: str, may: bool) -> None:  # noqa: FBT001
    page = HtmlDocument(source)
    assert page.block_may_stand(len(page.elements) - 1) is may


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("”twitter-tweet”", "twitter-tweet"),
        ("“twitter-tweet”", "twitter-tweet"),
        ("″twitter-tweet″", "twitter-tweet"),
        ("&#8221;twitter-tweet&#8221;", "twitter-tweet"),
        ("&quot;twitter-tweet&quot;", "twitter-tweet"),
        (r"\"twitter-tweet\"", "twitter-tweet"),
        (r"\'twitter-tweet\'", "twitter-tweet"),
        ('3D"twitter-tweet"', "twitter-tweet"),
        ("”twitter-tweet x”", "twitter-tweet"),
        ("3Dtwitter", "3Dtwitter"),
        ('"3D"', "3D"),
        ("'a \"b\" c'", 'a "b" c'),
        ("", ""),
    ],
)
def test_quotes_that_are_none_of_html_are_no_part_of_a_value(written: str, value: str) -> None:
    (element,) = HtmlDocument(f"<p class={written}>").elements

    assert element.attrs["class"] == value


@pytest.mark.parametrize(
    ("source", "tags", "shown"),
    [
        ("<![CDATA[<b>x</b>]]>y", ["b"], ["x", "y"]),
        ("<item><![CDATA[<p>x</p>]]></item>", ["item", "p"], ["x"]),
        ("<!-- <![CDATA[<b>x</b>]]> -->y", [], ["y"]),
        ("<svg><![CDATA[<b>x</b>]]></svg>y", ["svg"], [OBJECT * 3 + "y"]),
        ("<![CDATA[<b>x</b>", [], ["x"]),
    ],
)
def test_a_cdata_section_is_read_as_html(source: str, tags: list[str], shown: list[str]) -> None:
    page = HtmlDocument(source)

    assert [element.tag for element in page.elements] == tags
    assert [page.visible(run.pieces).text for run in page.runs] == shown


def test_line_ends_are_counted_once_and_found_again() -> None:
    newlines = Newlines("a\r\nb\rc\nd\r\n")
    assert newlines.text == "a\nb\nc\nd\n"
    assert [newlines.back(at) for at in range(len(newlines.text) + 1)] == [
        0,
        1,
        3,
        4,
        5,
        6,
        7,
        8,
        10,
    ]


def test_a_return_before_a_crlf_is_a_line_end_of_its_own() -> None:
    assert Newlines("a\r\r\nb").text == "a\n\nb"


def test_without_crlf_nothing_moves() -> None:
    newlines = Newlines("a\nb")
    assert newlines.text == "a\nb"
    assert newlines.back(2) == 2


@given(ARTICLES)
def test_every_character_that_shows_comes_from_its_place_in_the_source(source: str) -> None:
    page = HtmlDocument(source)
    at = 0
    for run in page.runs:
        visible = page.visible(run.pieces)
        assert len(visible.text) == len(visible.starts) == len(visible.ends)
        for character, start, end in zip(visible.text, visible.starts, visible.ends, strict=True):
            assert at <= start < end <= len(source) or source[start] == "&"
            written = source[start:end]
            assert written == character or written[0] in "&<" or character == OBJECT
            at = start


@given(ARTICLES)
def test_elements_lie_in_the_source_and_inside_what_is_around_them(source: str) -> None:
    page = HtmlDocument(source)
    for number, element in enumerate(page.elements):
        assert 0 <= element.start < element.open_end <= element.end <= len(source)
        assert source[element.start] == "<"
        assert element.parent < number
        assert element.close_start is None or source.startswith("</", element.close_start)


@pytest.mark.parametrize(
    ("source", "broken"),
    [
        ("<p>x</p><ul><li>y</li></ul><br>", None),
        ("words", None),
        ("<p>x</p>words <b>y", "<b>y"),
        ("<p>x</p><div><p>y</div>z", "<div><p>y</div>z"),
        ("<p>x</p>words</b> more", "</b> more"),
        ("<div>x</div><div>y</b></div>", "<div>y</b></div>"),
        ("<p>x</p>words <td", "<td"),
        ("<b>x<p>y</b></p>", "<b>x<p>y</b></p>"),
    ],
)
def test_it_tells_from_where_on_elements_are_not_nested_as_written(
    source: str, broken: str | None
) -> None:
    at = HtmlDocument(source).broken_at
    assert (None if at is None else source[at:]) == broken
