"""The parent of several server processes: uvicorn's, which also looks after what they count."""

import os
import signal
import socket
import time

from uvicorn import Config
from uvicorn.supervisors import Multiprocess
from uvicorn.supervisors.multiprocess import Process

from service.worker_metrics import FOLDER_VARIABLE, WorkerMetricsFolder

_READY_S = 5.0
_START_S = 60.0
LAST_LOOK_S = 0.05
"""After SIGTERM: how long new connections are still taken."""


class Supervisor(Multiprocess):
    """The processes, started anew where one ends, and the folder in which they count."""

    def __init__(self, config: Config, sockets: list[socket.socket]) -> None:
        """As uvicorn's own. Raises `OSError` where there is no room for the folder."""
        super().__init__(config, sockets)
        self._started: set[int] = set()
        self._seen_at: dict[int, float] = {}
        self._counted = WorkerMetricsFolder()
        os.environ[FOLDER_VARIABLE] = str(self._counted.path)  # processes inherit it

    def run(self) -> None:
        """Run the processes until they are told to stop; then take the folder away."""
        with self._counted:
            super().run()

    def keep_subprocess_alive(self) -> None:
        """Start ended and hung processes anew, and add up what they counted: each half second.

        One that is still starting is left in peace: uvicorn would take it for hung, and where the
        processor is slow none would ever be there.
        """
        if not any(self._is_starting(each) for each in self.processes):
            super().keep_subprocess_alive()
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

    def terminate_all(self) -> None:
        """End the processes, a moment after the signal: they take in whom the kernel let in
        before.
        """
        time.sleep(LAST_LOOK_S)
        super().terminate_all()
