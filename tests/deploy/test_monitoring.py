"""Dashboard and alerting rules, held against what the service exports, by Prometheus."""

import http.client
import json
import re
import shutil
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import yaml
from container_image import ROOT, command
from database_servers import running
from deploy_files import documents
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.cog.plugins import register_default_plugins
from grafana_foundation_sdk.models.dashboard import Dashboard
from pages import OPERATING, rows, section, words
from prometheus_client import ProcessCollector
from served import serving
from standin_x import StandIn

DASHBOARD = json.loads((ROOT / "deploy/grafana/tweet-embed.json").read_text(encoding="utf-8"))
RULES = ROOT / "deploy/prometheus/alerts.yaml"
ALERTS = documents("deploy/prometheus/alerts.yaml")[0]["groups"][0]["rules"]
PANELS = [panel for panel in DASHBOARD["panels"] if panel["type"] != "row"]
QUERIES = [(panel["title"], target["expr"]) for panel in PANELS for target in panel["targets"]]

wants_prometheus = pytest.mark.skipif(
    shutil.which("promtool") is None, reason="wants the Debian package prometheus"
)


# --- by schema ---


@wants_prometheus
def test_rules_and_scrape_configuration_are_valid() -> None:
    command("promtool", "check", "config", ROOT / "deploy/prometheus/prometheus.yaml")
    command("promtool", "check", "rules", "--lint=all", "--lint-fatal", RULES)


@wants_prometheus
def test_each_alert_fires_when_it_should_and_no_sooner() -> None:
    cases = Path(__file__).with_name("alerts.test.yaml")
    told = documents(str(cases.relative_to(ROOT)))[0]["tests"]
    expected: dict[str, set[bool]] = {}
    for each in (case for test in told for case in test["alert_rule_test"]):
        expected.setdefault(each["alertname"], set()).add(bool(each.get("exp_alerts")))

    command("promtool", "test", "rules", cases)
    assert expected == {rule["alert"]: {True, False} for rule in ALERTS}


def test_the_dashboard_has_nothing_that_grafana_does_not_know() -> None:
    register_default_plugins()
    read = json.loads(json.dumps(Dashboard.from_json(DASHBOARD), cls=JSONEncoder))

    assert [*lost(DASHBOARD, read)] == []


def lost(given: object, read: object, place: str = "") -> Iterator[str]:
    """Yield where a value of `given` is missing from what was read, or another."""
    if isinstance(given, dict) and isinstance(read, dict):
        for name, value in given.items():
            yield from (
                lost(value, read[name], f"{place}/{name}") if name in read else [f"{place}/{name}"]
            )
    elif isinstance(given, list) and isinstance(read, list) and len(given) == len(read):
        for number, (one, other) in enumerate(zip(given, read, strict=True)):
            yield from lost(one, other, f"{place}/{number}")
    elif given != read:
        yield place


def test_panels_have_names_and_places_of_their_own() -> None:
    cells: set[tuple[int, int]] = set()
    for place in (panel["gridPos"] for panel in DASHBOARD["panels"]):
        covered = {
            (place["x"] + x, place["y"] + y) for x in range(place["w"]) for y in range(place["h"])
        }
        assert not covered & cells
        assert place["x"] + place["w"] <= 24
        cells |= covered
    assert len({panel["id"] for panel in DASHBOARD["panels"]}) == len(DASHBOARD["panels"])
    assert len({panel["title"] for panel in PANELS}) == len(PANELS)


def test_dashboard_and_rules_name_metrics_that_the_service_has() -> None:
    """Compare with the page of metrics, which tests/docs compares with the code."""
    told = {words(row[0])[0] for row in rows(section(OPERATING, "Metrics"))}
    series = {name + end for name in told for end in ("", "_bucket", "_sum", "_count")}
    process = {each.name for each in ProcessCollector(registry=None).collect()}
    process |= {f"{name}_total" for name in process}
    asked = [*(each for _, each in QUERIES), *(rule["expr"] for rule in ALERTS)]
    named = set[str]().union(*map(names_in, asked))

    assert named <= series | process | {"up"}
    assert told & named > {"tweet_embed_http_requests_total", "tweet_embed_embeds_total"}


# --- by running it ---


@pytest.fixture(scope="module")
def service() -> Iterator[int]:
    """Yield the port of a service that reaches a stand-in for X."""
    with StandIn() as x:
        x.tweet("20", "jack", "jack", "just setting up my twttr", date="March 21, 2006")
        with serving(**x.env) as (port, _):
            yield port


@pytest.fixture(scope="module")
def prometheus(service: int, tmp_path_factory: pytest.TempPathFactory) -> Iterator["Prometheus"]:
    """Yield a Prometheus with our rules, which scrapes the service each second."""
    folder = tmp_path_factory.mktemp("prometheus")
    configuration = documents("deploy/prometheus/prometheus.yaml")[0]
    configuration["global"] = {"scrape_interval": "1s", "evaluation_interval": "1s"}
    (job,) = configuration["scrape_configs"]
    assert job["static_configs"] == [{"targets": ["127.0.0.1:8080"]}]
    job["static_configs"] = [{"targets": [f"127.0.0.1:{service}"]}]
    (folder / "prometheus.yaml").write_text(yaml.safe_dump(configuration))
    shutil.copy(RULES, folder)

    def listening(port: int) -> list[str]:
        return [
            "prometheus",
            f"--config.file={folder}/prometheus.yaml",
            f"--storage.tsdb.path={folder}/data",
            f"--web.listen-address=127.0.0.1:{port}",
        ]

    def is_ready(port: int) -> bool:
        with suppress(OSError, http.client.HTTPException, ValueError):
            return bool(Prometheus(port).query("up"))
        return False

    with running(listening, is_ready, folder / "log") as (_, port):
        enough = threading.Event()
        with ThreadPoolExecutor(1) as caller:
            calling = caller.submit(call_until, enough, service)
            try:
                yield Prometheus(port)
            finally:
                enough.set()
        calling.result()


def call_until(enough: threading.Event, port: int) -> None:
    """Send articles with tweets known and new, and what is no article, for five minutes at most."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=180)
    for number in range(1500):
        known, new, short = "status/20", f"status/{number + 1000}", f"https://t.co/a{number:09}"
        content = f"<p>https://x.com/a/{known}</p><p>https://x.com/a/{new}</p><p>see {short}</p>"
        for body in (json.dumps({"content": content, "format": "html"}), "[]"):
            connection.request("POST", "/v1/resolve", body, {"Content-Type": "application/json"})
            connection.getresponse().read()
        if enough.wait(0.2):
            break
    connection.close()


class Prometheus:
    """Prometheus' HTTP interface."""

    def __init__(self, port: int) -> None:
        self._port = port

    def ask(self, path: str) -> Any:  # noqa: ANN401 - JSON
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=180)
        try:
            connection.request("GET", f"/api/v1/{path}")
            response = connection.getresponse()
            answer = json.loads(response.read())
        finally:
            connection.close()
        assert answer["status"] == "success", answer
        return answer["data"]

    def names(self) -> set[str]:
        """Return the names of all series."""
        return set(self.ask("label/__name__/values"))

    def query(self, expression: str) -> list[dict[str, Any]]:
        result: list[dict[str, Any]] = self.ask(f"query?query={quote(expression)}")["result"]
        return result

    def await_rules(self) -> list[dict[str, Any]]:
        """Return the rules, once each was looked at."""
        until = time.monotonic() + 180
        while True:
            loaded = [rule for group in self.ask("rules")["groups"] for rule in group["rules"]]
            if "unknown" not in {each["health"] for each in loaded}:
                return loaded
            assert time.monotonic() < until, loaded
            time.sleep(0.25)

    def await_numbers(self, expression: str) -> list[dict[str, Any]]:
        """Return what a query finds, once that is something, and a number everywhere."""
        until = time.monotonic() + 180
        while not (found := self.query(expression)) or any(
            each["value"][1] == "NaN" for each in found
        ):
            assert time.monotonic() < until, found
            time.sleep(0.25)
        return found


def names_in(expression: str) -> set[str]:
    """Return the names of the series that a query selects."""
    return set(re.findall(r"\b(?:tweet_embed_\w+|process_\w+|up)\b", expression))


def filled_in(expression: str) -> str:
    """Return a query of the dashboard as Grafana sends it."""
    return (
        expression.replace("$__rate_interval", "10s")
        .replace("$job", "tweet-embed")
        .replace("$instance", ".*")
    )


@wants_prometheus
@pytest.mark.parametrize(
    ("title", "expression"),
    QUERIES,
    ids=[f"{title}-{number}" for number, (title, _) in enumerate(QUERIES)],
)
def test_each_panel_shows_something(prometheus: Prometheus, title: str, expression: str) -> None:
    assert prometheus.await_numbers(filled_in(expression)), title


@wants_prometheus
def test_rules_look_at_series_that_are_there(prometheus: Prometheus) -> None:
    prometheus.await_numbers("sum(rate(tweet_embed_embeds_total[10s])) > 0")
    named = set[str]().union(*(names_in(rule["expr"]) for rule in ALERTS))
    loaded = prometheus.await_rules()

    assert named <= prometheus.names()
    assert [each["name"] for each in loaded] == [each["alert"] for each in ALERTS]
    assert {each["health"] for each in loaded} == {"ok"}


@wants_prometheus
def test_the_labels_that_are_asked_for_exist(prometheus: Prometheus) -> None:
    """Compare the label names of all queries with those of the series that they select."""
    prometheus.await_numbers("sum(rate(tweet_embed_embeds_total[10s])) > 0")
    for expression in [*(each for _, each in QUERIES), *(rule["expr"] for rule in ALERTS)]:
        for name, matchers in re.findall(r"(\b[a-z_]+)\{([^}]*)\}", expression):
            asked = set(re.findall(r"([a-z_]+)\s*(?:=~|!~|!=|=)", matchers))
            (series, *_) = prometheus.ask(f"series?match[]={name}")
            assert asked <= series.keys(), (name, asked)
