"""What a page or a comment names is there: links, files, sections; and every fact is leant on."""

import ast
import functools
import io
import re
import tokenize
from pathlib import Path

import pytest
from pages import CODE, INTERFACE, PAGES, ROOT, anchors, rows, section, words

LINKED = [*PAGES, *(str(page.relative_to(ROOT)) for page in ROOT.glob("integrations/*/README.md"))]


@pytest.mark.parametrize("name", LINKED)
def test_every_link_of_a_page_leads_somewhere(name: str) -> None:
    text = re.sub(r"`[^`\n]*`", "", (ROOT / name).read_text(encoding="utf-8"))
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if re.match(r"https?://", target):
            continue
        path, _, anchor = target.partition("#")
        found = ((ROOT / name).parent / path).resolve() if path else ROOT / name
        assert found.exists(), target
        if anchor:
            assert anchor in anchors(found.read_text(encoding="utf-8")), target


@pytest.mark.parametrize("name", PAGES)
def test_every_file_that_a_page_names_exists(name: str) -> None:
    for path in re.findall(
        r"`((?:service|tests|docs|bench|deploy|integrations|\.ci)/[\w./-]*)`", PAGES[name]
    ):
        assert (ROOT / path).exists(), path


@functools.cache
def remarks(path: Path) -> list[tuple[int, str]]:
    """Return the comments and docstrings of a file, each with its line."""
    source = path.read_text(encoding="utf-8")
    found = []
    # To find the comments takes long; only those with one of these can cite something.
    if re.search(r"#.*(?:[./]|promise|contract|law)", source, re.IGNORECASE):
        found = [
            (token.start[0], token.string)
            for token in tokenize.generate_tokens(io.StringIO(source).readline)
            if token.type == tokenize.COMMENT
        ]
    found += [
        (node.lineno, node.value.value)
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    ]
    return found


@functools.cache
def ends_of_files() -> frozenset[str]:
    """Return the path of every file, and each end of it that begins with a folder or file name."""
    folders = ("service", "tests", "docs", "bench", ".ci", "deploy", "integrations")
    paths = (
        path.relative_to(ROOT).parts
        for path in (
            *ROOT.glob("*"),
            *(found for folder in folders for found in (ROOT / folder).rglob("*")),
        )
        if "__pycache__" not in path.parts
    )
    return frozenset("/".join(parts[at:]) for parts in paths for at in range(len(parts)))


ELSEWHERE = {"manage.py"}
"""Files of other programs."""


def test_every_file_that_a_comment_names_exists() -> None:
    missing = [
        f"{path.relative_to(ROOT)}:{line}: {cited}"
        for path in CODE
        for line, text in remarks(path)
        for cited in re.findall(
            r"(?<![\w/.:-])[\w./-]*\w\.(?:py|md|rst)\b", re.sub(r"https?://\S+", "", text)
        )
        if cited not in ends_of_files() and cited not in ELSEWHERE
    ]

    assert not missing


def test_every_section_that_a_comment_cites_exists() -> None:
    sections = {
        name: set(re.findall(r"^#+ ([\d.]+) ", page, re.MULTILINE)) for name, page in PAGES.items()
    }
    promises = set(re.findall(r"^(\d+)\. \*\*", section(INTERFACE, "4 Promises"), re.MULTILINE))
    wrong = []
    for path in CODE:
        for line, text in remarks(path):
            flat = re.sub(r"\s*\n\s*#?\s*", " ", text)
            for name, numbers in re.findall(
                r"(docs/[\w-]+\.md),? ((?:\d+(?:\.\d+)*(?:, | and )?)+)", flat
            ):
                wrong += [
                    f"{path}:{line}: {name} {number}"
                    for number in re.findall(r"\d+(?:\.\d+)*", numbers)
                    if number not in sections[name]
                ]
            wrong += [
                f"{path}:{line}: docs/decisions/{number}"
                for number in re.findall(r"docs/decisions/(\d{4})", flat)
                if not list((ROOT / "docs" / "decisions").glob(f"{number}-*.md"))
            ]
            wrong += [
                f"{path}:{line}: promise {number}"
                for number in re.findall(r"\bpromises? (\d+)\b", flat)
                if number not in promises
            ]

    assert not wrong


def test_every_fact_about_x_is_leant_on() -> None:
    cited = {
        number
        for path in CODE
        for _, text in remarks(path)
        if "docs/" in text
        for _, numbers in re.findall(
            r"(docs/x-behaviour\.md),? ((?:\d+(?:\.\d+)*(?:, | and )?)+)",
            re.sub(r"\s*\n\s*#?\s*", " ", text),
        )
        for number in re.findall(r"\d+(?:\.\d+)*", numbers)
    }

    sections = set(re.findall(r"^### ([\d.]+) ", PAGES["docs/x-behaviour.md"], re.MULTILINE))
    assert sections - cited == set()


def test_every_fact_about_x_has_a_public_source() -> None:
    for title in re.findall(r"^### (.+)$", PAGES["docs/x-behaviour.md"], re.MULTILINE):
        text = section(PAGES["docs/x-behaviour.md"], title)
        assert "](https://" in text or re.search(r"\(\d\.\d\)", text), title


NOWHERE = re.compile(
    r"(?:upstream|candidates|ecosystem|reliability|peers|house|house-style|real-parts)\.md"
    r"|(?<![/\[(])\bperformance\.md"
    r"|\bcontract\b(?! (?:of|between|with) )"
    r"|\blaws? \d"
    r"|\bfacts/",
    re.IGNORECASE,
)


def test_nothing_cites_what_a_reader_cannot_open() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{line}: {text.strip()[:80]}"
        for path in CODE
        for line, text in remarks(path)
        if NOWHERE.search(text)
    ]
    found += [name for name, page in PAGES.items() if NOWHERE.search(page)]

    assert not found


def test_every_room_is_on_the_map_with_every_module() -> None:
    told = {
        words(room)[0]: set(words(modules))
        for room, modules, _ in rows(section(PAGES["docs/architecture.md"], "The rooms"))
    }
    rooms = {path.parent for path in (ROOT / "service").rglob("__init__.py")}

    assert set(told) == {f"{room.relative_to(ROOT)}/" for room in rooms}
    for room, modules in told.items():
        there = {path.stem for path in (ROOT / room).glob("[!_]*.py")}
        assert modules == there, room


def test_every_folder_of_the_repository_is_on_the_map() -> None:
    told = {
        words(folder)[0]
        for folder, _ in rows(section(PAGES["docs/architecture.md"], "The repository"))
    }
    made = {"build", "dist", "node_modules", "__pycache__"}
    there = {
        f"{path.name}/"
        for path in ROOT.iterdir()
        if path.is_dir() and path.name not in made and re.match(r"\.ci$|\w+$", path.name)
    }

    assert told == there


DECISIONS = sorted((ROOT / "docs" / "decisions").glob("*.md"))


def test_decisions_are_numbered() -> None:
    assert [path.name[:4] for path in DECISIONS] == [
        f"{n:04d}" for n in range(1, len(DECISIONS) + 1)
    ]


@pytest.mark.parametrize("path", DECISIONS, ids=lambda path: path.stem)
def test_a_decision_has_context_choice_price_and_date(path: Path) -> None:
    text = path.read_text(encoding="utf-8")

    assert text.startswith(f"# {int(path.name[:4])}. ")
    assert re.search(r"^Date: \d{4}-\d{2}-\d{2}$", text, re.MULTILINE)
    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == ["Context", "Choice", "Price"]
