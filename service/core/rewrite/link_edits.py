"""The edit that writes the target of a short link in its place, in text, an `href` or Markdown."""

import html
import re

from service.core.mentions import LinkMention
from service.core.rewrite.edits import Edit

_CONTINUES = frozenset("#/?&=%-_~+@:$*")  # with letters and digits: what an address may go on with
_MAYBE = frozenset(".,;!'")  # goes on only if something follows

_MARKDOWN_SIGNS = re.compile(r"[\s()<>\[\]\\`*|\"\x00-\x1f]|&(?=[A-Za-z#][A-Za-z0-9]*;)")
_AUTOLINK = re.compile(r"[^\s<>]*>")  # how an autolink goes on
_CLOSING_MARKS = re.compile(r"^(?:\*{1,3}|_{1,3})(?![\w*])")  # the end of emphasis


def rewrite_link(
    content: str,
    link: LinkMention,
    target: str,
    *,
    until: int,
    markup: bool,
) -> Edit | None:
    """Return the edit that writes `target` in place of a short link; None where the short link must
    stay.

    `until` is where the text around it ends: the article's end, or the next embed.
    """
    start, end = link.span.start, link.span.end
    if link.in_href and link.markdown:
        return Edit(start, end, in_markdown(target), block=False)
    if link.in_href:
        value = html.escape(target, quote=True)
        return Edit(start, end, value if link.quoted else f'"{value}"', block=False)
    is_angled = content[start - 1 : start] == "<" and _AUTOLINK.match(content, end)
    if link.markdown and is_angled and "://" not in content[start:end]:
        return None  # with a scheme it would be an autolink (CommonMark 6.5)
    following = content[end : min(until, end + 12)]
    if link.markdown:
        following = _CLOSING_MARKS.sub("", following)
    if _goes_on(following, markup=markup or link.markdown):
        return None
    if link.markdown:
        return Edit(start, end, in_markdown(target), block=False)
    return Edit(start, end, html.escape(target, quote=False) if markup else target, block=False)


def in_markdown(address: str) -> str:
    """Write an address for Markdown, as a link's destination or in text: what would end it or mean
    something is percent-encoded.
    """
    return _MARKDOWN_SIGNS.sub(
        lambda match: "".join(f"%{byte:02X}" for byte in match[0].encode()),
        address,
    )


def _goes_on(following: str, *, markup: bool) -> bool:
    """Return whether what follows could be read as a part of the address before it."""
    if markup:
        following = html.unescape(following.split("<", 1)[0])
    return bool(following) and (
        following[0].isalnum()
        or following[0] in _CONTINUES
        or (
            following[0] in _MAYBE
            and len(following) > 1
            and (following[1].isalnum() or following[1] in _CONTINUES)
        )
    )
