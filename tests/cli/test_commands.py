"""The command line: what goes in and out, byte for byte, and how a command ends."""

import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from archives import LINK, TARGET, TWEET, run
from typer.testing import CliRunner

from service import __version__
from service.api.bodies.models import Detected, Resolved
from service.cli import app
from service.cli.support.io import printable

COMMANDS = ("serve", "resolve", "detect", "demo", "healthcheck")


PREPARING = """
import asyncio, service.cli
from service.core.text.dates import _known
print(_known.cache_info().currsize)
from rest import calling
async def story():
    async with calling():
        print(_known.cache_info().currsize)
asyncio.run(story())
"""


def test_patterns_of_dates_are_made_for_the_service_before_it_is_asked_and_for_no_command() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PREPARING],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=True,
        timeout=300,
    )

    assert done.stdout.split() == ["0", "1"]


# --- articles in and out ---


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (f"see {LINK} now\r\n", f"see {TARGET} now\r\n"),
        (f"\ufeffsee {LINK} now", f"\ufeffsee {TARGET} now"),
        (f"\0\r{LINK} x\n\n\r\n\x1b\u202e", f"\0\r{TARGET} x\n\n\r\n\x1b\u202e"),
        ("no tweet\r\nhere\x85\u2028", "no tweet\r\nhere\x85\u2028"),
        ("", ""),
    ],
)
def test_resolve_keeps_every_other_byte(before: str, after: str, tmp_path: Path) -> None:
    file = tmp_path / "article.txt"
    file.write_bytes(before.encode())

    for result in (
        run("resolve", file),
        run("resolve", "-", stdin=before.encode()),
        run("resolve", stdin=before.encode()),
    ):
        assert result.exit_code == 0
        assert result.stdout_bytes == after.encode()


def test_what_became_of_it_is_told_on_standard_error() -> None:
    result = run(
        "resolve",
        stdin=f"<p>{TWEET}</p><p>see {LINK}</p><p>https://x.com/i/status/2034906551094185111</p>".encode(),
    )

    assert result.stdout_bytes.startswith(b'<blockquote class="twitter-tweet"')
    assert result.stderr == "changed; tweets: 1 embedded, 1 gone; links: 1 resolved\n"


def test_trouble_at_x_is_no_failure_of_the_command(tmp_path: Path) -> None:
    (tmp_path / "oembed").mkdir()
    (tmp_path / "oembed" / "2034906551094185985.json").write_text('{"status": 500}')
    result = run(
        "resolve",
        stdin=TWEET.encode(),
        environment={"TWEET_EMBED_RECORDED": str(tmp_path)},
    )

    assert (result.exit_code, result.stdout_bytes) == (0, TWEET.encode())
    assert (
        result.stderr
        == "unchanged; tweets: 1 failed (upstream_error); links: none; ask again later\n"
    )


def test_resolve_writes_json_as_the_rest_door_answers_it() -> None:
    result = run(
        "resolve",
        "--json",
        "--format",
        "html",
        "--deadline-ms",
        "500",
        stdin=TWEET.encode(),
    )
    answer = Resolved.model_validate_json(result.stdout_bytes)

    assert result.stdout_bytes.endswith(b"}\n")
    assert [embed.tweet_id for embed in answer.embeds] == ["2034906551094185985"]


def test_resolve_shows_what_would_change() -> None:
    result = run("resolve", "--diff", stdin=f"a\r\nsee {LINK} b".encode())

    assert result.stdout_bytes.decode().split("\n") == [
        "--- -",
        "+++ -",
        "@@ -1,2 +1,2 @@",
        " a\r",
        f"-see {LINK} b",
        "\\ No newline at end of file",
        f"+see {TARGET} b",
        "\\ No newline at end of file",
        "",
    ]


def test_a_diff_names_a_file_by_its_bytes(tmp_path: Path) -> None:
    file = tmp_path / os.fsdecode(b"\xff.txt")
    file.write_text(f"see {LINK}")
    result = run("resolve", "--diff", str(file))

    assert result.exit_code == 0
    assert result.stdout_bytes.startswith(b"--- " + os.fsencode(file) + b"\n")


def test_nothing_to_change_is_an_empty_diff() -> None:
    assert run("resolve", "--diff", stdin=b"a\n").stdout_bytes == b""


def test_out_replaces_a_file_whole(tmp_path: Path) -> None:
    file, link = tmp_path / "article.txt", tmp_path / "link.txt"
    file.write_bytes(LINK.encode() + b" x\r\n")
    file.chmod(0o640)
    link.symlink_to(file)
    result = run("resolve", file, "-o", link)

    assert (result.exit_code, result.stdout_bytes) == (0, b"")
    assert file.read_bytes() == TARGET.encode() + b" x\r\n"
    assert stat.S_IMODE(file.stat().st_mode) == 0o640
    assert link.is_symlink()
    assert sorted(each.name for each in tmp_path.iterdir()) == ["article.txt", "link.txt"]


def test_out_makes_a_file_as_the_umask_says(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        run("resolve", "-o", tmp_path / "new.txt", stdin=b"x")
    finally:
        os.umask(before)

    assert stat.S_IMODE((tmp_path / "new.txt").stat().st_mode) == 0o640


def test_detect_lists_what_the_text_mentions() -> None:
    result = run("detect", stdin=f"<p>{TWEET}</p><p>see {LINK}</p>".encode())

    assert result.stdout.splitlines() == [
        "html; tweets: 1; links: 1",
        f"0-60   url   2034906551094185985  @demo_harbour  -  {TWEET}",
        f"67-90  link  -                    -              -  {LINK}",
    ]


def test_detect_writes_json_as_the_rest_door_answers_it() -> None:
    answer = Detected.model_validate_json(
        run("detect", "--json", stdin=TWEET.encode()).stdout_bytes,
    )

    assert [embed.tweet_id for embed in answer.embeds] == ["2034906551094185985"]


def test_what_is_listed_cannot_steer_a_terminal() -> None:
    assert printable("a\x1b[2J\u202eb\nسلام") == "a\\x1b[2J\\u202eb\\nسلام"


# --- how a command ends ---


@pytest.mark.parametrize("command", ["resolve", "detect"])
def test_bytes_that_are_not_utf8_are_told_with_their_place(command: str, tmp_path: Path) -> None:
    file = tmp_path / "latin.html"
    file.write_bytes("né".encode("latin-1"))
    result = run(command, file)

    assert (result.exit_code, result.stdout_bytes) == (1, b"")
    convert = "convert it (iconv -f latin1 -t utf-8)"
    assert result.stderr == f"tweet-embed: {file}: not UTF-8 at byte 1; {convert}\n"
    told = run(command, stdin=b"ab\xff").stderr
    assert told == f"tweet-embed: standard input: not UTF-8 at byte 2; {convert}\n"


@pytest.mark.parametrize("command", ["resolve", "detect"])
@pytest.mark.parametrize("name", ["posts.jsonl", "posts.CSV", "export.xml.gz", "ghost.json"])
def test_an_archive_is_not_read_as_one_article(command: str, name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(json.dumps({"content": f"<p>{TWEET}</p>"}), encoding="utf-8")
    result = run(command, tmp_path / name)

    assert (result.exit_code, result.stdout_bytes) == (2, b"")
    assert f"tweet-embed backfill {tmp_path / name}" in result.stderr
    if not name.endswith(".gz"):
        assert run(command, tmp_path / name, "--format", "text").exit_code == 0


@pytest.mark.parametrize("command", ["resolve", "detect"])
def test_json_is_not_read_as_an_article(command: str) -> None:
    sent = json.dumps({"blocks": [{"type": "raw", "data": {"html": f"<p>{TWEET}</p>"}}]}).encode()
    result = run(command, stdin=sent)

    assert (result.exit_code, result.stdout_bytes) == (2, b"")
    assert "the article is an editor's JSON" in result.stderr
    assert run(command, "--format", "html", stdin=sent).exit_code == 0


@pytest.mark.parametrize("command", ["resolve", "detect"])
def test_a_file_that_cannot_be_read_is_a_usage_error(command: str, tmp_path: Path) -> None:
    result = run(command, tmp_path / "none.html")

    assert (result.exit_code, result.stdout_bytes) == (2, b"")
    assert result.stderr == f"tweet-embed: {tmp_path / 'none.html'}: No such file or directory\n"
    assert run(command, tmp_path).stderr == f"tweet-embed: {tmp_path}: Is a directory\n"


@pytest.mark.parametrize("command", ["resolve", "openapi"])
def test_a_file_that_cannot_be_written_is_told(command: str, tmp_path: Path) -> None:
    result = run(command, "-o", tmp_path / "none" / "article.txt", stdin=b"x")

    assert result.exit_code == 2
    assert result.stderr == (
        f"tweet-embed: {tmp_path / 'none' / 'article.txt'}: there is no folder"
        f" {tmp_path / 'none'}; make it first\n"
    )


@pytest.mark.parametrize(
    "arguments",
    [
        ("resolve", "--json", "--diff"),
        ("resolve", "--format", "pdf"),
        ("resolve", "--deadline-ms", "30001"),
        ("resolve", "--deadline-ms", "soon"),
        ("detect", "--format", "pdf"),
        ("serve", "--port", "65536"),
        ("serve", "--workers", "0"),
        ("resolve", "one", "two"),
        ("nothing",),
    ],
)
def test_wrong_usage_ends_with_2(arguments: tuple[str, ...]) -> None:
    result = run(*arguments, stdin=b"x")

    assert (result.exit_code, result.stdout_bytes) == (2, b"")
    assert "Usage: " in result.stderr


@pytest.mark.parametrize("command", [("serve",), ("resolve",), ("healthcheck",)])
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TWEET_EMBED_PORT", "eighty"),
        ("TWEET_EMBED_PROT", "80"),
        ("TWEET_EMBED_TTL_GONE", "-1"),
        ("TWEET_EMBED_API_KEYS", "é"),
    ],
)
def test_a_wrong_setting_ends_with_one_clear_line(
    command: tuple[str, ...],
    name: str,
    value: str,
) -> None:
    result = run(*command, environment={name: value})

    assert (result.exit_code, result.stdout_bytes) == (2, b"")
    assert result.stderr.startswith(f"tweet-embed: {name}: ")
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize("command", ["serve", "resolve"])
def test_a_folder_of_recorded_answers_that_is_not_there_is_a_wrong_setting(
    command: str,
    tmp_path: Path,
) -> None:
    result = run(command, environment={"TWEET_EMBED_RECORDED": str(tmp_path / "none")})

    assert (result.exit_code, result.stderr.count("\n")) == (2, 1)
    assert str(tmp_path / "none") in result.stderr


def test_healthcheck_fails_where_nobody_listens() -> None:
    result = run("healthcheck", environment={"TWEET_EMBED_PORT": "1"})

    assert (result.exit_code, result.stdout_bytes) == (1, b"")
    assert result.stderr.startswith("tweet-embed: no answer at 127.0.0.1:1: ")


def test_the_version_is_told() -> None:
    assert run("--version").stdout == f"tweet-embed {__version__}\n"


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(command: str) -> None:
    assert command in run("--help").stdout
    assert (
        f"tweet-embed {command}"
        in CliRunner().invoke(app, [command, "--help"], prog_name="tweet-embed").stdout
    )


def test_json_is_not_ascii_escaped() -> None:
    result = run("resolve", "--json", stdin="سلام".encode())

    assert "سلام" in result.stdout_bytes.decode()
    assert json.loads(result.stdout_bytes)["content"] == "سلام"


@pytest.mark.parametrize(
    ("output", "expected"),
    [("auto", "a &\n"), ("html", "<p>a &amp;</p>"), ("text", "a &\n")],
)
def test_resolve_writes_what_output_says(output: str, expected: str, tmp_path: Path) -> None:
    file = tmp_path / "article.txt"
    file.write_text("a &\n")
    done = CliRunner().invoke(app, ["resolve", str(file), "--format", "text", "--output", output])

    assert (done.exit_code, done.stdout.rstrip("\n")) == (0, expected.rstrip("\n"))


@pytest.mark.parametrize(
    "arguments", [["--output", "pdf"], ["--output", "html", "--format=markdown"]]
)
def test_resolve_refuses_what_no_article_can_be(arguments: list[str], tmp_path: Path) -> None:
    file = tmp_path / "article.md"
    file.write_text("# a\n")
    done = CliRunner().invoke(app, ["resolve", str(file), *arguments])

    assert done.exit_code == 2
    assert "--output" in done.stderr


# --- what holds for every command ---


@pytest.mark.parametrize(
    ("words", "name"),
    [
        (("resolve", ""), "FILE|-"),
        (("resolve", "a.txt", "-o", ""), "-o"),
        (("openapi", "--out="), "--out"),
        (("backfill", "a.jsonl", "--in-place", "--where", ""), "--where"),
        (("backfill", "--dry-run", ""), "SOURCE"),
        (("restore", "a.jsonl", ""), "BACKUP or SOURCE"),
        (("index", "import", "a.jsonl", ""), "PATH"),
        (("index", "forget", "--handle", ""), "--handle"),
        (("",), "an argument"),
    ],
)
def test_no_argument_is_empty(words: tuple[str, ...], name: str) -> None:
    refused = run(*words)

    assert (refused.exit_code, refused.stdout) == (2, "")
    assert refused.stderr == f"tweet-embed: {name} is empty; is a variable of the shell not set?\n"


def test_a_mistake_is_told_without_the_words_of_a_library() -> None:
    refused = run("completion", "tcsh")

    assert refused.exit_code == 2
    assert "'tcsh' is not one of" in refused.stderr
    assert "Value error" not in refused.stderr


def test_a_folder_is_no_file_to_write(tmp_path: Path) -> None:
    refused = run("resolve", "-o", tmp_path, stdin=b"words")

    assert (refused.exit_code, refused.stderr) == (
        2,
        f"tweet-embed: {tmp_path}: a folder; name a file\n",
    )


def test_a_handle_is_one() -> None:
    for words in (("find", "--day", "2025-01-01"), ("index", "import", "a"), ("index", "forget")):
        refused = run(*words, "--handle", "Ada L")
        assert refused.exit_code == 2
        assert "'Ada L' is no handle" in refused.stderr
