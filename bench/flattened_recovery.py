"""How many flattened tweets of the corpus get their id back: `python bench/flattened_recovery.py
[--list]`.

Every tweet of `../shared/corpus` whose blockquote is known is taught to the stand-in for X, its
words as the blockquote has them, and its short links lead to it where they show media. The three
flattenings of each, as text and as HTML, and each line in a paragraph of its own, go through the
real resolver.
"""

# a script beside the package, no part of it

import argparse
import asyncio
import html
import json
import os
import re
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "support")]

from standin_x import StandIn

from service.app import open_service
from service.core.article import Article, EmbedResult
from service.core.model import Form, Format, LineBreak, State, Tweet, TweetLink
from service.core.oembed.response import read_blockquote
from service.core.text.attribution import find_attributions
from service.core.urls.snowflake import snowflake_time
from service.core.urls.tweet_urls import read_permalink
from service.settings import Settings

CORPUS = ROOT.parent / "shared" / "corpus"
FORMS = ("flat_concat", "flat_br_newline", "flat_br_space")
MEDIA = re.compile(r"pic\.(?:twitter|x)\.com/[A-Za-z0-9]+")


@dataclass(frozen=True)
class Case:
    """A flattened tweet as an article, and the id it must get."""

    number: int
    form: str
    written_in: Format
    content: str
    tweet_id: str


def rows(path: str) -> list[dict[str, Any]]:
    """Read a file of the corpus, one object a line."""
    return [json.loads(line) for line in (CORPUS / path).read_text(encoding="utf-8").splitlines()]


def words_of(tweet: Tweet) -> str:
    """Write a tweet's words as X does."""
    return "".join(
        (
            "<br>"
            if isinstance(one, LineBreak)
            else (
                f'<a href="{html.escape(one.href)}">{html.escape(one.text)}</a>'
                if isinstance(one, TweetLink)
                else html.escape(one.text)
            )
        )
        for one in tweet.pieces
    )


def teach(x: StandIn, written: list[dict[str, Any]]) -> None:
    """Let X know every tweet of the blockquotes, and where their media links lead; other short
    links lead elsewhere.
    """
    known = set()
    for row in written:
        tweet = read_blockquote(row["html"])
        # A copy of an embed without words, or cut out of a program, is no witness to what X says.
        if (
            tweet is None
            or tweet.author_handle is None
            or tweet.id in known
            or not tweet.pieces
            or "' . \"" in row["html"]
        ):
            continue
        known.add(tweet.id)
        x.tweet(
            tweet.id,
            tweet.author_handle,
            tweet.author_name or "",
            words_of(tweet),
            lang=tweet.lang,
            dir=tweet.dir,
            date=tweet.date_text,
        )
        for one in tweet.pieces:
            if isinstance(one, TweetLink) and "t.co/" in one.href:
                media = MEDIA.fullmatch(one.text) is not None
                code = one.href.rsplit("/", 1)[1]
                x.code(
                    code,
                    (
                        f"https://twitter.com/{tweet.author_handle}/status/{tweet.id}/photo/1"
                        if media
                        else "https://example.org/page"
                    ),
                )


def cases(flattened: list[dict[str, Any]]) -> Iterator[Case]:
    """Return the articles: those that X could still tell, because a media link and an attribution
    with the right day are left in them.
    """
    for number, row in enumerate(flattened):
        truth = read_permalink(row["status_url"])
        for form in FORMS:
            text = row[form]
            found = find_attributions(text)
            day = snowflake_time(truth.id) if truth else None
            if (
                truth is None
                or day is None
                or "' . \"" in text
                or not MEDIA.search(text)
                or not found
                or found[-1].attribution.date != day.date()
            ):
                continue
            yield Case(
                number,
                form,
                Format.TEXT,
                f"Words before.\n\n{text}\n\nWords behind.",
                truth.id,
            )
            yield Case(number, form, Format.TEXT, f"Words before.\n{text}\nWords behind.", truth.id)
            written = html.escape(text, quote=False)
            yield Case(
                number,
                form,
                Format.HTML,
                f"<p>Words before.</p>\n<p>{written}</p>\n<p>Words behind.</p>",
                truth.id,
            )
            lines = written.replace("\n", "<br>\n")
            if form == "flat_br_newline" and "\n" in text.strip():
                yield from _in_paragraphs(number, text, truth.id)
            yield Case(
                number,
                form,
                Format.HTML,
                f"<p>Words before.<br>{lines}<br>Words behind.</p>",
                truth.id,
            )


def _in_paragraphs(number: int, text: str, tweet_id: str) -> Iterator[Case]:
    """Return a tweet of several lines with each in a paragraph of its own, as editors do."""
    lines = [line for line in text.split("\n") if line.strip()]
    html_lines = "".join(f"<p>{html.escape(line, quote=False)}</p>\n" for line in lines)
    page = f"<p>Words before.</p>\n{html_lines}<p>Words behind.</p>"
    blank = "\n\n".join(("Words before.", *lines, "Words behind."))
    for form, content in ((Format.HTML, page), (Format.TEXT, blank), (Format.MARKDOWN, blank)):
        yield Case(number, "flat_paragraphs", form, content, tweet_id)


def verdict(embeds: tuple[EmbedResult, ...], tweet_id: str) -> str:
    """Return what became of a case: recovered, wrong id, or kept and why."""
    written = {one.tweet_id for one in embeds if one.state is State.EMBEDDED}
    if written - {tweet_id}:
        return "WRONG"
    if written:
        return "recovered"
    flat = [one for one in embeds if one.form is Form.FLATTENED]
    return "kept: " + (
        " ".join(f"{one.state.value}/{one.reason.value if one.reason else ''}" for one in flat)
        or "not found"
    )


async def measure(every: list[Case]) -> dict[tuple[str, str], Counter[str]]:
    """Resolve every case. Gives verdicts by flattening and format."""
    outcome: dict[tuple[str, str], Counter[str]] = {}
    missed = []
    async with open_service(Settings(upstream_rate=0)) as service:
        resolver = service.resolver
        for case in every:
            result = await resolver(Article(case.content, case.written_in, deadline_ms=30_000))
            told = verdict(result.embeds, case.tweet_id)
            outcome.setdefault((case.form, case.written_in.value), Counter())[told] += 1
            if told != "recovered":
                missed.append(f"{case.number} {case.form} {case.written_in.value} {told}")
    if ARGUMENTS.list:
        sys.stdout.write("\n".join(missed) + "\n")
    return outcome


def main() -> None:
    """Print a line for each flattening and format."""
    if not CORPUS.exists():
        sys.exit("the corpus is not beside the repository")
    written = rows("markup/blockquotes.open.jsonl")
    flattened = rows("flattened/derived_from_blockquotes.open.jsonl")
    with StandIn() as x:
        os.environ.update(x.env)
        teach(x, written)
        every = list(cases(flattened))
        outcome = asyncio.run(measure(every))
    total: Counter[str] = Counter()
    for (form, written_in), counts in sorted(outcome.items()):
        total += counts
        sys.stdout.write(f"{form:16} {written_in:5} {dict(counts.most_common())}\n")
    tweets, tried = len({case.number for case in every}), sum(total.values())
    sys.stdout.write(
        f"{tweets} tweets, {tried} articles: {total['recovered'] / tried:.4f} recovered,"
        f" {total['WRONG']} wrong\n",
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--list", action="store_true", help="list what was not recovered")
    ARGUMENTS = parser.parse_args()
    main()
