"""The demo: one command, no internet, and a person sees what the service does."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
from contextlib import ExitStack, suppress
from pathlib import Path

import httpx
import pytest
from rest import DEMO
from sampling import sampled

from service.core.oembed.response import read_oembed
from service.core.urls.snowflake import snowflake_time

RECORDED = sorted(
    path for path in (DEMO / "recorded" / "oembed").glob("*.json") if b'"html"' in path.read_bytes()
)


def test_once_shows_before_and_after_and_ends_well() -> None:
    nowhere = {
        "HTTPS_PROXY": "http://127.0.0.1:1",
        "HTTP_PROXY": "http://127.0.0.1:1",
        "TWEET_EMBED_PORT": "not read",
    }
    done = subprocess.run(
        [sys.executable, "-m", "service", "demo", "--once"],
        env=os.environ | nowhere,
        cwd=DEMO.parent.parent,
        capture_output=True,
        check=False,
        timeout=300,
    )
    shown = done.stdout.decode()

    assert (done.returncode, done.stderr) == (0, b"")
    assert [
        shown.count(word) for word in ("BEFORE", "AFTER", "comes back as it is", "CHANGED")
    ] == [2, 2, 2, 0]
    assert shown.count('<blockquote class="twitter-tweet"') == 3
    for word in (
        "flattened",
        "blockquote",
        "embedded",
        "gone",
        "@demo_maktabat",
        "https://maktabat.example/mobile-library",
        "hours?season=spring",
    ):
        assert word in shown
    assert "\x1b" not in shown


@pytest.mark.parametrize(
    ("output", "code", "told"),
    sampled(
        [
            ("| head -n 1 > /dev/null", 141, ""),
            ("> /dev/full", 1, "tweet-embed: the output: No space left on device\n"),
            (">&-", 1, "tweet-embed: standard output is closed\n"),
        ],
        ("| head -n 1 > /dev/null", 141, ""),
    ),
)
def test_a_demo_that_nobody_can_read_ends_with_a_line_at_most(
    output: str, code: int, told: str
) -> None:
    done = subprocess.run(
        [
            "/bin/bash",
            "-c",
            f'"$0" -m service demo --once {output}; exit ${{PIPESTATUS[0]}}',
            sys.executable,
        ],
        cwd=DEMO.parent.parent,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )

    assert (done.returncode, done.stderr) == (code, told)


def test_without_once_it_keeps_serving_until_it_is_interrupted() -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "service", "demo", "--port", "0"],
        env=os.environ | {"PYTHONUNBUFFERED": "1"},
        cwd=DEMO.parent.parent,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        shown = ""
        while "describes the rest" not in shown and process.poll() is None:
            shown += process.stdout.readline()
        address, body = (
            re.search(r"curl -s (http://\S+)/v1/resolve", shown),
            re.search(r"-d '(.*)'", shown),
        )
        assert address is not None
        assert f"  {address[1]}/ in a browser" in shown
        assert body is not None
        with httpx.Client(trust_env=False, timeout=60) as client:
            answer = client.post(
                f"{address[1]}/v1/resolve",
                content=body[1],
                headers={"content-type": "application/json"},
            ).json()
            assert client.get(f"{address[1]}/docs").status_code == 200
            assert "<textarea" in client.get(f"{address[1]}/").text
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=180)

    assert [embed["state"] for embed in answer["embeds"]] == ["embedded"]
    assert (process.returncode, errors) == (0, "")


def test_it_listens_where_the_readme_says() -> None:
    with ExitStack() as stack:
        with suppress(OSError):  # somebody is there already
            stack.enter_context(socket.create_server(("127.0.0.1", 8080)))
        done = subprocess.run(
            [sys.executable, "-m", "service", "demo"],
            cwd=DEMO.parent.parent,
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )

    assert done.returncode == 2
    assert "cannot listen at 127.0.0.1, port 8080: Address already in use" in done.stderr


@pytest.mark.parametrize("path", RECORDED, ids=lambda path: path.stem)
def test_a_recorded_tweet_is_of_the_day_its_id_says(path: Path) -> None:
    tweet = read_oembed(path.stem, path.read_bytes())
    posted = snowflake_time(tweet.id)

    assert posted is not None
    assert tweet.date_text == f"{posted:%B} {posted.day}, {posted.year}"


def test_every_short_link_of_the_demo_is_recorded() -> None:
    codes = {path.stem for path in (DEMO / "recorded" / "t.co").glob("*.json")}
    texts = [path.read_text(encoding="utf-8") for path in (DEMO / "articles").iterdir()]
    texts += [json.loads(path.read_bytes())["html"] for path in RECORDED]

    assert {
        code
        for text in texts
        for code in re.findall(r"(?:t\.co|pic\.twitter\.com)/([A-Za-z0-9]{10})", text)
    } == codes
