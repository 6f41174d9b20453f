"""Many articles in one request: NDJSON, one request object a line in, one result a line out as each
is ready.
"""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Iterator
from functools import partial
from typing import Any

from service.api.bodies.answers import Wishes
from service.api.bodies.long_bodies import Bodies
from service.api.bodies.models import ResolveLineRequest
from service.api.bodies.requests import article_of, read_request
from service.api.problems import ProblemError, as_json
from service.core.article import Resolve
from service.serialize import as_json as result_json
from service.serialize import resolved

AT_ONCE = 8
"""Lines of one request that are worked on at the same time."""

log = logging.getLogger("tweet_embed")


class NdjsonStream:
    """The lines of one request. Each waits for X on its own; a bad line is answered as such and
    does not end the others.
    """

    def __init__(self, bodies: Bodies, wishes: Wishes, *, instance: str, request_id: str) -> None:
        """`wishes` hold for every line; `instance` and `request_id` are told in the problem of a
        bad one.
        """
        self.bodies = bodies
        self.wishes = wishes
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
            return await self.bodies.do(
                text, partial(_resolve_line, line=text, told=told, wishes=self.wishes)
            )
        except ProblemError as problem:
            error, name = problem, _name_of(text)
        except Exception:
            log.exception("request %s failed at line %d", self.request_id, number)
            error, name = (
                ProblemError(
                    500,
                    "internal",
                    "The service failed at this line; the operator's log has the request_id.",
                ),
                {},
            )
        return as_json(name | told | {"error": error.members(self.instance, self.request_id)})


async def _resolve_line(
    resolve: Resolve, line: bytes, told: dict[str, Any], wishes: Wishes
) -> bytes:
    asked = read_request(ResolveLineRequest, line)
    name = {} if asked.id is None else {"id": asked.id}
    result = await resolve(article_of(asked, wishes.deadline_ms, wishes.wait_s))
    return result_json(told | name | resolved(result))


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
