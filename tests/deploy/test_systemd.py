"""The systemd unit, in a booted system, with every restriction that it names."""

import http.client
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from booted_system import Machine, booted, system
from container_image import ROOT, Image
from ports import free_port
from served import resolve
from standin_x import StandIn

pytestmark = pytest.mark.image

UNIT = "tweet-embed.service"


@pytest.fixture(scope="module")
def x() -> Iterator[StandIn]:
    with StandIn() as standin:
        standin.tweet("20", "jack", "jack", "just setting up my twttr", date="March 21, 2006")
        yield standin


@pytest.fixture(scope="module")
def port() -> int:
    return free_port()


@pytest.fixture(scope="module")
def machine(image: Image, x: StandIn, port: int) -> Iterator[Machine]:
    """Yield a machine on which the unit is installed as its own first lines say."""
    with system(image.base) as root:
        shutil.copytree(image.root / "venv", root / "venv", symlinks=True)
        (root / "opt/tweet-embed").symlink_to("/venv")
        shutil.copy(ROOT / "deploy/systemd" / UNIT, root / "etc/systemd/system")
        (root / "etc/authority.pem").write_bytes(Path(x.ca_path).read_bytes())
        settings = x.env | {
            "SSL_CERT_FILE": "/etc/authority.pem",
            "TWEET_EMBED_PORT": str(port),
            "TWEET_EMBED_WORKERS": "2",
        }
        (root / "etc/tweet-embed.env").write_text(
            "".join(f"{name}={value}\n" for name, value in settings.items())
        )
        (root / "etc/tweet-embed.env").chmod(0o600)
        with booted(root) as machine:
            yield machine


def await_status(port: int, key: str, wanted: int) -> None:
    """Wait until an article sent with a key is answered with a status."""
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {key}"}
    until = time.monotonic() + 180
    status = 0
    while status != wanted:
        assert time.monotonic() < until, f"{status} in place of {wanted}"
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=180)
        try:
            connection.request("POST", "/v1/detect", b'{"content": "a"}', headers)
            status = connection.getresponse().status
        except OSError:
            time.sleep(0.1)
        finally:
            connection.close()


def await_ready(port: int) -> None:
    await_status(port, "none", http.HTTPStatus.OK)


def test_the_unit_starts_keeps_its_cache_and_stops(machine: Machine, x: StandIn, port: int) -> None:
    machine.run("systemctl", "start", UNIT)
    await_ready(port)
    assert resolve(port, "20")[0]["state"] == "embedded"

    began = time.monotonic()
    machine.run("systemctl", "stop", UNIT)
    assert time.monotonic() - began < 30  # systemd would kill it later
    assert machine.shows(UNIT, "Result", "ExecMainStatus") == {
        "Result": "success",
        "ExecMainStatus": "0",
    }

    x.fault["oembed"] = "500"
    machine.run("systemctl", "start", UNIT)
    await_ready(port)
    (embed,) = resolve(port, "20")
    assert (embed["state"], embed["served_from"]) == ("embedded", "cache")
    assert (machine.root / "var/lib/private/tweet-embed/cache.sqlite").stat().st_uid not in {
        0,
        65534,
    }


def test_the_unit_comes_back_after_a_crash(machine: Machine, port: int) -> None:
    machine.run("systemctl", "restart", UNIT)
    await_ready(port)
    machine.run("systemctl", "kill", "--signal", "KILL", UNIT)

    await_ready(port)
    assert machine.shows(UNIT, "NRestarts", "ActiveState") == {
        "NRestarts": "1",
        "ActiveState": "active",
    }


def test_the_unit_tells_its_processes(machine: Machine, port: int) -> None:
    machine.run("systemctl", "restart", UNIT)
    await_ready(port)

    def told() -> str:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=180)
        connection.request("GET", "/metrics")
        text = connection.getresponse().read().decode()
        connection.close()
        return text

    until = time.monotonic() + 180
    while told().count("\nprocess_resident_memory_bytes{pid=") != 3:  # two workers, and the parent
        assert time.monotonic() < until
        time.sleep(0.2)


def test_a_reload_reads_the_file_of_keys_again(machine: Machine, port: int) -> None:
    keys = machine.root / "var/lib/private/tweet-embed/keys"
    keys.write_text("cms old-key-1\n")
    keys.chmod(0o644)
    settings = machine.root / "etc/tweet-embed.env"
    with settings.open("a") as more:
        more.write("TWEET_EMBED_API_KEYS_FILE=/var/lib/tweet-embed/keys\n")
    machine.run("systemctl", "restart", UNIT)
    await_status(port, "old-key-1", http.HTTPStatus.OK)
    before = machine.shows(UNIT, "MainPID")

    keys.write_text("cms new-key-1\n")
    machine.run("systemctl", "reload", UNIT)
    await_status(port, "new-key-1", http.HTTPStatus.OK)
    await_status(port, "old-key-1", http.HTTPStatus.UNAUTHORIZED)
    assert machine.shows(UNIT, "MainPID") == before
