"""A stand-in for X's API: `GET /2/tweets/search/all` on api.x.com, with a bill.

search = Search("token") search.post("1988177428548464647", "ada_l", "Rain again, & no umbrella",
codes={"abcDEF1234": "https://t.co/…"})

It checks what X checks (https://docs.x.com/x-api/posts/search/introduction): the token, the ids'
bounds, `max_results`, the length of a query, one request a second. `bill` counts the posts that it
returned.
"""

import json
import re
import time
import unicodedata
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlsplit

from standin_answers import Answer
from standin_x import Asked

HOST = "api.x.com"
LONGEST_QUERY = 1024


@dataclass(frozen=True)
class Post:
    id: str
    handle: str
    text: str
    codes: tuple[str, ...] = ()
    retweet: bool = False


def tokens(text: str) -> list[str]:
    """Words as a search reads them: letter case and diacritics do not count."""
    plain = "".join(
        c for c in unicodedata.normalize("NFD", text.lower()) if not unicodedata.combining(c)
    )
    return re.findall(r"[^\W_]+", plain)


def problem(
    status: int, title: str, detail: str, kind: str = "about:blank", **more: object
) -> Answer:
    value = {"title": title, "detail": detail, "type": kind, "status": status, **more}
    return Answer(
        status, [("Content-Type", "application/problem+json")], json.dumps(value).encode()
    )


class Search:
    """The API. `fault` is a name of FAULTS for every request; all can be changed while it runs."""

    def __init__(self, token: str, *, a_second: float = 0) -> None:
        """`a_second`: requests a second that it stands; 0 is any number."""
        self.posts: list[Post] = []
        self.asked: list[dict[str, str]] = []
        self.bill = 0
        self.fault: str | Answer | None = None
        self._token = token
        self._gap_s = 1 / a_second if a_second else 0.0
        self._last = 0.0

    def post(
        self,
        tweet_id: str,
        handle: str,
        text: str,
        codes: tuple[str, ...] = (),
        *,
        retweet: bool = False,
    ) -> None:
        """Let there be a post, with the t.co codes in it."""
        self.posts.append(Post(tweet_id, handle, text, codes, retweet))

    def answer(self, asked: Asked) -> Answer:
        """Answer a request."""
        parts = urlsplit(asked.path)
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        self.asked.append(query)
        now = time.monotonic()
        early, self._last = now - self._last < self._gap_s, now
        if self.fault is not None:
            return FAULTS[self.fault] if isinstance(self.fault, str) else self.fault
        if parts.path != "/2/tweets/search/all":
            return problem(404, "Not Found", "no such endpoint")
        if asked.headers.get("authorization") != f"Bearer {self._token}":
            return FAULTS["401"]
        if early:
            return FAULTS["429"]
        if (wrong := self._wrong(query)) is not None:
            return problem(
                400, "Invalid Request", wrong, "https://api.x.com/2/problems/invalid-request"
            )
        return self._found(query)

    @staticmethod
    def _wrong(query: dict[str, str]) -> str | None:
        if not 0 < len(query.get("query", "")) <= LONGEST_QUERY:
            return "query"
        if not 10 <= int(query.get("max_results", "10")) <= 500:
            return "max_results"
        if {"start_time", "since_id"} <= query.keys() or {"end_time", "until_id"} <= query.keys():
            return "at most one of start_time, since_id; at most one of end_time, until_id"
        return None

    def _found(self, query: dict[str, str]) -> Answer:
        words = query["query"]
        author = re.search(r"from:(\w+)", words)
        link = re.search(r'url:"https://t\.co/(\w+)"', words)
        phrase = re.search(r'(?<!url:)"([^"]+)"', words)
        low, high = int(query.get("since_id", "0")), int(query.get("until_id", str(2**63)))
        found = [
            post
            for post in sorted(self.posts, key=lambda each: -int(each.id))
            if low < int(post.id) < high
            and (author is None or post.handle.lower() == author[1].lower())
            and (link is None or link[1] in post.codes)
            and (
                phrase is None
                or f" {' '.join(tokens(phrase[1]))} " in f" {' '.join(tokens(post.text))} "
            )
            and not ("-is:retweet" in words and post.retweet)
        ][: int(query.get("max_results", "10"))]
        self.bill += len(found)
        meta: dict[str, object] = {"result_count": len(found)}
        page: dict[str, object] = {"meta": meta}
        if found:
            meta |= {"newest_id": found[0].id, "oldest_id": found[-1].id}
            page["data"] = [
                {
                    "id": each.id,
                    "text": each.text.replace("&", "&amp;"),
                    "edit_history_tweet_ids": [each.id],
                }
                for each in found
            ]
        return Answer(
            200, [("Content-Type", "application/json; charset=utf-8")], json.dumps(page).encode()
        )


FAULTS = {
    "400": problem(
        400,
        "Invalid Request",
        "One or more parameters",
        "https://api.x.com/2/problems/invalid-request",
    ),
    "401": problem(401, "Unauthorized", "Unauthorized"),
    "402": problem(
        402,
        "CreditsDepleted",
        "Your enrolled account [1] does not have any credits to fulfill this request.",
        "https://api.twitter.com/2/problems/credits",
        account_id=1,
    ),
    "403": problem(
        403,
        "Client Forbidden",
        "not enrolled",
        "https://api.twitter.com/2/problems/client-forbidden",
        reason="client-not-enrolled",
    ),
    "429": problem(429, "Too Many Requests", "Too Many Requests"),
    "cap": problem(
        429,
        "UsageCapExceeded",
        "Usage cap exceeded: Monthly product cap",
        "https://api.twitter.com/2/problems/usage-capped",
        period="Monthly",
        scope="Product",
    ),
    "503": Answer(503, [("Content-Type", "text/html")], b"<h1>Over capacity</h1>"),
}
"""The errors of the API, by name."""
