"""uvicorn's server, which takes in all who stand at the door when it is told to stop.

The kernel makes connections by itself and keeps them until they are accepted; closing the socket
that listens resets every one that is left, with what was sent on it. So these are accepted first,
all of them, and everybody is read from once more before anything is closed.
"""

import asyncio
import logging
import socket
from collections.abc import Callable, Iterator
from functools import partial
from typing import cast

import uvicorn

LAST_LOOK_S = 0.2
"""At the end: how long connections without a request are read from before they are closed."""
ROUND_S = 0.01
"""Between two timers of this length the loop reads what has arrived, however late both are."""

_log = logging.getLogger("tweet_embed.serve")


class Server(uvicorn.Server):
    """A server that loses nothing that was sent before it was told to stop, and that says where it
    runs, which uvicorn does not of a socket that it is given.
    """

    def __init__(self, config: uvicorn.Config, where: str | None = None) -> None:
        """As uvicorn's own. `where` is the address to tell once it runs, if any."""
        super().__init__(config)
        self._where = where

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, and say where."""
        await super().startup(sockets)
        if self.started and self._where is not None:
            _log.info("running on %s", self._where)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Take in who is at the door, close it, read what has been sent, and end.

        From here on each answer says `Connection: close` (RFC 9112, 9.6).
        """
        stop = self.lifespan.state.get("stop")
        if stop is not None:
            stop.announce()
        waiting = [each for listener in sockets or [] for each in _accepted(listener)]
        for server in self.servers:
            server.close()
        make = partial(
            cast("Callable[..., asyncio.Protocol]", self.config.http_protocol_class),
            config=self.config,
            server_state=self.server_state,
            app_state=self.lifespan.state,
        )
        for each in waiting:
            await asyncio.get_running_loop().connect_accepted_socket(make, each)
        await asyncio.sleep(LAST_LOOK_S)
        await asyncio.sleep(ROUND_S)  # the loop may have been held up meanwhile
        await super().shutdown(sockets)


def _accepted(listener: socket.socket) -> Iterator[socket.socket]:
    """Accept everybody whom the kernel has let in, and wait for nobody."""
    try:
        while True:
            yield listener.accept()[0]
    except OSError:  # nobody is left, or there is no room for one more open file
        pass
