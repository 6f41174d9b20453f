"""Which tweets without a code get their id back, and whether a wrong one ever does.

python bench/candidates.py [--articles 20000] [--tries 10000]

1. The flattened texts of `../shared/corpus`, each tweet known to the stand-in for X and to one
   source of candidates at a time: recovered by source, and by what the text carried.
2. An archive of articles: each tweet whole in one and flattened in three others, its words changed
   as WordPress changes typography. `tweet-embed backfill` settles it from the index alone.
3. Traps: strangers' ids under the right handle, equal tweets of a day, renamed authors, other days,
   other words, sources in trouble. Any tweet written that is not the quoted one counts as wrong.
"""
# a script beside the package, no part of it

import argparse
import asyncio
import datetime as dt
import hashlib
import html
import json
import logging
import os
import random
import re
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "support"), str(ROOT / "bench")]

import standin_archive
import standin_search
from flattened_recovery import CORPUS, MEDIA, rows, teach, words_of
from standin_answers import english_date
from standin_x import StandIn

from service.app import Service, open_service
from service.cache.candidate_tables import CandidateRow, add_candidates
from service.candidates.clue import FIRST_SNOWFLAKE
from service.core.article import Article, EmbedResult
from service.core.model import Format, State, Tweet, TweetLink
from service.core.oembed.response import read_blockquote
from service.setting_values import SOURCES, Settings

TOKEN = "AAAA%2FBBBB"  # noqa: S105 - of the stand-in
WAIT_MS = 30_000
FLATTENINGS = ("flat_concat", "flat_br_newline", "flat_br_space")
DAY_OF_IDS = 86_400_000 << 22
ENOUGH_LETTERS = 20
FAULTS_OF_SOURCES = 0.05
"""How often a source that is asked is in trouble."""
CODE = re.compile(r"(?<=t\.co/)\w+|(?<=pic\.twitter\.com/)\w+|(?<=pic\.x\.com/)\w+")


@dataclass(frozen=True)
class Case:
    """A flattened tweet of the corpus: its text, what it carries, and the tweet it is."""

    text: str
    carried: str
    tweet: Tweet
    blockquote: str

    @property
    def url(self) -> str:
        """The address of the article that quotes it."""
        return f"https://news.example/{self.tweet.id}"


def cases() -> Iterator[Case]:
    """Return the flattened texts whose tweet is known."""
    for row in rows("markup/blockquotes.open.jsonl"):
        tweet = read_blockquote(row["html"])
        if tweet is None or not tweet.author_handle or not tweet.pieces or "' . \"" in row["html"]:
            continue
        text = row["flat_concat"]
        carried = "code" if MEDIA.search(text) else "t.co" if "t.co/" in text else "nothing"
        yield Case(text, carried, tweet, row["html"])


def shown(embeds: tuple[EmbedResult, ...], tweet_id: str) -> str:
    """Return what became of the tweet of an article: `recovered`, `WRONG`, or why not."""
    written = {each.tweet_id for each in embeds if each.state is State.EMBEDDED}
    if written:
        return "recovered" if written == {tweet_id} else "WRONG"
    reasons = {each.reason.value for each in embeds if each.reason}
    return "/".join(sorted(reasons)) or "not detected"


def settings(folder: str, *sources: str) -> Settings:
    """Return settings with these sources alone."""
    return Settings(
        upstream_rate=0,
        cache_path=f"{folder}/store-{'-'.join(sources) or 'none'}.sqlite3",
        sources=sources,
        x_api_token=TOKEN,
        x_api_budget=1_000_000,
        contact="bench@news.example",
    )


@asynccontextmanager
async def service_with(given: Settings):  # noqa: ANN201 - a context manager of a service
    """Open a service whose sources do not wait for turns: the stand-ins stand it."""
    async with open_service(given) as service:
        for search in service.candidates.searches.values():
            search.session.gap_s = 0.0
        yield service


async def note(service: Service, tweets: list[Tweet], source: str) -> None:
    """Put tweets into the index."""
    found = [CandidateRow((each.author_handle or "").lower(), each.id, source) for each in tweets]
    await service.store.write_now(lambda connection: add_candidates(connection, found))


def publish(x: StandIn, known: list[Case]) -> None:
    """Let the Archive and X's search know every tweet."""
    archive = x.sites[standin_archive.HOST] = standin_archive.Archive(most_a_minute=0)
    search = x.sites[standin_search.HOST] = standin_search.Search(TOKEN)
    for case in known:
        handle = case.tweet.author_handle or ""
        links = [each.href for each in case.tweet.pieces if isinstance(each, TweetLink)]
        codes = tuple(each.rsplit("/", 1)[1] for each in links if "t.co/" in each)
        search.post(case.tweet.id, handle, case.tweet.text, codes)
        archive.capture(f"https://twitter.com/{handle}/status/{case.tweet.id}", "20251120120000")
        archive.page(case.url, "20251120120000", case.blockquote)


async def by_source(known: list[Case], source: str, folder: str) -> dict[str, Counter[str]]:
    """Resolve every text with one source. Return outcomes by what the text carried."""
    outcome: dict[str, Counter[str]] = {}
    sources = () if source == "none" else (source,)
    async with service_with(settings(folder, *sources)) as service:
        if source in {"index", "revision", "import"}:
            await note(service, [case.tweet for case in known], source)
        for case in known:
            content = f"Words before.\n\n{case.text}\n\nWords behind."
            result = await service.resolver(
                Article(
                    content,
                    Format.TEXT,
                    deadline_ms=WAIT_MS,
                    url=case.url,
                    wait_for_sources=True,
                )
            )
            told = shown(result.embeds, case.tweet.id)
            outcome.setdefault(case.carried, Counter())[told] += 1
    return outcome


def print_by_source(x: StandIn, folder: str) -> None:
    """Print a line for each source, the first without any."""
    known = list({case.tweet.id: case for case in cases()}.values())
    publish(x, known)
    totals = Counter(case.carried for case in known)
    order = ("code", "t.co", "nothing")
    sys.stdout.write(
        f"{len(known)} tweets: {', '.join(f'{totals[each]} {each}' for each in order)}\n"
    )
    for source in ("none", *SOURCES):
        outcome = asyncio.run(by_source(known, source, folder))
        parts = [f"{each} {outcome[each]['recovered']}/{totals[each]}" for each in order]
        every: Counter[str] = sum(outcome.values(), Counter())
        wrong, recovered = every.pop("WRONG", 0), every.pop("recovered", 0)
        rest = ", ".join(f"{count} {why}" for why, count in every.most_common())
        sys.stdout.write(
            f"  {source:9} {recovered}/{len(known)} recovered ({', '.join(parts)}), {wrong} wrong;"
            f" left: {rest}\n"
        )
        sys.stdout.flush()


# --- an archive ---


def texturized(text: str) -> str:
    """Change typography as WordPress does (wptexturize), in short."""
    text = text.replace("...", "…").replace("---", "—").replace("--", "–")
    text = re.sub(r"(?<=\d)x(?=\d)", "×", text)
    text = re.sub(r'(^|[\s(\[])"', r"\1“", text).replace('"', "”")
    return re.sub(r"(^|[\s(\[“])'", r"\1‘", text).replace("'", "’")


def later(tweet: Tweet, days: int) -> Tweet:
    """Return the same words on another day, under another handle, with codes of their own."""
    if not days:
        return tweet
    moved = str(int(tweet.id) + days * DAY_OF_IDS)

    def recoded(text: str) -> str:
        return CODE.sub(
            lambda match: hashlib.sha256(f"{moved}{match[0]}".encode()).hexdigest()[:10], text
        )

    pieces = tuple(
        replace(each, text=recoded(each.text), href=recoded(each.href))
        if isinstance(each, TweetLink)
        else each
        for each in tweet.pieces
    )
    handle = f"{(tweet.author_handle or '')[:9]}_{days}"
    return replace(tweet, id=moved, author_handle=handle, pieces=pieces, date_text=None)


def flat_of(tweet: Tweet) -> str:
    """Return a tweet as a paragraph that lost its markup."""
    words = html.escape(texturized(tweet.text), quote=False).replace("\n", "<br>\n")
    name = html.escape(tweet.author_name or "", quote=False)
    return f"<p>{words} — {name} (@{tweet.author_handle}) {english_date(tweet.id)}</p>"


def whole_of(tweet: Tweet) -> str:
    """Return a tweet as X's embed."""
    lang = f' lang="{tweet.lang}" dir="{tweet.dir or "ltr"}"' if tweet.lang else ""
    name, handle = html.escape(tweet.author_name or ""), tweet.author_handle
    return (
        f'<blockquote class="twitter-tweet"><p{lang}>{words_of(tweet)}</p>&mdash; {name}'
        f' (@{handle}) <a href="https://twitter.com/{handle}/status/{tweet.id}?ref_src=twsrc%5Etfw">'
        f"{english_date(tweet.id)}</a></blockquote>"
    )


def is_provable(tweet: Tweet) -> bool:
    """Return whether words or a short link are enough to prove it."""
    links = [each for each in tweet.pieces if isinstance(each, TweetLink)]
    bare = tweet.text
    for each in links:
        if not each.text.startswith(("@", "#", "$")):
            bare = bare.replace(each.text, "")
    letters = sum(each.isalnum() for each in bare)
    if int(tweet.id) < FIRST_SNOWFLAKE:
        return False
    return letters >= ENOUGH_LETTERS or any(
        "t.co/" in each.href and ("t.co/" in each.text or "pic." in each.text) for each in links
    )


def print_archive(x: StandIn, folder: Path, articles: int) -> None:
    """Make an archive, settle it by the command, and print what came back."""
    known = list({case.tweet.id: case.tweet for case in cases()}.values())
    tweets = [
        later(tweet, round_)
        for round_ in range(articles // (4 * len(known)) + 1)
        for tweet in known
    ][: articles // 4]
    for tweet in tweets:
        x.tweet(
            tweet.id,
            tweet.author_handle or "",
            tweet.author_name or "",
            words_of(tweet),
            lang=tweet.lang,
            dir=tweet.dir,
            date=english_date(tweet.id),
        )
        for each in tweet.pieces:
            if isinstance(each, TweetLink) and "t.co/" in each.href:
                x.code(each.href.rsplit("/", 1)[1], "https://example.org/page")
    texts = [(tweet, form(tweet)) for tweet in tweets for form in (whole_of, *[flat_of] * 3)]
    random.Random(16).shuffle(texts)  # noqa: S311 - an order
    source, out = folder / "archive.jsonl", folder / "out.jsonl"
    source.write_text(
        "".join(
            json.dumps({"id": tweet.id, "content": f"<p>Before.</p>\n{text}\n<p>After.</p>"}) + "\n"
            for tweet, text in texts
        ),
        encoding="utf-8",
    )
    report = folder / "report.jsonl"
    began = dt.datetime.now(dt.UTC)
    subprocess.run(
        [sys.executable, "-m", "service", "backfill", source, "--to", out, "--report", report],
        check=True,
        env=os.environ | {"TWEET_EMBED_UPSTREAM_RATE": "0"},
        cwd=ROOT,
    )
    took_s = (dt.datetime.now(dt.UTC) - began).total_seconds()
    by_id = {tweet.id: tweet for tweet in tweets}
    outcome: dict[bool, Counter[str]] = {True: Counter(), False: Counter()}
    for row in map(json.loads, report.read_text(encoding="utf-8").splitlines()):
        for each in row.get("tweets", ()):
            if each["form"] != "flattened":
                continue
            right = each["state"] == "embedded" and each["id"] == row["id"]
            wrong = each["state"] == "embedded" and each["id"] != row["id"]
            told = "recovered" if right else "WRONG" if wrong else each["reason"] or each["state"]
            outcome[is_provable(by_id[row["id"]])][told] += 1
    questions = [each.path for each in x.asked if "oembed" in each.path]
    asked = {each.partition("status%2F")[2][:20] for each in questions}
    provable = outcome[True]
    sys.stdout.write(
        f"archive of {len(texts):,} articles, {len(tweets):,} tweets, in {took_s:.0f} s:"
        f" of {sum(provable.values()):,} flattened tweets that can be proved"
        f" {provable['recovered'] / max(1, sum(provable.values())):.4f} recovered\n"
        f"  these: {dict(provable.most_common())}\n"
        f"  the others: {dict(outcome[False].most_common())}\n"
        f"  X was asked about {len(asked):,} tweets, {len(questions):,} times\n"
    )


# --- traps ---

WORDS = (
    "the mayor opened bridge over river after years of work and many people came to see it while"
    " rain fell on town hall but nobody minded because music played until late into night"
).split()
NAMES = ("Ada_L", "bob_press", "NewsDesk", "harbour_lights")


@dataclass(frozen=True)
class Trap:
    """A quotation, the only tweet that may be written for it (or none), and what it is about."""

    kind: str
    text: str
    allowed: str | None


class Traps:
    """Makes traps: each plants what sources name, and what X says of it."""

    def __init__(self, x: StandIn, chance: random.Random) -> None:
        """Plant at X."""
        self._x, self._chance = x, chance
        self._number = 0
        self._source = ""
        self.planted: list[CandidateRow] = []
        self.archive = x.sites[standin_archive.HOST] = standin_archive.Archive(most_a_minute=0)
        self.search = x.sites[standin_search.HOST] = standin_search.Search(TOKEN)

    def _id(self, day: dt.date) -> str:
        self._number += 1
        start = dt.datetime(day.year, day.month, day.day, tzinfo=dt.UTC).timestamp() * 1000
        return str(
            (int(start + self._chance.uniform(0, 86_399_000)) - 1_288_834_974_657 << 22)
            + self._number % 4096
        )

    def _plant(self, tweet_id: str, handle: str, words: str, author: str | None = None) -> None:
        self._x.tweet(tweet_id, author or handle, "Name", html.escape(words))
        self._name(tweet_id, handle, words)

    def _name(self, tweet_id: str, handle: str, words: str) -> None:
        """Let a source name an id."""
        if self._source == "wayback":
            self.archive.capture(f"https://twitter.com/{handle}/status/{tweet_id}", "20250101")
        elif self._source == "x_api":
            self.search.post(tweet_id, handle, words)
        else:  # several local sources may know tweets of a day
            source = self._chance.choice(SOURCES[:3])
            self.planted.append(CandidateRow(handle.lower(), tweet_id, source))

    def _fails(self) -> bool:
        return self._chance.random() < FAULTS_OF_SOURCES

    def make(self) -> Trap:
        """Make one."""
        chance = self._chance
        self._source = chance.choice(("local", "local", "x_api", "wayback"))
        self.archive.fault = chance.choice(tuple(standin_archive.FAULTS)) if self._fails() else None
        self.search.fault = chance.choice(tuple(standin_search.FAULTS)) if self._fails() else None
        kind = chance.choice(
            ("stranger", "twins", "renamed", "day", "words", "short", "true", "among", "false row")
        )
        day = dt.date(2012, 1, 1) + dt.timedelta(chance.randrange(5000))
        day = dt.date(2018, 5, 25) if chance.random() < 0.1 else day  # noqa: PLR2004 - ids grew
        # a handle of its own, so that traps do not meet
        handle = f"{chance.choice(NAMES)[:8]}{self._number % 1_000_000}"
        words = " ".join(chance.choices(WORDS, k=chance.randrange(7, 16)))
        tweet_id = self._id(day)
        told = f"{words} — Name (@{handle}) {day:%B} {day.day}, {day.year}"
        allowed: str | None = None
        if kind == "stranger":
            self._plant(tweet_id, handle, words, author=f"other{self._number}")
        elif kind == "twins":
            self._plant(tweet_id, handle, words)
            self._plant(self._id(day), handle, words)
        elif kind == "renamed":
            self._plant(tweet_id, handle, words, author=f"{handle[:10]}_new")
        elif kind == "day":
            self._plant(self._id(day + dt.timedelta(chance.choice((-1, 1)))), handle, words)
        elif kind == "words":
            changed = words.split()
            changed[chance.randrange(len(changed))] += "s"
            self._plant(tweet_id, handle, " ".join(changed))
        elif kind == "short":
            told = told.replace(words, "Rain again")
            self._plant(tweet_id, handle, "Rain again")
        elif kind == "false row":  # an id that X does not know
            self._name(tweet_id, handle, words)
        else:
            allowed = tweet_id
            self._plant(tweet_id, handle, words)
            for _ in range(chance.randrange(1, 4) if kind == "among" else 0):
                self._plant(self._id(day), handle, f"{words} {chance.choice(WORDS)}")
        return Trap(kind, told, allowed)


async def try_traps(x: StandIn, tries: int, folder: str) -> Counter[tuple[str, str]]:
    """Resolve traps. Return outcomes by kind."""
    outcome: Counter[tuple[str, str]] = Counter()
    traps = Traps(x, random.Random(16))  # noqa: S311 - what to plant
    asked = tuple(each for each in SOURCES if each != "snapshot")
    async with service_with(settings(folder, *asked)) as service:
        for number in range(tries):
            if number % 200 == 0:
                traps.archive.captures.clear()
                traps.search.posts.clear()
            trap = traps.make()
            found, traps.planted = traps.planted, []
            await service.store.write_now(lambda db, found=found: add_candidates(db, found))
            # what rests after a trouble may be asked again at once
            await service.store.write_now(lambda db: db.execute("DELETE FROM sources").rowcount)
            result = await service.resolver(
                Article(
                    f"Before.\n\n{trap.text}\n\nAfter.",
                    Format.TEXT,
                    deadline_ms=WAIT_MS,
                    wait_for_sources=True,
                )
            )
            written = [each.tweet_id for each in result.embeds if each.state is State.EMBEDDED]
            if written:
                told = "right" if written == [trap.allowed] else "WRONG"
            else:
                told = "left" if trap.allowed is None else "missed"
            outcome[trap.kind, told] += 1
    return outcome


def print_traps(x: StandIn, tries: int, folder: str) -> None:
    """Print a line for each kind."""
    outcome = asyncio.run(try_traps(x, tries, folder))
    for kind in sorted({kind for kind, _ in outcome}):
        parts = {told: count for (each, told), count in outcome.items() if each == kind}
        sys.stdout.write(f"  {kind:10} {parts}\n")
    wrong = sum(count for (_, told), count in outcome.items() if told == "WRONG")
    sys.stdout.write(f"traps: {wrong} wrong tweets in {sum(outcome.values()):,} tries\n")


def main() -> None:
    """Print all three."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--articles", type=int, default=20_000, help="of the archive; 0: none")
    parser.add_argument("--tries", type=int, default=10_000, help="of traps; 0: none")
    given = parser.parse_args()
    logging.getLogger("tweet_embed.candidates").setLevel(logging.ERROR)
    with StandIn() as x, tempfile.TemporaryDirectory() as folder:
        os.environ.update(x.env)
        if CORPUS.exists():
            teach(x, rows("markup/blockquotes.open.jsonl"))
            print_by_source(x, folder)
            if given.articles:
                x.asked.clear()
                print_archive(x, Path(folder), given.articles)
        else:
            sys.stdout.write("the corpus is not beside the repository: traps alone\n")
        if given.tries:
            print_traps(x, given.tries, folder)


if __name__ == "__main__":
    main()
