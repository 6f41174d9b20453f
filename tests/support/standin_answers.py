"""What the stand-in for X says: its answers when all is well, and when something is wrong
(docs/x-behaviour.md 1 and 2 and 1 to 5).
"""

import datetime as dt
import gzip
import html
import json
from dataclasses import dataclass, field

SHELL = (
    '<head><noscript><META http-equiv="refresh"'
    ' content="0;URL={html}"></noscript><title>{html}</title></head><script>window.opener = null;'
    ' location.replace("{script}")</script>'
)


@dataclass
class Answer:
    """An answer, sent as it says: no header is added but Content-Length. `raw`: these bytes instead
    of an HTTP answer.
    """

    status: int = 200
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""
    pause_s: float = 0  # between two bytes
    hang: bool = False  # say nothing
    raw: bytes | None = None
    closes: bool = True  # behind raw bytes

    def bytes(self) -> bytes:
        if self.raw is not None:
            return self.raw
        lines = [
            f"HTTP/1.1 {self.status} -",
            *(f"{name}: {value}" for name, value in self.headers),
            f"Content-Length: {len(self.body)}",
        ]
        return "\r\n".join([*lines, "", ""]).encode() + self.body


def _json(status: int, value: object, *headers: tuple[str, str]) -> Answer:
    return Answer(
        status,
        [("Content-Type", "application/json; charset=utf-8"), *headers],
        json.dumps(value).replace("/", "\\/").encode(),
    )


def _page(status: int, page: str, *headers: tuple[str, str]) -> Answer:
    return Answer(status, [("Content-Type", "text/html; charset=utf-8"), *headers], page.encode())


_BOMB = Answer(
    200,
    [("Content-Type", "application/json"), ("Content-Encoding", "gzip")],
    gzip.compress(bytes(16 * 1024 * 1024)),
)

FAULTS: dict[str, Answer] = {
    "not_found": _page(404, ""),
    "forbidden": _json(
        403,
        {"error": "Sorry, you are not authorized to see this status.", "request": "/oembed"},
    ),
    "blocked": _page(403, "<h1>Forbidden</h1>"),
    "400": _page(400, "Bad Request"),
    "402": _page(402, "Payment Required"),
    "429": _json(
        429,
        {"errors": [{"message": "Rate limit exceeded", "code": 88}]},
        ("Retry-After", "30"),
    ),
    "500": _page(500, "<h1>Internal Server Error</h1>"),
    "503": _page(503, "<h1>Over capacity</h1>"),
    "html": _page(
        200,
        "<!DOCTYPE html><html><body>Something went wrong. Try reloading.</body></html>",
    ),
    "half_json": Answer(
        200,
        [("Content-Type", "application/json")],
        b'{"url":"https:\\/\\/x.com\\/a\\/status\\/20","html":"\\u003Cblockq',
    ),
    "garbage": Answer(200, [("Content-Type", "application/json")], bytes(range(256)) * 4),
    "no_http": Answer(raw=b"\x16\x03\x01 this is not HTTP\r\n\r\n"),
    "empty": _page(200, ""),
    "down": _page(200, "This page is down"),
    "api_plan": _json(
        200,
        {
            "errors": [
                {
                    "message": "Your current API plan does not include access to this endpoint",
                    "code": 467,
                },
            ],
        },
    ),
    "hang": Answer(hang=True),
    "drip": Answer(200, [("Content-Type", "application/json")], b" " * 1000, pause_s=0.05),
    "close": Answer(raw=b""),
    "bomb": _BOMB,
    "flood": Answer(200, [("Content-Type", "application/json")], b" " * (3 * 1024 * 1024)),
    "loop": Answer(302, [("Location", "https://publish.x.com/oembed?round=again")]),
}
"""What can go wrong, by name (docs/x-behaviour.md 1.3 and 2.4)."""


@dataclass
class KnownTweet:
    id: str
    handle: str
    name: str
    text_html: str
    lang: str | None
    dir: str | None
    date: dict[str, str]  # by lang; "" where none is known for it
    reply: bool


def english_date(tweet_id: str) -> str:
    """The date of a snowflake as X writes it by default (docs/x-behaviour.md 4.2 and 5.3)."""
    day = dt.datetime(2010, 11, 4, 1, 42, 54, 657_000, tzinfo=dt.UTC) + dt.timedelta(
        milliseconds=int(tweet_id) >> 22,
    )
    months = "January February March April May June July August September October November December"
    return f"{months.split()[day.month - 1]} {day.day}, {day.year}"


def answer_of_tco(target: str | None, user_agent: str) -> Answer:
    """A redirect, to browsers a page."""
    if target is None:
        return FAULTS["not_found"]
    always = [
        ("cache-control", "private,max-age=300"),
        ("set-cookie", "muc=1f43e292-8a8e; Max-Age=63072000; Domain=t.co; Secure"),
    ]
    if "Mozilla/" in user_agent:
        page = SHELL.format(html=html.escape(target), script=target.replace("/", "\\/"))
        return _page(200, page, *always)
    return Answer(301, [("location", target), *always])


def answer_of_oembed(tweet: KnownTweet | None, query: dict[str, str]) -> Answer:
    """The shape of 2026 (docs/x-behaviour.md 2.3), with the parameters of 3.2."""
    if tweet is None:
        return FAULTS["not_found"]
    lang = query.get("lang", "")
    yes = ("true", "t", "1")
    data = {
        "data-lang": lang if lang not in {"", "en"} else None,
        "data-theme": "dark" if query.get("theme") == "dark" else None,
        "data-cards": "hidden" if query.get("hide_media") in yes else None,
        "data-conversation": "none" if tweet.reply and query.get("hide_thread") in yes else None,
        "data-dnt": "true" if query.get("dnt") in yes else None,
        "data-width": query.get("maxwidth"),
        "data-align": (
            query.get("align") if query.get("align") in {"left", "right", "center"} else None
        ),
    }
    attributes = "".join(f' {name}="{value}"' for name, value in data.items() if value)
    paragraph = "".join(
        f' {name}="{value}"' for name, value in (("lang", tweet.lang), ("dir", tweet.dir)) if value
    )
    address = f"https://x.com/{tweet.handle}/status/{tweet.id}"
    script = (
        ""
        if query.get("omit_script") in yes
        else '<script async src="https://platform.x.com/widgets.js" charset="utf-8"></script>\n'
    )
    embed = (
        f'<blockquote class="twitter-tweet"{attributes}><p{paragraph}>{tweet.text_html}</p>&mdash;'
        f" {html.escape(tweet.name)} "
        f"(@{tweet.handle}) <a"
        f' href="{address}?ref_src=twsrc%5Etfw">{tweet.date.get(lang) or tweet.date[""]}</a>'
        f"</blockquote>\n{script}\n"
    )
    known = {
        "url": address,
        "author_name": tweet.name,
        "author_url": f"https://x.com/{tweet.handle}",
        "html": embed,
    }
    fixed = {
        "width": 550,
        "height": None,
        "type": "rich",
        "cache_age": "3153600000",
        "provider_name": "X",
    }
    return _json(200, known | fixed | {"provider_url": "https://x.com", "version": "1.0"})
