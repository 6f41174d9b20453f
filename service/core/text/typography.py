"""What editors, converters, mail programs and text browsers make of the characters of a text, made
alike. The length stays, and with it the place of every other character.
"""

import html
import re

from service.core.text.escaping import LEFT_OVER_REFERENCE

_QUOTES = str.maketrans(
    dict.fromkeys("\u2018\u2019\u201a\u201b\u2032\u2035\u02bc\uff07`\u00b4", "'")
    | dict.fromkeys("\u201c\u201d\u201e\u201f\u2033\u2036\uff02", '"')
    | {"\u0640": " "},
)
MAIL_QUOTE = re.compile(r"(?:(?<=[\n\u2028])|\A)[ \t]*(?:>[ \t]?)+")
"""The marks of a quoted mail before a line."""
_DASHES = re.compile("-{1,3}|[\u2010-\u2015\u2212]{1,3}")
_DOTS = re.compile(r"\.\.\.")
_BRACKETS = re.compile(r"<\s{0,2000}>|\(\s{0,2000}\)|\[\s{0,2000}\]")
_TIMES = re.compile(r"(?<=[0-9])(\s{0,3})\u00d7(?=\s{0,3}[0-9])")
_TRADE_MARK = re.compile(r"\u2122\ufe0f?|\(tm\)", re.IGNORECASE)
_AS_TRADE_MARK = "\uf8ff"  # of private use
_ADDRESS = r"(?:https?://|pic\.(?:twitter|x)\.com/|t\.co/)"
_NUMBER_BEFORE = re.compile(
    rf"\[[0-9]{{1,3}}\](?=\s{{0,40}}(?:{_ADDRESS}|[#@$＃＠]))", re.IGNORECASE
)
_NUMBER_BEHIND = re.compile(rf"({_ADDRESS}[^\s\[\]]{{1,400}}+\s?)(\[[0-9]{{1,3}}\])", re.IGNORECASE)

_WRAPPED = re.compile(
    r"(?:https?://)?(t\.co|pic\.(?:twitter|x)\.com)"
    r"(?:/[ \t]{0,8}\n[ \t>]{0,40}|[ \t]{0,8}\n[ \t>]{0,40}/)([A-Za-z0-9]{10})\b",
    re.IGNORECASE | re.ASCII,
)


def made_alike(text: str) -> str:
    """Make typography alike, undo left-over references, and blank out the marks of a quoted mail
    and the brackets that were around an address.
    """
    if "&" in text:
        text = LEFT_OVER_REFERENCE.sub(_decoded, text)
    if ">" in text:
        text = MAIL_QUOTE.sub(lambda match: " " * len(match[0]), text)
    if "<" in text or "(" in text or "[" in text:
        text = _BRACKETS.sub(lambda match: " " * len(match[0]), text)
    text = text.translate(_QUOTES).replace("''", '" ').replace('""', '" ')
    text = _DASHES.sub(lambda match: "-".ljust(len(match[0])), text)
    text = _DOTS.sub("…  ", text)
    if "\u00d7" in text:
        text = _TIMES.sub(r"\1x", text)
    return _TRADE_MARK.sub(lambda match: _AS_TRADE_MARK.ljust(len(match[0])), text)


def _decoded(reference: re.Match[str]) -> str:
    return html.unescape(reference[0]).ljust(len(reference[0]))


def without_numbers(text: str) -> str:
    """Blank out the numbers in brackets that text browsers (`lynx -dump`) and mails put before or
    behind a link: an address, a hashtag or a name.
    """
    if "[" not in text:
        return text
    text = _NUMBER_BEFORE.sub(lambda match: " " * len(match[0]), text)
    return _NUMBER_BEHIND.sub(lambda match: match[1] + " " * len(match[2]), text)


def wrapped_codes(text: str) -> list[tuple[int, int, str]]:
    """Return the short links that a text browser (`w3m -dump`) broke at their slash: where each
    stands, half-open, and the address in one piece.
    """
    if "\n" not in text:
        return []
    return [(*one.span(), f"{one[1]}/{one[2]}") for one in _WRAPPED.finditer(text)]
