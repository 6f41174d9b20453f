"""The plugin's own files: what PHP and its code style say of them, and their translations."""

import gettext
import re
import subprocess
from pathlib import Path

from database_servers import program
from wordpress import SITE
from wordpress_plugin import PLUGIN

LANGUAGES = PLUGIN / "languages"
MARKED = re.compile(r"(?:__|_n|esc_html__|esc_attr__)\( '((?:[^'\\]|\\.)+)'")


def run(*command: str | Path) -> tuple[int, str]:
    done = subprocess.run(
        [str(each) for each in command], capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout + done.stderr


def test_php_reads_every_file() -> None:
    php = program("php", "php-cli")
    files = sorted(PLUGIN.rglob("*.php"))

    assert len(files) > 10
    assert [told for path in files for code, told in [run(php, "-l", path)] if code] == []


def test_the_code_style_of_wordpress_as_far_as_codesniffer_has_it() -> None:
    phpcs = program("phpcs", "php-codesniffer")

    assert run(phpcs, f"--standard={SITE / 'phpcs.xml'}", PLUGIN) == (0, "")


def read_messages(path: Path) -> dict[str, str]:
    """Read a catalogue of gettext: by text, its translation; plural forms are joined."""
    found = {}
    for entry in path.read_text("utf-8").split("\n\n"):
        fields: dict[str, str] = {}
        name = ""
        for line in entry.splitlines():
            if line.startswith("#"):
                continue
            if not line.startswith('"'):
                keyword, _, line = line.partition(" ")  # noqa: PLW2901 - the rest of the same line
                name = keyword.partition("[")[0]
            fields[name] = fields.get(name, "") + line.strip()[1:-1]
        if "msgid" in fields:
            found[fields["msgid"]] = fields.get("msgstr", "")
    return found


def test_every_text_has_its_arabic() -> None:
    template, arabic = (
        read_messages(LANGUAGES / f"tweet-embed{end}") for end in (".pot", "-ar.po")
    )
    written = {
        text for path in PLUGIN.rglob("*.php") for text in MARKED.findall(path.read_text("utf-8"))
    }

    assert written == template.keys() - {""}
    assert template.keys() == arabic.keys()
    assert [text for text, translation in arabic.items() if not translation] == []


def test_every_translation_has_the_places_of_its_text() -> None:
    def places(text: str) -> set[str]:
        return set(re.findall(r"%(?:\d\$)?[sd]", text))

    for text, translation in read_messages(LANGUAGES / "tweet-embed-ar.po").items():
        assert places(text) == places(translation), text


def test_the_compiled_translation_is_that_of_its_source() -> None:
    with (LANGUAGES / "tweet-embed-ar.mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)

    for text, translation in read_messages(LANGUAGES / "tweet-embed-ar.po").items():
        if text and "%s post" not in text:
            assert compiled.gettext(text) == translation
    many = [compiled.ngettext("%s post goes on in the background.", "", n) for n in range(12)]
    assert len(set(many)) == 5
