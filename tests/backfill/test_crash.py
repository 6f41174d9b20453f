"""Killed at any moment, or with a full or broken disk at any write: nothing torn, and the same
command goes on and finishes.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = Path(__file__).parents[1] / "support" / "crash_program.py"


def crash(shape: str, how: str, count: int, seed: int, *wishes: str) -> dict[str, object]:
    command = [sys.executable, str(PROGRAM), shape, how, str(count), str(seed), *wishes]
    environment = os.environ | {"PYTHONPATH": f"{ROOT}:{ROOT / 'tests' / 'support'}"}
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        timeout=3600,
        check=False,
        env=environment,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    return dict(json.loads(done.stdout.splitlines()[-1]))


@pytest.mark.parametrize(
    ("shape", "how"),
    [("in", "kill"), ("folder", "full")],
)
def test_a_sample_of_crashes(shape: str, how: str) -> None:
    assert crash(shape, how, 2, seed=7)["rounds"] == 2


def test_a_crash_while_workers_are_at_work() -> None:
    assert crash("in", "kill", 1, 7, "workers")["rounds"] == 1


@pytest.mark.long
@pytest.mark.parametrize(
    ("shape", "how"), [("in", "random"), ("in", "kill"), ("in", "eio"), ("to", "full")]
)
def test_crashes_while_workers_are_at_work(shape: str, how: str) -> None:
    assert crash(shape, how, 40, 3, "workers")["rounds"] == 40


@pytest.mark.long
@pytest.mark.parametrize("shape", ["in", "folder", "to"])
def test_killed_at_200_random_moments(shape: str) -> None:
    assert crash(shape, "random", 200, seed=1)["rounds"] == 200


@pytest.mark.long
@pytest.mark.parametrize("shape", ["in", "folder", "to"])
@pytest.mark.parametrize("how", ["kill", "full", "eio"])
def test_every_write_call(shape: str, how: str) -> None:
    told = crash(shape, how, 10_000, seed=1)

    assert told["rounds"] == told["calls"]
