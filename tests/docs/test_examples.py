"""The examples on the pages, run: commands print, and calls answer, what is said there."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from pages import PAGES, ROOT, fences
from rest import calling


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
            timeout=300,
            check=False,
        )
        assert done.stdout == output, (name, command, done.stderr)


CALLS = [
    (name, *found)
    for name, page in PAGES.items()
    for found in re.findall(
        r"^```http\n(.*?)^```\n+```(?:nd)?json\n(.*?)^```", page, re.MULTILINE | re.DOTALL
    )
]
CHANGING = {"elapsed_ms", "checked_at"}


def agrees(said: Any, found: Any) -> bool:  # noqa: ANN401 - JSON
    """Return whether an answer is as a page says, where `…` stands for anything in a string."""
    if isinstance(said, dict) and isinstance(found, dict):
        return said.keys() == found.keys() and all(
            key in CHANGING or agrees(said[key], found[key]) for key in said
        )
    if isinstance(said, list) and isinstance(found, list):
        return len(said) == len(found) and all(map(agrees, said, found))
    if isinstance(said, str) and "…" in said and isinstance(found, str):
        return (
            re.fullmatch(".*".join(map(re.escape, said.split("…"))), found, re.DOTALL) is not None
        )
    return bool(said == found)


def line_of(result: str) -> int:
    return int(json.loads(result)["line"])


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("name", "request_", "answer"), CALLS, ids=[f"{name}-{n}" for n, (name, *_) in enumerate(CALLS)]
)
async def test_an_example_of_a_call_answers_what_it_says(
    name: str, request_: str, answer: str
) -> None:
    head, _, body = request_.partition("\n\n")
    first, *lines = head.splitlines()
    method, path = first.split()
    async with calling() as client:
        headers = dict(line.split(": ", 1) for line in lines)
        response = await client.request(method, path, content=body.encode(), headers=headers)

    said, found = [answer], [response.text]
    if response.headers["Content-Type"].startswith("application/x-ndjson"):
        said, found = answer.splitlines(), sorted(response.text.splitlines(), key=line_of)
    assert agrees([*map(json.loads, said)], [*map(json.loads, found)]), (name, response.text)


def test_there_are_examples() -> None:
    assert len(CONSOLES) >= 2
    assert len(CALLS) >= 3
