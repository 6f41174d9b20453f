"""The lines of docs/integrations.md, run where they say that they were tried."""

import json
import os
import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from articles import FLATTENED, MAY
from database_servers import program
from faulty_service import NOTHING_FOUND, FaultyService, said
from sampling import sampled
from standin_answers import FAULTS
from wordpress_plugin import EMBED, RunningService

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "integrations.md").read_text("utf-8")
SUNSETS = FLATTENED[2]
TYPED = f"<p>Before &amp; after</p><p>{SUNSETS}</p>"
TWEET = f"https://x.com/Interior/status/{MAY}"


def lines_of(heading: str, language: str) -> list[str]:
    """Return the blocks of code of a section."""
    (section,) = re.findall(rf"^## {heading}\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL)
    return re.findall(rf"^```{language}\n(.*?)^```", section, re.MULTILINE | re.DOTALL)


def resolve(service: RunningService, content: str) -> dict[str, Any]:
    answer = httpx.post(
        f"{service.url}/v1/resolve",
        json={"content": content, "format": "html", "deadline_ms": 10_000},
        trust_env=False,
        timeout=300,
    )
    return dict(answer.json())


def test_every_system_of_the_table_has_its_section_and_says_whether_it_was_tried() -> None:
    rows = re.findall(r"^\| \[(.+?)\]\(#(.+?)\) \|.*\| (.+?) \|$", PAGE, re.MULTILINE)

    assert len(rows) == 7
    for name, anchor, tried in rows:
        assert anchor == name.lower().replace(" ", "-")
        assert "ried" in PAGE.partition(f"\n## {name}\n")[2].partition("\n## ")[0]
        assert "tried" in tried or re.match("in [A-Z]", tried)


# --- a server's own JavaScript ---

DIRECTUS = """
import hook from './hook.mjs';
const filters = {};
hook({ filter: (name, act) => { filters[name] = act; } },
  { env: process.env, logger: { warn: () => {} } });
const item = { id: 7, body: process.env.TYPED };
for (const name of ['articles.items.create', 'articles.items.update'])
  console.log(JSON.stringify(await filters[name](item)));
"""
STRAPI = """
const { register } = require('./hook.cjs');
const used = [];
register({ strapi: { documents: { use: (middleware) => used.push(middleware) } } });
const save = async (action) => {
  const params = { data: { id: 7, body: process.env.TYPED } };
  const context = { uid: 'api::article.article', action, params };
  return used[0](context, async () => console.log(JSON.stringify(context.params.data)));
};
save('create').then(() => save('update'));
"""

Save = Callable[[str], list[dict[str, Any]]]


@pytest.fixture(params=["Directus", "Strapi"])
def save(request: pytest.FixtureRequest, tmp_path: Path) -> Save:
    """Save an item as the lines of a section do; what is stored then."""
    node = program("node", "nodejs")
    (lines,) = lines_of(request.param, "js")
    end, run = ("mjs", DIRECTUS) if request.param == "Directus" else ("cjs", STRAPI)
    (tmp_path / f"hook.{end}").write_text(lines)
    (tmp_path / f"run.{end}").write_text(run)

    def saving(address: str) -> list[dict[str, Any]]:
        done = subprocess.run(
            [node, str(tmp_path / f"run.{end}")],
            env=os.environ | {"TWEET_EMBED_URL": address, "TYPED": TYPED, "NO_PROXY": "127.0.0.1"},
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
        assert done.returncode == 0, done.stderr
        return [json.loads(line) for line in done.stdout.splitlines()]

    return saving


def test_what_is_saved_is_healed(save: Save, service: RunningService) -> None:
    assert save(service.url) == [{"id": 7, "body": f"<p>Before &amp; after</p>{EMBED}"}] * 2


@pytest.mark.parametrize(
    "trouble",
    sampled(["hang", "500", "garbage", "html", "close", "empty content"], "hang", "garbage"),
)
def test_in_trouble_it_is_saved_as_typed(save: Save, trouble: str, faulty: FaultyService) -> None:
    faulty.answer = said(NOTHING_FOUND) if trouble == "empty content" else FAULTS[trouble]

    assert save(faulty.url) == [{"id": 7, "body": TYPED}] * 2


def test_without_a_service_it_is_saved_as_typed(save: Save) -> None:
    assert save("http://127.0.0.1:9") == [{"id": 7, "body": TYPED}] * 2


def test_php_reads_the_lines_for_drupal(tmp_path: Path) -> None:
    php = program("php", "php-cli")
    found = lines_of("Drupal", "php")

    assert len(found) == 2
    for lines in found:
        path = tmp_path / "tweets.module"
        path.write_text(lines)
        done = subprocess.run([php, "-l", str(path)], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout


# --- editors in a browser ---


@pytest.fixture
def node_modules() -> Path:
    """The folder of packages of npm that holds the editors."""
    return Path(os.environ.get("NODE_MODULES", ROOT / "node_modules"))


@pytest.fixture
def editor_page(chromium: "Browser", node_modules: Path, tmp_path: Path) -> Iterator["Page"]:
    """A page in reach of the packages of npm, and of nothing else."""
    (tmp_path / "page.html").write_text(
        "<!doctype html><title>t</title><textarea id=editor></textarea>"
    )
    context = chromium.new_context(offline=False)
    context.set_default_timeout(20_000)
    allowed = (tmp_path.as_uri(), node_modules.resolve().as_uri(), "data:", "blob:")
    context.route(
        "**/*",
        lambda route: route.continue_() if route.request.url.startswith(allowed) else route.abort(),
    )
    page = context.new_page()
    page.goto((tmp_path / "page.html").as_uri())
    yield page
    context.close()


def script(node_modules: Path, package: str, path: str) -> str:
    place = node_modules / package / path
    if not place.is_file():
        pytest.skip(f"no {package}: npm install {package}, and set NODE_MODULES")
    return str(place.resolve())


@pytest.mark.browser
def test_media_of_ckeditor_5_become_embeds(
    editor_page: "Page", node_modules: Path, service: RunningService
) -> None:
    path = script(node_modules, "ckeditor5", "dist/browser/ckeditor5.umd.js")
    editor_page.add_script_tag(path=path)
    (lines,) = lines_of("CKEditor 5", "js")
    data = editor_page.evaluate(
        f"""async (url) => {{
          {lines}
          const {{ ClassicEditor, Essentials, Paragraph, MediaEmbed }} = CKEDITOR;
          const editor = await ClassicEditor.create(document.querySelector('#editor'), {{
            licenseKey: 'GPL', plugins: [Essentials, Paragraph, MediaEmbed], ...config }});
          editor.execute('mediaEmbed', url);
          return editor.getData();
        }}""",
        TWEET,
    )

    assert f'<oembed url="{TWEET}">' in data
    assert EMBED in resolve(service, data)["content"]


@pytest.mark.browser
def test_tinymce_keeps_an_embed(
    editor_page: "Page", node_modules: Path, service: RunningService
) -> None:
    editor_page.add_script_tag(path=script(node_modules, "tinymce", "tinymce.min.js"))
    folder = (node_modules / "tinymce").resolve().as_uri()
    editor_page.evaluate(
        """(folder) => tinymce.init({
          selector: '#editor', base_url: folder, suffix: '.min', license_key: 'gpl' })""",
        folder,
    )

    def edited(html: str) -> str:
        editor_page.evaluate("(html) => tinymce.activeEditor.setContent(html)", html)
        return str(editor_page.evaluate("tinymce.activeEditor.getContent()"))

    pasted = (
        '<blockquote class="twitter-tweet">'
        '<p lang="en" dir="ltr">Sunsets don&#39;t get much better '
        '<a href="https://t.co/YuKy2rcjyU">x.test</a></p>&mdash; US Department of the Interior '
        f'(@Interior) <a href="{TWEET}?ref_src=twsrc%5Etfw">May 5, 2014</a></blockquote>\n'
        '<script async src="https://platform.x.com/widgets.js" charset="utf-8"></script>'
    )
    first = resolve(service, edited(pasted))
    again = resolve(service, edited(first["content"]))

    for answer in (first, again):
        assert [each["state"] for each in answer["embeds"]] == ["embedded"]
        assert answer["embeds"][0]["tweet_id"] == MAY
    assert again["changed"] is False
