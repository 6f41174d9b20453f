"""A client that somebody generates from `docs/openapi.json` uses every operation, as it comes."""

import importlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pages import ROOT
from served import RECORDED, serving

pytestmark = pytest.mark.long

DESCRIPTION = ROOT / "docs" / "openapi.json"
ID = "2034906551094185985"
TWEET = f"https://x.com/demo_harbour/status/{ID}"
KEY = "an-admin-key"


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    program = shutil.which("openapi-python-client", path=path)
    if program is None:
        pytest.skip("no openapi-python-client: pip install openapi-python-client")
    folder = tmp_path_factory.mktemp("generated")
    command = [program, "generate", "--path", str(DESCRIPTION), "--meta", "none"]
    subprocess.run(
        [*command, "--output-path", str(folder / "generated_client")],
        capture_output=True,
        check=True,
        timeout=300,
    )
    sys.path.insert(0, str(folder))
    yield "generated_client"
    sys.path.remove(str(folder))


@pytest.fixture(scope="module")
def client(package: str) -> Iterator[Any]:
    with serving(**RECORDED, TWEET_EMBED_API_KEYS=KEY) as (port, _):
        made = importlib.import_module(f"{package}.client").AuthenticatedClient(
            base_url=f"http://127.0.0.1:{port}", token=KEY, raise_on_unexpected_status=True
        )
        with made as client:
            yield client


def operations() -> dict[str, str]:
    """Return the tag of each operation of the description."""
    described = json.loads(DESCRIPTION.read_text(encoding="utf-8"))["paths"].values()
    return {
        operation["operationId"]: operation["tags"][0]
        for path in described
        for operation in path.values()
    }


def test_every_operation_is_used(package: str, client: Any) -> None:  # noqa: ANN401 - generated
    models = importlib.import_module(f"{package}.models")
    article = models.ResolveRequest(content=f"<p>{TWEET}</p>")
    asked: dict[str, dict[str, Any]] = {
        "resolve": {"body": article},
        "detect": {"body": models.DetectRequest(content=f"<p>{TWEET}</p>")},
        "embeds": {"body": models.EmbedsRequest(urls=[TWEET])},
        "links": {"body": models.LinksRequest(urls=["https://t.co/Rk2Ys9Mf4A"])},
        "oembed": {"url_query": TWEET},
        "iframely": {"url_query": TWEET, "group": "true"},
        "page": {"tweet_id": ID},
        "tweet": {"tweet_id": ID},
        "takedown": {"tweet_id": ID},
        **{name: {} for name in ("livez", "readyz", "version", "metrics")},
    }
    told: dict[str, Any] = {}
    for name, tag in operations().items():
        call = importlib.import_module(f"{package}.api.{tag}.{name}").sync_detailed
        if name != "takedown":
            told[name] = call(client=client, **asked[name])
    call = importlib.import_module(f"{package}.api.tweets.takedown").sync_detailed
    told["takedown"] = call(client=client, **asked["takedown"])

    assert asked.keys() == told.keys() == operations().keys()
    assert {name: one.status_code.value for name, one in told.items()} == dict.fromkeys(told, 200)
    assert told["resolve"].parsed.embeds[0].tweet_id == ID
    assert told["resolve"].parsed.embeds[0].state.value == "embedded"
    assert told["detect"].parsed.embeds[0].tweet_id == ID
    assert told["embeds"].parsed.embeds[0].html in told["oembed"].parsed.html
    assert told["links"].parsed.links[0].state.value == "resolved"
    assert told["iframely"].parsed.links.app[0].html == told["oembed"].parsed.html
    assert "application/json+oembed" in told["page"].parsed
    assert told["tweet"].parsed.tweet_id == told["takedown"].parsed.tweet_id == ID
    assert told["readyz"].parsed.status == "ready"
    assert "tweet_embed_http_requests_total" in told["metrics"].parsed


def test_a_problem_is_one_of_the_generated_models(package: str, client: Any) -> None:  # noqa: ANN401 - generated
    models = importlib.import_module(f"{package}.models")
    call = importlib.import_module(f"{package}.api.articles.resolve").sync_detailed
    wrong = models.ResolveRequest(content="a", deadline_ms=30_001)
    told = call(client=client, body=wrong)

    assert isinstance(told.parsed, models.Problem)
    assert (told.status_code.value, told.parsed.code) == (422, "invalid")
    assert told.parsed.errors[0].pointer == "/deadline_ms"
