"""The texts of a page that may hold tweets: its rich text, and the blocks of its StreamFields."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from html import escape
from typing import Any

from django.db.models import Field
from wagtail import blocks
from wagtail.admin.rich_text import get_rich_text_editor_widget
from wagtail.fields import RichTextField, StreamField
from wagtail.models import Page

_TRACE = re.compile(
    r"@|＠|&#0*64|&#x0*40|&commat|twitter|tweet|t\.co/|x\.com/|/status", re.IGNORECASE
)
"""Without one of these no text speaks of a tweet: most pages never leave the site."""


@dataclass(frozen=True)
class Text:
    """A text as it is stored. `is_rich`: its editor knows no embed but Wagtail's own element."""

    content: str
    is_rich: bool


Rewrite = Callable[[Text], str]


def find_texts(page: Page) -> list[Text]:
    """Return the texts of a page that could speak of a tweet."""
    found: list[Text] = []

    def note(text: Text) -> str:
        if _TRACE.search(text.content):
            found.append(text)
        return text.content

    for field in _fields(page):
        _rewritten(page, field, note)
    return found


def rewrite_texts(page: Page, rewrite: Rewrite) -> list[str]:
    """Rewrite the texts of a page, in memory; the names of the fields that changed."""
    changed = []
    for field in _fields(page):
        before = field.value_from_object(page)
        after = _rewritten(page, field, rewrite)
        if isinstance(field, StreamField):
            if after == field.stream_block.get_prep_value(before):
                continue
            after = field.stream_block.to_python(after)
        elif after == before:
            continue
        setattr(page, field.attname, after)
        changed.append(field.attname)
    return changed


def embed_as_element(answer: dict[str, Any]) -> str:
    """Return an answer's content with Wagtail's own element for each embed."""
    content, at = str(answer["content"]), 0
    for embed in answer["embeds"]:
        html, url = embed.get("html"), embed.get("url")
        if embed.get("state") != "embedded" or not html or not url:
            continue
        start = content.find(html, at)
        if start < 0:
            continue
        element = f'<embed embedtype="media" url="{escape(url)}"/>'
        content = content[:start] + element + content[start + len(html) :]
        at = start + len(element)
    return content


def _fields(page: Page) -> Iterator[Field]:
    for field in page._meta.get_fields():  # noqa: SLF001 - Django's documented name
        if isinstance(field, StreamField) or (isinstance(field, RichTextField) and _keeps(field)):
            yield field


def _keeps(editor: Any) -> bool:  # noqa: ANN401 - a field or a block: both have an editor
    """Return whether the editor of a rich text keeps an embed. One without that button drops it."""
    widget = get_rich_text_editor_widget(editor.editor, features=editor.features)
    return "embed" in (getattr(widget, "features", None) or ())


def _rewritten(page: Page, field: Field, rewrite: Rewrite) -> Any:  # noqa: ANN401 - as stored
    value = field.value_from_object(page)
    if isinstance(field, StreamField):
        return _rewrite_block(field.stream_block, field.stream_block.get_prep_value(value), rewrite)
    return rewrite(Text(value, is_rich=True)) if value else value


def _rewrite_block(block: blocks.Block, value: Any, rewrite: Rewrite) -> Any:  # noqa: ANN401 - JSON
    """Rewrite a block's value, in the form that is stored: JSON's own types."""
    if not value:
        return value
    is_rich = isinstance(block, blocks.RichTextBlock)
    if isinstance(block, blocks.RawHTMLBlock) or (is_rich and _keeps(block)):
        return rewrite(Text(value, is_rich=is_rich))
    if isinstance(block, blocks.BaseStreamBlock):
        kinds = block.child_blocks
        return [
            {**child, "value": _rewrite_block(kinds[child["type"]], child["value"], rewrite)}
            if child["type"] in kinds
            else child
            for child in value
        ]
    if isinstance(block, blocks.BaseStructBlock):
        kinds = block.child_blocks
        return {
            name: _rewrite_block(kinds[name], each, rewrite) if name in kinds else each
            for name, each in value.items()
        }
    if isinstance(block, blocks.ListBlock):
        return [
            {**item, "value": _rewrite_block(block.child_block, item["value"], rewrite)}
            for item in value
        ]
    return value
