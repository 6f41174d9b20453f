"""What is answered to a body: bytes in, bytes out, the same in whatever process it is done."""

from typing import NamedTuple

from service.api.bodies.models import DetectRequest, ResolveRequest
from service.api.bodies.requests import article_of, detect_of, read_request
from service.core.article import Resolve, Result
from service.core.detect import detect
from service.core.model import Format
from service.serialize import as_json, detected, resolved


class Wishes(NamedTuple):
    """What a request says beside its body: how long X may take where the body does not say, the
    seconds of `Prefer: wait`, and whether there is a place for it, or the cache alone.
    """

    deadline_ms: int
    wait_s: int | None = None
    is_placed: bool = True


class Answer(NamedTuple):
    """A body to send. Not `complete`: something is open still, to be asked for again in
    `retry_after_s` seconds; `waited` tells whether X could have been waited for.
    """

    body: bytes
    complete: bool = True
    retry_after_s: int | None = None
    waited: bool = True


async def resolve_body(resolve: Resolve, body: bytes, wishes: Wishes) -> Answer:
    """Answer `POST /v1/resolve`. Raises `ProblemError` for a body that is no request."""
    article = article_of(read_request(ResolveRequest, body), wishes.deadline_ms, wishes.wait_s)
    waited = bool(article.deadline_ms)
    result = await resolve(article if wishes.is_placed else article._replace(deadline_ms=0))
    return Answer(as_json(resolved(result)), result.complete, result.retry_after_s, waited)


def unresolved_body(body: bytes, wishes: Wishes) -> Answer:
    """Answer `POST /v1/resolve` with the article as it is, to be asked for again: nothing is known
    of it. Raises `ProblemError` for a body that is no request.
    """
    article = article_of(read_request(ResolveRequest, body), wishes.deadline_ms, wishes.wait_s)
    result = Result(
        content=article.content,
        format=article.format or Format.TEXT,
        changed=False,
        complete=False,
        script=None,
        elapsed_ms=0.0,
    )
    return Answer(as_json(resolved(result)), complete=False)


async def detect_body(_: Resolve, body: bytes) -> Answer:
    """Answer `POST /v1/detect`. Raises `ProblemError` for a body that is no request."""
    content, written_as = detect_of(read_request(DetectRequest, body))
    return Answer(as_json(detected(detect(content, written_as))))
