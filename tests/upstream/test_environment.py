"""The environment's proxy and certificates: what is refused, and how it is told."""

import os
from pathlib import Path

import pytest

from service.upstream.http.environment import wrong_variables


@pytest.fixture(autouse=True)
def _no_proxy_but_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR"):
        for spelt in (name, name.lower()):
            monkeypatch.delenv(spelt, raising=False)


def wrong(monkeypatch: pytest.MonkeyPatch, **variables: str) -> list[str]:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    return list(wrong_variables())


@pytest.mark.parametrize(
    "address",
    ["http://[bad", "not a proxy", "http://:8080", "http://p:0", "foo:bar:baz", "ftp://p:1"],
)
@pytest.mark.parametrize("name", ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"])
def test_a_proxy_that_cannot_be_one_is_told(
    name: str, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (line,) = wrong(monkeypatch, **{name: address})

    assert line.startswith(f"{name}: {address!r} is not allowed; allowed is the address of a proxy")


def test_a_proxys_password_is_not_told(monkeypatch: pytest.MonkeyPatch) -> None:
    for address in ("http://u:secret@:1", "u:secret@:1"):
        (line,) = wrong(monkeypatch, HTTPS_PROXY=address)
        assert "secret" not in line
        assert "***@:1" in line


@pytest.mark.parametrize(
    "address", ["proxy.example", "proxy.example:3128", "http://u:p@10.0.0.1:1", "https://[::1]:3"]
)
def test_a_proxy_is_taken_as_every_program_takes_it(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert wrong(monkeypatch, HTTPS_PROXY=address) == []


def test_the_name_in_small_letters_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    assert wrong(monkeypatch, HTTPS_PROXY="http://:1", https_proxy="http://p:1") == []
    assert wrong(monkeypatch, HTTPS_PROXY="http://:1", https_proxy="", ALL_PROXY="p:1") == []


def test_whatever_other_programs_exempt_is_let_be(monkeypatch: pytest.MonkeyPatch) -> None:
    exempt = "localhost 127.0.0.1,[::1]:80,fd00::/8,*.svc,<local>,/var/run/docker.sock,http://x"

    assert wrong(monkeypatch, HTTPS_PROXY="http://p:1", NO_PROXY=exempt) == []


def test_certificates_that_are_none_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (text := tmp_path / "ca.pem").write_text("no certificate")
    os.mkfifo(pipe := tmp_path / "pipe")
    for file, why in (
        (text, "holds no certificates"),
        (tmp_path / "none", "No such file"),
        (tmp_path, "is no regular file"),
        (pipe, "is no regular file"),
    ):
        (line,) = wrong(monkeypatch, SSL_CERT_FILE=str(file))
        assert line.startswith(f"SSL_CERT_FILE: {str(file)!r} ")
        assert why in line
    monkeypatch.setenv("SSL_CERT_FILE", "")
    for folder in (tmp_path, tmp_path / "none", text):
        (line,) = wrong(monkeypatch, SSL_CERT_DIR=str(folder))
        assert line.startswith(f"SSL_CERT_DIR: {str(folder)!r} holds no certificate")
    (tmp_path / "9d04f354.0").write_text("")
    assert wrong(monkeypatch, SSL_CERT_DIR=f"{tmp_path / 'none'}:{tmp_path}") == []
