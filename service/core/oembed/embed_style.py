"""The style that an article asks for: read from the attributes of an embed's element, from its
address or its shortcode (docs/x-behaviour.md 2.2).
"""

import re
from collections.abc import Mapping

from service.core.model import EmbedStyle
from service.core.vocabulary import ALIGNS, LANGUAGES, THEMES, WIDTHS

_WIDTH = re.compile("[0-9]{3}", re.ASCII)
_YES = frozenset({"true", "1", "yes"})


def read_element_style(values: Mapping[str, str]) -> EmbedStyle | None:
    """Read the style from names and values, a name with or without `data-`; None if it is X's
    default.
    """
    given = {
        name.lower().removeprefix("data-").replace("-", "").replace("_", ""): value.strip().lower()
        for name, value in values.items()
    }
    style = EmbedStyle(
        theme=one_of(THEMES, given.get("theme")),
        lang=one_of(LANGUAGES, given.get("lang")),
        align=one_of(ALIGNS, given.get("align")),
        max_width=read_width(given.get("width") or given.get("maxwidth")),
        hide_media=given.get("cards") == "hidden"
        or given.get("hidecard") in _YES
        or given.get("hidemedia") in _YES,
        hide_thread=given.get("conversation") == "none" or given.get("hidethread") in _YES,
    )
    return style if style != EmbedStyle() else None


def one_of(values: frozenset[str], value: str | None) -> str | None:
    """Return a value of a closed set, letter case and blanks around it aside, else None."""
    value = (value or "").strip().lower()
    return value if value in values else None


def read_width(value: str | None) -> int | None:
    """Return the width of an embed in CSS pixels; None for what X does not take."""
    width = int(value) if value and _WIDTH.fullmatch(value) else 0
    return width if width in WIDTHS else None
