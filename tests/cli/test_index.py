"""`tweet-embed index` and `find`: exports taken in, counted and forgotten; candidates explained."""

import json
from pathlib import Path

import pytest
from archives import run
from standin_x import StandIn
from typer.testing import Result

ID, TWIN = "1988177428548464647", "1988200000000000000"
WORDS = "Rain again, and no umbrella in sight"
ROW = {"id": ID, "author": {"username": "Ada_L"}, "created_at": "2025-11-11T09:30:00Z"}
RETWEET = ROW | {"id": TWIN, "text": "RT @bob: Rain"}


@pytest.fixture
def export(tmp_path: Path) -> Path:
    path = tmp_path / "tweets.jsonl"
    path.write_text("".join(json.dumps(each) + "\n" for each in (ROW, RETWEET)), encoding="utf-8")
    return path


def call(export: Path, *arguments: str | Path, stdin: str = "", **more: str) -> Result:
    environment = {
        "TWEET_EMBED_RECORDED": "",
        "TWEET_EMBED_CACHE_PATH": str(export.parent / "store.sqlite3"),
        **more,
    }
    return run(*arguments, stdin=stdin.encode(), environment=environment)


def test_an_export_is_taken_in_once(export: Path) -> None:
    first, second = (call(export, "index", "import", export) for _ in range(2))

    assert first.exit_code == second.exit_code == 0
    assert first.stderr == (
        "tweet-embed: 1 left out: a retweet: the words are somebody else's\n"
        f"  {export}, line 2\n"
        "1 tweet new in the index, 1 row left out\n"
    )
    assert "0 tweets new" in second.stderr
    told = json.loads(call(export, "index", "stats").stdout)
    assert told == {"tweets": 1, "handles": 1, "sources": {"import": 1}}


def test_rows_left_out_are_summed_up_by_reason(export: Path) -> None:
    with export.open("a", encoding="utf-8") as file:
        for number in range(2000):
            file.write(
                "{}\n" if number % 2 else json.dumps(ROW | {"id": f"{number + 1}e18"}) + "\n"
            )
    summed = call(export, "index", "import", export)
    named = call(export, "index", "import", "--verbose", export)

    assert summed.exit_code == named.exit_code == 0
    assert summed.stderr.splitlines()[2:] == [
        "tweet-embed: 1,000 left out: its id was rounded by a spreadsheet or a program",
        *(f"  {export}, line {line}, id {line - 2}e18" for line in (3, 5, 7)),
        "  and 997 more; --verbose names each",
        "tweet-embed: 1,000 left out: no id of 1 to 19 digits",
        *(f"  {export}, line {line}" for line in (4, 6, 8)),
        "  and 997 more; --verbose names each",
        "1 tweet new in the index, 2,001 rows left out",
    ]
    assert f"tweet-embed: {export}, line 2002: no id of 1 to 19 digits\n" in named.stderr
    assert len(named.stderr.splitlines()) == 2001 + 3 + 1


def test_an_export_without_a_single_tweet_is_a_failure(export: Path) -> None:
    (table := export.with_name("x.jsonl")).write_text('{"text": "a"}\n{"text": "b"}\n')
    empty = call(export, "index", "import", table)

    assert empty.exit_code == 1
    assert "2 left out: no id of 1 to 19 digits" in empty.stderr
    assert call(export, "index", "import", table, export).exit_code == 0


def test_candidates_move_with_the_store_and_a_takedown_wins(export: Path, tmp_path: Path) -> None:
    call(export, "index", "import", export)
    moved = call(export, "cache", "export")
    (line,) = moved.stdout.splitlines()
    assert json.loads(line) == {
        "kind": "candidate",
        "handle": "ada_l",
        "id": ID,
        "source": "import",
        "article": None,
    }
    wrong = [
        line.replace(ID, str(2**63)),
        line.replace("ada_l", "Ada L"),
        line.replace("null", "7"),
    ]
    down = json.dumps({"kind": "takedown", "id": TWIN, "at": 1})
    given = "\n".join([down, line, line.replace(ID, TWIN), *wrong])
    new = {"TWEET_EMBED_CACHE_PATH": str(tmp_path / "new.sqlite3")}
    taken = call(export, "cache", "import", stdin=given, **new)

    assert "3 lines taken in, 3 left out" in taken.stderr
    told = json.loads(call(export, "index", "stats", **new).stdout)
    assert told == {"tweets": 1, "handles": 1, "sources": {"import": 1}}


@pytest.mark.parametrize(
    ("wishes", "left"),
    [
        (("--handle", "@ada_l"), 0),
        (("--source", "import"), 0),
        (("--all",), 0),
        (("--handle", "bob"), 1),
        (("--source", "index"), 1),
    ],
)
def test_what_is_known_can_be_forgotten(wishes: tuple[str, ...], left: int, export: Path) -> None:
    call(export, "index", "import", export)

    assert call(export, "index", "forget", *wishes).exit_code == 0
    assert json.loads(call(export, "index", "stats").stdout)["tweets"] == left


@pytest.mark.parametrize("wishes", [(), ("--all", "--handle", "a"), ("--source", "x")])
def test_forgetting_wants_to_know_what(wishes: tuple[str, ...], export: Path) -> None:
    call(export, "index", "import", export)

    assert call(export, "index", "forget", *wishes).exit_code == 2


def test_an_export_that_cannot_be_read_is_told(export: Path) -> None:
    nothing = call(export, "index", "import", export.parent / "none")
    assert nothing.exit_code == 2
    assert nothing.stderr == f"tweet-embed: {export.parent / 'none'}: no such file or folder\n"
    assert not (export.parent / "none").exists()
    unset = call(export, "index", "import", "")
    assert (unset.exit_code, "PATH is empty;" in unset.stderr) == (2, True)
    (export.parent / "none.zip").write_bytes(b"none")
    broken = call(export, "index", "import", export.parent / "none.zip")
    assert broken.exit_code == 1
    assert "none.zip" in broken.stderr
    assert call(export, "index", "import", export, TWEET_EMBED_CACHE_PATH="").exit_code == 2


def test_a_day_and_an_author_find_the_tweet_of_the_words(export: Path, x: StandIn) -> None:
    x.tweet(ID, "Ada_L", "Ada", WORDS)
    x.tweet(TWIN, "Ada_L", "Ada", "Something else altogether, at some length")
    twin = export.parent / "twin.csv"
    twin.write_text(f"id,username\n{TWIN},ada_l\n")
    call(export, "index", "import", export, twin)
    result = call(export, "find", "--handle", "@Ada_L", "--day", "2025-11-11", "-", stdin=WORDS)

    assert result.exit_code == 0
    told = [json.loads(line) for line in result.stdout.splitlines()]
    assert [(each["tweet_id"], each["source"], each["reason"]) for each in told] == [
        (ID, "import", None),
        (TWIN, "import", "words"),
    ]
    assert f"embedded: {ID}, found by import" in result.stderr


def test_without_words_candidates_are_listed(export: Path, x: StandIn) -> None:
    x.tweet(ID, "Ada_L", "Ada", WORDS)
    call(export, "index", "import", export)
    result = call(export, "find", "--handle", "ada_l", "--day", "2025-11-11")

    assert result.exit_code == 1
    assert json.loads(result.stdout)["text"] == WORDS
    assert "not_found" in result.stderr


def test_an_article_on_the_command_line_asks_local_sources_alone(export: Path, x: StandIn) -> None:
    flat = f"{WORDS} — Ada (@Ada_L) November 11, 2025"
    named = {"TWEET_EMBED_SOURCES": "import,wayback", "TWEET_EMBED_CONTACT": "ed@news.example"}
    result = call(export, "resolve", "--format", "text", stdin=flat, **named)

    assert "unidentified (not_found)" in result.stderr
    assert not [host for host in x.refused if "archive" in host]
