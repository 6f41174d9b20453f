"""The examples of the command line on the pages print what they say."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from pages import PAGES, ROOT, fences


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Return an environment where `tweet-embed` is this tree's, on the demo's recorded answers."""
    folder = tmp_path_factory.mktemp("bin")
    script = folder / "tweet-embed"
    script.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m service "$@"\n')
    script.chmod(0o755)
    return {
        "PATH": f"{folder}:{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "TWEET_EMBED_RECORDED": str(ROOT / "service" / "demo" / "recorded"),
        "LANG": "C.UTF-8",
    }


CONSOLES = [(name, block) for name, page in PAGES.items() for block in fences(page, "console")]


@pytest.mark.parametrize(
    ("name", "block"), CONSOLES, ids=[f"{name}-{n}" for n, (name, _) in enumerate(CONSOLES)]
)
def test_an_example_of_the_command_line_prints_what_it_says(
    name: str, block: str, shell: dict[str, str], tmp_path: Path
) -> None:
    for command, output in re.findall(r"^\$ (.+\n)((?:(?!\$ ).*\n)*)", block, re.MULTILINE):
        done = subprocess.run(
            ["/bin/sh", "-c", command],
            env=shell,
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.stdout == output, (name, command, done.stderr)
