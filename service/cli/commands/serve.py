"""`tweet-embed serve`: the REST door under uvicorn."""

import asyncio
import logging
import logging.config
import os
import resource
import signal
import socket
from typing import TYPE_CHECKING, Annotated, Any

import typer

from service.cli.support.io import stop
from service.cli.support.logging import log_config
from service.exit_codes import FAILED, USAGE
from service.settings import PREFIX, Settings, SettingsError

if TYPE_CHECKING:
    import uvicorn

KEEP_ALIVE_S = 5
UNREAD_PART = 3
"""An answer may lie unread for so many times as long as a head may take to arrive."""
MOST_FILES = 65_536
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
_log = logging.getLogger("tweet_embed.serve")
GRACE_S = 6
"""After SIGTERM: how long requests under way may take. Longer than any deadline would hold up a
restart.
"""


def serve(
    host: Annotated[
        str | None,
        typer.Option(help="Address to listen at, instead of TWEET_EMBED_HOST.", show_default=False),
    ] = None,
    port: Annotated[
        int | None,
        typer.Option(
            min=0,
            max=65535,
            help="Port to listen at, instead of TWEET_EMBED_PORT.",
            show_default=False,
        ),
    ] = None,
    workers: Annotated[
        int | None,
        typer.Option(
            min=1,
            max=256,
            help="Server processes, instead of TWEET_EMBED_WORKERS.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Run the service until it is told to stop. Every setting is an environment variable;
    `tweet-embed config show` lists them.
    """
    import uvicorn

    from service.cli.support.server import Server

    # Whoever wants the keys read again must not end what is not there yet.
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    # Several workers count in a folder of their own, one alone in its memory. Prometheus' client
    # decides by this when it is imported.
    for name in ("PROMETHEUS_MULTIPROC_DIR", "prometheus_multiproc_dir"):
        os.environ.pop(name, None)
    given = {"HOST": host, "PORT": port, "WORKERS": workers}
    # Server processes read their settings from the environment.
    os.environ.update(
        {PREFIX + name: str(value) for name, value in given.items() if value is not None},
    )
    settings = _read_settings()
    try:
        logging.config.dictConfig(log_config(settings))
        has_keys = _try(settings)
    except SettingsError as error:
        stop(USAGE, str(error))
    if not has_keys and settings.host not in _LOOPBACK:
        _log.warning("listening at %s without keys: whoever reaches it can use it", settings.host)
    _allow_open_files()
    listener = listen(settings.host, settings.port)
    if hasattr(socket, "TCP_USER_TIMEOUT"):
        # Connections inherit it: the kernel, which holds what was written, hangs up on who takes
        # nothing of it for so many milliseconds (tcp(7)). uvicorn would wait for ever.
        patience_ms = settings.read_timeout * UNREAD_PART * 1000
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, patience_ms)
    options = uvicorn.Config(f"{__name__}:open_app", factory=True, **server_options(settings))
    shown = f"[{settings.host}]" if ":" in settings.host else settings.host
    where = f"http://{shown}:{listener.getsockname()[1]}"

    if settings.workers > 1:
        _run_workers(options, listener, where)
        return
    server = Server(options, where)
    server.run(sockets=[listener])
    if not server.started:
        raise typer.Exit(FAILED)


def _read_settings() -> Settings:
    """Read the settings; end the command with a line for each that is wrong, of the environment's
    proxy and certificates too.
    """
    from service.app import wrong_environment

    try:
        return Settings.from_env(os.environ)
    except SettingsError as error:
        recorded = os.environ.get(PREFIX + "RECORDED")  # nobody is asked, then
        stop(USAGE, "\n".join([str(error), *([] if recorded else wrong_environment())]))


def open_app() -> object:
    """Make the service in a server process; end it with a line in the log where that cannot be, for
    the file of keys may be wrong by now.
    """
    from service.api import create_app

    try:
        return create_app()
    except SettingsError as error:
        _log.error("cannot start: %s", "; ".join(str(error).splitlines()))
        raise SystemExit(FAILED) from None


def _run_workers(options: "uvicorn.Config", listener: socket.socket, where: str) -> None:
    from service.cli.support.supervisor import Supervisor

    try:
        supervisor = Supervisor(options, [listener], where)
    except OSError as error:
        stop(FAILED, f"no folder for what the workers count: {error}")
    supervisor.run()
    if supervisor.has_failed:
        raise typer.Exit(FAILED)


def _allow_open_files() -> None:
    """Take as many open files as this process may have: each connection is one, and the usual limit
    of 1,024 is soon reached by slow callers.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST_FILES if hard == resource.RLIM_INFINITY else min(hard, MOST_FILES)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def listen(host: str, port: int) -> socket.socket:
    """Bind the socket of a server, which listens once it is ready; end the command with one line
    where that cannot be.
    """
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        stop(USAGE, f"cannot listen at {host}, port {port}: {error.strerror or error}")
    listener.set_inheritable(True)
    return listener


def server_options(settings: Settings) -> dict[str, Any]:
    """How uvicorn runs the service, here and in the demo."""
    from service.cli.support.bounded_protocol import bounded_protocol

    return {
        "host": settings.host,
        "port": settings.port,
        "workers": settings.workers,
        "http": bounded_protocol(settings.read_timeout, settings.max_header_bytes),
        "root_path": settings.root_path,
        "ws": "none",
        # one line a request costs a tenth of them, and addresses of articles are nobody's business
        "access_log": False,
        "log_config": log_config(settings),
        "server_header": False,
        "timeout_keep_alive": KEEP_ALIVE_S,
        "timeout_graceful_shutdown": GRACE_S,
    }


def _try(settings: Settings) -> bool:
    """Put everything together once, so that a wrong setting shows here, as one line each, and not
    from within a server process; return whether callers want a key.
    """
    from service.api.door.auth import Keyring

    wrong: list[str] = []
    keyring: Keyring | None = None
    try:
        keyring = Keyring(settings)
    except SettingsError as error:
        wrong.append(str(error))
    try:
        asyncio.run(_open_once(settings))
    except SettingsError as error:
        wrong.append(str(error))
    if wrong:
        raise SettingsError("\n".join(wrong))
    return bool(keyring)


async def _open_once(settings: Settings) -> None:
    from service.app import open_service

    async with open_service(settings):
        pass
