"""Codes, log events, settings, metrics and commands on the pages are those of the code."""

import ast
import re
from collections.abc import Iterator
from typing import get_args

from pages import ERRORS, INTERFACE, OPERATING, PAGES, ROOT, fences, fields_of, rows, section, words
from typer.testing import CliRunner

from service.api.bodies import models as bodies
from service.backfill.safety.checkpoint import Status
from service.backfill.sources.jsonl import DATES
from service.cli import app as command_line
from service.metrics import Metrics
from service.settings import Settings

# Kubernetes' own for a Service called tweet-embed: named on the pages because they are no settings.
FOREIGN_VARIABLES = re.compile(r"TWEET_EMBED_(SERVICE_|PORT_\d)")


def test_every_code_of_a_problem_is_told() -> None:
    told = {words(code)[0]: status for code, status, *_ in rows(section(ERRORS, "Problem codes"))}
    annotation = bodies.Problem.model_fields["code"].annotation

    assert set(told) == {str(code) for code in get_args(annotation)}
    raised = {
        (node.args[1].value, str(node.args[0].value))
        for path in (ROOT / "service" / "api").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_bytes()))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "ProblemError"
        and isinstance(node.args[0], ast.Constant)
        and isinstance(node.args[1], ast.Constant)
    }
    assert raised <= set(told.items())


def test_the_dates_by_which_since_goes_are_told() -> None:
    help_text = " ".join(CliRunner().invoke(command_line, ["backfill", "--help"]).stdout.split())

    assert ", ".join(f"`{each}`" for each in DATES) in " ".join(OPERATING.split())
    assert all(each in help_text for each in DATES)


def test_every_status_of_an_article_is_told() -> None:
    told = fields_of(section(ERRORS, "Statuses of an article"))
    row = next(row for row in rows(section(INTERFACE, "8.2 The report")) if row[0] == "`status`")

    assert told == set(words(row[1])) == {str(status) for status in Status}


def logged() -> Iterator[str]:
    """Yield the message of every call of a logger in service/."""
    for path in (ROOT / "service").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_bytes())):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr in {"debug", "info", "warning", "error", "exception", "critical"}
                and isinstance(node.func.value, ast.Name)
                and "log" in node.func.value.id.lower()
            ):
                assert isinstance(node.args[0], ast.Constant), f"{path}:{node.lineno}: a fixed text"
                yield f"{node.args[0].value!s} {node.func.attr.replace('exception', 'error')}"


def test_every_log_event_is_told_with_its_level() -> None:
    assert {
        f"{words(event)[0]} {level}" for event, level, _ in rows(section(ERRORS, "Log events"))
    } == set(logged())


# --- settings, metrics, commands ---


def test_every_setting_is_told_with_its_default_and_meaning() -> None:
    told = {
        words(name)[0]: (default, meaning)
        for name, default, meaning in rows(section(OPERATING, "Settings"))
    }

    assert told == {
        each.name: (f"`{each.default}`" if each.default else "none", each.meaning)
        for each in Settings.variables()
    }


def test_no_setting_is_named_that_is_not_there() -> None:
    known = {each.name for each in Settings.variables()}
    containers = ("Dockerfile", "compose.yaml")
    places = [*PAGES.items()]
    places += [(name, (ROOT / name).read_text(encoding="utf-8")) for name in containers]
    for folder in ("deploy", "integrations"):
        places += [
            (path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8", errors="replace"))
            for path in (ROOT / folder).rglob("*")
            if path.is_file()
            and path.suffix in {".yaml", ".yml", ".env", ".service", ".conf", ".md", ".json"}
        ]
    plugin = ROOT / "integrations" / "wordpress" / "tweet-embed"
    constants = {
        name
        for path in plugin.rglob("*.php")
        for name in re.findall(r"defined\( '(\w+)' \)", path.read_text(encoding="utf-8"))
    }
    wrong = {
        f"{place}: {name}"
        for place, text in places
        for name in re.findall(r"TWEET_EMBED_[A-Z0-9_]*[A-Z0-9]", text)
        if name not in known | constants
        and not FOREIGN_VARIABLES.match(name)
        and f"{name}_*" not in text
    }

    assert not wrong


def test_every_metric_is_told() -> None:
    told = {words(row[0])[0] for row in rows(section(OPERATING, "Metrics"))}
    source = (ROOT / "service" / "metrics.py").read_text(encoding="utf-8")
    counted = set(re.findall(r"^# TYPE (\S+)", Metrics().text().decode(), re.MULTILINE))
    written = {
        f"{node.args[0].value!s}{'_total' if node.func.id == 'Counter' else ''}"
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in {"Counter", "Gauge", "Histogram"}
        and isinstance(node.args[0], ast.Constant)
    }

    assert told == written
    ours = {name for name in counted if name.startswith("tweet_embed_")}
    assert {name for name in ours if not name.endswith("_created")} <= told


def test_every_command_is_told_with_its_options() -> None:
    synopsis = next(
        block for block in fences(INTERFACE, "") if block.startswith("tweet-embed serve")
    )
    told = {line.split()[1]: line for line in synopsis.splitlines()}
    commands = [
        each.name or each.callback.__name__
        for each in command_line.registered_commands
        if each.callback
    ]
    groups = {
        str(group.typer_instance.info.name): group.typer_instance
        for group in command_line.registered_groups
        if group.typer_instance
    }

    assert sorted(told) == sorted([*commands, *groups])
    for name, group in groups.items():
        known = {
            each.name or each.callback.__name__
            for each in group.registered_commands
            if each.callback
        }
        assert set(re.findall(r"(?<![\w-])[a-z]+(?![\w-])", told[name])) >= known
        for each in sorted(known):
            assert options_of([name, each]) <= flags(told[name]), each
        assert flags(told[name]) <= {flag for each in known for flag in options_of([name, each])}
    for command in commands:
        line = told[command]
        shared = flags(told["resolve"]) if "option flags as of resolve" in line else set()
        assert options_of([command]) <= flags(line) | shared, command
        assert flags(line) <= options_of([command]), command
        for option, values in re.findall(r"(--[a-z-]+) ([a-z]+(?:\|[a-z]+)+)", line):
            shown = help_of([command])
            help_text = shown[shown.index(option) :]
            assert set(values.split("|")) <= set(re.findall(r"[a-z]+", help_text[:1500])), option


def help_of(command: list[str]) -> str:
    environment = {"COLUMNS": "300", "NO_COLOR": "1", "TERM": "dumb"}
    return CliRunner().invoke(command_line, [*command, "--help"], env=environment).stdout


def options_of(command: list[str]) -> set[str]:
    return flags(help_of(command)) - {"--help", "--install-completion", "--show-completion"}


def flags(text: str) -> set[str]:
    found = set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", text))
    return found | {"--out"} if re.search(r"(?<![\w-])-o\b", text) else found
