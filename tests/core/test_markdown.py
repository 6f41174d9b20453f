"""Detection in Markdown, and what stands around an embed there."""

import random
import time

import pytest
from markdown_it import MarkdownIt

from service.core.detect import detect
from service.core.markdown.block_insertion import BlockInsertion
from service.core.markdown.blocks import read_blocks
from service.core.markdown.lines import ParagraphLines, read_definitions
from service.core.markdown.outline import Kind
from service.core.mentions import LinkMention, ReplaceElement, SplitParagraph
from service.core.model import Form, Format, ShortLink, Span, TweetRef
from service.core.rewrite.link_edits import in_markdown, rewrite_link

TWEET = "https://x.com/Interior/status/463440424141459456"
SHORT = "https://t.co/abcdefghij"
SIGNED = (
    "Sunsets pic.twitter.com/YuKy2rcjyU — US Department of the Interior (@Interior) May 5, 2014"
)
EMBED = f'<blockquote class="twitter-tweet"><a href="{TWEET}">May 5, 2014</a></blockquote>'


def embeds_in(content: str) -> list[tuple[str, str]]:
    return [
        (one.form.value, content[one.span.start : one.span.end])
        for one in detect(content, Format.MARKDOWN).embeds
    ]


def links_in(content: str) -> list[str]:
    return [
        content[one.span.start : one.span.end] for one in detect(content, Format.MARKDOWN).links
    ]


ALONE = [
    (f"{TWEET}\n", TWEET),
    (f"words\n\n<{TWEET}>\n\nwords", f"<{TWEET}>"),
    (f"[{TWEET}]({TWEET})", f"[{TWEET}]({TWEET})"),
    (f"[{TWEET}]( {TWEET} 'then' )", f"[{TWEET}]( {TWEET} 'then' )"),
    (f"[{TWEET}][x]\n\n[x]: {TWEET}", f"[{TWEET}][x]"),
    (f"[]({TWEET})", f"[]({TWEET})"),
    (f"**{TWEET}**", f"**{TWEET}**"),
    (f"words\n_[{TWEET}]({TWEET})_\nwords", f"_[{TWEET}]({TWEET})_"),
    (f"words\n\n\u200b{TWEET}\u2060\n\nwords", f"\u200b{TWEET}\u2060"),
    (f"![]({TWEET})", f"![]({TWEET})"),
    (f"words\n{SHORT}\nwords", SHORT),
    (f"---\ntitle: x\n---\n{SHORT}", SHORT),
    (f"> {SHORT}\n\nwords", f"> {SHORT}"),
    (f"> > {TWEET}\n\nwords", f"> > {TWEET}"),
    (
        "https://twitter.com/some\\_one/status/463440424141459456",
        "https://twitter.com/some\\_one/status/463440424141459456",
    ),
]


@pytest.mark.parametrize(("content", "span"), ALONE)
def test_an_address_alone_is_url(content: str, span: str) -> None:
    assert embeds_in(content) == [("url", span)]


QUOTES = [
    (f"{SIGNED}", "flattened", SIGNED),
    (f"words\n\n{SIGNED}\n\nwords", "flattened", SIGNED),
    (f"> {SIGNED}\n\nwords", "flattened", f"> {SIGNED}"),
    (
        "> Sunsets\n> get better\n>\n> — US (@In\\_terior) May 5, 2014\n",
        "flattened",
        "> Sunsets\n> get better\n>\n> — US (@In\\_terior) May 5, 2014",
    ),
    (
        f"> **Sunsets** — US (@Interior) [May 5, 2014]({TWEET})",
        "blockquote",
        f"> **Sunsets** — US (@Interior) [May 5, 2014]({TWEET})",
    ),
    (f"words\n\n{EMBED}\n\nwords", "blockquote", EMBED),
    (f"words {EMBED} words", "blockquote", EMBED),
    (f"> {EMBED}\n", "blockquote", f"> {EMBED}"),
    (
        "Sunsets in May\n— US (@Interior)\nMay 5, 2014",
        "flattened",
        "Sunsets in May\n— US (@Interior)\nMay 5, 2014",
    ),
]


@pytest.mark.parametrize(("content", "form", "span"), QUOTES)
def test_a_quoted_tweet_is_found_where_it_stands(content: str, form: str, span: str) -> None:
    found = detect(content, Format.MARKDOWN).embeds

    assert [one.form.value for one in found] == [form]
    point = found[0].insertion_point
    whole = point.span if isinstance(point, ReplaceElement | SplitParagraph) else None
    assert span in {
        content[found[0].span.start : found[0].span.end],
        content[slice(*whole)] if whole else "",
    }


def test_the_words_are_what_a_reader_sees() -> None:
    content = (
        "> One *two* `three` \\*four\\* &amp; [#five](https://twitter.com/hashtag/five)\n> six [pic.twitter.com/YuKy2rcjyU](https://t.co/YuKy2rcjyU)\n"
        "> — US (@Interior) May 5, 2014"
    )
    found = detect(content, Format.MARKDOWN).embeds[0]

    assert found.text == "One two \ufffc *four* & #five\nsix pic.twitter.com/YuKy2rcjyU"
    assert found.attribution is not None
    assert found.attribution.handle == "Interior"
    assert ShortLink("YuKy2rcjyU") in found.targets


def test_an_escaped_tag_is_no_tag() -> None:
    assert embeds_in(EMBED.replace("<blockquote", "\\<blockquote")) == []


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (f"see [this]({SHORT}) and {SHORT}.", [SHORT, SHORT]),
        (f"see [{SHORT}]({SHORT}) there", [SHORT, SHORT]),
        (f"see <{SHORT}> there", [SHORT]),
        (f"see [this][x] and [that][x]\n\n[x]: {SHORT} 'title'", [SHORT]),
        (f"see [this](<{SHORT}>)", [SHORT]),
        (f'see <a href="{SHORT}">this</a>', [SHORT]),
        (f"**{SHORT}** _{SHORT}_", [SHORT, SHORT]),
        (f"- {SHORT} words\n- x", [SHORT]),
        (f"a [b [c]({SHORT}) d](https://example.org)", [SHORT]),
    ],
)
def test_links_stand_where_they_are_written(content: str, expected: list[str]) -> None:
    assert links_in(content) == expected


@pytest.mark.parametrize(
    "content",
    [
        f"`{TWEET}`",
        f"`` ` {TWEET} ``",
        f"```\n{TWEET}\n```",
        f"~~~ html\n{EMBED}\n~~~",
        f"> ```\n> {TWEET}\n> ```",
        f"    {TWEET}",
        f"- words\n\n      {TWEET}",
        f"<!-- {TWEET} -->",
        f"words <!-- {TWEET} --> words",
        f"---\ntweet: {TWEET}\n---\nwords",
        f"```\n{TWEET}",
        f"<pre>\n\n{TWEET}\n</pre>",
    ],
)
def test_code_comments_and_front_matter_are_no_mentions(content: str) -> None:
    assert (embeds_in(content), links_in(content)) == ([], [])


@pytest.mark.parametrize(
    "content",
    [
        f"# {TWEET}",
        f"{TWEET}\n===",
        f"- {TWEET}",
        f"1. > {TWEET}",
        f"a | b\n--|--\n{TWEET} | x",
        f"> {TWEET}\n>\n> words",
        f"> words\n> {TWEET}",
    ],
)
def test_where_no_block_between_blank_lines_can_stand_there_is_no_place(content: str) -> None:
    found = detect(content, Format.MARKDOWN).embeds

    assert [(one.form, one.is_placeable) for one in found] == [(Form.URL, False)]


AROUND = [
    ("x", 0, 1, ("", "")),
    ("a\n\nx\n\nb", 3, 4, ("", "")),
    ("a\nx\nb", 2, 3, ("\n", "\n")),
    ("a x b", 2, 3, ("\n\n", "\n\n")),
    ("# a\nx\n# b", 4, 5, ("\n", "\n")),
    ("a\nx  \nb", 2, 3, ("\n", "\n")),
    ("x\n    b", 0, 1, None),
    ("x 1. b", 0, 1, None),
    ("x\n2. b", 0, 1, None),
    ("<div>\nx\n</div>", 6, 7, ("", "")),
    ("> x\n\nb", 0, 3, ("", "")),
    ("> x\n# b", 0, 3, ("", "\n")),
]


@pytest.mark.parametrize(("content", "start", "end", "around"), AROUND)
def test_an_embed_gets_blank_lines_unless_the_rest_would_read_otherwise(
    content: str,
    start: int,
    end: int,
    around: tuple[str, str] | None,
) -> None:
    assert BlockInsertion(content).around(start, end, len(content)) == around


@pytest.mark.parametrize(
    ("address", "written"),
    [
        ("https://example.org/?a=1&b=2", "https://example.org/?a=1&b=2"),
        ("https://example.org/a_(b)", "https://example.org/a_%28b%29"),
        ("https://example.org/a b", "https://example.org/a%20b"),
        ("https://example.org/[*`<\\|", "https://example.org/%5B%2A%60%3C%5C%7C"),
        ("https://example.org/?a=1&copy;", "https://example.org/?a=1%26copy;"),
    ],
)
def test_an_address_is_written_as_markdown_reads_it(address: str, written: str) -> None:
    assert in_markdown(address) == written


@pytest.mark.parametrize(
    ("content", "stays"),
    [
        (f"**{SHORT}**", False),
        (f"*{SHORT}*.", False),
        (f"{SHORT}*a", True),
        (f"{SHORT}-a", True),
        (f"({SHORT})", False),
    ],
)
# a table
def test_emphasis_around_an_address_is_no_part_of_it(content: str, stays: bool) -> None:  # noqa: FBT001
    start = content.index("h")
    link = LinkMention(
        Span(start, start + len(SHORT)),
        SHORT,
        ShortLink("abcdefghij"),
        markdown=True,
    )

    assert (
        rewrite_link(content, link, "https://example.org/", until=len(content), markup=False)
        is None
    ) is stays


# --- CommonMark's own reading as the judge ---

# A definition stands between blank lines here: what may end one, CommonMark's readers read
# differently.
PIECES = [
    *(
        "a",
        "b c",
        "\n",
        "\n",
        "\n\n",
        "> ",
        ">",
        "- ",
        "* ",
        "1. ",
        "2) ",
        "  ",
        "\t",
        "#",
        "# ",
        "```",
        "~~~",
        "---",
        "***",
        "===",
    ),
    *(
        "<div>",
        "</div>",
        "<b>",
        "<!-- ",
        "-->",
        "<script>",
        "\n\n[x]: y 't'\n\n",
        "`",
        "\\",
        "-",
        "10. ",
        "<a href='x'>",
    ),
]


def judged(content: str) -> list[tuple[str, int]]:
    names = {
        "fence": "CODE",
        "code_block": "CODE",
        "html_block": "HTML",
        "heading_open": "HEADING",
        "paragraph_open": "TEXT",
        "table_open": "TABLE",
    }
    tokens = MarkdownIt("commonmark", {"maxNesting": 200}).enable("table").parse(content)
    return [
        (names[token.type], token.map[0]) for token in tokens if token.type in names and token.map
    ]


def read(content: str) -> list[tuple[str, int]]:
    found = []
    for block in read_blocks(content).blocks:
        lines = ParagraphLines.of(content, block.lines)
        at = read_definitions(lines, {}) if block.kind is Kind.TEXT else 0
        if block.kind is not Kind.TEXT or at < len(lines.text):
            found.append((block.kind.name, content.count("\n", 0, lines.place(at))))
    return found


def test_blocks_are_those_of_commonmark() -> None:
    chance = random.Random(5)  # noqa: S311 - no secret
    for _ in range(1500):
        content = "".join(chance.choices(PIECES, k=7))
        if content.startswith("---"):
            continue  # front matter is none of CommonMark's
        assert read(content) == judged(content), content


@pytest.mark.parametrize(
    "content",
    ["a | b\n--|--\nc | d\n\ne", "words\n| a |\n|---|\n| c |", "a\n|", "a | b\n--|\n"],
)
def test_tables_are_those_of_gfm(content: str) -> None:
    assert read(content) == judged(content)


@pytest.mark.parametrize(
    "piece",
    [
        "[",
        "![",
        "](",
        "[a](",
        "`",
        "> ",
        "<",
        "<a b='",
        "<!--",
        "- ",
        "*a ",
        "_",
        "|a",
        "[x]: ",
        "&",
        "\\",
        "https://",
        "    ",
        f"[a]({SHORT}) ",
        "> a\nb\n",
    ],
)
def test_hostile_markdown_costs_no_more_than_its_length(piece: str) -> None:
    def seconds(count: int) -> float:
        content = f"{TWEET}\n\n" + piece * (count // len(piece))
        began = time.process_time()
        detect(content, Format.MARKDOWN)
        return time.process_time() - began

    # Three times the length: three times the cost, nine times if it were quadratic. Neighbours
    # disturb a single run, not all of them.
    assert any(
        min(seconds(24_000) for _ in range(2)) < 5 * min(seconds(8_000) for _ in range(3)) + 0.03
        for _ in range(3)
    )


def test_a_permalink_in_a_paragraph_of_words_is_a_link() -> None:
    found = detect(f"see [this]({TWEET}) there", Format.MARKDOWN)

    assert (found.embeds, [link.target for link in found.links]) == (
        (),
        [TweetRef("463440424141459456", "Interior")],
    )


OTHER = "https://x.com/a/status/1988150000000000000"


@pytest.mark.parametrize(
    ("content", "spans"),
    [
        (f"words\\\n{TWEET}\\\nwords", [f"\\\n{TWEET}\\"]),
        (f"words\n{TWEET}\\\n{OTHER}\\\nwords", [f"{TWEET}\\", f"{OTHER}\\"]),
        (f"{TWEET}<br>{OTHER}", [f"{TWEET}<br>", OTHER]),
        (f"{TWEET} <br/>\n{OTHER}", [f"{TWEET} <br/>", OTHER]),
        (f"words<br>{TWEET}<br>words", [f"{TWEET}<br>"]),
        (f"{TWEET}\\", []),
    ],
)
def test_the_break_around_a_line_goes_with_it(content: str, spans: list[str]) -> None:
    assert [span for _, span in embeds_in(content)] == spans


@pytest.mark.parametrize("words", ['!!! quote "Tweet"', "[^1]: note", "Term\n: words"])
def test_there_is_no_place_in_what_is_indented_below_a_paragraph(words: str) -> None:
    (found,) = detect(f"{words}\n    {TWEET}\n", Format.MARKDOWN).embeds

    assert not found.is_placeable


@pytest.mark.parametrize("mark", ".!,;}")
def test_an_autolink_with_a_mark_at_its_end_is_one_link(mark: str) -> None:
    assert links_in(f"words <{SHORT}{mark}> words") == [f"{SHORT}{mark}"]


PADDING = "\n\nwords of an article\n\n- an item\n\n# a heading\n\n> a quote\n\n" * 10


@pytest.mark.parametrize(
    "piece",
    [
        TWEET,
        f"| a | b |\n|---|---|\n| x | y |\n| x | {SHORT} |",
        f"> one\n>\n> two\n>\n> — A (@a) [May 5, 2014]({TWEET})",
        "one two three four five\n\nsix\n\n— A (@a) May 5, 2014",
        f"words [it][x]\n\n[x]: {TWEET}",
        f"- item\n\n  {TWEET}\n\n- item",
        "{{< x id=20 >}}",
        "[tweet 463440424141459456]",
        f"<div>\n\n{TWEET}\n\n</div>",
        "some more words — A (&#64;a) May 5, 2014",
    ],
)
def test_what_stands_far_away_changes_nothing(piece: str) -> None:
    alone = detect(f"\n\n{piece}\n\n", Format.MARKDOWN)
    amid = detect(f"{PADDING}\n\n{piece}\n\n{PADDING}", Format.MARKDOWN)

    assert alone.embeds or alone.links
    moved = [(one.span.start - len(PADDING), one.span.end - len(PADDING)) for one in amid.embeds]
    assert moved == [(one.span.start, one.span.end) for one in alone.embeds]
    moved = [(one.span.start - len(PADDING), one.span.end - len(PADDING)) for one in amid.links]
    assert moved == [(one.span.start, one.span.end) for one in alone.links]
