"""Look up host names, once each, in threads of their own; every address is checked against our
table of public ones.

A look-up that hangs holds its thread until the system's resolver gives up. In asyncio's own
executor it would hold up everybody; here it holds up look-ups alone
(https://docs.python.org/3/library/asyncio-eventloop.html#executing-code-in-thread-or-process-pools).
"""

import asyncio
import contextlib
import socket
import threading
from collections.abc import Callable, Sequence
from typing import Final

from service.core.errors import TweetEmbedError
from service.upstream.http.public_addresses import is_public

LOOKUPS: Final = 4
"""Look-ups at the same time. A further one waits for its turn as long as its caller does."""
WAIT_S: Final = 2.0
MOST_ANSWERS: Final = 16
"""A name with more addresses than this is not one of ours."""

Lookup = Callable[[str], Sequence[str]]


class NameRefusedError(TweetEmbedError):
    """A name leads nowhere, or somewhere it must not; or it could not be looked up in time."""


def look_up(host: str) -> list[str]:
    """Ask the system's resolver for the addresses of a host, in its order of preference. Blocks.
    Raises `OSError`.
    """
    answers = socket.getaddrinfo(host, 443, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(answer[4][0]) for answer in answers))


class DnsCache:
    """Looks names up in threads of its own; they are daemons, for a process must not wait for a
    resolver to end.
    """

    def __init__(
        self,
        look_up: Lookup = look_up,
        *,
        lookups: int = LOOKUPS,
        wait_s: float = WAIT_S,
    ) -> None:
        """Look up by `look_up`, at most `lookups` at a time, each given up after `wait_s` seconds,
        its turn included.
        """
        self._look_up = look_up
        self._places = asyncio.Semaphore(lookups)
        self._wait_s = wait_s

    async def addresses(self, host: str) -> list[str]:
        """Return the addresses of a host, all of them public. One that is not refuses the name:
        `NameRefusedError`.
        """
        try:
            async with asyncio.timeout(self._wait_s):
                await self._places.acquire()
                found = await asyncio.shield(self._ask(host))
        except TimeoutError:
            message = f"{host} was not looked up in time"
            raise NameRefusedError(message) from None
        except (OSError, UnicodeError) as error:
            message = f"{host} is not known: {error}"
            raise NameRefusedError(message) from None
        if not found or len(found) > MOST_ANSWERS or not all(map(is_public, found)):
            message = f"{host} leads to an address that is not public, or to none"
            raise NameRefusedError(message)
        return list(found)

    def _ask(self, host: str) -> "asyncio.Future[Sequence[str]]":
        """Start a look-up in a thread. Its place is free again when the thread is, not when its
        caller leaves.
        """
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Sequence[str]] = loop.create_future()

        def land(found: Sequence[str], error: Exception | None) -> None:
            self._places.release()
            if answer.cancelled():
                return
            if error is None:
                answer.set_result(found)
            else:
                answer.set_exception(error)
                answer.exception()  # its caller may have left

        def run() -> None:
            found: Sequence[str] = ()
            failed: Exception | None = None
            try:
                found = self._look_up(host)
            except Exception as error:  # noqa: BLE001 - whatever it is, it is the caller's
                failed = error
            with contextlib.suppress(RuntimeError):  # the loop has ended meanwhile
                loop.call_soon_threadsafe(land, found, failed)

        threading.Thread(target=run, name=f"look up {host}", daemon=True).start()
        return answer
