"""Restoring from a backup that is damaged, or into files that cannot be written: what is sound
comes back, and the rest is told of.
"""

import json
from pathlib import Path

import pytest
from archives import LINK, TARGET, lines, run
from databases import Database
from test_read_only import read_only

BEFORE = lines(*(f"{number} {LINK} x" for number in range(4)))
AFTER = BEFORE.replace(LINK.encode(), TARGET.encode())
DAMAGED = "its original in the backup is damaged; it was left alone"


@pytest.fixture
def backup(tmp_path: Path) -> Path:
    """Return the backup of a file `a.jsonl` beside it that was changed."""
    (tmp_path / "a.jsonl").write_bytes(BEFORE)
    assert run("backfill", tmp_path / "a.jsonl", "--in-place").exit_code == 0
    assert (tmp_path / "a.jsonl").read_bytes() == AFTER
    return tmp_path / "a.jsonl.tweet-embed-backup.jsonl"


def only(number: int) -> bytes:
    """Return the archive with all articles but one as they were."""
    before, after = BEFORE.splitlines(keepends=True), AFTER.splitlines(keepends=True)
    return b"".join(before[:number] + after[number : number + 1] + before[number + 1 :])


@pytest.mark.parametrize(
    ("old", "new"), [(b'"\\"2 ', b'"\\"X '), (b'"\\"2 ', b'"\\ud800\\"2 '), (b'"before"', b'"b"')]
)
def test_an_original_that_is_damaged_is_not_put_back(old: bytes, new: bytes, backup: Path) -> None:
    told = backup.read_bytes().splitlines(keepends=True)
    assert old in told[2]
    told[2] = told[2].replace(old, new)
    backup.write_bytes(b"".join(told))
    result = run("restore", backup, backup.parent / "a.jsonl")

    assert result.exit_code == 1
    assert "3 restored, 0 were as before, 1 left alone" in result.stderr
    assert (backup.parent / "a.jsonl").read_bytes() == only(2)


def test_an_original_that_is_cut_off_is_missed_where_its_article_was_changed(backup: Path) -> None:
    backup.write_bytes(backup.read_bytes()[:-20])
    result = run("restore", backup, backup.parent / "a.jsonl")

    assert result.exit_code == 1
    assert f"line 4, id a3: {DAMAGED}" in result.stderr
    assert (backup.parent / "a.jsonl").read_bytes() == only(3)


def test_a_last_line_of_a_run_that_was_killed_is_not_missed(backup: Path) -> None:
    before, after = BEFORE.splitlines(keepends=True), AFTER.splitlines(keepends=True)
    (backup.parent / "a.jsonl").write_bytes(b"".join([*after[:3], before[3]]))
    backup.write_bytes(backup.read_bytes()[:-20])
    result = run("restore", backup, backup.parent / "a.jsonl")

    assert (result.exit_code, (backup.parent / "a.jsonl").read_bytes()) == (0, BEFORE)


@pytest.mark.parametrize(
    "wrong",
    [
        b"",
        b"x",
        b"[]",
        b'{"n": 99999999999999999999}',
        b"[" * 100_000,
        b'{"file": 5, "before": ""}',
    ],
)
def test_a_line_that_is_none_is_told_and_the_others_serve(wrong: bytes, backup: Path) -> None:
    told = backup.read_bytes().splitlines(keepends=True)
    backup.write_bytes(b"".join([*told[:2], wrong + b"\n", *told[3:]]))
    result = run("restore", backup, backup.parent / "a.jsonl")

    assert result.exit_code == 1
    assert "line 3 of the backup is damaged; what it kept is lost" in result.stderr
    assert (backup.parent / "a.jsonl").read_bytes() == only(2)


def test_a_file_that_is_no_backup_is_refused(backup: Path) -> None:
    backup.write_bytes(b"\xff" + backup.read_bytes())
    for command in (
        ("restore", backup, backup.parent / "a.jsonl"),
        ("backfill", backup.parent / "a.jsonl", "--in-place"),
    ):
        result = run(*command)

        assert result.exit_code == 2
        assert f"{backup}: line 1 is no line of a backup" in result.stderr
        assert "scan" not in result.stderr


def test_a_run_does_not_lean_on_an_original_that_is_damaged(backup: Path) -> None:
    (backup.parent / "a.jsonl").write_bytes(BEFORE)
    backup.write_bytes(backup.read_bytes().replace(b'"\\"2 ', b'"\\"X '))
    assert run("backfill", backup.parent / "a.jsonl", "--in-place").exit_code == 0
    assert run("restore", backup, backup.parent / "a.jsonl").exit_code == 0
    assert (backup.parent / "a.jsonl").read_bytes() == BEFORE


def test_a_row_gets_no_damaged_original(database: Database) -> None:
    articles = {number: f"{LINK} <b>{number}</b>" for number in (1, 2, 3)}
    database.make(articles=dict(articles))
    assert database.backfill("--in-place")[0] == 0
    kept = database.folder / "b.jsonl"
    told = kept.read_bytes().splitlines(keepends=True)
    kept.write_bytes(told[0].replace(b"<b>1", b"<b>9") + told[1] + told[2][:-30])
    code, said = database.restore()

    assert code == 1
    assert f"id 1: {DAMAGED}" in said
    assert f"id 3: {DAMAGED}" in said
    changed = {number: articles[number].replace(LINK, TARGET) for number in (1, 3)}
    assert database.contents() == changed | {2: articles[2]}
    kept.write_bytes(told[0].replace(b"<b>1", b"<b>9"))
    code, said = database.restore()

    assert (code, "every original in it is damaged" in said) == (2, True)


def test_a_file_that_cannot_be_restored_is_told_and_the_rest_is(tmp_path: Path) -> None:
    folder, kept = tmp_path / "p", tmp_path / "b.jsonl"
    for name in ("a", "b", "c", "d"):
        (folder / name).mkdir(parents=True)
        (folder / name / "1.html").write_text(f"<p>see {LINK} x</p>")
    assert run("backfill", folder, "--in-place", "--backup", kept).exit_code == 0
    (folder / "d" / "2.html").hardlink_to(folder / "d" / "1.html")
    with read_only(folder / "b"):
        result = run("restore", kept, folder)

    assert result.exit_code == 1, result.stderr
    assert "b/1.html: " in result.stderr
    assert "d/1.html: has other names (hard links)" in result.stderr
    assert "2 restored, 0 were as before, 2 left alone" in result.stderr
    assert [LINK in (folder / name / "1.html").read_text() for name in "abcd"] == [
        True,
        False,
        True,
        False,
    ]


def test_lines_of_a_backup_may_have_been_written_by_other_hands(backup: Path) -> None:
    told = [json.loads(line) for line in backup.read_text().splitlines()]
    backup.write_text("".join(json.dumps(each, sort_keys=True) + "\r\n" for each in told))
    result = run("restore", backup, backup.parent / "a.jsonl")

    assert (result.exit_code, (backup.parent / "a.jsonl").read_bytes()) == (0, BEFORE)
