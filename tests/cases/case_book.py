"""Articles that editors, converters and plugins leave behind, and what must come back of each.

`articles/` holds them byte for byte. `cases.json` says with which `format` and `options` each is
sent, and what to `expect`: `embeds` (all of `[tweet_id, state]` in order), `forbid_ids` (never
embedded), `unchanged`, `contains`, `absent`, `count` (how often a text stands there) and `any_of`
(one of these is enough). `world.json` says what X knows.
"""

import json
import re
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bs4 import BeautifulSoup, Tag
from standin_x import StandIn

from service.core.article import EmbedResult, Result
from service.core.model import State

HERE = Path(__file__).resolve().parent


@dataclass(frozen=True)
class Case:
    """An article, how it is sent, and what must come back."""

    name: str
    content: str
    format: str
    options: dict[str, Any]
    expect: dict[str, Any]
    row: int | None = None
    debatable: bool = False
    via: str = "resolve"
    file: Path = field(default=HERE, compare=False)


def _read(path: Path) -> str:
    return path.read_bytes().decode("utf-8")


def _case(entry: dict[str, Any]) -> Case:
    path = HERE / entry["file"]
    debatable = bool(entry.get("debatable"))
    sent = (entry["name"], _read(path), entry["format"], entry["options"], entry["expect"])
    return Case(*sent, entry["row"], debatable, entry.get("via", "resolve"), path)


def read_cases() -> list[Case]:
    """Return all cases in the order of the book."""
    return [_case(entry) for entry in json.loads(_read(HERE / "cases.json"))]


def read_not_yet(section: str = "cases") -> dict[str, str]:
    """Return the names of what does not hold yet, each with what is missing."""
    listed: dict[str, dict[str, str]] = json.loads(_read(HERE / "not_yet.json"))
    return listed.get(section, {})


def teach(x: StandIn) -> None:
    """Let X know the tweets and codes of the book."""
    world = json.loads(_read(HERE / "world.json"))
    for tweet_id, tweet in world["tweets"].items():
        if not tweet.get("gone"):
            known = {"lang": tweet["lang"], "dir": tweet["dir"], "date": tweet["date"]}
            x.tweet(tweet_id, tweet["handle"], tweet["name"], tweet["html"], **known)
    for code, leads in (world["tco"] | world["pic"]).items():
        x.code(code, leads["location"])


# --- what is wrong with an answer ---


def quotations(content: str, render: str = "blockquote") -> Counter[str]:
    """Return how often each tweet stands in the content as a quotation closed by its permalink."""
    page = BeautifulSoup(re.sub(r"<!\[CDATA\[|\]\]>", "", content), "html.parser")
    if render == "link":
        shown = [_tweet_of(link) for link in page.select("p.tweet-embed-link > a[href]")]
    else:
        shown = [
            _tweet_of(quote.find_all("a")[-1])
            for quote in page.select("blockquote.twitter-tweet")
            if quote.find("a")
        ]
    return Counter(filter(None, shown))


def _tweet_of(link: Tag) -> str | None:
    found = re.match(
        r"https?://(?:www\.|mobile\.)?(?:x|twitter)\.com/\w+(?:/web)?/status/(\d+)",
        str(link.get("href") or ""),
    )
    return found[1] if found else None


def _shown_wrong(embeds: tuple[EmbedResult, ...], content: str, render: str) -> list[str]:
    written = Counter(embed.tweet_id or "" for embed in embeds if embed.state is State.EMBEDDED)
    missing = written - quotations(content, render)
    return [f"{tweet_id} is said to be embedded and does not stand there" for tweet_id in missing]


def wrong_texts(expect: dict[str, Any], before: str, after: str) -> list[str]:
    """Return what is wrong with the content that came back, by what the case says of texts."""
    wrong = []
    if expect.get("unchanged") and before != after:
        wrong.append("the content is not what was sent")
    wrong += [f"lost: {text!r}" for text in expect.get("contains", ()) if text not in after]
    wrong += [
        f"must not stand there: {text!r}" for text in expect.get("absent", ()) if text in after
    ]
    counted = {text: after.count(text) for text in expect.get("count", {})}
    wrong += [
        f"{times} times: {text!r}"
        for text, times in counted.items()
        if times != expect["count"][text]
    ]
    return wrong


def wrong_answer(
    expect: dict[str, Any], sent: str, result: Result, render: str = "blockquote"
) -> list[str]:
    """Return all that is wrong with an answer; nothing where it is as expected."""
    wrong = wrong_texts(expect, sent, result.content) + _shown_wrong(
        result.embeds, result.content, render
    )
    states = [[embed.tweet_id, embed.state.value] for embed in result.embeds]
    if "embeds" in expect and states != expect["embeds"]:
        wrong.append(f"embeds: {states}")
    shown = quotations(result.content, render) - quotations(sent, render)
    for tweet_id in expect.get("forbid_ids", ()):
        embedded = [
            embed
            for embed in result.embeds
            if embed.tweet_id == tweet_id and embed.state is State.EMBEDDED
        ]
        if embedded or shown[tweet_id]:
            wrong.append(f"{tweet_id} is shown, and is not the one")
    choices = [wrong_answer(choice, sent, result, render) for choice in expect.get("any_of", ())]
    if choices and all(choices):
        wrong.append("none of: " + " | ".join("; ".join(choice) for choice in choices))
    return wrong
