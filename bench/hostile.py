"""How the time for a hostile article grows with its length: t(2n)/t(n) of every seed.

    python bench/hostile.py [--size 1048576] [--only WORD] [--budget-s 20] [--worst 15]

The seeds are those of `tests/core/test_hostile.py`, in each format that reads them otherwise, and
the articles of `hostile_bodies.py`. Each is resolved whole (found, asked about, proved, written) by
one process, X's answers about what it names known; the time is that of the processor, the best of
some. Lengths are doubled up to `--size`, or until one takes longer than `--budget-s`; a ratio is
told of runs that take 20 ms and more. The last lines tell the worst.
"""

import argparse
import asyncio
import gc
import json
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from hostile_bodies import TWEET_ID, articles

from service.app import Service, open_service
from service.core.article import Article
from service.core.model import Format
from service.settings import Settings

FIRST = 16 * 1024
ENOUGH_S = 0.02
BAR, GOAL = 2.6, 2.2
MOST_RUNS = 5


def recorded(folder: Path) -> Path:
    """Write what X answers about the tweet and the short link of the articles."""
    address = f"https://x.com/a/status/{TWEET_ID}"
    quotation = (
        '<blockquote class="twitter-tweet"><p lang="en" dir="ltr">words</p>&mdash; A (@a)'
        f' <a href="https://twitter.com/a/status/{TWEET_ID}">May 5, 2014</a></blockquote>'
    )
    told = {"author_name": "A", "author_url": "https://twitter.com/a", "url": address}
    (folder / "oembed").mkdir()
    (folder / "oembed" / f"{TWEET_ID}.json").write_text(json.dumps(told | {"html": quotation}))
    (folder / "t.co").mkdir()
    target = {"status": 301, "headers": {"location": f"{address}/photo/1"}}
    (folder / "t.co" / "abcdefghij.json").write_text(json.dumps(target))
    return folder


async def seconds(service: Service, written_in: Format, text: str) -> float:
    """Return the processor's seconds for an article, collection of garbage aside."""
    gc.collect()
    gc.disable()
    try:
        began = time.process_time()
        await service.resolver(Article(text, format=written_in, deadline_ms=1000))
        return time.process_time() - began
    finally:
        gc.enable()


async def growth(
    service: Service, written_in: Format, build: Callable[[int], str], size: int, budget_s: float
) -> tuple[float, int, float]:
    """Return the greatest ratio of an article's times, the greatest length, and its time."""
    worst, length, before, took = 0.0, FIRST, 0.0, 0.0
    while True:
        text, runs = build(length), 1
        took = await seconds(service, written_in, text)
        while before >= ENOUGH_S and took > GOAL * before and runs < MOST_RUNS and took < budget_s:
            took, runs = min(took, await seconds(service, written_in, text)), runs + 1
            if runs == MOST_RUNS // 2:  # the shorter one may have been lucky
                before = max(before, await seconds(service, written_in, build(length // 2)))
        if before >= ENOUGH_S:
            worst = max(worst, took / before)
        if length * 2 > size or took > budget_s:
            return worst, length, took
        length, before = length * 2, took


async def run(size: int, only: str, budget_s: float, worst: int) -> None:
    """Measure every article, and print it."""
    rows: list[tuple[float, int, float, str]] = []
    with tempfile.TemporaryDirectory() as folder:
        async with open_service(Settings(recorded=recorded(Path(folder)))) as service:
            for name, (written_in, build) in articles().items():
                if only in name:
                    told = await growth(service, written_in, build, size, budget_s)
                    rows.append((*told, name))
                    print(f"{told[0]:5.2f}  {told[1]:8} {told[2]:8.2f} s  {name}", flush=True)
    rows.sort(reverse=True)
    measured = [row for row in rows if row[0]]
    over = [f"over {bar}: {sum(row[0] > bar for row in measured)}" for bar in (BAR, GOAL)]
    print(f"\n{len(rows)} articles, {len(measured)} with a ratio; {', '.join(over)}")
    print("greatest ratios:")
    for ratio, length, took, name in rows[:worst]:
        print(f"{ratio:5.2f}  {length:8} {took:8.2f} s  {name}")
    print("longest:")
    for ratio, length, took, name in sorted(rows, key=lambda row: -row[2])[:worst]:
        print(f"{ratio:5.2f}  {length:8} {took:8.2f} s  {name}")


def main() -> None:
    """Read the command line and run."""
    options = argparse.ArgumentParser(description=str(__doc__).split("\n", 1)[0])
    options.add_argument("--size", type=int, default=1024 * 1024)
    options.add_argument("--only", default="")
    options.add_argument("--budget-s", type=float, default=20.0)
    options.add_argument("--worst", type=int, default=15)
    asked = options.parse_args()
    asyncio.run(run(asked.size, asked.only, asked.budget_s, asked.worst))


if __name__ == "__main__":
    main()
