"""A backfill of JSON Lines with everything about its tweets at hand: looking for traces beside
`grep`, all of it beside Python's json, `cat` and `jq`, and articles that all hold a tweet beside an
older checkout, in one run.

    python bench/backfill.py [--articles 200000] [--bytes 4000] [--share 0.02] [--folder /tmp]
                             [--rounds 1] [--older CHECKOUT]

Every command writes the whole archive to a file; each is run once before, on a small archive, and
the archive is read once, so that all of it is in the page cache if that is large enough. `cpu` is
the processor time of a command and its children, `peak` the most memory that they hold together.
The answers of X are the recorded ones of the demo. Of several rounds, in turns, the quickest
counts. Look at the ratios; the figures themselves are this machine's.

The archive is made up: each article is drawn (always the same way) from 400 paragraphs of 40 to 110
words of a vocabulary of 200 in made-up order, some with umlauts, Japanese, dashes, `em`, `strong`,
and links to pages of its own; one in 25 names an address with `@` or has `&#`, and is no tweet;
`--share` of them have a tweet's address in a paragraph of its own, and a short link in a sentence,
no two in the same words. `--older` is measured on a tenth as many articles, all with a tweet.
"""

import argparse
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, TypeAlias

ROOT = Path(__file__).resolve().parent.parent
WORDS = [
    "the",
    "of",
    "and",
    "to",
    "in",
    "a",
    "is",
    "that",
    "it",
    "was",
    "for",
    "on",
    "with",
    "as",
    "be",
    "at",
    "by",
    "this",
    "had",
    "not",
    "are",
    "but",
    "from",
    "or",
    "have",
    "an",
    "they",
    "which",
    "one",
    "you",
    "were",
    "all",
    "her",
    "she",
    "there",
    "would",
    "their",
    "we",
    "him",
    "been",
    "has",
    "when",
    "who",
    "will",
    "no",
    "more",
    "if",
    "out",
    "so",
    "up",
    "said",
    "what",
    "its",
    "about",
    "than",
    "into",
    "them",
    "can",
    "only",
    "other",
    "time",
    "new",
    "some",
    "could",
    "these",
    "may",
    "first",
    "then",
    "do",
    "any",
    "like",
    "my",
    "now",
    "over",
    "such",
    "our",
    "man",
    "me",
    "even",
    "most",
    "made",
    "after",
    "also",
    "did",
    "many",
    "off",
    "before",
    "must",
    "well",
    "back",
    "through",
    "years",
    "where",
    "much",
    "your",
    "way",
    "down",
    "should",
    "because",
    "long",
    "each",
    "just",
    "state",
    "people",
    "those",
    "too",
    "good",
    "world",
    "still",
    "own",
    "see",
    "work",
    "here",
    "get",
    "both",
    "life",
    "being",
    "under",
    "three",
    "never",
    "know",
    "same",
    "last",
    "another",
    "while",
    "us",
    "might",
    "great",
    "year",
    "old",
    "come",
    "since",
    "against",
    "go",
    "came",
    "right",
    "used",
    "take",
    "house",
    "use",
    "home",
    "small",
    "large",
    "end",
    "during",
    "always",
    "next",
    "eyes",
    "head",
    "public",
    "part",
    "lamp",
    "harbour",
    "stairs",
    "keeper",
    "storm",
    "winter",
    "morning",
    "between",
    "two",
]
FOREIGN = (
    "café",
    "Zürich",
    "naïve",
    "“quoted”",
    "東京",
    "–",
    "…",
    "<em>very</em>",
    "<strong>so</strong>",
    '<a href="/pages/7">here</a>',
)
TWEET = "https://x.com/demo_harbour/status/2034906551094185985"
LINK = "https://t.co/Rk2Ys9Mf4A"
MENTION = (
    f'<p>{TWEET}?s={{number}}</p>\n<p>See <a href="{LINK}">the hours</a> of night {{number}}.</p>'
)
NO_MENTION = "<p>Write to desk@paper.example, or to J&#252;rgen.</p>"
JSON = (
    "import json,sys\nfor line in sys.stdin: sys.stdout.write(json.dumps(json.loads(line),"
    " ensure_ascii=False) + chr(10))"
)
LOOK = """
import os, sys, time
os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
from service.backfill.sources.jsonl import JsonLinesFile
from service.backfill.sources.layout import ScanProgress
layout, lines = JsonLinesFile("content", "id"), 0
with open(sys.argv[1], "rb") as file:
    began = time.perf_counter(), time.process_time()
    for block in layout.blocks(file, counted=False):
        data = block.read(file.fileno())
        lines += sum(1 for _ in layout.in_block(data, ScanProgress(), every=False))
    print(time.perf_counter() - began[0], time.process_time() - began[1], lines)
"""
"""Looks for the lines that may hold a tweet, and for those that cannot be read, on one processor;
prints its seconds, those of the processor, and how many lines there are.
"""
TRACES = """
import os, sys, time
os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
from service.backfill.sources.byte_prefilter import find_sign, rows_with_traces
lines = 0
with open(sys.argv[1], "rb", buffering=0) as file:
    began = time.perf_counter(), time.process_time()
    while data := file.read(128 * 1024):
        lines += sum(1 for _ in rows_with_traces(data.split(b"\\n")))
        at = find_sign(data)
        while at >= 0:
            lines += 1
            at = find_sign(data, data.find(b"\\n", at) + 1 or len(data))
    print(time.perf_counter() - began[0], time.process_time() - began[1], lines)
"""
"""Looks for the traces and for nothing else; what a block cuts in two may be missed."""
SPARE = 200_000_000


def paragraphs(chance: random.Random, count: int = 400) -> list[str]:
    """Make up paragraphs."""
    made = []
    for _ in range(count):
        words = [chance.choice(WORDS) for _ in range(chance.randint(40, 110))]
        for place in range(0, len(words), chance.randint(7, 16)):
            words[place] = words[place].capitalize()
            words[place - 1] += "."
        for _ in range(chance.randint(0, 3)):
            words[chance.randrange(len(words))] = chance.choice(FOREIGN)
        made.append(f"<p>{' '.join(words)}.</p>")
    return made


def made_up(articles: int, size: int, share: float) -> Iterator[str]:
    """Make up the articles' content; every one in 1/`share` has a tweet and a link."""
    chance = random.Random(7)  # noqa: S311
    drawn = paragraphs(chance)
    every = round(1 / share)
    for number in range(articles):
        parts = [f"<p>{number}</p>"]
        length = 0
        while length < size:
            parts.append(chance.choice(drawn))
            length += len(parts[-1])
        if number % every == 0:
            parts.insert(2, MENTION.format(number=number))
        elif number % 25 == 1:
            parts.insert(2, NO_MENTION)
        yield "\n".join(parts)


def write_archive(path: Path, articles: int, size: int, share: float) -> None:
    """Write the articles."""
    with path.open("w", encoding="utf-8") as file:
        for number, content in enumerate(made_up(articles, size, share)):
            article = {"id": number, "title": "A night", "content": content, "tags": ["sea"]}
            file.write(json.dumps(article, ensure_ascii=False) + "\n")


def memory_of(process: int) -> int:
    """Add up what a process and its children hold, in KiB (its share of what they have in common);
    0 where that is not told.
    """
    try:
        children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
        told = Path(f"/proc/{process}/smaps_rollup").read_text()
    except OSError:
        return 0
    own = next((int(line.split()[1]) for line in told.splitlines() if line.startswith("Pss:")), 0)
    return own + sum(memory_of(int(each)) for each in children)


class Cost(NamedTuple):
    """What a command takes: seconds, seconds of processors, MiB of memory."""

    seconds: float
    cpu: float
    peak: int


def timed(command: list[str], stdin: Path, out: Path, checkout: Path = ROOT) -> Cost:
    """Run a command with the code of a checkout; return what it and its children take."""
    most = 0
    ended = threading.Event()

    def watch() -> None:
        nonlocal most
        while not ended.wait(0.1):
            most = max(most, memory_of(child.pid))

    began = time.perf_counter()
    with stdin.open("rb") as source, out.open("wb") as target:
        child = subprocess.Popen(
            command,
            stdin=source,
            stdout=target,
            stderr=subprocess.DEVNULL,
            cwd=checkout,  # `python -m` looks there first, whatever PYTHONPATH says
            env=os.environ | {"PYTHONPATH": str(checkout)},
        )
        watcher = threading.Thread(target=watch)
        watcher.start()
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
    took = time.perf_counter() - began
    ended.set()
    watcher.join()
    if child.returncode:
        message = f"{command[0]} ended with {child.returncode}"
        raise RuntimeError(message)
    return Cost(took, usage.ru_utime + usage.ru_stime, max(most, usage.ru_maxrss) // 1024)


Runner: TypeAlias = Callable[[Path], Cost]
"""Runs something on an archive."""


@dataclass(frozen=True)
class Bench:
    """A folder with room for two archives, and how often each command is run."""

    folder: Path
    rounds: int

    def beside(self, commands: Mapping[str, Runner], archive: Path) -> dict[str, Cost]:
        """Run commands in turns, each once before on a small archive; return the quickest runs."""
        small = self.folder / "small.jsonl"
        costs: dict[str, list[Cost]] = {name: [] for name in commands}
        for name, run in commands.items():
            run(small)
            costs[name] = []
        for _ in range(self.rounds):
            for name, run in commands.items():
                costs[name].append(run(archive))
        return {name: min(each) for name, each in costs.items()}

    def piped(self, command: list[str], checkout: Path = ROOT) -> Runner:
        """Return what runs a command from an archive to a file, with the code of a checkout."""

        def run(archive: Path) -> Cost:
            out = self.folder / "out"
            try:
                return timed(command, archive, out, checkout)
            finally:
                out.unlink(missing_ok=True)

        return run

    def backfill(self, checkout: Path) -> Runner:
        """Return what runs a checkout's backfill of an archive to a file."""

        def run(archive: Path) -> Cost:
            to = self.folder / "b.jsonl"
            command = [sys.executable, "-m", "service", "backfill", "--rate", "0", "--restart"]
            try:
                return self.piped([*command, "--to", str(to), str(archive)], checkout)(archive)
            finally:
                to.unlink(missing_ok=True)

        return run


def looking(program: str) -> Runner:
    """Return what runs a program that looks through an archive, its start not counted."""

    def run(archive: Path) -> Cost:
        command = [sys.executable, "-c", program, str(archive)]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        seconds, cpu, _ = map(float, done.stdout.split())
        return Cost(seconds, cpu, 0)

    return run


def told(name: str, cost: Cost, archive: Path, articles: int) -> str:
    """Return a row of the table."""
    megabytes = archive.stat().st_size / 1e6
    return (
        f"{name:16} {cost.seconds:7.2f} s {cost.cpu:7.2f} s cpu"
        f" {articles / cost.seconds:10.0f} articles/s {megabytes / cost.seconds:7.0f} MB/s"
        + (f"  peak {cost.peak} MiB" if cost.peak else "")
    )


def all_beside(bench: Bench, archive: Path, articles: int) -> None:
    """Measure an archive in which few articles hold a tweet."""
    grep = bench.piped(["env", "LC_ALL=C", "grep", "-cF", "t.co"])
    looks = {"look": looking(LOOK), "traces": looking(TRACES)}
    took = bench.beside({"grep": grep, **looks}, archive)
    for name, cost in took.items():
        print(told(name, cost, archive, articles), flush=True)
    for name, what in (("look", "looking for traces"), ("traces", "traces alone")):
        rate, cpu = (_beside(took, name, each) for each in ("seconds", "cpu"))
        print(f"{what} runs at {rate:.2f} of the rate of grep (cpu: {cpu:.2f})")
    commands = {
        "backfill": bench.backfill(ROOT),
        "json": bench.piped([sys.executable, "-c", JSON]),
        "cat": bench.piped(["cat"]),
    }
    if shutil.which("jq"):
        commands["jq"] = bench.piped(["jq", "-c", "."])
    took = bench.beside(commands, archive)
    for name, cost in took.items():
        print(told(name, cost, archive, articles), flush=True)
    for name in commands:
        if name != "backfill":
            time_part, cpu_part = (
                getattr(took["backfill"], what) / getattr(took[name], what)
                for what in ("seconds", "cpu")
            )
            print(f"backfill takes {time_part:.2f} of the time of {name} (cpu: {cpu_part:.2f})")


def _beside(took: Mapping[str, Cost], name: str, what: str) -> float:
    grep: float = getattr(took["grep"], what)
    return grep / float(getattr(took[name], what))


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--articles", type=int, default=200_000)
    parser.add_argument("--bytes", type=int, default=4000)
    parser.add_argument("--share", type=float, default=0.02)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--older", type=Path, help="a checkout of an older version")
    parser.add_argument(
        "--folder",
        type=Path,
        default=Path(tempfile.gettempdir()),
        help="where there is room for two archives",
    )
    given = parser.parse_args()
    os.environ["TWEET_EMBED_RECORDED"] = str(ROOT / "service" / "demo" / "recorded")
    os.environ["PYTHONPATH"] = str(ROOT)
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # as installed: what is imported is compiled
    wanted, free = (
        2 * given.articles * (given.bytes + 400) + SPARE,
        shutil.disk_usage(given.folder).free,
    )
    if free < wanted:
        sys.exit(
            f"{given.folder}: {free / 1e9:.1f} GB free, {wanted / 1e9:.1f} GB are wanted; fewer"
            " --articles, or another --folder",
        )
    with tempfile.TemporaryDirectory(dir=given.folder) as name:
        bench = Bench(Path(name), given.rounds)
        archive = bench.folder / "a.jsonl"
        write_archive(bench.folder / "small.jsonl", 1000, given.bytes, given.share)
        write_archive(archive, given.articles, given.bytes, given.share)
        print(
            f"{given.articles} articles, {archive.stat().st_size / 1e6:.0f} MB,"
            f" {given.share:.0%} with a tweet and a link",
            flush=True,
        )
        timed(["cat"], archive, Path(os.devnull))
        all_beside(bench, archive, given.articles)
        tweets = max(1, given.articles // 10)
        print(f"{tweets} articles, all with a tweet and a link", flush=True)
        write_archive(archive, tweets, given.bytes, 1.0)
        commands = {"backfill": bench.backfill(ROOT)}
        if given.older:
            commands["older"] = bench.backfill(given.older.resolve())
        took = bench.beside(commands, archive)
        for which, cost in took.items():
            print(told(which, cost, archive, tweets), flush=True)
        if given.older:
            rate = took["older"].seconds / took["backfill"].seconds
            cpu = took["older"].cpu / took["backfill"].cpu
            print(f"backfill runs at {rate:.2f} times the rate of the older (cpu: {cpu:.2f})")


if __name__ == "__main__":
    main()
