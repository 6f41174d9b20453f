"""The benches run and print what docs/performance.md says. Their figures are no test."""

import asyncio
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import new_articles
import pipeline_cpu
import pytest
import resolve_speed
from sampling import sampled

ROOT = Path(__file__).resolve().parent.parent
BENCH = ROOT / "bench"
PAGE = (ROOT / "docs" / "performance.md").read_text(encoding="utf-8")


def test_no_part_of_an_article_is_sent_twice() -> None:
    tweets = new_articles.known_tweets(6)
    workload = new_articles.new_articles(tweets)
    parts = [part for number in range(40) for part in workload.article(number).split("\n")]
    sizes = {len(workload.body(number)) for number in range(40)}

    assert len(parts) == len({*parts}) > 500
    assert all(7_500 < size < 8_500 for size in sizes)


def test_an_article_saved_again_differs_in_one_paragraph() -> None:
    workload = new_articles.saved_again(new_articles.known_tweets(3))
    first, again = (workload.article(number).split("\n") for number in (1, 2))

    assert sum(one != other for one, other in zip(first, again, strict=True)) == 1


def test_the_pipeline_stands_beside_beautifulsoup4_and_micawber() -> None:
    rows = asyncio.run(pipeline_cpu.cpu_rows(rounds=1, articles=2, known=3))
    row = re.compile(r"(pipeline CPU, [a-zA-Z, ]+) +[0-9]+ us beside +[0-9]+ us: +[0-9.]+ times .*")
    named = [found[1].strip() for line in rows if (found := row.fullmatch(line))]

    assert named[:5] == [name for name in _rows_of_the_page() if name.startswith("pipeline")][:5]
    assert len(named) == 6 or rows[-1] == "micawber is not installed: pip install micawber"


def test_the_page_names_what_the_bench_prints() -> None:
    rows = _rows_of_the_page()
    commands = re.findall(r"`python (bench/[a-z_]+\.py)([^`|]*)`", PAGE)

    assert [*resolve_speed.WORKLOADS] == rows[:3]
    for script, words in commands:
        known = (ROOT / script).read_text(encoding="utf-8")
        assert all(f'"{word}"' in known for word in words.split() if word.startswith("--"))
    sections = {words.split()[1] for _, words in commands if words.startswith(" --only")}
    assert sections == {"served", "cpu", "prices", "memory"}


def _rows_of_the_page() -> list[str]:
    rows = [line.split("|") for line in PAGE.splitlines() if line.startswith("|")]
    return [cells[1].strip() for cells in rows if "`python bench/resolve_speed.py" in cells[-2]]


@pytest.mark.long
def test_it_prints_every_row_with_its_yardstick() -> None:
    if shutil.which("wrk") is None:
        pytest.skip("wrk is not installed: apt-get install wrk")
    command = [sys.executable, str(BENCH / "resolve_speed.py"), "--quick"]
    shown = subprocess.run(command, capture_output=True, check=True, timeout=300, text=True).stdout

    for name in resolve_speed.WORKLOADS:
        assert re.search(
            rf"^{name}: 8[0-9]{{3}} bytes\n"
            r"  echo +[0-9]+ requests/s .* errors 0\n"
            r"  service +[0-9]+ requests/s .* errors 0\n"
            r"  memos off +[0-9]+ requests/s .* errors 0\n"
            r"  service +[0-9.]+ .* of the echo\n"
            r"  memos off +[0-9.]+ .* of the echo$",
            shown,
            re.MULTILINE,
        )
    for name in resolve_speed.PRICES:
        assert re.search(rf"^  {name} +[0-9]+ requests/s .* errors 0 ", shown, re.MULTILINE)
    assert re.search(r"^  after +[0-9]+: [0-9]+ MiB$", shown, re.MULTILINE)


@pytest.mark.long
def test_it_prints_a_backfill_beside_grep_json_and_an_older_checkout() -> None:
    wishes = ["--articles", "200", "--older", str(ROOT)]
    command = [sys.executable, str(BENCH / "backfill.py"), *wishes]
    # our own command
    shown = subprocess.run(command, capture_output=True, check=True, timeout=600, text=True).stdout

    rate = "[0-9.]+"
    for line in (
        rf"looking for traces runs at {rate} of the rate of grep \(cpu: {rate}\)",
        rf"traces alone runs at {rate} of the rate of grep \(cpu: {rate}\)",
        rf"backfill takes {rate} of the time of json",
        rf"backfill runs at {rate} times the rate of the older \(cpu: {rate}\)",
    ):
        assert re.search(f"^{line}$", shown, re.MULTILINE), line
    names = ("grep", "look", "traces", "backfill", "json", "cat", "older")
    assert all(re.search(rf"^{name} +{rate} s ", shown, re.MULTILINE) for name in names)


@pytest.mark.parametrize("kind", sampled(["postgresql", "mariadb", "sqlite"], "postgresql"))
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


def test_every_seeded_fault_has_its_place() -> None:
    rooms = tomllib.loads((BENCH / "seeded_faults.toml").read_text(encoding="utf-8"))["room"]
    faults = [fault for room in rooms for fault in room["fault"]]

    assert len(faults) > 80
    for fault in faults:
        text = (BENCH.parent / fault["file"]).read_text(encoding="utf-8")
        assert text.count(fault["right"]) == 1, fault
        assert fault["right"] != fault["wrong"]


def test_a_database_that_is_not_installed_is_left_out_and_its_package_named() -> None:
    command = [sys.executable, str(BENCH / "databases.py"), "--databases", "mariadb"]
    done = subprocess.run(
        command,
        capture_output=True,
        check=True,
        timeout=300,
        text=True,
        env={"PATH": "/nowhere"},
    )

    assert done.stdout == "mariadb: left out: no mariadbd: apt-get install mariadb-server\n"


@pytest.mark.long
def test_it_prints_every_door_beside_iframely_or_says_what_is_missing() -> None:
    wishes = ["--tweets", "20", "--rounds", "1", "--seconds", "1"]
    command = [sys.executable, str(BENCH / "doors.py"), *wishes]
    done = subprocess.run(command, capture_output=True, check=False, timeout=300, text=True)
    if done.stderr.startswith("no wrk: "):
        pytest.skip(done.stderr.strip())

    lines = re.findall(
        r"^(.*\S) +[0-9]+ requests/s .* [0-9]+ us of processor", done.stdout, re.MULTILINE
    )
    ours = ["GET /oembed", "GET /oembed, log", "GET /oembed, key and limit", "GET /iframely"]
    ours += ["POST /v1/embeds", "POST /v1/resolve, new", "POST /v1/resolve, saved"]
    if "npm install iframely" not in done.stdout:
        ours += ["iframely's GET /oembed"]
        assert done.stdout.count(" times iframely (") == len(ours)
    assert lines == ours


@pytest.mark.long
@pytest.mark.parametrize(
    ("kind", "wishes", "shown"),
    [
        ("slow", ["--sockets", "150", "--seconds", "4"], r"^with +150 slow ones +\d+ .* p99"),
        ("endless", [], r"^200 MiB in chunks: 413 after 2\.0\d MiB"),
        (
            "stop",
            ["--rounds", "3"],
            r"^SIGTERM 3 times, \d+ requests sent before it: {'200': \d+}$",
        ),
        ("overload", ["--seconds", "2"], r"^statuses: .*503: \d+.*known ones {200: 20}$"),
    ],
)
def test_it_shows_what_pressure_does(kind: str, wishes: list[str], shown: str) -> None:
    command = [sys.executable, str(BENCH / "pressure.py"), kind, *wishes]
    done = subprocess.run(command, capture_output=True, check=False, timeout=300, text=True)

    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(shown, done.stdout, re.MULTILINE), done.stdout


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
