"""Every kind of archive: what changes is the content of its articles, and not one byte beside
it.
"""

import csv
import gzip
import io
import json
from pathlib import Path

import pytest
from archives import LINK, TARGET, TWEET, lines, report, run
from hypothesis import given
from hypothesis import strategies as st
from zstandard_packing import zstd

from service.backfill.sources.byte_prefilter import has_trace
from service.backfill.sources.csv import CsvFile
from service.backfill.sources.json_spans import read_string, write_string
from service.backfill.sources.jsonl import JsonLinesFile
from service.backfill.sources.layout import ScanProgress
from service.core.detect import detect
from service.core.model import Format


def changed(folder: Path, name: str, raw: bytes, *arguments: str) -> bytes:
    """Run it to another file; restore what in-place does; give the changed bytes."""
    source, to = folder / name, folder / f"out-{name}"
    source.write_bytes(raw)
    result = run("backfill", source, "--to", to, *arguments)
    assert result.exit_code == 0, result.stderr
    assert source.read_bytes() == raw

    in_place = run(
        "backfill",
        source,
        "--in-place",
        "--backup",
        folder / "backup.jsonl",
        *arguments,
    )
    assert in_place.exit_code == 0, in_place.stderr
    assert source.read_bytes() == to.read_bytes()
    fields = arguments if "--field" in arguments else ()
    if source.read_bytes() != raw:
        restored = run("restore", folder / "backup.jsonl", source, *fields)
        assert (restored.exit_code, source.read_bytes()) == (0, raw), restored.stderr
    return to.read_bytes()


@pytest.mark.parametrize(
    "raw",
    [
        (
            b'\xef\xbb\xbf{"content": "LINK x",  "id":1}\r\n\r\n{ "b":[{"content":"LINK'
            b' x"}],"content" : "LINK x" }'
        ),
        b'{"content":"https:\\/\\/t.co\\/Rk2Ys9Mf4A x"}\n',
        (
            b'{"content":"\\u0068ttps://t\\u002eco\\u002fRk2Ys9Mf4A \\u003cb\\u003e'
            b' \\u00e9"}\n{"content": null, "x": "LINK"}\n'
        ),
        b'{"content":"LINK x","content":"LINK y"}\n{"content":"a","n":1e400,"m":-0.0}\n',
        '{"é":1,"content":"é LINK 😀"}\n{"id":"LINK","content":""}\n'.encode(),
    ],
)
def test_json_lines_change_by_the_value_alone(raw: bytes, tmp_path: Path) -> None:
    raw = raw.replace(b"LINK", LINK.encode())
    after = changed(tmp_path, "a.jsonl", raw)

    for one, other in zip(raw.splitlines(), after.splitlines(), strict=True):
        if not one.strip():
            continue
        before, now = (json.loads(each.removeprefix(b"\xef\xbb\xbf")) for each in (one, other))
        assert now == before | (
            {"content": before["content"].replace(LINK, TARGET)} if before["content"] else {}
        )
    assert after.count(b"\\/") == raw.count(b"\\/")


def test_a_dotted_field(tmp_path: Path) -> None:
    after = changed(
        tmp_path,
        "a.ndjson",
        b'{"content":"x","data":{"body":"see %s x"}}\n' % LINK.encode(),
        "--field",
        "data.body",
    )

    assert after == b'{"content":"x","data":{"body":"see %s x"}}\n' % TARGET.encode()


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
@pytest.mark.parametrize(("name", "delimiter"), [("a.csv", ","), ("a.csv", ";"), ("a.tsv", "\t")])
def test_tables_change_by_the_cell_alone(
    name: str,
    delimiter: str,
    ending: str,
    tmp_path: Path,
) -> None:
    rows = [
        ["id", "x", "content"],
        ["1", 'a "b"', f"<p>see {LINK} x</p>{ending}{ending}{TWEET}"],
        ["2", "c\nd", f'see {LINK} "q"'],
        ["3", '5" disk', LINK + " x"],
        ["4", "", ""],
    ]
    written = io.StringIO()
    csv.writer(written, delimiter=delimiter, lineterminator=ending).writerows(rows)
    raw = "\ufeff" + written.getvalue().replace(
        "3" + delimiter + '"5"" disk"',
        "3" + delimiter + '5" disk',
    )
    after = changed(tmp_path, name, raw.encode()).decode()
    found = list(csv.reader(io.StringIO(after, newline=""), delimiter=delimiter))

    assert [row[:2] for row in found[1:]] == [row[:2] for row in rows[1:]]
    assert found[2][2] == f'see {TARGET} "q"'
    assert found[3][2] == TARGET + " x"
    assert 'class="twitter-tweet"' in found[1][2]
    assert after.endswith(raw[-len(f"4{delimiter}{delimiter}{ending}") :])


def test_files_keep_their_front_matter_and_mode(tmp_path: Path) -> None:
    folder = tmp_path / "posts"
    (folder / "de ep").mkdir(parents=True)
    front = f"---\r\ntitle: {LINK} x\r\n---\r\n"
    page = folder / "de ep" / "ü.md"
    page.write_bytes(f"\ufeff{front}see {LINK} x\r\n".encode())
    page.chmod(0o640)
    (folder / "a.html").write_text("<p>nothing</p>")
    (folder / ".hidden.md").write_text(LINK)
    (folder / "image.png").write_bytes(LINK.encode())
    (tmp_path / "outside.md").write_text(f"see {LINK} x")
    (folder / "link.md").symlink_to(tmp_path / "outside.md")
    untouched = (folder / "a.html").stat().st_mtime_ns, (folder / "a.html").stat().st_ino
    result = run("backfill", folder, "--in-place")

    assert result.exit_code == 1
    assert "skipped: link.md: a symbolic link" in result.stderr
    assert page.read_bytes() == f"\ufeff{front}see {TARGET} x\r\n".encode()
    assert page.stat().st_mode & 0o777 == 0o640
    assert ((folder / "a.html").stat().st_mtime_ns, (folder / "a.html").stat().st_ino) == untouched
    assert (folder / ".hidden.md").read_text() == (folder / "image.png").read_text() == LINK
    assert (tmp_path / "outside.md").read_text() == f"see {LINK} x"
    assert run("restore", tmp_path / "posts.tweet-embed-backup.jsonl", folder).exit_code == 0
    assert page.read_bytes() == f"\ufeff{front}see {LINK} x\r\n".encode()


def test_a_folder_to_another_is_whole(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "1.txt").write_text(f"see {LINK} x")
    (tmp_path / "a" / "2.html").write_text("<p>nothing</p>")
    for _ in range(2):
        assert run("backfill", tmp_path / "a", "--to", tmp_path / "b").exit_code == 0

    assert {each.name: each.read_text() for each in (tmp_path / "b").iterdir()} == {
        "1.txt": f"see {TARGET} x",
        "2.html": "<p>nothing</p>",
    }


WXR = """<?xml version="1.0" encoding="UTF-8"?>\r
<!-- <item><content:encoded><![CDATA[ LINK x ]]></content:encoded></item> -->
<rss><channel><title>LINK x</title>
<item><title><![CDATA[</item> LINK x <content:encoded>]]></title><wp:post_id>7</wp:post_id>
 <content:encoded><![CDATA[<p>see LINK x ]]]]>\
<![CDATA[> </content:encoded> </p>]]></content:encoded>
 <excerpt:encoded><![CDATA[LINK x]]></excerpt:encoded></item>
<item><content:encoded>&lt;p&gt;see LINK x &amp;amp; &#228;&lt;/p&gt;</content:encoded></item>
<item><content:encoded/></item><item><content:encoded><![CDATA[]]></content:encoded></item>
</channel></rss>
"""


def test_wordpress_exports_change_by_the_content_alone(tmp_path: Path) -> None:
    raw = WXR.replace("LINK", LINK)
    after = changed(tmp_path, "a.xml", raw.encode()).decode()

    first = raw.replace(f"<p>see {LINK} x ", f"<p>see {TARGET} x ")
    assert after == first.replace(
        f"&lt;p&gt;see {LINK} x &amp;amp; &#228;",
        f"&lt;p&gt;see {TARGET} x &amp;amp; ä",
    )


def test_what_a_wordpress_export_holds_is_html(tmp_path: Path) -> None:
    post = f"- no list\n\n```\n{LINK}\n```\n"
    raw = f"<rss><item><content:encoded><![CDATA[{post}]]></content:encoded></item></rss>"

    after = changed(tmp_path, "a.xml", raw.encode()).decode()

    assert after == raw.replace(LINK, TARGET)


def test_ghost_exports_change_by_the_html_alone(tmp_path: Path) -> None:
    post = (
        '{"id":"%d", "title":"LINK x","html" : "<p>see LINK x<\\/p>","lexical":"{\\"a\\":\\"LINK'
        ' x\\"}","posts":[{"html":"LINK x"}]}'
    )
    raw = (
        '{"db":[{"meta":{"posts":"LINK x"},"data":{"tags":[{"html":"LINK x"}],"posts":[ ONE,\nTWO'
        " ]}}]}"
    )
    raw = (
        raw.replace("ONE", post.replace("%d", "1"))
        .replace("TWO", post.replace("%d", "2"))
        .replace("LINK", LINK)
    )
    after = changed(tmp_path, "a.json", raw.encode()).decode()

    assert after == raw.replace(f"<p>see {LINK} x", f"<p>see {TARGET} x".replace("/", "\\/"))
    told = run("backfill", tmp_path / "a.json", "--report", tmp_path / "r.jsonl").stderr
    assert "2 of them: lexical left alone" in told
    assert "lexical left alone" in (tmp_path / "r.jsonl").read_text()


def test_packed_files(tmp_path: Path) -> None:
    raw = lines(f"see {LINK} x", "nothing")
    (tmp_path / "a.jsonl.gz").write_bytes(gzip.compress(raw[:20]) + gzip.compress(raw[20:]))
    assert run("backfill", tmp_path / "a.jsonl.gz", "--in-place").exit_code == 0

    assert gzip.decompress((tmp_path / "a.jsonl.gz").read_bytes()) == raw.replace(
        LINK.encode(),
        TARGET.encode(),
    )
    assert run("backfill", tmp_path / "a.jsonl.gz", "--to", tmp_path / "b.jsonl.zst").exit_code == 0
    assert run("backfill", tmp_path / "b.jsonl.zst", "--check").exit_code == 0


def test_pipes() -> None:
    raw = lines(f"see {LINK} x", "nothing")

    assert run("backfill", "-", "--to", "-", stdin=raw).stdout_bytes == raw.replace(
        LINK.encode(),
        TARGET.encode(),
    )
    table = f"id,content\n1,{LINK} x\n".encode()
    assert run("backfill", "-", "--to", "-", stdin=table).stdout_bytes == table.replace(
        LINK.encode(),
        TARGET.encode(),
    )


@given(st.text(), st.booleans())
def test_no_trace_is_missed_in_json(noise: str, ascii_only: bool) -> None:  # noqa: FBT001 - drawn
    for word in (
        "TWITTER",
        "t.co/",
        "X.com/",
        "/Status",
        "(@",
        "&#64;",
        "&#x0040;",
        "&commat;",
        "{{<",
    ):
        raw = json.dumps({"content": noise + word}, ensure_ascii=ascii_only)
        escaped = "".join(f"\\u{ord(each):04x}" for each in word)

        assert has_trace(raw.encode("utf-8", "surrogatepass"), escaped=True)
        assert has_trace(raw.replace("/", "\\/").encode("utf-8", "surrogatepass"), escaped=True)
        assert has_trace(f'{{"content":"{escaped}"}}'.encode(), escaped=True)


@given(
    st.text(st.characters(exclude_categories=["Cs"])),
    st.sampled_from([b'"a\\/b"', b'"\\u003c"', b'"\\u00e9"', b'""', '"é"'.encode()]),
)
def test_a_string_written_in_any_manner_reads_the_same(text: str, like: bytes) -> None:
    assert read_string(write_string(text, like)) == text


@given(
    st.lists(st.lists(st.text(st.sampled_from('ab,"\n\r @')), min_size=2, max_size=2), min_size=1),
)
def test_records_are_those_that_csv_reads(rows: list[list[str]]) -> None:
    written = io.StringIO()
    csv.writer(written).writerows([["id", "content"], *rows])
    file = io.BytesIO(written.getvalue().encode())
    table = CsvFile(file, b",", "content", "id")
    found = [
        (region, table.find(region.raw))
        for region in table.regions(file, ScanProgress(), every=True)
    ]

    assert [table.decode(region.raw[cell.start : cell.end]) for region, cell in found if cell] == [
        row[1] for row in rows if row[1]
    ]


LINES = [
    b'{"content":1}',
    b"",
    b'{"content":"@"}',
    b'{"content":"x@y"',
    b" ",
    b"{}",
    b'{"content":"\xe9"}',
    '{"content":"é"}'.encode(),
]


@given(st.lists(st.sampled_from(LINES), min_size=1), st.sampled_from([b"\n", b"\r\n"]))
def test_lines_are_counted_right_whether_all_are_read_or_not(
    parts: list[bytes],
    ending: bytes,
) -> None:
    file, layout = io.BytesIO(ending.join(parts)), JsonLinesFile("content", "id")
    every, traced = ScanProgress(), ScanProgress()
    all_regions = list(layout.regions(file, every, every=True))
    file.seek(0)
    some = list(layout.regions(file, traced, every=False))

    assert every.articles == traced.articles == sum(1 for each in parts if each.strip())
    sound = {LINES[0], LINES[-1]}  # and no trace in them
    assert [(each.n, each.start) for each in some] == [
        (each.n, each.start) for each in all_regions if each.raw.strip() not in sound
    ]


@pytest.mark.parametrize(
    ("name", "archive", "unreadable"),
    [
        (
            "a.jsonl",
            (
                b'{"content": "a"}\n{broken\n\n{"id": 2}\n[1]\n{"content":'
                b' "caf\xe9"}\n{"c\\u006fntent": "a"}'
            ),
            [2, 4, 5, 6],
        ),
        (
            "a.jsonl",
            b'\xef\xbb\xbf{"content": "a"}\r\n {"content": "a"} \r\n{"content": "a"\r\n',
            [3],
        ),
        ("a.csv", b'id,content\n1,a\n2\n3,"a,b"\n4,"a",b\n5,caf\xe9\n', [3, 5, 6]),
        (
            "a.json",
            b'{"db":[{"data":{"posts":[{"html":"a"},{"title":"b"},{"html":null},{"html":"caf\xe9"}]}}]}',
            [2, 4],
        ),
        (
            "a.xml",
            b"<rss><item><content:encoded>a</content:encoded></item><item><content:encoded>caf\xe9</content:encoded></item></rss>",
            [2],
        ),
    ],
)
def test_what_cannot_be_read_is_told_whether_a_report_is_asked_for_or_not(
    name: str,
    archive: bytes,
    unreadable: list[int],
    tmp_path: Path,
) -> None:
    source, told = tmp_path / name, tmp_path / "report"
    source.write_bytes(archive)
    plain = run("backfill", source, "--to", tmp_path / f"out-{name}")
    with_report = run("backfill", source, "--report", told)

    assert plain.exit_code == with_report.exit_code == 1
    assert (tmp_path / f"out-{name}").read_bytes() == archive
    lines = report(told)[:-1]
    assert [line["n"] for line in lines if line["status"] == "unreadable"] == unreadable
    assert (
        plain.stderr.count("unreadable: ")
        == with_report.stderr.count("unreadable: ")
        == len(unreadable)
    )
    assert len(lines) == report(told)[-1]["summary"]["articles"]  # type: ignore[index]


WORDS = (
    "",
    "(@",
    "＠",
    "twitter",
    "tweet",
    "t.co/",
    "x.com/",
    "/status",
    "&#64;",
    "&#x40;",
    "&commat;",
    "{{<",
    "{{%",
    "{{&lt;",
)


@given(
    st.text(st.sampled_from('@＠/.&#;{}%< tT:"\\xXwWeErRiIoOcCmMsSaAuU46\n')),
    st.sampled_from(WORDS),
    st.integers(0, 3),
)
def test_no_trace_that_detection_looks_at_is_missed(noise: str, trace: str, manner: int) -> None:
    content = noise[:7] + (trace.upper() if manner == 3 else trace) + noise[7:]
    html = detect(content, Format.HTML)
    text = detect(content, Format.TEXT)
    if not trace and not (html.embeds or html.links or text.embeds or text.links):
        return
    written = [
        json.dumps({"content": content}, ensure_ascii=manner == 1)
        .replace("/", "\\/" if manner == 2 else "/")
        .encode(),
    ]
    written.append(
        b'{"content":"%s"}' % "".join(f"\\u{ord(each):04X}" for each in content).encode(),
    )

    assert has_trace(content.encode())
    assert all(has_trace(each, escaped=True) for each in written)


@pytest.mark.parametrize("packing", ["gz", "zst"])
def test_a_little_that_unpacks_to_very_much_is_refused(packing: str, tmp_path: Path) -> None:
    bomb = tmp_path / f"a.jsonl.{packing}"
    if packing == "zst":
        packer = zstd.ZstdCompressor()
        with bomb.open("wb") as file:
            for _ in range(600):
                file.write(packer.compress(bytes(1 << 20)))
            file.write(packer.flush())
        result = run("backfill", bomb)
        assert result.exit_code == 1
        assert "unpacks to more than 1,000 times its size" in result.stderr
    else:  # gzip cannot pack to less than a thousandth
        bomb.write_bytes(gzip.compress(b'{"id": 1, "content": "' + bytes([32]) * (1 << 20) + b'"}'))
        assert run("backfill", bomb).exit_code == 0


def test_what_a_backfill_leaves_is_for_its_user_alone(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(lines(f"see {LINK} x"))
    own = {
        name: tmp_path / name for name in ("state", "backup.jsonl", "report.jsonl", "report.html")
    }
    flags = zip(("--state", "--backup", "--report", "--report-html"), own.values(), strict=True)
    done = run(
        "backfill", tmp_path / "a.jsonl", "--in-place", *(each for pair in flags for each in pair)
    )
    assert done.exit_code == 0
    assert {name: place.stat().st_mode & 0o777 for name, place in own.items()} == dict.fromkeys(
        own, 0o600
    )


@pytest.mark.parametrize("form", list(Format))
def test_no_handle_is_missed_whatever_stands_before_its_sign(form: Format) -> None:
    """Also what ends in letters that no reader sees, as a reference without its semicolon does."""
    hidden = ("", " ", "\n", "\\", "<b>", "</b>", "<wbr>", "\u00ad", "**", "_")
    references = ("&nbsp;", "&nbsp", "&shy", "&#32", "&#x20", "&#160;")
    found = 0
    for before in (*hidden, *references, "a", "7", "é"):
        for opened in ("(", "（", "&#40", "&#x28", "&lpar;"):
            content = f"<p>Lamps burn at night. — Ann {opened}{before}@ann) May 5, 2014</p>"
            written = json.dumps({"content": content})
            if detect(content, form).embeds:
                found += 1
                assert has_trace(content.encode())
                assert has_trace(written.encode(), escaped=True)

    assert found >= len(hidden)


@given(st.text(st.characters(exclude_categories=["Cs"])), st.booleans())
def test_a_string_is_written_as_json_writes_it(text: str, only_ascii: bool) -> None:  # noqa: FBT001 - drawn
    like = b'"\\u00e9"' if only_ascii else b'""'
    written = write_string(text, like)

    assert written.decode() == json.dumps(text, ensure_ascii=only_ascii)
    assert read_string(written) == text


def test_an_id_is_told_as_it_is_written_however_long_it_is() -> None:
    for number in ("-0", "7", "123456789012345678901234567890", "1E400", "0.10"):
        line = f'{{"id":{number},"content":"words"}}\n'.encode()
        found = JsonLinesFile("content", "id").find(line)

        assert found is not None
        assert found.id == {"-0": "0"}.get(number, number)
