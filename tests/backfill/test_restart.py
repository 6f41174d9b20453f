"""A run that was stopped goes on without detecting anything again: what was found is in the
checkpoint. The reports count what was detected.
"""

import io
import os
import signal
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import pytest
from archives import LINK, TARGET, TWEET, Silent, lines, report, run
from hypothesis import given
from hypothesis import strategies as st

from service.backfill.job import BackfillJob
from service.backfill.plan import Plan, Stop
from service.backfill.run import BackfillRun, RunContext
from service.backfill.safety.candidate_notes import CandidateNotes
from service.backfill.safety.detection_codec import decode, encode
from service.backfill.settle import Settle, settle
from service.core.article import Article, Options, Result
from service.core.model import Format
from service.pipeline.article_reading import read_article

ARTICLES = Path(__file__).parents[1] / "cases" / "articles"
FLATTENED = "<blockquote><p>Spring hours: open.<br>— Harbour Lights (@demo_harbour) May 1, 2026</p>"
NOTHING = "<p>Write to desk@paper.example.</p>"
CONTENTS = (
    f"<p>{TWEET}</p>",
    f"see {LINK}",
    FLATTENED,
    NOTHING,
    f"<p>{LINK}</p>\r\n<p>{TWEET}</p>",
)


def command(folder: Path, *more: str) -> tuple[int, dict[str, object]]:
    """Run the command; return its exit code, and the summary of its report."""
    told = folder / "report.jsonl"
    done = run("backfill", folder / "a.jsonl", "--to", folder / "b.jsonl", "--report", told, *more)
    summary = report(told)[-1]["summary"]
    assert isinstance(summary, dict)
    return done.exit_code, summary


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    (tmp_path / "a.jsonl").write_bytes(lines(*CONTENTS, *(f"{LINK} {each}" for each in range(9))))
    return tmp_path


def test_what_failed_is_asked_again_and_not_detected_again(archive: Path) -> None:
    assert command(archive, "--offline")[1]["detected"] == 14
    code, summary = command(archive)

    assert code == 0
    assert summary["detected"] == 0
    assert summary["changed"] == 12
    again = run("backfill", archive / "a.jsonl", "--to", archive / "c.jsonl")
    assert again.exit_code == 0
    assert (archive / "b.jsonl").read_bytes() == (archive / "c.jsonl").read_bytes()


def test_what_a_finished_run_kept_of_articles_is_gone(archive: Path) -> None:
    (archive / "a.jsonl").write_bytes(lines(*(f"{LINK} {'lighthouse ' * 2000}" for _ in range(99))))
    assert command(archive)[0] == 0

    state = archive / ".b.jsonl.tweet-embed-state"
    assert state.stat().st_size < 500_000
    assert b"lighthouse" not in state.read_bytes()


def test_an_article_that_was_edited_is_detected_again(archive: Path) -> None:
    command(archive, "--offline")
    raw = (archive / "a.jsonl").read_bytes()
    (archive / "a.jsonl").write_bytes(raw.replace(b"desk@", f"{LINK} desk@".encode()))
    code, summary = command(archive)

    assert (code, summary["detected"], summary["changed"]) == (0, 1, 13)


def test_other_wishes_and_restart_detect_all_again(archive: Path) -> None:
    command(archive, "--offline")
    assert command(archive, "--script", "once", "--offline")[1]["detected"] == (14)
    assert command(archive, "--script", "once", "--restart")[1]["detected"] == 14


def test_a_checkpoint_of_other_code_goes_on_and_is_detected_again(archive: Path) -> None:
    """One without any notes, as versions before wrote it, and one whose notes other code made."""
    state = archive / ".b.jsonl.tweet-embed-state"
    for old in ("DROP TABLE detection", "UPDATE job SET value = 'other' WHERE name = 'detector'"):
        command(archive, "--offline", "--restart")
        with sqlite3.connect(state) as checkpoint:
            checkpoint.execute(old)
        checkpoint.close()
        code, summary = command(archive)

        # two were settled without an answer of X: nothing to find, and nothing to tell whose it is
        assert (code, summary["detected"], summary["changed"]) == (0, 12, 12)


def test_killed_between_two_answers_nothing_is_detected_again(archive: Path) -> None:
    child = os.fork()
    if child == 0:
        try:
            _run_and_be_killed(archive)
        finally:
            os._exit(1)
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == -signal.SIGKILL
    code, summary = command(archive)

    assert (code, summary["detected"], summary["changed"]) == (0, 0, 12)
    assert (archive / "b.jsonl").read_bytes().count(TARGET.encode()) == 11


def _run_and_be_killed(folder: Path) -> None:
    """Run the same as `command`, in which the third article is the last."""
    asked = 0

    @asynccontextmanager
    async def resolver(_: CandidateNotes) -> AsyncIterator[Settle]:
        async def resolve(article: Article) -> Result:
            nonlocal asked
            asked += 1
            if asked == 3:
                os.kill(os.getpid(), signal.SIGKILL)
            return Result(
                article.content,
                Format.HTML,
                changed=False,
                complete=True,
                script=None,
                elapsed_ms=0,
            )

        yield partial(settle, resolve=resolve)

    job = BackfillJob(
        source=str(folder / "a.jsonl"),
        to=str(folder / "b.jsonl"),
        report=folder / "report.jsonl",
        plan=Plan(every=True, concurrency=1),
    )
    around = RunContext(
        resolver=resolver,
        rate=0,
        stop=Stop(),
        progress=Silent(),
        pipe_in=io.BytesIO(),
        pipe_out=io.BytesIO(),
    )
    BackfillRun(job, around)()


def same(text: str, form: Format | None) -> None:
    found = read_article(text, form, Options())
    again = decode(encode(found))
    assert again == found
    assert repr(again) == repr(found)  # a handle, how a tweet is written, does not compare


@pytest.mark.parametrize(
    "path", sorted(ARTICLES.iterdir()), ids=lambda path: path.stem.partition("-")[0]
)
def test_what_is_found_in_the_articles_of_editors_comes_back(path: Path) -> None:
    for form in Format:
        same(path.read_bytes().decode("utf-8", "replace"), form)


def test_what_is_found_in_a_long_article_comes_back() -> None:
    for form in Format:
        same("<p>Words of an article.</p>\n" * 5_000 + "\n".join(CONTENTS), form)


@given(st.lists(st.sampled_from([*CONTENTS, "\n\n", "😀", "> ", "<p>", "— A (@a) May 1, 2026"])))
def test_what_is_found_in_any_article_comes_back(parts: list[str]) -> None:
    for form in (None, *Format):
        same("".join(parts), form)
