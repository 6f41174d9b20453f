"""Where a link may lead: which addresses are safe to write into an `href`."""

import re
import unicodedata

_FLAGS = (
    re.IGNORECASE | re.ASCII
    # re.ASCII: else IGNORECASE lets the Kelvin sign stand for a k, and \d reads digits of every
    # script
)

_HTTP = re.compile(r"https?://(?P<host>[^/?#:]+)(?::(?P<port>[0-9]{1,5}))?(?=[/?#]|$)", _FLAGS)
_LABEL = re.compile(r"[\w](?:[\w-]{0,61}[\w])?")
_NUMBER_LABEL = re.compile(r"[0-9]+|0x[0-9a-f]*", _FLAGS)
_LAST_PORT = 65535


def is_safe_address(address: str) -> bool:
    r"""Return whether an address may be written as a link: http(s), a host name with a dot,
    nothing a browser reads differently.

    Refused: userinfo, IP addresses in any spelling (RFC 3986 3.2.2, WHATWG URL 3.5), one-label
    hosts, `\`, white space, controls, invisible direction marks, quotes and angle brackets.
    """
    if any(
        c in '<>"`\\' or unicodedata.category(c) in {"Cc", "Cf", "Cs", "Zs", "Zl", "Zp"}
        for c in address
    ):
        return False
    match = _HTTP.match(address)
    if match is None or (match["port"] is not None and int(match["port"]) > _LAST_PORT):
        return False
    # Browsers fold full-width letters, digits and dots in a host before they look at it (UTS 46).
    host = unicodedata.normalize("NFKC", match["host"]).replace("。", ".").removesuffix(".")
    labels = host.split(".")
    return (
        len(labels) > 1
        and all(map(_LABEL.fullmatch, labels))
        and not _NUMBER_LABEL.fullmatch(labels[-1])
    )
