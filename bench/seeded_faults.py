"""Faults put into the sanitizer and the renderers one at a time, and the tests that must turn red:
`python bench/seeded_faults.py`.

They are put into a copy in a folder of its own. A fault that no test sees is printed, and the exit
code is 1.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
TESTS = [
    "tests/core/test_sanitize.py",
    "tests/core/test_render.py",
    "tests/core/test_vectors.py",
    "tests/pipeline/test_options.py",
]


class Fault(NamedTuple):
    """In `file`, `right` becomes `wrong`."""

    file: str
    right: str
    wrong: str


FAULTS = [
    Fault(
        "urls/tweet_links.py",
        "if not is_safe_link(href):\n        return None",
        "if False:\n        return None",
    ),
    Fault(
        "urls/tweet_links.py",
        "if not text or not leads_where_it_says(text, href):",
        "if not text:",
    ),
    Fault("urls/tweet_links.py", "text if shows_where_it_leads(text, href) else href", "text"),
    Fault("text/escaping.py", r'"\u202a-\u202e\u2066-\u206f"', r'"\u202a\u2066"'),
    Fault("text/escaping.py", r"\u180e\u200b\u200e", r"\u180e\u200e"),
    Fault("text/escaping.py", r"_WHITE = re.compile(", r"_WHITE = re.compile(r'(?!)' or "),
    Fault(
        "text/escaping.py",
        'return _NEXT_PROGRAM.sub(lambda begun: f"&#{ord(begun[0])};",'
        " text.translate(_REFERENCES))",
        "return text.translate(_REFERENCES)",
    ),
    Fault("text/escaping.py", """'"': "&quot;", """, ""),
    Fault("render/blockquote.py", "escape(text)}</a>", "text}</a>"),
    Fault("render/blockquote.py", "else escape(piece.text)", "else piece.text"),
    Fault(
        "render/blockquote.py",
        'named += f"(@{escape(handle)}) "',
        'named += f"({escape(handle)}) "',
    ),
    Fault("render/blockquote.py", "tweet = canonical_tweet(tweet)", "tweet = tweet"),
    Fault("render/blockquote.py", "if look.theme in THEMES:", "if look.theme:"),
    Fault("oembed/normalize.py", "and LANGUAGE_TAG.fullmatch(lang)", ""),
    Fault("sanitize/sanitizer.py", "is_safe_link(value)):", "value):"),
    Fault("sanitize/sanitizer.py", "len(attributes) != len(written) or", ""),
    Fault(
        "sanitize/sanitizer.py",
        "if not self.opened or self.opened.pop() != tag:",
        "if not self.opened or not self.opened.pop():",
    ),
    Fault(
        "sanitize/sanitizer.py",
        "if shape in WITH_PERMALINK and read_permalink(self.href) is None",
        "if False",
    ),
    Fault(
        "sanitize/sanitizer.py",
        'if "\\0" in fragment or runs_elsewhere(fragment):',
        'if "\\0" in fragment:',
    ),
    Fault("sanitize/sanitizer.py", "_DOUBTFUL_REFERENCE.search(source):", "False:"),
    Fault(
        "sanitize/allowlist.py",
        '"button": (frozenset({"div"})',
        '"button": (frozenset({"div", "p", "blockquote"})',
    ),
    Fault("sanitize/allowlist.py", '"light|dark"', '".*"'),
    Fault("render/variants.py", 'if shows_other_host(text, "x.com"):', "if False:"),
    Fault("render/variants.py", 'hidden="">', ">"),
    Fault("render/variants.py", "escape_lone_address(write_pieces", "(write_pieces"),
    Fault("verify.py", "said == wanted or (cut", "True or (cut"),
]


def run_tests(place: Path) -> int:
    """Run the tests on a copy; give their exit code: 0 all green, 1 a red one."""
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *TESTS]
    environment = os.environ | {"PYTHONPATH": str(place), "PYTHONDONTWRITEBYTECODE": "1"}
    # our own tests
    done = subprocess.run(command, cwd=place, capture_output=True, env=environment, check=False)
    if done.returncode not in {0, 1}:
        sys.exit(done.stdout.decode())
    return done.returncode


def is_seen(place: Path, fault: Fault) -> bool:
    """Return whether a test turns red with this fault."""
    path = place / "service" / "core" / fault.file
    text = path.read_text("utf-8")
    if fault.right not in text:
        sys.exit(f"{fault.file} no longer holds {fault.right!r}")
    path.write_text(text.replace(fault.right, fault.wrong), "utf-8")
    try:
        return run_tests(place) == 1
    finally:
        path.write_text(text, "utf-8")


def main() -> int:
    """Try every fault; say which are not seen."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "tweet-embed"
        for name in ("service", "tests"):
            shutil.copytree(ROOT / name, place / name, ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copy(ROOT / "pyproject.toml", place)
        if run_tests(place):
            sys.exit("the tests are red without any fault")
        unseen = [fault for fault in FAULTS if not is_seen(place, fault)]
    for fault in unseen:
        print(f"not seen: {fault.file}: {fault.right!r} -> {fault.wrong!r}")
    print(f"{len(FAULTS) - len(unseen)} of {len(FAULTS)} faults turn a test red")
    return 1 if unseen else 0


if __name__ == "__main__":
    sys.exit(main())
