"""The house keeps its rules: floors, sizes, names, and what may be imported where."""

import ast
import functools
import importlib
import re
import tomllib
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SERVICE = ROOT / "service"
MODULES = sorted(SERVICE.rglob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("*.py"))

MOST_LINES = 401
FORBIDDEN_NAMES = {
    "utils",
    "util",
    "helpers",
    "helper",
    "common",
    "misc",
    "base",
    "manager",
    "managers",
}

PURE_LIBRARIES = {"turbohtml", "bs4", "nh3", "pydantic_core"}
"""What core/ may use besides the standard library: they turn strings into values."""
IMPURE_STANDARD = {
    *(
        "asyncio",
        "concurrent",
        "multiprocessing",
        "os",
        "pathlib",
        "io",
        "select",
        "selectors",
        "shutil",
        "signal",
        "socket",
        "ssl",
    ),
    *(
        "subprocess",
        "sqlite3",
        "tempfile",
        "threading",
        "time",
        "logging",
        "random",
        "secrets",
        "http",
        "importlib",
        "uuid",
    ),
}
"""What would let core/ wait, read a clock, an environment or a disk, or know the network."""

ALLOWED = {
    "__main__": "cli",
    "api": "app cache core metrics pipeline request_context serialize settings tracing"
    " worker_metrics",
    "app": "cache candidates core metrics pipeline settings upstream upstream.http",
    "backfill.counts": "",
    "backfill.database": "backfill.counts backfill.archive_errors backfill.job backfill.plan"
    " backfill.safety backfill.sources backfill.steps core",
    "backfill.archive_errors": "core",
    "backfill.garbage": "",
    "backfill.file_archive": "backfill.archive_errors backfill.job backfill.plan backfill.safety"
    " backfill.sources backfill.steps",
    "backfill.inspect": "backfill.archive_errors backfill.plan backfill.safety backfill.sources"
    " candidates core pipeline",
    "backfill.job": "backfill.archive_errors backfill.plan backfill.safety backfill.sources",
    "backfill.outcomes": "core",
    "backfill.plan": "core settings",
    "backfill.report": "backfill.counts backfill.archive_errors backfill.outcomes backfill.safety"
    " backfill.sources backfill.steps core",
    "exit_codes": "",
    "backfill.run": "exit_codes backfill.counts backfill.database backfill.archive_errors"
    " backfill.file_archive backfill.inspect backfill.job backfill.outcomes backfill.plan"
    " backfill.report backfill.safety backfill.settle backfill.sources backfill.steps"
    " backfill.workers candidates",
    "backfill.safety": "backfill.archive_errors cache candidates core",
    "backfill.settle": "backfill.archive_errors backfill.outcomes backfill.plan backfill.safety"
    " backfill.sources core",
    "backfill.sources": "backfill.archive_errors backfill.plan backfill.safety core",
    "backfill.steps": "backfill.counts backfill.archive_errors backfill.inspect backfill.plan"
    " backfill.safety backfill.settle backfill.sources backfill.workers cache candidates core",
    "backfill.workers": "backfill.archive_errors backfill.garbage backfill.inspect backfill.plan"
    " backfill.settle candidates core pipeline",
    "cache": "core request_context",
    "candidates": "cache core request_context settings upstream upstream.http",
    "cli": "api app backfill.database backfill.archive_errors backfill.garbage backfill.job"
    " backfill.plan backfill.run backfill.safety backfill.settle backfill.sources backfill.steps"
    " backfill.workers cache"
    " candidates core exit_codes"
    " request_context serialize setting_values settings worker_metrics",
    "core.article": "core.mentions core.model",
    "core.candidate_proof": "core.mentions core.model core.urls core.verify",
    "core.detect": "core.html core.markdown core.mentions core.model core.oembed core.sanitize"
    " core.text core.urls core.vocabulary",
    "core.errors": "core.model",
    "core.html": "core.sanitize core.text",
    "core.markdown": "core.urls",
    "core.mentions": "core.html core.model",
    "core.model": "",
    "core.oembed": "core.errors core.model core.text core.urls core.vocabulary",
    "core.render": "core.model core.oembed core.sanitize core.text core.urls core.vocabulary",
    "core.rewrite": "core.article core.candidate_proof core.detect core.errors core.html"
    " core.markdown core.mentions core.model core.oembed core.render core.sanitize core.text"
    " core.urls core.verify",
    "core.sanitize": "core.errors core.model core.text core.urls core.vocabulary",
    "core.text": "core.model",
    "core.urls": "core.model core.text core.vocabulary",
    "core.verify": "core.html core.mentions core.model core.text core.urls",
    "core.vocabulary": "",
    "metrics": "cache core upstream.http worker_metrics",
    "pipeline": "cache candidates core",
    "request_context": "",
    "serialize": "core",
    "setting_values": "core",
    "settings": "core setting_values",
    "tracing": "request_context",
    "upstream": "core settings upstream.http",
    "upstream.http": "core request_context",
    "worker_metrics": "",
}
"""The rooms, and the rooms that each may import from; `core` there means all rooms of core.

A room is a package with all in it, or a module that stands beside packages.
"""
DATA = {"", "demo", "web", "core", "backfill"}
"""Packages whose own `__init__` imports nothing."""


ONLY_IN = {
    "httpx": {
        "service.upstream.http",
        "service.upstream.client",
        "service.upstream.recorded",
        "service.app",
        "service.candidates.opening",
        "service.api",
    },
    "httptools": {
        "service.upstream.http.http_connection",
        "service.cli.support.bounded_protocol",
    },
    "opentelemetry": {"service.tracing"},
    "prometheus_client": {"service.metrics", "service.worker_metrics"},
    "cachetools": {
        "service.cache.memory",
        "service.pipeline.passage_memory",
        "service.pipeline.reading_memory",
    },
    "fastapi": {"service.api"},
    "starlette": {"service.api"},
    "pydantic": {"service.api"},
    "pydantic_core": {"service.backfill.sources", "service.core.text.prefilter"},
    "orjson": {
        "service.serialize",
        "service.backfill.sources.json_spans",
        "service.backfill.safety.kept_json",
    },
    "sqlalchemy": {"service.backfill.database"},
    "typer": {"service.cli"},
    "rich": {"service.cli"},
    "uvicorn": {"service.cli"},
    "bs4": {"service.core"},
    "turbohtml": {"service.core"},
    "nh3": {"service.core"},
}
"""Third parties by room."""


NETWORK = {
    "socket",
    "ssl",
    "http",
    "urllib",
    "httpx",
    "httptools",
    "ftplib",
    "smtplib",
    "socketserver",
    "xmlrpc",
}
"""What can open a connection."""
DOORS = {
    "service.upstream.http.transport",
    "service.upstream.http.http_connection",
    "service.upstream.http.dialling",
    "service.upstream.http.requester",
    "service.upstream.http.dns",
}
"""Where connections are opened, requests sent and names looked up."""
NETWORK_WORDS = {
    "service.upstream.client": {"httpx"},  # addresses; the client it hands on is the door's
    "service.upstream.recorded": {"httpx"},  # a transport without a network
    "service.upstream.http.environment": {"ssl", "urllib.request"},  # what the environment names
    "service.app": {"httpx"},  # the type of a transport
    "service.candidates.opening": {"httpx"},  # the same
    "service.api": {"httpx"},  # the same
    "service.cli.commands.serve": {"socket"},  # binds the socket that it listens at
    "service.cli.support.supervisor": {"socket"},  # the type of what the processes listen at
    "service.cli.support.server": {"socket"},  # accepts who is at the door when it is closed
    "service.cli.support.bounded_protocol": {"httptools"},  # reads an address, opens nothing
    "service.cli.support.loopback": {"http.client"},  # asks this machine and nothing else
    "service.cli.commands.healthcheck": {"http.client"},  # its errors
    "service.cli.commands.demo": {"http.client", "socket"},  # finds a free port to listen at
}
"""What else may be imported of those, and by whom."""
OPENERS = {
    "open_connection",
    "open_unix_connection",
    "create_connection",
    "create_datagram_endpoint",
    "getaddrinfo",
    "gethostbyname",
}
CLIENTS = {
    "AsyncClient",
    "Client",
    "AsyncHTTPTransport",
    "HTTPTransport",
    "get",
    "post",
    "request",
    "stream",
}


@functools.cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_bytes())


@functools.cache
def nodes_of(path: Path) -> tuple[ast.AST, ...]:
    return tuple(ast.walk(tree_of(path)))


def name_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def imports(path: Path) -> Iterator[str]:
    """Every module a file imports, wherever in it."""
    for node in nodes_of(path):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            yield node.module or ""


def within(module: str, rooms: set[str]) -> bool:
    return any(module == room or module.startswith(room + ".") for room in rooms)


def room_of(module: str) -> str:
    """The innermost room that a module of ours is in."""
    name = module.removeprefix("service").removeprefix(".")
    return max((room for room in ALLOWED if within(name, {room})), key=len, default=name)


def allowed_from(room: str) -> set[str]:
    words = set(ALLOWED[room].split())
    return words | {each for each in ALLOWED if "core" in words and each.startswith("core.")}


def for_each(paths: list[Path]) -> Callable[[Callable[[Path], None]], Callable[[], None]]:
    """Make one test of a rule for files: it tells which of them break it, and how."""

    def test_of(rule: Callable[[Path], None]) -> Callable[[], None]:
        def test() -> None:
            broken = []
            for path in paths:
                try:
                    rule(path)
                except AssertionError as error:
                    broken.append(f"{name_of(path)}: {error}")
            assert not broken, "\n".join(broken)

        return test

    return test_of


@for_each(MODULES)
def test_a_module_is_small_and_well_named(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) < MOST_LINES
    assert not FORBIDDEN_NAMES & set(path.relative_to(SERVICE).with_suffix("").parts)


@for_each(MODULES)
def test_a_module_says_what_it_is_for(path: Path) -> None:
    assert ast.get_docstring(tree_of(path))


@for_each([path for path in MODULES if within(name_of(path), {"service.core"})])
def test_core_is_pure(path: Path) -> None:
    for module in imports(path):
        top = module.partition(".")[0]

        assert within(module, {"service.core"}) if top == "service" else top not in IMPURE_STANDARD
        assert top not in ONLY_IN or top in PURE_LIBRARIES
    assert not [
        node.lineno for node in nodes_of(path) if isinstance(node, ast.Await | ast.AsyncFunctionDef)
    ]
    constants = {"maxsize", "maxunicode"}
    of_sys = [
        node
        for node in nodes_of(path)
        if isinstance(node, ast.Attribute) and ast.unparse(node.value) == "sys"
    ]
    assert {node.attr for node in of_sys} <= constants
    called = {
        node.func.id
        for node in nodes_of(path)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }
    assert not called & {"open", "print", "input", "exec", "eval"}


@for_each(MODULES)
def test_a_room_imports_from_the_rooms_it_may(path: Path) -> None:
    room = room_of(name_of(path))
    ours = {module for module in imports(path) if within(module, {"service"})} - {"service"}
    if room in DATA:
        assert not ours
        return
    assert room in ALLOWED, "give it a line"
    assert {room_of(module) for module in ours} - {room} <= allowed_from(room)


def test_no_rooms_import_each_other_in_a_circle() -> None:
    left = {room: allowed_from(room) for room in ALLOWED}
    while free := [room for room, others in left.items() if not others & left.keys()]:
        for room in free:
            del left[room]
    assert not left


def test_each_allowed_import_is_made() -> None:
    made: dict[str, set[str]] = {room: set() for room in ALLOWED}
    for path in MODULES:
        room = room_of(name_of(path))
        if room in made:
            made[room] |= {room_of(module) for module in imports(path)}
    for room, words in ALLOWED.items():
        used = {each.partition(".")[0] for each in made[room]} | made[room]
        assert set(words.split()) <= used, room


def test_no_class_name_stands_twice() -> None:
    names = [
        node.name for path in MODULES for node in nodes_of(path) if isinstance(node, ast.ClassDef)
    ]
    assert [name for name, count in Counter(names).items() if count > 1] == []


def test_no_two_modules_have_one_name() -> None:
    names = [path.stem for path in MODULES if not path.stem.startswith("__")]
    assert [name for name, count in Counter(names).items() if count > 1] == []


def test_the_tree_of_errors_is_drawn_as_it_is() -> None:
    for file in ("core/errors.py", "backfill/archive_errors.py"):
        drawn = re.findall(r"[├└]── (\w+)", ast.get_docstring(tree_of(SERVICE / file)) or "")
        assert drawn
        for name in drawn:
            assert any(f"class {name}(" in path.read_text(encoding="utf-8") for path in MODULES)
    of_ours = re.compile(r"class (\w+Error)\(\w*(?:Error|Exception)\b")
    told = (SERVICE / "core/errors.py").read_text() + (
        SERVICE / "backfill/archive_errors.py"
    ).read_text()
    for path in MODULES:
        for name in of_ours.findall(path.read_text(encoding="utf-8")):
            assert name.startswith("_") or name in told, f"draw {name} in core/errors.py"


@for_each(MODULES)
def test_third_parties_stay_in_their_rooms(path: Path) -> None:
    for module in imports(path):
        rooms = ONLY_IN.get(module.partition(".")[0])
        assert rooms is None or within(name_of(path), rooms), module


@for_each([path for path in MODULES if name_of(path) not in DOORS])
def test_there_is_one_door_to_the_outside(path: Path) -> None:
    allowed = next(
        (words for room, words in NETWORK_WORDS.items() if within(name_of(path), {room})),
        set(),
    )
    for module in imports(path):
        assert module.partition(".")[0] not in NETWORK or module in allowed | {
            "urllib.parse",
            "http",
        }, module
    for node in nodes_of(path):
        if isinstance(node, ast.Attribute):
            named = node.value.id if isinstance(node.value, ast.Name) else ""
            assert node.attr not in OPENERS, f"line {node.lineno}: {node.attr}"
            assert not (
                named == "httpx"
                and node.attr in CLIENTS
                and name_of(path) != "service.upstream.client"
            ), f"line {node.lineno}"
            assert not (
                named in {"client", "_client"}
                and node.attr in {"send", "get", "post", "request", "stream"}
            ), f"line {node.lineno}"


@for_each(MODULES)
def test_the_environment_is_read_at_the_doors_alone(path: Path) -> None:
    reads = {node.attr for node in nodes_of(path) if isinstance(node, ast.Attribute)} & {
        "environ",
        "getenv",
    }
    assert not reads or within(
        name_of(path), {"service.api", "service.cli", "service.upstream.http.environment"}
    )


@for_each(MODULES)
def test_no_settings_are_made_when_a_module_is_imported(path: Path) -> None:
    for statement in tree_of(path).body:
        if isinstance(statement, ast.Assign | ast.AnnAssign) and statement.value is not None:
            names = {node.id for node in ast.walk(statement.value) if isinstance(node, ast.Name)}
            assert "Settings" not in names
            assert not any(
                node.attr == "environ"
                for node in ast.walk(statement.value)
                if isinstance(node, ast.Attribute)
            )


@for_each(TESTS)
def test_no_test_patches_by_a_dotted_string(path: Path) -> None:
    for node in nodes_of(path):
        assert not (isinstance(node, ast.Attribute) and node.attr == "setattr"), (
            f"line {getattr(node, 'lineno', 0)}"
        )
    assert not {"unittest.mock", "mock"} & set(imports(path))


def test_safe_html_is_minted_in_one_place() -> None:
    minting = [
        name_of(path)
        for path in MODULES
        for node in nodes_of(path)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in {"SafeHtml", "cast"}
        if node.func.id == "SafeHtml"
        or any("SafeHtml" in ast.dump(argument) for argument in node.args)
    ]

    assert set(minting) == {"service.core.sanitize.sanitizer"}


def test_what_is_installed_by_hash_names_no_index_and_no_machine() -> None:
    for name in ("requirements.lock", "requirements-otel.lock", "requirements-dev.lock"):
        text = (ROOT / name).read_text(encoding="utf-8")

        assert "--hash=sha256:" in text
        assert not [
            word
            for word in ("://", "/home", "/root", "/work", "/opt", "--index", "find-links")
            if word in text
        ]


def test_the_lock_files_hold_what_pyproject_asks_for() -> None:
    asked = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    locked = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    tools = (ROOT / "requirements-dev.lock").read_text(encoding="utf-8")
    traced = (ROOT / "requirements-otel.lock").read_text(encoding="utf-8")
    pins = [line for line in locked.splitlines() if "==" in line and line[0] not in "# "]
    assert set(pins) <= set(traced.splitlines())
    extras = asked["optional-dependencies"]
    for lock, requirements in (
        (traced, extras["otel"]),
        (locked, asked["dependencies"] + extras["sql"] + extras["zstd"]),
        (tools, asked["dependencies"] + extras["dev"]),
    ):
        for requirement in requirements:
            name = requirement.partition(">")[0].partition("[")[0].replace(".", "-")
            assert f"\n{name}==" in lock.replace(f"\n{name}[binary]==", f"\n{name}==")


def operations(parsed: object) -> Iterator[tuple[str, object]]:
    """Yield every operation of a parsed expression, wherever in it, with what it applies to."""
    parts = getattr(parsed, "data", parsed)
    for part in parts if isinstance(parts, list | tuple) else ():
        if isinstance(part, tuple) and len(part) == 2:
            arguments = part[1]
            yield str(part[0]), arguments[-1] if isinstance(arguments, tuple) else arguments
        yield from operations(part)


ONE_CHARACTER = {"LITERAL", "NOT_LITERAL", "ANY", "IN", "CATEGORY"}


def test_a_group_is_repeated_by_what_every_python_repeats_right() -> None:
    # docs/decisions/0035: `(?:…)*+` goes wrong before Python 3.11.5, `(?>(?:…)*)` nowhere
    read = importlib.import_module("re._parser").parse
    seen, broken = set(), set()
    for path in MODULES:
        if path.stem == "__main__":
            continue
        for name, value in vars(importlib.import_module(name_of(path))).items():
            for one in value if isinstance(value, tuple) else (value,):
                if not isinstance(one, re.Pattern):
                    continue
                seen.add(one)
                for operation, repeated in operations(read(one.pattern, one.flags)):
                    if operation == "POSSESSIVE_REPEAT" and not is_one_character(repeated):
                        broken.add(f"{name_of(path)}.{name}: {one.pattern!r}")
    assert len(seen) > 100
    assert not broken, "\n".join(sorted(broken))


def is_one_character(repeated: object) -> bool:
    parts = getattr(repeated, "data", [])
    return len(parts) == 1 and str(parts[0][0]) in ONE_CHARACTER
