"""Faults put into a copy of the service, one at a time, and the tests that must turn red.

    python bench/seeded_faults.py [ROOM[:NUMBER] ...]

The faults are in `seeded_faults.toml`, by room. One that no test sees is printed as MISSED, one
whose tests are red before as RED WITHOUT IT, and the exit code is 1. Tests that hang see it too.
"""

# our own tests

import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path
from typing import NamedTuple

BENCH = Path(__file__).resolve().parent
ROOT = BENCH.parent
LEFT_OUT = (
    ".git",
    ".venv*",
    "__pycache__",
    ".*_cache",
    ".hypothesis",
    "node_modules",
    "*.egg-info",
)
LONGEST_S = 300


class Fault(NamedTuple):
    """In `file`, the first `right` becomes `wrong`; `tests` are words for pytest."""

    room: str
    number: int
    file: str
    right: str
    wrong: str
    tests: str

    @property
    def name(self) -> str:
        """How it is asked for, and what it is."""
        line = self.right.strip().splitlines()[0]
        return f"{self.room}:{self.number} {self.file}: {line[:70]}"

    def is_asked(self, words: list[str]) -> bool:
        """Return whether it is among those that are asked for."""
        return not words or self.room in words or f"{self.room}:{self.number}" in words


def read_faults() -> list[Fault]:
    """Read them all. A fault that stands nowhere, or in two places, ends the program."""
    rooms = tomllib.loads((BENCH / "seeded_faults.toml").read_text(encoding="utf-8"))["room"]
    faults = [
        Fault(
            room["name"],
            number,
            each["file"],
            each["right"],
            each["wrong"],
            each.get("tests", room["tests"]),
        )
        for room in rooms
        for number, each in enumerate(room["fault"])
    ]
    for fault in faults:
        if (ROOT / fault.file).read_text(encoding="utf-8").count(fault.right) != 1:
            sys.exit(f"{fault.name}: {fault.file} does not hold once what is right")
    return faults


def run_tests(place: Path, tests: str) -> bool:
    """Run tests on a copy; return whether one is red. What else ends them ends the program."""
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-n0", "-p", "no:cacheprovider"]
    environment = os.environ | {"PYTHONPATH": str(place), "PYTHONDONTWRITEBYTECODE": "1"}
    try:
        done = subprocess.run(
            [*command, *tests.split()],
            cwd=place,
            capture_output=True,
            env=environment,
            timeout=LONGEST_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return True
    if done.returncode not in {0, 1}:
        # a fault may keep the tests from being collected: that is red too
        if b"error" in done.stdout:
            return True
        sys.exit(done.stdout.decode())
    return done.returncode == 1


def is_seen(place: Path, fault: Fault) -> bool:
    """Return whether a test turns red with this fault."""
    path = place / fault.file
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace(fault.right, fault.wrong), encoding="utf-8")
    try:
        return run_tests(place, fault.tests)
    finally:
        path.write_text(text, encoding="utf-8")


def main() -> int:
    """Try every fault that is asked for; say of each whether it is seen."""
    asked = [fault for fault in read_faults() if fault.is_asked(sys.argv[1:])]
    seen = 0
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "tweet-embed"
        shutil.copytree(ROOT, place, ignore=shutil.ignore_patterns(*LEFT_OUT))
        green: set[str] = set()
        for fault in asked:
            if fault.tests not in green and run_tests(place, fault.tests):
                print(f"RED WITHOUT IT {fault.name}", flush=True)
                continue
            green.add(fault.tests)
            found = is_seen(place, fault)
            seen += found
            print(f"{'seen  ' if found else 'MISSED'} {fault.name}", flush=True)
    print(f"{seen} of {len(asked)} faults turn a test red")
    return 0 if seen == len(asked) else 1


if __name__ == "__main__":
    sys.exit(main())
