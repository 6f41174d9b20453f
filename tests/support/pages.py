"""The README and the pages of docs/, and what stands in their sections, tables and fences."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGES = {
    path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8")
    for path in (ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md")))
}
CODE = sorted(
    path for folder in ("service", "tests", "bench") for path in (ROOT / folder).rglob("*.py")
)
INTERFACE, ERRORS, OPERATING = (
    PAGES[f"docs/{name}.md"] for name in ("interface", "errors", "operating")
)


def section(page: str, title: str) -> str:
    """Return what stands below a heading, its own sub-headings included."""
    lines = page.splitlines()
    start = next(n for n, line in enumerate(lines) if re.fullmatch(rf"#+ {re.escape(title)}", line))
    level = lines[start].index(" ")
    end = next(
        (n for n in range(start + 1, len(lines)) if re.match(rf"#{{1,{level}}} ", lines[n])),
        len(lines),
    )
    return "\n".join(lines[start + 1 : end])


def rows(text: str, head: str | None = None) -> list[list[str]]:
    """Return the cells of a text's tables without their heads, or of the one that has `head`."""
    found: list[list[str]] = []
    inside = head is None
    lines = text.splitlines()
    for number, line in enumerate(lines):
        if not line.startswith("|"):
            inside = head is None
        elif number + 1 < len(lines) and lines[number + 1].startswith("|---"):
            inside = head is None or line == head
        elif inside and not line.startswith("|---"):
            found.append(
                [
                    cell.strip().replace(r"\|", "|")
                    for cell in re.split(r" \|(?: |$)|^\| ", line)[1:-1]
                ]
            )
    return found


def words(text: str) -> list[str]:
    """Return what stands in backticks."""
    return re.findall(r"`([^`\n]+)`", text)


def fields_of(text: str) -> set[str]:
    """Return the words in the first cells of a text's tables."""
    return {word for row in rows(text) for word in words(row[0])}


def fences(page: str, language: str) -> list[str]:
    found: list[tuple[str, str]] = re.findall(
        r"^```(\w*)\n(.*?)^```$", page, re.MULTILINE | re.DOTALL
    )
    return [block for name, block in found if name == language]


def anchors(page: str) -> set[str]:
    """Return the anchors that GitHub gives to a page's headings."""
    outside = re.sub(r"^```.*?^```$", "", page, flags=re.MULTILINE | re.DOTALL)
    heads = re.findall(r"^#+ (.+)$", outside, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}
