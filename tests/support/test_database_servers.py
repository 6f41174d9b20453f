"""The real servers that other tests ask for: what they keep, and that nothing of them is left."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from database_servers import NotStartedError, Server, running, temporary_folder
from sampling import sampled
from sqlalchemy import create_engine, text

ROOT = Path(__file__).resolve().parent.parent
WORDS = "المكتبة المتنقلة 🚌 – «é»"


@pytest.fixture(params=["postgresql", "mariadb"])
def server(request: pytest.FixtureRequest) -> Server:
    found: Server = request.getfixturevalue(request.param)
    return found


def driver_of(url: str) -> str:
    """Name the driver, as the command does for its users."""
    return url.replace("postgresql:", "postgresql+psycopg:").replace("mysql:", "mysql+pymysql:")


def test_what_is_written_comes_back(server: Server) -> None:
    engine = create_engine(driver_of(server.new_database()))
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE articles (id INTEGER PRIMARY KEY, body TEXT)"))
        connection.execute(text("INSERT INTO articles VALUES (1, :body)"), {"body": WORDS})
    with engine.connect() as connection:
        assert connection.execute(text("SELECT body FROM articles")).scalar_one() == WORDS
    engine.dispose()


def test_every_new_database_is_empty(server: Server) -> None:
    for _ in range(2):
        engine = create_engine(driver_of(server.new_database()))
        with engine.begin() as connection:
            connection.execute(text("CREATE TABLE articles (id INTEGER PRIMARY KEY)"))
        engine.dispose()


ENDING = """
import os, signal
from database_servers import start_{name}
with start_{name}() as server:
    print(server.process.pid, flush=True)
    {ending}
"""


ERROR, KILL = "1 / 0", "os.kill(os.getpid(), signal.SIGKILL)"


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that another user may reach, as PostgreSQL's does."""
    with temporary_folder("parts") as folder:
        folder.chmod(0o777)
        yield folder


@pytest.mark.parametrize(
    ("name", "ending"),
    sampled(
        [(name, ending) for name in ("postgresql", "mariadb") for ending in (ERROR, KILL)],
        ("postgresql", KILL),
        ("mariadb", ERROR),
    ),
)
def test_no_server_is_left_however_its_test_ends(
    name: str,
    ending: str,
    open_folder: Path,
    request: pytest.FixtureRequest,
) -> None:
    request.getfixturevalue(name)  # skips where it is not installed
    environment = os.environ | {
        "TMPDIR": str(open_folder),
        "PYTHONPATH": str(Path(__file__).parent),
    }
    program = ENDING.format(name=name, ending=ending)
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=False,
        env=environment,
    )

    assert done.returncode in {1, -9}, done.stderr
    assert done.stdout, done.stderr
    until = time.monotonic() + 180
    while _runs(int(done.stdout)):
        assert time.monotonic() < until
        time.sleep(0.02)
    if done.returncode == 1:
        assert not list(open_folder.iterdir())


def _runs(process: int) -> bool:
    """Return whether a process is there, and is more than a name that nobody has read yet."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_a_server_that_does_not_start_says_why(open_folder: Path) -> None:
    shout = ["sh", "-c", "echo the disk is on fire >&2; exit 3"]

    with (
        pytest.raises(NotStartedError, match=r"(?s)exit code 3.*the disk is on fire"),
        running(lambda _: shout, lambda _: False, open_folder / "log"),
    ):
        pass


def test_a_port_that_another_took_is_changed_for_the_next(open_folder: Path) -> None:
    ports: list[int] = []

    def command(port: int) -> list[str]:
        ports.append(port)
        return ["sh", "-c", "echo Address already in use; exit 1" if len(ports) < 3 else "sleep 60"]

    with running(command, lambda _: len(ports) == 3, open_folder / "log") as (process, port):
        assert port == ports[2]
    assert process.returncode is not None
