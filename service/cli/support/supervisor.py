"""The parent of several server processes: uvicorn's, which also looks after what they count."""

import os
import socket
import time

from uvicorn import Config
from uvicorn.supervisors import Multiprocess

from service.worker_metrics import FOLDER_VARIABLE, WorkerMetricsFolder

LAST_LOOK_S = 0.05
"""After SIGTERM: how long new connections are still taken."""


class Supervisor(Multiprocess):
    """The processes, started anew where one ends, and the folder in which they count."""

    def __init__(self, config: Config, sockets: list[socket.socket]) -> None:
        """As uvicorn's own. Raises `OSError` where there is no room for the folder."""
        super().__init__(config, sockets)
        self._counted = WorkerMetricsFolder()
        os.environ[FOLDER_VARIABLE] = str(self._counted.path)  # processes inherit it

    def run(self) -> None:
        """Run the processes until they are told to stop; then take the folder away."""
        with self._counted:
            super().run()

    def keep_subprocess_alive(self) -> None:
        """Start ended processes anew, and add up what they counted: each half second."""
        super().keep_subprocess_alive()
        self._counted.keep_only(each.pid for each in self.processes if each.pid is not None)

    def terminate_all(self) -> None:
        """End the processes, a moment after the signal: they take in whom the kernel let in
        before.
        """
        time.sleep(LAST_LOOK_S)
        super().terminate_all()
