"""A backfill of JSON Lines with few tweets and everything about them at hand, beside `cat`, `jq`
and Python's json, in one run.

    python bench/backfill.py [--articles 1000000] [--bytes 4000] [--share 0.02] [--folder /tmp]

Tells articles a second, peak memory (of all processes of a command together) and the ratios. Every
command writes the whole archive to a file; each is run once before, on a small archive, and the
archive is read once, so that all of it is in the page cache if that is large enough. The answers of
X are the recorded ones of the demo. Look at the ratios; the figures themselves are this machine's.

The archive is made up: each article is drawn (always the same way) from 400 paragraphs of 40 to 110
words of a vocabulary of 200 in made-up order, some with umlauts, Japanese, dashes, `em`, `strong`,
and links to pages of its own; one in 25 names an address with `@` or has `&#`, and is no tweet;
`--share` of them have a tweet's address in a paragraph of its own, and a short link in a sentence.
"""

# it is secret

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
from collections.abc import Iterator
from pathlib import Path

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
MENTION = f'<p>{TWEET}</p>\n<p>See <a href="{LINK}">the hours</a>.</p>'
NO_MENTION = "<p>Write to desk@paper.example, or to J&#252;rgen.</p>"
JSON = (
    "import json,sys\nfor line in sys.stdin: sys.stdout.write(json.dumps(json.loads(line),"
    " ensure_ascii=False) + chr(10))"
)
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
            parts.insert(2, MENTION)
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


def timed(command: list[str], stdin: Path, out: Path) -> tuple[float, int]:
    """Run a command; give the seconds it takes and the most memory that it and its children hold,
    in MiB.
    """
    most = 0
    ended = threading.Event()

    def watch() -> None:
        nonlocal most
        while not ended.wait(0.1):
            most = max(most, memory_of(child.pid))

    began = time.perf_counter()
    with stdin.open("rb") as source, out.open("wb") as target:
        # our own commands
        child = subprocess.Popen(command, stdin=source, stdout=target, stderr=subprocess.DEVNULL)
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
    return took, max(most, usage.ru_maxrss) // 1024


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--articles", type=int, default=1_000_000)
    parser.add_argument("--bytes", type=int, default=4000)
    parser.add_argument("--share", type=float, default=0.02)
    parser.add_argument(
        "--folder",
        type=Path,
        default=Path(tempfile.gettempdir()),
        help="where there is room for two archives",
    )
    given = parser.parse_args()
    os.environ["TWEET_EMBED_RECORDED"] = str(ROOT / "service" / "demo" / "recorded")
    os.environ["PYTHONPATH"] = str(ROOT)
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
        folder = Path(name)
        archive, small, out, to = (
            folder / each for each in ("a.jsonl", "small.jsonl", "out", "b.jsonl")
        )
        write_archive(small, 1000, given.bytes, given.share)
        write_archive(archive, given.articles, given.bytes, given.share)
        megabytes = archive.stat().st_size / 1e6
        print(
            f"{given.articles} articles, {megabytes:.0f} MB, {given.share:.0%} with a tweet and a"
            " link",
            flush=True,
        )
        backfill = [
            sys.executable,
            "-m",
            "service",
            "backfill",
            "--rate",
            "0",
            "--restart",
            "--to",
            str(to),
        ]
        commands = {"cat": ["cat"], "backfill": backfill, "json": [sys.executable, "-c", JSON]}
        if shutil.which("jq"):
            commands["jq"] = ["jq", "-c", "."]
        timed(["cat"], archive, Path(os.devnull))
        took = {}
        for command, arguments in commands.items():
            for source in (small, archive):
                seconds, memory = timed(
                    [*arguments, *([str(source)] if command == "backfill" else [])],
                    source,
                    out,
                )
                out.unlink()
                to.unlink(missing_ok=True)
            took[command] = seconds
            speed = f"{given.articles / seconds:10.0f} articles/s {megabytes / seconds:7.0f} MB/s"
            print(f"{command:9} {seconds:7.1f} s {speed}  peak {memory} MiB", flush=True)
        for command in set(commands) - {"backfill"}:
            print(f"backfill takes {took['backfill'] / took[command]:.2f} of the time of {command}")


if __name__ == "__main__":
    main()
