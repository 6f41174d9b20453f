"""The bench runs and says what the README says it says. Its figures are no test."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

BENCH = Path(__file__).resolve().parent.parent / "bench"


def test_it_prints_both_rates_and_their_ratio() -> None:
    command = [
        sys.executable,
        str(BENCH / "requests_per_second.py"),
        "--rounds",
        "1",
        "--seconds",
        "0.3",
        "--connections",
        "4",
    ]
    # our own command
    shown = subprocess.run(command, capture_output=True, check=True, timeout=120, text=True).stdout

    size = re.match(r"([0-9]+) bytes in, 3 tweets", shown)
    assert size is not None
    assert 7_500 < int(size[1]) < 8_500
    assert re.search(r"^/v1/resolve +[0-9]+ requests/s .* errors 0$", shown, re.MULTILINE)
    assert re.search(r"^/echo +[0-9]+ requests/s .* errors 0$", shown, re.MULTILINE)
    assert re.search(r"^ratio +[0-9.]+ of the bare FastAPI app", shown, re.MULTILINE)


@pytest.mark.parametrize("kind", ["postgresql", "mariadb", "sqlite"])
def test_it_prints_a_backfill_of_a_database_beside_a_plain_loop(kind: str) -> None:
    wishes = ["--databases", kind, "--archives", "40:0.25", "--rounds", "1", "--bytes", "500"]
    command = [sys.executable, str(BENCH / "databases.py"), *wishes]
    # our own command
    shown = subprocess.run(command, capture_output=True, check=True, timeout=300, text=True).stdout
    if "left out" in shown:
        pytest.skip(shown.strip())  # it names the package

    archives = re.findall(
        rf"^{kind}: ([0-9]+) articles of 500 bytes, ([0-9]+)% .*, ([0-9]+) changed",
        shown,
        re.MULTILINE,
    )
    assert archives == [("40", "25", "10")]
    for what in ("backfill", "loop"):
        assert len(
            re.findall(
                rf"^  {what} +[0-9.]+ s +[0-9]+ articles/s +[0-9]+ changed/s$",
                shown,
                re.MULTILINE,
            ),
        ) == len(archives)
    parts = re.findall(
        r"^  of the backfill: start ([0-9.]+) s; pause ([0-9.]+) s \([0-9]+%\)$",
        shown,
        re.MULTILINE,
    )
    assert all(float(start) > 0 and float(pause) > 0 for start, pause in parts)
    ratios = re.findall(
        r"^  backfill takes ([0-9.]+) .*; ([0-9.]+) without the pause; (-?[0-9.]+) without that",
        shown,
        re.MULTILINE,
    )
    assert len(parts) == len(ratios) == len(archives)
    assert all(float(whole) > float(less) > float(least) for whole, less, least in ratios)


def test_a_database_that_is_not_installed_is_left_out_and_its_package_named() -> None:
    command = [sys.executable, str(BENCH / "databases.py"), "--databases", "mariadb"]
    done = subprocess.run(
        command,
        capture_output=True,
        check=True,
        timeout=60,
        text=True,
        env={"PATH": "/nowhere"},
    )

    assert done.stdout == "mariadb: left out: no mariadbd: apt-get install mariadb-server\n"


@pytest.mark.long
def test_it_prints_every_door_beside_iframely_or_says_what_is_missing() -> None:
    wishes = ["--tweets", "20", "--rounds", "1", "--seconds", "1"]
    command = [sys.executable, str(BENCH / "doors.py"), *wishes]
    done = subprocess.run(command, capture_output=True, check=False, timeout=120, text=True)
    if done.stderr.startswith("no wrk: "):
        pytest.skip(done.stderr.strip())

    lines = re.findall(
        r"^(.*\S) +[0-9]+ requests/s .* [0-9]+ us of processor", done.stdout, re.MULTILINE
    )
    ours = ["GET /oembed", "GET /oembed, log", "GET /oembed, key and limit", "GET /iframely"]
    ours += ["POST /v1/embeds", "POST /v1/resolve"]
    if "npm install iframely" not in done.stdout:
        ours += ["iframely's GET /oembed"]
        assert done.stdout.count(" times iframely (") == len(ours)
    assert lines == ours


@pytest.mark.long
def test_the_index_alone_brings_tweets_back_and_never_a_wrong_one() -> None:
    if not (BENCH.parents[1] / "shared" / "corpus").exists():
        pytest.skip("the corpus is not beside the repository")
    command = [sys.executable, str(BENCH / "candidates.py"), "--articles", "800", "--tries", "2000"]
    shown = subprocess.run(command, capture_output=True, check=True, timeout=900, text=True).stdout
    archive = re.search(
        r"that can be proved ([0-9.]+) recovered\n(.*\n.*)\n.*about (.*) tweets, (.*) times", shown
    )
    by_source = re.findall(r"^  (\w+) +(\d+)/(\d+) recovered .* (\d+) wrong", shown, re.MULTILINE)

    assert archive is not None
    assert float(archive[1]) >= 0.99
    assert "WRONG" not in archive[2]
    assert archive[3] == archive[4]
    assert "traps: 0 wrong tweets in 2,000 tries" in shown
    assert len(by_source) == 7
    assert {wrong for *_, wrong in by_source} == {"0"}
    assert all(int(found) >= 0.95 * int(of) for name, found, of, _ in by_source if name != "none")
