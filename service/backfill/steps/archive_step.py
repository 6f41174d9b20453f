"""What each step of a backfill works with."""

from typing import Generic, TypeVar

from service.backfill.plan import Plan, Progress, Stop
from service.backfill.safety.checkpoint import Checkpoint
from service.backfill.sources.protocol import Source

ArchiveSource = TypeVar("ArchiveSource", bound=Source)


class ArchiveStep(Generic[ArchiveSource]):
    """A step over one archive: its source, what the checkpoint knows of it, what is asked for, the
    operator's wish to stop, and what the operator sees.
    """

    def __init__(
        self,
        source: ArchiveSource,
        state: Checkpoint,
        plan: Plan,
        stop: Stop,
        progress: Progress,
    ) -> None:
        self._source, self._state, self._plan = source, state, plan
        self._stop, self._progress = stop, progress
