"""A worker process: it inspects regions and resolves articles for the main process, and asks that
one for everything that X has to be asked.

What it is told: `look NUMBER PIECES PLAN`, `file` and an open file's descriptor, `search NUMBER
BLOCK PLAN` (of that file), `settle [(NUMBER, ARTICLE), ...] PLAN MAX_MENTIONS
SOURCES`, `answer NUMBER OUTCOME`. What it tells: `ready`, `done NUMBER VALUE`, `settled [(NUMBER,
SETTLED), ...]`, `ask NUMBER QUESTION`. It ends when the other one does, whatever it is at.
"""

import asyncio
import itertools
import os
import threading
from collections.abc import Callable, Hashable
from multiprocessing.connection import Connection
from multiprocessing.reduction import recv_handle
from typing import Any

from service.backfill.garbage import collect_seldom
from service.backfill.inspect import InspectedRegions, inspect_block, inspect_region
from service.backfill.plan import Plan
from service.backfill.settle import Settled, Unsettled, settle
from service.candidates.source import SourceName
from service.pipeline.article_resolver import ArticleResolver
from service.pipeline.parent_process import CandidateQuestion, Question, asking_resolver


class _ServedArticle:
    """Does what it is told, and tells what came of it."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._loop = asyncio.get_running_loop()
        self._asked: dict[int, asyncio.Future[Any]] = {}
        self._open: dict[Hashable, asyncio.Future[Any]] = {}
        self._numbers = itertools.count()
        self._tasks: set[asyncio.Task[None]] = set()
        self._file = -1
        self._settled: list[tuple[int, Settled]] = []
        self._resolvers: dict[tuple[SourceName, ...], ArticleResolver] = {}

    def take(self, message: tuple[Any, ...]) -> None:
        kind, number, *rest = message
        if kind == "look":
            pieces, plan = rest
            looked = InspectedRegions([inspect_region(piece, plan) for piece in pieces])
            _tell(self._connection, "done", number, looked)
        elif kind == "search":
            item, plan = rest
            looked = inspect_block(item, item.block.read(self._file), plan)
            _tell(self._connection, "done", number, looked)
        elif kind == "file":
            self._file = number
        elif kind == "settle":
            plan, *how = rest
            for each, work in number:
                task = self._loop.create_task(self._settle(each, work, plan, *how))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)
        elif number in self._asked:
            self._asked.pop(number).set_result(rest[0])

    async def _settle(
        self,
        number: int,
        work: Unsettled,
        plan: Plan,
        max_mentions: int,
        names: tuple[SourceName, ...],
    ) -> None:
        if names not in self._resolvers:  # the same all along
            sources = dict.fromkeys(names, 0.0)
            self._resolvers[names] = asking_resolver(sources, self._ask, max_mentions=max_mentions)
        settled = await settle(work.in_file(self._file), plan, self._resolvers[names])
        if not self._settled:
            self._loop.call_soon(self._tell_settled)
        self._settled.append((number, settled))

    def _tell_settled(self) -> None:
        """Send all that were settled in this turn of the loop."""
        settled, self._settled = self._settled, []
        _tell(self._connection, "settled", settled)

    async def _ask(self, question: Question | CandidateQuestion) -> Any:  # noqa: ANN401
        """Ask the other process, once for all who ask the same meanwhile."""
        same = _sameness(question)
        answer = self._open.get(same)
        if answer is None:
            number = next(self._numbers)
            answer = self._asked[number] = self._open[same] = self._loop.create_future()
            answer.add_done_callback(lambda _: self._open.pop(same))
            _tell(self._connection, "ask", number, question)
        return await asyncio.shield(answer)


def _sameness(question: Question | CandidateQuestion) -> Hashable:
    """Return what is the same of questions that one answer is for: all of it but the patience,
    which all articles of an archive have alike.
    """
    if isinstance(question, Question):
        return question.of, question.cache_only, question.background
    return question


# what `process_pool.py` knows
def _tell(connection: Connection, *message: Any) -> None:  # noqa: ANN401
    try:
        connection.send(message)
    except OSError:  # the other process has ended, and so does this one
        os._exit(0)


def _listen(
    connection: Connection,
    loop: asyncio.AbstractEventLoop,
    take: Callable[[tuple[Any, ...]], None],
) -> None:
    """Read all the time; when there is nothing more to come, the other process has ended, and so
    does this one.
    """
    try:
        while True:
            message = connection.recv()
            if message[0] == "file":
                message = ("file", recv_handle(connection))
            loop.call_soon_threadsafe(take, message)
    finally:
        os._exit(0)


async def _serve(connection: Connection) -> None:
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(_give_up)
    serving = _ServedArticle(connection)
    threading.Thread(target=_listen, args=(connection, loop, serving.take), daemon=True).start()
    _tell(connection, "ready")
    await asyncio.Event().wait()


def _give_up(_: asyncio.AbstractEventLoop, told: dict[str, Any]) -> None:
    """End on a fault of our own; name it without what it says, for that may be an article's."""
    fault = told.get("exception")
    os.write(2, f"tweet-embed: a worker met {type(fault).__name__}\n".encode())
    os._exit(70)


def main(connection: Connection) -> None:
    """Serve the process at the other end of a socket, and have nothing else that is its."""
    os.setpgid(0, 0)
    nothing, own = os.open(os.devnull, os.O_RDWR), connection.fileno()
    for standard in (0, 1):
        os.dup2(nothing, standard)
    os.closerange(3, own)
    os.closerange(own + 1, os.sysconf("SC_OPEN_MAX"))
    collect_seldom()
    try:
        asyncio.run(_serve(connection))
    finally:  # what is left of the other process is never cleared up here
        os._exit(70)
