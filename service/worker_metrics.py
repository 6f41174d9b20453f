"""What several workers count, in files of a folder that they share, so that each can tell the sum:
the multiprocess mode of Prometheus' client
(https://prometheus.github.io/client_python/multiprocess/).

The parent of the workers makes the folder, looks after it and takes it away. It lies in memory
(`/dev/shm`) where it can: a file on a disk may hold up who writes to it.
"""

import fcntl
import logging
import os
import re
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from prometheus_client import CollectorRegistry, Metric, ProcessCollector
from prometheus_client.exposition import generate_latest
from prometheus_client.mmap_dict import MmapedDict, mmap_key
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead
from prometheus_client.registry import Collector

FOLDER_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"
"""Where the client library, once imported, keeps what is counted: its own name for it."""

_SHARED_MEMORY = Path("/dev/shm")  # noqa: S108 - a folder of its own is made in it
_PREFIX = "tweet-embed-workers-"
_OWNER, _FOLDING = "owner", "folding"
_ENDED = "ended"
_ADDED_UP = ("counter", "histogram")
_OF_A_WORKER = re.compile(r"(?:counter|histogram|gauge_[a-z]+)_([0-9]+)\.db")
_log = logging.getLogger("tweet_embed")


class WorkerMetricsFolder:
    """The folder, as the parent of the workers keeps it."""

    def __init__(self, place: Path | None = None) -> None:
        """Make it in `place`, or in memory, or among the temporary files; and take away those whose
        parents were killed. Raises `OSError` where there is no room for one.
        """
        if place is None:
            place = _SHARED_MEMORY if os.access(_SHARED_MEMORY, os.W_OK | os.X_OK) else None
            place = place or Path(tempfile.gettempdir())
        _sweep(place)
        unnamed = Path(tempfile.mkdtemp(dir=place))
        self._owner = (unnamed / _OWNER).open("wb")
        fcntl.flock(self._owner, fcntl.LOCK_EX)
        self.path = unnamed.rename(place / f"{_PREFIX}{os.getpid()}-{unnamed.name}")

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(
        self,
        _type: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        """Take the folder away."""
        shutil.rmtree(self.path, ignore_errors=True)
        self._owner.close()

    def keep_only(self, alive: Iterable[int]) -> None:
        """Forget how workers are that have ended, and add what they counted to that of all who
        ended before: files are as many as workers, however often one is started anew.
        """
        ended = _workers_in(self.path) - set(alive)
        if not ended:
            return
        for worker in ended:
            mark_process_dead(worker, str(self.path))
        try:
            for kind in _ADDED_UP:
                self._fold(kind, [self.path / f"{kind}_{worker}.db" for worker in sorted(ended)])
        except OSError as error:
            _log.warning("what ended workers counted cannot be added up: %s", error)

    def _fold(self, kind: str, files: list[Path]) -> None:
        sums = self.path / f"{kind}_{_ENDED}.db"
        parts = [str(file) for file in (sums, *files) if file.exists()]
        new = MmapedDict(str(self.path / f"{kind}_{_ENDED}.new"))
        for metric in MultiProcessCollector.merge(parts, accumulate=False):
            for each in metric.samples:
                names, values = [*each.labels], [*each.labels.values()]
                key = mmap_key(metric.name, each.name, names, values, metric.documentation)
                new.write_value(key, each.value, 0.0)
        new.close()
        with _locked(self.path, fcntl.LOCK_EX):
            (self.path / f"{kind}_{_ENDED}.new").replace(sums)
            for file in files:
                file.unlink(missing_ok=True)


def summed_text(folder: Path) -> bytes:
    """Write what all workers counted, and how their processes are, as Prometheus reads it."""
    registry = CollectorRegistry()
    registry.register(_Sums(folder))
    registry.register(_Processes(folder))
    with _locked(folder, fcntl.LOCK_SH):
        return generate_latest(registry)


class _Sums(Collector):
    """What all workers counted. The library's own collector fails on the file of a worker that has
    just begun, while it is empty.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def collect(self) -> Iterable[Metric]:
        with os.scandir(self._folder) as entries:
            files = [each.path for each in entries if each.name.endswith(".db") and _size(each)]
        found: Iterable[Metric] = MultiProcessCollector.merge(files)
        return found


class _Processes(Collector):
    """The process metrics of the workers and of their parent, told apart by `pid`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._pid = 0
        self._one = ProcessCollector(pid=lambda: self._pid, registry=None)

    def collect(self) -> Iterable[Metric]:
        metrics: dict[str, Metric] = {}
        for pid in sorted({os.getppid(), *_workers_in(self._folder)}):
            self._pid = pid
            for each in self._one.collect():
                known = metrics.setdefault(
                    each.name, Metric(each.name, each.documentation, each.type)
                )
                for sample in each.samples:
                    known.add_sample(sample.name, {"pid": str(pid)}, sample.value)
        return metrics.values()


def _size(entry: "os.DirEntry[str]") -> int:
    try:
        return entry.stat().st_size
    except FileNotFoundError:  # the gauges of a worker that has ended
        return 0


def _workers_in(folder: Path) -> set[int]:
    found = (_OF_A_WORKER.fullmatch(file.name) for file in folder.iterdir())
    return {int(each[1]) for each in found if each is not None}


@contextmanager
def _locked(folder: Path, how: int) -> Iterator[IO[bytes]]:
    """Hold the lock that keeps files from being folded while they are read."""
    with (folder / _FOLDING).open("wb") as lock:
        fcntl.flock(lock, how)
        yield lock


def _sweep(place: Path) -> None:
    """Take away the folders whose parents live no more, for these hold the lock no more."""
    for folder in place.glob(f"{_PREFIX}*"):
        with suppress(OSError), (folder / _OWNER).open("rb") as owner:
            fcntl.flock(owner, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(folder, ignore_errors=True)
