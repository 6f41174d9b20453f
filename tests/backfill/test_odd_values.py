"""Records that hold what hardly any does: each is read as others read it, or told and passed
through.
"""

import json
from pathlib import Path

import pytest
from archives import LINK, TARGET, report, run
from databases import Database

L, G = LINK.encode(), TARGET.encode()


def changed(name: str, raw: bytes, folder: Path, *flags: str) -> tuple[int, bytes, str]:
    """Write an archive anew; give the exit code, what it is then, and what was told."""
    (folder / name).write_bytes(raw)
    result = run("backfill", folder / name, "--to", folder / "to", *flags)
    assert "Traceback" not in result.stderr
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    made = folder / "to"
    return result.exit_code, made.read_bytes() if made.exists() else b"", result.stderr


@pytest.mark.parametrize(
    ("name", "raw"),
    [
        ("a.jsonl", b'{"id":"\\ud800","url":"\\udfff","content":"%s x"}\n'),
        ("a.jsonl", b'{"id":["\\ud800"],"date":"\\ud800","content":"%s x"}\n'),
        ("a.json", b'{"db":[{"data":{"posts":[{"id":"\\ud800","html":"%s x"}]}}]}'),
    ],
)
def test_half_a_character_in_an_id_harms_nobody(name: str, raw: bytes, tmp_path: Path) -> None:
    told = tmp_path / "r.jsonl"
    (tmp_path / name).write_bytes(raw % L)
    result = run(
        "backfill",
        tmp_path / name,
        "--report",
        told,
        "--sources",
        "index,snapshot",
        environment={
            "TWEET_EMBED_CONTACT": "desk@paper.example",
            "TWEET_EMBED_CACHE_PATH": str(tmp_path / "store.sqlite"),
        },
    )
    assert result.exit_code == 0, result.stderr
    assert "\\ud800" in str(report(told)[0]["id"])
    assert run("backfill", tmp_path / name, "--in-place").exit_code == 0
    assert (tmp_path / name).read_bytes() == raw % G
    kept = tmp_path / f"{name}.tweet-embed-backup.jsonl"
    assert run("restore", kept, tmp_path / name).exit_code == 0
    assert (tmp_path / name).read_bytes() == raw % L


def test_the_json_of_an_editor_is_told_and_passed_through(tmp_path: Path) -> None:
    article = json.dumps({"blocks": [{"type": "paragraph", "data": {"text": f"<p>{LINK} x</p>"}}]})
    raw = json.dumps({"content": article}).encode() + b'\n{"content":"%s x"}\n' % L
    code, made, said = changed("a.jsonl", raw, tmp_path)

    assert (code, made) == (1, raw.replace(b'"%s x' % L, b'"%s x' % G)), said
    assert "line 1: JSON of an editor" in said
    (tmp_path / "to").unlink()
    assert changed("a.jsonl", raw, tmp_path, "--format", "text")[0] == 0


def test_half_a_character_in_a_name_is_told(tmp_path: Path) -> None:
    raw = b'{"\\ud800":1}\n' + json.dumps({"content": LINK}).encode() + b"\n"
    code, made, said = changed("a.jsonl", raw, tmp_path)

    assert (code, made) == (1, raw.replace(L, G))
    assert "no member 'content'; there is: \\" in said


@pytest.mark.parametrize(
    ("raw", "done"),
    [
        (b'id,content\n1,a "b" %s\n', b'id,content\n1,a "b" %s\n'),  # quotes in a bare cell
        (b'id,content\n1,x" %s\r\n', b'id,content\n1,x" %s\r\n'),
        (b"\r\n\n\nid,content\n1,%s\n", b"\r\n\n\nid,content\n1,%s\n"),  # blank lines first
    ],
)
def test_a_cell_keeps_its_manner(raw: bytes, done: bytes, tmp_path: Path) -> None:
    assert changed("a.csv", raw % L, tmp_path)[:2] == (0, done % G)


def test_lines_are_counted_from_the_top_behind_blank_ones(tmp_path: Path) -> None:
    said = changed("a.csv", b"\n\nid,content\n1,%s\n2\n" % L, tmp_path)[2]
    assert "unreadable: line 5: 1 fields" in said


@pytest.mark.parametrize("flags", [(), ("--report", "r")])
def test_quotes_with_backslashes_are_not_taken_for_doubled_ones(
    flags: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    raw = b'id,content\n1,"<a href=\\"%s\\">x</a>"\n2,"a \\"b\\" c"\n3,%s\n' % (L, L)
    code, made, said = changed("a.csv", raw, tmp_path, *flags)

    assert (code, made) == (1, raw.replace(b"3,%s" % L, b"3,%s" % G))
    assert said.count("something stands behind the quote that closes the content") == 2


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (b"id,content,x\r1,%s,y\r", "lines end in CR alone; convert them"),
        (b"id,content\r1,%s\r", "lines end in CR alone; convert them"),
        (b"content,content\n%s,x\n", "2 columns are named 'content'"),
    ],
)
def test_a_header_that_leaves_doubts_is_refused(raw: bytes, why: str, tmp_path: Path) -> None:
    code, made, said = changed("a.csv", raw % L, tmp_path)
    assert (code, made, why in said) == (2, b"", True), said


@pytest.mark.parametrize("kept", [b"a&nbsp;b", b"caf\xe9"])
def test_what_wordpress_kept_of_an_embed_and_is_no_text_costs_no_article(
    kept: bytes, tmp_path: Path
) -> None:
    meta = b"<wp:meta_key>_oembed_0a</wp:meta_key><wp:meta_value>%s</wp:meta_value>" % kept
    raw = (
        b"<rss><item><content:encoded><![CDATA[<p>%s</p>]]></content:encoded>"
        + meta
        + b"</item></rss>"
    )
    raw = raw.replace(b"%s", L)
    assert changed("a.xml", raw, tmp_path)[:2] == (0, raw.replace(L, G))


def test_a_file_with_several_names_is_copied_and_not_replaced(tmp_path: Path) -> None:
    folder = tmp_path / "p"
    folder.mkdir()
    (folder / "a.html").write_bytes(b"<p>%s</p>" % L)
    (folder / "b.html").hardlink_to(folder / "a.html")
    assert run("backfill", folder, "--to", tmp_path / "to").exit_code == 0
    assert [each.read_bytes() for each in sorted((tmp_path / "to").iterdir())] == [
        b"<p>%s</p>" % G
    ] * 2
    result = run("backfill", folder, "--in-place")
    assert result.exit_code == 1
    assert "skipped: b.html: has other names (hard links)" in result.stderr
    assert (folder / "a.html").read_bytes() == b"<p>%s</p>" % L


def test_a_destination_in_no_folder_is_told_as_that(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(b'{"content":""}\n')
    result = run("backfill", tmp_path / "a.jsonl", "--to", tmp_path / "no" / "b.jsonl")
    assert result.exit_code == 2
    assert f"there is no folder {tmp_path / 'no'}; make it first" in result.stderr


@pytest.mark.parametrize("key", ["NULL", "x'ff'", "CAST(x'ff' AS TEXT)"])
def test_a_key_that_is_no_text_is_told(key: str, sqlite: Database) -> None:
    sqlite.make("id text PRIMARY KEY, content text")
    each = "NULL" if key == "NULL" else "CAST(n AS TEXT)"
    sqlite.ask(
        "WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t LIMIT 201)"  # noqa: S608
        f" INSERT INTO posts SELECT {each}, :content FROM t UNION ALL SELECT {key}, :content",
        content=f"{LINK} x",
    )
    code, said = sqlite.backfill()

    assert code == 2
    assert "--key: posts.id is" in said
