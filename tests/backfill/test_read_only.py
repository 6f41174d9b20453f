"""A folder, or a file, that cannot be written: a clear line, the right exit code, and nothing is
touched.
"""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from archives import LINK, TARGET, lines, run
from standin_x import StandIn

BY_ATTRIBUTE = (["chattr", "+i"], ["chattr", "-i"])
BY_MOUNT = (["mount", "--bind", "-o", "ro"], ["umount"])


def done(way: list[str], folder: Path) -> bool:
    """Return whether a command could be done to a folder: `mount` wants it twice."""
    command = [*way, *[str(folder)] * (2 if way[0] == "mount" else 1)]
    return (
        bool(shutil.which(way[0]))
        and not subprocess.run(command, capture_output=True, check=False).returncode
    )


@contextmanager
def read_only(
    folder: Path, *ways: tuple[list[str], list[str]], unless_root: bool = True
) -> Iterator[None]:
    """Make a folder one in which nothing can be made or renamed; for root, whom permissions do not
    bind, by attribute or by mount, or by the first of `ways` that is possible.
    """
    if unless_root and os.geteuid():
        folder.chmod(0o555)
        try:
            yield
        finally:
            folder.chmod(0o755)
        return
    undo = next((back for way, back in ways or (BY_ATTRIBUTE, BY_MOUNT) if done(way, folder)), None)
    if undo is None:
        pytest.skip("permissions do not bind root, and there is no other way here")
    try:
        yield
    finally:
        subprocess.run([*undo, str(folder)], check=True)


def test_a_read_only_folder_is_told_before_the_work(tmp_path: Path) -> None:
    folder = tmp_path / "p"
    folder.mkdir()
    (folder / "a.jsonl").write_bytes(lines(f"see {LINK} x"))
    with read_only(folder):
        result = run("backfill", folder / "a.jsonl", "--in-place")

    assert result.exit_code == 2
    assert "cannot be written in" in result.stderr
    assert "nothing was begun" in result.stderr
    assert (folder / "a.jsonl").read_bytes() == lines(f"see {LINK} x")


@pytest.mark.parametrize("ways", [(), (BY_MOUNT,)], ids=["usual", "mount"])
def test_a_read_only_folder_is_left_alone_and_the_rest_is_done(
    tmp_path: Path, ways: tuple[tuple[list[str], list[str]], ...]
) -> None:
    for name in ("a", "b", "c"):
        (tmp_path / "p" / name).mkdir(parents=True)
        (tmp_path / "p" / name / "1.html").write_text(f"<p>see {LINK} x</p>")
    with read_only(tmp_path / "p" / "b", *ways, unless_root=not ways):
        result = run("backfill", tmp_path / "p", "--in-place")

        assert result.exit_code == 1
        assert "skipped: b/1.html: " in result.stderr
        assert "Traceback" not in result.stderr
    assert [
        TARGET in (tmp_path / "p" / name / "1.html").read_text() for name in ("a", "b", "c")
    ] == [True, False, True]
    assert not list((tmp_path / "p").rglob("*.part"))
    assert run("backfill", tmp_path / "p", "--in-place").exit_code == 0
    assert TARGET in (tmp_path / "p" / "b" / "1.html").read_text()


def test_a_read_only_destination_stops_it_and_it_goes_on(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(lines(f"see {LINK} x"))
    (tmp_path / "p").mkdir()
    arguments = (
        "backfill",
        tmp_path / "a.jsonl",
        "--to",
        tmp_path / "p" / "b.jsonl",
        "--state",
        tmp_path / "state",
    )
    with read_only(tmp_path / "p"):
        result = run(*arguments)

    assert result.exit_code == 2, result.stderr
    assert "cannot be written in" in result.stderr
    assert not list((tmp_path / "p").iterdir())
    assert run(*arguments).exit_code == 0
    assert (tmp_path / "p" / "b.jsonl").read_bytes() == lines(f"see {TARGET} x")


@pytest.mark.parametrize("flag", ["--report", "--report-html", "--backup"])
def test_a_report_that_cannot_be_written_is_told_before_the_work(
    flag: str,
    tmp_path: Path,
    x: StandIn,
) -> None:
    (tmp_path / "a.jsonl").write_bytes(lines("https://t.co/abcdefghij x"))
    (tmp_path / "p").mkdir()
    with read_only(tmp_path / "p"):
        result = run(
            "backfill",
            tmp_path / "a.jsonl",
            "--in-place",
            flag,
            tmp_path / "p" / "r",
            environment={"TWEET_EMBED_RECORDED": ""},
        )

    assert (result.exit_code, x.asked) == (2, [])
    assert f"{tmp_path / 'p' / 'r'}: nothing can be written in its folder" in result.stderr
