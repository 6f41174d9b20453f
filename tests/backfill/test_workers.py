"""Many processes do what one does, to the byte; whatever becomes of them, nothing is torn and none
stays behind.
"""

import asyncio
import io
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import typer
from archives import LINK, TARGET, TWEET
from rest import DEMO
from sampling import sampled
from workers_at_once import AtOnce

from service.app import open_service
from service.backfill.job import BackfillJob
from service.backfill.plan import Plan, Stop
from service.backfill.run import BackfillRun, RunContext
from service.backfill.safety.candidate_notes import CandidateNotes
from service.backfill.safety.checkpoint import Status
from service.backfill.settle import Settle, Unsettled
from service.backfill.sources.jsonl import JsonLinesFile
from service.backfill.workers.process_pool import ProcessPool
from service.backfill.workers.resolver_pool import pooled
from service.cache.entries import CachedAnswer
from service.cache.memory import Deadline
from service.cli.support.guarded import exit_codes_for
from service.core.article import Options
from service.core.model import LinkTarget, ShortLink
from service.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = """
import sys
from workers_at_once import AtOnce
from service.backfill.workers import process_pool
vars(process_pool)["ProcessPool"] = AtOnce
from service.cli import main
main()
"""


class Shown:
    """Keeps what is said; does something of the test's when a step begins."""

    def __init__(self, at: str = "", act: Callable[[], None] = lambda: None) -> None:
        self._at, self._act = at, act
        self.said: list[str] = []

    # as every progress
    def step(self, name: str, total: int, unit: str = "") -> None:  # noqa: ARG002
        if name == self._at:
            self._act()

    def advance(self, done: int) -> None: ...

    def say(self, line: str) -> None:
        self.said.append(line)


def contents(count: int) -> list[str | None]:
    """Write articles of every kind."""
    recorded = json.loads((DEMO / "recorded" / "oembed" / "2034906551094185985.json").read_text())[
        "html"
    ]
    kinds: list[str | None] = [
        "<p>nothing at all</p>",
        f"<p>see {LINK} and</p>\n<p>{TWEET}</p>",
        f"plain text, see {LINK}\n\n{TWEET}\n",
        f"<p>before</p>{recorded}<p>after, café — 東京 \U0001f600</p>",
        "<p>https://x.com/nobody/status/1</p><p>desk@paper.example &#64; J&#252;rgen</p>",
        f"# Title\n\n[the hours]({LINK})\n\n{TWEET}\n",
        "",
        None,
        "<p>" + f"{LINK} x</p><p>" * 210,
    ]
    return [
        text and f"{text}<!-- {number} -->"
        for number, text in ((number, kinds[number % len(kinds)]) for number in range(count))
    ]


def make(folder: Path, kind: str, count: int = 270) -> Path:
    texts = contents(count)
    if kind == "jsonl":
        rows = [json.dumps({"id": number, "content": text}) for number, text in enumerate(texts)]
        rows.insert(40, '{"content": "@ cut off')
        (folder / "a.jsonl").write_text("\r\n".join(rows))
        return folder / "a.jsonl"
    if kind == "csv":
        cells = (
            f'{number},"{(text or "").replace(chr(34), chr(34) * 2)}"'
            for number, text in enumerate(texts)
        )
        (folder / "a.csv").write_text("id,content\n" + "\n".join(cells) + "\n1,2,@\n")
        return folder / "a.csv"
    if kind == "xml":
        items = (
            f"<item><content:encoded><![CDATA[{text or ''}]]></content:encoded></item>"
            for text in texts
        )
        (folder / "a.xml").write_text("<rss>" + "\n".join(items) + "<item>@")
        return folder / "a.xml"
    (folder / "a").mkdir()
    for number, text in enumerate(texts):
        (folder / "a" / f"{number}.{('html', 'md', 'txt')[number % 3]}").write_text(text or "")
    (folder / "a" / "5.html").write_bytes(b"caf\xe9 @")
    return folder / "a"


def backfill(
    source: Path,
    workers: ProcessPool,
    shown: Shown | None = None,
    **wishes: object,
) -> int:
    """Run it with these workers; give its exit code, as the command would."""
    settings = Settings.from_env(
        {"TWEET_EMBED_RECORDED": str(DEMO / "recorded"), "TWEET_EMBED_UPSTREAM_RATE": "0"},
    )

    @asynccontextmanager
    async def resolver(notes: CandidateNotes) -> AsyncIterator[Settle]:
        async with (
            open_service(settings) as parts,
            pooled(
                workers,
                parts.resolver,
                parts.links,
                parts.tweets,
                parts.candidates,
                max_mentions=200,
                count=parts.metrics.embed,
            ) as resolve,
        ):
            parts.candidates.further.append(notes.known)
            yield resolve

    plan = Plan(options=Options(render="consent"), every=True, **wishes)  # type: ignore[arg-type]
    parent = source.parent
    job = BackfillJob(
        source=str(source),
        to=str(parent / f"out-{source.name}"),
        report=parent / "report.jsonl",
        plan=plan,
    )
    around = RunContext(
        resolver=resolver,
        rate=0,
        stop=Stop(),
        progress=shown or Shown(),
        pipe_in=io.BytesIO(),
        pipe_out=io.BytesIO(),
        workers=workers,
    )
    try:
        with exit_codes_for():
            run = BackfillRun(job, around)
            try:
                return run()
            finally:
                run.close()
    except typer.Exit as ended:
        return ended.exit_code


def outcome(folder: Path, name: str) -> tuple[dict[str, bytes], list[object]]:
    """Return what was written, and the report without the times."""
    out = folder / f"out-{name}"
    files = (
        {"": out.read_bytes()}
        if out.is_file()
        else {str(each.relative_to(out)): each.read_bytes() for each in out.rglob("*.*")}
    )
    told = [json.loads(line) for line in (folder / "report.jsonl").read_text().splitlines()]
    return files, [{key: value for key, value in line.items() if key != "ms"} for line in told]


@pytest.mark.parametrize("kind", sampled(["jsonl", "csv", "xml", "folder"], "jsonl", "folder"))
def test_many_processes_write_what_one_does(kind: str, tmp_path: Path) -> None:
    outcomes = []
    for name, workers in (("one", ProcessPool(1)), ("many", AtOnce())):
        (tmp_path / name).mkdir()
        source = make(tmp_path / name, kind)
        shown = Shown()
        code = backfill(source, workers, shown)
        outcomes.append((code, shown.said, outcome(tmp_path / name, source.name)))
        given_to_workers = workers.number()

    assert outcomes[0] == outcomes[1]
    assert outcomes[0][0] == 1
    assert sum(each.count(TARGET.encode()) for each in outcomes[0][2][0].values()) > 50
    assert given_to_workers > 100


def test_what_was_decided_before_is_not_asked_again(tmp_path: Path) -> None:
    source = make(tmp_path, "jsonl")
    for workers in (ProcessPool(1), AtOnce()):
        shown = Shown()
        assert backfill(source, workers, shown) == 1

    assert "to resolve: 0 articles" in shown.said[0]


def test_limits_of_one_process_hold_for_many(tmp_path: Path) -> None:
    outcomes = []
    for name, workers in (("one", ProcessPool(1)), ("many", AtOnce())):
        (tmp_path / name).mkdir()
        source = make(tmp_path / name, "jsonl", 60)
        code = backfill(source, workers, limit=31, offline=True)
        outcomes.append((code, outcome(tmp_path / name, source.name)))

    assert outcomes[0] == outcomes[1]


@pytest.mark.parametrize("workers", [ProcessPool(1), AtOnce()], ids=["one", "many"])
def test_what_is_edited_before_its_turn_is_left_alone(workers: ProcessPool, tmp_path: Path) -> None:
    source = make(tmp_path, "jsonl", 60)

    def edit() -> None:
        raw = source.read_bytes()
        with source.open("r+b") as file:
            file.seek(raw.index(b"see https://t.co"))
            file.write(b"SEE")

    assert backfill(source, workers, Shown("resolve", edit)) == 4
    _, *told = (json.loads(line) for line in (tmp_path / "report.jsonl").read_text().splitlines())
    (skipped,) = (line for line in told if line.get("status") == "skipped")
    assert skipped["errors"] == [
        "changed by somebody else meanwhile; the next run looks at it again"
    ]
    assert skipped["id"] == "1"
    assert not (tmp_path / "out-a.jsonl").exists()
    assert backfill(source, workers) == 1
    assert b"SEE https://" in (tmp_path / "out-a.jsonl").read_bytes()


@pytest.mark.parametrize("at", ["scan", "resolve"])
def test_a_worker_that_is_killed_ends_it_with_4_and_it_goes_on(
    at: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    source = make(tmp_path, "jsonl", 100)
    workers = AtOnce()
    workers.begin(0)

    def kill() -> None:
        os.kill(workers.members[0].pid, signal.SIGKILL)

    assert backfill(source, workers, Shown(at, kill)) == 4
    assert "a worker process was killed by SIGKILL" in capsys.readouterr().err
    assert not (tmp_path / "out-a.jsonl").exists()
    assert not workers.members
    assert backfill(source, ProcessPool(1)) == 1
    (tmp_path / "clean").mkdir()
    clean = make(tmp_path / "clean", "jsonl", 100)
    assert backfill(clean, ProcessPool(1)) == 1
    assert outcome(tmp_path, "a.jsonl")[0] == outcome(tmp_path / "clean", "a.jsonl")[0]


def test_a_worker_holds_nothing_of_the_other_process(tmp_path: Path) -> None:
    workers = AtOnce()
    with (tmp_path / "open").open("w") as file:
        try:
            workers.begin(0)
            for each in workers.members:
                held = [str(link.readlink()) for link in Path(f"/proc/{each.pid}/fd").iterdir()]
                assert file.name not in held
                assert sum(link.startswith("socket:") for link in held) == 3  # two are its loop's
        finally:
            workers.close()


async def _count_questions(articles: int) -> int:
    """Have articles with one short link settled by workers; return how often it is asked about."""
    asked = 0
    settings = Settings.from_env({"TWEET_EMBED_RECORDED": str(DEMO / "recorded")})
    workers = AtOnce()
    workers.begin(0)
    layout = JsonLinesFile("content", "id")
    try:
        async with open_service(settings) as parts:

            async def follow(link: ShortLink, patience: Deadline) -> CachedAnswer[LinkTarget]:
                nonlocal asked
                asked += 1
                return await parts.links(link, patience)

            async with pooled(
                workers,
                parts.resolver,
                follow,
                parts.tweets,
                parts.candidates,
                max_mentions=200,
                count=parts.metrics.embed,
            ) as settle:
                works = [
                    Unsettled("", str(number), layout, f'"<p>{number} {LINK}</p>"'.encode())
                    for number in range(articles)
                ]
                settled = await asyncio.gather(*(settle(each, Plan()) for each in works))
    finally:
        workers.close()
    assert {each.status for each in settled} == {Status.CHANGED}
    return asked


def test_what_many_articles_ask_meanwhile_is_asked_once_by_a_worker() -> None:
    assert asyncio.run(_count_questions(100)) <= 10


def children(process: int) -> list[int]:
    return [
        int(each) for each in Path(f"/proc/{process}/task/{process}/children").read_text().split()
    ]


def alive(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.mark.skipif(
    not Path(f"/proc/self/task/{os.getpid()}/children").exists(),
    reason="only Linux lists the children of a process",
)
@pytest.mark.parametrize(
    ("how", "after_s"),
    sampled(
        [(how, after_s) for after_s in (0.0, 0.2, 1.5) for how in ("interrupt", "kill")],
        ("interrupt", 1.5),
        ("kill", 0.2),
    ),
)
def test_no_worker_outlives_the_command(how: str, after_s: float, tmp_path: Path) -> None:
    archive = tmp_path / "a.jsonl"
    archive.write_text(
        # more than any machine is done with meanwhile
        (json.dumps({"content": f"<p>{TWEET}</p>" * 40}) + "\n") * 2500
    )
    before = archive.read_bytes()
    environment = os.environ | {
        "TWEET_EMBED_RECORDED": str(DEMO / "recorded"),
        "PYTHONPATH": f"{ROOT}:{ROOT / 'tests' / 'support'}",
    }
    command = [sys.executable, "-c", PROGRAM, "backfill", str(archive), "--in-place"]
    with subprocess.Popen(
        command,
        env=environment,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        until = time.monotonic() + 180
        while len(workers := children(process.pid)) < 2 and time.monotonic() < until:
            time.sleep(0.05)
        time.sleep(after_s)  # they are beginning, or at work
        if how == "interrupt":
            for each in workers:  # as a terminal, and a service manager, may do
                os.kill(each, signal.SIGTERM)
                os.kill(each, signal.SIGINT)
            os.killpg(process.pid, signal.SIGINT)
        else:
            process.kill()
        told = process.communicate(timeout=180)[1]

    assert len(workers) == 2
    assert process.returncode == (130 if how == "interrupt" else -signal.SIGKILL), told
    until = time.monotonic() + 180
    while any(map(alive, workers)) and time.monotonic() < until:
        time.sleep(0.05)
    assert not any(map(alive, workers))
    assert "Traceback" not in told
    assert archive.read_bytes() == before
