"""What the README says is so."""

import json
import re
import tomllib
from pathlib import Path

import pytest
from rest import calling
from typer.testing import CliRunner

from service.api.models import Problem
from service.cli import app
from service.core.model import Form, LinkState, Reason, State
from service.settings import Settings

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
CODE = set(re.findall(r"`([^`\n]+)`", README))
BUILT_FORMS = (Form.BLOCKQUOTE, Form.FLATTENED, Form.URL, Form.LINK)


def blocks(language: str) -> list[str]:
    fenced: list[tuple[str, str]] = re.findall(
        r"^```(\w*)\n(.*?)^```$",
        README,
        re.MULTILINE | re.DOTALL,
    )
    return [block for word, block in fenced if word == language]


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.mark.anyio
async def test_the_example_answers_what_it_says() -> None:
    request = re.search(r"curl -s \S+(/v1/resolve) -H '([^']+)' -d '([^']+)'", README)
    assert request is not None
    path, header, body = request.groups()
    async with calling() as client:
        response = await client.post(
            path,
            content=body.encode(),
            headers=[tuple(header.split(": "))],
        )
    answer, told = response.json(), json.loads(blocks("json")[0])

    for each in (answer, told):
        del each["elapsed_ms"]
        for embed in each["embeds"]:
            del embed["checked_at"]
    assert answer == told


def test_every_setting_is_told_with_its_default() -> None:
    rows = {
        row[0]: row[1:]
        for row in re.findall(
            r"^\| `(TWEET_EMBED_\w+)` \| (.*?) \| (.*?) \|$",
            README,
            re.MULTILINE,
        )
    }

    assert rows == {
        each.name: (f"`{each.default}`" if each.default else "none", each.meaning)
        for each in Settings.variables()
    }


def test_no_setting_is_told_that_is_not_there() -> None:
    assert set(re.findall(r"TWEET_EMBED_[A-Z_]+", README)) <= {
        each.name for each in Settings.variables()
    }


@pytest.mark.parametrize("word", [*State, *LinkState, *Reason, *BUILT_FORMS])
def test_every_word_of_an_answer_is_told(word: str) -> None:
    assert str(word) in CODE


@pytest.mark.parametrize("code", Problem.model_fields["code"].annotation.__args__)  # type: ignore[union-attr]
def test_every_code_of_a_problem_is_told(code: str) -> None:
    assert code in CODE


def test_every_command_is_told_with_its_options() -> None:
    told = {
        line.split()[1]: line
        for block in blocks("")
        for line in block.splitlines()
        if line.startswith("tweet-embed ")
    }
    commands = [
        command.name or command.callback.__name__
        for command in app.registered_commands
        if command.callback
    ]
    groups = {
        str(group.typer_instance.info.name): group.typer_instance
        for group in app.registered_groups
        if group.typer_instance
    }

    assert sorted(told) == sorted([*commands, *groups])
    for name, group in groups.items():
        for each in group.registered_commands:
            assert each.callback
            assert (each.name or each.callback.__name__) in told[name]
    for command in commands:
        shown = (
            CliRunner()
            .invoke(
                app,
                [command, "--help"],
                env={"COLUMNS": "300", "NO_COLOR": "1", "TERM": "dumb"},
            )
            .stdout
        )
        if "option flags as of resolve" in told[command]:
            told[command] += told["resolve"]
        options = set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", shown)) - {"--help"}
        for option in options:
            assert option in told[command] or (option == "--out" and "-o FILE" in told[command])


def test_every_room_is_on_the_map() -> None:
    plan = next(block for block in blocks("") if block.startswith("service/"))
    words = set(re.findall(r"[a-z_]+", plan))
    rooms = {
        path.stem
        for folder in ("", "core")
        for path in (ROOT / "service" / folder).iterdir()
        if path.suffix == ".py" or path.is_dir()
    }

    assert {room for room in rooms if not room.startswith("__")} <= words


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
