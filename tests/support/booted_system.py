"""A machine with systemd, booted on this one: Debian 13 in namespaces of its own, sharing the
network alone.

It wants root and a cgroup2 hierarchy (`/sys/fs/cgroup`, or `/sys/fs/cgroup/unified` beside the
older one).
"""

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from container_image import command

_BOOT = """
set -eu
root=$1
mount --make-rprivate /
mount --bind "$root" "$root"
mount -t proc proc "$root/proc"
mount -t sysfs -o ro sysfs "$root/sys"
mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup"
mount -t tmpfs -o mode=755 tmpfs "$root/run"
mount -t tmpfs tmpfs "$root/tmp"
mount -t tmpfs -o mode=755 tmpfs "$root/dev"
for device in null zero full random urandom tty; do
  touch "$root/dev/$device"
  mount --bind "/dev/$device" "$root/dev/$device"
done
mkdir "$root/dev/shm" "$root/dev/pts"
ln -s pts/ptmx "$root/dev/ptmx"
cd "$root"
pivot_root . mnt
exec chroot . sh -c 'umount -l /mnt && exec env -i container=test \\
  PATH=/usr/sbin:/usr/bin /lib/systemd/systemd --show-status=no'
"""


class Machine:
    """A booted system. `root` is its file system, `run` runs a command in it."""

    def __init__(self, root: Path, pid: int) -> None:
        """Hold what `booted` started; `pid` is its first process, as seen from here."""
        self.root = root
        self._pid = pid

    def run(self, *words: str) -> str:
        """Run a command in it; return what it prints. Fails where the command does."""
        return command(
            "nsenter",
            "--target",
            str(self._pid),
            "--mount",
            "--pid",
            "--uts",
            "--ipc",
            "--cgroup",
            "--root",
            *words,
        )

    def shows(self, unit: str, *names: str) -> dict[str, str]:
        """Return properties of a unit, as `systemctl show` tells them."""
        lines = self.run("systemctl", "show", unit, "--property", ",".join(names)).splitlines()
        return dict(line.split("=", 1) for line in lines)


@contextlib.contextmanager
def system(base: Path) -> Iterator[Path]:
    """Yield the root of a system to boot: the files of `base` with systemd put in. `base` itself
    stays as it is.
    """
    with tempfile.TemporaryDirectory(prefix="system-", ignore_cleanup_errors=True) as folder:
        upper, work, root = (Path(folder) / name for name in ("upper", "work", "root"))
        for each in (upper, work, root):
            each.mkdir()
        command(
            "mount",
            "-t",
            "overlay",
            "overlay",
            "-o",
            f"lowerdir={base},upperdir={upper},workdir={work}",
            root,
        )
        try:
            shutil.copy("/etc/resolv.conf", root / "etc/resolv.conf")
            retries = ["-o", "Acquire::Retries=5"]
            command("chroot", root, "apt-get", *retries, "update", "-qq")
            install = [
                "apt-get",
                *retries,
                "install",
                "-y",
                "-qq",
                "--no-install-recommends",
                "systemd",
                "dbus",
            ]
            command("chroot", root, "env", "DEBIAN_FRONTEND=noninteractive", *install)
            yield root
        finally:
            command("umount", "--lazy", root)


@contextlib.contextmanager
def booted(root: Path) -> Iterator[Machine]:
    """Boot a system; it is gone with all its processes afterwards."""
    hierarchy = next(
        (
            each
            for each in (Path("/sys/fs/cgroup"), Path("/sys/fs/cgroup/unified"))
            if (each / "cgroup.procs").exists()
        ),
        None,
    )
    if hierarchy is None:
        pytest.skip("wants a cgroup2 hierarchy")
    group = hierarchy / f"booted-{os.getpid()}"
    group.mkdir()
    namespaces = [
        *("setpriv", "--pdeathsig", "KILL"),  # gone with the tests, however they end
        "unshare",
        "--mount",
        "--pid",
        "--fork",
        "--kill-child",
        "--cgroup",
        "--uts",
        "--ipc",
    ]
    enter = 'echo $$ > "$0/cgroup.procs" && exec "$@"'
    process = subprocess.Popen(
        ["sh", "-c", enter, str(group), *namespaces, "sh", "-c", _BOOT, "sh", str(root)],  # noqa: S607
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        machine = Machine(root, _first_process(process))
        _await_bus(machine)
        yield machine
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait(180)
        _remove(group)


def _first_process(unshare: "subprocess.Popen[bytes]") -> int:
    """Return the process that unshare forked, once it is systemd."""
    until = time.monotonic() + 180
    while time.monotonic() < until and unshare.poll() is None:
        children = Path(f"/proc/{unshare.pid}/task/{unshare.pid}/children").read_text().split()
        for child in children:
            if Path(f"/proc/{child}/comm").read_text().strip() == "systemd":
                return int(child)
        time.sleep(0.05)
    pytest.fail("the system did not boot")


def _await_bus(machine: Machine) -> None:
    until = time.monotonic() + 180
    while not (Path(f"/proc/{machine._pid}/root") / "run/dbus/system_bus_socket").exists():  # noqa: SLF001
        if time.monotonic() > until:
            pytest.fail("the system's bus did not come up")
        time.sleep(0.05)


def _remove(group: Path) -> None:
    """Remove a cgroup and those below it, when its last process has gone."""
    until = time.monotonic() + 180
    while group.exists() and time.monotonic() < until:
        for folder, _, _ in os.walk(group, topdown=False):
            with contextlib.suppress(OSError):
                os.rmdir(folder)  # noqa: PTH106 - as os.walk gives it
        time.sleep(0.05)
