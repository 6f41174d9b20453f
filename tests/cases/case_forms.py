"""The cases of the book, written in the other forms that their class has.

An article in HTML also stands in Markdown as raw HTML, in block markup as a block of raw HTML, and
between paragraphs; plain text also is Markdown, and HTML once it is escaped.
"""

import html
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from case_book import Case

_OPENS_A_BLOCK = re.compile(r"\s*</?(?:aside|blockquote|div|figure|h[1-6]|iframe|ol|p|table|ul)\b")


def _is_page(case: Case) -> bool:
    """Return whether a case is HTML that leaves nothing open and has no delimiters of its own."""
    whole = _OPENS_A_BLOCK.match(case.content) and not re.search(r"\n\s*\n", case.content.strip())
    return case.file.suffix == ".html" and bool(whole) and "wp:" not in case.content


def _between(before: str, after: str) -> Callable[[Case], Case]:
    def written(case: Case) -> Case:
        return replace(case, content=before + case.content.strip("\n") + after)

    return written


def _as_html(case: Case) -> Case:
    paragraphs = re.split(r"\n\s*\n", case.content.strip())
    escaped = [html.escape(each, quote=False).replace("\n", "<br>\n") for each in paragraphs]
    written = "\n".join(f"<p>{each}</p>" for each in escaped)
    return replace(case, content=written, format="html", expect=_told(case))


def _as_markdown(case: Case) -> Case:
    return replace(case, format="markdown", expect=_told(case))


def _told(case: Case) -> dict[str, Any]:
    """Return what is expected of the tweets alone; characters may have to be written otherwise."""
    return {name: case.expect[name] for name in ("embeds", "forbid_ids") if name in case.expect}


_FORMS: dict[str, tuple[Callable[[Case], bool], Callable[[Case], Case]]] = {
    "between": (_is_page, _between("<p>Before.</p>\n", "\n<p>After.</p>\n")),
    "blocks": (_is_page, _between("<!-- wp:html -->\n", "\n<!-- /wp:html -->\n")),
    "markdown": (
        _is_page,
        lambda case: replace(_between("Lead *in*.\n\n", "\n\n## End\n")(case), format="markdown"),
    ),
    "escaped": (lambda case: case.format == "text" and "&" not in case.content, _as_html),
    "marked-down": (lambda case: case.format == "text", _as_markdown),
}


def other_forms(case: Case) -> list[Case]:
    """Return a case in every other form that it has, the form in its name."""
    if case.via != "resolve":
        return []
    return [
        replace(write(case), name=f"{case.name}@{name}")
        for name, (has, write) in _FORMS.items()
        if has(case)
    ]
