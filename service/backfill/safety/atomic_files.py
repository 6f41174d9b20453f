"""Files replaced whole or not at all, and locked while that goes on. Every call that changes a disk
is here, by its own name.
"""

import contextlib
import errno
import fcntl
import hashlib
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from service.backfill.archive_errors import EditedError, UsageError

_NOT_BY_THE_KERNEL = {errno.EXDEV, errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP, errno.EPERM}
"""What a file system says that cannot copy for another, or not at all."""
_AHEAD = 8 * 1024 * 1024
"""Bytes of a new file that the disk is given to write while the next are made."""
SHORTER = "somebody made it shorter meanwhile; it was left alone, the next run looks at it again"
PART_PREFIX, PART_SUFFIX = ".tweet-embed-", ".part"


def write_all(descriptor: int, data: bytes) -> None:
    """Write every byte. Raises `OSError`."""
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


@contextlib.contextmanager
def naming(path: Path) -> Iterator[None]:
    """Have an error of a descriptor tell which file it is of."""
    try:
        yield
    except OSError as error:
        if error.filename is None:
            error.filename = os.fspath(path)
        raise


@contextlib.contextmanager
def _refusals() -> Iterator[None]:
    """Have a folder on a read-only file system refuse as one without permission does: it is that
    folder's trouble, and the rest can be written.
    """
    try:
        yield
    except OSError as error:
        if error.errno != errno.EROFS:
            raise
        raise PermissionError(error.errno, error.strerror, error.filename) from None


def sync_folder(folder: Path) -> None:
    """Make what was renamed or made in a folder last."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


class AtomicFileWriter:
    """A new file that takes a name at `commit`, with the mode, owner and attributes of `like`;
    until then it stands beside it.

    Its own name is made of the target's: a run that was killed leaves at most one, which the next
    run takes away. It is locked while it is written, so that two at once are told.
    """

    def __init__(self, target: Path, like: Path | None = None, *, private: bool = False) -> None:
        """Begin, with the rights of `like`, else those of any new file; with `private` only this
        user may read it. Raise `OSError`.
        """
        self.target = target
        self._like = like
        mark = hashlib.sha256(os.fsencode(target.name)).hexdigest()[:16]
        self._part = target.parent / f"{PART_PREFIX}{mark}{PART_SUFFIX}"
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        with _refusals():
            if not _take_away(self._part):
                raise BlockingIOError(errno.EAGAIN, "another run is writing it", os.fspath(target))
            self._descriptor = os.open(self._part, flags, 0o600 if like or private else 0o666)
        with contextlib.suppress(OSError):  # a file system without locks
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        self._size = self._on_its_way = 0

    def write(self, data: bytes) -> None:
        """Write some. Raises `OSError`."""
        with naming(self.target):
            write_all(self._descriptor, data)
        self._wrote(len(data))

    def copy(self, source: int, start: int, end: int) -> None:
        """Write the bytes of an open file from `start` to `end`, by the kernel where it can (Linux,
        copy_file_range(2)). Raises `OSError`, and `EditedError` where it has no such bytes any
        more.
        """
        while start < end:
            with naming(self.target):
                count = _copied(source, self._descriptor, start, end - start)
            if not count:
                raise EditedError(SHORTER)
            start += count
            self._wrote(count)

    def finish(self) -> os.stat_result:
        """Put all on the disk, still beside the target. Raises `OSError`."""
        if self._like:
            self._take_after(self._like)
        with naming(self.target):
            os.fsync(self._descriptor)
        return os.fstat(self._descriptor)

    def _wrote(self, size: int) -> None:
        """Have the disk begin with what was written, so that there is little to wait for at the
        end: Linux does when it is told that a file is not read soon (posix_fadvise(2)).
        """
        self._size += size
        if (ahead := self._size - self._on_its_way) >= _AHEAD and hasattr(os, "posix_fadvise"):
            with contextlib.suppress(OSError):  # it need not
                os.posix_fadvise(self._descriptor, self._on_its_way, ahead, os.POSIX_FADV_DONTNEED)
            self._on_its_way = self._size

    def commit(self) -> None:
        """Take the name. `finish` came before. Raises `OSError`."""
        os.close(self._descriptor)
        self._descriptor = -1
        os.replace(self._part, self.target)  # noqa: PTH105 - beside the other calls by name
        sync_folder(self.target.parent)

    def abandon(self) -> None:
        """Leave no trace, as far as the disk allows."""
        with contextlib.suppress(OSError):
            if self._descriptor >= 0:
                os.close(self._descriptor)
                self._descriptor = -1
                os.unlink(self._part)  # noqa: PTH108 - beside the other calls by name

    def _take_after(self, like: Path) -> None:
        told = like.stat()
        own = os.fstat(self._descriptor)
        if (told.st_uid, told.st_gid) != (own.st_uid, own.st_gid):
            os.fchown(self._descriptor, told.st_uid, told.st_gid)
        os.fchmod(
            self._descriptor,
            stat.S_IMODE(told.st_mode),
        )  # after the owner, whose change takes bits away
        if hasattr(os, "listxattr"):
            for name in os.listxattr(like):
                with contextlib.suppress(OSError):  # one that only the system sets, say
                    os.setxattr(self._descriptor, name, os.getxattr(like, name))


def _copied(source: int, target: int, start: int, size: int) -> int:
    """Copy some bytes of an open file to where another one is written; return how many, 0 at its
    end.
    """
    if hasattr(os, "copy_file_range"):
        try:
            return os.copy_file_range(source, target, size, start)
        except OSError as error:
            if error.errno not in _NOT_BY_THE_KERNEL:
                raise
    data = os.pread(source, size, start)
    write_all(target, data)
    return len(data)


class StreamWriter:
    """A pipe in the place of a `AtomicFileWriter`."""

    def __init__(self, out: BinaryIO) -> None:
        """Write to it."""
        self._out = out

    def write(self, data: bytes) -> None:
        """Write some. Raises `OSError`."""
        self._out.write(data)

    def finish(self) -> None:
        """Write what is left. Raises `OSError`."""
        self._out.flush()

    def commit(self) -> None:
        """Do nothing: no name waits for it."""

    def abandon(self) -> None:
        """Leave what is written."""


def sweep(folder: Path) -> None:
    """Take away what a killed run left half written in a folder."""
    for part in folder.glob(f"{PART_PREFIX}*{PART_SUFFIX}"):
        _take_away(part)


def _take_away(part: Path) -> bool:
    """Remove what a killed run left half written; return False where a run is at work on it."""
    with contextlib.suppress(FileNotFoundError):
        if _is_locked(part):
            return False
        os.unlink(part)  # noqa: PTH108 - beside the other calls by name
    return True


def _is_locked(part: Path) -> bool:
    """Return whether a run holds a lock on what it writes; False where that cannot be seen."""
    try:
        descriptor = os.open(part, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    finally:
        os.close(descriptor)
    return False


def lock(path: Path, *, shared: bool = False) -> int:
    """Lock a file or folder until the process ends, or the descriptor is closed. Raises
    `UsageError` if another run has it.
    """
    while True:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            fcntl.flock(descriptor, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            message = f"{path}: another run is at work on it; wait for its end, or stop it"
            raise UsageError(message) from None
        told, now = os.fstat(descriptor), path.stat()
        if (told.st_ino, told.st_dev) == (now.st_ino, now.st_dev):
            return descriptor
        os.close(
            descriptor,
        )  # it was replaced between the two calls: lock the one that has the name now


def lock_below(path: Path, *, shared: bool = False) -> list[int]:
    """Lock a file or folder as `lock` does, so that no run is at work on a folder around it either,
    nor begins: those are locked together with others. Raises `UsageError`, `OSError`.
    """
    held: list[int] = []
    try:
        for folder in reversed(path.parents):
            with contextlib.suppress(OSError):  # one that may not be read
                held.append(lock(folder, shared=True))
        held.append(lock(path, shared=shared))
    except BaseException:
        for descriptor in held:
            os.close(descriptor)
        raise
    return held


def signature(told: os.stat_result) -> str:
    """Return which file this is, and in which state: another one, or a later one, has another
    signature.
    """
    return f"{told.st_dev}:{told.st_ino}:{told.st_size}:{told.st_mtime_ns}"
