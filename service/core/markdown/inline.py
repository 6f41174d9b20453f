"""What a paragraph of Markdown shows: links, emphasis, code, raw tags (CommonMark 0.31, section 6),
written as HTML.
"""

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field

from service.core.markdown.lines import (
    BARE,
    GAP,
    TITLE,
    Definitions,
    Destination,
    ParagraphLines,
    label_of,
)
from service.core.markdown.patterns import CLOSE_TAG, OPEN_TAG
from service.core.markdown.source_map import HtmlSourceMap, MappedSpan, destination, escaped
from service.core.urls.tweet_urls import read_permalink, read_short_link

_SPECIAL = re.compile(
    r"(?P<escape>\\(?:[!-/:-@\[-`{-~]|\n))|(?P<code>`+)|(?P<angle><)|(?P<open>!?\[)|(?P<close>\])|(?P<mark>\*+|_+)|(?P<line>\n)"
    # An address is no emphasis, whatever is in it (GFM 6.9).
    r"|(?P<address>(?:https?://|(?:pic\.(?:twitter|x)\.com|t\.co)/)[^\s<>\[\]`\\*]*[^\s<>\[\]`\\*_~.,!?)('\"])",
    re.IGNORECASE,
)
_SIGN = re.compile(r"[\\`<\[\]*_\n]")  # without one, text is text
_AUTOLINK = re.compile(r"<([A-Za-z][A-Za-z0-9+.-]{1,31}:[^\x00-\x20<>]*+)>")
_TAG = re.compile(rf"{OPEN_TAG}|{CLOSE_TAG}")
_UNTIL = (("<!--", "-->"), ("<?", "?>"), ("<![CDATA[", "]]>"), ("<!", ">"))
_TARGET = re.compile(
    rf"\({GAP}(?:<(?P<angled>(?>(?:[^<>\n\\]|\\.){{0,2000}}))>|(?P<bare>{BARE}))"
    rf"(?:(?=\s){GAP}{TITLE})?{GAP}\)",
    re.DOTALL,
)
_LABEL = re.compile(r"\[((?>(?:[^\[\]\\]|\\.){0,999}))\]", re.DOTALL)
_LONGEST_LABEL = 999
_LONGEST_RUN = 8  # of asterisks or underscores that is taken for emphasis
_WORDY = re.compile(r"[^\W_]")


@dataclass(slots=True)
class _Opener:
    """An open bracket: the number of its stretch in the twin, where it stands, and how many marks
    of emphasis came before it.
    """

    stretch: int
    at: int
    marks: int
    image: bool


@dataclass(slots=True)
class _Mark:
    """A run of asterisks or underscores, each its own stretch of the twin."""

    character: str
    stretches: list[MappedSpan]
    opens: bool
    closes: bool


@dataclass(slots=True)
class InlineParser:
    """Writes the inline content of one paragraph into the twin."""

    twin: HtmlSourceMap
    lines: ParagraphLines
    definitions: Definitions
    _openers: list[_Opener] = field(default_factory=list)
    _marks: list[_Mark] = field(default_factory=list)
    _spent: int = 0  # brackets below this number can open no link any more: a link holds no link
    _missing: set[str] = field(default_factory=set)
    _ticks: dict[int, list[int]] = field(default_factory=lambda: defaultdict(list))

    def write(self, at: int) -> None:
        """Write the text from `at` on."""
        text = self.lines.text
        if _SIGN.search(text, at) is None:
            self._text(at, len(text))
            return
        for run in re.finditer("`+", text):
            self._ticks[len(run[0])].append(run.start())
        handlers: dict[str, Callable[[re.Match[str]], int]] = {
            "escape": self._escape,
            "code": self._code,
            "angle": self._angle,
            "open": self._open,
            "close": self._close,
            "mark": self._mark,
            "line": self._line,
            "address": self._address,
        }
        while (match := _SPECIAL.search(text, at)) and self.twin.has_room():
            self._text(at, match.start())
            at = handlers[match.lastgroup or ""](match)
        if match is None:
            self._text(at, len(text))
        self._emphasise(0)

    def _text(self, start: int, end: int) -> None:
        if start < end:
            self.twin.text(self.lines.place(start), self.lines.end(end))

    def _made(self, html: str, start: int, end: int) -> MappedSpan:
        return self.twin.made(html, self.lines.place(start), self.lines.end(end))

    def _escape(self, match: re.Match[str]) -> int:
        self._made(
            "<br>" if match[0][1] == "\n" else escaped(match[0][1]),
            match.start(),
            match.end(),
        )
        return match.end()

    def _line(self, match: re.Match[str]) -> int:
        self._made("<br>", match.start(), match.end())
        return match.end()

    def _address(self, match: re.Match[str]) -> int:
        self._text(match.start(), match.end())
        return match.end()

    def _code(self, match: re.Match[str]) -> int:
        others = self._ticks[len(match[0])]
        number = bisect_left(others, match.end())
        if number == len(others):
            self._text(match.start(), match.end())
            return match.end()
        end = others[number] + len(match[0])
        self._made("<code>x</code>", match.start(), end)
        return end

    def _angle(self, match: re.Match[str]) -> int:
        text, at = self.lines.text, match.start()
        if link := _AUTOLINK.match(text, at):
            self._made('<a href="', at, at + 1)
            self._made(escaped(link[1]), link.start(1), link.end(1))
            self._made('">', at, at + 1)
            self._text(link.start(1), link.end(1))
            self._made("</a>", link.end(1), link.end())
            return link.end()
        tag = _TAG.match(text, at)
        end = tag.end() if tag else self._declared(at)
        if end is None:
            self._text(at, at + 1)
            return at + 1
        while (line := text.find("\n", at, end)) >= 0:
            self.twin.raw(self.lines.place(at), self.lines.end(line + 1))
            at = line + 1
        self.twin.raw(self.lines.place(at), self.lines.end(end))
        return end

    def _declared(self, at: int) -> int | None:
        """Return where a comment, a processing instruction, a declaration or a CDATA section
        ends.
        """
        text = self.lines.text
        for begins, ends in _UNTIL:
            if text.startswith(begins, at) and ends not in self._missing:
                end = text.find(ends, at + len(begins))
                if end >= 0:
                    return end + len(ends)
                self._missing.add(ends)
        return None

    def _open(self, match: re.Match[str]) -> int:
        self._openers.append(
            _Opener(len(self.twin.stretches), match.start(), len(self._marks), match[0][0] == "!"),
        )
        self._made(match[0], match.start(), match.end())
        return match.end()

    def _close(self, match: re.Match[str]) -> int:
        at = match.end()
        opener = self._openers.pop() if self._openers else None
        live = opener is not None and (opener.image or len(self._openers) >= self._spent)
        self._spent = min(self._spent, len(self._openers))
        found = self._destination(opener, match.start(), at) if opener and live else None
        if opener is None or found is None:
            self._made("]", match.start(), at)
            return at
        leads, end = found
        if opener.image and not (read_permalink(leads.written) or read_short_link(leads.written)):
            del self.twin.stretches[opener.stretch :]
            self._made('<img alt="">', opener.at, end)
        else:  # a picture of a tweet is how some notes embed it
            self._link(opener, leads, match.start(), end)
        self._emphasise(opener.marks)
        if not opener.image:
            self._spent = len(self._openers)
        return end

    def _link(self, opener: _Opener, leads: Destination, at: int, end: int) -> None:
        stretches = self.twin.stretches
        first = stretches[opener.stretch]
        stretches[opener.stretch : opener.stretch + 1] = [
            MappedSpan('<a href="', first.start, first.end),
            MappedSpan(destination(leads.written), leads.start, leads.end),
            MappedSpan('">', first.start, first.end),
        ]
        if opener.image and at == opener.at + 2:  # a reader of notes sees the address
            self.twin.made(destination(leads.written), leads.start, leads.end)
        self._made("</a>", at, end)

    def _destination(self, opener: _Opener, closes: int, at: int) -> tuple[Destination, int] | None:
        lines = self.lines
        if target := _TARGET.match(lines.text, at):
            group = "angled" if target["angled"] is not None else "bare"
            return Destination(
                target[group],
                lines.place(target.start(group)),
                lines.end(target.end(group)),
            ), target.end()
        if not self.definitions:
            return None
        label = _LABEL.match(lines.text, at)
        inner = slice(opener.at + 1 + opener.image, closes)
        if label is not None and label[1].strip():
            named, end = label[1], label.end()
        elif inner.stop - inner.start > _LONGEST_LABEL:
            return None
        else:
            named, end = lines.text[inner], label.end() if label is not None else at
        found = self.definitions.get(label_of(named))
        return (found, end) if found else None

    def _mark(self, match: re.Match[str]) -> int:
        text, start, end = self.lines.text, match.start(), match.end()
        if end - start > _LONGEST_RUN:
            self._text(start, end)
            return end
        before, after = text[start - 1 : start] or " ", text[end : end + 1] or " "
        word_before, word_after = bool(_WORDY.match(before)), bool(_WORDY.match(after))
        left = not after.isspace() and (word_after or before.isspace() or not word_before)
        right = not before.isspace() and (word_before or after.isspace() or not word_after)
        stretches = [self._made(match[0][0], at, at + 1) for at in range(start, end)]
        if match[0][0] == "_":
            opens, closes = (
                left and (not right or not word_before),
                right and (not left or not word_after),
            )
        else:
            opens, closes = left, right
        self._marks.append(_Mark(match[0][0], stretches, opens, closes))
        return end

    def _emphasise(self, floor: int) -> None:
        """Pair the marks of emphasis from `floor` on, and forget them."""
        waiting: dict[str, list[tuple[int, _Mark]]] = {"*": [], "_": []}
        for number, mark in enumerate(self._marks[floor:]):
            own = waiting[mark.character]
            other = waiting["_" if mark.character == "*" else "*"]
            while mark.closes and mark.stretches and own:
                opened, opener = own[-1]
                size = 2 if len(mark.stretches) > 1 and len(opener.stretches) > 1 else 1
                name = "strong" if size > 1 else "em"
                outer, inner = opener.stretches[-size], mark.stretches[:size]
                for stretch in (*opener.stretches[-size:], *inner):
                    stretch.html = ""
                outer.html, inner[-1].html = f"<{name}>", f"</{name}>"
                del opener.stretches[-size:]
                del mark.stretches[:size]
                while other and other[-1][0] > opened:
                    other.pop()
                if not opener.stretches:
                    own.pop()
            if mark.opens and mark.stretches:
                own.append((number, mark))
        del self._marks[floor:]
