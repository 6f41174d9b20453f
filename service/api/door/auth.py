"""Who may call what: API keys, each with a name and a scope.

A key is compared by its digest, in constant time, with every key there is; it is in no log, metric
or answer.
"""

import hashlib
import hmac
import ipaddress
import math
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from starlette.types import Scope

from service.api.problems import ProblemError
from service.settings import PREFIX, Settings, SettingsError

_SECRET = re.compile(r"[!-~]{8,256}", re.ASCII)
_NAME = re.compile(r"[A-Za-z0-9._-]{1,64}", re.ASCII)
_FROM_ELSEWHERE = frozenset({b"forwarded", b"x-forwarded-for", b"x-real-ip", b"via", b"origin"})
_LINE = 2, 3

Headers = Sequence[tuple[bytes, bytes]]


class KeyScope(StrEnum):
    """What a key opens; each scope opens what stands before it too."""

    EMBED = "embed"
    RESOLVE = "resolve"
    ADMIN = "admin"

    def opens(self, wanted: "KeyScope") -> bool:
        """Return whether a key of this scope opens what wants another."""
        order = list(KeyScope)
        return order.index(self) >= order.index(wanted)


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key as it is kept: its name, the SHA-256 of the key, its scope."""

    name: str
    digest: bytes
    scope: KeyScope


class Keyring:
    """The keys of the settings and of their file, which can be read again."""

    def __init__(self, settings: Settings) -> None:
        """Read the keys. Raises `SettingsError`, a line for each that is wrong in the file."""
        self._listed = tuple(
            ApiKey(f"key-{number}", _digest(key), KeyScope.ADMIN)
            for number, key in enumerate(settings.api_keys, 1)
        )
        self._file = settings.api_keys_file
        self._rate = settings.api_rate
        self._due: dict[str, float] = {}
        self._keys = self._listed
        self.reload()

    def __bool__(self) -> bool:
        """Whether a key is wanted at all. A file wants one even while it holds none."""
        return bool(self._keys) or self._file is not None

    def reload(self) -> None:
        """Read the file again. Raises `SettingsError` and keeps what was known if it cannot be
        read.
        """
        if self._file:
            self._keys = (*self._listed, *_read_keys_file(self._file, self._listed))

    def check(self, request: Scope, scope: KeyScope, in_address: str | None = None) -> None:
        """Let a caller in, and note the name of its key as `key` in the state of the request.

        `in_address` is the key in the query, for those who cannot send a header. Raises
        `ProblemError`: 401 where a key is missing or wrong, 403 where it lacks the scope, 429 where
        it asks too often.
        """
        if not self:
            return
        key = self._find(_bearer(request["headers"]) if in_address is None else in_address)
        if key is None:
            raise ProblemError(
                401,
                "unauthorized",
                "This service wants `Authorization: Bearer KEY`, with one of its keys.",
                headers={"WWW-Authenticate": 'Bearer realm="tweet-embed"'},
            )
        request.setdefault("state", {})["key"] = key.name
        if in_address is not None and key.scope is KeyScope.ADMIN:
            raise ProblemError(
                403, "forbidden", "A key with the scope admin is not taken in an address."
            )
        if not key.scope.opens(scope):
            raise ProblemError(
                403,
                "forbidden",
                f"This key has the scope {key.scope}; the call wants {scope}.",
            )
        self._pace(key.name)

    def _pace(self, name: str) -> None:
        """Refuse a key that asks more often than it may (the generic cell rate algorithm)."""
        if not self._rate:
            return
        now = time.monotonic()
        due = max(now, self._due.get(name, now))
        wait = due - now - max(1.0, 1 / self._rate) + 1 / self._rate
        if wait > 0:
            raise ProblemError(
                429,
                "rate_limited",
                f"This key may make {self._rate:g} requests a second.",
                headers={"Retry-After": str(math.ceil(wait))},
            )
        self._due[name] = due + 1 / self._rate

    def _find(self, given: str) -> ApiKey | None:
        digest = _digest(given)
        found = [key for key in self._keys if hmac.compare_digest(key.digest, digest)]
        return found[0] if found else None


def check_loopback(keyring: Keyring, client: Sequence[object] | None, headers: Headers) -> None:
    """Refuse callers from elsewhere where no key protects the call: 403. What came through a proxy
    came from elsewhere, and so did what a page had a browser of this machine send
    (https://fetch.spec.whatwg.org/#origin-header).
    """
    if keyring:
        return
    host = str(client[0]) if client else ""
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        is_local = not host  # a Unix socket has no address
    else:
        is_local = (getattr(address, "ipv4_mapped", None) or address).is_loopback
    if not is_local or any(name in _FROM_ELSEWHERE for name, _ in headers):
        raise ProblemError(
            403,
            "forbidden",
            "Without API keys this call answers the machine itself alone; set"
            " TWEET_EMBED_API_KEYS or TWEET_EMBED_API_KEYS_FILE.",
        )


def _bearer(headers: Headers) -> str:
    given = [value for name, value in headers if name == b"authorization"]
    scheme, _, token = given[0].partition(b" ") if len(given) == 1 else (b"", b"", b"")
    return token.strip().decode("latin-1") if scheme.lower() == b"bearer" else ""


def _digest(key: str) -> bytes:
    return hashlib.sha256(key.encode("utf-8", "surrogateescape")).digest()


def _read_keys_file(path: Path, listed: Sequence[ApiKey]) -> list[ApiKey]:
    """Read a file of keys. One that is `listed` already would have another scope than it says."""
    variable = f"{PREFIX}API_KEYS_FILE"
    try:
        if not path.is_file() and path.exists():  # a pipe could not be read again
            message = f"{variable}: {str(path)!r} is no regular file"
            raise SettingsError(message)
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        message = f"{variable}: {str(path)!r} cannot be read: {error.strerror or error}"
        raise SettingsError(message) from None
    except UnicodeDecodeError:
        message = f"{variable}: {str(path)!r} is not UTF-8"
        raise SettingsError(message) from None
    keys: list[ApiKey] = []
    wrong: list[str] = []
    for number, line in enumerate(lines, 1):
        words = [] if line.lstrip().startswith("#") else line.split()
        if not words:
            continue
        fault = _fault_of(words, keys, listed)
        if fault:
            wrong.append(f"{variable}: {str(path)!r}, line {number}: {fault}")
            continue
        scope = KeyScope(words[2]) if len(words) > _LINE[0] else KeyScope.RESOLVE
        keys.append(ApiKey(words[0], _digest(words[1]), scope))
    if wrong:
        raise SettingsError("\n".join(wrong))
    return keys


def _fault_of(words: list[str], before: Sequence[ApiKey], listed: Sequence[ApiKey]) -> str | None:
    """Return what is wrong with a line, never quoting the key."""
    if len(words) not in _LINE:
        return "a line is NAME KEY [SCOPE]"
    if _NAME.fullmatch(words[0]) is None:
        return "a name has 1 to 64 letters, digits, dots, hyphens or underscores"
    if words[0] in {key.name for key in before}:
        return f"the name {words[0]} stands twice"
    if _SECRET.fullmatch(words[1]) is None:
        return "a key has 8 to 256 visible ASCII characters"
    if len(words) > _LINE[0] and words[2] not in set(KeyScope):
        return f"the scope is one of {', '.join(KeyScope)}"
    return _twice(_digest(words[1]), before, listed)


def _twice(digest: bytes, before: Sequence[ApiKey], listed: Sequence[ApiKey]) -> str | None:
    """Return what is wrong with a key that stands somewhere else too, with a scope of its own."""
    if any(key.digest == digest for key in listed):
        return f"the key stands in {PREFIX}API_KEYS too, whose keys open everything"
    same = next((key.name for key in before if key.digest == digest), None)
    return None if same is None else f"the key is that of {same}"
