"""How long a save takes while X is down, before and after the breaker opens, beside a control whose
X answers.

    python bench/x_down.py [--saves 150] [--deadline-ms 300]

Each save is an article with a tweet and a short link that were never asked about before. X is the
stand-in of the tests, over real sockets. "before" are the saves until the breakers of both hosts
are open, "after" the rest. All must be answered, whole.
"""

# the stand-in of the tests

import argparse
import asyncio
import json
import os
import statistics
import sys
import time
from pathlib import Path

sys.path[:0] = [
    str(Path(__file__).resolve().parent.parent / folder) for folder in ("tests/support", ".")
]

from standin_answers import FAULTS
from standin_x import StandIn

from service.app import open_service
from service.core.article import Article
from service.settings import Settings

WAYS = (
    "500",
    "503",
    "402",
    "blocked",
    "html",
    "down",
    "garbage",
    "no_http",
    "close",
    "hang",
    "drip",
    "429",
)
ENDPOINT = "https://publish.x.com/oembed"


def p99(times: list[float]) -> float | None:
    """Return the 99th percentile in milliseconds; None of nothing."""
    return (
        round(statistics.quantiles(times, n=100, method="inclusive")[98] * 1000, 1)
        if len(times) > 1
        else None
    )


async def saves(many: int, deadline_ms: int) -> dict[str, object]:
    """Save so many articles, one after the other."""
    before: list[float] = []
    after: list[float] = []
    whole = 0
    async with open_service(Settings(upstream_rate=0, oembed_endpoints=(ENDPOINT,))) as parts:
        for number in range(many):
            text = f"<p>one</p>\r\n<p>https://x.com/a/status/{1988 * 10**15 + number}</p>\r\n<p>https://t.co/a{number:09}</p>"
            is_open = all(breaker.level for breaker in parts.x.requester.breakers.values())
            began = time.perf_counter()
            result = await parts.resolver(Article(text, deadline_ms=deadline_ms))
            (after if is_open else before).append(time.perf_counter() - began)
            whole += result.content == text
            await asyncio.sleep(0.005)  # as between two saves
    return {
        "before": len(before),
        "p99_before_ms": p99(before),
        "after": len(after),
        "p99_after_ms": p99(after),
        "whole": whole,
    }


def main() -> None:
    """Measure and print, one JSON object a line."""
    options = argparse.ArgumentParser(description=str(__doc__).split("\n", 1)[0])
    options.add_argument("--saves", type=int, default=150)
    options.add_argument("--deadline-ms", type=int, default=300)
    asked = options.parse_args()
    for way in ("control", *WAYS):
        with StandIn() as x:
            os.environ.update(x.env)
            if way != "control":
                x.fault |= {"tco": FAULTS[way], "oembed": FAULTS[way]}
            told = asyncio.run(saves(asked.saves, asked.deadline_ms))
            print(json.dumps({"x": way, **told, "asked": len(x.asked)}), flush=True)


if __name__ == "__main__":
    main()
