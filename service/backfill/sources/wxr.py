"""WordPress exports (WXR) and feeds like them: XML by position. Only what stands between one
element's tags is ever replaced.
"""

import html
import re
from collections.abc import Iterator
from contextlib import suppress
from typing import BinaryIO

from service.backfill.archive_errors import UnreadableError, UsageError
from service.backfill.sources.byte_prefilter import has_trace, is_utf8
from service.backfill.sources.file_window import FileWindow
from service.backfill.sources.layout import (
    MOST_BYTES,
    ContentSpan,
    FileBlock,
    RawRecord,
    ScanProgress,
    utf8,
)
from service.core.model import Format

_MARK = re.compile(rb"<(?:!\[CDATA\[|!--|item[\s>]|/item\s*>)")
_ELEMENT = re.compile(rb"<(?:!\[CDATA\[|!--|([A-Za-z_][^\s/>]*))")
_DECLARED = re.compile(rb"<\?xml[^>]*?encoding\s*=\s*[\"']([A-Za-z0-9._-]+)")
_CDATA, _CDATA_END = b"<![CDATA[", b"]]>"
_CLOSING = {_CDATA: _CDATA_END, b"<!--": b"-->"}
_EMBEDS = re.compile(
    rb"<wp:meta_key>(?:<!\[CDATA\[)?_oembed_(?!time_)[0-9a-f]+(?:\]\]>)?</wp:meta_key>\s*"
    rb"<wp:meta_value>(<!\[CDATA\[.*?\]\]>|[^<]*)</wp:meta_value>",
    re.DOTALL,
)
"""X's answers that WordPress kept of a post's embeds (docs/x-behaviour.md 7.6)."""
_LINK = re.compile(rb"<link>\s*([^<]{1,2000}?)\s*</link>")
_ID = re.compile(rb"<wp:post_id>\s*(?:<!\[CDATA\[)?\s*([^<\]\s]+)")
_DATE = re.compile(
    rb"<(?:wp:post_modified_gmt|wp:post_date_gmt|pubDate)>\s*(?:<!\[CDATA\[)?\s*([^<\]]+)",
)
_REFERENCE = re.compile(r"&(?:#([0-9]{1,7})|#[xX]([0-9A-Fa-f]{1,6})|([A-Za-z][A-Za-z0-9]*));?")
_NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"', "apos": "'"}
_NOT_XML = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


class WordPressExport:
    """Articles of a WordPress export: the items, in order."""

    unit = "item"
    format = Format.HTML

    def __init__(self, field: str) -> None:
        """`field` is the element that holds the content, as it is written: `content:encoded`."""
        self._field = field
        name = re.escape(field.encode())
        self._tags = re.compile(
            rb"<(?:!\[CDATA\[|!--|(" + name + rb"(?:\s[^>]*)?/?>)|/(" + name + rb")\s*>)",
        )

    def regions(self, file: BinaryIO, tally: ScanProgress, *, every: bool) -> Iterator[RawRecord]:
        """Return items. What is in CDATA and in comments is no markup."""
        if file.seek(0, 2) == 0:
            return
        window = FileWindow(file)
        _check_encoding(window)
        for mark, at in _outside(_MARK, window):
            tally.at = at
            start, end = window.keep, at + len(mark[0])
            if mark[0].startswith(b"</"):
                if start is None:
                    continue
                if not tally.articles:
                    self._check_field(file, start, end)
                tally.articles += 1
                raw = window.between(start, end)
                window.keep = None
                if every or has_trace(raw) or not is_utf8(raw):
                    yield RawRecord(tally.articles, start, raw)
            elif start is not None:
                message = (
                    f"the item that begins at byte {start} does not end before the next one;"
                    " all from there on was left as it is"
                )
                raise UnreadableError(message)
            else:
                window.keep = at
        if window.keep is not None:
            message = (
                f"the item that begins at byte {window.keep} does not end; the file seems cut off"
            )
            raise UnreadableError(message)
        if not tally.articles:
            message = "no <item> in it; is it a WordPress export?"
            raise UnreadableError(message)

    def _check_field(self, file: BinaryIO, start: int, end: int) -> None:
        """See that the element is somewhere from the first item on, which is from `start` to `end`.
        Raises `UsageError`.
        """
        with suppress(UnreadableError):  # told when it is come to
            if not any(mark[1] for mark, _ in _outside(self._tags, FileWindow(file, start))):
                first = FileBlock(start + 1, end - start - 1).read(file.fileno())
                names = dict.fromkeys(
                    mark[1].decode("utf-8", "replace")
                    for mark, _ in _outside(_ELEMENT, FileWindow(None, data=first))
                    if mark[1]
                )
                message = (
                    f"no element {self._field!r} in any item; there is:"
                    f" {', '.join(list(names)[:12])} (see --field)"
                )
                raise UsageError(message)

    def find(self, raw: bytes) -> ContentSpan | None:
        """Find the content of an item; CDATA is taken with its brackets."""
        if len(raw) > MOST_BYTES:
            message = f"longer than {MOST_BYTES} bytes"
            raise UnreadableError(message)
        start = -1
        for mark, _ in _outside(self._tags, FileWindow(None, data=raw)):
            if mark[1] and start < 0 and not mark[1].endswith(b"/>"):
                start = mark.end()
            elif mark[2] and start >= 0:
                value = raw[start : mark.start()]
                begin = start + len(value) - len(value.lstrip()) if _CDATA in value else start
                end = begin + len(value.strip()) if _CDATA in value else mark.start()
                if begin >= end or raw[begin:end] == _CDATA + _CDATA_END:
                    return None
                name, date, url = _ID.search(raw), _DATE.search(raw), _LINK.search(raw)
                return ContentSpan(
                    begin,
                    end,
                    name and name[1].decode("utf-8", "replace"),
                    date and date[1].decode("utf-8", "replace").strip(),
                    url=url and html.unescape(url[1].decode("utf-8", "replace").strip()),
                    earlier=tuple(self._kept(raw)),
                )
        if start >= 0:
            message = "the element of the content does not end"
            raise UnreadableError(message)
        return None

    def _kept(self, raw: bytes) -> Iterator[str]:
        """Return X's answers that can be read; the others harm nobody."""
        for each in _EMBEDS.finditer(raw):
            with suppress(UnreadableError):
                yield self.decode(each[1])

    def decode(self, raw: bytes) -> str:
        """Read text and CDATA as XML does, line ends kept as they are."""
        parts = []
        at = 0
        while (start := raw.find(_CDATA, at)) >= 0:
            end = raw.index(_CDATA_END, start)
            parts += [
                _REFERENCE.sub(_character, utf8(raw[at:start])),
                utf8(raw[start + len(_CDATA) : end]),
            ]
            at = end + len(_CDATA_END)
        return "".join([*parts, _REFERENCE.sub(_character, utf8(raw[at:]))])

    def encode(self, content: str, raw: bytes) -> bytes:
        """Write CDATA where there was some, else escaped text. A `]]>` is split over two
        sections.
        """
        if len(_NOT_XML.findall(content)) > len(_NOT_XML.findall(self.decode(raw))):
            message = "what would be written has control characters that XML cannot hold"
            raise UnreadableError(message)
        if _CDATA in raw:
            return (
                _CDATA
                + content.encode().replace(_CDATA_END, b"]]" + _CDATA_END + _CDATA + b">")
                + _CDATA_END
            )
        return content.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").encode()


def _check_encoding(window: FileWindow) -> None:
    window.read_on(0)
    declared = _DECLARED.search(window.data, 0, 200)
    if declared and declared[1].lower() not in {b"utf-8", b"utf8", b"us-ascii", b"ascii"}:
        message = (
            f"declares {declared[1].decode()}, only UTF-8 is read; convert it (iconv) and its first"
            " line"
        )
        raise UnreadableError(message)


def _outside(marks: re.Pattern[bytes], window: FileWindow) -> Iterator[tuple[re.Match[bytes], int]]:
    """Return the marks outside CDATA and comments, with their places. Raises `UnreadableError`
    if one of those does not end.
    """
    at = window.start
    while (found := window.search(marks, at)) is not None:
        mark, place = found
        at = place + len(mark[0])
        closing = _CLOSING.get(mark[0])
        if closing is None:
            yield mark, place
            continue
        at = window.find(closing, at) + len(closing)
        if at < len(closing):
            what = "CDATA section" if closing == _CDATA_END else "comment"
            message = (
                f"the {what} that begins at byte {place} does not end; all from the item"
                " around it on was left as it is"
            )
            raise UnreadableError(message)


def _character(reference: re.Match[str]) -> str:
    if reference[3]:
        if reference[3] not in _NAMED:
            message = f"the entity {reference[0]} is not one of XML's"
            raise UnreadableError(message)
        return _NAMED[reference[3]]
    number = int(reference[1]) if reference[1] else int(reference[2], 16)
    # Unicode's own bounds
    if not 0 < number <= 0x10FFFF or 0xD800 <= number <= 0xDFFF:  # noqa: PLR2004
        message = f"the reference {reference[0]} is no character"
        raise UnreadableError(message)
    return chr(number)
