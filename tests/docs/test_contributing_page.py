"""The page for contributors: its commands are those of `tests/run`, its Pythons are tested."""

import os
import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest
from pages import PAGES, ROOT, rows, section, words

RUN = ROOT / "tests" / "run"
LOOP = section(PAGES["docs/contributing.md"], "The loop")
CLAIMED = [
    each.rpartition(" ")[2]
    for each in tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"][
        "classifiers"
    ]
    if re.fullmatch(r"Programming Language :: Python :: 3\.\d+", each)
]


def ask(*arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [RUN, *arguments],
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


def test_every_entry_is_told_and_what_is_told_is_one() -> None:
    told = {command for row in rows(LOOP) for command in words(row[1])}
    usage = ask()

    assert usage.returncode == 2
    assert {each for each in told if each.startswith("tests/run ")} == set(
        re.findall(r"^tests/run \w+", usage.stderr, re.MULTILINE)
    )
    entries = set(re.findall(r"^  (\w+)\)", RUN.read_text("utf-8"), re.MULTILINE))
    assert {f"tests/run {each}" for each in entries} <= told


def test_every_python_that_is_claimed_is_looked_for() -> None:
    listed = ask("pythons", "--list").stdout

    assert CLAIMED
    assert list(dict.fromkeys(re.findall(r"^Python ([\d.]+): .", listed, re.MULTILINE))) == CLAIMED


def test_a_python_that_is_not_there_is_skipped_by_name(tmp_path: Path) -> None:
    for name in ("bash", "dirname", "sed", "sort", "tail"):
        (tmp_path / name).symlink_to(shutil.which(name) or pytest.skip(f"no {name}"))
    newest = CLAIMED[-1]
    for place, release in (("a", 1), ("b", 1), ("c", 2)):  # the second is the first once more
        (tmp_path / place).mkdir()
        here = tmp_path / place / f"python{newest}"
        here.write_text(f"#!/bin/sh\necho Python {newest}.{release}\n")
        here.chmod(0o755)
    path = ":".join(str(tmp_path / each) for each in ("", "a", "b", "c"))
    asked = ask("pythons", "--list", PATH=path, PYENV_ROOT=str(tmp_path))

    assert asked.returncode == 0
    assert asked.stdout.splitlines() == [
        *(f"Python {each}: not installed here, skipped" for each in CLAIMED[:-1]),
        f"Python {newest}: {tmp_path / 'a' / f'python{newest}'}",
        f"Python {newest}: {tmp_path / 'c' / f'python{newest}'}",
    ]
    for place in ("a", "b", "c"):  # as a shim of pyenv without its Python
        (tmp_path / place / f"python{newest}").write_text("#!/bin/sh\nexit 127\n")
    asked = ask("pythons", PATH=path, PYENV_ROOT=str(tmp_path))
    assert asked.stdout.count("not installed here, skipped") == len(CLAIMED)


def test_the_gate_of_coverage_is_the_one_that_is_told() -> None:
    tools = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["coverage"]
    (rooms,) = re.findall(r"^whole='(.+)'$", RUN.read_text("utf-8"), re.MULTILINE)
    told = re.search(r"is (\d+) % of `service/`.+? (\d+) % of (.+?)\n\n", LOOP, re.DOTALL)

    assert tools["run"]["branch"]
    assert told is not None
    assert int(told[1]) == tools["report"]["fail_under"]
    assert f"--fail-under={told[2]} " in RUN.read_text("utf-8")
    assert words(told[3]) == rooms.replace("*", "").split(",")
    assert all((ROOT / each).exists() for each in words(told[3]))


def test_the_oldest_python_is_the_oldest_that_is_claimed() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]

    assert project["requires-python"] == f">={CLAIMED[0]}"
    assert "Operating System :: POSIX :: Linux" in project["classifiers"]
