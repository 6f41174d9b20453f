"""Stop asking a host after several failures in a row, and for as long as it asks for; and bound how
often a request is repeated.
"""

import logging
import random
import time
from collections.abc import Callable
from enum import Enum
from typing import Final

from service.core.errors import UpstreamError
from service.core.model import Reason

TROUBLES_TO_OPEN: Final = 5
NONSENSE_TO_OPEN: Final = 20
"""Nonsense may be about the thing asked for, not the host: four of it weigh as much as one other
trouble.
"""
REST_S: Final = 10.0
LONGEST_REST_S: Final = 120.0
RETRY_SHARE: Final = 0.1
MOST_SAVED: Final = 10.0

_WEIGHT: Final = NONSENSE_TO_OPEN // TROUBLES_TO_OPEN
_log = logging.getLogger("tweet_embed.upstream")


class Permit(Enum):
    """What a breaker says to who wants to ask."""

    ALLOW = 0
    PROBE = 1
    DENY = 2


class CircuitBreaker:
    """One host. Closed: it may be asked. Open: it is left alone. Half open: one question is let
    through, to see.
    """

    def __init__(
        self,
        host: str,
        *,
        clock: Callable[[], float] = time.monotonic,
        chance: Callable[[], float] = random.random,
    ) -> None:
        """Begin closed. `clock` is in seconds and never goes back; `chance` is a number from 0 to
        1.
        """
        self._host = host
        self._clock = clock
        self._chance = chance
        self._weight = 0
        self._rest_s = REST_S
        self._until = 0.0
        self._reason: Reason | None = None  # not None: open or half open
        self._probing = False

    @property
    def level(self) -> int:
        """0 closed, 1 half open, 2 open."""
        if self._reason is None:
            return 0
        return 2 if self._clock() < self._until else 1

    def permit(self) -> Permit:
        """Return whether the host may be asked now. `PROBE` is given to one at a time, who must
        call `end_probe`.
        """
        if self._reason is None:
            return Permit.ALLOW
        if self._probing or self._clock() < self._until:
            return Permit.DENY
        self._probing = True
        return Permit.PROBE

    def refusal(self) -> UpstreamError:
        """Return why the host is not asked, and when to try again."""
        return UpstreamError(
            self._reason or Reason.UNREACHABLE,
            max(1.0, self._until - self._clock()),
        )

    def end_probe(self) -> None:
        """Let the next one probe, if this one learnt nothing."""
        self._probing = False

    def succeeded(self) -> None:
        """Take note of an answer."""
        if self._reason is not None:
            _log.info("%s answers again", self._host, extra={"told": {"host": self._host}})
        self._weight, self._rest_s, self._reason = 0, REST_S, None

    def failed(self, trouble: UpstreamError) -> None:
        """Take note of a trouble."""
        self._weight += 1 if trouble.reason in {Reason.NONSENSE, Reason.UNSAFE} else _WEIGHT
        asked_s = trouble.retry_after_s or 0.0
        if not asked_s and self._weight < NONSENSE_TO_OPEN and self._reason is None:
            return
        rest_s = 0.0
        if self._weight >= NONSENSE_TO_OPEN or self._reason is not None:
            rest_s = self._rest_s * (0.75 + 0.5 * self._chance())
        if self._reason is None or self._probing:
            if rest_s:
                self._rest_s = min(self._rest_s * 2, LONGEST_REST_S)
            _log.warning(
                "%s is left alone for %.0f s: %s",
                self._host,
                max(rest_s, asked_s),
                trouble.reason.value,
                extra={"told": {"host": self._host, "reason": trouble.reason.value}},
            )
            self._until = self._clock() + max(rest_s, asked_s)
        elif asked_s:
            self._until = max(self._until, self._clock() + asked_s)
        self._reason = trouble.reason


class RetryBudget:
    """One repetition for every ten questions, and no more than `MOST_SAVED` at once: repeating must
    not make an outage worse.
    """

    def __init__(self) -> None:
        """Begin with nothing saved."""
        self.saved = 0.0

    def earn(self) -> None:
        """Count a question asked for the first time."""
        self.saved = min(self.saved + RETRY_SHARE, MOST_SAVED)

    def spend(self) -> bool:
        """Take one repetition, if there is one."""
        if self.saved < 1 - 1e-9:
            return False
        self.saved = max(0.0, self.saved - 1)
        return True
