"""How fast detection is: `python bench/detection_speed.py [FILE …]`; without files, on articles
made here.

Prints MB of UTF-8 a second, and beside an article without a trace of a tweet what a substring
search in it costs.
"""

# a script beside the package, no part of it

import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[1])]

from service.core.detect import detect

ROUNDS = 7
WORDS = (
    "<p>Words and <b>more</b> words, of an article that is as long as articles are; nothing more to"
    " see here.</p>\n" * 100
)
TWEET = (
    '<blockquote class="twitter-tweet"><p>Rain</p><a'
    ' href="https://x.com/a/status/1988150000000000000">May 5, 2014</a></blockquote>\n'
)
MADE = {
    "no trace": WORDS,
    "one embed": WORDS + TWEET,
    "one flattened tweet": WORDS + "<p>Rain https://t.co/abcdefghij — A (@a) May 5, 2014</p>",
    "one flattened tweet, text": (
        WORDS.replace("<p>", "").replace("</p>", "\n").replace("<b>", "").replace("</b>", "")
        + "Rain — A (@a) May 5, 2014"
    ),
    "fifty embeds": (WORDS[:1000] + TWEET) * 50,
}


def seconds(work: Callable[[], object]) -> float:
    """Time the quickest of some rounds."""
    best = float("inf")
    for _ in range(ROUNDS):
        began = time.perf_counter()
        work()
        best = min(best, time.perf_counter() - began)
    return best


def main() -> None:
    """Print a line for each article."""
    given = {name: Path(name).read_text(encoding="utf-8") for name in sys.argv[1:]}
    for name, article in (given or MADE).items():
        size = len(article.encode())
        taken = seconds(lambda article=article: detect(article))  # type: ignore[misc]
        search = seconds(lambda article=article: "twitter.invalid" in article)  # type: ignore[misc]
        sys.stdout.write(
            f"{name:28} {size:8} bytes {taken * 1000:8.3f} ms {size / taken / 1e6:8.1f} MB/s; a"
            f" substring search {search * 1000:.3f} ms\n",
        )


if __name__ == "__main__":
    main()
