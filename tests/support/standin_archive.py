"""A stand-in for the Internet Archive: web.archive.org, its index of captures and the captures.

archive = Archive() archive.capture("https://twitter.com/Ada_L/status/1988177428548464647",
"20251111120305") archive.page("https://news.example/a", "20181020031501", "<p>…</p>")

It understands what the public CDX server does (https://github.com/internetarchive/wayback, folder
wayback-cdx-server): canonical keys, `*` and `matchType`, `filter`, `collapse`, `fl`, `limit`,
resume keys. It answers 429 beyond 30 questions a minute, and refuses connections to who goes on
after that.
"""

import gzip
import json
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

from standin_answers import Answer
from standin_x import Asked

HOST = "web.archive.org"
FIELDS = ("urlkey", "timestamp", "original", "mimetype", "statuscode", "digest", "length")
TOO_MANY = b"<html><title>429 Too Many Requests</title>You have sent too many requests</html>"
EXCLUDED = (
    "org.archive.util.io.RuntimeIOException: "
    "org.archive.wayback.exception.AdministrativeAccessControlException: Blocked Site Error"
)


def key_of(address: str) -> str:
    """The canonical key: host reversed, no `www.`, no scheme, lower case, query sorted."""
    parts = urlsplit(address if "://" in address else f"http://{address}")
    host = re.sub(r"^www\d*\.", "", (parts.hostname or "").lower())
    query = urlencode(sorted(parse_qsl(parts.query, keep_blank_values=True)), safe="*^").lower()
    path = parts.path.lower()
    return (
        ",".join(reversed(host.split(".")))
        + ")"
        + (path.rstrip("/") or "/")
        + (f"?{query}" if query else "")
    )


@dataclass(frozen=True, order=True)
class Capture:
    """A row of the index."""

    urlkey: str
    timestamp: str
    original: str
    mimetype: str = "text/html"
    statuscode: str = "200"
    digest: str = "AAAA"
    length: str = "1000"


class Archive:
    """The website.

    `fault` is an answer, or a name of FAULTS, for everything; all can be changed while it runs.
    """

    def __init__(self, *, most_a_minute: int = 30) -> None:
        self.captures: list[Capture] = []
        self.excluded: set[str] = set()
        self.fault: str | Answer | None = None
        self.asked: list[str] = []
        self.asked_at: list[float] = []
        self._pages: dict[str, dict[str, tuple[int, str]]] = {}
        self._most = most_a_minute
        self._limited_at = 0.0
        self.patience_s = 60.0

    def capture(
        self, address: str, timestamp: str, mimetype: str = "text/html", status: str = "200"
    ) -> None:
        """Let an address be archived."""
        self.captures.append(Capture(key_of(address), timestamp, address, mimetype, status))
        self.captures.sort()

    def page(self, address: str, timestamp: str, body: str, status: int = 200) -> None:
        """Let there be a capture with a body."""
        self._pages.setdefault(key_of(address), {})[timestamp] = (status, body)

    def answer(self, asked: Asked) -> Answer:
        """Answer a request."""
        self.asked.append(asked.path)
        self.asked_at.append(time.monotonic())
        recent = [at for at in self.asked_at if at > time.monotonic() - 60]
        if self._most and len(recent) > self._most:
            self._limited_at = self._limited_at or time.monotonic()
            if time.monotonic() - self._limited_at > self.patience_s:
                return FAULTS["refused"]
            return Answer(429, [("Content-Type", "text/html")], TOO_MANY)
        if self.fault is not None:
            return FAULTS[self.fault] if isinstance(self.fault, str) else self.fault
        parts = urlsplit(asked.path)
        if parts.path == "/cdx/search/cdx":
            return self._cdx(parse_qsl(parts.query, keep_blank_values=True), asked.headers)
        found = re.fullmatch(r"/web/([0-9]{1,14})id_/(.+)", asked.path)
        return self._memento(found[1], found[2]) if found else Answer(404)

    # --- the index ---

    def _cdx(self, query: list[tuple[str, str]], headers: dict[str, str]) -> Answer:
        given = dict(query)
        if not given.get("url"):
            return Answer(400, [("Content-Type", "text/plain")], b"The url= param is required")
        if "page" in given and "*" in given["url"]:
            return self._sent(b"", headers)
        if any(f"/{handle.lower()}/" in given["url"].lower() for handle in self.excluded):
            return Answer(403, [("X-Archive-Wayback-Runtime-Error", EXCLUDED)], EXCLUDED.encode())
        rows = list(self._selected(given, [value for name, value in query if name == "filter"]))
        limit = int(given.get("limit", "150000"))
        resume = (
            rows[limit - 1] if given.get("showResumeKey") == "true" and len(rows) > limit else None
        )
        fields = given.get("fl", ",".join(FIELDS)).split(",")
        table = [[str(getattr(row, name)) for name in fields] for row in rows[:limit]]
        key = None if resume is None else f"{resume.urlkey} {resume.timestamp}!"
        if given.get("output") != "json":
            lines = [" ".join(row) for row in table] + ([] if key is None else ["", key])
            return self._sent(
                "".join(line + "\n" for line in lines).encode(), headers, "text/plain;charset=UTF-8"
            )
        if table:
            table.insert(0, fields)
        if key is not None:
            table += [[], [urlencode({"": key})[1:]]]
        body = "[" + ",\n".join(json.dumps(row, separators=(",", ":")) for row in table) + "]\n"
        return self._sent(body.encode(), headers)

    def _selected(self, given: dict[str, str], filters: list[str]) -> Iterator[Capture]:
        prefix = given["url"].endswith("*") or given.get("matchType") == "prefix"
        wanted = key_of(given["url"].removesuffix("*"))
        after = unquote(unquote(given.get("resumeKey", ""))).replace("+", " ")
        last = ""
        collapse, _, size = given.get("collapse", "").partition(":")
        for row in self.captures:
            if not (row.urlkey.startswith(wanted) if prefix else row.urlkey == wanted):
                continue
            if after and f"{row.urlkey} {row.timestamp}!" <= after:
                continue
            if not all(self._passes(row, one) for one in filters):
                continue
            value = str(getattr(row, collapse)) if collapse else ""
            value = value[: int(size)] if size else value
            if collapse and value == last:
                continue
            last = value
            yield row

    @staticmethod
    def _passes(row: Capture, wanted: str) -> bool:
        not_, name, pattern = re.fullmatch(r"(!?)(\w+):(.*)", wanted).groups()  # type: ignore[union-attr]
        return (re.fullmatch(pattern, str(getattr(row, name))) is None) == bool(not_)

    @staticmethod
    def _sent(body: bytes, headers: dict[str, str], kind: str = "application/json") -> Answer:
        told = [("Content-Type", kind), ("x-ts", "200"), ("X-location", "cdx")]
        if "gzip" in headers.get("accept-encoding", ""):
            return Answer(200, [*told, ("Content-Encoding", "gzip")], gzip.compress(body))
        return Answer(200, told, body)

    # --- the captures ---

    def _memento(self, wanted: str, address: str) -> Answer:
        captures = self._pages.get(key_of(address))
        if not captures:
            return Answer(
                404,
                [("Content-Type", "text/html")],
                b"<h1>Hrm. The Wayback Machine has not archived that URL.</h1>",
            )
        padded = int(wanted.ljust(14, "0"))
        nearest = min(captures, key=lambda at: abs(int(at) - padded))
        if wanted != nearest:
            return Answer(302, [("Location", f"/web/{nearest}id_/{address}")])
        status, body = captures[nearest]
        stamp = time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.strptime(nearest, "%Y%m%d%H%M%S"))
        return Answer(
            status, [("Memento-Datetime", stamp), ("Content-Type", "text/html")], body.encode()
        )


FAULTS = {
    "429": Answer(429, [("Content-Type", "text/html")], TOO_MANY),
    "refused": Answer(raw=b""),
    "403": Answer(403, [("X-Archive-Wayback-Runtime-Error", EXCLUDED)], EXCLUDED.encode()),
    "503": Answer(
        503,
        [("X-Archive-Wayback-Runtime-Error", "org.archive.util.io.RuntimeIOException")],
        b"busy",
    ),
    "504": Answer(504, [("Content-Type", "text/html")], b"<h1>Gateway Time-out</h1>"),
    "html": Answer(200, [("Content-Type", "text/html")], b"<html>maintenance</html>"),
    "half_json": Answer(
        200, [("Content-Type", "application/json")], b'[["original","timestamp"],\n["https://twi'
    ),
    "empty": Answer(200, [("Content-Type", "application/json")], b""),
}
"""What can go wrong, by name."""
