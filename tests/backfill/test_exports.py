"""Real exports through a backfill that changes every article: the same XML, JSON and text outside
the changed content.
"""

import io
import json
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import pytest
from archives import Silent
from lxml import etree  # type: ignore[import-untyped]

from service.backfill.job import BackfillJob
from service.backfill.plan import Plan, Stop
from service.backfill.run import BackfillRun, RunContext
from service.backfill.safety.candidate_notes import CandidateNotes
from service.backfill.settle import Settle, settle
from service.core.article import Article, Options, Result
from service.core.model import Format

EXPORTS = Path(__file__).resolve().parents[3] / "shared" / "corpus" / "exports"
ADDED = '<p>]]> & "é" <b>added</b> \\ / \u2028</p>'

pytestmark = pytest.mark.skipif(not EXPORTS.is_dir(), reason=f"no exports to read at {EXPORTS}")


@asynccontextmanager
async def adding(_: CandidateNotes) -> AsyncIterator[Settle]:
    async def resolve(article: Article) -> Result:
        return Result(
            article.content + ADDED,
            article.format or Format.HTML,
            changed=True,
            complete=True,
            script=None,
            elapsed_ms=0.0,
        )

    yield partial(settle, resolve=resolve)


def backfill(source: Path, field: str | None = None) -> int:
    plan = Plan(options=Options(script="none"), every=True)
    job = BackfillJob(source=str(source), in_place=True, content_field=field, plan=plan)
    around = RunContext(
        resolver=adding,
        rate=0,
        stop=Stop(),
        progress=Silent(),
        pipe_in=io.BytesIO(),
        pipe_out=io.BytesIO(),
    )
    run = BackfillRun(job, around)
    try:
        return run()
    finally:
        run.close()


@pytest.mark.parametrize(
    ("name", "field", "path"),
    [
        (
            "themeunittestdata.wordpress.xml",
            "content:encoded",
            "{http://purl.org/rss/1.0/modules/content/}encoded",
        ),
        ("sirwan__rss.xml", "description", "description"),
    ],
)
def test_xml(name: str, field: str, path: str, tmp_path: Path) -> None:
    source = tmp_path / name
    shutil.copyfile(EXPORTS / name, source)
    source.chmod(0o644)
    assert backfill(source, field) == 0
    parser = etree.XMLParser(strip_cdata=False, resolve_entities=False, huge_tree=True)
    old, new = (list(etree.parse(each, parser).iter()) for each in (EXPORTS / name, source))
    changed = 0

    assert len(old) == len(new)
    for one, other in zip(old, new, strict=True):
        assert (one.tag, dict(one.attrib), one.tail) == (other.tag, dict(other.attrib), other.tail)
        parent = one.getparent()
        if one.tag == path and parent is not None and parent.tag == "item" and one.text:
            assert (other.text or "").rstrip() == (one.text or "").rstrip() + ADDED or (
                other.text or ""
            ) == (one.text or "") + ADDED
            changed += 1
        else:
            assert one.text == other.text
    assert changed > 10


def test_a_folder_of_html_and_markdown(tmp_path: Path) -> None:
    folder = tmp_path / "exports"
    folder.mkdir()
    names = [each.name for each in EXPORTS.iterdir() if each.suffix in {".md", ".html"}]
    for name in names:
        (folder / name).write_bytes((EXPORTS / name).read_bytes())
    assert backfill(folder) == 0

    assert len(names) > 8
    for name in names:
        assert (folder / name).read_bytes() == (EXPORTS / name).read_bytes() + ADDED.encode()


def test_the_articles_of_an_export_as_ghost_would_write_them(tmp_path: Path) -> None:
    pages = [each.read_text(encoding="utf-8") for each in sorted(EXPORTS.glob("*.html"))]
    posts = [
        {"id": str(number), "title": "t", "html": page, "lexical": None, "tags": [{"html": page}]}
        for number, page in enumerate(pages)
    ]
    source = tmp_path / "a.json"
    source.write_text(
        json.dumps(
            {
                "db": [
                    {
                        "meta": {"version": "5"},
                        "data": {"posts": posts, "users": [{"bio": pages[0]}]},
                    },
                ],
            },
            indent=2,
        ),
    )
    assert backfill(source) == 0

    told = json.loads(source.read_text())
    assert [each["html"] for each in told["db"][0]["data"]["posts"]] == [
        page + ADDED for page in pages
    ]
    for each in told["db"][0]["data"]["posts"]:
        each["html"] = each["html"].removesuffix(ADDED)
    assert told == {
        "db": [{"meta": {"version": "5"}, "data": {"posts": posts, "users": [{"bio": pages[0]}]}}],
    }
