"""Which oEmbed endpoints are to be believed when they say that a tweet is gone.

An endpoint that moved, or that blocks us, may answer 404 or 403 to everything
(docs/x-behaviour.md 2.1). So a death counts only where the endpoint has shown some tweet lately, or
shows a canary now: a public tweet that is known to stand (docs/decisions/0017).
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

SHOWN_WITHIN_S: Final = 3600.0
"""Seconds for which a tweet that an endpoint showed speaks for it."""
ASK_AGAIN_S: Final = 30.0
"""Seconds after which an endpoint that showed no canary is asked for one again."""


class LivingEndpoints:
    """Remembers when each endpoint last showed a tweet, and asks for canaries where that is long
    ago. `shows(endpoint, tweet_id)` asks one endpoint whether it shows a tweet.
    """

    def __init__(
        self,
        canaries: Sequence[str] | None,
        shows: Callable[[str, str], Awaitable[bool]],
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Believe every endpoint where `canaries` is None. `clock` is in seconds."""
        self._canaries = canaries
        self._shows = shows
        self._clock = clock
        self._shown: dict[str, float] = {}
        self._dead: dict[str, float] = {}
        self._asking: dict[str, asyncio.Task[bool]] = {}

    def showed(self, endpoint: str) -> None:
        """Note that an endpoint showed a tweet just now."""
        self._shown[endpoint] = self._clock()
        self._dead.pop(endpoint, None)

    async def lives(self, endpoint: str) -> bool:
        """Return whether what an endpoint says of deaths is to be believed."""
        now = self._clock()
        if self._canaries is None or now - self._shown.get(endpoint, -SHOWN_WITHIN_S) < (
            SHOWN_WITHIN_S
        ):
            return True
        if now - self._dead.get(endpoint, -ASK_AGAIN_S) < ASK_AGAIN_S:
            return False
        asking = self._asking.get(endpoint)
        if asking is None:
            asking = self._asking[endpoint] = asyncio.create_task(self._ask(endpoint))
            asking.add_done_callback(lambda _: self._asking.pop(endpoint, None))
        return await asyncio.shield(asking)  # others wait for it too

    async def close(self) -> None:
        """Stop asking."""
        asking = list(self._asking.values())
        for task in asking:
            task.cancel()
        await asyncio.gather(*asking, return_exceptions=True)

    async def _ask(self, endpoint: str) -> bool:
        for canary in self._canaries or ():
            if await self._shows(endpoint, canary):
                self.showed(endpoint)
                return True
        self._dead[endpoint] = self._clock()
        return False
