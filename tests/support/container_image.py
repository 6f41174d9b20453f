"""The container image, built and run without an engine.

debootstrap makes a base: Debian 13 with its Python 3.13, as `python:3.13-slim` is Debian 13 with
a Python 3.13 of its own. buildah builds the Dockerfile as it stands on it, and runc runs what
came out, in the network of this machine.
"""

import json
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import pytest

ROOT = Path(__file__).resolve().parents[2]
BASE = "docker.io/library/python:3.13-slim"
PACKAGES = {"debootstrap": "debootstrap", "buildah": "buildah", "runc": "runc"}
SOURCE, REVISION = "https://git.example/tweet-embed", "0123456789abcdef0123456789abcdef01234567"
STOPPED_WITHIN_S = 8.0


def command(*words: str | Path) -> str:
    """Run a command and return what it prints. Fails with what it said last."""
    done = subprocess.run([*map(str, words)], capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.fail(
            f"{' '.join(map(str, words))}: exit "
            f"{done.returncode}\n{(done.stdout + done.stderr)[-3000:]}"
        )
    return done.stdout


@dataclass(frozen=True)
class Image:
    """A built image: where its files lie, the files it was built on, and what its configuration
    says.
    """

    root: Path
    base: Path
    config: dict[str, Any]
    buildah: tuple[str, ...]  # the command, with the storage that the image lies in

    @property
    def environment(self) -> dict[str, str]:
        """What the image itself sets."""
        return dict(each.split("=", 1) for each in self.config["Env"])


@contextmanager
def built_image(**arguments: str) -> Iterator[Image]:
    """Build the repository's Dockerfile, with build arguments; the files are gone afterwards.

    `IMAGE_BASE`, a folder that debootstrap made earlier, saves making it again.
    """
    missing = [package for tool, package in PACKAGES.items() if shutil.which(tool) is None]
    if missing or os.geteuid() != 0:
        pytest.skip(f"wants root and the Debian packages {', '.join(missing or PACKAGES.values())}")
    with tempfile.TemporaryDirectory(
        prefix="image-", ignore_cleanup_errors=True, dir=_roomy_memory()
    ) as folder:
        buildah = ("buildah", "--root", f"{folder}/storage", "--runroot", f"{folder}/run")
        base = Path(os.environ.get("IMAGE_BASE") or f"{folder}/base")
        try:
            _make_base(buildah, base)
            yield build(buildah, base, "tweet-embed", **arguments)
        finally:
            subprocess.run([*buildah, "rm", "--all"], capture_output=True, check=False)


def build(buildah: tuple[str, ...], base: Path, name: str, **arguments: str) -> Image:
    """Build the repository's Dockerfile in a storage that holds the base; return it by its name."""
    command(
        *(*buildah, "bud", "--isolation", "chroot", "--format", "docker"),
        *("--pull-never", "--tag", name),
        # the authorities that this machine trusts
        *("--volume", "/etc/ssl/certs:/etc/ssl/certs:ro"),
        *(
            word
            for argument, value in arguments.items()
            for word in ("--build-arg", f"{argument}={value}")
        ),
        ROOT,
    )
    container = command(*buildah, "from", "--pull-never", name).strip()
    root = Path(command(*buildah, "mount", container).strip())
    inspected = json.loads(command(*buildah, "inspect", "--type", "image", name))
    return Image(root, base, inspected["Docker"]["config"], buildah)


def _roomy_memory() -> str | None:
    """Return a folder in memory, where there is enough: a gigabyte of small files is slow to write.

    None: the usual temporary folder.
    """
    memory = Path("/dev/shm")  # noqa: S108 - a folder of its own is made in it
    return str(memory) if memory.exists() and shutil.disk_usage(memory).free > 4 * 1024**3 else None


def _make_base(buildah: Sequence[str], folder: Path) -> None:
    if not folder.exists():
        words = [
            "debootstrap",
            "--variant=minbase",
            "--include=ca-certificates,python3-venv,python-is-python3",
            "trixie",
            str(folder),
        ]
        # A file that does not come through ends it; what came is not fetched a second time.
        first = subprocess.run(words, capture_output=True, check=False)
        if first.returncode:
            command(*words)
    if not (folder / "usr/local/bin/pip").exists():
        _add_pip(folder)
    container = command(*buildah, "from", "scratch").strip()
    command(*buildah, "add", "--quiet", container, folder, "/")
    command(
        *buildah,
        "config",
        "--env",
        "PATH=/usr/local/bin:/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin",
        container,
    )
    command(*buildah, "commit", "--quiet", container, BASE)
    command(*buildah, "rm", container)


def _add_pip(folder: Path) -> None:
    """Put pip where `python:3.13-slim` has it: in /usr/local, which pip is installed to there, and
    in `ensurepip`, which could install it (https://github.com/docker-library/python).
    """
    command("chroot", folder, "python3", "-m", "venv", "/opt/with-pip")
    made, library = folder / "opt/with-pip", folder / "usr/local/lib/python3.13"
    for path in made.glob("lib/python3.13/site-packages/pip*"):
        shutil.copytree(path, library / "site-packages" / path.name)
    for path in made.glob("bin/pip*"):
        shutil.copy(path, folder / "usr/local/bin")
    shutil.copytree(folder / "usr/lib/python3.13/ensurepip", library / "ensurepip")
    shutil.rmtree(made)


@pytest.fixture(scope="session")
def image() -> Iterator[Image]:
    """Yield the image, built once, with labels of its own."""
    with built_image(SOURCE=SOURCE, REVISION=REVISION) as built:
        yield built


@dataclass(frozen=True)
class Sandbox:
    """What an orchestrator lets a container do and see."""

    read_only: bool
    no_new_privileges: bool
    capabilities: tuple[str, ...]
    tmpfs: Mapping[str, str]  # path -> mount options
    memory_bytes: int
    user: tuple[int, int] | None = None  # None: the image's own
    environment: Mapping[str, str] = field(default_factory=dict)


class Container:
    """A container of the image under runc, with a folder as its volume `/data`."""

    def __init__(
        self,
        image: Image,
        sandbox: Sandbox,
        data: Path,
        environment: Mapping[str, str],
        arguments: Sequence[str] = (),
    ) -> None:
        """Prepare it. `environment` is added to the image's and the sandbox's; `arguments`
        replace the image's CMD.
        """
        self._image = image
        self._bundle = Path(tempfile.mkdtemp(prefix="bundle-"))
        self._runc = ["runc", "--root", str(self._bundle / "state")]
        self.name = self._bundle.name
        self.log = self._bundle / "log"
        user, _, group = image.config["User"].partition(":")
        uid, gid = sandbox.user or (int(user), int(group))
        os.chown(data, uid, gid)

        command("runc", "spec", "--bundle", self._bundle)
        spec = json.loads((self._bundle / "config.json").read_text())
        spec["root"] = {"path": str(image.root), "readonly": sandbox.read_only}
        spec["process"] |= {
            "terminal": False,
            "user": {"uid": uid, "gid": gid},
            "args": [*image.config["Entrypoint"], *(arguments or image.config["Cmd"])],
            "cwd": image.config["WorkingDir"],
            "env": [
                f"{name}={value}"
                for name, value in (
                    image.environment | dict(sandbox.environment) | dict(environment)
                ).items()
            ],
            "capabilities": {
                kind: list(sandbox.capabilities) for kind in spec["process"]["capabilities"]
            },
            "noNewPrivileges": sandbox.no_new_privileges,
        }
        spec["mounts"] += [
            {
                "destination": "/data",
                "type": "bind",
                "source": str(data),
                "options": ["rbind", "rw"],
            }
        ]
        for path, options in sandbox.tmpfs.items():
            mount = {
                "destination": path,
                "type": "tmpfs",
                "source": "tmpfs",
                "options": ["nosuid", "nodev", *options.split(",")],
            }
            spec["mounts"].append(mount)
        spec["linux"]["namespaces"] = [
            each for each in spec["linux"]["namespaces"] if each["type"] != "network"
        ]
        spec["linux"]["resources"] = {"memory": {"limit": sandbox.memory_bytes}}
        (self._bundle / "config.json").write_text(json.dumps(spec))

    def run(self) -> tuple[int, str]:
        """Run it to its end; return the exit code and what it said."""
        with self:
            return self.wait(120), self.log.read_text()

    def __enter__(self) -> Self:
        """Start it."""
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(
                [*self._runc, "run", "--bundle", str(self._bundle), self.name],
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
            )
        return self

    def __exit__(self, *_: object) -> None:
        """Stop it, whatever it does, and remove what it left."""
        subprocess.run(
            [*self._runc, "delete", "--force", self.name], capture_output=True, check=False
        )
        self._process.wait(180)
        shutil.rmtree(self._bundle, ignore_errors=True)

    def send(self, signal: str) -> None:
        """Send a signal to the container's first process, as `docker stop` and a kubelet do."""
        command(*self._runc, "kill", self.name, signal)

    def wait(self, timeout_s: float) -> int:
        """Wait for the end and return the exit code."""
        return self._process.wait(timeout_s)

    def execute(self, *words: str) -> int:
        """Run a further command in it and return its exit code."""
        return subprocess.run(
            [*self._runc, "exec", self.name, *words], capture_output=True, check=False
        ).returncode

    def status(self) -> dict[str, str]:
        """What the kernel says of its first process: `/proc/PID/status`."""
        pid = json.loads(command(*self._runc, "state", self.name))["pid"]
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
        return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}

    def await_log(self, text: str, times: int = 1, timeout_s: float = 60) -> None:
        """Wait until the log holds a text so many times."""
        until = time.monotonic() + timeout_s
        while self.log.read_text().count(text) < times:
            if self._process.poll() is not None or time.monotonic() > until:
                pytest.fail(f"{text!r} was not said {times} times:\n{self.log.read_text()[-3000:]}")
            time.sleep(0.05)
