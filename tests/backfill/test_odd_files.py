"""Files that are not what their name says, hold nothing, or are packed in an odd way: read where
that is safe, else one clear line.
"""

import gzip
from pathlib import Path

import pytest
from archives import LINK, TARGET, lines, run
from zstandard_packing import zstd

RAW = lines(f"see {LINK} x", "nothing")
DONE = RAW.replace(LINK.encode(), TARGET.encode())


def test_a_packed_pipe_is_unpacked() -> None:
    for packed in (gzip.compress(RAW, mtime=0), zstd.compress(RAW)):
        result = run("backfill", "-", "--to", "-", stdin=packed)

        assert (result.exit_code, result.stdout_bytes) == (0, DONE), result.stderr


@pytest.mark.parametrize(
    ("name", "raw", "why"),
    [
        ("a.csv", "id,content\n".encode("utf-16"), "a.csv: UTF-16; convert it"),
        ("a.csv", "id,content\n".encode("utf-32"), "a.csv: UTF-32; convert it"),
        ("a.xml", "<rss>".encode("utf-16"), "a.xml: UTF-16; convert it"),
        ("-", '{"content":"a"}'.encode("utf-16"), "standard input: UTF-16; convert it"),
        ("a.csv", gzip.compress(b"id,content\n", mtime=0), "a.csv: packed; name it .gz"),
        (
            "a.jsonl.gz",
            gzip.compress(gzip.compress(RAW, mtime=0)),
            "a.jsonl.gz: packed twice; unpack it once",
        ),
        ("a.jsonl", b'[\n {"content": "a"}\n]\n', "a.jsonl: an array of JSON; an object a line"),
        ("a.json", b'[{"content": "a"}]', "a.json: an array of JSON; an object a line"),
        ("-", b'[{"content": "a"}]', "standard input: an array of JSON; an object a line"),
        ("good.tar.gz", gzip.compress(b"x", mtime=0), "good.tar.gz: one of .jsonl"),
    ],
)
def test_what_is_not_read_is_called_by_its_name(
    name: str,
    raw: bytes,
    why: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    if name != "-":
        (tmp_path / name).write_bytes(raw)
    result = run("backfill", name, stdin=raw)

    assert result.exit_code == 2
    assert result.stderr.startswith(f"tweet-embed: {why}")


@pytest.mark.parametrize(
    "end",
    [b"", b"\0" * 512, b"\0" * 70_000, b"\0" * 100 + gzip.compress(b"\n", mtime=0)],
)
def test_zeros_behind_gzip_fill_up_a_block_and_are_no_damage(end: bytes, tmp_path: Path) -> None:
    (tmp_path / "a.jsonl.gz").write_bytes(gzip.compress(RAW, mtime=0) + end)
    assert run("backfill", tmp_path / "a.jsonl.gz", "--to", tmp_path / "b.jsonl").exit_code == 0
    assert (tmp_path / "b.jsonl").read_bytes().rstrip() == DONE.rstrip()


def test_other_bytes_behind_gzip_are_damage(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl.gz").write_bytes(gzip.compress(RAW, mtime=0) + b"\0" * 100 + b"rest")

    assert run("backfill", tmp_path / "a.jsonl.gz", "--to", tmp_path / "b.jsonl").exit_code == 1


@pytest.mark.parametrize(
    "raw",
    [b"", b"\n \r\n", b"\xef\xbb\xbf", b"\xef\xbb\xbf\n", b" " * 200_000],
)
@pytest.mark.parametrize("name", ["a.csv", "a.tsv", "a.jsonl", "a.xml", "a.json", "-", "a.csv.gz"])
def test_a_file_with_nothing_in_it_is_an_archive_without_articles(
    name: str,
    raw: bytes,
    tmp_path: Path,
) -> None:
    source, to = tmp_path / name if name != "-" else name, tmp_path / "to"
    (tmp_path / name).write_bytes(gzip.compress(raw, mtime=0) if name.endswith(".gz") else raw)
    result = run("backfill", source, "--to", to, stdin=raw)

    assert result.exit_code == 0, result.stderr
    assert "0 articles: 0 changed, 0 unchanged, 0 failed" in result.stderr
    assert to.read_bytes() == raw


ITEMS = "<rss><title>t</title>{}</rss>".format(
    f"<item><title>a</title><!-- <nosuch> --><content:encoded><![CDATA[<nosuch>{LINK}"
    " x</nosuch>]]></content:encoded></item>" * 3,
)


@pytest.mark.parametrize("flags", [[], ["--report", "r"], ["--limit", "1"], ["--shard", "2/2"]])
def test_an_element_that_is_in_no_item_is_told_with_those_there_are(
    flags: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.xml").write_text(ITEMS)
    result = run("backfill", "a.xml", "--field", "nosuch", *flags)

    assert result.exit_code == 2
    assert (
        "no element 'nosuch' in any item; there is: title, content:encoded (see --field)"
        in result.stderr
    )


@pytest.mark.parametrize(
    "item",
    ["<item><title>a</title></item>", "<item><content:encoded/></item>"],
)
def test_an_item_may_be_without_the_element(item: str, tmp_path: Path) -> None:
    (tmp_path / "a.xml").write_text(ITEMS.replace("<item>", f"{item}<item>", 1))

    assert (
        "4 articles: 3 would change, 1 unchanged, 0 failed"
        in run("backfill", tmp_path / "a.xml").stderr
    )
