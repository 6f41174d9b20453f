"""The passages of an HTML article that are read: those around a trace of a tweet, each by itself.

Between two block elements that stand in nothing, and are nested as they are written, a parser is
where it is at an article's beginning: nothing is open, and no formatting is to be taken up again
(WHATWG 13.2.4). What stands on one side means the same without the other; but an attribution may
close the words of elements in front of it, so these are a part of its passage.

An article with anything else in it, unclosed, misnested or seldom, is one passage.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import islice
from typing import TypeAlias

from service.core.html.elements import HIDDEN, VOID
from service.core.html.wordpress_blocks import DELIMITER
from service.core.mentions import Range
from service.core.text.prefilter import Traces

_S = "[ \\t\\n\\r\\f]"


def _attributes(quoted: str) -> str:
    """Return an expression for attributes whose values in quotes hold characters of `quoted`."""
    return (
        rf"(?>(?:{_S}++[A-Za-z_:][^ \t\n\r\f\"'<>/=]*+"
        rf"(?:{_S}*+={_S}*+(?:\"[^\"{quoted}]*+\"|'[^'{quoted}]*+'|[^ \t\n\r\f\"'=<>`]++))?"
        rf")*){_S}*+"
    )


_ATTRIBUTES = _attributes("")
_PLAIN = _attributes("<")
_END_OF_TAG = f"(?:>|{_PLAIN}>)"
"""What is left of a start tag behind its name."""


def _plain_paragraph(number: int) -> str:
    """Return the expression for a paragraph or heading that holds words, links, emphasis and
    pictures alone; a `<` in it begins a tag. The first of its two groups has this number.
    """
    return (
        rf"<(p|h[1-6]){_END_OF_TAG}[^<]*+"
        rf"(?>(?:<(?:(a|b|em|i|strong|span){_END_OF_TAG}[^<]*+</\{number + 1}>"
        rf"|br ?/?>|img{_PLAIN}/?>)[^<]*+)*)</\{number}>"
    )


_ONE_PLAIN = re.compile(_plain_paragraph(1))
_TOKEN = re.compile(
    # 1: a run of plain paragraphs; 6: an element that holds text alone; 7: a start tag, 8: an end
    # tag
    rf"({_plain_paragraph(2)}(?>(?:\s*+{_plain_paragraph(4)})*))"
    rf"|<(?:(a|b|em|i|strong|span|p|li){_ATTRIBUTES}>[^<]*+</\6>"
    rf"|([a-z][a-z0-9]*+){_ATTRIBUTES}/?>"
    r"|/([a-z][a-z0-9]*+)>"
    # 9: a comment, 10: an iframe, or a script without a comment in it, 11: anything else
    r"|(!--(?!-?>)[^>]*?-->|!--(?!-?>).*?--!?>)"
    rf"|(script|iframe){_ATTRIBUTES}>(?>(?:(?!<!--|</?(?:script|iframe)).)*)</\10>"
    r"|())",
    re.DOTALL,
)
_RUN, _LEAF, _START, _END, _COMMENT, _OPAQUE, _OTHER = 1, 6, 7, 8, 9, 10, 11

_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_DEEPEST = 100
"""Elements that may be open around one of a passage: looking through them must stay cheap."""
_BLOCKS = _HEADINGS | frozenset(
    "address article aside blockquote caption center col colgroup dd details div dl dt figcaption"
    " figure footer header hgroup hr li main menu nav ol p pre search section summary table tbody"
    " td tfoot th thead tr ul".split()
)
_INLINE = frozenset(
    "a abbr audio b bdi bdo big cite code data del dfn em font i ins kbd label mark meter output"
    " picture progress q s samp small span strike strong sub sup time tt u var video".split()
)
_INSIDE = {
    "li": frozenset({"ul", "ol", "menu"}),
    "dt": frozenset({"dl"}),
    "dd": frozenset({"dl"}),
    "caption": frozenset({"table"}),
    "colgroup": frozenset({"table"}),
    "col": frozenset({"colgroup"}),
    "thead": frozenset({"table"}),
    "tbody": frozenset({"table"}),
    "tfoot": frozenset({"table"}),
    "tr": frozenset({"table", "thead", "tbody", "tfoot"}),
    "td": frozenset({"tr"}),
    "th": frozenset({"tr"}),
}
"""What elements must stand in that a parser moves, closes or leaves out elsewhere."""
_TABLE = frozenset({"table", "thead", "tbody", "tfoot", "tr", "colgroup"})

_BORDERS = _HEADINGS | {"figure", "hr", "ol", "table", "ul"}
"""Elements over which no attribution reaches."""
_NAME = 64
"""Letters before a handle that could all be a name's; where more stand, or a paragraph before, an
attribution closes words of its own piece.
"""
_MOST_BEFORE = 10
_NO_ASCII_LETTERS = bytes(code for code in range(128) if not chr(code).isalpha())
_TAG = re.compile(r"""<(?>(?:[^"'>]++|"[^"]*"|'[^']*')*)>""")
_REFERENCE = re.compile(r"&[^;\s]{1,32};")
_HANDLE = re.compile(
    r"(?:[(（]|&(?:#0*40|#[xX]0*28|lpar);)(?:[^\w@＠]|&\w{1,32};){0,16}"
    r"(?:[@＠]|&(?:#0*64|#[xX]0*40|commat);)"
)
_UNREAD = re.compile(rf"<(?:!--|(?:{'|'.join(HIDDEN)})\b)")
_ODD_REFERENCE = re.compile(r"&(?:#|lpar;|commat;)")
_PARTED = re.compile(r"\((?![\w@])")
"""What a handle in brackets has that is not written as one usually is."""
_LONGEST_END = 120  # a handle, and the end tags behind it
_HANDLE_LAST = re.compile(rf"[\w;]\s?[)）](?>(?:\s|&nbsp;|{_TAG.pattern})*)\Z")
_ENDED = re.compile(r"[^\s>]\s*</p>")


Piece: TypeAlias = tuple[int, int, str]
"""A block element, or block of WordPress, that stands in nothing: start, end and tag; without a tag
what stands between two such.
"""
PARAGRAPHS = "p+"
"""The tag of a run of plain paragraphs: pieces that are told apart where that matters."""


def read_passages(source: str, further: Collection[int] = ()) -> Sequence[Range] | None:
    """Return the passages of an HTML article, in order and disjoint; None if it must be read as a
    whole. What stands in none of them means no tweet.

    `further` are places of attributions whose words begin in elements before their own.
    """
    traces = Traces(source)
    blocks = read_blocks(source) if traces.first(0) else []
    return None if blocks is None else passages_of(source, traces, blocks, further)


def passages_of(
    source: str, traces: Traces, blocks: list[Piece], further: Collection[int] = ()
) -> Sequence[Range]:
    """Return the passages of an article whose traces and blocks are known."""
    trace = traces.first(0)
    begins = [start for start, _, _ in blocks]
    neighbourhood: _Neighbourhood | None = None
    passages: list[Range] = []
    while trace is not None:
        number = bisect_right(begins, trace[0]) - 1
        piece = _block_of(source, blocks[number], trace[0]) if number >= 0 else None
        reaches = (
            bool(further) and piece is not None and any(piece[0] <= at < piece[1] for at in further)
        )
        if piece is None or reaches or _may_reach_further(source, piece):
            neighbourhood = neighbourhood or _Neighbourhood(source, blocks)
            piece, (start, end) = neighbourhood.around(trace[0], reaches=reaches)
        else:
            start, end, _ = piece
        while passages and passages[-1][1] > start:
            start = min(start, passages.pop()[0])
        passages.append((start, end))
        trace = traces.first(max(piece[1], trace[1]))
    return passages


def read_blocks(source: str) -> list[Piece] | None:
    """Return the blocks that stand in nothing; None unless all elements are nested as they are
    written.
    """
    found: list[Piece] = []
    opened: list[str] = []
    begin = 0
    for token in _TOKEN.finditer(source):
        kind = token.lastindex
        if kind == _RUN and not opened:
            found.append((*token.span(), PARAGRAPHS))
            continue
        tag = token[kind] if kind else ""
        if kind == _COMMENT:
            kind, tag = _delimiter(token[0])
        if kind == _OPAQUE:
            continue
        if kind == _END:
            stands = bool(opened) and opened.pop() == tag
        elif kind == _RUN:
            stands = all(_may_stand(one, tag, opened) for one in ("p", "h1") if f"<{one[0]}" in tag)
        else:
            stands = kind != _OTHER and _may_stand(tag, token[0], opened)
            begin = begin if opened else token.start()
        if not stands:
            return None
        if kind == _START and tag not in VOID:
            opened.append(tag)
        elif not opened and (tag in _BLOCKS or tag.startswith("wp:")):
            found.append((begin, token.end(), tag))
    return None if opened else found


def _block_of(source: str, block: Piece, at: int) -> Piece | None:
    """Return the block that holds a place, which a run of them, or one block, begins before; None
    if it ends before it too.
    """
    start, end, tag = block
    if at >= end:
        return None
    if tag != PARAGRAPHS:
        return block
    begins, looked_at = -1, 256
    while begins < 0:  # what the run does not hold at all is not looked for in all of it
        first, looked_at = max(start, at - looked_at), looked_at * 2
        begins = max(source.rfind("<p", first, at + 1), source.rfind("<h", first, at + 1))
    tag = "p" if source[begins + 1] == "p" else source[begins + 1 : begins + 3]
    ends = source.find(f"</{tag}>", begins, end)
    stops = ends + len(tag) + len("</>")
    return (begins, stops, tag) if at < stops else None


def _may_reach_further(source: str, piece: Piece) -> bool:
    """Return whether what a block holds may go together with what stands beside it."""
    touched = any(_touched(source, *piece[:2]))
    return touched or _may_close_others(source, piece) or _ends_in_handle(source, piece)


def _touched(source: str, start: int, end: int) -> tuple[bool, bool]:
    """Return whether words stand right before a stretch, and right behind it."""
    before, behind = source[start - 1 : start] if start else "", source[end : end + 1]
    return (
        bool(before) and before != ">" and not before.isspace(),
        bool(behind) and behind != "<" and not behind.isspace(),
    )


class _Neighbourhood:
    """All pieces of an article, for what goes together with others than its own."""

    def __init__(self, source: str, blocks: list[Piece]) -> None:
        self._source = source
        self._pieces = list(_with_gaps(source, _told_apart(source, blocks)))
        self._starts = [start for start, _, _ in self._pieces]

    def around(self, at: int, *, reaches: bool) -> tuple[Piece, Range]:
        """Return the piece that holds a place, and the passage it belongs to; `reaches` tells that
        the pieces before do.
        """
        source, pieces, starts = self._source, self._pieces, self._starts
        number = bisect_right(starts, at) - 1
        first, last = _on_its_lines(source, pieces, starts, number)
        if reaches or _may_close_others(source, pieces[number]):
            first = min(first, _first_before(source, pieces, number))
        if _ends_in_handle(source, pieces[number]):
            last = min(last + 1, len(pieces) - 1)
        first, last = _with_words_that_touch(source, pieces, first, last)
        return pieces[number], (starts[first], pieces[last][1])


def _told_apart(source: str, blocks: list[Piece]) -> Iterator[Piece]:
    """Return blocks, each plain paragraph by itself."""
    for block in blocks:
        if block[2] != PARAGRAPHS:
            yield block
            continue
        for one in _ONE_PLAIN.finditer(source, *block[:2]):
            yield *one.span(), one[1]


def _delimiter(comment: str) -> tuple[int, str]:
    """Return which kind of token a comment is, and the name of WordPress' block that it begins or
    ends.
    """
    if comment.endswith("!>"):
        return _OTHER, ""
    if not comment[4:].lstrip().startswith(("wp:", "/wp:")):
        return _OPAQUE, ""
    match = DELIMITER.fullmatch(comment)
    if match is None:
        return _OTHER, ""
    kind = _END if match["closes"] else _LEAF if match["void"] else _START
    return kind, f"wp:{match['name']}"


def _may_stand(tag: str, written: str, opened: list[str]) -> bool:
    """Return whether a parser leaves an element where its start tag stands, and all that is open
    as it is.
    """
    if len(opened) > _DEEPEST:
        return False
    if tag.startswith("wp:"):
        return True
    if tag not in VOID and (written.endswith("/>") or (tag not in _BLOCKS and tag not in _INLINE)):
        return False
    around = next((one for one in reversed(opened) if not one.startswith("wp:")), "")
    if tag in _INSIDE or around in _TABLE:
        return around in _INSIDE.get(tag, ())
    if "a" in opened and "<a" in written:
        return False
    is_heading = tag in _HEADINGS and not _HEADINGS.isdisjoint(opened)
    return tag not in _BLOCKS or not ("p" in opened or is_heading)


def _with_gaps(source: str, blocks: Iterable[Piece]) -> Iterator[Piece]:
    """Return blocks with what stands between them, if it is more than white space."""
    at = 0
    for block in blocks:
        start, end, _ = block
        if source[at:start].strip():
            yield at, start, ""
        yield block
        at = end
    if source[at:].strip():
        yield at, len(source), ""


def _on_its_lines(
    source: str, pieces: list[Piece], starts: list[int], number: int
) -> tuple[int, int]:
    """Return the first and the last of the pieces on whose lines the piece `number` stands; itself
    where it is a block. An address can be a paragraph by being alone on its line.
    """
    start, stop, tag = pieces[number]
    if tag:
        return number, number
    words = source[start:stop]
    begin = start + len(words) - len(words.lstrip())
    end = start + len(words.rstrip())
    line = source.rfind("\n", 0, begin) + 1
    line_end = source.find("\n", end)
    first = max(0, bisect_right(starts, line) - 1)
    last = len(pieces) if line_end < 0 else bisect_left(starts, line_end)
    return min(first, number), max(last - 1, number)


def _with_words_that_touch(
    source: str, pieces: list[Piece], first: int, last: int
) -> tuple[int, int]:
    """Return pieces with the words right beside them: they would become one if what parts them is
    taken out.
    """
    before, behind = _touched(source, pieces[first][0], pieces[last][1])
    return first - (before and first > 0), last + (behind and last + 1 < len(pieces))


def _first_before(source: str, pieces: list[Piece], number: int) -> int:
    """Return the first of the pieces whose words an attribution in the piece `number` may close."""
    looked = 0
    for first in range(number - 1, -1, -1):
        start, end, tag = pieces[first]
        looked += bool(_REFERENCE.sub("", _TAG.sub("", source[start:end])).strip())
        if looked and (tag in _BORDERS or looked == _MOST_BEFORE):
            return first
    return 0


def _may_close_others(source: str, piece: Piece) -> bool:
    """Return whether an attribution in a piece may close words that stand before the piece: it has
    none of its own before it, or another attribution right before.
    """
    start, end, tag = piece
    written = source[start:end]
    if (
        "(" not in written
        and "（" not in written
        and "&#" not in written
        and "&lpar;" not in written
    ):
        return False
    shown = _TAG.sub("", written)
    handles = _handles(shown)
    if len(handles) != 1 or _UNREAD.search(written):
        return bool(handles)
    words = _REFERENCE.sub("", shown[: handles[0]])
    # the beginning is enough nearly always
    if _letters(words[: 2 * _NAME]) > _NAME or _letters(words) > _NAME:
        return False
    ended = _ENDED.search(written) if tag != "p" else None
    return ended is None or not _handles(_TAG.sub("", written[ended.end() :]))


def _ends_in_handle(source: str, piece: Piece) -> bool:
    """Return whether the date of an attribution may stand in the piece behind."""
    ends = source[max(piece[0], piece[1] - _LONGEST_END) : piece[1]]
    return _HANDLE_LAST.search(ends) is not None


def _letters(words: str) -> int:
    """Return how many letters there are in words."""
    if words.isascii():
        return len(words.encode("ascii").translate(None, _NO_ASCII_LETTERS))
    return sum(map(str.isalpha, words))


def _handles(shown: str) -> list[int]:
    """Return where a handle in brackets begins, the first two alone."""
    if (
        "（" in shown
        or "＠" in shown
        or ("&" in shown and _ODD_REFERENCE.search(shown))
        or _PARTED.search(shown)
    ):
        return [handle.start() for handle in islice(_HANDLE.finditer(shown), 2)]
    first = shown.find("(@")
    second = shown.find("(@", first + 1) if first >= 0 else -1
    return [at for at in (first, second) if at >= 0]
