"""The container image: what it holds, and how it runs where it may do next to nothing."""

import http.client
import json
import os
import re
import signal
import sqlite3
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import replace
from importlib.metadata import Distribution, distributions
from pathlib import Path
from typing import Any

import pytest
from container_image import (
    BASE,
    REVISION,
    ROOT,
    SOURCE,
    STOPPED_WITHIN_S,
    Container,
    Image,
    Sandbox,
    build,
)
from deploy_files import compose_sandbox, kubernetes, kubernetes_sandbox, service_links
from packaging.requirements import Requirement
from ports import free_port
from served import resolve
from standin_x import StandIn
from zstandard_packing import zstd

from service import __version__
from service.cli.support.loopback import ask

pytestmark = pytest.mark.image

SANDBOXES = {
    "compose": compose_sandbox("compose.yaml"),
    "server": compose_sandbox("deploy/compose.yaml"),
    "kubernetes": kubernetes_sandbox(),
}
TWEET = "1989999000000000000"
OTHER = "1988000000000000000"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    return folder


@pytest.fixture
def x() -> Iterator[StandIn]:
    with StandIn() as standin:
        standin.tweet(TWEET, "moctsyria", "وزارة", "نص عربي من العام", lang="ar", dir="rtl")
        standin.tweet(OTHER, "demo", "Demo", "Nobody asked for me before.")
        yield standin


@contextmanager
def running(
    image: Image, sandbox: Sandbox, data: Path, x: StandIn, **environment: str
) -> Iterator[tuple[Container, int]]:
    """Run the image's own command until it listens; give the container and its port."""
    port = free_port()
    authority = data / "authority.pem"
    authority.write_bytes(Path(x.ca_path).read_bytes())
    reach = x.env | {"SSL_CERT_FILE": "/data/authority.pem", "TWEET_EMBED_PORT": str(port)}
    with Container(image, sandbox, data, reach | environment) as container:
        container.await_log("running on http")
        yield container, port


def requests_at_work(port: int) -> int:
    """Return how many requests the service is at, as it counts them, but for the question."""
    told = ask("127.0.0.1", port, "GET", "/metrics", timeout_s=180)[1].decode()
    return int(float(told.partition("\ntweet_embed_http_in_flight ")[2].partition("\n")[0])) - 1


def states(embeds: list[dict[str, Any]]) -> list[tuple[str, str | None]]:
    return [(each["state"], each["served_from"]) for each in embeds]


# --- how it runs ---


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("how", SANDBOXES)
def test_it_serves_in_every_sandbox(
    image: Image, data: Path, x: StandIn, how: str, workers: int
) -> None:
    with running(image, SANDBOXES[how], data, x, TWEET_EMBED_WORKERS=str(workers)) as (
        container,
        port,
    ):
        answers = [
            states(resolve(port, TWEET)) for _ in range(12)
        ]  # a connection each: either worker takes some
        assert answers[0] == [("embedded", "upstream")]
        assert answers[-1] == [("embedded", "cache")]
        assert (
            answers.count([("embedded", "upstream")]) <= workers
        )  # what one learnt is written behind its answer
        assert states(resolve(port, TWEET, OTHER)) == [
            ("embedded", "cache"),
            ("embedded", "upstream"),
        ]
        assert container.execute(*image.config["Healthcheck"]["Test"][1:]) == 0

        container.send(image.config["StopSignal"])
        assert container.wait(STOPPED_WITHIN_S) == 0
        assert container.log.read_text().count("Finished server process") == workers

    x.fault["oembed"] = "500"
    with running(image, SANDBOXES[how], data, x, TWEET_EMBED_WORKERS=str(workers)) as (_, port):
        assert states(resolve(port, TWEET, OTHER)) == [("embedded", "cache")] * 2


@pytest.mark.parametrize("how", SANDBOXES)
def test_it_has_no_rights_and_writes_to_its_volume_alone(
    image: Image, data: Path, x: StandIn, how: str
) -> None:
    with running(image, SANDBOXES[how], data, x) as (container, _):
        status = container.status()
        assert status["Uid"].split() == ["65532"] * 4
        assert status["NoNewPrivs"] == "1"
        assert {
            int(status[name], 16) for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")
        } == {0}
        for path in ("/x", "/venv/x", "/etc/x", "/usr/x"):
            assert container.execute("touch", path) != 0, path
        assert container.execute("touch", "/tmp/x") == 0  # noqa: S108 - in the container

    assert {path.name.removeprefix("cache.sqlite") for path in data.iterdir()} <= {
        "",
        "-wal",
        "-shm",
        "authority.pem",
    }


@pytest.mark.parametrize("workers", [1, 2])
def test_sigterm_drops_no_request(image: Image, data: Path, x: StandIn, workers: int) -> None:
    x.fault["oembed"] = "hang"
    with (
        running(image, SANDBOXES["server"], data, x, TWEET_EMBED_WORKERS=str(workers)) as (
            container,
            port,
        ),
        ThreadPoolExecutor(8) as callers,
    ):
        asked = [callers.submit(resolve, port, str(int(TWEET) + number)) for number in range(8)]
        until = time.monotonic() + 180
        while requests_at_work(port) < 8 or not x.asked:
            assert time.monotonic() < until
            time.sleep(0.05)
        container.send(image.config["StopSignal"])
        told = time.monotonic()

        assert container.wait(STOPPED_WITHIN_S) == 0
        assert time.monotonic() - told < STOPPED_WITHIN_S
        assert {len(each.result()) for each in asked} == {1}


def test_service_links_do_not_stop_the_start(image: Image, data: Path, x: StandIn) -> None:
    links = service_links()
    assert links.pop("TWEET_EMBED_PORT").startswith("tcp://")  # this test's own port stands there
    with running(image, SANDBOXES["kubernetes"], data, x, **links) as (_, port):
        assert states(resolve(port, TWEET)) == [("embedded", "upstream")]


def test_a_setting_that_is_wrong_stops_the_start_with_one_line(image: Image, data: Path) -> None:
    container = Container(image, SANDBOXES["server"], data, {"TWEET_EMBED_WORKERS": "two"})

    code, said = container.run()

    assert code == 2
    assert "TWEET_EMBED_WORKERS" in said
    assert len(said.splitlines()) == 1


def test_a_user_backfills_files_of_their_own(image: Image, data: Path, x: StandIn) -> None:
    article = f"<p>https://x.com/i/status/{TWEET}</p>"
    line = json.dumps({"id": 1, "content": article}) + "\n"
    (data / "posts.jsonl.zst").write_bytes(zstd.compress(line.encode()))
    with closing(sqlite3.connect(data / "site.db")) as site, site:
        site.execute("CREATE TABLE posts (id INTEGER PRIMARY KEY, content TEXT)")
        site.execute("INSERT INTO posts VALUES (1, ?)", [article])
    (data / "authority.pem").write_bytes(Path(x.ca_path).read_bytes())
    for path in data.iterdir():
        os.chown(path, 1000, 1000)
    mine = replace(SANDBOXES["server"], user=(1000, 1000))  # docker run --user "$(id -u):$(id -g)"
    settings = {"SSL_CERT_FILE": "/data/authority.pem", "TWEET_EMBED_CACHE_PATH": ":memory:"}

    for arguments in (
        "backfill posts.jsonl.zst --to new.jsonl.zst",
        "backfill sqlite:site.db --table posts --column content --key id --in-place",
    ):
        code, said = Container(image, mine, data, x.env | settings, arguments.split()).run()
        assert code == 0, said

    with closing(sqlite3.connect(data / "site.db")) as site:
        (changed,) = site.execute("SELECT content FROM posts").fetchone()
    packed = (data / "new.jsonl.zst").read_bytes()
    written = zstd.decompress(packed)
    assert "twitter-tweet" in changed
    assert json.loads(written)["content"] == changed


# --- what it holds ---


def packages(image: Image) -> dict[str, Distribution]:
    (site,) = image.root.glob("venv/lib/python3.*/site-packages")
    return {_normal(each.name): each for each in distributions(path=[str(site)])}


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def locked(image: Image, lock: str = "requirements.lock") -> dict[str, str]:
    """Return what a lock file names for the image's Python."""
    (site,) = image.root.glob("venv/lib/python3.*/site-packages")
    python = site.parent.name.removeprefix("python")
    wanted: dict[str, str] = {}
    for line in (ROOT / lock).read_text().splitlines():
        if "==" in line and not line.startswith(("#", " ")):
            requirement = Requirement(line.removesuffix("\\").strip())
            if requirement.marker is None or requirement.marker.evaluate(
                {"python_version": python}
            ):
                wanted[_normal(requirement.name)] = str(requirement.specifier).removeprefix("==")
    return wanted


def test_it_has_the_program_that_a_pod_runs_before_it_stops(image: Image) -> None:
    (container,) = kubernetes("StatefulSet")["spec"]["template"]["spec"]["containers"]
    program, _ = container["lifecycle"]["preStop"]["exec"]["command"]

    folders = image.environment["PATH"].split(":")
    assert any((image.root / folder.lstrip("/") / program).is_file() for folder in folders)


def test_it_holds_the_lock_file_and_the_package_and_no_more(image: Image) -> None:
    held = {name: each.version for name, each in packages(image).items()}

    assert held == locked(image) | {"tweet-embed": __version__}
    for way in ("venv/**/pip", "usr/local/**/pip*", "usr/local/**/ensurepip"):
        assert not [*image.root.glob(way)]
        assert way.startswith("venv") or [*image.base.glob(way)]  # the base had it
    assert not [
        *image.root.glob("src"),
        *image.root.glob("tools"),
        *image.root.glob("venv/**/tests/test_image.py"),
    ]


def test_its_bill_of_materials_names_each_package_with_version_and_licence(image: Image) -> None:
    bill = json.loads((image.root / "venv/share/sbom/tweet-embed.cdx.json").read_text())

    assert (bill["bomFormat"], bill["specVersion"]) == ("CycloneDX", "1.6")
    named = {_normal(each["name"]): each["version"] for each in bill["components"]}
    assert named == {name: each.version for name, each in packages(image).items()}
    assert [each["name"] for each in bill["components"] if not each.get("licenses")] == []


def test_its_command_is_the_entry_of_the_package_and_its_licence_goes_with_it(image: Image) -> None:
    package = packages(image)["tweet-embed"]
    launcher = (image.root / "venv/bin/tweet-embed").read_text()

    assert image.config["Entrypoint"] == ["tweet-embed"]
    assert [(each.name, each.value) for each in package.entry_points] == [
        ("tweet-embed", "service.cli:main")
    ]
    assert "if __name__ == '__main__':" in launcher
    assert package.read_text("licenses/LICENSE") == (ROOT / "LICENSE").read_text()


def test_its_labels_say_licence_version_and_source(image: Image) -> None:
    labels = {
        name.removeprefix("org.opencontainers.image."): value
        for name, value in image.config["Labels"].items()
    }

    assert labels["licenses"] == "MIT"
    assert labels["version"] == __version__
    assert (labels["source"], labels["revision"]) == (SOURCE, REVISION)
    assert labels["base.name"] == BASE


def test_its_service_tells_the_commit_that_it_was_built_from(
    image: Image, data: Path, x: StandIn
) -> None:
    with running(image, SANDBOXES["compose"], data, x) as (_, port):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=180)
        connection.request("GET", "/version")
        told = json.loads(connection.getresponse().read())
        connection.close()

    assert told["commit"] == REVISION


def test_it_can_be_built_with_what_makes_spans(image: Image) -> None:
    traced = build(image.buildah, image.base, "traced", LOCK="requirements-otel.lock")
    held = {name: each.version for name, each in packages(traced).items()}

    assert held == locked(traced, "requirements-otel.lock") | {"tweet-embed": __version__}
    assert "opentelemetry-sdk" in held


def test_its_configuration_names_a_user_by_number_and_a_signal(image: Image) -> None:
    assert image.config["User"] == "65532:65532"
    assert signal.Signals[image.config["StopSignal"]] is signal.SIGTERM
    assert image.config["ExposedPorts"] == {"8080/tcp": {}}
    owned = [path for path in image.root.iterdir() if path.is_dir() and path.stat().st_uid == 65532]
    assert owned == [image.root / "data"]
