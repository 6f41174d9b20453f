"""The lines of an archive that are looked at are those that a slow definition names: one expression
over each line by itself, and each line's looks by itself.
"""

import io
import re
import tempfile

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from service.backfill.sources import jsonl
from service.backfill.sources.jsonl import JsonLinesFile
from service.backfill.sources.layout import ScanProgress

ANY = re.compile(
    rb"tw(?:itter|eet)|\.com?(?:\\?/|%2f)|/status|&(?:#(?:0*64|x0*40)|commat)|\{\{|\xef\xbc\xa0"
    rb"|(?:(?<![0-9A-Za-z])|[&#\\][0-9A-Za-z]+)@"
    rb"|\\u(?:00(?:2[3ef]|3[0-9b]|4[0-9a-f]|5[0-9a]|6[1-9a-f]|7[0-9a-b]|26(?:#|c|\\))|ff20)",
    re.IGNORECASE,
)
PARTS = (
    *(each.encode() for each in ("twitter", "TWEET", "tWeet", "twee", "t.co/", "x.CoM\\/", ".co")),
    *(each.encode() for each in ("/", "%2F", "/Status", "/statu", "@", "&#", "&CommAt", "&", "{{")),
    *(
        each.encode()
        for each in ("\uff20", "é", "東", " ", "\\", "\\u", "\\u0026#", "\\u0040", "\\n@")
    ),
    *(
        each.encode()
        for each in ("&nbsp@", "&#40@", "&#0064", "&#X40", "a", "desk@paper.example", "(@")
    ),
    *(each.encode() for each in ("\\u003c", "\\uFF20", '"', "t\\u002eco", "w" * 200, "n.com.")),
    b"\xff",
    b"\xe6\x9d",
)
LOOKS = (
    *(b'{"content":"%s"}', b'{"content": "%s"}\r', b'{"x":"%s"}', b'"content"%s', b" %s \r", b""),
    b'{{"content":"%s"}',  # a trace at the first byte
)


def is_given(line: bytes) -> bool:
    """Return whether a line is one to look at, by the slow definition."""
    row = line.removesuffix(b"\n")
    if not row.strip():
        return ANY.search(row) is not None
    try:
        row.decode()
    except UnicodeDecodeError:
        return True
    looks = row.startswith(b"{") and row.removesuffix(b"\r").endswith(b"}") and b'content"' in row
    return not looks or ANY.search(row) is not None


def check(raw: bytes) -> None:
    """Compare lines, places, numbers and counts."""
    expected, at, articles = [], 0, 0
    for number, line in enumerate(io.BytesIO(raw), 1):
        articles += bool(line.strip())
        if is_given(line):
            expected.append((number, at, line, articles))
        at += len(line)
    tally = ScanProgress()
    found = [
        (region.n, region.start, region.raw, tally.articles)
        for region in JsonLinesFile("content", "id").regions(io.BytesIO(raw), tally, every=False)
    ]

    assert found == expected
    assert (tally.articles, tally.at) == (articles, len(raw))
    for counted in (True, False):
        assert by_blocks(raw, counted=counted) == ([each[:3] for each in expected], articles)


def by_blocks(raw: bytes, *, counted: bool) -> tuple[list[tuple[int, int, bytes]], int]:
    """Return the same lines, each block looked at apart, and how many articles there are."""
    found: list[tuple[int, int, bytes]] = []
    lines = articles = 0
    layout = JsonLinesFile("content", "id")
    with tempfile.TemporaryFile() as file:
        file.write(raw)
        file.flush()
        for block in layout.blocks(file, counted=counted):
            tally = ScanProgress()
            data = block.read(file.fileno())
            found += [
                (lines + 1 + region.n, block.start + region.start, region.raw)
                for region in layout.in_block(data, tally, every=False)
            ]
            assert block.first == (lines + 1 if counted else 0)
            lines += tally.lines
            articles += tally.articles
    return found, articles


@given(
    lines=st.lists(
        st.tuples(st.sampled_from(LOOKS), st.lists(st.sampled_from(PARTS), max_size=6)), max_size=8
    ),
    ended=st.booleans(),
)
@example(lines=[(LOOKS[0], [b"@"]), (LOOKS[0], []), (LOOKS[6], []), (LOOKS[6], [])], ended=True)
@example(lines=[(look, [b"\xff"]) for look in LOOKS[2:]], ended=False)
def test_lines_are_those_of_the_slow_definition(
    lines: list[tuple[bytes, list[bytes]]],
    ended: bool,  # noqa: FBT001 - as hypothesis gives it
) -> None:
    raw = b"\n".join(look.replace(b"%s", b"".join(parts)) for look, parts in lines)
    check(raw + b"\n" * ended)


@pytest.mark.parametrize("part", [b"twitter", b"x.CoM\\/", "\uff20".encode(), b"\\u0026#", b"\xff"])
def test_a_trace_is_found_wherever_a_block_ends(part: bytes) -> None:
    """Lines about as long as what is read at a time, so that what is looked for is cut at every
    place.
    """
    near = jsonl.BLOCK - len(LOOKS[0])
    fill = LOOKS[0].replace(b"%s", b"n" * near) + b"\n"
    for shift in range(-len(part) - 3, 4):
        line = LOOKS[0].replace(b"%s", b"w" * (near + shift) + part)
        check(line + b"\n" + LOOKS[0].replace(b"%s", part) + b"\n" + line)
    check(fill * 7 + line + b"\n" + fill * 8 + line)
