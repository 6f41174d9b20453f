"""Files, folders and zip archives on the disk, opened for the tweets in them.

What is private stays shut.
"""

import gzip
import io
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final, NoReturn

from service.candidates.imports import csv_rows, json_rows, owner_archive
from service.candidates.imports.record import Imported

MOST_BYTES: Final = 512 * 1024 * 1024
"""Of one file that has to be read whole; X writes parts far smaller."""
_LINES: Final = (".jsonl", ".ndjson", ".json")
_CSV: Final = (".csv", ".tsv")
_PRIVATE: Final = ("deleted-tweet", "direct-message", "directmessage", "deleted-note")


def read_path(path: Path, handle: str | None) -> Iterator[Imported]:
    """Read the tweets at a path: an owner's archive (zip or folder), JSON, or a table.

    `handle` is whose tweets they are where nothing tells. Raises `OSError` for what cannot be
    opened, `ValueError`, with the place, for what is none of these.
    """
    if path.is_dir():
        files = [
            each for each in sorted(path.rglob("*")) if each.is_file() and _is_wanted(each.name)
        ]
        yield from _read_members(
            [(str(each.relative_to(path)), each) for each in files], handle, str(path)
        )
    elif path.suffix.lower() == ".zip":
        with _as_value_error(path), zipfile.ZipFile(path) as archive:
            members = [
                (each, archive)
                for each in sorted(archive.namelist())
                if _is_wanted(each) and not each.endswith("/")
            ]
            yield from _read_members(members, handle, str(path))
    elif not _is_wanted(path.name):
        message = f"{path}: deleted tweets and messages are not read"
        raise ValueError(message)
    else:
        yield from _read_file(str(path), path, path.name, handle)


def _is_wanted(name: str) -> bool:
    return not any(word in name.lower() for word in _PRIVATE)


def _read_members(
    members: Sequence[tuple[str, Path | zipfile.ZipFile]], handle: str | None, where: str
) -> Iterator[Imported]:
    """Read an owner's archive, or a folder or zip of JSON lines and tables."""
    of_owner = [each for each in members if owner_archive.is_tweets(each[0])]
    if not of_owner:
        others = [each for each in members if _plain_suffix(each[0]) in (*_LINES, *_CSV)]
        if not others:
            message = (
                f"{where}: no tweets: neither an archive of X, nor .jsonl, .json, .csv or .tsv"
            )
            raise ValueError(message)
        for name, holder in others:
            yield from _read_file(f"{where}: {name}", holder, name, handle)
        return
    owner = handle
    for name, holder in members:
        if owner is None and owner_archive.is_owner(name):
            owner = owner_archive.read_owner(_whole(holder, name))
    for name, holder in of_owner:
        place = f"{where}: {name}"
        try:
            yield from owner_archive.read_tweets(place, _whole(holder, name), owner)
        except ValueError as error:
            message = f"{place}: {error}"
            raise ValueError(message) from None


def _read_file(
    place: str, holder: Path | zipfile.ZipFile, name: str, handle: str | None
) -> Iterator[Imported]:
    suffix = _plain_suffix(name)
    try:
        if suffix in _CSV:
            with _opened(holder, name) as lines:
                yield from csv_rows.read_table(place, lines, handle)
        elif suffix == ".js":
            yield from owner_archive.read_tweets(place, _whole(holder, name), handle)
        elif suffix in _LINES:
            yield from _read_lines(place, holder, name, handle)
        else:
            _refuse_kind()
    except ValueError as error:
        message = str(error) if str(error).startswith(place) else f"{place}: {error}"
        raise ValueError(message) from None


def _read_lines(
    place: str, holder: Path | zipfile.ZipFile, name: str, handle: str | None
) -> Iterator[Imported]:
    with _opened(holder, name) as lines:
        first = lines.readline()
        if _is_line(first):
            number, line = 1, first
            while line:
                if line.strip():
                    try:
                        yield from json_rows.read_line(f"{place}, line {number}", line, handle)
                    except ValueError:
                        yield Imported(f"{place}, line {number}", refused="no JSON")
                line, number = lines.readline(), number + 1
            return
    yield from json_rows.read_line(place, _whole(holder, name), handle)


def _is_line(first: str) -> bool:
    """Return whether a file begins with a line that is a JSON value by itself."""
    text = first.strip()
    return text.startswith("{") and text.endswith("}")


def _plain_suffix(name: str) -> str:
    return Path(name.lower().removesuffix(".gz")).suffix


def _whole(holder: Path | zipfile.ZipFile, name: str) -> str:
    with _opened(holder, name) as lines:
        text = lines.read(MOST_BYTES + 1)
    if len(text) > MOST_BYTES:
        message = f"{name}: larger than {MOST_BYTES // 1024**2} MiB; split it into lines"
        raise ValueError(message)
    return text


@contextmanager
def _opened(holder: Path | zipfile.ZipFile, name: str) -> Iterator[IO[str]]:
    """Open a file as text in UTF-8; what is no UTF-8 is a `ValueError`."""
    raw: IO[bytes] = holder.open("rb") if isinstance(holder, Path) else holder.open(name)
    with raw:
        packed = name.lower().endswith(".gz")
        try:
            with io.TextIOWrapper(
                gzip.GzipFile(fileobj=raw) if packed else raw, encoding="utf-8-sig", newline=""
            ) as text:
                yield text
        except (gzip.BadGzipFile, EOFError, zipfile.BadZipFile) as error:
            raise ValueError(str(error)) from None


@contextmanager
def _as_value_error(path: Path) -> Iterator[None]:
    try:
        yield
    except (
        zipfile.BadZipFile,
        NotImplementedError,
        RuntimeError,
    ) as error:  # broken, of an unknown packing, with a password
        message = f"{path}: {error}"
        raise ValueError(message) from None


def _refuse_kind() -> NoReturn:
    message = (
        "of no known kind: .zip, .js, .json, .jsonl, .ndjson, .csv or .tsv, all but .zip also .gz"
    )
    raise ValueError(message)
