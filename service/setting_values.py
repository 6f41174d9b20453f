"""The values of settings, read from text: durations, hosts, endpoints, keys, lists."""

import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from service.core.errors import TweetEmbedError
from service.core.vocabulary import SHORT_LINK_HOSTS, TWEET_ID

SOURCES = ("index", "revision", "import", "x_api", "snapshot", "wayback")
"""Where candidates come from, in the order in which they are asked."""
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_HOST_NAME = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)(\.(?!-)[a-z0-9-]{1,63}(?<!-))+", re.ASCII)
_LISTEN_HOST = re.compile(r"[A-Za-z0-9.:_%-]{1,255}", re.ASCII)
_NO_SHORTENERS = SHORT_LINK_HOSTS | {"twitter.com", "x.com"}
_LONGEST_CONTACT = 200
_LONGEST_S = 10 * 365 * 86400


class BadValueError(TweetEmbedError, ValueError):
    """A value that may not stand: the message is what would have been allowed; `from_env` adds
    the variable and its value.
    """


def read_whole(low: int, high: int) -> Callable[[str], int]:
    """Return a reader of whole numbers from `low` to `high`."""

    def read(text: str) -> int:
        if re.fullmatch(r"[0-9]{1,15}", text, re.ASCII) is None or not low <= int(text) <= high:
            message = f"a whole number from {low} to {high}"
            raise BadValueError(message)
        return int(text)

    return read


def read_rate(text: str) -> float:
    """Return a number of requests a second."""
    if re.fullmatch(r"[0-9]{1,6}(\.[0-9]{1,6})?", text, re.ASCII) is None:
        message = "requests per second as a number, such as 20 or 0.5; 0 is no limit"
        raise BadValueError(message)
    return float(text)


def read_one_of(*allowed: str) -> Callable[[str], str]:
    """Return a reader of one of these words."""

    def read(text: str) -> str:
        if text.lower() not in allowed:
            message = "one of " + ", ".join(allowed)
            raise BadValueError(message)
        return text.lower()

    return read


def read_listen_host(text: str) -> str:
    """Return an address or a host name to listen at."""
    if _LISTEN_HOST.fullmatch(text) is None:
        message = "an address or a host name to listen at, such as 127.0.0.1, 0.0.0.0 or ::"
        raise BadValueError(message)
    return text


def read_place(text: str) -> str:
    """Return a path, or `:memory:`."""
    if "\0" in text:
        message = ":memory: or the path of a file"
        raise BadValueError(message)
    return text


def read_folder(text: str) -> Path | None:
    """Return a folder that is there; None if none is given."""
    if "\0" in text:
        message = "the path of a folder of recorded answers"
        raise BadValueError(message)
    return Path(text) if text else None


def read_duration(text: str) -> int:
    """Return a duration such as 30s, 12h or 30d, in seconds."""
    match = re.fullmatch(r"([0-9]{1,9})([smhdw])", text, re.ASCII)
    if match is None or int(match[1]) * _UNITS[match[2]] > _LONGEST_S:
        message = (
            "a duration: a whole number and s, m, h, d or w, such as 90s, 6h or 30d (at most 3650d)"
        )
        raise BadValueError(message)
    return int(match[1]) * _UNITS[match[2]]


def read_list(text: str) -> list[str]:
    """Return what stands between commas, without white space."""
    return [item for item in (part.strip() for part in text.split(",")) if item]


def _is_endpoint(address: str) -> bool:
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return (
        re.fullmatch(r"[!-~]{1,2000}", address, re.ASCII) is not None
        and "\\" not in address
        and parts.scheme == "https"
        and parts.hostname is not None
        and parts.netloc.lower()
        in {parts.hostname, f"{parts.hostname}:443"}  # so: no userinfo and no other port
        and _HOST_NAME.fullmatch(parts.hostname) is not None
        and not parts.hostname.rsplit(".", 1)[
            -1
        ].isdigit()  # so: no IPv4 literal, in any of its spellings
        and not parts.fragment
    )


def read_endpoints(text: str) -> tuple[str, ...]:
    """Return addresses of oEmbed endpoints."""
    endpoints = tuple(dict.fromkeys(read_list(text)))
    if not endpoints or not all(map(_is_endpoint, endpoints)):
        message = (
            "https addresses with a host name and no other port than 443, separated by commas, such"
            " as https://publish.x.com/oembed"
        )
        raise BadValueError(message)
    return endpoints


def read_shorteners(text: str) -> tuple[str, ...]:
    """Return hosts of link shorteners."""
    hosts = tuple(dict.fromkeys(host.lower() for host in read_list(text)))
    if any(
        _HOST_NAME.fullmatch(host) is None
        or host.rsplit(".", 1)[-1].isdigit()
        or host in _NO_SHORTENERS
        for host in hosts
    ):
        message = "host names of link shorteners, separated by commas, such as bit.ly,buff.ly"
        raise BadValueError(message)
    return hosts


def read_keys(text: str) -> tuple[str, ...]:
    """Return keys, each once."""
    keys = tuple(dict.fromkeys(read_list(text)))
    if any(re.fullmatch(r"[!-~]{8,256}", key, re.ASCII) is None for key in keys):
        message = "keys of 8 to 256 visible ASCII characters, separated by commas"
        raise BadValueError(message)
    return keys


def read_ids(text: str) -> tuple[str, ...]:
    """Return ids of tweets."""
    ids = tuple(read_list(text))
    if not all(map(TWEET_ID.fullmatch, ids)):
        message = "ids of tweets, separated by commas, such as 463440424141459456,20"
        raise BadValueError(message)
    return ids


def read_sources(text: str) -> tuple[str, ...]:
    """Return names of candidate sources."""
    named = set(read_list(text.lower()))
    if named == {"none"}:
        return ()
    if not named <= {*SOURCES}:
        message = f"none, or names separated by commas, of {', '.join(SOURCES)}"
        raise BadValueError(message)
    return tuple(each for each in SOURCES if each in named)


def read_token(text: str) -> str:
    """Return a bearer token."""
    if re.fullmatch(r"[!-~]{0,1000}", text, re.ASCII) is None:
        message = "a bearer token of visible ASCII characters"
        raise BadValueError(message)
    return text


def read_contact(text: str) -> str:
    """Return an address for a User-Agent."""
    plain = re.fullmatch(r"(?:mailto:)?[!-'*-?A-~]+@[!-'*-~]+|https?://[!-'*-~]+", text, re.ASCII)
    if text and (plain is None or len(text) > _LONGEST_CONTACT):
        message = "a mail address or the address of a page, without brackets"
        raise BadValueError(message)
    return text


def read_origins(text: str) -> tuple[str, ...]:
    """Return origins of web pages, `*` alone for all of them (WHATWG Fetch, 3.1)."""
    origins = tuple(dict.fromkeys(read_list(text)))
    plain = re.compile(
        r"https?://[A-Za-z0-9.-]{1,253}(:[0-9]{1,5})?|https?://\[[0-9a-fA-F:]+\](:[0-9]{1,5})?"
    )
    if origins != ("*",) and not all(map(plain.fullmatch, origins)):
        message = (
            "* or origins separated by commas, such as https://cms.example,http://localhost:3000"
        )
        raise BadValueError(message)
    return origins


def read_root_path(text: str) -> str:
    """Return the path at which a proxy shows the service, without a slash at its end."""
    if re.fullmatch(r"(/[A-Za-z0-9._~-]+)*/?", text, re.ASCII) is None:
        message = "a path such as /embeds"
        raise BadValueError(message)
    return text.rstrip("/")


def read_truth(text: str) -> bool:
    """Return whether it says `true`."""
    if text.lower() not in {"true", "false"}:
        message = "one of true, false"
        raise BadValueError(message)
    return text.lower() == "true"


def hidden(value: str | tuple[str, ...], _: Callable[[str], object]) -> str:
    """Write of a secret value only that it is set, or how many there are."""
    if isinstance(value, str):
        return "***" if value else ""
    return f"({len(value)} hidden)" if value else ""


def written(value: object, read: Callable[[str], object]) -> str:
    """Write a value as its reader reads it."""
    if isinstance(value, tuple):
        return ",".join(value) or ("none" if read is read_sources else "")
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return f"{value:.6f}".rstrip("0").rstrip(".")
    if isinstance(value, int) and read is read_duration:
        unit = next((each for each in "dhm" if value and value % _UNITS[each] == 0), "s")
        return f"{value // _UNITS[unit]}{unit}"
    return "" if value is None else str(value)
