"""Worker processes, for work that takes processor time and no network: forked once there is enough
of it, ended with this process.

A worker has everything imported that this process has, and so begins at once. It is forked while
this process has no other thread, whose locks it would find taken for ever: in a scan, or between
two steps.

A worker is told and tells by messages over a socket of its own (`child.py` is the other end). It
reads all the time, so that sending to it never waits for long; this process, which may wait for
neither, reads when there is something.
"""

import itertools
import multiprocessing
import os
import pickle
import signal
from collections.abc import Iterator
from contextlib import suppress
from multiprocessing.connection import Pipe, wait
from multiprocessing.reduction import send_handle
from typing import Any

from service.backfill.archive_errors import GuardError
from service.backfill.workers.child import main

PAYS_AFTER_S = 0.2
"""Seconds of work after which workers are begun: each takes a hundredth of one to begin."""
_FORK = multiprocessing.get_context("fork")
_NOT_FOR_WORKERS = {signal.SIGINT, signal.SIGTERM, signal.SIGHUP}


class Worker:
    """One of them. `under_way` are the numbers of what it was given and has not done."""

    def __init__(self) -> None:
        """Begin it. Raises `OSError`."""
        self.ready = False
        self.under_way: set[int] = set()
        self._lent = -1
        self.connection, there = Pipe()
        # A Ctrl-C on the terminal, and a service manager's wish to end, are for this process alone:
        # what is blocked here stays so there, from its first instruction on.
        heard = signal.pthread_sigmask(signal.SIG_BLOCK, _NOT_FOR_WORKERS)
        try:
            self._process = _FORK.Process(target=main, args=(there,), daemon=True)
            self._process.start()
        except OSError:
            self.connection.close()
            raise
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, heard)
            there.close()

    @property
    def pid(self) -> int:
        """Its number in the system."""
        return self._process.pid or 0

    def send(self, *message: Any) -> None:  # noqa: ANN401 - what `child.py` knows
        """Send a message. Raises `GuardError` if the worker is dead."""
        try:
            self.connection.send(message)
        except OSError:
            raise self._lost() from None

    def lend(self, descriptor: int) -> None:
        """Let it read an open file from now on. Raises `GuardError` if the worker is dead."""
        if self._lent == descriptor:
            return
        self.send("file")
        try:
            send_handle(self.connection, descriptor, self.pid)
        except OSError:
            raise self._lost() from None
        self._lent = descriptor

    def receive(self) -> tuple[Any, ...]:
        """Return the next message, waiting for it. Raises `GuardError` if the worker is dead."""
        try:
            message: tuple[Any, ...] = self.connection.recv()
        except (EOFError, OSError, pickle.UnpicklingError):
            raise self._lost() from None
        if message[0] == "ready":
            self.ready = True
        elif message[0] == "done":
            self.under_way.discard(message[1])
        elif message[0] == "settled":
            self.under_way.difference_update(number for number, _ in message[1])
        return message

    def close(self) -> None:
        """End it, whatever it is at: it holds nothing that could be lost."""
        self.connection.close()
        self._process.kill()
        self._process.join()

    def _lost(self) -> GuardError:
        self._process.join()
        code = self._process.exitcode
        why = (
            f"killed by {signal.Signals(-code).name}" if code and code < 0 else f"ended with {code}"
        )
        out_of_memory = "; is there too little memory?" if code == -signal.SIGKILL else ""
        return GuardError(
            f"a worker process was {why}{out_of_memory}; nothing is half written: run the same"
            " command again to go on",
        )


class ProcessPool:
    """All of them: one for each processor, none where there is only one."""

    def __init__(self, count: int | None = None, pays_after_s: float | None = None) -> None:
        """`count` None is as many as there are processors for this process. They begin after
        `pays_after_s` seconds of work.
        """
        self.count = processors() if count is None else count
        self._pays_after_s = PAYS_AFTER_S if pays_after_s is None else pays_after_s
        self._numbers = itertools.count()
        self.members: list[Worker] = []

    def number(self) -> int:
        """Return a number that nothing else was given under."""
        return next(self._numbers)

    def begin(self, spent_s: float) -> bool:
        """Start them if so many seconds of work say that it pays; return whether they run."""
        if not self.members and spent_s >= self._pays_after_s and self.count > 1:
            with suppress(OSError):  # out of processes: then it is done here
                for _ in range(self.count):
                    self.members.append(Worker())
        return bool(self.members)

    def free(self) -> Worker | None:
        """Return the one with the least to do, if any is ready."""
        return min(
            (each for each in self.members if each.ready),
            key=lambda each: len(each.under_way),
            default=None,
        )

    def heard(self, timeout_s: float | None) -> Iterator[tuple[Worker, tuple[Any, ...]]]:
        """Return messages that are there, waiting so long for the first (seconds; None: for ever).
        Raises `GuardError` for a dead one.
        """
        told: list[Any] = wait([each.connection for each in self.members], timeout_s)
        for each in self.members:
            if each.connection in told:
                yield each, each.receive()

    def close(self) -> None:
        """End them all."""
        while self.members:
            self.members.pop().close()


def processors() -> int:
    """Count the processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
