"""The parent of several server processes: uvicorn's, which also looks after what they count."""

import logging
import os
import signal
import socket
import time
from typing import cast

from uvicorn import Config
from uvicorn.config import STARTUP_FAILURE
from uvicorn.supervisors import Multiprocess
from uvicorn.supervisors.multiprocess import Process

from service.cli.support.server import Server
from service.worker_metrics import FOLDER_VARIABLE, WorkerMetricsFolder

_READY_S = 5.0
_START_S = 60.0

_log = logging.getLogger("tweet_embed.serve")


class _Worker(Process):
    """A process that runs our own server."""

    @property
    def server(self) -> Server:
        """The server of this process."""
        if self._server is None:
            self._server = Server(self.config)
        return cast("Server", self._server)


class Supervisor(Multiprocess):
    """The processes, started anew where one ends, and the folder in which they count."""

    def __init__(self, config: Config, sockets: list[socket.socket], where: str) -> None:
        """As uvicorn's own. `where` is the address to tell once all of them serve. Raises `OSError`
        where there is no room for the folder.
        """
        super().__init__(config, sockets)
        self._where: str | None = where
        self._started: set[int] = set()
        self._seen_at: dict[int, float] = {}
        self.has_failed = False  # a process could not start, and would not the next time either
        self._counted = WorkerMetricsFolder()
        os.environ[FOLDER_VARIABLE] = str(self._counted.path)  # processes inherit it

    def run(self) -> None:
        """Run the processes until they are told to stop; then take the folder away."""
        with self._counted:
            super().run()

    def init_processes(self) -> None:
        """Start all of them."""
        self.processes.extend(self._begin() for _ in range(self.processes_num))

    def _begin(self) -> Process:
        worker = _Worker(self.config, self.sockets)
        worker.start()
        return worker

    def keep_subprocess_alive(self) -> None:
        """Start ended and hung processes anew, and add up what they counted: each half second.

        One that is still starting is left in peace: uvicorn would take it for hung, and where the
        processor is slow none would ever be there.
        """
        for place, worker in enumerate(self.processes):
            if self.should_exit.is_set():
                return
            if self._is_starting(worker) or worker.is_alive(self.config.timeout_worker_healthcheck):
                continue
            worker.kill()
            worker.join()
            if worker.exitcode == STARTUP_FAILURE:
                _log.error("a worker cannot start, so the service ends")
                self.has_failed = True
                self.should_exit.set()
                return
            self.processes[place] = self._begin()
        if self._where and all(each.pid in self._started for each in self.processes):
            _log.info("running on %s", self._where)
            self._where = None
        self._counted.keep_only(each.pid for each in self.processes if each.pid is not None)

    def _is_starting(self, process: Process) -> bool:
        pid = process.pid
        if pid is None or pid in self._started or not process.process.is_alive():
            return False
        now, connection = time.monotonic(), process.parent_conn
        if pid not in self._seen_at:
            self._seen_at[pid] = now
            connection.send(b"ping")
        if connection.poll():  # it tells whether it serves
            if connection.recv():
                self._started.add(pid)
                return False
            connection.send(b"ping")
        return now - self._seen_at[pid] < _START_S

    def handle_hup(self) -> None:
        """Have each process read the file of keys again, as one alone does; uvicorn would start
        them anew, which a file that is wrong prevents.
        """
        for each in self.processes:
            is_ready = each.wait_until_ready(_READY_S, self.should_exit)
            if is_ready and each.pid is not None:
                os.kill(each.pid, signal.SIGHUP)

    def handle_ttin(self) -> None:
        """Have one process more."""
        self.processes_num += 1
        self.processes.append(self._begin())

    def terminate_all(self) -> None:
        """End the processes. Each accepts whom it finds at the door and closes it; what holds the
        door open here would let in people whom nobody meets.
        """
        for each in self.sockets:
            each.close()
        super().terminate_all()
