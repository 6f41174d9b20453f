"""A process that answers long bodies for the one that serves, and asks that one what it wants to
know of X.

What it hears: `begin SOURCES MAX_MENTIONS`, `do NUMBER WORK`, `answer NUMBER OUTCOME`. What it
tells: `done NUMBER OUTCOME STATES BYTES`, `ask NUMBER QUESTION`, `log NAME LEVEL MESSAGE`. Each is
a pickle behind its length, on standard input and output. It ends when the other process does,
whatever it is at.
"""

import asyncio
import gc
import itertools
import logging
import os
import pickle
import signal
import sys
import threading
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO, Final, TypeVar

from service.api.problems import ProblemError
from service.core.article import Resolve
from service.core.model import State
from service.core.text.dates import prepare_dates
from service.pipeline.article_resolver import ArticleResolver
from service.pipeline.parent_process import CandidateQuestion, Question, asking_resolver

LENGTH_BYTES: Final = 4
_NICE: Final = 5  # who sends a short body goes first where there is one processor
_MEMORY: Final = Path("/proc/self/statm")
_PAGE_BYTES: Final = os.sysconf("SC_PAGE_SIZE")

R = TypeVar("R")
Work = Callable[[Resolve], Awaitable[R]]
"""What is to be done by a resolver; it crosses between the processes, so it is a `partial`."""


def packed(*message: Any) -> bytes:  # noqa: ANN401 - whatever can be pickled
    """Write a message with its length before it."""
    data = pickle.dumps(message, pickle.HIGHEST_PROTOCOL)
    return len(data).to_bytes(LENGTH_BYTES, "big") + data


class _BodyProcess:
    """Does what it is told, and tells what came of it."""

    def __init__(self, out: BinaryIO) -> None:
        self._out = out
        self._asked: dict[int, asyncio.Future[Any]] = {}
        self._numbers = itertools.count()
        self._tasks: set[asyncio.Task[None]] = set()
        self._states: list[State] = []
        self._resolver: ArticleResolver

    def hear(self, kind: str, *rest: Any) -> None:  # noqa: ANN401 - what `long_bodies.py` tells
        if kind == "begin":
            sources, max_mentions = rest
            self._begin(sources, max_mentions)
        elif kind == "do":
            task = asyncio.get_running_loop().create_task(self._do(*rest))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        elif rest[0] in self._asked:
            self._asked.pop(rest[0]).set_result(rest[1])

    def tell(self, *message: Any) -> None:  # noqa: ANN401 - what `long_bodies.py` knows
        try:
            self._out.write(packed(*message))
            self._out.flush()
        except OSError:  # the other process has ended, and so does this one
            os._exit(0)

    def _begin(self, sources: Mapping[Any, float], max_mentions: int) -> None:
        self._resolver = asking_resolver(
            sources, self._ask, max_mentions=max_mentions, count=self._states.append
        )

    async def _do(self, number: int, work: Work[Any]) -> None:
        outcome: Any
        try:
            outcome = await work(self._resolver)
        except ProblemError as problem:
            outcome = problem
        except Exception as error:  # noqa: BLE001 - told to who waits; its words may be an article's
            outcome = RuntimeError(f"a long body met {type(error).__name__}")
        self.tell("done", number, outcome, tuple(self._states), _resident_bytes())
        self._states.clear()

    async def _ask(self, question: Question | CandidateQuestion) -> Any:  # noqa: ANN401
        number = next(self._numbers)
        self._asked[number] = asyncio.get_running_loop().create_future()
        self.tell("ask", number, question)
        return await self._asked[number]


class _ToldLog(logging.Handler):
    """Hands log records on to the process that serves, which writes them as it writes its own."""

    def __init__(self, process: _BodyProcess) -> None:
        super().__init__()
        self._process = process

    def emit(self, record: logging.LogRecord) -> None:
        self._process.tell("log", record.name, record.levelno, record.getMessage())


def _resident_bytes() -> int:
    """Return the memory of this process, of Linux' own count (proc(5), `statm`)."""
    return int(_MEMORY.read_bytes().split()[1]) * _PAGE_BYTES


def _give_up(_: asyncio.AbstractEventLoop, told: dict[str, Any]) -> None:
    """End on a fault of our own; name it without what it says, for that may be an article's."""
    fault = told.get("exception")
    os.write(2, f"tweet-embed: a process for long bodies met {type(fault).__name__}\n".encode())
    os._exit(70)


def _listen(heard: BinaryIO, loop: asyncio.AbstractEventLoop, take: Callable[..., None]) -> None:
    """Read all the time; when there is nothing more to come, the other process has ended, and so
    does this one.
    """
    try:
        while len(length := heard.read(LENGTH_BYTES)) == LENGTH_BYTES:
            message = pickle.loads(heard.read(int.from_bytes(length, "big")))  # noqa: S301 - ours
            loop.call_soon_threadsafe(partial(take, *message))
    finally:
        os._exit(0)


async def _serve(heard: BinaryIO, out: BinaryIO) -> None:
    process = _BodyProcess(out)
    logging.basicConfig(level=logging.WARNING, handlers=[_ToldLog(process)])
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(_give_up)
    listening = (heard, loop, process.hear)
    threading.Thread(target=_listen, args=listening, daemon=True).start()
    await asyncio.Event().wait()


def main() -> None:
    """Serve the process at the other end of standard input and output."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a Ctrl-C is for the other process alone
    os.nice(_NICE)
    out = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # whatever is printed is no message
    prepare_dates()
    gc.freeze()
    asyncio.run(_serve(sys.stdin.buffer, out))
