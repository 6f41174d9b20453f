"""X's scripts in an article, taken out or brought together (docs/interface.md 6.3,
docs/x-behaviour.md 6.4).
"""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from service.core.article import Options
from service.core.detect.in_markdown import read_source_map
from service.core.html.document import HtmlDocument
from service.core.html.elements import Element
from service.core.html.widget_scripts import WIDGET_ADDRESS, is_widget_script
from service.core.markdown.source_map import HtmlSourceMap
from service.core.model import Format, Span
from service.core.rewrite.edits import Edit
from service.core.rewrite.embed_edits import in_html_block
from service.core.urls.tweet_urls import find_addresses

WIDGETS = "https://platform.x.com/widgets.js"
"""X's script that makes its own version of an embed (docs/x-behaviour.md 2.3)."""

SCRIPTS: dict[str, str | None] = {
    "blockquote": WIDGETS,
    "consent": "/embed.js",
    "amp": "https://cdn.ampproject.org/v0/amp-twitter-0.1.js",
    "link": None,
}
"""What each rendering wants: for `consent` a path of this service."""

SCRIPT_ELEMENT = f'<script async src="{WIDGETS}" charset="utf-8"></script>'
"""X's script, as an element."""
_BLOCK = in_html_block(SCRIPT_ELEMENT)
_JAVASCRIPT = frozenset({"", "module", "text/javascript", "application/javascript"})
_MOST_INSIDE = 16
_LONGEST_ADDRESS = 500
_AROUND = frozenset({"p", "div", "figure"})
_UNDER = frozenset({"template", "svg", "math", "noscript"})
_BEHIND = re.compile(r"\s*(?:<!--\s*/wp:html\s*-->\s*)?")


@dataclass(frozen=True, slots=True)
class _Script:
    """A script of X, where it stands, with the elements around it that hold nothing else.

    `live` tells one that a browser runs from one that a consent or speed tool parked.
    """

    span: Span
    whole: Span
    live: bool


def script_edits(
    text: str,
    read_as: Format,
    mentions: Sequence[Span],
    options: Options,
    *,
    asked: bool,
) -> list[Edit]:
    """Return the edits that `script` asks for, in order. `mentions` are what embeds take the place
    of: a script inside one is left to it.

    `asked` tells whether an embed in the article wants X's script.

    In `consent` nothing may be asked of X before the reader's click, so X's scripts go even
    where they would stay; and where the page is not to have X's script in its text (`consent`,
    `amp`, `link`), `once` takes them out and adds none.
    """
    if read_as is Format.TEXT or scripts_stay(text, options):
        return []
    wanted = _wanted(options)
    found = [one for one in _scripts(text, read_as) if not _inside(one.whole, mentions)]
    if wanted == "none":
        return _taken_out(text, found)
    ending_with_one = bool(found) and found[-1].live and _BEHIND.fullmatch(text, found[-1].span.end)
    last = found[-1] if ending_with_one else None
    if last is None and (found or asked):
        ending = "\n\n" + _BLOCK if text.rstrip().endswith("-->") else "\n" + SCRIPT_ELEMENT
        if _ends_with_script(text + ending, read_as):
            return [*_taken_out(text, found), Edit(len(text), len(text), ending, block=False)]
    return _taken_out(text, found[:-1])


def scripts_stay(text: str, options: Options) -> bool:
    """Return whether no script of X is taken out of an article or added to it."""
    wanted = _wanted(options)
    return wanted == "keep" or (wanted == "none" and "widgets.js" not in text.lower())


def _wanted(options: Options) -> str:
    if options.render == "consent" or (options.render != "blockquote" and options.script == "once"):
        return "none"
    return options.script


def script_behind(written: str, options: Options) -> str:
    """Return text that came out as HTML with an embed in it, and X's script at its end where
    `script` asks for one.
    """
    return (
        f"{written}\n{SCRIPT_ELEMENT}"
        if options.script == "once" and options.render == "blockquote"
        else written
    )


def _ends_with_script(text: str, read_as: Format) -> bool:
    """Return whether a script at the end of an article is one there: no comment, fence or
    `textarea` that nobody closed holds it.
    """
    return any(_BEHIND.fullmatch(text, one.span.end) for one in _scripts(text, read_as))


def _taken_out(text: str, scripts: Sequence[_Script]) -> list[Edit]:
    """Return the edits that take scripts out."""
    edits: list[Edit] = []
    for one in scripts:
        start, end = one.whole.start, one.whole.end
        if edits and start < edits[-1].end:
            continue  # it went with the element around
        edits.append(Edit(start, end, _left_between(text, start, end), block=False))
    return edits


def _left_between(text: str, start: int, end: int) -> str:
    """Return what stays in place of a script: where words would touch that did not before, an
    empty comment; behind an address, which could go on over that, an empty element.
    """
    before, behind = text[start - 1 : start], text[end : end + 1]
    if not before or not behind or before.isspace() or behind.isspace():
        return ""
    if before == ">" or behind == "<":
        return ""
    near = text[max(0, start - _LONGEST_ADDRESS) : start]
    found = find_addresses(near)
    return "<span></span>" if found and found[-1].end == len(near) else "<!---->"


def _inside(span: Span, mentions: Sequence[Span]) -> bool:
    """Return whether a span meets a mention. `mentions` are disjoint, in order."""
    number = bisect_left(mentions, span.end, key=lambda one: one.start) - 1
    return number >= 0 and mentions[number].end > span.start


def _scripts(text: str, read_as: Format) -> Iterator[_Script]:
    """Find X's scripts that are elements of the article, whole ones, in order."""
    twin = read_source_map(text) if read_as is Format.MARKDOWN else None
    page = HtmlDocument(twin.html if twin else text)
    for number, element in enumerate(page.elements):
        if (
            element.tag != "script"
            or element.close_start is None
            or not is_widget_script(page, element)
        ):
            continue
        if any(page.elements[at].tag in _UNDER for at in page.ancestors(element.parent)):
            continue
        span, whole = (
            _brought_back(twin, one)
            for one in (Span(element.start, element.end), _whole(page, number))
        )
        if span is not None and whole is not None:
            yield _Script(span, whole, _is_live(element))


def _is_live(element: Element) -> bool:
    """Return whether a browser runs a script of X: one in its `src`, or the loader, of a type of
    JavaScript (HTML, 4.12.1).
    """
    kind = element.attrs.get("type", "").strip().lower()
    source = element.attrs.get("src")
    return kind in _JAVASCRIPT and (source is None or WIDGET_ADDRESS.fullmatch(source) is not None)


def _whole(page: HtmlDocument, number: int) -> Span:
    """Return a script with the `p`, `div` and `figure` elements around it that hold nothing
    else but scripts of X.
    """
    whole = Span(page.elements[number].start, page.elements[number].end)
    for at in page.ancestors(page.elements[number].parent):
        around = page.elements[at]
        if around.tag not in _AROUND or around.close_start is None:
            break
        inside = page.source[around.open_end : around.close_start]
        for child in reversed(page.elements[at + 1 : at + 1 + _MOST_INSIDE]):
            if (
                child.parent >= at
                and child.start < around.close_start
                and child.tag == "script"
                and is_widget_script(page, child)
            ):
                begins = child.start - around.open_end
                inside = inside[:begins] + inside[child.end - around.open_end :]
        if re.sub(r"</?(?:p|div|figure)\b[^<>]*>", "", inside).strip():
            break
        whole = Span(around.start, around.end)
    return whole


def _brought_back(twin: HtmlSourceMap | None, span: Span) -> Span | None:
    """Return where a stretch of the twin stands in Markdown; None if it is not written there as raw
    HTML.
    """
    if twin is None:
        return span
    start, end = twin.start(span.start), twin.end(span.end)
    return (
        Span(start, end)
        if start < end and twin.source[start:end] == twin.html[span.start : span.end]
        else None
    )
