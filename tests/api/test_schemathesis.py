"""Schemathesis, which makes requests up from the OpenAPI description, finds nothing."""

import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from served import RECORDED, serving

HERE = Path(__file__).resolve().parent
SECONDS = os.environ.get("SCHEMATHESIS_SECONDS", "45")


def program(name: str) -> str:
    """Find a program beside this Python or on the PATH."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    found = shutil.which(name, path=path)
    if found is None:
        pytest.skip("no schemathesis: pip install schemathesis")
    return found


@pytest.mark.long
def test_it_finds_nothing(tmp_path: Path) -> None:
    command = [program("schemathesis"), "--config-file", str(HERE / "schemathesis.toml"), "run"]
    wishes = ["--max-time", SECONDS, "--no-color", "--warnings", "off", "--request-timeout", "30"]
    hooks = {"SCHEMATHESIS_HOOKS": "schemathesis_hooks", "PYTHONPATH": str(HERE)}
    with serving(**RECORDED, TWEET_EMBED_LOG_LEVEL="info") as (port, service):
        assert service.stderr is not None
        log = threading.Thread(target=service.stderr.read)  # or its pipe fills
        log.start()
        done = subprocess.run(
            [*command, f"http://127.0.0.1:{port}/openapi.json", *wishes],
            cwd=tmp_path,
            env=os.environ | hooks,
            capture_output=True,
            text=True,
            check=False,
            timeout=int(SECONDS) + 300,
        )

    log.join()
    assert done.returncode == 0, done.stdout[-5000:] + done.stderr[-1000:]
    assert "13 selected / 13 total" in done.stdout
