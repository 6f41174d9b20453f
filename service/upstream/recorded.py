"""Recorded answers of X in place of the network, for the demo and `TWEET_EMBED_RECORDED`. All the
rest is the same code.

A folder holds, each file in UTF-8 JSON:

- `t.co/CODE.json`: what t.co answers for a code: `{"status": 301, "headers": {"location":
  "https://…"}, "body": "…"}`
- `oembed/ID.json`: what X's oEmbed endpoint answers for a tweet: either its body as it is, or, if
  it has a `status`, an envelope as above, whose `body` may be JSON; `oembed/ID.LANG.json` is what
  it answers when asked for that language

`headers` and `body` may be left out. What is not there is answered with 404.
"""

import json
from dataclasses import dataclass
from pathlib import Path

import httpx

from service.core.urls.tweet_urls import read_permalink
from service.settings import SettingsError

_NOT_FOUND = 404
_STATUSES = range(200, 600)


class RecordedError(SettingsError):
    """A folder of recorded answers cannot be used. The message is one line and names the file."""


@dataclass(frozen=True, slots=True)
class _Recorded:
    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""


def recorded_transport(folder: Path) -> httpx.AsyncBaseTransport:
    """Answer from a folder. It is read once, now: `RecordedError` if it is not there or a file in
    it is damaged.
    """
    if not folder.is_dir():
        message = f"TWEET_EMBED_RECORDED: {str(folder)!r} is no folder"
        raise RecordedError(message)
    # Looked up by name in here, not on the disk: codes that differ in case alone are different
    # codes.
    answers = {
        f"{kind}/{path.stem}": _read(path, whole=kind == "oembed")
        for kind in ("t.co", "oembed")
        for path in (folder / kind).glob("*.json")
    }
    return _RecordedTransport(answers)


class _RecordedTransport(httpx.AsyncBaseTransport):
    def __init__(self, answers: dict[str, _Recorded]) -> None:
        self._answers = answers

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        answer = next(
            (self._answers[name] for name in _names(request.url) if name in self._answers),
            _Recorded(_NOT_FOUND),
        )
        return httpx.Response(
            answer.status,
            headers=list(answer.headers),
            stream=httpx.ByteStream(answer.body),
            request=request,
        )


def _names(url: httpx.URL) -> list[str]:
    """Which recordings answer a request, the closest first."""
    if url.host == "t.co":
        return ["t.co" + url.path]
    tweet = read_permalink(url.params.get("url", ""))
    if tweet is None:
        return []
    return [f"oembed/{tweet.id}.{url.params.get('lang')}", f"oembed/{tweet.id}"]


def _read(path: Path, *, whole: bool) -> _Recorded:
    """Read one file. `whole`: without a `status` it is the body of a 200."""
    try:
        text = path.read_bytes()
        recording = json.loads(text)
    except (OSError, ValueError, RecursionError) as error:
        message = f"recorded answers: {path} cannot be read: {error}"
        raise RecordedError(message) from None
    if whole and isinstance(recording, dict) and "status" not in recording:
        return _Recorded(200, (("content-type", "application/json; charset=utf-8"),), text)
    headers, body = (
        (recording.get("headers", {}), recording.get("body", ""))
        if isinstance(recording, dict)
        else (None, None)
    )
    if (
        not isinstance(recording, dict)
        or not recording.keys() <= {"status", "headers", "body"}
        or not isinstance(recording.get("status"), int)
        or recording["status"] not in _STATUSES
        or not isinstance(headers, dict)
        or not all(
            isinstance(value, str) and value.isascii() and value.isprintable()
            for item in headers.items()
            for value in item
        )
    ):
        message = (
            f'recorded answers: {path} is no answer: {{"status": 200 to 599, "headers": {{name:'
            ' value}, "body": text or JSON}'
        )
        raise RecordedError(message)
    sent = body if isinstance(body, str) else json.dumps(body, ensure_ascii=False)
    return _Recorded(
        recording["status"],
        tuple(headers.items()),
        sent.encode("utf-8", "surrogatepass"),
    )
