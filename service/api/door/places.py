"""The places for requests at work, of which there are so many: who finds none is answered from the
cache alone, or refused.
"""

import asyncio
from collections import deque


class Places:
    """So many places, for whoever takes one."""

    def __init__(self, number: int) -> None:
        """Begin with all of them free."""
        self._free = number
        self._waiting: deque[asyncio.Future[None]] = deque()

    def take(self) -> bool:
        """Take one if there is one."""
        if not self._free:
            return False
        self._free -= 1
        return True

    def give_back(self) -> None:
        """Return one: to who waits longest, or to all."""
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                return
        self._free += 1

    async def take_again(self) -> None:
        """Take one, or wait for it; who comes anew finds none as long as somebody waits."""
        if self.take():
            return
        turn = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if not turn.cancelled():  # it came, and nobody is there to have it
                self.give_back()
            raise
