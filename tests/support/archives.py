"""Archives to work on, on the recorded answers of the demo, and the command that works on them."""

import json
import logging
import signal
from pathlib import Path

from rest import DEMO
from typer.testing import CliRunner, Result

from service.cli import app

LINK = "https://t.co/Rk2Ys9Mf4A"
TARGET = "https://harbourlights.example/hours?season=spring"
TWEET = "https://x.com/demo_harbour/status/2034906551094185985"


def run(
    *arguments: str | Path,
    stdin: bytes = b"",
    environment: dict[str, str] | None = None,
) -> Result:
    """Run a command in this process, whose logs and signals are as before then."""
    recorded = {
        "TWEET_EMBED_RECORDED": str(DEMO / "recorded"),
        "NO_COLOR": "1",
        "TERM": "dumb",
        "COLUMNS": "200",
    }
    root, hangup = logging.getLogger(), signal.getsignal(signal.SIGHUP)
    handlers, level = root.handlers[:], root.level
    try:
        return CliRunner().invoke(
            app,
            [str(each) for each in arguments],
            input=stdin,
            env=recorded | (environment or {}),
        )
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)
        if signal.getsignal(signal.SIGHUP) is not hangup:
            signal.signal(signal.SIGHUP, hangup)


def lines(*contents: str | None) -> bytes:
    """Write JSON Lines, an object for each content."""
    return "".join(
        json.dumps({"id": f"a{number}", "content": each}) + "\n"
        for number, each in enumerate(contents)
    ).encode()


def report(path: Path) -> list[dict[str, object]]:
    """Read a report."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


class Silent:
    """Shows nothing."""

    def step(self, name: str, total: int, unit: str = "") -> None: ...

    def advance(self, done: int) -> None: ...

    def say(self, line: str) -> None: ...
