"""The proxy and the certificates that the environment names, as every program reads them:
`HTTPS_PROXY`, `ALL_PROXY`, `NO_PROXY`, `SSL_CERT_FILE` and `SSL_CERT_DIR`.

Of the first three the name in small letters counts before the one in capitals
(https://docs.python.org/3/library/urllib.request.html#urllib.request.getproxies).
"""

import importlib.util
import os
import re
import ssl
import urllib.request
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

_HOST: Final = re.compile(r"[A-Za-z0-9._-]+|[0-9A-Fa-f:.]+(?:%\w+)?")
_SCHEMES: Final = frozenset({"http", "https", "socks5", "socks5h"})
_USERINFO: Final = re.compile(r"(?<=//)[^/]*@|^[^/@]*@")
_HASHED: Final = re.compile(r"[0-9a-f]{8}\.[0-9]+")
"""How OpenSSL looks for a certificate in a folder (openssl-rehash(1))."""


def proxy_of(host: str) -> str | None:
    """Return the proxy through which the environment wants a host to be asked; None if it is asked
    directly.
    """
    proxies = urllib.request.getproxies()
    address = proxies.get("https") or proxies.get("all")
    if not address or urllib.request.proxy_bypass(host):
        return None
    return _with_scheme(address)


def wrong_variables() -> Iterator[str]:
    """Return a line for each variable of the environment by which nobody can be asked: its name,
    its value without a password, what is allowed. In `NO_PROXY` stands what other programs make
    something of, and nothing of it is refused.
    """
    yield from _wrong_proxy(os.environ)
    yield from _wrong_certificates(os.environ)


def _wrong_proxy(environ: Mapping[str, str]) -> Iterator[str]:
    name = _named(environ, "HTTPS_PROXY") or _named(environ, "ALL_PROXY")
    if name is None:
        return
    address = _with_scheme(environ[name])
    shown = repr(_USERINFO.sub("***@", environ[name]))
    scheme = address.partition("://")[0].lower()
    if scheme not in _SCHEMES or not _is_address(address):
        allowed = "the address of a proxy, such as http://proxy.example:3128"
        yield f"{name}: {shown} is not allowed; allowed is {allowed}"
    elif scheme.startswith("socks") and importlib.util.find_spec("socksio") is None:
        yield f"{name}: {shown} wants the package socksio: pip install socksio"


def _wrong_certificates(environ: Mapping[str, str]) -> Iterator[str]:
    file, folders = environ.get("SSL_CERT_FILE"), environ.get("SSL_CERT_DIR")
    if file:
        if Path(file).exists() and not Path(file).is_file():
            yield f"SSL_CERT_FILE: {file!r} is no regular file; allowed is a file of PEM"
            return
        try:
            ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cafile=file)
        except ssl.SSLError:
            yield f"SSL_CERT_FILE: {file!r} holds no certificates; allowed is a file of PEM"
        except OSError as error:
            why = error.strerror or error
            yield f"SSL_CERT_FILE: {file!r} cannot be read: {why}; allowed is a file of PEM"
    elif folders and not any(map(_has_certificate, folders.split(os.pathsep))):
        yield (
            f"SSL_CERT_DIR: {folders!r} holds no certificate under its hash; allowed is a folder"
            " that `openssl rehash` was run on"
        )


def _has_certificate(folder: str) -> bool:
    try:
        return any(_HASHED.fullmatch(each.name) for each in Path(folder).iterdir())
    except OSError:
        return False


def _named(environ: Mapping[str, str], name: str) -> str | None:
    """Return how a variable is spelt that counts; None where it is not set, or empty."""
    spelt = name.lower() if name.lower() in environ else name
    return spelt if environ.get(spelt) else None


def _with_scheme(address: str) -> str:
    return address if "://" in address else f"http://{address}"


def _is_address(address: str) -> bool:
    try:
        parts = urlsplit(address)
        host, port = parts.hostname, parts.port
    except ValueError:
        return False
    return host is not None and _HOST.fullmatch(host) is not None and port != 0
