"""Real database servers for tests: PostgreSQL and MariaDB, each in a folder of its own, on a free
port of this machine.

    def test_something(postgresql: Server) -> None:
        url = postgresql.new_database()

A server is started when the first test of a process asks for it, and ended, by its own process id,
after the last one; if this process is killed, the kernel ends it. Nothing of it is left, and
Debian's own services are neither needed nor touched. Durability is as each comes: what is committed
survives a kill.
"""

import contextlib
import itertools
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import pymysql
import pytest
from ports import HOST, free_port
from sqlalchemy import URL

START_S = 300.0  # on a loaded machine; usually it takes one
STOP_S = 60.0
PORTS = 5
"""How many ports are tried: another process may take a free one before the server does."""


class NotStartedError(Exception):
    """A server ended, or was not ready in time; the message holds the end of its log."""


@dataclass
class Server:
    """A running database server: `url` of its administrator, without a password. A test that
    started it may signal its `process`.
    """

    url: URL
    process: subprocess.Popen[bytes]
    execute: Callable[[str], None]
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def new_database(self) -> str:
        """Make an empty database in UTF-8, and give its URL."""
        name = f"test_{next(self._numbers)}"
        self.execute(f"CREATE DATABASE {name}")
        return self.url.set(database=name).render_as_string(hide_password=False)


@contextlib.contextmanager
def temporary_folder(name: str, owner: int | None = None) -> Iterator[Path]:
    """Make a folder, of user `owner` if one is given; gone at the end. Not pytest's: it lies where
    only this user may go.
    """
    folder = Path(tempfile.mkdtemp(prefix=f"{name}-"))
    try:
        if owner is not None:
            os.chown(folder, owner, -1)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def running(
    command: Callable[[int], list[str]],
    is_ready: Callable[[int], bool],
    log: Path,
    *,
    ends_at: signal.Signals = signal.SIGTERM,
    environment: dict[str, str] | None = None,
) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """Run `command(port)` until the end of the block: its process, and the port it listens at.

    Raises:
        NotStartedError: it ended, or was not ready in time.

    """
    for left in reversed(range(PORTS)):
        port = free_port()
        # With it die the children of its own group; and it dies with this process, however that
        # ends.
        dying = ["setpriv", "--pdeathsig", "KILL", *command(port)]
        with log.open("wb") as file:
            process = subprocess.Popen(
                dying,
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=file,
                start_new_session=True,
                env=os.environ | (environment or {}),
            )
        try:
            if _comes_up(process, lambda: is_ready(port)):  # noqa: B023 - called now
                yield process, port
                return
            if not left or b"in use" not in log.read_bytes():
                told = (
                    f"{command(port)[0]}: exit code"
                    f" {process.poll()}\n{log.read_text(errors='replace')[-2000:]}"
                )
                raise NotStartedError(told)
        finally:
            _end(process, ends_at)


def _comes_up(process: subprocess.Popen[bytes], is_ready: Callable[[], bool]) -> bool:
    until = time.monotonic() + START_S
    while time.monotonic() < until and process.poll() is None:
        if is_ready():
            return process.poll() is None
        time.sleep(0.02)
    return False


def _end(process: subprocess.Popen[bytes], ends_at: signal.Signals) -> None:
    for how in (ends_at, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, how)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(STOP_S)
            return


def program(name: str, package: str, *, at: str = "") -> str:
    """Find a program, in the folders of `at` first. The test skips without it, and says which
    Debian package to install.
    """
    found = shutil.which(
        name,
        path=os.pathsep.join([at, os.environ.get("PATH", os.defpath), "/usr/sbin"]),
    )
    if found is None or shutil.which("setpriv") is None:
        pytest.skip(f"no {name}: apt-get install {package}")
    return found


def prepare(command: list[str]) -> None:
    """Run a command that prepares something; `NotStartedError` with what it said if it fails."""
    done = subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=START_S,
    )
    if done.returncode:
        message = f"{command}: exit code {done.returncode}\n{(done.stdout + done.stderr)[-2000:]}"
        raise NotStartedError(message)


@contextlib.contextmanager
def start_postgresql() -> Iterator[Server]:
    """Run a PostgreSQL server; its administrator is `postgres`."""
    newest = os.pathsep.join(
        str(each)
        for each in sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=_version, reverse=True)
    )
    postgres, initdb = (program(name, "postgresql", at=newest) for name in ("postgres", "initdb"))
    nobody, as_nobody = None, []
    if os.geteuid() == 0:  # it refuses to be run by root
        nobody, as_nobody = 65534, ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
    with temporary_folder("postgresql", nobody) as folder:
        data = str(folder / "data")
        prepare(
            [
                *as_nobody,
                initdb,
                "-D",
                data,
                "-U",
                "postgres",
                "-A",
                "trust",
                "-E",
                "UTF8",
                "--locale=C.UTF-8",
                "--no-sync",
            ],
        )
        url = URL.create("postgresql", "postgres", host=HOST, database="postgres")

        def execute(port: int, sql: str) -> None:
            # By the socket in its own folder: behind a port there may be another.
            with psycopg.connect(
                host=str(folder),
                port=port,
                user="postgres",
                dbname="postgres",
                autocommit=True,
            ) as connection:
                connection.execute(sql.encode())

        def command(port: int) -> list[str]:
            options = ["-c", f"listen_addresses={HOST}", "-c", f"unix_socket_directories={folder}"]
            return [*as_nobody[1:], postgres, "-D", data, "-p", str(port), *options]

        # SIGINT is its fast shutdown: it does not wait for who is still connected.
        with running(
            command,
            lambda port: _answers(execute, port),
            folder / "log",
            ends_at=signal.SIGINT,
        ) as (process, port):
            yield Server(url.set(port=port), process, lambda sql: execute(port, sql))


def _version(path: Path) -> int:
    return int(path.parent.name) if path.parent.name.isdecimal() else 0


@contextlib.contextmanager
def start_mariadb() -> Iterator[Server]:
    """Run a MariaDB server; its administrator is `root`."""
    mariadbd, install = (
        program(name, "mariadb-server") for name in ("mariadbd", "mariadb-install-db")
    )
    as_root = ["--user=root"] if os.geteuid() == 0 else []
    with temporary_folder("mariadb") as folder:
        # In a folder that they share, a server that starts sweeps away the temporary tables of
        # another.
        places = [f"--datadir={folder / 'data'}", f"--tmpdir={folder}"]
        prepare(
            [
                install,
                "--no-defaults",
                *places,
                "--auth-root-authentication-method=normal",
                "--skip-test-db",
                *as_root,
            ],
        )
        url = URL.create("mysql", "root", host=HOST)

        def execute(_port: int, sql: str) -> None:
            # The socket is ours: pymysql leaves its own open where nobody answers.
            with socket.socket(socket.AF_UNIX) as way:
                way.connect(str(folder / "socket"))
                connection = pymysql.Connection(user="root", autocommit=True, defer_connect=True)
                connection.connect(way)
                connection.cursor().execute(sql)
                connection.close()

        def command(port: int) -> list[str]:
            # The character set is Debian's own choice, which --no-defaults leaves out.
            options = [
                f"--socket={folder / 'socket'}",
                f"--bind-address={HOST}",
                "--character-set-server=utf8mb4",
            ]
            return [mariadbd, "--no-defaults", *places, f"--port={port}", *options, *as_root]

        with running(command, lambda port: _answers(execute, port), folder / "log") as (
            process,
            port,
        ):
            yield Server(url.set(port=port), process, lambda sql: execute(port, sql))


def _answers(execute: Callable[[int, str], None], port: int) -> bool:
    with contextlib.suppress(OSError, psycopg.Error, pymysql.Error):
        execute(port, "SELECT 1")
        return True
    return False


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Server]:
    with start_postgresql() as server:
        yield server


@pytest.fixture(scope="session")
def mariadb() -> Iterator[Server]:
    with start_mariadb() as server:
        yield server
