"""What X's hosts answer with, other than tweets: t.co's page for browsers, the warning page,
refusals. Pure.
"""

import html
import json
import re
from urllib.parse import unquote

_ABSOLUTE = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)
_ENCODED = re.compile(r"https?%3a", re.IGNORECASE)
_WARNING_PAGE = re.compile(
    r"https?://(?:www\.)?(?:twitter|x)\.com/safety/unsafe_link_warning\?unsafe_link=(.+)",
    re.IGNORECASE,
)
_SCRIPT = re.compile(r"""location\.replace\(\s*("(?>(?:[^"\\]|\\.)*)")\s*\)""")
_META = re.compile(
    r"""<meta\s+http-equiv=["']refresh["']\s+content=(["'])[0-9]{1,9};\s*url=(.*?)\1""",
    re.IGNORECASE,
)
_TITLE = re.compile(r"<title>([^<]*)</title>", re.IGNORECASE)
_NOT_AUTHORIZED = "not authorized to see this status"
_ENTITY = re.compile(r"&(?:[a-z]{1,31}|#[0-9]{1,7}|#x[0-9a-f]{1,6});", re.IGNORECASE)


def read_shell(body: bytes) -> str | None:
    """Read the target from the page t.co gives to browsers, of any of its eras (docs/x-behaviour.md
    1.1); None if it names no absolute address.

    The script's JSON string says it exactly; the meta element and the title are HTML, so their
    entities are decoded.
    """
    page = body.decode("utf-8", "replace")
    if (script := _SCRIPT.search(page)) is not None:
        try:
            target = str(json.loads(script[1]))
        except ValueError:
            return None
    elif (found := _META.search(page) or _TITLE.search(page)) is not None:
        target = _ENTITY.sub(
            lambda entity: html.unescape(entity[0]),
            found[found.re.groups],
        ).strip()  # a bare & stays: `&copy=1` is a parameter
    else:
        return None
    return target if _ABSOLUTE.match(target) else None


def read_warning(address: str) -> str | None:
    """Read the address behind X's warning of an unsafe link, percent-encoded or not
    (docs/x-behaviour.md 1.3); None if it is none.
    """
    warning = _WARNING_PAGE.fullmatch(address)
    if warning is None:
        return None
    return unquote(warning[1]) if _ENCODED.match(warning[1]) else warning[1]


def is_not_authorized(body: bytes) -> bool:
    """Return whether a 403 speaks of the tweet (docs/x-behaviour.md 2.4), not of us."""
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        return False
    return (
        isinstance(answer, dict)
        and isinstance(answer.get("error"), str)
        and _NOT_AUTHORIZED in answer["error"]
    )
