"""How an embed is to look that is no blockquote: from the attributes of its element, its address or
its shortcode (docs/x-behaviour.md 2.2).
"""

from collections.abc import Mapping

from service.core.model import EmbedStyle
from service.core.vocabulary import ALIGNS, LANGUAGES, THEMES, WIDTHS

_YES = frozenset({"true", "1", "yes"})


def read_element_style(values: Mapping[str, str]) -> EmbedStyle | None:
    """Read the look from names and values, a name with or without `data-`; None if it is X's
    default.
    """
    given = {
        name.lower().removeprefix("data-").replace("-", "").replace("_", ""): value.strip().lower()
        for name, value in values.items()
    }
    width = given.get("width") or given.get("maxwidth") or ""
    look = EmbedStyle(
        theme=_one_of(THEMES, given.get("theme")),
        lang=_one_of(LANGUAGES, given.get("lang")),
        align=_one_of(ALIGNS, given.get("align")),
        max_width=int(width)
        if width.isascii() and width.isdigit() and len(width) == len("550") and int(width) in WIDTHS
        else None,
        hide_media=given.get("cards") == "hidden"
        or given.get("hidecard") in _YES
        or given.get("hidemedia") in _YES,
        hide_thread=given.get("conversation") == "none" or given.get("hidethread") in _YES,
    )
    return look if look != EmbedStyle() else None


def _one_of(values: frozenset[str], value: str | None) -> str | None:
    return value if value in values else None
