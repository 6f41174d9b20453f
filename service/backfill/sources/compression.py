"""gzip and Zstandard around a document: unpacked once to a temporary file, packed again on the way
out.
"""

import importlib
import sys
import zlib
from collections.abc import Callable
from types import ModuleType
from typing import Any, BinaryIO, Protocol

from service.backfill.archive_errors import UnreadableError, UsageError

GZIP, ZSTD = ".gz", ".zst"
_ZSTD_MODULE = "compression.zstd" if sys.version_info >= (3, 14) else "backports.zstd"

_MAGIC = {GZIP: b"\x1f\x8b", ZSTD: b"\x28\xb5\x2f\xfd"}
_CHUNK = 64 * 1024  # zlib may make a thousand times as much of it
_ZSTD_CHUNK = 1024
"""Bytes that are unpacked at once: four may stand for 128 KiB (RFC 8878 3.1.1.2.2)."""
MOST_RATIO = 1000
"""Times its size that a packed file may unpack to; text packs to a twentieth or so."""
_BELIEVED_BYTES = 64 * 1024 * 1024


class Packer(Protocol):
    """Takes bytes, writes them packed; `close` writes what is left."""

    def write(self, data: bytes) -> None:
        """Take some."""

    def close(self) -> None:
        """Take no more."""


class Plain:
    """Packs nothing."""

    def __init__(self, write: Callable[[bytes], None]) -> None:
        """Hand on to `write`."""
        self.write = write

    def close(self) -> None:
        """Nothing is left."""


class _Packed:
    # zlib's and zstd's have no common type
    def __init__(self, write: Callable[[bytes], None], packing: Any) -> None:  # noqa: ANN401
        self._write, self._packing = write, packing

    def write(self, data: bytes) -> None:
        if packed := self._packing.compress(data):
            self._write(packed)

    def close(self) -> None:
        self._write(self._packing.flush())


def packing_of(name: str) -> str:
    """Return the packing from a file's name: `.gz`, `.zst`, or none."""
    return next((each for each in (GZIP, ZSTD) if name.lower().endswith(each)), "")


def packing_in(head: bytes) -> str:
    """Return the packing from the first bytes of a document."""
    return next((each for each, magic in _MAGIC.items() if head.startswith(magic)), "")


def check_packing(packing: str) -> None:
    """See that what it needs is there. Raises `UsageError`."""
    if packing == ZSTD:
        _zstd()


def packer(packing: str, write: Callable[[bytes], None]) -> Packer:
    """Pack what comes on its way to `write`. The same bytes always pack to the same: no time, no
    name in it.
    """
    if packing == GZIP:
        return _Packed(write, zlib.compressobj(6, zlib.DEFLATED, 31))
    if packing == ZSTD:
        return _Packed(write, _zstd().ZstdCompressor())
    return Plain(write)


def unpack(source: BinaryIO, packing: str, into: BinaryIO, check: Callable[[], None]) -> None:
    """Unpack all of `source`; `check` is called now and then. Raises `UnreadableError` where it is
    damaged or cut off, or where little unpacks to very much, as no archive of articles does, and
    `OSError` where `into` is full.
    """
    chunk = _ZSTD_CHUNK if packing == ZSTD else _CHUNK
    damaged: tuple[type[Exception], ...] = (zlib.error, *_zstd_errors(packing))
    while True:
        inflate: Any = (
            zlib.decompressobj(31)
            if packing == GZIP
            else _zstd().ZstdDecompressor()
            if packing
            else None
        )
        rest = source.read(chunk)
        while rest:
            check()
            try:
                into.write(inflate.decompress(rest) if inflate else rest)
            except damaged as error:
                message = f"damaged {packing} data: {error}; nothing was done with it"
                raise UnreadableError(message) from None
            if inflate and into.tell() > max(_BELIEVED_BYTES, MOST_RATIO * source.tell()):
                message = (
                    f"unpacks to more than {MOST_RATIO:,} times its size; nothing was done with it."
                    " If it is no mistake, unpack it yourself"
                )
                raise UnreadableError(message)
            if inflate and inflate.eof:
                break
            rest = source.read(chunk)
        if inflate is None:
            return
        if not inflate.eof:
            message = (
                f"the {packing} data is cut off: it ends early, after {into.tell()} bytes unpacked;"
                " nothing was done with it"
            )
            raise UnreadableError(message)
        # Another member may follow the one that ended; zeros that fill up a block are passed over,
        # as gzip(1) does.
        source.seek(-len(inflate.unused_data), 1)
        while rest := source.read(_CHUNK):
            if member := rest.lstrip(b"\0") if packing == GZIP else rest:
                source.seek(-len(member), 1)
                break
        else:
            return


def _zstd() -> ModuleType:
    """Return what Python has from 3.14 on, and a package before (PEP 784)."""
    try:
        return importlib.import_module(_ZSTD_MODULE)
    except ImportError:
        message = (
            ".zst files need one more package; in a checkout of tweet-embed: pip install '.[zstd]'"
        )
        raise UsageError(message) from None


def _zstd_errors(packing: str) -> tuple[type[Exception], ...]:
    return (_zstd().ZstdError,) if packing == ZSTD else ()
