"""What variations of the book's cases are written of: its tweets, in the shapes that they have.

A variation says which tweets are embedded, and what of the article must come back. `...` in place
of the tweets leaves them open.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import EllipsisType
from typing import Any

_WORLD: dict[str, Any] = json.loads((Path(__file__).parent / "world.json").read_text("utf-8"))
FERRY_ID, QUEUE_ID, GONE_ID = "1765016916587458617", "1766003416888258617", "1766365804753858617"
FERRY = f"https://twitter.com/harbor_desk/status/{FERRY_ID}"
QUEUE = f"https://twitter.com/lena_quay/status/{QUEUE_ID}"
GONE = f"https://twitter.com/gone_girl/status/{GONE_ID}"
SHORT = "https://t.co/News12abCd"
CODE = "pic.twitter.com/Fr7kQ2LmZx"
PICTURE = f'<a href="https://t.co/Fr7kQ2LmZx">{CODE}</a>'
FERRY_WORDS = str(_WORLD["tweets"][FERRY_ID]["html"]).partition(" <a")[0]
QUEUE_WORDS = str(_WORLD["tweets"][QUEUE_ID]["html"])
FERRY_SIGNED = "— Harbor Desk (@harbor_desk)"
FERRY_LINE = f"{FERRY_SIGNED} March 5, 2024"
FERRY_LINKED = f'{FERRY_SIGNED} <a href="{FERRY}">March 5, 2024</a>'
QUEUE_LINKED = f'&mdash; Lena Quay (@lena_quay) <a href="{QUEUE}?s=20">March 8, 2024</a>'
GONE_LINKED = f'&mdash; Gone Girl (@gone_girl) <a href="{GONE}">March 9, 2024</a>'
FLAT = f"{FERRY_WORDS} {CODE} {FERRY_LINE}"
MARKED = '<blockquote class="twitter-tweet">'


def quoted(words: str, closing: str) -> str:
    """Return X's own markup of a tweet."""
    return f'{MARKED}<p lang="en" dir="ltr">{words}</p>{closing}</blockquote>'


FERRY_QUOTED = quoted(f"{FERRY_WORDS} {PICTURE}", FERRY_LINKED)
QUEUE_QUOTED = quoted(QUEUE_WORDS, QUEUE_LINKED)
GONE_QUOTED = quoted("I was never here", GONE_LINKED)
SCRIPT = '<script async src="https://platform.twitter.com/widgets.js" charset="utf-8"></script>'


@dataclass(frozen=True)
class Variation:
    """An article, how it is sent, the tweets that are `shown` by id, in order, and what must stand
    in the answer. `whole` leaves the article as it is, character for character.
    """

    name: str
    content: str
    shown: Sequence[str] | EllipsisType = ()
    keeps: Sequence[str] = ()
    format: str | None = None
    options: dict[str, Any] = field(default_factory=dict)
    whole: bool = False
    loses: Sequence[str] = ()


def framed(one: Variation) -> Iterator[Variation]:
    """Return an article in HTML in the frames that a page, a block and a list put around it."""
    if one.format is not None or one.whole or not one.content.startswith("<"):
        return
    if "wp:" in one.content or "\n\n" in one.content:
        return
    for name, before, behind in (
        ("between", "<p>Before.</p>\n", "\n<p>After.</p>\n"),
        ("block", "<!-- wp:html -->\n", "\n<!-- /wp:html -->\n"),
        ("page", '<div class="entry"><div>\n', "\n</div></div>"),
    ):
        yield Variation(
            f"{one.name}@{name}",
            before + one.content + behind,
            one.shown,
            [*one.keeps, before, behind] if name != "block" else one.keeps,
            options=one.options,
            loses=one.loses,
        )
