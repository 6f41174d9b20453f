"""The service, asked over HTTP: within a time-out that holds in all, and with one kind of error."""

import json
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NoReturn, TypeVar

import requests
from django.conf import settings

Answer = TypeVar("Answer")

DEFAULTS: Mapping[str, Any] = {"ADDRESS": "", "KEY": "", "TIMEOUT": 4, "OPTIONS": {}}
"""The keys of Django's setting `TWEET_EMBED`. TIMEOUT is in seconds, OPTIONS as of /v1/resolve."""

_SHARE = 0.75
"""How much of the time-out the service may use for asking X; the rest is for the way."""
_CHUNK = 65_536
_LONGEST_ANSWER = 32 * 1024 * 1024
"""Bytes: nothing that goes on for longer is an answer of the service, and memory has an end."""
_OUR_FAULT = frozenset({400, 413, 415, 422})


class ServiceError(Exception):
    """The service gave no answer that can be used. `lasting`: a later try would not either."""

    def __init__(self, message: str, *, lasting: bool = False) -> None:
        """Keep what happened."""
        super().__init__(message)
        self.lasting = lasting


class GoneError(Exception):
    """X shows no such tweet, or the address is none's."""


def setting(name: str) -> Any:  # noqa: ANN401 - as the site has it
    """Return one setting."""
    return {**DEFAULTS, **getattr(settings, "TWEET_EMBED", {})}[name]


def resolve(contents: Sequence[str], timeout: float) -> list[dict[str, Any]]:
    """Have articles rewritten; an answer for each, in order.

    Raises:
        ServiceError: there is none for some of them.

    """
    options = {**setting("OPTIONS"), "render": "blockquote"}
    lines = [
        json.dumps(
            {
                "id": number,
                "content": content,
                "format": "html",
                "deadline_ms": int(timeout * 1000 * _SHARE),
                "options": options,
            }
        )
        for number, content in enumerate(contents)
    ]
    body = "\n".join(lines).encode()
    status, text = _within(timeout, lambda: _send("POST", "/v1/resolve", timeout, data=body))
    if status != requests.codes.ok:
        message = f"the service answered with status {status}"
        raise ServiceError(message, lasting=status in _OUR_FAULT)
    answers: dict[int, dict[str, Any]] = {}
    for line in filter(str.strip, text.split("\n")):  # a text may hold what splitlines() ends at
        answer = _read_object(line)
        if "error" in answer:
            _refuse(answer["error"])
        answers[answer.get("id", -1)] = answer
    ordered = [answers.get(number, {}) for number in range(len(contents))]
    if not all(map(_is_article, ordered, contents)):
        message = "what answered is no tweet-embed service"
        raise ServiceError(message)
    return ordered


def _refuse(problem: object) -> NoReturn:
    """Raise `ServiceError` for a problem object in the place of a text's answer."""
    told = problem if isinstance(problem, dict) else {}
    message = f"the service refused a text: {told.get('detail') or problem}"
    raise ServiceError(message, lasting=told.get("status") in _OUR_FAULT)


def fetch_oembed(url: str, max_width: int | None, timeout: float) -> dict[str, Any]:
    """Ask for the oEmbed answer of one tweet.

    Raises:
        GoneError: there is no such tweet, or nobody may see it.
        ServiceError: the service gave no answer that can be used.

    """
    query = {"url": url, "format": "json"} | ({"maxwidth": str(max_width)} if max_width else {})
    status, text = _within(timeout, lambda: _send("GET", "/oembed", timeout, params=query))
    if status in {requests.codes.not_found, requests.codes.forbidden}:
        raise GoneError(url)
    if status != requests.codes.ok:
        message = f"the service answered with status {status}"
        raise ServiceError(message)
    answer = _read_object(text)
    if answer.get("type") != "rich" or not isinstance(answer.get("html"), str):
        message = "what answered is no oEmbed provider"
        raise ServiceError(message)
    return answer


def _send(method: str, path: str, timeout: float, **what: Any) -> tuple[int, str]:  # noqa: ANN401
    """Send a request; the status and the text. It follows no redirect, which the key would too."""
    address, key = str(setting("ADDRESS")).rstrip("/"), setting("KEY")
    headers = {"User-Agent": "wagtail-tweet-embed"}
    if key:
        headers["Authorization"] = f"Bearer {key}"
    if method == "POST":
        headers["Content-Type"] = "application/x-ndjson"
    with requests.request(
        method,
        address + path,
        headers=headers,
        timeout=timeout,
        allow_redirects=False,
        stream=True,
        **what,
    ) as response:
        body = bytearray()
        for chunk in response.iter_content(_CHUNK):
            body += chunk
            if len(body) > _LONGEST_ANSWER:
                message = "what answered does not end"
                raise ServiceError(message)
    return response.status_code, body.decode("utf-8")


def _within(seconds: float, call: Callable[[], Answer]) -> Answer:
    """Do a call, and wait for so long in all: a time-out of `requests` begins anew with each byte.

    Raises:
        ServiceError: it took longer, or went wrong.

    """
    done: list[Answer] = []
    failed: list[Exception] = []

    def run() -> None:
        try:
            done.append(call())
        except Exception as error:  # noqa: BLE001 - told to who waits
            failed.append(error)

    thread = threading.Thread(target=run, name="tweet-embed", daemon=True)
    thread.start()
    thread.join(seconds)
    if done:
        return done[0]
    message = f"the service did not answer: {failed[0] if failed else 'it took too long'}"
    raise ServiceError(message)


def _read_object(text: str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except ValueError:
        value = None
    if not isinstance(value, dict):
        message = "what answered is no tweet-embed service"
        raise ServiceError(message)
    return value


def _is_article(answer: Mapping[str, Any], content: str) -> bool:
    """Return whether an answer is that of an article; an empty one is only for an empty one."""
    rewritten = answer.get("content")
    return (
        isinstance(rewritten, str)
        and (bool(rewritten.strip()) or not content.strip())
        and answer.get("format") == "html"
        and isinstance(answer.get("changed"), bool)
        and isinstance(answer.get("complete"), bool)
        and isinstance(answer.get("embeds"), list)
    )
