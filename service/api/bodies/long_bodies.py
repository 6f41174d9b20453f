"""Long bodies, answered in a process beside the one that serves, so that none holds up the others.

A thread would not do: parsing, collecting garbage and matching hold the interpreter for seconds
where an article is long and hostile (docs/decisions/0021). The process is begun with the first
long body, and ended when it had nothing to do for a minute, or holds much memory.
"""

import asyncio
import contextlib
import itertools
import logging
import pickle
import sys
from functools import partial
from pathlib import Path
from typing import Any, Final, TypeVar, cast

from service.api.bodies.answers import Answer, Wishes, detect_body, resolve_body, unresolved_body
from service.api.bodies.body_process import LENGTH_BYTES, Work, packed
from service.app import Service
from service.core.errors import TweetEmbedError
from service.pipeline.parent_process import Answerer

LONG_BODY: Final = 16 * 1024
"""Bytes from which on a body is long: the costliest articles of this length take about a tenth of a
second.
"""
AT_ONCE: Final = 4
"""Long bodies that are worked on at the same time; a further one waits."""
IDLE_S: Final = 60.0
MOST_BYTES: Final = 192 * 1024 * 1024
"""Memory that the process may keep when it has nothing to do."""
_ROOT: Final = str(Path(__file__).resolve().parents[3])
_CODE: Final = (
    "import sys; sys.path.insert(0, sys.argv[1]);"
    " from service.api.bodies.body_process import main; main()"
)

R = TypeVar("R")
log = logging.getLogger("tweet_embed")


class ProcessLostError(TweetEmbedError):
    """The process that worked on a body has ended, or could not be begun."""


class Bodies:
    """Answers to bodies: to short ones here, to long ones by a process beside this one."""

    def __init__(self, service: Service, max_mentions: int, *, idle_s: float = IDLE_S) -> None:
        """Work as `service` does, which is asked for what is known of X. The process ends after
        `idle_s` seconds without work.
        """
        self._idle_s = idle_s
        self._service = service
        self._max_mentions = max_mentions
        self._answerer = Answerer(service.links, service.tweets, service.candidates)
        self._places = asyncio.Semaphore(AT_ONCE)
        self._beginning = asyncio.Lock()
        self._numbers = itertools.count()
        self._process: _Process | None = None
        self._idle: asyncio.TimerHandle | None = None

    async def resolve(self, body: bytes, wishes: Wishes) -> Answer:
        """Answer `POST /v1/resolve`; with the article as it is if the process was lost. Raises
        `ProblemError` for a body that is no request.
        """
        try:
            return await self.do(body, partial(resolve_body, body=body, wishes=wishes))
        except ProcessLostError as lost:
            log.error("an article was left as it is: %s", lost)  # noqa: TRY400 - it says it all
            return unresolved_body(body, wishes)

    async def detect(self, body: bytes) -> Answer:
        """Answer `POST /v1/detect`. Raises `ProblemError` for a body that is no request."""
        return await self.do(body, partial(detect_body, body=body))

    async def do(self, body: bytes, work: Work[R]) -> R:
        """Do the work that a body makes: here or, if it is long, in the other process. Raises what
        the work raises, and `ProcessLostError`.
        """
        if len(body) < LONG_BODY:
            return await work(self._service.resolver)
        outcome = await self._beside(work)
        if isinstance(outcome, Exception):
            raise outcome
        return cast("R", outcome)

    async def _beside(self, work: Work[Any]) -> Any:  # noqa: ANN401 - what the work gives
        async with self._places:
            if self._idle is not None:
                self._idle.cancel()
                self._idle = None
            async with self._beginning:
                if self._process is None or self._process.is_lost:
                    self._process = await self._begin()
            process = self._process
            outcome = await process.do(next(self._numbers), work)
            if not process.waiting:
                self._rest(process)
        return outcome

    async def close(self) -> None:
        """End the process, whatever it is at."""
        if self._idle is not None:
            self._idle.cancel()
        if self._process is not None:
            process, self._process = self._process, None
            await process.close()

    async def _begin(self) -> "_Process":
        candidates = self._service.candidates
        sources = {name: candidates.estimate_s(name) for name in candidates.names}
        try:
            running = await asyncio.create_subprocess_exec(
                *(sys.executable, "-c", _CODE, _ROOT),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                start_new_session=True,  # signals of a terminal are for this process
            )
        except OSError as error:
            message = f"no process could be begun for it: {error.strerror}"
            raise ProcessLostError(message) from None
        process = _Process(running, self._answerer, self._service)
        process.send("begin", sources, self._max_mentions)
        return process

    def _rest(self, process: "_Process") -> None:
        """End the process after a while without work; at once if it holds too much memory."""
        wait_s = 0.0 if process.resident_bytes > MOST_BYTES else self._idle_s
        loop = asyncio.get_running_loop()
        self._idle = loop.call_later(wait_s, self._end, process)

    def _end(self, process: "_Process") -> None:
        self._idle = None
        if not process.waiting:
            process.end()


class _Process:
    """One process: what it was given, and what it asks."""

    def __init__(
        self, running: asyncio.subprocess.Process, answerer: Answerer, service: Service
    ) -> None:
        self._running = running
        self._to = cast("asyncio.StreamWriter", running.stdin)
        self._from = cast("asyncio.StreamReader", running.stdout)
        self._answerer, self._service = answerer, service
        self.waiting: dict[int, asyncio.Future[Any]] = {}
        self.resident_bytes = 0
        self.is_lost = False
        self._answering: set[asyncio.Task[None]] = set()
        self._listening = asyncio.create_task(self._listen())

    def send(self, *message: Any) -> None:  # noqa: ANN401 - what `body_process.py` knows
        self._to.write(packed(*message))

    async def do(self, number: int, work: Work[Any]) -> Any:  # noqa: ANN401 - what the work gives
        future = self.waiting[number] = asyncio.get_running_loop().create_future()
        try:
            self.send("do", number, work)
            return await future
        finally:
            self.waiting.pop(number, None)

    def end(self) -> None:
        """End it: it holds nothing that could be lost."""
        self.is_lost = True
        with contextlib.suppress(ProcessLookupError):
            self._running.kill()

    async def close(self) -> None:
        self.end()
        await self._listening
        for task in self._answering:
            task.cancel()
        await asyncio.gather(*self._answering, return_exceptions=True)

    async def _listen(self) -> None:
        with contextlib.suppress(EOFError, OSError):
            while True:
                length = int.from_bytes(await self._from.readexactly(LENGTH_BYTES), "big")
                # our own process
                self._hear(*pickle.loads(await self._from.readexactly(length)))  # noqa: S301
        self.is_lost = True
        self._to.close()
        with contextlib.suppress(OSError):
            await self._to.wait_closed()  # Python 3.11.2 logs an error that nobody awaits
        code = await self._running.wait()
        for future in self.waiting.values():
            if not future.done():
                future.set_result(ProcessLostError(f"the process that worked on it ended: {code}"))

    def _hear(self, kind: str, *rest: Any) -> None:  # noqa: ANN401 - what `body_process.py` tells
        if kind == "ask":
            task = asyncio.create_task(self._answer(*rest))
            self._answering.add(task)
            task.add_done_callback(self._answering.discard)
        elif kind == "log":
            name, level, message = rest
            logging.getLogger(name).log(level, "%s", message)
        else:
            number, outcome, states, self.resident_bytes = rest
            for state in states:
                self._service.metrics.embed(state)
            if (future := self.waiting.get(number)) is not None and not future.done():
                future.set_result(outcome)

    async def _answer(self, number: int, question: Any) -> None:  # noqa: ANN401 - it asks what it asks
        self.send("answer", number, await self._answerer(question))
