"""Ports for servers that have to be told theirs before they begin."""

import random
import socket
from contextlib import suppress

HOST = "127.0.0.1"


def free_port() -> int:
    """Return a port of this machine that nobody listens at, and that nobody is given meanwhile who
    asks for any: those are from 32,768 on (ip(7)).
    """
    for port in random.SystemRandom().sample(range(20_000, 30_000), 200):
        with suppress(OSError), socket.create_server((HOST, port)):
            return port
    message = "no port is free"
    raise OSError(message)
