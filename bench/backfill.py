"""A backfill of JSON Lines with few tweets and everything about them in the cache, beside `cat`, `jq` and Python's json, in one run.

    python bench/backfill.py [--articles 50000] [--bytes 4000] [--share 0.02]

Tells articles a second, peak memory and the ratios. Every command writes the whole archive to a file. The answers of X are the recorded
ones of the demo. Look at the ratios; the figures themselves are this machine's.
"""
# ruff: noqa: INP001, T201 - a script beside the package, no part of it; it prints

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FILLER = "The keeper wrote every morning what the night had been: wind, water, the ships that passed and those that did not. "
TWEET = "https://x.com/demo_harbour/status/2034906551094185985"
LINK = "https://t.co/Rk2Ys9Mf4A"
JSON = "import json,sys\nfor line in sys.stdin: sys.stdout.write(json.dumps(json.loads(line), ensure_ascii=False) + chr(10))"


def write_archive(path: Path, articles: int, size: int, share: float) -> None:
    """Write the articles; every one in 1/`share` has a tweet and a link."""
    every = round(1 / share)
    with path.open("w", encoding="utf-8") as file:
        for number in range(articles):
            tweet = f'\n<p>{TWEET}</p>\n<p>See <a href="{LINK}">the hours</a>.</p>' if number % every == 0 else ""
            text = f"<p>{number}: {FILLER * (size // len(FILLER))}</p>{tweet}"
            file.write(json.dumps({"id": number, "title": "A night", "content": text, "tags": ["sea"]}, ensure_ascii=False) + "\n")


def timed(command: list[str], stdin: Path, out: Path) -> tuple[float, int]:
    """Run a command; give the seconds it takes and the most memory it holds, in MiB."""
    began = time.perf_counter()
    with stdin.open("rb") as source, out.open("wb") as target:
        child = subprocess.Popen(command, stdin=source, stdout=target, stderr=subprocess.DEVNULL)  # noqa: S603 - our own commands
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        message = f"{command[0]} ended with {child.returncode}"
        raise RuntimeError(message)
    return time.perf_counter() - began, usage.ru_maxrss // 1024


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--articles", type=int, default=50_000)
    parser.add_argument("--bytes", type=int, default=4000)
    parser.add_argument("--share", type=float, default=0.02)
    given = parser.parse_args()
    os.environ["TWEET_EMBED_RECORDED"] = str(ROOT / "service" / "demo" / "recorded")
    os.environ["PYTHONPATH"] = str(ROOT)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        archive, out = folder / "a.jsonl", folder / "out"
        write_archive(archive, given.articles, given.bytes, given.share)
        megabytes = archive.stat().st_size / 1e6
        print(f"{given.articles} articles, {megabytes:.0f} MB, {given.share:.0%} with a tweet and a link")
        to = folder / "b.jsonl"
        commands = {
            "cat": ["cat"],
            "backfill": [sys.executable, "-m", "service", "backfill", str(archive), "--to", str(to), "--rate", "0"],
            "json": [sys.executable, "-c", JSON],
        } | ({"jq": ["jq", "-c", "."]} if shutil.which("jq") else {})
        took = {}
        for command, arguments in commands.items():
            seconds, memory = timed(arguments, archive, out)
            took[command] = seconds
            print(f"{command:9} {given.articles / seconds:10.0f} articles/s {megabytes / seconds:7.0f} MB/s  peak {memory} MiB")
        for command in set(commands) - {"backfill"}:
            print(f"backfill takes {took['backfill'] / took[command]:.2f} of the time of {command}")


if __name__ == "__main__":
    main()
