"""The site for nginx, in front of the service."""

import contextlib
import html
import http.client
import json
import re
import shutil
import socket
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme
from container_image import ROOT
from database_servers import running
from pages import OPERATING
from ports import free_port
from served import RECORDED, await_listening, serving
from standin_x import StandIn

from service.cli.support.loopback import ask

pytestmark = pytest.mark.skipif(
    shutil.which("nginx") is None, reason="wants the Debian package nginx-light"
)

SITE = ROOT / "deploy/nginx/tweet-embed.conf"
MAIN = """
daemon off;
master_process off;
pid {folder}/pid;
error_log {folder}/error.log;
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/site.conf;
}}
"""


@pytest.fixture(scope="module")
def x() -> Iterator[StandIn]:
    with StandIn() as standin:
        standin.tweet("20", "jack", "jack", "just setting up my twttr", date="March 21, 2006")
        standin.tweet("21", "jack", "jack", "oh this is going to be addictive")
        yield standin


@pytest.fixture(scope="module")
def service(x: StandIn) -> Iterator[int]:
    with serving(**x.env) as (port, _):
        yield port


@pytest.fixture(scope="module")
def nginx(service: int, tmp_path_factory: pytest.TempPathFactory) -> Iterator["Site"]:
    """Yield the site, with places of this test for its port, its certificate and the service."""
    folder = tmp_path_factory.mktemp("nginx")
    authority = trustme.CA()
    authority.cert_pem.write_to_path(folder / "authority.pem")
    certificate = authority.issue_cert("tweets.example.org")
    certificate.cert_chain_pems[0].write_to_path(folder / "certificate.pem")
    certificate.private_key_pem.write_to_path(folder / "key.pem")
    (folder / "nginx.conf").write_text(MAIN.format(folder=folder), encoding="utf-8")
    words = ["nginx", "-e", str(folder / "error.log"), "-c", str(folder / "nginx.conf")]

    def command(port: int) -> list[str]:
        site = SITE.read_text(encoding="utf-8")
        for told, here in {
            "listen 443 ssl;": f"listen 127.0.0.1:{port} ssl;",
            "server 127.0.0.1:8080;": f"server 127.0.0.1:{service};",
            "/etc/ssl/certs/tweets.example.org.pem": str(folder / "certificate.pem"),
            "/etc/ssl/private/tweets.example.org.key": str(folder / "key.pem"),
        }.items():
            assert site.count(told) == 1, told
            site = site.replace(told, here)
        (folder / "site.conf").write_text(site, encoding="utf-8")
        checked = subprocess.run([*words, "-t"], capture_output=True, text=True, check=False)
        assert checked.returncode == 0 or "in use" in checked.stderr, checked.stderr
        assert "warn" not in checked.stderr
        return words

    def is_ready(port: int) -> bool:
        with contextlib.suppress(OSError):
            Site(port, folder / "authority.pem").connect().close()
            return True
        return False

    with running(command, is_ready, folder / "log") as (_, port):
        yield Site(port, folder / "authority.pem")


class Site:
    """The site as a caller on the internet sees it."""

    def __init__(self, port: int, authority: Path) -> None:
        self._port = port
        self._tls = ssl.create_default_context(cafile=str(authority))

    def connect(self) -> ssl.SSLSocket:
        plain = socket.create_connection(("127.0.0.1", self._port), timeout=180)
        return self._tls.wrap_socket(plain, server_hostname="tweets.example.org")

    def ask(
        self, method: str, path: str, body: bytes = b"", kind: str = "application/json"
    ) -> tuple[int, str, bytes]:
        """Return status, media type and body of an answer."""
        with self.connect() as connection:
            connection.sendall(head(method, path, kind, body) + body)
            response = http.client.HTTPResponse(connection, method=method)
            response.begin()
            return response.status, response.headers.get("Content-Type", ""), response.read()


def head(method: str, path: str, kind: str, body: bytes) -> bytes:
    """Return the head of a request, its path exactly as given."""
    told = {"Host": "tweets.example.org", "Content-Type": kind, "Content-Length": str(len(body))}
    lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in told.items())]
    return "\r\n".join([*lines, "", ""]).encode()


def article(tweet_id: str) -> bytes:
    return json.dumps(
        {
            "content": f"<p>https://x.com/jack/status/{tweet_id}</p>",
            "format": "html",
            "deadline_ms": 10_000,
        }
    ).encode()


def test_an_article_goes_through(nginx: Site) -> None:
    status, kind, body = nginx.ask("POST", "/v1/resolve", article("20"))

    assert (status, kind) == (200, "application/json")
    assert json.loads(body)["embeds"][0]["state"] == "embedded"


def test_results_of_many_articles_come_as_they_are_ready(nginx: Site, x: StandIn) -> None:
    x.held.add("21")
    body = article("20") + b"\n" + article("21") + b"\n"
    with nginx.connect() as connection:
        connection.sendall(head("POST", "/v1/resolve", "application/x-ndjson", body) + body)
        response = http.client.HTTPResponse(connection, method="POST")
        response.begin()
        first = json.loads(response.readline())
        x.held.clear()
        second = json.loads(response.readline())

    assert [first["line"], second["line"]] == [1, 2]
    # where the first line waits for the second, the second waits for its deadline
    assert second["embeds"][0]["state"] == "embedded"


def test_a_body_just_over_the_limit_is_refused_in_the_words_of_the_service(nginx: Site) -> None:
    status, kind, body = nginx.ask("POST", "/v1/resolve", b" " * (2 * 1024 * 1024 + 1000))

    assert (status, kind) == (413, "application/problem+json")
    assert json.loads(body)["code"] == "too_large"


def test_a_body_far_over_the_limit_does_not_reach_the_service(nginx: Site) -> None:
    status, _, body = nginx.ask("POST", "/v1/resolve", b" " * 2_200_000)

    assert status == 413
    assert b"nginx" in body


@pytest.mark.parametrize(
    "path",
    [
        "/v1/tweets/20",
        "/v1/tweets/",
        "//v1/tweets/20",
        "/v1//tweets/20",
        "/V1/Tweets/20",
        "/%761/tweets/20",
        "/a/../v1/tweets/20",
        "/v1/tweets",
        "/metrics",
        "/metrics/",
        "/METRICS",
        "//metrics",
        "/%6detrics",
    ],
)
@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_what_is_for_operators_stays_inside(nginx: Site, method: str, path: str) -> None:
    status, _, body = nginx.ask(method, path)

    assert status == 404
    assert b"nginx" in body


@pytest.mark.long
def test_the_service_can_stand_behind_a_path(tmp_path: Path) -> None:
    told = re.search(r"`(location /embeds/ \{.*?\})` in nginx", OPERATING)
    assert told is not None
    tweet, port = "2034906551094185985", free_port()
    with serving(**RECORDED, TWEET_EMBED_ROOT_PATH="/embeds") as (service, _):
        location = told[1].replace(":8080/", f":{service}/")
        passed_on = "proxy_set_header Host $http_host; proxy_set_header X-Forwarded-Proto https;"
        site = f"server {{ listen 127.0.0.1:{port}; {passed_on} {location} }}"
        (tmp_path / "site.conf").write_text(site)
        (tmp_path / "nginx.conf").write_text(MAIN.format(folder=tmp_path))
        command = ["nginx", "-e", str(tmp_path / "error.log"), "-c", str(tmp_path / "nginx.conf")]
        with subprocess.Popen(command) as process:
            try:
                await_listening(port)
                page = ask("127.0.0.1", port, "GET", f"/embeds/x/{tweet}", timeout_s=180)[
                    1
                ].decode()
                answer = html.unescape(page.partition('json+oembed" href="')[2].partition('"')[0])
                origin, _, path = answer.partition("/embeds/")
                status, body = ask("127.0.0.1", port, "GET", f"/embeds/{path}", timeout_s=180)
                missed = ask("127.0.0.1", port, "GET", "/embeds/nothing", timeout_s=180)
            finally:
                process.terminate()

    assert origin == f"https://127.0.0.1:{port}"
    assert (status, json.loads(body)["url"].rpartition("/")[2]) == (200, tweet)
    assert (missed[0], json.loads(missed[1])["instance"]) == (404, "/embeds/nothing")
