"""What looks like a tweet and is none (docs/interface.md 2): `near_misses.json`, as text and in
HTML."""

import html
import json
from pathlib import Path

import pytest

from service.core.detect import detect
from service.core.model import Format

ROWS: list[dict[str, str]] = json.loads(
    Path(__file__).with_name("near_misses.json").read_text(encoding="utf-8"),
)
TEXTS = [row for row in ROWS if "text" in row]
PIECES = [row for row in ROWS if "html" in row]
LATIN = frozenset({"en", "es", "de", "fr", "tr", "vi", "html"})
AROUND = [
    "<p>{}</p>",
    "<div>{}</div>",
    "<blockquote>{}</blockquote>",
    "<ul><li>{}</li></ul>",
    "<blockquote><p>{}</p></blockquote>",
]


def _name(row: dict[str, str]) -> str:
    return f"{row['lang']}: {row['kind']}"


def test_there_are_three_hundred_and_half_are_in_other_scripts_than_latin() -> None:
    assert len({row.get("text") or row["html"] for row in ROWS}) == len(ROWS) >= 300
    assert sum(row["lang"] not in LATIN for row in ROWS) * 2 >= len(ROWS)


def _nothing(content: str, written_in: Format) -> bool:
    found = detect(content, written_in)
    return found.embeds == () and found.links == ()


@pytest.mark.parametrize("row", TEXTS, ids=_name)
def test_a_near_miss_is_nothing_in_text_and_in_any_container(row: dict[str, str]) -> None:
    text = row["text"]
    assert _nothing(text, Format.TEXT)
    assert _nothing(text, Format.MARKDOWN)
    assert _nothing(f"It rains.\n\n{text}\n\nIt snows.", Format.TEXT)
    written = html.escape(text).replace("\n", "<br>\n")
    for around in AROUND:
        assert _nothing(around.format(written), Format.HTML)
    for around in AROUND:
        assert _nothing(
            "".join(around.format(html.escape(line)) for line in text.split("\n")),
            Format.HTML,
        )


@pytest.mark.parametrize("row", PIECES, ids=_name)
def test_a_copy_of_an_embed_where_none_can_stand_is_nothing(row: dict[str, str]) -> None:
    assert _nothing(row["html"], Format.HTML)
    for around in AROUND:
        assert _nothing(around.format(row["html"]), Format.HTML)
