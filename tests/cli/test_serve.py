"""The service as an operator runs it: a process with a socket, told to stop by a signal."""

import http.client
import json
import os
import resource
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from ports import free_port
from rest import DEMO
from served import RECORDED, await_listening, await_running, connect, serving, starting

from service.cli.support.loopback import ask

TWEET = "https://x.com/demo_harbour/status/2034906551094185985"
HEAD = "POST /v1/resolve HTTP/1.1\r\nHost: service.test\r\nContent-Type: application/json\r\n"
LIMIT = 2 * 1024 * 1024


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with serving(**RECORDED) as (port, _):
        yield port


def answer_to(connection: socket.socket) -> http.client.HTTPResponse:
    response = http.client.HTTPResponse(connection, method="POST")
    response.begin()
    return response


def post(port: int, body: bytes, *, chunked: bool = False) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=180)
    try:
        pieces = [body[at : at + 5] for at in range(0, len(body), 5)]
        connection.request(
            "POST",
            "/v1/resolve",
            iter(pieces) if chunked else body,
            {"Content-Type": "application/json"},
            encode_chunked=chunked,
        )
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


@pytest.mark.parametrize("chunked", [False, True])
def test_an_article_goes_over_a_socket(port: int, chunked: bool) -> None:  # noqa: FBT001
    status, body = post(
        port,
        json.dumps({"content": f"سلام\r\n\r\n{TWEET}"}, ensure_ascii=False).encode(),
        chunked=chunked,
    )

    assert (status, json.loads(body)["embeds"][0]["state"]) == (200, "embedded")


def test_a_caller_who_sends_all_of_3_mb_first_still_reads_the_413(port: int) -> None:
    status, body = post(port, json.dumps({"content": "a" * 3_000_000}).encode())

    assert (status, json.loads(body)["code"]) == (413, "too_large")


def test_a_length_over_the_limit_is_refused_before_a_byte_arrives(port: int) -> None:
    with connect(port) as connection:
        connection.sendall(f"{HEAD}Content-Length: 200000000\r\n\r\n".encode())
        response = answer_to(connection)

        assert (response.status, response.headers["connection"]) == (413, "close")
        assert json.loads(response.read())["code"] == "too_large"


def test_who_asks_first_is_told_without_sending(port: int) -> None:
    with connect(port) as connection:
        connection.sendall(
            f"{HEAD}Content-Length: 200000000\r\nExpect: 100-continue\r\n\r\n".encode(),
        )
        response = answer_to(connection)
        response.read()

        assert response.status == 413
        assert connection.recv(1) == b""


def test_a_chunked_body_is_refused_while_it_arrives(port: int) -> None:
    sent, piece = 0, b"10000\r\n" + b" " * 65536 + b"\r\n"
    with connect(port) as connection:
        connection.sendall(f"{HEAD}Transfer-Encoding: chunked\r\n\r\n".encode())
        while sent <= LIMIT:
            connection.sendall(piece)
            sent += 65536
        response = answer_to(connection)  # though the body has not come to its end

        assert response.status == 413
        # which send meets the closed connection is the kernel's affair
        with pytest.raises(OSError, match=r"reset|pipe|closed"):  # noqa: PT012
            while sent < 200_000_000:
                connection.sendall(piece)
                sent += 65536
        assert sent < 50_000_000  # what the kernel's buffers take is no work of the service


def test_healthcheck_finds_it_alive(port: int) -> None:
    # as in the container
    environment = os.environ | {"TWEET_EMBED_HOST": "0.0.0.0", "TWEET_EMBED_PORT": str(port)}  # noqa: S104
    done = subprocess.run(
        [sys.executable, "-m", "service", "healthcheck"],
        env=environment,
        cwd=DEMO.parent.parent,
        capture_output=True,
        check=False,
    )

    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


def test_sigterm_ends_it_and_its_log_tells_no_article() -> None:
    with serving("--workers", "1", **RECORDED, TWEET_EMBED_LOG_LEVEL="debug") as (port, process):
        assert (
            post(
                port,
                json.dumps(
                    {"content": f"secret words {TWEET} and https://t.co/Rk2Ys9Mf4A"},
                ).encode(),
            )[0]
            == 200
        )
        process.send_signal(signal.SIGTERM)
        out, log = process.communicate(timeout=180)

    assert process.returncode in {0, -signal.SIGTERM}
    assert out == ""
    assert "Finished server process" in log
    assert "secret" not in log
    for line in log.splitlines():
        assert {"timestamp", "level", "logger", "event"} <= json.loads(line).keys()


def test_two_workers_answer_and_end_together() -> None:
    with serving("--workers", "2", **RECORDED) as (port, process):
        assert post(port, b'{"content": "a"}')[0] == 200
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=180)

    with pytest.raises(ConnectionRefusedError):
        connect(port)


@pytest.mark.long
def test_a_worker_that_cannot_start_ends_it_with_1(tmp_path: Path) -> None:
    (tmp_path / "broken.py").write_text(
        "async def app(scope, receive, send):\n"
        "    await receive()\n"
        "    await send({'type': 'lifespan.startup.failed', 'message': 'broken'})\n"
    )
    (tmp_path / "run.py").write_text(
        "import uvicorn\n"
        "from service.cli.commands.serve import _run_workers, listen\n"
        "if __name__ == '__main__':\n"
        "    _run_workers(uvicorn.Config('broken:app', workers=2), listen('127.0.0.1', 0), '')\n"
    )
    done = subprocess.run(
        [sys.executable, str(tmp_path / "run.py")],
        env=os.environ | {"PYTHONPATH": f"{tmp_path}{os.pathsep}{DEMO.parent.parent}"},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )

    assert done.returncode == 1
    assert "a worker cannot start" in done.stderr


@pytest.mark.parametrize("command", ["serve", "demo"])
def test_a_port_that_is_taken_is_told(command: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = subprocess.run(
            [sys.executable, "-m", "service", command, "--port", port],
            cwd=DEMO.parent.parent,
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )

    assert done.returncode == 2
    told = done.stderr.splitlines()[-1]
    assert told == f"tweet-embed: cannot listen at 127.0.0.1, port {port}: Address already in use"


def test_a_flag_overrides_a_wrong_variable() -> None:
    wrong = {"TWEET_EMBED_WORKERS": "many", "TWEET_EMBED_PORT": "x"}
    with serving("--workers", "1", **RECORDED, **wrong) as (port, _):
        assert ask("127.0.0.1", port, "GET", "/livez", timeout_s=180)[0] == 200


def test_it_takes_all_the_open_files_that_it_may_have() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (256, hard))
    try:
        with serving(**RECORDED) as (_, process):
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
            limits = Path(f"/proc/{process.pid}/limits").read_text()
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))

    (line,) = (line for line in limits.splitlines() if line.startswith("Max open files"))
    assert int(line.split()[3]) == min(hard, 65_536)


def test_two_workers_serve() -> None:
    with serving("--workers", "2", **RECORDED) as (port, process):
        for _ in range(4):
            assert ask("127.0.0.1", port, "GET", "/livez", timeout_s=180)[0] == 200
        process.terminate()
        assert process.wait(180) in {0, -15}


# --- settings and keys ---


def refusal(wrong: dict[str, str]) -> list[str]:
    """Serve with wrong settings; return the lines in which it refuses."""
    done = subprocess.run(
        [sys.executable, "-m", "service", "serve"],
        env=os.environ | {"TWEET_EMBED_PORT": "0"} | wrong,
        cwd=DEMO.parent.parent,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 2
    return done.stderr.splitlines()


def test_every_wrong_setting_is_told_at_once() -> None:
    wrong = {"TWEET_EMBED_PORT": "x", "TWEET_EMBED_WORKERS": "many", "TWEET_EMBED_PROT": "1"}

    assert [line.split(":")[1].strip() for line in refusal(wrong)] == sorted(wrong)


def test_wrong_files_are_told_at_once_too(tmp_path: Path) -> None:
    keys, store = tmp_path / "keys", tmp_path / "store"
    keys.write_text("cms short\ncms a-key-of-mine nobody\n")
    store.mkdir()
    wrong = {"TWEET_EMBED_API_KEYS_FILE": str(keys), "TWEET_EMBED_CACHE_PATH": str(store)}
    lines = refusal(wrong)

    told = [line.removeprefix("tweet-embed: ").split(":")[0] for line in lines]
    assert told == ["TWEET_EMBED_API_KEYS_FILE"] * 2 + ["TWEET_EMBED_CACHE_PATH"]
    assert "a-key-of-mine" not in "".join(lines)


def children_of(pid: int) -> set[int]:
    """Return the processes that a process started by multiprocessing, by what runs them."""
    found = set()
    for each in Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split():
        if b"spawn_main" in Path(f"/proc/{each}/cmdline").read_bytes():
            found.add(int(each))
    return found


@pytest.mark.parametrize("workers", ["1", "2"])
def test_keys_are_read_again_on_sighup(tmp_path: Path, workers: str) -> None:
    keys = tmp_path / "keys"
    keys.write_text("cms old-key-1\n")
    body = b'{"content": "a"}'
    settings = RECORDED | {"TWEET_EMBED_API_KEYS_FILE": str(keys)}
    with serving("--workers", workers, **settings) as (port, process):

        def statuses(key: str) -> set[int]:
            """Ask several times, so that each worker answers."""
            headers = {"Content-Type": "application/json", "Authorization": f"Bearer {key}"}
            found = set()
            for _ in range(8 * int(workers)):
                connection = http.client.HTTPConnection("127.0.0.1", port, timeout=180)
                connection.request("POST", "/v1/detect", body, headers)
                found.add(connection.getresponse().status)
                connection.close()
            return found

        def await_statuses(key: str, wanted: int) -> None:
            """Wait: where one worker answers all, the other may still have to read the file."""
            until = time.monotonic() + 180
            while statuses(key) != {wanted}:
                assert time.monotonic() < until
                time.sleep(0.05)

        assert (statuses("old-key-1"), statuses("new-key-1")) == ({200}, {401})
        before = children_of(process.pid)
        keys.write_text("cms new-key-1\n")
        process.send_signal(signal.SIGHUP)
        await_statuses("new-key-1", 200)
        await_statuses("old-key-1", 401)

        keys.write_text("cms\n")  # is wrong, and changes nothing
        process.send_signal(signal.SIGHUP)
        time.sleep(0.2)
        keys.write_text("cms new-key-1\ncms2 newest-key\n")
        process.send_signal(signal.SIGHUP)
        await_statuses("newest-key", 200)
        assert statuses("new-key-1") == {200}
        assert children_of(process.pid) == before


def test_sighup_without_a_file_of_keys_ends_nothing() -> None:
    with serving(**RECORDED) as (port, process):
        process.send_signal(signal.SIGHUP)
        for _ in range(3):
            assert ask("127.0.0.1", port, "GET", "/livez", timeout_s=180)[0] == 200


# The second is longer than uvicorn waits for a word of a process.
@pytest.mark.parametrize("seconds", [1.5, pytest.param(8.0, marks=pytest.mark.long)])
def test_a_worker_that_is_slow_to_start_is_waited_for(seconds: float) -> None:
    port = free_port()
    with starting("--workers", "2", "--port", str(port), **RECORDED) as process:
        until = time.monotonic() + 180
        while len(before := children_of(process.pid)) < 2:
            assert time.monotonic() < until
        slow = max(before)
        assert process.stderr is not None
        os.kill(slow, signal.SIGSTOP)
        try:
            await_listening(port)
            time.sleep(seconds)
            told = os.read(process.stderr.fileno(), 65_536)
        finally:
            os.kill(slow, signal.SIGCONT)
        assert b"running on" not in told
        assert await_running(process) == port
        assert children_of(process.pid) == before
        assert ask("127.0.0.1", port, "GET", "/livez", timeout_s=180)[0] == 200


def test_no_target_of_a_request_line_passes_the_key() -> None:
    targets = ["/v1/tweets/20", "//v1/tweets/20", "/v1//tweets/20", "/livez/../v1/tweets/20"]
    targets += ["/v1/tweets/%32%30", "/V1/tweets/20", "/v1/tweets/20/", "/v1%2ftweets%2f20"]
    targets += ["http://a/v1/tweets/20", "http://127.0.0.1/v1/tweets/20", "/v1\\tweets\\20", "*"]
    targets += ["/v1/tweets/20?key=an-admin-key", "/v1/tweets/20#", "/v1/tweets/20;a", "a:1"]
    with serving(**RECORDED, TWEET_EMBED_API_KEYS="an-admin-key") as (port, _):
        statuses = {}
        for target in targets:
            for method in ("GET", "DELETE"):
                with connect(port) as connection:
                    connection.sendall(f"{method} {target} HTTP/1.1\r\nHost: a\r\n\r\n".encode())
                    statuses[method, target] = answer_to(connection).status

    assert statuses["GET", "/v1/tweets/20"] == statuses["DELETE", "/v1/tweets/%32%30"] == 401
    assert set(statuses.values()) <= {400, 401, 404, 405}


@pytest.mark.parametrize(("host", "is_warned"), [("127.0.0.1", False), ("0.0.0.0", True)])  # noqa: S104
def test_listening_to_the_world_without_keys_is_warned_of(
    host: str,
    is_warned: bool,  # noqa: FBT001
) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "service", "serve", "--host", host, "--port", "0"],
        env=os.environ | RECORDED,
        cwd=DEMO.parent.parent,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    lines = []
    for line in process.stderr:
        lines.append(line)
        if "running on" in line:
            break
    process.terminate()
    process.communicate(timeout=180)

    assert any("without keys" in line for line in lines) is is_warned


def refused(environment: dict[str, str]) -> list[str]:
    """Return the lines by which `serve` refuses to start."""
    done = subprocess.run(
        [sys.executable, "-m", "service", "serve"],
        env={name: each for name, each in os.environ.items() if "proxy" not in name.lower()}
        | {"TWEET_EMBED_PORT": "0", "TWEET_EMBED_CACHE_PATH": ":memory:"}
        | environment,
        cwd=DEMO.parent.parent,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert (done.returncode, done.stdout) == (2, "")
    return done.stderr.splitlines()


def test_all_that_is_wrong_is_told_at_once(tmp_path: Path) -> None:
    (no_store := tmp_path / "article.html").write_text("<p>An article of ours.</p>")
    network = {
        "HTTPS_PROXY": "http://u:secret@:8080",
        "SSL_CERT_FILE": str(no_store),
        "TWEET_EMBED_CACHE_PATH": str(no_store),
    }
    at_start = refused(network | {"TWEET_EMBED_API_KEYS_FILE": str(tmp_path / "none")})

    assert [line.split(":")[1].strip() for line in at_start] == [
        "TWEET_EMBED_API_KEYS_FILE",
        "HTTPS_PROXY",
        "SSL_CERT_FILE",
        "TWEET_EMBED_CACHE_PATH",
    ]
    assert "secret" not in "".join(at_start)
    assert [
        line.split(":")[1].strip() for line in refused(network | {"TWEET_EMBED_PORT": "x"})
    ] == [
        "TWEET_EMBED_PORT",
        "HTTPS_PROXY",
        "SSL_CERT_FILE",
    ]
