"""What the README says is so; the pages it links to are the tests of `docs/`."""

import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from rest import calling
from standin_x import StandIn

from service.settings import Settings

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    fenced: list[tuple[str, str]] = re.findall(
        r"^```(\w*)\n(.*?)^```$",
        README,
        re.MULTILINE | re.DOTALL,
    )
    return [block for word, block in fenced if word == language]


@pytest.mark.anyio
async def test_the_example_answers_what_it_says() -> None:
    request = re.search(r"curl -s \S+(/v1/resolve) -H '([^']+)' -d '([^']+)'", README)
    assert request is not None
    path, header, body = request.groups()
    async with calling() as client:
        response = await client.post(
            path, content=body.encode(), headers=[tuple(header.split(": "))]
        )
    answer, told = response.json(), json.loads(blocks("json")[0])

    for each in (answer, told):
        del each["elapsed_ms"]
        for embed in each["embeds"]:
            del embed["checked_at"]
    assert answer == told


def test_it_is_short() -> None:
    assert len(README.splitlines()) <= 200


def test_every_page_of_the_docs_can_be_reached_from_it() -> None:
    reached: set[Path] = set()
    waiting = [ROOT / "README.md"]
    while waiting:
        page = waiting.pop()
        text = page.read_text(encoding="utf-8")
        linked = {
            (page.parent / each).resolve() for each in re.findall(r"\]\(([\w./-]+\.md)", text)
        }
        waiting += linked - reached
        reached |= linked

    assert set((ROOT / "docs").glob("*.md")) <= reached


def test_the_two_commands_are_one_line_each_and_what_ci_runs() -> None:
    see, test = (block.strip() for block in blocks("sh")[:2])

    assert see.endswith("tweet-embed demo --once")
    assert "\n" not in see + test
    assert "/^Run the tests:$/" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert README.index("Run the tests:\n\n```sh\n" + test) > 0


def test_the_changelog_tells_of_this_version() -> None:
    assert "## [Unreleased]" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def test_the_container_is_as_the_readme_says() -> None:
    dockerfile = (ROOT / "Dockerfile").read_text(encoding="utf-8")

    for told in (
        "USER 65532",
        "--require-hashes",
        "VOLUME /data",
        'CMD ["tweet-embed", "healthcheck"]',
        "TWEET_EMBED_HOST=0.0.0.0",
        "EXPOSE 8080",
    ):
        assert told in dockerfile
    assert set(re.findall(r"TWEET_EMBED_[A-Z_]+", dockerfile)) <= {
        each.name for each in Settings.variables()
    }
    assert len(re.findall(r"^FROM python:3\.13-slim\b", dockerfile, re.MULTILINE)) == 2


def test_the_tools_are_as_strict_as_told() -> None:
    tools = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]

    assert tools["mypy"]["strict"]
    assert tools["ruff"]["lint"]["select"] == ["ALL"]
    assert tools["pytest"]["ini_options"]["filterwarnings"] == ["error"]


def test_the_lines_of_python_run(x: StandIn) -> None:
    program = blocks("python")
    assert len(program) == 1
    done = subprocess.run(
        [sys.executable, "-c", program[0]],
        env=os.environ | x.env | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
        timeout=300,
    )
    assert "just setting up my twttr" in done.stdout
    assert "embedded" in done.stdout
