"""What a run finds where it is to write: its own file of before, somebody else's, another run's."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from archives import LINK, TARGET, lines, run
from rest import ON_RECORDED

from service.backfill.archive_errors import EditedError
from service.backfill.safety.atomic_files import AtomicFileWriter, lock_below, sweep
from service.backfill.steps.write_files import splice

RAW = lines(f"see {LINK} x")
DONE = RAW.replace(LINK.encode(), TARGET.encode())
KILLED_AT_THE_NAME = """
import os, signal, sys
os.replace = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
from service.cli import app
app(sys.argv[1:])
"""

NO_ROOM = """
import resource, sys
from service.cli import app
resource.setrlimit(resource.RLIMIT_FSIZE, (65536, 65536))
app(sys.argv[1:])
"""


def killed(*command: str | Path) -> None:
    """Run a command that is killed when the new file is to take its name."""
    ended = subprocess.run(
        [sys.executable, "-c", KILLED_AT_THE_NAME, *map(str, command)],
        env=os.environ | ON_RECORDED,
        capture_output=True,
        check=False,
    )
    assert ended.returncode == -signal.SIGKILL, ended.stderr


def test_killed_while_it_writes_its_own_file_anew_it_goes_on(tmp_path: Path) -> None:
    source, to = tmp_path / "a.jsonl", tmp_path / "b.jsonl"
    source.write_bytes(RAW)
    assert run("backfill", source, "--to", to).exit_code == 0
    source.write_bytes(RAW * 2)
    for _ in range(2):
        killed("backfill", source, "--to", to)
        assert to.read_bytes() == DONE
    result = run("backfill", source, "--to", to)

    assert (result.exit_code, to.read_bytes()) == (0, DONE * 2), result.stderr
    to.write_bytes(DONE)
    assert run("backfill", source, "--to", to).exit_code == 2


@pytest.mark.parametrize("name", ["to.csv", "to.csv.gz", "to.json", "to.XML"])
def test_a_name_that_tells_of_another_kind_of_archive_is_refused(name: str, tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(RAW)
    result = run("backfill", tmp_path / "a.jsonl", "--to", tmp_path / name)

    assert (result.exit_code, (tmp_path / name).exists()) == (2, False)
    assert result.stderr.endswith("the name is to end in .jsonl or .ndjson\n")
    for other in ("to.ndjson", "to.jsonl.gz", "to.part"):
        assert run("backfill", tmp_path / "a.jsonl", "--to", tmp_path / other).exit_code == 0


def test_a_checkpoint_for_which_there_is_no_room_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(RAW)
    ended = subprocess.run(
        [sys.executable, "-c", NO_ROOM, "backfill", tmp_path / "a.jsonl", "--in-place"],
        env=os.environ | ON_RECORDED,
        capture_output=True,
        text=True,
        check=False,
    )

    assert (ended.returncode, (tmp_path / "a.jsonl").read_bytes()) == (4, RAW)
    assert f"{tmp_path / '.a.jsonl.tweet-embed-state'}: the checkpoint" in ended.stderr
    assert "--state" in ended.stderr


def test_bytes_that_are_gone_meanwhile_are_missed(tmp_path: Path) -> None:
    """A shorter source is no whole copy, whoever copies."""
    (tmp_path / "a").write_bytes(b"x" * 10)
    for by_kernel in (True, False):
        new = AtomicFileWriter(tmp_path / "b")
        copy = new.copy if by_kernel else None
        with (tmp_path / "a").open("rb") as file, pytest.raises(EditedError, match="shorter"):
            splice(file, (0, 11), [], new.write, lambda *_: None, lambda _: None, copy)
        new.abandon()


def test_two_runs_do_not_write_one_file_at_once(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(RAW)
    to = tmp_path / "b.jsonl"
    other = AtomicFileWriter(to)
    other.write(b"half")
    result = run("backfill", tmp_path / "a.jsonl", "--to", to, "--state", tmp_path / "s")

    assert result.exit_code == 4
    assert f"{to}: another run is writing it" in result.stderr
    sweep(tmp_path)  # as a run on a folder around it would
    other.finish()
    other.commit()
    assert to.read_bytes() == b"half"


def test_an_attribute_that_cannot_be_set_costs_no_other(tmp_path: Path) -> None:
    like = tmp_path / "like"
    like.write_bytes(b"")
    try:
        os.setxattr(like, "user.a", b"1")
        os.setxattr(like, "user.z", b"2")
    except OSError:
        pytest.skip("the disk keeps no attributes")
    new = AtomicFileWriter(tmp_path / "new", like)
    new.finish()
    new.commit()
    assert sorted(os.listxattr(tmp_path / "new")) == ["user.a", "user.z"]


def test_a_folder_and_one_in_it_are_not_worked_on_at_once(tmp_path: Path) -> None:
    folder, kept = tmp_path / "p", tmp_path / "b.jsonl"
    for name in ("a", "b"):
        (folder / name).mkdir(parents=True)
        (folder / name / "1.html").write_bytes(b"<p>nothing</p>")
    own = ("--in-place", "--state", tmp_path / "s", "--backup", kept)
    for held, place, code in (
        (folder, folder / "a", 2),
        (folder / "a", folder, 2),
        (folder / "a", folder / "b", 0),
    ):
        locked = lock_below(held)
        try:
            result = run("backfill", place, *own, "--restart")
            assert result.exit_code == code, result.stderr
            assert ("another run is at work on it" in result.stderr) == bool(code)
        finally:
            for each in locked:
                os.close(each)
