"""The page at the end of a run: what it tells is taken from the checkpoint, samples while the
originals are there.
"""

import datetime as dt
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

from service import __version__
from service.backfill.report.excerpts import gather_samples, recall_samples
from service.backfill.report.html_page import ReportHeader, write_page
from service.backfill.report.statistics import gather
from service.backfill.safety.atomic_files import AtomicFileWriter, StreamWriter
from service.backfill.safety.checkpoint import Checkpoint
from service.backfill.sources.protocol import Source
from service.backfill.steps.scan import ScanSummary


class ReportPublisher:
    """The page of one run, in the place that `opened` gives; None makes none."""

    def __init__(
        self,
        opened: Callable[[], AtomicFileWriter | StreamWriter] | None,
        source: Source,
        state: Checkpoint,
    ) -> None:
        self._opened, self._source, self._state = opened, source, state

    def look(self) -> None:
        """Take the samples, before anything is written. Raises `OSError`."""
        if self._opened is not None:
            gather_samples(self._source, self._state)

    def write(self, found: ScanSummary, *, writes: bool, finished: bool) -> None:
        """Write the page; a file is replaced whole. Raises `OSError`."""
        if self._opened is None:
            return
        name = Path(self._source.name).name or self._source.name
        occasion = ReportHeader(name, dt.datetime.now(dt.UTC), writes, finished, __version__)
        styles = "".join(files(room).joinpath(sheet).read_text("utf-8") for room, sheet in _STYLES)
        page = self._opened()
        try:
            for part in write_page(
                gather(self._state, found),
                recall_samples(self._state),
                occasion,
                styles,
            ):
                page.write(part.encode("utf-8", "replace"))
            page.finish()
            page.commit()
        finally:
            page.abandon()


_STYLES = (("service.web", "embed.css"), ("service.backfill.report", "page.css"))
