"""Stretches of an article that belong to another program. What stands between `{% highlight %}` or
`[code]` and its end is shown as it is written: an example, and no tweet. In `{% raw %}` templates
are not run, and all else is what it is elsewhere. What stands in `[caption]` is the caption of a
picture, in which no embed can stand.

Liquid (https://shopify.dev/docs/api/liquid/tags/raw), Jekyll
(https://jekyllrb.com/docs/liquid/tags/), Hexo (`codeblock`), Hugo
(https://gohugo.io/shortcodes/highlight/), and the shortcodes of WordPress
(https://wordpress.com/support/posting-source-code/), which forums have as BBCode.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from service.core.mentions import Detection, Range
from service.core.model import Form, Span

_HINTS = {"{": ("{%", "{{"), "[": ("[code", "[CODE", "[source")}
"""What code opens with, by its first character, which is found ten times as fast as two."""
_OPENS = re.compile(
    r"\{%-?\s{0,20}(?P<raw>raw|verbatim)\s{0,20}-?%\}"
    r"|\{%-?\s{0,20}(?P<tag>highlight|codeblock|comment)\b[^%\n]{0,200}%\}"
    r"|\{\{[<%]-?\s{0,20}(?P<hugo>highlight)\b[^{}\n]{0,200}[>%]\}\}"
    r"|(?<!\[)\[(?P<bracket>code|sourcecode|source)(?:[\s=][^\[\]\n]{0,200})?\]",
    re.IGNORECASE,
)
_CAPTION = re.compile(
    r"\[((?:wp_)?caption)\b[^\]]{0,1000}\](?:(?!\[/?\1).){0,5000}\[/\1\]", re.DOTALL
)
_END_TAG = r"\{{%-?\s{{0,20}}end{name}\s{{0,20}}-?%\}}"
_CLOSES = {
    "raw": _END_TAG,
    "tag": _END_TAG,
    "hugo": r"\{{\{{[<%]\s{{0,20}}/{name}\s{{0,20}}[>%]\}}\}}",
    "bracket": r"\[/{name}\]",
}


@dataclass(frozen=True, slots=True)
class TemplateCode:
    """A stretch of code, its tags included; whether it `shows` as it is written, or no template in
    it runs and that is all.
    """

    place: Range
    shows: bool


def read_template_code(text: str) -> list[TemplateCode]:
    """Return the stretches of a text that are such code, in order and disjoint. One that is not
    closed is none.
    """
    may_hold_code = any(
        first in text and any(hint in text for hint in hints) for first, hints in _HINTS.items()
    )
    return list(_stretches(text)) if may_hold_code else []


def _stretches(text: str) -> Iterator[TemplateCode]:
    unclosed: set[str] = set()
    at = 0
    while opens := _OPENS.search(text, at):
        kind = opens.lastgroup or ""
        name = opens[kind].lower()
        at = opens.end()
        if name in unclosed:
            continue
        closes = re.compile(_CLOSES[kind].format(name=name), re.IGNORECASE).search(text, at)
        if closes is None:
            unclosed.add(name)
            continue
        yield TemplateCode((opens.start(), closes.end()), shows=kind != "raw")
        at = closes.end()


def _captions(text: str) -> list[Range]:
    if "[" not in text or "aption]" not in text:  # the first is looked for ten times as fast
        return []
    return [match.span() for match in _CAPTION.finditer(text)]


def cuts_caption(text: str, passages: Sequence[Range]) -> bool:
    """Return whether a passage of a text, of some in order and disjoint, holds a part of a
    picture's caption alone, which does not tell that it is one.
    """
    captions = _captions(text)
    begins = [start for start, _ in passages] if captions else []
    for start, end in captions:
        number = bisect_left(begins, end) - 1
        if number >= 0 and passages[number][1] > start:
            first, last = passages[number]
            if not (first <= start and end <= last):
                return True
    return False


def heed_templates(found: Detection, text: str) -> Detection:
    """Return what was found in a text, but for what meets code of a template; and without a place
    for an embed where that is in a picture's caption.
    """
    code, captions = read_template_code(text), _captions(text)
    if not (code or captions):
        return found
    raw = [one.place for one in code]
    shown = [one.place for one in code if one.shows]
    embeds = tuple(
        one.without_place() if _meets(captions, one.span) else one
        for one in found.embeds
        if not _meets(raw if one.form is Form.SHORTCODE else shown, one.span)
    )
    links = tuple(one for one in found.links if not _meets(shown, one.span))
    return replace(found, embeds=embeds, links=links)


def _meets(stretches: list[Range], span: Span) -> bool:
    """Return whether a span meets one of some stretches, in order and disjoint."""
    number = bisect_left(stretches, span.start + 1, key=lambda one: one[1])
    return number < len(stretches) and stretches[number][0] < span.end
