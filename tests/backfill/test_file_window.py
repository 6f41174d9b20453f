"""Exports that are looked through a piece at a time: wherever the pieces end, and when the file
becomes shorter meanwhile.
"""

from collections.abc import Callable
from pathlib import Path

import pytest

from service.backfill.archive_errors import UnreadableError
from service.backfill.sources.ghost import GhostExport
from service.backfill.sources.layout import FileLayout, ScanProgress
from service.backfill.sources.wxr import WordPressExport

PIECE = 64 * 1024


def wordpress(article: str) -> str:
    comment = "<!-- <item> -->"
    return f"<item\n>{comment}<content:encoded><![CDATA[{article}]]></content:encoded></item >"


def ghost(article: str) -> str:
    return f'{{"html":"{article}","a":[{{}},"}}\\"]"]}}'


EXPORTS: dict[str, tuple[FileLayout, Callable[[str], str], str, str, str]] = {
    "wordpress": (WordPressExport("content:encoded"), wordpress, "<rss>", "\n", "</rss>"),
    "ghost": (GhostExport("html"), ghost, '{"db":[{"data":{"posts":[', ",", "]}}]}"),
}
of_each = pytest.mark.parametrize("kind", EXPORTS)


@of_each
def test_articles_are_found_wherever_a_piece_ends(kind: str, tmp_path: Path) -> None:
    layout, write, head, between, end = EXPORTS[kind]
    articles = [write(each).encode() for each in ("a" * 30, "b" * 3 * PIECE, "c")]
    path = tmp_path / "a"
    for before in range(PIECE - 180, PIECE + 20, 3):
        path.write_bytes(
            (head + " " * before).encode() + between.encode().join(articles) + end.encode()
        )

        with path.open("rb") as file:
            found = list(layout.regions(file, ScanProgress(), every=True))

        assert [each.raw for each in found] == articles
        assert found[0].start == len(head) + before
        assert found[2].start == path.stat().st_size - len(end) - len(articles[2])


@of_each
def test_a_file_that_becomes_shorter_ends_where_it_does(kind: str, tmp_path: Path) -> None:
    layout, write, head, between, end = EXPORTS[kind]
    path = tmp_path / "a"
    path.write_text(head + between.join([write("a" * PIECE)] * 50) + end)
    with path.open("rb") as file:
        regions = layout.regions(file, ScanProgress(), every=True)
        next(regions)
        with path.open("r+b") as other:
            other.truncate(PIECE * 5)
        with pytest.raises(UnreadableError, match="does not end"):
            list(regions)
