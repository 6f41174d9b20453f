"""Files that are not what their name says, hold nothing, or are packed in an odd way: read where that is safe, else one clear line."""

import gzip
from pathlib import Path

import pytest
from archives import LINK, TARGET, lines, run

RAW = lines(f"see {LINK} x", "nothing")
DONE = RAW.replace(LINK.encode(), TARGET.encode())


def zstd(raw: bytes) -> bytes:
    """Pack, if that is to be had here."""
    packed: bytes = pytest.importorskip("zstandard").compress(raw)
    return packed


def test_a_packed_pipe_is_unpacked() -> None:
    for packed in (gzip.compress(RAW), zstd(RAW)):
        result = run("backfill", "-", "--to", "-", stdin=packed)

        assert (result.exit_code, result.stdout_bytes) == (0, DONE), result.stderr


@pytest.mark.parametrize(
    ("name", "raw", "why"),
    [
        ("a.csv", "id,content\n".encode("utf-16"), "a.csv: UTF-16; convert it"),
        ("a.csv", "id,content\n".encode("utf-32"), "a.csv: UTF-32; convert it"),
        ("a.xml", "<rss>".encode("utf-16"), "a.xml: UTF-16; convert it"),
        ("-", '{"content":"a"}'.encode("utf-16"), "standard input: UTF-16; convert it"),
        ("a.csv", gzip.compress(b"id,content\n"), "a.csv: packed; name it .gz"),
        ("a.jsonl.gz", gzip.compress(gzip.compress(RAW)), "a.jsonl.gz: packed twice; unpack it once"),
        ("good.tar.gz", gzip.compress(b"x"), "good.tar.gz: one of .jsonl"),
    ],
)
def test_what_is_not_read_is_called_by_its_name(name: str, raw: bytes, why: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    if name != "-":
        (tmp_path / name).write_bytes(raw)
    result = run("backfill", name, stdin=raw)

    assert result.exit_code == 2
    assert result.stderr.startswith(f"tweet-embed: {why}")


@pytest.mark.parametrize("end", [b"", b"\0" * 512, b"\0" * 70_000, b"\0" * 100 + gzip.compress(b"\n")])
def test_zeros_behind_gzip_fill_up_a_block_and_are_no_damage(end: bytes, tmp_path: Path) -> None:
    (tmp_path / "a.jsonl.gz").write_bytes(gzip.compress(RAW) + end)
    assert run("backfill", tmp_path / "a.jsonl.gz", "--to", tmp_path / "b.jsonl").exit_code == 0
    assert (tmp_path / "b.jsonl").read_bytes().rstrip() == DONE.rstrip()


def test_other_bytes_behind_gzip_are_damage(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl.gz").write_bytes(gzip.compress(RAW) + b"\0" * 100 + b"rest")

    assert run("backfill", tmp_path / "a.jsonl.gz", "--to", tmp_path / "b.jsonl").exit_code == 1


@pytest.mark.parametrize("raw", [b"", b"\n \r\n", b"\xef\xbb\xbf", b"\xef\xbb\xbf\n", b" " * 200_000])
@pytest.mark.parametrize("name", ["a.csv", "a.tsv", "a.jsonl", "a.xml", "a.json", "-", "a.csv.gz"])
def test_a_file_with_nothing_in_it_is_an_archive_without_articles(name: str, raw: bytes, tmp_path: Path) -> None:
    source, to = tmp_path / name if name != "-" else name, tmp_path / "to"
    (tmp_path / name).write_bytes(gzip.compress(raw) if name.endswith(".gz") else raw)
    result = run("backfill", source, "--to", to, stdin=raw)

    assert result.exit_code == 0, result.stderr
    assert "0 articles: 0 changed, 0 unchanged, 0 failed" in result.stderr
    assert to.read_bytes() == raw
