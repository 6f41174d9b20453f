"""A backfill of the rows of a database in place, killed at random moments, while the server itself
is killed and started again: no row is lost, none is changed twice, and all come back.
"""

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest
from archives import LINK, TARGET
from database_servers import Server, start_mariadb, start_postgresql
from editor_simulator import Newsroom
from rest import ON_RECORDED

ROOT = Path(__file__).resolve().parents[2]
ROWS, ROUNDS, MOST_RUNS = 3000, 16, 6
PATIENCE_S = 120.0


class Restarted:
    """A server that is killed, or ended, and started again over the same data."""

    def __init__(self, server: Server) -> None:
        self._server, self.process = server, server.process

    def stop(self, how: signal.Signals) -> None:
        os.killpg(self.process.pid, how)
        self.process.wait(PATIENCE_S)

    def start(self) -> None:
        """Start it; processes of the one before may be ending still."""
        until = time.monotonic() + PATIENCE_S
        while time.monotonic() < until:
            nothing = subprocess.DEVNULL
            self.process = subprocess.Popen(
                self._server.process.args,
                stdin=nothing,
                stdout=nothing,
                stderr=nothing,
                start_new_session=True,
            )
            while self.process.poll() is None and time.monotonic() < until:
                try:
                    self._server.execute("SELECT 1")
                except Exception:  # noqa: BLE001 - of one driver or the other
                    time.sleep(0.05)
                else:
                    return
        pytest.fail("the server does not start again")


class Backfill:
    """The command, in a process of its own."""

    def __init__(self, room: Newsroom, folder: Path) -> None:
        own = ["--state", str(folder / "state"), "--backup", str(folder / "backup.jsonl")]
        column = ["--table", "posts", "--column", "content", "--in-place"]
        self._backfill = ["backfill", room.url, *column, *own]
        self._restore = ["restore", str(folder / "backup.jsonl"), room.url]

    def begin(self, *, back: bool = False) -> "subprocess.Popen[str]":
        command = [sys.executable, "-m", "service", *(self._restore if back else self._backfill)]
        return subprocess.Popen(
            command,
            cwd=ROOT,
            env=os.environ | ON_RECORDED | {"PYTHONPATH": str(ROOT)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )

    def through(self, *, back: bool = False) -> None:
        """Run it until it is done."""
        for _ in range(MOST_RUNS):
            process = self.begin(back=back)
            said = ended(process)
            if process.returncode == 0:
                return
        pytest.fail(said)


def ended(process: "subprocess.Popen[str]") -> str:
    said = process.communicate(timeout=PATIENCE_S)[1]
    assert "Traceback" not in said, said
    return said


def await_lines(backup: Path, more: int, writing: "subprocess.Popen[str]") -> None:
    """Wait until so many more originals are in the backup, or there is nothing left to do."""

    def lines() -> int:
        return backup.read_bytes().count(b"\n") if backup.exists() else 0

    wanted, until = lines() + more, time.monotonic() + PATIENCE_S
    while lines() < wanted and writing.poll() is None:
        assert time.monotonic() < until
        time.sleep(0.005)


def await_changes(room: Newsroom, wanted: int, writing: "subprocess.Popen[str]") -> None:
    until = time.monotonic() + PATIENCE_S
    while len(room.history()) < wanted and writing.poll() is None:
        assert time.monotonic() < until
        time.sleep(0.02)


@pytest.mark.long
@pytest.mark.parametrize("kind", ["postgresql", "mariadb"])
def test_killed_beside_a_server_that_is_killed(kind: str, tmp_path: Path) -> None:
    chance = random.Random(kind)  # noqa: S311 - moments
    first = {
        number: f"{number}: {LINK} 😀\r\n" if number % 3 else f"{number}: nothing"
        for number in range(1, ROWS + 1)
    }
    ways = [signal.SIGKILL, signal.SIGTERM, "server killed", "server ended"] * (ROUNDS // 4)
    chance.shuffle(ways)
    backup, was_writing = tmp_path / "backup.jsonl", 0
    with {"postgresql": start_postgresql, "mariadb": start_mariadb}[kind]() as given:
        server, room = Restarted(given), Newsroom(given.new_database())
        try:
            room.make(first)
            backfill = Backfill(room, tmp_path)
            for number, way in enumerate(ways):
                begun = backfill.begin()
                if number % 4:  # while it writes
                    await_lines(backup, chance.randint(1, ROWS // 2 // ROUNDS), begun)
                    time.sleep(chance.uniform(0, 0.05))
                else:
                    time.sleep(chance.uniform(0.5, 1.5))
                if isinstance(way, signal.Signals):
                    begun.send_signal(way)
                else:
                    gentle = signal.SIGINT if kind == "postgresql" else signal.SIGTERM
                    server.stop(signal.SIGKILL if way == "server killed" else gentle)
                    if number % 2:
                        time.sleep(chance.uniform(0, 1))
                    server.start()
                    await_lines(backup, chance.randint(1, ROWS // 2 // ROUNDS), begun)
                    begun.kill()  # it had gone on
                said = ended(begun)
                was_writing += "0 failed" not in said
            backfill.through()
            changes = Counter(each.id for each in room.history())
            assert set(changes.values()) == {1}, changes.most_common(9)
            contents = {number: each.decode() for number, each in room.contents().items()}
            assert contents == {
                number: text.replace(LINK, TARGET) for number, text in first.items()
            }
            assert was_writing >= ROUNDS // 2
            for how in (signal.SIGKILL, signal.SIGTERM):
                changed = len(room.history())
                begun = backfill.begin(back=True)
                await_changes(room, changed + chance.randint(1, ROWS // 6), begun)
                begun.send_signal(how)
                ended(begun)
            backfill.through(back=True)
            contents = {number: each.decode() for number, each in room.contents().items()}
            assert contents == first
        finally:
            server.stop(signal.SIGKILL)
