"""The README's picture is what its script draws."""

import subprocess
import sys
from pathlib import Path

import pytest
from pages import ROOT

SCRIPT = ROOT / "docs" / "pictures" / "make_playground_picture.py"
PICTURE = SCRIPT.with_name("playground.png")
MOST_BYTES = 200_000


def size(picture: Path) -> tuple[int, int]:
    """Return width and height (PNG, third edition, 11.2.1)."""
    head = picture.read_bytes()[:24]
    assert head.startswith(b"\x89PNG\r\n\x1a\n")
    return int.from_bytes(head[16:20], "big"), int.from_bytes(head[20:24], "big")


def test_the_readme_shows_one_picture_and_it_is_small() -> None:
    assert (ROOT / "README.md").read_text("utf-8").count("](docs/pictures/playground.png)") == 1
    assert [path.name for path in PICTURE.parent.glob("*.png")] == [PICTURE.name]
    assert PICTURE.stat().st_size < MOST_BYTES


@pytest.mark.browser
def test_the_script_draws_it(tmp_path: Path) -> None:
    pytest.importorskip("playwright.sync_api", reason="no playwright: pip install playwright")
    drawn = tmp_path / "drawn.png"
    subprocess.run([sys.executable, SCRIPT, drawn], cwd=ROOT, check=True, timeout=300)

    assert size(drawn) == size(PICTURE)
    assert drawn.stat().st_size == pytest.approx(PICTURE.stat().st_size, rel=0.2)
