"""Many articles in one request: NDJSON, one request object a line in, one result a line out as each
is ready.
"""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Iterator
from typing import Any

from service.api.models import ResolveLineRequest
from service.api.problems import ProblemError, as_json
from service.api.requests import article_of, read_request
from service.pipeline.article_resolver import ArticleResolver
from service.serialize import as_json as result_json
from service.serialize import resolved

AT_ONCE = 8
"""Lines of one request that are worked on at the same time."""

log = logging.getLogger("tweet_embed")


class NdjsonStream:
    """The lines of one request. Each waits for X on its own; a bad line is answered as such and
    does not end the others.
    """

    def __init__(
        self,
        resolver: ArticleResolver,
        *,
        deadline_ms: int,
        wait_s: int | None,
        instance: str,
        request_id: str,
    ) -> None:
        """`deadline_ms` and `wait_s` hold for every line; `instance` and `request_id` are told in
        the problem of a bad one.
        """
        self.resolver = resolver
        self.deadline_ms = deadline_ms
        self.wait_s = wait_s
        self.instance = instance
        self.request_id = request_id

    async def answer(self, body: bytes) -> AsyncIterator[bytes]:
        """One line of JSON for each that is not blank, in the order they are ready."""
        lines = _numbered(body)
        tasks: set[asyncio.Task[bytes]] = set()
        try:
            while True:
                while len(tasks) < AT_ONCE and (line := next(lines, None)) is not None:
                    tasks.add(asyncio.create_task(self._line(*line)))
                if not tasks:
                    return
                done, tasks = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    yield task.result() + b"\n"
        finally:  # the caller hung up: nobody wants the rest
            for task in tasks:
                task.cancel()

    async def _line(self, number: int, text: bytes) -> bytes:
        told: dict[str, Any] = {"line": number}
        try:
            asked = read_request(ResolveLineRequest, text)
            if asked.id is not None:
                told["id"] = asked.id
            result = await self.resolver(article_of(asked, self.deadline_ms, self.wait_s))
        except ProblemError as problem:
            return as_json(
                _name_of(text) | told | {"error": problem.members(self.instance, self.request_id)},
            )
        except Exception:
            log.exception("request %s failed at line %d", self.request_id, number)
            failed = ProblemError(
                500,
                "internal",
                "The service failed at this line; the operator's log has the request_id.",
            )
            return as_json(told | {"error": failed.members(self.instance, self.request_id)})
        return result_json(told | resolved(result))


def _numbered(body: bytes) -> Iterator[tuple[int, bytes]]:
    """Cut the body into its lines, counted from 1; blank ones count, but are no requests. Only LF
    ends one: a CR is white space in JSON.
    """
    start, number = 0, 1
    while start < len(body):
        end = body.find(b"\n", start)
        end = len(body) if end < 0 else end
        line = body[start:end].strip()
        if line:
            yield number, line
        start, number = end + 1, number + 1


def _name_of(text: bytes) -> dict[str, Any]:
    """Read the caller's own name for a line that cannot be used, if that much of it can be read."""
    try:
        name = json.loads(text).get("id")
        str(name).encode()
    except (ValueError, RecursionError, AttributeError):
        return {}
    return {"id": name} if isinstance(name, str | int) and not isinstance(name, bool) else {}
